"""The board of lanes: what is drawn, dragged, dropped and typed."""

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDrag, QDragMoveEvent, QDropEvent

from workbench.gui.widgets.kanban import KanbanBoard, LaneContent
from workbench.gui.widgets.kanban_card import CardLook, Section, initials, two_lines
from workbench.gui.widgets.kanban_list import CARD_FORMAT, Move

TEN_THOUSAND = 10_000


@pytest.fixture
def asked():
    return []


@pytest.fixture
def board(qtbot, asked):
    def look(card_id):
        asked.append(card_id)
        return CardLook(f"card {card_id}")

    made = KanbanBoard(look)
    qtbot.addWidget(made)
    made.resize(700, 500)
    made.show()
    return made


@pytest.fixture
def moves(board):
    found = []
    board.moved.connect(found.append)
    return found


def show(board, *lanes):
    contents = [
        LaneContent(at, f"Lane {at}", tuple(rows), count=len(rows), shown=len(rows))
        for at, rows in enumerate(lanes, start=1)
    ]
    board.set_lanes(contents, lambda _card: 64)
    board.grab()


def drop(board, lane_id, card_id, row, *, below=False, board_word=None):
    """Drag a card over a lane and let it go at a row."""
    cards = board.lane(lane_id)
    rect = cards.visualRect(cards.model().index(row)) if cards.rows() else cards.viewport().rect()
    place = QPointF(rect.center().x(), rect.bottom() - 2 if below else rect.top() + 2)
    data = QMimeData()
    data.setData(CARD_FORMAT, f"{board_word or board._board}:{card_id}".encode())
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    move = QDragMoveEvent(place.toPoint(), Qt.DropAction.MoveAction, data, buttons, keys)
    cards.dragMoveEvent(move)
    line = cards._gap
    cards.dropEvent(QDropEvent(place, Qt.DropAction.MoveAction, data, buttons, keys))
    assert cards._gap is None
    return move.isAccepted(), line


def test_of_ten_thousand_cards_only_those_in_sight_are_asked_for(board, asked):
    show(board, range(1, TEN_THOUSAND + 1), [])
    assert 0 < len(asked) < 40
    asked.clear()
    show(board, range(2, TEN_THOUSAND + 1), [1])
    assert len(asked) < 40
    asked.clear()
    board.lane(1).verticalScrollBar().setValue(board.lane(1).verticalScrollBar().maximum())
    board.grab()
    assert TEN_THOUSAND in asked
    assert len(asked) < 40


def test_the_place_in_a_list_stays_when_cards_come_and_go(board):
    show(board, range(1, 1001))
    board.lane(1).verticalScrollBar().setValue(5000)
    show(board, range(1, 1001))
    assert board.lane(1).verticalScrollBar().value() == 5000
    show(board, [2000, *range(1, 1001)])
    assert board.lane(1).verticalScrollBar().value() == 5000


def test_a_card_is_dropped_where_the_line_stands(board, moves):
    show(board, [1, 2, 3], [4], [])
    assert drop(board, 2, 1, 0) == (True, 0)
    assert drop(board, 1, 3, 0, below=True) == (True, 1)
    assert drop(board, 3, 2, 0) == (True, 0)
    assert moves == [Move(1, 2, before=4), Move(3, 1, before=2, after=1), Move(2, 3)]


def test_a_drag_takes_along_which_card_it_is_and_how_it_looks(qtbot, board, moves, monkeypatch):
    taken = []

    class Drag(QDrag):
        def exec(self, _action):
            taken.append((self.mimeData().data(CARD_FORMAT).data(), self.pixmap().isNull()))

    monkeypatch.setattr("workbench.gui.widgets.kanban_list.QDrag", Drag)
    show(board, [1, 2, 3])
    board.select(2)
    board.lane(1).startDrag(Qt.DropAction.MoveAction)
    assert taken == [(f"{board._board}:2".encode(), False)]
    qtbot.wait(80)  # a moment later it looks where the pointer is


def test_a_card_that_is_dropped_where_it_lies_does_not_move(board, moves):
    show(board, [1, 2, 3])
    drop(board, 1, 2, 1)
    drop(board, 1, 2, 1, below=True)
    assert moves == []


def test_a_card_of_another_board_is_not_taken(board, moves):
    show(board, [1, 2, 3])
    assert drop(board, 1, 3, 0, board_word="other") == (False, None)
    board.set_editable(False, "read-only")
    assert drop(board, 1, 3, 0) == (False, None)
    assert moves == []


