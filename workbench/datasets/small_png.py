"""Many small PNG files decoded in one go: what costs time there is not the pixels but the call for each file.

The inflated rows of all of them, a row of zeros before each, are one tall picture to Pillow's own decoder.
Only plain files are taken: whole, 8 bits of grey or RGB, not interlaced, nothing that changes how they look.
"""

import struct
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from PIL import Image

LARGEST_BYTES = 1 << 16
_SHORT = 1 << 12
_BEGIN = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"
_HEAD = struct.Struct(">IIBBBBB")
_CHUNK = struct.Struct(">I4s")
_NUMBER = struct.Struct(">I")
_FIRST = 33  # bytes of signature and first chunk
_END = b"\0\0\0\0IEND\xaeB`\x82"
_MODES = {0: "L", 2: "RGB"}
_HARMLESS = frozenset({b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"pHYs", b"tIME", b"bKGD", b"sBIT"})


class _Head(NamedTuple):
    """What the first chunk of a small plain PNG says; `size` is that of its rows, inflated."""

    mode: str
    width: int
    height: int
    size: int


class PlainPng(NamedTuple):
    """A small PNG whose rows are inflated but still filtered: height × (1 + width × channels) bytes."""

    mode: str
    width: int
    height: int
    rows: bytes


def plain_png(data: bytes) -> PlainPng | None:
    """Return the rows of a PNG file; None where it is anything but small, whole and plain."""
    if not 57 <= len(data) <= 2 * LARGEST_BYTES:
        return None
    head = _head(data[:_FIRST])
    packed = _packed(data) if head else None
    if head is None or packed is None:
        return None
    mode, width, height, size = head
    try:
        if len(packed) <= _SHORT:  # what so few bytes can inflate to is no danger
            rows, whole = zlib.decompress(packed, bufsize=size + 1), True
        else:
            stream = zlib.decompressobj()
            rows = stream.decompress(packed, size + 1)
            whole = stream.eof
    except zlib.error:
        return None
    return PlainPng(mode, width, height, rows) if len(rows) == size and whole else None


@lru_cache(maxsize=64)
def _head(data: bytes) -> _Head | None:
    """Read signature and first chunk, which the files of a folder mostly share."""
    if not data.startswith(_BEGIN) or zlib.crc32(data[12:29]) != int.from_bytes(data[29:33], "big"):
        return None
    width, height, depth, colour, *others = _HEAD.unpack_from(data, 16)
    mode = _MODES.get(colour)
    if mode is None or depth != 8 or any(others):
        return None
    size = height * (1 + width * len(mode))
    return _Head(mode, width, height, size) if width and 0 < size <= LARGEST_BYTES else None


def pixels(pictures: Sequence[PlainPng]) -> list[bytes]:
    """Return height × width × channels bytes for each of these pictures, which have one mode and size.

    Raises:
        OSError: One of them has rows that no PNG can have.
    """
    mode, width, height, _ = pictures[0]
    gap = bytes(1 + width * len(mode))
    stream = zlib.compress(gap + gap.join(picture.rows for picture in pictures), 0)
    size = (width, (height + 1) * len(pictures))
    joined = Image.frombytes(mode, size, stream, "zip", mode, 0).tobytes()
    row = width * len(mode)
    step = row * (height + 1)
    return [joined[start + row : start + step] for start in range(0, len(joined), step)]


def _packed(data: bytes) -> bytes | None:
    """Return the compressed rows, all checksums right; None where a chunk says more than the pixels."""
    crc32, view = zlib.crc32, memoryview(data)
    if data[37:41] == b"IDAT" and data.endswith(_END):  # nothing but the pixels, as most are
        end = len(data) - len(_END) - 4
        length, checksum = _NUMBER.unpack_from(data, _FIRST)[0], _NUMBER.unpack_from(data, end)[0]
        if length == end - 41 and checksum == crc32(view[37:end]):
            return data[41:end]
    place, parts = _FIRST, []
    while place + 12 <= len(data):
        length, kind = _CHUNK.unpack_from(data, place)
        end = place + 8 + length
        if data[end : end + 4] != crc32(view[place + 4 : end]).to_bytes(4, "big"):
            return None
        if kind == b"IDAT":
            parts.append(data[place + 8 : end])
        elif kind == b"IEND":
            return parts[0] if len(parts) == 1 else b"".join(parts)
        elif kind not in _HARMLESS and not (kind == b"tEXt" and data[place + 8 : end].startswith(b"date:")):
            return None
        place = end + 4
    return None
