"""Looks at the watched numbers whenever what they are made of has changed."""

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.board import watches
from workbench.board.state import BoardState
from workbench.core.board import Edit
from workbench.core.errors import UserError
from workbench.core.events import (
    BoardChanged,
    DatasetChanged,
    EvaluationChanged,
    Event,
    ProjectChanged,
    RunChanged,
)
from workbench.core.risks import Trial, Watch
from workbench.core.states import RunState, Split
from workbench.services.board import Reason

if TYPE_CHECKING:
    from workbench.board.view import ProjectView
    from workbench.board.watches import Move
    from workbench.services.session import Session

_FACTS = (ProjectChanged, DatasetChanged, RunChanged, EvaluationChanged, BoardChanged)
_SETTLE_S = 0.5
_DATES_S = 3600.0
_END_S = 10.0


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

    def notice(self, event: Event) -> None:
        """Note that something changed. From any thread; returns at once."""
        if not isinstance(event, _FACTS) or self._session.read_only:
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
            if not state.of(Watch) and not any(not trial.ended for trial in state.of(Trial).values()):
                return 0
            view = self._session.views.now()
            if not self._closing.is_set():
                self._judge_trials(view)
            return sum(self._carry_out(move) for move in self._moves(view))

    def close(self) -> None:
        """End the thread, and look once more where something has changed since it last did."""
        with self._begin:
            self._closing.set()
        self._dirty.set()
        if self._thread is not None:
            self._thread.join(_END_S)

    def _work(self) -> None:
        while not self._closing.is_set():
            # Dates pass without an event.
            self._dirty.wait(_DATES_S)
            self._closing.wait(_SETTLE_S)
            self._try()

    def _try(self) -> None:
        try:
            self.look()
        except UserError:
            # Such as a full disk: what was noticed is looked at again with the next change.
            self._closing.wait(_SETTLE_S)
        except Exception as error:  # noqa: BLE001 - a report is written, the project goes on
            self._session.report_fault(error)

    def _moves(self, view: "ProjectView") -> "list[Move]":
        now = datetime.now(UTC)
        return [*watches.compare(view, now), *watches.look(view, now)]

    def _carry_out(self, move: "Move") -> bool:
        """Write a move, unless the user has changed what it is about meanwhile: then it is looked at anew."""

        def make(state: BoardState) -> tuple[Edit, ...]:
            for edit in move.edits:
                before = edit.before
                if before is not None and state.of(type(before)).get(before.id) != before:
                    self._dirty.set()
                    return ()
            return move.edits

        return bool(self._session.board.note(move.label, make, Reason(move.reason, move.link)))

    def _judge_trials(self, view: "ProjectView") -> None:
        """Have the runs of mitigations judged where the number to compare needs it."""
        runs = {run.id: run for run in view.runs}
        for trial in view.state.of(Trial).values():
            if trial.ended or trial.fact != "measure":
                continue
            split = Split(trial.fields.get("split", Split.TEST))
            for run_id in (trial.base_run_id, trial.run_id):
                run = runs.get(run_id)
                done = run is not None and run.state in (RunState.FINISHED, RunState.STOPPED)
                subject = f"evaluation:{run_id}"
                waits = self._session.jobs.find(subject) is not None
                if done and not waits and (run_id, split) not in view.evaluations:
                    self._session.evaluation.evaluate(run_id, split)
