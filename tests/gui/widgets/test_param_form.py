"""A form is made from the model alone and tells what is wrong where it is wrong."""

from enum import StrEnum
from typing import Literal

import pytest
from pydantic import BaseModel, Field
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QToolButton

from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.registry import Choice
from workbench.core.states import Task
from workbench.gui.widgets.number_box import NumberBox
from workbench.gui.widgets.param_form import ParamForm
from workbench.services.models import ModelService

CHOICES = ModelService(None).choices()


class Filling(StrEnum):
    MEAN = "mean"
    MOST_FREQUENT = "most_frequent"


class Sample(BaseModel):
    units: int = Field(64, ge=1, le=4096, title="Units", json_schema_extra={"log": True})
    rate: float = Field(1e-5, gt=0, le=1, title="Rate", json_schema_extra={"log": True})
    share: float = Field(0.5, ge=0, le=1, title="Share")
    bias: bool = Field(True, title="With bias")
    filling: Filling = Field(Filling.MEAN, title="Filling")
    norm: Literal["none", "batch"] = Field("batch", title="Normalisation")
    name: str | None = Field(None, title="Name")
    size: int | None = Field(None, ge=4, le=64, title="Size")


@pytest.fixture
def form(qtbot):
    made = ParamForm(Sample)
    qtbot.addWidget(made)
    made.resize(300, 600)
    made.show()
    return made


@pytest.fixture
def train_form(qtbot):
    made = ParamForm(TrainConfig, CHOICES)
    qtbot.addWidget(made)
    made.show()
    return made


def type_into(form, name, text):
    form.field(name).control.lineEdit().setText(text)


def problem_labels(form):
    return [
        label.text()
        for label in form.findChildren(QLabel)
        if label.property("role") == "problem" and label.isVisibleTo(form)
    ]


def test_the_defaults_come_back_as_the_model_has_them(form):
    assert form.values() == Sample().model_dump()
    assert form.problems() == {}


def test_every_kind_of_field_gets_its_control(form):
    kinds = {name: type(form.field(name).control) for name in Sample.model_fields}
    assert kinds["units"] is kinds["rate"] is NumberBox
    assert kinds["bias"] is QCheckBox
    assert issubclass(kinds["filling"], QComboBox)
    assert [form.field("filling").control.itemText(i) for i in range(2)] == ["Mean", "Most frequent"]
    assert form.field("rate").control.text() == "1e-5"


def test_values_go_in_and_come_out_the_same(form):
    wanted = {
        "units": 128,
        "rate": 0.003,
        "share": 0.25,
        "bias": False,
        "filling": Filling.MOST_FREQUENT,
        "norm": "none",
        "name": "第一",
        "size": 32,
    }
    form.set_values(wanted)
    assert form.values() == wanted
    assert Sample(**form.values()).filling is Filling.MOST_FREQUENT


def test_a_number_may_be_written_as_1e_3(form, qtbot):
    with qtbot.waitSignal(form.changed):
        type_into(form, "rate", "1e-3")
    assert form.values()["rate"] == 0.001
    type_into(form, "units", "1e3")
    assert form.values()["units"] == 1000


def test_a_value_out_of_bounds_stays_as_typed_and_is_told_at_its_field(form):
    type_into(form, "units", "9999")
    assert form.values()["units"] == 9999
    assert problem_labels(form) == ["Has to be at most 4096"]
    assert form.field("units").control.property("wrong") is True
    assert "Has to be at most 4096" in form.field("units").control.accessibleDescription()
    type_into(form, "units", "99")
    assert problem_labels(form) == []
    assert form.field("units").control.property("wrong") is False


def test_text_that_is_no_number_is_told_in_words_and_not_thrown_away(form):
    type_into(form, "units", "many")
    type_into(form, "rate", "fast")
    assert form.values()["units"] == "many"
    assert problem_labels(form) == ["Has to be a whole number", "Has to be a number"]


def test_half_a_unit_is_told(form):
    type_into(form, "units", "1.5")
    assert form.problems() == {"units": "has to be a whole number"}


def test_problems_from_outside_are_shown_and_open_the_advanced_part(train_form):
    assert not train_form.field("seed").isVisible()
    train_form.show_problems({"seed": "has to be at least 0", "": "the shares have to add up to 1"})
    assert train_form.field("seed").isVisible()
    assert problem_labels(train_form) == ["Has to be at least 0", "The shares have to add up to 1"]


def test_advanced_fields_are_folded_away_until_asked_for(train_form, qtbot):
    disclosure = train_form.findChild(QToolButton)
    assert disclosure.text() == "Advanced"
    assert not train_form.field("weight_decay").isVisible()
    qtbot.mouseClick(disclosure, Qt.MouseButton.LeftButton)
    assert train_form.field("weight_decay").isVisible()


