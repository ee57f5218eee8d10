"""The risk register as a sheet, and what the rows of somebody's sheet become. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.board.register_columns import (
    COLUMNS,
    COMPUTED,
    DEFAULTS,
    LEVELS,
    READABLE,
    WATCHED,
    Cell,
    Names,
    WrongCellError,
    lines,
)
from workbench.board.state import BoardState
from workbench.core.errors import UserError
from workbench.core.registry import nearest
from workbench.core.risks import Risk, Watch

_PLAIN = Risk(0, "")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet, read.

    Args:
        number: Its place in the sheet; the heading is row 1.
        before: The risk that it is, where it is one of this project.
        risk: What it becomes; owner and actions are still names.
        owner: Name of the owner; None where the sheet does not say.
        actions: Titles of cards; None where the sheet does not say.
        watches: What it watches; None where the sheet does not say.
    """

    number: int
    before: Risk | None
    risk: Risk
    owner: str | None = None
    actions: tuple[str, ...] | None = None
    watches: tuple[Watch, ...] | None = None


@dataclass(frozen=True)
class Reading:
    """What a whole sheet comes to.

    Args:
        rows: The rows that can be brought in.
        problems: By row what is wrong with those that cannot.
        notes: What would be decided for the user, in sentences.
    """

    rows: Sequence[Row] = ()
    problems: Mapping[int, Sequence[str]] = field(default_factory=dict)
    notes: Sequence[str] = ()


def register(state: BoardState, risks: Iterable[Risk], phrase: Callable[[Watch], str]) -> list[list[Cell]]:
    """Return the register with its headings.

    Args:
        state: The board.
        risks: The risks in the order of the rows.
        phrase: Returns what a watch is in words.
    """
    names = Names(state)
    rows: list[list[Cell]] = [[*(column.title for column in COLUMNS), WATCHED]]
    for risk in risks:
        words = lines(phrase(watch) for watch in state.watches_of(risk.id))
        rows.append([*(column.write(risk, names) for column in COLUMNS), words])
    return rows


def propose(headings: Sequence[str]) -> dict[str, str]:
    """Return for each heading the field that it surely means, or nothing; no field twice."""
    known = {
        _plain(word): column.name if column.read is not None else COMPUTED
        for column in COLUMNS
        for word in (column.title, column.name, *column.also)
    }
    known[_plain(WATCHED)] = COMPUTED
    found: dict[str, str] = {}
    for heading in headings:
        name = known.get(_plain(heading), "")
        taken = name and name != COMPUTED and name in found.values()
        found[heading] = "" if taken else name
    return found


def mapped(headings: Sequence[str], wishes: Sequence[str]) -> dict[str, str]:
    """Return the proposal for a sheet with wishes put above it.

    Args:
        headings: Headings of the sheet.
        wishes: Such as `Their column=Our field`; nothing behind the sign leaves the column out.

    Raises:
        UserError: There is no such column or field, or two wishes fill the same one.
    """
    fields = {_plain(word): name for name, column in READABLE.items() for word in (name, column.title)}
    wished: dict[str, str] = {}
    for wish in wishes:
        heading, sign, title = wish.rpartition("=")
        field_name = fields.get(_plain(title), "")
        if not sign:
            raise UserError(f"“{wish}” says no field: write it as “Their column=Our field”.")
        if heading not in headings:
            raise UserError(f"There is no column “{heading}”. {nearest(heading, list(headings))}")
        if title.strip() and not field_name:
            titles = [column.title for column in READABLE.values()]
            raise UserError(f"There is no field “{title}”. {nearest(title, titles)}")
        if field_name and field_name in wished.values():
            raise UserError(f"Two columns are to become {READABLE[field_name].title}: choose one of them.")
        wished[heading] = field_name
    taken = set(wished.values())
    found = {
        heading: "" if name in taken and name != COMPUTED else name
        for heading, name in propose(headings).items()
    }
    return found | wished


