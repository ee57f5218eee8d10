"""Learning-rate schedules: pure functions of how far the run is, so that a resumed run needs no state."""

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from pydantic import Field

from workbench.core.registry import Choice, Registry


class Schedule(Choice):
    """How the learning rate changes. The learning rate that the user sets is the largest one."""

    text: ClassVar[str] = ""

    @abstractmethod
    def factor(self, progress: float) -> float:
        """Return what the learning rate is multiplied by.

        Args:
            progress: Share of all steps after the warm-up that is done, in [0, 1).
        """

    def scale(self, judged: Sequence[float]) -> float:
        """Return a further factor that follows from how the epochs so far were judged.

        Args:
            judged: Validation loss of each epoch, the first one first.
        """
        return 1.0


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


@schedules.register("step")
class Step(Schedule):
    """Drops at equal distances, each by the same factor. He et al. 2016."""

    title: ClassVar[str] = "Step"
    text: ClassVar[str] = "Drops a few times, each time by the same factor."

    drops: int = Field(
        2, ge=1, le=100, title="Drops", description="How often it drops, at equal distances. Default 2."
    )
    drop_factor: float = Field(
        0.1,
        gt=0.0,
        lt=1.0,
        title="Factor of a drop",
        description="What a drop multiplies it by. Default 0.1.",
    )

    def factor(self, progress: float) -> float:
        """Return a factor in (0, 1]."""
        return self.drop_factor ** int(progress * (self.drops + 1))


@schedules.register("exponential")
class Exponential(Schedule):
    """Falls by the same share in every step."""

    title: ClassVar[str] = "Exponential"
    text: ClassVar[str] = "Falls steadily, by the same share in every step."

    end_factor: float = Field(
        0.01, gt=0.0, lt=1.0, title="Factor at the end", description="What is left at the end. Default 0.01."
    )

    def factor(self, progress: float) -> float:
        """Return a factor in (end_factor, 1]."""
        return float(self.end_factor**progress)


@schedules.register("one_cycle")
class OneCycle(Schedule):
    """Up to the full rate, then down far below where it began. Smith and Topin 2018."""

    title: ClassVar[str] = "One cycle"
    text: ClassVar[str] = "Up to the full rate and down again; learns much in few epochs."

    rise: float = Field(
        0.3,
        gt=0.0,
        lt=1.0,
        title="Share of the rise",
        description="Share of the steps that rise. Default 0.3.",
    )
    start_factor: float = Field(
        0.04, gt=0.0, lt=1.0, title="Factor at the start", description="Where it begins. Default 0.04."
    )

    def factor(self, progress: float) -> float:
        """Return a factor in (0, 1]: half a cosine wave up from `start_factor`, one down to a thousandth."""
        low, share = self.start_factor, progress / self.rise
        if progress > self.rise:
            low, share = 0.001, 1.0 - (progress - self.rise) / (1.0 - self.rise)
        return low + (1.0 - low) * 0.5 * (1.0 - math.cos(math.pi * share))


@schedules.register("plateau")
class Plateau(Schedule):
    """Drops when the validation loss no longer gets better."""

    title: ClassVar[str] = "Plateau"
    text: ClassVar[str] = "Drops whenever the validation loss has stopped falling for a while."

    wait_epochs: int = Field(
        5, ge=1, le=1000, title="Epochs to wait", description="Epochs without a better loss. Default 5."
    )
    drop_factor: float = Field(
        0.3,
        gt=0.0,
        lt=1.0,
        title="Factor of a drop",
        description="What a drop multiplies it by. Default 0.3.",
    )

    def factor(self, progress: float) -> float:
        """Return 1: how far the run is does not matter."""
        return 1.0

    def scale(self, judged: Sequence[float]) -> float:
        """Return the factor of all drops so far."""
        best, waited, factor = math.inf, 0, 1.0
        for loss in judged:
            waited = 0 if loss < best else waited + 1
            best = min(best, loss)
            if waited >= self.wait_epochs:
                waited, factor = 0, factor * self.drop_factor
        return factor


def rate_factor(schedule: Schedule, progress: float, warmup: float, step_share: float) -> float:
    """Return the factor of a schedule behind a linear rise.

    Args:
        schedule: The schedule.
        progress: Share of all steps done, in [0, 1].
        warmup: Share of all steps in which the learning rate rises from 0.
        step_share: Share of the step to come: the first one does not stand still.

    Source: Goyal et al. 2017, section 2.2 (the gradual warm-up).
    """
    if progress < warmup:
        return schedule.factor(0.0) * min(1.0, (progress + step_share) / warmup)
    return schedule.factor(min((progress - warmup) / (1.0 - warmup), 1.0 - 1e-9))
