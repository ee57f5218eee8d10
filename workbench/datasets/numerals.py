"""How numbers are written in a column (signs, currency, percent, unit), and reading them so."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.datasets.durations import CLOCK, hours
from workbench.datasets.number_parts import SIGNS, WRITTEN, Tokens, clean, matches
from workbench.datasets.plain_numbers import PROBE
from workbench.datasets.units import is_money

if TYPE_CHECKING:
    from workbench.datasets.columns import Coded

NUMBER_TYPES = {"number": "", "number point": ".", "number comma": ","}
"""Types of columns that are numbers, and the decimal sign that each says."""

_STRAY_TEXT = 0.05
_FEW_VALUES = 20
_NEARLY_ALL = 0.95
_LONG_ID = 8  # digits in groups, as many in every value: a phone number, no amount
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_INFINITE = r"(?i)^[+-]?inf(inity)?$"
_ERRORS = r"(?i)^#(n/?a|div/0!|ref!|value!|num!|null!|name\?|wert!|zahl!|bezug!|nv|valeur!|nombre!)$"
_MISSING = (
    r"(?i)^(nan|na|n/a|n\.a\.?|n\.d\.?|k\.\s?a\.?|<na>|nat|null|\(null\)|\[null\]|\\n|none|nil|missing|\?+|\.|"
    r"[-–—]{1,3}|[-–—]\s*\p{Sc}|\p{Sc}\s*[-–—]|无|缺失|未知|нет|" + _ERRORS[5:-1] + ")$"
)
_LEADING_ZERO = r"^[+-]?0\d"
_SHORT_OR_GROUPED = r"^[+-]?([1-9]\d{0,2}(\.\d{3})+|\d{1,3})$"


@dataclass(frozen=True, slots=True)
class NumberForm:
    """How the numbers of a column stand in a file.

    Args:
        decimal: What stands before a fraction, `.` or `,`.
        thousands: What stands between groups of three digits: nothing, `.`, `,`, a blank or an apostrophe.
        unit: What stands beside the numbers, such as `$`, `%` or `kg`; `h:mm` for times, read as hours.
    """

    decimal: str = "."
    thousands: str = ""
    unit: str = ""


PLAIN = NumberForm()


def usual_decimal(separator: str) -> str:
    """Return the decimal sign of files whose values this separates, where no number shows it."""
    return "," if separator == ";" else "."


@dataclass(frozen=True, slots=True)
class Parsed:
    """Distinct values read as numbers. All arrays are (distinct,).

    Args:
        numbers: float64; NaN where not a number, and where infinite.
        finite: Whether it is a number.
        infinite: Whether it is infinite, or too large for 32 bits.
        empty: Whether there is nothing but white space.
        words: Whether it is a word for a missing number, such as `NA`.
        zeros: Whether it has digits after a leading zero, as ids have.
    """

    numbers: NDArray[np.float64]
    finite: NDArray[np.bool_]
    infinite: NDArray[np.bool_]
    empty: NDArray[np.bool_]
    words: NDArray[np.bool_]
    zeros: NDArray[np.bool_]

    @property
    def texts(self) -> NDArray[np.bool_]:
        """Whether it is neither a number nor missing."""
        return ~(self.finite | self.infinite | self.empty | self.words)

    def numeric(self, counts: NDArray[np.int64]) -> bool:
        """Return whether the column is one of numbers, but for a few stray texts among many numbers."""
        if not self.finite.any() or self.zeros.any():
            return False
        stray = int(counts[self.texts].sum())
        return stray == 0 or (
            stray <= _STRAY_TEXT * int(counts[~self.empty].sum()) and int(self.finite.sum()) > _FEW_VALUES
        )


@dataclass(frozen=True, slots=True)
class Numbers:
    """A column read as numbers, and how they are written.

    Args:
        parsed: The distinct values as numbers.
        form: How they are written.
        doubt: Whether the signs between groups of three digits could as well stand before fractions.
        decimal: The decimal sign that fractions show for certain; empty where there is none.
        units: The well-known units of the numbers where they are not all in one.
    """

    parsed: Parsed
    form: NumberForm = PLAIN
    doubt: bool = False
    decimal: str = ""
    units: tuple[str, ...] = ()


def parse(coded: "Coded") -> Parsed:
    """Read distinct texts as plain numbers, such as `-1.5` or `1e3`."""
    values = coded.values
    if coded.numbers is not None:
        return _parsed(values, coded.numbers.copy())
    texts = pc.utf8_trim_whitespace(values)
    matches = pc.match_substring_regex(texts, _NUMBER)
    digits = pc.utf8_ltrim(pc.if_else(matches, texts, pa.scalar(None, texts.type)), "+")
    numbers = pc.cast(digits, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    return _judged(values, numbers)


def _judged(values: Any, numbers: NDArray[np.float64]) -> Parsed:
    """Return what texts are of which these are the numbers, NaN where there is none."""
    texts = pc.utf8_trim_whitespace(values)
    with np.errstate(over="ignore"):
        too_large = np.isinf(numbers.astype(np.float32))
    numbers = np.where(too_large, np.nan, numbers)
    return Parsed(
        numbers=numbers,
        finite=~np.isnan(numbers),
        infinite=matches(texts, _INFINITE) | too_large,
        empty=pc.equal(texts, "").to_numpy(zero_copy_only=False),
        words=matches(texts, _MISSING) & np.isnan(numbers),
        zeros=matches(texts, _LEADING_ZERO),
    )


def _parsed(values: Any, numbers: NDArray[np.float64]) -> Parsed:
    lacking = np.isnan(numbers)
    empty = pc.equal(values, "").to_numpy(zero_copy_only=False) if lacking.any() else lacking
    words = lacking & ~empty
    infinite = np.abs(numbers) > np.finfo(np.float32).max
    numbers[infinite] = np.nan
    zeros = np.zeros(len(numbers), np.bool_)
    led = _begin_with_zero(values)
    zeros[led] = matches(values.take(pa.array(led)), _LEADING_ZERO)
    return Parsed(numbers, ~np.isnan(numbers), infinite, empty, words, zeros)


def _begin_with_zero(values: Any) -> NDArray[np.int64]:
    """Return the places of texts with a zero before anything but a point, perhaps after a sign.

    Args:
        values: Arrow array of large texts.
    """
    offsets = np.frombuffer(values.buffers()[1], np.int64)[values.offset : values.offset + len(values) + 1]
    letters = np.frombuffer(values.buffers()[2], np.uint8)
    places, starts = np.flatnonzero(np.diff(offsets) > 1), offsets[:-1]
    signed = np.isin(letters[starts[places]], (43, 45))  # + and -
    start = starts[places] + signed
    long = start + 1 < offsets[1:][places]
    places, start = places[long], start[long]
    return np.asarray(places[(letters[start] == 48) & (letters[start + 1] != 46)])


def read_numbers(
    coded: "Coded", told: str = "", *, usual: str = ".", form: NumberForm | None = None, forced: bool = False
) -> Numbers:
    """Read a column as numbers: plain ones, else as most of its rows are written.

    A value that is written in another way, or in another unit than most, is a text among the numbers.

    Args:
        coded: A column of text.
        told: The decimal sign, where it is known; empty where the column has to show it.
        usual: The decimal sign where nothing shows it.
        form: How the numbers were written that a model learnt from; those in other units are texts then.
        forced: Whether it is one of numbers, however few there are.
    """
    if form is not None and form.unit == CLOCK:
        return Numbers(_judged(coded.values, hours(coded.values)), form)
    plain = parse(coded)
    if told != "," and not plain.texts.any():
        doubt = not told and _may_be_grouped(coded, plain)
        return Numbers(plain, PLAIN, doubt, "" if doubt or is_whole(plain.numbers) else ".")
    if not (forced or form or _is_likely(coded, plain)):
        return Numbers(plain)
    tokens = Tokens.of(coded, "" if form is None else form.unit)
    best = _best(tokens, coded.counts, told, usual)
    if best is None:
        return Numbers(plain)
    parsed = _judged(coded.values, tokens.numbers(best.decimal, best.thousands))
    if told != "," and int(coded.counts[parsed.finite].sum()) <= int(coded.counts[plain.finite].sum()):
        return Numbers(plain, PLAIN, False, "" if is_whole(plain.numbers) else ".")
    doubt = best.doubt and not told
    is_sure = not doubt and not is_whole(parsed.numbers)
    is_shown = best.thousands == "." or bool(matches(tokens.body, SIGNS[best.decimal]).any())
    form = NumberForm(best.decimal if is_shown else ".", best.thousands, tokens.unit)
    units = tokens.units if len(tokens.units) > 1 and parsed.texts.any() else ()
    return Numbers(parsed, form, doubt, best.decimal if is_sure else "", units)


def are_errors(values: Any) -> NDArray[np.bool_]:
    """Return (n,) which texts are errors that a spreadsheet left, such as `#DIV/0!`."""
    return matches(pc.utf8_trim_whitespace(values), _ERRORS)


def read_times(coded: "Coded") -> Numbers | None:
    """Return times of day and durations in hours, where nearly all rows that are not missing hold one."""
    probe = hours(coded.values.slice(0, PROBE))
    if 2 * int((~np.isnan(probe)).sum()) < len(probe):
        return None
    parsed = _judged(coded.values, hours(coded.values))
    there = int(coded.counts[~(parsed.empty | parsed.words)].sum())
    if not 0 < _NEARLY_ALL * there <= int(coded.counts[parsed.finite].sum()):
        return None
    return Numbers(parsed, NumberForm(unit=CLOCK))


def is_whole(numbers: NDArray[np.float64]) -> bool:
    """Return whether there are no fractions."""
    known = numbers[~np.isnan(numbers)]
    return bool((known[:PROBE] == np.floor(known[:PROBE])).all() and (known == np.floor(known)).all())


def _may_be_grouped(coded: "Coded", parsed: Parsed) -> bool:
    """Return whether the points of all plain numbers may as well stand between groups of three digits."""
    sizes = np.abs(parsed.numbers[parsed.finite])
    if not len(sizes) or sizes.max() >= 1000 or is_whole(sizes):
        return False
    texts = pc.utf8_trim_whitespace(coded.values).filter(pa.array(parsed.finite))
    return bool(matches(texts, _SHORT_OR_GROUPED).all())


def _is_likely(coded: "Coded", plain: Parsed) -> bool:
    """Return whether half of the first texts may be numbers in some form."""
    there = ~(plain.empty | plain.words)[:PROBE]
    fits = matches(clean(coded.values.slice(0, PROBE)), WRITTEN)
    return 2 * int(fits[there].sum()) >= int(there.sum()) > 0


@dataclass(frozen=True, slots=True)
class _Candidate:
    decimal: str
    thousands: str
    fits: NDArray[np.bool_]
    rows: int
    doubt: bool = False


def _best(tokens: Tokens, counts: NDArray[np.int64], told: str, usual: str) -> _Candidate | None:
    """Return the signs under which most rows are numbers; None where they are phone numbers, or none fits."""
    is_used = {sign: bool(matches(tokens.body, SIGNS[sign]).any()) for sign in SIGNS}
    found = []
    for decimal in (told,) if told else (usual, "," if usual == "." else "."):
        for thousands in ("", *(sign for sign in SIGNS if sign != decimal and is_used[sign])):
            fits = tokens.fits(decimal, thousands)
            found.append(_Candidate(decimal, thousands, fits, int(counts[fits].sum())))
    best = max(found, key=lambda item: item.rows)  # the first of equals
    if not best.rows or (best.thousands and _is_phone(tokens, best)):
        return None
    values = tokens.numbers(best.decimal, best.thousands)
    for other in found:
        if other.rows == best.rows and other.decimal != best.decimal:
            others = tokens.numbers(other.decimal, other.thousands)
            if not np.array_equal(values, others, equal_nan=True):
                # Amounts of money have two decimals, or none.
                has_money = is_money(tokens.unit)
                best = max(best, other, key=lambda item: len(item.thousands)) if has_money else best
                return replace(best, doubt=not has_money)
    return best


def _is_phone(tokens: Tokens, form: _Candidate) -> bool:
    """Return whether all values are groups of as many digits in all, as many as phone numbers have."""
    if tokens.unit or form.thousands == ",":
        return False
    bodies = tokens.body.filter(pa.array(form.fits))
    digits = pc.unique(pc.utf8_length(pc.replace_substring(bodies, form.thousands, ""))).to_pylist()
    return len(digits) == 1 and digits[0] >= _LONG_ID and len(bodies) > 1
