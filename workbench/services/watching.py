"""Looks at the watched numbers whenever what they are made of has changed."""

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.board import watches
from workbench.board.state import BoardState
from workbench.core.board import Edit
from workbench.core.errors import CancelledError, UserError
from workbench.core.events import (
    BoardChanged,
    DatasetChanged,
    EvaluationChanged,
    Event,
    JobChanged,
    ProjectChanged,
    RunChanged,
)
from workbench.core.risks import Trial, Watch
from workbench.core.states import JobState
from workbench.services.board import Reason

if TYPE_CHECKING:
    from workbench.board.view import ProjectView
    from workbench.board.watches import Lacking, Move
    from workbench.services.session import Session

_FACTS = (ProjectChanged, DatasetChanged, RunChanged, EvaluationChanged, BoardChanged)
_SETTLE_S = 0.5
# Looking at a large project takes a while; so many times as long it leaves the others alone.
_REST = 3.0
_DATES_S = 3600.0
_GRACE_S = 2.0
_END_S = 10.0


def _is_fact(event: Event) -> bool:
    """Return whether an event may move a number; a run that could not be judged ends what waits for it."""
    if isinstance(event, JobChanged):
        return event.job.state is JobState.FAILED and event.job.subject.startswith("evaluation:")
    return isinstance(event, _FACTS)


class Watching:
    """Keeps the risks of an open project at the numbers that they watch, from a thread of its own.

    It begins with the first change, waits until changes settle, and looks once more when the project closes.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._dirty = threading.Event()
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None
        self._begin = threading.Lock()
        self._looking = threading.Lock()
        # Jobs that judge the runs of mitigations: each is tried once.
        self._jobs: dict[Lacking, int] = {}

    def notice(self, event: Event) -> None:
        """Note that something changed. From any thread; returns at once."""
        if not _is_fact(event) or self._session.read_only:
            return
        self._dirty.set()
        with self._begin:
            if self._thread is None and not self._closing.is_set():
                self._thread = threading.Thread(target=self._work, name="watching", daemon=True)
                self._thread.start()

    def look(self) -> int:
        """Look now; returns how many risks moved or were asked about. Not for the window's thread."""
        with self._looking:
            self._dirty.clear()
            state = self._session.board.state
            if not state.of(Watch) and not any(watches.waits(trial) for trial in state.of(Trial).values()):
                return 0
            # Before the view is made: what fails after that is seen the next time.
            failed = self._failed()
            view = self._session.views.now()
            waiting = self._waiting(view) - failed
            moves = self._moves(view, waiting)
            self._note_numbers([move for move in moves if move.quiet])
            moved = sum(self._carry_out(move) for move in moves if not move.quiet)
            if not self._closing.is_set():
                self._judge(waiting)
            return moved

    def at_work(self) -> list[int]:
        """Return the jobs that judge runs of mitigations and have not ended."""
        return [job_id for job_id in list(self._jobs.values()) if not self._session.jobs.ended(job_id)]

    def close(self) -> None:
        """End the thread, and look once more where something has changed since it last did.

        What takes long, such as counting samples in two splits, is given up: the next look does it.
        """
        with self._begin:
            self._closing.set()
        self._dirty.set()
        if self._thread is not None:
            self._thread.join(_GRACE_S)
            self._session.closing.cancel()
            self._thread.join(_END_S)

    def _work(self) -> None:
        is_last, took = False, 0.0
        while not is_last:
            if not self._closing.is_set():
                # Dates pass without an event.
                self._dirty.wait(_DATES_S)
            # What changed during a look is looked at once more, also when the project closes.
            is_last = self._closing.wait(max(_SETTLE_S, _REST * took))
            begin = time.monotonic()
            self._try()
            took = time.monotonic() - begin

    def _try(self) -> None:
        try:
            self.look()
        except (UserError, CancelledError):
            # Such as a full disk: what was noticed is looked at again with the next change.
            self._closing.wait(_SETTLE_S)
        except Exception as error:  # noqa: BLE001 - a report is written, the project goes on
            self._session.report_once(error)

    def _moves(self, view: "ProjectView", waiting: "set[Lacking]") -> "list[Move]":
        now = datetime.now(UTC)
        return [*watches.compare(view, now, waiting), *watches.look(view, now)]

    def _carry_out(self, move: "Move") -> bool:
        """Write a move, unless the user has changed what it is about meanwhile: then it is looked at anew."""

        def make(state: BoardState) -> tuple[Edit, ...]:
            return move.edits if self._stands(state, move) else ()

        return bool(self._session.board.note(move.label, make, Reason(move.reason, move.link)))

    def _note_numbers(self, moves: "list[Move]") -> None:
        """Write numbers that changed on their side of the limit, all at once, without a line of history."""

        def make(state: BoardState) -> list[Edit]:
            return [edit for move in moves if self._stands(state, move) for edit in move.edits]

        if moves:
            self._session.board.note("Watched numbers", make, Reason(), quiet=True)

    def _stands(self, state: BoardState, move: "Move") -> bool:
        """Return whether all that a move is about is still as it was looked at."""
        for edit in move.edits:
            before = edit.before
            if before is not None and state.of(type(before)).get(before.id) != before:
                self._dirty.set()
                return False
        return True

    def _waiting(self, view: "ProjectView") -> "set[Lacking]":
        """Return what has to be judged before the runs of mitigations can be compared."""
        trials = view.state.of(Trial).values()
        return {item for trial in trials if watches.waits(trial) for item in watches.lacking(view, trial)}

    def _failed(self) -> "set[Lacking]":
        """Return what could not be judged, such as a run without a checkpoint."""
        jobs = self._session.jobs
        return {item for item, job_id in self._jobs.items() if jobs.get(job_id).state is JobState.FAILED}

    def _judge(self, waiting: "set[Lacking]") -> None:
        for run_id, split in sorted(waiting - self._jobs.keys()):
            if self._session.jobs.find(f"evaluation:{run_id}") is None:
                self._jobs[run_id, split] = self._session.evaluation.evaluate(run_id, split)
