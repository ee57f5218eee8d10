"""Training: the same numbers every time, also when stopped and resumed, and never weights that are not numbers."""

import random
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.training.samples import CASES, PausesAt, StopAt, Watch, pictures, prepared, same, table, train
from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Schema
from workbench.core.states import RunState, Split, Task
from workbench.models.base import families
from workbench.training.checkpoints import read_checkpoint, weights_sha256
from workbench.training.data import TrainingData
from workbench.training.job import Callbacks, FitJob
from workbench.training.loop import fit


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def test_the_same_seed_gives_the_same_weights_and_curves_to_the_bit(tmp_path):
    outcomes = []
    for number, seed in enumerate((4, 4, 5)):
        torch.rand(number * 3)  # what was drawn before must not matter
        (tmp_path / str(number)).mkdir()
        outcomes.append(
            train(pictures(), tmp_path / str(number), "convnet", {"width": 4, "dropout": 0.3}, seed=seed)
        )
    (first, curves), (second, again), (other, _) = outcomes
    assert first.weights_sha256 == second.weights_sha256
    assert same(curves.points, again.points)
    assert other.weights_sha256 != first.weights_sha256


@pytest.mark.parametrize("interrupted", [False, True])
@pytest.mark.parametrize("optimizer", ["adamw", "momentum", "rmsprop", "lion"])
def test_a_run_that_was_stopped_in_mid_epoch_and_resumed_ends_as_if_nothing_had_happened(
    tmp_path, optimizer, interrupted
):
    settings = {"family": "mlp", "fields": {"width": 16, "dropout": 0.4}, "batch_size": 8, "epochs": 4}
    whole, expected = train(table(), tmp_path, optimizer=optimizer, **settings)
    steps = whole.steps
    stops = sorted(random.Random(f"{optimizer}{interrupted}").sample(range(1, steps), 3))
    watch, resume, done = Watch(), None, 0
    for stop in stops:
        outcome, _ = train(
            table(),
            tmp_path,
            resume=resume,
            token=StopAt(stop - done, interrupted=interrupted),
            watch=watch,
            optimizer=optimizer,
            **settings,
        )
        assert outcome.state is (RunState.INTERRUPTED if interrupted else RunState.STOPPED)
        assert outcome.steps == stop
        done, resume = stop, read_checkpoint(watch.path("last"))
        torch.rand(17)
    outcome, _ = train(table(), tmp_path, resume=resume, watch=watch, optimizer=optimizer, **settings)
    assert outcome.state is RunState.FINISHED
    assert outcome.weights_sha256 == whole.weights_sha256
    assert outcome.best_epoch == whole.best_epoch
    assert same(watch.points, expected.points)


def test_the_best_weights_of_a_resumed_run_are_those_of_the_uninterrupted_one(tmp_path):
    settings = {"family": "convnet", "fields": {"width": 4, "dropout": 0.2}, "epochs": 3}
    _, expected = train(pictures(), tmp_path, **settings)
    _, watch = train(pictures(), tmp_path, token=StopAt(4), **settings)
    train(pictures(), tmp_path, resume=read_checkpoint(watch.path("last")), watch=watch, **settings)
    first, second = (read_checkpoint(item.path("best")) for item in (expected, watch))
    assert first["epoch"] == second["epoch"]
    assert weights_sha256(first["model"]) == weights_sha256(second["model"])


def test_pausing_saves_the_state_and_going_on_changes_nothing(tmp_path):
    settings = {"batch_size": 8, "epochs": 2}
    whole, expected = train(table(), tmp_path, **settings)
    watch, token = Watch(), PausesAt(5)

    def on_hold(held, why):
        watch.held.append((held, read_checkpoint(watch.path("last"))["place"][2]))
        token.go_on()

    callbacks = replace(watch.callbacks(), on_hold=on_hold)
    job = FitJob("mlp", {}, TrainConfig(**settings), prepared(*table()), tmp_path)
    outcome = fit(job, callbacks, token)
    assert watch.held == [(True, 5), (False, 5)], "its state was not on disk while it held still"
    assert outcome.weights_sha256 == whole.weights_sha256
    assert same(watch.points, expected.points)


