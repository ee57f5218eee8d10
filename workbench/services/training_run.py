"""One run on its way through the device lane: from its row to its end state, everything durable first."""

import contextlib
import json
import os
import traceback
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from workbench.core.control import CancelToken, Progress
from workbench.core.errors import CancelledError, DiskError, StoreError, UserError, is_out_of_memory
from workbench.core.events import CheckpointWritten, MetricsLogged, RunChanged, RunLogged
from workbench.core.files import atomic_write, make_folder
from workbench.core.records import Checkpoint, Points, Run
from workbench.core.states import LogLevel, RunState
from workbench.services.data_check import require_whole
from workbench.services.targets.base import ComputeTarget, TrainSpec, targets
from workbench.services.targets.faults import (
    Cause,
    WorkerFaultError,
    WorkerLostError,
    is_passing,
)

if TYPE_CHECKING:
    from workbench.services.session import Session
    from workbench.training.job import Outcome


DESCRIBED = (RunState.FINISHED, RunState.STOPPED, RunState.DIVERGED)
"""The end states of runs that `run.json` describes."""

_MOST_AT_ONCE = 8
_POWER = "hardware/power_w"
_RUN = "run:"


def subject_of(run_id: int) -> str:
    """Return what the job on a run calls its subject."""
    return f"{_RUN}{run_id}"


def run_id_of(subject: str) -> int:
    """Return the run that a job's subject is, or 0 where it is none."""
    return int(subject[len(_RUN) :]) if subject.startswith(_RUN) else 0


