"""Search over everything that has a name, and over commands, in one list (Ctrl+K)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from workbench.gui.theme import icon
from workbench.gui.translate import tr

_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that can be found: what it is called, what it is, what choosing it does."""

    title: str
    kind: str
    icon_name: str
    choose: Callable[[], object]


class Palette(QDialog):
    """A field and a list below; Enter takes the marked one, Esc leaves.

    Args:
        hits: Everything that can be found, the most likely first.
        parent: The widget that it lies over.
        prompt: What to find; everything, when not given.
    """

    def __init__(self, hits: Sequence[Hit], parent: QWidget, prompt: str = "") -> None:
        super().__init__(parent)
        self.setWindowFlags(Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setProperty("role", "palette")
        self.setAccessibleName(tr("Search"))
        self._hits = hits
        self._field = QLineEdit()
        prompt = prompt or tr("Find a run, a dataset, a risk, a card or a command")
        self._field.setPlaceholderText(prompt)
        self._field.setAccessibleName(prompt)
        self._field.textChanged.connect(self._filter)
        self._field.returnPressed.connect(self._choose)
        self._field.installEventFilter(self)
        self._list = QListWidget()
        self._list.setAccessibleName(tr("Found"))
        self._list.itemClicked.connect(self._choose)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        column.addWidget(self._field)
        column.addWidget(self._list)
        self.resize(560, 420)
        top = parent.mapToGlobal(parent.rect().topLeft())
        self.move(top.x() + (parent.width() - self.width()) // 2, top.y() + 64)
        self._filter("")
        self._field.setFocus()

    def _filter(self, text: str) -> None:
        words = text.casefold().split()
        self._list.clear()
        for hit in self._hits:
            if all(word in f"{hit.title} {hit.kind}".casefold() for word in words):
                item = QListWidgetItem(icon(hit.icon_name), f"{hit.title}    ·  {hit.kind}")
                item.setData(Qt.ItemDataRole.UserRole, hit)
                self._list.addItem(item)
            if self._list.count() >= _SHOWN:
                break
        if not self._list.count():
            item = QListWidgetItem(tr("Nothing is called that. Try fewer letters."))
            item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        self._list.setCurrentRow(0)

    def _choose(self) -> None:
        item = self._list.currentItem()
        hit = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        if isinstance(hit, Hit):
            self.close()
            hit.choose()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Let the arrows move in the list while the field has the focus."""
        keys = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
        if watched is self._field and isinstance(event, QKeyEvent) and event.key() in keys:
            if event.type() == QEvent.Type.KeyPress:
                step = {keys[0]: -1, keys[1]: 1, keys[2]: -8, keys[3]: 8}[Qt.Key(event.key())]
                row = min(max(0, self._list.currentRow() + step), self._list.count() - 1)
                self._list.setCurrentRow(row)
            return True
        return super().eventFilter(watched, event)
