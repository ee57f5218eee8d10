"""Work in the background: one thread a lane, one job at a time in each."""

import itertools
import threading
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from workbench.core.control import CancelToken, Progress
from workbench.core.errors import CancelledError, UserError
from workbench.core.events import EventBus, JobChanged
from workbench.core.records import Job
from workbench.core.states import JobState

Work = Callable[[CancelToken, Progress], Any]
_TELL_EVERY_S = 0.1
_PACE_S = 1.0


@dataclass
class _Entry:
    job: Job
    work: Work
    token: CancelToken
    lanes: tuple[str, ...]
    queue: str = ""
    place: int = 0
    together: bool = False
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    error: BaseException | None = None
    paced_from: tuple[float, int] | None = None
    told_at: float = 0.0


class Jobs:
    """Runs jobs and says how far they are; every job can be paused and cancelled.

    A lane takes, of the jobs that wait for it, the one with the smallest place, among equals the oldest.

    Args:
        bus: Where `JobChanged` goes.
        on_fault: Gets an exception that is our own fault; returns the sentence for the user.
    """

    def __init__(self, bus: EventBus, on_fault: Callable[[BaseException], str]) -> None:
        self._bus = bus
        self._on_fault = on_fault
        self._ids = itertools.count(1)
        self._entries: dict[int, _Entry] = {}
        self._live: dict[int, _Entry] = {}
        self._waiting: dict[int, _Entry] = {}
        self._held: set[str] = set()
        self._lanes: dict[str, threading.Thread] = {}
        self._busy: dict[str, _Entry] = {}
        self._changed = threading.Condition()
        self._closed = False

    def submit(
        self,
        lanes: str | Sequence[str],
        label: str,
        work: Work,
        *,
        subject: str = "",
        queue: str = "",
        place: int = 0,
        together: bool = False,
    ) -> int:
        """Queue work and return the job's id at once.

        Args:
            lanes: The lane that does it, or several of which the first that is free does.
            label: What it is, for the job strip.
            work: What is done in the lane.
            subject: What it works on, such as `run:3`.
            queue: Name of a queue that can be held and reordered; empty for work in none.
            place: Where it stands among those that wait; the smallest is first.
            together: Whether it needs all of its lanes at once.

        Raises:
            UserError: The project was closed meanwhile.
        """
        lanes = (lanes,) if isinstance(lanes, str) else tuple(lanes)
        job = Job(next(self._ids), label, JobState.WAITING, subject)
        entry = _Entry(job, work, CancelToken(), lanes, queue, place, together)
        with self._changed:
            if self._closed:
                raise UserError(f"{label}: the project is closed, open it again.")
            self._entries[job.id] = self._live[job.id] = self._waiting[job.id] = entry
            for lane in lanes:
                if lane not in self._lanes:
                    thread = threading.Thread(
                        target=self._serve, args=(lane,), name=f"lane-{lane}", daemon=True
                    )
                    self._lanes[lane] = thread
                    thread.start()
            self._changed.notify_all()
        self._bus.publish(JobChanged(job))
        return job.id

    def arrange(self, places: Mapping[int, int]) -> None:
        """Give jobs that wait other places; those that have begun keep what they have."""
        with self._changed:
            for job_id, place in places.items():
                self._entries[job_id].place = place

    def hold(self, queue: str, held: bool) -> None:
        """Let no job of a queue begin, or let them begin again; those that have begun go on."""
        with self._changed:
            (self._held.add if held else self._held.discard)(queue)
            self._changed.notify_all()

    def is_held(self, queue: str) -> bool:
        """Return whether a queue is held."""
        return queue in self._held

    def waiting(self, queue: str | None = None) -> list[Job]:
        """Return the jobs that have not begun, of one queue or of all, the next one first."""
        with self._changed:
            ready = (entry for entry in self._waiting.values() if queue in (None, entry.queue))
            return [entry.job for entry in sorted(ready, key=_order)]

    def active(self) -> list[Job]:
        """Return the jobs that wait or run, in the order in which they were submitted."""
        live = (JobState.WAITING, JobState.RUNNING, JobState.PAUSED)
        return [entry.job for entry in list(self._live.values()) if entry.job.state in live]

    def by_subject(self) -> dict[str, Job]:
        """Return for each subject the newest job that waits for or works on it."""
        return {job.subject: job for job in self.active()}

    def get(self, job_id: int) -> Job:
        """Return a job as it is now."""
        return self._entries[job_id].job

    def find(self, subject: str) -> Job | None:
        """Return the newest job that waits for or works on `subject`, if there is one."""
        return next((job for job in reversed(self.active()) if job.subject == subject), None)

    def last(self, subject: str) -> Job | None:
        """Return the newest job on `subject`, ended or not."""
        jobs = [entry.job for entry in list(self._entries.values()) if entry.job.subject == subject]
        return jobs[-1] if jobs else None

    def cancel(self, job_id: int) -> None:
        """Ask a job to stop now."""
        self._entries[job_id].token.cancel()
        with self._changed:  # a lane whose queue is held takes it, so that it can note that
            self._changed.notify_all()

    def withdraw(self, job_id: int) -> bool:
        """Take a job out of its lane; False when its work has begun already."""
        with self._changed:
            entry = self._waiting.pop(job_id, None)
            if entry is None:
                return False
            self._live.pop(job_id, None)
            entry.job = replace(entry.job, state=JobState.CANCELLED)
        entry.error = CancelledError()
        entry.done.set()
        self._bus.publish(JobChanged(entry.job))
        return True

    def stop_after_epoch(self, job_id: int) -> None:
        """Ask a training to stop when its epoch ends."""
        self._entries[job_id].token.stop_after_epoch()

    def pause(self, job_id: int) -> None:
        """Ask a job to hold still; a run says so itself once it does, its state saved."""
        self._entries[job_id].token.pause()
        self._tell_held(job_id, JobState.RUNNING, JobState.PAUSED)

    def go_on(self, job_id: int) -> None:
        """Let a paused job go on."""
        self._entries[job_id].token.go_on()
        self._tell_held(job_id, JobState.PAUSED, JobState.RUNNING)

    def _tell_held(self, job_id: int, before: JobState, after: JobState) -> None:
        """Say for work that does not say so itself that it holds still, or goes on."""
        entry = self._entries[job_id]
        if not entry.queue and entry.job.state is before:
            entry.paced_from = None
            self._tell(entry, state=after)

    def set_paused(self, subject: str, paused: bool) -> None:
        """Say whether the job on `subject` holds still. For the work itself."""
        job = self.find(subject)
        if job is not None:
            self._entries[job.id].paced_from = None
            self._tell(self._entries[job.id], state=JobState.PAUSED if paused else JobState.RUNNING)

    def wait(self, job_id: int, timeout_s: float | None = None) -> Any:
        """Block until a job has ended and return its result. Not for a thread with a window.

        Raises:
            TimeoutError: It has not ended in time.
            UserError: What the job itself raised.
            CancelledError: It was cancelled.
        """
        self.join(job_id, timeout_s)
        entry = self._entries[job_id]
        if entry.error is not None:
            raise entry.error
        return entry.result

    def join(self, job_id: int, timeout_s: float | None = None) -> None:
        """Block until a job has ended, one way or another. Not for a thread with a window.

        Raises:
            TimeoutError: It has not ended in time.
        """
        entry = self._entries[job_id]
        if not entry.done.wait(timeout_s):
            raise TimeoutError(f"{entry.job.label} has not ended after {timeout_s} s")

    def ended(self, job_id: int) -> bool:
        """Return whether a job has ended, one way or another."""
        return self._entries[job_id].done.is_set()

    def close(self, timeout_s: float = 30.0) -> None:
        """Interrupt all work, let it save what it has, and end the lanes; nothing can be submitted then."""
        with self._changed:
            self._closed = True
            for entry in list(self._live.values()):
                entry.token.cancel(interrupted=True)
            self._changed.notify_all()
        end = time.monotonic() + timeout_s
        for thread in self._lanes.values():
            thread.join(max(0.0, end - time.monotonic()))
        self._lanes.clear()

    def _serve(self, lane: str) -> None:
        while (entry := self._next(lane)) is not None:
            self._run(entry)
            if entry.error is not None:
                _let_go(entry.error)
            self._live.pop(entry.job.id, None)
            entry.done.set()
            with self._changed:
                del self._busy[lane]
                self._changed.notify_all()

    def _next(self, lane: str) -> _Entry | None:
        """Wait for the next job of a lane and take it; None when there will be no more."""
        with self._changed:
            while True:
                entry = min((item for item in self._ready() if lane in item.lanes), key=_order, default=None)
                if entry is not None and self._is_free(lane, entry):
                    self._busy[lane] = entry
                    del self._waiting[entry.job.id]
                    entry.job = replace(entry.job, state=JobState.RUNNING, lane=lane)
                    return entry
                if self._closed and entry is None:
                    return None
                self._changed.wait()

    def _is_free(self, lane: str, entry: _Entry) -> bool:
        """Return whether a lane may take a job: one that needs several waits for all of them."""
        if any(busy.together and lane in busy.lanes for busy in self._busy.values()):
            return False
        if entry.token.cancelled or not entry.together:
            return True
        # A lane that has not yet taken the job before it is not free either.
        before = [item for item in self._ready() if _order(item) < _order(entry)]
        taken = {*self._busy, *(lane for item in before for lane in item.lanes)}
        return not taken & {*entry.lanes}

    def _ready(self) -> list[_Entry]:
        """Return what waits and may begin as soon as a lane is free."""
        return [
            entry
            for entry in self._waiting.values()
            if self._closed or entry.token.cancelled or entry.queue not in self._held
        ]

    def _run(self, entry: _Entry) -> None:
        def progress(done: int, total: int, text: str, left_s: float | None = None) -> None:
            now = time.monotonic()
            if now - entry.told_at < _TELL_EVERY_S and done < total:
                return
            entry.told_at = now
            left = _time_left(entry, now, done, total) if left_s is None else left_s
            self._tell(entry, done=done, total=total, text=text, left_s=left)

        try:
            # The work itself looks at its token: it may have to note that it was cancelled before it began.
            entry.token.wait_while_paused()
            self._tell(entry)
            entry.result = entry.work(entry.token, progress)
            self._tell(entry, state=JobState.DONE, left_s=0.0)
        except CancelledError as error:
            entry.error = error
            self._tell(entry, state=JobState.CANCELLED, left_s=None)
        except UserError as error:
            entry.error = error
            self._tell(entry, state=JobState.FAILED, message=str(error), left_s=None)
        except Exception as error:  # noqa: BLE001 - the lane has to live on; the fault is reported
            entry.error = error
            self._tell(entry, state=JobState.FAILED, message=self._on_fault(error), left_s=None)

    def _tell(self, entry: _Entry, **changes: Any) -> None:
        entry.job = replace(entry.job, **changes)
        self._bus.publish(JobChanged(entry.job))


def _order(entry: _Entry) -> tuple[bool, int, int]:
    """What was cancelled only has to note that, so it comes first."""
    return (not entry.token.cancelled, entry.place, entry.job.id)


def _let_go(error: BaseException) -> None:
    """Free what the frames of an error hold: a whole model, when the memory was too small for it."""
    problem: BaseException | None = error
    while problem is not None:
        traceback.clear_frames(problem.__traceback__)
        problem = problem.__context__


def _time_left(entry: _Entry, now: float, done: int, total: int) -> float | None:
    """Return the seconds left at the pace since the first report: what came before was getting ready."""
    if entry.paced_from is None:
        entry.paced_from = (now, done)
    since, first = entry.paced_from
    if not total or done <= first or now - since < _PACE_S:
        return None
    return (now - since) / (done - first) * (total - done)
