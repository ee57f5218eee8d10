"""What can be done with the queue: move runs that wait, pause it, put back what a restart left."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from workbench.core.records import Run
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.panes.training.words import never_began
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.notices import Banner

if TYPE_CHECKING:
    from workbench.gui.panes.training.pane import TrainPane


class QueueNews(Banner):
    """Says at the opening of a project that runs were waiting, and queues them again in one click."""

    def __init__(self, again: Callable[[list[int]], object]) -> None:
        super().__init__()
        self._left: list[int] = []
        self._put_away: set[int] = set()
        self.action_triggered.connect(lambda: again(self._left))
        self.dismissed.connect(lambda: self._put_away.update(self._left))

    def forget(self) -> None:
        """Begin anew, for another project."""
        self._put_away.clear()
        self.hide()

    def tells_of(self, run_id: int) -> bool:
        """Return whether this run is among those that are told of now."""
        return not self.isHidden() and run_id in self._left

    def show_left(self, runs: list[Run], writable: bool) -> None:
        """Tell of the runs that were waiting, unless it was put away."""
        self._left = [run.id for run in runs]
        if not writable or not set(self._left) - self._put_away:
            self.hide()
            return
        if len(runs) == 1:
            words = tr("{name} was waiting when the program ended and has not begun.", name=runs[0].name)
            self.tell(words, "info", tr("Queue it again"))
        else:
            count = number_format.count(len(runs))
            words = tr("{count} runs were waiting when the program ended and have not begun.", count=count)
            self.tell(words, "info", tr("Queue all again"))


class QueueControls:
    """Carries out what is asked of the queue.

    Args:
        pane: The pane whose list it orders.
    """

    def __init__(self, pane: "TrainPane") -> None:
        self._pane = pane
        self.news = QueueNews(self.again)
        side = pane.side
        side.runs.move_requested.connect(self.move)
        side.hold.clicked.connect(self.toggle_hold)

    def refresh(self, runs: list[Run]) -> None:
        """Show how the queue stands and what a restart left of it.

        Args:
            runs: The runs outside the bin.
        """
        session, writable = self._pane.session, self._pane.controls.writable
        held = session is not None and session.training.queue_held
        self._pane.side.show_queue(
            held, len(self._pane.side.runs.waiting()), any(run.state.active for run in runs), writable
        )
        left = sorted(filter(never_began, runs), key=lambda run: (run.queue_place, run.id))
        self.news.show_left(left, writable and not self._pane.in_bin)

    def toggle_hold(self) -> None:
        """Pause the queue, or let it go on."""
        session = self._pane.session
        if session is not None:
            self._pane.attempt(lambda: session.training.hold_queue(not session.training.queue_held))

    def move(self, run_ids: list[int], to: int) -> None:
        """Put waiting runs at a place of the queue, from 0."""
        session = self._pane.session
        if session is not None and run_ids:
            self._pane.attempt(lambda: session.training.move_all(run_ids, to))

    def step(self, by: int) -> None:
        """Move the selected waiting runs by so many places, or to an end of the queue."""
        session, chosen = self._pane.session, self._chosen()
        if session is None or not chosen:
            return
        # Asked anew: a second key may come before the list shows what the first one did.
        order = list(session.training.places())
        rest = [run_id for run_id in order if run_id not in chosen]
        first = min((order.index(run_id) for run_id in chosen if run_id in order), default=0)
        above = sum(run_id not in chosen for run_id in order[:first])
        self.move(chosen, max(0, min(above + by, len(rest))))

    def take_out(self) -> None:
        """Stop the selected runs that wait; beside the window, since there may be hundreds."""
        session, chosen = self._pane.session, self._chosen()
        if session is not None:
            background.query(
                lambda: session.training.take_out(chosen), lambda _: None, self._pane.tell, owner=self._pane
            )

    def again(self, run_ids: list[int]) -> None:
        """Queue runs again; beside the window, since torch may have to be loaded first."""
        session = self._pane.session
        if session is not None:
            self.news.hide()
            background.query(
                lambda: session.training.resume_all(run_ids),
                lambda _: None,
                self._pane.tell,
                owner=self._pane,
                key="again",
            )

    def actions(self) -> list[Action]:
        """Return all that can be done, for keys, palette and menu."""
        end, may = 1_000_000, self._may_move
        held = self._pane.session is not None and self._pane.session.training.queue_held
        hold = tr("Resume queue") if held else tr("Pause queue")
        return [
            Action("queue.up", tr("Move up in the queue"), partial(self.step, -1), "Ctrl+Up", may),
            Action("queue.down", tr("Move down in the queue"), partial(self.step, 1), "Ctrl+Down", may),
            Action("queue.first", tr("Run next"), partial(self.step, -end), "Ctrl+Shift+Up", may),
            Action("queue.last", tr("Run last"), partial(self.step, end), "Ctrl+Shift+Down", may),
            Action("queue.take_out", tr("Take out of the queue"), self.take_out, "Ctrl+Shift+Del", may),
            Action("queue.hold", hold, self.toggle_hold, "Ctrl+Shift+P", self._may_hold),
        ]

    def _chosen(self) -> list[int]:
        waiting = set(self._pane.side.runs.waiting())
        return [run.id for run in self._pane.selected if run.id in waiting]

    def _may_move(self) -> bool:
        return self._pane.controls.writable and not self._pane.in_bin and bool(self._chosen())

    def _may_hold(self) -> bool:
        return self._pane.controls.writable
