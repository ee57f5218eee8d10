"""The Train pane."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QEvent, QPoint, QSettings, Qt, QTimer
from PySide6.QtGui import QHideEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QMenu,
    QSlider,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.events import (
    JobChanged,
    MetricsLogged,
    ProjectChanged,
    QueueChanged,
    RunChanged,
    RunLogged,
)
from workbench.core.records import Project, Run
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.training.ancestry import kin_rows
from workbench.gui.panes.training.ancestry_words import ChangeWords
from workbench.gui.panes.training.controls import RunControls
from workbench.gui.panes.training.details import RunDetails, settings_of
from workbench.gui.panes.training.middle import RunMiddle
from workbench.gui.panes.training.news import RunNews
from workbench.gui.panes.training.price import PriceDialog
from workbench.gui.panes.training.queue_controls import QueueControls
from workbench.gui.panes.training.rows import Repeat, restored, rows_of, with_repeat
from workbench.gui.panes.training.side import RunSide
from workbench.gui.panes.training.this_run import progress_of
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets.cards import EmptyState

if TYPE_CHECKING:
    from workbench.core.registry import Choice
    from workbench.services.session import Session

_SUBJECT = "run:"
_FIGURES_MS = 500


class TrainPane(Pane):
    """Runs at the left, charts or log of the selected ones in the middle, details of one at the right."""

    name: ClassVar[str] = "train"
    title: ClassVar[str] = "Train"
    purpose: ClassVar[str] = "Watch runs as they learn; nothing is lost when you stop."
    icon_name: ClassVar[str] = "chart-line"
    help: ClassVar[str] = (
        "Runs at work stand on top, then those that wait, then the ended ones, newest first. Drag a waiting "
        "run, or press Ctrl+Up and Ctrl+Down, to change its turn; Pause queue lets no further run begin. "
        "Ancestry shows which run came from which, and what was changed. Select several "
        "to lay their curves over each other. Solid is training, dashed is validation; the dotted line marks "
        "the epoch with the lowest validation loss, whose weights Evaluate uses. Charts chooses what is "
        "drawn: learning, model, hardware. Log tells what the run did, and when. Pause and Stop lose "
        "nothing: a stopped or interrupted run goes on from its last checkpoint with Resume. Deleted runs "
        "lie in the bin."
    )
    events = (RunChanged,)

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self._runs: dict[int, Run] = {}
        self._datasets: dict[int, tuple[str, int]] = {}
        self._families: dict[str, type[Choice]] = {}
        self._choices: dict[str, list[type[Choice]]] = {}
        self._changed: set[int] = set()
        self._whole, self._moved = True, False
        self._repeats: dict[int, Repeat] = {}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_FIGURES_MS)
        self._later.timeout.connect(self._reload_if_visible)
        self._wanted: int | None = None
        self._shown: int | None = None
        self._project: Project | None = None
        # From outside in: who gets a parent only later is styled anew with all that is inside.
        self._stack = QStackedWidget(self)
        self._content = QWidget(self._stack)
        self._split = QSplitter(Qt.Orientation.Horizontal, self._content)
        self.side, self.middle = RunSide(self._split), RunMiddle(self._split)
        self.details, self.news = RunDetails(self._split), RunNews(self._content)
        self.curves = self.middle.curves
        self.controls = RunControls(self)
        self.queue = QueueControls(self)
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.side.runs)

    @property
    def current(self) -> Run | None:
        """The run that details and buttons are about."""
        run_id = self.side.runs.current()
        return self._runs.get(run_id) if run_id is not None else None

    @property
    def selected(self) -> list[Run]:
        """The selected runs, from top to bottom."""
        return [self._runs[run_id] for run_id in self.side.runs.selected() if run_id in self._runs]

    @property
    def in_bin(self) -> bool:
        """Whether the deleted runs are shown."""
        return self.side.bin.isChecked()

    def set_session(self, session: "Session | None") -> None:
        """Show the runs of another project."""
        self.details.note.keep()
        self._shown = self._wanted = None
        self.side.bin.setChecked(False)
        self.news.forget()
        self.queue.news.forget()
        super().set_session(session)

    def subscribe(self) -> None:
        """Follow jobs and points."""
        self.listen(JobChanged, self._on_job)
        self.listen(MetricsLogged, self._on_points)
        self.listen(RunLogged, lambda event: self.middle.log.note(event.run_id))
        self.listen(ProjectChanged, self._on_project)
        self.listen(QueueChanged, self._on_queue)

    def mark_stale(self) -> None:
        """Read everything again."""
        self._whole = True
        super().mark_stale()

    def reload(self) -> None:
        """Read all runs again, or only those that were told to have changed."""
        session = self.session
        if session is None:
            self._runs = {}
            self.curves.show_runs(None, [])
            self.middle.log.show_run(None, None)
            self._stack.setCurrentWidget(self._empty)
            self.controls.refresh()
            return
        self._project = session.project
        whole, self._whole = self._whole, False
        changed, self._changed = self._changed, set()
        if whole:
            self._runs = {run.id: run for run in session.training.all(include_deleted=True)}
        else:
            found = session.training.some(changed)
            if not self.in_bin:
                self._wanted = self._wanted or restored(self._runs, found)
            self._runs |= {run.id: run for run in found}
            self._reorder(session)
        known = {self._runs[run_id].dataset_id for run_id in changed & self._runs.keys()}
        if whole or known - self._datasets.keys():
            self._datasets = {
                it.id: (it.name, it.imported.count) for it in session.datasets.all(include_deleted=True)
            }
        for run_id in changed & set(self._runs):
            self.controls.settle(self._runs[run_id])
            self.curves.update_run(self._runs[run_id])
        self.fill()
        if whole:
            self._show_curves()

    def fill(self) -> None:
        """Show the runs as they are known."""
        wanted, self._wanted = self._wanted, None
        if wanted in self._runs:
            self.side.bin.setChecked(self._runs[wanted].deleted_at is not None)
        jobs = self.session.training.working() if self.session is not None else {}
        here = [run for run in self._runs.values() if (run.deleted_at is not None) == self.in_bin]
        rows = rows_of(here, jobs)
        self._repeats = {row.run.id: row.repeat for row in rows if row.repeat is not None}
        deleted = sum(run.deleted_at is not None for run in self._runs.values())
        self.side.show_rows(rows, deleted, wanted)
        self._stack.setCurrentWidget(self._content if self._runs else self._empty)
        self.show_current()

    def select(self, **target: Any) -> None:
        """Select the run `run_id`."""
        if "run_id" in target:
            self._wanted = int(target["run_id"])
            self._read_again(self._wanted)

    def actions_of(self) -> list[Action]:
        """Return what can be done with the selected runs."""
        price = Action("training.price", tr("Set price per hour…"), self.ask_price, ready=self._may_price)
        return [*self.controls.actions(), *self.middle.actions_of(), price]

    def ask_price(self) -> None:
        """Ask what an hour of training costs."""
        if self.session is not None:
            PriceDialog(self.session.project, self.session.set_price, self).open()

    def show_current(self) -> None:
        """Show what there is to say of the current run, and what can be done with it."""
        run = self.current
        if (run.id if run else None) != self._shown:
            self.details.note.keep()
            self._shown = run.id if run else None
        self.controls.refresh()
        self.queue.refresh([it for it in self._runs.values() if it.deleted_at is None])
        self.news.show_run(run, self.controls, told=run is not None and self.queue.news.tells_of(run.id))
        self._show_ancestry()
        self.middle.log.show_run(self.session, run)
        self.details.setEnabled(run is not None)
        if run is None or self.session is None or self._project is None:
            return
        if run.family not in self._families:
            self._load_words(self.session, run.family)
        dataset, count = self._datasets.get(run.dataset_id, ("", 0))
        seconds = self.curves.seconds(run.id) or run.seconds
        epochs = self.curves.epochs(run.id)
        rate = epochs * count * run.split.train / seconds if seconds and epochs else None
        self.details.show_run(
            run,
            with_repeat(progress_of(run, dataset, seconds, rate, self._project), self._repeats.get(run.id)),
            settings_of(run, self._families.get(run.family), self._choices),
            self.controls.writable,
        )

    def _load_words(self, session: "Session", family: str) -> None:
        def done(found: "tuple[type[Choice], dict[str, list[type[Choice]]]]") -> None:
            if self.session is session:
                self._families[family], self._choices = found
                self.show_current()

        def failed(error: Exception) -> None:
            if self.session is session:
                self.tell(error)

        background.query(
            lambda: (session.models.fields(family), session.models.choices()),
            done,
            failed,
            owner=self,
            key=f"words/{family}",
        )

    def _may_price(self) -> bool:
        return self.controls.writable

    def _show_ancestry(self) -> None:
        if not self.side.shows_tree or self.session is None:
            return
        names = {dataset_id: name for dataset_id, (name, _) in self._datasets.items()}
        current = self.side.runs.current()
        rows = kin_rows(self._runs, current, ChangeWords(self._families, self._choices, names))
        self.side.show_ancestry(rows, current)
        for family in {row.run.family for row in rows} - self._families.keys():
            self._load_words(self.session, family)

    def _reorder(self, session: "Session") -> None:
        """Take over the places of the runs that wait, when they were told to have changed."""
        places, self._moved = session.training.places() if self._moved else {}, False
        for run_id in places.keys() & self._runs.keys():
            self._runs[run_id] = replace(self._runs[run_id], queue_place=places[run_id])

    def _show_curves(self) -> None:
        runs = self.selected
        current = self.current
        runs.sort(key=lambda run: run is not current)
        self.curves.show_runs(self.session, runs)

    def _on_changed(self, event: Any) -> None:
        if not self.isVisible():
            self.mark_stale()
            return
        self._read_again(event.run_id)

    def _read_again(self, run_id: int) -> None:
        """Read one run again: soon when visible, else when shown."""
        self._changed.add(run_id)
        self._stale = True
        if self.isVisible():
            self._soon.start()

    def _on_queue(self, _event: QueueChanged) -> None:
        self._moved = True
        self._stale = True
        if self.isVisible():
            self._soon.start()

    def _on_job(self, event: JobChanged) -> None:
        job = event.job
        if not job.subject.startswith(_SUBJECT):
            return
        if not self.isVisible():
            self.mark_stale()
            return
        run = self._runs.get(int(job.subject.removeprefix(_SUBJECT)))
        if run is not None:
            self.side.runs.set_job(run.id, job if run.state.active else None)

    def _on_points(self, event: MetricsLogged) -> None:
        if not self.isVisible():
            self.mark_stale()
            return
        run = self._runs.get(event.run_id)
        if run is None:
            return
        self._changed.add(event.run_id)
        self._stale = True
        self.curves.add(event)
        if not self._later.isActive():
            self._later.start()

    def _on_project(self, _event: ProjectChanged) -> None:
        if not self.isVisible() or self.session is None:
            self.mark_stale()
            return
        self._project = self.session.project
        self.show_current()

    def _on_selection(self, _ids: list[int]) -> None:
        self.show_current()
        self._show_curves()

    def _on_menu(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.controls.fill_menu(menu)
        menu.popup(place)

    def _connect(self) -> None:
        runs = self.side.runs
        runs.selection_changed.connect(self._on_selection)
        runs.rename_requested.connect(self.controls.rename)
        runs.star_requested.connect(self.controls.star)
        runs.menu_requested.connect(self._on_menu)
        self.side.turned.connect(self._on_turned)
        self.side.ancestry.chosen.connect(self._on_kin)
        self.details.note_changed.connect(lambda note: self.controls.set_note(self._shown, note))
        self.details.note.left.connect(self.side.runs.setFocus)
        self.details.price_wanted.connect(self.ask_price)
        self.middle.failed.connect(self.tell)
        self.curves.read.connect(self.show_current)

    def _on_turned(self) -> None:
        if self.session is not None:
            self.fill()

    def _on_kin(self, run_id: int) -> None:
        if not self.side.runs.select(run_id):
            self.select(run_id=run_id)  # it lies in the bin

    def _lay_out(self) -> None:
        self._empty = EmptyState(
            "chart-line",
            tr("No runs yet"),
            tr("Choose a model for your data and train it: its curves are drawn here while it learns."),
            tr("New run"),
        )
        self._empty.triggered.connect(lambda: self.shell.go("models"))
        self._split.setHandleWidth(GAP)
        self._split.setChildrenCollapsible(False)
        for part, least in ((self.side, 196), (self.middle, 400), (self.details, 196)):
            part.setMinimumWidth(least)
            self._split.addWidget(part)
        self._split.setStretchFactor(1, 1)
        self._split.setSizes([220, 456, 208])
        if state := QSettings().value("train/splitter"):
            self._split.restoreState(state)
        column = QVBoxLayout(self._content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.queue.news)
        column.addWidget(self.news)
        column.addWidget(self._split, 1)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._content)
        self.body.addWidget(self._stack, 1)

    def event(self, event: QEvent) -> bool:
        """Leave the space bar to the button that has the focus; elsewhere it pauses."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() == Qt.Key.Key_Space
            and isinstance(QApplication.focusWidget(), QAbstractButton | QComboBox | QSlider)
        ):
            event.accept()
            return True
        return super().event(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the note that is being written, and the widths."""
        self.details.note.keep()
        QSettings().setValue("train/splitter", self._split.saveState())
        super().hideEvent(event)
