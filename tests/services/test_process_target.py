"""A training process that crashes, hangs or is killed leaves a true state, words, and a run that can go on.

WORKBENCH_KILLS says how often it is killed in a row; the default keeps the suite short.
"""

import contextlib
import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.rules.sources import ROOT
from workbench.core.configs import TrainConfig
from workbench.core.errors import CancelledError, UserError
from workbench.core.states import LogLevel, RunState
from workbench.services.projects import open_project
from workbench.services.targets import process
from workbench.services.targets import workers as workers_module
from workbench.services.targets.thread import ThreadTarget
from workbench.services.targets.workers import Limits, Workers

KILLS = int(os.environ.get("WORKBENCH_KILLS", "3"))
LONG = TrainConfig(epochs=100_000, batch_size=64, target="process")
SHORT = TrainConfig(epochs=40, batch_size=8, seed=2, target="process")
LIMITS = Limits(silence_s=1.0, still_s=1.0, cancel_s=0.5, beat_s=0.1)
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no signals to kill with")


def _wait_until(check, timeout_s=60.0):
    end = time.monotonic() + timeout_s
    while not check():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


@pytest.fixture(scope="module")
def orders(tmp_path_factory):
    return tmp_path_factory.mktemp("orders") / "orders"


@pytest.fixture(scope="module")
def kept_workers(orders):
    program = (sys.executable, "-m", "tests.services.faulty_worker", str(orders))
    with contextlib.ExitStack() as ending:
        made = {}
        for name, command in (("counting", program), ("real", (*program, "real"))):
            made[name] = Workers(LIMITS, command)
            ending.callback(made[name].close)
        yield made


@pytest.fixture
def session(session, kept_workers, orders):
    """A session with workers that only count, fail when they are told to, and are kept for the next test."""
    own, session.workers = session.workers, kept_workers["counting"]
    session.workers.prepare()
    yield session
    orders.unlink(missing_ok=True)
    session.jobs.close()
    session.workers = own


@pytest.fixture
def real_session(session, kept_workers):
    """The same with workers that train."""
    session.workers = kept_workers["real"]
    session.workers.prepare()
    return session


def _begun(session, config=LONG):
    """Start a run and return its id once it has a checkpoint to go on from."""
    run_id = session.training.start(1, "mlp", {"width": 8}, config)
    _wait_until(lambda: session.store.checkpoints.get(run_id, "last"))
    return run_id


def _ended(session, run_id):
    """Wait for the end of a run; return its row and what its job raised."""
    job = session.jobs.last(f"run:{run_id}")
    try:
        session.jobs.wait(job.id, 60)
    except Exception as error:  # noqa: BLE001
        return session.training.get(run_id), error
    return session.training.get(run_id), None


def _log(session, run_id):
    return " ".join(line.text for line in session.training.log(run_id, LogLevel.WARNING))


def _pid(session):
    (pid,) = session.workers.pids()
    return pid


def test_a_worker_that_is_killed_again_and_again_leaves_a_run_that_goes_on_each_time(session):
    run_id, ended, used = _begun(session), [], []
    for number in range(KILLS):
        if number:
            session.training.resume(run_id)
        before = session.training.get(run_id).steps
        _wait_until(lambda before=before: session.training.get(run_id).steps > before)
        pid = _pid(session)
        os.kill(pid, signal.SIGKILL)
        run, error = _ended(session, run_id)
        ended.append((run.state, run.state.resumable, type(error), psutil.pid_exists(pid)))
        assert "most likely because memory ran out" in run.message
        assert "batch size of 32 instead of 64" in run.message
        assert run.steps > before
        used.append(psutil.Process().memory_info().rss)
        assert len(session.workers.pids()) == 1, "no fresh worker, or more than one"
    assert ended == [(RunState.INTERRUPTED, True, UserError, False)] * KILLS
    assert used[-1] - used[0] < 30 << 20
    assert "Trying once more" not in _log(session, run_id), "what was killed is not to be pushed again"
    session.folder.run(run_id).joinpath("last-999999.pt").write_text("of a process that was killed")
    session.training.resume(run_id)
    before = session.training.get(run_id).steps
    _wait_until(lambda: session.training.get(run_id).steps > before)
    session.training.stop(run_id)
    assert _ended(session, run_id)[0].state is RunState.STOPPED
    last = session.store.checkpoints.get(run_id, "last").path.rpartition("/")[2]
    assert {path.name for path in session.folder.run(run_id).iterdir()} == {last, "run.json"}


def test_a_crash_is_tried_once_more_and_ends_as_if_nothing_had_happened(real_session, orders):
    session = real_session
    whole, _ = _ended(session, session.training.start(1, "mlp", {}, SHORT))
    orders.write_text("crash once")
    run, error = _ended(session, session.training.start(1, "mlp", {}, SHORT))
    assert error is None
    assert run.state is RunState.FINISHED
    assert run.weights_sha256 == whole.weights_sha256
    assert "crashed (SIGSEGV). Trying once more from its beginning" in _log(session, run.id)


