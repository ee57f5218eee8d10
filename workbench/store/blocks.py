"""How points of a curve lie in a row: as a compressed block, with an envelope of it beside."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from workbench.core.errors import StoreError
from workbench.core.records import Points

BLOCK_POINTS = 2048
"""Points of a full block."""

ENVELOPE_POINTS = 34
"""At most so many points stand for a block in an overview."""

SPAN_BLOCKS = 32
"""Blocks of a span, the upper level of the picture."""

SPAN_POINTS = 274
"""At most so many points stand for a span."""

_COLUMNS = 3
_BYTES = 8

Array = NDArray[Any]


def points_of(steps: Array, values: Array, times_s: Array) -> Points:
    """Return points over arrays, which are sequences in all that a reader does with them."""
    return Points(cast(Sequence[int], steps), cast(Sequence[float], values), cast(Sequence[float], times_s))


def as_arrays(points: Points) -> tuple[Array, Array, Array]:
    """Return steps (int64), values and times (float64), each (n,).

    Raises:
        ValueError: The lengths differ, or the steps do not rise.
    """
    steps = np.asarray(points.steps, dtype=np.int64)
    values = np.asarray(points.values, dtype=np.float64)
    times_s = np.asarray(points.times_s, dtype=np.float64)
    if not steps.shape == values.shape == times_s.shape == (len(steps),):
        raise ValueError("steps, values and times of a series have to be of the same length")
    if len(steps) > 1 and not (steps[1:] > steps[:-1]).all():
        raise ValueError("the steps of a series have to rise")
    return steps, values, times_s


def slice_of(points: Points, start: int | None, stop: int | None) -> Points:
    """Return the points from index `start` to before `stop`."""
    return Points(points.steps[start:stop], points.values[start:stop], points.times_s[start:stop])


def joined(parts: Sequence[Points]) -> Points:
    """Return the points of all parts, one after the other."""
    if len(parts) == 1:
        return parts[0]
    arrays = [as_arrays(part) for part in parts] or [as_arrays(Points((), (), ()))]
    return points_of(*(np.concatenate(column) for column in zip(*arrays, strict=True)))


def encode(points: Points) -> bytes:
    """Return a block: every bit is kept, NaN and infinity included.

    Steps are stored as differences, and the first bytes of all numbers come before their second bytes:
    neighbours then look alike, which zlib likes.
    """
    steps, values, times_s = as_arrays(points)
    table = np.stack([np.diff(steps, prepend=0), values.view(np.int64), times_s.view(np.int64)])
    by_byte = table.astype("<i8", copy=False).view(np.uint8).reshape(_COLUMNS, len(steps), _BYTES)
    return zlib.compress(by_byte.transpose(0, 2, 1).tobytes(), 1)


def decode(block: bytes) -> Points:
    """Return the points of a block.

    Raises:
        StoreError: The block is damaged: its checksum does not fit.
    """
    try:
        by_byte = np.frombuffer(zlib.decompress(block), np.uint8).reshape(_COLUMNS, _BYTES, -1)
    except zlib.error as error:
        raise StoreError(
            "A stored curve is damaged: put back a copy of the project from your backup; "
            "`workbench doctor` names the curve."
        ) from error
    table = np.ascontiguousarray(by_byte.transpose(0, 2, 1)).view("<i8").reshape(_COLUMNS, -1)
    return points_of(np.cumsum(table[0]), table[1].view("<f8"), table[2].view("<f8"))


def encode_envelope(points: Points, max_points: int = ENVELOPE_POINTS) -> bytes:
    """Return the envelope of a block or span, uncompressed, so that thousands are read by joining them."""
    steps, values, times_s = as_arrays(envelope(points, max_points))
    return np.stack([steps, values.view(np.int64), times_s.view(np.int64)], axis=1).astype("<i8").tobytes()


def decode_envelopes(envelopes: Iterable[bytes]) -> Points:
    """Return the points of many envelopes, one after the other."""
    table = np.frombuffer(b"".join(envelopes), "<i8").reshape(-1, _COLUMNS).T.copy()
    return points_of(table[0], table[1].view("<f8"), table[2].view("<f8"))


def envelope(points: Points, max_points: int) -> Points:
    """Return real points that draw the same picture: first, last, and each stretch's lowest and highest.

    Args:
        points: Points in order.
        max_points: At least 4. At most so many come back; fewer points than that come back as they are.

    Returns:
        Points in order. A stretch without a finite value is there with one point that is not finite.
    """
    steps, values, times_s = as_arrays(points)
    count = len(steps)
    if count <= max_points:
        return points_of(steps, values, times_s)
    width = -(-count // max(1, (max_points - 2) // 2))
    starts = np.arange(0, count, width)
    padding = len(starts) * width - count
    finite = np.isfinite(values)
    picked = [np.array([0, count - 1])]
    for hidden, find in ((np.inf, np.argmin), (-np.inf, np.argmax)):
        seen = np.pad(np.where(finite, values, hidden), (0, padding), constant_values=hidden)
        picked.append(starts + find(seen.reshape(-1, width), axis=1))
    index = np.unique(np.concatenate(picked))
    return points_of(steps[index], values[index], times_s[index])


def finite_range(points: Points) -> tuple[float | None, float | None]:
    """Return the lowest and the highest finite value; None where there is none."""
    values = np.asarray(points.values)
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (None, None)
