"""Gates: stages, criteria as they are measured, going on, and setting what is asked."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton

from tests.gui.panes.board_pages import open_page, set_goal
from tests.gui.panes.shell import named
from tests.gui.panes.small_data import import_data, new_project, write_table
from workbench.core.board import Card, Criterion, Lane
from workbench.core.configs import TrainConfig
from workbench.core.states import DecisionKind, Split, Stage
from workbench.gui.widgets.labels import PlainLabel
from workbench.services.projects import open_project


@pytest.fixture(scope="module")
def trained_folder(tmp_path_factory):
    """A closed project with one run that was judged on the test split."""
    home = tmp_path_factory.mktemp("gates")
    with new_project(home) as session:
        dataset = import_data(session, write_table(home / "fruit.csv"), target="kind")
        run_id = session.training.start(dataset.id, "linear", {}, TrainConfig(epochs=3))
        session.training.wait(run_id, 60)
        session.jobs.wait(session.evaluation.evaluate(run_id, Split.TEST), 60)
        for criterion in session.board.state.of(Criterion).values():
            session.gates.remove(criterion.id)
        session.gates.save(Stage.INITIATION, "goal_reached", {})
        session.gates.save(Stage.INITIATION, "owner_named", {})
        session.gates.save(Stage.INITIATION, "latency_within", {})
        set_goal(session, 0.01)
    return home / "Orchard"


@pytest.fixture
def session(trained_folder, tmp_path):
    import shutil

    with open_project(shutil.copytree(trained_folder, tmp_path / "Orchard")) as session:
        yield session


@pytest.fixture
def shown(qtbot, session):
    window, pane, page = open_page(qtbot, session, "gates")
    qtbot.waitUntil(lambda: len(page.gates) == 5)
    return window, pane, page


def texts(page):
    return [label.text() for label in page.rows.findChildren(PlainLabel) if label.isVisible()]


def primary(pane, name):
    return named(pane.header, QPushButton, name)


def test_a_gate_shows_the_three_verdicts_with_what_was_measured(shown, session):
    _, _, page = shown
    run = session.training.all()[0]
    value = session.evaluation.latest(run.id, Split.TEST).metrics["accuracy"]
    found = texts(page)
    assert found[3:] == [
        "Met", "Goal reached on the test split", f"{value:.3f} ≥ 0.01 ({run.name})",
        "Not met", "Project has an owner", "Nobody yet.",
        "Cannot tell yet", "Latency within budget", "The project has no limit for it yet.",
    ]  # fmt: skip
    assert page.line.steps[0].accessibleDescription() == "here · 1 of 3 met"


def test_every_criterion_leads_to_where_it_is_mended(qtbot, shown):
    window, _, page = shown
    links = [b for b in page.rows.findChildren(QPushButton) if b.isVisible()]
    qtbot.mouseClick(links[0], Qt.MouseButton.LeftButton)
    assert window.went == [("evaluate", {"run_id": 1, "split": "test"})]
    assert [b.accessibleName() for b in links] == ["Evaluate →", "Goal and limits →", "Goal and limits →"]


def test_it_measures_again_when_something_changes(qtbot, shown, session):
    _, _, page = shown
    set_goal(session, 2.0)
    qtbot.waitUntil(lambda: any("< 2" in text for text in texts(page)))


def test_going_on_all_the_same_needs_a_reason_which_stands_in_the_log_and_on_the_gate(qtbot, shown, session):
    window, pane, page = shown
    qtbot.mouseClick(primary(pane, "Move to Development"), Qt.MouseButton.LeftButton)
    dialog = page.dialog
    anyway = named(dialog, QPushButton, "Pass anyway")
    assert not anyway.isEnabled()
    dialog.try_save()
    assert dialog.isVisible(), "no reason, no way"
    dialog.reason.setText("  <b>The clinic</b> waits 诊所  ")
    qtbot.mouseClick(anyway, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.told))
    (decision,) = session.board.decisions()
    assert (decision.kind, decision.reason, decision.stage) == (
        DecisionKind.GATE_OVERRIDDEN, "<b>The clinic</b> waits 诊所", Stage.INITIATION,
    )  # fmt: skip
    assert [figure.verdict for figure in decision.figures] == ["met", "not_met", "unknown"]
    assert session.project.stage is Stage.DEVELOPMENT
    step = page.line.steps[0]
    qtbot.waitUntil(lambda: "overridden: <b>The clinic</b> waits 诊所" in step.accessibleDescription())
    qtbot.mouseClick(step, Qt.MouseButton.LeftButton)
    assert "<b>The clinic</b> waits 诊所" in page._passed_text.text()
    assert page._passed_text.isVisible()
    assert page._passed_text.textFormat() == Qt.TextFormat.PlainText


def test_undo_takes_the_stage_back_and_the_log_says_so(qtbot, shown, session):
    window, _, page = shown
    page._advance("in a hurry")
    qtbot.waitUntil(lambda: bool(window.told))
    text, action, act = window.told[0]
    assert (text, action) == ("The project is in Development now.", "Undo")
    act()
    assert session.project.stage is Stage.INITIATION
    first, second = session.board.decisions()
    assert second.takes_back == first.id
    qtbot.waitUntil(lambda: page.line.steps[0].accessibleDescription() == "here · 1 of 3 met")


def test_a_gate_that_is_met_is_passed_without_a_reason(qtbot, shown, session):
    _, pane, page = shown
    for criterion in list(session.board.state.of(Criterion).values())[1:]:
        session.gates.remove(criterion.id)
    qtbot.waitUntil(lambda: page.gates[0].open)
    qtbot.mouseClick(primary(pane, "Move to Development"), Qt.MouseButton.LeftButton)
    assert not page.dialog.reason.isVisible()
    qtbot.mouseClick(named(page.dialog, QPushButton, "Pass the gate"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: session.project.stage is Stage.DEVELOPMENT)
    qtbot.waitUntil(lambda: "passed" in page.line.steps[0].accessibleDescription())
    assert primary(pane, "Move to Testing").isEnabled()


def test_a_criterion_is_added_changed_moved_and_deleted_without_code(qtbot, shown, session):
    window, _, page = shown
    qtbot.mouseClick(page.add, Qt.MouseButton.LeftButton)
    dialog = page.dialog
    dialog.kind.setCurrentIndex(dialog.kind.findData("worst_class"))
    dialog.form.field("limit").control.lineEdit().setText("7")
    dialog.try_save()
    assert dialog.isVisible(), "a wrong field is told, not saved"
    assert "at most" in dialog.form.field("limit").control.accessibleDescription()
    dialog.form.field("limit").control.lineEdit().setText("0.7")
    qtbot.mouseClick(named(dialog, QPushButton, "Add"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(page.gates[0].items) == 4)
    added = page.gates[0].items[-1].criterion
    assert (added.name, added.fields["limit"]) == ("worst_class", 0.7)
    page.rows.menus[added.id].actions()[1].trigger()
    qtbot.waitUntil(lambda: page.gates[0].items[2].criterion.id == added.id)
    page.rows.menus[added.id].actions()[0].trigger()
    assert page.dialog.form.values()["limit"] == 0.7
    page.dialog.form.field("limit").control.lineEdit().setText("0.6")
    page.dialog.try_save()
    qtbot.waitUntil(lambda: "0.6" in page.gates[0].items[2].title)
    page.rows.menus[added.id].actions()[3].trigger()
    qtbot.waitUntil(lambda: len(page.gates[0].items) == 3)
    window.told[-1][2]()
    qtbot.waitUntil(lambda: len(page.gates[0].items) == 4)


def test_a_criterion_on_any_number_shows_the_fields_of_that_number(qtbot, shown, session):
    _, _, page = shown
    page._edit(0)
    dialog = page.dialog
    dialog.kind.setCurrentIndex(dialog.kind.findData("number_within"))
    fact = dialog.form.field("fact").control
    fact.setCurrentIndex(fact.findData("measure"))
    assert "split" in dialog.form.shown()
    dialog.try_save()
    qtbot.waitUntil(lambda: len(page.gates[0].items) == 4)


def offered(field):
    return [field.control.itemData(at) for at in range(field.control.count())]


def test_while_a_criterion_is_made_it_offers_what_there_is_and_says_how_it_would_be_judged(
    qtbot, shown, session
):
    _, _, page = shown
    lane = session.board.add_lane("To do")
    session.board.change("stage", Lane, lane, stage=Stage.INITIATION)
    session.board.save(Card(0, lane, "Look", tags=("data",)))
    page._edit(0)
    dialog = page.dialog
    dialog.kind.setCurrentIndex(dialog.kind.findData("checklist"))
    qtbot.waitUntil(lambda: offered(dialog.form.field("tag")) == ["data"])
    qtbot.waitUntil(lambda: (dialog.verdict.text, dialog.measured.text()) == ("Not met", "0 of 1 done"))
    dialog.kind.setCurrentIndex(dialog.kind.findData("number_within"))
    fact = dialog.form.field("fact").control
    fact.setCurrentIndex(fact.findData("measure"))
    assert dialog.form.values()["condition"] == "below", "less of a measure is what is wrong"
    qtbot.waitUntil(lambda: "apple" in offered(dialog.form.field("class_name")))
    assert "accuracy" in offered(dialog.form.field("measure"))
    dialog.form.field("measure").set_value("accuracy")
    dialog.form.field("split").set_value("test")
    dialog.form.field("limit").set_value(1.5)
    qtbot.waitUntil(lambda: dialog.verdict.text == "Not met")
    dialog.form.field("limit").set_value(-1.0)
    qtbot.waitUntil(lambda: dialog.verdict.text == "Met")
    dialog.form.field("limit").control.lineEdit().setText("much")
    qtbot.waitUntil(lambda: not dialog.verdict.isVisible())
    assert dialog.measured.text() == "Something above is not right yet."


def test_a_card_tag_may_stay_empty(qtbot, shown, session):
    _, _, page = shown
    page._edit(0)
    page.dialog.kind.setCurrentIndex(page.dialog.kind.findData("checklist"))
    page.dialog.try_save()
    qtbot.waitUntil(lambda: len(page.gates[0].items) == 4)


def test_an_empty_gate_says_what_belongs_there_and_a_link_chooses_it(qtbot, shown):
    window, _, page = shown
    window.go("board", page="gates", stage="testing")
    assert page.shown is Stage.TESTING
    qtbot.mouseClick(named(page, QPushButton, "Add first criterion"), Qt.MouseButton.LeftButton)
    assert page.dialog.isVisible()


def test_a_read_only_project_can_be_looked_at(qtbot, session, trained_folder):
    with open_project(trained_folder, read_only=True) as session:
        _, pane, page = open_page(qtbot, session, "gates")
        qtbot.waitUntil(lambda: len(page.gates) == 5)
        assert not primary(pane, "Move to Development").isEnabled()
        assert not page.add.isEnabled()
        assert not any(b.isEnabled() for b in page.rows.findChildren(QToolButton))
