"""Batch sizes are measured with real steps, and the smallest that is fast enough is suggested."""

from dataclasses import replace

import pytest
import torch

from tests.training.samples import StopAt, pictures, prepared
from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import CancelledError, DataError
from workbench.training import batch_trials
from workbench.training.batch_trials import find_batch_size


@pytest.fixture
def speeds(monkeypatch):
    """Samples a second by batch size, in place of measured ones; what is missing needs too much memory."""
    table = {}

    def measured(family, fields, config, data, token):
        if config.batch_size not in table:
            raise torch.OutOfMemoryError("by hand")
        return table[config.batch_size]

    monkeypatch.setattr(batch_trials, "samples_per_second", measured)
    return table


@pytest.fixture(scope="module")
def data():
    """2,800 samples to train on: at most 700 at once."""
    return prepared(*pictures(count=4000))


def find(data, token=None, **config):
    return find_batch_size("mlp", {}, TrainConfig(**config), data, token or CancelToken(), no_progress)


def test_on_a_cpu_it_ends_where_double_batches_gain_less_than_a_tenth(data, speeds):
    speeds |= {8: 100.0, 16: 190.0, 32: 300.0, 64: 420.0, 128: 440.0, 256: 450.0, 512: 9000.0}
    found = find(data)
    assert found.sizes == (8, 16, 32, 64, 128, 256)
    assert (found.suggestion, found.current) == (64, 32)
    assert found.speed(64) == 420.0
    assert found.speed(512) is None


def test_one_disturbed_measurement_does_not_end_it(data, speeds):
    speeds |= {8: 100.0, 16: 190.0, 32: 180.0, 64: 420.0, 128: 430.0, 256: 410.0}
    assert find(data).suggestion == 64


def test_on_a_gpu_it_goes_on_until_the_memory_ends(data, speeds):
    speeds |= {8: 100.0, 16: 105.0, 32: 110.0, 64: 400.0, 128: 800.0}
    found = find(replace(data, device=torch.device("cuda")))
    assert found.sizes == (8, 16, 32, 64, 128)
    assert found.suggestion == 128


def test_never_more_than_a_quarter_of_the_training_split(data, speeds):
    speeds |= {8 << power: 100.0 * 2**power for power in range(12)}
    assert find(data).sizes[-1] == 512


def test_a_size_between_the_powers_is_compared_as_well(data, speeds):
    speeds |= {8: 100.0, 16: 150.0, 24: 160.0, 32: 155.0}
    found = find(data, batch_size=24)
    assert found.speed(24) == 160.0
    assert found.suggestion == 16, "150 is within a tenth of 160"


def test_a_model_that_does_not_fit_at_all_is_told(data, speeds):
    with pytest.raises(DataError, match="Not even 8 samples at once fit into memory"):
        find(data)


def test_too_few_samples_are_refused():
    with pytest.raises(DataError, match="14 samples, too few to find a batch size: at least 32"):
        find(prepared(*pictures(count=20)))


def test_real_steps_are_measured_and_leave_no_trace(data):
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    found = find(data, optimizer="gradient_descent")
    assert found.sizes[:2] == (8, 16)
    assert all(speed > 0 for speed in found.samples_per_s)
    assert found.suggestion in found.sizes
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.get_num_threads() == threads
    with pytest.raises(CancelledError):
        find(data, token=StopAt(3))
