"""Team: people and their workload, who sits here, and what follows from a meeting."""

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QPushButton, QToolButton

from tests.gui.panes.board_pages import TODAY, add_meeting, fill_board, open_page
from tests.gui.panes.shell import named
from tests.gui.panes.small_data import new_project
from workbench.core.board import Card, Meeting, Person
from workbench.core.states import Stage
from workbench.gui.panes.board.people import PersonDialog
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.labels import PlainLabel
from workbench.services.projects import open_project


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        yield session
    QSettings().remove("who")


@pytest.fixture
def ids(session):
    return fill_board(session)


@pytest.fixture
def shown(qtbot, session, ids):
    window, pane, page = open_page(qtbot, session, "team")
    qtbot.waitUntil(lambda: len(page.people.rows) == 4)
    return window, pane, page


def people(session):
    return {person.name: person for person in session.board.state.of(Person).values()}


def meeting(session):
    return list(session.board.state.of(Meeting).values())[-1]


def test_each_person_shows_what_they_have_to_do(shown):
    _, _, page = shown
    found = {row.accessibleName(): row.accessibleDescription() for row in page.people.rows}
    assert found == {
        "Lin 林": "1 open · 0 overdue · 10 days · 0 risks",
        "Mara": "2 open · 1 overdue · 10 days · 1 risk",
        "Omar": "0 open · 0 overdue · 0 days · 0 risks",
        "Nobody": "1 open · 0 overdue · 0 days · 0 risks",
    }


def test_a_person_is_added_changed_and_deleted_with_undo(qtbot, shown, session, ids):
    window, _, page = shown
    qtbot.mouseClick(page.add, Qt.MouseButton.LeftButton)
    page.dialog.try_save()
    assert page.dialog.isVisible(), "a name is needed"
    page.dialog.name.setText("  <i>Ada</i>  爱达 ")
    page.dialog.role.setText("Clinic")
    page.dialog.try_save()
    assert people(session)["<i>Ada</i> 爱达"].role == "Clinic"
    qtbot.waitUntil(lambda: len(page.people.rows) == 5)
    mara = next(row for row in page.people.rows if row.accessibleName() == "Mara")
    mara.menu.actions()[0].trigger()
    page.dialog.answers_for.setText("everything")
    page.dialog.try_save()
    assert people(session)["Mara"].answers_for == "everything"
    page._remove_person(ids["Mara"])
    assert "Mara" not in people(session)
    assert session.board.state.of(Card)[ids["Ask for the licence"]].owner_id is None
    window.told[-1][2]()
    assert session.board.state.of(Card)[ids["Ask for the licence"]].owner_id == ids["Mara"]


def test_this_is_me_signs_what_is_done_and_is_remembered(qtbot, shown, session, ids):
    _, _, page = shown
    row = next(row for row in page.people.rows if row.accessibleName() == "Lin 林")
    row.menu.actions()[1].trigger()
    assert session.board.who == "Lin 林"
    assert QSettings().value("who") == "Lin 林"
    qtbot.waitUntil(lambda: any(b.text == "me" for b in page.findChildren(Badge) if b.isVisible()))
    page._save_person(replace(people(session)["Lin 林"], name="Lin Wang"))
    assert session.board.who == "Lin Wang", "who is renamed stays who sits here"


def test_a_line_of_a_meeting_becomes_a_card_in_the_stage_of_the_project(qtbot, shown, session):
    window, pane, page = shown
    qtbot.mouseClick(named(pane.header, QPushButton, "New meeting"), Qt.MouseButton.LeftButton)
    assert meeting(session).day == TODAY
    page.detail.action.setText("Ask <b>both</b> clinics 诊所")
    qtbot.keyClick(page.detail.action, Qt.Key.Key_Return)
    (card_id,) = meeting(session).actions
    card = session.board.state.of(Card)[card_id]
    assert card.title == "Ask <b>both</b> clinics 诊所"
    lane = next(lane for lane in session.board.state.lanes if lane.id == card.lane_id)
    assert lane.stage is Stage.INITIATION
    title = next(label for label in page.detail.findChildren(PlainLabel) if label.text() == card.title)
    qtbot.waitUntil(title.isVisible)
    session.board.set_done(card_id, True)
    qtbot.waitUntil(lambda: any(b.text == "done" for b in page.detail.findChildren(Badge) if b.isVisible()))
    qtbot.waitUntil(lambda: [line.actions for line in page.meetings.records()] == ["1 of 1 done"])
    qtbot.mouseClick(named(page.detail, QPushButton, "Card →"), Qt.MouseButton.LeftButton)
    assert window.went[-1] == ("board", {"page": "lanes", "card_id": card_id})
    session.history.undo()
    session.history.undo()
    assert meeting(session).actions == (), "card and list go in one step"
    assert card_id not in session.board.state.of(Card)


