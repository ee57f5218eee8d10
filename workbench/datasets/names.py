"""Where samples came from, as sequences that open in milliseconds however long they are."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, overload

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from workbench.core.control import CancelToken
from workbench.core.files import atomic_write

_BATCH = 1 << 16


class _LazyNames(Sequence[str]):
    """A sequence that makes each name when it is asked for."""

    @overload
    def __getitem__(self, index: int) -> str: ...

    @overload
    def __getitem__(self, index: slice) -> list[str]: ...

    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self._name(place) for place in range(*index.indices(len(self)))]
        place = index + len(self) if index < 0 else index
        if not 0 <= place < len(self):
            raise IndexError(f"there is no sample {index}")
        return self._name(place)

    def _name(self, place: int) -> str:
        raise NotImplementedError


class RowNames(_LazyNames):
    """`row 12` for each sample of a table.

    Args:
        numbers: (n,) row numbers as a spreadsheet shows them: the header is row 1.
    """

    def __init__(self, numbers: NDArray[np.int64]) -> None:
        self._numbers = numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def _name(self, place: int) -> str:
        return f"row {self._numbers[place]}"


class SelectedNames(_LazyNames):
    """Names of selected samples.

    Args:
        names: Those of each source.
        positions: (n,) places in them, one source after the other.
    """

    def __init__(self, names: Sequence[Sequence[str]], positions: NDArray[np.int64]) -> None:
        self._sources = tuple(names)
        self._begins = np.cumsum([0, *map(len, names)])
        self._positions = positions

    def __len__(self) -> int:
        return len(self._positions)

    def _name(self, place: int) -> str:
        position = int(self._positions[place])
        source = int(np.searchsorted(self._begins, position, side="right")) - 1
        return self._sources[source][position - int(self._begins[source])]


class FileNames(_LazyNames):
    """Names and classes of pictures in a memory-mapped Arrow file.

    Args:
        path: A file that `write_file_names` wrote.
    """

    def __init__(self, path: Path) -> None:
        table = open_arrow(path)
        self._names = table.column("name")
        self._classes = table.column("class")

    def __len__(self) -> int:
        return len(self._names)

    def _name(self, place: int) -> str:
        return str(self._names[place].as_py())

    def rows(self, start: int, stop: int) -> list[list[str]]:
        """Return [name, class] of samples [start, stop)."""
        names = self._names.slice(start, max(0, stop - start)).to_pylist()
        classes = self._classes.slice(start, max(0, stop - start)).to_pylist()
        return [[name, label] for name, label in zip(names, classes, strict=True)]


def write_file_names(
    path: Path, names: Sequence[str], labels: NDArray[np.int64], classes: Sequence[str], token: CancelToken
) -> str:
    """Write name and class of each picture; return the SHA-256 of the file.

    Raises:
        DiskError: The file could not be written.
    """
    indices = pa.array(labels, pa.int32())
    table = pa.table(
        {
            "name": pa.array(names, pa.large_string()),
            "class": pa.DictionaryArray.from_arrays(indices, pa.array(classes, pa.string())),
        }
    )
    return write_arrow(path, table, token)


def write_arrow(path: Path, table: Any, token: CancelToken) -> str:
    """Write a table as an uncompressed Arrow file in batches of a fixed size; return its SHA-256.

    The same rows give the same bytes, however the table is chunked in memory.

    Raises:
        DiskError: The file could not be written.
        CancelledError: The token was cancelled; there is no file.
    """

    def write(file: BinaryIO) -> None:
        with pa.ipc.new_file(file, table.schema) as writer:
            for start in range(0, table.num_rows, _BATCH):
                token.check()
                for batch in table.slice(start, _BATCH).combine_chunks().to_batches():
                    writer.write_batch(batch)

    return atomic_write(path, write)


def open_arrow(path: Path) -> Any:
    """Return the table in an Arrow file, memory-mapped."""
    with pa.memory_map(str(path)) as source:
        return pa.ipc.open_file(source).read_all()
