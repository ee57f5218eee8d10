"""Sheets as files: CSV and Excel, cells as text, and nothing in them that a spreadsheet would run."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.errors import DataError, UserError
from workbench.core.files import atomic_write

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell as ExcelCell
    from openpyxl.worksheet.worksheet import Worksheet

Cell = str | int | date | None

_MOST_ROWS = 20_000
_MOST_COLUMNS = 500
_MOST_BYTES = 64 * 1024 * 1024
_MOST_LETTERS = 32_767
_WIDTHS = (8, 60)
# What makes a spreadsheet take a cell for a formula; the wide ones do in some languages.
_RUNS = "=+-@\t\r\n＝＋－＠"
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f]")
_ESCAPED = re.compile(r"\\u(005c|00[01][0-9a-f])")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was read.

    Args:
        how: What was found, such as `CSV, utf-8, comma`.
        headings: Its headings, each once.
        rows: The cells below them as text, all rows of the same length.
    """

    how: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def write_sheet(path: Path, rows: Sequence[Sequence[Cell]], title: str = "Risks") -> None:
    """Write a sheet, whole or not at all; the ending of its name says what kind.

    Args:
        path: The file.
        rows: The cells, the headings first.
        title: Name of the sheet in a workbook.

    Raises:
        UserError: The ending is neither `.csv` nor `.xlsx`, or the file cannot be written.
    """
    if path.is_dir() or not path.parent.is_dir():
        wrong = f"{path} is a folder" if path.is_dir() else f"There is no folder {path.parent}"
        raise UserError(f"{wrong}: choose another place.")
    content = _as_excel(rows, title) if _ending(path) == ".xlsx" else _as_csv(rows)
    atomic_write(path, content)


def read_sheet(path: Path) -> Sheet:
    """Read a sheet: of a workbook the first one.

    Raises:
        DataError: It cannot be read; the message says why.
    """
    ending = _ending(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path.name} is larger than 64 MB: too much for a register.")
        content = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}.") from error
    how, rows = _of_excel(path.name, content) if ending == ".xlsx" else _of_csv(path.name, content)
    while rows and not any(cell.strip() for cell in rows[0]):
        rows = rows[1:]
    if not rows:
        raise DataError(f"{path.name} is empty.")
    width = max(len(row) for row in rows)
    if len(rows) > _MOST_ROWS or width > _MOST_COLUMNS:
        raise DataError(f"{path.name} has more than {_MOST_ROWS:,} rows or {_MOST_COLUMNS} columns.")
    filled = [tuple(row) + ("",) * (width - len(row)) for row in rows]
    return Sheet(how, _headings(filled[0]), tuple(filled[1:]))


def _ending(path: Path) -> str:
    ending = path.suffix.casefold()
    if ending not in (".csv", ".xlsx"):
        raise UserError(f"{path.name} ends neither in .csv nor in .xlsx: choose one of them.")
    return ending


def _headings(cells: Sequence[str]) -> tuple[str, ...]:
    found: list[str] = []
    for place, cell in enumerate(cells, start=1):
        name = cell.strip() or f"column {place}"
        count = 2
        while name in found:
            name, count = f"{cell.strip() or f'column {place}'} ({count})", count + 1
        found.append(name)
    return tuple(found)


def _as_csv(rows: Sequence[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_quiet(_text(cell)) for cell in row])
    # The mark at the beginning lets spreadsheets see that it is UTF-8.
    return text.getvalue().encode("utf-8-sig", "backslashreplace")


def _quiet(text: str) -> str:
    """Return text that no spreadsheet runs: an apostrophe before what would be a formula."""
    return f"'{text}" if text[:1] in ("'", *_RUNS) and text else text


def _loud(text: str) -> str:
    return text[1:] if text[:1] == "'" and text[1:2] in ("'", *_RUNS) and len(text) > 1 else text


def _of_csv(name: str, content: bytes) -> tuple[str, list[list[str]]]:
    encoding = "utf-8"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        from charset_normalizer import from_bytes

        best = from_bytes(content).best()
        if best is None:
            raise DataError(f"{name} is no text that can be read: save it as CSV in UTF-8.") from None
        encoding, text = best.encoding, str(best)
    first = text.split("\n", 1)[0]
    words = {",": "comma", ";": "semicolon", "\t": "tab"}
    separator = max(words, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    except csv.Error as error:
        raise DataError(f"{name} is no whole CSV file: {error}.") from error
    return f"CSV, {encoding}, {words[separator]}", [[_loud(cell) for cell in row] for row in rows]


def _as_excel(rows: Sequence[Sequence[Cell]], title: str) -> bytes:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    sheet: Worksheet = book.active
    sheet.title = title
    top, bold = Alignment(vertical="top", wrap_text=True), Font(bold=True)
    for number, row in enumerate(rows, start=1):
        for place, value in enumerate(row, start=1):
            cell = sheet.cell(number, place)
            _fill(cell, value)
            cell.alignment = top
            if number == 1:
                cell.font = bold
    sheet.freeze_panes = "A2"
    for column in sheet.columns:
        longest = max(len(line) for cell in column for line in str(cell.value or "").split("\n"))
        letter = column[0].column_letter
        sheet.column_dimensions[letter].width = min(max(longest + 2, _WIDTHS[0]), _WIDTHS[1])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _fill(cell: "ExcelCell", value: Cell) -> None:
    if value is None or isinstance(value, int):
        cell.value = value
        return
    if not isinstance(value, str):
        cell.value, cell.number_format = value, "yyyy-mm-dd"
        return
    marked = re.sub(r"\\(?=u(?:005c|00[01][0-9a-f]))", r"\\u005c", value)
    text = _CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", marked)
    if len(text) > _MOST_LETTERS:
        raise UserError("A text is too long for a cell of Excel: export as CSV instead.")
    cell.value = text
    if text:
        # Text whatever it begins with: nothing is taken for a formula or an error.
        cell.data_type = "s"
        cell.quotePrefix = text[0] in _RUNS


def _of_excel(name: str, content: bytes) -> tuple[str, list[list[str]]]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(content), data_only=True)
    except Exception as error:
        # A damaged file makes the reader stumble in many ways.
        raise DataError(f"{name} is no Excel file that can be read: save it as .xlsx anew.") from error
    if not book.worksheets:
        raise DataError(f"{name} has no sheet.")
    sheet = book.worksheets[0]
    if sheet.max_row > _MOST_ROWS or sheet.max_column > _MOST_COLUMNS:
        raise DataError(f"{name} has more than {_MOST_ROWS:,} rows or {_MOST_COLUMNS} columns.")
    rows = [[_excel_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
    return f"Excel, sheet {sheet.title}", rows


def _excel_text(value: Any) -> str:
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime) and value.time() == time():
        return value.date().isoformat()
    return _text(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)
