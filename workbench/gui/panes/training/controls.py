"""What can be done with runs: the buttons of the header, keys and menu of the Train pane."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Literal

from PySide6.QtWidgets import QMenu, QPushButton

from workbench.core.records import Run
from workbench.core.states import RunState
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.theme import icon
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.gui.panes.training.pane import TrainPane

Verb = Literal["pause", "resume", "stop"]


class RunControls:
    """Asks the project for what the user wants and says what is on its way.

    Args:
        pane: The pane whose header it fills and whose selection it works on.
    """

    def __init__(self, pane: "TrainPane") -> None:
        self._pane = pane
        self._asked: dict[int, tuple[Verb, RunState]] = {}
        self._anew: set[int] = set()
        header = pane.header
        self._pause = header.add_action(tr("Pause"), "pause")
        self._pause.clicked.connect(self.pause_or_resume)
        menu = QMenu(header)
        for text, verb in ((tr("Stop now"), self.stop), (tr("Stop after this epoch"), self.stop_after_epoch)):
            menu.addAction(text).triggered.connect(lambda _=False, verb=verb: verb())
        self._stop = header.add_action(tr("Stop"), "stop", menu)
        self._primary = header.set_primary(tr("Evaluate best"))
        header.primary_triggered.connect(self._on_primary)

    @property
    def writable(self) -> bool:
        """Whether the project may be changed."""
        session = self._pane.session
        return session is not None and not session.read_only

    def is_asked(self, run: Run) -> bool:
        """Return whether something that was asked of the run is still on its way."""
        return run.id in self._asked

    def settle(self, run: Run) -> None:
        """Take note that a run has changed: what was asked of it may have come."""
        verb, before = self._asked.get(run.id, (None, run.state))
        if (verb == "stop" and not run.state.active) or (
            verb in ("pause", "resume") and run.state is not before
        ):
            del self._asked[run.id]

    def refresh(self) -> None:
        """Show what can be done with the current run now."""
        run = self._pane.current
        verb = self._asked[run.id][0] if run is not None and run.id in self._asked else None
        self._refresh_pause(run, verb)
        stoppable = run is not None and run.state.active and verb != "stop"
        tip = self._why_not(tr("Stop now or when the epoch ends; the best weights are kept either way"))
        text = tr("Stopping …") if verb == "stop" else tr("Stop")
        _put(self._stop, text, stoppable and self.writable, tip)
        for button in (self._pause, self._stop):
            button.setVisible(bool(self._pane.session) and not self._pane.in_bin)
        # Without a run the empty pane offers the one thing to do, of one that ended with nothing the news.
        has_more = run is not None and (run.best_epoch is not None or run.state.active)
        self._primary.setVisible(has_more or self._pane.in_bin)
        if self._pane.in_bin:
            self._pane.header.set_primary(tr("Restore"), tr("Take the selected runs out of the bin"))
            self._primary.setEnabled(run is not None and self.writable)
        else:
            may = self._may_evaluate()
            can, cannot = (
                tr("Judge the weights of the best epoch"),
                tr("Possible when the first epoch has ended"),
            )
            self._pane.header.set_primary(tr("Evaluate best"), can if may else cannot)
            self._primary.setEnabled(may)

    def pause_or_resume(self) -> None:
        """Hold the current run still, or let it go on."""
        run, session = self._pane.current, self._pane.session
        if run is None or session is None or self.is_asked(run):
            return
        if run.state is RunState.RUNNING:
            self._ask(run, "pause", lambda: session.training.pause(run.id))
        elif run.state is RunState.PAUSED or run.state.resumable:
            self._ask(run, "resume", lambda: session.training.resume(run.id))

    def stop(self, *, after_epoch: bool = False) -> None:
        """Stop the current run."""
        run, session = self._pane.current, self._pane.session
        if run is not None and session is not None and run.state.active:
            self._ask(run, "stop", lambda: session.training.stop(run.id, after_epoch=after_epoch))

    def stop_after_epoch(self) -> None:
        """Stop the current run when its epoch ends."""
        self.stop(after_epoch=True)

    def start_anew(self, run: Run, *, half_batch: bool) -> None:
        """Start a run again with half the batch, or with a smaller learning rate, and show it."""
        pane, session = self._pane, self._pane.session
        if session is None or run.id in self._anew:
            return
        self._anew.add(run.id)
        verbs = session.training
        verb = verbs.start_with_half_batch if half_batch else verbs.start_with_smaller_rate

        def started(run_id: int) -> None:
            self._anew.discard(run.id)
            if pane.session is session:
                pane.select(run_id=run_id)

        def failed(error: Exception) -> None:
            self._anew.discard(run.id)
            pane.tell(error)

        background.query(lambda: verb(run.id), started, failed, owner=pane)

    def evaluate(self) -> None:
        """Go to Evaluate with the current run."""
        if self._pane.current is not None:
            self._pane.shell.go("evaluate", run_id=self._pane.current.id)

    def make_risk(self) -> None:
        """Make a risk of what the curves of the current run show."""
        from workbench.gui.risk_dialog import make_risk

        pane, session, run = self._pane, self._pane.session, self._pane.current
        if session is not None and run is not None:
            pane.attempt(lambda: make_risk(pane.shell, session, session.risks.idea_from_curve(run.id)))

    def rename(self, run_id: int, name: str) -> None:
        """Give a run another name."""
        session = self._pane.session
        if session is not None:
            self._pane.attempt(lambda: session.training.rename(run_id, name))

    def star(self, run_id: int | None = None) -> None:
        """Star a run, or all selected ones; starred ones lose their star."""
        session = self._pane.session
        runs = [run for run in self._pane.selected if run_id is None]
        if session is None:
            return
        if run_id is not None:
            runs = [session.training.get(run_id)]
        starred = not all(run.starred for run in runs)
        for run in runs:
            self._pane.attempt(partial(session.training.set_starred, run.id, starred))

    def set_note(self, run_id: int | None, note: str) -> None:
        """Keep the note of a run."""
        session = self._pane.session
        if session is not None and run_id is not None:
            self._pane.attempt(lambda: session.training.set_notes(run_id, note))

    def delete(self) -> None:
        """Put the selected runs into the bin and offer to take that back."""
        session, runs = self._pane.session, self._pane.selected
        if session is None:
            return
        gone = [run for run in runs if self._pane.attempt(partial(session.training.delete, run.id))]
        if gone:
            words = tr("{name} is in the bin", name=gone[0].name)
            if len(gone) > 1:
                words = tr("{count} runs are in the bin", count=len(gone))
            self._pane.shell.notify(words, tr("Undo"), lambda: self._restore(gone))

    def restore(self) -> None:
        """Take the selected runs out of the bin."""
        self._restore(self._pane.selected)

    def actions(self) -> list[Action]:
        """Return all that can be done, for keys, palette and menu."""
        change, stop, pane = self._may_change, self._may_stop, self._pane
        after_epoch = tr("Stop after this epoch")
        return [
            Action("training.pause", tr("Pause or resume"), self.pause_or_resume, "Space", self._may_pause),
            Action("training.stop", tr("Stop now"), self.stop, "", stop),
            Action("training.stop_after_epoch", after_epoch, self.stop_after_epoch, "", stop),
            Action("training.evaluate", tr("Evaluate best"), self.evaluate, "Ctrl+E", self._may_evaluate),
            Action("training.clone", tr("New run with these settings"), self._clone, "Ctrl+D", change),
            Action("training.rename", tr("Rename"), pane.side.rename, "F2", change),
            Action("training.star", tr("Star or unstar"), self.star, "S", change),
            Action("training.note", tr("Write a note"), pane.details.note.setFocus, "N", change),
            Action("training.risk", tr("Make a risk"), self.make_risk, "", self._may_be_risk),
            Action("training.delete", tr("Delete"), self.delete, "Del", change),
            Action("training.restore", tr("Restore from the bin"), self.restore, "", self._may_restore),
            Action("training.bin", tr("Show or leave the bin"), pane.side.bin.toggle, "Ctrl+B"),
            Action("training.tree", tr("Show or leave the ancestry"), pane.side.tree.toggle, "Ctrl+Shift+A"),
            *pane.queue.actions(),
        ]

    def fill_menu(self, menu: QMenu) -> None:
        """Put into a menu what can be done now."""
        apart = {"training.evaluate", "training.rename", "training.delete", "queue.up"}
        for action in self.actions():
            if action.ready() and action.id not in ("training.bin", "queue.hold"):
                if action.id in apart and not menu.isEmpty():
                    menu.addSeparator()
                item = menu.addAction(action.title)
                item.setShortcut(action.shortcut)
                item.triggered.connect(lambda _=False, run=action.run: run())

    def _refresh_pause(self, run: Run | None, verb: Verb | None) -> None:
        state = run.state if run is not None else None
        resumes = state is not None and (state is RunState.PAUSED or state.resumable)
        text = tr("Resume") if resumes else tr("Pause")
        tip = (
            tr("Go on where it was held (Space)")
            if resumes
            else tr("Hold still; its state is on disk meanwhile (Space)")
        )
        if state is RunState.QUEUED:
            session = self._pane.session
            held = session is not None and session.training.queue_held
            waits = tr("It has not begun yet: it waits for the run before it")
            tip = tr("It has not begun yet: the queue is paused") if held else waits
        elif state in (RunState.FINISHED, RunState.DIVERGED):
            tip = tr("This run has ended: there is nothing to pause")
        if verb in ("pause", "resume"):
            text = tr("Pausing …") if verb == "pause" else tr("Resuming …")
        self._pause.setIcon(icon("play" if resumes else "pause", "text"))
        # While it is asked a second press does nothing; a disabled button would lose the keyboard to Stop.
        able = self._may_pause() and verb != "stop"
        _put(self._pause, text, able, self._why_not(tip))

    def _ask(self, run: Run, verb: Verb, work: Callable[[], object]) -> None:
        """Ask beside the window: going on may have to load torch first."""
        self._asked[run.id] = (verb, run.state)

        def failed(error: Exception) -> None:
            self._asked.pop(run.id, None)
            self._pane.tell(error)
            self._pane.show_current()

        background.query(work, lambda _: None, failed, owner=self._pane)
        self._pane.show_current()

    def _restore(self, runs: list[Run]) -> None:
        session = self._pane.session
        if session is not None:
            for run in runs:
                self._pane.attempt(partial(session.training.restore, run.id))

    def _clone(self) -> None:
        if self._pane.current is not None:
            self._pane.shell.go("models", clone_run_id=self._pane.current.id)

    def _on_primary(self) -> None:
        if self._pane.in_bin:
            self.restore()
        elif self._may_evaluate():
            self.evaluate()

    def _may_change(self) -> bool:
        return self.writable and self._pane.current is not None and not self._pane.in_bin

    def _may_be_risk(self) -> bool:
        run, session = self._pane.current, self._pane.session
        return (
            self._may_change()
            and session is not None
            and run is not None
            and session.risks.shows_in_curve(run)
        )

    def _may_restore(self) -> bool:
        return self.writable and self._pane.current is not None and self._pane.in_bin

    def _may_pause(self) -> bool:
        run = self._pane.current
        states = (RunState.RUNNING, RunState.PAUSED)
        return self._may_change() and run is not None and (run.state in states or run.state.resumable)

    def _may_stop(self) -> bool:
        run = self._pane.current
        return self._may_change() and run is not None and run.state.active

    def _may_evaluate(self) -> bool:
        run = self._pane.current
        return run is not None and run.best_epoch is not None and not self._pane.in_bin

    def _why_not(self, tip: str) -> str:
        if self._pane.session is not None and self._pane.session.read_only:
            return tr("This project is open read-only: close it in the other window to change it here")
        return tip


def _put(button: QPushButton, text: str, able: bool, tip: str) -> None:
    button.setText(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    button.setEnabled(able)
