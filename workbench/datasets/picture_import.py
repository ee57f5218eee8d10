"""One pass over the files of a folder: decode, drop exact copies, write one growing array."""

import hashlib
import io
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import BinaryIO

import numpy as np

from workbench.core.errors import DataError
from workbench.core.files import begin_writing_back
from workbench.core.records import Skipped
from workbench.datasets.decoder import DONE, RECORD, Order
from workbench.datasets.decoding import HEADER, Decoded, DecoderPool, Frame
from workbench.datasets.health import EXAMPLES
from workbench.datasets.pace import Pace
from workbench.datasets.picture_files import PictureFiles, shown

LARGEST_NATIVE = 512
LARGEST_SQUARE = 224
FIRST_SIDE = 48
_LEAST_PROBES, _MOST_PROBES = 24, 64
_WRITE_BACK_BYTES = 1 << 24
_RECORDS = np.dtype(
    [
        *(("status", "u1"), ("grey", "u1"), ("width", "<u4"), ("height", "<u4"), ("length", "<u4")),
        ("digest", "S16"),
    ]
)


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
        self._first: dict[bytes, int] = {}
        self._classes: dict[bytes, set[int]] = {}
        self._sum = hashlib.sha256()
        self._sums_all = False

    def write(self, file: BinaryIO) -> None:
        """Write the array (n, channels, height, width) of uint8; n is known at the end.

        Raises:
            ColourFoundError: Three channels are needed.
            OtherSizeFoundError: Scaling is needed.
            DataError: No file could be decoded.
        """
        paths = self._files.paths
        # If all files give a picture, as they mostly do, their sum is known once the last one is written.
        self._sum.update(self._header(file, len(paths)))
        with closing(self._pool.frames(paths, self._order)) as frames:
            self._body(file, frames, len(paths))
        if not self.result.kept:
            raise _nothing(self.result.skipped)
        self._sums_all = len(self.result.kept) == len(paths)
        file.seek(0)
        self._header(file, len(self.result.kept))

    def sha256(self) -> str:
        """Return the SHA-256 of what was written, in hexadecimal; "" where it has to be read for that."""
        return self._sum.hexdigest() if self._sums_all else ""

    def _body(self, file: BinaryIO, frames: Iterable[Frame], total: int) -> None:
        place, size, begun = 0, self.start, self.start
        for frame in frames:
            pixels = frame.body if self._takes_all(place, frame) else self._chosen(place, frame)
            file.write(pixels)
            self._sum.update(pixels)
            place, size = place + len(frame), size + len(pixels)
            self._pace(place, total, "Reading pictures")
            if size - begun > _WRITE_BACK_BYTES:
                begin_writing_back(file, begun, size - begun)
                begun = size

    def _header(self, file: BinaryIO, count: int) -> bytes:
        """NumPy pads the header so that the first axis can grow in place."""
        shape = (count, self._order.channels, self._order.height, self._order.width)
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "|u1", "fortran_order": False, "shape": shape})
        file.write(header.getvalue())
        if self.start and file.tell() != self.start:
            raise RuntimeError("the header of the picture array has changed its length")
        self.start = file.tell()
        return header.getvalue()

    def _takes_all(self, place: int, frame: Frame) -> bool:
        """Take a frame as a whole, if each of its files is a picture as wanted that was not there before."""
        found = np.frombuffer(frame.records, _RECORDS)
        other = (found["height"] != self._order.height) | (found["width"] != self._order.width)
        if (
            (found["status"] != DONE).any()
            or (self._order.channels == 1 and not self._colour and not found["grey"].all())
            or (self._native and other.any())
        ):
            return False
        places = range(place, place + len(frame))
        if not self._copies:
            contents = _contents(frame)
            if len({*contents}) < len(contents) or not self._first.keys().isdisjoint(contents):
                return False
            self._first.update(zip(contents, places, strict=True))
        self.result.kept += places
        self.result.scaled += int(other.sum())
        return True

    def _chosen(self, place: int, frame: Frame) -> bytes:
        """Return the pixels of the wanted ones of a frame, and take note of the others."""
        taken = []
        for number, (content, answer) in enumerate(
            zip(_contents(frame), frame.answers(), strict=True), place
        ):
            if answer.reason:
                self.result.skipped.append(Skipped(shown(self._files.relative[number]), answer.reason))
            elif self._wanted(number, answer, content):
                self.result.kept.append(number)
                taken.append(answer.pixels)
        return b"".join(taken)

    def _wanted(self, place: int, answer: Decoded, content: bytes) -> bool:
        if self._order.channels == 1 and not answer.grey and not self._colour:
            raise ColourFoundError
        if (answer.height, answer.width) != self._order[:2]:
            if self._native:
                raise OtherSizeFoundError
            self.result.scaled += 1
        return self._copies or not self._is_copy(place, content)

    def _is_copy(self, place: int, content: bytes) -> bool:
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


def _contents(frame: Frame) -> list[bytes]:
    """Return what tells whether two pictures are the same: colour, upright size and kept pixels."""
    return [frame.records[at : at + RECORD.size] for at in range(0, len(frame.records), RECORD.size)]


def _nothing(skipped: Sequence[Skipped]) -> DataError:
    first = f"{skipped[0].path} {skipped[0].reason}" if skipped else "there is no file"
    return DataError(f"No picture in the folder can be read: {first}. Choose a folder with intact pictures.")
