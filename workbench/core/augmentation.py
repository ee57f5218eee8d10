"""What augmentation to begin with, which is stronger, and where a step may break a label."""

import re
from collections.abc import Sequence
from typing import Any

from workbench.core.configs import StepConfig
from workbench.core.records import Schema
from workbench.core.states import Modality

LEVELS = ("light", "medium", "strong")

_Steps = tuple[tuple[str, float, dict[str, Any]], ...]
# Name, probability and settings of each step, by the kind of sample.
_PRESETS: dict[Modality, tuple[_Steps, _Steps, _Steps]] = {
    Modality.PICTURE: (
        (
            ("shift", 0.5, {"share": 0.05}),
            ("rotation", 0.5, {"degrees": 5.0}),
            ("brightness", 0.5, {"amount": 0.1}),
            ("contrast", 0.5, {"amount": 0.1}),
        ),
        (
            ("flip_horizontal", 0.5, {}),
            ("shift", 0.7, {"share": 0.1}),
            ("rotation", 0.7, {"degrees": 10.0}),
            ("scale", 0.7, {"amount": 0.1}),
            ("brightness", 0.7, {"amount": 0.2}),
            ("contrast", 0.7, {"amount": 0.2}),
            ("saturation", 0.5, {"amount": 0.2}),
        ),
        (
            ("flip_horizontal", 0.5, {}),
            ("resize_crop", 0.7, {"least": 0.5, "stretch": 1.2}),
            ("rotation", 0.8, {"degrees": 20.0}),
            ("shear", 0.5, {"degrees": 10.0}),
            ("perspective", 0.3, {"amount": 0.2}),
            ("brightness", 0.8, {"amount": 0.3}),
            ("contrast", 0.8, {"amount": 0.3}),
            ("saturation", 0.7, {"amount": 0.3}),
            ("hue", 0.5, {"degrees": 15.0}),
            ("gaussian_noise", 0.3, {"amount": 0.05}),
            ("erasing", 0.3, {"area": 0.2}),
            ("mixup", 0.5, {"alpha": 0.2}),
        ),
    ),
    Modality.AUDIO: (
        (("time_shift", 0.5, {"share": 0.05}), ("gain", 0.5, {"decibels": 3.0})),
        (
            ("time_shift", 0.7, {"share": 0.1}),
            ("gain", 0.7, {"decibels": 6.0}),
            ("background_noise", 0.5, {"amount": 0.1}),
            ("frequency_mask", 0.5, {"share": 0.1}),
        ),
        (
            ("time_shift", 0.8, {"share": 0.2}),
            ("gain", 0.8, {"decibels": 10.0}),
            ("background_noise", 0.7, {"amount": 0.3}),
            ("time_mask", 0.7, {"share": 0.2}),
            ("frequency_mask", 0.7, {"share": 0.2}),
            ("mixup", 0.5, {"alpha": 0.2}),
        ),
    ),
    Modality.TABLE: (
        (("number_noise", 0.5, {"amount": 0.02}),),
        (("number_noise", 0.7, {"amount": 0.05}), ("value_swap", 0.3, {"share": 0.05})),
        (
            ("number_noise", 0.8, {"amount": 0.1}),
            ("value_swap", 0.5, {"share": 0.1}),
            ("mixup", 0.5, {"alpha": 0.2}),
        ),
    ),
    Modality.TEXT: (
        (("word_drop", 0.5, {"share": 0.05}),),
        (("word_drop", 0.7, {"share": 0.1}), ("word_swap", 0.5, {"share": 0.05})),
        (("word_drop", 0.8, {"share": 0.2}), ("word_swap", 0.7, {"share": 0.15})),
    ),
}
_NEEDS_COLOUR = ("saturation", "hue", "grey")
# What a preset is without where it would break labels, or where there is no colour.
_LEFT_OUT = (*_NEEDS_COLOUR, "flip_horizontal")
_TURNED = 45.0
_SIGN = re.compile(r"\d{1,3}|.|zero|one|two|three|four|five|six|seven|eight|nine")
_HAN = re.compile(r"(?![零〇一二三四五六七八九十])[\u4e00-\u9fff]")
_MANY = 20
_SIDE = re.compile(r"left|right|links|rechts|gauche|droite|左|右")
_HEIGHT = re.compile(r"up|down|top|bottom|upper|lower|above|below|上|下")
_COLOUR = re.compile(
    "(red|green|blue|yellow|orange|purple|violet|pink|brown|black|white|gr[ae]y|cyan|magenta"
    "|红|绿|蓝|黄|橙|紫|粉|棕|黑|白|灰)色?"
)


