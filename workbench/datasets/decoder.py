"""Worker process that decodes foreign pictures, so that a crash in native code costs one file.

Started as `python -m workbench.datasets.decoder`. It reads requests on stdin and answers on stdout:

- request: u32 length, then u32 height, width and channels, then the paths with a zero byte between them;
  height 0 asks for the header alone;
- answer: frames of u32 count and u64 body length, then `count` records, then the body: for each record its
  pixels (channels × height × width bytes) or the reason why there are none.

Every path is answered, in order. The worker ends when stdin closes, also in the middle of a picture.
"""

import contextlib
import hashlib
import io
import os
import re
import signal
import stat
import struct
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from queue import SimpleQueue
from typing import BinaryIO, NamedTuple, TypeVar

from PIL import Image, ImageOps

from workbench.datasets.small_png import PlainPng, pixels, plain_png

LENGTH = struct.Struct("<I")
WISH = struct.Struct("<III")
FRAME = struct.Struct("<IQ")
RECORD = struct.Struct("<BBIII16s")
T = TypeVar("T")
FAILED, DONE = 0, 1
GONE = "is no longer there"
PIXEL_LIMIT = 100_000_000
_FILE_LIMIT = 1 << 30
_FLUSH_BYTES = 1 << 20
_FLUSH_S = 0.05
_HEAD_BYTES = 32
# O_NONBLOCK: a pipe that calls itself a picture must not be waited for.
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0)
_GROUP = 64  # small pictures that are decoded in one go
_EXIF_KEYS = frozenset({"exif", "Raw profile type exif", "XML:com.adobe.xmp", "xmp"})
_DAMAGED = "is damaged or cut off, so it cannot be decoded"
_TURNED = (5, 6, 7, 8)  # EXIF orientations that swap width and height


class Order(NamedTuple):
    """How pictures are wanted; height 0 asks for their sizes alone."""

    height: int
    width: int
    channels: int


class UnreadableError(Exception):
    """A file gives no picture; the message continues the sentence `FILE ...`."""


class Answer(NamedTuple):
    """What became of one file.

    `body` holds the pixels, or the reason as UTF-8 when `status` is FAILED. Width and height are those of
    the picture in the file, upright; `digest` is over its pixels as ordered, before grey ones are repeated,
    and is cut to 16 bytes when it is sent.
    """

    status: int
    grey: bool
    width: int
    height: int
    digest: bytes
    body: bytes


def decode(data: bytes, order: Order) -> Answer:
    """Return the picture in a file, upright, scaled to cover the order's size and cropped around its centre.

    Args:
        data: The whole file; its content says what it is.
        order: The size and channels wanted.

    Raises:
        UnreadableError: There is no picture in it that can be decoded.
    """
    kind = _format_of(data)
    if kind == "PNG" and b"IEND" not in data:  # Pillow takes one that lacks no more than its checksum
        raise UnreadableError(_DAMAGED)
    image = _opened(io.BytesIO(data), kind)
    upright = _upright_size(image)
    # JPEG can decode to a half, quarter or eighth at once, many times as fast, from which is scaled down.
    image.draft(None, (max(order[:2]), max(order[:2])))
    image.load()
    return _finished(_flat(_upright(image)), upright, order)


def look(path: str) -> Answer:
    """Return the size of the picture in a file, upright, from its head alone.

    Raises:
        UnreadableError: There is no picture in it.
    """
    descriptor, _ = _open(path)
    with os.fdopen(descriptor, "rb") as file:
        kind = _format_of(file.read(_HEAD_BYTES))
        file.seek(0)
        return Answer(DONE, False, *_upright_size(_opened(file, kind)), b"", b"")


def _finished(picture: Image.Image, upright: tuple[int, int], order: Order) -> Answer:
    """Scale and crop; `upright` is the size of the picture in the file."""
    size = order.width, order.height
    if picture.size != size:
        picture = ImageOps.fit(picture, size, Image.Resampling.BICUBIC)
    bands = [picture] if picture.mode == "L" else picture.split()
    return _answer([band.tobytes() for band in bands], upright, order)


def _answer(bands: list[bytes], upright: tuple[int, int], order: Order) -> Answer:
    """Return a picture of the wanted size; `bands` are its brightness, or its red, green and blue."""
    grey = len(bands) == 1 or bands[0] == bands[1] == bands[2]
    pixels = bands[0] if grey else b"".join(bands)
    digest = hashlib.sha256(pixels).digest()
    if grey and order.channels == 3:
        pixels *= 3
    elif order.channels == 1 and not grey:
        size = order.width, order.height
        colour = Image.merge("RGB", [Image.frombytes("L", size, band) for band in bands])
        pixels = colour.convert("L").tobytes()
    return Answer(DONE, grey, *upright, digest, pixels)


