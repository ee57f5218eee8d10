"""What an import leaves out is told each time, also where the rest is here already."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.core.errors import DataError, DiskError
from workbench.services.datasets import title_of
from workbench.services.projects import create_project, open_project


def test_the_same_content_is_kept_once_but_rows_left_out_are_never_told_by_another_import(tmp_path):
    rows = "".join(f"{n * 1.5},{n % 7},{'ab'[n % 2]}\n" for n in range(40))
    clean, ragged = tmp_path / "clean.csv", tmp_path / "ragged.csv"
    clean.write_text(f"x,y,label\n{rows}")
    ragged.write_text(f"x,y,label\n{rows}1,2\n1,2,3,4\n")

    def imported(source):
        return session.jobs.wait(session.datasets.import_source(source))

    with create_project(tmp_path / "project") as session:
        first, second = imported(clean), imported(ragged)
        assert [item.path for item in second.imported.skipped] == ["row 42", "row 43"]
        assert second.imported.found == 42
        assert (imported(clean).id, imported(ragged).id) == (first.id, second.id)
        assert len(session.datasets.all()) == 2


def test_an_import_that_cannot_be_noted_in_the_database_leaves_no_files(tmp_path):
    source = tmp_path / "table.csv"
    source.write_text("x,y,label\n" + "".join(f"{n},{n % 7},{'ab'[n % 2] * 5000}\n" for n in range(40)))
    with create_project(tmp_path / "project") as session:
        with session.store.database.write() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
            connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(DiskError, match="is full: free some space"):
            session.jobs.wait(session.datasets.import_source(source))
        assert session.datasets.all() == []
        assert list(session.folder.datasets.iterdir()) == []


def test_a_dataset_whose_files_were_deleted_is_told_by_every_verb_that_needs_them(session):
    shutil.rmtree(session.folder.datasets)
    for verb in (
        lambda: session.datasets.samples(1),
        lambda: session.datasets.rows(1, 0, 5),
        lambda: session.training.start(1, "mlp"),
        lambda: session.jobs.wait(session.evaluation.evaluate(1)),
    ):
        with pytest.raises(DataError, match="missing or damaged: import its source again"):
            verb()


def test_an_archive_is_imported_like_its_folder_and_nothing_of_it_stays_unpacked(session, tmp_path):
    folder = tmp_path / "pets"
    for number in range(24):
        path = folder / ("cats", "dogs")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (6, 5)).astype(np.uint8)
        Image.fromarray(pixels).save(path)
    archive = Path(shutil.make_archive(str(tmp_path / "pets"), "gztar", folder))
    before = {path.name for path in session.folder.datasets.iterdir()}
    packed = session.jobs.wait(session.datasets.import_source(archive))
    assert (packed.name, packed.imported.kind, packed.source) == ("pets", "image_folder", str(archive))
    (kept,) = {path.name for path in session.folder.datasets.iterdir()} - before
    assert {path.name for path in (session.folder.datasets / kept).iterdir()} == {
        "pictures.npy",
        "labels.npy",
        "names.arrow",
    }
    folder_again = session.jobs.wait(session.datasets.import_source(folder))
    assert folder_again.id == packed.id, "the same content is recognised"


def test_what_an_import_unpacked_before_it_was_killed_is_gone_when_the_project_is_opened_again(tmp_path):
    create_project(tmp_path / "project").close()
    left = tmp_path / "project" / "datasets" / ".importing-0123456789ab" / ".unpacked" / "cats"
    left.mkdir(parents=True)
    (left / "1.png").write_bytes(b"half")
    with open_project(tmp_path / "project") as session:
        assert list(session.folder.datasets.iterdir()) == []


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("pets.zip", "pets"),
        ("pets.v2.tar.gz", "pets.v2"),
        ("a.TAR.XZ", "a"),
        ("a.csv", "a"),
        (".tar", ".tar"),
    ],
)
def test_a_dataset_is_called_like_its_source_without_the_format(file, title):
    assert title_of(Path(file)) == title


def test_new_data_in_an_archive_is_predicted_like_the_file_in_it(session, tmp_path):
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as packed:
        packed.write(tmp_path / "flowers.csv", "flowers.csv")
    outs = [tmp_path / "plain.csv", tmp_path / "packed.csv"]
    for source, out in zip((tmp_path / "flowers.csv", tmp_path / "new.zip"), outs, strict=True):
        session.jobs.wait(session.evaluation.predict(1, source, out))
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert outs[0].read_text().count("\n") == 241
