"""One run on its way through the device lane: from its row to its end state, everything durable first."""

import contextlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.control import CancelToken, Progress
from workbench.core.errors import CancelledError, DiskError, StoreError, UserError
from workbench.core.events import CheckpointWritten, MetricsLogged, RunChanged, RunLogged
from workbench.core.files import atomic_write, make_folder
from workbench.core.records import Checkpoint, Points, Run
from workbench.core.states import LogLevel, RunState
from workbench.services.data_check import require_whole
from workbench.services.targets.base import TrainSpec, targets

if TYPE_CHECKING:
    from workbench.services.session import Session
    from workbench.training.job import Outcome


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
            outcome = self._train(token, progress)
        except CancelledError:
            self._end_before_it_began(interrupted=token.interrupted)
            raise
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
            if _is_out_of_memory(error):
                raise UserError(message) from error
            raise
        return self._finish(outcome)

    def _train(self, token: CancelToken, progress: Progress) -> "Outcome":
        from workbench.training.job import Callbacks

        session, run = self._session, self._session.training.get(self._run_id)
        dataset = session.datasets.get(run.dataset_id)
        require_whole(session, dataset)
        folder = session.folder.run(run.id)
        make_folder(folder)
        last = session.store.checkpoints.get(run.id, "last")
        spec = TrainSpec(
            kind=dataset.imported.kind,
            data=session.folder.resolve(dataset.folder),
            schema=dataset.schema,
            split=run.split,
            family=run.family,
            fields=run.family_fields,
            config=run.train.model_copy(update={"device": self._device or run.train.device}),
            folder=folder,
            threads=min(run.threads, os.cpu_count() or 1),
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
        return targets.build(run.train.target).run(spec, callbacks, token)

    def _on_start(self, device: str, threads: int, parameters: int, precision: str) -> None:
        self._update(device=device, threads=threads, parameters=parameters, precision=precision)
        self._log(LogLevel.INFO, f"{parameters:,} weights on {device}, computing in {precision}.")

    def _on_best(self, epoch: int) -> None:
        self._update(best_epoch=epoch)

    def _on_points(self, points: dict[str, Points], epoch: int, step: int) -> None:
        added = self._session.store.metrics.append(self._run_id, points, epoch=epoch, steps=step)
        if added:
            self._session.bus.publish(MetricsLogged(self._run_id, epoch, step, added))

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
        describe(self._session, run)
        return run

    def _end(self, state: RunState, message: str) -> None:
        """Write the end state where that is possible; a full disk leaves it to the next start."""
        try:
            self._update(state=state, message=message, ended_at=datetime.now(UTC))
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
        if _is_out_of_memory(error):
            half = max(1, run.train.batch_size // 2)
            return f"Out of memory with batch size {run.train.batch_size}: start again with {half}."
        return self._session.report_fault(error)


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
    atomic_write(
        session.folder.run(run.id) / "run.json", json.dumps(text, indent=2, allow_nan=False).encode()
    )


def _is_out_of_memory(error: Exception) -> bool:
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError)
        and (type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in str(error))
    )
