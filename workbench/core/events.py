"""Typed events. Published from any thread, dispatched on the front end's.

Two kinds only: *Changed*, after a commit, with ids, so that a reader reads again; and *streams*,
which carry their values.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    # Not at run time: the window paints before the records are loaded.
    from workbench.core.control import FirstSample
    from workbench.core.records import Job, Points


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""


@dataclass(frozen=True, slots=True)
class ProjectChanged(Event):
    """The project's own row changed."""


@dataclass(frozen=True, slots=True)
class DatasetChanged(Event):
    """A dataset was added, renamed, split anew, deleted or restored."""

    dataset_id: int


@dataclass(frozen=True, slots=True)
class LabelsChanged(Event):
    """Labels were set right that wait for a version of the dataset, or were taken back."""

    dataset_id: int


@dataclass(frozen=True, slots=True)
class RunChanged(Event):
    """A run's row changed: state, name, star, note, best epoch."""

    run_id: int


@dataclass(frozen=True, slots=True)
class QueueChanged(Event):
    """Runs that wait have another order, or the queue is held or goes on."""


@dataclass(frozen=True, slots=True)
class RunLogged(Event):
    """A line was added to a run's log."""

    run_id: int


@dataclass(frozen=True, slots=True)
class EvaluationChanged(Event):
    """A run has a new evaluation."""

    run_id: int


@dataclass(frozen=True, slots=True)
class BoardChanged(Event):
    """Records of the board were added, changed or taken away, or something was decided.

    Args:
        nouns: What kinds of records, such as `card` or `risk`; `decision` for the log.
    """

    nouns: frozenset[str]


@dataclass(frozen=True, slots=True)
class HistoryChanged(Event):
    """What can be undone or redone changed."""


@dataclass(frozen=True, slots=True)
class JobChanged(Event):
    """A background job moved on. Stream."""

    job: "Job"


@dataclass(frozen=True, slots=True)
class FirstSamplesDecoded(Event):
    """The first samples of an import that still runs. Stream.

    Args:
        label: Of the job that imports.
        samples: In the order of the source.
    """

    label: str
    samples: "tuple[FirstSample, ...]"


@dataclass(frozen=True, slots=True)
class MetricsLogged(Event):
    """Points of a run that are safely in the database. Stream.

    Args:
        run_id: The run.
        epoch: Epochs completed so far.
        step: Last optimiser step that the points cover.
        points: New points by series name, each in order of step.
    """

    run_id: int
    epoch: int
    step: int
    points: "Mapping[str, Points]"


@dataclass(frozen=True, slots=True)
class CheckpointWritten(Event):
    """A checkpoint is safely on disk. Stream."""

    run_id: int
    step: int
    sha256: str


E = TypeVar("E", bound=Event)
Handler = Callable[[Any], None]


class EventBus:
    """A queue with subscribers; handlers run only where `dispatch` is called."""

    def __init__(self) -> None:
        self._queue: deque[Event] = deque()
        self._handlers: dict[type[Event], list[Handler]] = {}
        self._arrived = threading.Condition()
        self.on_publish: Callable[[Event], None] | None = None

    def subscribe(self, event: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Call `handler` for every such event; the returned function ends that."""
        handlers = self._handlers.setdefault(event, [])
        handlers.append(handler)

        def unsubscribe() -> None:
            if handler in handlers:
                handlers.remove(handler)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Queue an event. From any thread; returns at once.

        `on_publish` gets it at once, on this thread: for what has to follow whether or not a front end reads.
        """
        if self.on_publish is not None:
            self.on_publish(event)
        with self._arrived:
            self._queue.append(event)
            self._arrived.notify_all()

    def dispatch(self, budget_s: float = 0.010) -> int:
        """Hand queued events to their subscribers until the budget is used up.

        Returns:
            Number of events handed over.
        """
        end = time.perf_counter() + budget_s
        count = 0
        while self._queue:
            event = self._queue.popleft()
            for handler in tuple(self._handlers.get(type(event), ())):
                handler(event)
            count += 1
            if time.perf_counter() >= end:
                break
        return count

    def wait(self, timeout_s: float) -> bool:
        """Block until an event is queued. Returns whether there is one. For front ends without a loop."""
        with self._arrived:
            return self._arrived.wait_for(lambda: bool(self._queue), timeout_s)
