"""The points of curves: kept, smoothed, written out. No Qt in here but colours."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

Axis = Literal["step", "epoch", "minutes"]
Floats = npt.NDArray[np.float64]
Numbers = Sequence[float] | npt.NDArray[np.generic]

_LARGEST_FACTOR = 1e150


def moving_average(values: Floats, weight: float) -> Floats:
    """Return the bias-corrected exponential moving average.

    y[t] = (1 - w) * sum of w**k * x[t - k] over k <= t, divided by 1 - w**(t + 1), so that the first
    value is the first point itself. Values that are not finite are left out and stay NaN.

    Args:
        values: (n,).
        weight: Weight w of the past in [0, 1); 0 changes nothing.

    Returns:
        (n,).

    Source: Kingma and Ba 2015, section 3 (the bias correction).
    """
    finite = np.isfinite(values)
    smooth = np.full(values.shape, np.nan)
    smooth[finite] = _average_of_finite(values[finite], weight) if weight > 0 else values[finite]
    return smooth


def _average_of_finite(values: Floats, weight: float) -> Floats:
    # Within a block x[k] / w**k is summed up in one go; blocks end before w**-k grows out of range.
    length = max(1, min(len(values), int(math.log(_LARGEST_FACTOR) / -math.log(weight))))
    blocks = -(-len(values) // length)
    padded = np.zeros(blocks * length)
    padded[: len(values)] = values
    powers = weight ** np.arange(length)
    sums = np.cumsum(padded.reshape(blocks, length) / powers, axis=1) * powers
    carried, ends = np.zeros(blocks), sums[:, -1].tolist()
    last = 0.0
    for block in range(blocks):
        carried[block] = last
        last = ends[block] + last * weight**length
    sums += carried[:, None] * (powers * weight)
    totals = sums.reshape(-1)[: len(values)] * (1 - weight)
    corrections = -np.expm1(np.arange(1, len(values) + 1) * math.log(weight))
    return np.asarray(totals / corrections)


@dataclass(slots=True)
class Marker:
    """A step of one curve that stands out, such as the best epoch."""

    key: str
    step: float
    label: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a curve of which more points are wanted than there are.

    Args:
        key: Tells curves apart.
        first_step: Where it begins, itself included.
        last_step: Where it ends, itself included.
        most_points: More than these would not be seen.
    """

    key: str
    first_step: int
    last_step: int
    most_points: int


@dataclass(frozen=True, slots=True, eq=False)
class Finer:
    """The points of a stretch; all sequences are of the same length, (n,)."""

    stretch: Stretch
    steps: Numbers
    values: Numbers
    times_s: Numbers
    epochs: Numbers | None = None

    @property
    def is_all(self) -> bool:
        """Whether there surely are no others: an envelope has a third of the points that it may have."""
        return len(self.steps) * 3 < self.stretch.most_points


