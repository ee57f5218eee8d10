"""Reading Parquet and JSON lines as tables of text, as CSV is read."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Skipped
from workbench.datasets.delimited import Layout, TextTable, headings
from workbench.datasets.pace import Pace

_HEAD = 50
_BLOCK_ROWS = 1 << 16
_LONGEST_LINE = 16 << 20


def parquet_layout(source: Path) -> Layout:
    """Return the columns and first rows of a Parquet file.

    Raises:
        DataError: It is damaged or has no rows.
    """
    with _opened(source) as file:
        names, findings = headings(file.schema_arrow.names)
        if not file.metadata.num_rows:
            raise DataError(f"{source.name} has columns but no rows: add rows, then import it again.")
        try:
            first = next(file.iter_batches(_HEAD))
        except (pa.ArrowException, OSError) as error:
            raise _damaged(source) from error
        head = tuple(zip(*(_text(column).to_pylist() for column in first.columns), strict=True))
        return Layout("utf-8", "", names, 0, head, file.metadata.num_rows, findings, form="parquet")


def read_parquet(source: Path, layout: Layout, token: CancelToken, pace: Pace) -> TextTable:
    """Read every value as text; what is missing becomes an empty text.

    Raises:
        DataError: The file is damaged.
        CancelledError: The token was cancelled.
    """
    batches, done = [], 0
    schema = pa.schema([(name, pa.large_string()) for name in layout.header])
    with _opened(source) as file:
        try:
            for batch in file.iter_batches(_BLOCK_ROWS):
                token.check()
                batches.append(pa.RecordBatch.from_arrays([_text(c) for c in batch.columns], schema=schema))
                done += batch.num_rows
                pace(done, file.metadata.num_rows, "Reading rows")
        except (pa.ArrowException, OSError) as error:
            raise _damaged(source) from error
    return TextTable(pa.Table.from_batches(batches, schema), np.arange(1, done + 1, dtype=np.int64), [])


def json_layout(source: Path, encoding: str) -> Layout:
    """Return the keys and first rows of a file with one JSON object a line.

    Raises:
        DataError: None of the first lines is one.
    """
    records = []
    for _, record, problem in _records(source, encoding, CancelToken()):
        if record is not None:
            records.append(record)
        elif not records and problem:
            raise DataError(f"{source.name} has no JSON object in its first line: {problem}.")
        if len(records) == _HEAD:
            break
    if not records:
        raise DataError(f"{source.name} has no rows: it needs one JSON object a line.")
    names, findings = headings(_keys(records))
    head = tuple(tuple(_cell(record.get(key)) for key in _keys(records)) for record in records)
    count = len(records) if len(records) < _HEAD else None
    return Layout(encoding, "", names, 0, head, count, findings, form="json lines")


def read_json(source: Path, layout: Layout, token: CancelToken, pace: Pace) -> tuple[Layout, TextTable]:
    """Read every value as text; a line that is no object is skipped and named.

    Returns:
        The layout with the keys of all lines, and the rows.

    Raises:
        DataError: No line is an object.
        CancelledError: The token was cancelled.
    """
    columns: dict[str, list[str]] = {}
    numbers: list[int] = []
    skipped: list[Skipped] = []
    total, read = source.stat().st_size, 0
    for number, record, problem in _records(source, layout.encoding, token):
        read += 64 if record is None else 0
        if record is None:
            if problem:
                skipped.append(Skipped(f"row {number}", problem))
            continue
        for key, value in record.items():
            if key not in columns:
                columns[key] = [""] * len(numbers)
            columns[key].append(_cell(value))
        numbers.append(number)
        if len(record) < len(columns):
            for values in columns.values():
                if len(values) < len(numbers):
                    values.append("")
        pace(min(number, total - 1), total, "Reading rows")
    if not numbers:
        raise DataError(f"{source.name} has no row that can be read: it needs one JSON object a line.")
    names, findings = headings(list(columns))
    arrays = [pa.array(values, pa.large_string()) for values in columns.values()]
    table = pa.Table.from_arrays(arrays, list(names))
    whole = replace(layout, header=names, count=len(numbers), findings=findings)
    return whole, TextTable(table, np.array(numbers, dtype=np.int64), skipped)


def _opened(source: Path) -> Any:
    try:
        # Not memory-mapped: a file that gets shorter meanwhile would end the whole program.
        return pq.ParquetFile(source)
    except (pa.ArrowException, OSError) as error:
        raise _damaged(source) from error


def _damaged(source: Path) -> DataError:
    return DataError(f"{source.name} is a damaged Parquet file: export it again.")


def _text(column: Any) -> Any:
    """Return an Arrow column as text: numbers as they are written, times as ISO 8601, missing as empty."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if (
        pa.types.is_nested(column.type)
        or pa.types.is_binary(column.type)
        or pa.types.is_large_binary(column.type)
    ):
        return pa.array([_cell(value) for value in column.to_pylist()], pa.large_string())
    if pa.types.is_duration(column.type):
        return pa.array([_clock(value) for value in column.to_pylist()], pa.large_string())
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    return pc.fill_null(column.cast(pa.large_string()), "")


def _clock(value: timedelta | None) -> str:
    """Return a duration in hours, minutes and seconds."""
    if value is None:
        return ""
    seconds = abs(value).total_seconds()
    hours, minutes = int(seconds // 3600), int(seconds // 60 % 60)
    return f"{'-' if value < timedelta() else ''}{hours}:{minutes:02}:{seconds % 60:09.6f}"


def _records(
    source: Path, encoding: str, token: CancelToken
) -> Iterator[tuple[int, dict[str, Any] | None, str]]:
    """Yield the number of each line, its object, and why it has none; empty lines have neither."""
    with source.open(encoding=encoding, newline="\n") as file:
        for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), ""), start=1):
            if number % 4096 == 0:
                token.check()
            if not line.strip():
                yield number, None, ""
                continue
            try:
                value = json.loads(line, parse_float=str, parse_int=str, parse_constant=str)
            except (ValueError, RecursionError):
                yield number, None, "is no JSON"
                continue
            if isinstance(value, dict) and value:
                yield number, value, ""
            else:
                yield number, None, "is no JSON object with keys"


def _keys(records: Sequence[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(key for record in records for key in record))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, default=str)
