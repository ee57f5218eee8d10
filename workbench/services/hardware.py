"""What this machine computes on, without waiting for torch."""

import atexit
import contextlib
import ctypes
import gc
import os
import sys
import threading
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

_loader: list[threading.Thread] = []
_torch_loaded = threading.Event()


@dataclass(frozen=True, slots=True)
class Hardware:
    """The best device and the memory in use.

    Args:
        device: Such as `CPU · 2 cores` or the name of the GPU.
        used_bytes: Memory in use on it: of the GPU, else of this program with all its processes.
        total_bytes: Memory there is.
    """

    device: str
    used_bytes: int
    total_bytes: int


def load_torch() -> None:
    """Import torch and what judging needs in a thread, once, so that the first run does not wait for them.

    The window goes on meanwhile: the large libraries are loaded without holding the interpreter, and the
    garbage collector, which would walk all the new modules several times, rests until they are there.
    """

    def load() -> None:
        collects = gc.isenabled()
        gc.disable()
        try:
            # First: these two note what to do at the end of the process, which they may not once it begins.
            import concurrent.futures.process
            import concurrent.futures.thread  # noqa: F401

            _load_libraries()
            import torch  # noqa: F401
            from sklearn import metrics  # noqa: F401

            gc.freeze()
            _torch_loaded.set()
        finally:
            if collects:
                gc.enable()

    if _loader:
        return
    _loader.append(threading.Thread(target=load, name="load-torch", daemon=True))
    _loader[0].start()
    atexit.register(wait_for_torch)


def is_loading() -> bool:
    """Return whether `load_torch` is at work."""
    return any(thread.is_alive() for thread in _loader)


def wait_for_torch() -> None:
    """Wait until `load_torch` is through, where it was called.

    A process that ends in the middle tears down libraries that are still being set up, and crashes.
    """
    for thread in _loader:
        thread.join()


def _load_libraries() -> None:
    """Let the loader map torch's libraries; a ctypes call gives the interpreter free, an import does not."""
    spec = find_spec("torch")
    if not sys.platform.startswith("linux") or spec is None or spec.origin is None:
        return
    folder = Path(spec.origin).parent / "lib"
    load = ctypes.CDLL(None).dlopen
    load.restype = ctypes.c_void_p
    load(os.fsencode(folder / "libtorch_global_deps.so"), os.RTLD_NOW | os.RTLD_GLOBAL)
    load(os.fsencode(folder / "libtorch.so"), os.RTLD_NOW | os.RTLD_LOCAL)


def hardware() -> Hardware:
    """Return what runs compute on; the GPU is known once `load_torch` is through.

    Takes milliseconds, more where many programs run: the window asks beside its thread.
    """
    import psutil

    name = "CPU"
    if _torch_loaded.is_set():
        import torch

        if torch.cuda.is_available():
            free, total = torch.cuda.mem_get_info()
            return Hardware(torch.cuda.get_device_name(), total - free, total)
        if torch.backends.mps.is_available():
            name = "Apple GPU"
    used, total = _memory_in_use(), int(psutil.virtual_memory().total)
    return Hardware(f"{name} · {os.cpu_count() or 1} cores", used, total)


def _memory_in_use() -> int:
    """Return the resident bytes of this process and of those that it started, such as what trains."""
    import psutil

    own = psutil.Process()
    used = int(own.memory_info().rss)
    for process in own.children(recursive=True):
        # One that ends meanwhile holds nothing.
        with contextlib.suppress(psutil.Error):
            used += int(process.memory_info().rss)
    return used
