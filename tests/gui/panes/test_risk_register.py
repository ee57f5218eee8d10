"""The register with many hands and many rows: owners, several risks at once, undo of just one change."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from tests.gui.panes.risk_projects import project, settle, shown
from tests.gui.panes.shell import named
from tests.gui.panes.test_risks import cell, dialog_of, titles
from workbench.core.board import Change, Person
from workbench.core.risks import MitigationIdea, Risk
from workbench.gui.panes.risks.giving import GiveDialog
from workbench.gui.panes.risks.words import change_text
from workbench.gui.widgets.person_combo import PersonCombo

__all__ = ["project", "shown"]
LEFT = Qt.MouseButton.LeftButton


def test_undo_of_a_deleted_risk_brings_back_that_risk_and_says_when_it_cannot(qtbot, shown, project):
    window, pane = shown(project)
    pane.delete(1)
    _, action, undo = window.told[-1]
    pane.change(2, title="Slow on phones")
    assert action == "Undo"
    undo()
    settle(qtbot)
    assert set(titles(pane)) == {"Licence is unknown", "Slow on phones", "Nobody wants it"}
    undo()
    assert window.told[-1][0] == "“Delete Licence is unknown” was taken back already."


def test_two_changes_of_a_risk_at_once_do_not_overwrite_each_other(qtbot, shown, project, monkeypatch):
    _, pane = shown(project)
    written = project.board._write

    def meanwhile(label, make, reason, act=None, **more):
        monkeypatch.setattr(project.board, "_write", written)
        project.board.change("Change the cause", Risk, 1, cause="said by another")
        return written(label, make, reason, act, **more)

    monkeypatch.setattr(project.board, "_write", meanwhile)
    pane.change(1, title="Licence unknown")
    risk = project.risks.get(1)
    assert (risk.title, risk.cause) == ("Licence unknown", "said by another")


def test_a_new_name_written_as_the_owner_joins_the_team_in_the_cell_and_in_full(qtbot, shown, project):
    _, pane = shown(project)
    table = cell(pane, "Nobody wants it", "Owner")
    qtbot.keyClick(table, Qt.Key.Key_F2)
    entry = table.findChild(PersonCombo)
    entry.setEditText("李雷")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: project.risks.get(3).owner_id is not None)
    owner = project.risks.get(3).owner_id
    assert project.board.state.get(Person, owner).name == "李雷"
    # One step takes back both.
    project.history.undo()
    assert project.risks.get(3).owner_id is None
    assert owner not in project.board.state.of(Person)
    settle(qtbot)
    qtbot.keyClick(cell(pane, "Nobody wants it", "Owner"), Qt.Key.Key_F2)
    entry = table.findChildren(PersonCombo)[-1]
    qtbot.keyClicks(entry, "lin")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: project.risks.get(3).owner_id == 1)
    settle(qtbot)
    qtbot.keyClick(cell(pane, "Nobody wants it", "Owner"), Qt.Key.Key_F2)
    entry = table.findChildren(PersonCombo)[-1]
    entry.setCurrentIndex(entry.findText("Mara"))
    entry.activated.emit(entry.currentIndex())
    qtbot.waitUntil(lambda: project.risks.get(3).owner_id == 2)
    settle(qtbot)
    pane.select(risk_id=1)
    owner = pane.detail.treatment.owner
    owner.setFocus()
    owner.lineEdit().selectAll()
    qtbot.keyClicks(owner, "  mara ")
    qtbot.keyClick(owner, Qt.Key.Key_Return)
    assert project.risks.get(1).owner_id == 2
    owner.lineEdit().selectAll()
    qtbot.keyClicks(owner, "Noor")
    qtbot.keyClick(owner, Qt.Key.Key_Return)
    assert project.board.state.get(Person, project.risks.get(1).owner_id).name == "Noor"


def test_several_risks_are_given_to_somebody_at_once_and_given_back_at_once(qtbot, shown, project):
    window, pane = shown(project)
    pane.side.table.select(lambda row: row.risk.id in (1, 3))
    qtbot.mouseClick(named(pane, QPushButton, "Give selected to …"), LEFT)
    dialog = dialog_of(pane, GiveDialog)
    dialog.owner.setEditText("Noor")
    qtbot.mouseClick(dialog.action, LEFT)
    owners = {risk.id: risk.owner_id for risk in project.risks.all()}
    assert owners[1] == owners[3]
    assert project.board.state.get(Person, owners[1]).name == "Noor"
    text, action, undo = window.told[-1]
    assert (text, action) == ("2 risks given to Noor", "Undo")
    settle(qtbot)
    # What was selected is still so, for what comes next.
    assert {row.risk.id for row in pane.side.table.selected()} == {1, 3}
    undo()
    assert {risk.id: risk.owner_id for risk in project.risks.all()} == {1: 2, 2: 1, 3: None}
    assert len(project.board.state.of(Person)) == 2


def test_the_menu_of_several_risks_reviews_and_deletes_all_of_them(qtbot, shown, project):
    window, pane = shown(project)
    pane.side.table.select(lambda row: row.risk.id in (1, 2))
    actions = {action.text(): action for action in pane._menu_of(pane.side.table.selected())}
    actions["Review done"].trigger()
    day = date.today() + timedelta(days=14)
    assert [project.risks.get(number).next_review for number in (1, 2, 3)] == [day, day, None]
    actions["Delete 2 risks"].trigger()
    qtbot.waitUntil(lambda: titles(pane) == ["Nobody wants it"])
    window.told[-1][2]()
    qtbot.waitUntil(lambda: len(titles(pane)) == 3)


def test_sentence_score_owner_and_review_are_in_sight_in_a_narrow_pane(qtbot, shown, project):
    project.board.save(replace(project.board.state.get(Person, 1), name="Maximiliane Featherstonehaugh-Böhm"))
    _, pane = shown(project, (940, 560))
    table = pane.side.table
    headings = [column.title for column in table._columns]
    header = table.horizontalHeader()
    for heading in ("Risk", "Score", "Owner", "Review"):
        place = headings.index(heading)
        right = header.sectionPosition(place) + header.sectionSize(place)
        assert right <= table.viewport().width()
    assert header.sectionSize(headings.index("#")) <= 48
    assert header.sectionSize(headings.index("Risk")) >= 140


def test_names_read_from_right_to_left_do_not_turn_round_what_was_and_what_is():
    change = Change(0, datetime.now(UTC), "", "risk", 1, "Change", {"title": "קוד"}, {"title": "מודל"})
    # Each stands in an isolate of its own, so that the arrow still leads from the old to the new.
    assert change_text(change, {}) == "title \u2068“קוד”\u2069 → \u2068“מודל”\u2069"
    latin = replace(change, before={"owner_id": 1}, after={"owner_id": 2})
    assert change_text(latin, {1: "Lin", 2: "李雷"}) == "owner Lin → 李雷"


def test_a_long_mitigation_gives_way_so_that_nothing_is_cut_off_at_the_side(qtbot, shown, project):
    title = "Look at all samples concerned & clean them before the next meeting with the hospital"
    project.risks.add_action(1, MitigationIdea(title))
    _, pane = shown(project, (940, 560))
    area = pane.detail._area
    assert area.widget().width() <= area.viewport().width()
    link = named(pane.detail, QPushButton, title)
    assert link.text().endswith("…")
    assert title in link.toolTip().replace("&amp;", "&")
