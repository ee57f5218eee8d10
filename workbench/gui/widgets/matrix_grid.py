"""The painted grid of a confusion matrix, with headings that stay in sight."""

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from workbench.gui.theme import SMALL_PX, body_font, figure_font, mix, readable_on, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import tip

Shown = Literal["counts", "rows", "columns"]
Cell = tuple[int, int]
"""Row (actual) and column (predicted)."""

_WIDEST, _HIGHEST, _LOWEST = 112, 60, 19
_NAME_ROOM = 128
_UPRIGHT_FROM = 56
_TITLE = 22
_EDGE = 4


class MatrixGrid(QAbstractScrollArea):
    """Rows actual, columns predicted; click, Ctrl-click, arrow keys and Space select cells."""

    cells_selected = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Confusion matrix"))
        self.viewport().setMouseTracking(True)
        self._labels: tuple[str, ...] = ()
        self._counts: tuple[tuple[int, ...], ...] = ()
        self._texts: list[list[str]] = []
        self._shares: list[list[float]] = []
        self._widest_text = self._longest_name = 0
        self._shown: Shown = "counts"
        self._hide_diagonal = False
        self._selected: set[Cell] = set()
        self._current: Cell = (0, 0)

    def set_matrix(self, labels: Sequence[str], counts: Sequence[Sequence[int]]) -> None:
        """Show a matrix; nothing is selected in it.

        Args:
            labels: (n,) class names.
            counts: (n, n), rows actual, columns predicted.
        """
        self._labels = tuple(labels)
        self._counts = tuple(tuple(int(count) for count in row) for row in counts)
        self._selected.clear()
        self._current = (0, 0)
        self._work_out()

    def set_shown(self, shown: Shown, hide_diagonal: bool) -> None:
        """Show counts, shares of the row or shares of the column; with or without the diagonal."""
        self._shown, self._hide_diagonal = shown, hide_diagonal
        self._work_out()

    def selected(self) -> list[Cell]:
        """Return the selected cells, row by row."""
        return sorted(self._selected)

    def select(self, cells: Sequence[Cell]) -> None:
        """Select these cells and no others, and tell of it."""
        self._selected = set(cells)
        self.viewport().update()
        self.cells_selected.emit(self.selected())

    def describe(self, cell: Cell) -> str:
        """Return one sentence about a cell."""
        row, column = cell
        total = sum(self._counts[row])
        return tr(
            "Actual {actual}, predicted {predicted}: {count}, {share} of the row",
            actual=self._labels[row],
            predicted=self._labels[column],
            count=number_format.count(self._counts[row][column]),
            share=number_format.percent(self._counts[row][column] / total if total else None),
        )

    def cell_rect(self, cell: Cell) -> QRect:
        """Return where a cell is drawn, in the viewport."""
        area, (width, height) = self._cells_area(), self._cell_size()
        left = area.left() + cell[1] * width - self.horizontalScrollBar().value()
        top = area.top() + cell[0] * height - self.verticalScrollBar().value()
        return QRect(left, top, width - 2, height - 2)

    def _work_out(self) -> None:
        """Compute each cell's text and shade once, not at every painting."""
        n = len(self._labels)
        rows = [sum(row) for row in self._counts]
        columns = [sum(row[c] for row in self._counts) for c in range(n)]
        self._texts, values = [], []
        for r in range(n):
            texts, line = [], []
            for c in range(n):
                count = self._counts[r][c]
                whole = {"counts": 0, "rows": rows[r], "columns": columns[c]}[self._shown]
                share = count / whole if whole else 0.0
                hidden = self._hide_diagonal and r == c
                text = number_format.count(count) if self._shown == "counts" else f"{share * 100:.0f}"
                if share and self._shown != "counts" and share < 0.005:
                    text = "<1"
                texts.append("" if hidden else text if count else "·")
                line.append(0.0 if hidden else float(count) if self._shown == "counts" else share)
            self._texts.append(texts)
            values.append(line)
        highest = max((value for line in values for value in line), default=0.0) or 1.0
        # The square root lets a few errors be seen beside hundreds of hits.
        self._shares = [[(value / highest) ** 0.5 for value in line] for line in values]
        figures, names = QFontMetrics(figure_font(SMALL_PX)), QFontMetrics(body_font(SMALL_PX))
        self._widest_text = max((figures.horizontalAdvance(t) for row in self._texts for t in row), default=0)
        self._longest_name = max((names.horizontalAdvance(label) for label in self._labels), default=0)
        self._tell_current()
        self._set_bars()
        self.viewport().update()

    def _label_width(self) -> int:
        # Advances are rounded: in a room of just its width a name would be elided.
        return min(self._longest_name + 2, _NAME_ROOM, self.viewport().width() // 3)

    def _upright(self) -> bool:
        """Whether the names below the columns have to stand on end."""
        return self._longest_name > self._cell_size()[0] - 4 and self._cell_size()[0] < _UPRIGHT_FROM

    def _bottom(self) -> int:
        return min(self._label_width(), 96) + 12 if self._upright() else 24

    def _left(self) -> int:
        return _TITLE + self._label_width() + 8

    def _cell_size(self) -> tuple[int, int]:
        n = max(1, len(self._labels))
        width = (self.viewport().width() - self._left() - _EDGE) // n
        height = (self.viewport().height() - _TITLE - 24 - _EDGE) // n
        least = max(26, self._widest_text + 8)
        return max(least, min(_WIDEST, width)), max(_LOWEST, min(_HIGHEST, height))

    def _cells_area(self) -> QRect:
        """Return the part of the viewport in which cells are seen."""
        n, (width, height) = len(self._labels), self._cell_size()
        left = self._left()
        room = self.viewport().size() - QSize(left + _EDGE, _TITLE + self._bottom() + _EDGE)
        return QRect(left, _TITLE, min(n * width, room.width()), min(n * height, max(height, room.height())))

    def _set_bars(self) -> None:
        n, (width, height), area = len(self._labels), self._cell_size(), self._cells_area()
        for bar, whole, seen, step in (
            (self.horizontalScrollBar(), n * width, area.width(), width),
            (self.verticalScrollBar(), n * height, area.height(), height),
        ):
            bar.setRange(0, max(0, whole - seen))
            bar.setPageStep(seen)
            bar.setSingleStep(step)

    def _cell_at(self, place: QPoint) -> Cell | None:
        area, (width, height) = self._cells_area(), self._cell_size()
        if not area.contains(place) or not self._labels:
            return None
        column = (place.x() - area.left() + self.horizontalScrollBar().value()) // width
        row = (place.y() - area.top() + self.verticalScrollBar().value()) // height
        inside = row < len(self._labels) and column < len(self._labels)
        return (row, column) if inside else None

    def _go_to(self, cell: Cell) -> None:
        self._current = cell
        area, rect = self._cells_area(), self.cell_rect(cell)
        for bar, low, high in (
            (self.horizontalScrollBar(), rect.left() - area.left(), rect.right() - area.right()),
            (self.verticalScrollBar(), rect.top() - area.top(), rect.bottom() - area.bottom()),
        ):
            bar.setValue(bar.value() + (low if low < 0 else max(0, high + 2)))
        self._tell_current()
        self.viewport().update()

    def _tell_current(self) -> None:
        self.setAccessibleDescription(self.describe(self._current) if self._labels else "")
        if self.hasFocus():
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))

    def _choose(self, cell: Cell, further: bool) -> None:
        self._current = cell
        self._tell_current()
        self.select(sorted(self._selected ^ {cell}) if further else [cell])

    def _paint_names(self, painter: QPainter) -> None:
        area, (width, height) = self._cells_area(), self._cell_size()
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(token("muted"))
        metrics, middle = painter.fontMetrics(), Qt.AlignmentFlag.AlignVCenter
        right = Qt.TextElideMode.ElideRight
        painter.save()
        painter.setClipRect(QRect(0, area.top(), area.left(), area.height()))
        for row, label in enumerate(self._labels):
            room = QRect(_TITLE, self.cell_rect((row, 0)).top(), area.left() - _TITLE - 8, height - 2)
            text = metrics.elidedText(label, right, room.width())
            painter.drawText(room, int(middle | Qt.AlignmentFlag.AlignRight), text)
        painter.setClipRect(QRect(area.left(), area.bottom(), area.width(), self._bottom() + 4))
        upright = self._upright()
        for column, label in enumerate(self._labels):
            left = self.cell_rect((0, column)).left()
            if upright:
                painter.save()
                painter.translate(left + (width - 2) / 2, area.bottom() + 6)
                painter.rotate(-90)
                text = metrics.elidedText(label, right, self._bottom() - 10)
                painter.drawText(
                    QRectF(-self._bottom() + 8, -10, self._bottom() - 8, 20),
                    int(middle | Qt.AlignmentFlag.AlignRight),
                    text,
                )
                painter.restore()
            else:
                text = metrics.elidedText(label, right, width - 4)
                painter.drawText(
                    QRect(left, area.bottom() + 4, width - 2, 18), int(Qt.AlignmentFlag.AlignCenter), text
                )
        painter.restore()
        painter.drawText(
            QRect(area.left(), 0, area.width(), _TITLE - 4),
            int(Qt.AlignmentFlag.AlignCenter),
            tr("predicted"),
        )
        painter.save()
        painter.translate(0, area.center().y())
        painter.rotate(-90)
        painter.drawText(QRectF(-60, 0, 120, _TITLE - 4), int(Qt.AlignmentFlag.AlignCenter), tr("actual"))
        painter.restore()

    def _paint_cells(self, painter: QPainter) -> None:
        area, (width, height) = self._cells_area(), self._cell_size()
        painter.setClipRect(area.adjusted(-2, -2, 2, 2))
        painter.setFont(figure_font(SMALL_PX))
        low, high, raised = token("accent_ground"), token("accent"), token("raised")
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        rows = range(down // height, min(len(self._labels), (down + area.height()) // height + 1))
        columns = range(across // width, min(len(self._labels), (across + area.width()) // width + 1))
        for row in rows:
            for column in columns:
                rect = QRectF(self.cell_rect((row, column)))
                share = self._shares[row][column]
                ground = mix(low, high, share) if share else mix(raised, low, 0.45)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(ground)
                painter.drawRoundedRect(rect, 3, 3)
                painter.setPen(readable_on(ground) if share else token("muted"))
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, self._texts[row][column])
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for cell in self._selected:
            rect = QRectF(self.cell_rect(cell))
            painter.setPen(QPen(raised, 4))
            painter.drawRoundedRect(rect.adjusted(1, 1, -1, -1), 3, 3)
            painter.setPen(QPen(token("danger"), 2))
            painter.drawRoundedRect(rect, 4, 4)
        if self.hasFocus():
            painter.setPen(QPen(token("text"), 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(
                QRectF(self.cell_rect(self._current)).adjusted(3.5, 3.5, -3.5, -3.5), 2, 2
            )

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw names and cells."""
        if not self._labels:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_names(painter)
        self._paint_cells(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the cells to the room."""
        super().resizeEvent(event)
        self._set_bars()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select a cell; with Ctrl one more, or one less."""
        cell = self._cell_at(event.position().toPoint())
        if cell is not None and event.button() == Qt.MouseButton.LeftButton:
            self._choose(cell, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrow keys, select with Space, one more with Ctrl+Space."""
        key, (row, column), last = event.key(), self._current, len(self._labels) - 1
        moves = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if not self._labels:
            super().keyPressEvent(event)
        elif key in moves:
            down, across = moves[Qt.Key(key)]
            self._go_to((min(max(row + down, 0), last), min(max(column + across, 0), last)))
        elif key in (Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self._current, bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what a cell is when the pointer rests on it."""
        if isinstance(event, QHelpEvent):
            cell = self._cell_at(event.pos())
            name = "" if cell else self._name_at(event.pos())
            QToolTip.showText(event.globalPos(), tip(self.describe(cell) if cell else name), self)
            return True
        return super().viewportEvent(event)

    def _name_at(self, place: QPoint) -> str:
        """Return the whole class name of a heading."""
        area = self._cells_area()
        beside = (
            QPoint(area.left() + 1, place.y())
            if place.x() < area.left()
            else QPoint(place.x(), area.top() + 1)
        )
        cell = self._cell_at(beside)
        if cell is None:
            return ""
        return self._labels[cell[0] if place.x() < area.left() else cell[1]]

    def minimumSizeHint(self) -> QSize:
        """Return room for a small matrix."""
        return QSize(260, 200)

    def sizeHint(self) -> QSize:
        """Return room at which cells are at their best."""
        n = len(self._labels)
        return QSize(self._left() + n * _WIDEST + _EDGE, _TITLE + n * _HIGHEST + 32)
