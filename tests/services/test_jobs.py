import threading
import weakref

import pytest

from workbench.core.errors import CancelledError, DataError, UserError
from workbench.core.events import EventBus, JobChanged
from workbench.core.states import JobState
from workbench.services.jobs import Jobs


@pytest.fixture
def jobs():
    faults = []
    jobs = Jobs(EventBus(), lambda error: faults.append(error) or "our own fault")
    jobs.faults = faults
    yield jobs
    jobs.close()


def hold(gate):
    def work(token, progress):
        gate.wait(10)
        token.check()

    return work


def test_jobs_of_one_lane_run_one_after_the_other_and_of_two_lanes_side_by_side(jobs):
    gate = threading.Event()
    first = jobs.submit("a", "first", hold(gate))
    second = jobs.submit("a", "second", lambda token, progress: "after")
    beside = jobs.submit("b", "beside", lambda token, progress: "at once")
    assert jobs.wait(beside, 5) == "at once"
    assert jobs.get(second).state is JobState.WAITING
    gate.set()
    assert jobs.wait(second, 5) == "after"
    assert jobs.get(first).state is JobState.DONE


def test_a_withdrawn_job_never_begins_and_a_running_one_cannot_be_withdrawn(jobs):
    gate, began = threading.Event(), []
    first = jobs.submit("a", "first", hold(gate))
    second = jobs.submit("a", "second", lambda token, progress: began.append(1))
    while jobs.get(first).state is JobState.WAITING:
        pass
    assert jobs.withdraw(second) is True
    assert jobs.withdraw(first) is False
    gate.set()
    jobs.wait(first, 5)
    with pytest.raises(CancelledError):
        jobs.wait(second, 5)
    assert began == []


def test_the_users_fault_is_told_in_its_own_words_and_ours_is_reported(jobs):
    def refuse(token, progress):
        raise DataError("the file is empty: choose another")

    def break_down(token, progress):
        raise ZeroDivisionError

    refused, broken = jobs.submit("a", "refused", refuse), jobs.submit("a", "broken", break_down)
    with pytest.raises(DataError):
        jobs.wait(refused, 5)
    with pytest.raises(ZeroDivisionError):
        jobs.wait(broken, 5)
    assert jobs.get(refused).message == "the file is empty: choose another"
    assert jobs.get(broken).message == "our own fault"
    assert [type(fault) for fault in jobs.faults] == [ZeroDivisionError]


def test_progress_comes_ten_times_a_second_at_most_and_its_end_always():
    bus, told = EventBus(), []
    jobs = Jobs(bus, str)
    bus.subscribe(JobChanged, lambda event: told.append(event.job.done))

    def work(token, progress):
        for done in range(1, 2001):
            progress(done, 2000, "counting")

    jobs.wait(jobs.submit("a", "counts", work), 10)
    jobs.close()
    while bus.dispatch():
        pass
    assert told[-1] == 2000
    assert len(told) < 30


def test_the_time_left_counts_from_the_first_report_and_not_the_getting_ready(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("workbench.services.jobs.time.monotonic", lambda: now[0])
    bus, told = EventBus(), []
    jobs = Jobs(bus, str)
    bus.subscribe(JobChanged, lambda event: told.append((event.job.done, event.job.left_s)))

    def work(token, progress):
        for at, done in ((100.0, 10), (101.0, 20), (102.0, 30)):
            now[0] = at
            progress(done, 110, "steps")

    jobs.wait(jobs.submit("a", "trains", work), 10)
    jobs.close()
    while bus.dispatch():
        pass
    assert (10, None) in told  # nothing can be said yet
    assert (20, 9.0) in told  # ten steps a second, ninety left
    assert (30, 8.0) in told


def test_nothing_is_queued_after_closing(jobs):
    jobs.submit("a", "first", lambda token, progress: None)
    jobs.close()
    with pytest.raises(UserError, match="closed"):
        jobs.submit("a", "late", lambda token, progress: None)
    assert [thread.name for thread in threading.enumerate() if thread.name.startswith("lane-")] == []
    assert jobs.find("late") is None


def test_a_failed_job_lets_go_of_what_it_held(jobs):
    class Model:
        pass

    held = []

    def train(token, progress):
        model = Model()
        held.append(weakref.ref(model))
        try:
            raise MemoryError
        except MemoryError as error:
            raise DataError("too large: halve the batch") from error

    job = jobs.submit("a", "train", train)
    with pytest.raises(DataError):
        jobs.wait(job, 5)
    assert held[0]() is None, "the next run needs the memory"
