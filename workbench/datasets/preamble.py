"""Lines above the header of a table: a title, a date, a note, as reports and exports begin with."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence

from workbench.core.records import Finding
from workbench.core.states import Severity
from workbench.datasets.health import EXAMPLES, plural

MOST_LINES = 20
_LEAST = 2
_SPARSE = 3  # a line with less than every third column filled is no header


def usual_length(lengths: Iterable[int]) -> int:
    """Return how long most records are; among equally many the larger number; 0 without records."""
    counts = Counter(lengths)
    return max(counts, key=lambda length: (counts[length], length), default=0)


def best_separator(
    found: Mapping[str, list[int]], wanted: Callable[[list[int]], int]
) -> tuple[str | None, float]:
    """Return the separator whose records have the wanted length most often, and how often."""
    best, best_score = None, (0.0, 0)
    for separator, lengths in found.items():
        length = wanted(lengths) if lengths else 0
        score = (round(lengths.count(length) / max(1, len(lengths)), 1), length)
        if length > 1 and score > best_score:
            best, best_score = separator, score
    return best, best_score[0]


def header_place(records: Sequence[Sequence[str]]) -> int | None:
    """Return the place of the first record that may name columns; None where all are empty.

    A title, a date or a note above the table fills one cell, or a few of many, where rows fill most; a line
    of merged cells, half of them, right above the names of all columns.
    """
    filled = [sum(1 for cell in record if cell.strip()) for record in records]
    first = next((place for place, count in enumerate(filled) if count), None)
    width = usual_length(len(record) for record, count in zip(records, filled, strict=True) if count)
    if first is None or width < _LEAST:
        return first
    for place in range(first, min(first + MOST_LINES, len(records))):
        is_note = 2 * len(records[place]) <= width or _SPARSE * filled[place] <= width
        is_group = 2 * filled[place] <= width and _names_all(records[place + 1 : place + 2], width)
        if filled[place] and not is_note and not is_group:
            return place
    return first


def _names_all(records: Sequence[Sequence[str]], width: int) -> bool:
    """Return whether the record fills all columns with words, none twice, and no digit in them."""
    return any(
        len({cell.strip() for cell in record} - {""}) == width and not any(map(str.isdigit, "".join(record)))
        for record in records
    )


def preamble_finding(lines: Sequence[Sequence[str]]) -> tuple[Finding, ...]:
    """Return what is told of the lines above the header; nothing where there are none."""
    texts = tuple(" ".join(cell.strip() for cell in line if cell.strip()) for line in lines)
    texts = tuple(text for text in texts if text)
    if not texts:
        return ()
    text = (
        f"{plural(len(texts), 'line', 'lines')} above the header were left out: nothing to do, unless the "
        "header is not the row that names the columns."
    ).replace("1 line above the header were", "1 line above the header was")
    return (Finding("preamble", Severity.INFO, len(texts), text, texts[:EXAMPLES]),)
