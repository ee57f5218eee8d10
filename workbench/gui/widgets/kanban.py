"""A board of lanes with cards: values in, signals out."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets.kanban_card import CardLook, Section
from workbench.gui.widgets.kanban_head import LaneHead
from workbench.gui.widgets.kanban_list import CardList, Move
from workbench.gui.widgets.kanban_model import Row
from workbench.gui.widgets.tab_order import chain_tabs

LEAST_WIDTH = 200


@dataclass(frozen=True, slots=True)
class LaneContent:
    """What a lane shows.

    Args:
        id: Number.
        name: Heading.
        rows: Cards by their ids and headings of groups, from top to bottom.
        count: How many cards it holds, with those that the filter hides.
        shown: How many of those are shown.
        limit: The most it should hold, or None.
        has_gate: Whether it ends at the gate of a stage.
    """

    id: int
    name: str
    rows: tuple[Row, ...] = ()
    count: int = 0
    shown: int = 0
    limit: int | None = None
    has_gate: bool = False


class _Lane(QWidget):
    """Head and list of one lane."""

    def __init__(self, look: Callable[[int], CardLook], board: str) -> None:
        super().__init__()
        self.head = LaneHead()
        self.list = CardList(look, board)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.head)
        column.addWidget(self.list, 1)

    def sizeHint(self) -> QSize:
        """Return the least size: lanes share what there is."""
        return QSize(LEAST_WIDTH, 200)


class KanbanBoard(QScrollArea):
    """Lanes side by side, scrolled where they would become too narrow.

    Only cards in sight are asked for. Nothing is changed here: every wish is a signal, and the board shows
    what it is given next.

    Args:
        look: Returns what the card with an id shows.
    """

    chosen = Signal(int)
    """The id of the card that the keyboard or a press of the mouse is on."""
    opened = Signal(int)
    moved = Signal(object)
    """Carries a Move."""
    done_toggled = Signal(int)
    archived = Signal(int)
    new_card = Signal(int)
    """The id of the lane it is for."""
    lane_renamed = Signal(int, str)
    lane_limited = Signal(int, object)
    lane_moved = Signal(int, int)
    """Id and by how many places to the right."""
    lane_deleted = Signal(int)
    lane_added = Signal(str)
    gate_wanted = Signal(int)
    escaped = Signal()

    def __init__(self, look: Callable[[int], CardLook], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ask = look
        self._looks: dict[int, CardLook] = {}
        self._board = uuid.uuid4().hex
        self._lanes: dict[int, _Lane] = {}
        self._contents: dict[int, LaneContent] = {}
        self._current = 0
        self._editable, self._refusal = True, ""
        self.setAccessibleName(tr("Lanes"))
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._inside = inside = QWidget()
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._new_lane = _NewLane()
        self._new_lane.named.connect(self.lane_added)
        self._row.addWidget(self._new_lane, alignment=Qt.AlignmentFlag.AlignTop)
        self.setWidget(inside)
        inside.setAutoFillBackground(False)
        self.viewport().setAutoFillBackground(False)

    @property
    def current(self) -> int:
        """The id of the chosen card; 0 is none."""
        return self._current if self._list_of(self._current) is not None else 0

    @property
    def current_lane(self) -> int:
        """The id of the lane of the chosen card, else of the first one; 0 where there is none."""
        found = self._list_of(self._current)
        return found.lane_id if found is not None else next(iter(self._lanes), 0)

    @property
    def has_keyboard(self) -> bool:
        """Whether keys go to a card now."""
        return any(lane.list.hasFocus() for lane in self._lanes.values())

    def lane(self, lane_id: int) -> CardList:
        """Return the list of a lane."""
        return self._lanes[lane_id].list

    def head(self, lane_id: int) -> LaneHead:
        """Return the head of a lane."""
        return self._lanes[lane_id].head

    def set_editable(self, editable: bool, refusal: str = "") -> None:
        """Say whether anything can be changed, and why not."""
        self._editable, self._refusal = editable, refusal
        self._new_lane.setVisible(editable)
        for lane in self._lanes.values():
            lane.head.set_editable(editable, refusal)
            lane.list.set_movable(editable)

    def set_lanes(self, lanes: Sequence[LaneContent], height: Callable[[int], int]) -> None:
        """Show these lanes; choice, keyboard and places in the lists stay.

        Args:
            lanes: From left to right. A lane with the very value that is shown is left as it is.
            height: Returns the height of a card, in pixels.
        """
        had_keyboard = self.has_keyboard
        self._looks.clear()
        known = self._contents if [lane.id for lane in lanes] == list(self._lanes) else {}
        if not known:
            self._rebuild(lanes)
        self._contents = {content.id: content for content in lanes}
        for at, content in enumerate(lanes):
            if known.get(content.id) is content:
                continue
            lane = self._lanes[content.id]
            lane.list.setAccessibleName(content.name)
            lane.list.set_rows(content.rows, height)
            lane.head.show_lane(
                content.name,
                content.count,
                content.shown,
                content.limit,
                has_gate=content.has_gate,
                first=at == 0,
                last=at == len(lanes) - 1,
            )
        self._keep_choice(keyboard=had_keyboard)

    def select(self, card_id: int, *, keyboard: bool = False) -> bool:
        """Choose a card and bring it to sight; False when no lane shows it.

        Args:
            card_id: The card; 0 chooses none.
            keyboard: Whether keys go to it from now on.
        """
        found = self._list_of(card_id)
        self._current = card_id if found is not None else 0
        for lane in self._lanes.values():
            if lane.list is not found:
                lane.list.select(0)
        if found is None:
            return False
        if found.current() != card_id:
            found.select(card_id)
        else:
            found.scrollTo(found.currentIndex())
        self.show_lane(found.lane_id)
        if keyboard:
            found.setFocus()
        return True

    def show_lane(self, lane_id: int) -> None:
        """Bring a lane to sight."""
        self._row.activate()
        self.ensureWidgetVisible(self._lanes[lane_id], 0, 0)

    def move_current(self, key: Qt.Key) -> None:
        """Ask for the chosen card to be moved one place by an arrow key."""
        found = self._list_of(self._current)
        if found is None or not self._editable:
            return
        row = found.row_of(self._current) or 0
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            move = found.move_to(self._current, row - 1 if key == Qt.Key.Key_Up else row + 2)
        else:
            move = self._move_aside(found, row, -1 if key == Qt.Key.Key_Left else 1)
        if move is not None:
            self.moved.emit(move)

    def _move_aside(self, found: CardList, row: int, step: int) -> Move | None:
        order = list(self._lanes)
        at = order.index(found.lane_id) + step
        if not 0 <= at < len(order):
            return None
        target, rows = self._lanes[order[at]].list, found.rows()
        section = next((item for item in reversed(rows[:row]) if isinstance(item, Section)), None)
        if section is None:
            return target.move_to(self._current, row)
        keys = [item.key if isinstance(item, Section) else "" for item in target.rows()]
        if section.key not in keys:
            return Move(self._current, order[at])
        gap = keys.index(section.key) + 1
        while gap < len(keys) and not keys[gap]:
            gap += 1
        return target.move_to(self._current, gap)

    def _look(self, card_id: int) -> CardLook:
        if card_id not in self._looks:
            self._looks[card_id] = self._ask(card_id)
        return self._looks[card_id]

    def _list_of(self, card_id: int) -> CardList | None:
        if not card_id:
            return None
        lists = [lane.list for lane in self._lanes.values()]
        chosen = next((item for item in lists if item.current() == card_id), None)
        return chosen or next((item for item in lists if item.row_of(card_id) is not None), None)

    def _rebuild(self, lanes: Sequence[LaneContent]) -> None:
        before, self._lanes = self._lanes, {}
        for content in lanes:
            known = content.id in before
            self._lanes[content.id] = before.pop(content.id) if known else self._made(content.id)
        for lane in before.values():
            self._row.removeWidget(lane)
            lane.hide()
            lane.deleteLater()
        for at, lane in enumerate(self._lanes.values()):
            self._row.removeWidget(lane)
            self._row.insertWidget(at, lane, 1)
            lane.show()
        chain_tabs(self._inside)

    def _made(self, lane_id: int) -> _Lane:
        lane = _Lane(self._look, self._board)
        cards, head = lane.list, lane.head
        cards.lane_id = lane_id
        cards.chosen.connect(self._on_chosen)
        cards.opened.connect(self.opened)
        cards.dropped.connect(self.moved)
        cards.stepped.connect(lambda event: self._on_key(lane_id, event))
        cards.dragged_over.connect(lambda place: self._on_dragged(cards, place))
        head.new_card.connect(lambda: self.new_card.emit(lane_id))
        head.renamed.connect(lambda name: self.lane_renamed.emit(lane_id, name))
        head.limited.connect(lambda limit: self.lane_limited.emit(lane_id, limit))
        head.moved.connect(lambda step: self.lane_moved.emit(lane_id, step))
        head.deleted.connect(lambda: self.lane_deleted.emit(lane_id))
        head.gate_wanted.connect(lambda: self.gate_wanted.emit(lane_id))
        head.set_editable(self._editable, self._refusal)
        cards.set_movable(self._editable)
        return lane

    def _keep_choice(self, *, keyboard: bool) -> None:
        found = self._list_of(self._current)
        if found is None:
            return
        for lane in self._lanes.values():
            if lane.list is not found and lane.list.current():
                lane.list.select(0)
        if found.current() != self._current:
            found.select(self._current)
            self.show_lane(found.lane_id)
        if keyboard:
            found.setFocus()

    def _on_chosen(self, card_id: int) -> None:
        self.select(card_id)
        self.chosen.emit(card_id)

    def _on_dragged(self, cards: CardList, place: QPoint) -> None:
        """Scroll sideways when a card is dragged to an edge of what is seen."""
        spot = cards.viewport().mapTo(self._inside, place)
        self.ensureVisible(spot.x(), spot.y(), 48, 0)

    def _on_key(self, lane_id: int, event: QKeyEvent) -> None:
        key, mods = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        arrows = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right)
        event.accept()
        if key in arrows and mods == Qt.KeyboardModifier.ControlModifier:
            self.move_current(key)
        elif mods != Qt.KeyboardModifier.NoModifier:
            event.ignore()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go_aside(lane_id, -1 if key == Qt.Key.Key_Left else 1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current:
            self.opened.emit(self.current)
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif key == Qt.Key.Key_N and self._editable:
            self.new_card.emit(lane_id)
        elif key == Qt.Key.Key_Delete and self.current and self._editable:
            self.archived.emit(self.current)
        elif key == Qt.Key.Key_Space and self.current and self._editable:
            self.done_toggled.emit(self.current)
        else:
            event.ignore()

    def _go_aside(self, lane_id: int, step: int) -> None:
        order, row = list(self._lanes), max(0, self._lanes[lane_id].list.currentIndex().row())
        at = order.index(lane_id) + step
        while 0 <= at < len(order):
            card_id = self._lanes[order[at]].list.nearest(row)
            if card_id:
                self.select(card_id, keyboard=True)
                self.chosen.emit(card_id)
                return
            at += step


class _NewLane(QLineEdit):
    """A lane is added by typing its name. `named` carries it."""

    named = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(tr("New lane"))
        self.setPlaceholderText(tr("New lane"))
        self.setToolTip(tr("Type a name and press Enter"))
        self.setFixedWidth(104)
        self.returnPressed.connect(self._on_return)

    def _on_return(self) -> None:
        name = self.text().strip()
        if name:
            self.clear()
            self.named.emit(name)