def preset(level: str, schema: Schema) -> tuple[StepConfig, ...]:
    """Return the steps of a preset for such samples, without those that may break a label.

    Args:
        level: One of `LEVELS`.
        schema: What the raw samples are.
    """
    steps = []
    for name, probability, fields in _PRESETS[schema.modality][LEVELS.index(level)]:
        step = _config(name, probability, fields)
        is_grey = len(schema.input_shape) == 3 and schema.input_shape[0] != 3
        if not (is_grey and name in _NEEDS_COLOUR) and not label_risk(step, schema):
            steps.append(step)
    return tuple(steps)


def _config(name: str, probability: float, fields: dict[str, Any]) -> StepConfig:
    return StepConfig(name=name, fields={"probability": probability, **fields})


def level_of(steps: Sequence[StepConfig]) -> str:
    """Return which preset the steps are, to the setting; empty where they are none."""
    for presets in _PRESETS.values():
        for level, wanted in zip(LEVELS, presets, strict=True):
            made = [_config(*item) for item in wanted]
            left_out = [step.name for step in made if step not in steps]
            kept = [step for step in made if step in steps]
            if steps and list(steps) == kept and all(name in _LEFT_OUT for name in left_out):
                return level
    return ""


def stronger(steps: Sequence[StepConfig], schema: Schema) -> str:
    """Return the next stronger preset; empty where there is none.

    Steps of the user's own count as medium where there are as many as in the medium preset, else as light.
    """
    used = [step for step in steps if step.on]
    if not used:
        return LEVELS[0]
    is_medium = len(used) >= len(preset("medium", schema))
    place = LEVELS.index(level_of(used) or ("medium" if is_medium else "light")) + 1
    return LEVELS[place] if place < len(LEVELS) else ""


def in_words(steps: Sequence[StepConfig]) -> str:
    """Return an augmentation in a few words: the preset, or each step with its strength; empty for none."""
    used = [step for step in steps if step.on]
    return level_of(used) or ", ".join(_step_words(step) for step in used)


def _step_words(step: StepConfig) -> str:
    values = [value for name, value in step.fields.items() if name != "probability"]
    return " ".join([step.name.replace("_", " "), *(f"{value:g}" for value in values[:1])])


def label_risk(step: StepConfig, schema: Schema) -> str:
    """Return why a step may make a sample one of another class, guessed from their names; else nothing."""
    names = [_words(name) for name in schema.classes]
    turns = step.name == "rotation" and abs(float(step.fields.get("degrees", 15.0))) > _TURNED
    across, down = step.name == "flip_horizontal", step.name == "flip_vertical"
    if (across or down or turns) and _are_signs(names):
        what = "turned far" if turns else "mirrored"
        return f"The classes look like digits or letters: {what}, they may be others or none."
    if (across or turns) and any(_any(_SIDE, words) for words in names):
        return "Classes are named after left and right: this step exchanges them."
    if (down or turns) and any(_any(_HEIGHT, words) for words in names):
        return "Classes are named after above and below: this step exchanges them."
    if step.name in _NEEDS_COLOUR and sum(_any(_COLOUR, words) for words in names) > 1:
        return "Classes are named after colours: this step changes them."
    return ""


def _are_signs(names: Sequence[Sequence[str]]) -> bool:
    """Return whether classes are digits, letters or characters; a few Chinese ones are words, such as 猫."""
    if not names or not all(len(words) == 1 and _any(_SIGN, words) for words in names):
        return False
    return len(names) >= _MANY or not all(_HAN.fullmatch(words[0]) for words in names)


def _words(name: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", name.casefold()) if word]


def _any(pattern: re.Pattern[str], words: Sequence[str]) -> bool:
    return any(pattern.fullmatch(word) for word in words)
