"""Criteria about the project: goal, owner, data, risks, checklists, decisions."""

from typing import ClassVar

from pydantic import Field

from workbench.board.criteria.base import GateCriterion, criteria
from workbench.board.facts.datasets import FindingFact, LeakFact
from workbench.board.view import Judged, ProjectView
from workbench.core.board import Card, Lane
from workbench.core.risks import Link, Risk
from workbench.core.states import DecisionKind, RiskStatus, Severity, Verdict


@criteria.register("goal_named")
class GoalNamed(GateCriterion):
    """It is known what the model has to reach."""

    title: ClassVar[str] = "Goal named"
    text: ClassVar[str] = "A measure, its target and the split where it counts."

    def judge(self, view: ProjectView) -> Judged:
        """Look at the charter."""
        goal, link = view.goal, Link("charter", 1, "goal")
        if goal is None:
            return Judged(Verdict.NOT_MET, "No goal yet.", link)
        of = f" of {goal.class_name}" if goal.class_name else ""
        return Judged(Verdict.MET, f"{goal.measure}{of} {goal.target:g} on the {goal.split} split", link)


@criteria.register("owner_named")
class OwnerNamed(GateCriterion):
    """Somebody answers for the project."""

    title: ClassVar[str] = "Project has an owner"
    text: ClassVar[str] = "Somebody of the team answers for the project."

    def judge(self, view: ProjectView) -> Judged:
        """Look at the charter."""
        from workbench.core.board import Person

        person = view.state.of(Person).get(view.charter.owner_id or 0)
        link = Link("charter", 1, "owner_id")
        if person is None:
            return Judged(Verdict.NOT_MET, "Nobody yet.", link)
        return Judged(Verdict.MET, person.name, link)


@criteria.register("data_known")
class DataKnown(GateCriterion):
    """It is known where the data come from and what allows to use them."""

    title: ClassVar[str] = "Data source and licence known"
    text: ClassVar[str] = "Where the data come from, and what allows to use them."

    def judge(self, view: ProjectView) -> Judged:
        """Look at the charter."""
        charter = view.charter
        missing = [
            name for name, text in (("source", charter.data_source), ("licence", charter.licence)) if not text
        ]
        if missing:
            detail = "data_source" if "source" in missing else "licence"
            return Judged(
                Verdict.NOT_MET, f"No {' and no '.join(missing)} noted.", Link("charter", 1, detail)
            )
        return Judged(Verdict.MET, f"{charter.data_source}, {charter.licence}", Link("charter", 1, "licence"))


@criteria.register("risks_owned")
class RisksOwned(GateCriterion):
    """Risks are listed, and each has an owner."""

    title: ClassVar[str] = "Risks listed with owners"
    text: ClassVar[str] = "At least so many risks, each with an owner and a day of review."

    least: int = Field(
        3, ge=1, le=1000, title="At least", description="How many risks there are at least. Default 3."
    )

    def judge(self, view: ProjectView) -> Judged:
        """Count the risks."""
        risks = [risk for risk in view.state.of(Risk).values() if risk.status.counts]
        without = [risk for risk in risks if risk.owner_id is None or risk.next_review is None]
        link = Link("risk", without[0].id if without else 0)
        text = f"{len(risks)} risks, {len(without)} without an owner or a day of review"
        met = len(risks) >= self.least and not without
        return Judged(Verdict.MET if met else Verdict.NOT_MET, text, link)


@criteria.register("risks_treated")
class RisksTreated(GateCriterion):
    """No large risk is left alone."""

    title: ClassVar[str] = "Large risks treated"
    text: ClassVar[str] = "No open risk with such a score without an owner or without a mitigation."

    score: int = Field(
        15, ge=1, le=25, title="Score from", description="Risks that count. Default 15: critical."
    )

    def judge(self, view: ProjectView) -> Judged:
        """Look at the open risks."""
        large = [
            risk
            for risk in view.state.of(Risk).values()
            if risk.status in (RiskStatus.OPEN, RiskStatus.MITIGATING, RiskStatus.OCCURRED)
            and risk.score >= self.score
        ]
        alone = [risk for risk in large if risk.owner_id is None or not risk.actions]
        if alone:
            worst = max(alone, key=lambda risk: risk.score)
            text = f"{len(alone)} of {len(large)} without: {worst.title}"
            return Judged(Verdict.NOT_MET, text, Link("risk", worst.id))
        return Judged(Verdict.MET, f"{len(large)} from {self.score}, all treated", Link("risk", 0))

    def phrase(self) -> str:
        """Return what is asked."""
        return f"No open risk of {self.score} or more without owner and mitigation"


