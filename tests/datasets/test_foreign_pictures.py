"""Pixels of real files that other programs wrote, compared with what those programs were given."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.datasets.conftest import picture
from workbench.core.control import CancelToken
from workbench.datasets.decoder import DONE, Order, answers, decode
from workbench.datasets.decoding import DecoderPool
from workbench.datasets.small_png import plain_png

FOREIGN = Path(__file__).parent / "foreign"
Y, X = np.mgrid[0:36, 0:48]
COLOUR = np.stack([X * 5 % 256, Y * 7 % 256, (X // 6 + Y // 6) % 2 * 200 + 20])
SIXTEEN = (X * 1000 + Y * 300) % 65_536
LOSSLESS = (
    "im-rgb.png",
    "im-interlaced.png",
    "im-none-filter.png",
    "netpbm-rgb.png",
    "im-rgb.bmp",
    "netpbm.bmp",
    "im-lzw.tiff",
    "tiffcp-packbits.tiff",
    "tiffcp-tiled.tiff",
    "tiffcp-big-endian.tiff",
    "cwebp-lossless.webp",
)


def pixels(name: str, channels: int = 3, height: int = 36, width: int = 48):
    (answer,) = answers([str(FOREIGN / name)], Order(height, width, channels))
    assert answer.status == DONE, answer.body
    return np.frombuffer(answer.body, np.uint8).reshape(channels, height, width).astype(int)


@pytest.mark.parametrize("name", LOSSLESS)
def test_a_lossless_file_gives_the_very_pixels_that_went_in(name: str) -> None:
    assert np.array_equal(pixels(name), COLOUR)


@pytest.mark.parametrize(
    ("name", "mean"),
    [
        # Mean error in levels of 255. Colour is stored at half the resolution but in 4:4:4; the checks of
        # blue, every 6 pixels, are the worst that can be asked of it.
        ("cjpeg-444.jpg", 5),
        ("cjpeg-baseline.jpg", 12),
        ("cjpeg-progressive.jpg", 12),
        ("im-jpeg.tiff", 12),
        ("cwebp-lossy.webp", 12),
        ("im-cmyk.jpg", 12),
        ("im-palette.png", 20),  # 16 colours for all of it
        ("im-animated.gif", 12),  # 256 colours, and the first frame
        ("gifsicle.gif", 12),
    ],
)
def test_a_lossy_file_gives_the_picture_that_went_in_within_what_the_format_loses(
    name: str, mean: int
) -> None:
    assert np.abs(pixels(name) - COLOUR).mean() < mean


@pytest.mark.parametrize("name", ["im-grey16.png", "im-grey16.tiff", "netpbm-grey16.png"])
def test_sixteen_bits_keep_their_upper_eight(name: str) -> None:
    assert np.abs(pixels(name, channels=1)[0] - SIXTEEN / 257).max() <= 0.5


@pytest.mark.parametrize("name", ["im-rgba.png", "cwebp-alpha.webp"])
def test_what_is_half_transparent_lies_on_white(name: str) -> None:
    # Half of 255 is 127 or 128, so a level more or less.
    assert np.abs(pixels(name) - (COLOUR + 255) / 2).max() <= 1


@pytest.mark.parametrize(
    ("name", "weights", "mean"),
    # ImageMagick weighs as BT.709 does, JPEG as BT.601, and loses a little more.
    [("im-grey.png", [0.2126, 0.7152, 0.0722], 0.5), ("cjpeg-grey.jpg", [0.299, 0.587, 0.114], 5)],
)
def test_grey_of_other_programs_is_grey(name: str, weights: list[float], mean: float) -> None:
    assert np.abs(pixels(name, channels=1)[0] - np.tensordot(weights, COLOUR, 1)).mean() < mean
    assert np.array_equal(*pixels(name)[:2]), "grey in three channels is the same in each"


def test_a_tiff_that_says_it_lies_on_its_side_is_turned_upright() -> None:
    # Orientation 6, right-top: the first stored row is the right side, so upright is a quarter to the right.
    assert np.array_equal(pixels("im-turned.tiff", 3, 48, 36), np.rot90(COLOUR, -1, axes=(1, 2)))


def test_a_photo_whose_camera_says_how_it_was_held_is_turned_upright() -> None:
    upright = np.rot90(COLOUR, -1, axes=(1, 2))
    assert np.abs(pixels("exiv2-turned.jpg", 3, 48, 36) - upright).mean() < 5


def test_many_small_png_at_once_are_what_each_is_alone(tmp_path: Path) -> None:
    names = [
        picture(tmp_path / f"{number}.png", number, size=(9 + number % 3, 7), mode=mode)
        for number, mode in enumerate(["L", "RGB", "L", "RGBA", "L", "L", "RGB", "RGB"] * 12)
    ]
    names += [picture(tmp_path / f"same {number}.png", 900 + number, size=(9, 7)) for number in range(70)]
    (tmp_path / "broken.png").write_bytes(names[-1].read_bytes()[:-20])
    names.insert(140, tmp_path / "broken.png")
    for order in (Order(7, 9, 1), Order(7, 9, 3), Order(5, 12, 3)):
        together = list(answers(map(str, names), order))
        assert len(together) == len(names)
        for path, answer in zip(names, together, strict=True):
            if path.name == "broken.png":
                assert answer.status != DONE
            else:
                assert answer == decode(path.read_bytes(), order)


def test_a_png_with_rows_that_no_png_can_have_costs_that_file_alone(tmp_path: Path) -> None:
    good = [picture(tmp_path / f"{number}.png", number) for number in range(3)]
    bad = tmp_path / "bad.png"
    bad.write_bytes(_png(8, 6, b"\x09" + bytes(8)))
    assert plain_png(bad.read_bytes()) is not None, "it is told only when its rows are read"
    first, told, *others = answers(map(str, [good[0], bad, *good[1:]]), Order(6, 8, 1))
    assert told.status != DONE
    assert b"damaged" in told.body
    assert [a.status for a in (first, *others)] == [DONE] * 3


def test_rows_that_inflate_to_more_than_the_head_says_are_never_inflated_in_full(tmp_path: Path) -> None:
    assert plain_png(_png(8, 6, bytes(1 << 20))) is None
    assert plain_png(_png(8, 6, b"")) is None


@pytest.mark.parametrize("size", [(640, 640), (1600, 900), (500, 2000)])
def test_a_large_jpeg_read_at_a_fraction_looks_as_if_pillow_had_read_all_of_it(tmp_path: Path, size) -> None:
    """Mean error below 2 of 255 levels, one pixel in a hundred above 8."""
    from PIL import ImageOps

    width, height = size
    y, x = np.mgrid[0:height, 0:width]
    waves = [127 + 120 * np.sin(x / a + y / b) for a, b in ((9, 31), (17, -13), (50, 7))]
    path = tmp_path / "large.jpg"
    Image.fromarray(np.stack(waves, -1).astype(np.uint8)).save(path, quality=92)
    with Image.open(path) as image:
        whole = np.asarray(ImageOps.fit(image, (224, 224), Image.Resampling.BICUBIC)).astype(int)
    with DecoderPool(CancelToken()) as pool:
        (ours,) = pool.decode([str(path)], Order(224, 224, 3))
    assert (ours.width, ours.height) == size
    error = np.abs(np.frombuffer(ours.pixels, np.uint8).reshape(3, 224, 224).transpose(1, 2, 0) - whole)
    assert error.mean() < 2
    assert np.quantile(error, 0.99) <= 8


def _png(width: int, height: int, first: bytes) -> bytes:
    """Return a grey PNG with right checksums around rows that begin with `first`."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = first if len(first) > 100 or not first else first + bytes((height - 1) * (width + 1))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_a_head_that_promises_more_than_a_hundred_megapixels_is_refused_in_every_format(
    tmp_path: Path,
) -> None:
    """Bombs: small files whose head says an enormous picture. None may take the memory for it."""
    side = 60_000
    bombs = {
        "png": _head_of_png(side),
        "bmp": b"BM"
        + struct.pack("<IHHI", 10_000, 0, 0, 54)
        + struct.pack("<IiiHHIIiiII", 40, side, side, 1, 24, 0, 0, 0, 0, 0, 0)
        + bytes(1000),
        "gif": b"GIF89a"
        + struct.pack("<HHBBB", side, side, 0, 0, 0)
        + b","
        + struct.pack("<HHHHB", 0, 0, side, side, 0)
        + b"\x02\x02\x44\x01\x00;",
        "tiff": _tiff(side),
        "webp": _webp(16_383),
    }
    for name, content in bombs.items():
        (tmp_path / name).write_bytes(content)
        for order in (Order(0, 0, 1), Order(8, 8, 3)):
            (answer,) = answers([str(tmp_path / name)], order)
            assert answer.status != DONE, name
            assert b"megapixels" in answer.body, (name, answer.body)


def _head_of_png(side: int) -> bytes:
    whole = bytearray(_png(8, 6, bytes(9)))
    whole[16:24] = struct.pack(">II", side, side)
    whole[29:33] = struct.pack(">I", zlib.crc32(whole[12:29]))
    return bytes(whole)


def _tiff(side: int) -> bytes:
    """A TIFF that says to be side × side of grey, in one strip of Deflate."""
    data = zlib.compress(bytes(1000))
    tags = [(256, 4, side), (257, 4, side), (258, 3, 8), (259, 3, 8), (262, 3, 1), (273, 4, 8), (277, 3, 1)]
    tags += [(278, 4, side), (279, 4, len(data))]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return (
        b"II*\0" + struct.pack("<I", 8 + len(data)) + data + struct.pack("<H", len(tags)) + entries + bytes(4)
    )


def _webp(side: int) -> bytes:
    """A lossless WebP whose head says the largest size that the format can have."""
    bits = (side - 1) | (side - 1) << 14
    body = b"\x2f" + struct.pack("<I", bits) + bytes(99)
    return b"RIFF" + struct.pack("<I", 12 + len(body)) + b"WEBPVP8L" + struct.pack("<I", len(body)) + body
