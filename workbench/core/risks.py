"""Frozen records of risks: what they are, what they watch, what was proposed and tried.

An id of 0 means not stored yet; days are local dates, moments are UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workbench.core.states import Condition, ProposalKind, Response, RiskStatus, Verdict

LEVELS = ("low", "medium", "high", "critical")


def level_of(score: int, thresholds: tuple[int, int, int]) -> str:
    """Return the word for a score; from each threshold on it is the next of `LEVELS`."""
    return LEVELS[sum(score >= threshold for threshold in thresholds)]


@dataclass(frozen=True, slots=True)
class Link:
    """What a card, a risk, a criterion or a decision points to.

    Args:
        noun: `dataset`, `samples`, `run`, `card`, `risk`, `person`, `meeting`, `charter` or `decision`.
        id: Which one; of samples their dataset.
        detail: What of it: a split, the code of a finding, a confusion as `test: malignant → benign`, or the
            places of samples in their dataset as `3, 17, 29`.
    """

    noun: str
    id: int
    detail: str = ""


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

    def level(self, thresholds: tuple[int, int, int]) -> str:
        """Return the word for its score: low, medium, high or critical."""
        return level_of(self.score, thresholds)

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
