"""Dates written as text, read as numbers of days."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.datasets.month_names import month_of

ORDERS = ("ymd", "dmy", "mdy")
_NO_DATE = r"^0{1,4}[-/.]?0{1,2}[-/.]?0{1,4}( 00:00:00)?$"  # what some programs write for a missing date
_NEARLY_ALL = 0.95
_LEAST_PLAIN = 3
_EARLIEST, _LATEST = 19_000_101, 21_001_231
_TRIED = 200
_PIVOT = 69  # two digits below are of this century (POSIX)
_TIME = (
    r"(?:(?:T|,?\s+)\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}(?:[.,]\d+)?))?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?:Z|Uhr|[A-Z]{3,4})?\s*"
    r"(?:(?P<sign>[+-])(?P<ahead>\d{2}):?(?P<more>\d{2})?)?(?:\s*[(\[][^)\]]*[)\]])?)?$"
)
_DAY_NAME = r"^(?:\p{L}{2,10}\.?,?\s+)?"
_DAY, _NAME = r"(?P<c>\d{1,2})(?:st|nd|rd|th|er|\.|º)?", r"(?P<b>\p{L}{3,10})\.?"
_YEAR = r"(?P<a>\d{4}|'?\d{2})"
_BETWEEN = r"[\s\-/.,]+"
_YEAR_FIRST = (
    r"^(?P<a>\d{4})[-/.年](?P<b>\d{1,2})[-/.月](?P<c>\d{1,2})日?" + _TIME,
    r"^(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})" + _TIME,
    r"^(?P<a>\d{4})[-/](?P<b>\d{1,2})(?P<c>)$",
    r"^(?P<a>\d{4})年(?P<b>\d{1,2})月(?P<c>)$",
    r"^(?P<b>\d{1,2})/(?P<a>\d{4})(?P<c>)$",
)
_NAMED = (
    _DAY_NAME + _DAY + _BETWEEN + r"(?:of |de |d')?" + _NAME + _BETWEEN + r"(?:de )?" + _YEAR + _TIME,
    _DAY_NAME + _NAME + _BETWEEN + _DAY + _BETWEEN + _YEAR + _TIME,
    r"^(?P<a>\d{4})" + _BETWEEN + _NAME + _BETWEEN + _DAY + _TIME,
    "^" + _NAME + _BETWEEN + r"(?:de )?(?P<a>\d{4}|'?\d{2})(?P<c>)$",
)
_YEAR_LAST = r"^(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4}|\d{2})" + _TIME


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

    A month without a day is its first day. Months may have names of eight languages.

    Args:
        values: Arrow array of texts.
        counts: (distinct,) rows of each.
        order: One of `ORDERS`, when it is known. ISO 8601 is read under every order.
    """
    texts = pc.utf8_trim_whitespace(values)
    known = np.full(len(texts), np.nan)
    for patterns in (_YEAR_FIRST, _NAMED):
        for pattern in patterns:
            if np.isnan(known).any():
                known = np.where(np.isnan(known), _days(texts, pattern, "ymd"), known)
    if not (np.isnan(known) & _matches(texts, _YEAR_LAST)).any():
        return Dates(known, order or "ymd")
    # Where all fit alike, the day comes first, as in most of the world.
    found = {way: _days(texts, _YEAR_LAST, way) for way in ([order] if order else ("dmy", "mdy", "ymd"))}
    rows = {way: int(counts[~np.isnan(days)].sum()) for way, days in found.items()}
    best = max(rows, key=lambda way: rows[way])
    same = len(rows) > 1 and best == "dmy" and rows["dmy"] == rows["mdy"]
    ambiguous = same and not np.array_equal(found["dmy"], found["mdy"], equal_nan=True)
    return Dates(np.where(np.isnan(known), found[best], known), best, ambiguous)


