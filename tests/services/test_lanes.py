"""Work in the background: told, paused, cancelled, and never lost in silence."""

import threading
import time

import pytest

from workbench.core.errors import CancelledError, DataError
from workbench.core.events import EventBus, JobChanged
from workbench.core.states import JobState
from workbench.services.jobs import Jobs


@pytest.fixture
def bus():
    return EventBus()


@pytest.fixture
def jobs(bus):
    made = Jobs(bus, lambda error: f"reported {type(error).__name__}")
    yield made
    made.close()


def _told(bus):
    heard = []
    bus.subscribe(JobChanged, lambda event: heard.append(event.job))
    while bus.dispatch():
        pass
    return heard


def test_a_job_runs_gives_its_result_and_tells_how_far_it_is(jobs, bus):
    def work(token, progress):
        progress(1, 2, "half")
        progress(2, 2, "all")
        return 42

    job = jobs.submit("cpu", "Count", work, subject="numbers")
    assert jobs.wait(job, 5) == 42
    assert jobs.get(job).state is JobState.DONE
    heard = _told(bus)
    assert [item.state for item in heard][:2] == [JobState.WAITING, JobState.RUNNING]
    assert (heard[-1].done, heard[-1].total, heard[-1].left_s) == (2, 2, 0.0)


def test_a_lane_does_one_job_after_the_other_and_lanes_work_side_by_side(jobs):
    order, gate, met = [], threading.Event(), threading.Barrier(2, timeout=5)
    first = jobs.submit("one", "first", lambda *_: (met.wait(), gate.wait(5), order.append(1)))
    second = jobs.submit("one", "second", lambda *_: order.append(2))
    other = jobs.submit("two", "other", lambda *_: met.wait())
    jobs.wait(other, 5)
    assert [jobs.get(job).state for job in (first, second)] == [JobState.RUNNING, JobState.WAITING]
    assert [job.id for job in jobs.active()][:2] == [first, second]
    gate.set()
    jobs.wait(second, 5)
    assert order == [1, 2]
    assert jobs.active() == []


def test_a_job_that_holds_still_goes_on_or_is_cancelled(jobs):
    reached, passed = threading.Event(), []

    def work(token, progress):
        reached.wait(5)
        token.check()
        passed.append(1)

    for end in ("go on", "cancel"):
        reached.clear()
        job = jobs.submit("cpu", "Hold", work)
        jobs.pause(job)
        reached.set()
        with pytest.raises(TimeoutError):
            jobs.wait(job, 0.1)
        if end == "go on":
            jobs.go_on(job)
            jobs.wait(job, 5)
        else:
            jobs.cancel(job)
            with pytest.raises(CancelledError):
                jobs.wait(job, 5)
            assert jobs.get(job).state is JobState.CANCELLED
    assert passed == [1]


def test_a_job_that_is_cancelled_before_its_turn_can_note_it_and_is_told_as_cancelled(jobs):
    gate, noted = threading.Event(), []

    def work(token, progress):
        noted.append(token.interrupted)
        token.check()

    jobs.submit("cpu", "Long", lambda *_: gate.wait(5))
    waiting = jobs.submit("cpu", "Waiting", work)
    jobs.cancel(waiting)
    gate.set()
    with pytest.raises(CancelledError):
        jobs.wait(waiting, 5)
    assert noted == [False]
    assert jobs.get(waiting).state is JobState.CANCELLED


def test_faults_of_the_data_are_told_as_they_are_and_ours_are_reported(jobs):
    def spoilt(token, progress):
        raise DataError("The file is empty: choose another.")

    def broken(token, progress):
        raise ZeroDivisionError

    for work, message in (
        (spoilt, "The file is empty: choose another."),
        (broken, "reported ZeroDivisionError"),
    ):
        job = jobs.submit("cpu", "Fail", work)
        jobs.join(job, 5)
        assert (jobs.get(job).state, jobs.get(job).message) == (JobState.FAILED, message)
    # The lane lives on.
    assert jobs.wait(jobs.submit("cpu", "After", lambda *_: "fine"), 5) == "fine"


def test_closing_interrupts_what_works_and_leaves_no_thread(bus):
    jobs, ends = Jobs(bus, str), []
    began = threading.Event()

    def work(token, progress):
        began.set()
        while not token.cancelled:
            token.wait_while_paused()
        ends.append(token.interrupted)

    job = jobs.submit("cpu", "Endless", work)
    jobs.submit("cpu", "Never", work)
    began.wait(5)
    jobs.pause(job)
    jobs.close()
    assert ends == [True, True], "each was told that the process ends"
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("lane-")]


def test_a_job_that_needs_all_lanes_waits_for_them_and_keeps_them(jobs):
    gate, order = threading.Event(), []
    jobs.submit("one", "first", lambda *_: (gate.wait(5), order.append("first")))
    both = jobs.submit(("one", "two"), "both", lambda *_: order.append("both"), together=True)
    behind = jobs.submit("two", "behind", lambda *_: order.append("behind"))
    time.sleep(0.1)
    assert [jobs.get(job).state for job in (both, behind)] == [JobState.WAITING, JobState.WAITING]
    gate.set()
    jobs.wait(behind, 5)
    assert order == ["first", "both", "behind"]


def test_work_in_no_queue_is_told_paused_at_once_and_goes_on(jobs):
    started = threading.Event()

    def work(token, _):
        started.set()
        while not token.cancelled:
            token.check()
            time.sleep(0.001)

    job = jobs.submit("cpu", "Search", work)
    assert started.wait(5)
    jobs.pause(job)
    assert jobs.get(job).state is JobState.PAUSED
    jobs.go_on(job)
    assert jobs.get(job).state is JobState.RUNNING
    jobs.cancel(job)
    jobs.join(job, 5)
