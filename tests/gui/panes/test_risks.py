"""The Risks pane: the register is narrowed, changed in place, dragged on the map, and a risk read in full."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QScrollArea

from tests.gui.panes.risk_projects import crossing, judged, judged_folder, project, settle, shown
from tests.gui.panes.shell import named
from tests.gui.panes.small_data import new_project
from workbench.core.board import Charter
from workbench.core.risks import Link, Risk
from workbench.core.states import ProposalKind, RiskStatus
from workbench.gui.widgets.form_dialog import ReasonDialog
from workbench.services.projects import open_project

__all__ = ["judged", "judged_folder", "project", "shown"]
LEFT = Qt.MouseButton.LeftButton


def titles(pane):
    return [row.risk.title for row in pane.side.table.records()]


def cell(pane, title, heading):
    """Make a cell the current one and give the table the keyboard."""
    table = pane.side.table
    headings = [column.title for column in table._columns]
    table.setCurrentIndex(table.model().index(titles(pane).index(title), headings.index(heading)))
    table.setFocus()
    return table


def drag(widget, start, end):
    """Press, move and release the mouse, as a hand does."""
    QTest.mousePress(widget, LEFT, pos=start.toPoint())
    for share in (0.3, 0.7, 1.0):
        place = start + (end - start) * share
        event = QMouseEvent(
            QEvent.Type.MouseMove,
            place,
            widget.mapToGlobal(place),
            LEFT,
            LEFT,
            Qt.KeyboardModifier.NoModifier,
        )
        QApplication.sendEvent(widget, event)
    QTest.mouseRelease(widget, LEFT, pos=end.toPoint())


def dialog_of(pane, kind):
    found = [it for it in pane.window().findChildren(kind) if it.isVisible()]
    assert found, f"no {kind.__name__} is open"
    return found[0]


def test_the_heaviest_risk_stands_first_and_is_shown_in_full(shown, project):
    _, pane = shown(project)
    assert titles(pane) == ["Licence is unknown", "Too slow to deploy", "Nobody wants it"]
    assert pane.detail.title.toPlainText() == "Licence is unknown"
    assert pane.detail.badge.text == "12 high"


def test_a_title_is_changed_in_place_with_the_keyboard_and_taken_back(qtbot, shown, project):
    _, pane = shown(project)
    table = cell(pane, "Too slow to deploy", "Risk")
    qtbot.keyClick(table, Qt.Key.Key_F2)
    entry = QApplication.focusWidget()
    assert isinstance(entry, QLineEdit)
    assert entry.text() == "Too slow to deploy"
    qtbot.keyClicks(entry, "Slow on phones")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Slow on phones" in titles(pane))
    assert project.risks.get(2).title == "Slow on phones"
    project.history.undo()
    qtbot.waitUntil(lambda: "Too slow to deploy" in titles(pane))
    # The cell that was changed is still the current one, so that the keyboard goes on from there.
    assert table.currentIndex().column() == 1
    assert table.hasFocus()


def test_a_level_is_chosen_in_place_with_enter_and_arrows(qtbot, shown, project):
    _, pane = shown(project)
    table = cell(pane, "Nobody wants it", "P")
    qtbot.keyClick(table, Qt.Key.Key_Return)
    entry = table.findChild(QComboBox)
    entry.setCurrentIndex(entry.findData(4))
    entry.activated.emit(entry.currentIndex())
    qtbot.waitUntil(lambda: project.risks.get(3).probability == 4)
    qtbot.waitUntil(lambda: titles(pane)[0] == "Nobody wants it")


def test_news_do_not_take_away_what_is_being_typed(qtbot, shown, project):
    _, pane = shown(project)
    table = cell(pane, "Nobody wants it", "Risk")
    qtbot.keyClick(table, Qt.Key.Key_F2)
    entry = QApplication.focusWidget()
    qtbot.keyClicks(entry, "Half a")
    project.risks.save(Risk(0, "Another one"))
    settle(qtbot)
    assert entry.isVisible()
    assert entry.text() == "Half a"
    qtbot.keyClick(entry, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: "Another one" in titles(pane))
    assert project.risks.get(3).title == "Nobody wants it"


def test_filters_narrow_and_show_all_brings_back(qtbot, shown, project):
    _, pane = shown(project)
    filters = pane.side.filters
    qtbot.keyClicks(filters.words, "slow LIN")
    qtbot.waitUntil(lambda: titles(pane) == ["Too slow to deploy"])
    qtbot.mouseClick(named(pane, QPushButton, "Show all"), LEFT)
    assert len(titles(pane)) == 3
    filters.category.setCurrentIndex(filters.category.findData("data"))
    assert titles(pane) == ["Licence is unknown"]
    filters.clear()
    qtbot.mouseClick(named(pane, QPushButton, "Without owner"), LEFT)
    assert titles(pane) == ["Nobody wants it"]
    filters.clear()
    qtbot.mouseClick(filters.overdue, LEFT)
    assert titles(pane) == ["Too slow to deploy"]


def test_closed_risks_are_left_out_until_they_are_asked_for(qtbot, shown, project):
    project.risks.save(replace(project.risks.get(3), status=RiskStatus.CLOSED), "sold")
    _, pane = shown(project)
    assert "Nobody wants it" not in titles(pane)
    status = pane.side.filters.status
    status.setCurrentIndex(status.findData("closed"))
    assert titles(pane) == ["Nobody wants it"]


def test_a_dot_that_is_dragged_changes_the_levels_and_can_be_taken_back(qtbot, shown, project):
    _, pane = shown(project)
    pane.side.show_page("map")
    qtbot.wait(30)
    heat_map = pane.side.maps.now
    drag(heat_map, heat_map.dot_rect(2).center(), heat_map.field_rect(5, 4).center())
    qtbot.waitUntil(lambda: project.risks.get(2).score == 20)
    risk = project.risks.get(2)
    assert (risk.probability, risk.impact) == (5, 4)
    project.history.undo()
    assert project.risks.get(2).score == 6


def test_a_dot_dragged_after_treatment_says_what_is_left(qtbot, shown, project):
    _, pane = shown(project)
    pane.side.show_page("map")
    qtbot.wait(30)
    after = pane.side.maps.after
    assert all(dot.faint for dot in after.dots())
    drag(after, after.dot_rect(1).center(), after.field_rect(1, 2).center())
    qtbot.waitUntil(lambda: project.risks.get(1).residual_score == 2)
    assert project.risks.get(1).score == 12
    qtbot.waitUntil(lambda: pane.detail.scoring.after.text == "2 low")


@pytest.mark.parametrize("after", [False, True])
def test_the_rest_of_a_full_field_is_read_in_the_table(qtbot, shown, project, after):
    project.board.save_all([Risk(0, f"Crowd {number}", probability=5, impact=5) for number in range(60)])
    _, pane = shown(project)
    pane.side.show_page("map")
    qtbot.wait(30)
    heat_map = pane.side.maps.after if after else pane.side.maps.now
    _, rest = heat_map._placed(5, 5)[-1]
    qtbot.mouseClick(heat_map, LEFT, pos=rest.center().toPoint())
    assert pane.side.page == "table"
    assert len(titles(pane)) == 60
    qtbot.mouseClick(pane.side.filters.field, LEFT)
    assert len(titles(pane)) == 63


def test_the_chosen_dot_moves_with_control_and_arrows(qtbot, shown, project):
    _, pane = shown(project)
    pane.side.show_page("map")
    heat_map = pane.side.maps.now
    heat_map.setFocus()
    qtbot.keyClick(heat_map, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: project.risks.get(1).probability == 4)


def test_every_field_saves_itself(qtbot, shown, project):
    _, pane = shown(project)
    cause = pane.detail.sentence.entry("cause")
    cause.setFocus()
    qtbot.keyClicks(cause, "nobody asked")
    pane.detail.title.setFocus()
    assert project.risks.get(1).cause == "nobody asked"
    chooser = pane.detail.scoring.choosers["impact"]
    chooser.setFocus()
    qtbot.keyClick(chooser, Qt.Key.Key_5)
    assert project.risks.get(1).impact == 5
    assert "people come to harm" in pane.detail.scoring.choosers["impact"].meaning(5)
    qtbot.mouseClick(pane.detail.treatment.done, LEFT)
    assert project.risks.get(1).next_review == date.today() + timedelta(days=14)


def test_the_next_review_is_typed_and_nonsense_is_told(qtbot, shown, project):
    _, pane = shown(project)
    review = pane.detail.treatment.review
    review.setFocus()
    qtbot.keyClicks(review, "soon")
    qtbot.keyClick(review, Qt.Key.Key_Return)
    assert project.risks.get(1).next_review is None
    assert pane.detail.treatment._wrong.isVisible()
    review.selectAll()
    qtbot.keyClicks(review, "2031-02-03")
    qtbot.keyClick(review, Qt.Key.Key_Return)
    assert project.risks.get(1).next_review == date(2031, 2, 3)


def test_a_review_is_set_in_place(qtbot, shown, project):
    _, pane = shown(project)
    table = cell(pane, "Too slow to deploy", "Review")
    qtbot.keyClick(table, Qt.Key.Key_F2)
    entry = QApplication.focusWidget()
    assert isinstance(entry, QLineEdit)
    qtbot.keyClicks(entry, "2031-02-03")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: project.risks.get(2).next_review == date(2031, 2, 3))


def test_what_is_typed_goes_to_the_risk_that_was_shown(qtbot, shown, project):
    _, pane = shown(project)
    effect = pane.detail.sentence.entry("effect")
    effect.setFocus()
    qtbot.keyClicks(effect, "we are sued")
    pane.select(risk_id=2)
    assert project.risks.get(1).effect == "we are sued"
    assert project.risks.get(2).effect == ""


def test_accepting_and_closing_ask_for_a_reason(qtbot, shown, project):
    _, pane = shown(project)
    status = pane.detail.treatment.status
    status.setCurrentIndex(status.findData(RiskStatus.ACCEPTED))
    status.activated.emit(status.currentIndex())
    dialog = dialog_of(pane, ReasonDialog)
    qtbot.mouseClick(dialog.action, LEFT)
    assert dialog.problem.isVisible()
    assert project.risks.get(1).status is RiskStatus.OPEN
    qtbot.keyClicks(dialog.entry, "the clinic agreed")
    qtbot.mouseClick(dialog.action, LEFT)
    assert project.risks.get(1).status is RiskStatus.ACCEPTED
    assert project.board.decisions()[-1].reason == "the clinic agreed"
    settle(qtbot)
    pane.set_status(1, RiskStatus.CLOSED)
    qtbot.mouseClick(dialog_of(pane, ReasonDialog).cancel, LEFT)
    assert project.risks.get(1).status is RiskStatus.ACCEPTED
    assert status.currentData() == RiskStatus.ACCEPTED


def test_history_says_what_changed_and_why(qtbot, shown, project):
    project.board.who = "Lin"
    project.risks.save(replace(project.risks.get(1), impact=5), "asked the clinic")
    _, pane = shown(project)
    words = "\n".join(
        label.text() for label in pane.detail.history.findChildren(QLabel) if label.isVisibleTo(pane)
    )
    assert "Lin: impact 4 → 5\nasked the clinic" in words


def test_a_mitigation_is_written_as_a_card_and_leads_to_it(qtbot, shown, project):
    window, pane = shown(project)
    entry = pane.detail.mitigations.entry
    qtbot.keyClicks(entry, "Ask a lawyer")
    qtbot.keyClick(entry, Qt.Key.Key_Return)
    (card_id,) = project.risks.get(1).actions
    qtbot.waitUntil(lambda: entry.text() == "")
    settle(qtbot)
    qtbot.mouseClick(named(pane, QPushButton, "Ask a lawyer"), LEFT)
    assert window.went == [("board", {"page": "lanes", "card_id": card_id})]


@pytest.mark.parametrize(("answer", "left"), [("Accept", 5), ("Put back", 2)])
def test_a_crossed_watch_is_told_with_its_source_and_answered(qtbot, shown, judged, answer, left):
    judged.risks.set_watch(crossing(1))
    judged.watching.look()
    (proposal,) = judged.board.state.open_proposals(1)
    assert proposal.kind is ProposalKind.RAISED
    window, pane = shown(judged)
    assert judged.risks.get(1).probability == 5
    run = judged.training.get(1).name
    qtbot.waitUntil(lambda: any(b.text() == f"{run} · test" for b in pane.findChildren(QPushButton)))
    source = next(b for b in pane.detail.asking.findChildren(QPushButton) if b.text() == f"{run} · test")
    qtbot.mouseClick(source, LEFT)
    assert window.went == [("evaluate", {"run_id": 1, "split": "test"})]
    button = named(pane.detail.asking, QPushButton, answer)
    button.setFocus()
    qtbot.mouseClick(button, LEFT)
    assert judged.risks.get(1).probability == left
    qtbot.waitUntil(lambda: not pane.detail.asking.isVisible())
    # The risk stays where it was read: the keyboard goes to no control further down.
    assert isinstance(window.focusWidget(), QScrollArea)
    assert pane.detail._area.verticalScrollBar().value() == 0


def test_evidence_leads_to_where_it_is(qtbot, shown, judged):
    risk = replace(judged.risks.get(1), evidence=(Link("run", 1), Link("dataset", 1, "small_class")))
    judged.risks.save(risk)
    window, pane = shown(judged)
    for button in pane.detail.evidence.findChildren(QPushButton):
        qtbot.mouseClick(button, LEFT)
    assert window.went == [("train", {"run_id": 1}), ("data", {"dataset_id": 1})]


def test_mitigations_that_can_be_tried_are_queued_and_tied_to_the_risk(qtbot, shown, judged):
    window, pane = shown(judged)
    qtbot.waitUntil(lambda: bool(pane.detail.trying.findChildren(QPushButton)), timeout=30_000)
    button = named(pane, QPushButton, "Stronger weight decay")
    qtbot.mouseClick(button, LEFT)
    qtbot.waitUntil(lambda: bool(window.told), timeout=30_000)
    new = judged.training.all()[-1]
    assert (new.parent_id, judged.risks.get(1).status) == (1, RiskStatus.MITIGATING)
    judged.training.wait(new.id, 60)
    settle(qtbot)


def test_thousands_of_risks_ask_only_for_the_rows_in_sight(qtbot, shown, project):
    project.board.save_all(
        [Risk(0, f"Risk {n}", probability=1 + n % 5, impact=1 + n % 4) for n in range(2000)]
    )
    _, pane = shown(project)
    table = pane.side.table
    asked = set()
    data = table.model().data
    table.model().data = lambda index, role=0: asked.add(index.row()) or data(index, role)
    table.viewport().repaint()
    assert len(table.records()) == 2003
    assert 0 < len(asked) <= 40
    pane.side.show_page("map")
    qtbot.wait(30)
    heat_map = pane.side.maps.now
    assert sum(len(heat_map._placed(p, i)) for p in range(1, 6) for i in range(1, 6)) < 500


def test_names_are_shown_as_they_are_written(qtbot, shown, project):
    for title in ("<b>bold</b> & <img src=x>", "=SUM(A1:A9)", "شركة تخسر العميل", "标注错误"):
        project.risks.save(Risk(0, title, cause=title, probability=5, impact=5))
    _, pane = shown(project)
    for title in ("<b>bold</b> & <img src=x>", "=SUM(A1:A9)", "شركة تخسر العميل", "标注错误"):
        assert title in titles(pane)
        pane.select(risk_id=next(row.risk.id for row in pane.register.rows if row.risk.title == title))
        assert pane.detail.title.toPlainText() == title
        assert pane.detail.sentence.entry("cause").toPlainText() == title
    assert all(label.textFormat() == Qt.TextFormat.PlainText for label in pane.detail.findChildren(QLabel))


def test_levels_have_the_words_and_thresholds_of_the_project(qtbot, shown, project):
    probabilities = ("never", "seldom", "now and then", "often", "always")
    project.board.set_charter(replace(Charter(), thresholds=(2, 3, 12), probabilities=probabilities))
    _, pane = shown(project)
    assert pane.detail.badge.text == "12 critical"
    words = [label.text() for label in pane.detail.scoring.findChildren(QLabel)]
    assert "now and then" in words


def test_a_project_without_risks_says_what_belongs_here(qtbot, shown, tmp_path):
    with new_project(tmp_path) as session:
        _, pane = shown(session)
        assert pane.empty.isVisible()
        named(pane.empty, QPushButton, "New risk")
        named(pane.empty, QPushButton, "From the catalogue")


def test_a_read_only_project_is_seen_but_not_changed(qtbot, shown, project, tmp_path):
    project.close()
    with open_project(tmp_path / "Orchard", read_only=True) as session:
        _, pane = shown(session)
        table = cell(pane, "Nobody wants it", "Risk")
        qtbot.keyClick(table, Qt.Key.Key_F2)
        assert not table.findChildren(QLineEdit)
        assert pane.detail.title.isReadOnly()
        assert not pane.detail.scoring.choosers["impact"].isEnabled()
        assert not pane.detail.treatment.owner.isEnabled()
        assert not named(pane.header, QPushButton, "New risk").isEnabled()
        pane.side.show_page("map")
        qtbot.wait(30)
        heat_map = pane.side.maps.now
        drag(heat_map, heat_map.dot_rect(2).center(), QPointF(heat_map.field_rect(5, 4).center()))
        assert session.risks.get(2).score == 6


def test_exposure_shows_what_the_risks_weigh_and_what_changed(qtbot, shown, project):
    _, pane = shown(project)
    pane.side.show_page("exposure")
    settle(qtbot)
    exposure = pane.side.exposure
    assert exposure.total.series()[0].values[-1] == 12 + 6 + 5
    assert {item.title for item in exposure.changes.records()} >= {"Licence is unknown"}
    exposure.changes.selectRow(0)
    qtbot.keyClick(exposure.changes, Qt.Key.Key_Return)
    assert pane.side.page == "table"
    assert pane.detail.isVisible()
