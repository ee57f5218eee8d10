"""Learning-rate schedules: pure functions of how far the run is, so that a resumed run needs no state."""

import math
from abc import abstractmethod
from typing import ClassVar

from workbench.core.registry import Choice, Registry


class Schedule(Choice):
    """How the learning rate changes."""

    text: ClassVar[str] = ""

    @abstractmethod
    def factor(self, progress: float) -> float:
        """Return what the learning rate is multiplied by.

        Args:
            progress: Share of all steps done, in [0, 1).
        """


schedules: Registry[Schedule] = Registry("schedule", "workbench.training.schedulers")


@schedules.register("cosine")
class Cosine(Schedule):
    """From 1 to 0 along half a cosine wave. Loshchilov and Hutter 2017."""

    title: ClassVar[str] = "Cosine"
    text: ClassVar[str] = "Large steps first, small ones last."

    def factor(self, progress: float) -> float:
        """Return a factor in (0, 1]."""
        return 0.5 * (1.0 + math.cos(math.pi * progress))


@schedules.register("constant")
class Constant(Schedule):
    """The same learning rate all the time."""

    title: ClassVar[str] = "Constant"
    text: ClassVar[str] = "The same step size all the time."

    def factor(self, progress: float) -> float:
        """Return 1."""
        return 1.0
