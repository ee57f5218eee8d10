"""Charts of the Train pane: any series, as many as wanted, and what is not shown costs nothing."""

import csv
import io

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtWidgets import QLabel, QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_table
from tests.gui.panes.stored_runs import log_points, points, stored_run
from workbench.core.events import RunChanged
from workbench.core.states import RunState
from workbench.gui import background
from workbench.gui.panes.training import TrainPane
from workbench.gui.theme import apply_theme, run_color
from workbench.gui.widgets.legend import LegendKey

WIDE = (1500, 900)


@pytest.fixture(autouse=True)
def own_settings():
    def forget():
        for key in ("train/charts", "train/middle", "train/splitter", "train/smoothing"):
            QSettings().remove(key)

    forget()
    yield
    forget()


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def table(session, tmp_path):
    return import_data(session, write_table(tmp_path / "fruit.csv"), target="kind")


@pytest.fixture
def open_pane(qtbot, session):
    windows = []

    def open_it(size=(940, 590)):
        window = PaneWindow(session)
        windows.append(window)
        qtbot.addWidget(window)
        with_runs = bool(session.training.all())
        pane = window.hold(TrainPane, size)
        qtbot.waitUntil(lambda: bool(pane.side.runs.rows()) == with_runs and settled())
        return pane

    yield open_it
    for window in windows:
        window.close()


def settled():
    return not background.pending()


def shown(pane):
    """Return the titles of the charts that can be seen, in order."""
    return [plot.accessibleName() for plot in pane.curves.plots.values() if plot.isVisible()]


def drawn(pane, chart, folder):
    """Return what a chart draws as {label: [(step, value), ...]}, from the data that it saves."""
    path = folder / "drawn.csv"
    pane.curves.plots[chart].save_data(path)
    found = {}
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))):
        found.setdefault(row["series"], []).append((int(row["step"]), float(row["value"])))
    return found


def menu_of(pane):
    """Open the menu of charts; returns its entries by their words."""
    menu = named(pane.middle, QPushButton, "Charts").menu()
    menu.aboutToShow.emit()
    return {action.text(): action for action in menu.actions() if action.text()}


def tick(qtbot, pane, *titles):
    for title in titles:
        menu_of(pane)[title].trigger()
    qtbot.waitUntil(settled)


def test_loss_and_the_measure_of_the_task_are_shown_until_the_user_chooses(qtbot, table, session, open_pane):
    stored_run(session, table)
    pane = open_pane()
    assert shown(pane) == ["Loss", "Accuracy"]
    entries = menu_of(pane)
    groups = [words for words, entry in entries.items() if not entry.isCheckable()]
    assert groups == ["Learning", "Model", "Hardware", "Other"]
    assert "RMSE" not in entries, "a classifier has none"
    assert "GPU, %" not in entries, "this machine recorded none"
    assert [words for words, entry in entries.items() if entry.isChecked()] == ["Loss", "Accuracy"]


def test_a_ticked_chart_is_drawn_in_its_unit_and_the_choice_is_remembered(
    qtbot, table, session, open_pane, tmp_path
):
    run = stored_run(session, table)
    pane = open_pane()
    tick(qtbot, pane, "Memory, GB", "Learning rate", "Accuracy")
    assert shown(pane) == ["Loss", "Memory, GB", "Learning rate"]
    ((label, values),) = drawn(pane, "hardware/memory_bytes", tmp_path).items()
    stored = session.training.points(run.id, "hardware/memory_bytes")
    assert label == run.name
    gigabytes = [pytest.approx(value / 1e9) for value in stored.values]
    assert values == list(zip(stored.steps, gigabytes, strict=True))
    again = open_pane()
    assert sorted(shown(again)) == ["Learning rate", "Loss", "Memory, GB"]


