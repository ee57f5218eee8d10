"""An imported table as it is looked at: its cells, its columns in numbers, its rows sorted and found."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from workbench.core.column_statistics import ColumnStatistics
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.datasets.base import Samples
from workbench.datasets.cells import TableTexts
from workbench.datasets.columns import Coded
from workbench.datasets.numerals import parse
from workbench.datasets.ordering import natural_key

_BINS = 12
_SHOWN = 8
_MOST_NATURAL = 20_000


@dataclass(frozen=True, slots=True)
class TableRows:
    """A table with what its columns are.

    Args:
        samples: What goes into a model.
        schema: What the columns are.
        headings: All of them in the order of the file.
    """

    samples: Samples
    schema: Schema
    headings: tuple[str, ...]

    @property
    def has_texts(self) -> bool:
        """Whether the cells can be read and searched here."""
        return self.samples.texts is not None

    def rows(self, places: NDArray[np.int64]) -> list[list[str]]:
        """Return the rows at these places as text."""
        return self._texts.rows(places)

    def search(self, words: str) -> Iterator[NDArray[np.bool_]]:
        """Yield for each next stretch of rows whether they have these words in one of their cells."""
        numbers = {column.name for column in self.schema.used_columns if column.kind == "number"}
        # Words without a digit stand in no number; its few stray texts are among the findings.
        skipped = numbers if not any(map(str.isdigit, words)) else ()
        return self._texts.search(words, [heading for heading in self.headings if heading not in skipped])

    def order(self, heading: str, *, descending: bool) -> NDArray[np.int64]:
        """Return (n,) the places of all rows sorted by a column; what is missing comes last."""
        key = self._numbers(heading)
        if key is None:
            key = self._ranks(heading)
        return np.argsort(-key if descending else key, kind="stable").astype(np.int64)

    def statistics(self, heading: str) -> ColumnStatistics:
        """Return what a column holds."""
        numbers = self._numbers(heading)
        column = next((c for c in self.schema.columns if c.name == heading), None)
        categories = column.categories if column is not None else self.schema.classes
        if numbers is not None and categories:
            return _of_codes(numbers, categories)
        if numbers is not None:
            return _of_numbers(numbers, is_date=column is not None and column.is_date)
        if self.samples.texts is None:
            return ColumnStatistics(len(self.samples), 0)
        return _of_texts(self._texts.coded(heading))

    @property
    def _texts(self) -> TableTexts:
        assert self.has_texts
        texts: TableTexts = self.samples.texts
        return texts

    def _numbers(self, heading: str) -> NDArray[np.float64] | None:
        """Return (n,) numbers, or codes of categories; NaN where missing. None for a column of texts."""
        if heading == self.schema.target:
            labels = np.asarray(self.samples.y, np.float64)
            return np.where(labels < 0, np.nan, labels) if self.schema.task is Task.CLASSIFICATION else labels
        for place, column in enumerate(self.schema.used_columns):
            if column.name == heading:
                return np.asarray(self.samples.x[:, place], np.float64)
        return None

    def _ranks(self, heading: str) -> NDArray[np.float64]:
        if self.samples.texts is None:
            return np.zeros(len(self.samples))
        if (numbers := self._texts.numbers(heading)) is not None:
            return numbers
        coded = self._texts.coded(heading)
        parsed = parse(coded)
        if not parsed.texts.any() and not parsed.zeros.any():
            return np.asarray(parsed.numbers[coded.codes])
        ranks = np.empty(len(coded.values))
        ranks[_sorted(coded.values)] = np.arange(len(coded.values))
        ranks[parsed.empty] = np.nan
        return np.asarray(ranks[coded.codes])


def _sorted(values: Any) -> Sequence[int] | NDArray[np.int64]:
    if len(values) > _MOST_NATURAL:  # in Python, it would hold up the window
        return np.asarray(pc.sort_indices(values).to_numpy(), np.int64)
    texts = values.to_pylist()
    return sorted(range(len(texts)), key=lambda place: natural_key(texts[place]))


def _of_numbers(numbers: NDArray[np.float64], *, is_date: bool) -> ColumnStatistics:
    known = numbers[np.isfinite(numbers)]
    missing = len(numbers) - len(known)
    if not len(known):
        return ColumnStatistics(len(numbers), missing)
    low, high = float(known.min()), float(known.max())
    return ColumnStatistics(
        count=len(numbers),
        missing=missing,
        mean=float(known.mean()),
        deviation=float(known.std()),
        low=low,
        high=high,
        is_date=is_date,
        bars=tuple(np.histogram(known, bins=_BINS, range=(low, high))[0].tolist()),
    )


def _of_codes(codes: NDArray[np.float64], names: Sequence[str]) -> ColumnStatistics:
    known = codes[np.isfinite(codes)].astype(np.int64)
    counts = np.bincount(known, minlength=len(names))
    first = np.argsort(-counts, kind="stable")[:_SHOWN]
    return ColumnStatistics(
        count=len(codes),
        missing=len(codes) - len(known),
        bars=tuple(np.sort(counts)[::-1][:_BINS].tolist()),
        values=tuple((names[place], int(counts[place])) for place in first),
        distinct=int(np.count_nonzero(counts)),
    )


def _of_texts(coded: Coded) -> ColumnStatistics:
    empty = pc.equal(pc.utf8_trim_whitespace(coded.values), "").to_numpy(zero_copy_only=False)
    counts = np.where(empty, 0, coded.counts)
    first = np.argsort(-counts, kind="stable")[:_SHOWN]
    return ColumnStatistics(
        count=len(coded.codes),
        missing=int(coded.counts[empty].sum()),
        bars=tuple(n for n in np.sort(counts)[::-1][:_BINS].tolist() if n),
        values=tuple((coded.values[int(p)].as_py(), int(counts[p])) for p in first if counts[p]),
        distinct=int(np.count_nonzero(counts)),
    )
