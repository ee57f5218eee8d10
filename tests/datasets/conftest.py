"""Real files to import, good and nasty."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.records import Imported
from workbench.datasets.base import Samples, kinds

Load = Callable[..., tuple[Imported, Samples]]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Import a source with the very kind a user would get, and open what it wrote."""

    def run(
        kind: str,
        source: Path,
        token: CancelToken | None = None,
        progress: Progress = no_progress,
        **fields: object,
    ) -> tuple[Imported, Samples]:
        into = tmp_path / f"imported {len(list(tmp_path.glob('imported *')))}"
        into.mkdir()
        dataset = kinds.build(kind)
        imported = dataset.load(source, into, ImportConfig(**fields), token or CancelToken(), progress)
        samples = dataset.open(into)
        assert imported.found == imported.count + imported.duplicates + len(imported.skipped)
        assert len(samples) == imported.count == len(samples.names) == len(samples.y)
        assert not list(into.glob(".*")), "a temporary file was left behind"
        return imported, samples

    return run


def picture(path: Path, seed: int, size: tuple[int, int] = (8, 6), mode: str = "L") -> Path:
    """Write a picture of noise that no other seed has; `size` is (width, height)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    shape = (size[1], size[0]) if mode == "L" else (size[1], size[0], len(mode))
    pixels = np.random.default_rng(seed).integers(0, 256, shape).astype(np.uint8)
    Image.fromarray(pixels).save(path)
    return path


def enormous_png(path: Path, side: int) -> None:
    """Write a valid head of a grey PNG of side × side pixels over a small compressed stream."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress(bytes(side + 1) * 1000, 9)
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


@pytest.fixture
def good_folder(tmp_path: Path) -> Path:
    """Two classes of twelve grey pictures each."""
    folder = tmp_path / "pictures"
    for number in range(12):
        picture(folder / "cats" / f"{number}.png", number)
        picture(folder / "dogs" / f"{number}.png", 100 + number)
    return folder


def reasons(imported: Imported) -> dict[str, str]:
    """Return why each skipped file or row was skipped."""
    return {item.path: item.reason for item in imported.skipped}


def codes(imported: Imported) -> set[str]:
    """Return the codes of all findings."""
    return {finding.code for finding in imported.findings}
