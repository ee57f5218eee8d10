"""The runs that wait for their turn: their order, holding them, and putting them back after a restart."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken, Progress
from workbench.core.errors import UserError
from workbench.core.events import QueueChanged, RunChanged
from workbench.core.records import Run
from workbench.core.states import JobState, RunState
from workbench.services.training_run import Training, run_id_of, subject_of

if TYPE_CHECKING:
    from workbench.services.session import Session

NEVER_BEGAN = "Stopped before it began."
_QUEUE = "training"
_LANE = "device-"


class RunQueue:
    """One queue for all devices: whichever is free takes the first run that may compute on it.

    That it is held is forgotten with the process: no run begins by itself when a project is opened, and a
    hold that somebody set last week must not let a command wait for ever.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session

    @property
    def held(self) -> bool:
        """Whether no further run begins."""
        return self._session.jobs.is_held(_QUEUE)

    def hold(self, held: bool) -> None:
        """Let no further run begin, or let them begin again; runs at work go on."""
        self._session.jobs.hold(_QUEUE, held)
        self._session.bus.publish(QueueChanged())

    def warm_up(self, config: TrainConfig) -> None:
        """Let a process that was asked for load torch while this one does."""
        if config.target == "process":
            self._session.workers.warm_up()

    def submit(self, run: Run, lanes: Sequence[str]) -> None:
        """Let a run wait for its turn on one of the lanes."""
        session, subject = self._session, subject_of(run.id)

        def work(token: CancelToken, progress: Progress) -> Run:
            job = session.jobs.find(subject)
            device = job.lane.removeprefix(_LANE) if job is not None else ""
            return Training(session, run.id, device).run(token, progress)

        session.jobs.submit(
            lanes,
            f"Train {run.name}",
            work,
            subject=subject,
            queue=_QUEUE,
            place=run.queue_place,
            together=run.train.target == "distributed",
        )

    def move(self, run_ids: Sequence[int], to: int) -> None:
        """Put runs that wait, together, at a place of the queue; 0 is next. Can be undone.

        Raises:
            UserError: One of them does not wait any more.
        """
        session = self._session
        chosen = set(run_ids)
        by_subject = session.jobs.by_subject()
        for run_id in run_ids:
            job = by_subject.get(subject_of(run_id))
            if job is None or job.state is not JobState.WAITING:
                run = session.training.get(run_id)
                what = "has begun" if run.state.active else f"is {run.state}"
                raise UserError(f"{run.name} {what}, so it has no place in the queue any more.")
        before = list(session.store.runs.places())
        rest = [run_id for run_id in before if run_id not in chosen]
        to = max(0, min(to, len(rest)))
        after = [*rest[:to], *(run_id for run_id in before if run_id in chosen), *rest[to:]]
        if after != before:
            name = session.training.get(run_ids[0]).name
            label = f"Move {name if len(chosen) == 1 else f'{len(chosen)} runs'} in the queue"
            session.change(label, lambda: self._put(after), lambda: self._put(before), QueueChanged())

    def take_out(self, run_ids: Sequence[int]) -> None:
        """Stop those of the runs that still wait, all at once. Can be undone."""
        session, waiting = self._session, self._session.store.runs.places()
        chosen = [run_id for run_id in waiting if run_id in set(run_ids)]
        if not chosen:
            return
        name = session.training.get(chosen[0]).name if len(chosen) == 1 else f"{len(chosen)} runs"
        before = list(waiting)
        session.change(
            f"Take {name} out of the queue",
            lambda: self._take_out(chosen),
            lambda: self._put_back(chosen, before),
            QueueChanged(),
        )

    def again(self, runs: Sequence[Run]) -> None:
        """Queue runs that ended early, those first that stood first, all or none.

        Raises:
            UserError: One of them cannot go on; the message says why.
        """
        runs = sorted(runs, key=lambda run: (run.queue_place, run.id))
        for run in runs:
            if run.deleted_at is not None:
                raise UserError(f"{run.name} is in the bin: restore it first.")
            if not run.state.resumable:
                raise UserError(f"{run.name} is {run.state}, so there is nothing to resume: start a new run.")
            self.warm_up(run.train)
        lanes = {run.id: lanes_for(run.train.device) for run in runs}
        for run in self._session.store.runs.queue_again([run.id for run in runs]):
            self._session.bus.publish(RunChanged(run.id))
            self.submit(run, lanes[run.id])

    def leave(self) -> None:
        """Take all that waits out of the queue, in one transaction: the project is being closed."""
        jobs = self._session.jobs
        waiting = [job for job in jobs.waiting(_QUEUE) if jobs.withdraw(job.id)]
        self._session.store.runs.interrupt([run_id_of(job.subject) for job in waiting])

    def _take_out(self, run_ids: Sequence[int]) -> None:
        session, by_subject = self._session, self._session.jobs.by_subject()
        jobs = {run_id: by_subject.get(subject_of(run_id)) for run_id in run_ids}
        gone = [run_id for run_id, job in jobs.items() if job is not None and session.jobs.withdraw(job.id)]
        with session.store.database.write():
            for run_id in gone:
                session.store.runs.update(run_id, state=RunState.STOPPED, message=NEVER_BEGAN)
        for run_id in gone:
            session.bus.publish(RunChanged(run_id))

    def _put_back(self, run_ids: Sequence[int], order: Sequence[int]) -> None:
        """Queue again what was taken out, where it was; what was resumed or deleted since is left alone."""
        runs = self._session.store.runs.some(run_ids)
        self.again([run for run in runs if run.state is RunState.STOPPED and run.deleted_at is None])
        self._put(order)

    def _put(self, order: Sequence[int]) -> None:
        """Bring those that still wait into an order; what was queued meanwhile stays behind them."""
        rows, jobs = self._session.store.runs, self._session.jobs
        waiting = rows.places()
        known = dict.fromkeys(run_id for run_id in order if run_id in waiting)
        wanted = [*known, *(run_id for run_id in waiting if run_id not in known)]
        places = dict(zip(wanted, sorted(waiting.values()), strict=True))
        rows.set_places({run_id: place for run_id, place in places.items() if waiting[run_id] != place})
        by_subject = jobs.by_subject()
        working = {run_id: by_subject.get(subject_of(run_id)) for run_id in places}
        jobs.arrange({job.id: places[run_id] for run_id, job in working.items() if job is not None})


def lanes_for(wish: str) -> tuple[str, ...]:
    """Return the lanes of the devices that a run may compute on: with `auto`, of every GPU there is.

    Raises:
        UserError: The device is not on this machine.
    """
    import torch

    from workbench.training.devices import find_device

    device = find_device(wish)
    if device.type != "cuda":
        return (f"{_LANE}{device.type}",)
    numbers = range(torch.cuda.device_count()) if device.index is None else [device.index]
    return tuple(f"{_LANE}cuda:{number}" for number in numbers)
