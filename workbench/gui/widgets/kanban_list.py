"""The cards of one lane as a list: only those in sight are asked for; moves and keys are told, not done."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QMimeData,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import (
    QCursor,
    QDrag,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemView, QApplication, QListView, QWidget

from workbench.gui.theme import token
from workbench.gui.translate import tr
from workbench.gui.widgets.kanban_card import SECTION_HEIGHT, CardDelegate, CardLook, Section
from workbench.gui.widgets.kanban_model import CardModel, Row

CARD_FORMAT = "application/x-workbench-card"
_SECTION = QSize(120, SECTION_HEIGHT)
_Flag = QItemSelectionModel.SelectionFlag


@dataclass(frozen=True, slots=True)
class Move:
    """Where a card is to go.

    Args:
        card_id: The card.
        lane_id: The lane.
        before: The shown card that it comes before; 0 is none.
        after: The shown card that it comes after; 0 is none.
        section: Key of the group it comes into; None where there are no groups.
    """

    card_id: int
    lane_id: int
    before: int = 0
    after: int = 0
    section: str | None = None


class CardList(QListView):
    """The rows of one lane. `board` tells boards apart, so that no card of another one is taken.

    Args:
        look: Returns what the card with an id shows.
        board: Word that stands for the board.
    """

    chosen = Signal(int)
    opened = Signal(int)
    dropped = Signal(object)
    stepped = Signal(object)
    """A key of the board was pressed; carries the QKeyEvent, which is accepted by who takes it."""
    dragged_over = Signal(QPoint)

    def __init__(self, look: Callable[[int], CardLook], board: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lane_id = 0
        self._board = board
        self._gap: int | None = None
        self._filling = False
        self._cards = CardModel(look, self)
        self.setModel(self._cards)
        self.setItemDelegate(CardDelegate(lambda row: self._cards.sizes[row], self))
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.set_movable(True)
        self.verticalScrollBar().setSingleStep(24)
        self.clicked.connect(lambda index: self._emit(self.opened, index))
        self.selectionModel().currentChanged.connect(self._on_current)

    def set_rows(self, rows: Sequence[Row], height: Callable[[int], int]) -> None:
        """Show these rows; the place in the list stays, and nothing is laid out where nothing moved.

        Args:
            rows: Cards and headings from top to bottom.
            height: Returns the height of a card, in pixels.
        """
        sizes = [_SECTION if isinstance(row, Section) else _size(height(row)) for row in rows]
        if rows == self._cards.rows:
            if sizes != self._cards.sizes:
                self._cards.sizes = sizes
                self.scheduleDelayedItemsLayout()
            self.viewport().update()
            return
        place, current = self.verticalScrollBar().value(), self.current()
        self._filling = True
        if current and current not in rows:
            self.select(0)  # Qt would choose one beside it
        self._cards.set_rows(rows, sizes)
        if self.current() != current:
            self.select(current, scroll=False)
        self._filling = False
        if place:
            self.executeDelayedItemsLayout()
            self.verticalScrollBar().setValue(place)

    def set_movable(self, movable: bool) -> None:
        """Say whether cards may be dragged."""
        mode = QAbstractItemView.DragDropMode
        self._cards.movable = movable
        self.setDragDropMode(mode.DragDrop if movable else mode.NoDragDrop)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)

    def rows(self) -> Sequence[Row]:
        """Return the rows from top to bottom."""
        return self._cards.rows

    def current(self) -> int:
        """Return the id of the chosen card; 0 is none."""
        index = self.currentIndex()
        row = self._cards.rows[index.row()] if 0 <= index.row() < len(self._cards.rows) else 0
        return row if isinstance(row, int) else 0

    def row_of(self, card_id: int) -> int | None:
        """Return the row of a card; None where it is not here."""
        try:
            return list(self._cards.rows).index(card_id)
        except ValueError:
            return None

    def select(self, card_id: int, *, scroll: bool = True) -> bool:
        """Choose a card; False when it is not here. 0 chooses none."""
        row = self.row_of(card_id) if card_id else None
        if row is None:
            self.clearSelection()
            self.setCurrentIndex(QModelIndex())
            return False
        index = self._cards.index(row)
        self.selectionModel().setCurrentIndex(index, _Flag.ClearAndSelect)
        if scroll:
            self.scrollTo(index)
        return True

    def nearest(self, row: int) -> int:
        """Return the card at a row, or the one nearest to it; 0 where there is none."""
        cards = [at for at, item in enumerate(self._cards.rows) if isinstance(item, int)]
        if not cards:
            return 0
        found = self._cards.rows[min(cards, key=lambda at: abs(at - row))]
        return found if isinstance(found, int) else 0

    def move_to(self, card_id: int, gap: int) -> Move | None:
        """Return where a card goes that is put before the row `gap`; None where it is there already."""
        rows = self._cards.rows
        if any(isinstance(row, Section) for row in rows):
            gap = max(gap, 1)
        gap = max(0, min(gap, len(rows)))
        own = self.row_of(card_id)
        if own is not None and gap in (own, own + 1):
            return None
        above = [row for row in rows[:gap] if row != card_id]
        below = [row for row in rows[gap:] if row != card_id]
        before, after = (below[0] if below else 0), (above[-1] if above else 0)
        section = next((row.key for row in reversed(above) if isinstance(row, Section)), None)
        return Move(
            card_id,
            self.lane_id,
            before if isinstance(before, int) else 0,
            after if isinstance(after, int) else 0,
            section,
        )

    def startDrag(self, _actions: Qt.DropAction) -> None:  # noqa: N802 - Qt's name
        """Take the chosen card along, as it looks."""
        card_id, index = self.current(), self.currentIndex()
        if not card_id:
            return
        data = QMimeData()
        data.setData(CARD_FORMAT, f"{self._board}:{card_id}".encode())
        drag = QDrag(self)
        drag.setMimeData(data)
        rect = self.visualRect(index)
        drag.setPixmap(self.viewport().grab(rect))
        drag.setHotSpot(QPoint(rect.width() // 2, 16))
        drag.exec(Qt.DropAction.MoveAction)
        # What the system still tells of the pointer where the drag began comes first.
        QTimer.singleShot(50, self, self._look_where_pointer_is)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take cards of this board; all else goes to the window."""
        self._answer(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the card would land."""
        if self._card_of(event.mimeData()):
            super().dragMoveEvent(event)  # scrolls at the edges
            self._show_gap(self.gap_at(event.position().toPoint()))
            self.dragged_over.emit(event.position().toPoint())
        self._answer(event)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show no place any more."""
        super().dragLeaveEvent(event)
        self._show_gap(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the move; the card lies there once the project has it so."""
        card_id = self._card_of(event.mimeData())
        self._show_gap(None)
        if not card_id:
            event.ignore()
            return
        # Not a move for Qt, which would take the row away itself.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        move = self.move_to(card_id, self.gap_at(event.position().toPoint()))
        self._forget_pointer()
        if move is not None:
            self.dropped.emit(move)

    def gap_at(self, place: QPoint) -> int:
        """Return before which row something would land at a place of the viewport."""
        index = self.indexAt(place)
        if not index.isValid():
            return len(self._cards.rows) if place.y() >= 0 else 0
        return index.row() + (place.y() > self.visualRect(index).center().y())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Step over headings, and tell of the keys that the board knows; letters go to the pane."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if plain and step:
            self._step(step)
            return
        event.ignore()
        self.stepped.emit(event)
        if event.isAccepted():
            return
        if event.text() and event.text().isprintable():
            event.ignore()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Choose the first card when the keyboard comes here."""
        super().focusInEvent(event)
        by_key = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        if by_key and not self.current() and (first := self.nearest(0)):
            self.select(first)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cards, the line where a dragged one would land, and what an empty lane is for."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        if not self._cards.rows:
            painter.setPen(token("muted"))
            text = tr("No cards here")
            painter.drawText(self.viewport().rect().adjusted(0, 12, 0, 0), _TOP_CENTRE, text)
        if self._gap is not None:
            painter.setPen(QPen(token("accent"), 3, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
            y = self._gap_line(self._gap)
            painter.drawLine(3, y, self.viewport().width() - 4, y)

    def _gap_line(self, gap: int) -> int:
        if not self._cards.rows:
            return 4
        if gap == 0:
            return max(2, self.visualRect(self._cards.index(0)).top() - 3)
        return min(self.visualRect(self._cards.index(gap - 1)).bottom() - 3, self.viewport().height() - 3)

    def _step(self, step: int) -> None:
        rows, at = self._cards.rows, self.currentIndex().row()
        at = at + step if at >= 0 else 0
        while 0 <= at < len(rows) and isinstance(rows[at], Section):
            at += step
        if 0 <= at < len(rows):
            self.selectionModel().setCurrentIndex(self._cards.index(at), _Flag.ClearAndSelect)

    def _card_of(self, data: QMimeData) -> int:
        if not data.hasFormat(CARD_FORMAT) or not self._cards.movable:
            return 0
        board, _, number = bytes(data.data(CARD_FORMAT).data()).decode("ascii", "replace").partition(":")
        return int(number) if board == self._board and number.isdecimal() else 0

    def _answer(self, event: QDragMoveEvent | QDragEnterEvent) -> None:
        if self._card_of(event.mimeData()):
            event.setDropAction(Qt.DropAction.MoveAction)
            event.accept()
        else:
            event.ignore()

    def _forget_pointer(self) -> None:
        """Look as if the pointer were elsewhere: after a drag Qt would leave another card lit."""
        QApplication.sendEvent(self.viewport(), QEvent(QEvent.Type.Leave))

    def _look_where_pointer_is(self) -> None:
        if not self.viewport().rect().contains(self.viewport().mapFromGlobal(QCursor.pos())):
            self._forget_pointer()

    def _show_gap(self, gap: int | None) -> None:
        if gap != self._gap:
            self._gap = gap
            self.viewport().update()

    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if not self._filling and index.isValid():
            self._emit(self.chosen, index)

    def _emit(self, signal: Any, index: QModelIndex) -> None:
        row = self._cards.rows[index.row()]
        if isinstance(row, int):
            signal.emit(row)


@lru_cache(maxsize=64)
def _size(height: int) -> QSize:
    return QSize(120, height)


_TOP_CENTRE = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
