"""How a table lies in its file: what is told of it before the import, and what of that was chosen."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from workbench.core.configs import ImportConfig
from workbench.core.errors import DataError
from workbench.core.records import Column
from workbench.core.registry import nearest
from workbench.datasets.columns import Coded, ColumnRead, read_column
from workbench.datasets.delimited import SEPARATORS, Layout, TextTable
from workbench.datasets.durations import CLOCK
from workbench.datasets.numerals import PLAIN, NumberForm, usual_decimal
from workbench.datasets.table_files import FORMS
from workbench.datasets.targets import Target
from workbench.datasets.text_file import encoding_title
from workbench.datasets.truths import are_truths
from workbench.datasets.units import SCALES

TYPES_SHOWN = 60
_LONGEST_EXAMPLE = 40
_NOTED = 3
_DATE_DIGITS = 8
_TAIL_BYTES = 1 << 16


def form_words(layout: Layout) -> list[str]:
    """Return what the form of a file is, in a few words."""
    words = [FORMS[layout.form]]
    if layout.form == "excel":
        words.append(f"sheet {layout.sheet}")
    elif layout.form != "parquet":
        words.append(encoding_title(layout.encoding))
    if layout.form == "delimited":
        words.append(SEPARATORS.get(layout.separator, layout.separator))
    return words


def details_of(layout: Layout, reads: Iterable[ColumnRead]) -> dict[str, Any]:
    """Return what was detected and can be corrected, and what new data are read by.

    Args:
        layout: How the table lies in its file.
        reads: Its columns.
    """
    details = {"form": layout.form}
    if layout.form == "excel":
        details |= {"sheet": layout.sheet, "sheets": "\n".join(layout.sheets)}
    elif layout.form != "parquet":
        details["encoding"] = layout.encoding
    if layout.form == "delimited":
        details |= {"separator": layout.separator, "has_header": "yes" if layout.has_header else "no"}
    signs = Counter(read.form.decimal for read in reads if read.column.kind == "number")
    return details | {"decimal": layout.decimal or ("," if signs[","] else ".")}


def numbers_written(reads: Sequence[ColumnRead], target: Target) -> dict[str, Any]:
    """Return how numbers and dates are written, where not plainly, for new data."""
    forms = {read.column.name: read.form for read in reads} | {target.name: target.form}
    numbers = {name: list(astuple(form)) for name, form in forms.items() if form != PLAIN}
    return {"numbers": numbers, "dates": {read.column.name: read.order for read in reads if read.order}}


def known_form(details: Mapping[str, Any], name: str) -> NumberForm:
    """Return how the numbers of a column were written in what a model learnt from."""
    if name in details.get("decimal_comma", ()):  # as older imports tell it
        return NumberForm(",")
    return NumberForm(*details.get("numbers", {}).get(name, ()))


def shown_decimal(reads: Iterable[ColumnRead], layout: Layout) -> str:
    """Return the decimal sign of a file: said by the user, or shown by its columns; empty where none does.

    Plain numbers of a form that knows numbers from texts say nothing about its texts.
    """
    is_text = layout.form == "delimited"
    signs = {read.decimal for read in reads if is_text or read.form != PLAIN} - {""}
    return layout.decimal or (signs.pop() if len(signs) == 1 else "")


def written_words(read: ColumnRead) -> str:
    """Return how the numbers of a column are written, in a few words; empty for plain ones."""
    form = read.form
    units = {"": (), CLOCK: ("in hours",), SCALES: ("with k and M",)}
    words = [*units.get(form.unit, (f"in {form.unit}",))]
    if form.decimal == "," or form.thousands:
        words.append(f"like 1{form.thousands}234{form.decimal}5" if form.thousands else "like 1,5")
    return ", ".join([*words, *(["1.234 or 1234?"] if read.doubt else [])])


def notes(reads: Sequence[ColumnRead], count: int, extra: Iterable[str]) -> list[str]:
    """Return what the user should see before the import: rows left out, and what can be read in two ways."""
    told = [f"{text} and is left out." for text in extra]
    change = "Click its heading to change that."
    for read in reads:
        name = read.column.name
        if read.doubt:
            sign = read.form.thousands or read.form.decimal
            ways = ("thousands", "decimals") if read.form.thousands else ("decimals", "thousands")
            told.append(f"{name}: 1{sign}234 was read as {ways[0]}, but may be {ways[1]}. {change}")
        if read.units:
            units = " and ".join(read.units[:_NOTED])
            told.append(f"{name}: its numbers are in {units}, so they are texts: bring them to one unit.")
        if read.ambiguous:
            told.append(f"{name}: the day was read before the month, but the month may come first. {change}")
        if read.stray:
            shown = ", ".join(repr(text[:_LONGEST_EXAMPLE]) for text in read.strays[:_NOTED])
            what = "date" if read.column.is_date else "number"
            told.append(
                f"{name}: {read.stray:,} of {count:,} cells are no {what} and become missing ({shown})."
            )
    return told


def known_types(config: ImportConfig, layout: Layout) -> Mapping[str, str]:
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


def first_reads(layout: Layout, wishes: Mapping[str, str]) -> tuple[list[ColumnRead], dict[str, str]]:
    """Return what the first columns are by the first rows, and which type that was chosen does not fit."""
    reads, misfit = [], {}
    told, usual = layout.decimal, usual_decimal(layout.separator)
    for place, name in enumerate(layout.header[:TYPES_SHOWN]):
        texts = [row[place] for row in layout.head if place < len(row)]
        coded = Coded.by_text(pa.chunked_array([pa.array(texts, pa.large_string())]))
        wish = wishes.get(name)
        try:
            read = read_column(name, coded, told, wish, usual=usual)
        except DataError as error:
            read = ColumnRead(Column(name, "unused"), None, wish or "")
            if any(map(str.strip, texts)):
                misfit["misfit"] = f"In the first rows: {error}"
        reads.append(read)
    return reads, misfit


def type_of(read: ColumnRead, wish: str | None) -> str:
    """Return the word for what a column is: what the user says, or what was found out."""
    if wish:
        return wish
    if read.column.is_date:
        return "date"
    return "yes or no" if are_truths(read.column.categories) else read.reason or read.column.kind


def plain_date_columns(layout: Layout) -> set[str]:
    """Return the columns whose first rows are dates such as 20251231: they are read as text."""
    found = set()
    for place, name in enumerate(layout.header):
        texts = [row[place] for row in layout.head if place < len(row) and row[place].strip()]
        if texts and all(len(text.strip()) == _DATE_DIGITS and text.strip().isdecimal() for text in texts):
            found.add(name)
    return found


def tail_of(source: Path, layout: Layout) -> list[list[str]]:
    """Return the last records of a delimited file; none of another one."""
    if layout.form != "delimited":
        return []
    with source.open("rb") as file:
        file.seek(max(0, source.stat().st_size - _TAIL_BYTES) // 4 * 4)
        text = file.read().decode(layout.encoding.removesuffix("-sig"), "ignore")
    lines = io.StringIO(text[text.find("\n") + 1 :].replace("\0", ""), newline="")
    try:
        return list(csv.reader(lines, delimiter=layout.separator))
    except csv.Error:
        return []


def rows_of(records: Sequence[Sequence[str]], layout: Layout) -> TextTable:
    """Return records as rows, numbered from 1; those that do not fit the header are left out."""
    fitting = [record for record in records if len(record) == len(layout.header)]
    columns = list(zip(*fitting, strict=True)) or [()] * len(layout.header)
    arrays = [pa.chunked_array([pa.array(column, pa.large_string())]) for column in columns]
    numbers = np.arange(1, len(fitting) + 1, dtype=np.int64)
    return TextTable(pa.Table.from_arrays(arrays, list(layout.header)), numbers, [])


def estimate(source: Path, layout: Layout) -> int:
    """Return the number of rows below the header of a long file, from the length of the first ones."""
    if layout.form == "json lines":
        length = sum(len(json.dumps(dict(zip(layout.header, row, strict=True)))) + 1 for row in layout.head)
        return max(len(layout.head), round(source.stat().st_size / max(1, length) * len(layout.head)))
    length = sum(len(layout.separator.join(row).encode(layout.encoding, "ignore")) + 1 for row in layout.head)
    return max(len(layout.head), round(source.stat().st_size / max(1, length) * len(layout.head)))
