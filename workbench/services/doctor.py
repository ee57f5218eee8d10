"""Integrity of a whole project: database, files and runs; what can be mended, and what only tidied up."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.board.state import problems
from workbench.core.errors import (
    DataError,
    NewerProjectError,
    ProjectLockedError,
    StoreError,
    UserError,
)
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Checkpoint, Dataset, Run
from workbench.core.states import RunState

if TYPE_CHECKING:
    from workbench.services.session import Session
    from workbench.store.store import Store

_CHECKPOINTED = (RunState.FINISHED, RunState.DIVERGED)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be.

    Args:
        code: Stable word for its kind, such as `checkpoint_missing`.
        message: One sentence that says what it is and what to do.
        repaired: Whether it is mended now.
        harmful: Whether it is wrong, not only left over.
    """

    code: str
    message: str
    repaired: bool = False
    harmful: bool = True


def examine(path: Path, *, repair: bool = False) -> list[Problem]:
    """Look at everything in a project and return what is not as it should be.

    Like every opening, this marks runs that a dead process left behind as interrupted, writes descriptions
    that it left out and removes unfinished imports. Nothing that a row points to is ever removed.

    Args:
        path: The project's folder.
        repair: Write anew what can be written anew, remove what nothing points to.

    Raises:
        UserError: There is no project.
        ProjectLockedError: Another process works on it.
        NewerProjectError: A newer version wrote it.
    """
    from workbench.services.session import Session
    from workbench.store.store import Store

    folder = ProjectFolder(path)
    if not folder.exists():
        raise UserError(f"{path} is not a Workbench project: choose a folder that holds one.")
    try:
        store = _open(Store, folder)
    except (ProjectLockedError, NewerProjectError):
        raise
    except StoreError as error:
        return [Problem("database", str(error))]
    unfinished = sorted(folder.datasets.glob(".importing-*"))
    try:
        session = Session(folder, store, read_only=store.read_only)
    except BaseException:
        store.close()
        raise
    with session:
        return list(_problems(session, unfinished, repair and not store.read_only))


def _open(store: "type[Store]", folder: ProjectFolder) -> "Store":
    try:
        return store(folder)
    except (ProjectLockedError, NewerProjectError):
        raise
    except StoreError:
        raise
    except UserError:
        # Where nothing may be written one can still look.
        return store(folder, read_only=True)


def _problems(session: "Session", unfinished: list[Path], repair: bool) -> Iterator[Problem]:
    for run_id in getattr(session, "interrupted", ()):
        name = session.training.get(run_id).name
        text = f"{name} was left as running by a process that ended: it is marked as interrupted now."
        yield Problem("run_left_running", text, repaired=True)
    for run_id in getattr(session, "described", ()):
        name = session.training.get(run_id).name
        text = f"The description run.json of {name} was missing: it is written anew."
        yield Problem("description_missing", text, repaired=True)
    for folder in unfinished:
        text = f"The import {folder.name} was never finished: what it left was removed."
        yield Problem("import_unfinished", text, repaired=not folder.exists(), harmful=False)
    try:
        sentences = session.store.check()
    except UserError as error:
        yield Problem("database", str(error))
        return
    for sentence in sentences:
        yield Problem("database", sentence)
    yield from _board(session)
    for dataset in session.datasets.all(include_deleted=True):
        yield from _dataset(session, dataset)
    for run in session.training.all(include_deleted=True):
        yield from _run(session, run, repair)
    for path in _orphans(session):
        yield _removed(session, path, repair)


def _board(session: "Session") -> Iterator[Problem]:
    try:
        found = problems(session.board.state)
    except ValueError as error:
        found = [f"A record of the board cannot be read: {str(error).splitlines()[0]}."]
    for sentence in found:
        yield Problem("board", sentence)


