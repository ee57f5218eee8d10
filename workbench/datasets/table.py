"""Tables: CSV and TSV files with a header."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.errors import DataError
from workbench.core.files import atomic_write
from workbench.core.records import Finding, Imported, Preview, Schema
from workbench.core.registry import nearest
from workbench.core.states import Task
from workbench.datasets.attributes import Attribute
from workbench.datasets.base import DatasetKind, Encoded, Samples, imported_files, kinds
from workbench.datasets.columns import Coded, ColumnRead, category_codes, parse, read_column
from workbench.datasets.dates import read_dates
from workbench.datasets.delimited import SEPARATORS, Layout, TextTable
from workbench.datasets.health import class_findings, skipped_finding, value_findings
from workbench.datasets.names import RowNames, open_arrow, write_arrow
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import GIVEN, split_column
from workbench.datasets.table_files import FORMS, find_layout, form_of, read_text
from workbench.datasets.table_health import RowMarks, column_findings
from workbench.datasets.table_rows import TableTexts
from workbench.datasets.targets import Target, find_target, new_labels, read_target
from workbench.datasets.text_file import encoding_title

_TABLE = "table.arrow"
_FEATURES = "features.npy"
_LABELS = "labels.npy"
_ROWS = "rows.npy"
_BLOCK_ROWS = 1 << 16
_TYPES_SHOWN = 60
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")
_THREADS = 2
_SUFFIXES = (".csv", ".tsv", ".tab", ".parquet", ".xlsx", ".xlsm", ".jsonl", ".ndjson")


@kinds.register("table")
class Table(DatasetKind):
    """CSV, TSV, Parquet, Excel or JSON lines.

    Every value is read as text first, so that `007` and `NA` stay what they are.
    """

    title = "Table"

    def sniff(self, source: Path) -> float:
        """Return 0.9 for a table by its name or form, 0.6 for another text file that has columns."""
        if not source.is_file():
            return 0.0
        if source.suffix.casefold() in _SUFFIXES:
            return 0.9
        try:
            with source.open("rb") as file:
                head = file.read(4096).split(b"\n")
        except OSError:
            return 0.0
        if form_of(source) != "delimited":
            return 0.9
        if b"\0" in b"".join(head) or len(head) < 2:
            return 0.0
        return (
            0.6
            if any(head[0].count(s.encode()) == head[1].count(s.encode()) > 0 for s in SEPARATORS)
            else 0.0
        )

    def inspect(self, source: Path, config: ImportConfig) -> Preview:
        """Return headings, first rows, encoding and separator; the number of rows is an estimate."""
        layout = find_layout(source, config, CancelToken())
        count = _estimate(source, layout) if layout.count is None else layout.count
        about = "" if layout.count is not None else "about "
        target, width = find_target(layout.header, config.target), len(layout.header)
        wishes, given = _with_split(
            *(layout.header, target, config.types),
            lambda heading: [row[layout.header.index(heading)] for row in layout.head if len(row) == width],
            in_part=True,
        )
        types, misfit = _first_types(layout, wishes)
        told = f", split as the column {given} gives it" if given else ""
        return Preview(
            kind=self.name,
            title=f"{', '.join(_form_words(layout))}, {about}{count:,} rows{told}",
            count=count,
            columns=layout.header,
            rows=layout.head,
            target=target,
            details=_details(layout) | misfit,
            types=types,
        )

    def load(
        self, source: Path, into: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Imported:
        """Read the file once into `table.arrow`, `features.npy`, `labels.npy` and `rows.npy`."""
        pace = Pace(progress)
        pace(0, 0, "Finding out the encoding")
        layout = find_layout(source, config, token)
        name = find_target(layout.header, config.target)
        layout, rows = read_text(source, layout, token, pace)
        known, column = _known_types(config, layout), rows.table.column
        types, given = _with_split(layout.header, name, known, lambda key: column(key).unique().to_pylist())
        found = rows.table.num_rows + len(rows.skipped)
        target = read_target(rows, name, layout.may_have_commas, types.get(name))
        # The rows are written while their columns are looked at.
        with ThreadPoolExecutor(1, thread_name_prefix="rows") as writer:
            written = writer.submit(write_arrow, into / _TABLE, rows.table, token)
            reads, row_findings = _read_columns(rows, layout, name, types, token, pace)
            rows_sha256 = written.result()
        used = [read.values for read in reads if read.values is not None]
        if not used:
            raise DataError(
                f"No column of {source.name} but the target {name!r} can be learnt from: they are constant, "
                "ids or free text. Choose another type for one of them."
            )
        pace(0, 0, "Writing")
        schema = Schema(target.task, (len(used),), target.classes, name, tuple(read.column for read in reads))
        counts = _class_counts(target)
        of_target = (
            class_findings(target.classes, counts) if target.classes else value_findings(name, target.labels)
        )
        return Imported(
            kind=self.name,
            schema=schema,
            count=rows.table.num_rows,
            found=found,
            duplicates=0,
            skipped=tuple(sorted(rows.skipped, key=lambda item: int(item.path.removeprefix("row ")))),
            findings=(
                *layout.findings,
                *of_target,
                *column_findings(reads, rows.table.num_rows),
                *row_findings,
                *skipped_finding(rows.skipped, "row"),
            ),
            class_counts=counts,
            sha256=_write(into, rows_sha256, rows.numbers, used, target.labels, schema, token),
            details=_details(layout) | _numbers_written(reads, target) | ({GIVEN: given} if given else {}),
        )

    def open(self, folder: Path) -> Samples:
        """Return the columns in use and the targets, memory-mapped."""
        with imported_files():
            x, y, numbers = (
                np.load(folder / file, mmap_mode="r", allow_pickle=False)
                for file in (_FEATURES, _LABELS, _ROWS)
            )
            texts = TableTexts(folder / _TABLE)
        return Samples(x, y, RowNames(numbers), column=lambda name: _texts(folder, name), texts=texts)

    def rows(self, folder: Path, start: int, stop: int) -> list[list[str]]:
        """Return rows [start, stop) as text, all columns in the order of the file."""
        with imported_files():
            table = open_arrow(folder / _TABLE)
        table = table.slice(start, max(0, stop - start))
        return [list(row) for row in zip(*(column.to_pylist() for column in table.columns), strict=True)]

    def attributes(self, samples: Samples, schema: Schema, token: CancelToken) -> Iterator[Attribute]:
        """Yield the columns that go into the model."""
        for place, column in enumerate(schema.used_columns):
            token.check()
            yield Attribute(column.name, np.array(samples.x[:, place]), column.categories)

    def encode(self, source: Path, schema: Schema, details: Mapping[str, Any]) -> Encoded:
        """Return the rows of a new file; its encoding and separator are found out anew.

        An unknown category, and a number that cannot be read, become NaN. No row is dropped but those whose
        length does not fit the header.
        """
        token = CancelToken()
        told = {"header": details["has_header"] == "yes"} if "has_header" in details else {}
        layout = find_layout(source, ImportConfig.model_validate(told), token, least_columns=1)
        lacking = [column.name for column in schema.used_columns if column.name not in layout.header]
        if lacking:
            raise DataError(
                f"{source.name} lacks {_listed(lacking)}: it needs every column that the model learnt from."
            )
        layout, rows = read_text(source, layout, token, Pace(no_progress))
        commas = set(details.get("decimal_comma", ())) if layout.separator != "," else set()
        x = np.full((rows.table.num_rows, len(schema.used_columns)), np.nan, np.float32)
        for place, column in enumerate(schema.used_columns):
            coded = Coded.of(rows.table.column(column.name))
            if column.kind == "category":
                x[:, place] = category_codes(coded, column.categories)
            elif column.is_date:
                order = details.get("dates", {}).get(column.name)
                x[:, place] = read_dates(coded.values, coded.counts, order).days.astype(np.float32)[
                    coded.codes
                ]
            else:
                x[:, place] = parse(coded, column.name in commas).numbers.astype(np.float32)[coded.codes]
        known = Coded.of(rows.table.column(schema.target)) if schema.target in layout.header else None
        y = new_labels(known, len(x), schema, schema.target in commas)
        return Encoded(Samples(x, y, RowNames(rows.numbers)), tuple(rows.skipped))


def _form_words(layout: Layout) -> list[str]:
    """Return what the form of a file is, in a few words."""
    words = [FORMS[layout.form]]
    if layout.form == "excel":
        words.append(f"sheet {layout.sheet}")
    elif layout.form != "parquet":
        words.append(encoding_title(layout.encoding))
    if layout.form == "delimited":
        words.append(SEPARATORS.get(layout.separator, layout.separator))
    return words


def _details(layout: Layout) -> dict[str, Any]:
    """Return what was detected and can be corrected, and what new data are read by."""
    details = {"form": layout.form}
    if layout.form == "excel":
        details |= {"sheet": layout.sheet, "sheets": "\n".join(layout.sheets)}
    elif layout.form != "parquet":
        details["encoding"] = layout.encoding
    if layout.form == "delimited":
        details |= {"separator": layout.separator, "has_header": "yes" if layout.has_header else "no"}
    return details | {"decimal": layout.decimal or _first_decimal(layout)}


def _first_decimal(layout: Layout) -> str:
    """Return the decimal sign by the first rows."""
    if not layout.may_have_commas:
        return "."
    return "," if any(_COMMA_NUMBER.fullmatch(text.strip()) for row in layout.head for text in row) else "."


def _numbers_written(reads: Sequence[ColumnRead], target: Target) -> dict[str, Any]:
    """Return which columns have a decimal comma, and how dates are written, for new data."""
    commas = [read.column.name for read in reads if read.comma] + ([target.name] if target.comma else [])
    return {"decimal_comma": commas, "dates": {read.column.name: read.order for read in reads if read.order}}


def _known_types(config: ImportConfig, layout: Layout) -> Mapping[str, str]:
    """Return the types that the user chose.

    Raises:
        DataError: One is for a column that is not there.
    """
    for name in config.types:
        if name not in layout.header:
            raise DataError(
                f"There is no column {name!r} to have a type. {nearest(name, list(layout.header))}",
                {"types": f"{name} is not a column of the table"},
            )
    return config.types


def _with_split(
    header: Sequence[str],
    target: str,
    types: Mapping[str, str],
    values: Callable[[str], Iterable[str]],
    *,
    in_part: bool = False,
) -> tuple[Mapping[str, str], str | None]:
    """Return the types with that of the column that gives the split, which is left out, and its name."""
    others = [name for name in header if name != target and types.get(name, "unused") == "unused"]
    given = split_column(others, values, in_part=in_part)
    return ({**types, given: "unused"} if given else types), given


def _first_types(layout: Layout, wishes: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return what the first columns are by the first rows, and which type that was chosen does not fit."""
    types, misfit = [], {}
    for place, name in enumerate(layout.header[:_TYPES_SHOWN]):
        texts = [row[place] for row in layout.head if place < len(row)]
        coded = Coded.by_text(pa.chunked_array([pa.array(texts, pa.large_string())]))
        wish = wishes.get(name)
        try:
            read = read_column(name, coded, layout.may_have_commas, wish)
        except DataError as error:
            if any(map(str.strip, texts)):
                misfit["misfit"] = f"In the first rows: {error}"
        types.append(wish or ("date" if read.column.is_date else read.reason or read.column.kind))
    return tuple(types), misfit


