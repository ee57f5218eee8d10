"""A choice among what the project holds, where something else may be written as well."""

from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox


class ChoiceCombo(QComboBox):
    """A combo box of values with titles; what nobody offered can be written where text is wanted.

    Args:
        free: Whether the value is a text, and any may be written.
        empty: Words for no choice: an empty text, or 0.
    """

    changed = Signal()

    def __init__(self, *, free: bool, empty: str = "") -> None:
        super().__init__()
        self._free, self._empty = free, empty
        self.setMinimumContentsLength(6)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        # Not the focus of the wheel, which Qt gives it by itself.
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setEditable(free)
        self.offer(())
        line = self.lineEdit()
        if line is not None:
            self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            line.setPlaceholderText(empty)
            self.currentTextChanged.connect(lambda _text: self.changed.emit())
            completer = self.completer()
            if completer is not None:
                completer.setFilterMode(Qt.MatchFlag.MatchContains)
        else:
            self.currentIndexChanged.connect(lambda _at: self.changed.emit())

    def offer(self, items: Iterable[tuple[Any, str]]) -> None:
        """Offer these values with their titles; what is entered stays."""
        value = self.value()
        with QSignalBlocker(self):
            self.clear()
            if not self._free:
                self.addItem(self._empty, 0)
            for item, title in items:
                self.addItem(title, item)
            self.set_value(value)

    def value(self) -> Any:
        """Return the value chosen or written; an empty text or 0 for none."""
        if not self._free:
            return self.currentData() if self.currentIndex() >= 0 else 0
        text = self.currentText().strip()
        at = self.findText(text, Qt.MatchFlag.MatchExactly)
        return self.itemData(at) if at >= 0 and text else text

    def set_value(self, value: Any) -> None:
        """Enter a value, also one that nobody offers."""
        at = self.findData(value)
        if self._free:
            self.setCurrentIndex(at)
            self.setEditText(self.itemText(at) if at >= 0 else str(value or ""))
        else:
            if at < 0:
                self.addItem(str(value), value)
                at = self.count() - 1
            self.setCurrentIndex(at)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Never change a setting by scrolling past it."""
        event.ignore()