def test_a_series_that_only_a_plug_in_knows_can_be_drawn(qtbot, table, session, open_pane, tmp_path):
    series = {"validation/f1_macro": points([20, 40]), "train/f1_macro": points([20, 40])}
    stored_run(session, table, series | {"speed & heat/of <b>fan</b>": points([1, 2])})
    pane = open_pane()
    tick(qtbot, pane, "F1 macro", "Speed && heat/of <b>fan</b>")
    assert set(drawn(pane, "f1_macro", tmp_path)) == {"training", "validation"}, "they share a chart"
    assert [len(it) for it in drawn(pane, "speed & heat/of <b>fan</b>", tmp_path).values()] == [2]


def test_of_a_chart_that_is_not_shown_nothing_is_read_and_nothing_is_appended(
    qtbot, table, session, open_pane, tmp_path, monkeypatch
):
    run = stored_run(session, table)
    read = []
    overview = session.training.overview
    monkeypatch.setattr(session.training, "overview", lambda *a: read.append(a[1]) or overview(*a))
    pane = open_pane()
    assert not [name for name in read if name.startswith("hardware/") or name == "learning_rate"]
    log_points(session, run, {"train/loss": points([81, 82]), "hardware/cpu_percent": points([81, 82])})
    qtbot.waitUntil(lambda: drawn(pane, "loss", tmp_path)["training"][-1][0] == 82)
    assert "hardware/cpu_percent" not in pane.curves.plots
    tick(qtbot, pane, "CPU, %")
    assert drawn(pane, "hardware/cpu_percent", tmp_path)[run.name][-1][0] == 82, (
        "it is read when it is wanted"
    )
    tick(qtbot, pane, "CPU, %")
    assert pane.curves.plots["hardware/cpu_percent"].keys() == []


def test_charts_behind_the_log_take_nothing_and_catch_up_when_they_are_shown(
    qtbot, table, session, open_pane, tmp_path
):
    run = stored_run(session, table)
    pane = open_pane()
    pane.middle.show_tab(1)
    log_points(session, run, {"train/loss": points(range(81, 101))})
    qtbot.waitUntil(lambda: pane.curves.seconds(run.id) == pytest.approx(10.0))
    assert drawn(pane, "loss", tmp_path)["training"][-1][0] == 80
    assert pane.curves.epochs(run.id) == 5.0, "the figures at the right go on"
    pane.middle.show_tab(0)
    qtbot.waitUntil(lambda: drawn(pane, "loss", tmp_path)["training"][-1][0] == 100)
    assert [step for step, _ in drawn(pane, "loss", tmp_path)["training"]] == list(range(1, 101))


def test_a_series_that_begins_while_the_run_is_watched_appears_in_its_chart(
    qtbot, table, session, open_pane, tmp_path
):
    run = stored_run(session, table, {"train/loss": points(range(1, 11))})
    pane = open_pane()
    tick(qtbot, pane, "Gradient norm")
    assert not pane.curves.plots["gradient_norm"].keys()
    log_points(session, run, {"train/loss": points([11]), "gradient_norm": points([11])})
    qtbot.waitUntil(lambda: list(drawn(pane, "gradient_norm", tmp_path).values()) != [])
    log_points(session, run, {"gradient_norm": points([12])})
    qtbot.waitUntil(
        lambda: [step for step, _ in drawn(pane, "gradient_norm", tmp_path)[run.name]] == [11, 12]
    )


