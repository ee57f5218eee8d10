"""Home: where the project stands, and what to do next."""

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.core.events import (
    BoardChanged,
    DatasetChanged,
    EvaluationChanged,
    Event,
    JobChanged,
    ProjectChanged,
    RunChanged,
)
from workbench.core.risks import Link
from workbench.core.states import JobState
from workbench.gui import background
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.home.begin import BeginPage
from workbench.gui.panes.home.status import NextStep, Status, next_step, read_status, short
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.core.records import Starter
    from workbench.gui.panes.home.overview import OverviewPage
    from workbench.services.project_view import Standing
    from workbench.services.session import Session

_AT_MOST_EVERY_MS = 500


class HomePane(Pane):
    """Ways to begin in a new project; standing, next step and latest runs in one with data."""

    name: ClassVar[str] = "home"
    title: ClassVar[str] = "Home"
    purpose: ClassVar[str] = "Where the project stands, and what to do next."
    icon_name: ClassVar[str] = "house"
    help: ClassVar[str] = (
        "In a new project: begin with a starter, import your own data, or open a project. With data: the "
        "best run so far, what to do next, and the latest runs. A tile leads to where its number comes "
        "from; a double click on a run opens it in Train. With a board: what the gate of the stage still "
        "lacks, how near the best run is to the goal, the heaviest risks, what has happened since the last "
        "review, and what is due. A right click on a number shows what it rests on and what rests on it."
    )
    events: ClassVar[tuple[type[Event], ...]] = (
        ProjectChanged,
        DatasetChanged,
        RunChanged,
        EvaluationChanged,
        BoardChanged,
    )

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self._status = Status()
        self._step: NextStep | None = None
        self._scores: dict[tuple[int, int], float | None] = {}
        self._starters_shown = False
        self._import_state: JobState | None = None
        self._reading: Session | None = None
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(_AT_MOST_EVERY_MS)
        self._later.timeout.connect(self.mark_stale)
        self.begin = BeginPage()
        self.begin.starter_chosen.connect(shell.begin_starter)
        self.begin.import_requested.connect(shell.import_data)
        self.begin.open_requested.connect(shell.open_project)
        self.begin.recent_chosen.connect(lambda path: shell.open_project(Path(path)))
        self.begin.link_chosen.connect(self._open)
        self.begin.board_requested.connect(lambda: shell.go("board"))
        self.begin.trace_requested.connect(self._trace)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.begin)
        self.body.addWidget(self._pages)
        self._primary = self.header.set_primary(tr("Import data"))
        self.header.primary_triggered.connect(self._on_primary)
        self._standing: Standing | None = None
        self._show_begin()

    @cached_property
    def overview(self) -> "OverviewPage":
        """The page of a project with data, made when it is first shown: the first window needs none."""
        from workbench.gui.panes.home.overview import OverviewPage

        page = OverviewPage()
        self._connect(page)
        self._pages.addWidget(page)
        return page

    def subscribe(self) -> None:
        """Notice when an import begins or ends."""
        self._scores = {}
        self._status = Status()
        self._reading = None
        self._standing = None
        self.listen(JobChanged, self._on_job_changed)

    def reload(self) -> None:
        """Read in a thread where the project stands, and before there is data what to begin with."""
        session = self.session
        if not self._starters_shown:
            background.query(_starters, self._show_starters, self.tell, owner=self, key="starters")
        if session is None:
            self._status = Status()
            self.begin.show_standing(None)
            self._show_begin()
            return
        if self._reading is session:
            # A run of many short epochs tells of itself more often than anyone can read.
            self._later.start()
            return
        self._reading = session
        scores = self._scores
        background.query(
            lambda: read_status(session, scores),
            lambda status: self._show(session, status),
            lambda error: self._on_failed(session, error),
            owner=self,
            key="status",
        )

    def _read_standing(self, session: "Session") -> None:
        """Read the project at a glance, at first without what has to be counted in the data."""

        def read() -> "tuple[Standing, bool]":
            return session.views.standing(counted=False), session.views.counted

        def show(found: "tuple[Standing, bool]") -> None:
            self._show_standing(session, found[0])
            if not found[1] and session is self.session:
                background.query(
                    session.views.standing,
                    lambda standing: self._show_standing(session, standing),
                    self.tell,
                    owner=self,
                    key="counted",
                )

        background.query(read, show, self.tell, owner=self, key="standing")

    def _show_standing(self, session: "Session", standing: "Standing") -> None:
        if session is not self.session:
            return
        self._standing = standing
        if self._status.datasets:
            self.overview.show_standing(standing)
        else:
            self.begin.show_standing(standing)

    def _on_failed(self, session: "Session", error: Exception) -> None:
        if session is self.session:
            self._reading = None
            self.tell(error)

    def _show(self, session: "Session", status: Status) -> None:
        if session is not self.session:
            return
        self._reading = None
        self._status = status
        self._read_standing(session)
        if not status.datasets:
            self._show_begin()
            return
        self._step = step = next_step(status)
        may_change = not session.read_only
        refusal = tr("This project is open read-only: close it in the other window to change it here.")
        self.header.set_purpose(
            tr("Where {project} stands, and what to do next.", project=session.project.name)
        )
        self._set_primary(step.label, may_change or not step.changes, refusal)
        self.overview.show_status(status, step, may_change, refusal)
        self._turn_to(self.overview)

    def _show_begin(self) -> None:
        self._step = None
        importing = self._status.importing
        self.header.set_purpose(
            tr("{job}: its progress is in Data.", job=importing) if importing else tr("Begin with data.")
        )
        self._set_primary(tr("Watch it") if importing else tr("Import data"), True, "")
        self.begin.show_recent(str(self.session.folder.root) if self.session is not None else "")
        self._turn_to(self.begin)

    def _turn_to(self, page: QWidget) -> None:
        """Show a page; the keyboard goes along instead of to whatever comes next."""
        before = self._pages.currentWidget()
        if before is None or page is before:
            return
        was_here = before.isAncestorOf(self.focusWidget() or self)
        self._pages.setCurrentWidget(page)
        if was_here:
            self.setFocus() if page is self.begin else self.overview.table.setFocus()

    def _set_primary(self, label: str, ready: bool, refusal: str) -> None:
        button = self.header.set_primary(short(label), "" if ready else refusal)
        button.setAccessibleName(label)
        button.setEnabled(ready)

    def _show_starters(self, starters: "list[Starter]") -> None:
        self._starters_shown = True
        self.begin.show_starters(starters)

    def _connect(self, page: "OverviewPage") -> None:
        go = self.shell.go
        page.best_chosen.connect(self._on_best_chosen)
        page.datasets_chosen.connect(lambda: go("data", dataset_id=self._status.datasets[-1].id))
        page.runs_chosen.connect(lambda: go("train"))
        page.evaluation_chosen.connect(self._on_evaluation_chosen)
        page.step_chosen.connect(self._on_primary)
        page.link_chosen.connect(self._open)
        page.board_requested.connect(lambda: go("board"))
        page.trace_requested.connect(self._trace)
        page.run_opened.connect(lambda run_id: go("train", run_id=run_id))
        page.resume_requested.connect(self._resume)

    def _open(self, link: Link) -> None:
        from workbench.gui.links import open_link

        open_link(self.shell, link)

    def _trace(self, link: Link, at: QPoint) -> None:
        from workbench.gui.panes.home.tracing import show_trace

        show_trace(self, link, at)

    def _on_best_chosen(self) -> None:
        if self._status.best is not None:
            self.shell.go("evaluate", run_id=self._status.best.run.id)

    def _on_evaluation_chosen(self) -> None:
        if self._status.evaluation is not None:
            self.shell.go("evaluate", run_id=self._status.evaluation[0].id)

    def _on_primary(self) -> None:
        step = self._step
        if step is None and self._status.importing:
            self.shell.go("data")
        elif step is None:
            self.shell.import_data()
        elif step.verb == "resume":
            self._resume(step.target["run_id"])
        else:
            self.shell.go(step.verb, **step.target)

    def _resume(self, run_id: int) -> None:
        """Let a run go on; in a thread, since it may have to load torch first."""
        session = self.session
        if session is None:
            return
        background.query(
            lambda: session.training.resume(run_id),
            lambda _none: self.shell.go("train", run_id=run_id),
            self.tell,
            owner=self,
            key="resume",
        )

    def _on_job_changed(self, event: JobChanged) -> None:
        if event.job.subject == "import" and event.job.state is not self._import_state:
            self._import_state = event.job.state
            self.mark_stale()


def _starters() -> "list[Starter]":
    from workbench.services.projects import starters

    return starters()
