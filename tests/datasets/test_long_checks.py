"""Checks that take long: they tell how far they are, end when asked, and leave alone what runs beside them."""

import subprocess
import sys
import time
from threading import Thread

import numpy as np
import pytest

from tests.datasets.test_checks import found, of_pictures, pictures
from workbench.core.errors import CancelledError
from workbench.datasets.checks.base import checks
from workbench.datasets.checks.quick_network import _adamw, alone, network

LONG = ("label_errors", "near_duplicates", "outliers")


def of_two_kinds(count):
    """Return pictures that tell dark from light, and their classes."""
    y = np.arange(count) % 2
    return of_pictures((pictures(count, side=16) // 2 + 100 * y[:, None, None, None]).astype(np.uint8), y)


@pytest.mark.parametrize("name", LONG)
def test_a_long_check_tells_a_rising_share(name):
    data, told = of_two_kinds(1_500), []
    data.tell = told.append
    found(name, data)
    assert len(told) > 2
    assert told == sorted(told)
    assert told[0] >= 0
    assert told[-1] <= 1


@pytest.mark.parametrize("name", LONG)
def test_a_long_check_ends_within_a_second_when_it_is_cancelled_on_the_way(name):
    data, since = of_two_kinds(6_000), []

    def stop_half_way(share):
        if share > 0.3 and not since:
            data.token.cancel()
            since.append(time.perf_counter())

    data.tell = stop_half_way
    with pytest.raises(CancelledError):
        list(checks.build(name).find(data))
    assert time.perf_counter() - since[0] < 1


def test_the_network_says_the_same_every_time_and_draws_none_of_the_random_numbers_of_a_training():
    import torch

    random = np.random.default_rng(0)
    codes = random.integers(0, 3, 400)
    x = random.normal(size=(400, 8)).astype(np.float32) + 2 * codes[:, None].astype(np.float32)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    first, second = (network(x[:300], codes[:300], x[300:], lambda _: None) for _ in range(2))
    assert torch.equal(torch.rand(3), expected)
    assert np.array_equal(first, second)
    assert np.allclose(first.sum(axis=1), 1, atol=1e-5)
    assert (first.argmax(axis=1) == codes[300:]).mean() > 0.8


def test_the_network_learns_step_by_step_what_adamw_with_one_cycle_learns():
    import torch

    steps, random = 40, torch.Generator().manual_seed(3)
    ours = [torch.randn(4, 3, generator=random), torch.randn(3, generator=random)]
    theirs = [weight.clone() for weight in ours]
    learn = _adamw(ours, steps)
    optimizer = torch.optim.AdamW(theirs, lr=6e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=steps)
    for _ in range(steps):
        gradients = [torch.randn(weight.shape, generator=random) for weight in ours]
        learn(gradients)
        for weight, gradient in zip(theirs, gradients, strict=True):
            weight.grad = gradient
        optimizer.step()
        schedule.step()
    for a, b in zip(ours, theirs, strict=True):
        torch.testing.assert_close(a, b, rtol=1e-5, atol=1e-6)


_WITHOUT_COMPILER = """
import sys
import numpy as np
from workbench.datasets.checks.quick_network import network
x = np.random.default_rng(0).normal(size=(60, 8)).astype(np.float32)
network(x, np.arange(60) % 3, x, lambda _: None)
assert "torch._dynamo" not in sys.modules
"""


def test_the_network_loads_nothing_of_torch_that_makes_a_window_stand_still():
    subprocess.run([sys.executable, "-c", _WITHOUT_COMPILER], check=True, timeout=120)


def test_work_alone_has_one_thread_and_leaves_all_others_theirs():
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        assert alone(torch.get_num_threads) == 1
        assert torch.get_num_threads() == 3
        of_others: list[int] = []
        other = Thread(target=lambda: of_others.append(torch.get_num_threads()))
        other.start()
        other.join()
        assert of_others == [3]
    finally:
        torch.set_num_threads(before)
