"""Who sits here is asked once, in the first dialog that signs, and never again."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from tests.gui.panes.board_pages import open_page
from tests.gui.panes.shell import named
from tests.gui.panes.small_data import new_project
from workbench.core.board import Person
from workbench.gui import signing
from workbench.gui.projects import set_who, who
from workbench.gui.risk_dialog import RiskFromIdea


@pytest.fixture
def session(tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "full_name", lambda: "Ada Lovelace")
    set_who("")
    with new_project(tmp_path) as session:
        yield session
    set_who("")


def names(session):
    return [person.name for person in session.board.state.of(Person).values()]


def decide(qtbot, page, title):
    page.act()
    dialog = page.dialog
    dialog.title.setText(title)
    asked = [entry for entry in dialog.findChildren(QLineEdit) if entry.accessibleName() == "Your name"]
    shown = [entry.text() for entry in asked if entry.isVisible()]
    qtbot.mouseClick(named(dialog, QPushButton, "Record"), Qt.MouseButton.LeftButton)
    return shown


def test_the_first_decision_asks_for_a_name_and_the_next_ones_do_not(qtbot, session):
    _, _, page = open_page(qtbot, session, "decisions")
    assert decide(qtbot, page, "Small model first") == ["Ada Lovelace"]
    assert decide(qtbot, page, "No cloud") == []
    assert [decision.who for decision in session.board.decisions()] == ["Ada Lovelace"] * 2
    assert (who(), names(session)) == ("Ada Lovelace", ["Ada Lovelace"])


def test_who_says_no_name_is_asked_again_and_can_go_on(qtbot, session, monkeypatch):
    monkeypatch.setattr(signing, "full_name", lambda: "")
    _, _, page = open_page(qtbot, session, "decisions")
    assert decide(qtbot, page, "Small model first") == [""]
    assert decide(qtbot, page, "No cloud") == [""]
    assert (who(), names(session)) == ("", [])


def test_a_name_that_is_in_the_team_already_joins_it_once(qtbot, session):
    session.board.save(Person(0, "ada lovelace"))
    _, _, page = open_page(qtbot, session, "decisions")
    decide(qtbot, page, "Small model first")
    assert names(session) == ["ada lovelace"]


def test_a_risk_made_of_a_finding_is_signed_and_may_be_owned_by_a_new_name(qtbot, session):
    idea = next(iter(session.risks.catalogue()))
    window, _, _ = open_page(qtbot, session, "decisions")
    added = []
    dialog = RiskFromIdea(session, idea, added.append, window)
    dialog.open()
    dialog.owner.setEditText("Ada Lovelace")
    dialog.try_save()
    (person,) = session.board.state.of(Person).values()
    assert session.risks.get(added[0]).owner_id == person.id
    assert {change.who for change in session.board.history("risk")} == {"Ada Lovelace"}


def test_goal_and_limits_ask_in_the_page_until_somebody_has_said_it(qtbot, session):
    _, _, page = open_page(qtbot, session, "charter", (940, 900))
    qtbot.waitUntil(lambda: page.signature is not None)
    assert named(page, QLineEdit, "Your name").text() == "Ada Lovelace"
    licence = page.fields["licence"]
    licence.control.setText("CC BY 4.0")
    licence.keep()
    qtbot.waitUntil(lambda: page.signature is None)
    assert [change.who for change in session.board.history("charter")] == ["Ada Lovelace"]
    assert not [entry for entry in page.findChildren(QLineEdit) if entry.accessibleName() == "Your name"
                and entry.isVisible()]  # fmt: skip
