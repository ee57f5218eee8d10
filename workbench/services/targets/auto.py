"""Chooses where a training runs by what it computes on."""

from typing import TYPE_CHECKING, ClassVar

from workbench.core.control import CancelToken
from workbench.services.targets.base import ComputeTarget, TrainSpec, targets

if TYPE_CHECKING:
    from workbench.services.targets.workers import Workers
    from workbench.training.job import Callbacks, Outcome


@targets.register("auto")
class AutoTarget(ComputeTarget):
    """A process beside a window on the CPU, and with several GPUs; else a thread of this program."""

    title: ClassVar[str] = "Automatic"

    def chosen(self, spec: TrainSpec, workers: "Workers") -> ComputeTarget:
        """Return the process for one of several GPUs, and for the CPU where a worker was asked for."""
        import torch

        from workbench.training.devices import find_device

        kind = find_device(spec.config.device).type
        # Runs side by side on several GPUs would share torch's random numbers in one process.
        several = kind == "cuda" and torch.cuda.device_count() > 1
        return targets.build("process" if several or (kind == "cpu" and workers.wanted) else "thread")

    def run(
        self, spec: TrainSpec, callbacks: "Callbacks", token: CancelToken, workers: "Workers"
    ) -> "Outcome":
        """Train where it is best."""
        return self.chosen(spec, workers).run(spec, callbacks, token, workers)
