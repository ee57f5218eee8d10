"""Runs from start to end state: settings checked first, rows always true."""

import errno
import os
import sys
import threading
import time
from pathlib import Path

import pytest

from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.errors import DataError, DiskError, UserError
from workbench.core.events import CheckpointWritten, MetricsLogged
from workbench.core.states import RunState, Split
from workbench.services.projects import open_project

LONG = TrainConfig(epochs=100_000)


def _wait_until(check, timeout_s=30.0):
    end = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def test_every_wrong_setting_is_told_at_once_at_its_field(session):
    with pytest.raises(UserError) as told:
        session.training.start(
            1, "mlp", {"width": 0, "dpeth": 2}, TrainConfig(optimizer="adm", schedule="cos")
        )
    assert set(told.value.fields) == {"width", "dpeth", "optimizer", "schedule"}
    with pytest.raises(UserError, match="Needs pictures"):
        session.training.start(1, "convnet")
    with pytest.raises(UserError, match="Did you mean linear"):
        session.training.start(1, "liner")
    assert len(session.training.all()) == 1, "a run was queued in spite of its settings"


def test_settings_that_come_as_text_are_kept_as_what_they_are(session):
    run = session.training.get(session.training.start(1, "mlp", {"width": "4"}, TrainConfig(epochs=1)))
    assert run.family_fields == {"width": 4, "depth": 2, "batch_norm": False, "dropout": 0.0}
    assert session.training.wait(run.id, 60).state is RunState.FINISHED


def test_an_empty_training_split_is_told_before_anything_is_queued(session, monkeypatch):
    import numpy as np

    nothing = {split: np.zeros(0, dtype=np.int64) for split in Split}
    monkeypatch.setattr(session.datasets, "split_indices", lambda *_: nothing)
    with pytest.raises(DataError, match="empty"):
        session.training.start(1, "linear")


def test_a_run_is_paused_resumed_and_stopped_and_keeps_its_best_weights(session):
    run_id = session.training.start(1, "mlp", {}, LONG)
    _wait_until(lambda: session.training.get(run_id).best_epoch)
    session.training.pause(run_id)
    _wait_until(lambda: session.training.get(run_id).state is RunState.PAUSED)
    steps = len(session.training.points(run_id, "train/loss"))
    assert session.store.checkpoints.get(run_id, "last").step == steps
    time.sleep(0.1)
    assert len(session.training.points(run_id, "train/loss")) == steps
    session.training.resume(run_id)
    _wait_until(lambda: len(session.training.points(run_id, "train/loss")) > steps)
    assert session.training.get(run_id).state is RunState.RUNNING
    with pytest.raises(UserError, match="stop it before"):
        session.training.delete(run_id)
    session.training.stop(run_id)
    run = session.training.wait(run_id, 30)
    assert run.state is RunState.STOPPED
    assert session.jobs.wait(session.evaluation.evaluate(run_id)).epoch == run.best_epoch


def test_closing_interrupts_a_run_that_goes_on_at_the_next_opening(garden):
    with open_project(garden) as session:
        run_id = session.training.start(1, "linear", {}, LONG)
        waiting = session.training.start(1, "linear", {}, TrainConfig(epochs=1))
        _wait_until(lambda: session.training.get(run_id).best_epoch)
        assert session.working() == [session.training.get(number).name for number in (run_id, waiting)]
    with open_project(garden) as session:
        assert session.interrupted == [], "a row was still running after an orderly end"
        for number in (run_id, waiting):
            assert session.training.get(number).state is RunState.INTERRUPTED
        before = session.training.get(run_id).steps
        session.training.resume(run_id)
        _wait_until(lambda: session.training.get(run_id).steps > before)
        session.training.stop(run_id, after_epoch=True)
        assert session.training.wait(run_id, 30).state is RunState.STOPPED
        session.training.resume(waiting)
        assert session.training.wait(waiting, 30).state is RunState.FINISHED


def test_a_run_resumed_in_the_moment_of_its_end_goes_on(session, monkeypatch):
    """Its row says stopped while its job still writes run.json."""
    at_end, go_on = threading.Event(), threading.Event()

    def slow_describe(*_):
        at_end.set()
        go_on.wait(30)

    monkeypatch.setattr("workbench.services.training_run.describe", slow_describe)
    run_id = session.training.start(1, "linear", {}, LONG)
    _wait_until(lambda: session.training.get(run_id).best_epoch)
    session.training.stop(run_id)
    assert at_end.wait(30)
    assert session.training.get(run_id).state is RunState.STOPPED
    session.training.resume(run_id)
    go_on.set()
    _wait_until(lambda: session.training.get(run_id).state is RunState.RUNNING)
    session.training.stop(run_id)
    assert session.training.wait(run_id, 30).state is RunState.STOPPED


