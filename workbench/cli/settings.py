"""`--set KEY=VALUE` as settings: of the training, of what is chosen in it, or of the model family."""

import contextlib
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.registry import Choice, nearest, validated

FOUND = ("batch_size", "learning_rate")
"""Keys that `auto` lets the program find out itself, in the order in which it has to."""
_AUTO = "auto"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the settings of a command line come to.

    Args:
        train: Settings of the training; what is still to be found is at its default.
        fields: Settings of the model family.
        found: Keys that the program has to find out itself, in order.
    """

    train: TrainConfig
    fields: dict[str, Any]
    found: tuple[str, ...] = ()


def settings(
    words: Sequence[str], family: type[Choice], choices: Mapping[str, Sequence[type[Choice]]]
) -> Settings:
    """Return the settings, each value read as its field wants it.

    Args:
        words: `KEY=VALUE`, the last one of a key counts.
        family: The model family.
        choices: Optimisers, schedules and losses by registry noun; the keys of those chosen count as well.

    Raises:
        UserError: A key is not known, or a value is wrong; `fields` has one sentence a key.
    """
    pairs, problems = _pairs(words)
    given: dict[str, dict[str, Any]] = {"": {}, "model": {}}
    chosen, wrong = _chosen(pairs, choices)
    given |= {field: {} for field in chosen}
    models: dict[str, type[BaseModel]] = {"": TrainConfig, "model": family, **chosen}
    known = {key: owner for owner, model in reversed(models.items()) for key in _keys(model)}
    found = tuple(key for key in FOUND if pairs.get(key) == _AUTO)
    for key, value in pairs.items():
        if key not in known:
            problems[key] = _unknown(key, family, list(known), choices)
        elif key not in found:
            owner = known[key]
            given[owner][key] = _read(value, models[owner].model_fields[key])
    made: dict[str, BaseModel] = {}
    for owner, model in models.items():
        try:
            made[owner] = validated(model, given[owner])
        except UserError as error:
            problems |= error.fields
    problems |= wrong
    if problems:
        raise UserError("; ".join(f"{key}: {text}" for key, text in problems.items()), problems)
    own = {f"{field}_fields": made[field].model_dump(mode="json") for field in chosen}
    train = validated(TrainConfig, given[""] | own)
    return Settings(train, made["model"].model_dump(mode="json"), found)


def _pairs(words: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    pairs, problems = {}, {}
    for word in words:
        key, equals, value = (part.strip() for part in word.partition("="))
        if not equals or not key:
            problems[key or word] = "has to be written as KEY=VALUE"
        else:
            pairs[key] = value
    return pairs, problems


def _chosen(
    pairs: Mapping[str, str], choices: Mapping[str, Sequence[type[Choice]]]
) -> tuple[dict[str, type[Choice]], dict[str, str]]:
    """Return the class behind each field that chooses one with settings, and what is wrong with the names."""
    chosen, problems = {}, {}
    for field, info in TrainConfig.model_fields.items():
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        if "settings" not in extra:
            continue
        noun = str(extra["registry"])
        classes = {cls.name: cls for cls in choices[noun]}
        name = pairs.get(field, info.get_default())
        if name in classes:
            chosen[field] = classes[name]
        else:
            problems[field] = f"There is no {noun} {name!r}. {nearest(name, list(classes))}"
    return chosen, problems


def _keys(model: type[BaseModel]) -> list[str]:
    """Return the fields that can be set by a word: not those that hold the settings of a choice."""
    return [
        name
        for name, info in model.model_fields.items()
        if not (isinstance(info.json_schema_extra, dict) and "settings_of" in info.json_schema_extra)
    ]


def _unknown(
    key: str, family: type[Choice], known: list[str], choices: Mapping[str, Sequence[type[Choice]]]
) -> str:
    owners = [
        f"{noun}={cls.name}"
        for noun, classes in choices.items()
        for cls in classes
        if key in cls.model_fields
    ]
    if owners:
        return f"is a setting of {' or '.join(owners)}: choose that as well."
    return f"is not a setting of {family.name}. {nearest(key, known)}"


def _read(value: str, info: FieldInfo) -> str | None:
    """Return `1e3` as `1000` where a whole number is wanted, words as the 0 or None that they stand for."""
    wanted, extra = info.annotation, info.json_schema_extra
    if isinstance(extra, dict) and value.lower() == extra.get("zero"):
        return "0"
    if type(None) in typing.get_args(wanted) and value.lower() in ("", "none"):
        return None
    if wanted is int:
        with contextlib.suppress(ValueError, OverflowError):
            if float(value).is_integer() and not value.isdecimal():
                return str(int(float(value)))
    return value