def read_file(path: str) -> bytes:
    """Return all of a file.

    Raises:
        UnreadableError: It is no regular file with a content that may be read.
    """
    descriptor, size = _open(path)
    try:
        data = os.read(descriptor, size)
        while 0 < len(data) < size and (more := os.read(descriptor, size - len(data))):
            data += more
    except OSError as error:
        raise UnreadableError(f"could not be read ({error.strerror or error})") from error
    finally:
        os.close(descriptor)
    if not data:
        raise UnreadableError("is empty (0 bytes)")
    return data


def open_file(path: str) -> tuple[int, int]:
    """Return the descriptor of a regular file with something in it, and its size in bytes.

    Raises:
        UnreadableError: It is not there, may not be read, is empty, or is no such file.
    """
    try:
        descriptor = os.open(path, _FLAGS)
        about = os.fstat(descriptor)
    except FileNotFoundError as error:
        raise UnreadableError(GONE) from error
    except PermissionError as error:
        raise UnreadableError("may not be read: give yourself the right to read it") from error
    except OSError as error:
        raise UnreadableError(f"could not be read ({error.strerror or error})") from error
    is_regular = stat.S_ISREG(about.st_mode)
    if is_regular and about.st_size:
        return descriptor, about.st_size
    os.close(descriptor)
    raise UnreadableError("is empty (0 bytes)" if is_regular else "is not a regular file")


def _open(path: str) -> tuple[int, int]:
    descriptor, size = open_file(path)
    if size <= _FILE_LIMIT:
        return descriptor, size
    os.close(descriptor)
    raise UnreadableError("is larger than 1 GB, which no picture should be")


def _format_of(data: bytes) -> str:
    head = data[:_HEAD_BYTES]
    if not head:
        raise UnreadableError("is empty (0 bytes)")
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return "TIFF"
    if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in (12, 16, 40, 52, 56, 64, 108, 124):
        return "BMP"
    raise UnreadableError("is not a picture (PNG, JPEG, WebP, BMP, TIFF or GIF), whatever its name says")


def _opened(file: BinaryIO, kind: str) -> Image.Image:
    image = Image.open(file, formats=(kind,))
    if image.width * image.height > PIXEL_LIMIT:
        raise UnreadableError(_too_large(image.width * image.height))
    return image


def _too_large(pixels: int) -> str:
    return f"has {pixels / 1e6:,.0f} megapixels, more than the 100 that are decoded: scale it down first"


def _upright_size(image: Image.Image) -> tuple[int, int]:
    if _has_orientation(image) and image.getexif().get(0x0112) in _TURNED:
        return image.height, image.width
    return image.width, image.height


def _has_orientation(image: Image.Image) -> bool:
    return image.format in ("TIFF", "MPO") or not _EXIF_KEYS.isdisjoint(image.info)


def _upright(image: Image.Image) -> Image.Image:
    return ImageOps.exif_transpose(image) if _has_orientation(image) else image


def _flat(image: Image.Image) -> Image.Image:
    """Return the picture in mode L or RGB, what is transparent on white."""
    if image.mode in ("I", "F") or image.mode.startswith("I;16"):
        return _eight_bit(image)
    if image.mode in ("L", "RGB") and "transparency" not in image.info:
        return image
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        white.alpha_composite(layer)
        return white.convert("RGB")
    return image.convert("L" if image.mode == "1" else "RGB")


def _eight_bit(image: Image.Image) -> Image.Image:
    """Scale by the range that the type stands for, never by the picture's own: 16 bits keep their upper 8."""
    import numpy as np

    values = np.asarray(image).astype(np.float64)
    if not np.isfinite(values).all() or values.min() < 0 or values.max() > 65_535:
        raise UnreadableError("has brightness values below 0 or above 65,535: export it with 8 or 16 bits")
    if image.mode.startswith("I;16") or values.max() > 255:
        values = values / 257
    elif image.mode == "F" and values.max() <= 1:
        values = values * 255
    return Image.fromarray(np.rint(values).astype(np.uint8))


