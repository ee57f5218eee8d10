"""The table that a run of the benchmarks prints."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One line of the table; a ratio of 1 is as good as what it is compared with."""

    what: str
    ours: str
    other: str = ""
    ratio: float | None = None
    times: int = 1


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def paired_ratio(ours: Sequence[float], other: Sequence[float]) -> float:
    """Return the median of the ratios of what ran one after the other: drift of the machine falls out."""
    return median([a / b for a, b in zip(ours, other, strict=True)])


def per_second(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}/s"


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def lateness(situation: str, ticks: Sequence[float]) -> Line:
    """Return how late a 10 ms timer of the window fires, from the ms of each tick."""
    ordered = sorted(ticks)
    shares = [ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.99)]
    text = f"p50 {shares[0]:.1f}, p99 {shares[1]:.1f}, max {ordered[-1]:.1f} ms"
    return Line(f"window's lateness {situation}", text, "", None, len(ordered))


def show(lines: Sequence[Line]) -> str:
    """Return the lines as a Markdown table, which reads well on a terminal too."""
    rows = [("what", "Workbench", "compared with", "ratio", "runs")]
    for line in lines:
        ratio = "" if line.ratio is None else f"{line.ratio:.2f}"
        rows.append((line.what, line.ours, line.other, ratio, str(line.times)))
    widths = [max(len(row[i]) for row in rows) for i in range(5)]

    def text(row: Sequence[str]) -> str:
        left = [cell.ljust(width) for cell, width in zip(row[:3], widths, strict=False)]
        right = [cell.rjust(width) for cell, width in zip(row[3:], widths[3:], strict=True)]
        return "| " + " | ".join(left + right) + " |"

    dashes = [*("-" * width for width in widths[:3]), *("-" * (width - 1) + ":" for width in widths[3:])]
    return "\n".join(
        [text(rows[0]), "|" + "|".join(f" {dash} " for dash in dashes) + "|", *map(text, rows[1:])]
    )
