"""Findings about the columns and rows of a table."""

from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from workbench.core.records import Finding
from workbench.core.states import Severity
from workbench.datasets.columns import Coded, ColumnRead
from workbench.datasets.health import EXAMPLES, plural
from workbench.datasets.plain_numbers import Figures

_MUCH_MISSING = 0.05
_LONGEST_EXAMPLE = 40
_TELLING = 3
_UNUSED = {
    "constant_column": (
        "constant",
        Severity.WARNING,
        ("column has", "columns have"),
        "the same value in every row or none at all, so nothing can be learnt there: take it out.",
    ),
    "id_column": (
        "id",
        Severity.INFO,
        ("column only numbers", "columns only number"),
        "the rows, so it is shown but not learnt from: nothing to do.",
    ),
    "text_column": (
        "text",
        Severity.INFO,
        ("column holds", "columns hold"),
        "free text or ids, shown but not learnt from: turn what matters into categories or numbers.",
    ),
}
_UNFIT = {
    "text_in_numbers": (
        ("column of numbers has texts", "columns of numbers have texts"),
        "they were taken as missing; mend them in the file if they mean something, or import the column as "
        "a category.",
    ),
    "text_in_dates": (
        ("column of dates has other texts", "columns of dates have other texts"),
        "they were taken as missing; mend them in the file, or import the column as another type.",
    ),
}
_CELLS = {
    "missing_values": (
        ("column lacks values", "columns lack values"),
        "training fills them in; collect them if they matter.",
    ),
    "infinite_values": (
        ("column has infinite values", "columns have infinite values"),
        "they were taken as missing; look where they come from.",
    ),
}


class RowMarks:
    """Recognises equal rows by a random 64-bit mark for each value of each column, added up (Zobrist, 1970).

    A few columns of numbers nearly always tell rows apart: others are looked at only where these do not.

    Args:
        count: Number of rows.
    """

    def __init__(self, count: int) -> None:
        self._marks = np.zeros(count, np.uint64)
        self._figures: list[tuple[Figures, int]] = []

    @staticmethod
    def of(coded: Coded, place: int) -> NDArray[np.uint64]:
        """Return (n,) the marks of the column at a place; equal values have equal ones."""
        if coded.numbers is not None:
            return _mixed(coded.numbers.view(np.uint64), place)
        random = np.random.Generator(np.random.PCG64(place))
        return random.integers(0, 2**64, size=len(coded.values), dtype=np.uint64)[coded.codes]

    def add(self, marks: NDArray[np.uint64]) -> None:
        """Take in the marks of one column."""
        self._marks ^= marks

    def add_figures(self, figures: Figures, place: int) -> None:
        """Take in a column of numbers."""
        self._figures.append((figures, place))

    def findings(self, numbers: NDArray[np.int64]) -> list[Finding]:
        """Return the finding about rows that are equal to an earlier one.

        Args:
            numbers: (n,) row numbers in the file.
        """
        for figures, place in self._figures[:_TELLING]:
            self._marks ^= _mixed(figures.bits(), place)
        ordered = np.sort(self._marks)
        alike = ordered[1:][ordered[1:] == ordered[:-1]]
        if not len(alike):
            return []
        rows = np.flatnonzero(np.isin(self._marks, alike))
        marks = self._marks[rows]
        for figures, place in self._figures[_TELLING:]:
            marks ^= _mixed(figures.bits(rows), place)
        _, first = np.unique(marks, return_index=True)
        count = len(rows) - len(first)
        if not count:
            return []
        copy = np.ones(len(rows), np.bool_)
        copy[first] = False
        text = (
            f"{plural(count, 'row is', 'rows are')} equal to an earlier row in every column and can be in "
            "two splits at once, which flatters the test: take copies out of the file unless they are real."
        )
        examples = tuple(f"row {number}" for number in numbers[rows[copy]][:EXAMPLES])
        return [Finding("duplicate_rows", Severity.WARNING, count, text, examples)]


