"""Rows of runs."""

import builtins
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, case, func, insert, select, update

from workbench.core.configs import PrepareConfig, SplitConfig, TrainConfig
from workbench.core.records import Run
from workbench.core.states import RunState
from workbench.store.database import Database
from workbench.store.rows import NamedRows, in_parts
from workbench.store.tables import runs, utc_now

_ACTIVE = [state for state in RunState if state.active]
_CUT_SHORT = "The program ended before this run did: resume it to go on."
_NEVER_BEGAN = "It was waiting when the program ended and has not begun: queue it again."


class RunRows(NamedRows[Run]):
    """Reads and changes runs."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, runs, Run, "run")

    def add(
        self,
        name: str,
        dataset_id: int,
        family: str,
        family_fields: Mapping[str, Any],
        train: TrainConfig,
        split: SplitConfig,
        *,
        parent_id: int | None = None,
        group_id: int | None = None,
        preparation: PrepareConfig | None = None,
    ) -> Run:
        """Insert a run as QUEUED, at the end of the queue.

        Args:
            name: Its name.
            dataset_id: What it learns from.
            family: Name of the model family, with its `family_fields`.
            family_fields: Settings of the model.
            train: Settings of the training.
            split: How the dataset is divided.
            parent_id: The run that it was cloned from.
            group_id: The first of the runs that differ in their seed alone.
            preparation: How its samples are prepared; None is the usual way.
        """
        with self._database.write() as connection:
            row_id = connection.execute(
                insert(runs)
                .values(
                    name=name,
                    dataset_id=dataset_id,
                    family=family,
                    family_fields=dict(family_fields),
                    train=train,
                    split=split,
                    preparation=preparation,
                    state=RunState.QUEUED,
                    created_at=utc_now(),
                    parent_id=parent_id,
                    group_id=group_id,
                    queue_place=_last_place(connection) + 1,
                )
                .returning(runs.c.id)
            ).scalar_one()
            return self._one(connection, row_id)

    def by_name(self, name: str) -> Run | None:
        """Return the newest run of that name outside the bin."""
        return self._newest(self._select().where(runs.c.name == name).order_by(runs.c.id.desc()))

    def update(self, run_id: int, **changes: Any) -> Run:
        """Change any fields of a run, all at once.

        Raises:
            ValueError: The run may not go from its state to the new one.
            UserError: There is no such run.
        """
        with self._database.write() as connection:
            old = self._one(connection, run_id).state
            new = changes.get("state", old)
            if new != old and not old.may_become(new):
                raise ValueError(f"run {run_id} is {old} and cannot become {new}")
            return self._change(run_id, **changes)

    def rename(self, run_id: int, name: str) -> Run:
        """Rename a run."""
        return self._change(run_id, name=name)

    def set_starred(self, run_id: int, starred: bool) -> Run:
        """Give a run its star, or take it away."""
        return self._change(run_id, starred=starred)

    def waiting(self) -> builtins.list[Run]:
        """Return the runs that wait, the next one first."""
        query = self._select().where(runs.c.state == RunState.QUEUED)
        return self._all(query.order_by(runs.c.queue_place, runs.c.id))

    def places(self) -> dict[int, int]:
        """Return the place of each run that waits, by its id, the next one first; rows are not read whole."""
        query = select(runs.c.id, runs.c.queue_place).where(runs.c.state == RunState.QUEUED)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(runs.c.queue_place, runs.c.id))
            return {row.id: row.queue_place for row in rows}

    def left_waiting(self) -> builtins.list[Run]:
        """Return the runs outside the bin that waited when the program ended and have not begun."""
        query = self._select().where(
            runs.c.state == RunState.INTERRUPTED, runs.c.started_at.is_(None), runs.c.deleted_at.is_(None)
        )
        return self._all(query.order_by(runs.c.queue_place, runs.c.id))

    def ended(self, states: Iterable[RunState]) -> builtins.list[int]:
        """Return the ids of the runs that have begun and are in one of these states, the newest first."""
        query = select(runs.c.id).where(runs.c.state.in_(tuple(states)), runs.c.started_at.is_not(None))
        with self._database.read() as connection:
            return list(connection.scalars(query.order_by(runs.c.id.desc())))

    def set_places(self, places: Mapping[int, int]) -> None:
        """Give runs other places in the queue, all at once."""
        if places:
            statement = update(runs).where(runs.c.id == bindparam("run"))
            values = [{"run": run_id, "place": place} for run_id, place in places.items()]
            with self._database.write() as connection:
                connection.execute(statement.values(queue_place=bindparam("place")), values)

    def queue_again(self, run_ids: Sequence[int]) -> builtins.list[Run]:
        """Put runs that ended early at the end of the queue, in this order, all or none.

        Raises:
            ValueError: One of them may not be queued again.
        """
        with self._database.write() as connection:
            last = _last_place(connection)
            return [
                self.update(
                    run_id, state=RunState.QUEUED, message="", ended_at=None, queue_place=last + number
                )
                for number, run_id in enumerate(run_ids, start=1)
            ]

    def interrupt_active(self) -> builtins.list[int]:
        """Mark what was going on when the program ended as interrupted. Called at start-up.

        Returns:
            The ids of these runs.
        """
        with self._database.write() as connection:
            ids = list(
                connection.scalars(select(runs.c.id).where(runs.c.state.in_(_ACTIVE)).order_by(runs.c.id))
            )
            self.interrupt(ids)
            return ids

    def interrupt(self, run_ids: Iterable[int]) -> None:
        """Mark those of these runs that are at work or wait as interrupted, all at once."""
        values = {
            "state": RunState.INTERRUPTED,
            "ended_at": utc_now(),
            "message": case((runs.c.started_at.is_not(None), _CUT_SHORT), else_=_NEVER_BEGAN),
        }
        with self._database.write() as connection:
            for part in in_parts(run_ids):
                active = runs.c.id.in_(part) & runs.c.state.in_(_ACTIVE)
                connection.execute(update(runs).where(active).values(**values))


def _last_place(connection: Connection) -> int:
    return connection.scalar(select(func.max(runs.c.queue_place))) or 0
