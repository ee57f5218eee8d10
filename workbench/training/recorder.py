"""Collects points while training runs, without ever waiting for the device in a step."""

import time
from collections.abc import Callable

import torch
from torch import Tensor

from workbench.core.records import Points

FLUSH_EVERY_S = 0.2
_Series = tuple[list[int], list[float], list[float]]


class MetricRecorder:
    """Holds points until they are handed on, a few times a second.

    Args:
        sink: Gets the points by series, the epoch and the step; it returns once they are durable.
        clock: Returns seconds of training since the run began.
    """

    def __init__(
        self, sink: Callable[[dict[str, Points], int, int], None], clock: Callable[[], float]
    ) -> None:
        self._sink = sink
        self._clock = clock
        self._steps: list[int] = []
        self._losses: list[Tensor] = []
        self._hits: list[Tensor] = []
        self._sizes: list[int] = []
        self._times: list[float] = []
        self._series: dict[str, _Series] = {}
        self._flushed_at = time.perf_counter()
        self.loss_sum = 0.0
        self.hit_sum = 0
        self.sample_sum = 0

    def step(self, step: int, loss: Tensor, hits: Tensor | None, size: int) -> None:
        """Note one optimiser step; the tensors stay on the device."""
        self._steps.append(step)
        self._losses.append(loss)
        if hits is not None:
            self._hits.append(hits)
        self._sizes.append(size)
        self._times.append(self._clock())

    def log(self, series: str, step: int, value: float) -> None:
        """Note one point of a series."""
        steps, values, times = self._series.setdefault(series, ([], [], []))
        steps.append(step)
        values.append(value)
        times.append(self._clock())

    def due(self, after_s: float = FLUSH_EVERY_S) -> bool:
        """Return whether points have waited long enough."""
        return time.perf_counter() - self._flushed_at >= after_s

    def drain(self) -> None:
        """Fetch what the device holds and add it to the sums of the epoch. Waits for the device."""
        if not self._losses:
            return
        values = torch.stack(self._losses).tolist()
        for value, size in zip(values, self._sizes, strict=True):
            self.loss_sum += value * size
            self.sample_sum += size
        if self._hits:
            self.hit_sum += int(torch.stack(self._hits).sum())
        steps, series_values, times = self._series.setdefault("train/loss", ([], [], []))
        steps += self._steps
        series_values += values
        times += self._times
        self._steps, self._losses, self._hits, self._sizes, self._times = [], [], [], [], []

    def flush(self, epoch: int, step: int) -> None:
        """Hand on all points; when this returns they are durable."""
        self.drain()
        points = {name: Points(*columns) for name, columns in self._series.items() if columns[0]}
        self._series = {}
        if points:
            self._sink(points, epoch, step)
        self._flushed_at = time.perf_counter()

    def start_epoch(self, loss_sum: float = 0.0, hit_sum: int = 0, sample_sum: int = 0) -> None:
        """Set the sums of the epoch, to nothing or to where a checkpoint left them."""
        self.loss_sum, self.hit_sum, self.sample_sum = loss_sum, hit_sum, sample_sum
