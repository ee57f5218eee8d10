"""The content of a table read from its file: rows, target, and what each column is over all rows."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import DataError
from workbench.core.records import Column
from workbench.datasets.columns import Coded, ColumnRead, may_be_grouped, read_column, read_figures
from workbench.datasets.delimited import Layout, TextTable
from workbench.datasets.extra_rows import EXTRA, drop_extra_rows, drop_second_headers, drop_totals
from workbench.datasets.feature_draft import FeatureDraft
from workbench.datasets.numerals import PLAIN, NumberForm, read_numbers, usual_decimal
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import with_split
from workbench.datasets.table_files import read_rows
from workbench.datasets.table_health import RowMarks
from workbench.datasets.table_look import (
    TYPES_SHOWN,
    first_reads,
    known_types,
    notes,
    plain_date_columns,
    rows_of,
    shown_decimal,
    tail_of,
)
from workbench.datasets.targets import Target, find_target, read_target

_THREADS = 2
_MOST_CELLS = 200_000  # that are looked at before an import
_SHORT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found in a column: `read` is None for the target, `coded` for one of numbers."""

    name: str
    read: ColumnRead | None
    coded: Coded | None

    @property
    def is_used(self) -> bool:
        """Whether it is learnt from."""
        return self.read is not None and self.read.values is not None


@dataclass(frozen=True, slots=True)
class Content:
    """All of a table.

    Args:
        layout: How it lies in its file, with columns that only later rows have.
        rows: Its rows, and those that were left out.
        found: How many rows there were, those without a target included.
        target: What is to be learnt.
        looked: The columns in the order of the file.
        marks: What tells equal rows.
        given: The column that gives the split; None where none does.
    """

    layout: Layout
    rows: TextTable
    found: int
    target: Target
    looked: list[Looked]
    marks: RowMarks
    given: str | None

    @property
    def reads(self) -> list[ColumnRead]:
        """The columns but for the target."""
        return [column.read for column in self.looked if column.read is not None]

    @property
    def all_reads(self) -> list[ColumnRead]:
        """The columns with the target, as far as it is known what a column of it would be."""
        target = self.target
        kind = "category" if target.classes else "number"
        of_target = ColumnRead(
            Column(target.name, kind, target.classes), None, form=target.form, doubt=target.doubt
        )
        return [column.read or of_target for column in self.looked]


def read_content(
    source: Path,
    first: Layout,
    config: ImportConfig,
    token: CancelToken,
    pace: Pace,
    draft: FeatureDraft | None = None,
) -> Content:
    """Read a table whole, and find out what its columns are; `draft` gets the rows of a long file meanwhile.

    Raises:
        UnsureError: The layout was not sure, and it may be another one.
        DataError: It cannot be read, or has nothing to be learnt.
        CancelledError: The token was cancelled.
    """
    name = find_target(first.header, config.target, first.head)
    known = known_types(config, first)
    wished = {column for column, wish in known.items() if wish != "number"}
    texts = {name} | wished | set(plain_date_columns(first))
    if draft is not None:
        draft.prepare(name, known, first)
    while True:
        layout, rows = read_rows(source, first, texts, token, pace, draft)
        # What looks like plain numbers may be groups of three digits: only texts tell.
        doubted = {key for key, figures in rows.figures.items() if may_be_grouped(figures)}
        if doubted and layout.separator != "," and layout.decimal != ".":
            texts |= doubted
            continue
        if not config.extra_rows:
            drop_extra_rows(rows, layout.header)
        headings = [heading for heading in layout.header if heading not in rows.figures]
        types, given = with_split(headings, name, known, rows.texts_of)
        found = rows.table.num_rows + len(rows.skipped)
        told, usual = layout.decimal, usual_decimal(layout.separator)
        target = read_target(rows, name, types.get(name), told=told, usual=usual)
        looked, marks = _read_columns(rows, layout, name, types, token, pace)
        sign = shown_decimal((column.read for column in looked if column.read is not None), layout)
        if not doubted or sign != ",":
            break
        texts |= doubted
    if target.doubt and sign:
        target = read_target(rows, name, types.get(name), told=sign, usual=usual)
    target = replace(target, doubt=target.doubt and not _is_sure(sign, layout))
    settled = [_settled(column, sign, layout, types) for column in looked]
    return Content(layout, rows, found, target, settled, marks, given)


def _is_sure(sign: str, layout: Layout) -> bool:
    """Return whether it is known what stands before decimals: commas that separate values do not."""
    return bool(sign) or layout.separator == ","


def _settled(column: Looked, sign: str, layout: Layout, types: Mapping[str, str]) -> Looked:
    """Return a column whose numbers can be read in two ways as the other columns of the file are written."""
    read = column.read
    if read is None or not read.doubt:
        return column
    if layout.form != "delimited" and read.form == PLAIN:
        return replace(column, read=replace(read, doubt=False))
    if sign and column.coded is not None:
        wish, usual = types.get(column.name), usual_decimal(layout.separator)
        return replace(column, read=read_column(column.name, column.coded, sign, wish, usual=usual))
    return replace(column, read=replace(read, doubt=not _is_sure(sign, layout)))


