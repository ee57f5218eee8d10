"""The one row about the project itself."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Insert, insert, select, update

from workbench.core.records import Project
from workbench.core.states import Stage
from workbench.store.database import Database
from workbench.store.rows import columns_of
from workbench.store.tables import project


def creation(record: Project) -> Insert:
    """Return the statement that a new database begins with."""
    return insert(project).values(id=1, **asdict(record))


class ProjectRows:
    """Reads and changes the project's own row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self) -> Project:
        """Return the project."""
        with self._database.read() as connection:
            return Project(**connection.execute(select(*columns_of(project, Project))).mappings().one())

    def set_price(self, per_hour: float | None, currency: str) -> Project:
        """Set what an hour of training costs; None is not known."""
        with self._database.write() as connection:
            connection.execute(update(project).values(price_per_hour=per_hour, currency=currency))
            return self.get()

    def update(self, *, name: str | None = None, stage: Stage | None = None) -> Project:
        """Change name or stage; what is None stays."""
        changes: dict[str, Any] = {"name": name, "stage": stage}
        changes = {key: value for key, value in changes.items() if value is not None}
        with self._database.write() as connection:
            if changes:
                connection.execute(update(project).values(**changes))
            return self.get()
