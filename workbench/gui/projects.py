"""Opening, making and closing projects beside the window."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from workbench.gui import background
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.services.session import Session

Then = Callable[[], object]


class Projects(QObject):
    """Puts one project in the place of another; slow work is done in threads.

    `changed` carries the open session or None, `busy` what is going on, `refused` an error and the folder
    that it concerns, or None; `settled` tells that nothing is being opened or closed any more.

    Args:
        window: Parent of the questions that are asked.
    """

    changed = Signal(object)
    settled = Signal()
    busy = Signal(str)
    refused = Signal(object, object)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.session: Session | None = None
        self._seen: tuple[Session, int] | None = None
        self.changing = False
        """Whether a project is being opened or closed; nothing else can be asked meanwhile."""

    def open(self, path: Path | None = None, *, read_only: bool = False) -> None:
        """Open a project in place of the one that is open, or ask for one."""
        place = path or self._ask_folder()
        if place is None or self.changing:
            return
        if self.session is not None and not self.session.read_only and _is_same(place, self.session):
            return

        def work() -> "Session":
            from workbench.services.projects import open_project

            return open_project(place, read_only=read_only)

        self._change(work, place)

    def new(
        self, path: Path, then: Then | None = None, *, name: str = "", starter: str | None = None
    ) -> None:
        """Make a project in this folder and open it."""

        def work() -> "Session":
            from workbench.services.projects import create_project

            return create_project(path, name=name or None, starter=starter)

        self._change(work, None, then)

    def new_in_default_place(self, title: str, then: Then, *, starter: str | None = None) -> None:
        """Make a project in a free folder of the default place and open it."""
        from workbench.services.projects import free_folder

        self.new(free_folder(title), then, name=title, starter=starter)

    def close(self, then: Then) -> None:
        """Interrupt the work, save it, close the project, then go on with `then`."""
        session, self.session = self.session, None
        if session is None:
            then()
            return
        self.changed.emit(None)
        self.busy.emit(tr("Saving …"))
        self._put_away(session, then)

    def follow(self) -> None:
        """Tell the panes of a project that is open read-only what another window has changed."""
        session = self.session
        if session is None or not session.read_only or self.changing:
            return

        def show(version: int) -> None:
            from workbench.core.board import NOUNS
            from workbench.core.events import BoardChanged, ProjectChanged

            seen, self._seen = self._seen, (session, version)
            if seen != self._seen and session is self.session:
                session.bus.publish(BoardChanged(frozenset({*NOUNS, "decision"})))
                session.bus.publish(ProjectChanged())

        # A moment in which it cannot be read passes by itself.
        background.query(session.board.version, show, lambda _error: None, owner=self, key="follow")

    def may_interrupt(self) -> bool:
        """Ask before work is interrupted; True when there is none or the user agrees."""
        working = self.session.working() if self.session is not None and not self.session.read_only else []
        if not working:
            return True
        box = QMessageBox(self._window)
        box.setWindowTitle(tr("Stop training?"))
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setText(
            tr("{name} is still training.", name=working[0])
            if len(working) == 1
            else tr(
                "{count} runs are still at work or waiting: {names}.", count=len(working), names=_few(working)
            )
        )
        box.setInformativeText(tr("It is saved now and can be resumed when you open the project again."))
        stop = box.addButton(tr("Save and close"), QMessageBox.ButtonRole.AcceptRole)
        keep = box.addButton(tr("Keep training"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        box.exec()
        agreed = box.clickedButton() is stop
        box.deleteLater()
        return agreed

    def _ask_folder(self) -> Path | None:
        from workbench.services.projects import default_home

        home = default_home()
        start = home if home.is_dir() else Path.home()
        chosen = QFileDialog.getExistingDirectory(self._window, tr("Open a project folder"), str(start))
        return Path(chosen) if chosen else None

    def _change(self, work: "Callable[[], Session]", place: Path | None, then: Then | None = None) -> None:
        if self.changing or not self.may_interrupt():
            return

        def opened(session: "Session") -> None:
            before, self.session = self.session, session
            session.board.who = who()
            session.health.automatic = True
            _remember(session.folder.root)
            self.changed.emit(session)
            if then is not None:
                then()
            if before is not None:
                self._put_away(before, lambda: None)
            else:
                self._settle()

        # The project that is open stays so until the other one is there: a refusal leaves all as it is.
        self.changing = True
        self.busy.emit(tr("Opening …"))
        background.query(work, opened, lambda error: self._refuse(error, place), owner=self)

    def _put_away(self, session: "Session", then: Then) -> None:
        def closed(_: None) -> None:
            self._settle()
            then()

        self.changing = True
        background.query(session.close, closed, self._refuse, owner=self)

    def _refuse(self, error: Exception, place: Path | None = None) -> None:
        self.busy.emit("")
        self.refused.emit(error, place)
        self._settle()

    def _settle(self) -> None:
        self.changing = False
        self.settled.emit()


def recent_projects() -> list[Path]:
    """Return the projects that were open lately and are still there, the last one first."""
    known = QSettings().value("recent_projects", [])
    return [
        Path(str(item))
        for item in (known if isinstance(known, list) else [known])
        if Path(str(item)).is_dir()
    ]


def who() -> str:
    """Return the name of who sits at this computer; empty where nobody has said."""
    return str(QSettings().value("who", "") or "")


def set_who(name: str) -> None:
    """Remember who sits at this computer."""
    QSettings().setValue("who", name)


def _remember(path: Path) -> None:
    recent = [path, *(item for item in recent_projects() if item != path)]
    QSettings().setValue("recent_projects", [str(item) for item in recent[:8]])


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" …" if len(names) > 3 else "")


def _is_same(place: Path, session: "Session") -> bool:
    return place.resolve() == session.folder.root.resolve()
