"""Risks go out of the window and come into it: every row and every column is looked at before."""

import pytest
from PySide6.QtWidgets import QApplication, QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import new_project
from workbench.core.board import Card, Person
from workbench.core.risks import Risk
from workbench.core.states import DecisionKind
from workbench.gui.commands import project_hits
from workbench.gui.exchange_dialog import ExchangeDialog, export_risks, import_risks
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.services.projects import open_project


@pytest.fixture
def window(qtbot, tmp_path):
    """A window over an empty project."""
    with new_project(tmp_path) as session:
        shell = PaneWindow(session)
        qtbot.addWidget(shell)
        shell.resize(1024, 700)
        shell.show()
        yield shell
        shell.close()


@pytest.fixture
def opened(qtbot, window):
    """Import a file and return its dialog."""

    def show(path):
        import_risks(window, window.session, path)
        qtbot.waitUntil(lambda: bool(window.findChildren(ExchangeDialog)))
        return window.findChildren(ExchangeDialog)[0]

    return show


def test_a_wrong_row_and_an_unknown_column_are_shown_and_a_chosen_field_mends_them(
    qtbot, opened, window, tmp_path
):
    path = tmp_path / "theirs.csv"
    path.write_text("Was,Probability,Impact,Colour\nZu spät,4,5,red\nB,9,1,blue\n", "utf-8")
    dialog = opened(path)
    button = named(dialog, QPushButton, "Import")
    assert not button.isEnabled()
    combo = named(dialog, ElidedComboBox, "Was")
    combo.setCurrentIndex(combo.findData("title"))
    qtbot.waitUntil(button.isEnabled)
    assert button.text() == "Import 1 risk"
    words = " ".join(label.text() for label in dialog.findChildren(type(dialog._notes)))
    assert "1 rows with problems are left out" in words
    assert "not brought in: Colour" in words
    button.click()
    qtbot.waitUntil(lambda: bool(window.told))
    text, action, undo = window.told[-1]
    assert (text, action) == ("Risks imported: 1 new, 0 changed", "Undo")
    assert [risk.title for risk in window.session.risks.all()] == ["Zu spät"]
    undo()
    assert window.session.risks.all() == []


def test_two_columns_for_one_field_are_told_in_place(qtbot, opened, tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("Risk,What\nA,B\n", "utf-8")
    dialog = opened(path)
    combo = named(dialog, ElidedComboBox, "What")
    combo.setCurrentIndex(combo.findData("title"))
    qtbot.waitUntil(lambda: "Two columns" in dialog._banner.text)
    assert not named(dialog, QPushButton, "Import").isEnabled()
    dialog.reject()


def test_what_cannot_be_read_or_written_is_said_at_the_bottom(qtbot, window, tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"nothing")
    import_risks(window, window.session, tmp_path / "a.xlsx")
    qtbot.waitUntil(lambda: any("no Excel file" in told[0] for told in window.told))
    export_risks(window, window.session, tmp_path / "none" / "a.csv")
    qtbot.waitUntil(lambda: any("no folder" in told[0] for told in window.told))
    export_risks(window, window.session, tmp_path / "a.csv")
    qtbot.waitUntil(lambda: any("0 risks written to a.csv" in told[0] for told in window.told))


def test_a_read_only_project_takes_no_register(window, tmp_path):
    with open_project(window.session.folder.root, read_only=True) as session:
        import_risks(window, session, tmp_path / "a.csv")
    assert "read-only" in window.told[-1][0]
    assert not [it for it in QApplication.topLevelWidgets() if isinstance(it, ExchangeDialog)]


def test_the_search_leads_to_risks_cards_people_and_decisions(window):
    session = window.session
    risk = session.risks.save(Risk(0, "Too few samples"))
    card = session.board.save(Card(0, session.board.add_lane("To do"), "Collect more"))
    person = session.board.save(Person(0, "Ada", "lead"))
    session.board.decide(session.board.decision(DecisionKind.OTHER, "Buy a graphics card"))
    hits = {hit.title: hit for hit in project_hits(session, window)}
    assert hits["Too few samples"].kind == "risk · 9, open"
    assert hits["Collect more"].kind == "card · To do"
    for title in ("Too few samples", "Collect more", "Ada", "Buy a graphics card"):
        hits[title].choose()
    assert window.went == [
        ("risks", {"risk_id": risk}),
        ("board", {"page": "lanes", "card_id": card}),
        ("board", {"page": "team", "person_id": person}),
        ("board", {"page": "decisions", "decision_id": 1}),
    ]


def test_a_register_that_would_change_nothing_is_not_offered(qtbot, opened, window, tmp_path):
    for number in range(9):
        window.session.risks.save(Risk(0, f"Risk {number}"))
    path = tmp_path / "ours.csv"
    window.session.exchange.export_risks(path)
    dialog = opened(path)
    button = named(dialog, QPushButton, "Import")
    assert (button.text(), button.isEnabled()) == ("Nothing would change", False)
    dialog.reject()
    window.session.board.change("Change", Risk, 4, title="Renamed")
    qtbot.waitUntil(lambda: not window.findChildren(ExchangeDialog))
    button = named(opened(path), QPushButton, "Import")
    assert (button.text(), button.isEnabled()) == ("Import 1 risk", True)


def test_undo_of_an_import_takes_back_the_import_alone(qtbot, opened, window, tmp_path):
    window.session.risks.save(Risk(0, "Ours"))
    path = tmp_path / "theirs.csv"
    path.write_text("Risk,Owner\nTheirs,Noor\n", "utf-8")
    named(opened(path), QPushButton, "Import").click()
    qtbot.waitUntil(lambda: bool(window.told))
    window.session.board.change("Change Ours", Risk, 1, impact=5)
    window.told[-1][2]()
    assert [(risk.title, risk.impact) for risk in window.session.risks.all()] == [("Ours", 5)]
    assert not window.session.board.state.of(Person)
