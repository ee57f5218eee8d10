"""Which devices are here, and which is the best."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from workbench.core.errors import UserError
from workbench.core.registry import Choice
from workbench.models.summary import layers_of, multiplications_of

_WORTH_THREADS = 20_000_000
# As torch finds it, before a run changes it: a thread that begins later takes over the last change.
_ALL_THREADS = torch.get_num_threads()


def devices() -> list[type[Choice]]:
    """Return the devices that a run can be given on this machine, besides `auto`."""
    found = [_device("cpu", "CPU", "The processor, which every machine has.")]
    if torch.backends.mps.is_available():
        found.append(_device("mps", "Apple GPU", "The graphics unit of this machine."))
    count = torch.cuda.device_count()
    if count > 1:
        found.append(_device("cuda", "Any GPU", "The graphics card that is free first."))
    for number in range(count):
        name = f"cuda:{number}" if count > 1 else "cuda"
        found.append(_device(name, torch.cuda.get_device_name(number), f"This graphics card, {name}."))
    return found


def _device(name: str, title: str, text: str) -> type[Choice]:
    class Device(Choice):
        pass

    Device.name, Device.title, Device.text = name, title, text
    return Device


def find_device(wish: str = "auto") -> torch.device:
    """Return the device that was wished for; `auto` is CUDA, Apple GPU or CPU, the best that is here.

    Raises:
        UserError: The device is not on this machine.
    """
    if wish == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    device = torch.device(wish)
    here = {
        "cpu": True,
        "cuda": torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count(),
        "mps": torch.backends.mps.is_available(),
    }
    if not here[device.type]:
        raise UserError(
            f"There is no device {wish} on this machine: choose auto or cpu.",
            {"device": "is not on this machine"},
        )
    return device


def wait_for(device: torch.device) -> None:
    """Wait until a device has done what it was given, so that time can be measured."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def device_title(device: torch.device) -> str:
    """Return the device as the user knows it, such as `NVIDIA RTX 4090` or `CPU · 2 threads`."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    if device.type == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU · {threads} thread{'s' if threads > 1 else ''}"


@contextmanager
def bit_for_bit(wanted: bool) -> Iterator[None]:
    """Allow only operations that give the same bits every time while the block runs, where that is wanted."""
    if not wanted:
        yield
        return
    before = torch.are_deterministic_algorithms_enabled()
    tuned = torch.backends.cudnn.benchmark
    # cuBLAS needs a fixed work space, and reads this when it is first used.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True)
    torch.backends.cudnn.benchmark = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before)
        torch.backends.cudnn.benchmark = tuned


def suitable_threads(model: nn.Module, input_shape: tuple[int, ...], batch_size: int) -> int:
    """Return how many CPU threads a training step of this model is worth; the same for the same model.

    Below some ten million multiplications a step, handing work to other threads costs more than it saves, and
    where the other core is busy the step waits for it: then one thread is up to ten times as fast.

    Args:
        model: The network, on the CPU; its weights, buffers and mode are left as they are.
        input_shape: Shape of a prepared sample.
        batch_size: Samples a step.
    """
    was_training = model.training
    model.eval()
    layers = layers_of(model, torch.zeros(1, *input_shape))
    model.train(was_training)
    return _ALL_THREADS if multiplications_of(layers) * batch_size > _WORTH_THREADS else 1