def test_a_second_crash_interrupts_the_run_and_the_report_says_where_it_was(session, orders):
    run_id = _begun(session)
    step = session.store.checkpoints.get(run_id, "last").step
    orders.write_text("crash")
    run, error = _ended(session, run_id)
    assert run.state is RunState.INTERRUPTED
    assert "crashed (SIGSEGV). A second try did not help. Resume goes on from step" in run.message
    assert str(error) == run.message
    assert session.store.checkpoints.get(run_id, "last").step >= step
    report = max(session.folder.reports.glob("fault-*.txt")).read_text()
    assert "Segmentation fault" in report
    assert "faulty_worker.py" in report, "it does not say where the process was"
    orders.unlink()
    session.training.resume(run_id)
    before = run.steps
    _wait_until(lambda: session.training.get(run_id).steps > before)


@pytest.mark.parametrize("fault", ["hang", "stall"])
def test_a_worker_that_hangs_is_replaced_and_the_run_goes_on(session, orders, fault):
    run_id = _begun(session)
    pid = _pid(session)
    orders.write_text(f"{fault} once")
    _wait_until(lambda: "Trying once more from step" in _log(session, run_id))
    assert "stopped answering" in _log(session, run_id)
    assert not psutil.pid_exists(pid)
    before = session.training.get(run_id).steps
    _wait_until(lambda: session.training.get(run_id).steps > before)
    assert session.training.get(run_id).state is RunState.RUNNING
    session.training.stop(run_id)
    assert _ended(session, run_id)[0].state is RunState.STOPPED


def test_a_stop_ends_a_worker_that_does_not_react(session, orders):
    run_id = _begun(session)
    orders.write_text("hang once")
    _wait_until(lambda: not orders.exists())
    asked = time.monotonic()
    session.training.stop(run_id)
    run, error = _ended(session, run_id)
    assert time.monotonic() - asked < 5
    assert run.state is RunState.STOPPED
    assert type(error) is CancelledError
    assert "before it had saved all. Resume goes on from step" in run.message
    assert run.state.resumable


def test_a_worker_that_stands_still_while_paused_is_replaced_and_the_run_stays_paused(session):
    run_id = _begun(session)
    session.training.pause(run_id)
    _wait_until(lambda: session.training.get(run_id).state is RunState.PAUSED)
    time.sleep(2 * LIMITS.still_s)
    assert _log(session, run_id) == "", "a pause was taken for a hang"
    os.kill(_pid(session), signal.SIGSTOP)
    _wait_until(lambda: "Trying once more" in _log(session, run_id))
    _wait_until(lambda: session.training.get(run_id).state is RunState.PAUSED)
    before = session.training.get(run_id).steps
    session.training.resume(run_id)
    _wait_until(lambda: session.training.get(run_id).steps > before)


@pytest.mark.parametrize("fault", ["memory", "allocator"])
def test_memory_that_ran_out_is_told_and_comes_back(session, orders, fault):
    run_id = _begun(session)
    pid = _pid(session)
    orders.write_text(fault)
    run, error = _ended(session, run_id)
    assert run.state is RunState.FAILED
    assert run.message == str(error) == "Out of memory with batch size 64: start again with 32."
    assert not psutil.pid_exists(pid), "the worker kept what it had taken"


def test_a_worker_that_the_system_ended_for_lack_of_memory_is_told_so(session, monkeypatch):
    run_id = _begun(session)
    monkeypatch.setattr(workers_module, "memory_kills", lambda: 1_000_000)
    os.kill(_pid(session), signal.SIGKILL)
    run, _ = _ended(session, run_id)
    assert run.state is RunState.INTERRUPTED
    assert run.message.startswith("Out of memory with batch size 64")
    assert "Start again with 32" in run.message


def test_faults_inside_the_worker_come_back_as_what_they_are(session, orders):
    orders.write_text("data")
    run, error = _ended(session, session.training.start(1, "mlp", {}, SHORT))
    assert (run.state, run.message) == (RunState.FAILED, "The target has no values.")
    assert error.fields == {"target": "has no values"}
    orders.write_text("fault")
    run, error = _ended(session, session.training.start(1, "mlp", {}, SHORT))
    assert run.state is RunState.FAILED
    assert "Something went wrong in Workbench itself" in run.message
    report = max(session.folder.reports.glob("fault-*.txt")).read_text()
    assert "ZeroDivisionError: deep inside" in report
    assert "faulty_worker.py" in report


