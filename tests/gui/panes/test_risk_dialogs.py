"""Dialogs of the Risks pane: a new risk, the catalogue, a watch, the scale, and *Make a risk*."""

from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPushButton

from tests.gui.panes.risk_projects import crossing, judged, judged_folder, project, settle, shown
from tests.gui.panes.shell import named
from workbench.core.board import Card, Person
from workbench.core.risks import Link, MitigationIdea, Risk, RiskIdea
from workbench.core.states import Condition, Split, Verdict
from workbench.gui.panes.risks.catalogue import CatalogueDialog
from workbench.gui.panes.risks.new_risk import NewRisk
from workbench.gui.panes.risks.scale_dialog import ScaleDialog
from workbench.gui.panes.risks.watch_dialog import WatchDialog
from workbench.gui.risk_dialog import RiskFromIdea, make_risk
from workbench.gui.widgets.small_curves import SmallCurves

__all__ = ["judged", "judged_folder", "project", "shown"]
LEFT = Qt.MouseButton.LeftButton
IDEA = RiskIdea(
    "",
    Risk(
        0, "Pear taken for apple", "technical", "few pears", "pears are missed", "sour juice", probability=4
    ),
    mitigations=(MitigationIdea("Collect more pears"), MitigationIdea("Weigh classes")),
    watch=replace(crossing(0), limit=0.9),
)


def open_dialog(pane, kind):
    found = [it for it in pane.window().findChildren(kind) if it.isVisible()]
    assert found, f"no {kind.__name__} is open"
    return found[0]


def test_a_new_risk_is_opened_as_soon_as_it_is_there(qtbot, shown, project):
    _, pane = shown(project)
    qtbot.mouseClick(named(pane.header, QPushButton, "New risk"), LEFT)
    dialog = open_dialog(pane, NewRisk)
    qtbot.mouseClick(dialog.action, LEFT)
    assert dialog.problem.text() == "Give the risk a title."
    qtbot.keyClicks(dialog.title, "The server burns")
    dialog.owner.setCurrentIndex(dialog.owner.findText("Mara"))
    dialog.category.setCurrentIndex(dialog.category.findData("operational"))
    qtbot.mouseClick(dialog.action, LEFT)
    risk = project.risks.get(4)
    assert (risk.title, risk.owner_id, risk.category) == ("The server burns", 2, "operational")
    assert risk.next_review is not None
    qtbot.waitUntil(lambda: pane.detail.title.toPlainText() == "The server burns")


def test_a_risk_of_the_catalogue_is_found_by_words_and_taken_with_one_click(qtbot, shown, project):
    _, pane = shown(project)
    qtbot.mouseClick(named(pane.header, QPushButton, "From the catalogue"), LEFT)
    dialog = open_dialog(pane, CatalogueDialog)
    qtbot.waitUntil(lambda: len(dialog.rows) > 20)
    qtbot.keyClicks(dialog.words, "learns training data")
    qtbot.waitUntil(lambda: 0 < len(dialog.rows) < 8)
    row = next(row for row in dialog.rows if row.idea.code == "overfitting")
    dialog.owner.setCurrentIndex(dialog.owner.findText("Lin"))
    qtbot.mouseClick(row.button, LEFT)
    risk = project.risks.get(4)
    assert (risk.source, risk.owner_id, risk.title) == ("overfitting", 1, row.idea.risk.title)
    assert len(risk.actions) == len(row.idea.mitigations)
    assert bool(project.board.state.watches_of(4)) == (row.idea.watch is not None)
    assert row.button.text() == "Taken"
    assert not row.button.isEnabled()
    project.history.undo()
    assert 4 not in {it.id for it in project.risks.all()}
    assert not project.board.state.of(Card)


def test_a_watch_is_chosen_from_what_the_project_has_and_shows_its_value(qtbot, shown, judged):
    _, pane = shown(judged)
    qtbot.mouseClick(pane.detail.watches.add, LEFT)
    dialog = open_dialog(pane, WatchDialog)
    classes = dialog.form.field("class_name").control
    qtbot.waitUntil(lambda: classes.findText("pear") >= 0, timeout=10_000)
    measure = dialog.form.field("measure").control
    measure.set_value("recall")
    classes.setCurrentIndex(classes.findText("pear"))
    dialog.limit.set_value(0.999)
    value = next(it.recall for it in judged.evaluation.latest(1).per_class if it.label == "pear")
    qtbot.waitUntil(lambda: dialog.now.text().startswith(f"{value:.3f}"), timeout=10_000)
    qtbot.mouseClick(dialog.action, LEFT)
    (watch,) = judged.board.state.watches_of(1)
    assert watch.fields["class_name"] == "pear"
    assert (watch.condition, watch.limit, watch.raises_to) == (Condition.BELOW, 0.999, 4)
    settle(qtbot)
    row = pane.detail.watches.rows[watch.id]
    qtbot.waitUntil(lambda: row.value.text() == f"{value:.3f}", timeout=10_000)
    assert row.phrase.text() == "Recall of pear on the test split below 0.999"


