"""Rows of checkpoints: at most one a run and role."""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert

from workbench.core.records import Checkpoint
from workbench.store.database import Database
from workbench.store.rows import columns_of
from workbench.store.tables import checkpoints


class CheckpointRows:
    """Reads and replaces checkpoints."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, checkpoint: Checkpoint) -> None:
        """Record a checkpoint in place of the run's former one of the same role."""
        values = asdict(checkpoint)
        statement = insert(checkpoints).values(**values)
        with self._database.write() as connection:
            connection.execute(
                statement.on_conflict_do_update(index_elements=["run_id", "role"], set_=values)
            )

    def list(self, run_id: int) -> list[Checkpoint]:
        """Return all checkpoints of a run: the best, the last, and those that are kept, the oldest first."""
        query = (
            select(*columns_of(checkpoints, Checkpoint))
            .where(checkpoints.c.run_id == run_id)
            .order_by(checkpoints.c.step, checkpoints.c.id)
        )
        with self._database.read() as connection:
            return [Checkpoint(**row) for row in connection.execute(query).mappings()]

    def get(self, run_id: int, role: str) -> Checkpoint | None:
        """Return the run's checkpoint of that role, such as `last` or `best`."""
        query = select(*columns_of(checkpoints, Checkpoint)).where(
            checkpoints.c.run_id == run_id, checkpoints.c.role == role
        )
        with self._database.read() as connection:
            row = connection.execute(query).mappings().one_or_none()
        return None if row is None else Checkpoint(**row)
