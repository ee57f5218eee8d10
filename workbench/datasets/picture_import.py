"""One pass over the files of a folder: decode, drop exact copies, write one growing array."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from workbench.core.errors import DataError
from workbench.core.records import Skipped
from workbench.datasets.decoder import Order
from workbench.datasets.decoding import HEADER, Decoded, DecoderPool
from workbench.datasets.health import EXAMPLES
from workbench.datasets.pace import Pace
from workbench.datasets.picture_files import PictureFiles, shown

LARGEST_NATIVE = 512
LARGEST_SQUARE = 224
FIRST_SIDE = 48
_LEAST_PROBES, _MOST_PROBES = 24, 64
_TELL_EVERY = 16
_WRITE_BYTES = 1 << 18


class ColourFoundError(Exception):
    """A colour picture in a pass for grey ones: the pass has to be repeated with three channels."""


class OtherSizeFoundError(Exception):
    """A picture of another size in a pass for one size: the pass has to be repeated with scaling."""


@dataclass(slots=True)
class Pass:
    """What one pass found.

    Args:
        kept: Place of each imported picture among the files.
        duplicates: How many were exact copies within their class.
        copies: Names of some of them.
        skipped: What could not be decoded, and why.
        conflicts: Names of files whose very content also lies in another class.
        scaled: How many were not of the wanted size.
    """

    kept: list[int] = field(default_factory=list)
    duplicates: int = 0
    copies: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    scaled: int = 0


def first_look(pool: DecoderPool, paths: Sequence[str]) -> dict[int, Decoded]:
    """Return a few pictures from all over the source by their places, as colour of `FIRST_SIDE` pixels."""
    many = min(_MOST_PROBES, max(_LEAST_PROBES, len(paths) // 16))
    places = range(0, len(paths), -(-len(paths) // many) or 1)
    answers = pool.decode([paths[place] for place in places], Order(FIRST_SIDE, FIRST_SIDE, 3))
    return {place: answer for place, answer in zip(places, answers, strict=True) if not answer.reason}


def first_order(
    pool: DecoderPool, paths: Sequence[str], seen: Collection[Decoded], side: int | None
) -> tuple[Order, bool]:
    """Guess from a few pictures how all of them are to be decoded.

    Args:
        pool: Decodes.
        paths: All files, at least one.
        seen: The few.
        side: The square that the user asked for, in pixels.

    Returns:
        The order, and whether every picture has to have that size already.
    """
    channels = 1 if all(answer.grey for answer in seen) else 3
    if side is not None:
        return Order(side, side, channels), False
    sizes = {(answer.height, answer.width) for answer in seen}
    if len(sizes) == 1 and max(size := sizes.pop()) <= LARGEST_NATIVE:
        return Order(*size, channels), True
    return scaling_order(pool, paths, channels), False


def scaling_order(pool: DecoderPool, paths: Sequence[str], channels: int) -> Order:
    """Return the square of the median side of all pictures, 224 pixels at most."""
    sides = [side for a in pool.decode(paths, HEADER) if not a.reason for side in (a.height, a.width)]
    side = min(LARGEST_SQUARE, int(np.median(sides))) if sides else LARGEST_SQUARE
    return Order(side, side, channels)


class PictureWriter:
    """Decodes all files into one `.npy` file that grows picture by picture.

    Args:
        pool: Decodes.
        files: What to decode.
        order: Size and channels of this pass.
        pace: Is told how far it is.
        native: Whether a picture of another size ends the pass.
        copies: Whether exact copies within a class are kept.
        colour: Whether colour pictures may be turned grey where the order says grey.
    """

    def __init__(
        self,
        pool: DecoderPool,
        files: PictureFiles,
        order: Order,
        pace: Pace,
        *,
        native: bool = False,
        copies: bool = False,
        colour: bool = False,
    ) -> None:
        self.result = Pass()
        self.start = 0
        self._pool = pool
        self._files = files
        self._order = order
        self._pace = pace
        self._native = native
        self._copies = copies
        self._colour = colour
        self._first: dict[tuple[object, ...], int] = {}
        self._classes: dict[tuple[object, ...], set[int]] = {}

    def write(self, file: BinaryIO) -> None:
        """Write the array (n, channels, height, width) of uint8; n is known at the end.

        Raises:
            ColourFoundError: Three channels are needed.
            OtherSizeFoundError: Scaling is needed.
            DataError: No file could be decoded.
        """
        paths = self._files.paths
        self._header(file)
        with closing(self._pool.decode(paths, self._order)) as answers:
            self._body(file, answers, len(paths))
        if not self.result.kept:
            raise _nothing(self.result.skipped)
        file.seek(0)
        self._header(file)

    def _body(self, file: BinaryIO, answers: Iterator[Decoded], total: int) -> None:
        waiting: list[bytes] = []
        size = 0
        for place, answer in enumerate(answers):
            if answer.reason:
                self.result.skipped.append(Skipped(shown(self._files.relative[place]), answer.reason))
            elif self._wanted(place, answer):
                self.result.kept.append(place)
                waiting.append(answer.pixels)
                size += len(answer.pixels)
            if place % _TELL_EVERY == 0:
                self._pace(place, total, "Reading pictures")
            if size > _WRITE_BYTES:
                file.write(b"".join(waiting))
                waiting, size = [], 0
        file.write(b"".join(waiting))
        self._pace(total, total, "Reading pictures")

    def _header(self, file: BinaryIO) -> None:
        """NumPy pads the header so that the first axis can grow in place."""
        shape = (len(self.result.kept), self._order.channels, self._order.height, self._order.width)
        np.lib.format.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": shape})
        if self.start and file.tell() != self.start:
            raise RuntimeError("the header of the picture array has changed its length")
        self.start = file.tell()

    def _wanted(self, place: int, answer: Decoded) -> bool:
        if self._order.channels == 1 and not answer.grey and not self._colour:
            raise ColourFoundError
        if (answer.height, answer.width) != self._order[:2]:
            if self._native:
                raise OtherSizeFoundError
            self.result.scaled += 1
        return self._copies or not self._is_copy(
            place, (answer.grey, answer.width, answer.height, answer.digest)
        )

    def _is_copy(self, place: int, content: tuple[object, ...]) -> bool:
        first = self._first.setdefault(content, place)
        if first == place:
            return False
        label, names = self._files.labels[place], self._files.relative
        classes = self._classes.setdefault(content, {self._files.labels[first]})
        if label in classes:
            self.result.duplicates += 1
            if len(self.result.copies) < EXAMPLES:
                self.result.copies.append(shown(names[place]))
            return True
        if len(classes) == 1:
            self.result.conflicts.append(shown(names[first]))
        classes.add(label)
        self.result.conflicts.append(shown(names[place]))
        return False


def _nothing(skipped: Sequence[Skipped]) -> DataError:
    first = f"{skipped[0].path} {skipped[0].reason}" if skipped else "there is no file"
    return DataError(f"No picture in the folder can be read: {first}. Choose a folder with intact pictures.")
