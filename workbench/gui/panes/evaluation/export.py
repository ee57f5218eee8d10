"""What the Evaluate pane shows, as CSV files."""

import csv
import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from workbench.core.files import atomic_write
from workbench.gui.panes.evaluation.reading import Judged


def write_classes(judged: Judged, path: Path) -> None:
    """Write the measures of each class; one that is not defined is left empty.

    Raises:
        DiskError: The file could not be written.
    """
    rows = (
        [row.label, row.precision, row.recall, row.f1, row.support] for row in judged.evaluation.per_class
    )
    _write(path, ["class", "precision", "recall", "f1", "support"], rows)


def write_matrix(judged: Judged, path: Path) -> None:
    """Write the confusion matrix: rows actual, columns predicted.

    Raises:
        DiskError: The file could not be written.
    """
    labels, counts = judged.evaluation.labels, judged.evaluation.counts
    rows = ([label, *row] for label, row in zip(labels, counts, strict=True))
    _write(path, ["actual / predicted", *labels], rows)


def write_predictions(judged: Judged, path: Path) -> None:
    """Write one line a sample: where it came from, what it is, what was said.

    Raises:
        DiskError: The file could not be written.
    """
    said, classes, names = judged.predictions, judged.dataset.schema.classes, judged.names
    if judged.regression:
        values = zip(said.index, said.actual.ravel(), said.predicted.ravel(), strict=True)
        _write(
            path,
            ["sample", "actual", "predicted"],
            ([names[int(place)], float(actual), float(predicted)] for place, actual, predicted in values),
        )
        return
    labels = zip(said.index, said.actual, said.predicted, said.confidence, strict=True)
    _write(
        path,
        ["sample", "actual", "predicted", "probability"],
        (
            [names[int(place)], classes[actual], classes[predicted], f"{sure:.6f}"]
            for place, actual, predicted, sure in labels
        ),
    )


def _write(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(headings)
    writer.writerows(rows)
    atomic_write(path, text.getvalue().encode())
