"""Zooming into a very long curve: what is stored of the range that is seen is drawn, point by point."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QSettings, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.gui.panes.shell import PaneWindow
from tests.gui.panes.small_data import import_data, new_project, write_table
from tests.gui.panes.stored_runs import log_points, stored_run
from workbench.core.records import Points
from workbench.gui import background
from workbench.gui.panes.training import TrainPane

COUNT, SPIKES = 200_000, range(120_000, 120_040, 4)


@pytest.fixture(autouse=True)
def own_settings():
    QSettings().setValue("train/smoothing", 0)
    QSettings().setValue("train/axis", "step")
    yield
    for key in ("train/smoothing", "train/axis"):
        QSettings().remove(key)


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def run(session, tmp_path):
    dataset = import_data(session, write_table(tmp_path / "fruit.csv"), target="kind")
    return stored_run(session, dataset, {"train/loss": long_curve(1, COUNT)})


@pytest.fixture
def pane(qtbot, session, run):
    window = PaneWindow(session)
    qtbot.addWidget(window)
    pane = window.hold(TrainPane, (940, 590))
    qtbot.waitUntil(lambda: bool(pane.side.runs.rows()) and not background.pending())
    qtbot.waitUntil(lambda: pane.curves.plots["loss"]._view is not None)
    yield pane
    window.close()


def long_curve(first, last):
    """Ten spikes of three different heights among small noise, four steps apart."""
    steps = np.arange(first, last + 1)
    values = 1 + 0.01 * np.random.default_rng(first).random(len(steps))
    for step in SPIKES:
        if first <= step <= last:
            values[step - first] = 2 + step % 3
    return Points(steps, values, steps * 0.3)


def turn(view, x, notches):
    """Turn the wheel over a value of x."""
    box, viewport = view._box, view._plot.viewport()
    place = box.mapViewToScene(QPointF(x, sum(view.ranges()[1]) / 2))
    event = QWheelEvent(
        place, viewport.mapToGlobal(place), QPoint(), QPoint(0, 120 * notches), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(viewport, event)


def zoom_in(qtbot, view, x, width):
    """Turn the wheel over `x` until no more than `width` is seen, then wait until it is drawn."""
    for _ in range(400):
        (left, right), _ = view.ranges()
        if right - left <= width:
            break
        turn(view, x, 1)
    qtbot.waitUntil(lambda: drawn(view)[2])
    qtbot.wait(300)
    qtbot.waitUntil(lambda: not background.pending())


def drawn(view):
    """Return the steps and values on the screen of the only curve, and whether finer points are in it."""
    ((key, (_, line)),) = view._items.items()
    x, y = line.getOriginalDataset()
    (left, right), _ = view.ranges()
    inside = (x >= left) & (x <= right)
    return x[inside], y[inside], view._curves[key].finer is not None


def assert_exact(view, run_points, factor=1.0):
    (left, right), _ = view.ranges()
    x = np.asarray(run_points.steps) * factor
    inside = (x >= left) & (x <= right)
    found = drawn(view)
    np.testing.assert_allclose(found[0], x[inside])
    np.testing.assert_array_equal(found[1], run_points.values[inside])


@pytest.mark.parametrize(("axis", "factor"), [("step", 1.0), ("minutes", 0.3 / 60)])
def test_zooming_into_a_long_curve_shows_every_point_of_the_range(qtbot, pane, session, run, axis, factor):
    pane.curves.set_look(0.0, axis)
    plot = pane.curves.plots["loss"]
    view = plot._view
    plot.render_now()
    whole, _, finer = drawn(view)
    assert not finer
    assert len(whole) <= 20_000
    zoom_in(qtbot, view, 120_020 * factor, 200 * factor)
    assert_exact(view, session.training.points(run.id, "train/loss"), factor)
    spikes = [value for value in drawn(view)[1] if value >= 2]
    assert spikes == [2 + step % 3 for step in SPIKES]
    view.reset()
    assert not drawn(view)[2]
    np.testing.assert_array_equal(drawn(view)[0], whole)


def test_the_data_that_is_saved_and_the_reading_do_not_depend_on_what_is_seen(
    qtbot, pane, session, run, tmp_path
):
    plot = pane.curves.plots["loss"]
    plot.save_data(tmp_path / "before.csv")
    zoom_in(qtbot, plot._view, 120_020, 200)
    plot.save_data(tmp_path / "after.csv")
    assert (tmp_path / "after.csv").read_bytes() == (tmp_path / "before.csv").read_bytes()
    rows = list(csv.DictReader(io.StringIO((tmp_path / "after.csv").read_text("utf-8-sig"))))
    assert (rows[0]["step"], rows[-1]["step"]) == ("1", str(COUNT))
    place = plot._view._box.mapViewToScene(QPointF(120_010.2, 1.0))
    plot._on_pointed((120_010.2, place))
    assert "120,010" in plot._readout.text(), "the crosshair finds points that the whole curve leaves out"


def test_a_range_is_read_once_and_zooming_out_again_shows_the_whole_curve(qtbot, pane, session, monkeypatch):
    view = pane.curves.plots["loss"]._view
    read = []
    overview = session.training.overview
    monkeypatch.setattr(session.training, "overview", lambda *a: read.append(a) or overview(*a))
    zoom_in(qtbot, view, 120_020, 200)
    assert 1 <= len(read) <= 3
    read.clear()
    for notches in (1, 1, -1):
        turn(view, 120_020, notches)
        qtbot.wait(150)
    assert read == [], "all points of this range are there already"
    for _ in range(400):
        if view.ranges()[0][1] - view.ranges()[0][0] > COUNT:
            break
        turn(view, 120_020, -1)
    qtbot.waitUntil(lambda: not view._curves[next(iter(view._curves))].finer)
    assert read == []


def test_a_run_at_work_goes_on_behind_what_is_zoomed_in(qtbot, pane, session, run):
    plot = pane.curves.plots["loss"]
    view = plot._view
    zoom_in(qtbot, view, COUNT - 50, 400)
    log_points(session, run, {"train/loss": long_curve(COUNT + 1, COUNT + 20)})
    qtbot.waitUntil(lambda: COUNT + 20 in view._curves[plot.keys()[0]].steps)
    plot.render_now()
    assert_exact(view, session.training.points(run.id, "train/loss"))


def test_a_short_curve_is_never_read_again(qtbot, pane, session, run, tmp_path, monkeypatch):
    other = stored_run(session, session.datasets.get(run.dataset_id), {"train/loss": long_curve(1, 900)})
    pane.curves.show_runs(session, [other])
    qtbot.waitUntil(lambda: not background.pending())
    view = pane.curves.plots["loss"]._view
    monkeypatch.setattr(session.training, "overview", None)
    for _ in range(40):
        turn(view, 450, 1)
    qtbot.wait(250)
    assert not background.pending()
