"""Frozen records of slices: samples of a split that have something in common."""

from collections.abc import Mapping
from dataclasses import dataclass, field

LEAST_SAMPLES = 20
"""A measure of fewer samples than these says next to nothing."""


@dataclass(frozen=True, slots=True)
class SliceMeasures:
    """How a model does on the samples of one slice.

    Args:
        attribute: What is known of each sample, such as `age` or `brightness`.
        group: Which of its values they have, such as `lowest quarter` or `missing`.
        extent: The values from the lowest to the highest, where `group` does not say them.
        count: Number of samples.
        metrics: The measures of the split, of these samples alone; empty below `LEAST_SAMPLES`.
        behind: Whether the model is wrong well more often, or by well more, than on the rest of the split.
    """

    attribute: str
    group: str
    extent: str
    count: int
    metrics: Mapping[str, float | None] = field(default_factory=dict)
    behind: bool = False

    @property
    def name(self) -> str:
        """The word by which it is watched; the same for every run and every version of the data."""
        return slice_name(self.attribute, self.group)


def slice_name(attribute: str, group: str) -> str:
    """Return the word by which a slice is known, such as `age: lowest quarter`."""
    return f"{attribute}: {group}"
