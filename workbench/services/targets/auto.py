"""Chooses where a training runs by what it computes on."""

from typing import TYPE_CHECKING, ClassVar

from workbench.core.control import CancelToken
from workbench.services.targets.base import ComputeTarget, TrainSpec, targets

if TYPE_CHECKING:
    from workbench.services.targets.workers import Workers
    from workbench.training.job import Callbacks, Outcome


@targets.register("auto")
class AutoTarget(ComputeTarget):
    """A process of its own for a run on the CPU beside a window, a thread of this program otherwise."""

    title: ClassVar[str] = "Automatic"

    def chosen(self, spec: TrainSpec, workers: "Workers") -> ComputeTarget:
        """Return the process where the CPU computes and a worker was asked for, else the thread."""
        from workbench.training.devices import find_device

        on_cpu = find_device(spec.config.device).type == "cpu"
        return targets.build("process" if on_cpu and workers.wanted else "thread")

    def run(
        self, spec: TrainSpec, callbacks: "Callbacks", token: CancelToken, workers: "Workers"
    ) -> "Outcome":
        """Train where it is best."""
        return self.chosen(spec, workers).run(spec, callbacks, token, workers)
