"""What a model learns from a table: written while its rows are read, as the first ones foretell."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.files import GrowingFile, atomic_write
from workbench.core.records import Column
from workbench.datasets.columns import (
    Coded,
    ColumnRead,
    category_codes,
    read_column,
    read_figures,
)
from workbench.datasets.dates import read_dates
from workbench.datasets.delimited import Layout
from workbench.datasets.numerals import PLAIN, NumberForm, parse, usual_decimal
from workbench.datasets.part_folders import with_split
from workbench.datasets.plain_numbers import PROBE, Block, Figures, Written

_BLOCK_ROWS = 1 << 14
_TILE_ROWS = 1 << 12
_MORE_ROOM = 1.1


def plain_numbers(coded: Coded) -> NDArray[np.float32]:
    """Return (n,) the numbers of a column that are written plainly; NaN for all else."""
    return np.asarray(parse(coded).numbers.astype(np.float32)[coded.codes])


def encoded(
    coded: Coded,
    column: Column,
    order: str | None,
    numbers: Callable[[Coded], NDArray[np.float32]] = plain_numbers,
) -> NDArray[np.float32]:
    """Return (n,) what a model gets of a column; NaN for an unknown category and what cannot be read.

    Args:
        coded: The cells.
        column: What the column is.
        order: How day, month and year follow each other in its dates; None finds it out.
        numbers: Reads the numbers of a column.
    """
    if column.kind == "category":
        return category_codes(coded, column.categories)
    if column.is_date:
        days = read_dates(coded.values, coded.counts, order).days
        return np.asarray(days.astype(np.float32)[coded.codes])
    return numbers(coded)


def write_features(path: Path, columns: Sequence[NDArray[np.float32]], token: CancelToken) -> str:
    """Write columns as the rows of one array, block by block; return the SHA-256 of the file.

    Raises:
        DiskError: The file could not be written.
        CancelledError: The token was cancelled; there is no file.
    """

    def write(file: BinaryIO) -> None:
        shape = (len(columns[0]), len(columns))
        _write_header(file, shape)
        tile = np.empty((min(_BLOCK_ROWS, shape[0]), shape[1]), "<f4")
        for start in range(0, shape[0], _BLOCK_ROWS):
            token.check()
            block = tile[: shape[0] - start]
            for place, column in enumerate(columns):
                block[:, place] = column[start : start + _BLOCK_ROWS]
            file.write(block.data)

    return atomic_write(path, write)


class FeatureDraft:
    """The file of features of a long table, while its rows are read.

    What the columns are is known for certain when all rows are read. If the first rows were right about it,
    as they nearly always are, the file is there by then; else it is dropped and written anew.

    Args:
        path: The file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._target, self._types, self._told, self._usual = "", dict[str, str](), "", "."
        self._file: GrowingFile | None = None
        self._expected: list[ColumnRead] = []
        self._spare: list[Any] = []
        self._begin = self._count = 0

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Drop what was not finished."""
        self.drop()

    def prepare(self, target: str, types: Mapping[str, str], layout: Layout) -> None:
        """Note what is known before the first row.

        Args:
            target: Heading of the target.
            types: What the user says that columns are.
            layout: How the table lies in its file.
        """
        self._target, self._types = target, dict(types)
        self._told, self._usual = layout.decimal, usual_decimal(layout.separator)

    def begin(self, first: Any, numbers: Mapping[str, Written], repeated: Collection[str]) -> None:
        """Begin anew with the first rows.

        Args:
            first: Some of them, an Arrow record batch of texts.
            numbers: Columns that are read as numbers.
            repeated: Columns of few texts, which cost little to look at; with others there is no draft.
        """
        self.drop()
        expected = self._expect(first, numbers, repeated)
        if not expected:
            return
        self._file, self._expected, self._count = GrowingFile(self._path), expected, 0
        self._spare.clear()
        with self._file.writing() as file:
            _write_header(file, (first.num_rows, len(expected)))
            self._begin = file.tell()

    def rows(self, texts: Any, blocks: Mapping[str, Block]) -> NDArray[np.float32] | None:
        """Return (n, used columns) the next rows, for `add`; None without a draft. Threads may do so at once.

        Args:
            texts: Arrow table of the columns of text.
            blocks: The columns of numbers.
        """
        if self._file is None:
            return None
        columns = []
        for read in self._expected:
            name = read.column.name
            if name in blocks:
                columns.append(blocks[name].values)
            else:
                coded = Coded.by_text(texts.column(name))
                columns.append(encoded(coded, read.column, read.order or None))
        made = self._room(texts.num_rows)
        for start in range(0, len(made), _TILE_ROWS):  # so many stay in the processor's cache
            tile = made[start : start + _TILE_ROWS]
            for place, column in enumerate(columns):
                tile[:, place] = column[start : start + _TILE_ROWS]
        return made

    def add(self, rows: NDArray[np.float32] | None) -> None:
        """Write the next rows.

        Raises:
            DiskError: The file could not be written.
        """
        if self._file is not None and rows is not None:
            with self._file.writing() as file:
                file.write(rows.data)
            self._count += len(rows)
            self._spare.append(rows if rows.base is None else rows.base)

    def finish(self, reads: Sequence[ColumnRead], count: int) -> str | None:
        """Put the file in its place if it is what it has to be.

        Args:
            reads: The columns in use.
            count: Number of rows.

        Returns:
            The SHA-256 of the file; None where there is none, because the first rows foretold it wrongly.

        Raises:
            DiskError: The file could not be written.
        """
        if self._file is None or self._count != count or _about(reads) != _about(self._expected):
            return None
        with self._file.writing() as file:
            file.seek(0)
            _write_header(file, (count, len(reads)))
            is_whole = file.tell() == self._begin
        digest = self._file.commit() if is_whole else None
        self.drop()
        return digest

    def drop(self) -> None:
        """Leave nothing behind that is not finished."""
        if self._file is not None:
            self._file.discard()
        self._file = None

    def _room(self, count: int) -> NDArray[np.float32]:
        """Return memory for rows: what was written before, since new memory is slow to write to."""
        try:
            room: NDArray[np.float32] = self._spare.pop()
        except IndexError:
            room = np.empty((0, len(self._expected)), "<f4")
        if len(room) < count:
            room = np.empty((int(count * _MORE_ROOM), len(self._expected)), "<f4")
        return room[:count]

    def _expect(
        self, first: Any, numbers: Mapping[str, Written], repeated: Collection[str]
    ) -> list[ColumnRead] | None:
        """Return the columns that will be in use, without values; None where that is too costly to tell."""
        first = first.slice(0, PROBE)
        others = [name for name in first.schema.names if name not in numbers]
        types, _ = with_split(
            others, self._target, self._types, lambda name: first.column(name).to_pylist(), in_part=True
        )
        found = []
        for name in first.schema.names:
            if name == self._target:
                continue
            texts, wish = first.column(name), types.get(name)
            if name in numbers:
                read = _read_numbers(name, texts, numbers[name], chosen=wish is not None)
            else:
                try:
                    coded = Coded.by_text(pa.chunked_array([texts]))
                    read = read_column(name, coded, self._told, wish, usual=self._usual)
                except DataError:
                    return None
            if read.values is None:
                continue
            if name not in numbers and (name not in repeated or not self._is_plain(read)):
                return None
            found.append(replace(read, values=None))
        return found

    def _is_plain(self, read: ColumnRead) -> bool:
        """Return whether each value says by itself what it is: others are known when all are."""
        is_number = read.column.kind == "number" and not read.column.is_date
        return not is_number or (read.form == PLAIN and self._told != ",")


def _read_numbers(name: str, texts: Any, written: Written, *, chosen: bool) -> ColumnRead:
    known = pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
    block = Block.of(pc.cast(known, pa.float64()), written)
    figures = Figures(written)
    if block is not None:
        figures.add(block, len(texts))
    return read_figures(name, figures, chosen=chosen)


def _about(reads: Sequence[ColumnRead]) -> list[tuple[Column, NumberForm, str]]:
    return [(read.column, read.form, read.order) for read in reads]


def _write_header(file: BinaryIO, shape: tuple[int, int]) -> None:
    header: dict[str, Any] = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
