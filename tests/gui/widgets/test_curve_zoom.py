"""Which finer points are wanted, and where they come to lie."""

import numpy as np
from PySide6.QtGui import QColor

from workbench.gui.widgets.curve_data import Curve, Finer, Stretch, as_csv
from workbench.gui.widgets.curve_zoom import Closer

PIXELS = 100


def outline(*, coarse=True):
    """1,000 points that stand for 100,000."""
    curve = Curve("a", QColor("#D55E00"), coarse=coarse)
    steps = np.arange(0, 100_000, 100)
    curve.extend(steps, np.zeros(len(steps)), steps * 0.5, steps / 10)
    return curve


def points(stretch, every=1):
    steps = np.arange(max(0, stretch.first_step), stretch.last_step + 1, every)
    return Finer(stretch, steps, np.ones(len(steps)), steps * 0.5, steps / 10)


def ask(closer, curves, left, right, axis="step"):
    return closer.wanted(curves, axis, (left, right), PIXELS)


def test_finer_points_take_the_place_of_those_between_them_until_they_are_dropped():
    curve = outline()
    curve.refine(points(Stretch("a", 1050, 1250, 1000)))
    np.testing.assert_array_equal(curve.steps[9:13], [900, 1000, 1050, 1051])
    np.testing.assert_array_equal(curve.steps[210:214], [1249, 1250, 1300, 1400])
    assert curve.values.sum() == 201
    np.testing.assert_allclose(curve.smoothed(0.5)[:11], 0)
    np.testing.assert_allclose(curve.x("epoch"), curve.steps / 10)
    assert curve.x_of_step(1051, "minutes") == 1051 * 0.5 / 60
    curve.extend([100_000], [0.0], [50_000.0], [10_000.0])
    assert curve.steps[-1] == 100_000
    assert len(as_csv({"a": curve}, 0.0).splitlines()) == 1 + 1001
    curve.refine(None)
    assert len(curve) == 1001


def test_what_is_seen_finely_enough_or_is_whole_asks_for_nothing():
    assert ask(Closer(), {"a": outline()}, 0, 30_000) == []
    assert ask(Closer(), {"a": outline(coarse=False)}, 500, 600) == []
    assert ask(Closer(), {"a": outline()}, 200_000, 300_000) == [], "beyond its end"
    assert ask(Closer(), {"a": Curve("a", QColor("#D55E00"), coarse=True)}, 0, 1) == []


def test_a_part_is_asked_for_once_and_again_only_when_it_is_left_or_zoomed_into():
    closer, curve = Closer(), outline()
    curves = {"a": curve}
    (part,) = ask(closer, curves, 50_000, 55_000)
    assert part.first_step < 50_000 < 55_000 < part.last_step
    assert ask(closer, curves, 50_000, 55_000) == [], "it is on its way"
    curve.refine(points(part, every=20))
    assert ask(closer, curves, 50_500, 55_500) == [], "a small move stays within"
    assert ask(closer, curves, 51_000, 52_000) != []
    assert ask(closer, curves, 70_000, 75_000) != []
    assert ask(closer, curves, 0, 100_000) == []
    assert curve.finer is None, "the whole curve does"


def test_a_question_holds_all_that_is_still_open():
    closer = Closer()
    curves = {"a": outline(), "b": outline()}
    curves["b"].coarse = False
    assert [it.key for it in ask(closer, curves, 50_000, 55_000, "minutes")] == []
    assert [it.key for it in ask(closer, curves, 500, 510, "minutes")] == ["a"]
    curves["b"].coarse = True
    assert [it.key for it in ask(closer, curves, 500, 510, "minutes")] == ["a", "b"]
    curves["a"] = outline()
    assert [it.key for it in ask(closer, curves, 500, 510, "minutes")] == ["a", "b"], "read anew, so coarse"


def test_where_all_points_are_there_zooming_in_asks_for_nothing():
    closer, curve = Closer(), outline()
    (part,) = ask(closer, {"a": curve}, 50_010, 50_020)
    curve.refine(points(part, every=10))
    assert curve.finer.is_all
    assert ask(closer, {"a": curve}, 50_014, 50_016) == []
