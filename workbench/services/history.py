"""Undo and redo for every change to the project."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from workbench.core.events import EventBus, HistoryChanged


@dataclass(frozen=True, slots=True)
class Change:
    """Something done, with how to take it back and do it again."""

    label: str
    redo: Callable[[], object]
    undo: Callable[[], object]


class History:
    """What was done since the project was opened, newest last."""

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self._done: list[Change] = []
        self._undone: list[Change] = []
        # Only undo and redo wait for each other: what is done anew may hold a lock that they need.
        self._moving = threading.Lock()

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty when there is nothing."""
        return self._done[-1].label if self._done else ""

    @property
    def redo_label(self) -> str:
        """What redo would do again; empty when there is nothing."""
        return self._undone[-1].label if self._undone else ""

    def do(self, label: str, action: Callable[[], object], undo: Callable[[], object]) -> None:
        """Do something and remember how to take it back. What was undone before cannot be redone any more."""
        action()
        self._done.append(Change(label, action, undo))
        self._undone.clear()
        self._bus.publish(HistoryChanged())

    @contextmanager
    def together(self, label: str) -> Iterator[None]:
        """Make one step to undo of all that is done in the block; none where nothing was done."""
        before = len(self._done)
        try:
            yield
        finally:
            steps = self._done[before:]
            if steps:
                self._done[before:] = [
                    Change(
                        label,
                        lambda: [step.redo() for step in steps],
                        lambda: [step.undo() for step in reversed(steps)],
                    )
                ]
                self._bus.publish(HistoryChanged())

    def clear(self) -> None:
        """Forget what was done: it belongs to how the project began."""
        self._done.clear()
        self._undone.clear()
        self._bus.publish(HistoryChanged())

    def undo(self) -> str:
        """Take the last change back and return its label; empty when there is none."""
        return self._move(self._done, self._undone, back=True)

    def redo(self) -> str:
        """Do the last undone change again and return its label; empty when there is none."""
        return self._move(self._undone, self._done, back=False)

    def _move(self, source: list[Change], target: list[Change], *, back: bool) -> str:
        with self._moving:
            if not source:
                return ""
            change = source.pop()
            try:
                (change.undo if back else change.redo)()
            except BaseException:
                source.append(change)
                raise
            target.append(change)
        self._bus.publish(HistoryChanged())
        return change.label
