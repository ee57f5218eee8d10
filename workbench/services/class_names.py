"""Names of classes and values as the user gives them, and the numbers that stand for them."""

import math
from collections.abc import Iterable, Mapping

from workbench.core.errors import UserError
from workbench.core.records import Schema
from workbench.core.registry import nearest
from workbench.core.states import Task

_LARGEST = 3.4e38
_FEW_CLASSES = 50
_LONGEST_NAME = 200


def coded_labels(schema: Schema, labels: Mapping[int, str | float]) -> dict[int, int | float]:
    """Return the number of each class, or each value.

    Raises:
        UserError: There is no such class, or a value is no number.
    """
    if schema.task is Task.REGRESSION:
        return {place: _number(value) for place, value in labels.items()}
    codes = {name: code for code, name in enumerate(schema.classes)}
    unknown = next((str(name) for name in labels.values() if name not in codes), None)
    if unknown is not None:
        meant = nearest(unknown, list(codes)) if len(codes) <= _FEW_CLASSES else ""
        raise UserError(f"There is no class {unknown} in this dataset. {meant}".strip())
    return {place: codes[str(name)] for place, name in labels.items()}


def class_name(typed: str) -> str:
    """Return the name of a new class as it is kept.

    Raises:
        UserError: It is empty or very long.
    """
    name = " ".join(typed.split())
    if not name or not name.isprintable():
        raise UserError("A class needs a name of letters, digits or signs: type one.")
    if len(name) > _LONGEST_NAME:
        raise UserError(f"The name of a class can have {_LONGEST_NAME} letters at most: type a shorter one.")
    return name


def added_classes(schema: Schema, labels: Iterable[str | float]) -> tuple[str, ...]:
    """Return the classes among labels that a version does not have yet, as they came."""
    if schema.task is Task.REGRESSION:
        return ()
    known = set(schema.classes)
    return tuple(dict.fromkeys(str(label) for label in labels if label not in known))


def _number(value: str | float) -> float:
    try:
        number = float(value.strip().replace(",", ".") if isinstance(value, str) else value)
    except ValueError:
        number = math.nan
    if not abs(number) < _LARGEST:
        raise UserError(f"{value!r} is no number: type one such as 12.5.")
    return number
