"""What the Evaluate pane reads, away from the window's thread."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from workbench.core.errors import UserError
from workbench.core.records import Dataset, Evaluation, Run, Schema
from workbench.core.states import Modality, Split, Task
from workbench.gui.widgets.confusion_matrix import MOST_IN_GRID, Pair, most_confused

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.services.evaluation import Predictions
    from workbench.services.session import Session

Cell = tuple[int, int]

# Reading a row of text takes a file access; more than these nobody looks through one by one.
MOST_ROWS: Final = 1000
# Reading this many rows more costs less than opening the file once more.
_NEIGHBOURS: Final = 50


@dataclass(frozen=True, slots=True)
class Judged:
    """One evaluation with all that is needed to look at its samples.

    Args:
        dataset: The dataset that it was trained and judged on.
        evaluation: Measures and confusion matrix.
        predictions: What was said of each sample.
        pictures: (n, channels, height, width) of the whole dataset, memory-mapped; None for all else.
        names: (n,) where each sample of the dataset came from.
        confused: The most confused pairs of classes, where they are too many for a matrix; else None.
    """

    dataset: Dataset
    evaluation: Evaluation
    predictions: "Predictions"
    pictures: "NDArray[np.uint8] | None"
    names: Sequence[str]
    confused: Sequence[Pair] | None = None

    @property
    def regression(self) -> bool:
        """Whether values are predicted, not classes."""
        return self.dataset.schema.task is Task.REGRESSION


@dataclass(frozen=True, slots=True)
class Reading:
    """What there is to show.

    Args:
        runs: Runs that can be judged, newest first.
        at_work: Whether a run is being trained or waits for it.
        run: The run to show; None when there is none.
        dataset: The dataset of that run.
        evaluation: Id of its newest evaluation on the split; None when it was never judged there.
        judged: That evaluation in full, when it is not the one shown already.
        problem: Why it cannot be shown in full, in a sentence for the user.
    """

    runs: tuple[Run, ...]
    at_work: bool
    run: Run | None = None
    dataset: Dataset | None = None
    evaluation: int | None = None
    judged: Judged | None = None
    problem: str = ""


def read(session: "Session", run_id: int | None, split: Split, known: int | None) -> Reading:
    """Read what the pane shows.

    Args:
        session: The open project.
        run_id: The run wished for; the newest when it is None or gone.
        split: The split wished for.
        known: Id of the evaluation that is shown already and need not be read again.
    """
    every = session.training.all()
    runs = tuple(run for run in reversed(every) if _can_be_judged(run))
    at_work = any(run.state.active for run in every)
    if not runs:
        return Reading(runs, at_work)
    run = next((run for run in runs if run.id == run_id), runs[0])
    dataset = session.datasets.get(run.dataset_id)
    evaluation = session.evaluation.latest(run.id, split)
    if evaluation is None or evaluation.id == known:
        return Reading(runs, at_work, run, dataset, evaluation.id if evaluation else None)
    try:
        predictions = session.evaluation.predictions(evaluation)
        samples = session.datasets.samples(dataset.id)
    except UserError as error:
        return Reading(runs, at_work, run, dataset, problem=str(error))
    pictures = samples.x if dataset.schema.modality is Modality.PICTURE else None
    many = len(evaluation.labels) > MOST_IN_GRID
    confused = most_confused(evaluation.labels, evaluation.counts) if many else None
    judged = Judged(dataset, evaluation, predictions, pictures, samples.names, confused)
    return Reading(runs, at_work, run, dataset, evaluation.id, judged)


def _can_be_judged(run: Run) -> bool:
    """Whether a checkpoint of the run is on disk, or will be within the second."""
    return run.best_epoch is not None or (run.steps > 0 and not run.state.active)


def hits_in(predictions: "Predictions", cells: Sequence[Cell], classes: int) -> "NDArray[np.int64]":
    """Return which predictions fall into these cells, the most certain first.

    Args:
        predictions: What was said of each sample.
        cells: (actual, predicted) labels.
        classes: Number of classes.

    Returns:
        (m,) places in the arrays of `predictions`.
    """
    import numpy as np

    wanted = np.zeros((classes, classes), dtype=bool)
    for cell in cells:
        wanted[cell] = True
    hits = np.flatnonzero(wanted[predictions.actual, predictions.predicted])
    return hits[np.argsort(-predictions.confidence[hits], kind="stable")]


def largest_errors(predictions: "Predictions", count: int) -> "NDArray[np.int64]":
    """Return the `count` predictions that are furthest from the truth, the worst first."""
    import numpy as np

    errors = np.abs(predictions.predicted.ravel() - predictions.actual.ravel())
    return np.argsort(-errors, kind="stable")[:count]


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One sample of a table with what was said of it.

    Args:
        hit: Its place in the arrays of the predictions.
        name: Where it came from, such as `row 12`.
        actual: Its class or value.
        predicted: The class or value that was said.
        sure: Probability of the class, or None.
        error: Predicted minus actual, or None.
        values: Its columns as in the file, without the target.
    """

    hit: int
    name: str
    actual: Any
    predicted: Any
    sure: float | None
    error: float | None
    values: tuple[Any, ...]


