"""What a column of text means: numbers, categories, or nothing that can be learnt from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.errors import DataError
from workbench.core.records import Column
from workbench.datasets.dates import Dates, read_dates
from workbench.datasets.ordering import natural_key
from workbench.datasets.plain_numbers import LONG, PROBE, Figures

MOST_CATEGORIES = 50
_MOST_CHOSEN_CATEGORIES = 1_000
_EXAMPLES = 5
_NEARLY_ALL = 0.9
_STRAY_TEXT = 0.05
_FEW_VALUES = 20
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_COMMA_NUMBER = r"^[+-]?(\d+,\d*|,\d+)([eE][+-]?\d+)?$"
_INFINITE = r"(?i)^[+-]?inf(inity)?$"
_MISSING = r"(?i)^(nan|na|n/a|#n/a|null|none|nil|\?|-)$"
_LEADING_ZERO = r"^[+-]?0\d"
_ID_NAME = re.compile(r"(^|[^a-z])(id|ids|uid|uuid|guid|idx|index|key|nr|no|number)$|^unnamed|^column 1$")


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of text as codes into its distinct values.

    Args:
        values: Arrow array of the distinct texts, as they stand in the file.
        codes: (n,) int32 places in `values`.
        counts: (distinct,) rows of each value.
        numbers: (n,) float64 where all values are numbers or empty, NaN for empty; a value is not looked for
            among the others then, and stands in `values` as often as in the file.
    """

    values: Any
    codes: NDArray[np.int32]
    counts: NDArray[np.int64]
    numbers: NDArray[np.float64] | None = None

    @classmethod
    def of(cls, column: Any) -> "Coded":
        """Code an Arrow column of text."""
        if len(column) > LONG and (numbers := _plain_numbers(column)) is not None:
            count = len(numbers)
            values = column.combine_chunks()
            if isinstance(values, pa.ChunkedArray):
                values = values.chunk(0) if values.num_chunks == 1 else pa.concat_arrays(values.chunks)
            return cls(values, np.arange(count, dtype=np.int32), np.ones(count, np.int64), numbers)
        return cls.by_text(column)

    @classmethod
    def by_text(cls, column: Any) -> "Coded":
        """Code an Arrow column of text, each text once, also where all are numbers."""
        encoded = column.combine_chunks().dictionary_encode()
        if isinstance(encoded, pa.ChunkedArray):
            encoded = encoded.unify_dictionaries().combine_chunks()
        codes = encoded.indices.to_numpy(zero_copy_only=False)
        return cls(encoded.dictionary, codes, np.bincount(codes, minlength=len(encoded.dictionary)))


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
class ColumnRead:
    """What a column is, and its values for a model.

    Args:
        column: Name, kind and categories.
        values: (n,) float32; None for an unused column.
        reason: Why it is unused: `constant`, `id`, `text`, `unused` for the user's wish; else empty.
        missing: Rows without a value.
        infinite: Rows with an infinite value, which became missing.
        stray: Rows with text among numbers or dates, which became missing.
        comma: Whether its numbers have a decimal comma.
        strays: Some of those texts.
        order: How day, month and year follow each other in its dates, one of `dates.ORDERS`.
        ambiguous: Whether its dates could as well be read with day and month the other way round.
    """

    column: Column
    values: NDArray[np.float32] | None
    reason: str = ""
    missing: int = 0
    infinite: int = 0
    stray: int = 0
    comma: bool = False
    strays: tuple[str, ...] = ()
    order: str = ""
    ambiguous: bool = False


def _plain_numbers(column: Any) -> NDArray[np.float64] | None:
    """Return (n,) the numbers of a long column that holds nothing else but empty cells, and many of them.

    Such a column is most of the work of a large table: it is read in one go.
    """
    probe = column.slice(0, PROBE)
    if len(pc.unique(probe)) < PROBE // 4:
        return None
    try:
        for part in (probe, column):
            numbers = _cast(part)
    except pa.ArrowInvalid:
        return None
    return np.asarray(numbers.to_numpy(), dtype=np.float64)


def _cast(texts: Any) -> Any:
    """Return texts as numbers, empty ones as null; most columns have none, and are not copied."""
    try:
        return pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return pc.cast(pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts), pa.float64())


