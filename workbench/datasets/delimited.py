"""Reading CSV and TSV files: every value as text, every row that does not fit named."""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TextIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Finding, Skipped
from workbench.core.states import Severity
from workbench.datasets.health import EXAMPLES, plural
from workbench.datasets.plain_numbers import Figures
from workbench.datasets.preamble import best_separator, header_place, preamble_finding, usual_length
from workbench.datasets.text_file import encoding_title, find_encoding

UTF8 = ("utf-8", "utf-8-sig")
SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE_CHARACTERS = 100_000  # below the longest field that the csv module takes
_MANY_CELLS = 1000
_LEAST_LINES = 20
_LONGEST_LINE = 4 << 20
_SHORT_BYTES = 1 << 20
_MOST = 0.5
_SNIFFED = 30
_NUMBER = re.compile(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table lies in its file.

    Args:
        encoding: Name of the codec that decodes the file.
        separator: The character between values.
        header: Headings, trimmed, unique and not empty.
        header_row: Number of the header's row; 1 unless empty rows or `sep=;` come before it.
        head: First records below the header, as text, at most 50.
        count: Records below the header where the file is short; None for a longer one.
        findings: What is odd about the header.
        form: `delimited`, `parquet`, `excel` or `json lines`; all but the first have no separator.
        sheet: Name of the sheet of a workbook, one of `sheets`.
        has_header: Whether the file names its columns.
        decimal: What stands before the fraction of a number, `.` or `,`; empty where both may.
        is_sure: Whether all of the file is in this encoding; if not, who reads it has to see to that.
    """

    encoding: str
    separator: str
    header: tuple[str, ...]
    header_row: int
    head: tuple[tuple[str, ...], ...]
    count: int | None
    findings: tuple[Finding, ...]
    form: str = "delimited"
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    has_header: bool = True
    decimal: str = ""
    is_sure: bool = True

    @property
    def may_have_commas(self) -> bool:
        """Whether numbers may have a decimal comma."""
        return self.decimal == "," or (self.decimal != "." and self.separator not in ("", ","))


@dataclass(slots=True)
class TextTable:
    """The rows of a file whose length fits the header.

    Args:
        table: Arrow table of the columns of text; texts that are often repeated may lie in a dictionary.
        numbers: (n,) row numbers as a spreadsheet shows them: the header is row 1.
        skipped: Rows that were left out.
        figures: The columns that were read as numbers.
    """

    table: Any
    numbers: NDArray[np.int64]
    skipped: list[Skipped]
    figures: dict[str, Figures] = field(default_factory=dict)

    def texts_of(self, heading: str) -> list[str]:
        """Return the different texts of a column."""
        texts: list[str] = self.table.column(heading).unique().to_pylist()
        return texts

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Keep the rows where `mask` (n,) is true."""
        if not mask.all():
            # Texts that no row has any more would stay in a dictionary.
            columns = {name: plain_texts(self.table.column(name)) for name in self.table.column_names}
            self.table = pa.table(columns).filter(pa.array(mask))
            self.numbers = self.numbers[mask]
            for column in self.figures.values():
                column.keep(mask)


def plain_texts(column: Any) -> Any:
    """Return an Arrow column as texts, which may lie there as places in a dictionary."""
    is_repeated = pa.types.is_dictionary(column.type)
    return column.cast(column.type.value_type) if is_repeated else column


def find_layout(
    source: Path, config: ImportConfig, token: CancelToken, *, least_columns: int = 2, sure: bool = True
) -> Layout:
    """Find out encoding, separator and header.

    Args:
        source: The file.
        config: What the user named of it.
        token: Looked at while a long file is read.
        least_columns: 2 for a table to learn from; 1 for new data, which needs no target.
        sure: Whether all of the file is looked at for its encoding.

    Raises:
        DataError: It is no table with a header and so many columns; the message says what to do.
        CancelledError: The token was cancelled.
    """
    if not source.is_file():
        raise DataError(f"{source} is not a file: choose a CSV or TSV file.")
    encoding = find_encoding(source, config.encoding, token, sure=sure)
    with source.open(encoding=encoding, newline="") as file:
        sample = _beginning(file)
    if not sample.strip():
        raise DataError(f"{source.name} has no header: its first row has to name the columns.")
    told = re.match(r"sep=(.)\r?\n", sample)
    separator = config.separator or (told.group(1) if told else _find_separator(sample))
    separator = _usable_separator(source, separator, least_columns)
    records, above = _records(sample, separator), 1 if told else 0
    first = above + _header_place(source, records[above:], separator, least_columns)
    has_header, header, findings = _header(records[first], config.header)
    findings += preamble_finding(records[above:first])
    first -= 0 if has_header else 1
    if config.encoding is None and not encoding.startswith("utf"):
        findings = (_guessed(encoding), *findings)
    body = (tuple(r) for r in records[first + 1 :] if any(map(str.strip, r)))
    count = _count(source, encoding, separator, first + 1)
    if count == 0:
        raise DataError(f"{source.name} has a header but no rows: add rows, then import it again.")
    head = tuple(islice(body, 50))
    return Layout(
        *(encoding, separator, header, first + 1, head, count, findings),
        has_header=has_header,
        decimal=config.decimal or "",
        is_sure=sure or config.encoding is not None or encoding not in UTF8,
    )


def _header_place(source: Path, records: list[list[str]], separator: str, least_columns: int) -> int:
    place = header_place(records)
    if place is None:
        raise DataError(f"{source.name} has no header: its first row has to name the columns.")
    if len(records[place]) < least_columns:
        raise DataError(
            f"{source.name} has only one column when {SEPARATORS.get(separator, separator)!r} separates: "
            "choose another separator."
        )
    return place


def _beginning(file: TextIO) -> str:
    """Return what comes first in a file; of thousands of columns the header and some rows at least."""
    sample = file.read(_SAMPLE_CHARACTERS)
    if any(sample.count(separator) > _MANY_CELLS for separator in SEPARATORS):
        while sample.count("\n") < _LEAST_LINES and (line := file.readline(_LONGEST_LINE)):
            sample += line
    return sample


def has_columns(head: bytes) -> bool:
    """Return whether a file that begins so has lines of as many columns: the first two, or most of them."""
    is_wide = head.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = head[: len(head) // 2 * 2].decode("utf-16" if is_wide else "latin-1", "ignore")
    lines = text.splitlines()[:_SNIFFED]
    if "\0" in text or len(lines) < 2:
        return False
    if any(lines[0].count(sign) == lines[1].count(sign) > 0 for sign in SEPARATORS):
        return True
    # Lines above the header have another number; a comma stands in any prose.
    filled = [line for line in lines if line.strip()]
    counts = [[line.count(sign) for line in filled] for sign in SEPARATORS if sign != ","]
    return any(max(found) > 0 and 2 * found.count(max(found)) > len(found) for found in counts if found)


def _usable_separator(source: Path, separator: str | None, least_columns: int) -> str:
    if separator is None and least_columns < 2:
        return ","
    if separator is None:
        raise DataError(
            f"{source.name} has only one column: a table needs a header and two columns or more, separated "
            "by comma, semicolon, tab or bar; name the separator if it is another."
        )
    if not separator.isascii() or separator in '"\r\n\0':
        raise DataError(f"{separator!r} cannot separate columns: use comma, semicolon, tab or bar.")
    return separator


def _header(record: list[str], told: bool | None) -> tuple[bool, tuple[str, ...], tuple[Finding, ...]]:
    """Return whether the row names the columns, their names, and what is odd about that."""
    if told or (told is None and _has_header(record)):
        return True, *headings(record)
    names = tuple(f"column {place}" for place in range(1, len(record) + 1))
    return False, names, () if told is False else (_headless(record),)


def _has_header(record: Sequence[str]) -> bool:
    """Return whether the first row names columns: it does not where most of its cells are numbers.

    Numbers that only count, as programs name columns that have no name, are names.
    """
    cells = [text.strip() for text in record if text.strip()]
    whole = [int(cell) for cell in cells if cell.isdecimal()]
    if (
        len(whole) > 1
        and len(whole) >= len(cells) - 1
        and whole == list(range(whole[0], whole[0] + len(whole)))
    ):
        return True
    return sum(_NUMBER.fullmatch(cell) is not None for cell in cells) * 2 <= len(cells)


def _headless(record: Sequence[str]) -> Finding:
    text = (
        "The first row looks like data, so the columns were numbered: add a row that names them, or say on "
        "import that the first row is the header."
    )
    cells = tuple(cell.strip() for cell in record if cell.strip())
    return Finding("no_header", Severity.WARNING, 1, text, cells[:EXAMPLES])


def _guessed(encoding: str) -> Finding:
    text = (
        f"The text was read as {encoding_title(encoding)}, found out from its bytes: look at words with "
        "accents or other letters, and import again with another encoding if they are wrong."
    )
    return Finding("encoding_guessed", Severity.INFO, 1, text, (encoding,))


def _count(source: Path, encoding: str, separator: str, start: int) -> int | None:
    """Return the number of rows of a short file, those included that do not fit the header."""
    if source.stat().st_size > _SHORT_BYTES:
        return None
    try:
        with source.open(encoding=encoding, newline="") as file:
            records = islice(csv.reader(file, delimiter=separator), start, None)
            return sum(1 for record in records if any(map(str.strip, record)))
    except csv.Error:
        return None


def _find_separator(sample: str) -> str | None:
    """Return the separator under which most records are as long as the first; the more columns the better.

    Where lines stand above the header, most records are only as long as each other.
    """
    found = {separator: _lengths(sample, separator) for separator in SEPARATORS}
    best, share = best_separator(found, lambda lengths: lengths[0])
    if share < _MOST:
        # A comma may be that of decimals: it is the last to be taken.
        rest = {separator: found[separator] for separator in (";", "\t", "|", ",")}
        usual, usual_share = best_separator(rest, usual_length)
        best = usual if usual_share >= _MOST else best
    return best


def _lengths(sample: str, separator: str) -> list[int]:
    """Return how many cells the first records have."""
    try:
        return [len(record) for record in islice(_records(sample, separator), 300) if any(record)]
    except DataError:
        if len(sample) <= _SAMPLE_CHARACTERS:
            raise
        return [1]  # a row of thousands of columns is longer than any one cell may be


def _records(sample: str, separator: str) -> list[list[str]]:
    try:
        records = list(csv.reader(io.StringIO(sample, newline=""), delimiter=separator))
    except csv.Error as error:
        raise DataError(f"The file cannot be read as a table ({error}): export it again as CSV.") from error
    return records[:-1] if len(sample) >= _SAMPLE_CHARACTERS and len(records) > 1 else records


def headings(record: Sequence[str]) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """Return names of columns, each once and none empty, and what is odd about the headings."""
    names: dict[str, None] = {}
    renamed = []
    for place, text in enumerate(record, start=1):
        name = plain = text.strip() or f"column {place}"
        number = 1
        while name in names:
            number += 1
            name = f"{plain} ({number})"
        if name != text.strip():
            renamed.append(name)
        names[name] = None
    findings = []
    if renamed:
        text = (
            f"{plural(len(renamed), 'heading was', 'headings were')} empty or double and got a name of "
            "its own: give each column one name."
        )
        examples = tuple(renamed[:EXAMPLES])
        findings.append(Finding("renamed_headings", Severity.WARNING, len(renamed), text, examples))
    return tuple(names), tuple(findings)
