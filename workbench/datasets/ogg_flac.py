"""FLAC inside an Ogg file, which libsndfile does not open, as the plain FLAC file that it would be.

Source: RFC 3533 for the pages of Ogg, RFC 9639 (section 10.1) for FLAC in them.
"""

from collections.abc import Iterator
from typing import NamedTuple

_SERIAL = slice(14, 18)
_MAPPING = b"\x7fFLAC"
_BEGIN = 9  # of the packet that begins a stream: the mapping, its version and how many headers follow
_ABOUT = slice(18, 26)  # of a FLAC file: its last 36 bits are the number of samples
_LAST = 4  # flag of the last page


class _Page(NamedTuple):
    serial: bytes
    flags: int
    samples: int
    packets: tuple[bytes, ...]
    is_open: bool


def is_ogg_flac(head: bytes) -> bool:
    """Return whether a file that begins like this is FLAC inside Ogg."""
    return head.startswith(b"OggS") and head[28:].startswith(_MAPPING)


def unwrapped(data: bytes) -> bytes:
    """Return the plain FLAC file in an Ogg file.

    Raises:
        ValueError: The file is cut off or no such file.
    """
    pages = _pages(data)
    first = next(pages)
    packets, open_packet, page = [first.packets[0][_BEGIN:]], b"", first
    for page in pages:
        if page.serial != first.serial:
            continue  # such as that of a picture or of subtitles
        for place, part in enumerate(page.packets):
            open_packet += part
            if place < len(page.packets) - 1 or not page.is_open:
                packets.append(open_packet)
                open_packet = b""
    if not page.flags & _LAST or open_packet:
        raise ValueError("an Ogg file without its end")
    flac = bytearray(b"".join(packets))
    told = int.from_bytes(flac[_ABOUT], "big")
    if not told & ((1 << 36) - 1):  # a program that wrote as it went did not know it yet
        flac[_ABOUT] = (told | page.samples).to_bytes(8, "big")
    return bytes(flac)


def _pages(data: bytes) -> Iterator[_Page]:
    at = 0
    while at < len(data):
        head = data[at : at + 27]
        sizes = data[at + 27 : at + 27 + head[26]] if len(head) == 27 else b""
        if not head.startswith(b"OggS") or len(sizes) != head[26]:
            raise ValueError("no page where one should begin")
        at += 27 + len(sizes)
        packets, begin, size = [], at, 0
        for lacing in sizes:
            size += lacing
            if lacing < 255:
                packets.append(data[begin : begin + size])
                begin, size = begin + size, 0
        is_open = size > 0 or (bool(sizes) and sizes[-1] == 255)
        if is_open:
            packets.append(data[begin : begin + size])
        at += sum(sizes)
        if at > len(data):
            raise ValueError("a page that is cut off")
        samples = int.from_bytes(head[6:14], "little")
        yield _Page(head[_SERIAL], head[5], samples, tuple(packets), is_open)