def test_a_registry_field_offers_titles_and_returns_names(train_form):
    control = train_form.field("optimizer").control
    control.setCurrentIndex(control.findText("SGD"))
    assert train_form.values()["optimizer"] == "sgd"
    assert TrainConfig(**train_form.values()).optimizer == "sgd"


def test_a_problem_of_several_fields_together_is_told_at_the_end(qtbot):
    form = ParamForm(SplitConfig)
    qtbot.addWidget(form)
    type_into(form, "train", "0.9")
    assert problem_labels(form) == ["The three shares have to add up to 1"]


def test_log_fields_step_by_factors_and_others_by_steps(form):
    units, rate, share = (form.field(name).control for name in ("units", "rate", "share"))
    units.stepBy(1)
    assert units.value() == 128
    units.stepBy(-2)
    assert units.value() == 32
    rate.stepBy(1)
    assert rate.value() == 3e-5
    rate.stepBy(1)
    assert rate.value() == 1e-4
    share.stepBy(-1)
    assert share.value() == 0.49


def test_stepping_ends_at_the_bounds(form):
    units = form.field("units").control
    units.set_value(4000)
    units.stepBy(3)
    assert units.value() == 4096
    assert not units.stepEnabled() & NumberBox.StepEnabledFlag.StepUpEnabled
    units.set_value(100_000)
    units.stepBy(-1)
    assert units.value() == 4096


def test_the_wheel_scrolls_past_a_setting_without_changing_it(form):
    for name in ("share", "filling"):
        control = form.field(name).control
        before = form.values()[name]
        event = QWheelEvent(
            QPointF(5, 5),
            QPointF(5, 5),
            QPoint(),
            QPoint(0, -120),
            Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase,
            False,
        )
        QApplication.sendEvent(control, event)
        assert form.values()[name] == before


def test_labels_name_their_control_and_descriptions_are_tooltips(train_form):
    control = train_form.field("batch_size").control
    (label,) = [label for label in train_form.findChildren(QLabel) if label.buddy() is control]
    assert label.text() == control.accessibleName() == "Batch size"
    assert "Samples at once" in control.toolTip()


def test_an_empty_optional_field_is_none(form):
    type_into(form, "size", "16")
    type_into(form, "size", "  ")
    assert form.values()["size"] is None
    assert form.problems() == {}


def choose(form, name, title):
    control = form.field(name).control
    control.setCurrentIndex(control.findText(title))


def titles(form, name):
    control = form.field(name).control
    return [control.itemText(at) for at in range(control.count())]


def test_below_a_choice_stand_the_settings_of_what_is_chosen(train_form):
    assert list(train_form.shown())[3:7] == ["optimizer", "beta1", "beta2", "schedule"]
    choose(train_form, "optimizer", "Momentum")
    assert train_form.field("momentum").isVisible()
    assert "beta1" not in train_form.shown()
    type_into(train_form, "momentum", "0.95")
    assert train_form.values()["optimizer_fields"] == {"momentum": 0.95}
    choose(train_form, "optimizer", "SGD")
    assert list(train_form.shown())[3:5] == ["optimizer", "schedule"]
    assert train_form.values()["optimizer_fields"] == {}


def test_what_was_typed_for_an_earlier_choice_is_there_when_it_is_chosen_again(train_form):
    choose(train_form, "optimizer", "Momentum")
    type_into(train_form, "momentum", "0.95")
    choose(train_form, "optimizer", "RMSprop")
    assert train_form.values()["optimizer_fields"] == {"alpha": 0.99, "momentum": 0.0}
    choose(train_form, "optimizer", "Momentum")
    assert train_form.values()["optimizer_fields"] == {"momentum": 0.95}


def test_settings_of_a_choice_go_in_and_those_not_named_at_their_defaults(train_form):
    train_form.set_values({"schedule": "step", "schedule_fields": {"drops": 5}})
    assert train_form.values()["schedule_fields"] == {"drops": 5, "drop_factor": 0.1}
    train_form.set_values({"schedule": "step", "schedule_fields": {}})
    assert train_form.values()["schedule_fields"]["drops"] == 2


def test_a_wrong_setting_of_a_choice_is_told_at_its_field_and_stays_told(train_form):
    choose(train_form, "optimizer", "Momentum")
    type_into(train_form, "momentum", "1.5")
    assert problem_labels(train_form) == ["Has to be less than 1"]
    type_into(train_form, "epochs", "12")
    assert problem_labels(train_form) == ["Has to be less than 1"]
    assert train_form.problems() == {"momentum": "has to be less than 1"}
    type_into(train_form, "momentum", "0.5")
    assert problem_labels(train_form) == []


