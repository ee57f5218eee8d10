"""Where a dataset is from, on what terms it may be used, and who answers for it."""

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit, QVBoxLayout, QWidget

from workbench.core.records import Dataset
from workbench.gui.translate import tr
from workbench.gui.widgets.autosave_field import AutosaveField
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip

_MOST = 200
# As SPDX spells them; what data are published under most.
_LICENCES = (
    "CC0-1.0",
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "ODbL-1.0",
    "MIT",
    "Apache-2.0",
    "BSD-3-Clause",
)


class OriginCard(QFrame):
    """Licence and owner, kept by themselves. `changed` carries the dataset's id, the field and its value."""

    changed = Signal(int, str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._dataset_id = -1
        licence, owner = QLineEdit(), QLineEdit()
        licence.setPlaceholderText("CC-BY-4.0")
        offered = QCompleter([*_LICENCES, tr("Our own data")], licence)
        offered.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        licence.setCompleter(offered)
        if (popup := offered.popup()) is not None:
            popup.setProperty("role", "offers")
        owner.setPlaceholderText(tr("Who answers for it"))
        for entry in (licence, owner):
            entry.setMaxLength(_MOST)
        self.fields = {
            "licence": AutosaveField(
                tr("Licence"),
                licence,
                tr("On what terms the data may be used. The health check asks for it."),
            ),
            "owner": AutosaveField(tr("Data owner"), owner, tr("Who can say whether the data are right.")),
        }
        self._source = ElidedLabel("", "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(PlainLabel(tr("Origin"), "section"))
        column.addWidget(self._source)
        for name, field in self.fields.items():
            field.kept.connect(lambda value, name=name: self.changed.emit(self._dataset_id, name, value))
            column.addWidget(field)

    def show_dataset(self, dataset: Dataset, may_change: bool, refusal: str) -> None:
        """Show the origin of a dataset; what was typed for another one is kept for that one."""
        is_other = dataset.id != self._dataset_id
        if is_other:
            self.flush()
        self._dataset_id = dataset.id
        self._source.setText(dataset.source)
        self._source.setToolTip(tip(dataset.source))
        for name, field in self.fields.items():
            with QSignalBlocker(field):
                field.set_value(getattr(dataset, name), force=is_other)
            field.setEnabled(may_change)
            field.setToolTip(tip("" if may_change else refusal))

    def flush(self) -> None:
        """Keep now what is not kept yet."""
        for field in self.fields.values():
            field.keep()
