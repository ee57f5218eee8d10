"""How a table lies in its file: what is told of it before the import, and what of that was chosen."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from workbench.core.configs import ImportConfig
from workbench.core.errors import DataError
from workbench.core.registry import nearest
from workbench.datasets.columns import Coded, ColumnRead, read_column
from workbench.datasets.delimited import SEPARATORS, Layout
from workbench.datasets.table_files import FORMS
from workbench.datasets.targets import Target
from workbench.datasets.text_file import encoding_title

_TYPES_SHOWN = 60
_COMMA_NUMBER = re.compile(r"[+-]?\d+,\d+")


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


def details_of(layout: Layout) -> dict[str, Any]:
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


def numbers_written(reads: Sequence[ColumnRead], target: Target) -> dict[str, Any]:
    """Return which columns have a decimal comma, and how dates are written, for new data."""
    commas = [read.column.name for read in reads if read.comma] + ([target.name] if target.comma else [])
    return {"decimal_comma": commas, "dates": {read.column.name: read.order for read in reads if read.order}}


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


def first_types(layout: Layout, wishes: Mapping[str, str]) -> tuple[tuple[str, ...], dict[str, str]]:
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


def estimate(source: Path, layout: Layout) -> int:
    """Return the number of rows below the header of a long file, from the length of the first ones."""
    if layout.form == "json lines":
        length = sum(len(json.dumps(dict(zip(layout.header, row, strict=True)))) + 1 for row in layout.head)
        return max(len(layout.head), round(source.stat().st_size / max(1, length) * len(layout.head)))
    length = sum(len(layout.separator.join(row).encode(layout.encoding, "ignore")) + 1 for row in layout.head)
    return max(len(layout.head), round(source.stat().st_size / max(1, length) * len(layout.head)))
