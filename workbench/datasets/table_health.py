"""Findings about the columns and rows of a table."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from workbench.core.records import Finding
from workbench.core.states import Severity
from workbench.datasets.columns import Coded, ColumnRead
from workbench.datasets.health import EXAMPLES, plural

_MUCH_MISSING = 0.05


class RowMarks:
    """Recognises equal rows by a random 64-bit mark for each value of each column, added up (Zobrist, 1970).

    Args:
        count: Number of rows.
    """

    def __init__(self, count: int) -> None:
        self._marks = np.zeros(count, np.uint64)
        self._random = np.random.Generator(np.random.PCG64(0))

    def add(self, coded: Coded) -> None:
        """Take in one column."""
        marks = self._random.integers(0, 2**64, size=len(coded.values), dtype=np.uint64)
        self._marks ^= marks[coded.codes]

    def findings(self, numbers: NDArray[np.int64]) -> list[Finding]:
        """Return the finding about rows that are equal to an earlier one.

        Args:
            numbers: (n,) row numbers in the file.
        """
        _, first = np.unique(self._marks, return_index=True)
        count = len(self._marks) - len(first)
        if not count:
            return []
        copy = np.ones(len(self._marks), np.bool_)
        copy[first] = False
        text = (
            f"{plural(count, 'row is', 'rows are')} equal to an earlier row in every column and can be in "
            "two splits at once, which flatters the test: take copies out of the file unless they are real."
        )
        examples = tuple(f"row {number}" for number in numbers[copy][:EXAMPLES])
        return [Finding("duplicate_rows", Severity.WARNING, count, text, examples)]


def column_findings(reads: Sequence[ColumnRead], rows: int) -> list[Finding]:
    """Return what is wrong with the columns.

    Args:
        reads: The input columns.
        rows: Number of rows.
    """
    findings = [
        *_about(
            reads,
            "constant_column",
            Severity.WARNING,
            lambda read: read.reason == "constant",
            "{columns} the same value in every row, so nothing can be learnt from {them}: take {them} out.",
            ("column has", "columns have"),
        ),
        *_about(
            reads,
            "id_column",
            Severity.INFO,
            lambda read: read.reason == "id",
            "{columns} only to number the rows and will not be learnt from: nothing to do.",
            ("column seems", "columns seem"),
        ),
        *_about(
            reads,
            "text_column",
            Severity.INFO,
            lambda read: read.reason == "text",
            "{columns} free text or ids, not learnt from: turn what matters into categories or numbers.",
            ("column holds", "columns hold"),
        ),
    ]
    missing = [(read, read.missing) for read in reads if read.missing and read.reason != "constant"]
    if missing:
        cells = sum(count for _, count in missing)
        worst = max(count for _, count in missing) / rows
        severity = Severity.WARNING if worst > _MUCH_MISSING else Severity.INFO
        text = (
            f"{plural(len(missing), 'column lacks', 'columns lack')} values, {worst:.1%} at worst: training "
            "fills them in; collect them if they matter."
        )
        findings.append(_counted("missing_values", severity, cells, text, missing, rows))
    infinite = [(read, read.infinite) for read in reads if read.infinite]
    if infinite:
        text = (
            f"{plural(len(infinite), 'column has', 'columns have')} infinite values, which were taken as "
            "missing: look where they come from."
        )
        count = sum(count for _, count in infinite)
        findings.append(_counted("infinite_values", Severity.WARNING, count, text, infinite, rows))
    stray = [(read, read.stray) for read in reads if read.stray]
    if stray:
        text = (
            f"{plural(len(stray), 'column of numbers has', 'columns of numbers have')} texts among the "
            "numbers, which were taken as missing: mend them in the file if they mean something."
        )
        count = sum(count for _, count in stray)
        findings.append(_counted("text_in_numbers", Severity.WARNING, count, text, stray, rows))
    return findings


def _about(
    reads: Sequence[ColumnRead],
    code: str,
    severity: Severity,
    concerns: Callable[[ColumnRead], bool],
    text: str,
    words: tuple[str, str],
) -> list[Finding]:
    names = [read.column.name for read in reads if concerns(read)]
    if not names:
        return []
    sentence = text.format(columns=plural(len(names), *words), them="it" if len(names) == 1 else "them")
    return [Finding(code, severity, len(names), sentence, tuple(names[:EXAMPLES]))]


def _counted(
    code: str,
    severity: Severity,
    count: int,
    text: str,
    columns: Sequence[tuple[ColumnRead, int]],
    rows: int,
) -> Finding:
    worst = sorted(columns, key=lambda item: -item[1])[:EXAMPLES]
    examples = tuple(f"{read.column.name}: {n:,} ({n / rows:.1%})" for read, n in worst)
    return Finding(code, severity, count, text, examples)
