"""Undo and redo for every change to the project."""

import threading
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from workbench.core.errors import UserError
from workbench.core.events import EventBus, HistoryChanged


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """Something done, with how to take it back and do it again.

    Args:
        label: What was done.
        redo: Does it again.
        undo: Takes it back.
        touched: Returns what it changed; nothing where that is not known.
    """

    label: str
    redo: Callable[[], object]
    undo: Callable[[], object]
    touched: Callable[[], frozenset[Hashable]] = frozenset


class _Group:
    """Several changes as one; knows how many of them are done, even where a full disk stops it half way."""

    def __init__(self, steps: Sequence[Change]) -> None:
        self._steps = steps
        self._done = len(steps)

    @property
    def change(self) -> tuple[Callable[[], object], Callable[[], object]]:
        """How to do all of it again, and how to take all of it back."""
        return lambda: self._go(len(self._steps)), lambda: self._go(0)

    def touched(self) -> frozenset[Hashable]:
        """Return all that its changes have changed; nothing where that is not known of one of them."""
        every = [step.touched() for step in self._steps]
        return frozenset().union(*every) if all(every) else frozenset()

    def _go(self, wanted: int) -> None:
        """Bring it to where so many of its changes are done, or leave it where it was."""
        before = self._done
        try:
            self._step_to(wanted)
        except BaseException:
            # Where even this fails, the next try goes on from here.
            with suppress(UserError):
                self._step_to(before)
            raise

    def _step_to(self, wanted: int) -> None:
        while self._done < wanted:
            self._steps[self._done].redo()
            self._done += 1
        while self._done > wanted:
            self._steps[self._done - 1].undo()
            self._done -= 1


class _Open(threading.local):
    """What the groups that a thread has open have done so far, the innermost last."""

    def __init__(self) -> None:
        self.groups: list[list[Change]] = []
        self.last: Change | None = None


class History:
    """What was done since the project was opened, newest last. From any thread.

    Attributes:
        lock: Held while something is done, taken back or done again. Whoever holds a lock of the board or of
            the database as well takes this one first.
    """

    def __init__(self, bus: EventBus) -> None:
        self._bus = bus
        self.lock = threading.RLock()
        self._open = _Open()
        self._done: list[Change] = []
        self._undone: list[Change] = []

    @property
    def undo_label(self) -> str:
        """What undo would take back; empty when there is nothing."""
        return next((change.label for change in self._done[-1:]), "")

    @property
    def redo_label(self) -> str:
        """What redo would do again; empty when there is nothing."""
        return next((change.label for change in self._undone[-1:]), "")

    @property
    def last(self) -> Change | None:
        """What this thread did last as a step to undo, for `take_back`."""
        return self._open.last

    def do(
        self,
        label: str,
        action: Callable[[], object],
        undo: Callable[[], object],
        touched: Callable[[], frozenset[Hashable]] = frozenset,
    ) -> None:
        """Do something and remember how to take it back. What was undone before cannot be redone any more.

        Args:
            label: What is done.
            action: Does it.
            undo: Takes it back.
            touched: Returns what it has changed, once it is done.
        """
        with self.lock:
            action()
            self._remember(Change(label, action, undo, touched))

    def did(
        self,
        label: str,
        redo: Callable[[], object],
        undo: Callable[[], object],
        touched: Callable[[], frozenset[Hashable]] = frozenset,
    ) -> None:
        """Remember how to take back what was done just now, while its lock was held."""
        self._remember(Change(label, redo, undo, touched))

    @contextmanager
    def together(self, label: str) -> Iterator[None]:
        """Make one step to undo of all that this thread does in the block; none where nothing was done.

        Where the block fails, what it had done is taken back; what cannot be, stays as one step to undo.
        """
        groups = self._open.groups
        steps: list[Change] = []
        groups.append(steps)
        try:
            yield
        except BaseException:
            groups.remove(steps)
            if steps:
                self._take_back(label, steps)
            raise
        groups.remove(steps)
        if steps:
            self._remember_group(label, steps)

    def _remember_group(self, label: str, steps: Sequence[Change]) -> None:
        group = _Group(steps)
        self._remember(Change(label, *group.change, group.touched))

    def _take_back(self, label: str, steps: list[Change]) -> None:
        try:
            with self.lock, suppress(UserError):
                while steps:
                    steps[-1].undo()
                    steps.pop()
        finally:
            if steps:
                self._remember_group(label, steps)

    def _remember(self, change: Change) -> None:
        groups = self._open.groups
        if groups:
            groups[-1].append(change)
            return
        self._open.last = change
        with self.lock:
            self._done.append(change)
            self._undone.clear()
        self._bus.publish(HistoryChanged())

    def clear(self) -> None:
        """Forget what was done: it belongs to how the project began."""
        with self.lock:
            self._done.clear()
            self._undone.clear()
        self._bus.publish(HistoryChanged())

    def undo(self) -> str:
        """Take the last change back and return its label; empty when there is none."""
        return self._move(self._done, self._undone, back=True)

    def redo(self) -> str:
        """Do the last undone change again and return its label; empty when there is none."""
        return self._move(self._undone, self._done, back=False)

    def take_back(self, change: Change) -> None:
        """Take back just this change, whatever else was done after it.

        Raises:
            UserError: It was taken back already, or something of it was changed since.
        """
        with self.lock:
            if change not in self._done:
                raise UserError(f"“{change.label}” was taken back already.")
            at, mine = self._done.index(change), change.touched()
            later = [other.touched() for other in self._done[at + 1 :]]
            if any(not mine or not other or mine & other for other in later):
                raise UserError(
                    f"“{change.label}” can no longer be taken back by itself: something of it was changed "
                    "since. Ctrl+Z goes back step by step."
                )
            change.undo()
            self._undone.append(self._done.pop(at))
        self._bus.publish(HistoryChanged())

    def _move(self, source: list[Change], target: list[Change], *, back: bool) -> str:
        with self.lock:
            if not source:
                return ""
            change = source[-1]
            (change.undo if back else change.redo)()
            target.append(source.pop())
        self._bus.publish(HistoryChanged())
        return change.label
