"""Frozen records of the project board: cards, people, meetings, risks, watches, gates and decisions.

Everything but decisions and changes can be edited. An id of 0 means not stored yet; days are local dates,
moments are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workbench.core.states import (
    Condition,
    DecisionKind,
    ProposalKind,
    Response,
    RiskStatus,
    Split,
    Stage,
    Verdict,
)


@dataclass(frozen=True, slots=True)
class Link:
    """What a card, a risk, a criterion or a decision points to.

    Args:
        noun: `dataset`, `run`, `card`, `risk`, `person`, `meeting`, `charter` or `decision`.
        id: Which one.
        detail: What of it: a split, the code of a finding, or a confusion as `malignant → benign`.
    """

    noun: str
    id: int
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Lane:
    """A column of the board. A lane with a stage ends at the gate of that stage.

    Args:
        id: Number.
        name: Heading.
        stage: The stage of the project's life that it stands for, if any.
        place: Order from the left.
        limit: How many cards it should hold at most; None is no limit.
    """

    id: int
    name: str
    stage: Stage | None = None
    place: float = 0.0
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class CheckItem:
    """One line of a card's checklist."""

    text: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """Something to do.

    Args:
        id: Number.
        lane_id: Where it lies.
        title: What is to be done.
        place: Order in its lane, the smallest first.
        text: More about it, in Markdown.
        owner_id: The person who does it.
        start: First day, for the timeline.
        due: Day by which it is done.
        milestone: Whether it is a moment rather than work.
        tags: Words to find it by.
        checklist: Its parts.
        estimate_days: Work in days.
        links: What it is about.
        depends_on: Cards that come before it.
        done_at: When it was done; None while it is open.
        archived_at: When it was put away.
        created_at: When it was written.
    """

    id: int
    lane_id: int
    title: str
    place: float = 0.0
    text: str = ""
    owner_id: int | None = None
    start: date | None = None
    due: date | None = None
    milestone: bool = False
    tags: tuple[str, ...] = ()
    checklist: tuple[CheckItem, ...] = ()
    estimate_days: float | None = None
    links: tuple[Link, ...] = ()
    depends_on: tuple[int, ...] = ()
    done_at: datetime | None = None
    archived_at: datetime | None = None
    created_at: datetime | None = None

    def overdue(self, today: date) -> bool:
        """Return whether it should have been done before today."""
        return self.due is not None and self.due < today and self.done_at is None and self.archived_at is None


