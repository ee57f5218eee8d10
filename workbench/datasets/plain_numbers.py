"""Columns of plain decimal numbers: recognised by their first rows, and written again as in the file."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LONG = 10_000
"""Rows from which on a column is looked at as one of numbers at once."""

PROBE = 1_000
_LEAST_DISTINCT = PROBE // 4
_PLAIN = r"^-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_MOST_DECIMALS = 15
_DIGITS = 1e15  # so many digits of a decimal number survive in 64 bits
_MORE_ROOM = 1.25


@dataclass(frozen=True, slots=True)
class Written:
    """How the numbers of a column stand in the file.

    Args:
        decimals: Most digits behind the point.
        fixed: Whether all have so many.
        point: Whether whole numbers have a point too, as in `1.0`.
    """

    decimals: int
    fixed: bool
    point: bool

    @classmethod
    def of(cls, texts: Any) -> "Written | None":
        """Return how the numbers of a column are written; None for other columns and for few numbers.

        Args:
            texts: The column, an Arrow array of texts; its first rows are looked at.
        """
        first = texts.slice(0, PROBE)
        if len(first) < PROBE or few_texts(first):
            return None
        filled = first.filter(pc.greater(pc.binary_length(first), 0))
        if not pc.all(pc.match_substring_regex(filled, _PLAIN)).as_py():
            return None
        simple = filled.filter(pc.invert(pc.match_substring(filled, "e", ignore_case=True)))
        points = pc.find_substring(simple, ".").to_numpy()
        after = pc.binary_length(simple).to_numpy() - points - 1
        behind = set(np.where(points < 0, 0, after).tolist()) or {0}
        decimals = min(max(behind), _MOST_DECIMALS)
        return cls(decimals, behind == {decimals} and len(simple) == len(filled), 0 not in behind)

    def texts(self, numbers: NDArray[np.float64]) -> list[str]:
        """Return numbers as text, empty where missing: as in the file, or else as short as it can be."""
        if self.fixed:
            return [f"{value:.{self.decimals}f}" if value == value else "" for value in numbers.tolist()]
        texts = [repr(value) if value == value else "" for value in numbers.tolist()]
        return texts if self.point else [text.removesuffix(".0") for text in texts]

    def widened(self, numbers: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the decimal numbers that were rounded to 32 bits."""
        return self.rounded(numbers.astype(np.float64))

    def rounded(self, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return numbers with no more decimals than the first rows have."""
        scale = 10.0**self.decimals
        found = np.asarray(numbers * scale)
        np.rint(found, out=found)
        found /= scale
        return found


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows of a column of plain numbers; NaN where a cell is empty.

    Args:
        values: float32.
        exact: float64 where `Written.widened` does not bring back every number from 32 bits, else None.
        is_even: Whether no number has more decimals than the first rows.
        low: The least number, infinity without any.
        high: The greatest.
        missing: How many cells are empty.
        is_whole: Whether all numbers are whole.
    """

    values: NDArray[np.float32]
    exact: NDArray[np.float64] | None
    is_even: bool
    low: float
    high: float
    missing: int
    is_whole: bool

    @classmethod
    def of(cls, column: pa.DoubleArray, written: Written) -> "Block | None":
        """Return a block; None where 64 bits do not hold it as it stood: words, or too many digits."""
        numbers = column.to_numpy(zero_copy_only=False)
        missing = int(column.null_count)
        known = numbers if not missing else numbers[~np.isnan(numbers)]
        low, high = float(known.min(initial=np.inf)), float(known.max(initial=-np.inf))
        # Not a number is what a word such as `nan` became, and no comparison holds for it.
        if len(known) and not max(-low, high) < _DIGITS:
            return None
        if len(known) != len(numbers) - missing:
            return None
        values = numbers.astype(np.float32)
        is_single = _same(written.widened(values), numbers, missing)
        is_even = max(-low, high) * 10.0**written.decimals < _DIGITS and (
            is_single or _same(written.rounded(numbers), numbers, missing)
        )
        is_whole = bool((known[:PROBE] == np.floor(known[:PROBE])).all() and (known == np.floor(known)).all())
        return cls(values, None if is_single else numbers, is_even, low, high, missing, is_whole)


def few_texts(texts: Any) -> bool:
    """Return whether the first rows of a column of texts have few different ones."""
    return len(pc.unique(texts.slice(0, PROBE))) < _LEAST_DISTINCT


class Figures:
    """A column of plain numbers, put together from blocks in their order.

    Args:
        written: How its first numbers stand in the file.
        room: (expected rows,) float32 to keep the numbers in; made when there are more.
    """

    def __init__(self, written: Written, room: NDArray[np.float32] | None = None) -> None:
        self.written = written
        self.low, self.high, self.missing, self.is_whole = np.inf, -np.inf, 0, True
        self._values = np.empty(0, np.float32) if room is None else room
        self._exact: NDArray[np.float64] | None = None
        self._count = 0

    def add(self, block: Block, expected: int) -> None:
        """Take in the next rows; of about `expected` in all."""
        end = self._count + len(block.values)
        if end > len(self._values):
            room = max(expected, int(end * _MORE_ROOM))
            self._values = _larger(self._values, room, self._count)
            self._exact = None if self._exact is None else _larger(self._exact, room, self._count)
        if block.exact is not None and self._exact is None:
            self._exact = np.empty(len(self._values))
            self._exact[: self._count] = self.written.widened(self._values[: self._count])
        rows = slice(self._count, end)
        self._values[rows] = block.values
        if self._exact is not None:
            self._exact[rows] = self.written.widened(block.values) if block.exact is None else block.exact
        if not block.is_even and self.written.fixed:
            self.written = replace(self.written, fixed=False, point=self.written.decimals > 0)
        self.low, self.high = min(self.low, block.low), max(self.high, block.high)
        self.missing += block.missing
        self.is_whole &= block.is_whole
        self._count = end

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._count

    @property
    def values(self) -> NDArray[np.float32]:
        """(n,) the numbers in 32 bits."""
        return self._values[: self._count]

    @property
    def exact(self) -> NDArray[np.float64] | None:
        """(n,) the numbers where 32 bits do not hold all of them, else None."""
        return None if self._exact is None else self._exact[: self._count]

    def numbers(self, rows: Any = slice(None)) -> NDArray[np.float64]:
        """Return the numbers of these rows."""
        return self.written.widened(self.values[rows]) if self.exact is None else self.exact[rows]

    def bits(self, rows: Any = slice(None)) -> NDArray[np.uint64]:
        """Return 64 bits for each of these rows, equal for equal numbers."""
        if self.exact is None:
            return np.asarray(self.values[rows].view(np.uint32).astype(np.uint64))
        return np.ascontiguousarray(self.exact[rows]).view(np.uint64)

    def keep(self, mask: NDArray[np.bool_]) -> None:
        """Keep the rows where `mask` (n,) is true."""
        self._values = self.values[mask]
        self._exact = None if self.exact is None else self.exact[mask]
        self._count = len(self._values)
        self.missing = int(np.isnan(self._values).sum())
        known = self.numbers()[~np.isnan(self._values)]
        self.low, self.high = known.min(initial=np.inf), known.max(initial=-np.inf)
        self.is_whole = bool((known == np.floor(known)).all())


def _same(back: NDArray[np.float64], numbers: NDArray[np.float64], missing: int) -> bool:
    return np.array_equal(back, numbers, equal_nan=missing > 0)


def _larger(array: Any, room: int, count: int) -> Any:
    made = np.empty(room, array.dtype)
    made[:count] = array[:count]
    return made