def test_a_watch_takes_free_text_and_tells_a_wrong_limit(qtbot, shown, judged):
    judged.risks.set_watch(crossing(1))
    _, pane = shown(judged)
    (watch,) = judged.board.state.watches_of(1)
    pane.detail.watches.edit(watch)
    dialog = open_dialog(pane, WatchDialog)
    measure = dialog.form.field("measure").control
    measure.setEditText("something new")
    assert dialog.form.values()["measure"] == "something new"
    dialog.limit.lineEdit().setText("many")
    qtbot.mouseClick(dialog.action, LEFT)
    assert "number" in dialog.problem.text()
    dialog.limit.set_value(0.5)
    dialog.condition.setCurrentIndex(dialog.condition.findData(Condition.ABOVE))
    qtbot.mouseClick(dialog.action, LEFT)
    (watch,) = judged.board.state.watches_of(1)
    assert (watch.fields["measure"], watch.condition, watch.verdict) == (
        "something new",
        Condition.ABOVE,
        Verdict.UNKNOWN,
    )


def test_levels_categories_and_thresholds_are_saved_for_the_project(qtbot, shown, project):
    _, pane = shown(project)
    pane.open_scale()
    dialog = open_dialog(pane, ScaleDialog)
    dialog.thresholds[0].set_value(20)
    qtbot.mouseClick(dialog.action, LEFT)
    assert "rise" in dialog.problem.text()
    dialog.thresholds[0].set_value(3)
    dialog.categories.setText("Technical, 法规, Technical")
    dialog.impacts[0].setText("a shrug")
    qtbot.mouseClick(dialog.action, LEFT)
    charter = project.board.state.charter
    assert (charter.thresholds, charter.categories) == ((3, 10, 15), ("technical", "法规"))
    assert charter.impacts[0] == "a shrug"


def test_what_was_found_becomes_a_risk_with_an_owner_in_three_clicks(qtbot, shown, project):
    window, pane = shown(project)
    make_risk(window, project, IDEA)
    dialog = open_dialog(pane, RiskFromIdea)
    dialog.owner.setCurrentIndex(dialog.owner.findText("Lin"))
    qtbot.mouseClick(dialog.action, LEFT)
    risk = project.risks.get(4)
    assert (risk.title, risk.owner_id, len(risk.actions)) == ("Pear taken for apple", 1, 2)
    assert [watch.limit for watch in project.board.state.watches_of(4)] == [0.9]
    text, action, act = window.told[-1]
    assert (text, action) == ("Added to the risks: Pear taken for apple", "Open")
    act()
    assert window.went[-1] == ("risks", {"risk_id": 4})


def test_a_new_name_joins_the_team_and_leaves_it_with_the_risk(qtbot, shown, project):
    window, pane = shown(project)
    make_risk(window, project, IDEA)
    dialog = open_dialog(pane, RiskFromIdea)
    dialog.owner.setEditText("  李雷 ")
    qtbot.mouseClick(dialog.action, LEFT)
    owner = project.risks.get(4).owner_id
    assert project.board.state.get(Person, owner).name == "李雷"
    # Lin and Mara have the first colour: whoever comes third does not.
    assert project.board.state.get(Person, owner).color == 2
    project.history.undo()
    assert owner not in project.board.state.of(Person)


def test_cards_and_watch_come_along_only_where_they_are_ticked(qtbot, shown, project):
    window, pane = shown(project)
    make_risk(window, project, IDEA)
    dialog = open_dialog(pane, RiskFromIdea)
    for box in (dialog.cards, dialog.watch):
        assert box.isChecked()
        box.click()
    qtbot.mouseClick(dialog.action, LEFT)
    assert project.risks.get(4).actions == ()
    assert not project.board.state.watches_of(4)


def test_the_evidence_is_seen_in_the_dialog_and_in_the_risk_and_says_when_it_is_gone(qtbot, shown, judged):
    evaluation = judged.evaluation.latest(1, Split.TEST)
    places = judged.evaluation.predictions(evaluation).index[:3]
    samples = Link("samples", 1, ", ".join(map(str, places)))
    idea = RiskIdea("", Risk(0, "Mixed up", evidence=(samples, Link("run", 1))))
    window, pane = shown(judged)
    make_risk(window, judged, idea)
    dialog = open_dialog(pane, RiskFromIdea)
    qtbot.waitUntil(lambda: dialog.evidence.isVisible())
    assert dialog.evidence.findChildren(SmallCurves)
    # Behind a dialog nothing can be opened.
    assert not dialog.evidence.findChildren(QPushButton)
    qtbot.mouseClick(dialog.action, LEFT)
    risk_id = max(risk.id for risk in judged.risks.all())
    pane.select(risk_id=risk_id)
    view = pane.detail.evidence.view
    qtbot.waitUntil(lambda: any(drawn.isVisible() for drawn in view.findChildren(SmallCurves)))
    named(view, QPushButton, judged.training.get(1).name).click()
    assert window.went[-1] == ("train", {"run_id": 1})
    judged.datasets.delete(1)
    gone = f"{judged.datasets.get(1).name} · "
    qtbot.waitUntil(
        lambda: any(
            text.startswith(gone) and text.endswith(": no longer there")
            for text in (label.accessibleName() for label in view.findChildren(QLabel))
        )
    )
