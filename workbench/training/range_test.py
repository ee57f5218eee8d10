"""The learning-rate range test: at which rates a model learns fastest, before it blows up."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken, Progress
from workbench.core.errors import DataError
from workbench.core.models import RateCurve
from workbench.core.states import Split
from workbench.training.data import TrainingData
from workbench.training.stepper import Stepper, samples_a_step
from workbench.training.throw_away import endless_batches, fresh_stepper

LOWEST, HIGHEST = 1e-7, 10.0
LEAST_SAMPLES = 16
_STEPS = 100
_SMOOTHING = 0.9
_BLOWN_UP = 4.0
# The first steps only say how much the batches differ from each other.
_SETTLE = 10
_LEAST_FALL = 0.05


def find_learning_rate(
    family: str,
    fields: Mapping[str, Any],
    config: TrainConfig,
    data: TrainingData,
    token: CancelToken,
    progress: Progress,
) -> RateCurve:
    """Take steps on real batches with a rate that rises exponentially, until the loss blows up.

    The weights are forgotten. The same seed gives the same curve. What the learning rate depends on is as a
    run would have it: optimiser, batch size, batches per step, loss, penalties, clipping, initial weights.

    Args:
        family: Name of the model family, with its `fields`.
        fields: Settings of the model.
        config: How it would be trained; schedule and warm-up do not matter.
        data: Prepared samples on the device.
        token: Looked at in every step.
        progress: Told after every step.

    Raises:
        DataError: There are too few samples, or the loss falls at no rate.
        CancelledError: It was asked to stop.

    Source: Smith 2017, section 3.3.
    """
    count = len(data.indices[Split.TRAIN])
    if count < LEAST_SAMPLES:
        raise DataError(
            f"The training split has {count:,} samples, too few to find a learning rate: "
            f"at least {LEAST_SAMPLES} are needed."
        )
    rates = np.geomspace(LOWEST, HIGHEST, _STEPS)
    with fresh_stepper(family, fields, config, data) as stepper:
        losses = _losses(stepper, rates, samples_a_step(config, count), token, progress)
    tried = rates[: len(losses)]
    suggestion = suggested_rate(tried, losses)
    return RateCurve(tuple(map(float, tried)), tuple(losses), tuple(map(float, smoothed(losses))), suggestion)


def _losses(
    stepper: Stepper, rates: NDArray[np.float64], size: int, token: CancelToken, progress: Progress
) -> list[float]:
    """Return the loss of a step at each rate, as far as it was a number and had not blown up."""
    losses: list[float] = []
    lowest = math.inf
    batches = endless_batches(stepper.data, size, stepper.config.seed)
    for number, (rate, index) in enumerate(zip(rates, batches, strict=False), start=1):
        token.check()
        loss = stepper.step(index, float(rate), number).loss.item()
        if not math.isfinite(loss) or stepper.has_diverged():
            break
        losses.append(loss)
        level = float(smoothed(losses)[-1])
        lowest = min(lowest, level)
        progress(number, len(rates), f"rate {rate:.1g}")
        if number > _SETTLE and level > _BLOWN_UP * lowest:
            break
    return losses


def smoothed(losses: Sequence[float]) -> NDArray[np.float64]:
    """Return the (n,) exponential moving average, bias-corrected: the first value is the first loss.

    Source: Kingma and Ba 2015, section 3.
    """
    level, found = 0.0, []
    for number, loss in enumerate(losses, start=1):
        level = _SMOOTHING * level + (1.0 - _SMOOTHING) * loss
        found.append(level / (1.0 - _SMOOTHING**number))
    return np.asarray(found)


def suggested_rate(rates: NDArray[np.float64], losses: Sequence[float]) -> float:
    """Return the rate to train with, to two digits.

    Half way, by factors, between the rate at which the loss falls fastest and a tenth of the rate at which it
    is lowest. Either alone is the usual rule; measured over optimisers and data, the first is too bold with
    sign-like steps, the second too timid with few steps.

    Args:
        rates: (n,) rising.
        losses: (n,) loss at each of them.

    Raises:
        DataError: The loss does not fall.

    Source: Smith 2017, section 3.3; Gugger 2018, "How do you find a good learning rate" (both rules).
    """
    start = float(np.mean(losses[:_SETTLE])) if losses else math.nan
    curve = smoothed(losses)
    lowest = _SETTLE + int(np.argmin(curve[_SETTLE:])) if len(curve) > _SETTLE else 0
    fall = start - float(curve[lowest]) if len(curve) else math.nan
    if len(curve) <= _SETTLE + 1 or not fall > _LEAST_FALL * abs(start):
        raise DataError(
            f"The loss falls at no learning rate from {LOWEST:g} to {HIGHEST:g}: look at the data and the "
            "loss, or try another model."
        )
    places = np.arange(len(curve))
    falling = np.flatnonzero((places >= _SETTLE) & (places <= lowest) & (curve < start - 0.1 * fall))
    slopes = np.gradient(curve, np.log(rates))
    steepest = rates[falling[int(np.argmin(slopes[falling]))]]
    return float(f"{math.sqrt(steepest * rates[lowest] / 10):.1e}")
