"""The queue: its order, holding it, several devices, and what waits when the program ends."""

import threading
import time

import pytest

from workbench.core.configs import TrainConfig
from workbench.core.errors import DiskError, UserError
from workbench.core.events import QueueChanged
from workbench.core.states import RunState
from workbench.services.projects import open_project
from workbench.services.training_run import Training

LONG = TrainConfig(epochs=100_000)
SHORT = TrainConfig(epochs=1)


def wait_until(check, timeout_s=30.0):
    end = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def start(session, count=1, train=SHORT):
    return [session.training.start(1, "linear", {}, train) for _ in range(count)]


def queue(session):
    return [run.id for run in session.training.queue()]


@pytest.fixture
def busy(session):
    """A session whose device is at work, so that whatever is started waits."""
    (run_id,) = start(session, train=LONG)
    wait_until(lambda: session.training.get(run_id).state is RunState.RUNNING)
    yield session
    session.training.stop(run_id)
    session.training.wait(run_id, 30)


def began_in_order(session):
    runs = [run for run in session.training.all() if run.started_at is not None]
    return [run.id for run in sorted(runs, key=lambda run: run.started_at)]


def test_waiting_runs_begin_in_the_order_that_they_were_moved_to(busy):
    first, second, third = start(busy, 3)
    busy.training.move(third, 0)
    assert queue(busy) == [third, first, second]
    busy.training.move(first, 99)
    assert queue(busy) == [third, second, first]
    busy.training.stop(2)
    for run_id in (first, second, third):
        assert busy.training.wait(run_id, 30).state is RunState.FINISHED
    assert began_in_order(busy)[-3:] == [third, second, first]


def test_several_are_moved_together_and_keep_their_order_among_themselves(busy):
    first, second, third, fourth = start(busy, 4)
    busy.training.move_all([fourth, second], 0)
    assert queue(busy) == [second, fourth, first, third]
    assert busy.history.undo() == "Move 2 runs in the queue"
    assert queue(busy) == [first, second, third, fourth]


def test_a_move_is_durable_before_it_is_told_and_can_be_undone_and_done_again(busy):
    first, second, third = start(busy, 3)
    told = []
    busy.bus.subscribe(QueueChanged, lambda _: told.append(queue(busy)))
    busy.training.move(third, 0)
    name = busy.training.get(third).name
    assert busy.history.undo() == f"Move {name} in the queue"
    assert queue(busy) == [first, second, third]
    busy.history.redo()
    while busy.bus.dispatch():
        pass
    assert told[-1] == [third, first, second]
    assert [job.subject for job in busy.jobs.waiting("training")] == [
        f"run:{n}" for n in (third, first, second)
    ]


def test_undoing_a_move_leaves_alone_what_has_begun_or_was_queued_since(busy):
    first, second, third = start(busy, 3)
    busy.training.move(third, 0)
    (late,) = start(busy)
    busy.training.stop(first)
    busy.history.undo()
    assert queue(busy) == [second, third, late]


def test_a_run_that_has_begun_or_ended_cannot_be_moved(busy):
    (waiting,) = start(busy)
    with pytest.raises(UserError, match="has begun, so it has no place in the queue any more"):
        busy.training.move(2, 0)
    with pytest.raises(UserError, match="first is finished, so it has no place"):
        busy.training.move_all([waiting, 1], 0)
    assert busy.history.undo_label == ""


def test_a_place_that_cannot_be_written_is_not_shown(busy, monkeypatch):
    first, second = start(busy, 2)

    def full(*_):
        raise DiskError("The disk is full.")

    monkeypatch.setattr(busy.store.runs, "set_places", full)
    with pytest.raises(DiskError):
        busy.training.move(second, 0)
    assert queue(busy) == [first, second]
    assert [job.subject for job in busy.jobs.waiting("training")] == [f"run:{first}", f"run:{second}"]


def test_a_held_queue_lets_the_run_at_work_end_and_begins_no_other_until_it_goes_on(session):
    (working,) = start(session, train=LONG)
    wait_until(lambda: session.training.get(working).state is RunState.RUNNING)
    session.training.hold_queue(True)
    waiting = start(session, 2)
    assert session.training.queue_held
    session.training.stop(working)
    assert session.training.wait(working, 30).state is RunState.STOPPED
    time.sleep(0.2)
    assert queue(session) == waiting
    # Other work goes on: a run can be judged meanwhile.
    assert session.jobs.wait(session.evaluation.evaluate(1), 30).run_id == 1
    session.training.hold_queue(False)
    for run_id in waiting:
        assert session.training.wait(run_id, 30).state is RunState.FINISHED


def test_a_waiting_run_of_a_held_queue_can_be_stopped_and_its_job_cancelled(session):
    session.training.hold_queue(True)
    first, second = start(session, 2)
    session.training.stop(first)
    assert session.training.get(first).state is RunState.STOPPED
    session.jobs.cancel(session.training.job(second).id)
    assert session.training.wait(second, 30).state is RunState.STOPPED


