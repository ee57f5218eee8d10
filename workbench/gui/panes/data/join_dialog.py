"""Whose samples are added to a dataset, and what is done to them for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from workbench.gui.modalities import counted
from workbench.gui.translate import tr
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.labels import PlainLabel

if TYPE_CHECKING:
    from workbench.services.versions import Joinable


class JoinDialog(FormDialog):
    """Asks whose samples are added. `chosen` carries the id of that dataset.

    Args:
        name: Of the dataset to which they are added.
        others: What may be added, those that fit first.
        parent: The pane.
    """

    chosen = Signal(int)

    def __init__(self, name: str, others: "Sequence[Joinable]", parent: QWidget | None) -> None:
        about = tr("A new version of {name} gets the samples of both. Both stay as they are.", name=name)
        super().__init__(tr("Add samples"), about, tr("Add samples"), parent)
        self._others = sorted(others, key=lambda other: bool(other.problem))
        self.datasets = ElidedComboBox()
        size = ElidedComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        self.datasets.setSizeAdjustPolicy(size)
        self.datasets.view().setTextElideMode(Qt.TextElideMode.ElideRight)
        for other in self._others:
            dataset = other.dataset
            number = counted(dataset.schema.modality, dataset.imported.count)
            self.datasets.addItem(f"{dataset.title} · {number}")
        self.add_entry(tr("Samples of"), self.datasets)
        self.note = PlainLabel("", "muted", wrap=True)
        self.body.addWidget(self.note)
        self.body.addStretch(1)
        self.datasets.currentIndexChanged.connect(self._tell)
        self._tell(self.datasets.currentIndex())

    def save(self) -> None:
        """Hand on what is chosen."""
        self.chosen.emit(self._others[self.datasets.currentIndex()].dataset.id)

    def _tell(self, place: int) -> None:
        other = self._others[place]
        problem = other.problem and tr("Cannot be added: {why}", why=other.problem)
        changes = " ".join(other.changes) or tr("They fit as they are.")
        self.note.setText(problem or changes)
        self.note.setProperty("role", "problem" if problem else "muted")
        self.note.style().polish(self.note)
        self.action.setEnabled(not problem)
        self.adjustSize()
