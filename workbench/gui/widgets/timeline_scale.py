"""Days as places on a line, and the marks below it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

Zoom = Literal["day", "week", "month"]
PER_DAY: dict[Zoom, float] = {"day": 32.0, "week": 11.0, "month": 3.5}
FIRST, LAST = date.min.toordinal(), date.max.toordinal()
_FAR = 20_000.0


@dataclass(frozen=True, slots=True)
class Scale:
    """Where days lie.

    Args:
        first: Day at the left edge, as an ordinal with a fraction.
        zoom: How wide a day is.
        left: Where the left edge is, in pixels.
        width: How wide the line is, in pixels.
    """

    first: float
    zoom: Zoom
    left: float
    width: float

    @property
    def per_day(self) -> float:
        """Width of a day in pixels."""
        return PER_DAY[self.zoom]

    @property
    def last(self) -> float:
        """Day at the right edge."""
        return self.first + self.width / self.per_day

    def x(self, ordinal: float) -> float:
        """Return where a day begins; far days lie just far outside, so that nothing overflows."""
        return max(-_FAR, min(_FAR, self.left + (ordinal - self.first) * self.per_day))

    def ordinal(self, x: float) -> float:
        """Return the day at a place, with a fraction."""
        return max(float(FIRST), min(float(LAST), self.first + (x - self.left) / self.per_day))

    def major(self) -> Iterator[tuple[float, str]]:
        """Return the marks of the upper line: months, or years where months are small."""
        if self.zoom == "month":
            for year in range(_day(self.first).year, _day(self.last).year + 1):
                yield date(year, 1, 1).toordinal(), str(year)
        else:
            for day in self._months():
                yield day.toordinal(), f"{day:%b} {day.year}"

    def minor(self) -> Iterator[tuple[float, str]]:
        """Return the marks of the lower line: days, Mondays or months."""
        if self.zoom == "month":
            for day in self._months():
                yield day.toordinal(), f"{day:%b}"
            return
        first, last = _day(self.first).toordinal(), _day(self.last).toordinal()
        step = 1 if self.zoom == "day" else 7
        # The first day of all, 1 January of the year 1, is a Monday.
        begin = first if step == 1 else first - (first - 1) % 7
        for ordinal in range(max(FIRST, begin), last + 1, step):
            yield ordinal, str(date.fromordinal(ordinal).day)

    def weekends(self) -> Iterator[int]:
        """Return the Saturdays that can be seen."""
        first, last = _day(self.first).toordinal(), _day(self.last).toordinal()
        for ordinal in range(first - (first - 1) % 7 + 5 - 7, last + 1, 7):
            if ordinal >= FIRST:
                yield ordinal

    def _months(self) -> Iterator[date]:
        first, last = _day(self.first), _day(self.last)
        for month in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
            yield date(month // 12, month % 12 + 1, 1)


def _day(ordinal: float) -> date:
    return date.fromordinal(max(FIRST, min(LAST, int(ordinal))))
