"""Worker process that trains beside the window. Started as `python -m workbench.services.targets.worker`.

It reads frames on stdin: `train` with a TrainSpec, `token` with the user's wishes, `abort` when its results
cannot be kept. It answers on stdout: `ready` once all is loaded, `call` for each callback of the loop, in
order, `beat` every so often while it trains, and at last `end` with the outcome or `error`. It ends at once
when stdin closes, so it never outlives the window; what it prints goes to stderr.
"""

import contextlib
import ctypes
import faulthandler
import gc
import os
import signal
import sys
import threading
import traceback
from dataclasses import asdict, fields
from functools import partial
from queue import SimpleQueue
from typing import Any, BinaryIO

from pydantic import TypeAdapter

from workbench.core import errors
from workbench.core.control import CancelToken
from workbench.core.errors import UserError, is_out_of_memory
from workbench.core.host_memory import share_one_arena
from workbench.services.targets.base import TrainSpec, train_here
from workbench.services.targets.faults import is_passing
from workbench.services.targets.frames import Frame, pack, read_frame, write_frame

NICENESS = 5
"""How much the window goes before: a worker that takes both cores must not hold its clicks up."""

_PR_SET_PDEATHSIG = 1
_spec_json: TypeAdapter[TrainSpec] = TypeAdapter(TrainSpec)


class AbortedError(Exception):
    """What was told could not be kept by the other side, so training has to end at once."""


class WorkerToken(CancelToken):
    """The wishes of the user, as the other side tells them; counts how often the loop looks at them."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 0
        self.held = False
        self.noticed = False
        self.aborted = False

    @property
    def cancelled(self) -> bool:
        """Whether the work has to stop now."""
        self.check_aborted()
        self.looks += 1
        self.noticed = super().cancelled
        return self.noticed

    def wait_while_paused(self) -> None:
        """Block for as long as the work is paused."""
        self.held = True
        try:
            super().wait_while_paused()
        finally:
            self.held = False
        self.check_aborted()

    def wait_cancelled(self, timeout_s: float) -> bool:
        """Block until a stop is asked for, at most so long: the work holds still by itself meanwhile."""
        self.held = True
        try:
            return super().wait_cancelled(timeout_s) or self.aborted
        finally:
            self.held = False

    def set(self, *, cancelled: bool, interrupted: bool, stopping_after_epoch: bool, paused: bool) -> None:
        """Take over the wishes as they are now."""
        if stopping_after_epoch:
            self.stop_after_epoch()
        if cancelled:
            self.cancel(interrupted=interrupted)
        elif paused:
            self.pause()
        else:
            self.go_on()

    def abort(self) -> None:
        """End the training at its next step, without saving anything."""
        self.aborted = True
        self.go_on()

    def check_aborted(self) -> None:
        """Raise AbortedError when there is nobody to train for."""
        if self.aborted:
            raise AbortedError


class Worker:
    """Serves one order after the other.

    Args:
        source: Where frames come from; its end is the end of the process.
        out: Where frames go.
    """

    def __init__(self, source: BinaryIO, out: BinaryIO) -> None:
        self._source, self._out = source, out
        self._sending = threading.Lock()
        self._orders: SimpleQueue[tuple[Frame, WorkerToken]] = SimpleQueue()
        self._token = WorkerToken()

    def serve(self) -> None:
        """Work until stdin closes, which ends the process."""
        threading.Thread(target=self._listen, name="listen", daemon=True).start()
        _load()
        self._send({"kind": "ready"})
        while True:
            order, token = self._orders.get()
            answer = self._answer(order, token)
            self._send(answer)
            _let_go_of_memory()

    def _listen(self) -> None:
        while (frame := read_frame(self._source)) is not None:
            if frame.kind == "train":
                self._token = WorkerToken()
                self._token.set(**frame.head["wishes"])
                self._orders.put((frame, self._token))
            elif frame.kind == "abort":
                self._token.abort()
            else:
                self._token.set(**frame.head["wishes"])
        os._exit(0)

    def _answer(self, order: Frame, token: WorkerToken) -> dict[str, Any]:
        from workbench.training.job import Callbacks

        over = threading.Event()
        beat = threading.Thread(target=self._beat, args=(token, over, order.head["beat_s"]), daemon=True)
        beat.start()
        try:
            spec = _spec_json.validate_python(order.head["spec"])
            forwarded = {field.name: partial(self._call, token, field.name) for field in fields(Callbacks)}
            outcome = train_here(spec, Callbacks(**forwarded), token)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other side decides on it
            return _told(error)
        finally:
            over.set()
            beat.join()
        return {"kind": "end", "outcome": asdict(outcome)}

    def _beat(self, token: WorkerToken, over: threading.Event, every_s: float) -> None:
        while not over.wait(every_s):
            self._send({"kind": "beat", "looks": token.looks, "held": token.held, "noticed": token.noticed})

    def _call(self, token: WorkerToken, name: str, *arguments: Any) -> None:
        token.check_aborted()
        token.looks += 1
        values, body = pack(arguments)
        self._send({"kind": "call", "name": name, "arguments": values}, body)

    def _send(self, head: dict[str, Any], body: bytes = b"") -> None:
        with self._sending:
            try:
                write_frame(self._out, head, body)
            except OSError:
                os._exit(0)  # nobody reads any more


def _told(error: Exception) -> dict[str, Any]:
    head: dict[str, Any] = {"kind": "error", "message": str(error)}
    if isinstance(error, AbortedError):
        return head | {"fault": "aborted"}
    if is_out_of_memory(error):
        return head | {"fault": "memory"}
    if isinstance(error, UserError):
        # The nearest class that the other side knows, should a plug-in have made its own.
        known = next(
            cls.__name__ for cls in type(error).__mro__ if cls is getattr(errors, cls.__name__, None)
        )
        return head | {"fault": "user", "class": known, "fields": error.fields}
    report = "".join(traceback.format_exception(error))
    name = f"{type(error).__name__}: {error}"
    return head | {"fault": "ours", "message": name, "report": report, "passing": is_passing(error)}


def _load() -> None:
    """Import all that a training needs, so that the first one does not wait for it."""
    from workbench.datasets.base import kinds
    from workbench.models.base import families
    from workbench.training import loop  # noqa: F401
    from workbench.training.losses import losses
    from workbench.training.optimizers import optimizers
    from workbench.training.schedulers import schedules
    from workbench.transforms.base import transforms

    for registry in (kinds, families, losses, optimizers, schedules, transforms):
        registry.names()
    gc.freeze()


def _let_go_of_memory() -> None:
    """Give back what the last training held: the next one may run elsewhere on the same device."""
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _die_with_the_window() -> None:
    """Have the kernel end this process with the window, even while a native call holds the interpreter."""
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    # Should it be gone already, stdin is at its end.


def _step_back() -> None:
    """Let the window go first where both want a core."""
    import psutil

    with contextlib.suppress(OSError, psutil.Error):
        psutil.Process().nice(NICENESS if os.name == "posix" else psutil.BELOW_NORMAL_PRIORITY_CLASS)


def main() -> None:
    """Serve on stdin and stdout until the other side closes them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is the window's to decide
    faulthandler.enable()
    if hasattr(signal, "SIGUSR1"):
        faulthandler.register(signal.SIGUSR1, all_threads=True)
    _die_with_the_window()
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what libraries print must not mix with frames
    _step_back()
    share_one_arena()
    Worker(sys.stdin.buffer, out).serve()


if __name__ == "__main__":
    main()
