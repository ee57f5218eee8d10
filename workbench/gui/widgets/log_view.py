"""A log: time, level and text of each line; it follows its end while its end is looked at."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from workbench.core.records import LogLine
from workbench.core.states import LogLevel
from workbench.gui.item_models.log_lines import LEVEL, TEXT, LogModel, level_word
from workbench.gui.item_models.records import Index
from workbench.gui.theme import body_font, figure_font, icon, token
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import PlainLabel, rule

_ROW_HEIGHT = 24
_ICON = 16
_PADDING = 8
_ROOM_FOR_WORDS = 560
_LOOKS = {
    LogLevel.DEBUG: ("bug", "faint", "muted"),
    LogLevel.INFO: ("info", "muted", "text"),
    LogLevel.WARNING: ("warning", "warning", "text"),
    LogLevel.ERROR: ("x-circle", "danger", "text"),
}


class LogView(QFrame):
    """Lines of a log. What the current line says is written out below where it does not fit into its row.

    Args:
        empty_text: What stands here while there are no lines.
    """

    def __init__(self, empty_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.table = _LogTable(empty_text)
        self._rule = rule()
        self._whole = PlainLabel(wrap=True)
        self._whole.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._whole.setContentsMargins(12, 8, 12, 8)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 4, 1, 4)
        column.setSpacing(0)
        column.addWidget(self.table, 1)
        column.addWidget(self._rule)
        column.addWidget(self._whole)
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_whole())
        self._show_whole()

    def clear(self, empty_text: str = "") -> None:
        """Forget all lines; `empty_text` stands here until there are some."""
        self.table.lines.clear()
        self.table.empty_text = empty_text
        self._show_whole()

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines at the end, and go with them if the end was in sight."""
        bar = self.table.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - _ROW_HEIGHT // 2
        self.table.lines.append(lines)
        if at_end:
            self.table.scrollToBottom()

    def lines(self) -> list[LogLine]:
        """Return the lines shown, oldest first."""
        return [self.table.lines.record(row) for row in range(self.table.lines.rowCount())]

    def _show_whole(self) -> None:
        index = self.table.currentIndex()
        text = self.table.lines.record(index.row()).text if index.isValid() else ""
        room = self.table.columnWidth(TEXT) - 2 * _PADDING
        too_long = "\n" in text or QFontMetrics(body_font()).horizontalAdvance(text) > room
        self._whole.setText(text if too_long else "")
        self._whole.setVisible(too_long)
        self._rule.setVisible(too_long)


class _LogTable(QTableView):
    def __init__(self, empty_text: str) -> None:
        super().__init__()
        self.lines = LogModel(self)
        self.empty_text = empty_text
        self.setModel(self.lines)
        self.setAccessibleName(tr("Log"))
        self.setItemDelegate(_LineDelegate(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().hide()
        self.horizontalHeader().setStretchLastSection(True)
        figures, words = QFontMetrics(figure_font()), QFontMetrics(body_font())
        self.setColumnWidth(0, figures.horizontalAdvance("00:00:00") + 2 * _PADDING)
        widest = max(words.horizontalAdvance(level_word(level)) for level in LogLevel)
        self._level_width = widest + _ICON + 8 + 2 * _PADDING

    def copy(self) -> None:
        """Put the selected lines on the clipboard, tab-separated."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        lines = [self.lines.record(row) for row in rows]
        columns = self.lines.columns
        if lines:
            text = "\n".join("\t".join(column.text(line) for column in columns) for line in lines)
            QGuiApplication.clipboard().setText(text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the level to its icon and tooltip where the text needs the room."""
        super().resizeEvent(event)
        roomy = self.width() > _ROOM_FOR_WORDS
        self.setColumnWidth(LEVEL, self._level_width if roomy else _ICON + 2 * _PADDING)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with Ctrl+C; all else as usual."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines, or what belongs here when there are none."""
        super().paintEvent(event)
        if not self.lines.rowCount():
            painter = QPainter(self.viewport())
            painter.setPen(token("muted"))
            area = self.viewport().rect().adjusted(16, 16, -16, -16)
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(area, int(flags), self.empty_text)


class _LineDelegate(QStyledItemDelegate):
    """Draws a cell: icon and word for the level, text in one line, the ground of selected lines."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        shown: Any = option  # PySide's type stubs do not know the fields of a style option
        model: Any = index.model()
        line: LogLine = model.record(index.row())
        name, tone, text_tone = _LOOKS[line.level]
        rect = shown.rect
        if shown.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, token("accent_ground"))
        if shown.state & QStyle.StateFlag.State_HasFocus:
            row = shown.widget.visualRect(model.index(index.row(), 0))
            painter.fillRect(row.left(), row.top() + 4, 3, row.height() - 8, token("accent"))
        inner = rect.adjusted(_PADDING, 0, -_PADDING, 0)
        painter.setFont(figure_font() if index.column() == 0 else body_font())
        painter.setPen(token("muted" if index.column() == 0 else text_tone))
        if index.column() == LEVEL:
            top = inner.top() + (inner.height() - _ICON) // 2
            icon(name, tone).paint(painter, QRect(inner.left(), top, _ICON, _ICON))
            inner.setLeft(inner.left() + _ICON + 8)
            painter.setFont(body_font())
            painter.setPen(token("muted" if tone == "faint" else tone))
        text = model.columns[index.column()].text(line)
        text = text.splitlines()[0] if "\n" in text and text.strip() else text
        words = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, max(0, inner.width()))
        painter.drawText(inner, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), words)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(super().sizeHint(option, index).width(), _ROW_HEIGHT)
