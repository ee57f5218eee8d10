"""A command at work: the open project, its events on the way out, and signals that ask it to end."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from workbench.cli.console import Console
from workbench.core.errors import CancelledError, ProjectLockedError, StoreError, UserError
from workbench.core.events import CheckpointWritten, JobChanged, MetricsLogged

if TYPE_CHECKING:
    from workbench.services.session import Session

_SAME_SIGNAL_S = 1.0


class CannotOpenError(Exception):
    """The project cannot be opened; the message says why."""


class FaultError(Exception):
    """A fault of ours, told already: the message is one sentence with the path of its report."""


class Interrupts:
    """Turns Ctrl+C and a request to end into a wish that work can follow at its own pace.

    Outside `deferred` the first signal breaks off what runs by KeyboardInterrupt. A second one, not from
    the same key press, ends the process at once: the project's files are whole at any moment.
    """

    def __init__(self) -> None:
        self.asked = False
        self._asked_at = 0.0
        self._deferred = False

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Listen to signals while the block runs. Only the main thread can."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def deferred(self) -> Iterator[None]:
        """Only note a signal while the block runs; the block looks at `asked`."""
        before, self._deferred = self._deferred, True
        try:
            yield
        finally:
            self._deferred = before

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.asked and now - self._asked_at > _SAME_SIGNAL_S:
            os._exit(130)
        first, self.asked = not self.asked, True
        if first:
            self._asked_at = now
            if not self._deferred:
                raise KeyboardInterrupt


@contextmanager
def opened(path: Path, *, read_only: bool = False) -> Iterator["Session"]:
    """Open a project for the length of a command.

    Raises:
        CannotOpenError: Another process has it open, a newer version wrote it, or it is damaged.
        UserError: There is no project.
        FaultError: A fault of ours; the report lies in the project.
    """
    from workbench.services.projects import open_project

    try:
        session = open_project(path, read_only=read_only)
    except StoreError as error:
        message = str(error)
        if isinstance(error, ProjectLockedError):
            message = message.replace(", or open it read-only", ", or look at it with --read-only")
        raise CannotOpenError(message) from error
    with reported(session):
        yield session


@contextmanager
def reported(session: "Session") -> Iterator[None]:
    """Close the project at the end; a fault of ours leaves its report in it."""
    try:
        yield
    except (UserError, CancelledError, FaultError):
        raise
    except Exception as error:
        raise FaultError(session.report_fault(error)) from error
    finally:
        session.close()


def follow(session: "Session", job_id: int, console: Console, interrupts: Interrupts) -> Any:
    """Hand on events until a job has ended, and return its result.

    A signal interrupts the job, which saves what it has.

    Raises:
        UserError: What the job raised.
        CancelledError: It was cancelled or interrupted before it had a result.
        FaultError: A fault of ours, reported already.
    """
    listen(session, console)
    return awaited(session, job_id, interrupts)


def awaited(session: "Session", job_id: int, interrupts: Interrupts) -> Any:
    """Do what `follow` does where somebody listens already, such as for the job before."""
    from workbench.core.states import JobState

    with interrupts.deferred():
        while not session.jobs.ended(job_id) and not interrupts.asked:
            session.bus.wait(0.1)
            session.bus.dispatch()
        if interrupts.asked:
            session.jobs.close()
        while session.bus.dispatch():
            pass
    if not session.jobs.ended(job_id):
        raise CancelledError
    try:
        return session.jobs.wait(job_id)
    except (UserError, CancelledError):
        raise
    except Exception as error:
        job = session.jobs.get(job_id)
        raise FaultError(job.message if job.state is JobState.FAILED else str(error)) from error


def settle(session: "Session", console: Console, interrupts: Interrupts) -> None:
    """Let risks follow the numbers, and judge the runs of mitigations that wait for it.

    A signal leaves the rest to the next command.
    """
    session.watching.look()
    while (jobs := session.watching.at_work()) and not interrupts.asked:
        for job_id in jobs:
            try:
                awaited(session, job_id, interrupts)
            except (UserError, CancelledError):
                continue  # what could not be judged stands in the risk
            except FaultError as error:
                console.note(str(error))
        if not interrupts.asked:
            session.watching.look()


def listen(session: "Session", console: Console) -> None:
    """Print what is durable as JSON lines, and show progress."""

    def on_metrics(event: MetricsLogged) -> None:
        by_step: dict[int, dict[str, float]] = {}
        for name, points in event.points.items():
            by_step.setdefault(int(points.steps[-1]), {})[name] = float(points.values[-1])
        for step in sorted(by_step):
            console.event("committed", run=event.run_id, epoch=event.epoch, step=step, metrics=by_step[step])

    def on_checkpoint(event: CheckpointWritten) -> None:
        console.event("checkpoint", run=event.run_id, step=event.step, sha256=event.sha256)

    if console.as_json:
        session.bus.subscribe(MetricsLogged, on_metrics)
        session.bus.subscribe(CheckpointWritten, on_checkpoint)
    session.bus.subscribe(JobChanged, lambda event: console.progress(event.job))