def test_a_gpu_that_fails_once_is_tried_again_in_a_fresh_process(session, orders, monkeypatch):
    def fail(*_):
        raise RuntimeError("CUDA error: device-side assert triggered")

    orders.write_text("gpu once")
    run, _ = _ended(session, session.training.start(1, "mlp", {}, SHORT))
    assert run.state is RunState.FINISHED
    assert "CUDA error" in _log(session, run.id)
    monkeypatch.setattr(ThreadTarget, "run", fail)
    in_thread = SHORT.model_copy(update={"target": "thread"})
    again, _ = _ended(session, session.training.start(1, "mlp", {}, in_thread))
    assert again.state is RunState.FINISHED
    assert again.weights_sha256 == run.weights_sha256
    orders.write_text("gpu")
    run, error = _ended(session, session.training.start(1, "mlp", {}, in_thread))
    assert run.state is RunState.FAILED
    assert "CUDA error: an illegal memory access" in str(error)
    assert "The GPU failed twice" in run.message
    assert "Choose the CPU" in run.message


def test_a_computer_that_slept_or_a_clock_that_was_set_is_no_hang(session, monkeypatch):
    """Each look at the clock finds an hour gone: what counts is how often nothing was heard."""

    class Clock:
        hours = 0

        def monotonic(self):
            self.hours += 1
            return self.hours * 3600.0

    monkeypatch.setattr(process, "time", Clock())
    monkeypatch.setattr(session.workers, "limits", Limits(beat_s=0.1))
    run, error = _ended(session, session.training.start(1, "mlp", {}, SHORT))
    assert (run.state, error) == (RunState.FINISHED, None)
    assert _log(session, run.id) == ""


def test_a_worker_that_cannot_be_started_leaves_the_work_to_a_thread_unless_it_was_asked_for(garden):
    with open_project(garden) as session:
        session.workers = Workers(command=(str(garden / "no such program"),))
        session.workers.prepare()
        run, error = _ended(session, session.training.start(1, "mlp", {}, TrainConfig(epochs=2)))
        assert (run.state, error) == (RunState.FINISHED, None)
        assert "could not be started" in _log(session, run.id)
        run, error = _ended(session, session.training.start(1, "mlp", {}, SHORT))
        assert run.state is RunState.INTERRUPTED
        assert "Choose thread as the compute target" in run.message


def test_the_target_is_checked_like_every_setting(session):
    with pytest.raises(UserError, match="Did you mean process") as told:
        session.training.start(1, "mlp", {}, TrainConfig(target="proces"))
    assert set(told.value.fields) == {"target"}
    names = [target.name for target in session.models.choices()["compute target"]]
    assert names[0] == "auto", "what nobody has to think about comes first"
    assert {"thread", "process", "distributed"} <= set(names)
    with pytest.raises(UserError, match="not two GPUs"):
        session.training.start(1, "mlp", {}, TrainConfig(target="distributed"))


def test_a_window_has_a_worker_ready_and_closing_leaves_none(garden):
    with open_project(garden) as session:
        assert session.workers.pids() == [], "a command needs none"
        session.training.prepare()
        assert session.workers.wanted, "a run that begins before torch is there has to know"
        _wait_until(lambda: session.workers.pids())
        run_id = session.training.start(1, "mlp", {}, TrainConfig(epochs=100_000))
        _wait_until(lambda: session.training.get(run_id).best_epoch)
        (pid,) = session.workers.pids()
        os.kill(pid, signal.SIGINT)  # as Ctrl+C sends it to all of a group
        steps = session.training.get(run_id).steps
        _wait_until(lambda: session.training.get(run_id).steps > steps)
        assert psutil.Process(pid).nice() > psutil.Process().nice()
    assert not psutil.pid_exists(pid)
    with open_project(garden, read_only=True) as session:
        assert session.training.get(run_id).state is RunState.INTERRUPTED
        session.training.prepare()
        time.sleep(0.1)
        assert session.workers.pids() == [], "who may only look needs no worker"


PARENT = """
import sys, time
from workbench.services.targets.workers import Workers
workers = Workers(command=sys.argv[1:])
worker = workers.take()
print(worker.pid, worker.frames.get().kind, flush=True)
time.sleep(1000)
"""


WORKER = """
import ctypes, sys
from workbench.services.targets import worker
tell = worker.write_frame
def tell_and_hang(*frame):
    tell(*frame)
    mutex, library = ctypes.create_string_buffer(128), ctypes.PyDLL(None)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)
if sys.argv[1] == "hangs":
    worker.write_frame = tell_and_hang
worker._load = lambda: None
worker.main()
"""


@pytest.mark.parametrize("doing", ["waits", "hangs"])
def test_a_worker_ends_with_the_window_also_in_native_code_that_keeps_the_interpreter(doing):
    if doing == "hangs" and sys.platform != "linux":
        pytest.skip("only Linux ends such a process")
    command = [sys.executable, "-c", WORKER, doing]
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, *command],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as parent:
        pid, word = parent.stdout.readline().split()
        assert word == "ready"
        assert psutil.pid_exists(int(pid))
        parent.kill()
        parent.wait()
    killed = time.monotonic()
    with contextlib.suppress(psutil.NoSuchProcess):
        _wait_until(lambda: psutil.Process(int(pid)).status() == psutil.STATUS_ZOMBIE, 5)
    assert time.monotonic() - killed < 1.0
