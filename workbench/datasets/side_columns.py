"""What a list says of each sample beside its label: kept as text, to divide samples by it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.datasets.base import imported_files
from workbench.datasets.names import open_arrow, write_arrow

COLUMNS = "columns"
"""Where `Imported.details` have the headings of what is kept so."""

_FILE = "columns.arrow"
_MOST = 100


def write_columns(
    into: Path, columns: Mapping[str, Any], kept: Sequence[int] | NDArray[np.int64], token: CancelToken
) -> tuple[str, dict[str, list[str]]]:
    """Write what columns say of the samples that were kept.

    Args:
        into: Folder of the import.
        columns: By heading, a text for each file or row that was found.
        kept: Places among them, in the order of the samples.
        token: Looked at between blocks.

    Returns:
        The digest of what was written, and what `Imported.details` has to tell; both empty without a column.
    """
    names = list(columns)[:_MOST]
    if not names:
        return "", {}
    places = pa.array(np.asarray(kept, np.int64))
    table = pa.table({name: _texts(columns[name]).take(places) for name in names})
    return write_arrow(into / _FILE, table, token), {COLUMNS: names}


def _texts(column: Any) -> Any:
    return column if isinstance(column, pa.ChunkedArray) else pa.array(column, pa.large_string())


def open_columns(folder: Path) -> Callable[[str], Sequence[str]] | None:
    """Return what reads such a column by its heading; None where an import has none."""
    path = folder / _FILE
    if not path.is_file():
        return None

    def read(name: str) -> Sequence[str]:
        with imported_files():
            table = open_arrow(path)
        if name not in table.column_names:
            raise DataError(f"There is no column {name!r} beside the labels: choose another one.")
        texts: list[str] = table.column(name).to_pylist()
        return texts

    return read
