"""What a model of a table has to learn: which column, which task, which label for each row."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.errors import DataError
from workbench.core.records import Schema, Skipped
from workbench.core.registry import nearest
from workbench.core.states import Task
from workbench.datasets.columns import Coded
from workbench.datasets.delimited import TextTable
from workbench.datasets.numerals import (
    NUMBER_TYPES,
    PLAIN,
    NumberForm,
    Numbers,
    Parsed,
    are_errors,
    parse,
    read_numbers,
)
from workbench.datasets.ordering import natural_key

_NAMES = ("target", "label", "class", "diagnosis", "outcome", "y")
_MOST_CLASS_NUMBERS = 20
_MOST_CLASSES = 20_000
_FEW_CLASSES = 1_000


@dataclass(frozen=True, slots=True)
class Target:
    """The learnt column.

    Args:
        name: Heading.
        task: Regression for numbers that are many or not whole, else classification.
        classes: Class names in natural order, spelled as in the file but for blanks around them; empty for
            regression.
        labels: (n,) int64 places in `classes`, or float32 values.
        form: How its numbers are written.
        doubt: Whether a sign in its numbers may stand before fractions or between thousands.
        blanks: Texts that are a class only without the blanks around them.
    """

    name: str
    task: Task
    classes: tuple[str, ...]
    labels: NDArray[Any]
    form: NumberForm = PLAIN
    doubt: bool = False
    blanks: tuple[str, ...] = ()


def find_target(header: Sequence[str], wanted: str | None, rows: Sequence[Sequence[str]] = ()) -> str:
    """Return the heading of the target column: the wanted one, one with a usual name, or the last.

    Args:
        header: All headings.
        wanted: What the user says.
        rows: First rows: a column that is empty in all of them is not taken for the last.

    Raises:
        DataError: The wanted column is not there; the message names the nearest.
    """
    if wanted is None:
        usual = {name.casefold(): name for name in reversed(header)}
        filled = [
            name for at, name in enumerate(header) if any(row[at].strip() for row in rows if at < len(row))
        ]
        return next((usual[name] for name in _NAMES if name in usual), (filled or header)[-1])
    for name in header:
        if name == wanted.strip():
            return name
    raise DataError(
        f"There is no column {wanted!r} to be the target. {nearest(wanted, list(header))}",
        {"target": "is not a column of the table"},
    )


def read_target(
    rows: TextTable, name: str, wish: str | None = None, *, told: str = "", usual: str = "."
) -> Target:
    """Return the target of the rows that have one; the others are taken out of `rows` and told.

    Args:
        rows: The table; changed in place.
        name: Heading of the target.
        wish: What the user says that it is: a number or a category; see `ImportConfig.types`.
        told: The decimal sign, where it is known.
        usual: The decimal sign where nothing shows it.

    Raises:
        DataError: No row has a target, or the column cannot be one.
    """
    is_number = wish in NUMBER_TYPES
    if not (is_number or wish in (None, "category")):
        raise DataError(
            f"The target column {name!r} has to be a number or a category: choose another type or target.",
            {"target": "has to be a number or a category"},
        )
    coded = Coded.of(rows.table.column(name))
    if wish != "category":
        told = NUMBER_TYPES.get(wish or "") or told
        numbers = read_numbers(coded, told, usual=usual, forced=is_number)
        if is_number or _is_regression(numbers.parsed, coded):
            return _values(rows, name, coded, numbers)
    return _classes(rows, name, coded if coded.numbers is None else Coded.by_text(rows.table.column(name)))


def _values(rows: TextTable, name: str, coded: Coded, numbers: Numbers) -> Target:
    values = numbers.parsed.numbers.astype(np.float32)[coded.codes]
    _keep(rows, name, numbers.parsed.finite[coded.codes], coded, "no number")
    return Target(name, Task.REGRESSION, (), values[~np.isnan(values)], numbers.form, numbers.doubt)


def _classes(rows: TextTable, name: str, coded: Coded) -> Target:
    parsed = parse(coded)
    named = ~parsed.empty & ~are_errors(coded.values)
    texts: list[str] = coded.values.filter(pa.array(named)).to_pylist()
    values_of = dict(zip(map(str.strip, texts), parsed.numbers[named].tolist(), strict=True))
    most = min(_MOST_CLASSES, max(_FEW_CLASSES, int(coded.counts[named].sum()) // 2))
    if len(values_of) > most:
        raise DataError(
            f"The target column {name!r} has {len(values_of):,} different texts, too many to be classes: "
            "choose another target column.",
            {"target": "has too many different texts"},
        )
    if parsed.finite[named].all():
        classes = sorted(values_of, key=lambda text: (values_of[text], text))
    else:
        classes = sorted(values_of, key=natural_key)
    labels = class_labels(coded, classes)
    _keep(rows, name, labels >= 0, coded, "no value")
    spelled = set(texts)
    blanks = tuple(text for text in texts if text != text.strip() and text.strip() in spelled)
    return Target(name, Task.CLASSIFICATION, tuple(classes), labels[labels >= 0], blanks=blanks)


def numbers_of(
    texts: Sequence[str], wish: str | None = None, *, usual: str = "."
) -> NDArray[np.float32] | None:
    """Return (n,) labels as numbers, NaN where one is none; None where they are classes.

    Args:
        texts: Labels as they stand in the file.
        wish: What the user says that they are: a number or a category; None finds it out as in a table.
        usual: The decimal sign where nothing shows it.
    """
    if wish == "category" or not len(texts):
        return None
    coded = Coded.by_text(pa.chunked_array([pa.array(texts, pa.large_string())]))
    told = NUMBER_TYPES.get(wish or "", "")
    parsed = read_numbers(coded, told, usual=usual, forced=wish is not None).parsed
    if _is_regression(parsed, coded) or (wish is not None and parsed.finite.any()):
        return np.asarray(parsed.numbers.astype(np.float32)[coded.codes])
    if wish is not None:
        raise DataError(
            "No label in the list is a number: choose another column, or category as its type.",
            {"target": "holds no numbers"},
        )
    return None


def new_labels(
    coded: Coded | None, count: int, schema: Schema, told: str = "", form: NumberForm | None = None
) -> NDArray[Any]:
    """Return what is known of the targets of new rows: -1 or NaN where nothing is.

    Args:
        coded: The target column of the new table; None where it has none.
        count: Number of rows.
        schema: What the model was trained with.
        told: The decimal sign, where it is known.
        form: How numbers were written in what the model learnt from.
    """
    if schema.task is Task.CLASSIFICATION:
        return np.full(count, -1, np.int64) if coded is None else class_labels(coded, schema.classes)
    if coded is None:
        return np.full(count, np.nan, np.float32)
    return np.asarray(read_numbers(coded, told, form=form).parsed.numbers.astype(np.float32)[coded.codes])


def class_labels(coded: Coded, classes: Sequence[str]) -> NDArray[np.int64]:
    """Return (n,) places in `classes`, blanks around a text not counted; -1 for one that is none of them."""
    wanted = pa.array(classes, coded.values.type)
    exact = pc.index_in(coded.values, wanted)
    places = pc.fill_null(pc.coalesce(exact, pc.index_in(pc.utf8_trim_whitespace(coded.values), wanted)), -1)
    return np.asarray(places.to_numpy(zero_copy_only=False).astype(np.int64)[coded.codes])


def _is_regression(parsed: Parsed, coded: Coded) -> bool:
    if not parsed.numeric(coded.counts):
        return False
    distinct = np.unique(parsed.numbers[parsed.finite])
    if len(distinct) > _MOST_CLASS_NUMBERS:
        return True
    return not parsed.texts.any() and bool((distinct != np.floor(distinct)).any())


def _keep(rows: TextTable, name: str, mask: NDArray[np.bool_], coded: Coded, lacking: str) -> None:
    if not mask.any():
        raise DataError(
            f"No row has a value in the target column {name!r}: fill it, or choose another target column.",
            {"target": "has no value"},
        )
    for place in np.flatnonzero(~mask):
        text = str(coded.values[int(coded.codes[place])].as_py()).strip()
        shown = f" but {text[:40]!r}" if text else ""
        reason = f"has {lacking if text else 'no value'}{shown} in the target column {name}"
        rows.skipped.append(Skipped(f"row {rows.numbers[place]}", reason))
    rows.keep(mask)
