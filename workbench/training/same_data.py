"""Whether a training that goes on still sees the data that it began with."""

from collections.abc import Mapping
from typing import Any

import torch

from workbench.core.errors import DataError
from workbench.training.checkpoints import read_schema
from workbench.training.data import TrainingData
from workbench.transforms.pipeline import Pipeline

# Another machine may round sums differently; other data differs by far more.
_TOLERANCE = 1e-3


def require_same_data(state: Mapping[str, Any], data: TrainingData) -> None:
    """Compare what a checkpoint learnt of its training samples with the samples at hand.

    Columns, classes, and the means and scales of the preparation tell other data from the same.

    Raises:
        DataError: The data is another.
    """
    scale, now = state["scale"], data.pipeline
    # Read as it is meant today: an older checkpoint does not know the fields that came since.
    schema = read_schema(state["schema"])
    same = (
        schema == now.schemas[0]
        and _alike(Pipeline.from_state(state["pipeline"], schema).to_state(), now.to_state())
        and _alike(scale, {"mean": data.scale.mean, "deviation": data.scale.deviation})
    )
    if not same:
        raise DataError(
            "The data is not the one that this run began with, so it does not go on from its checkpoint: "
            "start a new run."
        )


def _alike(before: Any, now: Any) -> bool:
    if isinstance(before, torch.Tensor) and isinstance(now, torch.Tensor):
        return before.shape == now.shape and torch.allclose(
            before.double(), now.double().cpu(), rtol=_TOLERANCE, atol=_TOLERANCE, equal_nan=True
        )
    if isinstance(before, Mapping) and isinstance(now, Mapping):
        return before.keys() == now.keys() and all(_alike(before[key], now[key]) for key in before)
    if isinstance(before, list | tuple) and isinstance(now, list | tuple):
        return len(before) == len(now) and all(map(_alike, before, now))
    if isinstance(before, float) and isinstance(now, float):
        return abs(before - now) <= _TOLERANCE * max(1e-12, abs(before), abs(now))
    return bool(before == now)
