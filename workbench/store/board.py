"""Rows of the board: what can be edited, every change of it, and the decision log."""

import builtins
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, delete, func, insert, select, update

from workbench.core.board import NOUNS, BoardRecord, Change, Decision, Edit
from workbench.core.errors import UserError
from workbench.core.risks import Link
from workbench.store.database import Database
from workbench.store.rows import columns_of
from workbench.store.tables import board, changes, decisions, utc_now

_NOUN_OF = {record: noun for noun, record in NOUNS.items()}
_DECIDED = [item.name for item in fields(Decision) if item.name != "id"]


class BoardRows:
    """Reads the board and changes it; a change leaves a line of history in the same transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> dict[str, dict[int, BoardRecord]]:
        """Return all records by noun and id, each in order of their making."""
        found: dict[str, dict[int, BoardRecord]] = {}
        with self._database.read() as connection:
            for noun, table in board.items():
                rows = connection.execute(select(table.c.id, table.c.body).order_by(table.c.id))
                found[noun] = {row.id: row.body for row in rows}
        return found

    def version(self) -> int:
        """Return a number that grows with every change of a record and every line of the log."""
        with self._database.read() as connection:
            last = [connection.execute(select(func.max(it.c.id))).scalar() for it in (changes, decisions)]
        return sum(number or 0 for number in last)

    def apply(
        self,
        edits: Iterable[Edit],
        label: str,
        who: str,
        reason: str = "",
        link: Link | None = None,
        decided: Sequence[Decision] = (),
        *,
        quiet: bool = False,
    ) -> tuple[builtins.list[Edit], builtins.list[int]]:
        """Carry out edits and note them, all or none.

        Returns the edits with the ids of what was added, and the numbers of the new lines of the log.

        Args:
            edits: What changes; an added record without an id gets the next one.
            label: What was done.
            who: Who did it.
            reason: Why.
            link: Where the reason lies.
            decided: Lines for the decision log; their id and time are set here.
            quiet: Whether the edits leave no line of history: what is only measured anew.

        Raises:
            UserError: A record that changes is not there any more; nothing is done then.
        """
        with self._database.write() as connection:
            done = [self._carry_out(connection, edit) for edit in edits]
            at = utc_now()
            if done and not quiet:
                values = [_line(edit, at, label, who, reason, link) for edit in done]
                connection.execute(insert(changes), values)
            lines = []
            for decision in decided:
                row = {name: getattr(decision, name) for name in _DECIDED} | {"at": at}
                query = insert(decisions).values(**row).returning(decisions.c.id)
                lines.append(connection.execute(query).scalar_one())
        return done, lines

    def changes(
        self,
        *,
        noun: str = "",
        item_id: int | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        most: int | None = None,
    ) -> builtins.list[Change]:
        """Return lines of history, oldest first; the newest of them where there are more than `most`.

        Args:
            noun: Only of this kind of record.
            item_id: Only of this record.
            since: Only at or after this moment.
            until: Only before this moment.
            most: At most so many; all of them by default.
        """
        query = select(*columns_of(changes, Change)).order_by(changes.c.id.desc()).limit(most)
        wanted = (
            (noun or None, changes.c.noun == noun),
            (item_id, changes.c.item_id == item_id),
            (since, changes.c.at >= since if since else None),
            (until, changes.c.at < until if until else None),
        )
        for given, condition in wanted:
            if given is not None and condition is not None:
                query = query.where(condition)
        with self._database.read() as connection:
            found = [Change(**row) for row in connection.execute(query).mappings()]
        return found[::-1]

    def decisions(self) -> builtins.list[Decision]:
        """Return the decision log, oldest first."""
        query = select(*columns_of(decisions, Decision)).order_by(decisions.c.id)
        with self._database.read() as connection:
            return [Decision(**row) for row in connection.execute(query).mappings()]

    def _carry_out(self, connection: Connection, edit: Edit) -> Edit:
        table = board[_NOUN_OF[type(edit.record)]]
        if edit.after is None:
            _found(edit, connection.execute(delete(table).where(table.c.id == edit.record.id)))
            return edit
        if edit.before is None:
            values = {"body": edit.after} | ({"id": edit.after.id} if edit.after.id else {})
            row_id = connection.execute(insert(table).values(**values).returning(table.c.id)).scalar_one()
            if row_id == edit.after.id:
                return edit
            edit = Edit(None, replace(edit.after, id=row_id))
        query = update(table).where(table.c.id == edit.record.id).values(body=edit.after)
        _found(edit, connection.execute(query))
        return edit


def _found(edit: Edit, result: CursorResult[Any]) -> None:
    if result.rowcount != 1:
        raise UserError(f"This {_NOUN_OF[type(edit.record)]} is not there any more.")


def _line(
    edit: Edit, at: datetime, label: str, who: str, reason: str, link: Link | None
) -> Mapping[str, Any]:
    before, after = _different(edit)
    return {
        "at": at,
        "who": who,
        "noun": _NOUN_OF[type(edit.record)],
        "item_id": edit.record.id,
        "label": label,
        "before": before,
        "after": after,
        "reason": reason,
        "link": link,
    }


def _different(edit: Edit) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the fields that differ, as they were and as they are; a whole record that is new or gone."""
    if edit.before is None or edit.after is None:
        return (
            asdict(edit.before) if edit.before is not None else None,
            asdict(edit.after) if edit.after is not None else None,
        )
    old, new = asdict(edit.before), asdict(edit.after)
    names = [name for name in old if old[name] != new[name]]
    return {name: old[name] for name in names}, {name: new[name] for name in names}