def _read_columns(
    rows: TextTable, layout: Layout, target: str, types: Mapping[str, str], token: CancelToken, pace: Pace
) -> tuple[list[Looked], RowMarks]:
    """Return the columns in the order of the file, and the marks of their rows."""
    marks = RowMarks(len(rows.numbers))
    looked: list[Looked] = []
    told, usual = layout.decimal, usual_decimal(layout.separator)

    def look(place: int) -> tuple[Looked, Any]:
        token.check()
        name, wish = layout.header[place], types.get(layout.header[place])
        if name in rows.figures:
            marks.add_figures(rows.figures[name], place)
            return Looked(name, read_figures(name, rows.figures[name], chosen=wish is not None), None), None
        coded = Coded.of(rows.table.column(name))
        mark = marks.of(coded, place)
        read = None if name == target else read_column(name, coded, told, wish, usual=usual)
        return Looked(name, read, coded), mark

    # Arrow and NumPy let other threads run while they work.
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="columns") as pool:
        for place, (column, mark) in enumerate(pool.map(look, range(len(layout.header)))):
            pace(place, len(layout.header), "Looking at columns")
            if mark is not None:
                marks.add(mark)
            looked.append(column)
    return looked, marks


@dataclass(frozen=True, slots=True)
class FirstLook:
    """What is told of a table before its import.

    Args:
        reads: What the first columns are.
        details: What can be corrected, and `misfit` for a type that does not fit.
        notes: What should be seen, a sentence each.
        count: How many rows there are; None for a long table.
    """

    reads: list[ColumnRead]
    details: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    count: int | None = None


def look_before(
    source: Path, layout: Layout, config: ImportConfig, types: Mapping[str, str], token: CancelToken
) -> FirstLook:
    """Return what the columns of a table are: by all rows of a short one, by the first ones of a long one."""
    look = _whole_look(source, layout, config, token) or _first_look(source, layout, config, types)
    if config.extra_rows is not None:
        look.details["extra_rows"] = "yes" if config.extra_rows else "no"
    return look


def _whole_look(source: Path, layout: Layout, config: ImportConfig, token: CancelToken) -> FirstLook | None:
    """Return what all rows of a short table tell; None for a long one, and where it cannot be imported so."""
    cells = None if layout.count is None else layout.count * len(layout.header)
    if source.stat().st_size > _SHORT_BYTES if cells is None else cells > _MOST_CELLS:
        return None
    known = {name: kind for name, kind in config.types.items() if name in layout.header}
    try:
        wanted = config.model_copy(update={"types": known})
        content = read_content(source, layout, wanted, token, Pace(no_progress))
    except DataError:  # the import would tell: of another target there may be none
        return None
    reads, skipped = content.all_reads[:TYPES_SHOWN], content.rows.skipped
    extra = [f"Row {row.path.removeprefix('row ')} {row.reason}" for row in skipped if row.reason in EXTRA]
    details = {"extra_rows": "no"} if extra else {}
    return FirstLook(reads, details, tuple(notes(reads, content.found, extra)), content.found)


def _first_look(source: Path, layout: Layout, config: ImportConfig, types: Mapping[str, str]) -> FirstLook:
    """Return what the first rows of a long table tell, and the last ones of it."""
    reads, details = first_reads(layout, types)
    sign = shown_decimal(reads, layout)
    if sign and any(read.doubt for read in reads):
        reads, details = first_reads(replace(layout, decimal=sign), types)
    extra = []
    if not config.extra_rows:
        head = rows_of(layout.head, layout)
        drop_second_headers(head)
        extra = [f"Row {int(row.path[4:]) + layout.header_row} {row.reason}" for row in head.skipped]
        tail = rows_of(tail_of(source, layout), layout)
        drop_totals(tail, layout.header)
        extra += [f"A row at the end {row.reason}" for row in tail.skipped]
    details |= {"extra_rows": "no"} if extra else {}
    return FirstLook(reads, details, tuple(notes(reads, len(layout.head), extra)))


def new_signs(layout: Layout, form: NumberForm) -> tuple[str, NumberForm]:
    """Return the decimal sign of a column of new data, and how it was written in what a model learnt from.

    A comma that separates values does not stand before decimals, unless it is quoted.
    """
    told = layout.decimal
    if not told and layout.separator != "," and (form.decimal == "," or form.thousands == ","):
        told = form.decimal
    return told, form


def new_numbers(coded: Coded, layout: Layout, form: NumberForm) -> NDArray[np.float32]:
    """Return (n,) the numbers of a column of new data, NaN where there is none.

    Args:
        coded: The column.
        layout: How the new table lies in its file.
        form: How the column was written in what the model learnt from.
    """
    told, form = new_signs(layout, form)
    return np.asarray(read_numbers(coded, told, form=form).parsed.numbers.astype(np.float32)[coded.codes])
