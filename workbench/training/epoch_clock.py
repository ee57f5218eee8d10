"""How long epochs take, and so how long the training will."""

import time
from collections import deque

_EPOCHS = 200
_LEAST_S = 1.0


class EpochClock:
    """Measures the epochs of one training: the steps of each, and what follows them until the next begins."""

    def __init__(self) -> None:
        # Seconds of all steps of an epoch, and seconds of what came after them.
        self._epochs: deque[tuple[float, float]] = deque(maxlen=_EPOCHS)
        self._began_s = self._trained_s = 0.0
        self._first = self._batches = 0
        self._between = True

    def start(self, first: int, batches: int) -> None:
        """Begin an epoch.

        Args:
            first: Steps of it that were done before, where it is gone on with.
            batches: Its steps in all.
        """
        self._began_s, self._first, self._batches = time.perf_counter(), first, batches
        if self._epochs and self._between:
            # What was told and written behind the last epoch belongs to it.
            self._epochs[-1] = (self._epochs[-1][0], self._began_s - self._trained_s)
        self._between = False

    def trained(self) -> None:
        """Note that all steps of the epoch are done."""
        self._trained_s = time.perf_counter()
        self._between = True

    def end(self) -> None:
        """Note that the epoch has ended."""
        share = 1 - self._first / self._batches
        if share:
            steps_s = (self._trained_s - self._began_s) / share
            self._epochs.append((steps_s, time.perf_counter() - self._trained_s))

    def skip(self, seconds: float) -> None:
        """Leave out a pause."""
        self._began_s += seconds
        self._trained_s += seconds

    def left_s(self, batch: int, epochs: int) -> float | None:
        """Return the seconds left; None while too little is known.

        Args:
            batch: Steps done in the epoch that is under way.
            epochs: Epochs left, that one counted.
        """
        if self._epochs:
            # The later half: the first epochs are slower, while memory and libraries get ready.
            later = list(self._epochs)[len(self._epochs) // 2 :]
            steps_s = sum(epoch[0] for epoch in later) / len(later)
            rest_s = sum(epoch[1] for epoch in later) / len(later)
            share = 0.0 if self._between else batch / self._batches
            return max(0.0, (steps_s + rest_s) * epochs - steps_s * share)
        spent_s = time.perf_counter() - self._began_s
        if self._between or spent_s < _LEAST_S or batch <= self._first:
            return None
        # The first epoch: what will follow its steps is not known yet.
        a_step_s = spent_s / (batch - self._first)
        return a_step_s * (self._batches * epochs - batch)
