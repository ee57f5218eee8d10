"""A list of lines to tick."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from workbench.core.board import CheckItem
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets.growing_text import GrowingText
from workbench.gui.widgets.labels import tip


class Checklist(QWidget):
    """Lines that can be ticked, written, moved with Alt and the arrows, and deleted.

    `changed` carries all lines as a tuple of CheckItem.
    """

    changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._items: list[CheckItem] = []
        self._editable = True
        self._rows: list[_Line] = []
        self._new = QLineEdit()
        self._new.setAccessibleName(tr("Add a line"))
        self._new.setPlaceholderText(tr("Add a line"))
        self._new.returnPressed.connect(self._add)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._new)

    def set_items(self, items: Sequence[CheckItem]) -> None:
        """Show these lines; one that is being written keeps the keyboard."""
        self._items = list(items)
        while len(self._rows) > len(items):
            row = self._rows.pop()
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self._rows) < len(items):
            row = _Line(len(self._rows))
            row.set_editable(self._editable)
            row.ticked.connect(self._on_ticked)
            row.written.connect(self._on_written)
            row.step_wanted.connect(self._on_step)
            row.deleted.connect(self._on_deleted)
            self._column.insertWidget(len(self._rows), row)
            self._rows.append(row)
        for row, item in zip(self._rows, items, strict=True):
            row.show_item(item)

    def set_editable(self, editable: bool) -> None:
        """Say whether lines may be changed."""
        self._editable = editable
        self._new.setVisible(editable)
        for row in self._rows:
            row.set_editable(editable)

    def flush(self) -> None:
        """Take what is typed and not kept yet."""
        for row in self._rows:
            row.flush()
        self._add()

    def _add(self) -> None:
        text = self._new.text().strip()
        if text:
            self._new.clear()
            self._tell([*self._items, CheckItem(text)])

    def _on_ticked(self, at: int, done: bool) -> None:
        self._put(at, CheckItem(self._items[at].text, done))

    def _on_written(self, at: int, text: str) -> None:
        if not text:
            self._on_deleted(at)
        elif text != self._items[at].text:
            self._put(at, CheckItem(text, self._items[at].done))

    def _on_step(self, at: int, step: int) -> None:
        if 0 <= at + step < len(self._items):
            items = list(self._items)
            items[at], items[at + step] = items[at + step], items[at]
            self._rows[at + step].take_focus()
            self._tell(items)

    def _on_deleted(self, at: int) -> None:
        self._tell(self._items[:at] + self._items[at + 1 :])

    def _put(self, at: int, item: CheckItem) -> None:
        self._tell([*self._items[:at], item, *self._items[at + 1 :]])

    def _tell(self, items: list[CheckItem]) -> None:
        self.set_items(items)
        self.changed.emit(tuple(items))


class _Line(QWidget):
    ticked = Signal(int, bool)
    written = Signal(int, str)
    step_wanted = Signal(int, int)
    deleted = Signal(int)

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at
        self._box = QCheckBox()
        self._box.clicked.connect(lambda done: self.ticked.emit(self._at, done))
        self._text = GrowingText("", one_paragraph=True, most=120)
        self._text.setProperty("quiet", True)
        self._text.kept.connect(lambda text: self.written.emit(self._at, text))
        self._more = QToolButton()
        self._more.setIcon(icon("dots-three"))
        self._more.setAccessibleName(tr("Line menu"))
        self._more.setToolTip(tip(tr("Move or delete; Alt and the arrows move it too")))
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self._more)
        menu.addAction(tr("Move up"), lambda: self.step_wanted.emit(self._at, -1))
        menu.addAction(tr("Move down"), lambda: self.step_wanted.emit(self._at, 1))
        menu.addAction(tr("Delete"), lambda: self.deleted.emit(self._at))
        self._more.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        top = Qt.AlignmentFlag.AlignTop
        # The box stands beside the first line of the text.
        lowered = QVBoxLayout()
        lowered.setContentsMargins(0, 4, 0, 0)
        lowered.addWidget(self._box, alignment=top)
        row.addLayout(lowered, 0)
        row.addWidget(self._text, 1)
        row.addWidget(self._more, alignment=top)

    def show_item(self, item: CheckItem) -> None:
        """Show a line; what is being written stays."""
        self._text.show_text(item.text)
        self._box.setChecked(item.done)
        self._box.setAccessibleName(item.text)
        self._text.setAccessibleName(tr("Line {number}", number=self._at + 1))

    def set_editable(self, editable: bool) -> None:
        """Say whether the line may be changed."""
        self._box.setEnabled(editable)
        self._text.setReadOnly(not editable)
        self._more.setVisible(editable)

    def flush(self) -> None:
        """Keep what is written."""
        self._text.flush()

    def take_focus(self) -> None:
        """Take the keyboard into the line's text."""
        if self.window().isActiveWindow():
            self._text.setFocus()

    def event(self, event: QEvent) -> bool:
        """Move with Alt and the arrows."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
            if step and event.modifiers() & Qt.KeyboardModifier.AltModifier and self._more.isEnabled():
                self._text.flush()
                self.step_wanted.emit(self._at, step)
                return True
        return super().event(event)
