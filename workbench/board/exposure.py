"""How much the risks weighed over time, and what changed between two moments; from the history alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workbench.core.board import Change
from workbench.core.risks import Risk
from workbench.core.states import RiskStatus


@dataclass(frozen=True, slots=True)
class Exposure:
    """The risks at the end of a day.

    Args:
        day: The day.
        total: Sum of the scores of all that are not closed.
        by_category: Number of risks that are not closed.
        opened: Noted so far, without those that were taken away.
        closed: Closed so far.
    """

    day: date
    total: int
    by_category: Mapping[str, int] = field(default_factory=dict)
    opened: int = 0
    closed: int = 0

    @property
    def open(self) -> int:
        """Number of risks that are not closed."""
        return sum(self.by_category.values())


def over_time(changes: Iterable[Change]) -> list[Exposure]:
    """Return one entry for each local day on which a risk changed, oldest first.

    Args:
        changes: History of the risks, oldest first.
    """
    risks: dict[int, dict[str, Any]] = {}
    found: list[Exposure] = []
    day: date | None = None
    for change in changes:
        if change.noun != "risk":
            continue
        now = change.at.astimezone().date()
        if day is not None and now != day:
            found.append(_exposure(day, risks))
        day = now
        _apply(risks, change)
    return found if day is None else [*found, _exposure(day, risks)]


def scores(changes: Iterable[Change], risk_id: int) -> list[tuple[datetime, int]]:
    """Return when a risk's score changed and to what, oldest first."""
    risks: dict[int, dict[str, Any]] = {}
    found: list[tuple[datetime, int]] = []
    for change in changes:
        if change.noun == "risk" and change.item_id == risk_id:
            _apply(risks, change)
            risk = risks.get(risk_id)
            if risk is not None and (not found or found[-1][1] != _score(risk)):
                found.append((change.at, _score(risk)))
    return found


def moved(risk: Risk, since: Sequence[Change]) -> int | None:
    """Return by how much the score of a risk changed; None where it was not there before.

    Args:
        risk: The risk as it is now.
        since: Its own history since the moment from which on it is looked at, oldest first.
    """
    before: dict[str, Any] | None = {"probability": risk.probability, "impact": risk.impact}
    for change in reversed(since):
        if change.before is None:
            before = None
        elif change.after is None or before is None:
            before = dict(change.before)
        else:
            before |= change.before
    return None if before is None else risk.score - _score(before)


@dataclass(frozen=True, slots=True)
class Difference:
    """One risk at two moments; None where it was not there."""

    risk_id: int
    title: str
    before: int | None
    after: int | None
    reasons: tuple[str, ...] = ()


def between(changes: Sequence[Change], start: datetime, end: datetime) -> list[Difference]:
    """Return the risks whose score, or being there, differs between two moments, the largest move first.

    Args:
        changes: History of the risks, oldest first, from the beginning.
        start: The earlier moment.
        end: The later one.
    """
    early, late = (_at(changes, moment) for moment in (start, end))
    reasons: dict[int, dict[str, None]] = {}
    for change in changes:
        if change.noun == "risk" and change.reason and start <= change.at < end:
            reasons.setdefault(change.item_id, {})[change.reason] = None
    found = []
    for risk_id in sorted(early.keys() | late.keys()):
        before, after = (_weight(side.get(risk_id)) for side in (early, late))
        if before != after:
            title = str((late.get(risk_id) or early[risk_id])["title"])
            found.append(Difference(risk_id, title, before, after, tuple(reasons.get(risk_id, ()))))
    return sorted(found, key=lambda item: -abs((item.after or 0) - (item.before or 0)))


def _at(changes: Iterable[Change], moment: datetime) -> dict[int, dict[str, Any]]:
    risks: dict[int, dict[str, Any]] = {}
    for change in changes:
        if change.noun == "risk" and change.at < moment:
            _apply(risks, change)
    return risks


def _apply(risks: dict[int, dict[str, Any]], change: Change) -> None:
    if change.after is None:
        risks.pop(change.item_id, None)
    elif change.before is None:
        risks[change.item_id] = dict(change.after)
    elif change.item_id in risks:
        # Of a risk whose beginning is missing from the history, nothing can be said.
        risks[change.item_id].update(change.after)


def _exposure(day: date, risks: Mapping[int, Mapping[str, Any]]) -> Exposure:
    counts: dict[str, int] = {}
    total = 0
    for risk in risks.values():
        if _counts(risk):
            total += _score(risk)
            counts[str(risk["category"])] = counts.get(str(risk["category"]), 0) + 1
    return Exposure(day, total, counts, len(risks), sum(not _counts(risk) for risk in risks.values()))


def _counts(risk: Mapping[str, Any]) -> bool:
    return RiskStatus(risk["status"]).counts


def _score(risk: Mapping[str, Any]) -> int:
    return int(risk["probability"]) * int(risk["impact"])


def _weight(risk: Mapping[str, Any] | None) -> int | None:
    return _score(risk) if risk is not None and _counts(risk) else None
