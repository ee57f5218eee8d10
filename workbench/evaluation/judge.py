"""One pass over the predictions of a split: measures, confusion matrix, measures of each class."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import DataError
from workbench.core.records import ClassMeasures, Schema
from workbench.core.states import Task
from workbench.evaluation.measures import measures


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the predictions of one split are worth. For regression the last two are empty."""

    metrics: dict[str, float | None]
    counts: tuple[tuple[int, ...], ...]
    per_class: tuple[ClassMeasures, ...]


def judge(actual: NDArray[Any], predicted: NDArray[Any], schema: Schema) -> Judgement:
    """Return all measures that fit the task.

    Args:
        actual: (n,) labels in [0, classes), or values.
        predicted: (n,) of the same kind.
        schema: Names the task and the classes.

    Raises:
        DataError: There are no samples, or a label is outside the classes.
    """
    if len(actual) == 0:
        raise DataError(
            "This split has no samples: give it a share in the dataset's split, then train again."
        )
    classes = len(schema.classes)
    if schema.task is Task.CLASSIFICATION and (
        min(actual.min(), predicted.min()) < 0 or max(actual.max(), predicted.max()) >= classes
    ):
        raise DataError(f"A label is outside the {classes} classes of the dataset: import it again.")
    metrics = measured(actual, predicted, schema)
    if schema.task is Task.REGRESSION:
        return Judgement(metrics, (), ())
    counts = confusion_counts(actual, predicted, classes)
    return Judgement(metrics, tuple(tuple(row) for row in counts.tolist()), per_class(counts, schema.classes))


def measured(actual: NDArray[Any], predicted: NDArray[Any], schema: Schema) -> dict[str, float | None]:
    """Return the measures that fit the task, of arrays as `judge` takes them; None is not defined."""
    metrics: dict[str, float | None] = {}
    for name in measures.names():
        measure = measures.build(name)
        if measure.task is schema.task:
            value = measure.compute(actual, predicted, len(schema.classes))
            metrics[name] = value if math.isfinite(value) else None
    return metrics


def confusion_counts(actual: NDArray[Any], predicted: NDArray[Any], classes: int) -> NDArray[np.int64]:
    """Return (classes, classes) counts, rows actual, columns predicted."""
    cells = actual.astype(np.int64) * classes + predicted.astype(np.int64)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def per_class(counts: NDArray[np.int64], labels: tuple[str, ...]) -> tuple[ClassMeasures, ...]:
    """Return precision, recall and F1 of each class from its confusion counts.

    A class never predicted has no precision, a class without samples no recall: None, not 0.
    """
    result = []
    for index, label in enumerate(labels):
        hits = int(counts[index, index])
        support, said = int(counts[index].sum()), int(counts[:, index].sum())
        precision = hits / said if said else None
        recall = hits / support if support else None
        f1 = 2 * hits / (support + said) if support + said else None
        result.append(ClassMeasures(label, precision, recall, f1, support))
    return tuple(result)