def parse(coded: Coded, comma: bool) -> Parsed:
    """Read distinct texts as numbers.

    Args:
        coded: A column of text.
        comma: Whether `1,5` is a number as well as `1.5`.
    """
    values = coded.values
    if coded.numbers is not None:
        return _parsed(values, coded.numbers.copy())
    texts = pc.utf8_trim_whitespace(values)
    if comma:
        is_comma = pc.match_substring_regex(texts, _COMMA_NUMBER)
        texts = pc.if_else(is_comma, pc.replace_substring(texts, ",", "."), texts)
    matches = pc.match_substring_regex(texts, _NUMBER)
    digits = pc.utf8_ltrim(pc.if_else(matches, texts, pa.scalar(None, texts.type)), "+")
    numbers = pc.cast(digits, pa.float64()).to_numpy(zero_copy_only=False).astype(np.float64)
    with np.errstate(over="ignore"):
        too_large = np.isinf(numbers.astype(np.float32))
    infinite = _matches(texts, _INFINITE) | too_large
    numbers[too_large] = np.nan
    return Parsed(
        numbers=numbers,
        finite=~np.isnan(numbers),
        infinite=infinite,
        empty=pc.equal(texts, "").to_numpy(zero_copy_only=False),
        words=_matches(texts, _MISSING),
        zeros=_matches(texts, _LEADING_ZERO),
    )


def _parsed(values: Any, numbers: NDArray[np.float64]) -> Parsed:
    lacking = np.isnan(numbers)
    empty = pc.equal(values, "").to_numpy(zero_copy_only=False) if lacking.any() else lacking
    words = lacking & ~empty
    infinite = np.abs(numbers) > np.finfo(np.float32).max
    numbers[infinite] = np.nan
    zeros = np.zeros(len(numbers), np.bool_)
    led = _begin_with_zero(values)
    zeros[led] = _matches(values.take(pa.array(led)), _LEADING_ZERO)
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


def _matches(texts: Any, pattern: str) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = pc.match_substring_regex(texts, pattern).to_numpy(zero_copy_only=False)
    return found


def read_column(name: str, coded: Coded, comma: bool, wish: str | None = None) -> ColumnRead:
    """Find out what a column is.

    A column of digits with leading zeros is no number. A word such as `NA` is missing in a column of numbers
    or dates only; elsewhere nothing but an empty cell is.

    Args:
        name: Its heading.
        coded: Its values.
        comma: Whether numbers may have a decimal comma.
        wish: What the user says that it is, see `ImportConfig.types`.

    Raises:
        DataError: It holds nothing of what the user says.
    """
    if wish in ("text", "unused"):
        missing = int(coded.counts[pc.equal(coded.values, "").to_numpy(zero_copy_only=False)].sum())
        return ColumnRead(Column(name, "unused"), None, wish, missing)
    parsed = parse(coded, comma=False)
    if wish == "category":
        return _category(name, coded, parsed, chosen=True)
    used_comma = False
    if comma and parsed.texts.any() and (wish == "number" or not parsed.numeric(coded.counts)):
        with_comma = parse(coded, comma=True)
        if with_comma.finite.sum() > parsed.finite.sum() and (wish or with_comma.numeric(coded.counts)):
            parsed, used_comma = with_comma, True
    if wish == "number" and not parsed.finite.any():
        raise _misfit(name, "number")
    if wish == "number" or (wish is None and parsed.numeric(coded.counts)):
        return _number(name, coded, parsed, used_comma, chosen=wish is not None)
    # Texts with many different words that are no dates need not be looked at all.
    probe = read_dates(coded.values.slice(0, PROBE), coded.counts[:PROBE])
    if wish is None and not probe.most(coded.counts[:PROBE], (parsed.empty | parsed.words)[:PROBE]):
        return _category(name, coded, parsed)
    dates = read_dates(
        coded.values, coded.counts, wish.removeprefix("date").strip() or None if wish else None
    )
    if wish is not None and np.isnan(dates.days).all():
        raise _misfit(name, "date")
    if wish is not None or dates.most(coded.counts, parsed.empty | parsed.words):
        return _date(name, coded, parsed, dates)
    return _category(name, coded, parsed)


def _misfit(name: str, what: str) -> DataError:
    text = f"The column {name!r} holds no {what}: choose another type for it."
    return DataError(text, {"types": f"{name} holds no {what}"})