def answers(paths: Iterable[str], order: Order) -> Iterator[Answer]:
    """Yield what became of each file, in order; whatever goes wrong becomes a reason."""
    if not order.height:
        yield from (_guarded(look, path) for path in paths)
        return
    group: list[tuple[bytes, PlainPng]] = []
    for path in paths:
        try:
            data = read_file(path)
            png = plain_png(data)
        except (UnreadableError, MemoryError):
            yield from _grouped(group, order)
            yield _guarded(lambda path: decode(read_file(path), order), path)
            continue
        if group and (png is None or png[:3] != group[0][1][:3] or len(group) == _GROUP):
            yield from _grouped(group, order)
        if png is not None:
            group.append((data, png))
        else:
            yield _guarded(lambda data: decode(data, order), data)
    yield from _grouped(group, order)


def _grouped(group: list[tuple[bytes, PlainPng]], order: Order) -> Iterator[Answer]:
    """Yield the answers for pictures of one mode and size, and empty the group."""
    waiting, group[:] = group[:], []
    if not waiting:
        return
    mode, width, height, _ = waiting[0][1]
    size = width, height
    try:
        decoded = pixels([png for _, png in waiting])
    except Exception:  # noqa: BLE001 - one of them is damaged; alone each gets its own reason
        yield from (_guarded(lambda data: decode(data, order), data) for data, _ in waiting)
        return
    if mode == "L" and size == (order.width, order.height):
        for one in decoded:
            yield Answer(DONE, True, width, height, hashlib.sha256(one).digest(), one * order.channels)
    else:
        yield from (_guarded(lambda one: _plain(mode, size, one, order), one) for one in decoded)


def _plain(mode: str, size: tuple[int, int], pixels: bytes, order: Order) -> Answer:
    if size != (order.width, order.height):
        return _finished(Image.frombytes(mode, size, pixels), size, order)
    return _answer([pixels] if mode == "L" else [pixels[band::3] for band in range(3)], size, order)


def _guarded(work: Callable[[T], Answer], source: T) -> Answer:
    """Return what `work` makes of a file; whatever goes wrong becomes a reason."""
    try:
        return work(source)
    except UnreadableError as error:
        reason = str(error)
    except MemoryError:
        reason = "needs more memory than this computer has free"
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        found = re.search(r"\d+", str(error))
        reason = _too_large(int(found.group()) if found else 0)
    except Exception:  # noqa: BLE001 - a foreign file can raise anything inside a decoder
        reason = _DAMAGED
    return Answer(FAILED, False, 0, 0, b"", reason.encode())


def request(paths: Sequence[str], order: Order) -> bytes:
    """Return what asks a worker for files, its length first."""
    wish = WISH.pack(*order) + b"\0".join(map(os.fsencode, paths))
    return LENGTH.pack(len(wish)) + wish


def asked(request: bytes) -> tuple[list[str], Order]:
    """Return the files and the order of a request without its length."""
    paths = request[WISH.size :].split(b"\0")
    return list(map(os.fsdecode, paths)), Order(*WISH.unpack_from(request))


def serve(requests: Iterable[bytes], out: BinaryIO) -> None:
    """Answer requests until they end; what is decoded is sent at least every 50 ms."""
    for request in requests:
        waiting: list[Answer] = []
        size, sent_s = 0, time.monotonic()
        for answer in answers(*asked(request)):
            waiting.append(answer)
            size += len(answer.body)
            if size > _FLUSH_BYTES or time.monotonic() - sent_s > _FLUSH_S:
                _send(waiting, size, out)
                waiting, size, sent_s = [], 0, time.monotonic()
        if waiting:
            _send(waiting, size, out)


def _send(answers: list[Answer], size: int, out: BinaryIO) -> None:
    records = [RECORD.pack(*about, len(body), digest) for *about, digest, body in answers]
    out.write(b"".join([FRAME.pack(len(answers), size), *records, *[answer.body for answer in answers]]))
    out.flush()


def _requests(source: BinaryIO) -> Iterable[bytes]:
    """Yield requests; a thread reads them, so that the end of the parent ends the worker at once."""
    queue: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        while len(head := source.read(LENGTH.size)) == LENGTH.size:
            queue.put(source.read(LENGTH.unpack(head)[0]))
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield queue.get()


def silence_output() -> None:
    """Have what native libraries print go nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def main() -> None:
    """Serve on stdin and stdout until the parent closes them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the parent's to decide
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    silence_output()
    warnings.simplefilter("ignore")
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    warnings.filterwarnings("error", message="Truncated File Read")
    Image.MAX_IMAGE_PIXELS = PIXEL_LIMIT
    with contextlib.suppress(BrokenPipeError):
        out.write(FRAME.pack(0, 0))  # ready
        out.flush()
        serve(_requests(sys.stdin.buffer), out)
    os._exit(0)


if __name__ == "__main__":
    main()
