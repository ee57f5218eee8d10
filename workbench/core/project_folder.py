"""What lies where in a project folder. Rows hold paths relative to it."""

import os
from pathlib import Path

from workbench.core.errors import DataError


class ProjectFolder:
    """The folder of one project."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.root / "project.sqlite"

    @property
    def lock(self) -> Path:
        """The file that says who has the project open."""
        return self.root / "project.lock"

    @property
    def datasets(self) -> Path:
        """One folder a dataset version."""
        return self.root / "datasets"

    @property
    def samples(self) -> Path:
        """The files that a starter brought."""
        return self.root / "samples"

    @property
    def reports(self) -> Path:
        """Frozen reports and error reports."""
        return self.root / "reports"

    def run(self, run_id: int) -> Path:
        """Return the folder of one run: its checkpoints, evaluations and `run.json`."""
        return self.root / "runs" / str(run_id)

    def relative(self, path: Path) -> str:
        """Return how a row names `path`."""
        return path.absolute().relative_to(self.root).as_posix()

    def resolve(self, relative: str) -> Path:
        """Return the file that a row names.

        Raises:
            DataError: The path leads out of the project folder.
        """
        path = (self.root / relative).resolve()
        if not path.is_relative_to(self.root.resolve()):
            raise DataError(f"{relative} leads out of the project folder, so it was not opened.")
        return path

    def exists(self) -> bool:
        """Return whether a project lies here."""
        # Not asked of the Path, which raises where it may not look and where a name is too long.
        return os.path.isfile(self.database)  # noqa: PTH113