def test_a_run_that_is_stopped_while_it_waits_is_stopped_in_its_row(session):
    first = session.training.start(1, "linear", {}, LONG)
    second = session.training.start(1, "linear", {}, LONG)
    session.training.stop(second)
    session.training.stop(first)
    assert session.training.wait(second, 30).state is RunState.STOPPED


def test_what_is_told_as_logged_is_in_the_database_already(session):
    short, seen = [], []

    def look(event):
        for name, points in event.points.items():
            kept = session.training.points(event.run_id, name)
            if kept.steps.tolist()[-1] < points.steps[-1]:
                short.append(name)
            seen.append(name)

    session.bus.subscribe(MetricsLogged, look)
    files = []
    session.bus.subscribe(CheckpointWritten, lambda event: files.append(event.sha256))
    run_id = session.training.start(1, "linear", {}, TrainConfig(epochs=20))
    while session.training.job(run_id) or session.bus.wait(0.0):
        session.bus.wait(0.05)
        session.bus.dispatch()
    assert seen
    assert short == []
    assert files[-1] == session.store.checkpoints.get(run_id, "last").sha256


def test_a_diverged_run_is_told_so_and_cannot_be_resumed(session):
    config = TrainConfig(optimizer="nesterov", learning_rate=1e6, epochs=500)
    run = session.training.wait(session.training.start(1, "linear", {}, config), 60)
    assert run.state is RunState.DIVERGED
    assert run.metrics["train/loss"] is None
    assert "smaller learning rate" in run.message
    with pytest.raises(UserError, match="nothing to resume"):
        session.training.resume(run.id)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux names an open file by its descriptor")
def test_a_full_disk_interrupts_the_run_names_the_disk_and_leaves_the_last_checkpoint(session, monkeypatch):
    monkeypatch.setattr("workbench.training.loop.CHECKPOINT_EVERY_S", 0.05)
    real, full = os.fsync, []

    def fsync(descriptor):
        if full and "last-" in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    run_id = session.training.start(1, "linear", {}, LONG)
    _wait_until(lambda: session.store.checkpoints.get(run_id, "last"))
    full.append(1)
    job = session.training.job(run_id)
    with pytest.raises(DiskError, match="is full"):
        session.jobs.wait(job.id, 60)
    run = session.training.get(run_id)
    assert run.state is RunState.INTERRUPTED
    assert "The disk that holds" in run.message
    last = session.store.checkpoints.get(run_id, "last")
    assert session.folder.resolve(last.path).is_file()
    assert not list(session.folder.run(run_id).glob(".*"))
    full.clear()
    session.training.resume(run_id)
    _wait_until(lambda: session.training.get(run_id).steps > run.steps)
    session.training.stop(run_id)
    assert session.training.wait(run_id, 30).state is RunState.STOPPED


def test_a_damaged_checkpoint_fails_the_resume_in_words_and_runs_nothing(session, monkeypatch):
    monkeypatch.setattr("workbench.training.loop.CHECKPOINT_EVERY_S", 0.05)
    run_id = session.training.start(1, "linear", {}, LONG)
    _wait_until(lambda: session.store.checkpoints.get(run_id, "last"))
    session.training.stop(run_id)
    run = session.training.wait(run_id, 30)
    path = session.folder.resolve(session.store.checkpoints.get(run_id, "last").path)
    path.write_bytes(path.read_bytes()[:-100])
    session.training.resume(run_id)
    after = session.training.wait(run_id, 30)
    assert after.state is RunState.FAILED
    assert "changed or damaged" in after.message
    assert after.steps == run.steps


def test_running_out_of_memory_says_what_to_change(session, monkeypatch):
    from workbench.services.targets.thread import ThreadTarget

    def burst(*_):
        raise MemoryError

    monkeypatch.setattr(ThreadTarget, "run", burst)
    run_id = session.training.start(1, "linear", {}, TrainConfig(batch_size=64))
    job = session.training.job(run_id)
    with pytest.raises(UserError, match="Out of memory with batch size 64: start again with 32"):
        session.jobs.wait(job.id if job else 1, 30)
    assert session.training.get(run_id).state is RunState.FAILED
    assert session.training.get(run_id).message.startswith("Out of memory")


