"""The time left is right on steady work as soon as the first epoch has ended."""

import pytest

from workbench.training import epoch_clock
from workbench.training.epoch_clock import EpochClock


@pytest.fixture
def now(monkeypatch):
    """A clock that the test sets, as a list with one time in seconds."""
    time_s = [1000.0]
    monkeypatch.setattr(epoch_clock.time, "perf_counter", lambda: time_s[0])
    return time_s


def train(now, *, epochs, batches, step_s, rest_s, first_step_s=None):
    """Yield (seconds left as told, seconds left in truth, epochs done) after every step."""
    clock, told = EpochClock(), []
    for epoch in range(epochs):
        clock.start(0, batches)
        for batch in range(batches):
            now[0] += first_step_s if first_step_s and not epoch and not batch else step_s
            told.append((clock.left_s(batch + 1, epochs - epoch), now[0], epoch))
        clock.trained()
        now[0] += rest_s
        clock.end()
        told.append((clock.left_s(0, epochs - epoch - 1), now[0], epoch + 1))
    return [(guess, now[0] - at, epoch) for guess, at, epoch in told]


def test_from_the_end_of_the_first_epoch_on_the_time_left_is_exact_on_steady_work(now):
    told = train(now, epochs=5, batches=50, step_s=0.1, rest_s=2.0)
    for guess, true, epoch in told:
        if epoch:
            assert guess == pytest.approx(true, abs=0.001)


def test_within_the_first_epoch_it_is_the_pace_of_the_steps(now):
    told = train(now, epochs=3, batches=50, step_s=0.1, rest_s=0.0)
    assert told[0][0] is None, "a tenth of a second tells nothing"
    assert told[30][0] == pytest.approx(told[30][1])


def test_a_slow_first_step_weighs_less_with_every_epoch(now):
    told = train(now, epochs=20, batches=50, step_s=0.1, rest_s=0.5, first_step_s=3.0)
    after_ten = next((guess, true) for guess, true, epoch in told if epoch == 10)
    assert after_ten[0] == pytest.approx(after_ten[1], rel=0.06)


def test_a_pause_is_left_out(now):
    clock = EpochClock()
    clock.start(0, 10)
    now[0] += 5
    clock.skip(0.0)
    now[0] += 100  # the pause
    clock.skip(100.0)
    now[0] += 5
    clock.trained()
    clock.end()
    assert clock.left_s(0, 2) == pytest.approx(20)


def test_a_resumed_epoch_is_measured_by_the_share_of_it_that_was_done(now):
    clock = EpochClock()
    clock.start(8, 10)
    now[0] += 2
    clock.trained()
    clock.end()
    # Two of ten steps took two seconds, so an epoch takes ten.
    assert clock.left_s(0, 3) == pytest.approx(30)


def test_what_is_written_behind_an_epoch_belongs_to_it(now):
    clock = EpochClock()
    for _ in range(4):
        clock.start(0, 10)
        now[0] += 5
        clock.trained()
        now[0] += 1
        clock.end()
        now[0] += 2  # points are stored
    clock.start(0, 10)
    assert clock.left_s(0, 3) == pytest.approx(3 * 8)
