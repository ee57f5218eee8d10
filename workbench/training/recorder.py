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
        self._scores: list[Tensor] = []
        self._noted: dict[str, list[tuple[int, Tensor, float]]] = {}
        self._sizes: list[int] = []
        self._times: list[float] = []
        self._series: dict[str, _Series] = {}
        self._flushed_at = time.perf_counter()
        self.loss_sum = 0.0
        self.score_sum = 0.0
        self.sample_sum = 0

    def step(self, step: int, loss: Tensor, score: Tensor, size: int) -> None:
        """Note one optimiser step; the tensors stay on the device.

        Args:
            step: Its number.
            loss: () mean loss of its samples.
            score: () hits or squared errors of its samples, summed up.
            size: Samples.
        """
        self._steps.append(step)
        self._losses.append(loss)
        self._scores.append(score)
        self._sizes.append(size)
        self._times.append(self._clock())

    def note(self, series: str, step: int, value: Tensor) -> None:
        """Note one point of a series; the tensor stays on the device."""
        self._noted.setdefault(series, []).append((step, value, self._clock()))

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
        self.score_sum += float(torch.stack(self._scores).sum())
        steps, series_values, times = self._series.setdefault("train/loss", ([], [], []))
        steps += self._steps
        series_values += values
        times += self._times
        self._steps, self._losses, self._scores, self._sizes, self._times = [], [], [], [], []
        for name, noted in self._noted.items():
            columns = self._series.setdefault(name, ([], [], []))
            columns[0].extend(step for step, _, _ in noted)
            columns[1].extend(torch.stack([value for _, value, _ in noted]).tolist())
            columns[2].extend(time_s for _, _, time_s in noted)
        self._noted = {}

    def flush(self, epoch: int, step: int) -> None:
        """Hand on all points; when this returns they are durable."""
        self.drain()
        points = {name: Points(*columns) for name, columns in self._series.items() if columns[0]}
        self._series = {}
        if points:
            self._sink(points, epoch, step)
        self._flushed_at = time.perf_counter()

    def start_epoch(self, loss_sum: float = 0.0, score_sum: float = 0.0, sample_sum: int = 0) -> None:
        """Set the sums of the epoch, to nothing or to where a checkpoint left them."""
        self.loss_sum, self.score_sum, self.sample_sum = loss_sum, score_sum, sample_sum
