"""The files that hold tables: which of them a file is, by its content, and all of them read alike."""

import re
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.datasets import delimited
from workbench.datasets.columnar import json_layout, parquet_layout, read_json, read_parquet
from workbench.datasets.delimited import Layout, TextTable
from workbench.datasets.delimited_rows import read_text
from workbench.datasets.feature_draft import FeatureDraft
from workbench.datasets.pace import Pace
from workbench.datasets.text_file import find_encoding
from workbench.datasets.workbook import is_workbook, read_workbook, workbook_layout

FORMS = {"delimited": "CSV", "parquet": "Parquet", "excel": "Excel", "json lines": "JSON lines"}
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_JSON = re.compile(rb"\s*\{\s*(\"|\})")


def form_of(source: Path) -> str:
    """Return which form a file has: `parquet`, `excel`, `json lines`, or `delimited` for all other text.

    Raises:
        DataError: It is an old or a protected workbook, or cannot be read.
    """
    try:
        with source.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise DataError(f"{source} could not be read ({error.strerror}): allow reading it.") from error
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(_OLD_EXCEL):
        raise DataError(
            f"{source.name} is a protected workbook or one of before 2007: save it as .xlsx without a "
            "password."
        )
    if head.startswith(b"PK") and is_workbook(source):
        return "excel"
    return "json lines" if _JSON.match(head.removeprefix(b"\xef\xbb\xbf")) else "delimited"


def find_layout(
    source: Path, config: ImportConfig, token: CancelToken, *, least_columns: int = 2, sure: bool = True
) -> Layout:
    """Find out how a table lies in its file.

    Args:
        source: The file.
        config: What the user named of it.
        token: Looked at while a long file is read.
        least_columns: 2 for a table to learn from; 1 for new data, which needs no target.
        sure: Whether all of a CSV file is looked at for its encoding.

    Raises:
        DataError: It is no table with headings and so many columns; the message says what to do.
        CancelledError: The token was cancelled.
    """
    if not source.is_file():
        raise DataError(f"{source} is not a file: choose a file with a table.")
    form = form_of(source)
    if form == "delimited":
        return delimited.find_layout(source, config, token, least_columns=least_columns, sure=sure)
    if form == "parquet":
        layout = parquet_layout(source)
    elif form == "excel":
        layout = workbook_layout(source, config.sheet)
    else:
        layout = json_layout(source, find_encoding(source, config.encoding, token))
    if len(layout.header) < least_columns:
        raise DataError(f"{source.name} has only one column: a table needs two columns or more.")
    return replace(layout, decimal=config.decimal or "")


def read_rows(
    source: Path,
    layout: Layout,
    texts: Collection[str],
    token: CancelToken,
    pace: Pace,
    draft: FeatureDraft | None = None,
) -> tuple[Layout, TextTable]:
    """Read the rows: as text, plain numbers of a long CSV file as such; what does not fit is named.

    Args:
        source: The file.
        layout: How the table lies in it.
        texts: Columns that have to be read as text.
        token: Looked at between blocks.
        pace: Is told how far it is.
        draft: Is given the rows of a long CSV file while they are read.

    Returns:
        The layout, with columns that only later rows have, and the rows.

    Raises:
        UnsureError: The layout was not sure, and it may be another one.
        DataError: There are no rows, or the file is damaged.
        CancelledError: The token was cancelled.
    """
    if layout.form == "json lines":
        return read_json(source, layout, token, pace)
    if layout.form == "delimited":
        return layout, read_text(source, layout, token, pace, texts, draft)
    reader = read_parquet if layout.form == "parquet" else read_workbook
    return layout, reader(source, layout, token, pace)
