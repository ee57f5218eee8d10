"""The decision log: plain text, numbers as they were, and nothing in it is ever changed."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton

from tests.gui.panes.board_pages import open_page
from tests.gui.panes.shell import named
from tests.gui.panes.small_data import import_data, new_project, write_table
from tests.gui.panes.stored_runs import stored_run
from workbench.core.board import Charter, Goal
from workbench.core.configs import TrainConfig
from workbench.core.states import DecisionKind, Split, Stage
from workbench.gui.widgets.labels import PlainLabel
from workbench.services.projects import open_project

TEXTS = ("<b>bold</b> & <img src=x>", "قرار: نؤجل الإصدار", "决定：推迟发布", "{0} %s {name}")


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def shown(qtbot, session):
    return open_page(qtbot, session, "decisions")


def titles(page):
    return [line.decision.title for line in page.table.records()]


def detail(page):
    return [label.text() for label in page.detail.findChildren(PlainLabel) if label.isVisible()]


@pytest.mark.parametrize("text", TEXTS)
def test_a_decision_is_shown_as_it_was_written(qtbot, shown, session, text):
    window, pane, page = shown
    session.board.who = "Lin 林"
    qtbot.mouseClick(named(pane.header, QPushButton, "Record a decision"), Qt.MouseButton.LeftButton)
    page.dialog.title.setText(text)
    page.dialog.reason.setPlainText(f"because {text}\nand so on")
    qtbot.mouseClick(named(page.dialog, QPushButton, "Record"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: titles(page) == [text])
    assert session.board.decisions()[0].who == "Lin 林"
    qtbot.waitUntil(lambda: f"because {text}\nand so on" in detail(page))
    for label in page.detail.findChildren(PlainLabel):
        assert label.textFormat() == Qt.TextFormat.PlainText
    assert window.told[-1][1] == "Undo"


def test_a_decision_without_words_is_not_recorded(qtbot, shown, session):
    _, _, page = shown
    page.act()
    page.dialog.title.setText("   ")
    page.dialog.try_save()
    assert page.dialog.isVisible()
    assert session.board.decisions() == []


def test_the_newest_stands_first_and_what_is_taken_back_is_marked(qtbot, shown, session):
    _, _, page = shown
    board = session.board
    board.decide(board.decision(DecisionKind.OTHER, "first"))
    board.decide(board.decision(DecisionKind.OTHER, "second"))
    session.history.undo()
    qtbot.waitUntil(lambda: titles(page) == ["Taken back: second", "second", "first"])
    columns = page.table._columns
    assert columns[2].text(page.table.records()[1]) == "No longer holds · second"
    assert len(board.decisions()) == 3, "nothing is ever removed"
    page.table.select(lambda line: line.decision.title == "second")
    qtbot.waitUntil(lambda: "second" in detail(page))


def test_the_log_is_filtered_by_kind_and_text(qtbot, shown, session):
    _, _, page = shown
    board = session.board
    session.gates.save(Stage.INITIATION, "owner_named", {})
    session.gates.advance("The clinic waits")
    board.decide(board.decision(DecisionKind.OTHER, "Buy a machine", "Cheaper than renting"))
    qtbot.waitUntil(lambda: len(titles(page)) == 2)
    page.search.setText("RENTING machine")
    assert titles(page) == ["Buy a machine"]
    page.search.clear()
    page.kind.setCurrentIndex(page.kind.findData("gate_overridden"))
    assert titles(page) == ["Initiation gate overridden: on to development"]
    assert {"Not met", "Project has an owner", "Nobody yet."} <= set(detail(page))


def test_a_run_is_released_with_the_figures_that_it_has_now(qtbot, shown, session, tmp_path):
    window, _, page = shown
    dataset = import_data(session, write_table(tmp_path / "fruit.csv"), target="kind")
    run_id = session.training.start(dataset.id, "linear", {}, TrainConfig(epochs=1))
    session.training.wait(run_id, 60)
    evaluation = session.jobs.wait(session.evaluation.evaluate(run_id, Split.TEST), 60)
    qtbot.mouseClick(page.release, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(named(page.dialog, QPushButton, "Release"), Qt.MouseButton.LeftButton)
    (decision,) = session.board.decisions()
    assert decision.kind is DecisionKind.RUN_RELEASED
    assert [(link.noun, link.id) for link in decision.links] == [("run", run_id)]
    figures = {figure.name: figure.value for figure in decision.figures}
    assert figures["accuracy (test)"] == f"{evaluation.metrics['accuracy']:.3f}"
    assert session.views.now(counted=False).released().id == run_id
    qtbot.waitUntil(lambda: "accuracy (test)" in detail(page))
    qtbot.mouseClick(named(page.detail, QPushButton, "Evaluate →"), Qt.MouseButton.LeftButton)
    assert window.went[-1] == ("evaluate", {"run_id": run_id, "split": "test"})


def test_without_a_run_the_page_says_what_to_do(qtbot, shown):
    _, pane, page = shown
    qtbot.mouseClick(page.release, Qt.MouseButton.LeftButton)
    assert "train one first" in pane.banner.text


def test_a_run_without_an_evaluation_can_be_released_and_says_so(qtbot, shown, session, tmp_path):
    _, _, page = shown
    stored_run(session, import_data(session, write_table(tmp_path / "fruit.csv"), target="kind"))
    page._ask_release()
    assert "not evaluated yet" in page.dialog.figures.text()
    page.dialog.try_save()
    assert session.board.decisions()[0].figures == ()


def test_a_link_shows_its_line_through_every_filter(qtbot, shown, session):
    window, _, page = shown
    board = session.board
    for title in ("one", "two"):
        board.decide(board.decision(DecisionKind.OTHER, title))
    page.search.setText("nothing like this")
    window.go("board", page="decisions", decision_id=1)
    assert [line.decision.title for line in page.table.selected()] == ["one"]


def test_a_read_only_project_can_be_looked_at(qtbot, session):
    session.board.decide(session.board.decision(DecisionKind.OTHER, "one"))
    with open_project(session.folder.root, read_only=True) as other:
        _, pane, page = open_page(qtbot, other, "decisions")
        qtbot.waitUntil(lambda: titles(page) == ["one"])
        assert not page.release.isEnabled()
        assert not named(pane.header, QPushButton, "Record a decision").isEnabled()


def test_a_gate_that_was_overridden_without_a_number_says_so_in_its_figures(qtbot, shown, session):
    _, _, page = shown
    session.gates.save(Stage.INITIATION, "goal_reached", {})
    session.board.set_charter(Charter(goal=Goal("accuracy", 0.9)))
    session.gates.advance("the pilot begins on Monday")
    qtbot.waitUntil(lambda: titles(page) == ["Initiation gate overridden: on to development"])
    assert session.board.decisions()[0].figures[0].link.noun == "run"
    qtbot.waitUntil(lambda: "Cannot tell yet" in detail(page))
