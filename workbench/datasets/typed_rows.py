"""Reading a long CSV file of plain decimal numbers: as numbers at once, by two threads."""

import re
from collections import deque
from collections.abc import Collection, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from workbench.core.control import CancelToken
from workbench.datasets.delimited import UTF8, Layout, plain_texts
from workbench.datasets.feature_draft import FeatureDraft
from workbench.datasets.pace import Pace
from workbench.datasets.pieces import CutError, Piece, pieces
from workbench.datasets.plain_numbers import LONG, Block, Figures, Written, few_texts

_LONG_BYTES = 8 << 20
_FIRST_BYTES = 1 << 20
_CACHED_BYTES = 1 << 18
_THREADS = 2
_TRIES = 3
_MORE_ROOM = 1.01
_COLUMN = re.compile(r"CSV column #(\d+)")
_LED = r"^[ \t]*[+-]?0\d"


class _UnlikeError(Exception):
    """Columns that began as plain numbers do not go on so.

    Args:
        names: Their headings; empty where it is not known which they are.
    """

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = frozenset(names)


class _RaggedError(Exception):
    """A row is longer or shorter than the header."""


@dataclass(frozen=True, slots=True)
class _First:
    """The first rows, and which columns are plain decimal numbers or few texts by them."""

    rows: Any
    written: Mapping[str, Written]
    repeated: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Part:
    texts: Any
    blocks: Mapping[str, Block]
    led: int
    features: NDArray[np.float32] | None


def is_long(source: Path) -> bool:
    """Return whether a file is so long that reading it as numbers at once is worth the trouble."""
    return source.is_file() and source.stat().st_size >= _LONG_BYTES


def read_typed(
    source: Path,
    layout: Layout,
    texts: Collection[str],
    token: CancelToken,
    pace: Pace,
    draft: FeatureDraft,
) -> tuple[Any, dict[str, Figures]] | None:
    """Read a table whose rows all fit the header, columns of plain numbers as numbers.

    Whatever would not be the same then is read as text: leading zeros, words such as `NA`, long ids.

    Args:
        source: The file.
        layout: How the table lies in it.
        texts: Columns that have to be text.
        token: Looked at between pieces of the file.
        pace: Is told how far it is.
        draft: Is given the rows while they are read.

    Returns:
        Arrow table of the columns of text, those of few texts as places in a dictionary, and the columns of
        numbers; None where it has to be read otherwise, as where it is not all UTF-8.

    Raises:
        OSError: The file cannot be read.
        CancelledError: The token was cancelled.
    """
    first = _look(source, layout, texts)
    for _ in range(_TRIES):
        if first is None or not first.written or len(first.written) == len(layout.header):
            return None
        draft.begin(first.rows, first.written, first.repeated)
        try:
            return _read(source, layout, first, draft, token, pace)
        except _UnlikeError as unlike:
            left = first.written.keys() - unlike.names if unlike.names else ()
            first = replace(first, written={name: first.written[name] for name in left})
        except (_RaggedError, CutError, pa.ArrowInvalid):
            return None
    return None


def csv_options(
    layout: Layout,
    note: Any,
    block_bytes: int,
    *,
    threads: bool,
    numbers: Collection[str] = (),
    repeated: Collection[str] = (),
    skip: int | None = None,
    has_quotes: bool = True,
) -> dict[str, Any]:
    """Return how Arrow has to read a file.

    Args:
        layout: How the table lies in it.
        note: Is called with each row that does not fit.
        block_bytes: What it reads at once.
        threads: Whether several threads read; rows are numbered only without.
        numbers: Columns to read as numbers, all others as text.
        repeated: Columns to read as places in a dictionary of texts.
        skip: Rows to skip; by default all up to the header.
        has_quotes: Whether line ends may be inside quotes.
    """
    types = dict.fromkeys(layout.header, pa.large_string()) | dict.fromkeys(numbers, pa.float64())
    types |= dict.fromkeys(repeated, pa.dictionary(pa.int32(), pa.large_string()))
    return {
        "read_options": pacsv.ReadOptions(
            use_threads=threads,
            block_size=block_bytes,
            column_names=list(layout.header),
            skip_rows_after_names=layout.header_row if skip is None else skip,
            encoding="utf8" if layout.encoding in UTF8 else layout.encoding,
        ),
        "parse_options": pacsv.ParseOptions(
            delimiter=layout.separator,
            newlines_in_values=has_quotes,
            ignore_empty_lines=False,  # they count as rows
            invalid_row_handler=note,
        ),
        "convert_options": pacsv.ConvertOptions(
            column_types=types, null_values=[""], strings_can_be_null=False
        ),
    }


