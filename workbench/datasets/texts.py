"""Texts as samples: read from their file when they are asked for."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.datasets.names import open_arrow


class Texts(Sequence[str]):
    """(n,) texts in an Arrow column, memory-mapped where it comes from a file.

    A number gives a text; a slice or an array of places gives `Texts` again, of which nothing is read yet.

    Args:
        column: Arrow column of text.
    """

    def __init__(self, column: Any) -> None:
        self._column = column

    @classmethod
    def open(cls, path: Path) -> "Texts":
        """Return the texts in the column `text` of an Arrow file, memory-mapped."""
        return cls(open_arrow(path).column("text"))

    @classmethod
    def of(cls, texts: Sequence[str]) -> "Texts":
        """Return texts that are in memory."""
        return cls(pa.array(texts, pa.large_string()))

    @property
    def shape(self) -> tuple[int]:
        """(n,), as an array would say it."""
        return (len(self),)

    def __len__(self) -> int:
        return len(self._column)

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice | NDArray[np.integer[Any]]) -> "Texts": ...

    def __getitem__(self, index: int | slice | NDArray[np.integer[Any]]) -> "str | Texts":
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return Texts(self._column.slice(start, max(0, stop - start)))
            index = np.arange(start, stop, step)
        if isinstance(index, np.ndarray):
            return Texts(self._column.take(pa.array(index, pa.int64())))
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"there is no sample {index}")
        return str(self._column[place].as_py())

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), 4096):
            yield from self._column.slice(start, 4096).to_pylist()
