"""Samples of one or several arrays in a chosen order; nothing is copied until it is asked for."""

import tempfile
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

_IN_MEMORY_BYTES = 512 << 20
_BLOCK = 4096


class SelectedArray:
    """Looks like an array: shape, length, and samples by number, slice or array of numbers.

    Args:
        arrays: Arrays, or what reads like one, whose samples have one shape and type; or sequences of texts
            that take a number, a slice or an array of numbers, and whose class makes one `of` texts.
        positions: (n,) places in them, one array after the other.
        columns: Which columns of a table are wanted; None is all.
    """

    def __init__(
        self, arrays: Sequence[Any], positions: NDArray[np.int64], columns: Sequence[int] | None = None
    ) -> None:
        self._arrays = tuple(arrays)
        self._positions = positions
        self._columns = None if columns is None else np.asarray(columns, np.int64)
        self._begins = np.cumsum([0, *map(len, arrays)])
        inner = tuple(getattr(self._arrays[0], "shape", (0,))[1:])
        self.shape = (len(positions), *(inner if columns is None else (len(columns), *inner[1:])))
        self.dtype = getattr(self._arrays[0], "dtype", np.dtype(object))
        self.ndim = len(self.shape)

    @classmethod
    def of(cls, arrays: Sequence[Any], positions: NDArray[np.int64], columns: Sequence[int] | None) -> Any:
        """Return such an array, or the one array itself where all of it is wanted."""
        if len(arrays) == 1 and columns is None and np.array_equal(positions, np.arange(len(arrays[0]))):
            return arrays[0]
        return cls(arrays, positions, columns)

    def __len__(self) -> int:
        return len(self._positions)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            is_one = isinstance(key[0], int | np.integer)
            return self[key[0]][key[1:] if is_one else (slice(None), *key[1:])]
        places = self._positions[key]
        if np.ndim(places) == 0:
            source = int(np.searchsorted(self._begins, places, side="right")) - 1
            sample = self._arrays[source][int(places) - int(self._begins[source])]
            return sample if self._columns is None else sample[self._columns]
        return self._gathered(places)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        found = np.asarray(self[:])
        return found if dtype is None else found.astype(dtype)

    def whole(self) -> Any:
        """Return all samples as one array: in memory, or in a nameless file where they are too many."""
        if self.dtype == object:
            return self[:]
        size = int(np.prod(self.shape)) * self.dtype.itemsize
        if size <= _IN_MEMORY_BYTES:
            return np.asarray(self[:])
        with tempfile.TemporaryFile() as file:
            file.truncate(size)
            found = np.memmap(file, self.dtype, "r+", 0, self.shape)
        for start in range(0, len(self), _BLOCK):
            found[start : start + _BLOCK] = self[start : start + _BLOCK]
        return found

    def _gathered(self, places: NDArray[np.int64]) -> Any:
        if len(self._arrays) == 1:
            found = self._arrays[0][places]
        elif self.dtype != object:
            found = np.empty((len(places), *self._arrays[0].shape[1:]), self.dtype)
            for source, array in enumerate(self._arrays):
                here = (places >= self._begins[source]) & (places < self._begins[source + 1])
                if here.any():
                    found[here] = array[places[here] - self._begins[source]]
        else:
            sources = np.searchsorted(self._begins, places, side="right") - 1
            samples = [
                self._arrays[s][int(p - self._begins[s])] for s, p in zip(sources, places, strict=True)
            ]
            # What is no array knows how to hold some of its samples.
            found = type(self._arrays[0]).of(samples)
        return found if self._columns is None else found[:, self._columns]
