"""The one row about the project itself."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, select, update

from workbench.core.errors import StoreError
from workbench.core.records import Project
from workbench.core.states import Stage
from workbench.store.database import Database
from workbench.store.rows import columns_of
from workbench.store.tables import project


class ProjectRows:
    """Reads and changes the project's own row."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self) -> Project:
        """Return the project.

        Raises:
            StoreError: The row is missing: the project was never finished.
        """
        with self._database.read() as connection:
            row = connection.execute(select(*columns_of(project, Project))).mappings().one_or_none()
        if row is None:
            raise StoreError(
                f"The project in {self._database.path.parent} was never finished: delete the folder, "
                "then make the project again."
            )
        return Project(**row)

    def create(self, record: Project) -> None:
        """Insert the row of a new project."""
        with self._database.write() as connection:
            connection.execute(insert(project).values(id=1, **asdict(record)))

    def update(self, *, name: str | None = None, stage: Stage | None = None) -> Project:
        """Change name or stage; what is None stays."""
        changes: dict[str, Any] = {"name": name, "stage": stage}
        changes = {key: value for key, value in changes.items() if value is not None}
        with self._database.write() as connection:
            if changes:
                connection.execute(update(project).values(**changes))
            return self.get()
