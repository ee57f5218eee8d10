"""Verbs that take risks and cards out of a project, and bring risks in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.board import edits as edit
from workbench.board import register, watches
from workbench.board.card_sheet import card_rows
from workbench.board.facts.base import facts
from workbench.board.register import Reading, Row
from workbench.board.register_columns import COMPUTED, FIELDS, Names
from workbench.board.state import BoardState
from workbench.core.board import Card, Edit, Person
from workbench.core.errors import UserError
from workbench.core.risks import Risk, Watch
from workbench.core.states import RiskStatus
from workbench.services.sheet_files import read_sheet, write_sheet

if TYPE_CHECKING:
    from workbench.services.session import Session

_TOLD = 5


@dataclass(frozen=True)
class SheetPreview:
    """What bringing in a sheet would do.

    Args:
        path: The file.
        how: What was found, such as `CSV, utf-8, comma`.
        headings: Its columns.
        rows: Its cells as text, without the headings.
        mapping: By heading the field that it fills, or nothing.
        unknown: Headings that fill nothing and will not be brought in.
        problems: By row, the headings being row 1, what is wrong with it.
        notes: What would be decided for the user, in sentences.
        added: How many risks are new.
        changed: How many known ones change.
        same: How many known ones stay as they are.
    """

    path: Path
    how: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    mapping: Mapping[str, str]
    unknown: tuple[str, ...]
    problems: Mapping[int, Sequence[str]]
    notes: tuple[str, ...]
    added: int
    changed: int
    same: int


class ExchangeService:
    """Brings risks to files and back, and cards to files."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def fields(self) -> Mapping[str, str]:
        """Return what a column can fill: names of fields with their titles."""
        return FIELDS

    def export_risks(self, path: Path) -> int:
        """Write the whole register as CSV or Excel and return how many risks it holds.

        Raises:
            UserError: The file cannot be written, or its ending is unknown.
        """
        self._check_outside(path)
        risks = self._session.risks.all()
        write_sheet(path, register.register(self._session.board.state, risks, watches.phrase))
        return len(risks)

    def export_cards(self, path: Path) -> int:
        """Write all cards of the board as CSV or Excel and return how many there are.

        Raises:
            UserError: The file cannot be written, or its ending is unknown.
        """
        self._check_outside(path)
        rows = card_rows(self._session.board.state)
        write_sheet(path, rows, "Cards")
        return len(rows) - 1

    def _check_outside(self, path: Path) -> None:
        if path.resolve().is_relative_to(self._session.folder.root.resolve()):
            raise UserError(f"{path} lies inside the project: choose a place outside for the file.")

    def preview(self, path: Path, mapping: Mapping[str, str] | None = None) -> SheetPreview:
        """Return what bringing in a file would do; nothing is changed.

        Args:
            path: A CSV or Excel file.
            mapping: By heading the field that it fills; proposed where it is not given.

        Raises:
            UserError: The file cannot be read.
        """
        sheet = read_sheet(path)
        proposed = register.propose(sheet.headings)
        chosen = proposed if mapping is None else {name: mapping.get(name, "") for name in sheet.headings}
        reading = self._read(sheet.headings, sheet.rows, chosen)
        new = sum(row.before is None for row in reading.rows)
        same = self._same(reading.rows)
        return SheetPreview(
            path,
            sheet.how,
            sheet.headings,
            sheet.rows,
            {heading: "" if field == COMPUTED else field for heading, field in chosen.items()},
            tuple(heading for heading, field in chosen.items() if not field),
            reading.problems,
            tuple(reading.notes),
            new,
            len(reading.rows) - new - same,
            same,
        )

    def mapping(self, path: Path, wishes: Sequence[str]) -> dict[str, str]:
        """Return by heading of a file the field that it fills: what is wished for, else what is proposed.

        Args:
            path: A CSV or Excel file.
            wishes: Such as `Their column=Our field`; nothing behind the sign leaves the column out.

        Raises:
            UserError: There is no such column or field, or the file cannot be read.
        """
        return register.mapped(read_sheet(path).headings, wishes)

    def bring_in(
        self, path: Path, mapping: Mapping[str, str] | None = None, *, leave_out: bool = False
    ) -> SheetPreview:
        """Bring the risks of a file into the project, in one step to undo; returns what was done.

        Args:
            path: A CSV or Excel file.
            mapping: By heading the field that it fills; proposed where it is not given.
            leave_out: Whether rows with problems are left out; else one of them refuses the whole file.

        Raises:
            UserError: A row cannot be brought in, no row can, or the file cannot be read.
        """
        self._session.require_writable()
        done = self.preview(path, mapping)
        if done.problems and not leave_out:
            raise UserError(_sentence(done))
        reading = self._read(done.headings, done.rows, done.mapping)
        if not reading.rows:
            raise UserError(_sentence(done) if done.problems else f"{path.name} has no rows.")
        with self._session.history.together(f"Import {len(reading.rows)} risks"):
            self._write(reading)
        return done

    def _read(
        self, headings: Sequence[str], rows: Sequence[Sequence[str]], mapping: Mapping[str, str]
    ) -> Reading:
        filled = [field for field in mapping.values() if field and field != COMPUTED]
        twice = sorted({FIELDS.get(field, field) for field in filled if filled.count(field) > 1})
        unknown = sorted({field for field in filled if field not in FIELDS})
        if twice or unknown:
            wrong = f"Two columns fill {', '.join(twice)}" if twice else f"There is no {', '.join(unknown)}"
            raise UserError(f"{wrong}: choose another field for one of them.")
        reading = register.read(self._session.board.state, headings, rows, mapping)
        problems = dict(reading.problems)
        for row in reading.rows:
            wrong_facts = _wrong_facts(row)
            if wrong_facts:
                problems[row.number] = wrong_facts
        good = [row for row in reading.rows if row.number not in problems]
        return Reading(good, dict(sorted(problems.items())), reading.notes)

    def _same(self, rows: Sequence[Row]) -> int:
        """Return how many rows change nothing."""
        state = self._session.board.state
        names, watched = Names(state), _by_risk(state)
        return sum(_is_same(row, names, watched) for row in rows)

    def _write(self, reading: Reading) -> None:
        board, session = self._session.board, self._session
        people, cards = register.missing(reading.rows, Names(board.state))
        if people:
            board.save_all([Person(0, name) for name in people])
        if cards:
            lane = session.risks.lane()
            board.save_all([Card(0, lane, title, tags=("risk",)) for title in cards])
        known = board.state.charter.categories
        new = dict.fromkeys(row.risk.category for row in reading.rows if row.risk.category not in known)
        if new:
            board.set_charter(replace(board.state.charter, categories=(*known, *new)))
        names = Names(board.state)
        now = datetime.now(UTC)
        wanted = [_dated(register.resolved(row, names), now) for row in reading.rows]
        added_ids = iter(board.save_all([risk for risk in wanted if not risk.id]))
        board.do("Change risks", lambda state: _changed(state, reading.rows, wanted))
        ids = [risk.id or next(added_ids) for risk in wanted]
        board.do("Change watches", lambda state: _watched(state, reading.rows, ids))


