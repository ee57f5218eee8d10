"""Verbs on runs: start, repeat, queue, pause, stop, resume, name, star, delete."""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.core.configs import PrepareConfig, SplitConfig, TrainConfig
from workbench.core.errors import DataError, UserError
from workbench.core.events import RunChanged
from workbench.core.records import Job, LogLine, Points, Run
from workbench.core.registry import nearest
from workbench.core.states import JobState, LogLevel, RunState, Split
from workbench.services.hardware import wait_for_torch
from workbench.services.names import run_name
from workbench.services.repeats import Spread, group_of, spread
from workbench.services.retries import half_batch, smaller_rate
from workbench.services.run_queue import NEVER_BEGAN, RunQueue, lanes_for
from workbench.services.training_run import run_id_of, subject_of

if TYPE_CHECKING:
    from workbench.services.session import Session

Within = Callable[[Callable[[], int]], object]


class TrainingService:
    """The runs of an open project."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._queue = RunQueue(session)

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
        *,
        parent_id: int | None = None,
        preparation: PrepareConfig | None = None,
        within: Within | None = None,
    ) -> int:
        """Queue a run and return its id. Loads torch the first time: not for the window's thread.

        Args:
            dataset_id: What it learns from.
            family: Name of the model family, with its `fields`.
            fields: Settings of the model.
            train: Settings of the training.
            name: Its name; a readable one when not given.
            parent_id: The run that it was cloned from.
            preparation: How samples are prepared; as the dataset says when not given.
            within: Calls what it is given, which writes the row and returns its id, in its own transaction.

        Raises:
            UserError: A setting is wrong; `fields` of the error has one sentence a wrong field.
        """
        settings = (dataset_id, family, fields or {}, train or TrainConfig(), name, parent_id)
        return self._begin(*settings, within=within, preparation=preparation)[0]

    def repeat(
        self,
        dataset_id: int,
        family: str,
        fields: Mapping[str, Any],
        train: TrainConfig,
        seeds: int,
        name: str | None = None,
        parent_id: int | None = None,
        *,
        all_folds: bool = False,
        preparation: PrepareConfig | None = None,
    ) -> list[int]:
        """Queue runs that differ in their seed alone, `train.seed` and those after it, and return their ids.

        With `all_folds` each fold of the split validates in a run of its own as well. All are queued or none;
        several belong together by their `group_id`.

        Raises:
            UserError: A setting is wrong; `fields` of the error has one sentence a wrong field.
        """
        settings = (dataset_id, family, fields, train, name, parent_id)
        return self._begin(*settings, preparation=preparation, seeds=seeds, all_folds=all_folds)

    def start_with_half_batch(self, run_id: int) -> int:
        """Start a run anew with half the batch, two for each step of before, and return the new run's id.

        Raises:
            UserError: Its batch is one sample already.
        """
        run = self.get(run_id)
        samples = len(self._session.datasets.split_indices(run.dataset_id, run.split)[Split.TRAIN])
        return self._start_like(run, half_batch(run, samples))

    def start_with_smaller_rate(self, run_id: int) -> int:
        """Start a run anew with a tenth of its learning rate and return the new run's id."""
        run = self.get(run_id)
        return self._start_like(run, smaller_rate(run))

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
        else:
            self.resume_all([run_id])

    def resume_all(self, run_ids: Iterable[int]) -> None:
        """Queue runs again that ended early or have not begun, in their former order, all or none.

        Raises:
            UserError: One of them cannot go on; the message says why.
        """
        self._session.require_writable()
        self._queue.again(self.some(run_ids))

    def left_waiting(self) -> list[Run]:
        """Return the runs that waited when the program ended and have not begun: they can be queued again."""
        return self._session.store.runs.left_waiting()

    def move(self, run_id: int, to: int) -> None:
        """Put a run that waits at a place of the queue; 0 is next. Can be undone.

        Raises:
            UserError: It has begun meanwhile, or waits no longer.
        """
        self.move_all([run_id], to)

    def move_all(self, run_ids: Sequence[int], to: int) -> None:
        """Put runs that wait together at a place of the queue; 0 is next. Can be undone.

        Raises:
            UserError: One of them has begun meanwhile, or waits no longer.
        """
        self._session.require_writable()
        self._queue.move(run_ids, to)

    def take_out(self, run_ids: Sequence[int]) -> None:
        """Stop those of these runs that still wait, all at once. Can be undone."""
        self._session.require_writable()
        self._queue.take_out(run_ids)

    def hold_queue(self, held: bool) -> None:
        """Pause the queue: runs at work go on, no further one begins. Ends with the process."""
        self._session.require_writable()
        self._queue.hold(held)

    @property
    def queue_held(self) -> bool:
        """Whether the queue is paused."""
        return self._queue.held

    def queue(self) -> list[Run]:
        """Return the runs that wait, the next one first."""
        return self._session.store.runs.waiting()

    def places(self) -> dict[int, int]:
        """Return the place of each run that waits, by its id, the next one first; quicker than `queue`."""
        return self._session.store.runs.places()

    def leave_queue(self) -> None:
        """Note in their rows that runs were waiting when the project was closed."""
        self._queue.leave()

    def pause(self, run_id: int) -> None:
        """Hold a running run still; its state is on disk while it waits."""
        if (job := self.job(run_id)) is not None:
            self._session.jobs.pause(job.id)

    def stop(self, run_id: int, *, after_epoch: bool = False) -> None:
        """Stop a run now, or when its epoch ends; the best weights are kept either way."""
        job = self.job(run_id)
        if job is not None and after_epoch and job.state is not JobState.WAITING:
            self._session.jobs.stop_after_epoch(job.id)
        elif job is not None and self._session.jobs.withdraw(job.id):
            self._session.store.runs.update(run_id, state=RunState.STOPPED, message=NEVER_BEGAN)
            self._session.bus.publish(RunChanged(run_id))
        elif job is not None:
            self._session.jobs.cancel(job.id)

    def wait(self, run_id: int, timeout_s: float | None = None) -> Run:
        """Block until no work on the run is left. Not for a thread with a window.

        Raises:
            TimeoutError: It has not ended in time.
        """
        if (job := self.job(run_id)) is not None:
            self._session.jobs.join(job.id, timeout_s)
        return self.get(run_id)

    def job(self, run_id: int) -> Job | None:
        """Return the job that waits for or works on a run; None when nothing does."""
        return self._session.jobs.find(subject_of(run_id))

    def working(self) -> dict[int, Job]:
        """Return the jobs that wait for or work on runs, by the run's id; one look for all of them."""
        jobs = self._session.jobs.by_subject()
        return {run_id: job for subject, job in jobs.items() if (run_id := run_id_of(subject))}

    def all(self, *, include_deleted: bool = False) -> list[Run]:
        """Return the runs, oldest first."""
        return self._session.store.runs.list(include_deleted)

    def bin(self) -> list[Run]:
        """Return the deleted runs."""
        return [run for run in self.all(include_deleted=True) if run.deleted_at is not None]

    def get(self, run_id: int) -> Run:
        """Return one run, deleted or not."""
        return self._session.store.runs.get(run_id)

    def some(self, run_ids: Iterable[int]) -> list[Run]:
        """Return several runs, deleted or not, oldest first."""
        return self._session.store.runs.some(run_ids)

    def spread(self, run_id: int) -> dict[str, Spread]:
        """Return mean and deviation of each last measure over the seeds of a run; empty for a lone one."""
        group = self.get(run_id).group_id
        return spread([run for run in self.all() if run.group_id == group]) if group is not None else {}

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

    def overview(
        self,
        run_id: int,
        series: str,
        max_points: int = 4000,
        first_step: int | None = None,
        last_step: int | None = None,
    ) -> Points:
        """Return a series, or what lies between two steps, as a picture needs it: all or its envelope."""
        return self._session.store.metrics.overview(run_id, series, max_points, first_step, last_step)

    def count(self, run_id: int, series: str) -> int:
        """Return how many points a series has."""
        return self._session.store.metrics.count(run_id, series)

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

    def _start_like(self, run: Run, train: TrainConfig) -> int:
        """Start what a run was, divided and prepared in the same way, with other settings of the training."""
        settings = (run.dataset_id, run.family, run.family_fields, train, None, run.id)
        return self._begin(*settings, split=run.split, preparation=self._session.preparation.as_begun(run))[0]

    def _begin(
        self,
        dataset_id: int,
        family: str,
        fields: Mapping[str, Any],
        train: TrainConfig,
        name: str | None,
        parent_id: int | None,
        *,
        split: SplitConfig | None = None,
        preparation: PrepareConfig | None = None,
        within: Within | None = None,
        seeds: int = 1,
        all_folds: bool = False,
    ) -> list[int]:
        session = self._session
        session.require_writable()
        self._queue.warm_up(train)
        session.models.validate(dataset_id, family, fields, train)
        # What came as text, such as from a command line, is kept as what it is, the defaults with it.
        fields = session.models.fields(family)(**fields).model_dump(mode="json")
        dataset = session.datasets.get(dataset_id)
        preparation = session.preparation.complete(dataset, preparation or dataset.preparation)
        each = group_of(train, seeds, split := split or dataset.split, all_folds=all_folds)
        if not len(session.datasets.split_indices(dataset_id, split)[Split.TRAIN]):
            raise DataError(f"The training split of {dataset.name} is empty: give it a larger share.")
        if parent_id is not None:
            self.get(parent_id)
        name = session.checked_name(name) if name else ""
        chosen = session.checked_name(name + each[-1].suffix) if name else ""
        lanes, runs, rows = lanes_for(train.device), list[Run](), session.store.runs

        def write() -> int:
            # A run is never seen without its name, a group never in part.
            with session.store.database.write():
                for one in each:
                    made_of = (chosen, dataset_id, family, fields, one.train, one.split)
                    run = rows.add(*made_of, parent_id=parent_id, preparation=preparation)
                    first = runs[0].id if runs else run.id
                    given, group = (name or run_name(first)) + one.suffix, first if len(each) > 1 else None
                    runs.append(rows.update(run.id, name=given, group_id=group))
            return runs[0].id

        within(write) if within is not None else write()
        for run in runs:
            session.bus.publish(RunChanged(run.id))
            self._queue.submit(run, lanes)
        return [run.id for run in runs]
