"""Presets of augmentation: each stronger than the one before, none that breaks a label by its name."""

import pytest

from workbench.core.augmentation import LEVELS, in_words, label_risk, level_of, preset, stronger
from workbench.core.configs import StepConfig
from workbench.core.records import Schema
from workbench.core.states import Modality, Task
from workbench.transforms.augmentation.augmenter import steps_on


def schema(classes=("cat", "dog"), shape=(3, 32, 32), kind=None):
    return Schema(Task.CLASSIFICATION, shape, tuple(classes), kind_of_sample=kind)


KINDS = {
    "colour": schema(),
    "grey": schema(shape=(1, 28, 28)),
    "digits": schema("0123456789", (1, 8, 8)),
    "rows": schema(shape=(5,)),
    "sound": schema(shape=(16_000,), kind=Modality.AUDIO),
    "text": schema(shape=(), kind=Modality.TEXT),
}


@pytest.mark.parametrize("kind", KINDS)
def test_presets_are_known_steps_and_know_themselves_and_the_next_one(kind):
    steps: tuple[StepConfig, ...] = ()
    for level in LEVELS:
        assert stronger(steps, KINDS[kind]) == level
        steps = preset(level, KINDS[kind])
        assert len(steps_on(steps)) == len(steps) > 0
        assert level_of(steps) == in_words(steps) == level
    assert stronger(steps, KINDS[kind]) == ""


def test_steps_of_ones_own_are_told_with_their_strength():
    steps = (
        StepConfig(name="rotation", fields={"probability": 0.5, "degrees": 33.0}),
        StepConfig(name="blur", on=False),
        StepConfig(name="flip_horizontal"),
    )
    assert in_words(steps) == "rotation 33, flip horizontal"
    assert in_words(()) == ""
    # One step of a preset that was switched off is no preset any more.
    medium = preset("medium", KINDS["colour"])
    assert level_of(medium[:-2]) == ""
    assert stronger(steps, KINDS["colour"]) == "medium"


@pytest.mark.parametrize(
    ("name", "fields", "classes", "warned"),
    [
        ("flip_vertical", {}, "0123456789", True),
        ("flip_horizontal", {}, ("A", "B", "C"), True),
        ("flip_horizontal", {}, ("three", "eight"), True),
        ("flip_vertical", {}, ("cat", "dog"), False),
        ("rotation", {"degrees": 15.0}, "0123456789", False),
        ("rotation", {"degrees": 90.0}, "0123456789", True),
        ("flip_horizontal", {}, ("turn left", "turn right"), True),
        ("flip_horizontal", {}, ("左", "右"), True),
        ("flip_vertical", {}, ("turn left", "turn right"), False),
        ("flip_vertical", {}, ("thumb_up", "thumb_down"), True),
        ("hue", {}, ("red apple", "green apple"), True),
        ("grey", {}, ("红色", "绿色"), True),
        ("hue", {}, ("red panda", "cat"), False),
        ("brightness", {}, ("red", "green"), False),
    ],
)
def test_a_step_that_may_break_a_label_is_told_by_the_names_of_the_classes(name, fields, classes, warned):
    step = StepConfig(name=name, fields=fields)
    risk = label_risk(step, schema(classes))
    assert bool(risk) is warned
    assert not risk or risk.endswith(".")


def test_a_preset_leaves_out_what_breaks_a_label():
    for level in LEVELS:
        assert all(not label_risk(step, KINDS["digits"]) for step in preset(level, KINDS["digits"]))
    names = [{step.name for step in preset("medium", KINDS[kind])} for kind in ("colour", "digits")]
    assert names[0] - names[1] == {"flip_horizontal", "saturation"}


@pytest.mark.parametrize(
    ("classes", "warned"),
    [
        ([str(k) for k in range(12)], True),
        ("abcXYZ", True),
        ("零一二三", True),
        ([chr(0x4E00 + k) for k in range(40)], True),
        (("猫", "狗"), False),
        (("1", "many"), False),
    ],
    ids=["numbers of two digits", "letters", "Chinese digits", "Chinese characters", "cat and dog", "words"],
)
def test_mirrors_are_warned_of_for_signs_and_not_for_short_words(classes, warned):
    assert bool(label_risk(StepConfig(name="flip_horizontal"), schema(classes))) == warned