@criteria.register("no_leak")
class NoLeak(GateCriterion):
    """No sample lies in two splits."""

    title: ClassVar[str] = "No leak between splits"
    text: ClassVar[str] = "No sample of the dataset in use lies in two splits."

    def judge(self, view: ProjectView) -> Judged:
        """Count what lies in two splits."""
        measured = LeakFact().read(view)
        if measured.value is None:
            return Judged(Verdict.UNKNOWN, measured.text, measured.link)
        return Judged(Verdict.NOT_MET if measured.value else Verdict.MET, measured.text, measured.link)


@criteria.register("no_finding")
class NoFinding(GateCriterion):
    """The data have no open problem."""

    title: ClassVar[str] = "No open data finding"
    text: ClassVar[str] = "No open finding of that severity, or a worse one, in the dataset in use."

    severity: Severity = Field(
        Severity.DANGER, title="From severity", description="What counts. Default danger."
    )

    def judge(self, view: ProjectView) -> Judged:
        """Count the open findings."""
        measured = FindingFact(severity=self.severity).read(view)
        if measured.value is None:
            return Judged(Verdict.UNKNOWN, measured.text, measured.link)
        return Judged(Verdict.NOT_MET if measured.value else Verdict.MET, measured.text, measured.link)

    def phrase(self) -> str:
        """Return what is asked."""
        return f"No open data finding from severity {self.severity}"


@criteria.register("model_card")
class ModelCardComplete(GateCriterion):
    """A user of the model can know what they have to know."""

    title: ClassVar[str] = "Model card complete"
    text: ClassVar[str] = "Every field of the model card is filled in."

    def judge(self, view: ProjectView) -> Judged:
        """Look at the fields."""
        missing = view.charter.model_card.missing
        link = Link("charter", 1, f"model_card.{missing[0]}" if missing else "model_card")
        if missing:
            names = ", ".join(name.replace("_", " ") for name in missing)
            return Judged(Verdict.NOT_MET, f"Not yet: {names}", link)
        return Judged(Verdict.MET, "complete", link)


@criteria.register("checklist")
class ChecklistDone(GateCriterion):
    """What was to do in this stage is done."""

    title: ClassVar[str] = "Cards of the stage done"
    text: ClassVar[str] = "Every card in the lanes of this stage is done, and every line of its checklist."

    tag: str = Field(
        "",
        max_length=64,
        title="Tag",
        json_schema_extra={"choices": "tags", "empty": "every card"},
        description="Only cards with this tag. Default every card.",
    )

    def judge(self, view: ProjectView) -> Judged:
        """Count the cards."""
        stage = view.project.stage
        lanes = {lane.id for lane in view.state.of(Lane).values() if lane.stage is stage}
        cards = [
            card
            for card in view.state.of(Card).values()
            if card.lane_id in lanes and card.archived_at is None and (not self.tag or self.tag in card.tags)
        ]
        left = [c for c in cards if c.done_at is None or not all(item.done for item in c.checklist)]
        if left:
            return Judged(
                Verdict.NOT_MET, f"{len(cards) - len(left)} of {len(cards)} done", Link("card", left[0].id)
            )
        return Judged(Verdict.MET, f"{len(cards)} of {len(cards)} done", Link("card", 0))

    def phrase(self) -> str:
        """Return what is asked."""
        return f"Cards tagged {self.tag} done" if self.tag else self.title


@criteria.register("decided")
class Decided(GateCriterion):
    """A decision was taken and noted."""

    title: ClassVar[str] = "Decision recorded"
    text: ClassVar[str] = "A decision of that kind stands in the log."

    kind: DecisionKind = Field(
        DecisionKind.RUN_RELEASED,
        title="Kind of decision",
        description="Which. Default: a run was released.",
    )

    def judge(self, view: ProjectView) -> Judged:
        """Look at the log."""
        found = [decision for decision in view.standing if decision.kind is self.kind]
        if not found:
            return Judged(Verdict.NOT_MET, "Not yet.", Link("decision", 0))
        last = found[-1]
        return Judged(
            Verdict.MET, f"{last.title}, {last.at.astimezone():%Y-%m-%d}", Link("decision", last.id)
        )

    def phrase(self) -> str:
        """Return what is asked."""
        return f"Decision recorded: {self.kind.value.replace('_', ' ')}"


@criteria.register("review_set")
class ReviewSet(GateCriterion):
    """The next look at the project has its day."""

    title: ClassVar[str] = "Next review set"
    text: ClassVar[str] = "The next review has a day, which has not passed."

    def judge(self, view: ProjectView) -> Judged:
        """Look at the charter."""
        day, link = view.charter.next_review, Link("charter", 1, "next_review")
        if day is None:
            return Judged(Verdict.NOT_MET, "No day yet.", link)
        verdict = Verdict.MET if day >= view.today else Verdict.NOT_MET
        return Judged(verdict, f"{day:%Y-%m-%d}", link)
