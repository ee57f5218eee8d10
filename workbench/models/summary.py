"""Layers with shapes and parameters, from one real forward pass."""

from collections.abc import Iterable
from math import prod
from typing import Any

import torch
from torch import Tensor, nn

from workbench.core.models import Layer


def layers_of(model: nn.Module, batch: Tensor) -> list[Layer]:
    """Run one batch and return every leaf layer in the order it was called.

    Args:
        model: The network, on the device of `batch`.
        batch: (n, *input_shape).
    """
    layers: list[Layer] = []
    names = {module: name for name, module in model.named_modules()}

    def note(module: nn.Module, _inputs: Any, output: Any) -> None:
        shape = tuple(output.shape[1:]) if isinstance(output, Tensor) else ()
        layers.append(Layer(names[module], type(module).__name__, shape, parameters_of(module)))

    hooks = [m.register_forward_hook(note) for m in model.modules() if not any(m.children())]
    try:
        with torch.no_grad():
            model(batch)
    finally:
        for hook in hooks:
            hook.remove()
    return layers


def multiplications_of(layers: Iterable[Layer]) -> int:
    """Return about how many multiplications a sample takes forth: each weight once a place of the output.

    An embedding only looks its numbers up.
    """
    counted = (layer for layer in layers if layer.kind != "Embedding")
    return sum(layer.parameters * prod(layer.output_shape[1:]) for layer in counted)


def parameters_of(model: nn.Module) -> int:
    """Return the number of trainable weights."""
    return sum(parameter.numel() for parameter in model.parameters() if parameter.requires_grad)
