"""Curves: smoothed right, read off right, drawn only when there is something to see."""

import csv

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from workbench.core.errors import DiskError
from workbench.gui.theme import apply_theme
from workbench.gui.widgets.curve_data import Curve, moving_average, value_range
from workbench.gui.widgets.curve_plot import CurvePlot
from workbench.gui.widgets.curve_view import Look
from workbench.gui.widgets.legend import LegendKey
from workbench.gui.widgets.plot_axes import log_ticks, round_ticks

RED = QColor("#D55E00")


@pytest.fixture
def plot(qtbot):
    made = CurvePlot("Loss", "The loss appears here.")
    qtbot.addWidget(made)
    made.resize(700, 400)
    return made


def fill(plot, n=200, key="a", **rest):
    steps = np.arange(n)
    plot.set_series(key, key, RED, steps, 2 - steps / n, steps * 6.0, epochs=steps / 10, **rest)


def slow_average(values, weight):
    last, out = 0.0, []
    for i, value in enumerate(values):
        last = last * weight + (1 - weight) * value
        out.append(last / (1 - weight ** (i + 1)))
    return out


@pytest.mark.parametrize("weight", [0.01, 0.3, 0.6, 0.9, 0.99])
@pytest.mark.parametrize("n", [1, 2, 63, 5000])
def test_smoothing_equals_the_plain_loop(weight, n):
    values = np.random.default_rng(0).normal(3, 1, n)
    np.testing.assert_allclose(moving_average(values, weight), slow_average(values, weight), rtol=1e-9)


def test_smoothing_leaves_a_constant_curve_alone_from_its_first_point():
    np.testing.assert_allclose(moving_average(np.full(50, 2.5), 0.99), 2.5)


def test_a_nan_leaves_a_gap_and_does_not_spoil_what_follows():
    values = np.array([1.0, np.nan, 1.0, np.inf, 1.0])
    np.testing.assert_array_equal(moving_average(values, 0.9), [1, np.nan, 1, np.nan, 1])


def test_outliers_do_not_decide_about_the_range():
    values = np.concatenate([np.linspace(0, 1, 99), [1e6]])
    assert value_range([values], ignore_outliers=False) == (0, 1e6)
    assert value_range([values], ignore_outliers=True) == (0, 1)
    assert value_range([np.array([np.nan])], ignore_outliers=True) is None


def test_points_appended_one_by_one_are_the_points_set_at_once():
    whole, grown = Curve("a", RED), Curve("a", RED)
    whole.extend(range(1000), np.sqrt(range(1000)), range(1000))
    for i in range(1000):
        grown.extend([i], [i**0.5], [i])
    np.testing.assert_array_equal(whole.values, grown.values)
    np.testing.assert_array_equal(whole.smoothed(0.5), grown.smoothed(0.5))


def test_the_nearest_point_is_found_on_every_axis():
    curve = Curve("a", RED)
    curve.extend([0, 10, 20], [1, 2, 3], [0, 60, 600], [0, 1, 2])
    assert [curve.nearest(14, "step"), curve.nearest(16, "step")] == [1, 2]
    assert curve.nearest(9, "minutes") == 2
    assert curve.nearest(0.4, "epoch") == 0
    assert curve.x_of_step(15, "epoch") == 1.5


@pytest.mark.parametrize("most", [2, 3, 4])
def test_an_axis_has_two_ticks_at_least_however_little_room_there_is(most):
    assert [text for _, text in round_ticks(0.9, 6.1, 2)] == ["2.5", "5.0"]
    for low in range(30):
        for width in range(1, 40):
            ticks = round_ticks(low / 10, (low + width) / 10, most)
            assert 2 <= len(ticks) <= most + 1, (low, width)
            assert [float(text) for _, text in ticks] == pytest.approx([value for value, _ in ticks])


def test_ticks_are_round_and_not_too_many():
    assert [text for _, text in round_ticks(0, 2, 4)] == ["0.0", "0.5", "1.0", "1.5", "2.0"]
    assert [text for _, text in round_ticks(-1000, 1000, 4)] == ["-1,000", "-500", "0", "500", "1,000"]
    assert [text for _, text in log_ticks(-2, 1, 10)] == [
        "0.01",
        "0.02",
        "0.05",
        "0.1",
        "0.2",
        "0.5",
        "1",
        "2",
        "5",
        "10",
    ]
    assert [text for _, text in log_ticks(-4, 0, 5)] == ["1e-4", "0.001", "0.01", "0.1", "1"]
    assert 2 <= len(log_ticks(np.log10(0.4), np.log10(0.7), 5)) <= 6
    assert round_ticks(1, 1, 4) == []


def test_an_empty_plot_says_what_will_appear(plot):
    plot.show()
    assert plot._empty.isVisible()
    fill(plot)
    plot._redraw()
    assert not plot._empty.isVisible()