def test_names_are_readable_unique_and_found(session):
    names = {session.training.get(session.training.start(1, "linear", {}, LONG)).name for _ in range(3)}
    assert len(names) == 3
    for name in names:
        assert session.training.find(name).name == name
        session.training.stop(session.training.find(name).id)
    assert session.training.find("1").name == "first"
    with pytest.raises(UserError, match="Did you mean first"):
        session.training.find("frist")
    with pytest.raises(UserError, match="is called first"):
        session.training.rename(session.training.find(names.pop()).id, "first")


def test_a_split_of_its_own_stays_with_the_run(session):
    split = SplitConfig(train=0.6, validation=0.2, test=0.2)
    session.datasets.set_split(1, split)
    run_id = session.training.start(1, "linear", {}, TrainConfig(epochs=1))
    session.datasets.set_split(1, SplitConfig())
    assert session.training.wait(run_id, 30).split == split
    evaluation = session.jobs.wait(session.evaluation.evaluate(run_id))
    assert evaluation.count == len(session.datasets.split_indices(1, split)[Split.TEST])


def test_a_setting_that_does_not_suit_the_data_is_told_at_its_own_field(session, monkeypatch):
    from workbench.models.base import families

    mlp = families.get("mlp")
    monkeypatch.setattr(mlp, "misfit", lambda self, _: "Too deep." if self.depth > 3 else "")
    with pytest.raises(UserError, match="Too deep") as told:
        session.training.start(1, "mlp", {"width": 8, "depth": 4})
    assert told.value.fields == {"depth": "Too deep."}
    monkeypatch.setattr(mlp, "misfit", lambda self, _: "Not for tables.")
    with pytest.raises(UserError) as told:
        session.training.start(1, "mlp", {"width": 8, "depth": 4})
    assert told.value.fields == {"family": "Not for tables."}, "no setting is to blame"


def test_the_steps_of_an_epoch_follow_from_batch_accumulation_and_optimiser(session):
    count = len(session.datasets.split_indices(1)[Split.TRAIN])
    assert count == 168

    def steps(**settings):
        run_id = session.training.start(1, "linear", {}, TrainConfig(epochs=1, **settings))
        told = session.models.steps_an_epoch(run_id)
        assert session.training.wait(run_id, 60).steps == told
        return told

    assert steps(batch_size=32) == 6
    assert steps(batch_size=32, accumulation=3) == 2
    assert steps(batch_size=32, optimizer="gradient_descent") == 1
    assert steps(batch_size=500) == 1


def test_energy_is_power_times_time_and_goes_on_after_a_resume(session):
    from workbench.core.records import Points
    from workbench.services.training_run import Training

    run = session.training.get(1)
    training = Training(session, run.id)
    last = run.steps
    # 3,600 W for 10 s, 1,800 W for 20 s: 10 Wh each; then 40 s at 900 W: 10 Wh.
    training._on_points(
        {"hardware/power_w": Points([last + 1, last + 2], [3600, 1800], [10, 30])}, 3, last + 2
    )
    assert session.training.get(run.id).energy_wh == pytest.approx(20)
    resumed = Training(session, run.id)
    resumed._on_points({"hardware/power_w": Points([last + 2, last + 3], [1800, 900], [30, 70])}, 3, last + 3)
    assert session.training.get(run.id).energy_wh == pytest.approx(30)


def test_a_run_that_holds_by_itself_says_why_in_its_row(session):
    from workbench.services.training_run import Training

    run_id = session.training.start(1, "linear", {}, LONG)
    _wait_until(lambda: session.training.get(run_id).state is RunState.RUNNING)
    training = Training(session, run_id)
    training._on_hold(True, "The disk is nearly full.")
    run = session.training.get(run_id)
    assert (run.state, run.message) == (RunState.PAUSED, "The disk is nearly full.")
    training._on_hold(False, "")
    assert session.training.get(run_id).message == ""
    session.training.stop(run_id)
    session.training.wait(run_id, 30)


def test_a_name_is_kept_without_blanks_around_and_in_it(session):
    run_id = session.training.start(1, "linear", {}, TrainConfig(epochs=1), "  my \n  run ")
    assert session.training.get(run_id).name == "my run"
    first, second = session.training.repeat(1, "linear", {}, TrainConfig(epochs=1), 2, " two  seeds ")
    assert session.training.get(second).name == "two seeds seed 1"
    for number in (run_id, first, second):
        session.training.wait(number, 60)
