"""How runs are told in words: progress, model, best measure."""

from workbench.core.records import Job, Run
from workbench.core.states import RunState, Task
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

MEASURES = ("validation/accuracy", "train/accuracy", "validation/rmse", "train/rmse")
"""The series that a run is told by; the first that it has counts."""


def measure_word(series: str) -> str:
    """Return the word for one of `MEASURES`."""
    return tr("accuracy") if series.endswith("accuracy") else "RMSE"


def model_words(run: Run) -> str:
    """Return model, learning rate and seed: `convnet · lr 0.001 · seed 3`."""
    rate = number_format.number(run.train.learning_rate)
    return tr("{family} · lr {rate} · seed {seed}", family=run.family, rate=rate, seed=run.train.seed)


def place_words(place: int) -> str:
    """Return where a waiting run stands: `next in the queue`, `2nd in the queue`."""
    if place == 1:
        return tr("next in the queue")
    ends = {1: tr("{n}st in the queue"), 2: tr("{n}nd in the queue"), 3: tr("{n}rd in the queue")}
    teen = 10 < place % 100 < 14
    return (tr("{n}th in the queue") if teen else ends.get(place % 10, tr("{n}th in the queue"))).format(
        n=number_format.count(place)
    )


def progress_words(run: Run, job: Job | None) -> str:
    """Return how far a run is, as it stands below its bar: `epoch 19 of 30 · 1:42 left`."""
    epoch = min(run.epochs + 1, run.train.epochs)
    words = [job.text if job and job.text else tr("epoch {n} of {all}", n=epoch, all=run.train.epochs)]
    if run.state is RunState.PAUSED:
        words.append(tr("paused"))
    elif job is not None and job.left_s is not None:
        words.append(tr("{time} left", time=number_format.duration(job.left_s)))
    return " · ".join(words)


def progress_share(run: Run, job: Job | None) -> float:
    """Return the share of the work that is done, in [0, 1]."""
    if job is not None and job.total:
        return min(1.0, job.done / job.total)
    return min(1.0, run.epochs / run.train.epochs)


def result_words(run: Run) -> str:
    """Return the last measure of a run that has one: `accuracy 0.971`, `RMSE 3.2`."""
    for series in MEASURES:
        value = run.metrics.get(series)
        if value is not None:
            return f"{measure_word(series)} {number_format.measure(value)}"
    return ""


def never_began(run: Run) -> bool:
    """Return whether a run was waiting when the program ended."""
    return run.state is RunState.INTERRUPTED and run.started_at is None


def measure_of(task: Task) -> str:
    """Return the series name of the measure that a task is watched by."""
    return "accuracy" if task is Task.CLASSIFICATION else "rmse"