def test_nothing_is_drawn_and_no_timer_runs_while_the_plot_is_hidden(plot, qtbot):
    fill(plot)
    plot.append("a", [200], [0.5], [1200.0], [20.0])
    assert plot._view is None
    assert not plot._timer.isActive()
    plot.show()
    assert plot._view is not None
    plot.hide()
    plot.append("a", [201], [0.5], [1206.0], [20.1])
    assert not plot._timer.isActive()


def test_a_thousand_appends_repaint_a_few_times(plot, qtbot, monkeypatch):
    fill(plot)
    plot.show()
    draws = []
    monkeypatch.setattr(plot._view, "draw", lambda *_: draws.append(1))
    for i in range(1000):
        plot.append("a", [200 + i], [0.5], [0.0], [0.0])
    assert draws == []
    qtbot.waitUntil(lambda: bool(draws))
    qtbot.wait(150)
    assert len(draws) == 1


def test_the_range_follows_the_curves_until_the_user_zooms(plot):
    fill(plot)
    plot.show()
    (left, right), (low, high) = plot._view.ranges()
    assert (left, right) == pytest.approx((-8, 207), abs=8)
    assert (low, high) == pytest.approx((1, 2), abs=0.1)
    plot._view._box.setRange(xRange=(10, 20))
    plot._view._box.sigRangeChangedManually.emit([True, True])
    zoomed = plot._view.ranges()[0]
    plot.append("a", [400], [0.5], [2400.0], [40.0])
    plot._redraw()
    assert plot._view.ranges()[0] == zoomed
    plot._view.reset()
    assert plot._view.ranges()[0][1] > 400


def test_a_zoom_ends_when_none_of_the_curves_is_left(plot):
    fill(plot)
    plot.show()
    plot._view._box.setRange(xRange=(10, 20))
    plot._view._box.sigRangeChangedManually.emit([True, True])
    zoomed = plot._view.ranges()[0]
    plot.set_series("other", "other", RED, [0, 1, 2], [0.0, 1.0, 2.0], [0, 1, 2])
    plot._redraw()
    assert plot._view.ranges()[0] == zoomed
    for key in set(plot.keys()) - {"other"}:
        plot.remove(key)
    plot._redraw()
    assert plot._view.ranges()[0] == zoomed
    plot.clear()
    plot.set_series("third", "third", RED, [0, 50], [0.0, 1.0], [0, 50])
    plot._redraw()
    assert plot._view.ranges()[0][1] > 50


def test_the_logarithmic_scale_leaves_out_what_has_no_logarithm(plot):
    plot.set_series("a", "a", RED, [0, 1, 2], [0.0, 10.0, 100.0], [0, 1, 2])
    plot.set_look(Look(log=True))
    plot.show()
    low, high = plot._view.ranges()[1]
    assert (low, high) == pytest.approx((1, 2), abs=0.1)


def test_the_marker_stands_at_its_epoch_whatever_the_axis(plot):
    fill(plot)
    plot.mark("a", 170, "best epoch 17")
    plot.show()
    for axis, place in (("step", 170), ("epoch", 17), ("minutes", 17)):
        plot.set_look(Look(axis=axis))
        plot._redraw()
        assert plot._view._marker.value() == pytest.approx(place)
    assert plot._view._marker.isVisible()


def test_a_click_in_the_legend_hides_the_curve_and_another_shows_it(plot, qtbot):
    fill(plot)
    fill(plot, key="b", dashed=True)
    plot.show()
    entry = plot.findChildren(LegendKey)[0]
    qtbot.mouseClick(entry, Qt.MouseButton.LeftButton)
    plot._redraw()
    assert [item.isVisible() for item in plot._view._items["a"]] == [False, False]
    fill(plot)
    assert plot._curves["a"].hidden
    qtbot.keyClick(entry, Qt.Key.Key_Space)
    assert not plot._curves["a"].hidden


def test_hovering_an_entry_brings_its_curve_forward(plot):
    fill(plot)
    fill(plot, key="b")
    plot.show()
    plot.findChildren(LegendKey)[0].hovered.emit(True)
    a, b = (plot._view._items[key][1].zValue() for key in "ab")
    assert a > b


def test_the_readout_gives_raw_and_smoothed_value_step_and_time(plot):
    fill(plot)
    plot.set_look(Look(smoothing=0.9))
    plot.show()
    view = plot._view
    plot._on_pointed((100.2, view._box.mapViewToScene(QPointF(100.2, 1.5))))
    text = plot._readout.text()
    smooth = plot._curves["a"].smoothed(0.9)[100]
    assert "step 100 · epoch 10 · 10:00" in text
    assert f"a {smooth:.4g} (raw 1.5)" in text
    assert view._vertical.value() == 100
    plot._on_pointed(None)
    assert not plot._readout.isVisible()
    assert not view._vertical.isVisible()


