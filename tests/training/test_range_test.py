"""The range test finds a rate that trains, says the same twice, and leaves no trace."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.samples import StopAt, pictures, prepared, table
from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import CancelledError, DataError
from workbench.core.states import Split, Task
from workbench.training.optimizers import optimizers
from workbench.training.range_test import find_learning_rate, smoothed, suggested_rate
from workbench.training.stepper import samples_a_step
from workbench.training.throw_away import endless_batches, fresh_stepper


def find(data, family="mlp", token=None, progress=no_progress, **config):
    train = TrainConfig(**{"batch_size": 16, **config})
    return find_learning_rate(family, {}, train, data, token or CancelToken(), progress)


def loss_after(data, rate, steps, **config):
    """Return the mean loss of the last ten of some steps at one rate."""
    train = TrainConfig(**{"batch_size": 16, **config})
    size = samples_a_step(train, len(data.indices[Split.TRAIN]))
    with fresh_stepper("mlp", {}, train, data) as stepper:
        batches = zip(range(steps), endless_batches(data, size, 5), strict=False)
        losses = [stepper.step(index, rate, number + 1).loss.item() for number, index in batches]
    return np.mean(losses[:1]), np.mean(losses[-10:])


@pytest.mark.parametrize("optimizer", optimizers.names())
def test_the_suggested_rate_trains_well_with_every_optimiser(optimizer):
    data = prepared(*pictures())
    found = find(data, optimizer=optimizer)
    begin, end = loss_after(data, found.suggestion, 60, optimizer=optimizer)
    assert end < 0.4 * begin
    assert end < loss_after(data, found.suggestion / 100, 60, optimizer=optimizer)[1]
    assert list(found.rates) == sorted(found.rates)
    assert len(found.rates) == len(found.losses) == len(found.smoothed)
    assert np.isfinite(found.losses).all()


@pytest.mark.parametrize(
    ("data", "config"),
    [
        (lambda: prepared(*pictures()), {"loss": "focal", "accumulation": 2, "batch_size": 8}),
        (lambda: prepared(*table(task=Task.REGRESSION)), {"loss": "huber", "clip_norm": 1.0}),
        (lambda: prepared(*table()), {"averaging": "ema", "initialization": "he", "l1": 1e-4}),
        (lambda: prepared(*pictures()), {"precision": "bf16"}),
    ],
)
def test_it_tries_what_a_run_would_do(data, config):
    found = find(data(), **config)
    assert 1e-5 < found.suggestion < 10


def test_a_seed_decides_the_curve_and_random_numbers_and_threads_are_left_as_they_were():
    data, said = prepared(*pictures()), []
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    first = find(data, progress=lambda *told: said.append(told))
    assert find(data) == first
    assert find(data, seed=1).losses != first.losses
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    assert [done for done, _, _ in said] == list(range(1, len(first.rates) + 1))


def test_it_ends_when_the_loss_has_blown_up():
    found = find(prepared(*pictures()), optimizer="rmsprop")
    assert len(found.rates) < 100
    assert found.smoothed[-1] > 4 * min(found.smoothed)


def test_it_stops_when_asked_to():
    with pytest.raises(CancelledError):
        find(prepared(*pictures()), token=StopAt(5))


def test_too_few_samples_are_refused_with_how_many_are_needed():
    data = prepared(*pictures(count=20))
    assert len(data.indices[Split.TRAIN]) == 14
    with pytest.raises(DataError, match="14 samples, too few to find a learning rate: at least 16"):
        find(data)


def test_a_loss_that_never_falls_is_refused():
    data = prepared(*table())
    nothing = replace(data, x=torch.zeros_like(data.x), y=torch.arange(len(data.y)) % 2)
    with pytest.raises(DataError, match="falls at no learning rate"):
        find(nothing, family="linear", optimizer="sgd")


def test_smoothing_is_corrected_for_its_beginning():
    assert smoothed([3.0] * 20) == pytest.approx([3.0] * 20)
    # 0.9 times 0.1 times 1, over 1 - 0.9 squared.
    assert smoothed([1.0, 0.0]) == pytest.approx([1.0, 0.09 / 0.19])


def test_the_suggestion_lies_where_the_loss_falls():
    rates = np.geomspace(1e-7, 10, 100)
    # 2 up to 1e-4, down to 0.5 at 0.1, then up steeply: it falls fastest between, and a tenth of the
    # smoothed minimum is at least 0.01.
    losses = np.interp(np.log10(rates), [-7, -4, -1, 0, 1], [2.0, 2.0, 0.5, 4.0, 40.0])
    assert 1e-3 < suggested_rate(rates, list(losses)) < 0.1
    with pytest.raises(DataError, match="falls at no learning rate"):
        suggested_rate(rates, [2.0] * 100)
