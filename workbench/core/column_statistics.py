"""What a column of a table holds, in a few numbers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ColumnStatistics:
    """What a column holds.

    Args:
        count: Rows.
        missing: Rows without a value.
        mean: Of the numbers; None for texts. Days since 1970-01-01 for dates, as the next three.
        deviation: Standard deviation of the numbers.
        low: The smallest number.
        high: The largest number.
        is_date: Whether the numbers are days.
        bars: Rows in each of equally wide ranges from `low` to `high`, or of each of the values.
        values: The most frequent texts and their rows, the most frequent first.
        distinct: How many different texts there are; 0 for numbers.
    """

    count: int
    missing: int
    mean: float | None = None
    deviation: float | None = None
    low: float | None = None
    high: float | None = None
    is_date: bool = False
    bars: tuple[int, ...] = ()
    values: tuple[tuple[str, int], ...] = ()
    distinct: int = 0