def read(
    state: BoardState, headings: Sequence[str], rows: Sequence[Sequence[str]], mapping: Mapping[str, str]
) -> Reading:
    """Return what the rows of a sheet come to.

    Args:
        state: The board.
        headings: Headings of the sheet.
        rows: Its cells as text, without the headings; an empty row is left out.
        mapping: By heading the field that it fills; empty is none.
    """
    wanted = {name: headings.index(heading) for heading, name in mapping.items() if name in READABLE}
    names, good, problems = Names(state), list[Row](), dict[int, Sequence[str]]()
    known: dict[int, int] = {}
    empty: Counter[str] = Counter()
    for number, cells in enumerate(rows, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        texts = {name: cells[place] for name, place in wanted.items()}
        values, wrong = _values(texts)
        if "title" not in texts:
            wrong.append(f"{READABLE['title'].title} is missing.")
        if wrong:
            problems[number] = wrong
            continue
        row = _row(number, values, state)
        if row.before is not None and row.before.id in known:
            problems[number] = [f"This is the risk of row {known[row.before.id]} again."]
            continue
        if row.before is not None:
            known[row.before.id] = number
        empty.update(name for name in DEFAULTS if name in texts and not texts[name].strip())
        good.append(row)
    return Reading(good, problems, _notes(good, wanted, empty, names, state))


def resolved(row: Row, names: Names) -> Risk:
    """Return the risk of a row with its owner and its cards, all of which are there."""
    risk = row.risk
    if row.owner is not None:
        risk = replace(risk, owner_id=names.people[row.owner] if row.owner else None)
    if row.actions is not None:
        risk = replace(risk, actions=tuple(names.cards[title] for title in row.actions))
    return risk


def missing(rows: Iterable[Row], names: Names) -> tuple[list[str], list[str]]:
    """Return the people and the cards that rows name and that are not there yet, each once."""
    people: dict[str, None] = {}
    cards: dict[str, None] = {}
    for row in rows:
        if row.owner and row.owner not in names.people:
            people[row.owner] = None
        cards |= dict.fromkeys(title for title in row.actions or () if title not in names.cards)
    return list(people), list(cards)


def same_watch(one: Watch, other: Watch) -> bool:
    """Return whether two watches ask for the same, whatever they have seen."""
    fields = ("fact", "fields", "condition", "limit", "raises_to")
    return all(getattr(one, name) == getattr(other, name) for name in fields)


def _values(texts: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    wrong: list[str] = []
    for name, text in texts.items():
        column = READABLE[name]
        if not text.strip() and name in DEFAULTS:
            continue
        try:
            assert column.read is not None
            values[name] = column.read(text)
        except WrongCellError as error:
            wrong.append(f"{column.title} {error}")
    return values, wrong


def _row(number: int, values: dict[str, Any], state: BoardState) -> Row:
    risk_id, noted = values.pop("id", None), values.get("created_at")
    known = state.of(Risk).get(risk_id) if risk_id else None
    # A number alone may be that of a risk of another project.
    before = known if known is not None and noted is not None and known.created_at == noted else None
    owner, actions, watches = (values.pop(name, None) for name in ("owner", "actions", "watches"))
    risk = replace(before, **values) if before is not None else Risk(0, **values)
    return Row(number, before, risk, owner, actions, watches)


def _notes(
    rows: Sequence[Row], wanted: Mapping[str, int], empty: Counter[str], names: Names, state: BoardState
) -> list[str]:
    people, cards = missing(rows, names)
    known = state.charter.categories
    categories = dict.fromkeys(row.risk.category for row in rows if row.risk.category not in known)
    new = [row for row in rows if row.before is None]
    notes = [
        f"Not in the team yet, will be added: {', '.join(people)}." if people else "",
        f"Cards that will be added: {', '.join(cards)}." if cards else "",
        f"New categories: {', '.join(categories)}." if categories else "",
    ]
    for name in LEVELS:
        if new and name not in wanted:
            title = READABLE[name].title.lower()
            notes.append(f"No column is taken for {title}: new risks get {getattr(_PLAIN, name)}.")
    for name, count in empty.items():
        title, default = READABLE[name].title, getattr(_PLAIN, name)
        notes.append(f"{title} is empty in {count} rows: new risks get {default}, known ones keep theirs.")
    if any(row.risk.evidence for row in new):
        notes.append("Evidence of new risks points to runs and datasets by number: see that they are meant.")
    return [note for note in notes if note]


def _plain(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
