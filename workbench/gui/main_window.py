"""The window: rail, top bar, panes and job strip around one open project."""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.core.control import CancelToken
from workbench.gui import background
from workbench.gui.frame import Rail, TopBar
from workbench.gui.gate_count import GateCount
from workbench.gui.places import PLACES
from workbench.gui.projects import Projects
from workbench.gui.translate import tr
from workbench.gui.widgets.job_strip import JobStrip
from workbench.gui.widgets.notices import Banner
from workbench.gui.widgets.toast import Toast

if TYPE_CHECKING:
    from workbench.gui.panes.base import Pane
    from workbench.services.hardware import Hardware
    from workbench.services.session import Session


class MainWindow(QWidget):
    """The main window. Panes see it as their `Shell`.

    `painted` tells that the first picture is on the screen, `project_settled` that a project is shown or
    could not be opened, `closed` that the window has gone and all is saved.
    """

    painted = Signal()
    project_settled = Signal()
    closed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.projects = Projects(self)
        self._panes: dict[str, Pane] = {}
        self._act: Callable[[], object] | None = None
        self._first_paint = True
        self._may_close = self._wants_to_close = False
        self.setObjectName("MainWindow")
        self.setWindowTitle("Workbench")
        self.setAccessibleName("Workbench")
        self.setMinimumSize(1024, 640)
        self.setAcceptDrops(True)
        self.setProperty("role", "window")
        self._lay_out()
        self._toast = Toast(self)
        self._restore_geometry()
        self.go("home")

    @property
    def session(self) -> "Session | None":
        """The open project."""
        return self.projects.session

    @property
    def current(self) -> "Pane":
        """The pane that is shown."""
        return next(pane for pane in self._panes.values() if pane is self._stack.currentWidget())

    def pane(self, name: str) -> "Pane":
        """Return a pane, made when it is needed for the first time."""
        if name not in self._panes:
            from workbench.gui.actions import bind

            place = next(place for place in PLACES if place.name == name)
            pane: Pane = getattr(importlib.import_module(place.module), place.class_name)(self, self._stack)
            self._panes[name] = pane
            self._stack.addWidget(pane)
            bind(pane.keys_of(), pane, Qt.ShortcutContext.WidgetWithChildrenShortcut)
            pane.set_session(self.session)
        return self._panes[name]

    def panes(self) -> "list[Pane]":
        """Return the panes made so far, in the order of the rail."""
        return [self._panes[place.name] for place in PLACES if place.name in self._panes]

    def go(self, pane: str, **target: Any) -> None:
        """Show a pane and what is to be selected there."""
        widget, focus = self.pane(pane), self.focusWidget()
        is_there = focus is not None and widget.isAncestorOf(focus)
        self._stack.setCurrentWidget(widget)
        self._rail.mark(pane)
        if target:
            widget.select(**target)
        # When the pane before is hidden, Qt hands the focus to any control, which then looks chosen.
        if not is_there:
            widget.take_focus()

    def notify(self, text: str, action: str = "", act: Callable[[], object] | None = None) -> None:
        """Say at the bottom what was done, with at most one button."""
        self._toast.show_message(text, action, act)

    def tell(self, text: str, action: str = "", act: Callable[[], object] | None = None) -> None:
        """Show a problem that belongs to no pane, above all of them."""
        self._act = act
        self._banner.tell(text, action=action)

    def import_data(self, sources: Sequence[Path] = ()) -> None:
        """Import these files or folders, or ask for one; makes a project where none is open."""
        from workbench.gui.import_dialog import ask_source, start_import

        chosen = list(sources) or ask_source(self)
        if not chosen:
            return
        if self.session is None:
            self._import_into_new(chosen)
        else:
            start_import(self, self.session, chosen, self)

    def begin_starter(self, name: str) -> None:
        """Make a project from a starter, open it and import the starter's files."""
        from workbench.services.projects import find_starter

        self.projects.new_in_default_place(find_starter(name).title, self._import_starter, starter=name)

    def open_starter(self, name: str) -> None:
        """Open the project that was made from a starter in the default place, made when it is not there."""
        from workbench.services.projects import find_starter, starter_folder

        folder = starter_folder(name)
        if (folder / "project.sqlite").exists():
            self.projects.open(folder)
        else:
            self.projects.new(folder, self._import_starter, name=find_starter(name).title, starter=name)

    def open_project(self, path: Path | None = None, *, read_only: bool = False) -> None:
        """Open a project in place of the one that is open, or ask for one."""
        self.projects.open(path, read_only=read_only)

    def _import_starter(self) -> None:
        from workbench.services.projects import begin_starter

        if self.session is not None:
            begin_starter(self.session)
            self.go("data")

    def _import_into_new(self, sources: list[Path]) -> None:
        """Make a project for the sources, unless there is nothing in them: then nothing is left behind."""

        def look() -> dict[Path, str]:
            from workbench.services.datasets import refusals

            return refusals(sources, token)

        def looked(problems: dict[Path, str]) -> None:
            good = [source for source in sources if source not in problems]
            self._strip.set_status("")
            if self.session is not None:
                self.import_data(sources)
            elif not good:
                self.tell("\n".join(problems.values()))
            else:
                from workbench.services.datasets import title_of

                self.projects.new_in_default_place(title_of(good[0]), lambda: self.import_data(sources))

        token = CancelToken()
        self._banner.hide()
        self._strip.set_status(tr("Looking at {name} …", name=sources[0].name))
        background.query(look, looked, self._on_fault, owner=self, key="look", token=token)

    def _show_session(self, session: "Session | None") -> None:
        from workbench.core.events import HistoryChanged, JobChanged, ProjectChanged, QueueChanged

        self._banner.hide()
        self._strip.set_jobs([])
        self._bridge.attach(session.bus if session else None)
        self._gate.attach(session)
        for pane in self._panes.values():
            pane.set_session(session)
        if session is None:
            self._top.set_project("", "", read_only=False)
            self._strip.set_status("")
            return
        session.bus.subscribe(JobChanged, self._on_job_changed)
        session.bus.subscribe(QueueChanged, lambda _: self._show_jobs())
        session.bus.subscribe(ProjectChanged, lambda _: self._show_project())
        session.bus.subscribe(HistoryChanged, lambda _: self._show_saved())
        self._show_project()
        self._show_saved()
        if session.training.all():
            self.go(self._last_pane())
        if not session.read_only:
            self._tell_interrupted(session)
        self.project_settled.emit()

    def _tell_interrupted(self, session: "Session") -> None:
        left = session.training.left_waiting()
        cut = [run for run in session.training.some(session.interrupted) if run.started_at is not None]
        if not cut and not left:
            return
        names = ", ".join(run.name for run in cut[:3])
        text = tr("{names} was interrupted and can go on", names=names)
        if not cut:
            text = tr("{count} runs were waiting and can be queued again", count=len(left))
            if len(left) == 1:
                text = tr("{name} was waiting and can be queued again", name=left[0].name)
        run_id = (cut or left)[0].id
        self.notify(text, tr("Show"), lambda: self.go("train", run_id=run_id))

    def _show_project(self) -> None:
        if self.session is None:
            return
        project = self.session.project
        self.setWindowTitle(f"{project.name} – Workbench")
        stage = tr(project.stage.value.capitalize())
        why = "\n".join(f"{item.title}: {item.reason}" for item in self.session.gates.overrides())
        self._top.set_project(project.name, stage, why, read_only=self.session.read_only)

    def _show_gate(self) -> None:
        stage = self.session.project.stage.value if self.session is not None else ""
        self.go("board", page="gates", stage=stage)

    def _show_saved(self) -> None:
        from datetime import datetime

        self._strip.set_status(tr("All changes saved · {time}", time=f"{datetime.now():%H:%M}"))

    def _on_job_changed(self, event: Any) -> None:
        from workbench.core.states import JobState

        if event.job.state not in (JobState.WAITING, JobState.RUNNING, JobState.PAUSED):
            self._show_saved()
        self._show_jobs()

    def _show_jobs(self) -> None:
        """Show what is at work, then what waits, the next one first."""
        if self.session is not None:
            jobs, waiting = self.session.jobs, self.session.jobs.waiting()
            ids = {job.id for job in waiting}
            at_work = [job for job in jobs.active() if job.id not in ids]
            self._strip.set_jobs([*at_work, *waiting], held=self.session.training.queue_held)

    def _on_job_button(self, verb: str, job_id: int) -> None:
        if self.session is not None:
            getattr(self.session.jobs, verb)(job_id)

    def _on_fault(self, error: Exception) -> None:
        self._on_refused(error, None)

    def _on_refused(self, error: Exception, place: Path | None) -> None:
        from workbench.core.errors import ProjectLockedError, UserError

        if isinstance(error, ProjectLockedError) and place is not None:
            folder = place
            self.tell(str(error), tr("Open read-only"), lambda: self.open_project(folder, read_only=True))
        elif isinstance(error, UserError):
            self.tell(str(error))
        else:
            self.tell(tr("Something went wrong in Workbench itself: {error}", error=repr(error)))
        if self.session is not None:
            self._show_saved()
        self.project_settled.emit()

    def _on_settled(self) -> None:
        if self._wants_to_close:
            QTimer.singleShot(0, self, self.close)

    def _last_pane(self) -> str:
        name = QSettings().value("last_pane", "home")
        return name if name in {place.name for place in PLACES} else "home"

    def _restore_geometry(self) -> None:
        geometry = QSettings().value("geometry")
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(1280, 800)

    def _lay_out(self) -> None:
        from workbench.gui.bridge import Bridge

        self._bridge = Bridge(self)
        self.projects.changed.connect(self._show_session)
        self.projects.settled.connect(self._on_settled)
        self.projects.refused.connect(self._on_refused)
        self._rail = Rail([(place.name, tr(place.title), place.icon_name) for place in PLACES])
        self._rail.chosen.connect(self.go)
        self._top = TopBar()
        self._top.stage_requested.connect(self._show_gate)
        self._gate = GateCount(self)
        self._gate.changed.connect(self._top.set_met)
        self._top.new_run_requested.connect(lambda: self.go("models"))
        self._banner = Banner()
        self._banner.action_triggered.connect(self._on_banner_action)
        self._stack = QStackedWidget()
        self._strip = JobStrip()
        self.projects.busy.connect(self._strip.set_status)
        self._strip.pause_requested.connect(lambda job_id: self._on_job_button("pause", job_id))
        self._strip.resume_requested.connect(lambda job_id: self._on_job_button("go_on", job_id))
        self._strip.stop_requested.connect(lambda job_id: self._on_job_button("cancel", job_id))
        self._watch = QTimer(self)
        self._watch.setInterval(2000)
        self._watch.timeout.connect(self._show_hardware)
        self._watch.timeout.connect(self.projects.follow)
        held = QVBoxLayout()
        held.setContentsMargins(16, 8, 16, 0)
        held.addWidget(self._banner)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._top)
        column.addLayout(held)
        column.addWidget(self._stack, 1)
        column.addWidget(self._strip)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._rail)
        row.addLayout(column, 1)

    def _on_banner_action(self) -> None:
        self._banner.hide()
        if self._act is not None:
            self._act()

    def _on_painted(self) -> None:
        from workbench.gui.commands import Commands

        self._commands = Commands(self)
        self._top.search_requested.connect(self._commands.search)
        self._top.rename_requested.connect(self._commands.rename_project)
        self._watch.start()
        self._show_hardware()
        self.painted.emit()

    def _show_hardware(self) -> None:
        from workbench.services.hardware import hardware

        background.query(hardware, self._on_hardware, owner=self, key="hardware")

    def _on_hardware(self, now: "Hardware") -> None:
        from workbench.gui.widgets.number_format import size

        total = tr("{used} in use of {total}", used=size(now.used_bytes), total=size(now.total_bytes))
        self._top.set_device(f"{now.device} · {size(now.used_bytes)}", f"{now.device}: {total}")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import what was dropped."""
        sources = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        event.acceptProposedAction()
        QTimer.singleShot(0, self, lambda: self.import_data(sources))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell when the first picture is on the screen; all that is slow begins then."""
        super().paintEvent(event)
        if self._first_paint:
            self._first_paint = False
            QTimer.singleShot(0, self, self._on_painted)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask when work is going on; save it beside the window, then close."""
        if self.projects.changing:
            # Whatever is being opened has to be put away again, whatever is being saved to be whole.
            self._wants_to_close = True
            event.ignore()
        elif self._may_close or self.session is None:
            self._leave()
            event.accept()
        else:
            event.ignore()
            if self.projects.may_interrupt():
                self.close_without_asking()

    def _remember_view(self) -> None:
        settings = QSettings()
        settings.setValue("geometry", self.saveGeometry())
        settings.setValue("last_pane", self.current.name)

    def close_without_asking(self) -> None:
        """Save all work so that it can be resumed, and close."""
        self.projects.close(self._close_now)

    def _close_now(self) -> None:
        self._may_close = True
        self.close()

    def _leave(self) -> None:
        self._remember_view()
        self._bridge.attach(None)
        self._watch.stop()
        background.shutdown()
        self.closed.emit()
