"""Slow reads beside the window: run in a thread, answered on the window's own."""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from workbench.core.control import CancelToken

T = TypeVar("T")

_THREADS = 2


@dataclass(slots=True)
class _Query:
    work: Callable[[], Any]
    then: Callable[[Any], None]
    failed: Callable[[Exception], None] | None
    owner: QObject
    key: str | None
    token: CancelToken | None
    replaced: bool = False

    def give_up(self) -> None:
        """Ask the work to stop, where it can."""
        if self.token is not None:
            self.token.cancel()


class _Desk(QObject):
    """Keeps what was asked and hands answers over on the thread that it was made on.

    A thread of the pool only carries a number: everything that may hold a widget stays here, so
    that no widget is ever destroyed outside the window's thread.
    """

    _answered = Signal(int, object, object)

    def __init__(self) -> None:
        super().__init__()
        self._numbers = itertools.count()
        self._queries: dict[int, _Query] = {}
        self._newest: dict[tuple[int, str], int] = {}
        self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="query")
        self._answered.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    @property
    def waiting(self) -> int:
        """How many answers have not been handed over yet."""
        return len(self._queries)

    def ask(self, query: _Query) -> None:
        number = next(self._numbers)
        self._queries[number] = query
        if query.key is not None:
            before = self._queries.get(self._newest.get((id(query.owner), query.key), number))
            if before is not None and before is not query:
                before.replaced = True
                before.give_up()
            self._newest[id(query.owner), query.key] = number
        self._pool.submit(self._run, number)

    def close(self) -> None:
        for query in self._queries.values():
            query.give_up()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._queries.clear()
        self._newest.clear()

    def _run(self, number: int) -> None:
        answer, error = None, None
        query = self._queries.get(number)
        if query is None:
            return
        if not query.replaced:
            try:
                answer = query.work()
            except Exception as problem:  # noqa: BLE001 - handed over to who asked, not lost
                error = problem.with_traceback(None)
        del query
        self._answered.emit(number, answer, error)

    def _hand_over(self, number: int, answer: object, error: Exception | None) -> None:
        query = self._queries.pop(number, None)
        if query is None or query.replaced:
            return
        if query.key is not None:
            self._newest.pop((id(query.owner), query.key), None)
        if not isValid(query.owner):
            return
        if error is None:
            query.then(answer)
        elif query.failed is not None:
            query.failed(error)
        else:
            raise error


_desk: list[_Desk] = []


def query(
    work: Callable[[], T],
    then: Callable[[T], None],
    failed: Callable[[Exception], None] | None = None,
    *,
    owner: QObject,
    key: str | None = None,
    token: CancelToken | None = None,
) -> None:
    """Run a slow read in a thread and call back on this one. Call it from the window's thread.

    Args:
        work: Runs in a thread; touches no widget.
        then: Gets the result, unless the owner is gone by then.
        failed: Gets the error; without it the error is raised on the window's thread.
        owner: Whom the answer is for.
        key: What is asked; a newer query of the same owner with the same key replaces this one.
        token: What the work looks at, to stop when it is replaced or the window closes.
    """
    if not _desk:
        _desk.append(_Desk())
    _desk[0].ask(_Query(work, then, failed, owner, key, token))


def pending() -> bool:
    """Return whether answers are still awaited."""
    return bool(_desk and _desk[0].waiting)


def shutdown() -> None:
    """Wait for what is being read, forget what was asked, end the threads. A later query starts anew."""
    while _desk:
        desk = _desk.pop()
        desk.close()
        desk.deleteLater()
