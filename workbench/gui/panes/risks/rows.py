"""The risks as rows: with the owner's name, how they moved, and whether they wait for an answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from workbench.core.board import Charter, Person
from workbench.core.risks import Risk, Watch
from workbench.core.states import RiskStatus, Verdict

if TYPE_CHECKING:
    from workbench.services.session import Session

NO_OWNER = -1


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One risk of the register.

    Args:
        risk: The risk.
        owner: Name of its owner; None where nobody owns it.
        moved: By how much its score changed since the last review; None for one noted since.
        asks: Whether it waits for an answer.
        crossed: Whether a number that it watches is on the wrong side.
        overdue: Whether its review is late.
        level: 0 low to 3 critical.
    """

    risk: Risk
    owner: str | None = None
    moved: int | None = 0
    asks: bool = False
    crossed: bool = False
    overdue: bool = False
    level: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the register is narrowed to.

    Args:
        words: Words that all have to occur.
        category: One category, or empty.
        owner: A person, NO_OWNER, or None for all.
        status: `open` for all that count, a status, or empty for all.
        overdue: Only those whose review is late.
        field: Only those of this probability and impact.
        after: Whether that is meant after treatment.
    """

    words: str = ""
    category: str = ""
    owner: int | None = None
    status: str = "counts"
    overdue: bool = False
    field: tuple[int, int] | None = None
    after: bool = False

    @property
    def narrows(self) -> bool:
        """Whether anything but closed risks is left out."""
        return self != Wanted()


@dataclass(frozen=True, slots=True)
class Register:
    """All risks as they are now.

    Args:
        rows: The heaviest first.
        charter: Categories, thresholds and the meaning of levels.
        people: Who can own a risk.
    """

    rows: Sequence[RiskRow]
    charter: Charter
    people: Sequence[Person]

    def row(self, risk_id: int | None) -> RiskRow | None:
        """Return the row of a risk, if it is there."""
        return next((row for row in self.rows if row.risk.id == risk_id), None)

    @property
    def names(self) -> dict[int, str]:
        """Names of people by id."""
        return {person.id: person.name for person in self.people}


def read_register(session: "Session", moved: Mapping[int, int | None]) -> Register:
    """Return the risks as they are now; from what is in memory, so it takes milliseconds.

    Args:
        session: The open project.
        moved: How the scores moved since the last review, as far as that is known.
    """
    state, today = session.board.state, date.today()
    charter, people = state.charter, tuple(state.of(Person).values())
    names = {person.id: person.name for person in people}
    asking = {proposal.risk_id for proposal in state.open_proposals()}
    crossed = {watch.risk_id for watch in state.of(Watch).values() if watch.verdict is Verdict.NOT_MET}
    rows = [
        RiskRow(
            risk,
            names.get(risk.owner_id) if risk.owner_id is not None else None,
            moved.get(risk.id, 0),
            risk.id in asking,
            risk.id in crossed,
            risk.overdue(today),
            sum(risk.score >= threshold for threshold in charter.thresholds),
        )
        for risk in session.risks.all()
    ]
    return Register(rows, charter, people)


def filtered(rows: Sequence[RiskRow], wanted: Wanted) -> list[RiskRow]:
    """Return the rows that are wanted, in their order."""
    words = wanted.words.casefold().split()
    return [row for row in rows if _fits(row, wanted, words)]


def _fits(row: RiskRow, wanted: Wanted, words: Sequence[str]) -> bool:
    risk = row.risk
    if wanted.status == "counts" and not risk.status.counts:
        return False
    if wanted.status not in ("", "counts") and risk.status is not RiskStatus(wanted.status):
        return False
    if wanted.category and risk.category != wanted.category:
        return False
    if wanted.owner is not None and (risk.owner_id or NO_OWNER) != wanted.owner:
        return False
    if wanted.overdue and not row.overdue:
        return False
    if wanted.field is not None and _field(row, after=wanted.after) != wanted.field:
        return False
    if not words:
        return True
    text = " ".join((risk.title, risk.cause, risk.event, risk.effect, row.owner or "")).casefold()
    return all(word in text for word in words)


def _field(row: RiskRow, *, after: bool) -> tuple[int, int]:
    """Return where a risk lies on the heat map; after treatment it stays where nobody has said otherwise."""
    risk = row.risk
    if after:
        return risk.residual_probability or risk.probability, risk.residual_impact or risk.impact
    return risk.probability, risk.impact
