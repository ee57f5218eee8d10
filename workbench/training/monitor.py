"""What a training takes of the machine, looked at every few seconds."""

import contextlib
import shutil
import time
from pathlib import Path

import psutil
import torch

SAMPLE_EVERY_S = 2.0
LAST_SAMPLE_S = 0.3
"""A shorter rest of a training tells nothing of the machine."""

_WATTS_A_CORE = 10.0
_KEEP_FREE_BYTES = 256 << 20


class Monitor:
    """Returns, every two seconds, the points of the `hardware/` series.

    Power is an estimate: ten watts for each busy core of the processor, and what the GPU reports of itself.

    Args:
        device: Where the training computes.
    """

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._process = psutil.Process()
        self._cores = psutil.cpu_count() or 1
        self._process.cpu_percent()
        psutil.cpu_percent()
        self._at = time.perf_counter()
        self._samples = 0

    def count(self, samples: int) -> None:
        """Note that so many samples were trained on."""
        self._samples += samples

    def pause(self) -> None:
        """Begin anew behind a pause, which is no slow training."""
        self._at, self._samples = time.perf_counter(), 0

    def due(self, after_s: float | None = None) -> bool:
        """Return whether it is time to look again."""
        return time.perf_counter() - self._at >= (SAMPLE_EVERY_S if after_s is None else after_s)

    def sample(self) -> dict[str, float]:
        """Return what there is to tell by the name of its series, and begin anew."""
        seconds = time.perf_counter() - self._at
        own = self._process.cpu_percent() / 100
        found = {
            "samples_per_s": self._samples / seconds,
            "cpu_percent": psutil.cpu_percent(),
            "memory_bytes": float(self._process.memory_info().rss),
            "power_w": min(own, self._cores) * _WATTS_A_CORE,
        }
        if self._device.type == "cuda":
            found |= _gpu(self._device)
            found["power_w"] += found.pop("gpu_power_w", 0.0)
        self.pause()
        return {f"hardware/{name}": value for name, value in found.items()}


def disk_is_nearly_full(folder: Path, checkpoint_bytes: int) -> bool:
    """Return whether the disk of a folder has no room for a few more checkpoints of this size."""
    return shutil.disk_usage(folder).free < _KEEP_FREE_BYTES + 3 * checkpoint_bytes


def _gpu(device: torch.device) -> dict[str, float]:
    found = {"gpu_memory_bytes": float(torch.cuda.memory_reserved(device))}
    # The driver's library may be missing, and a card may not tell of itself; its errors have no common class.
    with contextlib.suppress(Exception):
        found["gpu_percent"] = float(torch.cuda.utilization(device))
    with contextlib.suppress(Exception):
        found["gpu_power_w"] = torch.cuda.power_draw(device) / 1000
    return found
