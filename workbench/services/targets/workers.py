"""Workers that stand ready beside the window: started before they are needed, kept between runs, replaced."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import workbench
from workbench.core.errors import CancelledError
from workbench.services.targets.faults import Cause, WorkerLostError, cause_of, memory_kills
from workbench.services.targets.frames import Frame, read_frame, write_frame

# Without the current folder on its path: a downloaded project may hold a file called torch.py.
COMMAND = (sys.executable, "-P", "-m", "workbench.services.targets.worker")
_PRINTED_LINES = 100
_END_S = 5.0
_SEND_S = 60.0


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a worker may take, in seconds; time in which this computer slept does not count.

    Args:
        start_s: Until it is ready.
        silence_s: Without a sign of life.
        preparing_s: Until the first step is taken.
        still_s: Without a step; `still_steps` times the slowest step so far where that is longer.
        still_steps: See `still_s`.
        cancel_s: Until it notices that it has to stop.
        save_s: Until it has ended, once it has noticed.
        close_s: The same, when the project is being closed.
        beat_s: Between two signs of life.
    """

    start_s: float = 300.0
    silence_s: float = 60.0
    preparing_s: float = 3600.0
    still_s: float = 600.0
    still_steps: float = 50.0
    cancel_s: float = 10.0
    save_s: float = 120.0
    close_s: float = 15.0
    beat_s: float = 1.0


class Worker:
    """One worker process. One training at a time uses it; `end` may be called from any thread.

    Args:
        command: The program and its arguments.
    """

    def __init__(self, command: Sequence[str] = COMMAND) -> None:
        self.ready = False
        self.frames: queue.Queue[Frame | None] = queue.Queue(maxsize=1024)
        """What it tells, in order; None once it has ended and all it told was taken."""
        self._command = command
        self._printed: deque[str] = deque(maxlen=_PRINTED_LINES)
        self._process: subprocess.Popen[bytes] | None = None
        self.kills_before = memory_kills()
        self._started = threading.Event()
        self._life = threading.Thread(target=self._live, name="worker", daemon=True)
        self._life.start()

    @property
    def alive(self) -> bool:
        """Whether it runs, or is about to."""
        if not self._started.is_set():
            return True
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int | None:
        """Number of the process; None where it could not be started."""
        self._started.wait()
        return self._process.pid if self._process is not None else None

    def send(self, head: dict[str, Any]) -> None:
        """Tell it something. One that is gone does not hear it; its end is told by `frames`."""
        self._started.wait()
        if self._process is None:
            return
        # A worker that stands still does not read: more than the pipe holds would be waited for in vain.
        watch = threading.Timer(_SEND_S, self.kill)
        watch.daemon = True
        watch.start()
        try:
            with contextlib.suppress(OSError, ValueError):
                write_frame(_pipe(self._process.stdin), head)
        finally:
            watch.cancel()

    def kill(self) -> None:
        """End it at once, whatever it does; before that it prints where it is."""
        self._started.wait()
        process = self._process
        if process is None or process.poll() is not None:
            return
        if hasattr(signal, "SIGUSR1"):
            process.send_signal(signal.SIGUSR1)  # see faulthandler.register in the worker
            time.sleep(0.2)
        process.kill()

    def end(self) -> None:
        """End it and wait until it is gone; what it still wants to tell is not heard."""
        self._started.wait()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        limit_s = time.monotonic() + _END_S
        while self._life.is_alive() and time.monotonic() < limit_s:
            with contextlib.suppress(queue.Empty):
                self.frames.get(timeout=0.01)
            self._life.join(0.01)
        with contextlib.suppress(queue.Full):
            self.frames.put_nowait(None)  # for a lane that still listens

    def lost(self, why: Cause | None = None) -> WorkerLostError:
        """Return what became of it, once `frames` has told its end.

        Args:
            why: What is known already, such as that it hung and was ended for it.
        """
        self._life.join(_END_S)
        printed = "\n".join(self._printed)
        if self._process is None:
            return WorkerLostError(Cause.NOT_STARTED, printed=printed)
        code = self._process.wait()
        cause, detail = cause_of(code, memory_kills() - self.kills_before)
        if why is not None:
            cause, detail = why, ""
        elif not self.ready and cause is Cause.CRASHED:
            cause = Cause.NOT_STARTED
        return WorkerLostError(cause, detail, printed)

    def _live(self) -> None:
        """Start the process, keep what it prints, and see it end.

        The kernel ends the process with the thread that started it, so this one lives as long.
        """
        home = str(Path(workbench.__file__).parent.parent)
        path = os.pathsep.join(filter(None, (home, os.getenv("PYTHONPATH"))))
        new_group: dict[str, Any] = {"creationflags": 0}
        if os.name == "posix":
            new_group = {"process_group": 0}
        elif sys.platform == "win32":
            new_group["creationflags"] = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
        try:
            process = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONPATH": path},
                **new_group,
            )
        except OSError as error:
            self._printed.append(str(error))
            self._started.set()
            self.frames.put(None)
            return
        self._process = process
        self._started.set()
        listener = threading.Thread(target=self._listen, args=(process,), name="worker-frames", daemon=True)
        listener.start()
        with _pipe(process.stderr) as printed:
            for line in printed:
                self._printed.append(line.decode(errors="replace").rstrip())
        process.wait()
        listener.join()

    def _listen(self, process: "subprocess.Popen[bytes]") -> None:
        with _pipe(process.stdout) as told:
            while (frame := read_frame(told)) is not None:
                self.frames.put(frame)
        with contextlib.suppress(OSError):
            _pipe(process.stdin).close()
        self.frames.put(None)


