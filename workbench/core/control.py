"""How running work is told to pause or stop, and how it says how far it is."""

import threading
from collections.abc import Callable
from typing import NamedTuple, Protocol

from workbench.core.errors import CancelledError


class Progress(Protocol):
    """Called with (done, total, what is being done now); total 0 means not known yet.

    Work that knows better than its pace so far says how many seconds are left.
    """

    def __call__(self, done: int, total: int, text: str, left_s: float | None = None) -> None:
        """Take note of it."""


def no_progress(done: int, total: int, text: str, left_s: float | None = None) -> None:
    """Ignore the progress of work that nobody watches."""


class FirstSample(NamedTuple):
    """A sample as it is shown while its import still runs: RGB bytes of a square picture, and its class."""

    label: str
    side: int
    pixels: bytes


class WatchedProgress:
    """Progress of work that is also asked for the first samples, as soon as they are there.

    Args:
        progress: Whom to tell how far the work is.
        show: Gets the samples, once.
    """

    def __init__(self, progress: Progress, show: Callable[[tuple[FirstSample, ...]], None]) -> None:
        self._progress = progress
        self.show = show

    def __call__(self, done: int, total: int, text: str, left_s: float | None = None) -> None:
        """Pass it on."""
        self._progress(done, total, text, left_s)


class CancelToken:
    """Carries the user's wish into running work; looked at in every step, from any thread."""

    def __init__(self) -> None:
        self._cancelled = threading.Event()
        self._stop_after_epoch = threading.Event()
        self._interrupted = threading.Event()
        self._going = threading.Event()
        self._going.set()

    @property
    def cancelled(self) -> bool:
        """Whether the work has to stop now."""
        return self._cancelled.is_set()

    @property
    def interrupted(self) -> bool:
        """Whether the stop comes from the process ending, not from the user's choice."""
        return self._interrupted.is_set()

    @property
    def stopping_after_epoch(self) -> bool:
        """Whether training has to stop when its current epoch ends."""
        return self._stop_after_epoch.is_set()

    @property
    def paused(self) -> bool:
        """Whether the work has to hold still."""
        return not self._going.is_set()

    def cancel(self, *, interrupted: bool = False) -> None:
        """Ask for a stop now; wakes paused work so that it can end."""
        if interrupted:
            self._interrupted.set()
        self._cancelled.set()
        self._going.set()

    def stop_after_epoch(self) -> None:
        """Ask for a stop at the end of the current epoch; wakes paused work."""
        self._stop_after_epoch.set()
        self._going.set()

    def pause(self) -> None:
        """Ask the work to hold still until `go_on`."""
        if not self.cancelled:
            self._going.clear()

    def go_on(self) -> None:
        """Let paused work go on."""
        self._going.set()

    def wait_while_paused(self) -> None:
        """Block the working thread for as long as the work is paused."""
        self._going.wait()

    def wait_cancelled(self, timeout_s: float) -> bool:
        """Block the working thread until a stop is asked for, at most so long; return whether it was."""
        return self._cancelled.wait(timeout_s)

    def check(self) -> None:
        """Hold while paused; raise CancelledError when a stop was asked for."""
        self._going.wait()
        if self.cancelled:
            raise CancelledError
