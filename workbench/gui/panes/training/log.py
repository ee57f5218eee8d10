"""The log of the current run, read line by line as it grows."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from workbench.core.files import atomic_write
from workbench.core.records import LogLine, Run
from workbench.core.states import LogLevel
from workbench.gui import background
from workbench.gui.item_models.log_lines import as_text
from workbench.gui.translate import tr
from workbench.gui.widgets.log_view import LogView

if TYPE_CHECKING:
    from workbench.services.session import Session

_READ_MS = 200
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|', "-"))


class RunLog(QWidget):
    """Shows the log of one run; reads only what is new, and only while it can be seen."""

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._run: Run | None = None
        self._level = LogLevel.DEBUG
        self._last_id = 0
        self._stale = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_READ_MS)
        self._soon.timeout.connect(self._read)
        self.view = LogView()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)

    @property
    def has_run(self) -> bool:
        """Whether there is a run whose log it is."""
        return self._run is not None

    def show_run(self, session: "Session | None", run: Run | None) -> None:
        """Show the log of this run; of the one that is shown already nothing is read again."""
        same = session is self._session and (run.id if run else None) == self._run_id
        self._session, self._run = session, run
        if not same:
            self._begin()

    def set_level(self, level: LogLevel) -> None:
        """Show lines from this level on."""
        if level is not self._level:
            self._level = level
            self._begin()

    def note(self, run_id: int) -> None:
        """Take note that the log of a run has grown."""
        if run_id != self._run_id:
            return
        self._stale = True
        if self.isVisible() and not self._soon.isActive():
            self._soon.start()

    def save(self) -> None:
        """Ask for a file and write the whole log into it, whatever is shown of it."""
        session, run = self._session, self._run
        if session is None or run is None:
            return
        name = f"{run.name.translate(_NOT_IN_NAMES)} log.txt"
        chosen, _ = QFileDialog.getSaveFileName(self, tr("Save log"), name, "*.txt")
        if not chosen:
            return
        path = Path(chosen)
        path = path if path.suffix else path.with_suffix(".txt")

        def work() -> None:
            atomic_write(path, as_text(session.training.log(run.id)).encode("utf-8"))

        background.query(work, lambda _: None, self.failed.emit, owner=self)

    @property
    def _run_id(self) -> int | None:
        return self._run.id if self._run else None

    def _begin(self) -> None:
        self._last_id = 0
        empty = tr("Nothing has been logged for this run yet.")
        if self._level is LogLevel.WARNING:
            empty = tr("No warnings and no errors in this run.")
        elif self._level is LogLevel.ERROR:
            empty = tr("No errors in this run.")
        self.view.clear(empty)
        self._stale = True
        if self.isVisible():
            self._read()

    def _read(self) -> None:
        session, run = self._session, self._run
        if session is None or run is None or not self.isVisible():
            return
        self._stale = False
        level, after = self._level, self._last_id

        def done(lines: list[LogLine]) -> None:
            # What was asked for another run or level is not for this one.
            now = (self._session, self._run_id, self._level, self._last_id)
            if lines and now == (session, run.id, level, after):
                self._last_id = lines[-1].id
                self.view.append(lines)

        def failed(error: Exception) -> None:
            if self._session is session:
                self.failed.emit(error)

        work = lambda: session.training.log(run.id, level, after_id=after)  # noqa: E731
        background.query(work, done, failed, owner=self, key="log")

    def showEvent(self, event: QShowEvent) -> None:
        """Read what was logged meanwhile."""
        super().showEvent(event)
        if self._stale:
            self._read()
