"""The head of a lane: its name, how many cards it holds, and what can be done to it."""

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QToolButton, QVBoxLayout, QWidget

from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.labels import ElidedLabel, tip


class LaneHead(QWidget):
    """Name, count and limit, a button for a new card and a menu. Name and limit are typed in place."""

    new_card = Signal()
    renamed = Signal(str)
    limited = Signal(object)
    """The most cards that the lane should hold, or None for no limit."""
    moved = Signal(int)
    deleted = Signal()
    gate_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name_text = ""
        self._limit: int | None = None
        self._typing = ""
        self._has_gate = self._is_first = self._is_last = False
        self._name = ElidedLabel("", "section")
        self._name.installEventFilter(self)
        self._count = ElidedLabel("", "small")
        self._over = Badge("", "warning")
        self._entry = QLineEdit()
        self._entry.hide()
        self._entry.installEventFilter(self)
        self._entry.editingFinished.connect(self._typed)
        self.add = _button("plus", tr("New card"))
        self.add.clicked.connect(self.new_card)
        self.more = _button("dots-three", tr("Lane menu"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.more.setMenu(self.menu)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self._name, 1)
        row.addWidget(self._entry, 1)
        row.addWidget(self.add)
        row.addWidget(self.more)
        numbers = QHBoxLayout()
        numbers.setSpacing(8)
        numbers.addWidget(self._over)
        numbers.addWidget(self._count)
        numbers.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(2, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(row, 1)
        column.addLayout(numbers)
        self.setFixedHeight(54)

    def show_lane(
        self, name: str, count: int, shown: int, limit: int | None, *, has_gate: bool, first: bool, last: bool
    ) -> None:
        """Show a lane.

        Args:
            name: Heading.
            count: How many cards it holds.
            shown: How many of them the filter lets through.
            limit: The most it should hold, or None.
            has_gate: Whether it ends at the gate of a stage.
            first: Whether there is no lane at its left.
            last: Whether there is none at its right.
        """
        self._name_text, self._limit = name, limit
        self._has_gate, self._is_first, self._is_last = has_gate, first, last
        if self._name.text() != name:
            self._name.setText(name)
        held = f"{count} / {limit}"
        if limit is None:
            held = tr("1 card") if count == 1 else tr("{count} cards", count=count)
        is_over = limit is not None and count > limit
        self._over.setVisible(is_over)
        self._over.set_badge(
            tr("{count} / {limit} over", count=count, limit=limit) if is_over else "", "warning"
        )
        self._count.setVisible(not is_over or shown != count)
        if shown != count:
            self._count.setText(tr("{shown} of {count} shown", shown=shown, count=count))
        else:
            self._count.setText(held)
        words = tr("{name}, {count} cards", name=name, count=count)
        if limit is not None:
            words += ", " + tr("limit {limit}", limit=limit) + (", " + tr("over") if is_over else "")
        self.setAccessibleName(words)
        self.setToolTip(tip(words))
        self.add.setAccessibleDescription(name)
        self.more.setAccessibleDescription(name)

    def set_editable(self, editable: bool, refusal: str) -> None:
        """Say whether anything can be changed, and why not."""
        for button, text in ((self.add, tr("New card")), (self.more, tr("Lane menu"))):
            button.setEnabled(editable)
            button.setToolTip(tip(text if editable else refusal))

    def rename(self) -> None:
        """Let another name be typed."""
        self._type("name", self._name_text, tr("Name of the lane"))

    def set_limit(self) -> None:
        """Let a limit be typed; an empty entry takes it away."""
        text = "" if self._limit is None else str(self._limit)
        self._type("limit", text, tr("Most cards, empty for no limit"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Rename on a double click; Escape leaves the entry as it was."""
        if watched is self._name and isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonDblClick and self.more.isEnabled():
                self.rename()
        elif watched is self._entry and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._leave()
            return True
        return super().eventFilter(watched, event)

    def _fill_menu(self) -> None:
        menu = self.menu
        menu.clear()
        menu.addAction(tr("Rename"), self.rename)
        menu.addAction(tr("Limit"), self.set_limit)
        menu.addAction(tr("Move left"), lambda: self.moved.emit(-1)).setEnabled(not self._is_first)
        menu.addAction(tr("Move right"), lambda: self.moved.emit(1)).setEnabled(not self._is_last)
        if self._has_gate:
            menu.addSeparator()
            menu.addAction(tr("Show its gate"), self.gate_wanted.emit)
        menu.addSeparator()
        only = self._is_first and self._is_last
        menu.addAction(tr("Delete"), self.deleted.emit).setEnabled(not only)

    def _type(self, what: str, text: str, name: str) -> None:
        self._typing = what
        self._entry.setAccessibleName(name)
        self._entry.setPlaceholderText(name if what == "name" else tr("no limit"))
        self._entry.setToolTip(tip(name))
        self._entry.setText(text)
        self._name.hide()
        self._entry.show()
        self._entry.setFocus()
        self._entry.selectAll()

    def _typed(self) -> None:
        what, text = self._typing, self._entry.text().strip()
        if not what:
            return
        self._leave()
        if what == "name" and text and text != self._name_text:
            self.renamed.emit(text)
        elif what == "limit" and (text.isdecimal() or not text):
            limit = int(text[:6]) if text else None
            if limit != self._limit:
                self.limited.emit(limit)

    def _leave(self) -> None:
        self._typing = ""
        self._entry.hide()
        self._name.show()


def _button(icon_name: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setAccessibleName(name)
    button.setToolTip(tip(name))
    return button