def test_a_problem_from_outside_unfolds_the_settings_of_an_advanced_choice(train_form):
    train_form.set_values({"loss": "focal"})
    assert not train_form.field("gamma").isVisible()
    train_form.show_problems({"gamma": "has to be at most 10"})
    assert train_form.field("gamma").isVisible()
    assert problem_labels(train_form) == ["Has to be at most 10"]


def test_every_item_of_a_choice_says_what_it_is(train_form):
    control = train_form.field("optimizer").control
    tips = [control.itemData(at, Qt.ItemDataRole.ToolTipRole) for at in range(control.count())]
    assert all(tips)
    assert "tenth of Adam" in tips[control.findData("lion")]


def test_only_losses_of_the_task_are_offered_and_another_one_gives_way(train_form):
    train_form.set_values({"loss": "focal"})
    train_form.set_task(Task.REGRESSION)
    assert titles(train_form, "loss") == ["Standard", "Absolute error", "Huber"]
    assert train_form.values()["loss"] == "standard"
    train_form.set_values({"loss": "focal"})
    assert train_form.values()["loss"] == "standard", "a loss for classes does not come back by filling in"
    train_form.set_task(Task.CLASSIFICATION)
    assert titles(train_form, "loss") == ["Standard", "Cross-entropy", "Focal"]


def test_a_choice_that_is_automatic_by_default_offers_that_first(qtbot):
    class Ours(Choice):
        """Ours."""

    Ours.name, Ours.title = "ours", "Our own"

    class Sample(BaseModel):
        place: str = Field("auto", title="Place", json_schema_extra={"registry": "place"})

    form = ParamForm(Sample, {"place": [Ours]})
    qtbot.addWidget(form)
    assert titles(form, "place") == ["Automatic", "Our own"]
    assert form.values() == {"place": "auto"}


def test_advanced_fields_stand_below_the_headings_of_their_groups(train_form, qtbot):
    qtbot.mouseClick(train_form.findChild(QToolButton), Qt.MouseButton.LeftButton)
    headings = [it for it in train_form.findChildren(QLabel) if it.property("role") == "caption"]
    assert [it.text() for it in headings] == [
        "Learning rate", "Loss and steps", "Against overfitting", "Stopping and keeping", "Computing",
    ]  # fmt: skip

    def height(widget):
        return widget.mapTo(train_form, QPoint()).y()

    steps, overfitting = height(headings[1]), height(headings[2])
    assert height(headings[0]) < height(train_form.field("warmup")) < steps
    for name in ("loss", "accumulation", "clip_norm"):
        assert steps < height(train_form.field(name)) < overfitting


def test_tab_goes_through_the_settings_of_a_choice_that_was_made_late(train_form, qtbot):
    choose(train_form, "optimizer", "RMSprop")
    train_form.activateWindow()
    train_form.field("optimizer").control.setFocus()
    for name in ("alpha", "momentum", "schedule"):
        qtbot.keyClick(train_form.focusWidget(), Qt.Key.Key_Tab)
        assert train_form.focusWidget() is train_form.field(name).control


def test_words_that_are_short_for_something_keep_their_capitals(train_form):
    assert titles(train_form, "averaging") == ["None", "EMA", "SWA"]
    assert train_form.field("budget_min").control.lineEdit().placeholderText() == "no limit"


@pytest.mark.parametrize("name", ["warmup", "clip_norm", "weight_decay", "l1", "patience", "keep_every"])
def test_where_0_means_off_the_form_says_off_and_takes_both(train_form, name):
    control = train_form.field(name).control
    train_form.set_values({name: 0})
    assert control.text() == "Off"
    assert train_form.values()[name] == 0
    control.stepBy(1)
    assert train_form.values()[name] > 0
    for typed in ("off", "0"):
        type_into(train_form, name, typed)
        assert train_form.values()[name] == 0
        assert train_form.problems() == {}
        control.editingFinished.emit()
        assert control.text() == "Off"
    assert train_form.field("seed").control.text() == "0", "elsewhere 0 is a number"


def test_the_device_is_chosen_from_those_that_are_here_and_another_one_is_told(train_form):
    offered = titles(train_form, "device")
    assert offered[:2] == ["Automatic", "CPU"]
    choose(train_form, "device", "CPU")
    assert train_form.values()["device"] == "cpu"
    train_form.set_values({"device": "cuda:63"})
    assert train_form.problems() == {"device": "has to be chosen"}
