"""The doctor finds every fault that was put in, mends what can be mended, and removes nothing in use."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest

from workbench.core.board import Card
from workbench.core.configs import TrainConfig
from workbench.core.errors import ProjectLockedError, UserError
from workbench.core.states import RunState
from workbench.services.doctor import examine
from workbench.services.projects import open_project


def _codes(problems):
    return [problem.code for problem in problems]


def _files(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _checkpoint(garden, role):
    with open_project(garden) as session:
        return session.folder.resolve(session.store.checkpoints.get(1, role).path)


def test_a_healthy_project_has_no_problem_and_stays_as_it_is(garden):
    before = _files(garden)
    assert examine(garden) == []
    assert examine(garden, repair=True) == []
    assert _files(garden) == before


@pytest.mark.parametrize("role", ["best", "last"])
@pytest.mark.parametrize("damage", ["missing", "damaged"])
def test_a_checkpoint_that_is_gone_or_changed_is_named(garden, role, damage):
    path = _checkpoint(garden, role)
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-1] + b"x")
    for repair in (False, True):
        (problem,) = examine(garden, repair=repair)
        assert problem.code == f"checkpoint_{damage}"
        assert "first" in problem.message
        assert role in problem.message
        assert problem.harmful
        assert not problem.repaired


def test_a_datasets_files_are_opened_and_counted(garden):
    with open_project(garden) as session:
        folder = session.folder.resolve(session.datasets.get(1).folder)
    for path in folder.iterdir():
        kept = path.read_bytes()
        path.write_bytes(kept[: len(kept) // 2])
        assert "dataset_damaged" in _codes(examine(garden)), path.name
        path.write_bytes(kept)
    assert examine(garden) == []
    shutil.move(folder, garden.parent / "elsewhere")
    (problem,) = examine(garden, repair=True)
    assert problem.code == "dataset_missing"
    assert "flowers" in problem.message


def test_a_description_that_a_kill_left_out_is_written_when_the_project_is_opened(garden):
    path = garden / "runs" / "1" / "run.json"
    before = json.loads(path.read_bytes())
    path.unlink()
    with open_project(garden, read_only=True):
        assert not path.exists(), "who only looks writes nothing"
    with open_project(garden) as session:
        assert session.described == [1]
        assert json.loads(path.read_bytes()) == before
    with open_project(garden) as session:
        assert session.described == []
    assert examine(garden) == []


def test_opening_does_not_wait_where_many_descriptions_are_missing_but_a_repair_writes_all(garden):
    with open_project(garden) as session:
        for number in range(10):
            run = session.store.runs.add(
                f"run {number}", 1, "linear", {}, TrainConfig(), session.datasets.get(1).split
            )
            session.store.runs.update(run.id, state=RunState.RUNNING, started_at=run.created_at)
            session.store.runs.update(run.id, state=RunState.STOPPED)
    problems = examine(garden, repair=False)
    assert _codes(problems) == ["description_missing"] * 10
    assert [problem.repaired for problem in problems] == [True] * 8 + [False] * 2
    with open_project(garden) as session:
        assert len(session.described) == 2
    assert examine(garden) == []


def test_a_run_that_was_stopped_before_it_began_needs_no_description(garden):
    with open_project(garden) as session:
        run = session.store.runs.add("left", 1, "linear", {}, TrainConfig(), session.datasets.get(1).split)
        session.store.runs.update(run.id, state=RunState.STOPPED)
    assert examine(garden) == []


def test_what_nothing_points_to_is_shown_and_removed_on_repair_alone(garden):
    kept = _files(garden)
    left = [
        garden / "runs" / "1" / "last-999.pt",
        garden / "runs" / "1" / ".best-3.pt.abc.part",
        garden / "runs" / "77" / "last-1.pt",
        garden / "datasets" / "0123456789ab" / "cells.npy",
        garden / ".project.sqlite.part",
    ]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"left over")
    problems = examine(garden)
    assert set(_codes(problems)) == {"left_over"}
    assert len(problems) == len(left)
    assert not any(problem.harmful or problem.repaired for problem in problems)
    assert all(path.exists() for path in left)
    assert all(problem.repaired for problem in examine(garden, repair=True))
    assert _files(garden) == kept


def test_what_lies_in_the_bin_is_in_use(garden):
    with open_project(garden) as session:
        session.training.delete(1)
        session.datasets.delete(1)
    kept = _files(garden)
    assert examine(garden, repair=True) == []
    assert _files(garden) == kept
    with open_project(garden) as session:
        session.datasets.restore(1)
        session.training.restore(1)
    assert examine(garden) == []


def test_a_run_and_an_import_that_a_dead_process_left_are_told_and_settled(garden):
    with open_project(garden) as session:
        run = session.store.runs.add("left", 1, "linear", {}, TrainConfig(), session.datasets.get(1).split)
        session.store.runs.update(run.id, state=RunState.RUNNING)
    unfinished = garden / "datasets" / ".importing-123"
    unfinished.mkdir()
    problems = examine(garden)
    assert _codes(problems) == ["run_left_running", "import_unfinished"]
    assert all(problem.repaired for problem in problems)
    assert not unfinished.exists()
    assert examine(garden) == []


def test_missing_predictions_are_told(garden):
    for path in (garden / "runs" / "1").glob("evaluation-*.npz"):
        path.unlink()
    assert _codes(examine(garden)) == ["predictions_missing"]


def test_a_damaged_database_is_a_finding_not_a_fault(garden):
    path = garden / "project.sqlite"
    content = bytearray(path.read_bytes())
    for place in range(4096, len(content), 512):
        content[place : place + 200] = b"\xff" * 200
    path.write_bytes(content)
    problems = examine(garden)
    assert set(_codes(problems)) == {"database"}


def test_a_project_that_is_open_elsewhere_or_is_none_is_refused(garden, tmp_path):
    with open_project(garden), pytest.raises(ProjectLockedError):
        examine(garden)
    with pytest.raises(UserError, match="not a Workbench project"):
        examine(tmp_path)


def test_checkpoints_that_are_kept_on_request_survive_a_repair_and_are_checked(garden):
    with open_project(garden) as session:
        run = session.training.start(1, "linear", {}, TrainConfig(epochs=4, keep_every=2))
        session.training.wait(run, 60)
        paths = [session.folder.resolve(item.path) for item in session.store.checkpoints.list(run)]
    assert {path.name.split("-")[0] for path in paths} == {"best", "last", "epoch"}
    assert examine(garden, repair=True) == []
    assert all(path.is_file() for path in paths)
    kept = next(path for path in paths if path.name.startswith("epoch-2"))
    kept.write_bytes(kept.read_bytes()[:-50])
    assert [problem.harmful for problem in examine(garden)] == [True]


def test_a_card_in_a_lane_that_is_not_there_and_a_record_that_is_none_are_told(garden):
    with open_project(garden) as session:
        lane = session.board.add_lane("To do")
        session.board.save(Card(0, lane, "Label the scans"))
    assert examine(garden) == []
    with closing(sqlite3.connect(garden / "project.sqlite")) as file, file:
        file.execute("DELETE FROM lanes")
    (problem,) = examine(garden)
    assert (problem.code, "Label the scans" in problem.message) == ("board", True)
    with closing(sqlite3.connect(garden / "project.sqlite")) as file, file:
        file.execute("UPDATE cards SET body = '{}'")
    (problem,) = examine(garden)
    assert (problem.code, "cannot be read" in problem.message) == ("board", True)
