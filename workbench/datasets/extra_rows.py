"""Rows of a table that are none of its samples: a second header, totals and notes at the end."""

import re
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.records import Skipped
from workbench.datasets.columns import Coded
from workbench.datasets.delimited import TextTable
from workbench.datasets.numerals import Numbers, read_numbers

SECOND_HEADER = "looks like a second header"
TOTAL = "looks like a total"
NOTE = "looks like a note below the table"
EXTRA = (SECOND_HEADER, TOTAL, NOTE)

_MOST_HEADERS = 2
_MOST_AT_END = 3
_LEAST_ROWS = 4
_LEAST_COLUMNS = 3
_LEAST_NUMERIC = 2
_PROBE = 60
_CLOSE = 1e-6
_TOTAL_WORD = re.compile(
    r"(grand |sub|running )?totals?|sums?|summe|gesamt(summe|ergebnis)?|insgesamt|zwischensumme|somme|"
    r"total (général|general)|totale|suma|soma|razem|yhteensä|totaal|totalt|toplam|"
    r"итого|всего|сумма|合计|合計|总计|總計|小计|小計|总和|计|合算|합계|総計|平均|平均值|"
    r"average|avg|mean|durchschnitt|mittelwert|moyenne|media|promedio|среднее"
)


def drop_extra_rows(rows: TextTable, header: Sequence[str]) -> None:
    """Take out rows that are no samples, and tell which; a table of few rows is left as it is.

    Args:
        rows: The table; changed in place.
        header: Its headings.
    """
    drop_second_headers(rows)
    drop_totals(rows, header)


def drop_second_headers(rows: TextTable) -> None:
    """Take out what names the columns again below the header."""
    _drop(rows, _second_headers(rows), SECOND_HEADER, at_end=False)


def drop_totals(rows: TextTable, header: Sequence[str]) -> None:
    """Take out totals and notes at the end."""
    for _ in range(_MOST_AT_END):
        if len(rows.numbers) < _LEAST_ROWS:
            return
        if _is_total(rows, header):
            _drop(rows, 1, TOTAL, at_end=True)
        elif _is_note(rows, header):
            _drop(rows, 1, NOTE, at_end=True)
        else:
            return


def _drop(rows: TextTable, count: int, reason: str, *, at_end: bool) -> None:
    if not count:
        return
    places = np.arange(len(rows.numbers))
    mask = places < len(places) - count if at_end else places >= count
    for place in np.flatnonzero(~mask):
        rows.skipped.append(Skipped(f"row {rows.numbers[place]}", reason))
    rows.keep(mask)


def _second_headers(rows: TextTable) -> int:
    """Return how many rows below the header name the columns again, in words where all else are numbers."""
    if len(rows.numbers) < _LEAST_ROWS + _MOST_HEADERS:
        return 0
    columns = [rows.table.column(name).slice(0, _PROBE).to_pylist() for name in rows.table.column_names]
    for count in range(_MOST_HEADERS, 0, -1):
        looks_so = _may_be_header([(column[0], column[count]) for column in columns])
        if looks_so and all(
            _is_header([column[place] for column in columns], columns, count) for place in range(count)
        ):
            return count
    return 0


def _may_be_header(pairs: Sequence[tuple[str, str]]) -> bool:
    """Return whether two columns have letters in their first row and digits below: a quick look."""
    changes = [any(map(str.isalpha, cell)) and any(map(str.isdigit, below)) for cell, below in pairs]
    return sum(changes) >= _LEAST_NUMERIC or any(cell.lstrip().startswith("{") for cell, _ in pairs)


def _is_header(record: Sequence[str], columns: Sequence[Sequence[str]], count: int) -> bool:
    """Return whether a row is in words in all columns that are numbers below the first `count` rows."""
    cells = [cell.strip() for cell in record]
    if any(cell.startswith('{"ImportId"') for cell in cells):
        return True
    numeric = [place for place, column in enumerate(columns) if _is_numeric(column[count:])]
    words = sum(_is_word(cells[place]) for place in numeric)
    is_filled = any(cells[place] and not _is_word(cells[place]) for place in numeric)
    return words >= _LEAST_NUMERIC and not is_filled and 2 * len(set(cells)) > len(cells)


