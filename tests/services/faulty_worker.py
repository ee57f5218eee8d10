"""A worker that fails on request: in every step it looks for a file, and does what stands in it.

With `real` as its second argument it trains as the real one does; without, it only counts, which needs no torch.
"""

import ctypes
import os
import signal
import sys
import time
from dataclasses import dataclass, make_dataclass
from pathlib import Path
from types import ModuleType

from workbench.core.errors import DataError
from workbench.core.files import atomic_write
from workbench.core.records import Points
from workbench.services.targets import worker

ORDERS = Path(sys.argv[1])
REAL = sys.argv[2:] == ["real"]
EPOCH = 10


def _raise(error):
    raise error


def _lock_twice():
    """Wait forever in native code that keeps the interpreter: no thread of Python runs any more."""
    mutex, library = ctypes.create_string_buffer(128), ctypes.PyDLL(None)
    library.pthread_mutex_lock(mutex)
    library.pthread_mutex_lock(mutex)


FAULTS = {
    "crash": lambda: os.kill(os.getpid(), signal.SIGSEGV),
    "exit": lambda: os._exit(3),
    "hang": _lock_twice,
    "stall": lambda: time.sleep(1000),
    "memory": lambda: _raise(MemoryError()),
    "allocator": lambda: _raise(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to")),
    "data": lambda: _raise(DataError("The target has no values.", {"target": "has no values"})),
    "fault": lambda: _raise(ZeroDivisionError("deep inside")),
    "gpu": lambda: _raise(RuntimeError("CUDA error: an illegal memory access was encountered")),
}


class FaultyToken(worker.WorkerToken):
    """Fails at the next look of the loop; what ends with `once` is done only the first time."""

    @property
    def cancelled(self):
        words = ORDERS.read_text().split() if self.looks and ORDERS.exists() else []
        if words:
            if words[1:]:
                ORDERS.unlink()
            FAULTS[words[0]]()
        return super().cancelled


@dataclass
class Outcome:
    state: str
    message: str
    epochs: int
    steps: int
    best_epoch: int
    weights_sha256: str
    seconds: float


NAMES = ("on_start", "on_points", "on_checkpoint", "on_hold")


def count(spec, callbacks, token):
    """Take steps that cost nothing, and keep what a training keeps."""
    step = int(spec.resume[0].read_text()) if spec.resume else 0
    callbacks.on_start("CPU · 1 thread", 1, 10, "fp32")

    def save():
        path = spec.folder / f"last-{step}.pt"
        sha256 = atomic_write(path, str(step).encode())
        callbacks.on_checkpoint("last", path, sha256, step // EPOCH, step)

    while step < spec.config.epochs * EPOCH:
        if token.paused:
            save()
            callbacks.on_hold(True, "")
            token.wait_while_paused()
            callbacks.on_hold(False, "")
        if token.cancelled:
            save()
            state = "interrupted" if token.interrupted else "stopped"
            return Outcome(state, "", step // EPOCH, step, 1, "", 0.1)
        step += 1
        callbacks.on_points({"train/loss": Points([step], [1 / step], [step / 100])}, step // EPOCH, step)
        if step % EPOCH == 0:
            save()
        time.sleep(0.002)
    return Outcome("finished", "", step // EPOCH, step, 1, f"{step}", 0.1)


def _without_torch():
    job = ModuleType("workbench.training.job")
    job.Callbacks = make_dataclass("Callbacks", NAMES)
    sys.modules[job.__name__] = job
    worker.train_here = count
    worker._load = lambda: None


if __name__ == "__main__":
    worker.WorkerToken = FaultyToken
    if not REAL:
        _without_torch()
    worker.main()