def _number(name: str, coded: Coded, parsed: Parsed, comma: bool, *, chosen: bool = False) -> ColumnRead:
    counts = coded.counts
    missing = int(counts[parsed.empty | parsed.words].sum())
    infinite, stray = int(counts[parsed.infinite].sum()), int(counts[parsed.texts].sum())
    finite = parsed.numbers[parsed.finite]
    column = Column(name, "unused")
    if finite.min() == finite.max():
        return ColumnRead(column, None, "constant", missing, infinite, stray)
    if not (missing or infinite or stray or chosen) and _is_id(name, parsed.numbers[coded.codes]):
        return ColumnRead(column, None, "id")
    values = _spread(parsed.numbers, coded)
    strays = _some(coded, parsed.texts)
    return ColumnRead(Column(name, "number"), values, "", missing, infinite, stray, comma, strays)


def read_figures(name: str, figures: Figures, *, chosen: bool) -> ColumnRead:
    """Find out what a column of plain numbers is; see `read_column`."""
    column = Column(name, "unused")
    if not figures.low < figures.high:
        return ColumnRead(column, None, "constant", figures.missing)
    if figures.is_whole and not (figures.missing or chosen) and _is_id(name, figures.numbers()):
        return ColumnRead(column, None, "id")
    return ColumnRead(Column(name, "number"), figures.values, missing=figures.missing)


def _date(name: str, coded: Coded, parsed: Parsed, dates: Dates) -> ColumnRead:
    fits = ~np.isnan(dates.days)
    nothing = ~fits & (parsed.empty | parsed.words)
    missing, stray = int(coded.counts[nothing].sum()), int(coded.counts[~fits & ~nothing].sum())
    if np.nanmin(dates.days) == np.nanmax(dates.days):
        return ColumnRead(Column(name, "unused"), None, "constant", missing, 0, stray)
    return ColumnRead(
        Column(name, "number", is_date=True),
        _spread(dates.days, coded),
        missing=missing,
        stray=stray,
        strays=_some(coded, ~fits & ~nothing),
        order=dates.order,
        ambiguous=dates.ambiguous,
    )


def _spread(numbers: NDArray[np.float64], coded: Coded) -> NDArray[np.float32]:
    """Return (n,) the number of each row."""
    values = numbers.astype(np.float32)
    # Coded in one go, each row has its own value.
    return values if coded.numbers is not None else np.asarray(values[coded.codes])


def _some(coded: Coded, which: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(coded.values[int(place)].as_py().strip() for place in np.flatnonzero(which)[:_EXAMPLES])


def _is_id(name: str, numbers: NDArray[np.float64]) -> bool:
    """Return whether whole numbers, all distinct, only count the rows: by their name, or one by one."""
    if not (numbers == np.floor(numbers)).all() or len(np.unique(numbers)) < len(numbers):
        return False
    return bool(_ID_NAME.search(name.strip().casefold())) or (
        len(numbers) > _FEW_VALUES and numbers[0] in (0, 1) and bool((np.diff(numbers) == 1).all())
    )


def _category(name: str, coded: Coded, parsed: Parsed, *, chosen: bool = False) -> ColumnRead:
    missing = int(coded.counts[parsed.empty].sum())
    most = _MOST_CHOSEN_CATEGORIES if chosen else MOST_CATEGORIES
    values = coded.values if coded.numbers is None else pc.unique(coded.values)
    texts = [text.strip() for text in values.slice(0, most * 20).to_pylist()]
    distinct = sorted({text for text in texts if text}, key=natural_key)
    filled = len(coded.codes) - missing
    column = Column(name, "unused")
    if len(distinct) <= 1:
        return ColumnRead(column, None, "constant", missing)
    is_many = len(values) > len(texts) or len(distinct) > most
    if chosen and is_many:
        raise DataError(
            f"The column {name!r} has more than {most:,} different values, too many for a category: choose "
            "another type for it.",
            {"types": f"{name} has too many different values for a category"},
        )
    if is_many or (not chosen and len(distinct) >= _NEARLY_ALL * filled):
        return ColumnRead(column, None, "text", missing)
    return ColumnRead(
        Column(name, "category", tuple(distinct)), category_codes(coded, distinct), missing=missing
    )


def category_codes(coded: Coded, categories: Sequence[str]) -> NDArray[np.float32]:
    """Return (n,) places in `categories`; NaN where a value is empty or unknown."""
    places = pc.index_in(pc.utf8_trim_whitespace(coded.values), pa.array(categories, coded.values.type))
    table = places.cast(pa.float32()).to_numpy(zero_copy_only=False).astype(np.float32)
    return np.asarray(table[coded.codes], np.float32)
