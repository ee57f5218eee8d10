"""One training on several devices: a worker for each, in step with each other."""

import os
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from workbench.core.control import CancelToken
from workbench.core.errors import CancelledError, UserError
from workbench.services.targets.base import ComputeTarget, Rank, TrainSpec, targets
from workbench.services.targets.process import ProcessTarget

if TYPE_CHECKING:
    from workbench.services.targets.workers import Workers
    from workbench.training.job import Callbacks, Outcome


@targets.register("distributed")
class DistributedTarget(ComputeTarget):
    """All GPUs together, one process each, with DistributedDataParallel."""

    title: ClassVar[str] = "All devices together"
    text: ClassVar[str] = "One run on every GPU: each takes its share of every batch."

    processes: int = Field(
        0,
        ge=0,
        le=64,
        title="Processes",
        description="How many processes share each batch. Default 0: one for each GPU.",
    )

    def check(self, device: str) -> None:
        """Refuse where there is nothing to share.

        Raises:
            UserError: There are not as many devices as are wanted.
        """
        from workbench.training.devices import find_device

        kind = find_device(device).type
        if kind == "cuda" and sys.platform == "win32":
            words = "GPUs train together on Linux only: choose another compute target."
            raise UserError(words, {"target": "needs Linux"})
        gpus = _gpus() if kind == "cuda" else 0
        if kind != "cpu" and max(2, self.processes) > gpus:
            wanted = max(2, self.processes)
            words = f"There are not {wanted} GPUs on this machine: choose another compute target."
            raise UserError(words, {"target": f"needs {wanted} GPUs"})
        if kind == "cpu" and self.processes < 2:
            words = "There are not two GPUs on this machine: choose another compute target"
            raise UserError(f"{words}, or set the number of processes.", {"target": "needs two GPUs"})

    def run(
        self, spec: TrainSpec, callbacks: "Callbacks", token: CancelToken, workers: "Workers"
    ) -> "Outcome":
        """Train in several workers; the first one reports. Where one fails, all end."""
        from workbench.training.job import Callbacks

        self.check(spec.config.device)
        devices = self._devices(spec.config.device)
        wish = _SharedToken(token)
        failed: list[Exception] = []
        threads = max(1, (os.cpu_count() or 1) // len(devices))

        def follow(spec: TrainSpec, callbacks: "Callbacks") -> "Outcome | None":
            try:
                return ProcessTarget().run(spec, callbacks, wish, workers)
            except Exception as error:  # noqa: BLE001 - raised by the first one, for all
                failed.append(error)
                wish.lost = True
                return None

        with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
            specs = [
                replace(
                    spec,
                    config=spec.config.model_copy(update={"device": device}),
                    threads=spec.threads or threads,
                    rank=Rank(number, len(devices), Path(folder) / "meeting"),
                )
                for number, device in enumerate(devices)
            ]
            others = [
                threading.Thread(
                    target=follow, args=(other, Callbacks()), name=f"rank-{other.rank}", daemon=True
                )
                for other in specs[1:]
            ]
            for other in others:
                other.start()
            outcome = follow(specs[0], callbacks)
            for other in others:
                other.join()
        if outcome is None or failed:
            raise next((error for error in failed if not isinstance(error, CancelledError)), failed[0])
        return outcome

    def _devices(self, device: str) -> list[str]:
        from workbench.training.devices import find_device

        if find_device(device).type == "cuda":
            return [f"cuda:{number}" for number in range(self.processes or _gpus())]
        return ["cpu"] * self.processes


def _gpus() -> int:
    import torch

    return torch.cuda.device_count()


class _SharedToken(CancelToken):
    """The user's wishes for all processes; ends them too when one of them is lost."""

    def __init__(self, token: CancelToken) -> None:
        super().__init__()
        self._token = token
        self.lost = False

    @property
    def cancelled(self) -> bool:
        """Whether the work has to stop now."""
        return self.lost or self._token.cancelled

    @property
    def interrupted(self) -> bool:
        """Whether the stop comes from the process ending."""
        return self._token.interrupted

    @property
    def stopping_after_epoch(self) -> bool:
        """Whether training has to stop when its current epoch ends."""
        return self._token.stopping_after_epoch

    @property
    def paused(self) -> bool:
        """Whether the work has to hold still."""
        return self._token.paused