def _look(source: Path, layout: Layout, texts: Collection[str]) -> _First | None:
    """Return the first rows of a long file; None where it has to be read otherwise."""
    if layout.encoding not in UTF8 or not is_long(source) or layout.separator in "./0123456789":
        return None
    options = csv_options(layout, lambda _: "skip", _FIRST_BYTES, threads=False)
    try:
        with source.open("rb") as file, pacsv.open_csv(file, **options) as reader:
            batch = next(iter(reader))
    except (pa.ArrowInvalid, StopIteration):
        return None
    found = {name: Written.of(batch.column(name)) for name in layout.header if name not in texts}
    written = {name: how for name, how in found.items() if how is not None}
    repeated = (name for name in layout.header if name not in written and few_texts(batch.column(name)))
    return _First(batch, written, frozenset(repeated))


def _read(
    source: Path, layout: Layout, first: _First, draft: FeatureDraft, token: CancelToken, pace: Pace
) -> tuple[Any, dict[str, Figures]]:
    """Return columns of text and of numbers.

    Raises:
        _RaggedError: A row does not fit the header.
        _UnlikeError: A column is not one of plain numbers throughout.
        CutError: Rows cannot be told from each other so simply.
    """
    texts: list[Any] = []
    figures: dict[str, Figures] = {}
    waiting: deque[tuple[int, Future[_Part]]] = deque()
    done = led = rows = 0
    total = source.stat().st_size

    def take() -> None:
        nonlocal done, led, rows
        size, part = waiting[0][0], waiting[0][1].result()
        waiting.popleft()
        done, led, rows = done + size, led + part.led, rows + part.texts.num_rows
        expected = int(rows * total / done * _MORE_ROOM)
        if not figures:
            # All in one, the system gives memory in pages that cost less.
            rooms = np.empty((len(part.blocks), expected), np.float32)
            figures.update(
                (name, Figures(first.written[name], room))
                for name, room in zip(part.blocks, rooms, strict=True)
            )
        for name, block in part.blocks.items():
            figures[name].add(block, expected)
        texts.append(part.texts)
        draft.add(part.features)
        pace(min(done, total - 1), total, "Reading rows")

    with ThreadPoolExecutor(_THREADS, thread_name_prefix="pieces") as pool:
        for piece in pieces(source, layout.separator, _THREADS + 1):
            token.check()
            skip = 0 if waiting or texts else layout.header_row
            waiting.append((len(piece.rows), pool.submit(_part, piece, layout, first, draft, skip)))
            while waiting and (len(waiting) > _THREADS or waiting[0][1].done()):
                take()
        while waiting:
            take()
    table = pa.concat_tables(texts)
    if rows <= LONG or (led and led != _count_led(table)):
        raise _UnlikeError
    return table, figures


def _part(piece: Piece, layout: Layout, first: _First, draft: FeatureDraft, skip: int) -> _Part:
    """Read one piece of the file, and let it go."""
    written = first.written
    try:
        table = _table(piece, layout, first, skip)
        led = piece.count_led()
    finally:
        piece.let_go()
    blocks = {name: Block.of(table.column(name).combine_chunks(), how) for name, how in written.items()}
    unlike = [name for name, block in blocks.items() if block is None]
    if unlike:
        raise _UnlikeError(*unlike)
    texts = table.select([name for name in layout.header if name not in written]).combine_chunks()
    figures = {name: block for name, block in blocks.items() if block is not None}
    return _Part(texts, figures, led, draft.rows(texts, figures))


def _table(piece: Piece, layout: Layout, first: _First, skip: int) -> Any:
    ragged: list[Any] = []

    def note(row: Any) -> str:
        ragged.append(row)
        return "skip"

    # What a processor's cache holds is read much faster; where a row ends is not so simple with quotes.
    size = len(piece.rows) + 1 if piece.has_quotes else _CACHED_BYTES
    options = csv_options(
        *(layout, note, size),
        threads=False,
        numbers=first.written,
        repeated=first.repeated - first.written.keys(),
        skip=skip,
        has_quotes=piece.has_quotes,
    )
    try:
        table = pacsv.read_csv(pa.BufferReader(pa.py_buffer(piece.rows)), **options)
    except pa.ArrowInvalid as error:
        place = _COLUMN.search(str(error))
        name = layout.header[int(place[1])] if place else ""
        raise _UnlikeError(name) if name in first.written else error from error
    if ragged:
        raise _RaggedError
    return table


def _count_led(table: Any) -> int:
    """Return how many cells of columns of text have digits after a leading zero, as ids have."""
    texts = map(plain_texts, table.columns)
    return sum(pc.sum(pc.match_substring_regex(column, _LED)).as_py() or 0 for column in texts)
