"""Reading the rows of CSV and TSV files; every row that does not fit is named."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Skipped
from workbench.datasets.delimited import Layout, TextTable, plain_texts
from workbench.datasets.feature_draft import FeatureDraft
from workbench.datasets.pace import Pace
from workbench.datasets.plain_numbers import Figures
from workbench.datasets.typed_rows import csv_options, read_typed

_BLOCK_BYTES = 16 << 20
_QUICK_BYTES = 4 << 20


class UnsureError(Exception):
    """Not all of a file is as its beginning: its layout has to be found out from all of it."""


class _RaggedError(Exception):
    """A row is longer or shorter than the header."""


def read_text(
    source: Path,
    layout: Layout,
    token: CancelToken,
    pace: Pace,
    texts: Collection[str] | None = None,
    draft: FeatureDraft | None = None,
) -> TextTable:
    """Read the rows; those that are longer or shorter than the header are skipped and named.

    Args:
        source: The file.
        layout: How the table lies in it.
        token: Looked at between blocks.
        pace: Is told how far it is.
        texts: Columns that have to be text. The others of a long file are read as numbers where they are
            plain decimal ones. None is all columns.
        draft: Is given the rows of a long file while they are read.

    Raises:
        UnsureError: The layout was not sure, and it may be another one.
        DataError: There are no rows, or a row has no end.
        CancelledError: The token was cancelled.
    """
    ragged, figures = list[tuple[int, int, str]](), dict[str, Figures]()
    try:
        typed = (
            None if texts is None or draft is None else read_typed(source, layout, texts, token, pace, draft)
        )
        if typed is None and not layout.is_sure:
            raise UnsureError
        table, figures = typed or (_read_even(source, layout, token, pace), figures)
        if table is None:
            table = _read(source, layout, token, pace, _BLOCK_BYTES, ragged)
    except OSError as error:
        raise DataError(f"{source} could not be read ({error.strerror}): allow reading it.") from error
    except pa.ArrowInvalid as error:
        raise DataError(
            f"{source.name} has a row of more than {_BLOCK_BYTES >> 20} MB, probably because a quote is not "
            f"closed: mend the quotes, then import again."
        ) from error
    numbers, width = _row_numbers(layout, table.num_rows, ragged), len(layout.header)
    skipped = [Skipped(f"row {n}", f"has {k} values, the header has {width}") for n, k, _ in ragged]
    rows = TextTable(table, numbers, skipped, figures)
    _drop_open_quote(source, layout, rows, ragged)
    rows.keep(~_blank(rows))
    if not rows.table.num_rows:
        raise DataError(f"{source.name} has a header but no row that fits it: {_why(rows.skipped)}")
    return rows


def _row_numbers(layout: Layout, count: int, ragged: list[tuple[int, int, str]]) -> NDArray[np.int64]:
    """Return (count,) the number of each row that fits, as a spreadsheet counts them."""
    first = layout.header_row + 1
    everything = np.arange(first, first + count + len(ragged), dtype=np.int64)
    return everything[~np.isin(everything, [number for number, _, _ in ragged])]


def _read_even(source: Path, layout: Layout, token: CancelToken, pace: Pace) -> Any:
    """Return the table where every row fits the header, else None: twice as fast as with rows numbered."""
    try:
        return _read(source, layout, token, pace, _QUICK_BYTES, None)
    except (_RaggedError, pa.ArrowInvalid):
        return None


def _read(
    source: Path,
    layout: Layout,
    token: CancelToken,
    pace: Pace,
    block_bytes: int,
    ragged: list[tuple[int, int, str]] | None,
) -> Any:
    """Return the rows as one table; number, length and text of those that do not fit go to `ragged`."""

    def note(row: Any) -> str:
        if ragged is None:
            found.append(row)
        else:
            ragged.append((row.number, row.actual_columns, row.text))
        return "skip"

    batches: list[Any] = []
    found: list[Any] = []
    total = source.stat().st_size
    with (
        source.open("rb") as file,
        pacsv.open_csv(file, **csv_options(layout, note, block_bytes, threads=ragged is None)) as reader,
    ):
        for batch in reader:
            token.check()
            if found:
                raise _RaggedError
            batches.append(batch)
            pace(min(file.tell(), total - 1), total, "Reading rows")
        if found:
            raise _RaggedError
        return pa.Table.from_batches(batches, reader.schema)


def _blank(rows: TextTable) -> NDArray[np.bool_]:
    """Return (n,) where a row has only empty cells: an empty line, or what spreadsheets leave behind."""
    blank = np.ones(rows.table.num_rows, np.bool_)
    for column in rows.figures.values():
        if not column.missing:
            return np.zeros(len(blank), np.bool_)
        blank &= np.isnan(column.values)
    for column in rows.table.columns:
        if not blank.any():
            break
        blank &= pc.equal(pc.utf8_trim_whitespace(plain_texts(column)), "").to_numpy()
    return blank


def _drop_open_quote(
    source: Path, layout: Layout, rows: TextTable, ragged: list[tuple[int, int, str]]
) -> None:
    """Skip the last row where its quote is not closed: the rest of the file is inside it."""
    with source.open("rb") as file:
        file.seek(max(0, source.stat().st_size - 64))
        tail = file.read().decode(layout.encoding.removesuffix("-sig"), "ignore").rstrip()
    if tail.endswith('"'):
        return
    last = int(rows.numbers[-1]) if len(rows.numbers) else 0
    if ragged and ragged[-1][0] > last:
        if ragged[-1][2].count('"') % 2:
            rows.skipped[-1] = _open_quote(ragged[-1][0])
    elif last and layout.header[-1] in rows.table.column_names and "\n" in _last_cell(rows):
        rows.skipped.append(_open_quote(last))
        rows.keep(np.arange(rows.table.num_rows) < rows.table.num_rows - 1)


def _last_cell(rows: TextTable) -> str:
    return str(rows.table.column(rows.table.num_columns - 1)[-1].as_py())


def _open_quote(number: int) -> Skipped:
    return Skipped(f"row {number}", "has a quote that is not closed, so the rest of the file is inside it")


def _why(skipped: list[Skipped]) -> str:
    return f"{skipped[0].path} {skipped[0].reason}." if skipped else "add rows, then import it again."