@dataclass(frozen=True, slots=True)
class Person:
    """Someone of the team. `color` is a number of the palette, `answers_for` what they answer for."""

    id: int
    name: str
    role: str = ""
    color: int = 0
    answers_for: str = ""
    archived_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting: notes in Markdown, what was decided, and the actions that became cards.

    A `review` also looked at the risks; changes are counted from the last one.
    """

    id: int
    title: str
    day: date
    notes: str = ""
    decisions: tuple[str, ...] = ()
    actions: tuple[int, ...] = ()
    review: bool = False


@dataclass(frozen=True, slots=True)
class Risk:
    """Something that may go wrong.

    Args:
        id: Number.
        title: A few words.
        category: One of the project's categories.
        cause: Why it may happen.
        event: What would happen.
        effect: What that would do.
        owner_id: Who answers for it.
        response: What is done about it.
        probability: 1 to 5, as it is now.
        impact: 1 to 5, as it is now.
        residual_probability: 1 to 5 after treatment; None until somebody has said it.
        residual_impact: 1 to 5 after treatment.
        actions: Cards that make it smaller.
        evidence: What shows it.
        next_review: Day on which it is looked at again.
        status: Where it is.
        source: Code of the catalogue's risk that it was taken from, if any.
        created_at: When it was noted.
        closed_at: When it was closed.
    """

    id: int
    title: str
    category: str = "technical"
    cause: str = ""
    event: str = ""
    effect: str = ""
    owner_id: int | None = None
    response: Response = Response.MITIGATE
    probability: int = 3
    impact: int = 3
    residual_probability: int | None = None
    residual_impact: int | None = None
    actions: tuple[int, ...] = ()
    evidence: tuple[Link, ...] = ()
    next_review: date | None = None
    status: RiskStatus = RiskStatus.OPEN
    source: str = ""
    created_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def score(self) -> int:
        """Probability times impact, 1 to 25."""
        return self.probability * self.impact

    @property
    def residual_score(self) -> int | None:
        """The score after treatment; None until both its parts are known."""
        if self.residual_probability is None or self.residual_impact is None:
            return None
        return self.residual_probability * self.residual_impact

    def overdue(self, today: date) -> bool:
        """Return whether its review should have been before today."""
        return self.status.counts and self.next_review is not None and self.next_review < today


@dataclass(frozen=True, slots=True)
class Watch:
    """A measured number that a risk follows.

    Args:
        id: Number.
        risk_id: The risk.
        fact: Name of a registered fact, with its `fields`.
        fields: What of it, such as the measure, the split and the class.
        condition: On which side of the limit the number is wrong.
        limit: The limit, in the fact's unit.
        raises_to: Probability that the risk gets at least when the number is wrong.
        verdict: MET while the number is right, NOT_MET while it is wrong.
        value: The number as it was last seen; None where it cannot be told.
        cause: What it was measured on, as a word that changes with it; nothing moves twice for one cause.
    """

    id: int
    risk_id: int
    fact: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    condition: Condition = Condition.BELOW
    limit: float = 0.0
    raises_to: int = 4
    verdict: Verdict = Verdict.UNKNOWN
    value: float | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a watch or a tried mitigation asks the user to decide about a risk's score.

    Args:
        id: Number.
        risk_id: The risk.
        kind: RAISED has moved the probability already; LOWER and RESIDUAL only propose.
        text: Why, in a sentence with the measured numbers.
        before: Probability and impact before.
        after: Probability and impact that it made or proposes.
        at: When.
        link: Where the number comes from.
        watch_id: The watch that it comes from.
        cause: What the number was measured on.
        answer: True accepted, False put back; None while it is open.
    """

    id: int
    risk_id: int
    kind: ProposalKind
    text: str
    before: tuple[int, int]
    after: tuple[int, int]
    at: datetime
    link: Link | None = None
    watch_id: int | None = None
    cause: str = ""
    answer: bool | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """A mitigation that is tried as an experiment.

    Args:
        id: Number.
        risk_id: The risk.
        mitigation: Name of a registered mitigation.
        base_run_id: The run that was cloned.
        run_id: The run with the change.
        fact: What is compared, with its `fields`; empty where the risk watches nothing.
        fields: What of it.
        before: The number of the base run.
        after: The number of the changed run, once it has been judged.
        ended: Whether the comparison stands.
    """

    id: int
    risk_id: int
    mitigation: str
    base_run_id: int
    run_id: int
    fact: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    before: float | None = None
    after: float | None = None
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Criterion:
    """What has to be true before the project leaves a stage: a registered criterion with its fields."""

    id: int
    stage: Stage
    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    place: float = 0.0


@dataclass(frozen=True, slots=True)
class Goal:
    """What the model has to reach.

    Args:
        measure: Name of a measure, such as `recall_macro`.
        target: The value to reach.
        split: Where it counts.
        class_name: For a measure of one class; empty is all of them.
    """

    measure: str
    target: float
    split: Split = Split.TEST
    class_name: str = ""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a user of the model has to know; the measures come from the runs themselves."""

    intended_use: str = ""
    not_for: str = ""
    data: str = ""
    limits: str = ""
    contact: str = ""
    roll_back: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that nobody has filled in."""
        return tuple(name for name in self.__dataclass_fields__ if not getattr(self, name).strip())


