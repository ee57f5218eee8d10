"""The timeline: days as places, dragging changes them, and no day is too far."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

from tests.gui.panes.board_pages import TODAY, fill_board, open_page
from tests.gui.panes.shell import named
from tests.gui.panes.small_data import new_project
from workbench.core.board import Card
from workbench.core.states import Stage
from workbench.gui.widgets.timeline import Bar, dragged
from workbench.gui.widgets.timeline_scale import PER_DAY, Scale
from workbench.services.board_setup import known_templates, set_up
from workbench.services.projects import open_project

DAY = timedelta(days=1)


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def ids(session):
    return fill_board(session)


@pytest.fixture
def shown(qtbot, session, ids):
    window, pane, page = open_page(qtbot, session, "timeline")
    qtbot.waitUntil(lambda: len(page.timeline._bars) == 5)
    return window, pane, page


def card(session, number):
    return session.board.state.of(Card)[number]


def drag(qtbot, page, place, days):
    """Drag with the mouse from a place by so many days."""
    view = page.timeline.viewport()
    to = place + QPoint(round(days * PER_DAY[page.timeline._zoom]), 0)
    qtbot.mousePress(view, Qt.MouseButton.LeftButton, pos=place)
    page.timeline.mouseMoveEvent(_move(to))
    qtbot.mouseRelease(view, Qt.MouseButton.LeftButton, pos=to)


def _move(to):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    button = Qt.MouseButton.LeftButton
    return QMouseEvent(
        QEvent.Type.MouseMove, to.toPointF(), to.toPointF(), button, button, Qt.KeyboardModifier.NoModifier
    )


def test_cards_stand_by_lane_and_what_is_late_is_told_in_words(shown, ids):
    _, _, page = shown
    groups = [row.group for row in page.timeline._rows if row.id is None]
    assert groups == ["Initiation", "Development", "Testing"]
    bars = page.timeline._bars
    assert bars[ids["Ask for the licence"]].state == "overdue"
    assert bars[ids["Ask for the licence"]].about.endswith("Mara · overdue")
    assert bars[ids["Agree on the goal"]].state == "done"
    assert bars[ids["Report to the board"]].milestone
    assert bars[ids["Test in two clinics"]].after == (ids["Collect pictures of dark skin"],)


def test_dragging_a_bar_moves_both_days_and_can_be_undone(qtbot, shown, session, ids):
    window, _, page = shown
    number = ids["Collect pictures of dark skin"]
    before = card(session, number)
    drag(qtbot, page, page.timeline.rect_of(number).center().toPoint(), 3)
    after = card(session, number)
    assert (after.start, after.due) == (before.start + 3 * DAY, before.due + 3 * DAY)
    assert window.told[-1][1] == "Undo"
    window.told[-1][2]()
    assert card(session, number) == before
    qtbot.waitUntil(lambda: page.timeline._bars[number].start == before.start)
    assert not window.went, "a drag does not open the card"


def test_dragging_an_end_changes_that_day_alone(qtbot, shown, session, ids):
    _, _, page = shown
    number = ids["Collect pictures of dark skin"]
    before = card(session, number)
    rect = page.timeline.rect_of(number)
    drag(qtbot, page, QPoint(round(rect.right()) - 2, round(rect.center().y())), -2)
    assert (card(session, number).start, card(session, number).due) == (before.start, before.due - 2 * DAY)
    rect = page.timeline.rect_of(number)
    drag(qtbot, page, QPoint(round(rect.left()) + 2, round(rect.center().y())), 400)
    after = card(session, number)
    assert after.start == after.due == before.due - 2 * DAY, "a bar never ends before it begins"


def test_a_click_and_enter_open_the_card(qtbot, shown, ids):
    window, _, page = shown
    number = ids["Test in two clinics"]
    place = page.timeline.rect_of(number).center().toPoint()
    qtbot.mouseClick(page.timeline.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.keyClick(page.timeline, Qt.Key.Key_Return)
    assert window.went == [("board", {"page": "lanes", "card_id": number})] * 2


def test_the_keyboard_moves_a_bar_and_its_end(qtbot, shown, session, ids):
    _, pane, page = shown
    number = ids["Collect pictures of dark skin"]
    before = card(session, number)
    page.timeline.choose(number)
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(page.timeline, Qt.Key.Key_Right, control)
    qtbot.keyClick(page.timeline, Qt.Key.Key_Left, control | shift)
    after = card(session, number)
    assert (after.start, after.due) == (before.start + DAY, before.due)
    assert pane.banner.isHidden()


@pytest.mark.parametrize("zoom", ["day", "week", "month"])
def test_days_at_the_ends_of_the_calendar_are_drawn_and_moved(qtbot, shown, session, ids, zoom):
    _, pane, page = shown
    lane = session.board.state.lanes[0].id
    for start, due in (
        (date(1, 1, 1), date(1900, 5, 1)),
        (date(9999, 12, 30), date(9999, 12, 31)),
        (date.min, date.max),
        (None, date(1900, 1, 1)),
    ):
        session.board.save(Card(0, lane, f"far {start}", start=start, due=due))
    page.reload()
    page._zoom(zoom)
    across = page.timeline.horizontalScrollBar()
    for value in (0, across.maximum() // 2, across.maximum()):
        across.setValue(value)
        assert not page.grab().isNull()
    for number in page.timeline._bars:
        page.timeline.choose(number)
        qtbot.keyClick(page.timeline, Qt.Key.Key_Right, Qt.KeyboardModifier.ControlModifier)
        qtbot.keyClick(page.timeline, Qt.Key.Key_Left, Qt.KeyboardModifier.ControlModifier)
    assert pane.banner.isHidden()
    qtbot.mouseClick(page.today, Qt.MouseButton.LeftButton)
    assert page.timeline.scale.first < TODAY.toordinal() < page.timeline.scale.last


def test_ten_thousand_cards_are_drawn_at_once(qtbot, shown):
    _, _, page = shown
    bars = [
        Bar(
            n,
            f"card {n}",
            f"lane {n // 2500}",
            TODAY + n * DAY,
            TODAY + (n + 5) * DAY,
            after=(n - 1,) if n else (),
        )
        for n in range(10_000)
    ]
    page.timeline.set_bars(bars, TODAY)
    page.timeline.verticalScrollBar().setValue(100_000)
    assert not page.timeline.grab().isNull()


def test_a_bar_stays_inside_the_calendar():
    bar = Bar(1, "x", "", date.max - DAY, date.max)
    assert dragged(bar, "move", 10) == bar
    assert dragged(replace(bar, start=date.min), "start", -10).start == date.min
    assert dragged(bar, "end", 9).end == date.max
    only_due = Bar(1, "x", "", None, TODAY)
    assert dragged(only_due, "move", 2) == replace(only_due, end=TODAY + 2 * DAY)


@pytest.mark.parametrize("zoom", ["day", "week", "month"])
def test_marks_fall_on_days_mondays_and_months(zoom):
    scale = Scale(float(date(2026, 11, 24).toordinal()), zoom, 200.0, 700.0)
    for ordinal, text in scale.minor():
        day = date.fromordinal(int(ordinal))
        assert text == (f"{day:%b}" if zoom == "month" else str(day.day))
        assert zoom != "week" or day.weekday() == 0
        assert zoom != "month" or day.day == 1
    assert all(date.fromordinal(day).weekday() == 5 for day in scale.weekends())
    assert scale.ordinal(scale.x(scale.first + 3)) == pytest.approx(scale.first + 3)


def test_an_empty_timeline_leads_to_the_cards(qtbot, session):
    window, pane, page = open_page(qtbot, session, "timeline")
    qtbot.waitUntil(lambda: page._empty.isVisible())
    assert named(page, QPushButton, "Go to the cards").isEnabled()
    named(page, QPushButton, "Go to the cards").click()
    assert pane.page.name == "lanes"
    window.close()


def test_cards_without_a_day_are_counted(qtbot, shown, session):
    _, _, page = shown
    session.board.save(Card(0, session.board.state.lanes[0].id, "some day"))
    qtbot.waitUntil(lambda: page.without.isVisible() and page.without.text() == "1 card without a day")


def test_cards_without_a_day_get_one_from_the_list_or_all_at_once(qtbot, shown, session):
    window, _, page = shown
    lane = session.board.state.lanes[0].id
    first = session.board.save(Card(0, lane, "Ask & look", estimate_days=3.0))
    second = session.board.save(Card(0, lane, "Write", depends_on=(first,)))
    qtbot.waitUntil(lambda: page.without.text() == "2 without a day")
    actions = [item for item in page.without.menu().actions() if item.text()]
    assert [item.text() for item in actions] == ["Plan all of them", "Ask && look", "Write"]
    actions[1].trigger()
    assert card(session, first).start is not None
    assert card(session, second).due is None
    assert page.timeline._current == first
    assert window.told[-1][0] == "Ask & look has a day now."
    session.history.undo()
    qtbot.waitUntil(lambda: page.without.text() == "2 without a day")
    page.without.menu().actions()[0].trigger()
    assert card(session, second).start > card(session, first).due
    assert not page.without.isVisible()


def test_a_board_on_which_nothing_has_a_day_is_planned_by_one_button(qtbot, session):
    lane = session.board.add_lane("To do")
    session.board.save(Card(0, lane, "Ask"))
    window, _, page = open_page(qtbot, session, "timeline")
    qtbot.waitUntil(lambda: bool(page._undated))
    named(page, QPushButton, "Plan the cards").click()
    assert len(page.timeline._bars) == 1
    window.close()


def test_the_board_of_a_template_fills_the_timeline_at_once(qtbot, session):
    set_up(session, known_templates()[0])
    window, _, page = open_page(qtbot, session, "timeline")
    cards = session.board.state.of(Card)
    qtbot.waitUntil(lambda: len(page.timeline._bars) == len(cards) > 12)
    assert sum(bar.milestone for bar in page.timeline._bars.values()) == len(Stage)
    assert not page.without.isVisible()
    window.close()


def test_a_read_only_project_can_be_looked_at_but_not_dragged(qtbot, session, ids):
    with open_project(session.folder.root, read_only=True) as other:
        _, pane, page = open_page(qtbot, other, "timeline")
        qtbot.waitUntil(lambda: len(page.timeline._bars) == 5)
        number = ids["Collect pictures of dark skin"]
        before = card(other, number)
        drag(qtbot, page, page.timeline.rect_of(number).center().toPoint(), 3)
        assert card(other, number) == before
        assert pane.banner.isHidden()
