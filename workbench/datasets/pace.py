"""Progress for front ends, at a rate that people can read."""

import time

from workbench.core.control import Progress


class Pace:
    """Passes progress on at most a few times a second; each new text and the last call always get through.

    Args:
        progress: Whom to tell.
        every_s: Seconds between two calls at least.
    """

    def __init__(self, progress: Progress, every_s: float = 0.25) -> None:
        self._progress = progress
        self._every_s = every_s
        self._next_s = 0.0
        self._text = ""

    def __call__(self, done: int, total: int, text: str) -> None:
        """Tell how far the work is, unless it was told a moment ago."""
        now = time.monotonic()
        if now >= self._next_s or text != self._text or done == total > 0:
            self._text = text
            self._next_s = now + self._every_s
            self._progress(done, total, text)
