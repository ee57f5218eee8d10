"""Criteria about the model: goal, worst class, gap, speed, size."""

from typing import ClassVar, Literal

from pydantic import Field

from workbench.board.criteria.base import GateCriterion, criteria
from workbench.board.facts.base import facts
from workbench.board.facts.runs import GapFact, LatencyFact, SizeFact
from workbench.board.view import Judged, Measured, ProjectView, beside, better_high
from workbench.core.risks import Link
from workbench.core.states import Condition, Split, Verdict

_NO_GOAL = Judged(Verdict.UNKNOWN, "The project has no goal yet.", Link("charter", 1, "goal"))


@criteria.register("goal_reached")
class GoalReached(GateCriterion):
    """The best run reaches the goal."""

    title: ClassVar[str] = "Goal reached"
    text: ClassVar[str] = "The best run reaches the project's goal on the split."

    split: Literal["validation", "test"] = Field(
        "test", title="Split", description="Where it counts. Default test: what the model has never seen."
    )

    def judge(self, view: ProjectView) -> Judged:
        """Compare the best run with the goal."""
        goal, split = view.goal, Split(self.split)
        if goal is None:
            return _NO_GOAL
        run = view.best(goal.measure, split, goal.class_name)
        if run is None:
            latest = view.runs[-1].id if view.runs else 0
            where = f"No run is evaluated on the {split} split yet."
            return Judged(Verdict.UNKNOWN, where, Link("run", latest, split.value))
        value = view.value(run, goal.measure, split, goal.class_name) or 0.0
        higher = better_high(goal.measure)
        met = value >= goal.target if higher else value <= goal.target
        sign = ("≥" if met else "<") if higher else ("≤" if met else ">")
        text = f"{beside(value, goal.target)} {sign} {goal.target:g} ({run.name})"
        return Judged(Verdict.MET if met else Verdict.NOT_MET, text, Link("run", run.id, split.value))

    def phrase(self) -> str:
        """Return what is asked."""
        return f"Goal reached on the {self.split} split"


@criteria.register("worst_class")
class WorstClass(GateCriterion):
    """No class is left behind."""

    title: ClassVar[str] = "Worst class"
    text: ClassVar[str] = "Recall of the class that the best run finds least often."

    limit: float = Field(
        0.8, ge=0.0, le=1.0, title="Recall at least", description="Default 0.8: four of five are found."
    )
    split: Literal["validation", "test"] = Field(
        "test", title="Split", description="Where it counts. Default test."
    )

    def judge(self, view: ProjectView) -> Judged:
        """Look at the recall of each class of the best run."""
        goal, split = view.goal, Split(self.split)
        measure = goal.measure if goal else "accuracy"
        run = view.best(measure, split, goal.class_name if goal else "")
        evaluation = view.evaluations.get((run.id, split)) if run else None
        if run is None or evaluation is None:
            latest = view.runs[-1].id if view.runs else 0
            where = f"No run is evaluated on the {split} split yet."
            return Judged(Verdict.UNKNOWN, where, Link("run", latest, split.value))
        recalls = [(row.recall, row.label) for row in evaluation.per_class if row.recall is not None]
        link = Link("run", run.id, split.value)
        if not recalls:
            return Judged(Verdict.UNKNOWN, "There are no classes.", link)
        value, label = min(recalls)
        met = value >= self.limit
        text = f"{beside(value, self.limit)} {'≥' if met else '<'} {self.limit:g}: {label} ({run.name})"
        return Judged(Verdict.MET if met else Verdict.NOT_MET, text, link)

    def phrase(self) -> str:
        """Return what is asked."""
        return f"Worst class found at least {self.limit:g} of the time on the {self.split} split"


@criteria.register("gap_within")
class GapWithin(GateCriterion):
    """The model is not much better on what it has learnt from."""

    title: ClassVar[str] = "Gap between training and validation"
    text: ClassVar[str] = "How much better the best run is in training: the project's limit, or this one."

    limit: float | None = Field(
        None,
        ge=0.0,
        le=1.0,
        title="At most",
        json_schema_extra={"empty": "the project's limit"},
        description="Default: the limit that the project has set itself.",
    )

    def judge(self, view: ProjectView) -> Judged:
        """Compare training with validation."""
        limit = self.limit if self.limit is not None else view.charter.gap
        measured = GapFact().read(view)
        return _within(measured, limit)


@criteria.register("latency_within")
class LatencyWithin(GateCriterion):
    """Answers come fast enough."""

    title: ClassVar[str] = "Latency within budget"
    text: ClassVar[str] = "Time for one answer of the best run against the project's budget."

    def judge(self, view: ProjectView) -> Judged:
        """Compare with the project's limit."""
        return _budget(view, "latency", view.charter.latency_ms)


@criteria.register("size_within")
class SizeWithin(GateCriterion):
    """The model is small enough."""

    title: ClassVar[str] = "Size within budget"
    text: ClassVar[str] = "Weights of the best run against the project's budget."

    def judge(self, view: ProjectView) -> Judged:
        """Compare with the project's limit."""
        return _budget(view, "size", view.charter.size_mb)


@criteria.register("number_within")
class NumberWithin(GateCriterion):
    """Any watched number is on the right side of a limit."""

    title: ClassVar[str] = "A number within its limit"
    text: ClassVar[str] = "Any number that a risk can watch."

    fact: str = Field(
        "failures",
        title="Number",
        json_schema_extra={"registry": "fact", "settings": "fact_fields"},
        description="What is measured. Default: share of runs that failed.",
    )
    fact_fields: dict[str, object] = Field(
        {},
        title="Settings of the number",
        json_schema_extra={"settings_of": "fact"},
        description="What of it. Default: its own defaults.",
    )
    condition: Condition = Field(
        Condition.ABOVE,
        title="Wrong when",
        description="On which side of the limit it is wrong. Default above.",
    )
    limit: float = Field(0.2, ge=-1e9, le=1e9, title="Limit", description="Default 0.2.")

    def judge(self, view: ProjectView) -> Judged:
        """Compare the number with the limit."""
        measured = facts.build(self.fact, self.fact_fields).read(view)
        if measured.value is None:
            return Judged(Verdict.UNKNOWN, measured.text, measured.link)
        wrong = (
            measured.value > self.limit if self.condition is Condition.ABOVE else measured.value < self.limit
        )
        verdict = Verdict.NOT_MET if wrong else Verdict.MET
        return Judged(verdict, measured.beside(self.limit), measured.link)

    def phrase(self) -> str:
        """Return what is asked."""
        side = "at most" if self.condition is Condition.ABOVE else "at least"
        phrase = facts.build(self.fact, self.fact_fields).phrase()
        return f"{phrase[:1].upper()}{phrase[1:]} {side} {self.limit:g}"


def _budget(view: ProjectView, fact: str, limit: float | None) -> Judged:
    detail = "latency_ms" if fact == "latency" else "size_mb"
    if limit is None:
        return Judged(Verdict.UNKNOWN, "The project has no limit for it yet.", Link("charter", 1, detail))
    return _within((LatencyFact() if fact == "latency" else SizeFact()).read(view), limit)


def _within(measured: Measured, limit: float) -> Judged:
    if measured.value is None:
        return Judged(Verdict.UNKNOWN, measured.text, measured.link)
    verdict = Verdict.MET if measured.value <= limit else Verdict.NOT_MET
    return Judged(verdict, f"{measured.beside(limit)}, limit {limit:g}", measured.link)
