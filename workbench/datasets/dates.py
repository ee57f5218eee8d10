"""Dates written as text, read as numbers of days."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

ORDERS = ("ymd", "dmy", "mdy")
_NEARLY_ALL = 0.95
_TIME = (
    r"(?:[T ]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:\.\d+)?))?"
    r"\s*(?:Z|(?P<sign>[+-])(?P<ahead>\d{2}):?(?P<more>\d{2})?)?)?"
)
_YEAR_FIRST = r"^(?P<a>\d{4})[-/.年](?P<b>\d{1,2})[-/.月](?P<c>\d{1,2})日?" + _TIME + "$"
_DIGITS = r"^(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})" + _TIME + "$"
_YEAR_LAST = r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4})" + _TIME + "$"


@dataclass(frozen=True, slots=True)
class Dates:
    """Distinct texts read as dates.

    Args:
        days: (distinct,) float64 days since 1970-01-01, in UTC where an offset is given; NaN for no date.
        order: `ymd`, `dmy` or `mdy`: how day, month and year follow each other.
        ambiguous: Whether both `dmy` and `mdy` would fit every value.
    """

    days: NDArray[np.float64]
    order: str
    ambiguous: bool = False

    def most(self, counts: NDArray[np.int64], empty: NDArray[np.bool_]) -> bool:
        """Return whether nearly all rows that are not empty hold a date."""
        filled = int(counts[~empty].sum())
        return filled > 0 and int(counts[~np.isnan(self.days)].sum()) >= _NEARLY_ALL * filled


def read_dates(values: Any, counts: NDArray[np.int64], order: str | None = None) -> Dates:
    """Read distinct texts as dates; the order is the one that fits most rows.

    Args:
        values: Arrow array of texts.
        counts: (distinct,) rows of each.
        order: One of `ORDERS`, when it is known. ISO 8601 is read under every order.
    """
    texts = pc.utf8_trim_whitespace(values)
    iso = _days(texts, _YEAR_FIRST, "ymd")
    iso = np.where(np.isnan(iso), _days(texts, _DIGITS, "ymd"), iso)
    if order == "ymd" or not (np.isnan(iso) & _matches(texts, _YEAR_LAST)).any():
        return Dates(iso, order or "ymd")
    found = {way: _days(texts, _YEAR_LAST, way) for way in (("dmy", "mdy") if order is None else (order,))}
    rows = {way: int(counts[~np.isnan(days)].sum()) for way, days in found.items()}
    # Where both fit alike, the day comes first, as in most of the world.
    best = max(rows, key=lambda way: rows[way])
    same = len(rows) == 2 and rows["dmy"] == rows["mdy"]
    ambiguous = same and not np.array_equal(found["dmy"], found["mdy"], equal_nan=True)
    return Dates(np.where(np.isnan(iso), found[best], iso), best, ambiguous)


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), np.bool_)


def _days(texts: Any, pattern: str, order: str) -> NDArray[np.float64]:
    """Return (n,) days since 1970-01-01 of the texts that fit a pattern and the calendar, else NaN."""
    parts = pc.extract_regex(texts, pattern)

    def part(name: str, otherwise: float = np.nan) -> NDArray[np.float64]:
        column = pc.struct_field(parts, name)
        numbers = pc.cast(
            pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column), pa.float64()
        )
        return np.asarray(pc.fill_null(numbers, otherwise).to_numpy(zero_copy_only=False), np.float64)

    place = {letter: "abc"[at] for at, letter in enumerate(order)}
    year, month, day = (part(place[letter]) for letter in "ymd")
    valid = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1)
    whole = [np.where(valid, value, 1).astype(np.int64) for value in (year, month, day)]
    first = (whole[0] - 1970).astype("M8[Y]").astype("M8[M]") + (whole[1] - 1)
    date = first.astype("M8[D]") + (whole[2] - 1)
    valid &= date.astype("M8[M]") == first
    hour, minute, second = (part(name, 0.0) for name in ("hour", "minute", "second"))
    valid &= (hour < 24) & (minute < 60) & (second < 61)
    ahead = part("ahead", 0.0) * 60 + part("more", 0.0)
    ahead = np.where(pc.equal(pc.struct_field(parts, "sign"), "-").fill_null(False), -ahead, ahead)
    days = date.astype(np.int64) + ((hour * 60 + minute - ahead) * 60 + second) / 86_400
    return np.where(valid, days, np.nan)
