"""The columns of the risk register: what each says of a risk, and what a cell of somebody's sheet means."""

import json
import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from workbench.board.state import BoardState
from workbench.core.board import Card, Person
from workbench.core.risks import Link, Risk, Watch
from workbench.core.states import Condition, Response, RiskStatus

Cell = str | int | date | None
W = TypeVar("W", bound=StrEnum)
_LINK = re.compile(r"([a-z]+) (\d{1,9})(?:: (.*))?", re.DOTALL)
_WATCH = re.compile(r"(\S+) (\{.*\}) (below|above) (\S+) raises to ([1-5])", re.DOTALL)


class WrongCellError(ValueError):
    """A cell that says nothing that a risk can have; the message goes on after the column's name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the register.

    Args:
        name: The field of a row that it fills.
        title: Its heading.
        write: Returns the cell of a risk.
        read: Returns what a text stands for, or raises `WrongCellError`; None for what is worked out.
        also: Other headings that it is known under.
    """

    name: str
    title: str
    write: Callable[[Risk, "Names"], Cell]
    read: Callable[[str], Any] | None = None
    also: tuple[str, ...] = ()


class Names:
    """What people, cards and watches are called in a sheet; a number behind a name tells two alike apart."""

    def __init__(self, state: BoardState) -> None:
        self.state = state
        self.people = _labels({item.id: item.name for item in state.of(Person).values()})
        self.cards = _labels({item.id: item.title for item in state.of(Card).values()})
        self.person = {item_id: label for label, item_id in self.people.items()}
        self.card = {item_id: label for label, item_id in self.cards.items()}


def _labels(names: Mapping[int, str]) -> dict[str, int]:
    often = Counter(names.values())
    return {name if often[name] == 1 else f"{name} #{item_id}": item_id for item_id, name in names.items()}


def lines(texts: Iterable[str]) -> str:
    """Return several texts as the lines of one cell."""
    return "\n".join(text.replace("\\", "\\\\").replace("\n", "\\n") for text in texts)


def _split(text: str) -> tuple[str, ...]:
    lines = [line for line in text.split("\n") if line.strip()]
    return tuple(
        re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], line) for line in lines
    )


def _name(text: str) -> str:
    return _title(text) if text.strip() else ""


def _titles(text: str) -> tuple[str, ...]:
    return tuple(_title(line) for line in _split(text))


def _title(text: str) -> str:
    if not 1 <= len(text.strip()) <= 300:
        raise WrongCellError("has to have 1 to 300 characters.")
    return text


def _level(text: str) -> int:
    try:
        level = float(text)
    except ValueError:
        level = 0.0
    if level not in (1, 2, 3, 4, 5):
        raise WrongCellError(f"is “{text.strip()}”: it has to be a number from 1 to 5.")
    return int(level)


def _level_or_none(text: str) -> int | None:
    return _level(text) if text.strip() else None


def _word(kind: type[W]) -> Callable[[str], W]:
    def read_word(text: str) -> W:
        try:
            return kind(text.strip().casefold())
        except ValueError:
            raise WrongCellError(f"is “{text.strip()}”: it has to be one of {', '.join(kind)}.") from None

    return read_word


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise WrongCellError(f"is “{text.strip()}”: it has to be a day such as 2026-01-31.") from None


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
        return found if found.tzinfo is not None else found.astimezone()
    except (ValueError, OverflowError):
        raise WrongCellError(
            f"is “{text.strip()}”: it has to be a time such as 2026-01-31T12:00:00+00:00."
        ) from None


def _number(text: str) -> int | None:
    if not text.strip():
        return None
    try:
        return int(float(text))
    except (ValueError, OverflowError):
        raise WrongCellError(f"is “{text.strip()}”: it has to be the number of a risk, or empty.") from None


def _links(text: str) -> tuple[Link, ...]:
    found = []
    for line in _split(text):
        match = _LINK.fullmatch(line)
        if match is None:
            raise WrongCellError(f"says “{line}”: it has to be such as “run 3” or “dataset 1: duplicates”.")
        found.append(Link(match[1], int(match[2]), match[3] or ""))
    return tuple(found)


def _watches(text: str) -> tuple[Watch, ...]:
    found = []
    for line in _split(text):
        match = _WATCH.fullmatch(line)
        try:
            assert match is not None
            fields, limit = json.loads(match[2]), float(match[4])
            assert math.isfinite(limit)
        except (AssertionError, ValueError):
            raise WrongCellError(f"says “{line}”: it has to be as an export writes it.") from None
        found.append(Watch(0, 0, match[1], fields, Condition(match[3]), limit, int(match[5])))
    return tuple(found)


def _of_watch(watch: Watch) -> str:
    fields = json.dumps(dict(watch.fields), ensure_ascii=False)
    return f"{watch.fact} {fields} {watch.condition} {watch.limit!r} raises to {watch.raises_to}"


def _of_link(link: Link) -> str:
    return f"{link.noun} {link.id}: {link.detail}" if link.detail else f"{link.noun} {link.id}"


def _iso(moment: datetime | None) -> str:
    return moment.isoformat() if moment is not None else ""


def _text_column(name: str, title: str, *also: str) -> Column:
    return Column(name, title, lambda risk, _: str(getattr(risk, name)), str, also)


def _plain_column(name: str, title: str, read_it: Callable[[str], Any], *also: str) -> Column:
    return Column(name, title, lambda risk, _: getattr(risk, name), read_it, also)


WATCHED = "Watches in words"
COMPUTED = "computed"
"""Stands in a mapping for what an export works out and an import has no use for."""

COLUMNS = (
    _plain_column("id", "Number", _number, "id"),
    _plain_column("title", "Risk", _title, "name"),
    _text_column("category", "Category"),
    _text_column("cause", "Cause"),
    _text_column("event", "Event"),
    _text_column("effect", "Effect", "consequence"),
    Column("owner", "Owner", lambda risk, names: names.person.get(risk.owner_id or 0, ""), _name),
    Column("response", "Response", lambda risk, _: risk.response.value, _word(Response)),
    _plain_column("probability", "Probability", _level, "likelihood"),
    _plain_column("impact", "Impact", _level),
    Column("score", "Score", lambda risk, _: risk.score),
    Column("level", "Level", lambda risk, names: risk.level(names.state.charter.thresholds)),
    _plain_column("residual_probability", "Residual probability", _level_or_none),
    _plain_column("residual_impact", "Residual impact", _level_or_none),
    Column(
        "actions",
        "Actions",
        lambda risk, names: lines(names.card.get(item, "") for item in risk.actions),
        _titles,
        ("mitigations",),
    ),
    Column("evidence", "Evidence", lambda risk, _: lines(map(_of_link, risk.evidence)), _links),
    _plain_column("next_review", "Next review", _day),
    Column("status", "Status", lambda risk, _: risk.status.value, _word(RiskStatus)),
    _text_column("source", "Source"),
    Column("created_at", "Noted", lambda risk, _: _iso(risk.created_at), _moment),
    Column("closed_at", "Closed", lambda risk, _: _iso(risk.closed_at), _moment),
    Column(
        "watches",
        "Watches",
        lambda risk, names: lines(map(_of_watch, names.state.watches_of(risk.id))),
        _watches,
    ),
)  # fmt: skip
READABLE = {column.name: column for column in COLUMNS if column.read is not None}
FIELDS = {column.name: column.title for column in COLUMNS if column.read is not None}
LEVELS = ("probability", "impact")
DEFAULTS = ("category", "response", "status")
"""Fields that a cell may leave open: a new risk gets the default, a known one keeps its own."""