def _changed(state: BoardState, rows: Sequence[Row], wanted: Sequence[Risk]) -> list[Edit]:
    """Return the edits of known risks: only what a sheet says otherwise, the rest may have moved since."""
    found: list[Edit] = []
    for row, risk in zip(rows, wanted, strict=True):
        if row.before is not None:
            other = {name: value for name, value in _values(risk) if value != getattr(row.before, name)}
            found += edit.save(state, replace(state.get(Risk, risk.id), **other))
    return found


def _values(risk: Risk) -> list[tuple[str, Any]]:
    return [(item.name, getattr(risk, item.name)) for item in fields(risk)]


def _watched(state: BoardState, rows: Sequence[Row], ids: Sequence[int]) -> list[Edit]:
    """Return the edits that leave of each risk's watches just what its row says."""
    found: list[Edit] = []
    watched = _by_risk(state)
    for row, risk_id in zip(rows, ids, strict=True):
        if row.watches is None:
            continue
        left = list(row.watches)
        for known in watched.get(risk_id, ()):
            same = next((item for item in left if register.same_watch(item, known)), None)
            if same is None:
                found += edit.remove(state, known)
            else:
                left.remove(same)
        for watch in left:
            found += edit.save(state, replace(watch, risk_id=risk_id))
    return found


def _by_risk(state: BoardState) -> dict[int, list[Watch]]:
    found: dict[int, list[Watch]] = {}
    for watch in state.of(Watch).values():
        found.setdefault(watch.risk_id, []).append(watch)
    return found


def _is_same(row: Row, names: Names, watched: Mapping[int, Sequence[Watch]]) -> bool:
    if row.before is None or any(register.missing([row], names)):
        return False
    known = watched.get(row.before.id, ())
    same = row.watches is None or (
        len(known) == len(row.watches)
        and all(any(register.same_watch(one, other) for other in known) for one in row.watches)
    )
    return register.resolved(row, names) == row.before and same


def _dated(risk: Risk, now: datetime) -> Risk:
    """Return a risk with the moments that a sheet did not say."""
    closed = (risk.closed_at or now) if risk.status is RiskStatus.CLOSED else None
    return replace(risk, created_at=risk.created_at or now, closed_at=closed)


def _wrong_facts(row: Row) -> list[str]:
    found = []
    for watch in row.watches or ():
        try:
            facts.build(watch.fact, watch.fields)
        except UserError as error:
            found.append(f"{FIELDS['watches']}: {error}")
    return found


def _sentence(preview: SheetPreview) -> str:
    told = [f"row {number}: {' '.join(words)}" for number, words in list(preview.problems.items())[:_TOLD]]
    more = len(preview.problems) - len(told)
    return " ".join(
        [
            f"{preview.path.name} is not brought in.",
            *told,
            *([f"… and {more} more rows."] if more > 0 else []),
        ]
    )
