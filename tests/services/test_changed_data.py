"""Data that is unusual, or not what it was: a run works with it or says so, and never learns something else."""

import shutil
import time

import numpy as np
import pytest

from tests.services.conftest import write_flowers
from workbench.core.configs import ImportConfig, SplitConfig, TrainConfig
from workbench.core.states import RunState, Split


def train(session, dataset=1, **config):
    config = {"epochs": 2} | config
    return session.training.wait(session.training.start(dataset, "linear", {}, TrainConfig(**config)), 60)


def imported(session, path, **config):
    config = {"target": "flower"} | config
    return session.jobs.wait(session.datasets.import_source(path, ImportConfig(**config)), 60)


def folder(session, dataset_id=1):
    return session.folder.resolve(session.datasets.get(dataset_id).folder)


def stop_at_work(session, run_id, steps=0):
    """Stop a run when it has come further than so many steps."""
    end = time.monotonic() + 30
    while session.training.get(run_id).steps <= steps:
        assert time.monotonic() < end, session.training.get(run_id)
        time.sleep(0.01)
    session.training.stop(run_id, after_epoch=True)
    return session.training.wait(run_id, 60)


def stopped(session):
    """Return a run that was stopped in the middle, and its row."""
    run_id = session.training.start(1, "linear", {}, TrainConfig(epochs=100_000))
    run = stop_at_work(session, run_id)
    assert run.state is RunState.STOPPED
    return run_id, run


def test_a_batch_larger_than_the_data_is_one_step_an_epoch(session):
    run = train(session, batch_size=65_536)
    assert (run.state, run.steps) == (RunState.FINISHED, 2)


def test_without_a_validation_split_the_training_loss_decides(session):
    session.datasets.set_split(1, SplitConfig(train=0.8, validation=0.0, test=0.2))
    run = train(session, epochs=4)
    assert run.state is RunState.FINISHED
    assert not [name for name in run.metrics if name.startswith("validation/")]
    assert run.best_epoch is not None
    assert session.jobs.wait(session.evaluation.evaluate(run.id), 30).count == len(
        session.datasets.split_indices(1, run.split)[Split.TEST]
    )


def test_labels_outside_the_classes_fail_the_run_in_words(session):
    path = next(folder(session).glob("label*.npy"))
    labels = np.load(path)
    labels[3] = 7
    np.save(path, labels)
    run = train(session)
    assert run.state is RunState.FAILED
    assert "a label that is none of the 2 classes" in run.message
    assert "Import the data again" in run.message
    assert run.steps == 0


@pytest.mark.parametrize("what", ["folder", "file"])
def test_data_that_is_gone_fails_the_run_in_words(session, what):
    session.training.hold_queue(True)
    run_id = session.training.start(1, "linear", {}, TrainConfig(epochs=1))
    shutil.rmtree(folder(session)) if what == "folder" else next(folder(session).glob("label*.npy")).unlink()
    session.training.hold_queue(False)
    run = session.training.wait(run_id, 60)
    assert run.state is RunState.FAILED
    assert "missing or damaged" in run.message


def test_a_folder_that_was_replaced_by_other_data_is_not_trained_on(session, tmp_path):
    other = imported(session, write_flowers(tmp_path / "other.csv", seed=8, count=200))
    shutil.rmtree(folder(session))
    shutil.copytree(folder(session, other.id), folder(session))
    run = train(session)
    assert run.state is RunState.FAILED
    assert f"they hold {other.imported.count:,} samples instead of" in run.message


def test_a_run_does_not_go_on_with_values_that_are_not_those_it_began_with(session):
    run_id, run = stopped(session)
    path = next(folder(session).glob("feature*.npy"))
    values = np.load(path)
    np.save(path, values * 3 + 1)
    session.training.resume(run_id)
    after = session.training.wait(run_id, 60)
    assert after.state is RunState.FAILED
    assert "not the one that this run began with" in after.message
    assert after.steps == run.steps
    np.save(path, values)
    session.training.resume(run_id)
    stop_at_work(session, run_id, run.steps)
    assert session.training.get(run_id).state is RunState.STOPPED, "with its own data it goes on"


def test_a_new_split_leaves_a_run_that_goes_on_with_its_own(session):
    run_id, before = stopped(session)
    session.datasets.set_split(1, SplitConfig(train=0.4, validation=0.3, test=0.3, seed=5))
    session.training.resume(run_id)
    after = stop_at_work(session, run_id, before.steps)
    assert after.split == before.split
    assert after.state is RunState.STOPPED