def test_a_single_point_is_a_dot(plot):
    plot.set_series("a", "a", RED, [10], [0.5], [1.0])
    plot.show()
    assert plot._view._items["a"][1].opts["symbol"] == "o"
    plot.append("a", [20], [0.4], [2.0])
    plot._redraw()
    assert plot._view._items["a"][1].opts["symbol"] is None


def test_a_series_can_be_taken_away_and_everything_cleared(plot):
    fill(plot)
    fill(plot, key="b")
    plot.show()
    plot.remove("a")
    plot.remove("not there")
    plot._redraw()
    assert plot.keys() == ["b"]
    assert list(plot._view._items) == ["b"]
    plot.clear()
    plot._redraw()
    assert plot._empty.isVisible()


def test_a_hundred_thousand_points_are_thinned_before_they_are_drawn(plot, qtbot):
    fill(plot, n=100_000)
    plot.show()
    qtbot.wait(20)
    plot.grab()
    line = plot._view._items["a"][1]
    assert 500 < len(line.getData()[0]) < 4000
    # Qt strokes a thick antialiased line of that length in one piece in a quarter of a second.
    assert line.curve.opts["segmentedLineMode"] == "on"
    fill(plot, n=100_000, key="b")
    fill(plot, n=100_000, key="c")
    plot._redraw()
    assert not line.opts["antialias"], "of so many points nobody sees how smooth they are"


def test_pictures_and_data_are_saved(plot, tmp_path):
    fill(plot, n=50)
    plot.show()
    for name in ("loss.png", "loss.svg", "loss.csv"):
        (plot.save_data if name.endswith("csv") else plot.save_picture)(tmp_path / name)
    image = QImage(str(tmp_path / "loss.png"))
    assert image.width() > 700
    assert len({image.pixelColor(x, image.height() // 2).name() for x in range(0, image.width(), 3)}) > 1
    assert "<path" in (tmp_path / "loss.svg").read_text()
    with (tmp_path / "loss.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 50
    assert rows[10] == {
        "series": "a",
        "step": "10",
        "epoch": "1.0",
        "minutes": "1.0",
        "value": "1.8",
        "smoothed": "1.8",
    }


def test_a_folder_that_is_not_there_is_told_as_a_disk_problem(plot, tmp_path):
    fill(plot)
    with pytest.raises(DiskError):
        plot.save_data(tmp_path / "missing" / "loss.csv")


def test_the_plot_follows_the_theme(plot, qapp):
    fill(plot)
    plot.show()
    light = plot.grab().toImage()
    apply_theme(qapp, "dark")
    try:
        dark = plot.grab().toImage()
    finally:
        apply_theme(qapp, "light")
    corner = (plot.width() // 2, 200)
    assert light.pixelColor(*corner).lightness() > 200 > 60 > dark.pixelColor(*corner).lightness()


def test_a_plot_that_is_scrolled_out_of_sight_is_drawn_when_it_comes_back(qtbot, monkeypatch):
    area, plot = QScrollArea(), CurvePlot("Loss")
    qtbot.addWidget(area)
    held = QWidget()
    column = QVBoxLayout(held)
    column.addSpacing(2000)
    column.addWidget(plot)
    fill(plot)
    area.setWidget(held)
    area.resize(500, 300)
    area.show()
    draws = []
    draw = plot._ensure_view().draw
    monkeypatch.setattr(plot._view, "draw", lambda *a: draws.append(1) or draw(*a))
    plot.append("a", [500], [0.5], [0.0], [0.0])
    qtbot.wait(250)
    assert draws == []
    area.ensureWidgetVisible(plot)
    qtbot.waitUntil(lambda: bool(draws))


def test_of_many_curves_only_those_that_grew_are_drawn_anew(plot, qtbot, monkeypatch):
    fill(plot)
    fill(plot, key="b")
    plot.show()
    qtbot.wait(20)
    drawn = []
    for key, items in plot._view._items.items():
        monkeypatch.setattr(items[1], "setData", lambda *_, key=key, **__: drawn.append(key))
    plot.append("b", [500], [0.5], [0.0], [0.0])
    plot._redraw()
    assert drawn == ["b"]
    plot.set_look(Look(smoothing=0.5))
    plot._redraw()
    assert drawn == ["b", "a", "b"]


def test_a_label_at_the_end_of_the_scale_is_not_left_out(plot, qtbot):
    plot.set_series("a", "a", RED, [0, 1, 2], [0.0, 0.5, 1.0], [0, 1, 2])
    plot.resize(400, 200)
    plot.show()
    plot._view._box.setRange(yRange=(0, 1), padding=0)
    plot.grab()
    image = QImage(9, 9, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    *_, labels = plot._view._plot.getAxis("left").generateDrawSpecs(painter)
    painter.end()
    assert {"0.0", "1.0"} <= {text for _, _, text in labels}
