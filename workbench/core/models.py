"""Frozen records of what is known of a model before it is trained."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of a model, as *Check model* shows it. Shapes are without the batch."""

    name: str
    kind: str
    output_shape: tuple[int, ...]
    parameters: int


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """What one dry batch says of a model."""

    layers: tuple[Layer, ...]
    parameters: int
    memory_bytes: int
    step_s: float
    epoch_s: float
    device: str


@dataclass(frozen=True, slots=True)
class RateCurve:
    """What a learning-rate range test found.

    Args:
        rates: Learning rates that were tried, rising by the same factor.
        losses: Loss of the step at each of them, as long as it was a number.
        smoothed: The losses without the noise of the batches.
        suggestion: The rate to train with, to two digits.
    """

    rates: tuple[float, ...]
    losses: tuple[float, ...]
    smoothed: tuple[float, ...]
    suggestion: float


@dataclass(frozen=True, slots=True)
class BatchSizes:
    """How fast training steps of several batch sizes are on this machine.

    Args:
        sizes: Batch sizes that were measured, rising.
        samples_per_s: Samples a second with each of them.
        current: The batch size that was set; it may be too large for the data, and unmeasured then.
        suggestion: The one to train with.
    """

    sizes: tuple[int, ...]
    samples_per_s: tuple[float, ...]
    current: int
    suggestion: int

    def speed(self, size: int) -> float | None:
        """Return the samples a second with a batch size; None where it was not measured."""
        return self.samples_per_s[self.sizes.index(size)] if size in self.sizes else None


@dataclass(frozen=True, slots=True)
class FamilyCard:
    """A model family as the gallery shows it, for one dataset."""

    name: str
    title: str
    text: str
    fits: bool
    recommended: bool
    reason: str
