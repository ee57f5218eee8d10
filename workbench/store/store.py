"""The open database of one project, with a repository a noun."""

from types import TracebackType
from typing import Self

from sqlalchemy import text

from workbench.core.errors import StoreError
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Project
from workbench.store.board import BoardRows
from workbench.store.checkpoints import CheckpointRows
from workbench.store.database import Database
from workbench.store.datasets import DatasetRows
from workbench.store.evaluations import EvaluationRows
from workbench.store.health import HealthRows
from workbench.store.lock import ProjectLock
from workbench.store.metrics import MetricStore
from workbench.store.projects import ProjectRows, creation
from workbench.store.recipes import RecipeRows
from workbench.store.run_log import RunLogRows
from workbench.store.runs import RunRows
from workbench.store.schema import create, look


class Store:
    """Everything that a project's database holds. From any thread; `close` it, or use it as a context.

    Args:
        folder: The project.
        read_only: Only look, beside a window that has it open or where nothing may be written.

    Raises:
        NewerProjectError: A newer version wrote the project; not a byte was changed.
        ProjectLockedError: Another window has it open; the message says which.
        StoreError: There is no project, or its database is damaged.
        DiskError: The disk is full or read-only.
    """

    def __init__(self, folder: ProjectFolder, *, read_only: bool = False) -> None:
        # Before the lock, which writes: a project of a newer version stays as it is.
        look(folder.database)
        self._open(folder, None if read_only else _locked(folder))

    @classmethod
    def create(cls, folder: ProjectFolder, project: Project) -> Self:
        """Make the database of a new project in its folder, which has to exist, and open it.

        Raises:
            StoreError: The folder is missing or holds a project already.
            DiskError: The disk is full or read-only.
        """
        if not folder.root.is_dir():
            raise StoreError(f"{folder.root} does not exist: make the folder first, or choose another one.")
        lock = _locked(folder)
        try:
            create(folder.database, creation(project))
        except BaseException:
            lock.release()
            raise
        store = cls.__new__(cls)
        store._open(folder, lock)
        return store

    def _open(self, folder: ProjectFolder, lock: ProjectLock | None) -> None:
        self._lock = lock
        try:
            self.database = Database(folder.database, read_only=lock is None)
        except BaseException:
            if lock:
                lock.release()
            raise
        self.read_only = lock is None
        self.project = ProjectRows(self.database)
        self.datasets = DatasetRows(self.database)
        self.health = HealthRows(self.database)
        self.runs = RunRows(self.database)
        self.checkpoints = CheckpointRows(self.database)
        self.evaluations = EvaluationRows(self.database)
        self.metrics = MetricStore(self.database)
        self.run_log = RunLogRows(self.database)
        self.board = BoardRows(self.database)
        self.recipes = RecipeRows(self.database)

    def check(self) -> list[str]:
        """Return a sentence for everything in the database that is not as it should be."""
        problems = []
        for look_at in (self._damage, self._orphans, self.metrics.problems):
            try:
                problems += look_at()
            except StoreError as error:
                problems.append(str(error))
        return problems

    def _damage(self) -> list[str]:
        with self.database.read() as connection:
            verdicts = connection.scalars(text("PRAGMA integrity_check")).all()
        return [f"The database is damaged: {verdict}." for verdict in verdicts if verdict != "ok"]

    def _orphans(self) -> list[str]:
        with self.database.read() as connection:
            rows = connection.execute(text("PRAGMA foreign_key_check")).all()
        return [f"Row {row[1]} of {row[0]} belongs to a row of {row[2]} that is missing." for row in rows]

    def close(self) -> None:
        """Close the database and give the lock back. Safe to call twice."""
        self.database.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _locked(folder: ProjectFolder) -> ProjectLock:
    lock = ProjectLock(folder.lock)
    lock.acquire()
    return lock
