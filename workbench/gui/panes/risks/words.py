"""What is said of risks."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from unicodedata import bidirectional

from workbench.core.board import Change
from workbench.core.states import Response, RiskStatus, Verdict
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format


def status_word(status: RiskStatus) -> str:
    """Return a status as it is read."""
    return {
        RiskStatus.OPEN: tr("Open"),
        RiskStatus.MITIGATING: tr("Mitigating"),
        RiskStatus.ACCEPTED: tr("Accepted"),
        RiskStatus.OCCURRED: tr("Occurred"),
        RiskStatus.CLOSED: tr("Closed"),
    }[status]


def response_word(response: Response) -> str:
    """Return a response as it is read."""
    return {
        Response.AVOID: tr("Avoid"),
        Response.MITIGATE: tr("Mitigate"),
        Response.TRANSFER: tr("Transfer"),
        Response.ACCEPT: tr("Accept"),
    }[response]


def category_word(category: str) -> str:
    """Return a category as it is read; one that the project has named itself stays as it is written."""
    known = {
        "technical": tr("Technical"),
        "data": tr("Data"),
        "market": tr("Market"),
        "operational": tr("Operational"),
    }
    return known.get(category, category)


def watch_word(verdict: Verdict) -> tuple[str, str]:
    """Return what is known of a watched number, and its tone."""
    return {
        Verdict.MET: (tr("within limit"), "good"),
        Verdict.NOT_MET: (tr("crossed"), "danger"),
        Verdict.UNKNOWN: (tr("not measured"), "quiet"),
    }[verdict]


def moved_text(moved: int | None) -> str:
    """Return how a score moved, such as `↑ 2`; None is one that was noted since."""
    if moved is None:
        return tr("new")
    if moved == 0:
        return "–"
    return f"{'↑' if moved > 0 else '↓'} {abs(moved)}"


def near_day(day: date) -> str:
    """Return a day as `28 Nov`, with its year where it is another one than this."""
    if day.year == date.today().year:
        return number_format.day(day).rsplit("\u00a0", 1)[0]
    return number_format.day(day)


_FIELDS = {
    "title": "title",
    "category": "category",
    "cause": "cause",
    "event": "event",
    "effect": "effect",
    "owner_id": "owner",
    "response": "response",
    "probability": "probability",
    "impact": "impact",
    "residual_probability": "probability after treatment",
    "residual_impact": "impact after treatment",
    "actions": "mitigations",
    "evidence": "evidence",
    "next_review": "next review",
    "status": "status",
}
_QUIET = {"id", "source", "created_at", "closed_at"}
_LONG = {"cause", "event", "effect", "actions", "evidence"}


def change_text(change: Change, people: Mapping[int, str]) -> str:
    """Return what a line of history did to a risk, such as `probability 2 → 4`.

    Args:
        change: The line.
        people: Names by id.
    """
    if change.before is None:
        return tr("noted")
    if change.after is None:
        return tr("deleted")
    parts = []
    for name, after in change.after.items():
        if name in _QUIET or name not in _FIELDS:
            continue
        word = tr(_FIELDS[name])
        if name in _LONG:
            parts.append(tr("{field} changed", field=word))
        else:
            before = _value(name, change.before.get(name), people)
            parts.append(f"{word} {before} → {_value(name, after, people)}")
    return ", ".join(parts) or change.label


def _value(name: str, value: Any, people: Mapping[int, str]) -> str:
    if value is None:
        return "–"
    if name == "owner_id":
        return _apart(people.get(int(value), tr("somebody who left")))
    if name == "status":
        return status_word(RiskStatus(value)).lower()
    if name == "response":
        return response_word(Response(value)).lower()
    if name == "category":
        return category_word(str(value)).lower()
    if name == "title":
        return _apart(f"“{value}”")
    return str(value)


def _apart(text: str) -> str:
    """Keep a text that is read from right to left from turning round the arrow beside it."""
    turns = any(bidirectional(letter) in ("R", "AL") for letter in text)
    return f"\u2068{text}\u2069" if turns else text


def value_text(value: float | None, unit: str = "") -> str:
    """Return a watched number as it is shown."""
    if value is None:
        return number_format.NONE
    text = number_format.count(int(value)) if float(value).is_integer() and abs(value) >= 2 else ""
    return f"{text or number_format.measure(value)} {unit}".strip()