def test_a_card_dropped_below_a_heading_goes_into_its_group(board, moves):
    show(board, [Section("owner:1", "Lin"), 1, Section("owner:2", "Mara"), 2])
    drop(board, 1, 1, 3, below=True)
    drop(board, 1, 2, 0)
    assert moves == [Move(1, 1, after=2, section="owner:2"), Move(2, 1, before=1, section="owner:1")]


def test_arrows_walk_over_headings_and_between_lanes(qtbot, board):
    show(board, [Section("a", "A"), 1, Section("b", "B"), 2], [], [3, 4])
    board.select(1, keyboard=True)
    cards = board.lane(1)
    qtbot.keyClick(cards, Qt.Key.Key_Down)
    assert board.current == 2
    qtbot.keyClick(cards, Qt.Key.Key_Right)
    assert board.current == 4
    qtbot.keyClick(board.lane(3), Qt.Key.Key_Left)
    assert board.current == 1 or board.current == 2


def test_control_and_arrows_move_the_card(qtbot, board, moves):
    show(board, [1, 2, 3], [4, 5])
    board.select(2, keyboard=True)
    for key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Right, Qt.Key.Key_Left):
        qtbot.keyClick(board.lane(1), key, Qt.KeyboardModifier.ControlModifier)
    # Nothing lies at the left of the first lane.
    assert moves == [Move(2, 1, before=1), Move(2, 1, after=3), Move(2, 2, before=5, after=4)]


def test_keys_ask_for_what_they_stand_for(qtbot, board):
    told = []
    for name in ("opened", "archived", "done_toggled", "new_card"):
        getattr(board, name).connect(lambda number, name=name: told.append((name, number)))
    show(board, [7])
    board.select(7, keyboard=True)
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_N):
        qtbot.keyClick(board.lane(1), key)
    assert told == [("opened", 7), ("archived", 7), ("done_toggled", 7), ("new_card", 1)]
    told.clear()
    board.set_editable(False, "read-only")
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_N):
        qtbot.keyClick(board.lane(1), key)
    assert told == [("opened", 7)]


def test_the_head_says_how_many_and_when_there_are_too_many(board):
    board.set_lanes([LaneContent(1, "<b>质量</b>", (1, 2), count=3, shown=2, limit=2)], lambda _card: 64)
    head = board.head(1)
    assert head.accessibleName() == "<b>质量</b>, 3 cards, limit 2, over"
    assert head._over.text == "3 / 2 over"
    assert head._count.text() == "2 of 3 shown"
    board.set_lanes([LaneContent(1, "<b>质量</b>", (1, 2), count=2, shown=2, limit=2)], lambda _card: 64)
    assert head._over.isHidden()
    assert head._count.text() == "2 / 2"


def test_name_and_limit_are_typed_in_the_head(qtbot, board):
    told = []
    board.lane_renamed.connect(lambda *what: told.append(what))
    board.lane_limited.connect(lambda *what: told.append(what))
    show(board, [1])
    head = board.head(1)
    head.rename()
    head._entry.setText("Done")
    qtbot.keyClick(head._entry, Qt.Key.Key_Return)
    head.set_limit()
    head._entry.setText("4")
    qtbot.keyClick(head._entry, Qt.Key.Key_Return)
    head.set_limit()
    head._entry.setText("many")
    qtbot.keyClick(head._entry, Qt.Key.Key_Escape)
    assert told == [(1, "Done"), (1, 4)]
    assert head._name.isVisible()


def test_lanes_keep_their_lists_when_their_order_changes(board):
    show(board, [1], [2])
    first = board.lane(1)
    contents = [LaneContent(2, "Two", (2,)), LaneContent(1, "One", (1,)), LaneContent(3, "Three")]
    board.set_lanes(contents, lambda _card: 64)
    board.grab()
    assert board.lane(1) is first
    assert board.lane(2).mapTo(board, QPoint()).x() < first.mapTo(board, QPoint()).x()


def test_a_title_is_shown_as_written_in_two_lines():
    text = "<b>بيانات</b> 𝔘nicode =SUM(A1) " + "长" * 60
    lines = two_lines(text, "font", 180)
    assert len(lines) == 2
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert two_lines("", "font", 180) == ("",)


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Lin Zhao", "LZ"), ("王小明", "王"), ("Omar <b>", "OB"), ("  ", ""), ("?", "?"), ("محمد علي", "مع")],
)
def test_a_person_is_shown_by_initials(name, letters):
    assert initials(name) == letters


def test_a_card_says_everything_it_shows():
    look = CardLook("Ask", ("data",), "Lin", 0, "3 May", True, 1, 2, 3, True, True, True)
    expected = "Ask, done, archived, milestone, Lin, overdue 3 May, 1 of 2 checked, data, 3 links"
    assert look.spoken == expected
