"""Asks what was decided, and which run is released."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from workbench.core.board import Figure
from workbench.core.errors import UserError
from workbench.core.risks import Link
from workbench.core.states import RunState, Split
from workbench.gui.signing import Signature
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from workbench.core.records import Evaluation, Run
    from workbench.services.session import Session

_MOST_FIGURES = 8


class DecisionDialog(FormDialog):
    """What was decided, and why.

    Args:
        session: The open project.
        keep: Writes title and reason; a UserError is told in place.
        parent: The page.
    """

    def __init__(self, session: "Session", keep: Callable[[str, str], None], parent: QWidget) -> None:
        about = tr("It stands in the log from now on, signed, and is never changed.")
        super().__init__(tr("Record a decision"), about, tr("Record"), parent)
        self._keep = keep
        self.title = QLineEdit()
        self.title.setMaxLength(300)
        self.title.setPlaceholderText(tr("What was decided, in a sentence"))
        self.reason = text_entry()
        self.add_entry(tr("Decision"), self.title)
        self.add_entry(tr("Reason"), self.reason)
        self.signature = Signature.add_to(self, session)
        self.title.setFocus()

    def save(self) -> None:
        """Write it down."""
        title = " ".join(self.title.text().split())
        if not title:
            raise UserError(tr("Say what was decided."))
        self.signature.sign()
        self._keep(title, self.reason.toPlainText().strip())


class ReleaseDialog(FormDialog):
    """Which run is released, with the measures that it has now.

    Args:
        session: The open project.
        runs: The runs that can be released, newest first.
        keep: Writes run, reason and figures down.
        parent: The page.
    """

    def __init__(
        self,
        session: "Session",
        runs: "list[Run]",
        keep: Callable[["Run", str, tuple[Figure, ...]], None],
        parent: QWidget,
    ) -> None:
        about = tr("A released run is the one in use; gates, risks and the model card can refer to it.")
        super().__init__(tr("Release a run"), about, tr("Release"), parent)
        self._session, self._runs, self._keep = session, runs, keep
        self.run = ElidedComboBox()
        for run in runs:
            self.run.addItem(f"★ {run.name}" if run.starred else run.name, run.id)
        self.figures = PlainLabel(role="small", wrap=True)
        self.reason = text_entry()
        self.add_entry(tr("Run"), self.run)
        self.body.addWidget(self.figures)
        self.add_entry(tr("Reason"), self.reason)
        self.signature = Signature.add_to(self, session)
        self.run.currentIndexChanged.connect(lambda _at: self._show())
        self._show()

    def save(self) -> None:
        """Write it down."""
        run = self._runs[self.run.currentIndex()]
        self.signature.sign()
        self._keep(run, self.reason.toPlainText().strip(), figures_of(self._session, run))

    def _show(self) -> None:
        figures = figures_of(self._session, self._runs[self.run.currentIndex()])
        words = " · ".join(f"{figure.name} {figure.value}" for figure in figures)
        self.figures.setText(words or tr("It was not evaluated yet: there are no figures to note."))


def releasable(session: "Session") -> "list[Run]":
    """Return the runs that can be released, newest first."""
    judged = (RunState.FINISHED, RunState.STOPPED)
    return [run for run in reversed(session.training.all()) if run.state in judged]


def figures_of(session: "Session", run: "Run") -> tuple[Figure, ...]:
    """Return the measures of the newest evaluation of a run, with the split where they were measured."""
    latest = [session.evaluation.latest(run.id, split) for split in (Split.TEST, Split.VALIDATION)]
    found: list[Evaluation] = sorted(
        (item for item in latest if item is not None), key=lambda item: item.created_at
    )
    if not found:
        return ()
    newest = found[-1]
    link = Link("run", run.id, newest.split.value)
    values = [(name, value) for name, value in newest.metrics.items() if value is not None]
    return tuple(
        Figure(f"{name} ({newest.split.value})", number_format.measure(value), link=link)
        for name, value in values[:_MOST_FIGURES]
    )


def text_entry(lines: int = 4) -> QPlainTextEdit:
    """Return an entry for a few lines of text."""
    entry = QPlainTextEdit()
    entry.setTabChangesFocus(True)
    entry.setMinimumHeight(QFontMetrics(entry.font()).lineSpacing() * lines + 22)
    entry.setMaximumHeight(entry.minimumHeight() + 40)
    entry.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    return entry
