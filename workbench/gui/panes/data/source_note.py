"""Says below a dataset's name that its source is gone or has changed, and finds a moved one again."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from workbench.core.errors import UserError
from workbench.core.states import JobState
from workbench.gui import background
from workbench.gui.translate import tr
from workbench.gui.widgets.notices import Banner

if TYPE_CHECKING:
    from workbench.core.records import Dataset, Job
    from workbench.gui.panes.base import Pane


class SourceNote(Banner):
    """A line that is there only when there is something to say.

    Args:
        pane: Whose session is asked, and who tells what went wrong.
        selected: Returns the dataset that is shown.
    """

    def __init__(self, pane: "Pane", selected: "Callable[[], Dataset | None]") -> None:
        super().__init__()
        self._pane = pane
        self._selected = selected
        self._job_id = -1
        self._told: tuple[int, str] | None = None
        self._put_away: set[tuple[int, str]] = set()
        self.action_triggered.connect(self.relocate)
        self.dismissed.connect(self._on_dismissed)

    def refresh(self, may_change: bool) -> None:
        """Look at the source of the dataset that is shown, beside the window."""
        session, dataset = self._pane.session, self._selected()
        if session is None or dataset is None or dataset.deleted_at is not None:
            self.hide()
            return
        if self._told is not None and self._told[0] != dataset.id:
            self.hide()

        def show(problem: tuple[bool, str]) -> None:
            shown = self._selected()
            if self._pane.session is session and shown is not None and shown.id == dataset.id:
                self._show(dataset, *problem, may_change)

        background.query(
            lambda: session.datasets.source_problem(dataset.id),
            show,
            self._pane.tell,
            owner=self,
            key="source",
        )

    def relocate(self) -> None:
        """Ask where the source of the shown dataset is now, and look whether it is the same data."""
        session, dataset = self._pane.session, self._selected()
        if session is None or dataset is None:
            return
        was = Path(dataset.source)
        title = tr("Where {name} is now", name=was.name)
        if dataset.imported.details.get("source", {}).get("files") == 1 or was.is_file():
            found, _ = QFileDialog.getOpenFileName(self, title, str(was.parent), f"{tr('All files')} (*)")
        else:
            found = QFileDialog.getExistingDirectory(self, title, str(was.parent))
        if not found:
            return
        self._pane.attempt(lambda: self._begin(session.datasets.relocate(dataset.id, Path(found))))

    def follow(self, job: "Job") -> None:
        """Tell how looking for a moved source ended."""
        session = self._pane.session
        if job.id != self._job_id or session is None:
            return
        if job.state is JobState.FAILED:
            self._pane.tell(UserError(job.message))
        elif job.state is JobState.DONE:
            self._pane.shell.notify(tr("The source is found again."), tr("Undo"), session.history.undo)

    def _begin(self, job_id: int) -> None:
        self._job_id = job_id

    def _show(self, dataset: "Dataset", is_gone: bool, text: str, may_change: bool) -> None:
        self._told = dataset.id, text
        if not text or self._told in self._put_away:
            self.hide()
            return
        self.tell(text, "warning" if is_gone else "info", tr("Relocate…") if is_gone and may_change else "")

    def _on_dismissed(self) -> None:
        if self._told is not None:
            self._put_away.add(self._told)
