"""What a gate asks, as rows."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from workbench.gui.panes.base import Shell
from workbench.gui.panes.board.words import source_button, verdict_look
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import IconLabel, PlainLabel, rule, tip

if TYPE_CHECKING:
    from workbench.services.gates import CriterionState, Gate

_COLUMNS = 6


class CriterionRows(QWidget):
    """The criteria of a gate, one below the other.

    `change`, `remove` carry the id of a criterion, `place` its id and where it goes.

    Args:
        shell: Where links lead.
    """

    change = Signal(int)
    remove = Signal(int)
    place = Signal(int, int)

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self._shell = shell
        self._content: QWidget | None = None
        self._shown: tuple[Gate, bool] | None = None
        self.menus: dict[int, QMenu] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def show_gate(self, gate: "Gate", *, writable: bool) -> None:
        """Show the criteria of a gate; nothing moves where nothing has changed."""
        if self._shown == (gate, writable):
            return
        self._shown = (gate, writable)
        focused = self._focused()
        if self._content is not None:
            self._column.removeWidget(self._content)
            self._content.hide()
            self._content.deleteLater()
        self.menus.clear()
        self._content = QWidget()
        grid = QGridLayout(self._content)
        grid.setContentsMargins(16, 0, 12, 8)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(1, 92)
        grid.setColumnStretch(2, 6)
        grid.setColumnStretch(3, 5)
        for column, words in ((0, tr("Verdict")), (2, tr("Asked")), (3, tr("Measured"))):
            grid.addWidget(PlainLabel(words, "small"), 0, column, 1, 2 if column == 0 else 1)
        for at, item in enumerate(gate.items):
            grid.addWidget(rule(), 2 * at + 1, 0, 1, _COLUMNS)
            self._add_row(grid, 2 * at + 2, item)
            button = self._menu_button(item, at, len(gate.items))
            button.setEnabled(writable)
            grid.addWidget(button, 2 * at + 2, 5, Qt.AlignmentFlag.AlignTop)
            if focused == item.criterion.id:
                button.setFocus()
        grid.setRowStretch(2 * len(gate.items) + 1, 1)
        self._column.addWidget(self._content)

    def _add_row(self, grid: QGridLayout, row: int, item: "CriterionState") -> None:
        top, left = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignLeft
        name, word, tone = verdict_look(item.judged.verdict)
        verdict = PlainLabel(word, "strong", wrap=True)
        restyle(verdict, tone=tone)
        asked = PlainLabel(item.title, wrap=True)
        measured = PlainLabel(item.judged.text, wrap=True)
        # The button beside them is 28 high, a line of text 16: this puts them on one line.
        for label in (verdict, asked, measured):
            label.setContentsMargins(0, 4, 0, 4)
        grid.addWidget(_lowered(IconLabel(name, tone, 18)), row, 0, top)
        grid.addWidget(verdict, row, 1, top)
        grid.addWidget(asked, row, 2, top)
        grid.addWidget(measured, row, 3, top)
        if item.judged.link is not None:
            grid.addWidget(source_button(self._shell, item.judged.link, item.title), row, 4, top | left)

    def _menu_button(self, item: "CriterionState", at: int, count: int) -> QToolButton:
        button = QToolButton()
        button.setIcon(icon("dots-three"))
        button.setAccessibleName(tr("More"))
        button.setAccessibleDescription(item.title)
        button.setToolTip(tip(tr("Change, move or delete")))
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setProperty("criterion", item.criterion.id)
        menu, number = QMenu(button), item.criterion.id
        steps: list[tuple[str, Callable[[], object], bool]] = [
            (tr("Change…"), lambda: self.change.emit(number), True),
            (tr("Move up"), lambda: self.place.emit(number, at - 1), at > 0),
            (tr("Move down"), lambda: self.place.emit(number, at + 1), at + 1 < count),
            (tr("Delete"), lambda: self.remove.emit(number), True),
        ]
        for text, act, ready in steps:
            action = menu.addAction(text)
            action.setEnabled(ready)
            action.triggered.connect(lambda _checked=False, act=act: act())
        button.setMenu(menu)
        self.menus[number] = menu
        return button

    def _focused(self) -> int:
        for button in self.findChildren(QToolButton):
            if button.hasFocus():
                return int(button.property("criterion") or 0)
        return 0


def _lowered(widget: QWidget) -> QWidget:
    """Return a widget a little lower, on the line of the text beside it."""
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 4, 0, 4)
    column.addWidget(widget)
    return holder