def _mixed(bits: NDArray[np.uint64], place: int) -> NDArray[np.uint64]:
    """Return (n,) marks of numbers by their bits, mixed as in SplitMix64 (Steele et al. 2014)."""
    random = np.random.Generator(np.random.PCG64(place))
    marks = bits + random.integers(0, 2**64, dtype=np.uint64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        marks ^= marks >> np.uint64(shift)
        marks *= np.uint64(factor)
    return np.asarray(marks ^ (marks >> np.uint64(31)))


def column_findings(reads: Sequence[ColumnRead], rows: int) -> list[Finding]:
    """Return what is wrong with the columns.

    Args:
        reads: The input columns.
        rows: Number of rows.
    """
    findings = []
    for code, (reason, severity, words, text) in _UNUSED.items():
        names = [read.column.name for read in reads if read.reason == reason]
        if names:
            sentence = f"{plural(len(names), *words)} {text}"
            findings.append(Finding(code, severity, len(names), sentence, tuple(names[:EXAMPLES])))
    cells = {
        "missing_values": [(r.missing, r.column.name) for r in reads if r.reason != "constant"],
        "infinite_values": [(r.infinite, r.column.name) for r in reads],
    }
    for code, counts in cells.items():
        worst = sorted((item for item in counts if item[0]), reverse=True)
        if worst:
            words, text = _CELLS[code]
            share = worst[0][0] / rows
            light = code == "missing_values" and share <= _MUCH_MISSING
            sentence = f"{plural(len(worst), *words)}, in {share:.1%} of the rows at worst: {text}"
            examples = tuple(f"{name}: {n:,} ({n / rows:.1%})" for n, name in worst[:EXAMPLES])
            severity = Severity.INFO if light else Severity.WARNING
            findings.append(Finding(code, severity, sum(n for n, _ in worst), sentence, examples))
    return [*findings, *_unfit(reads, rows), *_named(reads), *_mixed_units(reads), *_ambiguous(reads)]


def _unfit(reads: Sequence[ColumnRead], rows: int) -> list[Finding]:
    """Return which texts do not fit the type of their column."""
    findings = []
    for code, (words, text) in _UNFIT.items():
        unfit = [read for read in reads if read.stray and read.column.is_date == (code == "text_in_dates")]
        worst = sorted(unfit, key=lambda read: read.stray, reverse=True)
        if worst:
            share = worst[0].stray / rows
            sentence = f"{plural(len(worst), *words)}, in {share:.1%} of the rows at worst: {text}"
            examples = tuple(f"{read.column.name}: {_told(read, rows)}" for read in worst[:EXAMPLES])
            count = sum(read.stray for read in worst)
            findings.append(Finding(code, Severity.WARNING, count, sentence, examples))
    return findings


def _told(read: ColumnRead, rows: int) -> str:
    shown = ", ".join(repr(text[:_LONGEST_EXAMPLE]) for text in read.strays)
    more = ", …" if read.stray > len(read.strays) else ""
    return f"{read.stray:,} ({read.stray / rows:.1%})" + (f", such as {shown}{more}" if shown else "")


def _named(reads: Sequence[ColumnRead]) -> list[Finding]:
    """Return which words were taken as missing values."""
    return _of_columns(
        "missing_words",
        Severity.INFO,
        {read.column.name: ", ".join(map(repr, read.named)) for read in reads if read.named},
        "words for a missing value, which were taken as missing: nothing to do, unless they mean something.",
    )


def _mixed_units(reads: Sequence[ColumnRead]) -> list[Finding]:
    """Return which columns are no numbers because these are in several units."""
    return _of_columns(
        "mixed_units",
        Severity.WARNING,
        {read.column.name: ", ".join(read.units) for read in reads if read.units},
        "numbers in several units, which were taken as texts: bring them to one unit in the file, then "
        "import it again.",
    )


def two_way_findings(reads: Sequence[ColumnRead]) -> list[Finding]:
    """Return which numbers could be read in two ways."""
    doubted = [read for read in reads if read.doubt]
    return _of_columns(
        "ambiguous_numbers",
        Severity.WARNING,
        {r.column.name: f"read as {'thousands' if r.form.thousands else 'decimals'}" for r in doubted},
        "numbers such as 1.234 or 1,234 whose sign may stand before decimals or between thousands: if they "
        "were read wrongly, import with the type Number with decimal point or with decimal comma.",
    )


def _of_columns(code: str, severity: Severity, told: Mapping[str, str], text: str) -> list[Finding]:
    """Return the finding that columns have something; `told` says what it is in each, by its name."""
    if not told:
        return []
    examples = tuple(f"{name}: {what}" for name, what in islice(told.items(), EXAMPLES))
    sentence = f"{plural(len(told), 'column has', 'columns have')} {text}"
    return [Finding(code, severity, len(told), sentence, examples)]


def blanks_finding(target: str, texts: Sequence[str]) -> list[Finding]:
    """Return the finding that blanks around the names of classes were taken away where that joined some."""
    if not texts:
        return []
    text = (
        f"{plural(len(texts), 'label of', 'labels of')} {target} had blanks around, which were taken away, "
        "as the same is there without them: nothing to do."
    )
    return [Finding("trimmed_labels", Severity.INFO, len(texts), text, tuple(map(repr, texts[:EXAMPLES])))]


def _ambiguous(reads: Sequence[ColumnRead]) -> list[Finding]:
    """Return which dates could be read in two ways."""
    names = [read.column.name for read in reads if read.ambiguous]
    if not names:
        return []
    text = (
        f"{plural(len(names), 'column has dates that were', 'columns have dates that were')} read with the "
        "day before the month, though the month could come first as well: import with the type Date, month "
        "first, if that is right."
    )
    return [Finding("ambiguous_dates", Severity.WARNING, len(names), text, tuple(names[:EXAMPLES]))]
