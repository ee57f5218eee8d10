"""Decoding of many foreign pictures in two worker processes, in order, surviving what they contain."""

import itertools
import os
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import IO, NamedTuple, Self

import workbench
from workbench.core.control import CancelToken
from workbench.datasets.decoder import DONE, FAILED, FRAME, RECORD, Order, request

COMMAND = (sys.executable, "-P", "-m", "workbench.datasets.decoder")
HANG_S = 30.0
_WORKERS = min(2, os.cpu_count() or 1)
# Batches decoded or waiting at one time; small ones, so that no worker has much left when the other is done.
_AHEAD = 4 * _WORKERS + 1
_BATCH_BYTES = 2 << 20
_BATCH_FILES = 512
_LEAST_FILES = 8
_PIPE_BYTES = 1 << 20

HEADER = Order(0, 0, 1)


class Decoded(NamedTuple):
    """One file: its pixels (channels × height × width bytes), or the reason why there are none."""

    reason: str
    grey: bool
    width: int
    height: int
    digest: bytes
    pixels: bytes


class Frame(NamedTuple):
    """Some files in order, as a worker answered: a `RECORD` for each, and all bodies one after another."""

    records: bytes
    body: bytes

    def __len__(self) -> int:
        """Return the number of files."""
        return len(self.records) // RECORD.size

    def answers(self) -> Iterator[Decoded]:
        """Yield what became of each file."""
        place = 0
        for status, grey, width, height, length, digest in RECORD.iter_unpack(self.records):
            part = self.body[place : place + length]
            place += length
            if status == DONE:
                yield Decoded("", bool(grey), width, height, digest, part)
            else:
                yield Decoded(part.decode(), False, 0, 0, b"", b"")


