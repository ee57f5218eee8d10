"""What every kind of dataset promises, whoever adds one."""

import itertools
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import CancelledError, DataError
from workbench.datasets.base import DatasetKind, kinds
from workbench.datasets.sniff import find_kind
from workbench.datasets.texts import Texts


def picture_folder(folder: Path) -> Path:
    for number, label in itertools.product(range(15), ("cat", "dog")):
        path = folder / "pictures" / label / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng([number, len(label), ord(label[0])]).integers(0, 256, (6, 5))
        Image.fromarray(pixels.astype(np.uint8)).save(path)
    (folder / "pictures" / "cat" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    return folder / "pictures"


def table_file(folder: Path) -> Path:
    lines = [f"{number * 1.5},{'xyz'[number % 3]},{('no', 'yes')[number % 2]}" for number in range(30)]
    (folder / "table.csv").write_text("\n".join(["size,sort,label", *lines, "1,2"]) + "\n")
    return folder / "table.csv"


def text_file(folder: Path) -> Path:
    lines = [
        f'"今天的天气很好, text number {number} of a few","{("好", "bad")[number % 2]}"'
        for number in range(30)
    ]
    (folder / "texts.csv").write_text("\n".join(["content,label", *lines, ",bad"]) + "\n", encoding="utf-8")
    return folder / "texts.csv"


def audio_folder(folder: Path) -> Path:
    for number, label in itertools.product(range(8), ("high", "low")):
        path = folder / "sounds" / label / f"{number}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        wave = np.random.default_rng([number, len(label)]).normal(0, 0.1, 2000)
        soundfile.write(path, wave, 16_000)
    (folder / "sounds" / "low" / "broken.wav").write_bytes(b"RIFF\x24\0\0\0WAVE")
    return folder / "sounds"


def listed_folder(folder: Path) -> Path:
    source = picture_folder(folder)
    rows = [f"{label}/{number}.png,{label}" for label in ("cat", "dog") for number in range(15)]
    (source / "labels.csv").write_text("\n".join(["file,label", *rows, "gone.png,cat", "cat/broken.png,cat"]))
    return source


SOURCES = {
    "picture_list": listed_folder,
    "image_folder": picture_folder,
    "table": table_file,
    "text": text_file,
    "audio": audio_folder,
}


@pytest.fixture(params=kinds.names())
def kind(request: pytest.FixtureRequest) -> DatasetKind:
    return kinds.build(request.param)


@pytest.fixture
def source(kind: DatasetKind, tmp_path: Path) -> Path:
    assert kind.name in SOURCES, f"add a small real source for {kind.name} to this file"
    return SOURCES[kind.name](tmp_path)


def load(kind: DatasetKind, source: Path, into: Path):
    into.mkdir()
    return kind.load(source, into, ImportConfig(), CancelToken(), no_progress)


def test_every_kind_has_a_title_and_described_fields(kind: DatasetKind) -> None:
    assert kind.title
    assert all(info.title for info in type(kind).model_fields.values())


def test_every_kind_knows_its_own_source_best(kind: DatasetKind, source: Path) -> None:
    assert 0.5 < kind.sniff(source) <= 1.0
    assert find_kind(source, ImportConfig()).name == kind.name


def test_the_preview_agrees_with_the_import(kind: DatasetKind, source: Path, tmp_path: Path) -> None:
    preview = kind.inspect(source, ImportConfig())
    imported = load(kind, source, tmp_path / "into")
    assert preview.kind == imported.kind == kind.name
    assert preview.title
    assert preview.count == imported.found
    assert preview.target == imported.schema.target


def test_every_sample_found_is_imported_a_copy_or_skipped_with_a_reason(
    kind: DatasetKind, source: Path, tmp_path: Path
) -> None:
    imported = load(kind, source, tmp_path / "into")
    assert imported.found == imported.count + imported.duplicates + len(imported.skipped)
    assert imported.skipped
    assert all(item.path and item.reason for item in imported.skipped)
    assert sum(imported.class_counts) == imported.count
    assert len(imported.class_counts) == len(imported.schema.classes)


def test_what_is_opened_has_the_shape_that_the_schema_says(
    kind: DatasetKind, source: Path, tmp_path: Path
) -> None:
    imported = load(kind, source, tmp_path / "into")
    samples = kind.open(tmp_path / "into")
    assert len(samples) == len(samples.y) == len(samples.names) == imported.count
    assert samples.x.shape[1:] == imported.schema.input_shape
    assert isinstance(samples.x, np.memmap | Texts)
    assert isinstance(samples.x, Texts) or not samples.x.flags.writeable
    assert samples.y.min() >= 0
    assert samples.y.max() < imported.schema.outputs
    assert samples.names[0] == samples.names[:1][0] == next(iter(samples.names))
    assert samples.names[-1] == samples.names[len(samples) - 1]
    with pytest.raises(IndexError):
        samples.names[len(samples)]


def test_rows_are_text_for_any_window(kind: DatasetKind, source: Path, tmp_path: Path) -> None:
    imported = load(kind, source, tmp_path / "into")
    everything = kind.rows(tmp_path / "into", 0, imported.count)
    assert len(everything) == imported.count
    assert kind.rows(tmp_path / "into", 3, 5) == everything[3:5]
    assert kind.rows(tmp_path / "into", imported.count, imported.count + 9) == []
    assert all(isinstance(cell, str) for row in everything for cell in row)


def test_the_same_source_gives_the_same_dataset(kind: DatasetKind, source: Path, tmp_path: Path) -> None:
    first = load(kind, source, tmp_path / "one")
    second = load(kind, source, tmp_path / "two")
    assert first == second


def test_the_training_data_read_as_new_data_is_the_same(
    kind: DatasetKind, source: Path, tmp_path: Path
) -> None:
    imported = load(kind, source, tmp_path / "into")
    samples = kind.open(tmp_path / "into")
    encoded = kind.encode(source, imported.schema, imported.details)
    assert np.array_equal(encoded.samples.x, samples.x)
    assert np.array_equal(encoded.samples.y, samples.y)
    assert list(encoded.samples.names) == list(samples.names)
    assert encoded.skipped == imported.skipped


def test_a_cancelled_import_writes_no_file(kind: DatasetKind, source: Path, tmp_path: Path) -> None:
    (tmp_path / "into").mkdir()
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        kind.load(source, tmp_path / "into", ImportConfig(), token, no_progress)
    assert not list((tmp_path / "into").iterdir())


def test_reading_new_data_says_how_far_it_is_and_can_be_cancelled(
    kind: DatasetKind, source: Path, tmp_path: Path
) -> None:
    imported = load(kind, source, tmp_path / "into")
    token, texts = CancelToken(), []

    def progress(done: int, total: int, text: str, left_s: float | None = None) -> None:
        texts.append(text)
        token.cancel()

    with pytest.raises(CancelledError):
        kind.encode(source, imported.schema, imported.details, token, progress)
    assert len(texts) == 1


def test_a_source_that_is_gone_is_told(kind: DatasetKind, tmp_path: Path) -> None:
    assert kind.sniff(tmp_path / "gone") == 0.0
    for call in (
        lambda: kind.inspect(tmp_path / "gone", ImportConfig()),
        lambda: load(kind, tmp_path / "gone", tmp_path / "into"),
    ):
        with pytest.raises(DataError):
            call()