def _is_numeric(texts: Sequence[str]) -> bool:
    parsed = _numbers(texts).parsed
    return bool(parsed.finite.any()) and not parsed.texts.any()


def _is_word(text: str) -> bool:
    return bool(_numbers([text]).parsed.texts.all())


def _numbers(texts: Sequence[str]) -> Numbers:
    return read_numbers(Coded.by_text(pa.chunked_array([pa.array(texts, pa.large_string())])))


def _is_note(rows: TextTable, header: Sequence[str]) -> bool:
    """Return whether the last row is one text, and the row above is filled."""
    if len(header) < _LEAST_COLUMNS:
        return False
    last, above = _cells(rows, header, -1), _cells(rows, header, -2)
    filled = [place for place, cell in enumerate(last) if cell]
    if len(filled) != 1 or 2 * sum(map(bool, above)) < len(header):
        return False
    (place,) = filled
    is_first = place == next((at for at, cell in enumerate(above) if cell), place)
    return is_first and not _is_numeric([last[place]]) and _count(rows, header[place], last[place]) == 1


def _is_total(rows: TextTable, header: Sequence[str]) -> bool:
    """Return whether the last row is named as a total, or its numbers are the sums of those above."""
    last = _cells(rows, header, -1)
    first = next((cell for cell in last if cell), "")
    label = next((cell for cell in last if _TOTAL_WORD.fullmatch(cell.strip(" :=-*").casefold())), "")
    if label and _count(rows, header[last.index(label)], label) == 1:
        # A word in a later column may be one of its classes.
        return label == first or any(_is_sum(rows, name) for name in header)
    above = _cells(rows, header, -2)
    if all(cell or not before for cell, before in zip(last, above, strict=True)):
        return False
    words = [cell for cell in last if cell and not _is_numeric([cell])]
    numbers = [name for name, cell in zip(header, last, strict=True) if cell and cell not in words]
    return bool(numbers) and len(words) <= 1 and all(_is_sum(rows, name) for name in numbers)


def _is_sum(rows: TextTable, name: str) -> bool:
    """Return whether the last number of a column is the sum of the others."""
    values = _values(rows, name)
    if values is None or np.isnan(values[-1]):
        return False
    total, known = values[-1], values[:-1][~np.isnan(values[:-1])]
    return bool(len(known) >= _LEAST_ROWS - 1 and np.count_nonzero(known) > 1) and bool(
        abs(known.sum() - total) <= _CLOSE * max(abs(total), np.abs(known).sum())
    )


def _values(rows: TextTable, name: str) -> NDArray[np.float64] | None:
    if name in rows.figures:
        return rows.figures[name].numbers()
    coded = Coded.by_text(rows.table.column(name))
    numbers = read_numbers(coded)
    return numbers.parsed.numbers[coded.codes] if numbers.parsed.numeric(coded.counts) else None


def _cells(rows: TextTable, header: Sequence[str], place: int) -> list[str]:
    """Return the cells of a row, trimmed; `place` counts from the end and is negative."""
    at = len(rows.numbers) + place
    cells = []
    for name in header:
        if name in rows.figures:
            number = float(rows.figures[name].values[at])
            cells.append("" if np.isnan(number) else repr(number))
        else:
            cells.append(str(rows.table.column(name)[at].as_py()).strip())
    return cells


def _count(rows: TextTable, name: str, text: str) -> int:
    """Return in how many rows a column has this text."""
    if name in rows.figures:
        return 0
    return int(pc.sum(pc.equal(pc.utf8_trim_whitespace(rows.table.column(name)), text)).as_py() or 0)