def _texts(folder: Path, name: str) -> Sequence[str]:
    """Return a column of an imported table as it stands in the file.

    Raises:
        DataError: There is no such column, or the file is damaged.
    """
    with imported_files():
        table = open_arrow(folder / _TABLE)
    if name not in table.column_names:
        raise DataError(f"There is no column {name!r} in this table: choose another one.")
    texts: list[str] = table.column(name).to_pylist()
    return texts


def _estimate(source: Path, layout: Layout) -> int:
    """Return the number of rows below the header of a long file, from the length of the first ones."""
    if layout.form == "json lines":
        length = sum(len(json.dumps(dict(zip(layout.header, row, strict=True)))) + 1 for row in layout.head)
        return max(len(layout.head), round(source.stat().st_size / max(1, length) * len(layout.head)))
    length = sum(len(layout.separator.join(row).encode(layout.encoding, "ignore")) + 1 for row in layout.head)
    return max(len(layout.head), round(source.stat().st_size / max(1, length) * len(layout.head)))


def _read_columns(
    rows: TextTable, layout: Layout, target: str, types: Mapping[str, str], token: CancelToken, pace: Pace
) -> tuple[list[ColumnRead], list[Finding]]:
    """Return the input columns, and what is found about whole rows."""
    marks = RowMarks(rows.table.num_rows)
    reads: list[ColumnRead] = []

    def read(place: int) -> tuple[Any, ColumnRead | None]:
        token.check()
        name = layout.header[place]
        coded = Coded.of(rows.table.column(name))
        mark = marks.of(coded, place)
        if name == target:
            return mark, None
        return mark, read_column(name, coded, layout.may_have_commas, types.get(name))

    # Arrow and NumPy let other threads run while they work.
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="columns") as pool:
        for place, (mark, column) in enumerate(pool.map(read, range(len(layout.header)))):
            pace(place, len(layout.header), "Looking at columns")
            marks.add(mark)
            if column is not None:
                reads.append(column)
    return reads, marks.findings(rows.numbers)