class Figure(float):
    """A number that is sorted as one and shown as it stands in the file."""

    text: str

    def __new__(cls, text: str) -> "Figure":
        """Read a number; what is none is sorted last."""
        try:
            value = super().__new__(cls, text.strip().replace(",", "."))
        except ValueError:
            value = super().__new__(cls, "nan")
        value.text = text
        return value


def read_rows(session: "Session", judged: Judged, hits: "NDArray[np.int64]") -> list[SampleRow]:
    """Return samples of a table in full, in the order given.

    Args:
        session: The open project.
        judged: The evaluation.
        hits: (m,) places in the arrays of its predictions; at most `MOST_ROWS` are read.
    """
    said, schema = judged.predictions, judged.dataset.schema
    hits = hits[:MOST_ROWS]
    places = [int(place) for place in said.index[hits]]
    texts = _texts(session, judged.dataset.id, places)
    truths = [_class_or_value(schema, said.actual[hit]) for hit in hits]
    target = _target_place(
        schema, [(texts[place], truth) for place, truth in zip(places, truths, strict=True)]
    )
    rows = []
    for hit, place, truth in zip(hits, places, truths, strict=True):
        answer = _class_or_value(schema, said.predicted[hit])
        # The row of a recording has its name and label alone, which are told already.
        values = [text for at, text in enumerate(texts[place]) if at != target] if schema.columns else []
        rows.append(
            SampleRow(
                hit=int(hit),
                name=judged.names[place],
                actual=truth,
                predicted=answer,
                sure=None if judged.regression else float(said.confidence[hit]),
                error=answer - truth if judged.regression else None,
                values=tuple(
                    Figure(text) if column.kind == "number" else text
                    for column, text in zip(schema.columns, values, strict=True)
                ),
            )
        )
    return rows


def _texts(session: "Session", dataset_id: int, places: Sequence[int]) -> dict[int, list[str]]:
    """Return the rows at these places as text; neighbours are read together."""
    found: dict[int, list[str]] = {}
    wanted = sorted(set(places))
    start = 0
    for end in range(1, len(wanted) + 1):
        if end == len(wanted) or wanted[end] - wanted[end - 1] > _NEIGHBOURS:
            first, last = wanted[start], wanted[end - 1]
            rows = session.datasets.rows(dataset_id, first, last + 1)
            found.update((place, rows[place - first]) for place in wanted[start:end])
            start = end
    return found


def _class_or_value(schema: Schema, said: Any) -> Any:
    """Return the name of a label, or a value as a plain number."""
    return schema.classes[int(said)] if schema.task is Task.CLASSIFICATION else float(said)


def _target_place(schema: Schema, known: Sequence[tuple[Sequence[str], Any]]) -> int:
    """Return in which column of the file the target stands: the schema names all columns but that one.

    Args:
        schema: Columns and task.
        known: Rows as text, each with its true class or value.
    """
    last = len(schema.columns)
    for place in range(last, -1, -1):
        if all(_says(row[place], truth) for row, truth in known):
            return place
    return last


def _says(text: str, truth: Any) -> bool:
    if isinstance(truth, str):
        return text.strip() == truth
    return math.isclose(Figure(text), truth, rel_tol=1e-6, abs_tol=1e-9)
