"""Numbers that stand for samples of any kind, for checks that need distances or a quick model."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.control import CancelToken
from workbench.core.states import Modality
from workbench.datasets.checks.base import Subject

MOST = 10_000
"""So many samples are compared at most; of more, these many are drawn."""

_SIDE = 16
_BANDS = 64
_MOST_VALUES = 20


def features(subject: Subject, index: NDArray[np.int64]) -> Any:
    """Return (n, d) numbers of mean 0 and deviation 1; for text a sparse matrix of character n-grams.

    Args:
        subject: What is checked.
        index: Places of the samples.
    """
    modality = subject.dataset.schema.modality
    if modality is Modality.TEXT:
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [str(subject.samples.x[int(place)]) for place in index]
        if not any(text.strip() for text in texts):
            return np.zeros((len(texts), 1), np.float32)
        grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 3), max_features=30_000)
        return grams.fit_transform(texts)
    make = {Modality.PICTURE: _pixels, Modality.AUDIO: _loudness, Modality.TABLE: _values}[modality]
    parts = []
    for start in range(0, len(index), 1024):
        subject.token.check()
        parts.append(make(subject, np.asarray(subject.samples.x[index[start : start + 1024]])))
    return _standardised(parts, subject.token)


def _standardised(parts: Sequence[NDArray[np.float32]], token: CancelToken) -> NDArray[np.float32]:
    """Return all parts (n, d) as one, with mean 0 and deviation 1 in each column, and 0 where is no value."""
    if not parts:
        return np.zeros((0, 1), np.float32)

    def sums(of: Callable[[NDArray[np.float32]], NDArray[Any]]) -> NDArray[np.float64]:
        total = np.zeros(parts[0].shape[1])
        for part in parts:
            token.check()
            total += np.nansum(of(part), axis=0, dtype=np.float64)
        return total

    count = np.maximum(sums(lambda part: ~np.isnan(part)), 1.0)
    middle = (sums(lambda part: part) / count).astype(np.float32)
    deviation = np.sqrt(sums(lambda part: np.square(part - middle)) / count).astype(np.float32)
    scale = np.where(deviation > 1e-9, deviation, np.float32(1.0))
    found = np.empty((sum(map(len, parts)), len(middle)), np.float32)
    place = 0
    for part in parts:
        token.check()
        found[place : place + len(part)] = np.nan_to_num((part - middle) / scale)
        place += len(part)
    return found


def shrunk(pictures: NDArray[Any], side: int) -> NDArray[np.float32]:
    """Return pictures made as small as `side`, by the mean of the pixels that fall together.

    Args:
        pictures: (n, channels, height, width).
        side: Longest edge of the result, in pixels; smaller pictures keep their size.

    Returns:
        (n, channels, at most side, at most side).
    """
    found: NDArray[Any] = pictures.astype(np.float32)
    for axis in (2, 3):
        length = found.shape[axis]
        if length > side:
            edges = np.linspace(0, length, side + 1).round().astype(int)
            sums = np.add.reduceat(found, edges[:-1], axis=axis)
            shape = [1, 1, 1, 1]
            shape[axis] = side
            found = sums / np.diff(edges).astype(np.float32).reshape(shape)
    return found


def _pixels(_subject: Subject, pictures: NDArray[Any]) -> NDArray[np.float32]:
    return shrunk(pictures, _SIDE).reshape(len(pictures), -1)


def _loudness(_subject: Subject, sounds: NDArray[Any]) -> NDArray[np.float32]:
    """Return the loudness of bands of pitch, over the whole sound."""
    power = np.abs(np.fft.rfft(sounds.astype(np.float32), axis=1))
    edges = np.unique(np.geomspace(1, power.shape[1] - 1, _BANDS + 1).astype(int))
    bands = np.add.reduceat(power, edges[:-1], axis=1)
    return np.log1p(bands).astype(np.float32)


def _values(subject: Subject, rows: NDArray[Any]) -> NDArray[np.float32]:
    """Return numbers as they are; of a category its most frequent values as columns of their own."""
    parts = []
    for place, column in enumerate(subject.dataset.schema.used_columns):
        if column.kind == "category":
            codes = np.arange(min(len(column.categories), _MOST_VALUES))
            parts.append((rows[:, [place]] == codes).astype(np.float32))
        else:
            parts.append(rows[:, [place]].astype(np.float32))
    return np.concatenate(parts, axis=1)
