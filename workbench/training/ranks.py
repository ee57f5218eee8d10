"""One training on several processes, each with a device of its own, in step with each other."""

import gc
import os
import sys
from datetime import timedelta
from pathlib import Path

import torch

# Its functions keep the group there is when they are loaded, for good: there must be none yet.
import torch.distributed.nn.functional
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

# While the first process holds still the others wait for it.
_PATIENCE = timedelta(days=30)


class Ranks:
    """The processes that a training runs on; this one is alone and asks nobody.

    What depends on time or on the user is agreed upon, everything else follows from the same numbers.
    """

    rank = 0
    size = 1

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return the model to call, whose gradients are averaged over all processes."""
        return model

    def part(self, index: Tensor) -> Tensor:
        """Return the samples of this process, of those that a step is about."""
        return index

    def any(self, *flags: bool) -> tuple[bool, ...]:
        """Return for each flag whether it is set in any process."""
        return flags

    def first(self, value: float) -> float:
        """Return the value of the first process."""
        return value

    def add(self, values: Tensor) -> Tensor:
        """Return the sum over all processes."""
        return values

    def gather(self, state: Tensor) -> list[Tensor]:
        """Return the states of all processes, in order; each is a tensor of bytes on the CPU."""
        return [state]

    def close(self) -> None:
        """Leave the others."""


class JoinedRanks(Ranks):
    """This process among others, joined by torch.distributed.

    Args:
        rank: Which one this is, from 0.
        size: How many there are.
        meeting: A file, not there yet, over which they find each other.
        device: The device of this process.
    """

    def __init__(self, rank: int, size: int, meeting: Path, device: torch.device) -> None:
        self.rank, self.size, self._device = rank, size, device
        # Everything stays on this machine; Windows has no name for that and finds it by itself.
        loopback = {"linux": "lo", "darwin": "lo0"}.get(sys.platform)
        if loopback:
            os.environ.setdefault("GLOO_SOCKET_IFNAME", loopback)
        cuda = device.type == "cuda"
        if cuda:
            torch.cuda.set_device(device)
        distributed.init_process_group(
            "nccl" if cuda else "gloo",
            init_method=meeting.absolute().as_uri(),
            rank=rank,
            world_size=size,
            timeout=_PATIENCE,
        )
        # What is agreed upon must not wait for the work that a GPU has still to do.
        talk = distributed.new_group(backend="gloo", timeout=_PATIENCE)
        assert isinstance(talk, distributed.ProcessGroup)
        self._talk = talk

    def wrap(self, model: nn.Module) -> nn.Module:
        """Return the model in DistributedDataParallel."""
        places = [self._device] if self._device.type == "cuda" else None
        return DistributedDataParallel(model, device_ids=places)

    def part(self, index: Tensor) -> Tensor:
        """Return every so-manieth sample."""
        return index[self.rank :: self.size]

    def any(self, *flags: bool) -> tuple[bool, ...]:
        """Return for each flag whether it is set in any process."""
        told = torch.tensor(flags, dtype=torch.uint8)
        distributed.all_reduce(told, distributed.ReduceOp.MAX, group=self._talk)
        return tuple(bool(flag) for flag in told.tolist())

    def first(self, value: float) -> float:
        """Return the value of the first process."""
        told = torch.tensor(value, dtype=torch.float64)
        distributed.broadcast(told, 0, group=self._talk)
        return told.item()

    def add(self, values: Tensor) -> Tensor:
        """Return the sum over all processes."""
        summed = values.clone()
        distributed.all_reduce(summed)
        return summed

    def gather(self, state: Tensor) -> list[Tensor]:
        """Return the states of all processes, in order."""
        found = [torch.empty_like(state) for _ in range(self.size)]
        distributed.all_gather(found, state, group=self._talk)
        return found

    def close(self) -> None:
        """Leave the group and end its threads: a process that ends while they are at work is aborted."""
        del self._talk
        distributed.destroy_process_group()
        gc.collect()  # a wrapped model in a cycle keeps a group alive
