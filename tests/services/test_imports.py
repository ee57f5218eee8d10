"""What an import leaves out is told each time, also where the rest is here already."""

import shutil

import pytest

from workbench.core.errors import DataError, DiskError
from workbench.services.projects import create_project


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
