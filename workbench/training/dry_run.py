"""One batch through a model, to see its layers, its size and how long it will take."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workbench.core.configs import PrepareConfig
from workbench.core.models import ModelCheck
from workbench.core.records import Schema
from workbench.core.states import Split
from workbench.models.base import Family
from workbench.models.summary import layers_of, parameters_of
from workbench.training.data import prepare
from workbench.training.devices import device_title, suitable_threads, wait_for


def dry_run(
    family: Family,
    x: NDArray[Any] | Sequence[str],
    y: NDArray[Any],
    schema: Schema,
    device: torch.device,
    preparation: PrepareConfig | None = None,
    *,
    steps: int,
) -> ModelCheck:
    """Run a few steps on one real batch, without weights that anybody keeps.

    Args:
        family: The model, with its fields set.
        x: (batch, *schema.input_shape) raw samples.
        y: (batch,) labels or values.
        schema: What they are.
        device: Where to compute.
        preparation: How samples are prepared; None is the usual way.
        steps: Steps in an epoch, for the time of an epoch.

    Raises:
        DataError: The batch has nothing to learn from.
    """
    everything = np.arange(len(x), dtype=np.int64)
    none = np.zeros(0, dtype=np.int64)
    indices = {Split.TRAIN: everything, Split.VALIDATION: none, Split.TEST: none}
    data = prepare(x, y, schema, indices, device, preparation)
    batch, _ = data.batch(data.indices[Split.TRAIN])
    model = _still_model(family, data.pipeline.output, device)
    layers = layers_of(model, batch)
    before = torch.get_num_threads()
    if device.type == "cpu":
        torch.set_num_threads(suitable_threads(model, tuple(batch.shape[1:]), len(batch)))
    try:
        step_s, title = _step_seconds(model, batch), device_title(device)
    finally:
        torch.set_num_threads(before)
    count = parameters_of(model)
    activations = sum(int(np.prod(layer.output_shape)) for layer in layers) * len(batch) * 4
    # Weights, their gradients and two moments of Adam; activations once forth and once back.
    memory = count * 4 * 4 + activations * 2 + batch.element_size() * batch.nelement()
    return ModelCheck(tuple(layers), count, memory, step_s, step_s * steps, title)


def _still_model(family: Family, schema: Schema, device: torch.device) -> nn.Module:
    """Return the model without drawing random numbers: a run in another thread shares the generator."""
    with torch.device("meta"):
        model = family.build(schema)
    model = model.to_empty(device=device)
    with torch.no_grad():
        for weight in (*model.parameters(), *model.buffers()):
            weight.fill_(0.01 if weight.is_floating_point() else 0)
    for module in model.modules():
        module.training = not isinstance(module, nn.Dropout)
    return model


def _step_seconds(model: nn.Module, batch: Tensor) -> float:
    """Return the time of one step forth and back, the best of three, in seconds."""
    seconds = []
    for _ in range(3):
        began = time.perf_counter()
        model(batch).float().square().mean().backward()
        wait_for(batch.device)
        seconds.append(time.perf_counter() - began)
    return min(seconds)
