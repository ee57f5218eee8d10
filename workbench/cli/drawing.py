"""Text on a terminal: tables, numbers, the confusion matrix. Control characters never get through."""

import unicodedata
from collections.abc import Iterable, Sequence

_MATRIX_CLASSES = 30
_LABEL_WIDTH = 24
_PAIRS = 20


def plain(text: object) -> str:
    """Return text on one line in which control and invisible characters are written as escapes."""
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode() for letter in str(text)
    )


def number(value: float | None) -> str:
    """Return a number as people read it; a dash where it is not defined."""
    if value is None:
        return "–"
    return f"{value:,}" if isinstance(value, int) else f"{value:.4g}"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return rows under heads in columns; what looks like a number stands at the right."""
    cells = [[plain(cell) for cell in row] for row in rows]
    columns = list(zip(heads, *cells, strict=True))
    widths = [max(map(_width, column)) for column in columns]
    right = [len(column) > 1 and all(_is_number(cell) for cell in column[1:]) for column in columns]
    lines = [_row(heads, widths, right), "  ".join("─" * width for width in widths)]
    return "\n".join(line.rstrip() for line in [*lines, *(_row(row, widths, right) for row in cells)])


def confusion(labels: Sequence[str], counts: Sequence[Sequence[int]], columns: int) -> str:
    """Return the confusion matrix, rows actual, columns predicted; with many classes the worst pairs.

    Args:
        labels: Class names.
        counts: (classes, classes) numbers of samples.
        columns: Width of the terminal in letters.
    """
    if len(labels) > _MATRIX_CLASSES:
        return _worst_pairs(labels, counts)
    names = [_cut(plain(label), _LABEL_WIDTH) for label in labels]
    heads, legend = names, names
    width = max(_width(str(cell)) for row in counts for cell in row)
    side = max(map(_width, [*names, "actual ↓"]))
    if side + sum(max(_width(name), width) + 2 for name in names) > columns:
        heads = [str(place) for place in range(1, len(names) + 1)]
        legend = [f"{head} {name}" if head != name else name for head, name in zip(heads, names, strict=True)]
        side = max(map(_width, [*legend, "actual ↓"]))
    widths = [side, *(max(_width(head), width) for head in heads)]
    right = [False, *(True for _ in heads)]
    lines = [f"{'':{side}}  predicted →", _row(["actual ↓", *heads], widths, right)]
    for name, row in zip(legend, counts, strict=True):
        lines.append(_row([name, *(str(cell) if cell else "·" for cell in row)], widths, right))
    return "\n".join(line.rstrip() for line in lines)


def _worst_pairs(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> str:
    pairs = [
        (cell, actual, predicted)
        for actual, row in zip(labels, counts, strict=True)
        for predicted, cell in zip(labels, row, strict=True)
        if actual != predicted and cell
    ]
    pairs.sort(key=lambda pair: -pair[0])
    if not pairs:
        return f"All samples of the {len(labels)} classes are on the diagonal."
    rows = [(actual, predicted, cell) for cell, actual, predicted in pairs[:_PAIRS]]
    return f"{len(labels)} classes; the most confused pairs:\n" + table(
        ("actual", "predicted", "count"), rows
    )


def _row(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    parts = []
    for cell, width, at_right in zip(cells, widths, right, strict=True):
        gap = " " * (width - _width(cell))
        parts.append(gap + cell if at_right else cell + gap)
    return "  ".join(parts)


def _width(text: str) -> int:
    """Return how many places a text takes: Chinese letters take two, combining marks none."""
    return sum(
        2 if unicodedata.east_asian_width(letter) in "WF" else 0 if unicodedata.combining(letter) else 1
        for letter in text
    )


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    while _width(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def _is_number(cell: str) -> bool:
    return cell == "–" or cell.replace(",", "").replace(".", "").lstrip("-").isdigit() or _is_power(cell)


def _is_power(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
