"""The processor's memory: what a training step frees is kept for the next one."""

import ctypes
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# Of malloc.h.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_KEEP = 1 << 30
# What glibc comes to by itself with large blocks.
_USUAL_MMAP, _USUAL_TRIM = 32 << 20, 64 << 20

_lock = threading.Lock()
_blocks: set[object] = set()


@contextmanager
def freed_memory_kept() -> Iterator[None]:
    """Keep freed memory in the program while the block runs, and give it back after the last such block.

    glibc gives large blocks back to the system when they are freed. A training step frees and asks for the
    same blocks over and over, and the system hands them out page by page, each cleared: up to a third of a
    step's time. Nothing happens where there is no glibc.
    """
    block = object()
    with _lock:
        _blocks.add(block)
        _set(_MMAP_THRESHOLD, _KEEP)
        _set(_TRIM_THRESHOLD, _KEEP)
    try:
        yield
    finally:
        with _lock:
            _blocks.remove(block)
            if not _blocks:
                _set(_MMAP_THRESHOLD, _USUAL_MMAP)
                _set(_TRIM_THRESHOLD, _USUAL_TRIM)
                _call("malloc_trim", 0)


def share_one_arena() -> None:
    """Have all threads of a process that does little but train ask in one place, where memory can be kept.

    glibc gives each thread an arena of its own, which lets go of its memory whatever the thresholds are.
    """
    _set(_ARENA_MAX, 1)


def _set(what: int, value: int) -> None:
    _call("mallopt", what, value)


def _call(name: str, *arguments: int) -> None:
    function = _find(name)
    if function is not None:
        function(*arguments)


def _find(name: str) -> Callable[..., int] | None:
    try:
        found: Callable[..., int] | None = getattr(ctypes.CDLL(None), name, None)
    except TypeError:
        # Windows has no library that stands for the whole program.
        return None
    return found
