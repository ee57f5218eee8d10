"""Frozen records of the project board: cards, people, meetings, gates, decisions, and every change of them.

Everything but decisions and changes can be edited. An id of 0 means not stored yet; days are local dates,
moments are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workbench.core.risks import Link, Proposal, Risk, Trial, Watch
from workbench.core.states import DecisionKind, Split, Stage, Verdict


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
    """A line of the decision log. Never changed: a new line may take an older one back."""

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
