"""All that a training needs to go on as if it had never stopped."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor

from workbench.core.errors import DataError
from workbench.training.averaging import Averaging
from workbench.training.checkpoints import load_weights
from workbench.training.stepper import Stepper


@dataclass(slots=True)
class Place:
    """Where training is.

    Args:
        epoch: Epochs done.
        batch: Steps done in the epoch that is under way.
        step: Steps done in all.
        best_epoch: The best epoch so far; 0 for none.
        best_loss: How it was judged.
        elapsed_s: Seconds of training before the process began.
        sums: Loss, score and samples of the epoch that is under way.
        judged: How each epoch was judged.
    """

    epoch: int = 0
    batch: int = 0
    step: int = 0
    best_epoch: int = 0
    best_loss: float = math.inf
    elapsed_s: float = 0.0
    sums: tuple[float, float, int] = (0.0, 0.0, 0)
    judged: list[float] = field(default_factory=list)


def resume_state(
    stepper: Stepper, averaging: Averaging, place: Place, elapsed_s: float, compiled: bool
) -> dict[str, Any]:
    """Return what `restore` needs beside the model's own state, as tensors and plain values."""
    cuda = stepper.device.type == "cuda"
    gather = stepper.ranks.gather
    return {
        "optimizer": stepper.optimizer.state_dict(),
        "scaler": stepper.scaler.state_dict() if stepper.scaler is not None else None,
        "averaging": averaging.state(),
        "config": stepper.config.model_dump_json(),
        "precision": stepper.precision,
        "compiled": compiled,
        "random": gather(torch.get_rng_state()),
        "random_cuda": gather(torch.cuda.get_rng_state(stepper.device)) if cuda else None,
        "place": [
            place.epoch,
            place.batch,
            place.step,
            place.best_epoch,
            place.best_loss,
            elapsed_s,
        ],
        "sums": list(place.sums),
        "judged": list(place.judged),
        "threads": torch.get_num_threads(),
    }


def restore(state: Mapping[str, Any], family: str, stepper: Stepper, averaging: Averaging) -> Place:
    """Put a checkpoint's state back and return where training is.

    Raises:
        DataError: The checkpoint belongs to another model, or is not one to go on from.
    """
    if state.get("family") != family or "optimizer" not in state:
        raise DataError("The checkpoint belongs to another model, so the run cannot go on from it.")
    load_weights(stepper.model, state["model"])
    # A checkpoint of the first version knew neither averages nor other precisions.
    stepper.set_precision(state.get("precision", "fp32"))
    stepper.optimizer.load_state_dict(state["optimizer"])
    if stepper.scaler is not None and state.get("scaler"):
        stepper.scaler.load_state_dict(state["scaler"])
    averaging.restore(state.get("averaging"))
    epoch, batch, step, best_epoch, best_loss, elapsed_s = state["place"]
    torch.set_rng_state(_own(state["random"], stepper.ranks.rank))
    if state["random_cuda"] is not None and stepper.device.type == "cuda":
        torch.cuda.set_rng_state(_own(state["random_cuda"], stepper.ranks.rank), stepper.device)
    sums = tuple(state["sums"])
    judged = list(state.get("judged", ()))
    return Place(epoch, batch, step, best_epoch, best_loss, elapsed_s, sums, judged)


def _own(random: Tensor | list[Tensor], rank: int) -> Tensor:
    """Return the state of this process; of one that was not there then, the state of the first."""
    if isinstance(random, Tensor):
        return random
    return random[rank if rank < len(random) else 0]
