"""What the samples of a dataset are narrowed to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton, QToolButton, QWidget

from workbench.core.states import Split
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.flow_layout import FlowLayout
from workbench.gui.widgets.labels import tip

_TYPED_MS = 150


@dataclass(frozen=True, slots=True)
class Chosen:
    """What samples are wanted.

    Args:
        words: What their names or rows have to contain; empty for all.
        label: The class that they have; -1 for all.
        split: The part that they lie in; None for all.
        only: Numbers of the samples of a finding; None for all.
    """

    words: str
    label: int
    split: Split | None
    only: Sequence[int] | None

    @property
    def is_all(self) -> bool:
        """Whether every sample is wanted."""
        return not self.words and self.label < 0 and self.split is None and self.only is None

    def places(self, y: Any, parts: Any) -> Any:
        """Return the sorted numbers of the samples that fit but for their words.

        Args:
            y: (n,) labels.
            parts: Sorted numbers of the samples of each split.
        """
        index = np.arange(len(y)) if self.split is None else np.asarray(parts[self.split])
        if self.only is not None:
            wanted = np.zeros(len(y), np.bool_)
            wanted[np.asarray(self.only, dtype=np.int64)] = True
            index = index[wanted[index]]
        return index[y[index] == self.label] if self.label >= 0 else index


class SampleFilters(QWidget):
    """Words, class, split and order, and a finding whose samples alone are shown; `changed` tells of each.

    `class_edit_wanted` carries the name of the chosen class, which is to be renamed or merged.

    Args:
        noun: What the samples are, in the plural, such as `pictures`.
        parent: The view.
    """

    changed = Signal()
    class_edit_wanted = Signal(str)

    def __init__(self, noun: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.words = QLineEdit()
        self.words.setPlaceholderText(tr("Search names"))
        self.words.setAccessibleName(tr("Search names"))
        self.words.setClearButtonEnabled(True)
        self.words.setFixedWidth(136)
        self.classes = combo(tr("Class"), tr("Show {noun} of one class only.", noun=noun))
        self.edit_class = QToolButton()
        self.edit_class.setIcon(icon("pencil-simple"))
        self.edit_class.setAccessibleName(tr("Rename or merge this class"))
        self.edit_class.setToolTip(tip(tr("Rename this class, or merge it into another one")))
        self.edit_class.clicked.connect(lambda: self.class_edit_wanted.emit(self.classes.currentText()))
        self.edit_class.hide()
        self._may_edit = False
        self.splits = combo(tr("Split"), tr("Show {noun} of one split only.", noun=noun))
        self.order = combo(tr("Order"), tr("Mixed shows all classes at once."))
        orders = [(tr("Mixed"), "mixed"), (tr("As imported"), "imported"), (tr("By class"), "class")]
        fill(self.order, orders)
        self.finding = QPushButton()
        self.finding.setIcon(icon("x"))
        self.finding.setToolTip(tr("Show all samples again"))
        self.finding.clicked.connect(lambda: self.set_finding("", None))
        self.finding.hide()
        restyle(self.finding, quiet=True)
        self.only: Sequence[int] | None = None
        self._own: tuple[str, ...] = ()
        self._new: tuple[str, ...] = ()
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_TYPED_MS)
        self._soon.timeout.connect(self.changed)
        row = FlowLayout(self)
        row.setSpacing(4)
        for widget in (self.words, self.classes, self.edit_class, self.splits, self.order, self.finding):
            row.addWidget(widget)
        self.words.textChanged.connect(lambda _text: self._soon.start())
        for choice in (self.classes, self.splits, self.order):
            choice.currentIndexChanged.connect(lambda _at: self.changed.emit())
        self.classes.currentIndexChanged.connect(lambda _at: self._show_edit())

    def set_choices(self, classes: Sequence[str], splits: Sequence[Split]) -> None:
        """Offer the classes and parts of a dataset and show all of it."""
        self._own = tuple(classes)
        self._fill_classes(())
        self._show_edit()
        fill(self.splits, [(tr("All splits"), None), *((split_word(split), split) for split in splits)])
        self.order.setItemText(self.order.findData("class"), tr("By class") if classes else tr("By value"))
        with QSignalBlocker(self.words):
            self.words.clear()
        self._soon.stop()
        self.only = None
        self.finding.hide()

    def offer_new_classes(self, names: Sequence[str]) -> None:
        """Offer the classes that labels which wait add to those of the dataset; the choice stays."""
        if tuple(names) == self._new or not self._own:
            return
        chosen = self.classes.currentText()
        self._fill_classes(names)
        at = self.classes.findText(chosen)
        with QSignalBlocker(self.classes):
            self.classes.setCurrentIndex(max(0, at))
        if at < 0:
            self.changed.emit()
        self._show_edit()

    def set_may_edit(self, may_edit: bool) -> None:
        """Say whether the chosen class can be renamed or merged."""
        self._may_edit = may_edit
        self._show_edit()

    def _fill_classes(self, new: Sequence[str]) -> None:
        self._new = tuple(new)
        names = (*self._own, *new)
        fill(self.classes, [(tr("All classes"), -1), *((name, i) for i, name in enumerate(names))])

    def _show_edit(self) -> None:
        label = self.classes.currentData()
        self.edit_class.setVisible(self._may_edit and label is not None and 0 <= label < len(self._own))

    def set_finding(self, title: str, samples: Sequence[int] | None) -> None:
        """Show only the samples of a finding; None shows all again."""
        self.only = samples
        self.finding.setText(title)
        self.finding.setAccessibleName(title)
        self.finding.setVisible(samples is not None)
        self.changed.emit()

    @property
    def typed(self) -> str:
        """What a name has to contain."""
        return self.words.text().strip()

    def chosen(self) -> "Chosen":
        """Return what is wanted now, to be found beside the window."""
        split, label = self.splits.currentData(), self.classes.currentData()
        return Chosen(
            words=self.typed,
            label=-1 if label is None else int(label),
            split=None if split is None else Split(split),
            only=self.only,
        )

    def places(self, y: Any, parts: Any, names: Any) -> Any:
        """Return the numbers of the samples to show, in their order; not for the window's thread with words.

        Args:
            y: (n,) labels.
            parts: Sorted numbers of the samples of each split.
            names: (n,) where samples came from.
        """
        chosen = self.chosen()
        index = chosen.places(y, parts)
        if chosen.words:
            wanted = chosen.words.casefold()
            index = np.array([i for i in index.tolist() if wanted in names[i].casefold()], dtype=np.int64)
        order = self.order.currentData()
        if order == "class":
            return index[np.argsort(y[index], kind="stable")]
        if order == "mixed" and self.only is None and chosen.label < 0:
            # As files lie in folders, the first thousand would all be of one class.
            return np.random.default_rng(0).permutation(index)
        return index


def combo(name: str, about: str) -> QComboBox:
    """Return a quiet chooser."""
    made = QComboBox()
    made.setProperty("quiet", True)
    made.setAccessibleName(name)
    made.setToolTip(about)
    made.setMinimumContentsLength(8)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.view().setTextElideMode(Qt.TextElideMode.ElideRight)
    return made


def fill(choice: QComboBox, items: Sequence[tuple[str, Any]]) -> None:
    """Offer these texts with their values; nobody is told."""
    with QSignalBlocker(choice):
        choice.clear()
        for text, value in items:
            choice.addItem(text, value)


def split_word(split: Split) -> str:
    """Return the word for a part of a dataset."""
    return {Split.TRAIN: tr("training"), Split.VALIDATION: tr("validation"), Split.TEST: tr("test")}[split]
