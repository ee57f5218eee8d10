"""What facts, criteria and mitigations look at: the whole project as plain records, and what they answer."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from workbench.board.state import BoardState
from workbench.core.board import Charter, Decision, Goal
from workbench.core.records import Dataset, Evaluation, Finding, HealthReport, Project, Run
from workbench.core.risks import Link
from workbench.core.slices import SliceMeasures
from workbench.core.states import DecisionKind, RunState, Split, Verdict

LOSSES = ("mae", "rmse", "mse", "loss", "latency_ms", "size_mb")
"""Measures of which less is better."""


_OF_A_CLASS = ("precision", "recall", "f1")


def beside(value: float, limit: float) -> str:
    """Return a number with three digits, or as many more as leave it on its own side of a limit."""
    for digits in range(3, 9):
        shown = round(value, digits)
        if _side(shown, limit) == _side(value, limit):
            break
    return f"{value:.{digits}f}"


def _side(value: float, limit: float) -> int:
    return (value > limit) - (value < limit)


def better_high(measure: str) -> bool:
    """Return whether more of a measure is better."""
    return measure not in LOSSES


def standing_of(decisions: Sequence[Decision]) -> list[Decision]:
    """Return the decisions of a log that nobody has taken back, oldest first."""
    gone: set[int | None] = set()
    for decision in reversed(decisions):
        # A line that is itself taken back takes nothing back any more.
        if decision.id not in gone:
            gone.add(decision.takes_back)
    return [item for item in decisions if item.id not in gone and item.takes_back is None]


def accepted_in(
    line: Sequence[tuple[int, Sequence[Finding]]], standing: Sequence[Decision]
) -> dict[str, Decision]:
    """Return by code the findings of a version that were accepted, in it or in what it was made of.

    What was accepted of a version before stays so for as long as it concerns no more than it did then.

    Args:
        line: Id and findings of the version, of what it was made of, and so on.
        standing: The decisions that nobody has taken back, oldest first.
    """
    now = {finding.code: finding.count for finding in line[0][1]}
    accepted: dict[str, Decision] = {}
    for dataset_id, findings in reversed(line):
        then = {finding.code: finding.count for finding in findings}
        for decision in standing:
            if decision.kind is not DecisionKind.FINDING_ACCEPTED:
                continue
            for link in decision.links:
                code = link.detail
                if (link.noun, link.id) != ("dataset", dataset_id):
                    continue
                if dataset_id == line[0][0] or now.get(code, 0) <= then.get(code, 0):
                    accepted[code] = decision
    return accepted


@dataclass(frozen=True)
class ProjectView:
    """The project at one moment. Facts are computed from this alone.

    Args:
        project: The project's own row.
        today: The local date.
        state: The board.
        datasets: Datasets that are not deleted, oldest first.
        runs: Runs that are not deleted, oldest first.
        evaluations: By run and split the newest evaluation of the run's best checkpoint.
        decisions: The decision log, oldest first.
        shared_samples: By dataset how many samples lie in two splits at once; only where it was counted.
        missing: By dataset and column the share of missing values; only where it was counted.
        slices: Returns the measures of an evaluation by slice; none where they cannot be told.
        on_fault: Is told of what a fact or criterion should never raise.
        reports: By dataset its last health check; only where there was one.
    """

    project: Project
    today: date
    state: BoardState = field(default_factory=BoardState)
    datasets: Sequence[Dataset] = ()
    runs: Sequence[Run] = ()
    evaluations: Mapping[tuple[int, Split], Evaluation] = field(default_factory=dict)
    decisions: Sequence[Decision] = ()
    shared_samples: Mapping[int, int] = field(default_factory=dict)
    missing: Mapping[int, Mapping[str, float]] = field(default_factory=dict)
    slices: Callable[[Evaluation], Sequence[SliceMeasures]] = field(default=lambda _: (), compare=False)
    on_fault: Callable[[Exception], object] = field(default=lambda _: None, compare=False)
    reports: Mapping[int, HealthReport] = field(default_factory=dict)
    _best: dict[tuple[str, Split, str], Run | None] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def charter(self) -> Charter:
        """What the project has set itself."""
        return self.state.charter

    @property
    def dataset(self) -> Dataset | None:
        """The dataset that the project works with: that of its newest run, else the newest."""
        known = {dataset.id: dataset for dataset in self.datasets}
        for run in reversed(self.runs):
            if run.dataset_id in known:
                return known[run.dataset_id]
        return self.datasets[-1] if self.datasets else None

    @property
    def goal(self) -> Goal | None:
        """What the model has to reach."""
        return self.charter.goal

    def value(self, run: Run, measure: str, split: Split, class_name: str = "") -> float | None:
        """Return a measure of a run on a split; None where it was not measured.

        Args:
            run: The run.
            measure: Such as `accuracy`; for one class `precision`, `recall` or `f1`.
            split: Where.
            class_name: One class, or all.
        """
        evaluation = self.evaluations.get((run.id, split))
        if class_name:
            rows = evaluation.per_class if evaluation is not None else ()
            row = next((item for item in rows if item.label == class_name), None)
            return getattr(row, measure) if row is not None and measure in _OF_A_CLASS else None
        if evaluation is not None and measure in evaluation.metrics:
            return evaluation.metrics[measure]
        # The training itself judges training and validation split at every epoch.
        return None if split is Split.TEST else run.metrics.get(f"{split.value}/{measure}")

    def slice(self, run: Run, split: Split, name: str) -> SliceMeasures | None:
        """Return the measures of a run on one slice of a split; None where there is no such slice."""
        evaluation = self.evaluations.get((run.id, split))
        slices = self.slices(evaluation) if evaluation is not None else ()
        return next((item for item in slices if item.name == name), None)

    @property
    def standing(self) -> list[Decision]:
        """The decisions that nobody has taken back, oldest first."""
        return standing_of(self.decisions)

    def released(self) -> Run | None:
        """Return the run that was released last and is still there."""
        for decision in reversed(self.standing):
            if decision.kind is DecisionKind.RUN_RELEASED:
                ids = [link.id for link in decision.links if link.noun == "run"]
                return next((run for run in self.runs if run.id in ids), None)
        return None

    def best(self, measure: str, split: Split, class_name: str = "") -> Run | None:
        """Return the run that is best in a measure; the earlier one of two alike."""
        asked = (measure, split, class_name)
        if asked not in self._best:
            # Many watches ask for the same; the view never changes.
            self._best[asked] = self._find_best(measure, split, class_name)
        return self._best[asked]

    def _find_best(self, measure: str, split: Split, class_name: str) -> Run | None:
        found: Run | None = None
        top = 0.0
        sign = 1.0 if better_high(measure) else -1.0
        for run in self.runs:
            value = self.value(run, measure, split, class_name) if run.state in JUDGED else None
            if value is not None and (found is None or sign * value > top):
                found, top = run, sign * value
        return found

    def findings(self, dataset: Dataset) -> tuple[Finding, ...]:
        """Return what is known to be wrong: of the last health check, else of the import."""
        report = self.reports.get(dataset.id)
        return dataset.imported.findings if report is None else report.findings

    def open_findings(self, dataset: Dataset) -> list[Finding]:
        """Return the findings of a dataset that nobody has accepted with a reason."""
        known = {item.id: item for item in self.datasets}
        line = [dataset]
        while (parent := known.get(line[-1].parent_id or 0)) is not None:
            line.append(parent)
        accepted = accepted_in([(item.id, self.findings(item)) for item in line], self.standing)
        return [finding for finding in self.findings(dataset) if finding.code not in accepted]

    def spent(self) -> float | None:
        """Return what training has cost so far; None where the price of an hour is not known."""
        price = self.project.price_per_hour
        return None if price is None else sum(run.seconds for run in self.runs) / 3600 * price

    def reviewed_at(self) -> datetime | date:
        """Return when the risks were last reviewed in a meeting; before that, when the project began."""
        from workbench.core.board import Meeting

        days = [
            meeting.day
            for meeting in self.state.of(Meeting).values()
            if meeting.review and meeting.day <= self.today
        ]
        return max(days) if days else self.project.created_at


JUDGED = (RunState.FINISHED, RunState.STOPPED)
"""Runs of which a measure counts: their best checkpoint is what they are."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A number as it is now.

    Args:
        value: The number; None where it cannot be told, or is not finite.
        text: The number for people, or why there is none.
        link: Where it comes from, or where it can be made.
        cause: A word that changes with what it was measured on; nothing moves twice for one cause.
        number: The value as it stands in the text, such as `0.900` or `5.0%`; empty where it does not.
    """

    value: float | None
    text: str
    link: Link | None = None
    cause: str = ""
    number: str = ""

    def beside(self, limit: float) -> str:
        """Return the text; its number gets more digits where it would lie on the wrong side of a limit."""
        if self.value is None or not self.number:
            return self.text
        scale, sign = (100.0, "%") if self.number.endswith("%") else (1.0, "")
        said = float(self.number.removesuffix("%")) / scale
        if _side(said, limit) == _side(self.value, limit):
            return self.text
        return self.text.replace(self.number, f"{beside(self.value * scale, limit * scale)}{sign}", 1)

    def __post_init__(self) -> None:
        if self.value is not None and not math.isfinite(self.value):
            object.__setattr__(self, "value", None)


@dataclass(frozen=True, slots=True)
class Judged:
    """A criterion as it is now.

    Args:
        verdict: Met, not met, or cannot tell yet.
        text: The measured value beside what is wanted, or what is missing.
        link: Where it is mended.
    """

    verdict: Verdict
    text: str
    link: Link | None = None
