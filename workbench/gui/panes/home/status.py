"""Where the project stands, read beside the window, and what follows from it."""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.core.states import RunState, Split, Task
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

if TYPE_CHECKING:
    from workbench.core.records import Dataset, Evaluation, Run
    from workbench.services.session import Session

_EVALUATIONS_OF = 100
_JUDGEABLE = (RunState.FINISHED, RunState.STOPPED, RunState.DIVERGED)


@dataclass(frozen=True, slots=True)
class RunLine:
    """A run as the table of latest runs shows it.

    Args:
        run: The run.
        dataset: Name of its dataset.
        task: What it learns.
        score: Accuracy or RMSE on the validation split at the best epoch; None before there is one.
        evaluated: Whether its test split was judged.
    """

    run: "Run"
    dataset: str
    task: Task
    score: float | None
    evaluated: bool

    @property
    def score_text(self) -> str:
        """The score with the name of its measure where it is not accuracy."""
        text = number_format.measure(self.score)
        return (
            text if self.task is Task.CLASSIFICATION or self.score is None else tr("{rmse} RMSE", rmse=text)
        )


@dataclass(frozen=True, slots=True)
class Status:
    """Where a project stands.

    Args:
        datasets: Outside the bin, oldest first.
        lines: The runs outside the bin, newest first.
        best: The best run of the newest dataset that has one with a score.
        evaluation: The newest evaluation, with the run it belongs to.
        importing: What is being imported now, or empty.
    """

    datasets: "tuple[Dataset, ...]" = ()
    lines: tuple[RunLine, ...] = ()
    best: RunLine | None = None
    evaluation: "tuple[Run, Evaluation] | None" = None
    importing: str = ""

    def count(self, *states: RunState) -> int:
        """Return the number of runs in one of these states."""
        return sum(line.run.state in states for line in self.lines)


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do next.

    Args:
        sentence: Why, in one sentence.
        label: Words of its button.
        verb: `resume`, or the pane to go to.
        target: What to select there.
        changes: Whether it changes the project, so that a read-only one refuses it.
    """

    sentence: str
    label: str
    verb: str
    target: dict[str, Any]
    changes: bool = False


def read_status(session: "Session", known_scores: dict[tuple[int, int], float | None]) -> Status:
    """Return where the project stands.

    Args:
        session: The open project.
        known_scores: Scores by run and best epoch that were read before; new ones are added.
    """
    job = session.jobs.find("import")
    datasets = {dataset.id: dataset for dataset in session.datasets.all(include_deleted=True)}
    runs = sorted(session.training.all(), key=lambda run: run.id, reverse=True)
    evaluations = {run.id: session.evaluation.all(run.id) for run in runs[:_EVALUATIONS_OF]}
    lines = []
    for run in runs:
        dataset = datasets[run.dataset_id]
        judged = any(item.split is Split.TEST for item in evaluations.get(run.id, ()))
        score = _score(session, run, dataset.schema.task, known_scores)
        lines.append(RunLine(run, dataset.title, dataset.schema.task, score, judged))
    newest = max(
        ((run, item) for run in runs for item in evaluations.get(run.id, ())),
        key=lambda pair: pair[1].id,
        default=None,
    )
    return Status(
        datasets=tuple(dataset for dataset in datasets.values() if dataset.deleted_at is None),
        lines=tuple(lines),
        best=_best(lines),
        evaluation=newest,
        importing=job.label if job is not None else "",
    )


def short(label: str) -> str:
    """Return a button's words without making it wider than a third of the pane; `&` is no shortcut."""
    return (label if len(label) <= 40 else f"{label[:39]}…").replace("&", "&&")


def next_step(status: Status) -> NextStep:
    """Return the one thing to do next in a project with data."""
    lines = status.lines
    cut = [line.run for line in lines if line.run.state is RunState.INTERRUPTED and line.run.started_at]
    left = [line.run for line in lines if line.run.state is RunState.INTERRUPTED and not line.run.started_at]
    working = next((line.run for line in reversed(lines) if line.run.state.active), None)
    judgeable = next(
        (line.run for line in lines if line.run.state in _JUDGEABLE and line.run.best_epoch is not None), None
    )
    if cut:
        return _resume(cut[0], len(cut) - 1)
    if working is not None:
        sentence = tr("{run} is at work: its curves show how it learns.", run=working.name)
        return NextStep(sentence, tr("Watch it"), "train", {"run_id": working.id})
    if left:
        sentence = tr("{count} runs were waiting when the program ended: queue them again.", count=len(left))
        if len(left) == 1:
            sentence = tr("{run} was waiting when the program ended: queue it again.", run=left[0].name)
        return NextStep(sentence, tr("See the queue"), "train", {"run_id": left[0].id})
    if not lines:
        name = status.datasets[-1].name
        sentence = tr("{dataset} is ready: choose a model and see what it can learn.", dataset=name)
        target = {"dataset_id": status.datasets[-1].id}
        return NextStep(sentence, tr("Train a first model"), "models", target)
    if lines[0].run.state is RunState.FAILED:
        sentence = f"{tr('{run} failed.', run=lines[0].run.name)} {lines[0].run.message}".strip()
        return NextStep(sentence, tr("See what happened"), "train", {"run_id": lines[0].run.id})
    if judgeable is not None and not any(line.evaluated for line in lines if line.run.id == judgeable.id):
        sentence = tr("{run} is trained, but not yet judged on the test split.", run=judgeable.name)
        label = tr("Evaluate {run}", run=judgeable.name)
        return NextStep(sentence, label, "evaluate", {"run_id": judgeable.id})
    dataset_id = lines[0].run.dataset_id
    known = {dataset.id for dataset in status.datasets}
    target = {"dataset_id": dataset_id if dataset_id in known else status.datasets[-1].id}
    sentence = tr("The latest run is judged: another model or other settings may do better.")
    return NextStep(sentence, tr("Try another model"), "models", target)


def _resume(run: "Run", others: int) -> NextStep:
    if others:
        text = tr(
            "{run} and {count} more were interrupted: they go on from their last checkpoints.",
            run=run.name,
            count=others,
        )
    else:
        text = tr("{run} was interrupted: it goes on from its last checkpoint.", run=run.name)
    label = tr("Resume {run}", run=run.name)
    return NextStep(text, label, "resume", {"run_id": run.id}, changes=True)


def _best(lines: list[RunLine]) -> RunLine | None:
    """Return the best run of the dataset that the newest run with a score was trained on."""
    scored = [line for line in lines if line.score is not None]
    alike = [line for line in scored if line.run.dataset_id == scored[0].run.dataset_id]
    if not alike:
        return None
    sign = 1.0 if alike[0].task is Task.CLASSIFICATION else -1.0
    return max(alike, key=lambda line: sign * (line.score or 0.0))


def _score(
    session: "Session", run: "Run", task: Task, known: dict[tuple[int, int], float | None]
) -> float | None:
    """Return what the best checkpoint reached on the validation split: it is the one that is kept."""
    if run.best_epoch is None:
        return None
    key = (run.id, run.best_epoch)
    if key not in known:
        series = "validation/accuracy" if task is Task.CLASSIFICATION else "validation/rmse"
        if series not in run.metrics:
            return None
        values = session.training.points(run.id, series).values
        if len(values) < run.best_epoch:
            return None
        value = float(values[run.best_epoch - 1])
        known[key] = value if math.isfinite(value) else None
    return known[key]