@dataclass(frozen=True, slots=True)
class Charter:
    """What the project has set itself. There is one; its id is 1.

    Args:
        id: 1.
        purpose: What it is for, and for whom.
        owner_id: Who answers for the project.
        goal: What the model has to reach.
        data_source: Where the data come from.
        licence: What allows to use them.
        budget: What training may cost, in the project's currency.
        latency_ms: How long an answer may take.
        size_mb: How large the model may be.
        gap: How much better training may be than validation.
        next_review: Day of the next review.
        model_card: What a user of the model has to know.
        categories: Categories of risks.
        thresholds: Scores from which a risk is medium, high and critical.
        probabilities: What the levels 1 to 5 of probability mean.
        impacts: What the levels 1 to 5 of impact mean.
    """

    id: int = 1
    purpose: str = ""
    owner_id: int | None = None
    goal: Goal | None = None
    data_source: str = ""
    licence: str = ""
    budget: float | None = None
    latency_ms: float | None = None
    size_mb: float | None = None
    gap: float = 0.1
    next_review: date | None = None
    model_card: ModelCard = ModelCard()
    categories: tuple[str, ...] = ("technical", "data", "market", "operational")
    thresholds: tuple[int, int, int] = (5, 10, 15)
    probabilities: tuple[str, str, str, str, str] = (
        "Rare: less than once in twenty projects",
        "Unlikely: about one project in ten",
        "Possible: about one project in four",
        "Likely: about every second project",
        "Nearly certain, or seen already",
    )
    impacts: tuple[str, str, str, str, str] = (
        "Hardly noticed: hours of work",
        "Small: days of work, no user affected",
        "Noticeable: weeks of work, or some users affected",
        "Large: the date or the goal is missed",
        "The project fails, or people come to harm",
    )


BoardRecord = Lane | Card | Person | Meeting | Risk | Watch | Proposal | Trial | Criterion | Charter
"""Everything of the board that can be edited."""

NOUNS: dict[str, type[BoardRecord]] = {
    "lane": Lane,
    "card": Card,
    "person": Person,
    "meeting": Meeting,
    "risk": Risk,
    "watch": Watch,
    "proposal": Proposal,
    "trial": Trial,
    "criterion": Criterion,
    "charter": Charter,
}


@dataclass(frozen=True, slots=True)
class Edit:
    """One record as it was and as it is: no `before` adds it, no `after` takes it away."""

    before: BoardRecord | None
    after: BoardRecord | None

    @property
    def record(self) -> BoardRecord:
        """Whichever of the two there is, the later one first."""
        record = self.after if self.after is not None else self.before
        assert record is not None
        return record


@dataclass(frozen=True, slots=True)
class Change:
    """A line of history: which fields of a record changed, when, by whom and why.

    Args:
        id: Number, rising.
        at: When.
        who: Who sat here; empty where nobody has said.
        noun: What changed, such as `risk`.
        item_id: Which one.
        label: What was done, such as `Move Collect data`.
        before: Fields that changed, as they were; None added the record.
        after: The same fields as they became; None took the record away.
        reason: Why.
        link: Where the reason lies, such as the run that tripped a watch.
    """

    id: int
    at: datetime
    who: str
    noun: str
    item_id: int
    label: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    reason: str = ""
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it was when something was decided."""

    name: str
    value: str
    verdict: Verdict = Verdict.UNKNOWN
    link: Link | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """A line of the decision log. Never changed: a change of mind is a new line that takes an older one back."""

    id: int
    at: datetime
    who: str
    kind: DecisionKind
    title: str
    reason: str = ""
    figures: tuple[Figure, ...] = ()
    links: tuple[Link, ...] = ()
    stage: Stage | None = None
    takes_back: int | None = None


@dataclass(frozen=True, slots=True)
class MitigationIdea:
    """What may make a risk smaller: a card to write, and perhaps an experiment to try.

    Args:
        title: What to do, as a card's title.
        text: How, in a sentence or two.
        experiment: Name of a registered mitigation; empty where no run can try it.
        fields: Fields of the experiment.
    """

    title: str
    text: str = ""
    experiment: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RiskIdea:
    """A risk that is ready to be taken: out of the catalogue, or made from something that was found.

    Args:
        code: Stable word; empty for one that was made from a finding.
        risk: What it becomes; its id is 0.
        products: Kinds of products it belongs to: `images`, `speech`, `text`, `tables`; empty is all.
        mitigations: What may make it smaller.
        watch: The number to follow, if there is one; its ids are 0.
    """

    code: str
    risk: Risk
    products: tuple[str, ...] = ()
    mitigations: tuple[MitigationIdea, ...] = ()
    watch: Watch | None = None
