"""Samples that are added to a version are read as its own are: same columns, same size, same rate."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from PIL import Image

from workbench.core.errors import DataError
from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.datasets.base import Samples
from workbench.datasets.cells import TableTexts
from workbench.datasets.columns import Coded

_NOWHERE = -1


@dataclass(frozen=True)
class Fit:
    """How the samples of a folder are read to be like those of a version.

    Args:
        shape: Shape of one picture or recording of the version; empty for tables.
        rates: Samples a second of audio, in the folder and in the version; equal for all else.
        columns: For each column that the models of the version get, its place in the folder; -1 for none.
        codes: For each of them, the code in the version of each code in the folder; None where it stays.
        texts: For each heading of the version its place among those of the folder; -1 for none.
    """

    shape: tuple[int, ...] = ()
    rates: tuple[int, int] = (0, 0)
    columns: tuple[int, ...] = ()
    codes: tuple[tuple[int, ...] | None, ...] = ()
    texts: tuple[int, ...] = ()

    @classmethod
    def read(cls, said: Mapping[str, Any] | None) -> "Fit | None":
        """Return what `said` wrote."""
        if said is None:
            return None
        codes = tuple(None if some is None else tuple(some) for some in said["codes"])
        first, second = said["rates"]
        return cls(tuple(said["shape"]), (first, second), tuple(said["columns"]), codes, tuple(said["texts"]))

    def said(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)

    def after(self, inner: "Fit | None") -> "Fit":
        """Return the fit of a folder whose samples another fit makes like those that this one takes."""
        if inner is None:
            return self
        if self.shape:
            return replace(self, rates=(inner.rates[0], self.rates[1]))
        columns = tuple(_at(inner.columns, place) for place in self.columns)
        codes = tuple(
            _chained(inner.codes[place] if place != _NOWHERE else None, mine)
            for place, mine in zip(self.columns, self.codes, strict=True)
        )
        return replace(
            self, columns=columns, codes=codes, texts=tuple(_at(inner.texts, place) for place in self.texts)
        )

    def samples(self, samples: Samples) -> Samples:
        """Return the samples of the folder as the version has them; nothing is read yet."""
        if self.columns:
            x = FittedArray(samples.x, (len(self.columns),), self._rows)
            column = samples.column
            headings = _Headings(samples, self.texts) if samples.texts is not None else None
            return replace(
                samples,
                x=x,
                texts=headings,
                column=None if column is None else _lenient(column, len(samples)),
            )
        if tuple(samples.x.shape[1:]) == self.shape and self.rates[0] == self.rates[1]:
            return samples
        convert = self._pictures if len(self.shape) == 3 else self._recordings
        return replace(samples, x=FittedArray(samples.x, self.shape, convert))

    def row(self, cells: Sequence[str]) -> list[str]:
        """Return a row of the folder in the order of the version's headings."""
        if not self.columns:
            return list(cells)
        return ["" if place == _NOWHERE else cells[place] for place in self.texts]

    def _rows(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        found = np.full((len(rows), len(self.columns)), np.nan, np.float32)
        for place, (source, codes) in enumerate(zip(self.columns, self.codes, strict=True)):
            if source == _NOWHERE:
                continue
            values = rows[:, source]
            if codes is not None:
                table = np.array([*codes, np.nan], np.float32)
                values = table[np.where(np.isnan(values), len(codes), values).astype(np.int64)]
            found[:, place] = values
        return found

    def _pictures(self, pictures: NDArray[np.uint8]) -> NDArray[np.uint8]:
        found = np.empty((len(pictures), *self.shape), np.uint8)
        for place, picture in enumerate(pictures):
            found[place] = _covering(picture, self.shape)
        return found

    def _recordings(self, sounds: NDArray[np.int16]) -> NDArray[np.int16]:
        waves = sounds.astype(np.float32)
        native, wanted = self.rates
        if native != wanted:
            from scipy.signal import resample_poly

            shared = math.gcd(native, wanted)
            waves = resample_poly(waves, wanted // shared, native // shared, axis=1)
        found = np.zeros((len(sounds), *self.shape), np.int16)
        kept = min(waves.shape[1], self.shape[0])
        found[:, :kept] = np.rint(waves[:, :kept]).clip(-32_768, 32_767)
        return found


class FittedArray:
    """Looks like an array whose samples are made like those of a version when they are asked for.

    Args:
        array: (n, ...) the samples of a folder.
        shape: Of one sample, as the version has it.
        fit: Makes (k, ...) samples of the folder (k, *shape) ones of the version.
    """

    def __init__(
        self, array: Any, shape: tuple[int, ...], fit: Callable[[NDArray[Any]], NDArray[Any]]
    ) -> None:
        self._array, self._fit = array, fit
        self.shape = (len(array), *shape)
        self.dtype = array.dtype
        self.ndim = len(self.shape)

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            is_one = isinstance(key[0], int | np.integer)
            return self[key[0]][key[1:] if is_one else (slice(None), *key[1:])]
        if isinstance(key, int | np.integer):
            return self._fit(np.asarray(self._array[key])[None])[0]
        return self._fit(np.asarray(self._array[key]))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        found = np.asarray(self[:])
        return found if dtype is None else found.astype(dtype)


class _Headings:
    """The cells of a folder's table under the headings of a version.

    Args:
        samples: Of the folder, with its texts.
        places: For each heading of the version its place in the folder; -1 for none.
    """

    def __init__(self, samples: Samples, places: Sequence[int]) -> None:
        self._texts: TableTexts = samples.texts
        self._places, self._count = places, len(samples)
        self.headings = tuple("" if at == _NOWHERE else self._texts.headings[at] for at in places)

    def rows(self, places: NDArray[np.int64]) -> list[list[str]]:
        """Return the rows at these places."""
        return [
            ["" if place == _NOWHERE else row[place] for place in self._places]
            for row in self._texts.rows(places)
        ]

    def column(self, name: str) -> Any:
        """Return a column as an Arrow array of texts."""
        if name in self.headings:
            return self._texts.column(name)
        return pa.chunked_array([pa.repeat(pa.scalar("", pa.large_string()), self._count)])

    def numbers(self, name: str) -> NDArray[np.float64] | None:
        """Return (n,) the numbers of a column, NaN where missing; None where it is kept as text."""
        return self._texts.numbers(name) if name in self.headings else np.full(self._count, np.nan)

    def search(self, words: str, headings: Sequence[str]) -> Iterator[NDArray[np.bool_]]:
        """Yield for each next stretch of rows whether they have these words in one of these columns."""
        return self._texts.search(words, [name for name in headings if name in self.headings])


class SelectedTexts:
    """The cells of the rows of a version, with the labels that it gave them; read like `TableTexts`.

    Args:
        sources: What has the cells of each folder, and how many rows it has.
        positions: (n,) places in them, one folder after the other.
        labels: By place in the version, the text of each label that was set anew.
        label_place: Where in a row the label stands; -1 where it does not.
    """

    def __init__(
        self,
        sources: Sequence[tuple["TableTexts | _Headings", int]],
        positions: NDArray[np.int64],
        labels: Mapping[int, str],
        label_place: int,
    ) -> None:
        self._sources = [texts for texts, _ in sources]
        self._begins = np.cumsum([0, *(count for _, count in sources)])
        self._positions = positions
        self._labels = dict(labels) if label_place >= 0 else {}
        self._label_place = label_place
        every = zip(*(texts.headings for texts in self._sources), strict=True)
        self.headings = tuple(next(filter(None, names), "") for names in every)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._positions)

    def rows(self, places: NDArray[np.int64]) -> list[list[str]]:
        """Return the rows at these places."""
        if not len(places):
            return []
        positions = self._positions[places]
        which = np.searchsorted(self._begins, positions, side="right") - 1
        cuts = np.flatnonzero(np.diff(which)) + 1
        rows: list[list[str]] = []
        for some, source in zip(np.split(positions, cuts), which[np.r_[0, cuts]], strict=True):
            rows += self._sources[source].rows(some - self._begins[source])
        if self._labels:
            for row, place in zip(rows, places.tolist(), strict=True):
                row[self._label_place] = self._labels.get(place, row[self._label_place])
        return rows

    def column(self, name: str) -> Any:
        """Return a column as an Arrow array of texts."""
        columns = [texts.column(name).cast(pa.large_string()) for texts in self._sources]
        chunks = [chunk for column in columns for chunk in _chunks(column)]
        taken = pa.chunked_array(chunks, pa.large_string()).take(pa.array(self._positions))
        if not self._is_relabelled(name):
            return taken
        mask = np.zeros(len(self._positions), np.bool_)
        mask[sorted(self._labels)] = True
        new = pa.array([self._labels[at] for at in sorted(self._labels)], pa.large_string())
        return pc.replace_with_mask(taken.combine_chunks(), pa.array(mask), new)

    def coded(self, name: str) -> Coded:
        """Return a column as codes into its texts, each of them once."""
        return Coded.by_text(pa.chunked_array(_chunks(self.column(name)), pa.large_string()))

    def numbers(self, name: str) -> NDArray[np.float64] | None:
        """Return (n,) the numbers of a column, NaN where missing; None where it is kept as text."""
        found = [texts.numbers(name) for texts in self._sources]
        known = [numbers for numbers in found if numbers is not None]
        if len(known) < len(found) or self._is_relabelled(name):
            return None
        return np.asarray(np.concatenate(known)[self._positions])

    def search(self, words: str, headings: Sequence[str]) -> Iterator[NDArray[np.bool_]]:
        """Yield whether the rows have these words in one of these columns, capitals or small letters."""
        plain = [name for name in headings if not self._is_relabelled(name)]
        stretches = [found for texts in self._sources for found in texts.search(words, plain)]
        found = np.concatenate(stretches)[self._positions]
        for name in set(headings) - set(plain):
            found |= np.asarray(pc.match_substring(self.column(name), words, ignore_case=True))
        yield found

    def _is_relabelled(self, name: str) -> bool:
        return bool(self._labels) and name == self.headings[self._label_place]


def _chunks(column: Any) -> list[Any]:
    return list(column.chunks) if isinstance(column, pa.ChunkedArray) else [column]


def fit_of(schema: Schema, other: Schema) -> Fit | None:
    """Return how pictures or recordings of another schema are made like those of `schema`; None if alike."""
    same_rate = schema.rate == other.rate
    if schema.modality not in (Modality.PICTURE, Modality.AUDIO):
        return None
    if schema.input_shape == other.input_shape and same_rate:
        return None
    return Fit(shape=schema.input_shape, rates=(other.rate, schema.rate))


def _covering(picture: NDArray[np.uint8], shape: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a picture scaled until it covers the shape and cropped around its centre, as imports do."""
    channels, height, width = shape
    grey = len(picture) == 1
    image = Image.fromarray(picture[0] if grey else np.ascontiguousarray(picture.transpose(1, 2, 0)))
    if grey != (channels == 1):
        image = image.convert("L" if channels == 1 else "RGB")
    if image.size != (width, height):
        scale = max(width / image.width, height / image.height)
        across, down = width / scale, height / scale
        left, top = (image.width - across) / 2, (image.height - down) / 2
        box = (left, top, left + across, top + down)
        image = image.resize((width, height), Image.Resampling.BICUBIC, box)
    pixels = np.asarray(image, np.uint8)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _at(places: Sequence[int], place: int) -> int:
    return _NOWHERE if place == _NOWHERE else places[place]


def _chained(first: tuple[int, ...] | None, second: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if first is None or second is None:
        return second if first is None else first
    return tuple(second[code] for code in first)


def _lenient(column: Callable[[str], Sequence[str]], count: int) -> Callable[[str], Sequence[str]]:
    """Return what reads a column, or empty texts where the folder has no such column."""

    def read(name: str) -> Sequence[str]:
        try:
            return column(name)
        except DataError:
            return [""] * count

    return read