class Curve:
    """One series of points; grows without copying everything at every append.

    Args:
        label: Name in the legend.
        color: Its colour, the same wherever the run appears.
        dashed: Whether it is drawn dashed, as validation is.
        coarse: Whether there are more points than these, which `refine` can put in.
    """

    def __init__(self, label: str, color: QColor, *, dashed: bool = False, coarse: bool = False) -> None:
        self.label = label
        self.color = color
        self.dashed = dashed
        self.coarse = coarse
        self.finer: Finer | None = None
        self.hidden = False
        self._points = np.empty((4, 64))
        self._count = 0
        self._refined: Floats | None = None
        self._has_epochs = False
        self._smoothed: tuple[float, int, Floats] | None = None

    def __len__(self) -> int:
        """Return the number of points."""
        return int(self._table.shape[1])

    def clear(self) -> None:
        """Forget all points."""
        self._count = 0
        self.refine(None)

    def extend(
        self, steps: Numbers, values: Numbers, times_s: Numbers, epochs: Numbers | None = None
    ) -> None:
        """Add points at the end; all sequences are of the same length, (n,).

        Args:
            steps: Optimiser steps, rising.
            values: NaN where the value was not a number.
            times_s: Seconds of training since the run began.
            epochs: Epochs, fractions too; None where they are not known.
        """
        new = len(steps)
        needed = self._count + new
        if needed > self._points.shape[1]:
            grown = np.empty((4, max(needed, 2 * self._points.shape[1])))
            grown[:, : self._count] = self._points[:, : self._count]
            self._points = grown
        place = slice(self._count, needed)
        for row, numbers in enumerate((steps, values, times_s, steps if epochs is None else epochs)):
            self._points[row, place] = np.asarray(numbers, dtype=np.float64)
        self._has_epochs = epochs is not None
        self._count = needed
        self._refined = None

    def refine(self, finer: Finer | None) -> None:
        """Put finer points in the place of those between the first and the last of them; None: no longer."""
        self.finer = finer if finer is not None and len(finer.steps) else None
        self._refined = self._smoothed = None

    def whole(self) -> "Curve":
        """Return the curve without finer points."""
        if self.finer is None:
            return self
        curve = Curve(self.label, self.color, dashed=self.dashed, coarse=self.coarse)
        curve._points, curve._count, curve._has_epochs = self._points, self._count, self._has_epochs
        return curve

    @property
    def _table(self) -> Floats:
        """Steps, values, times and epochs, (4, n)."""
        whole, finer = self._points[:, : self._count], self.finer
        if finer is None:
            return whole
        if self._refined is None:
            epochs = finer.steps if finer.epochs is None else finer.epochs
            inside = np.array([finer.steps, finer.values, finer.times_s, epochs], dtype=np.float64)
            start = np.searchsorted(whole[0], inside[0, 0], "left")
            stop = np.searchsorted(whole[0], inside[0, -1], "right")
            self._refined = np.concatenate([whole[:, :start], inside, whole[:, stop:]], axis=1)
        return self._refined

    @property
    def steps(self) -> Floats:
        """Optimiser steps, (n,)."""
        return self._table[0, :]

    @property
    def values(self) -> Floats:
        """Raw values, (n,)."""
        return self._table[1, :]

    @property
    def times_s(self) -> Floats:
        """Seconds since the run began, (n,)."""
        return self._table[2, :]

    @property
    def epochs(self) -> Floats | None:
        """Epochs, (n,), or None where they are not known."""
        return self._table[3, :] if self._has_epochs else None

    def x(self, axis: Axis) -> Floats:
        """Return where the points stand on an axis, (n,); steps where epochs are not known."""
        if axis == "minutes":
            return self.times_s / 60
        return self._table[3, :] if axis == "epoch" else self.steps

    def x_of_step(self, step: float, axis: Axis) -> float:
        """Return where a step stands on an axis; NaN without points."""
        return float(np.interp(step, self.steps, self.x(axis))) if len(self) else math.nan

    def smoothed(self, weight: float) -> Floats:
        """Return the moving average of the values, (n,); computed once for the same points."""
        known = self._smoothed
        if known is None or known[:2] != (weight, len(self)):
            known = self._smoothed = (weight, len(self), moving_average(self.values, weight))
        return known[2]

    def nearest(self, x: float, axis: Axis) -> int | None:
        """Return the index of the point nearest to `x` on an axis, or None without points."""
        count = len(self)
        if not count:
            return None
        xs = self.x(axis)
        right = int(np.clip(np.searchsorted(xs, x), 1, max(1, count - 1)))
        if count == 1:
            return 0
        return right if xs[right] - x < x - xs[right - 1] else right - 1


def value_range(parts: Sequence[Floats], *, ignore_outliers: bool) -> tuple[float, float] | None:
    """Return the lowest and highest of all finite values, or None when there are none.

    Args:
        parts: Arrays of any length.
        ignore_outliers: Leave out what lies far outside the middle half: more than three times its width
            below or above, as in Tukey's outer fences.
    """
    arrays = [part[np.isfinite(part)] for part in parts]
    if not arrays or not (values := np.concatenate(arrays)).size:
        return None
    low, high = float(values.min()), float(values.max())
    if ignore_outliers:
        first, third = np.quantile(values, (0.25, 0.75))
        width = 3 * (third - first)
        inside = values[(values >= first - width) & (values <= third + width)]
        low, high = float(inside.min()), float(inside.max())
    return low, high


def as_csv(curves: Mapping[str, Curve], weight: float) -> bytes:
    """Return all points as CSV: series, step, epoch, minutes, value, smoothed; one row a point.

    It does not matter where the curves have finer points at the moment: those are left out.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(["series", "step", "epoch", "minutes", "value", "smoothed"])
    for curve in map(Curve.whole, curves.values()):
        epochs: Sequence[float | str] = [""] * len(curve) if curve.epochs is None else curve.epochs.tolist()
        rows = zip(
            curve.steps.tolist(),
            epochs,
            (curve.times_s / 60).tolist(),
            curve.values.tolist(),
            curve.smoothed(weight).tolist(),
            strict=True,
        )
        writer.writerows([curve.label, f"{step:g}", *rest] for step, *rest in rows)
    return file.getvalue().encode("utf-8-sig")
