"""What a column of text means: numbers, categories, or nothing that can be learnt from."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.errors import DataError
from workbench.core.records import Column
from workbench.datasets.dates import Dates, are_no_dates, are_plain_dates, may_be_dates, read_dates
from workbench.datasets.numerals import (
    NUMBER_TYPES,
    PLAIN,
    NumberForm,
    Numbers,
    Parsed,
    are_errors,
    parse,
    read_numbers,
    read_times,
)
from workbench.datasets.ordering import natural_key
from workbench.datasets.plain_numbers import LONG, PROBE, Figures
from workbench.datasets.truths import are_truths, spelled_once, truth

MOST_CATEGORIES = 50
_MOST_CHOSEN_CATEGORIES = 1_000
_EXAMPLES = 5
_NEARLY_ALL = 0.9
_FEW_VALUES = 20
_GROUP = 1_000
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
class ColumnRead:
    """What a column is, and its values for a model.

    Args:
        column: Name, kind and categories.
        values: (n,) float32; None for an unused column.
        reason: Why it is unused: `constant`, `id`, `text`, `unused` for the user's wish; else empty.
        missing: Rows without a value.
        infinite: Rows with an infinite value, which became missing.
        stray: Rows with text among numbers or dates, which became missing.
        strays: Some of those texts.
        order: How day, month and year follow each other in its dates, one of `dates.ORDERS`.
        ambiguous: Whether its dates could as well be read with day and month the other way round.
        form: How its numbers are written.
        doubt: Whether a sign in its numbers may stand before fractions or between thousands.
        decimal: The decimal sign that its fractions show for certain; empty where there is none.
        named: Some of the words that stand for a missing value.
        units: The units of its numbers where these are texts because they are not all in one.
    """

    column: Column
    values: NDArray[np.float32] | None
    reason: str = ""
    missing: int = 0
    infinite: int = 0
    stray: int = 0
    strays: tuple[str, ...] = ()
    order: str = ""
    ambiguous: bool = False
    form: NumberForm = PLAIN
    doubt: bool = False
    decimal: str = ""
    named: tuple[str, ...] = ()
    units: tuple[str, ...] = ()


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


def read_column(
    name: str, coded: Coded, told: str = "", wish: str | None = None, *, usual: str = "."
) -> ColumnRead:
    """Find out what a column is.

    A column of digits with leading zeros is no number. A word such as `NA` is missing in a column of numbers
    or dates only; elsewhere nothing but an empty cell and an error of a spreadsheet is.

    Args:
        name: Its heading.
        coded: Its values.
        told: The decimal sign, where it is known.
        wish: What the user says that it is, see `ImportConfig.types`.
        usual: The decimal sign where nothing shows it.

    Raises:
        DataError: It holds nothing of what the user says.
    """
    if wish in ("text", "unused"):
        missing = int(coded.counts[pc.equal(coded.values, "").to_numpy(zero_copy_only=False)].sum())
        return ColumnRead(Column(name, "unused"), None, wish, missing)
    if wish == "category":
        return _category(name, coded, parse(coded), chosen=True)
    is_number = wish in NUMBER_TYPES
    numbers = read_numbers(coded, NUMBER_TYPES.get(wish or "") or told, usual=usual, forced=is_number)
    parsed = numbers.parsed
    if is_number and not parsed.finite.any():
        raise _misfit(name, "number")
    is_plain_date = wish is None and numbers.form == PLAIN and are_plain_dates(coded.values, parsed.numbers)
    if is_number or (wish is None and not is_plain_date and parsed.numeric(coded.counts)):
        return _number(name, coded, numbers, chosen=wish is not None)
    return replace(_other(name, coded, parsed, wish), units=numbers.units)


def _other(name: str, coded: Coded, parsed: Parsed, wish: str | None) -> ColumnRead:
    """Find out what a column is that is not one of numbers."""
    nothing = parsed.empty | parsed.words
    if wish is None and not _begins_with_dates(coded, nothing):
        times = read_times(coded)
        return _category(name, coded, parsed) if times is None else _number(name, coded, times)
    dates = read_dates(
        coded.values, coded.counts, wish.removeprefix("date").strip() or None if wish else None
    )
    if wish is not None and np.isnan(dates.days).all():
        raise _misfit(name, "date")
    if wish is not None or dates.most(coded.counts, nothing):
        return _date(name, coded, parsed, dates)
    return _category(name, coded, parsed)


def _begins_with_dates(coded: Coded, nothing: NDArray[np.bool_]) -> bool:
    """Return whether most of the first texts are dates; of many different words not all are read."""
    if not may_be_dates(coded.values):
        return False
    counts = coded.counts[:PROBE]
    return read_dates(coded.values.slice(0, PROBE), counts).most(counts, nothing[:PROBE])


def _misfit(name: str, what: str) -> DataError:
    text = f"The column {name!r} holds no {what}: choose another type for it."
    return DataError(text, {"types": f"{name} holds no {what}"})


def _number(name: str, coded: Coded, numbers: Numbers, *, chosen: bool = False) -> ColumnRead:
    counts, parsed = coded.counts, numbers.parsed
    missing = int(counts[parsed.empty | parsed.words].sum())
    infinite, stray = int(counts[parsed.infinite].sum()), int(counts[parsed.texts].sum())
    finite = parsed.numbers[parsed.finite]
    column = Column(name, "unused")
    if finite.min() == finite.max():
        return ColumnRead(column, None, "constant", missing, infinite, stray)
    if not (missing or infinite or stray or chosen) and _is_id(name, parsed.numbers[coded.codes]):
        return ColumnRead(column, None, "id")
    return ColumnRead(
        Column(name, "number"),
        _spread(parsed.numbers, coded),
        missing=missing,
        infinite=infinite,
        stray=stray,
        strays=_some(coded, parsed.texts),
        form=numbers.form,
        doubt=numbers.doubt,
        decimal=numbers.decimal,
        named=_some(coded, parsed.words),
    )


def read_figures(name: str, figures: Figures, *, chosen: bool) -> ColumnRead:
    """Find out what a column of plain numbers is; see `read_column`."""
    column = Column(name, "unused")
    if not figures.low < figures.high:
        return ColumnRead(column, None, "constant", figures.missing)
    if figures.is_whole and not (figures.missing or chosen) and _is_id(name, figures.numbers()):
        return ColumnRead(column, None, "id")
    doubt = may_be_grouped(figures)
    decimal = "" if doubt or figures.is_whole else "."
    return ColumnRead(
        Column(name, "number"), figures.values, missing=figures.missing, doubt=doubt, decimal=decimal
    )


def may_be_grouped(figures: Figures) -> bool:
    """Return whether the points of a column may stand between groups of three digits; its texts decide."""
    written = figures.written
    if figures.is_whole or max(-figures.low, figures.high) >= _GROUP or written.decimals not in (0, 3):
        return False
    values = np.abs(figures.values)
    return not bool(((values > 0) & (values < 1)).any())


def _date(name: str, coded: Coded, parsed: Parsed, dates: Dates) -> ColumnRead:
    fits = ~np.isnan(dates.days)
    nothing = ~fits & (parsed.empty | parsed.words | are_no_dates(coded.values))
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
        named=_some(coded, nothing & ~parsed.empty),
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
    first = numbers[:PROBE]  # few rows tell of most columns that they are none
    if len(np.unique(first)) < len(first) or not (numbers == np.floor(numbers)).all():
        return False
    if len(np.unique(numbers)) < len(numbers):
        return False
    return bool(_ID_NAME.search(name.strip().casefold())) or (
        len(numbers) > _FEW_VALUES and numbers[0] in (0, 1) and bool((np.diff(numbers) == 1).all())
    )


def _category(name: str, coded: Coded, parsed: Parsed, *, chosen: bool = False) -> ColumnRead:
    errors = parsed.words & are_errors(coded.values)
    missing = int(coded.counts[parsed.empty | errors].sum())
    most = _MOST_CHOSEN_CATEGORIES if chosen else MOST_CATEGORIES
    values = coded.values if coded.numbers is None else pc.unique(coded.values)
    texts = [text.strip() for text in values.slice(0, most * 20).to_pylist()]
    wrong = set(_some(coded, errors))
    distinct = sorted({text for text in texts if text} - wrong, key=natural_key)
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
    if len(distinct) > 2 and are_truths(distinct):
        rows = Counter[str]()
        for text, count in zip(texts, coded.counts.tolist(), strict=True):
            rows[text] += count
        distinct = sorted(
            set(spelled_once({text: rows[text] for text in distinct}).values()), key=natural_key
        )
    codes = category_codes(coded, distinct)
    return ColumnRead(Column(name, "category", tuple(distinct)), codes, missing=missing, named=tuple(wrong))


def category_codes(coded: Coded, categories: Sequence[str]) -> NDArray[np.float32]:
    """Return (n,) places in `categories`; NaN where a value is empty or unknown.

    Where they are yes and no, other words for these are known.
    """
    texts = pc.utf8_trim_whitespace(coded.values)
    places = pc.index_in(texts, pa.array(categories, coded.values.type))
    table = places.cast(pa.float32()).to_numpy(zero_copy_only=False).astype(np.float32)
    if len(categories) == 2 and are_truths(categories):
        meant = {truth(category): place for place, category in enumerate(categories)}
        for unknown in np.flatnonzero(np.isnan(table))[:_MOST_CHOSEN_CATEGORIES]:
            table[unknown] = meant.get(truth(texts[int(unknown)].as_py()), np.nan)
    return np.asarray(table[coded.codes], np.float32)