def _dataset(session: "Session", dataset: Dataset) -> Iterator[Problem]:
    hint = f"import {dataset.source} again"
    if not session.folder.resolve(dataset.folder).is_dir():
        text = f"The files of the dataset {dataset.name} are missing: {hint}."
        yield Problem("dataset_missing", text)
        return
    try:
        samples = session.datasets.samples(dataset.id)
        found, shape = len(samples), tuple(samples.x.shape[1:])
        lengths = {found, len(samples.y), len(samples.names)}
        # What a table view shows lies in a file of its own; its end is read, where a cut would show.
        lengths.add(found - 1 + len(session.datasets.rows(dataset.id, found - 1, found)))
    except (UserError, OSError, ValueError, KeyError, EOFError) as error:
        text = f"The files of the dataset {dataset.name} cannot be opened ({error}): {hint}."
        yield Problem("dataset_damaged", text)
        return
    if lengths != {dataset.imported.count} or shape != tuple(dataset.schema.input_shape):
        text = (
            f"The dataset {dataset.name} should have {dataset.imported.count} samples of "
            f"{dataset.schema.input_shape}, but has {found} of {shape}: {hint}."
        )
        yield Problem("dataset_damaged", text)


def _run(session: "Session", run: Run, repair: bool) -> Iterator[Problem]:
    from workbench.services.training_run import DESCRIBED, describe, description_of

    checkpoints = session.store.checkpoints.list(run.id)
    for checkpoint in checkpoints:
        yield from _checkpoint(session, run, checkpoint)
    for role in ("best", "last"):
        if run.state in _CHECKPOINTED and role not in {checkpoint.role for checkpoint in checkpoints}:
            text = f"{run.name} is {run.state} but has no {role} checkpoint: train it again."
            yield Problem("checkpoint_missing", text)
    for evaluation in session.evaluation.all(run.id):
        if evaluation.predictions and not session.folder.resolve(evaluation.predictions).is_file():
            text = (
                f"The predictions of {run.name} on the {evaluation.split} split are missing: evaluate again."
            )
            yield Problem("predictions_missing", text)
    ended = run.state in DESCRIBED and run.started_at is not None
    if ended and not description_of(session, run.id).is_file():
        # Opening left it, since so many are missing or the disk was full: all it would say is in the row.
        text = f"The description run.json of {run.name} is missing: --repair writes it anew."
        problem = Problem("description_missing", text)
        yield _mended(problem, lambda: describe(session, run)) if repair else problem


def _checkpoint(session: "Session", run: Run, checkpoint: Checkpoint) -> Iterator[Problem]:
    from workbench.training.checkpoints import read_checkpoint, trained_model
    from workbench.training.devices import find_device

    path = session.folder.resolve(checkpoint.path)
    if not path.is_file():
        text = f"The {checkpoint.role} checkpoint of {run.name} is missing: train it again."
        yield Problem("checkpoint_missing", text)
        return
    try:
        trained_model(read_checkpoint(path, checkpoint.sha256), find_device("cpu"))
    except (DataError, KeyError, TypeError, ValueError) as error:
        yield Problem("checkpoint_damaged", f"The {checkpoint.role} checkpoint of {run.name}: {error}")


def _orphans(session: "Session") -> Iterator[Path]:
    """Yield what lies in the folders of datasets and runs, and no row points to."""
    folder, store = session.folder, session.store
    used = {folder.resolve(dataset.folder) for dataset in session.datasets.all(include_deleted=True)}
    runs = {run.id for run in session.training.all(include_deleted=True)}
    if folder.datasets.is_dir():
        yield from (path for path in sorted(folder.datasets.iterdir()) if path.resolve() not in used)
    home = folder.run(0).parent
    for place in sorted(home.iterdir()) if home.is_dir() else ():
        if not place.name.isdecimal() or int(place.name) not in runs or not place.is_dir():
            yield place
            continue
        run_id = int(place.name)
        kept = {folder.resolve(row.path) for row in store.checkpoints.list(run_id)}
        kept |= {folder.resolve(item.predictions) for item in store.evaluations.list(run_id)}
        kept.add(place.resolve() / "run.json")
        yield from (path for path in sorted(place.iterdir()) if path.resolve() not in kept)
    yield from sorted(folder.root.glob(".*.part"))


def _removed(session: "Session", path: Path, repair: bool) -> Problem:
    name = path.relative_to(session.folder.root)
    if not repair:
        text = f"{name} belongs to nothing in the project, such as after a kill: --repair removes it."
        return Problem("left_over", text, harmful=False)

    def remove() -> None:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    return _mended(Problem("left_over", f"{name} belonged to nothing in the project.", harmful=False), remove)


def _mended(problem: Problem, mend: Callable[[], object]) -> Problem:
    try:
        mend()
    except (UserError, OSError) as error:
        return replace(problem, message=f"{problem.message} It could not be mended: {error}.")
    return replace(problem, repaired=True)
