"""What this machine computes on, without waiting for torch."""

import os
import threading
from dataclasses import dataclass

_torch_loaded = threading.Event()


@dataclass(frozen=True, slots=True)
class Hardware:
    """The best device and the memory in use.

    Args:
        device: Such as `CPU · 2 cores` or the name of the GPU.
        used_bytes: Memory in use on it: of the GPU, else of this program.
        total_bytes: Memory there is.
    """

    device: str
    used_bytes: int
    total_bytes: int


def load_torch() -> threading.Thread:
    """Import torch and what judging needs in a thread, so that the first run does not wait for them."""

    def load() -> None:
        import torch  # noqa: F401
        from sklearn import metrics  # noqa: F401

        _torch_loaded.set()

    thread = threading.Thread(target=load, name="load-torch", daemon=True)
    thread.start()
    return thread


def hardware() -> Hardware:
    """Return what runs compute on; the GPU is known once `load_torch` is through. Takes microseconds."""
    import psutil

    if _torch_loaded.is_set():
        import torch

        if torch.cuda.is_available():
            free, total = torch.cuda.mem_get_info()
            return Hardware(torch.cuda.get_device_name(), total - free, total)
    used = int(psutil.Process().memory_info().rss)
    total = int(psutil.virtual_memory().total)
    name = "CPU"
    if _torch_loaded.is_set() and torch.backends.mps.is_available():
        name = "Apple GPU"
    return Hardware(f"{name} · {os.cpu_count() or 1} cores", used, total)