def _write(
    into: Path,
    rows_sha256: str,
    numbers: NDArray[np.int64],
    used: Sequence[NDArray[np.float32]],
    labels: NDArray[Any],
    schema: Schema,
    token: CancelToken,
) -> str:
    """Write what a model learns from; return the digest of all files of the dataset."""
    digests = [
        rows_sha256,
        atomic_write(into / _FEATURES, _columns_writer(used, token)),
        atomic_write(into / _LABELS, lambda file: np.save(file, labels, allow_pickle=False)),
    ]
    atomic_write(into / _ROWS, lambda file: np.save(file, numbers, allow_pickle=False))
    return hashlib.sha256("".join([*digests, _identity(schema)]).encode()).hexdigest()


def _identity(schema: Schema) -> str:
    """Return what two imports of the same table have in common, whatever else a schema learns to tell."""
    names = ("task", "input_shape", "classes", "target", "columns")
    return f"Schema({', '.join(f'{name}={getattr(schema, name)!r}' for name in names)})"


def _columns_writer(columns: Sequence[NDArray[np.float32]], token: CancelToken) -> Callable[[BinaryIO], None]:
    """Return what writes columns as the rows of one array, block by block."""

    def write(file: BinaryIO) -> None:
        shape = (len(columns[0]), len(columns))
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})
        for start in range(0, shape[0], _BLOCK_ROWS):
            token.check()
            block = np.stack([column[start : start + _BLOCK_ROWS] for column in columns], axis=1)
            file.write(block.astype("<f4").tobytes())

    return write


def _class_counts(target: Target) -> tuple[int, ...]:
    if target.task is not Task.CLASSIFICATION:
        return ()
    return tuple(int(n) for n in np.bincount(target.labels, minlength=len(target.classes)))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return f"the column {shown}" if len(names) == 1 else f"the columns {shown}"
