"""Lines of the logs of runs."""

from sqlalchemy import insert, select

from workbench.core.records import LogLine
from workbench.core.states import LogLevel
from workbench.store.database import Database
from workbench.store.rows import columns_of
from workbench.store.tables import run_log, utc_now


class RunLogRows:
    """Adds to and reads the logs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, run_id: int, level: LogLevel, text: str) -> None:
        """Add a line to a run's log."""
        with self._database.write() as connection:
            connection.execute(insert(run_log).values(run_id=run_id, at=utc_now(), level=level, text=text))

    def list(
        self, run_id: int, level: LogLevel = LogLevel.DEBUG, *, after_id: int = 0, most: int = 10_000
    ) -> list[LogLine]:
        """Return the newest lines of a run's log, oldest first.

        Args:
            run_id: The run.
            level: The least level that is wanted.
            after_id: Only lines that came after the one with this id.
            most: At most so many.
        """
        query = (
            select(*columns_of(run_log, LogLine))
            .where(run_log.c.run_id == run_id, run_log.c.id > after_id, run_log.c.level.in_(level.and_above))
            .order_by(run_log.c.id.desc())
            .limit(most)
        )
        with self._database.read() as connection:
            lines = [LogLine(**row) for row in connection.execute(query).mappings()]
        return lines[::-1]
