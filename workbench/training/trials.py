"""Trials of speed before a run: fewer bits, and compiled code, where they are faster on this machine."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from workbench.core.errors import is_out_of_memory
from workbench.models.summary import layers_of, multiplications_of
from workbench.training.devices import wait_for
from workbench.training.stepper import Stepper

_FASTER = 0.87
_STEPS = 4
# Shorter trainings are over before a trial pays, and small steps gain nothing from fewer bits.
_WORTH_STEPS = 100
_WORTH_MULTIPLICATIONS = 20_000_000


def find_precision(stepper: Stepper, batches: list[Tensor], steps: int) -> str:
    """Return `bf16` where a few batches are computed clearly faster in it, else `fp32`.

    Weights, statistics and random numbers are left as they were; the stepper computes in what is returned.

    Args:
        stepper: Ready for its first step.
        batches: Places of the samples of a few batches.
        steps: Steps of the whole training.
    """
    found = "fp32"
    if steps >= _WORTH_STEPS and batches and _is_large(stepper, batches[0]):
        with _undisturbed(stepper):
            full = _seconds(stepper, batches, "fp32")
            try:
                half = _seconds(stepper, batches, "bf16")
            except RuntimeError as error:
                # Not every device knows it; a memory that is too small for fewer bits is for all.
                if is_out_of_memory(error):
                    raise
                half = math.inf
        found = "bf16" if stepper.ranks.first(half / full) < _FASTER else "fp32"
    stepper.set_precision(found)
    return found


def compile_model(
    stepper: Stepper, batches: list[Tensor], tell: Callable[[str], None], *, tried: bool = False
) -> bool:
    """Compile the model in place and keep that where it is faster; returns whether it was kept.

    Args:
        stepper: Ready for its first step.
        batches: Places of the samples of a few batches.
        tell: Gets a sentence on what was found.
        tried: Whether it was found to be faster before: a resumed run computes as it did.
    """
    model = stepper.model
    if tried:
        model.compile()
        return True
    with _undisturbed(stepper):
        plain = _seconds(stepper, batches, stepper.precision)
        try:
            model.compile()
            compiled = _seconds(stepper, batches, stepper.precision)
        except Exception as error:  # noqa: BLE001 - a missing or failing compiler raises all kinds
            take_back(model)
            tell(f"torch.compile does not work here ({type(error).__name__}): the model runs as it is.")
            return False
    if compiled < plain:
        tell(f"The compiled model is kept: {plain / compiled:.2f} times as fast.")
        return True
    take_back(model)
    tell(f"The compiled model is {compiled / plain:.2f} times as slow: the model runs as it is.")
    return False


def take_back(model: nn.Module) -> None:
    """Let a model that was compiled in place run as it is."""
    model._compiled_call_impl = None


def _is_large(stepper: Stepper, index: Tensor) -> bool:
    x, _ = stepper.data.batch(index[:1])
    was_training = stepper.model.training
    stepper.model.eval()
    layers = layers_of(stepper.model, x)
    stepper.model.train(was_training)
    return multiplications_of(layers) * len(index) > _WORTH_MULTIPLICATIONS


def _seconds(stepper: Stepper, batches: list[Tensor], precision: str) -> float:
    """Return the time of the fastest of a few passes, in seconds; the first one does not count."""
    stepper.set_precision(precision)
    stepper.model.train()
    taken = []
    for number in range(_STEPS + 1):
        began = time.perf_counter()
        stepper.forward_backward(batches[number % len(batches)])
        wait_for(stepper.device)
        taken.append(time.perf_counter() - began)
    return min(taken[1:])


@contextmanager
def _undisturbed(stepper: Stepper) -> Iterator[None]:
    """Put random numbers and the statistics of batch norms back behind the block."""
    cuda = stepper.device.type == "cuda"
    random = torch.get_rng_state()
    random_cuda = torch.cuda.get_rng_state(stepper.device) if cuda else None
    buffers = {name: value.clone() for name, value in stepper.model.named_buffers()}
    try:
        yield
    finally:
        for name, value in stepper.model.named_buffers():
            value.copy_(buffers[name])
        torch.set_rng_state(random)
        if random_cuda is not None:
            torch.cuda.set_rng_state(random_cuda, stepper.device)