def may_be_dates(values: Any) -> bool:
    """Return whether one of the first distinct texts looks like a date: much cheaper than to read them.

    Args:
        values: Arrow array of texts.
    """
    texts = [text.strip() for text in values.slice(0, _TRIED).to_pylist()]
    return any(pattern.match(text) for pattern in _patterns() for text in texts)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    """Return the patterns for Python, which keeps them; Arrow makes them anew for each column."""
    return tuple(
        re.compile(pattern.replace(r"\p{L}", r"[^\W\d_]")) for pattern in (*_YEAR_FIRST, *_NAMED, _YEAR_LAST)
    )


def are_plain_dates(values: Any, numbers: NDArray[np.float64]) -> bool:
    """Return whether whole numbers are all dates such as 20251231, and not only look so by chance.

    Args:
        values: Arrow array of the distinct texts.
        numbers: (distinct,) the same as numbers, NaN where one is none.
    """
    known = ~np.isnan(numbers)
    low, high = np.nanmin(numbers, initial=np.inf), np.nanmax(numbers, initial=-np.inf)
    if int(known.sum()) < _LEAST_PLAIN or low < _EARLIEST or high > _LATEST:
        return False
    texts = pc.utf8_trim_whitespace(values.filter(pa.array(known)))
    return not np.isnan(_days(texts, _YEAR_FIRST[1], "ymd")).any()


def are_no_dates(values: Any) -> NDArray[np.bool_]:
    """Return (n,) which texts are zeros, as some programs write a date that is missing."""
    return _matches(pc.utf8_trim_whitespace(values), _NO_DATE)


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    return np.asarray(pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False), np.bool_)


def _days(texts: Any, pattern: str, order: str) -> NDArray[np.float64]:
    """Return (n,) days since 1970-01-01 of the texts that fit a pattern and the calendar, else NaN."""
    parts = pc.extract_regex(texts, pattern)
    if parts.null_count == len(parts):
        return np.full(len(texts), np.nan)
    names = {parts.type.field(at).name for at in range(parts.type.num_fields)}

    def part(name: str, otherwise: float = np.nan) -> NDArray[np.float64]:
        if name not in names:
            return np.full(len(texts), otherwise)
        column = pc.replace_substring(pc.utf8_ltrim(pc.struct_field(parts, name), "'"), ",", ".")
        filled = pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)
        numbers = month_of(filled) if name == "b" and pattern in _NAMED else pc.cast(filled, pa.float64())
        return np.asarray(pc.fill_null(numbers, otherwise).to_numpy(zero_copy_only=False), np.float64)

    place = {letter: "abc"[at] for at, letter in enumerate(order)}
    year, month = part(place["y"]), part(place["m"])
    fits = parts.is_valid().to_numpy(zero_copy_only=False)
    day = part(place["d"], 1.0)
    year = np.where(year < _PIVOT, year + 2000, np.where(year < 100, year + 1900, year))
    valid = fits & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1)
    whole = [np.where(valid, value, 1).astype(np.int64) for value in (year, month, day)]
    first = (whole[0] - 1970).astype("M8[Y]").astype("M8[M]") + (whole[1] - 1)
    date = first.astype("M8[D]") + (whole[2] - 1)
    valid &= date.astype("M8[M]") == first
    hour, minute, second = (part(name, 0.0) for name in ("hour", "minute", "second"))
    if "half" in names:
        half = pc.utf8_lower(pc.fill_null(pc.struct_field(parts, "half"), ""))
        hour = np.where(_matches(half, "^p") & (hour < 12), hour + 12, hour)
        hour = np.where(_matches(half, "^a") & (hour == 12), 0, hour)
    valid &= (hour < 24) & (minute < 60) & (second < 61)
    ahead = part("ahead", 0.0) * 60 + part("more", 0.0)
    if "sign" in names:
        behind = pc.fill_null(pc.equal(pc.struct_field(parts, "sign"), "-"), fill_value=False)
        ahead = np.where(behind.to_numpy(zero_copy_only=False), -ahead, ahead)
    days = date.astype(np.int64) + ((hour * 60 + minute - ahead) * 60 + second) / 86_400
    return np.where(valid, days, np.nan)
