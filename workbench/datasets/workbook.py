"""Reading a sheet of an Excel workbook as text. Formulas give the value that was saved; none runs."""

import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa

from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.registry import nearest
from workbench.datasets.delimited import Layout, TextTable, headings
from workbench.datasets.pace import Pace
from workbench.datasets.preamble import header_place, preamble_finding

_HEAD = 50
_MOST_BYTES = 4 << 30
_MOST_RATIO = 250
_MOST_COLUMNS = 16_384


def is_workbook(source: Path) -> bool:
    """Return whether a file is an Excel workbook of 2007 or later, by its content."""
    try:
        with zipfile.ZipFile(source) as packed:
            return "xl/workbook.xml" in packed.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False


def workbook_layout(source: Path, sheet: str | None) -> Layout:
    """Return the sheet, its headings and first rows.

    Args:
        source: The workbook.
        sheet: Name of the sheet; the first one with a table when not given.

    Raises:
        DataError: It cannot be read, or there is no such sheet.
    """
    with _Book(source) as book:
        name, first, above = book.find(sheet)
        names, findings = headings(first.cells)
        rows = list(_filled(book, name, first, CancelToken(), limit=_HEAD + 1))
        said = book.rows(name) - first.number
    if not rows:
        raise DataError(f"The sheet {name} of {source.name} has headings but no rows: add rows first.")
    head = tuple(tuple(row.cells) for row in rows[:_HEAD])
    count = len(rows) if len(rows) <= _HEAD else said if said >= len(rows) else None
    return Layout(
        *("utf-8", "", names, first.number, head, count, (*findings, *preamble_finding(above))),
        form="excel",
        sheet=name,
        sheets=book.names,
    )


def read_workbook(source: Path, layout: Layout, token: CancelToken, pace: Pace) -> TextTable:
    """Read every cell below the headings as text.

    Raises:
        DataError: It cannot be read.
        CancelledError: The token was cancelled.
    """
    columns: list[list[str]] = [[] for _ in layout.header]
    numbers: list[int] = []
    with _Book(source) as book:
        name, first, _ = book.find(layout.sheet)
        total = book.rows(name)
        for row in _filled(book, name, first, token):
            for column, cell in zip(columns, row.cells, strict=True):
                column.append(cell)
            numbers.append(row.number)
            pace(min(row.number, max(1, total) - 1), total, "Reading rows")
    table = pa.Table.from_arrays([pa.array(c, pa.large_string()) for c in columns], list(layout.header))
    return TextTable(table, np.array(numbers, dtype=np.int64), [])


class _Row:
    __slots__ = ("cells", "number")

    def __init__(self, number: int, cells: list[str]) -> None:
        self.number, self.cells = number, cells


class _Book:
    """An open workbook, read row by row."""

    def __init__(self, source: Path) -> None:
        from openpyxl import load_workbook

        self._source = source
        self._file: BinaryIO | None = None
        _require_safe(source)
        try:
            # As a file, since of a path the library wants the ending.
            self._file = source.open("rb")
            self._book = load_workbook(self._file, read_only=True, data_only=True, keep_links=False)
        except Exception as error:  # the library raises what the damage leads to
            if self._file is not None:
                self._file.close()
            raise DataError(f"{source.name} is a damaged workbook: save it again as .xlsx.") from error
        self.names = tuple(str(sheet.title) for sheet in self._book.worksheets)

    def __enter__(self) -> "_Book":
        return self

    def __exit__(self, *_: object) -> None:
        self._book.close()
        if self._file is not None:
            self._file.close()

    def find(self, sheet: str | None) -> tuple[str, _Row, list[list[str]]]:
        """Return the name of the sheet, the row of its headings and the cells above.

        Without a name it is the first sheet with headings and rows, else the first with cells.
        """
        if sheet is not None and sheet not in self.names:
            raise DataError(f"{self._source.name} has no sheet {sheet!r}. {nearest(sheet, list(self.names))}")
        found = None
        for name in [sheet] if sheet is not None else self.names:
            rows = list(islice(self.read(name, CancelToken()), _HEAD))
            for row in rows:
                while row.cells and not row.cells[-1].strip():
                    row.cells.pop()
            place = header_place([row.cells for row in rows])
            if place is None:
                continue
            first = rows[place]
            answer = name, first, [row.cells for row in rows[:place]]
            if len(first.cells) > 1 and any(row.cells for row in rows[place + 1 :]):
                return answer
            found = found or answer
        if found is None:
            raise DataError(f"{self._source.name} has no sheet with cells: choose another file.")
        return found

    def rows(self, name: str) -> int:
        """Return how many rows a sheet says it has; 0 when it does not say."""
        return int(self._book[name].max_row or 0)

    def read(self, name: str, token: CancelToken) -> Iterator[_Row]:
        """Yield the rows of a sheet."""
        sheet = self._book[name]
        width = min(_MOST_COLUMNS, sheet.max_column or _MOST_COLUMNS)
        rows = sheet.iter_rows(max_col=width)
        number = 0
        while True:
            number += 1
            if number % 1024 == 0:
                token.check()
            try:
                cells = next(rows)
            except StopIteration:
                return
            except Exception as error:  # as above
                raise DataError(
                    f"{self._source.name} is damaged in row {number:,} of the sheet {name}: save it again."
                ) from error
            yield _Row(number, [_cell(cell) for cell in cells])


def _require_safe(source: Path) -> None:
    try:
        with zipfile.ZipFile(source) as packed:
            sizes = [(item.file_size, item.compress_size) for item in packed.infolist()]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise DataError(f"{source.name} is a damaged workbook: save it again as .xlsx.") from error
    size = sum(large for large, _ in sizes)
    if size > _MOST_BYTES or size > _MOST_RATIO * max(1 << 20, sum(small for _, small in sizes)):
        raise DataError(
            f"{source.name} unpacks to {size >> 20:,} MB, more than is safe: save it as CSV instead."
        )


def _filled(
    book: _Book, name: str, first: _Row, token: CancelToken, limit: int | None = None
) -> Iterator[_Row]:
    """Yield the rows below the headings that are not empty, each as wide as the headings."""
    width, count = len(first.cells), 0
    for row in book.read(name, token):
        if row.number <= first.number or not any(cell.strip() for cell in row.cells[:width]):
            continue
        yield _Row(row.number, [*row.cells[:width], *[""] * (width - len(row.cells))])
        count += 1
        if limit is not None and count == limit:
            return


def _cell(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float) and "%" in cell.number_format:
        return f"{value * 100:.10g}%"  # as it is seen, and as other programs export it
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
