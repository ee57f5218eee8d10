"""Training in a process of its own, which the lane's thread supervises."""

import time
from dataclasses import fields
from queue import Empty
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn

from pydantic import TypeAdapter

from workbench.core import errors
from workbench.core.control import CancelToken
from workbench.core.errors import CancelledError
from workbench.core.states import RunState
from workbench.services.targets.base import ComputeTarget, TrainSpec, targets
from workbench.services.targets.faults import Cause, WorkerFaultError
from workbench.services.targets.frames import Frame, unpack
from workbench.services.targets.workers import Worker, Workers

if TYPE_CHECKING:
    from workbench.training.job import Callbacks, Outcome

_LOOK_S = 0.025
"""How often the user's wishes are looked at."""
_LONGEST_TICK_S = 1.0
"""A longer wait was a computer that slept or a clock that was set, and is no silence of the worker."""

_spec_json: TypeAdapter[TrainSpec] = TypeAdapter(TrainSpec)


@targets.register("process")
class ProcessTarget(ComputeTarget):
    """A process of its own: fast beside the window, and a crash takes the run, not the window."""

    title: ClassVar[str] = "Process"

    def run(self, spec: TrainSpec, callbacks: "Callbacks", token: CancelToken, workers: Workers) -> "Outcome":
        """Have a worker train; its callbacks are called here, in the order in which it called them."""
        worker = workers.take()
        supervision = _Supervision(worker, workers, callbacks, token)
        supervision.follows = spec.rank is not None and spec.rank.number > 0
        try:
            return supervision.run(spec)
        finally:
            if supervision.is_over:
                workers.give_back(worker)
            else:
                workers.discard(worker)


class _Supervision:
    """One training in a worker: hands on what it tells, tells it the user's wishes, sees it hang or die."""

    def __init__(self, worker: Worker, workers: Workers, callbacks: "Callbacks", token: CancelToken) -> None:
        self._worker, self._limits, self._token = worker, workers.limits, token
        self.is_over = True
        """Whether the worker has nothing in hand any more and can be given the next training."""
        self.follows = False
        """Whether it waits for another worker, which is the one that may stand still."""
        self._calls = {field.name: getattr(callbacks, field.name) for field in fields(callbacks)}
        self._wishes: dict[str, bool] = {}
        self._refusal: BaseException | None = None  # of a callback
        self._why: Cause | None = None  # it was ended from here
        self._silent_s = self._still_s = self._slowest_s = self._stopping_s = 0.0
        self._looks = 0
        self._held = self._noticed = False

    def run(self, spec: TrainSpec) -> "Outcome":
        """Return the outcome, or raise what the worker or a callback raised."""
        self._await_ready()
        if self._token.cancelled:
            raise CancelledError
        self._wishes = self._wished()
        self.is_over = False
        self._worker.send(
            {
                "kind": "train",
                "spec": _spec_json.dump_python(spec, mode="json"),
                "beat_s": self._limits.beat_s,
                "wishes": self._wishes,
            }
        )
        while True:
            frame = self._next()
            if frame is None:
                raise self._refusal or self._worker.lost(self._why)
            if frame.kind == "call":
                self._call(frame)
            elif frame.kind == "beat":
                self._note(frame)
            else:
                # One that ran out of memory, or into a fault of ours, is not to be trusted with the next.
                done = frame.kind == "end" or frame.head["fault"] in ("user", "aborted")
                self.is_over = done and self._why is None
                if self._refusal is not None:
                    raise self._refusal
                if frame.kind == "end":
                    return _outcome(frame.head["outcome"])
                _raise(frame.head)

    def _await_ready(self) -> None:
        while not self._worker.ready:
            frame = self._take(self._limits.start_s)
            if frame is None:
                raise self._worker.lost(self._why)
            self._worker.ready = frame.kind == "ready"
        self._silent_s = 0.0

    def _next(self) -> Frame | None:
        frame = self._take(self._limits.silence_s)
        if frame is not None:
            self._silent_s = 0.0
        return frame

    def _take(self, silence_s: float) -> Frame | None:
        """Return the next frame; while there is none, pass wishes on and see whether the worker hangs."""
        while True:
            since = time.monotonic()
            try:
                return self._worker.frames.get(timeout=_LOOK_S)
            except Empty:
                passed_s = min(time.monotonic() - since, _LONGEST_TICK_S)
            finally:
                self._pass_on_wishes()
            self._silent_s += passed_s
            if self._why is None and (self._silent_s > silence_s or self._is_stuck(passed_s)):
                self._why = Cause.HUNG
                self._worker.kill()

    def _is_stuck(self, passed_s: float) -> bool:
        """Count time without a step; True when it was too long."""
        limits = self._limits
        if self._token.cancelled or self._refusal is not None:
            if not self._wishes:
                raise CancelledError
            self._stopping_s += passed_s
            patience_s = max(limits.cancel_s, 2 * self._slowest_s)
            if self._noticed:
                patience_s += limits.close_s if self._token.interrupted else limits.save_s
            return self._stopping_s > patience_s
        if self._held or self.follows or not self._wishes:
            return False
        self._still_s += passed_s
        if not self._looks:
            return self._still_s > limits.preparing_s
        return self._still_s > max(limits.still_s, limits.still_steps * self._slowest_s)

    def _note(self, beat: Frame) -> None:
        """Look at how far the loop is."""
        looks, self._held, self._noticed = (beat.head[name] for name in ("looks", "held", "noticed"))
        if looks != self._looks or self._held:
            self._move()
        self._looks = looks

    def _move(self) -> None:
        if self._looks:
            self._slowest_s = max(self._slowest_s, self._still_s)
        self._still_s = 0.0

    def _call(self, frame: Frame) -> None:
        self._move()
        if self._refusal is not None:
            return
        try:
            self._calls[frame.head["name"]](*unpack(frame.head["arguments"], frame.body))
        except Exception as error:  # noqa: BLE001 - raised once the worker has ended
            self._refusal = error
            self._worker.send({"kind": "abort"})

    def _wished(self) -> dict[str, bool]:
        token = self._token
        # `cancelled` before `interrupted`: the token sets them in the other order.
        names = ("cancelled", "interrupted", "stopping_after_epoch", "paused")
        return {name: getattr(token, name) for name in names}

    def _pass_on_wishes(self) -> None:
        if self._wishes and (wished := self._wished()) != self._wishes:
            self._wishes = wished
            self._worker.send({"kind": "token", "wishes": wished})


def _outcome(told: dict[str, Any]) -> "Outcome":
    from workbench.training.job import Outcome

    return Outcome(**told | {"state": RunState(told["state"])})


def _raise(told: dict[str, Any]) -> NoReturn:
    """Raise what ended the training in the worker.

    Raises:
        MemoryError: There was not enough memory.
        UserError: Of the same class, with the same message and fields.
        WorkerFaultError: Any other error.
    """
    message = told["message"]
    if told["fault"] == "memory":
        raise MemoryError(message)
    if told["fault"] == "user":
        error = getattr(errors, told["class"])(message)
        error.fields = told["fields"]
        raise error
    raise WorkerFaultError(message, told["report"], passing=told["passing"])