class Training:
    """Carries one run through its compute target and keeps its row true.

    Args:
        session: The open project.
        run_id: The run.
        device: The device whose turn it is, such as `cuda:1`; empty leaves it to the run's own wish.
    """

    def __init__(self, session: "Session", run_id: int, device: str = "") -> None:
        self._session = session
        self._run_id = run_id
        self._device = device

    def run(self, token: CancelToken, progress: Progress) -> Run:
        """Train; when this returns or raises, the row tells what happened.

        Raises:
            UserError: The run failed or was interrupted by a fault the user can mend.
            CancelledError: It was stopped before it began.
        """
        try:
            token.check()
            self._update(state=RunState.RUNNING, started_at=datetime.now(UTC))
            outcome = self._carry(token, progress)
        except CancelledError:
            self._end_before_it_began(interrupted=token.interrupted)
            raise
        except WorkerLostError as error:
            self._end_lost(error, token)
        except (DiskError, StoreError) as error:
            # The disk's fault, not the run's: what was written before is whole, so it can go on later.
            self._end(RunState.INTERRUPTED, str(error))
            raise
        except UserError as error:
            self._end(RunState.FAILED, str(error))
            raise
        except Exception as error:
            message = self._explain(error)
            self._end(RunState.FAILED, message)
            if is_out_of_memory(error):
                raise UserError(message) from error
            raise
        return self._finish(outcome)

    def _carry(self, token: CancelToken, progress: Progress) -> "Outcome":
        """Train, and once more from the last checkpoint after a fault that may pass."""
        try:
            return self._train(token, progress)
        except Exception as error:
            if token.cancelled or not is_passing(error):
                raise
            self._log(LogLevel.DEBUG, "".join(traceback.format_exception(error)))
            self._log(LogLevel.WARNING, f"{_first_line(error)} Trying once more from {self._last_place()}.")
            run = self._session.training.get(self._run_id)
            if run.state is RunState.PAUSED:
                self._on_hold(False, "")
            instead = _second_target(error, run.train.target)
        # Outside the handler, where the error no longer holds a model in memory.
        return self._train(token, progress, instead)

    def _train(self, token: CancelToken, progress: Progress, instead: str | None = None) -> "Outcome":
        from workbench.training.job import Callbacks

        session, run = self._session, self._session.training.get(self._run_id)
        dataset = session.datasets.get(run.dataset_id)
        require_whole(session, dataset)
        folder = session.folder.run(run.id)
        make_folder(folder)
        self._tidy(folder)
        last = session.store.checkpoints.get(run.id, "last")
        spec = TrainSpec(
            kind=dataset.imported.kind,
            data=session.folder.resolve(dataset.folder),
            schema=dataset.schema,
            split=run.split,
            preparation=run.preparation,
            family=run.family,
            fields=run.family_fields,
            config=run.train.model_copy(update={"device": self._device or run.train.device}),
            folder=folder,
            threads=min(run.threads, os.cpu_count() or 1),
            precision=run.precision,
            resume=(session.folder.resolve(last.path), last.sha256) if last else None,
        )
        callbacks = Callbacks(
            on_start=self._on_start,
            on_points=self._on_points,
            on_checkpoint=self._on_checkpoint,
            on_progress=progress,
            on_hold=self._on_hold,
            on_best=self._on_best,
            on_log=self._log,
        )
        target = _target_of(run, instead or run.train.target).chosen(spec, session.workers)
        return target.run(spec, callbacks, token, session.workers)

    def _on_start(self, device: str, threads: int, parameters: int, precision: str) -> None:
        self._update(device=device, threads=threads, parameters=parameters, precision=precision)
        self._log(LogLevel.INFO, f"{parameters:,} weights on {device}, computing in {precision}.")

    def _on_best(self, epoch: int) -> None:
        self._update(best_epoch=epoch)

    def _on_points(self, points: dict[str, Points], epoch: int, step: int) -> None:
        before_s = self._measured_until_s() if _POWER in points else 0.0
        added = self._session.store.metrics.append(self._run_id, points, epoch=epoch, steps=step)
        if _POWER in added:
            run = self._session.training.get(self._run_id)
            self._update(energy_wh=run.energy_wh + _energy_wh(added[_POWER], before_s))
        if added:
            self._session.bus.publish(MetricsLogged(self._run_id, epoch, step, added))

    def _measured_until_s(self) -> float:
        """Return up to which second of training the power is known."""
        metrics = self._session.store.metrics
        last = metrics.last_step(self._run_id, _POWER)
        return float(metrics.points(self._run_id, _POWER, last).times_s[-1]) if last is not None else 0.0

    def _on_checkpoint(self, role: str, path: Path, sha256: str, epoch: int, step: int) -> None:
        store, folder = self._session.store, self._session.folder
        before = store.checkpoints.get(self._run_id, role)
        store.checkpoints.put(Checkpoint(self._run_id, role, folder.relative(path), sha256, epoch, step))
        if before is not None and before.path != folder.relative(path):
            folder.resolve(before.path).unlink(missing_ok=True)
        self._session.bus.publish(CheckpointWritten(self._run_id, step, sha256))

    def _log(self, level: LogLevel, text: str) -> None:
        self._session.store.run_log.add(self._run_id, level, text)
        self._session.bus.publish(RunLogged(self._run_id))

    def _on_hold(self, held: bool, why: str) -> None:
        self._update(state=RunState.PAUSED if held else RunState.RUNNING, message=why)
        self._session.jobs.set_paused(subject_of(self._run_id), held)

    def _finish(self, outcome: "Outcome") -> Run:
        run = self._update(
            state=outcome.state,
            message=outcome.message,
            epochs=outcome.epochs,
            steps=outcome.steps,
            best_epoch=outcome.best_epoch,
            weights_sha256=outcome.weights_sha256,
            seconds=outcome.seconds,
            ended_at=datetime.now(UTC),
        )
        words = f"{run.state.capitalize()} after {run.epochs:,} epochs and {run.steps:,} steps. {run.message}"
        level = LogLevel.ERROR if run.state is RunState.DIVERGED else LogLevel.INFO
        self._log(level, words.rstrip())
        describe(self._session, run)
        return run

    def _end_lost(self, error: WorkerLostError, token: CancelToken) -> NoReturn:
        """Say what became of a run whose worker is gone; it can go on from its last checkpoint.

        Raises:
            CancelledError: It was to stop anyway.
            UserError: It was not; the message says what happened and what to do.
        """
        place = self._last_place()
        if token.cancelled:
            text = f"Stopped; the training process {error.cause} before it had saved all."
            self._end(_stopped(token), f"{text} Resume goes on from {place}.")
            raise CancelledError from error
        batch = self._session.training.get(self._run_id).train.batch_size
        message = f"{_about(error, batch)} Resume goes on from {place}."
        if error.cause is not Cause.OUT_OF_MEMORY and error.cause is not Cause.KILLED:
            message += f" {self._session.report_fault(error)}"
        self._end(RunState.INTERRUPTED, message)
        raise UserError(message) from error

    def _tidy(self, folder: Path) -> None:
        """Remove the checkpoints that a kill left before their row was written: they can be large."""
        rows = (self._session.store.checkpoints.get(self._run_id, role) for role in ("best", "last"))
        kept = {self._session.folder.resolve(row.path).name for row in rows if row is not None}
        for path in folder.iterdir():
            if path.name.startswith(("best-", "last-", ".")) and path.name not in kept:
                with contextlib.suppress(OSError):
                    path.unlink()

    def _last_place(self) -> str:
        last = self._session.store.checkpoints.get(self._run_id, "last")
        return f"step {last.step:,}, its last checkpoint" if last else "its beginning"

    def _end(self, state: RunState, message: str) -> None:
        """Write the end state where that is possible; a full disk leaves it to the next start."""
        try:
            self._update(state=state, message=message, ended_at=datetime.now(UTC))
            self._log(LogLevel.ERROR if state is RunState.FAILED else LogLevel.WARNING, message)
        except (DiskError, StoreError):
            self._session.bus.publish(RunChanged(self._run_id))

    def _end_before_it_began(self, *, interrupted: bool) -> None:
        if not interrupted:
            self._end(RunState.STOPPED, "Stopped before it began.")
            return
        with contextlib.suppress(DiskError, StoreError):
            self._session.store.runs.interrupt([self._run_id])
        self._session.bus.publish(RunChanged(self._run_id))

    def _update(self, **changes: Any) -> Run:
        run = self._session.store.runs.update(self._run_id, **changes)
        self._session.bus.publish(RunChanged(self._run_id))
        return run

    def _explain(self, error: Exception) -> str:
        run = self._session.training.get(self._run_id)
        if is_out_of_memory(error):
            half = max(1, run.train.batch_size // 2)
            return f"Out of memory with batch size {run.train.batch_size}: start again with {half}."
        report = self._session.report_fault(error)
        if is_passing(error):
            told = _first_line(error)
            return f"The GPU failed twice: {told} Choose the CPU as the device, or restart. {report}"
        return report


def _target_of(run: Run, name: str) -> ComputeTarget:
    return targets.build(name, run.train.target_fields if name == run.train.target else {})


def _energy_wh(power: Points, since_s: float) -> float:
    """Return the energy that points of power stand for: each for the time since the one before it.

    Args:
        power: Power in watts.
        since_s: Time of the point before the first.
    """
    total = 0.0
    for watts, at_s in zip(power.values, power.times_s, strict=True):
        total += float(watts) * max(0.0, float(at_s) - since_s) / 3600
        since_s = float(at_s)
    return total


def describe_ended(session: "Session") -> list[int]:
    """Describe the runs that a kill between end state and `run.json` left without; returns their ids.

    A kill leaves one a device. Where many are missing somebody removed them: opening does not wait for those.
    """
    ended = session.store.runs.ended(DESCRIBED)
    missing = [run_id for run_id in ended if not description_of(session, run_id).is_file()]
    described = []
    for run_id in missing[:_MOST_AT_ONCE]:
        with contextlib.suppress(UserError, OSError):  # such as a full disk: the doctor tells of it
            describe(session, session.store.runs.get(run_id))
            described.append(run_id)
    return described


def description_of(session: "Session", run_id: int) -> Path:
    """Return where the description of a run lies."""
    return session.folder.run(run_id) / "run.json"


def describe(session: "Session", run: Run) -> None:
    """Write `run.json`, which describes a run by itself, beside its checkpoints."""
    dataset = session.datasets.get(run.dataset_id)
    text = {
        "run": run.id,
        "name": run.name,
        "dataset": {
            "id": dataset.id,
            "name": dataset.name,
            "version": dataset.version,
            "sha256": dataset.imported.sha256,
        },
        "model": {"family": run.family, "fields": dict(run.family_fields), "parameters": run.parameters},
        "train": run.train.model_dump(mode="json"),
        "split": run.split.model_dump(mode="json"),
        "preparation": run.preparation.model_dump(mode="json") if run.preparation else None,
        "state": run.state.value,
        "epochs": run.epochs,
        "steps": run.steps,
        "best_epoch": run.best_epoch,
        "metrics": dict(run.metrics),
        "device": run.device,
        "threads": run.threads,
        "seconds": run.seconds,
        "weights_sha256": run.weights_sha256,
    }  # fmt: skip
    path = description_of(session, run.id)
    make_folder(path.parent)
    atomic_write(path, json.dumps(text, indent=2, allow_nan=False).encode())


def _stopped(token: CancelToken) -> RunState:
    return RunState.INTERRUPTED if token.interrupted else RunState.STOPPED


def _second_target(first_error: Exception, wish: str) -> str:
    """Return what carries the second try: after a fault of the GPU only a fresh process finds it working."""
    if not isinstance(first_error, WorkerLostError | WorkerFaultError):
        return "process"
    not_started = isinstance(first_error, WorkerLostError) and first_error.cause is Cause.NOT_STARTED
    return "thread" if not_started and wish == "auto" else wish


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0].rstrip(".") + "."


def _about(error: WorkerLostError, batch_size: int) -> str:
    half = max(1, batch_size // 2)
    if error.cause is Cause.OUT_OF_MEMORY:
        return (
            f"Out of memory with batch size {batch_size}: the system ended the training process. "
            f"Start again with {half}, or close other programs."
        )
    if error.cause is Cause.KILLED:
        return (
            "The system ended the training process, most likely because memory ran out. If it happens again, "
            f"start with a batch size of {half} instead of {batch_size}."
        )
    if error.cause is Cause.NOT_STARTED:
        return f"{error} Choose thread as the compute target, or restart the computer."
    return f"{error} A second try did not help."
