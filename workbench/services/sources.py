"""Where datasets came from: whether a source is still there and as it was, and putting a moved one right."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress
from workbench.core.errors import DataError, DiskError
from workbench.core.events import DatasetChanged

if TYPE_CHECKING:
    from workbench.core.records import Dataset, Imported
    from workbench.datasets.base import Samples
    from workbench.services.session import Session

MARK = "source"
"""Where `Imported.details` say what the source looked like from outside."""

_BLOCK = 1024
_MANY_GONE = 0.1


def is_there(source: Path) -> bool:
    """Return whether there is a file or folder that may be looked at."""
    try:
        source.stat()
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def reading(source: Path) -> Iterator[None]:
    """Say in words that a source went away, or can no longer be read, while the block reads it.

    Raises:
        DataError: It did.
    """
    was_there = is_there(source)
    try:
        yield
    except DiskError:
        raise
    except (DataError, OSError) as error:
        if was_there and not is_there(source):
            raise DataError(
                f"{source} went away while it was read: put it back or connect its disk, then try again."
            ) from error
        if not isinstance(error, OSError) or not _is_inside(error.filename, source):
            raise
        reason = error.strerror or str(error)
        raise DataError(
            f"{source} could not be read ({reason}): see that its disk is connected and that you may read it."
        ) from error


def _is_inside(name: object, source: Path) -> bool:
    """Return whether an error is about a source; a file that was open already has no name there."""
    return name is None or (isinstance(name, str) and Path(name).is_relative_to(source))


def require_whole(source: Path, imported: "Imported") -> None:
    """Refuse an import for which the files went away one after the other, as with a disk that is taken out.

    Raises:
        DataError: They did; the message says how many.
    """
    from workbench.datasets.decoder import GONE

    gone = sum(item.reason == GONE for item in imported.skipped)
    if gone and (gone > _MANY_GONE * imported.found or not is_there(source)):
        raise DataError(
            f"{source} changed while it was imported: {gone:,} of its {imported.found:,} files went away. "
            "Put them back or connect the disk, then import it again."
        )


@contextmanager
def marking(source: Path) -> Iterator[Callable[[], dict[str, Any]]]:
    """Look at a source from outside while the block works, and give what an import's details keep of that."""
    from workbench.datasets.source_mark import source_mark

    given_up = CancelToken()
    with ThreadPoolExecutor(1, thread_name_prefix="source") as pool:
        found = pool.submit(source_mark, source, given_up)
        try:
            yield lambda: {MARK: found.result()}
        except BaseException:
            given_up.cancel()
            raise


def untouched(dataset: "Dataset", imported: "Imported", source: Path) -> bool:
    """Return whether a long table is the one that a dataset was imported from, in the same way.

    Builds of the program keep the cells of long tables in different ways, so that sums do not tell.

    Args:
        dataset: One that is there.
        imported: What was imported now.
        source: From where.
    """
    from workbench.datasets.typed_rows import is_long

    before = dataset.imported
    if {before.kind, imported.kind} != {"table"} or dataset.parent_id is not None or not is_long(source):
        return False

    def told(item: "Imported") -> tuple[object, ...]:
        return item.schema, item.found, item.skipped, item.class_counts

    same = all(imported.details.get(key) == value for key, value in before.details.items())
    return MARK in before.details and same and told(before) == told(imported)


def source_problem(session: "Session", dataset: "Dataset") -> tuple[bool, str]:
    """Return whether the source is gone, and a sentence about it; an empty one where all is as it was.

    Looks at every file of the source from outside, so not for the window's thread.
    """
    from workbench.datasets.source_mark import source_change

    source = Path(dataset.source)
    if not is_there(source):
        if (session.folder.samples / source.name).exists():  # a starter, whose project was moved
            return False, ""
        return True, (
            f"The source {source} is no longer there. The dataset is whole and can be used; relocate it if "
            "the source was only moved."
        )
    mark = dataset.imported.details.get(MARK)
    change = source_change(source, mark) if mark else ""
    if not change:
        return False, ""
    return False, (
        f"The source {source.name} has changed since the import: it has {change}. The dataset still holds "
        "what was imported; import it again to have the rest."
    )


def relocate(session: "Session", dataset_id: int, source: Path) -> int:
    """Find the content of a dataset at another place, in the background, and note that place. Can be undone.

    Returns:
        The job's id; its result is the Dataset. It fails with a DataError where the content is another one.
    """
    session.require_writable()
    dataset = session.datasets.get(dataset_id)
    source = source.absolute()

    def work(token: CancelToken, progress: Progress) -> "Dataset":
        _require_same(session, dataset, source, token, progress)
        with marking(source) as mark:
            details = {**dataset.imported.details, **mark()}
        after = str(source), replace(dataset.imported, details=details)
        before = dataset.source, dataset.imported
        write = session.store.datasets.set_source
        session.change(
            f"Relocate {dataset.name}",
            lambda: write(dataset_id, *after),
            lambda: write(dataset_id, *before),
            DatasetChanged(dataset_id),
        )
        return session.datasets.get(dataset_id)

    return session.jobs.submit("import", f"Relocate {dataset.name}", work, subject=f"relocate:{dataset_id}")


def _require_same(
    session: "Session", dataset: "Dataset", source: Path, token: CancelToken, progress: Progress
) -> None:
    """Refuse a source in which not every sample of the dataset is found under its name."""
    from workbench.datasets.sniff import find_kind

    kind = find_kind(source, ImportConfig(kind=dataset.imported.kind))
    with reading(source):
        there = kind.encode(source, dataset.schema, dataset.imported.details, token, progress).samples
    progress(0, 0, "Comparing")
    token.check()
    missing, other = _differences(session.datasets.samples(dataset.id), there, token)
    if missing or other:
        example = (missing or other)[0]
        raise DataError(
            f"{source.name} is not the same data: of {dataset.imported.count:,} samples {len(missing):,} "
            f"are not there and {len(other):,} have another content, such as {example}. Choose the place "
            "that the source was moved to, or import it as a dataset of its own."
        )


def _differences(
    ours: "Samples", theirs: "Samples", token: CancelToken
) -> tuple[Sequence[str], Sequence[str]]:
    """Return the names of our samples that are not among theirs, and those with another content there."""
    import numpy as np

    place = {name: k for k, name in enumerate(theirs.names)}
    missing, other = [], []
    for start in range(0, len(ours), _BLOCK):
        token.check()
        names = ours.names[start : start + _BLOCK]
        known = [k for k, name in enumerate(names) if name in place]
        missing += [name for name in names if name not in place]
        if not known:
            continue
        mine = np.asarray(ours.x[start : start + _BLOCK])[known]
        found = np.asarray(theirs.x[np.array([place[names[k]] for k in known], np.int64)])
        same = (mine == found) | ((mine != mine) & (found != found))  # no value is no value there as well
        different = ~same.reshape(len(known), -1).all(axis=1)
        other += [names[k] for k, differs in zip(known, different, strict=True) if differs]
    return missing, other
