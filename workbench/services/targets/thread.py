"""Training in the lane's own thread."""

from typing import TYPE_CHECKING, ClassVar

from workbench.core.control import CancelToken
from workbench.services.targets.base import ComputeTarget, TrainSpec, targets, train_here

if TYPE_CHECKING:
    from workbench.services.targets.workers import Workers
    from workbench.training.job import Callbacks, Outcome


@targets.register("thread")
class ThreadTarget(ComputeTarget):
    """A background thread of this program."""

    title: ClassVar[str] = "Thread"

    def run(
        self, spec: TrainSpec, callbacks: "Callbacks", token: CancelToken, workers: "Workers"
    ) -> "Outcome":
        """Train in the calling thread."""
        return train_here(spec, callbacks, token)
