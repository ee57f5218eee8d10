"""A long CSV file in pieces of whole rows, for several threads to read."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from queue import SimpleQueue

import numpy as np
from numpy.typing import NDArray

PIECE_BYTES = 4 << 20
_BEFORE = b"\n\n\n"
_SCAN_BYTES = 1 << 17
_ZERO, _NINE, _POINT, _QUOTE = b'09."'


def _among(letters: bytes) -> NDArray[np.bool_]:
    """Return (256,) whether a byte is one of these."""
    found = np.zeros(256, np.bool_)
    found[list(letters)] = True
    return found


_SPACES, _PASSED = _among(b"\t "), _among(b"\t +-")


class CutError(Exception):
    """It is not certain where a row ends."""


class Piece:
    """Some rows of a file.

    Args:
        data: Bytes in memory that is used again later; three line ends come before the rows.
        separator: What stands between two cells.
        has_quotes: Whether there are quotes.
        let_go: To be called when the memory is not needed any more.
    """

    def __init__(
        self, data: memoryview, separator: str, has_quotes: bool, let_go: Callable[[], None]
    ) -> None:
        self._data = data
        self._separator = separator
        self.has_quotes = has_quotes
        self.let_go = let_go

    @property
    def rows(self) -> memoryview:
        """The rows, each with its line end but for the last of the file."""
        return self._data[len(_BEFORE) :]

    def count_led(self) -> int:
        """Return how many cells begin with a zero before digits: at least as many as there are.

        A parser of numbers makes 7 of `007`. Here bytes are looked at, so many as a processor's cache holds.
        """
        data, found = np.frombuffer(self._data, np.uint8), 0
        starts = _among(bytes([ord(self._separator), *b'\n\r"']))
        for start in range(0, len(data), _SCAN_BYTES):
            block = data[start : start + _SCAN_BYTES + 3]
            # Most zeros stand behind a digit or before a point.
            before = block[1:-2]
            first = before < _POINT if ord(self._separator) < _POINT else before - _POINT > _NINE - _POINT
            places = np.flatnonzero(first & (block[2:-1] == _ZERO) & (block[3:] != _POINT)) + 2
            if len(places):
                found += _count_starts(block, places[block[places + 1] - _ZERO < 10], starts)
        return found


def _count_starts(block: NDArray[np.uint8], places: NDArray[np.int64], starts: NDArray[np.bool_]) -> int:
    """Return at how many places a cell begins, perhaps with a sign or spaces before."""
    before, earlier = block[places - 1], block[places - 2]
    return int((starts[before] | (_PASSED[before] & (starts[earlier] | _SPACES[earlier]))).sum())


def pieces(source: Path, separator: str, most: int) -> Iterator[Piece]:
    """Yield the pieces of a file; waits while so many have not been let go.

    Raises:
        OSError: The file cannot be read.
        CutError: A row is longer than a piece, a quote stands where none may be, or a NUL anywhere.
    """
    free: SimpleQueue[bytearray] = SimpleQueue()
    for _ in range(most):
        free.put(bytearray(len(_BEFORE) + PIECE_BYTES))
    rest = b""
    with source.open("rb") as file:
        while True:
            buffer = free.get()
            view = memoryview(buffer)
            end = len(_BEFORE) + len(rest)
            view[:end] = _BEFORE + rest
            while count := file.readinto(view[end:]):
                end += count
            if end == len(_BEFORE):
                return
            at, has_quotes = _row_end(buffer, end, separator, is_last=end < len(buffer))
            rest = bytes(view[at:end])
            yield Piece(view[:at], separator, has_quotes, partial(free.put, buffer))


def _row_end(buffer: bytearray, end: int, separator: str, *, is_last: bool) -> tuple[int, bool]:
    """Return where the last whole row in a buffer ends, and whether there are quotes."""
    if buffer.find(0, 0, end) >= 0:
        raise CutError
    has_quotes = buffer.find(_QUOTE, 0, end) >= 0
    if has_quotes:
        at = _row_end_quoted(np.frombuffer(buffer, np.uint8)[:end], separator, is_last=is_last)
    else:
        at = end if is_last else buffer.rfind(b"\n", 0, end) + 1
    if at <= len(_BEFORE):
        raise CutError
    return at, has_quotes


def _row_end_quoted(data: NDArray[np.uint8], separator: str, *, is_last: bool) -> int:
    """Return where the last whole row ends that no quotes enclose.

    Where each first quote of two follows the end of a cell or a quote, and each second one comes before one,
    a line end with an even number of quotes before it ends a row.
    """
    quotes = np.flatnonzero(data == _QUOTE)
    if is_last:
        if len(quotes) % 2:
            raise CutError
        data = np.append(data, np.uint8(10))
    borders = _among(bytes([ord(separator), *b'\n\r"']))
    opening, closing = quotes[::2], quotes[1::2]
    if not borders[data[opening - 1]].all() or not borders[data[closing[closing + 1 < len(data)] + 1]].all():
        raise CutError
    if is_last:
        return len(data) - 1
    ends = np.flatnonzero(data == 10)
    outside = ends[np.searchsorted(quotes, ends) % 2 == 0]
    return int(outside[-1]) + 1 if len(outside) else 0