def test_a_checkpoint_is_never_ahead_of_the_points_that_are_durable(tmp_path, monkeypatch):
    # Or a kill right after it would leave a hole in the curve: the resumed run begins behind the points.
    monkeypatch.setattr("workbench.training.loop.CHECKPOINT_EVERY_S", 0.0)
    monkeypatch.setattr("workbench.training.loop._EPOCH_FLUSH_S", 60.0)
    watch, ahead = Watch(), []

    def on_checkpoint(role, path, sha256, epoch, step):
        if role == "last":
            ahead.append(step - max(watch.points.get("train/loss", {0: 0.0})))
            ahead.append(epoch - len(watch.points.get("validation/loss", {})))

    job = FitJob("linear", {}, TrainConfig(epochs=4), prepared(*table()), tmp_path)
    fit(job, replace(watch.callbacks(), on_checkpoint=on_checkpoint), CancelToken())
    assert ahead == [0, 0] * 4


def test_stop_after_this_epoch_ends_with_a_whole_epoch(tmp_path):
    token = CancelToken()
    token.stop_after_epoch()
    outcome, watch = train(table(), tmp_path, epochs=50, token=token)
    assert (outcome.state, outcome.epochs) == (RunState.STOPPED, 1)
    assert read_checkpoint(watch.path("last"))["place"][:2] == [1, 0]


def test_patience_ends_a_run_that_no_longer_gets_better(tmp_path):
    x, _, schema = table(80)
    labels = np.random.default_rng(0).integers(0, 2, 80)
    outcome, watch = train((x, labels, schema), tmp_path, epochs=500, learning_rate=0.05, patience=5)
    assert outcome.state is RunState.FINISHED
    assert outcome.epochs == watch.best[-1] + 5 == outcome.best_epoch + 5
    assert "5 epochs" in outcome.message


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_run_that_diverges_stops_within_a_step_with_finite_weights(tmp_path, name, optimizer):
    outcome, watch = train(
        CASES[name](),
        tmp_path,
        "linear",
        optimizer=optimizer,
        learning_rate=1e6,
        epochs=100_000,
        batch_size=8,
    )
    if outcome.state is RunState.FINISHED:
        pytest.fail("it never diverged")
    assert outcome.state is RunState.DIVERGED
    losses = watch.points["train/loss"]
    assert [step for step, loss in losses.items() if not np.isfinite(loss)] in ([outcome.steps], [])
    for role in ("last", "best"):
        weights = read_checkpoint(watch.path(role))["model"]
        assert all(torch.isfinite(weight).all() for weight in weights.values()), role
    assert "learning rate" in outcome.message


def test_an_extreme_sample_stops_the_run_at_the_very_step_that_meets_it(tmp_path):
    data = prepared(*table())
    poisoned = int(data.indices[Split.TRAIN][40])

    class Poisoned(TrainingData):
        __slots__ = ()

        def batch(self, index):
            x, y = TrainingData.batch(self, index)
            if met and poisoned in index.tolist():
                x = x.clone()
                x[index.tolist().index(poisoned)] = torch.finfo(torch.float32).max
            meetings.append(poisoned in index.tolist())
            return x, y

        def drawn(self, order, bounds):
            return ((order[start:end], None) for start, end in pairwise(bounds))

    met, meetings = [], []
    for on in ([], [1]):
        met, meetings = on, []
        trap = Poisoned(**{name: getattr(data, name) for name in TrainingData.__slots__})
        outcome, watch = train(trap, tmp_path, batch_size=8, epochs=2)
    assert outcome.state is RunState.DIVERGED
    assert outcome.steps == meetings.index(True) + 1
    weights = read_checkpoint(watch.path("last"))["model"]
    assert all(torch.isfinite(weight).all() for weight in weights.values())


