"""The heat map places dots, keeps what does not fit behind a number, and says what levels mean."""

import pytest
from PySide6.QtCore import Qt

from workbench.gui.widgets.heat_map import Dot, HeatMap
from workbench.gui.widgets.score_badge import level_of, score_text


@pytest.fixture
def heat_map(qtbot):
    made = HeatMap("Heat map")
    qtbot.addWidget(made)
    made.resize(360, 340)
    made.set_scale((5, 10, 15), [f"p{n}" for n in range(1, 6)], [f"i{n}" for n in range(1, 6)])
    made.show()
    return made


def test_probability_goes_up_and_impact_to_the_right(heat_map):
    low, high = heat_map.field_rect(1, 1), heat_map.field_rect(5, 5)
    assert high.top() < low.top()
    assert high.left() > low.left()


@pytest.mark.parametrize("count", [1, 3, 4, 50, 2000])
def test_every_dot_lies_in_its_field_or_is_counted(heat_map, count):
    heat_map.set_dots([Dot(number, "x", 3, 4) for number in range(1, count + 1)])
    placed = heat_map._placed(3, 4)
    field = heat_map.field_rect(3, 4)
    assert all(field.adjusted(-12, -1, 12, 1).contains(rect) for _, rect in placed)
    shown = [dot for dot, _ in placed if dot is not None]
    assert len(shown) == count or placed[-1][0] is None


def test_a_click_on_the_rest_opens_the_field(qtbot, heat_map):
    heat_map.set_dots([Dot(number, "x", 2, 2) for number in range(1, 60)])
    _, rest = heat_map._placed(2, 2)[-1]
    with qtbot.waitSignal(heat_map.opened) as told:
        qtbot.mouseClick(heat_map, Qt.MouseButton.LeftButton, pos=rest.center().toPoint())
    assert told.args == [2, 2]


def test_arrows_walk_through_the_dots(qtbot, heat_map):
    heat_map.set_dots([Dot(1, "a", 1, 1), Dot(2, "b", 5, 5)], 1)
    heat_map.setFocus()
    with qtbot.waitSignal(heat_map.chosen) as told:
        qtbot.keyClick(heat_map, Qt.Key.Key_Right)
    assert told.args == [2]
    assert heat_map.accessibleDescription() == "b: probability 5, impact 5"


def test_levels_at_the_axes_say_what_they_mean(heat_map):
    place = heat_map._label_rect(4, up=True).center()
    assert heat_map._label_at(place) == "Probability 4 · p4"
    assert heat_map._label_at(heat_map._label_rect(2, up=False).center()) == "Impact 2 · i2"


def test_a_score_is_told_by_number_and_word():
    thresholds = (5, 10, 15)
    assert [level_of(score, thresholds) for score in (4, 5, 9, 10, 14, 15, 25)] == [0, 1, 1, 2, 2, 3, 3]
    assert score_text(20, thresholds) == "20 critical"
    assert score_text(None, thresholds) == "–"


def test_the_chosen_dot_is_seen_in_a_full_field(heat_map):
    heat_map.set_dots([Dot(number, "x", 3, 3) for number in range(1, 300)], 250)
    rect = heat_map.dot_rect(250)
    assert rect is not None
    assert heat_map.dot_rect(251) is None


def test_the_chosen_dot_is_seen_where_a_field_has_one_place_alone(heat_map):
    heat_map.resize(220, 220)
    heat_map.set_dots([Dot(number, "x", 3, 4) for number in range(1, 9)], 7)
    assert [dot.id for dot, _ in heat_map._placed(3, 4)] == [7]
    heat_map.select(None)
    assert [dot for dot, _ in heat_map._placed(3, 4)] == [None]
