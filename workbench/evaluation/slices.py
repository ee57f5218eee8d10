"""How a model does on parts of a split, and which of them it leaves behind."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.records import Schema
from workbench.core.slices import LEAST_SAMPLES, SliceMeasures
from workbench.core.states import Task
from workbench.datasets.attributes import Groups
from workbench.evaluation.judge import measured

_CHANCE = 0.05
_WORSE = 1.25


def measure_slices(
    groups: Iterable[Groups],
    index: NDArray[np.int64],
    actual: NDArray[Any],
    predicted: NDArray[Any],
    schema: Schema,
) -> tuple[SliceMeasures, ...]:
    """Return the measures of each slice, those that the model leaves behind first, then the worst first.

    Args:
        groups: The groups of the whole dataset, an attribute each.
        index: (n,) places of the split's samples in the dataset.
        actual: (n,) labels or values.
        predicted: (n,) of the same kind.
        schema: Names the task and the classes.
    """
    errors = _errors(actual, predicted, schema.task)
    found: list[SliceMeasures] = []
    hits_of: list[NDArray[np.bool_]] = []
    for item in groups:
        codes = item.codes[index]
        for code, name in enumerate(item.names):
            hits = codes == code
            count = int(hits.sum())
            # All of the split is no part of it.
            if not 0 < count < len(index):
                continue
            metrics = measured(actual[hits], predicted[hits], schema) if count >= LEAST_SAMPLES else {}
            found.append(SliceMeasures(item.attribute, name, item.extents[code], count, metrics))
            hits_of.append(hits)
    return _ordered(found, hits_of, errors)


def _errors(actual: NDArray[Any], predicted: NDArray[Any], task: Task) -> NDArray[np.float64]:
    """Return by how much each prediction is wrong: 0 or 1 for a class, the distance for a value."""
    if task is Task.CLASSIFICATION:
        return np.asarray(actual != predicted, np.float64)
    distances: NDArray[np.float64] = np.abs(actual.astype(np.float64) - predicted.astype(np.float64))
    return distances


def _ordered(
    found: list[SliceMeasures], hits_of: list[NDArray[np.bool_]], errors: NDArray[np.float64]
) -> tuple[SliceMeasures, ...]:
    inside = np.array([_moments(errors[hits]) for hits in hits_of]).reshape(-1, 3)
    outside = np.array([_moments(errors[~hits]) for hits in hits_of]).reshape(-1, 3)
    behind = _are_behind(inside, outside)
    marked = [replace(item, behind=bool(is_behind)) for item, is_behind in zip(found, behind, strict=True)]
    tells = inside[:, 2] >= LEAST_SAMPLES
    order = np.lexsort((-inside[:, 0], ~behind, ~tells))
    return tuple(marked[place] for place in order)


def _moments(errors: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return mean, standard deviation and number."""
    return errors.mean(), errors.std(ddof=1) if len(errors) > 1 else 0.0, len(errors)


def _are_behind(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which slices are worse than the rest of their split: a quarter more, and no chance.

    Welch's t-test, one-sided, at 5 % over all slices together (Bonferroni).

    Args:
        inside: (slices, 3) mean, standard deviation and number of the errors in each slice.
        outside: (slices, 3) the same of the rest of the split.
    """
    from scipy.stats import ttest_ind_from_stats

    tells = (inside[:, 2] >= LEAST_SAMPLES) & (outside[:, 2] >= 2)
    # Where no error differs from another there is nothing to test; a mean alone decides nothing then.
    tells &= (inside[:, 1] > 0) | (outside[:, 1] > 0)
    behind = tells & (inside[:, 0] >= _WORSE * outside[:, 0])
    if behind.any():
        tested = ttest_ind_from_stats(
            *inside[behind].T, *outside[behind].T, equal_var=False, alternative="greater"
        )
        behind[behind] = tested.pvalue * tells.sum() < _CHANCE
    return behind
