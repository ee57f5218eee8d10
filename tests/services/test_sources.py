"""A source that is deleted, changed or moved after its import."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.sounds import write_tones
from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import CancelledError, DataError
from workbench.datasets import delimited_rows, typed_rows
from workbench.datasets.plain_numbers import PROBE
from workbench.services.datasets import look_at


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


@pytest.mark.parametrize(
    "what", ["other pictures", "other names", "one file less", "one picture changed", "a table"]
)
def test_another_content_is_refused_and_nothing_changes(session, dataset, pets, tmp_path, what):
    other = tmp_path / "other"
    if what == "a table":
        other = tmp_path / "flowers.csv"
    elif what == "other pictures":
        write_pictures(other, seed=1)
    else:
        shutil.copytree(pets, other)
        if what == "other names":
            for path in sorted(other.rglob("*.png")):
                path.rename(path.with_name(f"new {path.name}"))
        elif what == "one file less":
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


def importing(session, source, **config):
    return session.jobs.wait(session.datasets.import_source(source, ImportConfig(**config)))


def write_texts(folder: Path) -> Path:
    for number in range(24):
        path = folder / ("good", "bad")[number % 2] / f"{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"text number {number} says something")
    return folder


def test_texts_are_found_again_too(session, tmp_path):
    dataset = importing(session, write_texts(tmp_path / "words"))
    moved = (tmp_path / "words").rename(tmp_path / "moved")
    assert session.jobs.wait(session.datasets.relocate(dataset.id, moved)).source == str(moved)
    (moved / "good" / "2.txt").write_text("another text")
    with pytest.raises(DataError, match=r"another content, such as good/2\.txt"):
        session.jobs.wait(session.datasets.relocate(dataset.id, moved))


def gone_after(monkeypatch, target, verb, source):
    """Move a source away right before a step of its import."""
    step = getattr(target, verb)

    def first_gone(*args, **kwargs):
        if source.exists():
            source.rename(source.with_name("away"))
        return step(*args, **kwargs)

    monkeypatch.setattr(target, verb, first_gone)


def test_a_table_that_goes_away_while_it_is_imported_is_told_and_nothing_is_left(
    session, tmp_path, monkeypatch
):
    from workbench.datasets import table_content

    source = tmp_path / "flowers.csv"
    gone_after(monkeypatch, table_content, "read_rows", source)
    before = sorted(session.folder.datasets.iterdir())
    with pytest.raises(DataError, match=r"flowers\.csv went away while it was read: put it back"):
        importing(session, source)
    assert sorted(session.folder.datasets.iterdir()) == before
    assert not list(session.folder.reports.glob("fault-*"))


@pytest.mark.parametrize("kind", ["pictures", "texts", "recordings"])
def test_a_folder_that_goes_away_while_it_is_imported_is_no_smaller_dataset(
    session, tmp_path, monkeypatch, kind
):
    from workbench.datasets import audio, image_folder, text_files

    if kind == "pictures":
        source = write_pictures(tmp_path / "source")
        gone_after(monkeypatch, image_folder, "_decode", source)
    elif kind == "texts":
        source = write_texts(tmp_path / "source")
        gone_after(monkeypatch, text_files.TextReader, "read", source)
    else:
        source = write_tones(tmp_path / "source")
        gone_after(monkeypatch, audio, "_lengths", source)
    before = session.datasets.all()
    with pytest.raises(DataError, match="went away"):
        importing(session, source)
    assert session.datasets.all() == before
    assert not list(session.folder.datasets.glob(".importing-*"))


def test_files_that_go_away_one_by_one_end_the_import_a_single_one_is_left_out(
    session, tmp_path, monkeypatch
):
    from workbench.datasets import image_folder

    source, decode = write_pictures(tmp_path / "source"), image_folder._decode

    def taken_out(count):
        def first_taken(*args):
            for path in sorted(source.rglob("*.png"))[:count]:
                path.unlink()
            return decode(*args)

        monkeypatch.setattr(image_folder, "_decode", first_taken)

    taken_out(1)
    assert [item.reason for item in importing(session, source).imported.skipped] == ["is no longer there"]
    taken_out(9)
    with pytest.raises(DataError, match="9 of its 23 files went away"):
        importing(session, source)


def test_the_same_data_at_another_place_takes_that_place_where_the_old_one_is_gone(session, dataset, pets):
    moved = pets.rename(pets.with_name("moved"))
    again = importing(session, moved)
    assert (again.id, again.source) == (dataset.id, str(moved))
    assert session.datasets.source_problem(dataset.id) == (False, "")
    copy = shutil.copytree(moved, moved.with_name("copy"))
    assert importing(session, copy).source == str(moved)


def test_a_source_that_was_only_written_anew_is_no_longer_told_once_it_was_imported_again(
    session, dataset, pets
):
    later = (pets / "cats" / "0.png").stat().st_mtime + 60
    os.utime(pets / "cats" / "0.png", (later, later))
    assert "written since" in session.datasets.source_problem(dataset.id)[1]
    assert importing(session, pets).id == dataset.id
    assert session.datasets.source_problem(dataset.id) == (False, "")


@pytest.mark.parametrize("what", ["pipe", "device", "nothing"])
def test_what_is_no_file_is_refused_at_once(tmp_path, what):
    source = tmp_path / "data.zip"
    if what == "pipe":
        os.mkfifo(source)
    elif what == "device":
        source = Path("/dev/zero")
    else:
        source.touch()
    with pytest.raises(DataError, match="is empty" if what == "nothing" else "is a pipe, a device"):
        look_at(source)


def test_a_class_folder_that_may_not_be_read_does_not_decide_what_a_folder_holds(
    session, tmp_path, monkeypatch
):
    source, scandir = write_texts(tmp_path / "words"), os.scandir

    def refused(path="."):
        if str(path) == str(source / "bad"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)  # whoever tests as root may read everything
    assert look_at(source).kind == "text"
    (skipped,) = importing(session, source).imported.skipped
    assert (skipped.path, skipped.reason) == ("bad", "is a folder that could not be read (Permission denied)")


def test_a_path_that_no_text_can_hold_is_refused_with_words(tmp_path):
    source = Path(os.fsdecode(os.fsencode(tmp_path / "bad") + b"\xff.csv"))
    shutil.copy(Path(__file__), source)
    with pytest.raises(DataError, match=r"bad\\xff\.csv has bytes that are no UTF-8: rename"):
        look_at(source)


def test_links_and_hidden_folders_do_not_decide_what_a_folder_holds(session, tmp_path):
    source = write_texts(tmp_path / "words")
    (source / "elsewhere").symlink_to("/usr/bin")
    for folder in (".git", ".cache"):
        (source / folder).mkdir()
        for number in range(50):
            (source / folder / f"{number}.idx").write_bytes(b"\0")
    assert look_at(source).kind == "text"


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


def test_finding_out_what_a_source_is_can_be_cancelled(tmp_path, monkeypatch):
    from workbench.datasets.table import Table
    from workbench.datasets.text import Text

    token, asked = CancelToken(), []
    monkeypatch.setattr(Table, "sniff", lambda kind, source: token.cancel() or 0.9)
    monkeypatch.setattr(Text, "sniff", lambda kind, source: asked.append(source) or 0.0)
    with pytest.raises(CancelledError):
        look_at(Path(__file__), token=token)
    assert not asked, "the disk was read on after Cancel"
