"""What went wrong with a run, said once, with the button that mends it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from workbench.core.records import Run
from workbench.core.states import RunState
from workbench.gui.panes.training.words import never_began
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.notices import Banner
from workbench.services.retries import ran_out_of_memory, smaller_rate

if TYPE_CHECKING:
    from workbench.gui.panes.training.controls import RunControls


class RunNews(Banner):
    """Tells of a run that failed, diverged, was interrupted or holds by itself; nothing of all others."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run: Run | None = None
        self._act: Callable[[], object] | None = None
        self._put_away: set[tuple[int, RunState, str]] = set()
        self.action_triggered.connect(self._on_action)
        self.dismissed.connect(self._on_dismissed)

    def forget(self) -> None:
        """Begin anew, for another project."""
        self._put_away.clear()
        self.hide()

    def show_run(self, run: Run | None, controls: "RunControls", *, told: bool = False) -> None:
        """Tell what there is to tell of this run; nothing where another banner has told of it."""
        self._run = run if not told else None
        run = self._run
        said = run is not None and (run.id, run.state, run.message) in self._put_away
        words = None if run is None or said or run.deleted_at is not None else _words(run)
        if run is None or words is None or controls.is_asked(run):
            self.hide()
            return
        text, tone = words
        label, self._act = _mend(run, controls) if controls.writable else ("", None)
        self.tell(text, tone, label)

    def _on_action(self) -> None:
        if self._act is not None:
            self._act()

    def _on_dismissed(self) -> None:
        if self._run is not None:
            self._put_away.add((self._run.id, self._run.state, self._run.message))


def _words(run: Run) -> tuple[str, str] | None:
    if run.state is RunState.DIVERGED:
        return run.message or tr("The loss stopped being a number."), "danger"
    if run.state is RunState.FAILED:
        return run.message or tr("The run failed."), "danger"
    if run.state is RunState.INTERRUPTED:
        return run.message or tr("The run was interrupted: resume it to go on."), "warning"
    if run.state is RunState.PAUSED and run.message:
        return run.message, "warning"
    return None


def _mend(run: Run, controls: "RunControls") -> tuple[str, Callable[[], object]]:
    """Return the button that mends it and what it does; no words where nothing can."""
    if run.state is RunState.PAUSED:
        return "", controls.pause_or_resume  # it goes on by itself
    if run.state is RunState.DIVERGED:
        rate = number_format.number(smaller_rate(run).learning_rate)
        words = tr("Start again with learning rate {rate}", rate=rate)
        return words, lambda: controls.start_anew(run, half_batch=False)
    if ran_out_of_memory(run):
        can = run.train.batch_size > 1
        return tr("Start again with half the batch") if can else "", lambda: controls.start_anew(
            run, half_batch=True
        )
    return tr("Queue it again") if never_began(run) else tr("Resume"), controls.pause_or_resume
