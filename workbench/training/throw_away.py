"""A model that only tries something out: built as a run would build it, and forgotten afterwards."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor

from workbench.core.configs import TrainConfig
from workbench.core.states import Split
from workbench.models.base import families
from workbench.training.averaging import Averaging
from workbench.training.data import TrainingData
from workbench.training.devices import bit_for_bit, suitable_threads
from workbench.training.initialization import initialize
from workbench.training.stepper import Stepper, bounds_of


@contextmanager
def fresh_stepper(
    family: str, fields: Mapping[str, Any], config: TrainConfig, data: TrainingData
) -> Iterator[Stepper]:
    """Lend a stepper with the weights that a run would begin with; threads and random numbers are put back.

    Not beside a run in another thread: both would draw from the same random numbers.
    """
    threads = torch.get_num_threads()
    cuda = [data.device] if data.device.type == "cuda" else []
    try:
        with torch.random.fork_rng(cuda), bit_for_bit(config.deterministic):
            torch.manual_seed(config.seed)
            model = families.build(family, fields).build(data.pipeline.output)
            initialize(model, config.initialization)
            model = model.to(data.device)
            shape = data.pipeline.output.input_shape
            if len(shape) == 3:
                model = model.to(memory_format=torch.channels_last)
            precision = "fp32" if config.precision == "auto" else config.precision
            stepper = Stepper(model, config, data, Averaging(model, "none"), precision)
            if data.device.type == "cpu":
                torch.set_num_threads(suitable_threads(model, shape, config.batch_size))
            model.train()
            yield stepper
    finally:
        torch.set_num_threads(threads)


def endless_batches(data: TrainingData, size: int, seed: int) -> Iterator[Tensor]:
    """Yield (size,) places of training samples, each epoch in another order.

    Args:
        data: Where the samples are.
        size: Samples at once; fewer at the end of an epoch, one more rather than one alone.
        seed: The same seed yields the same batches.
    """
    index = data.indices[Split.TRAIN]
    generator = torch.Generator().manual_seed(seed)
    bounds = bounds_of(len(index), size)
    while True:
        order = index[torch.randperm(len(index), generator=generator).to(index.device)]
        for first, last in pairwise(bounds):
            yield order[first:last]
