"""Home: ways to begin, where the project stands, and the next step."""

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_table
from workbench.core.configs import TrainConfig
from workbench.core.states import RunState, Split
from workbench.gui.panes.home import HomePane
from workbench.gui.panes.home.overview import Tile
from workbench.gui.panes.home.status import Status, next_step, read_status
from workbench.gui.widgets.cards import Card
from workbench.services.projects import open_project


@pytest.fixture
def project(tmp_path):
    """A project with one table of 120 rows."""
    with new_project(tmp_path) as session:
        import_data(session, write_table(tmp_path / "fruit.csv"))
        yield session


@pytest.fixture(scope="module")
def trained_folder(tmp_path_factory):
    """A closed project with one finished and judged run."""
    home = tmp_path_factory.mktemp("home")
    with new_project(home) as session:
        dataset = import_data(session, write_table(home / "fruit.csv"))
        run_id = session.training.start(dataset.id, "linear", {}, TrainConfig(epochs=3))
        session.training.wait(run_id, 60)
        session.jobs.wait(session.evaluation.evaluate(run_id, Split.TEST), 60)
    return home / "Orchard"


@pytest.fixture
def trained(trained_folder):
    with open_project(trained_folder) as session:
        yield session


@pytest.fixture
def shown(qtbot):
    """Show Home for a session, or for none."""

    def show(session=None):
        window = PaneWindow(session)
        qtbot.addWidget(window)
        pane = window.hold(HomePane)
        return window, pane

    return show


def step_button(pane):
    return pane.overview.step.button


def test_without_a_project_starters_import_and_open_are_one_click_each(qtbot, shown):
    window, pane = shown()
    qtbot.waitUntil(lambda: sum(card.isVisible() for card in pane.findChildren(Card)) == 4)
    for name in ("Handwritten digits", "Breast cancer diagnosis", "Import data", "Open project…"):
        qtbot.mouseClick(named(pane, Card, name), Qt.MouseButton.LeftButton)
    assert window.asked == [
        ("starter", "digits"),
        ("starter", "breast-cancer"),
        ("import", ()),
        ("open", None),
    ]


def test_a_card_can_be_chosen_with_the_keyboard(qtbot, shown):
    window, pane = shown()
    card = named(pane, Card, "Import data")
    card.setFocus()
    qtbot.keyClick(card, Qt.Key.Key_Space)
    assert window.asked == [("import", ())]


def test_recent_projects_are_offered_by_name_and_open_by_their_path(qtbot, shown, tmp_path):
    QSettings().setValue("recent_projects", [str(tmp_path / "Orchard"), "/somewhere/<b>项目"])
    try:
        window, pane = shown()
        named(pane, QPushButton, "<b>项目")
        qtbot.mouseClick(named(pane, QPushButton, "Orchard"), Qt.MouseButton.LeftButton)
        assert window.asked == [("open", tmp_path / "Orchard")]
    finally:
        QSettings().remove("recent_projects")


