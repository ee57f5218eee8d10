"""What the repositories of datasets and runs have in common: rows with a name, notes and a bin."""

import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Table, select, update
from sqlalchemy.sql import Select

from workbench.core.errors import UserError
from workbench.store.database import Database
from workbench.store.tables import utc_now

R = TypeVar("R")
# SQLite takes so many values in one statement, whatever it was built with.
_AT_ONCE = 900


def columns_of(table: Table, record: type[Any]) -> Iterable[Any]:
    """Return the columns of `table` that make up a record, in the order of its fields."""
    return [table.c[field.name] for field in fields(record)]


def in_parts(row_ids: Iterable[int]) -> Iterator[Sequence[int]]:
    """Yield ids in order, as many at once as a statement takes."""
    ids = sorted(row_ids)
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


class NamedRows(Generic[R]):
    """Reads and changes the rows of one table. Every change is one transaction.

    Args:
        database: The open database.
        table: Its table.
        record: What comes out.
        noun: What a row is called in messages.
    """

    def __init__(self, database: Database, table: Table, record: type[R], noun: str) -> None:
        self._database = database
        self._table = table
        self._record = record
        self._noun = noun

    def get(self, row_id: int) -> R:
        """Return one record, from the bin as well.

        Raises:
            UserError: There is none with that id.
        """
        with self._database.read() as connection:
            return self._one(connection, row_id)

    def list(self, include_deleted: bool = False) -> builtins.list[R]:
        """Return all records in order of their making; those in the bin only on request."""
        query = self._select().order_by(self._table.c.id)
        return self._all(query if include_deleted else query.where(self._table.c.deleted_at.is_(None)))

    def some(self, row_ids: Iterable[int]) -> builtins.list[R]:
        """Return the records with these ids, from the bin as well, in order of their making."""
        found: builtins.list[R] = []
        for part in in_parts(row_ids):
            found += self._all(self._select().where(self._table.c.id.in_(part)).order_by(self._table.c.id))
        return found

    def set_notes(self, row_id: int, notes: str) -> R:
        """Replace the notes."""
        return self._change(row_id, notes=notes)

    def delete(self, row_id: int) -> R:
        """Put a record into the bin."""
        return self._change(row_id, deleted_at=utc_now())

    def restore(self, row_id: int) -> R:
        """Take a record out of the bin."""
        return self._change(row_id, deleted_at=None)

    def _select(self) -> Select[Any]:
        return select(*columns_of(self._table, self._record))

    def _all(self, query: Select[Any]) -> builtins.list[R]:
        with self._database.read() as connection:
            return [self._record(**row) for row in connection.execute(query).mappings()]

    def _newest(self, query: Select[Any]) -> R | None:
        found = self._all(query.where(self._table.c.deleted_at.is_(None)).limit(1))
        return found[0] if found else None

    def _one(self, connection: Connection, row_id: int) -> R:
        row = connection.execute(self._select().where(self._table.c.id == row_id)).mappings().one_or_none()
        if row is None:
            raise UserError(f"There is no {self._noun} with the number {row_id} in this project.")
        return self._record(**row)

    def _change(self, row_id: int, **values: Any) -> R:
        with self._database.write() as connection:
            if values:
                connection.execute(update(self._table).where(self._table.c.id == row_id).values(**values))
            return self._one(connection, row_id)
