"""What is known of each sample of a dataset, and the groups into which samples fall by it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

MOST_GROUPS = 20
"""Of an attribute with more categories nothing is grouped: each would hold too few samples."""

_FEW_VALUES = 5
_QUARTERS = ("lowest quarter", "second quarter", "third quarter", "highest quarter")
# Where many samples share a value, quarters fall together.
_PARTS = {4: _QUARTERS, 3: ("low", "middle", "high"), 2: ("low", "high")}


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that is known of each sample, such as a column of a table or how bright a picture is.

    Args:
        name: What it is, as the user knows it.
        values: (n,) numbers, or places in `categories`; NaN where not known.
        categories: Names of the values; empty for a number.
    """

    name: str
    values: NDArray[np.floating]
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups into which samples fall by one attribute.

    Args:
        attribute: Its name.
        names: What each group is called: a value, a quarter of the samples, or `missing`.
        extents: For a quarter its lowest and highest value, else empty.
        codes: (n,) the group of each sample.
    """

    attribute: str
    names: tuple[str, ...]
    extents: tuple[str, ...]
    codes: NDArray[np.int8]


def group(attribute: Attribute) -> Groups | None:
    """Return the groups of an attribute: its categories, or quarters of its numbers; None for fewer than two.

    A number with up to five values is grouped by value. Quarters hold all samples of the dataset, whatever
    the split, so that a group is the same for every run.
    """
    values = attribute.values
    known = np.isfinite(values)
    if attribute.categories:
        names, extents, codes = attribute.categories, ("",) * len(attribute.categories), values
    else:
        names, extents, codes = _by_size(values, values[known])
    if len(names) > MOST_GROUPS:
        return None
    places = np.where(known, codes, len(names)).astype(np.int8)
    if not known.all():
        names, extents = (*names, "missing"), (*extents, "")
    if np.count_nonzero(np.bincount(places, minlength=1)) < 2:
        return None
    return Groups(attribute.name, names, extents, places)


def _by_size(
    values: NDArray[np.floating], known: NDArray[np.floating]
) -> tuple[tuple[str, ...], tuple[str, ...], NDArray[np.floating]]:
    """Return names, extents and the code of each value; codes of what is not known mean nothing."""
    distinct = np.unique(known)
    if len(distinct) <= _FEW_VALUES:
        names = tuple(f"{value:g}" for value in distinct)
        return names, ("",) * len(names), np.searchsorted(distinct, values).astype(np.float64)
    edges = np.unique(np.quantile(known, (0.25, 0.5, 0.75)))
    # Nothing lies above an edge that is the highest value.
    edges = edges[edges < distinct[-1]] if edges[0] < distinct[-1] else distinct[-2:-1]
    lowest = np.concatenate([distinct[:1], distinct[np.searchsorted(distinct, edges, side="right")]])
    highest = np.concatenate([distinct[np.searchsorted(distinct, edges, side="right") - 1], distinct[-1:]])
    extents = tuple(f"{low:.4g} to {high:.4g}" for low, high in zip(lowest, highest, strict=True))
    return _PARTS[len(extents)], extents, np.searchsorted(edges, values).astype(np.float64)