class DecoderPool:
    """Worker processes that live as long as the context. Used from one thread.

    A file that made a worker crash or hang is not tried again, in whatever pass.

    Args:
        token: Looked at ten times a second; when cancelled, the workers are killed.
        command: What starts a worker; the decoder of pictures when not given.
    """

    def __init__(self, token: CancelToken, command: Sequence[str] | None = None) -> None:
        self._token = token
        self._workers = [_Worker(command or COMMAND) for _ in range(_WORKERS)]
        self._lost: dict[str, Frame] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self._workers:
            worker.end()

    def warm_up(self) -> None:
        """Start the processes now; they are ready while the caller still looks for files."""
        for worker in self._workers:
            worker.start()

    def decode(self, paths: Sequence[str], order: Order) -> Generator[Decoded, None, None]:
        """Yield what became of each file, in order. Close the iterator to give up early.

        Raises:
            CancelledError: The token was cancelled.
            RuntimeError: A worker process cannot be started.
        """
        with closing(self.frames(paths, order)) as frames:
            for frame in frames:
                yield from frame.answers()

    def frames(self, paths: Sequence[str], order: Order) -> Generator[Frame, None, None]:
        """Yield the same in frames of some files each.

        Raises:
            CancelledError: The token was cancelled.
            RuntimeError: A worker process cannot be started.
        """
        size = min(_BATCH_FILES, max(1, _BATCH_BYTES // max(1, order.height * order.width * order.channels)))
        size = min(size, max(_LEAST_FILES, len(paths) // (8 * _WORKERS)))
        work = _Work(paths, order, size, self._lost)
        needed = self._workers[: -(-len(paths) // size)]
        threads = [threading.Thread(target=work.run, args=(worker,), daemon=True) for worker in needed]
        for thread in threads:
            thread.start()
        finished = False
        try:
            for start in range(0, len(paths), size):
                yield from self._batch(work, start)
                work.room.release()
            finished = True
        finally:
            work.stop(len(threads))
            while any(thread.is_alive() for thread in threads):
                if not finished:  # again and again, since a process may be starting just now
                    for worker in self._workers:
                        worker.kill()
                for thread in threads:
                    thread.join(timeout=0.05)

    def _batch(self, work: "_Work", start: int) -> list[Frame]:
        while start not in work.ready:
            self._token.check()
            for worker in self._workers:
                worker.kill_if_hung()
            try:
                number, frames = work.done.get(timeout=0.1)
            except Empty:
                continue
            if work.error is not None:
                raise RuntimeError("the decoder cannot be started") from work.error
            work.ready[number] = frames
        self._token.check()
        return work.ready.pop(start)


class _Work:
    """What the threads of one `decode` share."""

    def __init__(self, paths: Sequence[str], order: Order, size: int, lost: dict[str, Frame]) -> None:
        self.error: Exception | None = None
        self.ready: dict[int, list[Frame]] = {}
        self.done: SimpleQueue[tuple[int, list[Frame]]] = SimpleQueue()
        self.room = threading.Semaphore(_AHEAD)
        self._paths = paths
        self._order = order
        self._size = size
        self._starts = itertools.count(0, size)
        self._lost = lost
        self._stopped = threading.Event()

    def stop(self, threads: int) -> None:
        self._stopped.set()
        self.room.release(threads)

    def run(self, worker: "_Worker") -> None:
        while True:
            self.room.acquire()
            start = next(self._starts)
            if self._stopped.is_set() or start >= len(self._paths):
                return
            try:
                self.done.put((start, self._frames(worker, self._paths[start : start + self._size])))
            except (OSError, RuntimeError) as error:
                self.error = error
                self.done.put((start, []))
                return

    def _frames(self, worker: "_Worker", batch: Sequence[str]) -> list[Frame]:
        frames = [] if self._lost.keys() & batch else worker.ask(batch, self._order)
        # The process died or hung somewhere in the rest: one by one shows at which file.
        for path in batch[sum(map(len, frames)) :]:
            if self._stopped.is_set():
                break
            if path not in self._lost:
                found = worker.ask([path], self._order)
                if not found and not self._stopped.is_set():
                    self._lost[path] = _lost(worker.hung)
                frames += found
            if path in self._lost:
                frames.append(self._lost[path])
        return frames


def _lost(hung: bool) -> Frame:
    reason = f"took longer than {HANG_S:.0f} seconds to decode" if hung else "made the picture decoder crash"
    body = reason.encode()
    return Frame(RECORD.pack(FAILED, False, 0, 0, len(body), b""), body)


class _Worker:
    """One decoder process, started when first needed and again after each crash.

    `ask` belongs to one thread at a time; `kill` and `kill_if_hung` may be called from any.
    """

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self.hung = False
        self._ready = False
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting_since_s: float | None = None

    def ask(self, paths: Sequence[str], order: Order) -> list[Frame]:
        """Return the answers, for fewer files than asked when the process died on the way."""
        self.hung = False
        process = self.start()
        self._await_ready(process)
        frames: list[Frame] = []
        missing = len(paths)
        self._waiting_since_s = time.monotonic()
        try:
            _pipe(process.stdin).write(request(paths, order))
            _pipe(process.stdin).flush()
            while missing:
                frames.append(_frame(process))
                missing -= len(frames[-1])
                self._waiting_since_s = time.monotonic()
        except (EOFError, OSError):
            self._waiting_since_s = None
            self.end()
        self._waiting_since_s = None
        return frames

    def kill_if_hung(self) -> None:
        since_s = self._waiting_since_s
        if since_s is not None and time.monotonic() - since_s > HANG_S:
            self.hung = True
            self.kill()

    def kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            try:
                _pipe(pipe).close()
            except OSError:  # what was still to be written has no reader any more
                continue

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the process, or return the one that runs; it says by an empty frame that it is ready."""
        if self._process is None:
            home = str(Path(workbench.__file__).parent.parent)
            path = os.pathsep.join(filter(None, (home, os.getenv("PYTHONPATH"))))
            self._ready = False
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path},
                pipesize=_PIPE_BYTES,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        return self._process

    def _await_ready(self, process: "subprocess.Popen[bytes]") -> None:
        if self._ready:
            return
        try:
            _frame(process)
        except EOFError as error:
            self.end()
            raise RuntimeError("the decoder process ended at its start") from error
        self._ready = True


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe


def _frame(process: "subprocess.Popen[bytes]") -> Frame:
    count, size = FRAME.unpack(_exactly(process, FRAME.size))
    return Frame(_exactly(process, count * RECORD.size), _exactly(process, size))


def _exactly(process: "subprocess.Popen[bytes]", size: int) -> bytes:
    data = _pipe(process.stdout).read(size)
    if len(data) < size:
        raise EOFError
    return data
