"""Rows of a table as text: numbers, dates, categories, and what lies between two categories."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from workbench.core.records import Column, Schema

_EPOCH = datetime(1970, 1, 1)  # a day in a table is of no time zone
_NOTHING = 0.005


def cell_texts(values: Sequence[float], column: Column) -> list[str]:
    """Return the cells of a column as text; a missing or unknown one is empty."""
    if column.kind == "category":
        names = column.categories
        return [names[int(v)] if v == v and 0 <= v < len(names) else "" for v in values]
    write = _date if column.is_date else _number
    return [write(value) if value == value else "" for value in values]


def mixed_texts(x: Any, schema: Schema, most: int) -> tuple[tuple[str, ...], ...]:
    """Return rows whose categories were encoded one-hot, as (n, at most `most`) cells.

    Args:
        x: (n, columns) rows; between 0 and 1 where rows were mixed.
        schema: What they are, with the parts of each category side by side.
        most: How many cells of a row are wanted.
    """
    cells: list[list[str]] = []
    columns, place = schema.used_columns, 0
    while place < len(columns) and len(cells) < most:
        of, end = columns[place].part_of, place + 1
        while of and end < len(columns) and columns[end].part_of == of:
            end += 1
        if of:
            names = [column.name.removeprefix(f"{of} = ") for column in columns[place:end]]
            cells.append([_shares(row, names) for row in x[:, place:end].tolist()])
        else:
            values = x[:, place]
            # A date is a day here: noise of some hours would only make it longer.
            cells.append(
                cell_texts((values.round() if columns[place].is_date else values).tolist(), columns[place])
            )
        place = end
    return tuple(zip(*cells, strict=True))


def _shares(shares: Sequence[float], names: Sequence[str]) -> str:
    found = [(name, share) for name, share in zip(names, shares, strict=True) if share > _NOTHING]
    if len(found) == 1 and found[0][1] > 1 - _NOTHING:
        return found[0][0]
    return ", ".join(f"{share:.0%} {name}" for name, share in found)


def _date(days: float) -> str:
    try:
        # A float32 has a day of our time to about two minutes.
        text = (_EPOCH + timedelta(minutes=2 * round(days * 720))).isoformat(" ", "minutes")
    except OverflowError:
        return _number(days)
    return text.removesuffix(" 00:00")


def _number(value: float) -> str:
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e9 else f"{value:.4g}"