def test_many_are_taken_out_of_the_queue_at_once_and_put_back_where_they_were(busy):
    first, second, third, fourth = start(busy, 4)
    busy.training.take_out([third, first, 1])
    assert queue(busy) == [second, fourth]
    assert {busy.training.get(run_id).state for run_id in (first, third)} == {RunState.STOPPED}
    busy.training.delete(first)
    busy.history.undo()
    assert busy.history.undo() == "Take 2 runs out of the queue"
    assert queue(busy) == [first, second, third, fourth]
    busy.history.redo()
    assert queue(busy) == [second, fourth]


def test_what_waits_at_closing_is_offered_again_and_keeps_its_order(garden):
    with open_project(garden) as session:
        session.training.hold_queue(True)
        first, second, third = start(session, 3)
        session.training.move(third, 0)
    with open_project(garden) as session:
        assert not session.training.queue_held, "a hold ends with the process"
        left = session.training.left_waiting()
        assert [run.id for run in left] == [third, first, second]
        for run in left:
            assert (run.state, run.started_at) == (RunState.INTERRUPTED, None)
            assert "has not begun: queue it again" in run.message
        session.training.hold_queue(True)
        session.training.delete(second)
        assert [run.id for run in session.training.left_waiting()] == [third, first]
        session.training.resume_all(run.id for run in session.training.left_waiting())
        assert queue(session) == [third, first]
        assert session.training.get(third).message == ""
        session.training.hold_queue(False)
        for run_id in (third, first):
            assert session.training.wait(run_id, 30).state is RunState.FINISHED
        assert session.training.left_waiting() == []


def test_queueing_again_is_all_or_none_and_says_why_not(session):
    session.training.hold_queue(True)
    stopped, deleted = start(session, 2)
    for run_id in (stopped, deleted):
        session.training.stop(run_id)
    session.training.delete(deleted)
    with pytest.raises(UserError, match="is in the bin: restore it first"):
        session.training.resume_all([stopped, deleted])
    with pytest.raises(UserError, match="first is finished, so there is nothing to resume"):
        session.training.resume_all([stopped, 1])
    assert queue(session) == []
    assert session.training.get(stopped).state is RunState.STOPPED


@pytest.fixture
def two_gpus(session, monkeypatch):
    """A session on a machine with two GPUs; `at_work` names the device of each run, `let_go` ends them."""
    import torch

    session.at_work, session.let_go, session.seen = {}, threading.Event(), []

    def train(self, token, progress):
        device = self._device
        assert device not in session.at_work.values(), "one job at a time on a device"
        session.at_work[self._run_id] = device
        session.seen.append((self._run_id, device))
        while not (session.let_go.is_set() or token.cancelled):
            time.sleep(0.005)
        del session.at_work[self._run_id]
        raise UserError("That is all.")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setattr(Training, "_train", train)
    yield session
    session.let_go.set()


def test_with_several_gpus_runs_go_side_by_side_one_a_device(two_gpus):
    run_ids = start(two_gpus, 4)
    wait_until(lambda: len(two_gpus.at_work) == 2)
    assert set(two_gpus.at_work.values()) == {"cuda:0", "cuda:1"}
    assert queue(two_gpus) == run_ids[2:]
    # The device that is free first takes the next run: none waits behind a long one while another idles.
    short = next(run_id for run_id, device in two_gpus.at_work.items() if device == "cuda:1")
    two_gpus.training.stop(short)
    wait_until(lambda: run_ids[2] in two_gpus.at_work)
    assert two_gpus.at_work[run_ids[2]] == "cuda:1"
    two_gpus.let_go.set()
    for run_id in run_ids:
        assert two_gpus.training.wait(run_id, 30).state is RunState.FAILED
    assert sorted(run_id for run_id, _ in two_gpus.seen) == run_ids


def test_a_run_that_wants_one_gpu_waits_for_it_and_lets_others_pass(two_gpus):
    first = two_gpus.training.start(1, "linear", {}, TrainConfig(device="cuda:0"))
    second = two_gpus.training.start(1, "linear", {}, TrainConfig(device="cuda:0"))
    other = two_gpus.training.start(1, "linear", {}, TrainConfig(device="cuda:1"))
    processor = two_gpus.training.start(1, "linear", {}, TrainConfig(device="cpu"))
    wait_until(lambda: len(two_gpus.at_work) == 3)
    assert two_gpus.at_work == {first: "cuda:0", other: "cuda:1", processor: "cpu"}
    assert queue(two_gpus) == [second]
    with pytest.raises(UserError, match="no device cuda:7"):
        two_gpus.training.start(1, "linear", {}, TrainConfig(device="cuda:7"))


def test_two_hundred_runs_are_queued_moved_and_left_in_little_time(session):
    session.training.hold_queue(True)
    run_ids = session.training.repeat(1, "linear", {}, SHORT, 100)
    run_ids += session.training.repeat(1, "linear", {}, SHORT, 100)
    assert queue(session) == run_ids
    began = time.thread_time()
    session.training.move(run_ids[-1], 0)
    assert time.thread_time() - began < 0.5
    assert queue(session) == [run_ids[-1], *run_ids[:-1]]
    session.close()
    with open_project(session.folder.root) as again:
        assert [run.id for run in again.training.left_waiting()] == [run_ids[-1], *run_ids[:-1]]
