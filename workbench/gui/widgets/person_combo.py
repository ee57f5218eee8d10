"""Somebody of the team, chosen or written."""

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QFocusEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter, QWidget

from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip


class PersonCombo(QComboBox):
    """Lists people; a name that is not among them can be written.

    `decided` carries the id of who was chosen, None for nobody, or a new name.

    Args:
        nobody: Words for nobody.
        parent: The form.
    """

    decided = Signal(object)

    def __init__(self, nobody: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nobody = nobody
        self._shown: int | str | None = None
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setToolTip(tip(tr("Choose somebody, or write a new name")))
        entry, completer = self.lineEdit(), self.completer()
        assert entry is not None
        assert completer is not None
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        entry.setMaxLength(300)
        entry.returnPressed.connect(self._settle)
        self.activated.connect(lambda _at: self._settle())
        self.set_people(())

    def set_people(self, people: Iterable[tuple[int, str]]) -> None:
        """Offer these people, by id and name; who is chosen stays, and a new name that is written."""
        items: list[tuple[str, int | None]] = [(self._nobody, None), *((name, at) for at, name in people)]
        if [(self.itemText(at), self.itemData(at)) for at in range(self.count())] == items:
            return
        written = self.value()
        with QSignalBlocker(self):
            self.clear()
            for name, number in items:
                self.addItem(name, number)
            if isinstance(written, str):
                at = self.findText(written, Qt.MatchFlag.MatchFixedString)
                self.setCurrentIndex(at)
                self.setEditText(self.itemText(at) if at >= 0 else written)
            else:
                self.setCurrentIndex(max(0, self.findData(written)))
                self._show_beginning()

    def show_person(self, person_id: int | None) -> None:
        """Show who it is, unless another name is being written."""
        is_written = self.hasFocus() and self.value() != self._shown
        self._shown = person_id
        if not is_written:
            with QSignalBlocker(self):
                self.setCurrentIndex(max(0, self.findData(person_id)))
                self._show_beginning()

    def value(self) -> int | str | None:
        """Return the id of who stands here, None for nobody, or a name that is not in the team."""
        name = " ".join(self.currentText().split())
        at = self.findText(name, Qt.MatchFlag.MatchFixedString)
        found: int | str | None = self.itemData(at) if at >= 0 else name or None
        return found

    def _settle(self) -> None:
        value = self.value()
        if value is None:
            self.setCurrentIndex(0)
        if value != self._shown:
            self._shown = value
            self.decided.emit(value)

    def _show_beginning(self) -> None:
        entry = self.lineEdit()
        if entry is not None:
            self.setEditText(self.itemText(self.currentIndex()))
            entry.setCursorPosition(0)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Let the name be written over at once."""
        super().focusInEvent(event)
        entry = self.lineEdit()
        if entry is not None and event.reason() != Qt.FocusReason.PopupFocusReason:
            entry.selectAll()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the name when the entry is left."""
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self._settle()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Never change a setting by scrolling past it."""
        event.ignore()