def test_an_action_finds_a_lane_even_where_there_is_none(qtbot, session):
    for lane in session.board.state.lanes[1:]:
        session.board.remove(lane)
    add_meeting(session)
    _, _, page = open_page(qtbot, session, "team")
    qtbot.waitUntil(lambda: page.detail.meeting is not None)
    page._add_action("first of all")
    assert len(meeting(session).actions) == 1


def test_a_decision_of_a_meeting_goes_into_the_log_by_one_click(qtbot, shown, session):
    _, _, page = shown
    number = add_meeting(session)
    qtbot.waitUntil(lambda: page.detail.meeting is not None)
    page.detail.decision.setText("قرار: نؤجل <br>")
    qtbot.keyClick(page.detail.decision, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: meeting(session).decisions == ("قرار: نؤجل <br>",))
    log = "Put into the log"
    qtbot.waitUntil(
        lambda: any(b.isVisible() and b.text() == log for b in page.detail.findChildren(QPushButton))
    )
    button = named(page.detail, QPushButton, log)
    button.setFocus()
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    (decision,) = session.board.decisions()
    assert (decision.title, decision.links[0].noun, decision.links[0].id) == (
        "قرار: نؤجل <br>",
        "meeting",
        number,
    )
    qtbot.waitUntil(lambda: any(b.text == "in the log" for b in page.detail.findChildren(Badge)))
    assert page.detail.isAncestorOf(page.window().focusWidget()), "the keyboard stays in the meeting"
    session.history.undo()
    qtbot.waitUntil(lambda: not any(b.text == "in the log" for b in page.detail.findChildren(Badge)))


def test_notes_are_markdown_in_which_html_is_text(qtbot, shown, session):
    _, _, page = shown
    add_meeting(session, notes="# Head\n- **one**\n<img src='file:///etc/passwd'> <b>two</b>")
    qtbot.waitUntil(lambda: page.detail.meeting is not None)
    assert page.detail.preview.isVisible()
    plain = page.detail.preview.toPlainText()
    assert "Head" in plain
    assert "#" not in plain
    assert "<b>two</b>" in plain
    named(page.detail, QPushButton, "Write").click()
    page.detail.notes.control.setPlainText("other")
    page.detail.notes.keep()
    assert meeting(session).notes == "other"


def test_a_meeting_is_changed_and_deleted_with_undo(qtbot, shown, session):
    window, _, page = shown
    add_meeting(session)
    qtbot.waitUntil(lambda: page.detail.meeting is not None)
    page.detail.review.control.setChecked(True)
    page.detail.day.control.setText("2026-01-05")
    page.detail.day.keep()
    page.detail.title.control.setText("")
    page.detail.title.keep()
    assert (meeting(session).review, meeting(session).day, meeting(session).title) == (
        True,
        date(2026, 1, 5),
        "Weekly",
    )
    qtbot.mouseClick(named(page.detail, QPushButton, "Delete meeting"), Qt.MouseButton.LeftButton)
    assert not session.board.state.of(Meeting)
    window.told[-1][2]()
    assert meeting(session).day == date(2026, 1, 5)


def test_what_is_typed_in_one_meeting_stays_in_it(qtbot, shown, session):
    _, _, page = shown
    first, second = add_meeting(session, title="One"), add_meeting(session, title="Two")
    qtbot.waitUntil(lambda: page.detail.meeting is not None)
    page.select(meeting_id=first)
    page.detail.notes.control.setPlainText("of the first")
    page.select(meeting_id=second)
    found = session.board.state.of(Meeting)
    assert (found[first].notes, found[second].notes) == ("of the first", "")
    assert page.detail.title.value() == "Two"


def test_an_empty_team_offers_the_first_person_and_the_first_meeting(qtbot, session):
    for person in list(people(session).values()):
        session.board.remove(person)
    _, _, page = open_page(qtbot, session, "team")
    qtbot.mouseClick(named(page, QPushButton, "Add first person"), Qt.MouseButton.LeftButton)
    assert page.dialog.isVisible()
    page.dialog.reject()
    qtbot.mouseClick(named(page, QPushButton, "Note first meeting"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.detail.isVisible())


def test_a_read_only_project_can_be_looked_at(qtbot, session, ids):
    add_meeting(session, decisions=("one",))
    with open_project(session.folder.root, read_only=True) as other:
        _, _, page = open_page(qtbot, other, "team")
        qtbot.waitUntil(lambda: page.detail.meeting is not None)
        assert not page.add.isEnabled()
        assert not page.detail.title.control.isEnabled()
        assert not page.detail.action.isEnabled()
        assert not named(page.detail, QToolButton, "Delete").isEnabled()


def test_a_person_who_is_changed_keeps_the_colour(qtbot):
    dialog = PersonDialog(Person(3, "Mara", color=5), None)
    qtbot.addWidget(dialog)
    entered = []
    dialog.entered.connect(entered.append)
    dialog.role.setText("lead")
    dialog.try_save()
    assert [(person.role, person.color) for person in entered] == [("lead", 5)]