class Workers:
    """The workers of an open project: each is lent to one training at a time, and kept for the next.

    Args:
        limits: How long a worker may take for what.
        command: The program that a worker runs.
    """

    def __init__(self, limits: Limits | None = None, command: Sequence[str] = COMMAND) -> None:
        self.limits = limits or Limits()
        self.wanted = False
        """Whether one is to stand ready at all times."""
        self._command = command
        self._idle: list[Worker] = []
        self._lent: list[Worker] = []
        self._closed = False
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Have a worker ready from now on; one that is lost is replaced. Returns at once."""
        self.wanted = True
        self.warm_up()

    def warm_up(self) -> None:
        """Have a worker ready for the next training. Returns at once."""
        with self._lock:
            self._idle = [worker for worker in self._idle if worker.alive]
            if not self._closed and not self._idle and not self._lent:
                self._idle.append(Worker(self._command))

    def take(self) -> Worker:
        """Return a worker for one training; it may not be ready yet. `give_back` or `discard` has to follow.

        Raises:
            CancelledError: The project is being closed.
        """
        with self._lock:
            if self._closed:
                raise CancelledError
            self._idle = [worker for worker in self._idle if worker.alive]
            worker = self._idle.pop() if self._idle else Worker(self._command)
            worker.kills_before = memory_kills()
            self._lent.append(worker)
            return worker

    def give_back(self, worker: Worker) -> None:
        """Keep a worker, whose training has ended, for the next one."""
        with self._lock:
            self._lent.remove(worker)
            self._idle.append(worker)

    def discard(self, worker: Worker) -> None:
        """End a worker, with all the memory that it holds; a fresh one follows where one is wanted."""
        worker.end()
        with self._lock:
            self._lent.remove(worker)
        if self.wanted:
            self.warm_up()

    def close(self) -> None:
        """End all workers; when this returns none of them is left."""
        with self._lock:
            self._closed = True
            ending = [*self._idle, *self._lent]
            self._idle = []
        for worker in ending:
            worker.end()

    def pids(self) -> list[int]:
        """Return the numbers of the processes that run."""
        with self._lock:
            workers = [*self._idle, *self._lent]
        return [worker.pid for worker in workers if worker.alive and worker.pid is not None]


def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None
    return pipe