def test_several_runs_have_a_colour_each_and_one_legend_hides_them_everywhere(
    qtbot, table, session, open_pane
):
    runs = [stored_run(session, table) for _ in range(3)]
    pane = open_pane()
    assert not pane.curves.legend.isVisible()
    pane.side.runs.selectAll()
    qtbot.waitUntil(lambda: pane.curves.legend.isVisible() and settled())
    keys = {key.text(): key for key in pane.curves.legend.findChildren(LegendKey) if key.isVisible()}
    assert set(keys) == {run.name for run in runs}
    assert not [
        key for plot in pane.curves.plots.values() for key in plot.findChildren(LegendKey) if key.isVisible()
    ]
    curves = pane.curves.plots["loss"]._curves
    assert {key.split("/")[0]: curve.color.name() for key, curve in curves.items()} == {
        str(run.id): run_color(run.id).name() for run in runs
    }
    qtbot.mouseClick(keys[runs[1].name], Qt.MouseButton.LeftButton)
    for chart in ("loss", "accuracy"):
        hidden = {key.split("/")[0] for key, it in pane.curves.plots[chart]._curves.items() if it.hidden}
        assert hidden == {str(runs[1].id)}
    tick(qtbot, pane, "Learning rate")
    assert pane.curves.plots["learning_rate"]._curves[f"{runs[1].id}/learning_rate"].hidden, (
        "in new charts too"
    )


def test_three_charts_stand_in_two_columns_where_there_is_room(qtbot, table, session, open_pane):
    stored_run(session, table)
    pane = open_pane(WIDE)
    plots = pane.curves.plots
    assert plots["loss"].x() == plots["accuracy"].x(), "two read better below each other"
    tick(qtbot, pane, "Learning rate")
    qtbot.waitUntil(lambda: plots["loss"].y() == plots["accuracy"].y())
    assert plots["learning_rate"].width() > 1.5 * plots["loss"].width(), "a last one alone takes the row"
    pane.window().resize(940, 590)
    qtbot.waitUntil(lambda: plots["loss"].x() == plots["accuracy"].x())


def test_a_learning_rate_is_not_smoothed(qtbot, table, session, open_pane):
    stored_run(session, table)
    pane = open_pane()
    tick(qtbot, pane, "Learning rate")
    pane.middle._look.set_values(0.9, "step")
    assert pane.curves.plots["loss"].look.smoothing == pytest.approx(0.9)
    assert pane.curves.plots["learning_rate"].look.smoothing == 0
    assert pane.curves.plots["learning_rate"].look.axis == "step"


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (RunState.RUNNING, "The curve appears with the first steps of training."),
        (RunState.QUEUED, "Waits in the queue: the curve appears when training has begun."),
        (RunState.DIVERGED, "Ended before there was anything to draw."),
        (RunState.FAILED, "Ended before there was anything to draw."),
    ],
)
def test_an_empty_chart_says_whether_a_curve_is_still_to_come(qtbot, session, table, open_pane, state, said):
    run = stored_run(session, table, {}, state=RunState.RUNNING, best_epoch=None)
    pane = open_pane(WIDE)
    if state is RunState.QUEUED:
        session.store.runs.update(run.id, state=RunState.STOPPED)
    if state is not RunState.RUNNING:
        session.store.runs.update(run.id, state=state)
    session.bus.publish(RunChanged(run.id))
    qtbot.waitUntil(lambda: pane.current is not None and pane.current.state is state)
    qtbot.waitUntil(settled)
    shown = [label.text() for label in pane.curves.plots["loss"].findChildren(QLabel) if label.isVisible()]
    assert said in shown


def test_curves_and_legend_take_the_colours_of_the_other_theme(qtbot, qapp, session, table, open_pane):
    runs = [stored_run(session, table) for _ in range(6)]
    pane = open_pane()
    pane.side.runs.selectAll()
    qtbot.waitUntil(lambda: pane.curves.legend.isVisible() and settled())

    def told():
        curves = pane.curves.plots["loss"]._curves
        keys = [key for key in pane.curves.legend.findChildren(LegendKey) if key.isVisible()]
        return {c.color.name() for c in curves.values()}, {key._color.name() for key in keys}

    light = {run_color(run.id).name() for run in runs}
    assert told() == (light, light)
    try:
        apply_theme(qapp, "dark")
        dark = {run_color(run.id).name() for run in runs}
        assert dark != light
        qtbot.waitUntil(lambda: settled() and told() == (dark, dark))
    finally:
        apply_theme(qapp, "light")
