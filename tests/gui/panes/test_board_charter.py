"""Goal and limits: every field keeps itself, can be undone, and can be reached by a link."""

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from tests.gui.panes.board_pages import fill_board, open_page, set_goal
from tests.gui.panes.shell import named
from tests.gui.panes.small_data import import_data, new_project, write_table
from workbench.core.board import Charter, Goal, Person
from workbench.core.states import DecisionKind, Split
from workbench.services.projects import open_project


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_table(tmp_path / "fruit.csv"), target="kind")
        yield session


@pytest.fixture
def shown(qtbot, session):
    window, pane, page = open_page(qtbot, session, "charter", (940, 900))
    qtbot.waitUntil(lambda: page.goal.measure.control.count() > 1)
    return window, pane, page


def charter(session):
    return session.board.state.charter


def leave(qtbot, field, text):
    """Type into an entry and leave it."""
    control = field.control
    control.setFocus()
    if hasattr(control, "setPlainText"):
        control.setPlainText(text)
    elif hasattr(control, "lineEdit"):
        control.lineEdit().setText(text)
    else:
        control.setText(text)
    field.keep()


def choose(field, data):
    combo = field.control
    combo.setCurrentIndex(combo.findData(data))
    combo.activated.emit(combo.currentIndex())


def test_each_field_keeps_itself_and_can_be_undone(qtbot, shown, session):
    _, _, page = shown
    leave(qtbot, page.fields["purpose"], "<b>Sort</b> fruit 水果 فواكه")
    leave(qtbot, page.fields["licence"], "CC BY 4.0")
    leave(qtbot, page.fields["latency_ms"], "25")
    leave(qtbot, page.fields["next_review"], "28 Nov 2026")
    leave(qtbot, page.fields["model_card.limits"], "Blind to pears in boxes.")
    found = charter(session)
    assert (found.purpose, found.licence, found.latency_ms, found.next_review, found.model_card.limits) == (
        "<b>Sort</b> fruit 水果 فواكه", "CC BY 4.0", 25.0, date(2026, 11, 28), "Blind to pears in boxes.",
    )  # fmt: skip
    for _ in range(2):
        session.history.undo()
    assert charter(session).next_review is None
    qtbot.waitUntil(lambda: page.fields["next_review"].control.text() == "")
    assert page.fields["model_card.limits"].control.toPlainText() == ""


def test_a_name_written_as_owner_joins_the_team(qtbot, shown, session):
    _, _, page = shown
    entry = page.fields["owner_id"].control.lineEdit()
    entry.setFocus()
    entry.selectAll()
    entry.insert("王小明")  # no key of a test keyboard writes it
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    (person,) = session.board.state.of(Person).values()
    assert (person.name, charter(session).owner_id) == ("王小明", person.id)
    qtbot.waitUntil(lambda: page.fields["owner_id"].value() == person.id)
    session.history.undo()
    assert (charter(session).owner_id, len(session.board.state.of(Person))) == (None, 0)
    qtbot.waitUntil(lambda: entry.text() == "Nobody yet")


def test_an_edit_keeps_what_a_thread_has_written_meanwhile(qtbot, shown, session):
    _, _, page = shown
    card = replace(charter(session).model_card, data="written by a thread")
    session.board.change("Note the data", Charter, 1, size_mb=4.0, model_card=card)
    leave(qtbot, page.fields["model_card.limits"], "Blind to pears.")
    leave(qtbot, page.fields["licence"], "MIT")
    found = charter(session)
    assert (found.size_mb, found.model_card.data, found.model_card.limits) == (
        4.0, "written by a thread", "Blind to pears.",
    )  # fmt: skip


def test_what_cannot_be_is_told_in_place_and_not_kept(qtbot, shown, session):
    _, _, page = shown
    leave(qtbot, page.fields["gap"], "3")
    leave(qtbot, page.fields["next_review"], "soon")
    leave(qtbot, page.fields["budget"], "much")
    assert charter(session).gap == 0.1
    assert charter(session).next_review is None
    words = [page.fields[name]._problem.text() for name in ("gap", "next_review", "budget")]
    assert words == ["Has to be from 0 to 1", "Has to be a day, such as 2026-11-28", "Has to be a number"]


