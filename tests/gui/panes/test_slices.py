"""The slices of an evaluation beside its classes and samples: the worst first, and which are no chance."""

import random

import pytest

from tests.gui.panes.shell import PaneWindow
from tests.gui.panes.small_data import import_data
from workbench.core.configs import TrainConfig
from workbench.core.states import Split
from workbench.gui.panes.evaluation import EvaluatePane
from workbench.services.projects import create_project, open_project


def write_wards(path, regression):
    """Write a table in which the target is hard to tell in ward <b>C</b>."""
    chance = random.Random(4)
    lines = ["size,ward,target"]
    for _ in range(1500):
        size, ward = chance.choice((-2, 2)) + chance.gauss(0, 0.3), chance.choice(["A", "B", "<b>C</b>"])
        true = size + chance.gauss(0, 3 if ward == "<b>C</b>" else 0.3)
        lines.append(f"{size:.3f},{ward},{true if regression else ('small', 'large')[true > 0]}")
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def show(qtbot, tmp_path):
    """Return a function that shows the training split of a run, and its list of slices."""
    opened = []

    def build(*, regression=False, read_only=False):
        with create_project(tmp_path / "project") as session:
            source = write_wards(tmp_path / "wards.csv", regression)
            dataset = import_data(session, source, target="target")
            config = TrainConfig(epochs=10, learning_rate=0.05)
            run = session.training.wait(session.training.start(dataset.id, "linear", {}, config), 60)
            session.jobs.wait(session.evaluation.evaluate(run.id, Split.TRAIN))
        opened.append(open_project(tmp_path / "project", read_only=read_only))
        window = PaneWindow(opened[0])
        qtbot.addWidget(window)
        pane = window.hold(EvaluatePane)
        pane.select(run_id=run.id, split=Split.TRAIN)
        qtbot.waitUntil(lambda: pane._judged is not None, timeout=10_000)
        view = pane._view_of(pane._judged)
        qtbot.waitUntil(lambda: bool(view.slices.table.records()), timeout=10_000)
        view._tabs.setCurrentWidget(view.slices)
        return pane, view

    yield build
    for session in opened:
        session.close()


def cells(table, row):
    model = table.model()
    return [model.index(row, column).data() for column in range(model.columnCount())]


@pytest.mark.parametrize("regression", [False, True])
def test_the_slice_where_the_model_is_worse_stands_first_and_says_so(show, regression):
    pane, view = show(regression=regression)
    name, count, value = cells(view.slices.table, 0)
    assert (name, value.endswith(" worse")) == ("ward: <b>C</b>", True)
    assert int(count) == view.slices.table.records()[0].count
    assert not cells(view.slices.table, 1)[2].endswith("worse")
    assert view._tabs.tabText(view._tabs.indexOf(view.slices)) == "Slices (1)"
    assert view.slices.told.text() == "Worse than the rest, by more than chance explains: 1"
    pane._risks.aboutToShow.emit()
    assert pane._risks.actions()[0].text() == "Worse where ward: <b>C</b>"


def test_a_quarter_says_how_far_it_reaches(show):
    _, view = show()
    names = [cells(view.slices.table, row)[0] for row in range(view.slices.table.model().rowCount())]
    (lowest,) = [name for name in names if name.startswith("size: lowest quarter (-")]
    assert " to -" in lowest


def test_a_read_only_project_shows_slices_and_makes_no_risk(show):
    _, view = show(read_only=True)
    view.slices.table.select(lambda row: row.behind)
    assert not view.slices.verb.isVisibleTo(view.slices)
