"""Verbs on runs: start, pause, stop, resume, name, star, delete."""

import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken, Progress
from workbench.core.errors import DataError, UserError
from workbench.core.events import RunChanged
from workbench.core.records import Job, LogLine, Points, Run
from workbench.core.registry import nearest
from workbench.core.states import JobState, LogLevel, RunState, Split
from workbench.services.hardware import wait_for_torch
from workbench.services.names import run_name
from workbench.services.training_run import Training, subject_of

if TYPE_CHECKING:
    from workbench.services.session import Session


class TrainingService:
    """The runs of an open project."""

    def __init__(self, session: "Session") -> None:
        self._session = session

    def prepare(self) -> None:
        """Have a process ready for runs on the CPU, for as long as the project is open. Returns at once.

        Without it, or where a GPU computes, runs are carried by a thread unless they ask for a process.
        """
        session = self._session
        if session.read_only:
            return

        def begin() -> None:
            wait_for_torch()
            from workbench.training.devices import find_device

            if find_device().type == "cpu":
                session.workers.warm_up()

        session.workers.wanted = True

        # torch has to say whether there is a GPU, and two processes that load it at once hold the window up.
        threading.Thread(target=begin, name="prepare-worker", daemon=True).start()

    def start(
        self,
        dataset_id: int,
        family: str,
        fields: Mapping[str, Any] | None = None,
        train: TrainConfig | None = None,
        name: str | None = None,
    ) -> int:
        """Queue a run and return its id. Loads torch the first time: not for the window's thread.

        Raises:
            UserError: A setting is wrong; `fields` of the error has one sentence a wrong field.
        """
        session = self._session
        session.require_writable()
        config = train or TrainConfig()
        self._warm_up(config)
        fields = dict(fields or {})
        session.models.validate(dataset_id, family, fields, config)
        # What came as text, such as from a command line, is kept as what it is, the defaults with it.
        fields = session.models.fields(family)(**fields).model_dump(mode="json")
        dataset = session.datasets.get(dataset_id)
        if not len(session.datasets.split_indices(dataset_id)[Split.TRAIN]):
            raise DataError(f"The training split of {dataset.name} is empty: give it a larger share.")
        chosen = session.checked_name(name) if name else ""
        with session.store.database.write():  # a run is never seen without its name
            run = session.store.runs.add(chosen, dataset_id, family, fields, config, dataset.split)
            if not chosen:
                run = session.store.runs.rename(run.id, run_name(run.id))
        session.bus.publish(RunChanged(run.id))
        self._submit(run)
        return run.id

    def resume(self, run_id: int) -> None:
        """Go on with a stopped, interrupted or failed run from its last checkpoint, or a paused one at once.

        Raises:
            UserError: The run cannot go on; the message says why.
        """
        run = self.get(run_id)
        job = self.job(run_id)
        # A run that has ended may still have a job for a moment, which writes run.json.
        if job is not None and run.state.active:
            self._session.jobs.go_on(job.id)
            return
        self._session.require_writable()
        if not run.state.resumable:
            raise UserError(f"{run.name} is {run.state}, so there is nothing to resume: start a new run.")
        self._warm_up(run.train)
        run = self._session.store.runs.update(run_id, state=RunState.QUEUED, message="", ended_at=None)
        self._session.bus.publish(RunChanged(run_id))
        self._submit(run)

    def pause(self, run_id: int) -> None:
        """Hold a running run still; its state is on disk while it waits."""
        job = self.job(run_id)
        if job is not None:
            self._session.jobs.pause(job.id)

    def stop(self, run_id: int, *, after_epoch: bool = False) -> None:
        """Stop a run now, or when its epoch ends; the best weights are kept either way."""
        job = self.job(run_id)
        if job is not None and after_epoch and job.state is not JobState.WAITING:
            self._session.jobs.stop_after_epoch(job.id)
        elif job is not None and self._session.jobs.withdraw(job.id):
            self._session.store.runs.update(
                run_id, state=RunState.STOPPED, message="Stopped before it began."
            )
            self._session.bus.publish(RunChanged(run_id))
        elif job is not None:
            self._session.jobs.cancel(job.id)

    def wait(self, run_id: int, timeout_s: float | None = None) -> Run:
        """Block until no work on the run is left. Not for a thread with a window.

        Raises:
            TimeoutError: It has not ended in time.
        """
        job = self.job(run_id)
        if job is not None:
            self._session.jobs.join(job.id, timeout_s)
        return self.get(run_id)

    def job(self, run_id: int) -> Job | None:
        """Return the job that waits for or works on a run; None when nothing does."""
        return self._session.jobs.find(subject_of(run_id))

    def all(self, *, include_deleted: bool = False) -> list[Run]:
        """Return the runs, oldest first."""
        return self._session.store.runs.list(include_deleted)

    def bin(self) -> list[Run]:
        """Return the deleted runs."""
        return [run for run in self.all(include_deleted=True) if run.deleted_at is not None]

    def get(self, run_id: int) -> Run:
        """Return one run, deleted or not."""
        return self._session.store.runs.get(run_id)

    def find(self, word: str) -> Run:
        """Return the run with that id or name.

        Raises:
            UserError: There is none; the message names the nearest.
        """
        found = self._session.store.runs.by_name(word)
        if found is None and word.isdecimal():
            found = next((run for run in self.all() if run.id == int(word)), None)
        if found is None:
            raise UserError(f"There is no run {word!r}. {nearest(word, [run.name for run in self.all()])}")
        return found

    def series(self, run_id: int) -> list[str]:
        """Return the names of a run's series."""
        return self._session.store.metrics.series(run_id)

    def points(self, run_id: int, series: str) -> Points:
        """Return every point of a series."""
        return self._session.store.metrics.points(run_id, series)

    def overview(self, run_id: int, series: str, max_points: int = 4000) -> Points:
        """Return a series as a picture needs it: all points, or the envelope of a very long one."""
        return self._session.store.metrics.overview(run_id, series, max_points)

    def log(self, run_id: int, level: LogLevel = LogLevel.DEBUG, *, after_id: int = 0) -> list[LogLine]:
        """Return the lines of a run's log from this level on, oldest first; only those after a line's id."""
        return self._session.store.run_log.list(run_id, level, after_id=after_id)

    def rename(self, run_id: int, name: str) -> None:
        """Rename a run. Can be undone."""
        before = self.get(run_id).name
        name = self._session.checked_name(name)
        if name == before:
            return
        if any(run.name == name for run in self.all()):
            raise UserError(f"Another run is called {name}: choose a different name.", {"name": "is taken"})
        self._change(run_id, f"Rename {before}", "rename", name, before)

    def set_starred(self, run_id: int, starred: bool) -> None:
        """Star a run or take the star away. Can be undone."""
        run = self.get(run_id)
        if run.starred != starred:
            self._change(run_id, f"Star of {run.name}", "set_starred", starred, run.starred)

    def set_notes(self, run_id: int, notes: str) -> None:
        """Set the note of a run. Can be undone."""
        run = self.get(run_id)
        if run.notes != notes:
            self._change(run_id, f"Note of {run.name}", "set_notes", notes, run.notes)

    def delete(self, run_id: int) -> None:
        """Put a run into the bin. Can be undone.

        Raises:
            UserError: It is still at work.
        """
        run, store = self.get(run_id), self._session.store.runs
        if run.state.active:
            raise UserError(f"{run.name} is still {run.state}: stop it before you delete it.")
        self._session.change(
            f"Delete {run.name}",
            lambda: store.delete(run_id),
            lambda: store.restore(run_id),
            RunChanged(run_id),
        )

    def restore(self, run_id: int) -> None:
        """Take a run out of the bin. Can be undone."""
        run, store = self.get(run_id), self._session.store.runs
        self._session.change(
            f"Restore {run.name}",
            lambda: store.restore(run_id),
            lambda: store.delete(run_id),
            RunChanged(run_id),
        )

    def _change(self, run_id: int, label: str, verb: str, after: Any, before: Any) -> None:
        write = getattr(self._session.store.runs, verb)
        self._session.change(
            label, lambda: write(run_id, after), lambda: write(run_id, before), RunChanged(run_id)
        )

    def _warm_up(self, config: TrainConfig) -> None:
        """Let a process that was asked for load torch while this one does."""
        if config.target == "process":
            self._session.workers.warm_up()

    def _submit(self, run: Run) -> None:
        from workbench.training.devices import find_device

        session = self._session

        def work(token: CancelToken, progress: Progress) -> Run:
            return Training(session, run.id).run(token, progress)

        lane = f"device-{find_device(run.train.device)}"
        session.jobs.submit(lane, f"Train {run.name}", work, subject=subject_of(run.id))