def test_what_is_being_typed_is_not_written_over(qtbot, shown, session):
    window, _, page = shown
    window.activateWindow()
    entry = page.fields["licence"].control
    entry.setFocus()
    qtbot.waitUntil(entry.hasFocus)
    qtbot.keyClicks(entry, "CC")
    leave_other = page.fields["latency_ms"]
    session.board.set_charter(charter(session).__class__(purpose="said elsewhere"))
    qtbot.waitUntil(lambda: page.fields["purpose"].control.toPlainText() == "said elsewhere")
    assert entry.text() == "CC"
    leave_other.control.setFocus()
    qtbot.waitUntil(lambda: charter(session).licence == "CC")
    assert charter(session).purpose == "said elsewhere"


def test_a_first_goal_is_kept_at_once(qtbot, shown, session):
    _, _, page = shown
    choose(page.goal.measure, "recall_macro")
    assert charter(session).goal is None
    leave(qtbot, page.goal.target, "0.9")
    assert charter(session).goal == Goal("recall_macro", 0.9, Split.TEST)
    assert session.board.decisions() == []


def test_another_goal_needs_a_reason_which_stands_in_the_log(qtbot, shown, session):
    _, _, page = shown
    set_goal(session, 0.9)
    qtbot.waitUntil(lambda: page.goal.target.value() == 0.9)
    leave(qtbot, page.goal.target, "0.8")
    change = named(page, QPushButton, "Change goal")
    assert not change.isEnabled()
    assert charter(session).goal.target == 0.9
    page.goal.reason.setText("The clinic asks for less")
    qtbot.mouseClick(change, Qt.MouseButton.LeftButton)
    (decision,) = session.board.decisions()
    assert (decision.kind, decision.reason) == (DecisionKind.GOAL_CHANGED, "The clinic asks for less")
    assert charter(session).goal.target == 0.8
    leave(qtbot, page.goal.target, "0.7")
    qtbot.mouseClick(named(page, QPushButton, "Keep as it was"), Qt.MouseButton.LeftButton)
    assert page.goal.target.value() == 0.8
    assert not page.goal.reason.isVisible()
    session.history.undo()
    assert charter(session).goal.target == 0.9
    qtbot.waitUntil(lambda: page.goal.target.value() == 0.9)


def test_a_class_is_measured_by_what_there_is_for_one_class(qtbot, shown, session):
    _, _, page = shown
    choose(page.goal.measure, "recall_macro")
    choose(page.goal.class_name, "pear")
    leave(qtbot, page.goal.target, "0.95")
    assert charter(session).goal == Goal("recall", 0.95, Split.TEST, "pear")
    assert [page.goal.measure.control.itemData(at) for at in range(4)] == ["", "recall", "precision", "f1"]


@pytest.mark.parametrize(
    "name", ["goal", "licence", "owner_id", "model_card.limits", "model_card", "latency_ms"]
)
def test_a_link_puts_the_focus_into_its_field(qtbot, shown, name):
    window, _, page = shown
    window.activateWindow()
    window.go("board", page="charter", field=name)
    field = {"goal": page.goal.measure, "model_card": page.fields["model_card.intended_use"]}.get(
        name, page.fields.get(name)
    )
    qtbot.waitUntil(field.control.hasFocus)
    assert not field.control.visibleRegion().isEmpty()


def test_the_owner_is_one_of_the_team(qtbot, shown, session):
    window, _, page = shown
    ids = fill_board(session)
    owner = page.fields["owner_id"]
    qtbot.waitUntil(lambda: owner.control.count() == 4)
    choose(owner, ids["Mara"])
    assert charter(session).owner_id == ids["Mara"]
    qtbot.mouseClick(named(page, QPushButton, "Price per hour →"), Qt.MouseButton.LeftButton)
    assert window.went[-1][0] == "train"


def test_what_was_typed_for_one_project_never_ends_up_in_another(qtbot, shown, session, tmp_path):
    window, _, page = shown
    window.activateWindow()
    entry = page.fields["licence"].control
    entry.setFocus()
    qtbot.waitUntil(entry.hasFocus)
    qtbot.keyClicks(entry, "of the first")
    with new_project(tmp_path / "second") as second:
        window.open(second)
        qtbot.waitUntil(lambda: entry.text() == "")
        page.fields["licence"].keep()
        assert second.board.state.charter.licence == ""
        window.open(None)


def test_a_read_only_project_can_be_looked_at(qtbot, session):
    session.board.set_charter(charter(session).__class__(licence="CC0"))
    with open_project(session.folder.root, read_only=True) as other:
        _, _, page = open_page(qtbot, other, "charter")
        qtbot.waitUntil(lambda: page.fields["licence"].control.text() == "CC0")
        assert not any(field.control.isEnabled() for field in (*page.fields.values(), *page.goal.fields))
