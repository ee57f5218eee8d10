"""Opening: one process writes, nothing of a newer version is touched, a killed run is told."""

import hashlib
import sqlite3
import subprocess
import sys
from contextlib import closing
from unittest.mock import Mock

import pytest

from tests.rules.sources import ROOT
from workbench.core.configs import ImportConfig, TrainConfig
from workbench.core.errors import DiskError, NewerProjectError, ProjectLockedError, UserError
from workbench.core.states import RunState
from workbench.services.projects import create_project, find_starter, open_project, open_starter, starters


def _hashes(folder):
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_project_is_never_made_over_something_else(tmp_path, garden):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    with pytest.raises(UserError, match="not an empty folder"):
        create_project(tmp_path / "full")
    with pytest.raises(UserError, match="is a project already"):
        create_project(garden)
    with pytest.raises(UserError, match="Did you mean digits"):
        create_project(tmp_path / "new", starter="digit")
    assert not (tmp_path / "new").exists()
    with pytest.raises(UserError, match="not a Workbench project"):
        open_project(tmp_path / "full")


def test_a_project_is_made_where_an_earlier_try_was_broken_off(tmp_path):
    for name in ("project.lock", "project.lock.json", ".project.sqlite.part"):
        (tmp_path / name).write_bytes(b"half")
    with create_project(tmp_path, name="Second try") as session:
        assert session.project.name == "Second try"


def test_a_name_that_no_disk_takes_is_told(tmp_path):
    long = tmp_path / ("x" * 300)
    with pytest.raises(DiskError, match="File name too long"):
        create_project(long)
    with pytest.raises(UserError, match="is not a Workbench project"):
        open_project(long)


def test_starters_are_real_data_with_their_source_named():
    assert [starter.name for starter in starters()][:2] == ["digits", "breast-cancer"]
    assert all("CC BY" in starter.text for starter in starters())
    assert find_starter("digits").title


def test_the_project_of_a_starter_is_made_once_and_opened_again(tmp_path):
    for _ in range(2):
        with open_starter("breast-cancer", tmp_path / "cancer") as session:
            assert session.project.starter == "breast-cancer"
            session.rename("Ward")
    with open_starter("breast-cancer", tmp_path / "cancer") as session:
        assert session.project.name == "Ward"


def test_a_project_of_a_newer_version_is_refused_and_not_one_byte_changes(garden):
    with closing(sqlite3.connect(garden / "project.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 999")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = _hashes(garden)
    with pytest.raises(NewerProjectError, match="newer version"):
        open_project(garden)
    with pytest.raises(NewerProjectError):
        open_project(garden, read_only=True)
    assert _hashes(garden) == before


def test_a_second_process_is_told_who_has_the_project_open_and_may_look(garden):
    script = (
        "import sys; from pathlib import Path; from workbench.services.projects import open_project\n"
        "session = open_project(Path(sys.argv[1])); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(garden)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
    ) as other:  # fmt: skip
        assert other.stdout.readline() == "open\n"
        with pytest.raises(ProjectLockedError, match=f"process {other.pid}"):
            open_project(garden)
        with open_project(garden, read_only=True) as session:
            assert [run.name for run in session.training.all()] == ["first"]
            assert len(session.training.points(1, "train/loss")) > 0
        other.kill()
        other.wait()
    open_project(garden).close()


def test_a_project_that_is_open_read_only_refuses_every_change(garden, tmp_path):
    before = _hashes(garden)
    with open_project(garden, read_only=True) as session:
        for change in (
            lambda: session.rename("x"),
            lambda: session.datasets.rename(1, "x"),
            lambda: session.training.delete(1),
            lambda: session.training.start(1, "linear"),
            lambda: session.training.resume(1),
            lambda: session.evaluation.evaluate(1),
            lambda: session.datasets.import_source(tmp_path / "flowers.csv"),
        ):
            with pytest.raises(UserError, match="read-only"):
                change()
        assert session.history.undo_label == ""
    after = _hashes(garden)
    assert {name: after[name] for name in before} == before


def test_a_run_that_a_dead_process_left_running_is_interrupted_and_goes_on(garden):
    with open_project(garden) as session:
        config = TrainConfig(epochs=2)
        run = session.store.runs.add("left", 1, "linear", {}, config, session.datasets.get(1).split)
        session.store.runs.update(run.id, state=RunState.RUNNING)
    with open_project(garden) as session:
        assert session.interrupted == [run.id]
        assert session.training.get(run.id).state is RunState.INTERRUPTED
        session.training.resume(run.id)
        assert session.training.wait(run.id, 60).state is RunState.FINISHED
        with pytest.raises(UserError, match="nothing to resume"):
            session.training.resume(run.id)


def test_a_project_that_could_not_be_opened_is_not_left_locked(garden, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(
            "workbench.store.runs.RunRows.interrupt_active", Mock(side_effect=DiskError("the disk is full"))
        )
        with pytest.raises(DiskError):
            open_project(garden)
    open_project(garden).close()


def test_the_same_data_is_recognised_and_not_stored_twice(session, tmp_path):
    source = tmp_path / "flowers.csv"
    again = session.jobs.wait(session.datasets.import_source(source, ImportConfig(target="flower")))
    assert again.id == 1
    assert len(list(session.folder.datasets.iterdir())) == 1
    named = ImportConfig(target="flower", name="second look")
    other = session.jobs.wait(session.datasets.import_source(source, named))
    assert (other.id, other.name) == (2, "second look")
    session.datasets.delete(1)
    session.datasets.delete(2)
    third = session.jobs.wait(session.datasets.import_source(source, ImportConfig(target="flower")))
    assert third.id == 3
    assert third.name == "flowers 2", "the name in the bin is not taken over"


def test_a_fault_of_ours_becomes_one_sentence_and_a_report(session):
    try:
        raise ZeroDivisionError("by hand")
    except ZeroDivisionError as error:
        sentence = session.report_fault(error)
    (report,) = session.folder.reports.glob("fault-*.txt")
    assert str(report) in sentence
    assert "by hand" in report.read_text()
    assert "Traceback" not in sentence
