"""`--set KEY=VALUE` as training settings: of the training itself, or of the model family."""

import contextlib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.registry import Choice, nearest, validated


def settings(words: Sequence[str], family: type[Choice]) -> tuple[TrainConfig, dict[str, Any]]:
    """Return the training's settings and the family's, each value read as its field wants it.

    Args:
        words: `KEY=VALUE`, the last one of a key counts.
        family: The model family.

    Raises:
        UserError: A key is not known, or a value is wrong; `fields` has one sentence a key.
    """
    given: dict[type[BaseModel], dict[str, str]] = {TrainConfig: {}, family: {}}
    problems: dict[str, str] = {}
    known = [*TrainConfig.model_fields, *family.model_fields]
    for word in words:
        key, equals, value = (part.strip() for part in word.partition("="))
        owner = TrainConfig if key in TrainConfig.model_fields else family
        if not equals or not key:
            problems[key or word] = "has to be written as KEY=VALUE"
        elif key not in owner.model_fields:
            problems[key] = f"is not a setting of {family.name}. {nearest(key, known)}"
        else:
            given[owner][key] = _whole(value, owner.model_fields[key].annotation)
    made: list[BaseModel] = []
    for model, values in given.items():
        try:
            made.append(validated(model, values))
        except UserError as error:
            problems |= error.fields
    if problems:
        raise UserError("; ".join(f"{key}: {text}" for key, text in problems.items()), problems)
    train, chosen = made
    assert isinstance(train, TrainConfig)
    return train, chosen.model_dump(mode="json")


def _whole(value: str, wanted: Any) -> str:
    """Return `1e3` as `1000` where a whole number is wanted."""
    if wanted is int:
        with contextlib.suppress(ValueError, OverflowError):
            if float(value).is_integer() and not value.isdecimal():
                return str(int(float(value)))
    return value
