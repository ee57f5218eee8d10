"""Tables: CSV and TSV files with a header."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.errors import DataError
from workbench.core.files import atomic_write
from workbench.core.records import Column, Finding, Imported, Preview, Schema
from workbench.core.states import Task
from workbench.datasets.attributes import Attribute
from workbench.datasets.base import DatasetKind, Encoded, Samples, imported_files, kinds
from workbench.datasets.cells import TableTexts, write_cells
from workbench.datasets.columns import Coded, ColumnRead
from workbench.datasets.delimited import has_columns
from workbench.datasets.delimited_rows import UnsureError
from workbench.datasets.feature_draft import FeatureDraft, encoded, write_features
from workbench.datasets.health import class_findings, skipped_finding, value_findings
from workbench.datasets.names import RowNames
from workbench.datasets.numerals import parse
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import GIVEN, as_column, with_split
from workbench.datasets.table_content import Content, look_before, new_numbers, new_signs, read_content
from workbench.datasets.table_files import find_layout, form_of, read_rows
from workbench.datasets.table_health import blanks_finding, column_findings, two_way_findings
from workbench.datasets.table_look import (
    details_of,
    estimate,
    form_words,
    known_form,
    numbers_written,
    type_of,
    written_words,
)
from workbench.datasets.targets import Target, find_target, new_labels
from workbench.datasets.typed_rows import is_long

_TABLE = "table.arrow"
_FEATURES = "features.npy"
_LABELS = "labels.npy"
_ROWS = "rows.npy"
_THREADS = 2
_SUFFIXES = (".csv", ".tsv", ".tab", ".parquet", ".xlsx", ".xlsm", ".jsonl", ".ndjson")


@kinds.register("table")
class Table(DatasetKind):
    """CSV, TSV, Parquet, Excel or JSON lines.

    Values are read as text, so that `007` and `NA` stay what they are; plain decimal numbers of long
    CSV files are read as numbers (`typed_rows`).
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
                head = file.read(8192)
        except OSError:
            return 0.0
        if form_of(source) != "delimited":
            return 0.9
        return 0.6 if has_columns(head) else 0.0

    def inspect(self, source: Path, config: ImportConfig, token: CancelToken | None = None) -> Preview:
        """Return headings, first rows, encoding and separator; the number of rows is an estimate."""
        token = token or CancelToken()
        layout = find_layout(source, config, token)
        target, width = find_target(layout.header, config.target, layout.head), len(layout.header)
        wishes, given = with_split(
            *(layout.header, target, config.types),
            lambda heading: [row[layout.header.index(heading)] for row in layout.head if len(row) == width],
            in_part=True,
        )
        look = look_before(source, layout, config, wishes, token)
        counts = (count for count in (look.count, layout.count) if count is not None)
        count = next(counts, None)
        about, count = ("about ", estimate(source, layout)) if count is None else ("", count)
        split = f", {as_column(given)}" if given else ""
        return Preview(
            kind=self.name,
            title=f"{', '.join(form_words(layout))}, {about}{count:,} rows{split}",
            count=count,
            columns=layout.header,
            rows=layout.head,
            target=target,
            details=details_of(layout, look.reads) | look.details,
            types=tuple(type_of(read, wishes.get(read.column.name)) for read in look.reads),
            written=tuple(map(written_words, look.reads)),
            notes=look.notes,
        )

    def load(
        self, source: Path, into: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Imported:
        """Read the file once into `table.arrow`, `features.npy`, `labels.npy` and `rows.npy`."""
        with FeatureDraft(into / _FEATURES) as draft:
            return self._load(source, into, config, draft, token, Pace(progress))

    def _load(
        self,
        source: Path,
        into: Path,
        config: ImportConfig,
        draft: FeatureDraft,
        token: CancelToken,
        pace: Pace,
    ) -> Imported:
        content = _read(source, config, draft, token, pace, sure=not is_long(source))
        layout, rows, target = content.layout, content.rows, content.target
        reads, given = content.reads, content.given
        pace(0, 0, "Writing")
        schema = _schema(source, target, [read.column for read in reads])
        counts = _class_counts(target)
        of_target = (
            class_findings(target.classes, counts)
            if target.classes
            else value_findings(target.name, target.labels)
        )
        sha256, row_findings = _write(into, content, schema, draft, token)
        return Imported(
            kind=self.name,
            schema=schema,
            count=rows.table.num_rows,
            found=content.found,
            duplicates=0,
            skipped=tuple(sorted(rows.skipped, key=lambda item: int(item.path.removeprefix("row ")))),
            findings=(
                *layout.findings,
                *of_target,
                *column_findings(reads, rows.table.num_rows),
                *two_way_findings(content.all_reads),
                *blanks_finding(target.name, target.blanks),
                *row_findings,
                *skipped_finding(rows.skipped, "row"),
            ),
            class_counts=counts,
            sha256=sha256,
            details={
                **details_of(layout, content.all_reads),
                **numbers_written(reads, target),
                **({GIVEN: given} if given else {}),
            },
        )

    def open(self, folder: Path) -> Samples:
        """Return the columns in use and the targets, memory-mapped."""
        with imported_files():
            x, y, numbers = (
                np.load(folder / file, mmap_mode="r", allow_pickle=False)
                for file in (_FEATURES, _LABELS, _ROWS)
            )
            texts = TableTexts(folder / _TABLE, x)
        return Samples(x, y, RowNames(numbers), column=partial(_texts, texts), texts=texts)

    def rows(self, folder: Path, start: int, stop: int) -> list[list[str]]:
        """Return rows [start, stop) as text, all columns in the order of the file."""
        texts: TableTexts = self.open(folder).texts
        return texts.rows(np.arange(start, max(start, min(stop, len(texts)))))

    def attributes(self, samples: Samples, schema: Schema, token: CancelToken) -> Iterator[Attribute]:
        """Yield the columns that go into the model."""
        for place, column in enumerate(schema.used_columns):
            token.check()
            yield Attribute(column.name, np.array(samples.x[:, place]), column.categories)

    def encode(
        self,
        source: Path,
        schema: Schema,
        details: Mapping[str, Any],
        token: CancelToken | None = None,
        progress: Progress = no_progress,
    ) -> Encoded:
        """Return the rows of a new file; its encoding and separator are found out anew.

        An unknown category, and a number that cannot be read, become NaN, and that is told. No row is
        dropped but those whose length does not fit the header.
        """
        token = token or CancelToken()
        told = {"header": details["has_header"] == "yes"} if "has_header" in details else {}
        layout = find_layout(source, ImportConfig.model_validate(told), token, least_columns=1)
        lacking = [column.name for column in schema.used_columns if column.name not in layout.header]
        if lacking:
            raise DataError(
                f"{source.name} lacks {_listed(lacking)}: it needs every column that the model learnt from."
            )
        layout, rows = read_rows(source, layout, layout.header, token, Pace(progress))
        x = np.full((rows.table.num_rows, len(schema.used_columns)), np.nan, np.float32)
        unread = []
        for place, column in enumerate(schema.used_columns):
            token.check()
            coded = Coded.of(rows.table.column(column.name))
            order = details.get("dates", {}).get(column.name)
            form = known_form(details, column.name)
            x[:, place] = encoded(coded, column, order, partial(new_numbers, layout=layout, form=form))
            unread.append(_unread(column.name, coded, x[:, place]))
        known = Coded.of(rows.table.column(schema.target)) if schema.target in layout.header else None
        y = new_labels(known, len(x), schema, *new_signs(layout, known_form(details, schema.target or "")))
        samples = Samples(x, y, RowNames(rows.numbers))
        return Encoded(samples, tuple(rows.skipped), tuple(filter(None, unread)))


def _unread(name: str, coded: Coded, values: NDArray[np.float32]) -> str:
    """Return in a sentence how many values of a column say something and are taken as missing; or nothing.

    Args:
        name: Of the column.
        coded: Its texts.
        values: (n,) what a model gets, NaN where that is missing.
    """
    lost = np.isnan(values)
    if coded.numbers is not None or not lost.any():
        return ""
    parsed = parse(coded)
    lost &= ~(parsed.empty | parsed.words)[coded.codes]
    if not lost.any():
        return ""
    first = str(coded.values[int(coded.codes[lost.argmax()])])[:40]
    many = f"{lost.sum():,} values" if lost.sum() > 1 else "1 value"
    return f"{many} of {name}, such as {first!r}, did not occur or cannot be read: taken as missing."


def _texts(cells: TableTexts, name: str) -> Sequence[str]:
    """Return a column of an imported table as it stands in the file.

    Raises:
        DataError: There is no such column.
    """
    if name not in cells.headings:
        raise DataError(f"There is no column {name!r} in this table: choose another one.")
    texts: list[str] = cells.column(name).to_pylist()
    return texts


def _schema(source: Path, target: Target, columns: Sequence[Column]) -> Schema:
    used = sum(column.kind != "unused" for column in columns)
    if not used:
        raise DataError(
            f"No column of {source.name} but the target {target.name!r} can be learnt from: they are "
            "constant, ids or free text. Choose another type for one of them."
        )
    return Schema(target.task, (used,), target.classes, target.name, tuple(columns))


def _read(
    source: Path, config: ImportConfig, draft: FeatureDraft, token: CancelToken, pace: Pace, *, sure: bool
) -> Content:
    pace(0, 0, "Finding out the encoding")
    layout = find_layout(source, config, token, sure=sure)
    try:
        return read_content(source, layout, config, token, pace, draft)
    except UnsureError:
        return _read(source, config, draft, token, pace, sure=True)


def _write(
    into: Path, content: Content, schema: Schema, draft: FeatureDraft, token: CancelToken
) -> tuple[str, list[Finding]]:
    """Write the cells and what a model learns from.

    Returns:
        The digest of all files of the dataset, and what was found about whole rows meanwhile.
    """
    rows, looked, labels = content.rows, content.looked, content.target.labels
    used = [column.read for column in looked if column.read and column.read.values is not None]
    places = dict(zip((column.name for column in looked if column.is_used), count()))
    kept = {name: (figures, places.get(name, -1)) for name, figures in rows.figures.items()}
    coded = {column.name: column.coded for column in looked if column.coded is not None}
    headings = [column.name for column in looked]
    # While the system writes one file, the others are made.
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="writing") as pool:
        writing = [
            pool.submit(_write_features, into / _FEATURES, draft, used, token),
            pool.submit(write_cells, into / _TABLE, headings, rows.table, kept, coded, token),
            pool.submit(_save, into / _LABELS, labels),
            pool.submit(_save, into / _ROWS, rows.numbers),
        ]
        findings = content.marks.findings(rows.numbers)
        features, cells, of_labels, _ = (file.result() for file in writing)
    digests = (cells, features, of_labels)
    return hashlib.sha256("".join([*digests, _identity(schema)]).encode()).hexdigest(), findings


def _save(path: Path, array: NDArray[Any]) -> str:
    return atomic_write(path, lambda file: np.save(file, array, allow_pickle=False))


def _write_features(path: Path, draft: FeatureDraft, reads: Sequence[ColumnRead], token: CancelToken) -> str:
    columns = [read.values for read in reads if read.values is not None]
    return draft.finish(reads, len(columns[0])) or write_features(path, columns, token)


def _identity(schema: Schema) -> str:
    """Return what two imports of the same table have in common, whatever else a schema learns to tell."""
    names = ("task", "input_shape", "classes", "target", "columns")
    return f"Schema({', '.join(f'{name}={getattr(schema, name)!r}' for name in names)})"


def _class_counts(target: Target) -> tuple[int, ...]:
    if target.task is not Task.CLASSIFICATION:
        return ()
    return tuple(int(n) for n in np.bincount(target.labels, minlength=len(target.classes)))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
    return f"the column {shown}" if len(names) == 1 else f"the columns {shown}"
