"""The cells of an imported table as they lie in its files: texts in one, and no number twice."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.control import CancelToken
from workbench.datasets.columns import Coded
from workbench.datasets.delimited import plain_texts
from workbench.datasets.names import open_arrow, write_arrow
from workbench.datasets.number_search import found_numbers
from workbench.datasets.plain_numbers import Figures, Written

_ABOUT = b"workbench.cells"
_BLOCK_ROWS = 1 << 15
_MOST_DISTINCT = 1 << 16
_LEAST_REPEATED = 4


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column whose cells are kept as numbers.

    Args:
        written: How they stand in the file.
        feature: Place of the column in the features, which have it; -1 where they do not, or not to the last
            digit, and so it lies beside the texts in 64 bits.
    """

    written: Written
    feature: int = -1


def write_cells(
    path: Path,
    headings: Sequence[str],
    table: Any,
    kept: Mapping[str, tuple[Figures, int]],
    coded: Mapping[str, Coded],
    token: CancelToken,
) -> str:
    """Write the cells of a table but those that the features have; return the SHA-256 of the file.

    Args:
        path: The Arrow file.
        headings: All columns in their order.
        table: Arrow table of the columns of text.
        kept: The columns of numbers, and where they stand in the features; -1 where they do not.
        coded: Columns of text as codes.
        token: Looked at between blocks.

    Raises:
        DiskError: The file could not be written.
        CancelledError: The token was cancelled; there is no file.
    """
    if not kept:
        return write_arrow(path, table, token)
    columns, numbers = {}, {}
    for name in headings:
        if name not in kept:
            columns[name] = _repeated(coded.get(name)) or plain_texts(table.column(name))
            continue
        figures, feature = kept[name]
        if figures.exact is not None:
            feature = -1
        if feature < 0:
            columns[name] = pa.array(figures.numbers())
        numbers[name] = (*astuple(figures.written), feature)
    about = {_ABOUT: json.dumps({"columns": headings, "numbers": numbers}).encode()}
    return write_arrow(path, pa.table(columns).replace_schema_metadata(about), token)


def _repeated(coded: Coded | None) -> Any:
    """Return a column of few texts that are often repeated as places in them; None for any other."""
    if coded is None or len(coded.values) > min(_MOST_DISTINCT, len(coded.codes) // _LEAST_REPEATED):
        return None
    return pa.DictionaryArray.from_arrays(pa.array(coded.codes), coded.values)


class TableTexts:
    """The cells of a table as text, in the order of its columns; memory-mapped.

    Args:
        path: The Arrow file of an import.
        features: (n, used columns) float32.
    """

    def __init__(self, path: Path, features: NDArray[np.float32]) -> None:
        self._table = open_arrow(path)
        self._features = features
        about = json.loads((self._table.schema.metadata or {}).get(_ABOUT, b"{}"))
        self.headings: tuple[str, ...] = tuple(about.get("columns", self._table.column_names))
        self.kept = {
            name: Numbers(Written(*written), feature)
            for name, (*written, feature) in about.get("numbers", {}).items()
        }

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._features)

    def rows(self, places: NDArray[np.int64]) -> list[list[str]]:
        """Return the rows at these places."""
        if not len(places):
            return []
        is_run = bool((np.diff(places) == 1).all())
        chosen = slice(int(places[0]), int(places[-1]) + 1) if is_run else places
        columns = [self._texts(name, chosen) for name in self.headings]
        return [list(row) for row in zip(*columns, strict=True)]

    def column(self, name: str) -> Any:
        """Return a column as an Arrow array of texts."""
        if name in self.kept:
            return pa.array(self._texts(name, slice(0, len(self))), pa.large_string())
        return plain_texts(self._table.column(name))

    def coded(self, name: str) -> Coded:
        """Return a column as codes into its texts, each of them once."""
        return Coded.by_text(self._table.column(name) if name not in self.kept else self.column(name))

    def numbers(self, name: str) -> NDArray[np.float64] | None:
        """Return (n,) the numbers of a column, NaN where missing; None where it is kept as text."""
        return self._numbers(name, slice(0, len(self))) if name in self.kept else None

    def search(self, words: str, headings: Sequence[str]) -> Iterator[NDArray[np.bool_]]:
        """Yield for each next stretch of rows whether they have these words in one of these columns.

        Capitals count as small letters.
        """
        texts = [name for name in headings if name not in self.kept]
        kept = [name for name in headings if name in self.kept]
        # Of texts that are repeated each is looked at once.
        coded = {name: self.coded(name) for name in texts if self._is_repeated(name)}
        hits = {name: _match(code.values, words)[code.codes] for name, code in coded.items()}
        for start in range(0, len(self), _BLOCK_ROWS):
            rows = slice(start, min(start + _BLOCK_ROWS, len(self)))
            found = np.zeros(rows.stop - start, np.bool_)
            for name in texts:
                column = self._table.column(name).slice(start, len(found))
                found |= hits[name][rows] if name in hits else _match(column, words)
            for name in kept:
                left = np.flatnonzero(~found)
                numbers = self._numbers(name, rows)
                found[left] = found_numbers(words, numbers[left], self.kept[name].written)
            yield found

    def _is_repeated(self, name: str) -> bool:
        return bool(pa.types.is_dictionary(self._table.schema.field(name).type))

    def _numbers(self, name: str, rows: Any) -> NDArray[np.float64]:
        how = self.kept[name]
        if how.feature >= 0:
            return how.written.widened(self._features[rows, how.feature])
        return np.asarray(_chosen(self._table.column(name), rows).to_numpy(), np.float64)

    def _texts(self, name: str, rows: Any) -> list[str]:
        if name in self.kept:
            return self.kept[name].written.texts(self._numbers(name, rows))
        texts: list[str] = _chosen(self._table.column(name), rows).to_pylist()
        return texts


def _chosen(column: Any, rows: Any) -> Any:
    if isinstance(rows, slice):
        return column.slice(rows.start, rows.stop - rows.start)
    # Row by row: `take` would look at every batch.
    return pa.chunked_array([chunk for row in rows.tolist() for chunk in column.slice(row, 1).chunks])


def _match(texts: Any, words: str) -> NDArray[np.bool_]:
    # Without letters the case is none, and looking for it costs ten times as much.
    has_case = words.casefold() != words or words.upper() != words
    return np.asarray(pc.match_substring(texts, words, ignore_case=has_case).to_numpy(zero_copy_only=False))
