"""Searches for a setting are jobs in the lane of the device."""

import threading

import pytest

from workbench.core.configs import TrainConfig
from workbench.core.errors import CancelledError, UserError
from workbench.core.states import JobState
from workbench.services.projects import open_project


@pytest.fixture
def session(garden):
    with open_project(garden) as session:
        yield session


def test_a_learning_rate_and_a_batch_size_are_found_for_a_dataset(session):
    train = TrainConfig(batch_size=16)
    rates = session.jobs.wait(session.models.find_learning_rate(1, "mlp", {"width": "8"}, train), 60)
    assert rates.rates[0] < rates.suggestion < rates.rates[-1]
    sizes = session.jobs.wait(session.models.find_batch_size(1, "mlp", {}, train), 60)
    assert sizes.current == 16
    assert sizes.suggestion in sizes.sizes


def test_a_search_waits_for_the_run_before_it_and_can_be_given_up_meanwhile(session):
    run = session.training.start(1, "linear", {}, TrainConfig(epochs=100_000))
    while session.jobs.find(f"run:{run}").state is not JobState.RUNNING:
        threading.Event().wait(0.01)
    job = session.models.find_learning_rate(1, "mlp", {}, TrainConfig())
    assert session.jobs.get(job).state is JobState.WAITING
    assert session.jobs.withdraw(job)
    with pytest.raises(CancelledError):
        session.jobs.wait(job, 5)
    session.training.stop(run)
    session.training.wait(run, 30)


def test_a_search_does_not_wait_for_runs_that_have_not_begun(session):
    run = session.training.start(1, "linear", {}, TrainConfig(epochs=100_000))
    while session.jobs.find(f"run:{run}").state is not JobState.RUNNING:
        threading.Event().wait(0.01)
    waiting = session.training.start(1, "linear", {}, TrainConfig(epochs=100_000))
    job = session.models.find_learning_rate(1, "linear", {}, TrainConfig(batch_size=16))
    session.training.stop(run)
    session.jobs.wait(job, 60)
    session.training.stop(waiting)
    session.training.wait(waiting, 30)


def test_a_wrong_setting_is_refused_before_anything_is_queued(session):
    train = TrainConfig(optimizer="momentum", optimizer_fields={"momentum": 2})
    with pytest.raises(UserError) as told:
        session.models.find_batch_size(1, "mlp", {"width": 0}, train)
    assert set(told.value.fields) == {"width", "momentum"}
    assert session.jobs.active() == []


def test_too_small_a_memory_is_told_with_what_to_change(session, monkeypatch):
    import torch

    def fails(*_):
        raise torch.OutOfMemoryError("by hand")

    monkeypatch.setattr("workbench.training.range_test.fresh_stepper", fails)
    job = session.models.find_learning_rate(1, "mlp", {}, TrainConfig(batch_size=64))
    with pytest.raises(UserError, match="Out of memory with batch size 64: choose a smaller one"):
        session.jobs.wait(job, 30)


def test_what_can_be_chosen_comes_as_classes_with_their_settings(session):
    choices = session.models.choices()
    assert set(choices) == {"optimizer", "schedule", "loss", "compute target", "device"}
    for classes in choices.values():
        assert all(cls.name and cls.title for cls in classes)
    (momentum,) = [cls for cls in choices["optimizer"] if cls.name == "momentum"]
    assert list(momentum.model_fields) == ["momentum"]