def test_making_the_pane_loads_nothing_heavy():
    script = """
import os, sys
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtWidgets import QApplication
from workbench.gui.panes.home import HomePane
app = QApplication([])
class Shell:
    session = None
    go = notify = import_data = begin_starter = open_project = lambda *_, **__: None
pane = HomePane(Shell())
pane.set_session(None)
heavy = {"sqlalchemy", "torch", "pandas", "sklearn", "pyqtgraph", "numpy", "pydantic", "pyarrow"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_data_without_a_run_leads_to_the_first_model(qtbot, shown, project):
    window, pane = shown(project)
    qtbot.waitUntil(lambda: step_button(pane).isVisible())
    assert named(pane.header, QPushButton, "Train a first model").property("primary")
    qtbot.mouseClick(step_button(pane), Qt.MouseButton.LeftButton)
    assert window.went == [("models", {"dataset_id": 1})]


def test_a_trained_run_fills_tiles_and_table_and_each_leads_on(qtbot, shown, trained):
    window, pane = shown(trained)
    run = trained.training.get(1)
    qtbot.waitUntil(lambda: len(pane.overview.table.records()) == 1)
    line = pane.overview.table.records()[0]
    # Three epochs: the score of the best one, which the table of points has at its place.
    points = trained.training.points(1, "validation/accuracy").values
    assert line.score == points[run.best_epoch - 1]
    assert named(pane, Tile, "Best run").accessibleDescription().endswith(run.name)
    for name in ("Best run", "Datasets", "Runs", "Last evaluation"):
        qtbot.mouseClick(named(pane, Tile, name), Qt.MouseButton.LeftButton)
    pane.overview.table.selectRow(0)
    qtbot.keyClick(pane.overview.table, Qt.Key.Key_Return)
    assert window.went == [
        ("evaluate", {"run_id": 1}),
        ("data", {"dataset_id": 1}),
        ("train", {}),
        ("evaluate", {"run_id": 1}),
        ("train", {"run_id": 1}),
    ]


def test_an_interrupted_run_stands_out_and_goes_on_with_one_click(qtbot, shown, project):
    dataset = project.datasets.get(1)
    run = project.store.runs.add("calm-heron-1", 1, "linear", {}, TrainConfig(epochs=2), dataset.split)
    project.store.runs.update(run.id, state=RunState.RUNNING, started_at=datetime.now(UTC))
    project.store.runs.interrupt_active()
    window, pane = shown(project)
    qtbot.waitUntil(lambda: step_button(pane).text() == "Resume calm-heron-1")
    qtbot.mouseClick(step_button(pane), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: window.went == [("train", {"run_id": 1})], timeout=20_000)
    assert project.training.wait(1, 60).state is RunState.FINISHED


def test_a_read_only_project_does_not_resume_and_says_why(qtbot, shown, tmp_path):
    with new_project(tmp_path) as session:
        dataset = import_data(session, write_table(tmp_path / "fruit.csv"))
        run = session.store.runs.add("calm-heron-1", 1, "linear", {}, TrainConfig(), dataset.split)
        session.store.runs.update(run.id, state=RunState.RUNNING, started_at=datetime.now(UTC))
        session.store.runs.interrupt_active()
    with open_project(tmp_path / "Orchard", read_only=True) as session:
        _, pane = shown(session)
        qtbot.waitUntil(lambda: step_button(pane).text() == "Resume calm-heron-1")
        assert not step_button(pane).isEnabled()
        assert "read-only" in step_button(pane).toolTip()


def test_the_selected_run_stays_selected_when_another_is_renamed(qtbot, shown, project):
    split = project.datasets.get(1).split
    for name in ("one", "two", "three"):
        project.store.runs.add(name, 1, "linear", {}, TrainConfig(), split)
    _, pane = shown(project)
    table = pane.overview.table
    qtbot.waitUntil(lambda: len(table.records()) == 3)
    table.select(lambda line: line.run.name == "one")
    project.training.rename(3, "third")
    qtbot.waitUntil(lambda: table.records()[0].run.name == "third")
    assert [line.run.name for line in table.selected()] == ["one"]


def test_the_next_step_follows_the_state_of_the_runs(trained):
    status = read_status(trained, {})
    assert next_step(status).label == "Try another model"
    (line,) = status.lines
    not_judged = replace(status, lines=(replace(line, evaluated=False),))
    assert next_step(not_judged).label == f"Evaluate {line.run.name}"

    def with_state(state, message=""):
        newer = replace(line.run, id=2, name="brisk-otter-2", state=state, message=message)
        return replace(status, lines=(replace(line, run=newer), line))

    assert next_step(with_state(RunState.RUNNING)).label == "Watch it"
    assert next_step(with_state(RunState.INTERRUPTED)).verb == "resume"
    never_began = replace(line.run, id=3, name="late", state=RunState.INTERRUPTED, started_at=None)
    waiting = next_step(replace(status, lines=(replace(line, run=never_began), line)))
    assert waiting.sentence == "late was waiting when the program ended: queue it again."
    assert (waiting.verb, waiting.target) == ("train", {"run_id": 3})
    failed = next_step(with_state(RunState.FAILED, "Out of memory: halve the batch size."))
    assert failed.sentence == "brisk-otter-2 failed. Out of memory: halve the batch size."


def test_the_best_run_has_the_least_rmse_and_the_greatest_accuracy(trained):
    (line,) = read_status(trained, {}).lines
    assert Status(lines=()).best is None
    known = {(1, line.run.best_epoch): 0.5}
    assert read_status(trained, known).best.score == 0.5
