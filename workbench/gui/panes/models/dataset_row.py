"""The dataset that models are chosen for, and what it is."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from workbench.core.configs import SplitConfig
from workbench.core.records import Dataset
from workbench.core.states import Modality, Task
from workbench.gui.modalities import counted
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip


class DatasetRow(QWidget):
    """Offers the datasets and says in a line what the chosen one is. `chosen` tells of the user's choice."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._datasets: list[Dataset] = []
        self.box = ElidedComboBox()
        self.box.setAccessibleName(tr("Dataset"))
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(24)
        self.box.activated.connect(lambda _: self.chosen.emit())
        self._about = ElidedLabel(role="muted")
        label = PlainLabel(tr("Dataset"), "muted")
        label.setBuddy(self.box)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(label)
        row.addWidget(self.box)
        row.addWidget(self._about, 1)

    def set_datasets(self, datasets: Sequence[Dataset], wanted: int | None) -> None:
        """Offer these and choose the wanted one, else keep the one before, else take the first."""
        chosen = wanted or self.box.currentData()
        self._datasets = list(datasets)
        self.box.clear()
        for dataset in datasets:
            self.box.addItem(dataset.title, dataset.id)
            self.box.setItemData(self.box.count() - 1, tip(dataset.title), Qt.ItemDataRole.ToolTipRole)
        self.box.setCurrentIndex(max(0, self.box.findData(chosen)) if datasets else -1)
        self.describe()

    def current(self) -> Dataset | None:
        """Return the chosen dataset."""
        return next((it for it in self._datasets if it.id == self.box.currentData()), None)

    def describe(self) -> None:
        """Say what the chosen dataset is."""
        dataset = self.current()
        self._about.setText(_words(dataset) if dataset else "")
        self.box.setToolTip(tip(dataset.title) if dataset else "")


def _words(dataset: Dataset) -> str:
    schema, split = dataset.schema, dataset.split
    count = number_format.count(dataset.imported.count)
    if schema.modality is Modality.PICTURE:
        _, height, width = schema.input_shape
        words = [tr("{count} pictures of {width} × {height}", count=count, width=width, height=height)]
    elif schema.modality is Modality.TABLE:
        words = [tr("{count} rows, {columns} columns", count=count, columns=schema.input_shape[0])]
    else:
        words = [counted(schema.modality, dataset.imported.count)]
    if schema.task is Task.CLASSIFICATION:
        words.append(tr("{count} classes", count=len(schema.classes)))
    else:
        words.append(tr("target {name}", name=schema.target or ""))
    return " · ".join([*words, _split_words(split)])


def _split_words(split: SplitConfig) -> str:
    shares = [number_format.percent(share) for share in (split.train, split.validation, split.test)]
    if split.method == "given":
        return tr("divided as given")
    if split.method == "folds":
        told = {"fold": split.fold, "folds": split.folds, "test": shares[2]}
        return tr("fold {fold} of {folds} validates, {test} test", **told)
    return tr("{train} training, {validation} validation, {test} test",
              train=shares[0], validation=shares[1], test=shares[2])  # fmt: skip
