"""Which batch size gets through the samples fastest on this machine."""

import gc
import time
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

import torch

from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken, Progress
from workbench.core.errors import DataError, is_out_of_memory
from workbench.core.models import BatchSizes
from workbench.core.states import Split
from workbench.training.data import TrainingData
from workbench.training.devices import wait_for
from workbench.training.throw_away import endless_batches, fresh_stepper

SMALLEST = 8
_GAIN = 1.1
_ROUNDS, _LEAST_STEPS, _LEAST_S = 4, 4, 0.05


def find_batch_size(
    family: str,
    fields: Mapping[str, Any],
    config: TrainConfig,
    data: TrainingData,
    token: CancelToken,
    progress: Progress,
) -> BatchSizes:
    """Measure real training steps with batches of 8, 16, 32 and so on, and of the size that is set.

    On a CPU until the gain is under 10 % twice in a row, since other programs disturb a measurement; on a GPU
    until the memory ends. Never more than a quarter of the training split, so that an epoch has steps. The
    smallest size within 10 % of the fastest is suggested: what is larger only takes memory and steps.

    Args:
        family: Name of the model family, with its `fields`.
        fields: Settings of the model.
        config: How it would be trained.
        data: Prepared samples on the device.
        token: Looked at in every step.
        progress: Told before every size.

    Raises:
        DataError: There are too few samples.
        CancelledError: It was asked to stop.
    """
    most = len(data.indices[Split.TRAIN]) // 4
    if most < SMALLEST:
        raise DataError(
            f"The training split has {len(data.indices[Split.TRAIN]):,} samples, too few to find a batch "
            f"size: at least {4 * SMALLEST} are needed."
        )

    def speed_of(size: int) -> float | None:
        return _speed(family, fields, config, data, token, size)

    speeds = _doubled(speed_of, most, progress, ends_early=data.device.type == "cpu")
    if not speeds:
        raise DataError(f"Not even {SMALLEST} samples at once fit into memory: choose a smaller model.")
    now = config.batch_size
    if now not in speeds and now <= most and (speed := speed_of(now)) is not None:
        speeds[now] = speed
    measured, fastest = sorted(speeds), max(speeds.values())
    best = next(size for size in measured if speeds[size] * _GAIN >= fastest)
    return BatchSizes(tuple(measured), tuple(speeds[size] for size in measured), now, best)


def _doubled(
    speed_of: Callable[[int], float | None], most: int, progress: Progress, *, ends_early: bool
) -> dict[int, float]:
    """Return samples a second by batch size, from the smallest on, each twice the one before."""
    sizes = [SMALLEST << power for power in range(most.bit_length()) if SMALLEST << power <= most]
    speeds: dict[int, float] = {}
    without_gain, fastest = 0, 0.0
    for number, size in enumerate(sizes):
        progress(number, len(sizes), f"{size:,} samples at once")
        speed = speed_of(size)
        if speed is None:
            break
        speeds[size] = speed
        without_gain = without_gain + 1 if speed < _GAIN * fastest else 0
        fastest = max(fastest, speed)
        if ends_early and without_gain == 2:
            break
    return speeds


def _speed(
    family: str,
    fields: Mapping[str, Any],
    config: TrainConfig,
    data: TrainingData,
    token: CancelToken,
    size: int,
) -> float | None:
    """Return samples a second, or None where the memory is too small; it is free again then."""
    config = config.model_copy(update={"batch_size": size, "accumulation": 1})
    try:
        return samples_per_second(family, fields, config, data, token)
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
    # Outside of the except: the error's frames hold the model.
    gc.collect()
    if data.device.type == "cuda":
        torch.cuda.empty_cache()
    return None


def samples_per_second(
    family: str, fields: Mapping[str, Any], config: TrainConfig, data: TrainingData, token: CancelToken
) -> float:
    """Return how many samples a second real steps of this batch size get through: the best of some rounds.

    Raises:
        torch.OutOfMemoryError: The device's memory is too small.
        MemoryError: The machine's memory is too small.
        CancelledError: It was asked to stop.
    """
    size, device = config.batch_size, data.device
    batches = (batch for batch in endless_batches(data, size, config.seed) if len(batch) == size)
    best = 0.0
    with fresh_stepper(family, fields, config, data) as stepper:
        for batch in islice(batches, 2):
            stepper.step(batch, 0.0, 1)
        for _ in range(_ROUNDS):
            wait_for(device)
            steps, began = 0, time.perf_counter()
            while steps < _LEAST_STEPS or time.perf_counter() - began < _LEAST_S:
                token.check()
                stepper.step(next(batches), 0.0, 1)
                steps += 1
                wait_for(device)
            best = max(best, steps * size / (time.perf_counter() - began))
    return best
