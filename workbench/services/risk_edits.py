"""Changes of one field of one risk, or of many risks at once; all else of them stays as it is then."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workbench.board import edits as edit
from workbench.board.state import BoardState
from workbench.core.board import Edit
from workbench.core.risks import Risk
from workbench.core.states import RiskStatus
from workbench.services.board import Reason
from workbench.services.risks import REVIEW_DAYS

if TYPE_CHECKING:
    from workbench.services.session import Session


def change(session: "Session", risk_id: int, reason: str = "", **values: Any) -> None:
    """Give fields of a risk other values. Can be undone.

    Args:
        session: The open project.
        risk_id: The risk.
        reason: Why.
        values: By field; an owner can be the name of somebody who joins the team by it.

    Raises:
        UserError: What it says cannot be; the message says why.
    """
    if isinstance(values.get("owner_id"), str):
        with session.history.together(f"Change {session.risks.get(risk_id).title}"):
            change(session, risk_id, reason, **values | {"owner_id": session.board.join(values["owner_id"])})
        return
    closes = values.get("status") is RiskStatus.CLOSED

    def how(now: Risk) -> Risk:
        changed = replace(now, **values)
        if "status" in values:
            closed_at = (now.closed_at or datetime.now(UTC)) if closes else None
            changed = replace(changed, closed_at=closed_at)
        return changed

    label = f"Change {session.risks.get(risk_id).title}"
    session.board.revise(label, Risk, risk_id, how, Reason(reason))


def without_action(session: "Session", risk_id: int, card_id: int) -> None:
    """Take a card out of the mitigations of a risk; the card stays. Can be undone."""
    label = f"Change {session.risks.get(risk_id).title}"
    session.board.revise(
        label, Risk, risk_id, lambda now: replace(now, actions=tuple(i for i in now.actions if i != card_id))
    )


def give(session: "Session", risk_ids: Sequence[int], owner: int | str | None) -> None:
    """Give risks to somebody, or to nobody, in one step to undo; a name that is new joins the team."""
    label = _label("Give", session, risk_ids)
    with session.history.together(label):
        owner_id = session.board.join(owner) if isinstance(owner, str) else owner
        _revise(session, label, risk_ids, owner_id=owner_id)


def review(session: "Session", risk_ids: Sequence[int], note: str = "") -> date:
    """Note that risks were looked at, in one step to undo; returns the day of the next time."""
    day = date.today() + timedelta(days=REVIEW_DAYS)
    _revise(session, _label("Review", session, risk_ids), risk_ids, note, next_review=day)
    return day


def remove(session: "Session", risk_ids: Sequence[int]) -> None:
    """Take risks away with what they watch, in one step to undo."""
    label = _label("Delete", session, risk_ids)

    def make(state: BoardState) -> list[Edit]:
        return [step for number in risk_ids for step in edit.remove(state, state.get(Risk, number))]

    session.board.do(label, make)


def _revise(session: "Session", label: str, risk_ids: Sequence[int], reason: str = "", **values: Any) -> None:
    def make(state: BoardState) -> list[Edit]:
        changed = (replace(state.get(Risk, number), **values) for number in risk_ids)
        return [step for risk in changed for step in edit.save(state, risk)]

    session.board.do(label, make, Reason(reason))


def _label(verb: str, session: "Session", risk_ids: Sequence[int]) -> str:
    if len(risk_ids) == 1:
        return f"{verb} {session.risks.get(risk_ids[0]).title}"
    return f"{verb} {len(risk_ids)} risks"
