"""A slider beside the entry of a number: both say the same, and neither changes what the other one holds."""

import pytest
from pydantic import BaseModel, Field
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider

from workbench.gui.widgets.param_form import ParamForm


class Strength(BaseModel):
    share: float = Field(0.25, ge=0, le=0.5, title="Share", json_schema_extra={"slider": True})
    steps: int = Field(3, ge=1, le=5, title="Steps", json_schema_extra={"slider": True})
    plain: float = Field(0.5, ge=0, le=1, title="Plain")


@pytest.fixture
def form(qtbot):
    made = ParamForm(Strength)
    qtbot.addWidget(made)
    made.show()
    return made


def slider(form, name):
    return next(one for one in form.findChildren(QSlider) if one.accessibleName() == name)


def test_a_number_that_asks_for_it_has_a_slider(form):
    assert [one.accessibleName() for one in form.findChildren(QSlider)] == ["Share", "Steps"]


def test_moving_the_slider_enters_the_number_and_tells_it_once(form, qtbot):
    told = []
    form.changed.connect(lambda: told.append(form.values()["share"]))
    one = slider(form, "Share")
    one.setValue(one.maximum())
    qtbot.keyClick(one, Qt.Key.Key_Home)
    assert told == [0.5, 0]
    whole = slider(form, "Steps")
    qtbot.keyClick(whole, Qt.Key.Key_Right)
    assert form.values()["steps"] == 4


def test_a_number_that_is_typed_moves_the_slider_and_stays_as_it_was_typed(form, qtbot):
    entry, one = form.field("share").control.lineEdit(), slider(form, "Share")
    assert one.value() == one.maximum() // 2
    entry.selectAll()
    qtbot.keyClicks(entry, "0.1234")
    assert form.values()["share"] == 0.1234
    assert one.value() == round(0.1234 / 0.5 * one.maximum())
    entry.selectAll()
    # Out of bounds: the slider stands at its end, the form says what is wrong.
    qtbot.keyClicks(entry, "9")
    assert one.value() == one.maximum()
    assert form.values()["share"] == 9
    assert form.problems() == {"share": "has to be at most 0.5"}
