"""Predicting new data: what to read, where to write, and what came of it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from workbench.core.records import Skipped
from workbench.core.states import Modality
from workbench.gui.item_models.records import Column
from workbench.gui.modalities import samples_title
from workbench.gui.theme import GAP, MARGIN, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from workbench.services.evaluation import PredictResult


_SUFFIXES = {
    Modality.PICTURE: "*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff",
    Modality.TABLE: "*.csv *.tsv *.tab *.txt",
    Modality.TEXT: "*.csv *.tsv *.jsonl *.txt",
    Modality.AUDIO: "*.wav *.flac *.ogg *.mp3",
}


class PredictDialog(QDialog):
    """Asks for new data and for the CSV file that gets the predictions.

    `wanted` carries source and output once both are good.

    Args:
        run_name: The run that predicts.
        modality: What the samples are that it was trained on.
    """

    wanted = Signal(Path, Path)

    def __init__(self, run_name: str, modality: Modality, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Predict new data"))
        self.setModal(True)
        self._modality = modality
        self._own_choice = False
        self.source = QLineEdit()
        self.out = QLineEdit()
        self._note = PlainLabel(role="small", wrap=True)
        self._note.setMinimumHeight(36)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._go = self._buttons.addButton(tr("Predict"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._go.setAccessibleName(tr("Predict"))
        self._go.setProperty("primary", True)
        self._buttons.accepted.connect(self._on_go)
        self._buttons.rejected.connect(self.reject)
        self.source.textChanged.connect(self._on_source)
        self.out.textEdited.connect(self._on_own_choice)
        self.out.textChanged.connect(self._check)
        self._lay_out(run_name)
        self._check()

    def set_source(self, path: str) -> None:
        """Take this file or folder as the source."""
        if path:
            self.source.setText(path)

    def _lay_out(self, run_name: str) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        what = {
            Modality.PICTURE: tr("{run} predicts each picture; labels are not needed.", run=run_name),
            Modality.TABLE: tr(
                "{run} predicts each row of a table with the columns it learnt from.", run=run_name
            ),
            Modality.TEXT: tr(
                "{run} predicts each text: rows of a file, a folder of text files, or one.", run=run_name
            ),
            Modality.AUDIO: tr("{run} predicts each recording; labels are not needed.", run=run_name),
        }[self._modality]
        column.addWidget(PlainLabel(what, "muted", wrap=True))
        browse = [(tr("File …"), self._browse_file)]
        if self._modality is not Modality.TABLE:
            browse.insert(0, (tr("Folder …"), self._browse_folder))
        column.addLayout(_field(tr("New data"), self.source, browse))
        column.addLayout(_field(tr("Write predictions to"), self.out, [(tr("Save as …"), self._browse_out)]))
        column.addWidget(self._note)
        column.addWidget(self._buttons)
        self.resize(560, self.sizeHint().height())

    def _browse_file(self) -> None:
        kinds = f"{samples_title(self._modality)} ({_SUFFIXES[self._modality]})"
        every = tr("All files") + " (*)"
        self.set_source(QFileDialog.getOpenFileName(self, tr("New data"), "", f"{kinds};;{every}")[0])

    def _browse_folder(self) -> None:
        self.set_source(QFileDialog.getExistingDirectory(self, tr("New data")))

    def _browse_out(self) -> None:
        chosen = QFileDialog.getSaveFileName(
            self, tr("Write predictions to"), self.out.text(), "CSV (*.csv)"
        )[0]
        if chosen:
            self._own_choice = True
            self.out.setText(chosen if Path(chosen).suffix else f"{chosen}.csv")

    def _on_own_choice(self) -> None:
        self._own_choice = True

    def _on_source(self, text: str) -> None:
        """Propose a file beside the source until another is chosen."""
        source = Path(text.strip())
        # The root of a disk, or a dot, has no name that the proposal could take up.
        if source.name and not self._own_choice:
            self.out.setText(str(source.with_name(f"{source.stem or source.name}-predictions.csv")))
        self._check()

    def _check(self) -> None:
        problem, note = self._find_problem()
        self._note.setText(problem or note)
        restyle(self._note, tone="danger" if problem and self.source.text().strip() else "")
        self._go.setEnabled(not problem)

    def _find_problem(self) -> tuple[str, str]:
        """Return what is wrong, or else what is good to know."""
        source, out = self.source.text().strip(), self.out.text().strip()
        if not source:
            return tr("Choose the data to predict."), ""
        if not Path(source).exists():
            return tr("There is no such file or folder: choose the data to predict."), ""
        if not out:
            return tr("Choose the file that gets the predictions."), ""
        target = Path(out)
        if target.is_dir() or not target.parent.is_dir():
            return tr("There is no folder for this file: choose another place for the predictions."), ""
        if target.exists() and target.samefile(source):
            return tr("This is the data itself: choose another file for the predictions."), ""
        return "", tr("The file is there already and will be replaced.") if target.exists() else ""

    def _on_go(self) -> None:
        self.wanted.emit(Path(self.source.text().strip()), Path(self.out.text().strip()))
        self.accept()


def _field(title: str, entry: QLineEdit, buttons: Sequence[tuple[str, Callable[[], None]]]) -> QVBoxLayout:
    entry.setAccessibleName(title)
    label = PlainLabel(title)
    label.setBuddy(entry)
    row = QHBoxLayout()
    row.setSpacing(8)
    row.addWidget(entry, 1)
    for text, act in buttons:
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        row.addWidget(button)
    column = QVBoxLayout()
    column.setSpacing(4)
    column.addWidget(label)
    column.addLayout(row)
    return column


def result_words(result: "PredictResult") -> str:
    """Return what was written where, and what could not be read."""
    words = tr(
        "{count} predictions were written to {path}.",
        count=number_format.count(result.count),
        path=str(result.path),
    )
    words = " ".join((words, *result.unread[:2]))
    if len(result.unread) > 2:
        words += " " + tr("{count} more columns have such values.", count=len(result.unread) - 2)
    if not result.skipped:
        return words
    first = result.skipped[0]
    if len(result.skipped) == 1:
        more = tr("1 was skipped: {path} ({reason}).", path=first.path, reason=first.reason)
    else:
        more = tr("{count} were skipped.", count=number_format.count(len(result.skipped)))
    return f"{words} {more}"


class SkippedDialog(QDialog):
    """Lists what was skipped, each with the reason."""

    def __init__(self, skipped: Sequence[Skipped], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Skipped"))
        table: Table[Skipped] = Table(
            [
                Column(tr("File or row"), lambda item: item.path, strong=True),
                Column(tr("Reason"), lambda item: item.reason, stretch=True),
            ],
            tr("Skipped"),
            multiple=True,
        )
        table.set_records(skipped)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        column.addWidget(table, 1)
        column.addWidget(buttons)
        self.resize(640, 400)
