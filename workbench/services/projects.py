"""Verbs on whole projects: make, open, begin from a starter, check."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.core.errors import DataError, UserError
from workbench.core.files import disk_error, make_folder
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Project, Starter

if TYPE_CHECKING:
    from workbench.services.session import Session


def default_home() -> Path:
    """Return the folder where new projects go when nobody says otherwise."""
    from platformdirs import user_documents_path

    return user_documents_path() / "Workbench"


def free_folder(name: str) -> Path:
    """Return a folder for a new project of that name, not yet there."""
    word = re.sub(r"[^\w\- ]+", "", name).strip() or "project"
    number, folder = 2, default_home() / word
    while folder.exists():
        number, folder = number + 1, default_home() / f"{word} {number}"
    return folder


def starter_folder(name: str) -> Path:
    """Return where the project of a starter lies when nobody says otherwise."""
    return default_home() / find_starter(name).title


def create_project(path: Path, *, name: str | None = None, starter: str | None = None) -> "Session":
    """Make a project folder and open it.

    Args:
        path: The folder; it may exist when it is empty.
        name: Name of the project; the folder's name when not given.
        starter: Name of a starter; its files are imported by `begin_starter`.

    Raises:
        UserError: There is something already, or the place cannot be written.
    """
    from workbench.services.session import Session
    from workbench.store.store import Store

    if starter is not None:
        find_starter(starter)
    folder = ProjectFolder(path)
    if folder.exists():
        raise UserError(f"{path} is a project already: open it, or choose another folder.")
    try:
        taken = path.exists() and (not path.is_dir() or not all(map(_left_over, path.iterdir())))
    except OSError as error:
        raise disk_error(path, error) from error
    if taken:
        raise UserError(f"{path} is not an empty folder: choose another one for the project.")
    make_folder(path)
    project = Project(name or path.absolute().name, datetime.now(UTC), starter=starter)
    return Session(folder, Store.create(folder, project))


def _left_over(path: Path) -> bool:
    """Return whether this is what a making of a project leaves that a kill or a full disk broke off."""
    return path.name.startswith(("project.lock", ".project."))


def open_project(path: Path, *, read_only: bool = False) -> "Session":
    """Open a project.

    Raises:
        UserError: There is no project, another process has it open, or a newer version wrote it.
    """
    from workbench.services.session import Session
    from workbench.store.store import Store

    folder = ProjectFolder(path)
    if not folder.exists():
        raise UserError(
            f"{path} is not a Workbench project: make one with `workbench new`, or choose another."
        )
    store = Store(folder, read_only=read_only)
    try:
        return Session(folder, store, read_only=read_only)
    except BaseException:
        store.close()  # such as a full disk: the project must not stay locked by us
        raise


def starters() -> list[Starter]:
    """Return the starters: real data to begin with."""
    from workbench.datasets.starters import starters as known

    return known()


def find_starter(name: str) -> Starter:
    """Return the starter of that name.

    Raises:
        UserError: There is none; the message names the nearest.
    """
    from workbench.core.registry import nearest

    known = {starter.name: starter for starter in starters()}
    if name not in known:
        raise UserError(f"There is no starter {name!r}. {nearest(name, list(known))}")
    return known[name]


def open_starter(name: str, path: Path | None = None) -> "Session":
    """Open the project of a starter; it is made when it is not there.

    Args:
        name: The starter.
        path: The project's folder; `starter_folder` when not given.

    Raises:
        UserError: There is no such starter, or the project cannot be made or opened.
    """
    path = path or starter_folder(name)
    if ProjectFolder(path).exists():
        return open_project(path)
    return create_project(path, starter=name)


def begin_starter(session: "Session") -> int:
    """Write the files of the project's starter and import them with the importer; returns the job's id.

    The job's result is the Dataset.

    Raises:
        DataError: The project has no starter.
    """
    from workbench.core.configs import ImportConfig
    from workbench.core.control import CancelToken, Progress
    from workbench.core.records import Dataset

    name = session.project.starter
    if name is None:
        raise DataError("This project was not made from a starter: import your own data.")
    starter = find_starter(name)

    def work(token: CancelToken, progress: Progress) -> Dataset:
        from workbench.datasets.starters import write_starter
        from workbench.services.board_setup import set_up_starter

        progress(0, 0, "setting up the board")
        set_up_starter(session)
        progress(0, 0, "writing files")
        make_folder(session.folder.samples)
        source = write_starter(name, session.folder.samples)
        return session.datasets.import_now(source, ImportConfig(name=starter.title), token, progress)

    return session.jobs.submit("import", f"Import {starter.title}", work, subject="import")
