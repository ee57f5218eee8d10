"""Records go in and come out as they were; names, notes, stars, bin, states."""

import json
import math
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta, timezone

import pytest

from tests.store.conftest import IMPORTED
from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.errors import UserError
from workbench.core.records import Checkpoint, ClassMeasures, Imported, Schema
from workbench.core.states import RunState, Split, Stage, Task
from workbench.store.store import Store


def test_the_project_comes_back_after_reopening_with_its_time_in_utc(folder):
    with Store(folder) as store:
        assert store.project.update(name="Solar cells 2", stage=Stage.TESTING).stage is Stage.TESTING
    with Store(folder) as store:
        project = store.project.get()
    assert (project.name, project.stage, project.starter) == ("Solar cells 2", Stage.TESTING, None)
    assert project.created_at == datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
    assert project.created_at.utcoffset() == timedelta(0)


def test_a_dataset_comes_back_with_every_nested_value(store, dataset):
    again = store.datasets.get(dataset.id)
    assert again == dataset
    assert again.imported == IMPORTED
    assert again.split == SplitConfig(seed=7)
    assert store.datasets.by_name("people") == dataset


def test_importing_under_the_same_name_makes_the_next_version_even_when_the_last_is_in_the_bin(
    store, dataset
):
    second = store.datasets.add("people", "/b.csv", "datasets/2", IMPORTED, SplitConfig())
    store.datasets.delete(second.id)
    third = store.datasets.add("people", "/c.csv", "datasets/3", IMPORTED, SplitConfig())
    assert [dataset.version, second.version, third.version] == [1, 2, 3]
    assert store.datasets.by_name("people") == third
    assert store.datasets.list() == [dataset, third]


def test_what_is_in_the_bin_is_not_found_until_it_is_restored(store, dataset, run):
    for rows, record in ((store.datasets, dataset), (store.runs, run)):
        assert rows.delete(record.id).deleted_at is not None
        assert rows.list() == []
        assert rows.by_name(record.name) is None
        assert [found.id for found in rows.list(include_deleted=True)] == [record.id]
        assert rows.restore(record.id) == record
        assert rows.list() == [record]
    store.datasets.delete(dataset.id)


def test_renaming_a_dataset_renames_all_its_versions_and_back_again(store, dataset):
    second = store.datasets.add("people", "/b.csv", "datasets/2", IMPORTED, SplitConfig())
    assert store.datasets.rename(dataset.id, "persons").version == 1
    assert store.datasets.by_name("persons").id == second.id
    assert store.datasets.rename(second.id, "people") == second
    assert store.datasets.list() == [dataset, second]


def test_a_dataset_does_not_take_the_name_of_another(store, dataset):
    other = store.datasets.add("cars", "/cars", "datasets/2", IMPORTED, SplitConfig())
    store.datasets.delete(other.id)
    with pytest.raises(UserError, match="called cars already, here or in the bin: choose another name"):
        store.datasets.rename(dataset.id, "cars")
    assert store.datasets.rename(dataset.id, "people") == dataset


def test_split_and_notes_of_a_dataset_change_without_touching_its_runs(store, dataset, run):
    changed = store.datasets.set_split(dataset.id, SplitConfig(train=0.8, validation=0.1, test=0.1))
    assert changed.split.train == 0.8
    assert store.datasets.set_notes(dataset.id, "two lines\nof notes").notes == "two lines\nof notes"
    assert store.runs.get(run.id).split.train == 0.7


def test_a_run_begins_queued_and_comes_back_with_its_settings(store, dataset, run):
    assert run.state is RunState.QUEUED
    assert (run.dataset_id, run.family, run.family_fields) == (dataset.id, "mlp", {"width": 32})
    assert run.train == TrainConfig(epochs=3)
    assert store.runs.get(run.id) == run == store.runs.by_name("mlp 1")
    assert store.runs.rename(run.id, "first").name == "first"
    assert store.runs.set_starred(run.id, True).starred is True
    assert store.runs.set_notes(run.id, "good").notes == "good"


def test_of_two_runs_of_one_name_the_newer_is_found(store, dataset, run):
    newer = store.runs.add("mlp 1", dataset.id, "mlp", {}, TrainConfig(), dataset.split)
    assert store.runs.by_name("mlp 1") == newer


def test_several_fields_of_a_run_change_at_once_and_times_of_any_zone_become_utc(store, run):
    started = datetime(2026, 11, 22, 14, 3, tzinfo=timezone(timedelta(hours=8)))
    store.runs.update(run.id, state=RunState.RUNNING, started_at=started, device="cpu", threads=2)
    done = store.runs.update(
        run.id, state=RunState.FINISHED, best_epoch=2, weights_sha256="cd" * 32, seconds=1.5
    )
    assert done == store.runs.get(run.id)
    assert (done.state, done.best_epoch, done.seconds, done.threads) == (RunState.FINISHED, 2, 1.5, 2)
    assert done.started_at == datetime(2026, 11, 22, 6, 3, tzinfo=UTC)
    with pytest.raises(Exception, match="a time without a zone"):
        store.runs.update(run.id, ended_at=datetime(2026, 11, 22))


