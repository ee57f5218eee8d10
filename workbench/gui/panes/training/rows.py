"""What the list of runs shows: in which order, with which place in the queue, with which repeats."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from workbench.core.records import Job, Run
from workbench.core.states import RunState
from workbench.gui.panes.training.this_run import Progress
from workbench.gui.panes.training.words import MEASURES, measure_word
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.services.repeats import Spread, spread

_RANK = {RunState.RUNNING: 0, RunState.PAUSED: 0, RunState.QUEUED: 1}


@dataclass(frozen=True, slots=True)
class Repeat:
    """A run among those that differ from it in their seed or their fold alone.

    Args:
        number: Which of them it is, from 1.
        of: How many there are.
        in_folds: Whether they differ in the fold that validates.
        measure: Name of the measure that they are compared by; empty while none has finished.
        spread: Its mean and deviation over those that have finished.
    """

    number: int
    of: int
    in_folds: bool = False
    measure: str = ""
    spread: Spread | None = None

    @property
    def seed_words(self) -> str:
        """Which seed or fold it is: `seed 2 of 5`."""
        if self.in_folds:
            return tr("fold {n} of {all}", n=self.number, all=self.of)
        return tr("seed {n} of {all}", n=self.number, all=self.of)

    @property
    def mean_words(self) -> str:
        """Mean and deviation: `0.953 ± 0.004`; empty while fewer than two have finished."""
        if self.spread is None or self.spread.deviation is None:
            return ""
        mean = number_format.measure(self.spread.mean)
        return f"{mean} ± {number_format.measure(self.spread.deviation)}"

    @property
    def count_words(self) -> str:
        """What the mean is of: `accuracy, mean of 4`."""
        count = self.spread.count if self.spread is not None else 0
        return tr("{measure}, mean of {count}", measure=self.measure, count=count)


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run with the job that works on it, if one does.

    `place` is where it stands in the queue, from 1; 0 where it does not wait.
    """

    run: Run
    job: Job | None = None
    place: int = 0
    repeat: Repeat | None = None


def in_order(runs: Iterable[Run]) -> list[Run]:
    """Return runs as a queue reads: at work first, then waiting by turn, then ended ones, newest first."""

    def key(run: Run) -> tuple[int, int, int]:
        rank = _RANK.get(run.state, 2)
        return (rank, run.queue_place, run.id) if rank == 1 else (rank, 0, -run.id)

    return sorted(runs, key=key)


def rows_of(runs: Iterable[Run], jobs: Mapping[int, Job]) -> list[RunRow]:
    """Return the rows for runs, from top to bottom.

    Args:
        runs: In any order.
        jobs: What works on them, by the run's id.
    """
    ordered, rows, place = in_order(runs), [], 0
    repeats = repeats_of(ordered)
    for run in ordered:
        waits = run.state is RunState.QUEUED
        place += waits
        job = jobs.get(run.id) if run.state.active else None
        rows.append(RunRow(run, job, place if waits else 0, repeats.get(run.id)))
    return rows


def restored(before: Mapping[int, Run], now: Iterable[Run]) -> int | None:
    """Return the first of these runs that was in the bin before and is not any more."""
    deleted = {run_id for run_id, run in before.items() if run.deleted_at is not None}
    return next((run.id for run in now if run.id in deleted and run.deleted_at is None), None)


def repeats_of(runs: Iterable[Run]) -> dict[int, Repeat]:
    """Return for each run that is one of several seeds which one it is, and what they say together."""
    groups: dict[int, list[Run]] = {}
    for run in runs:
        if run.group_id is not None:
            groups.setdefault(run.group_id, []).append(run)
    found: dict[int, Repeat] = {}
    for group in groups.values():
        if len(group) < 2:
            continue
        spreads = spread(group)
        series = next((series for series in MEASURES if series in spreads), "")
        group.sort(key=lambda run: (run.train.seed, run.id))
        in_folds = len({run.split.fold for run in group}) > 1
        for number, run in enumerate(group, start=1):
            measure = measure_word(series) if series else ""
            found[run.id] = Repeat(number, len(group), in_folds, measure, spreads.get(series))
    return found


def with_repeat(progress: Progress, repeat: Repeat | None) -> Progress:
    """Return what is said of a run, and which of several seeds it is with what they came to."""
    if repeat is None:
        return progress
    facts, more = [(tr("Repeat"), repeat.seed_words, False)], {}
    if repeat.spread is not None and repeat.mean_words:
        name = tr("Mean of {count}", count=repeat.spread.count)
        facts.append((name, repeat.mean_words, False))
        more[name] = tr(
            "{measure}: mean and sample deviation over the finished of {all} that differ in seed or fold",
            measure=repeat.measure,
            all=repeat.of,
        )
    return replace(progress, facts=[*progress.facts, *facts], more=progress.more | more)
