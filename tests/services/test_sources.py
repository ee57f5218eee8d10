"""A source that is deleted, changed or moved after its import."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.core.errors import CancelledError, DataError
from workbench.datasets import delimited_rows, typed_rows
from workbench.datasets.plain_numbers import PROBE


def write_pictures(folder: Path, seed: int = 0) -> Path:
    for number in range(24):
        path = folder / ("cats", "dogs")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng([seed, number]).integers(0, 256, (6, 5)).astype(np.uint8)
        Image.fromarray(pixels).save(path)
    return folder


@pytest.fixture
def pets(tmp_path):
    return write_pictures(tmp_path / "pets")


@pytest.fixture
def dataset(session, pets):
    return session.jobs.wait(session.datasets.import_source(pets))


def test_a_source_as_it_was_is_no_problem(session, dataset):
    assert session.datasets.source_problem(dataset.id) == (False, "")


def test_a_deleted_source_is_told_and_the_dataset_still_serves(session, dataset, pets):
    shutil.rmtree(pets)
    is_gone, text = session.datasets.source_problem(dataset.id)
    assert is_gone
    assert str(pets) in text
    assert len(session.datasets.samples(dataset.id)) == 24
    assert session.datasets.samples(dataset.id).x.sum() > 0


def test_what_changed_in_a_source_is_told(session, dataset, pets):
    def told():
        is_gone, text = session.datasets.source_problem(dataset.id)
        assert not is_gone
        return text

    shutil.copy(pets / "cats" / "0.png", pets / "cats" / "new.png")
    assert "it has 1 file more" in told()
    (pets / "cats" / "new.png").unlink()
    assert told() == ""
    (pets / "dogs" / "1.png").unlink()
    assert "it has 1 file fewer" in told()
    (pets / "dogs" / "1.png").write_bytes(bytes(5000))
    assert "files of another size" in told()


def test_a_file_that_was_written_anew_in_its_old_size_is_told(session, dataset, pets):
    later = (pets / "cats" / "0.png").stat().st_mtime + 60
    os.utime(pets / "cats" / "0.png", (later, later))
    assert "files that were written since" in session.datasets.source_problem(dataset.id)[1]


def test_a_moved_source_is_found_again_and_that_can_be_undone(session, dataset, pets, tmp_path):
    moved = tmp_path / "elsewhere" / "animals"
    shutil.copytree(pets, moved)
    shutil.rmtree(pets)
    found = session.jobs.wait(session.datasets.relocate(dataset.id, moved))
    assert found.source == str(moved)
    assert session.datasets.source_problem(dataset.id) == (False, "")
    session.history.undo()
    assert session.datasets.get(dataset.id) == dataset


def test_a_table_is_found_again_too(session, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    table = Path(session.datasets.get(1).source)
    source = shutil.copy(tmp_path / "flowers.csv", tmp_path / "elsewhere" / "f.csv")
    assert table.name == "flowers.csv"
    assert session.jobs.wait(session.datasets.relocate(1, source)).source == str(source)


@pytest.mark.parametrize("what", ["other pictures", "one file less", "one picture changed", "a table"])
def test_another_content_is_refused_and_nothing_changes(session, dataset, pets, tmp_path, what):
    other = tmp_path / "other"
    if what == "a table":
        other = tmp_path / "flowers.csv"
    elif what == "other pictures":
        write_pictures(other, seed=1)
    else:
        shutil.copytree(pets, other)
        if what == "one file less":
            (other / "cats" / "2.png").unlink()
        else:
            shutil.copy(pets / "cats" / "0.png", other / "cats" / "2.png")
    with pytest.raises(DataError) as told:
        session.jobs.wait(session.datasets.relocate(dataset.id, other))
    if what.startswith("one"):
        assert "cats/2.png" in str(told.value)
    assert session.datasets.get(dataset.id) == dataset


def test_an_archive_of_the_source_is_the_same_data(session, dataset, pets, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "kept"), "zip", pets)
    assert session.jobs.wait(session.datasets.relocate(dataset.id, Path(archive))).source == archive


def test_relocating_can_be_cancelled_while_the_other_place_is_read(
    session, dataset, pets, tmp_path, monkeypatch
):
    from workbench.datasets.image_folder import ImageFolder
    from workbench.datasets.picture_import import PictureWriter

    moved = shutil.copytree(pets, tmp_path / "elsewhere")
    found = ImageFolder.find_new_files

    def cancel_meanwhile(kind, *rest):
        session.jobs.cancel(session.jobs.find(f"relocate:{dataset.id}").id)
        return found(kind, *rest)

    monkeypatch.setattr(ImageFolder, "find_new_files", cancel_meanwhile)
    decoded = []
    monkeypatch.setattr(PictureWriter, "_wanted", lambda *_: decoded.append(1) or False)
    with pytest.raises(CancelledError):
        session.jobs.wait(session.datasets.relocate(dataset.id, moved))
    assert decoded == []
    assert session.datasets.get(dataset.id) == dataset


def test_a_long_table_is_recognised_though_an_earlier_build_kept_its_cells_in_another_way(
    session, tmp_path, monkeypatch
):
    monkeypatch.setattr(typed_rows, "_LONG_BYTES", 0)
    monkeypatch.setattr(typed_rows, "LONG", PROBE)
    source = tmp_path / "long.csv"
    sizes = np.random.default_rng(0).normal(size=1_500)
    rows = [f"{size:.3f},{('no', 'yes')[size > 0]}" for size in sizes.tolist()]
    source.write_text("\n".join(["size,label", *rows]))

    def bring_in():
        return session.jobs.wait(session.datasets.import_source(source))

    with monkeypatch.context() as patch:
        patch.setattr(delimited_rows, "read_typed", lambda *_: None)
        patch.setattr("workbench.datasets.table.is_long", lambda _: False)
        first = bring_in()
    assert bring_in().id == first.id
    number = rows[7].split(",")[0]
    source.write_text(source.read_text().replace(rows[7], f"{-float(number):+.3f},{rows[7].split(',')[1]}"))
    changed = bring_in()
    assert changed.id != first.id
    assert changed.imported.sha256 != first.imported.sha256