def test_a_finished_run_cannot_run_again_and_nothing_of_the_change_is_kept(store, run):
    store.runs.update(run.id, state=RunState.RUNNING)
    finished = store.runs.update(run.id, state=RunState.FINISHED)
    with pytest.raises(ValueError, match="is finished and cannot become running"):
        store.runs.update(run.id, state=RunState.RUNNING, notes="never kept")
    assert store.runs.get(run.id) == finished


def test_after_a_crash_what_was_going_on_is_interrupted_and_can_be_resumed(store, dataset):
    def add(*states):
        made = store.runs.add("run", dataset.id, "mlp", {}, TrainConfig(), dataset.split)
        for state in states:
            store.runs.update(made.id, state=state, started_at=datetime.now(UTC))
        return made.id

    queued, running = add(), add(RunState.RUNNING)
    paused, done = add(RunState.RUNNING, RunState.PAUSED), add(RunState.RUNNING, RunState.FINISHED)
    assert store.runs.interrupt_active() == [queued, running, paused]
    assert store.runs.get(done).state is RunState.FINISHED
    interrupted = store.runs.get(running)
    assert interrupted.state is RunState.INTERRUPTED
    assert interrupted.ended_at is not None
    assert "resume it" in interrupted.message
    assert "has not begun: queue it again" in store.runs.get(queued).message
    assert [run.id for run in store.runs.left_waiting()] == [queued]
    assert store.runs.update(running, state=RunState.QUEUED).state is RunState.QUEUED
    assert store.runs.interrupt_active() == [running]


def test_a_number_that_nothing_has_is_told_in_words(store):
    with pytest.raises(UserError, match="There is no run with the number 12 in this project"):
        store.runs.get(12)
    with pytest.raises(UserError, match="There is no dataset with the number 3"):
        store.datasets.set_notes(3, "x")


def test_a_newer_checkpoint_takes_the_place_of_the_older_of_its_role(store, run):
    assert store.checkpoints.get(run.id, "last") is None
    best = Checkpoint(run.id, "best", "runs/1/best.pt", "aa" * 32, 1, 10)
    last = Checkpoint(run.id, "last", "runs/1/last.pt", "bb" * 32, 2, 20)
    for checkpoint in (best, Checkpoint(run.id, "last", "runs/1/last.pt", "cc" * 32, 1, 10), last):
        store.checkpoints.put(checkpoint)
    assert store.checkpoints.get(run.id, "best") == best
    assert store.checkpoints.get(run.id, "last") == last


def test_the_newest_evaluation_of_a_split_counts_and_all_are_kept(store, run):
    assert store.evaluations.latest(run.id, Split.TEST) is None
    measures = (ClassMeasures("None", 1.0, 0.5, 2 / 3, 4), ClassMeasures("NA", None, None, None, 0))
    first = store.evaluations.add(run.id, Split.TEST, 1, 4, {"accuracy": 0.5})
    other = store.evaluations.add(run.id, Split.VALIDATION, 2, 4, {"r2": math.nan, "mae": math.inf})
    second = store.evaluations.add(
        run.id,
        Split.TEST,
        2,
        4,
        {"accuracy": 0.75},
        labels=["None", "NA"],
        counts=[[3, 1], [0, 0]],
        per_class=measures,
        predictions="runs/1/test.csv",
    )
    assert second.counts == ((3, 1), (0, 0))
    assert second.per_class == measures
    assert other.metrics == {"r2": None, "mae": None}
    assert store.evaluations.latest(run.id, Split.TEST) == second
    assert store.evaluations.list(run.id) == [first, other, second]


def test_no_nan_is_ever_written_into_json(store, folder):
    odd = Imported(
        "table",
        Schema(Task.REGRESSION, (1,), (), "y"),
        1,
        1,
        0,
        (),
        (),
        (),
        "ef" * 32,
        {"mean": math.nan, "deep": [{"top": math.inf}]},
    )
    made = store.datasets.add("odd", "/odd.csv", "datasets/9", odd, SplitConfig())
    assert made.imported.details == {"mean": None, "deep": [{"top": None}]}

    def refuse(word):
        raise AssertionError(f"{word} stands in the JSON")

    with closing(sqlite3.connect(folder.database)) as connection:
        (text,) = connection.execute("SELECT imported FROM datasets").fetchone()
    json.loads(text, parse_constant=refuse)


def test_a_run_of_a_dataset_that_does_not_exist_is_refused(store):
    with pytest.raises(Exception, match="FOREIGN KEY"):
        store.runs.add("lost", 99, "mlp", {}, TrainConfig(), SplitConfig())
    assert store.runs.list() == []