def test_a_loss_that_overflows_while_its_gradient_does_not_is_noticed_at_once(tmp_path):
    # The square of 1e20 is infinite, twice 1e20 is not.
    x, _, schema = table(task=Task.REGRESSION)
    y = np.where(np.arange(len(x)) % 2, 1.0, -1.0).astype(np.float32)
    data = prepared(x, y, schema)
    data.y[data.indices[Split.TRAIN][-1]] = 1e20
    outcome, watch = train(data, tmp_path, "linear", batch_size=8, epochs=2)
    assert outcome.state is RunState.DIVERGED
    assert sum(not np.isfinite(loss) for loss in watch.points["train/loss"].values()) == 1
    weights = read_checkpoint(watch.path("last"))["model"]
    assert all(torch.isfinite(weight).all() for weight in weights.values())


def test_a_resume_from_another_models_checkpoint_is_refused_before_a_step_is_taken(tmp_path):
    _, watch = train(table(), tmp_path, "mlp", {"width": 8}, epochs=1)
    state = read_checkpoint(watch.path("last"))
    for family, fields in (("linear", {}), ("mlp", {"width": 9})):
        told = Watch()
        with pytest.raises(DataError, match="another model"):
            train(table(), tmp_path, family, fields, resume=state, watch=told)
        assert told.points == {}
    with pytest.raises(DataError, match="another model"):
        train(table(), tmp_path, "mlp", {"width": 8}, resume=read_checkpoint(watch.path("best")))


def test_without_a_validation_split_the_training_loss_says_which_epoch_was_best(tmp_path):
    data = prepared(*table(), split=SplitConfig(train=1.0, validation=0.0, test=0.0))
    outcome, watch = train(data, tmp_path)
    assert outcome.state is RunState.FINISHED
    assert outcome.best_epoch is not None
    assert not any(name.startswith("validation") for name in watch.points)


def test_a_lone_last_sample_does_not_break_batch_norm(tmp_path):
    x, y, schema = pictures(count=33)
    data = prepared(x, y, schema, split=SplitConfig(train=1.0, validation=0.0, test=0.0))
    outcome, _ = train(data, tmp_path, "convnet", {"width": 2, "blocks": 1}, batch_size=32, epochs=1)
    assert (outcome.state, outcome.steps) == (RunState.FINISHED, 1)


def test_the_learning_rate_follows_its_schedule(tmp_path):
    _, cosine = train(table(), tmp_path, epochs=5, learning_rate=0.01)
    _, constant = train(table(), tmp_path, epochs=5, learning_rate=0.01, schedule="constant")
    rates = list(cosine.points["learning_rate"].values())
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.001
    assert set(constant.points["learning_rate"].values()) == {0.01}


def test_nothing_to_learn_from_is_said_in_words(tmp_path):
    x, y, schema = table()
    with pytest.raises(DataError, match="only one class"):
        prepared(x, y * 0, Schema(Task.CLASSIFICATION, (4,), ("one",), columns=schema.columns))
    with pytest.raises(DataError, match="outside"):
        prepared(x, y + 5, schema)
    values, _, numbers = table(task=Task.REGRESSION)
    with pytest.raises(DataError, match="missing or infinite"):
        prepared(values, np.full(len(values), np.inf, dtype=np.float32), numbers)


def test_what_the_loop_tells_first_is_the_models_size(tmp_path):
    told = []
    job = FitJob("linear", {}, TrainConfig(epochs=1), prepared(*pictures()), tmp_path)
    fit(job, Callbacks(on_start=lambda *words: told.append(words)), CancelToken())
    model = families.build("linear").build(pictures()[2])
    assert told == [("CPU · 1 thread", 1, sum(weight.numel() for weight in model.parameters()), "fp32")]
