"""Versions of datasets: samples relabelled, removed or moved, columns taken out, samples added."""

import hashlib
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.core.control import CancelToken, Progress
from workbench.core.errors import DataError, UserError
from workbench.core.events import DatasetChanged
from workbench.core.files import make_folder, sync_folder
from workbench.core.records import Dataset, Imported, Schema
from workbench.core.states import Split, Task
from workbench.services.datasets import UNFINISHED

if TYPE_CHECKING:
    from workbench.datasets.selection import Selection
    from workbench.services.session import Session

_PLACE_ROWS = 200
# What an import says of how its source was read, and which stays true whatever is selected of it.
_STAYING = ("scaled", "decoded_partly", "resampled", "id_column", "text_column", "constant_column")


@dataclass(frozen=True)
class _Draft:
    """A version before it is written."""

    selection: "Selection"
    schema: Schema


class VersionService:
    """Makes new versions of the datasets of an open project; what they are made of stays as it is.

    Every verb works in the background and returns the job's id; its result is the new Dataset. Undo puts the
    version into the bin.
    """

    def __init__(self, session: "Session") -> None:
        self._session = session

    def remove(self, dataset_id: int, samples: Sequence[int], change: str = "") -> int:
        """Leave samples out.

        Args:
            dataset_id: The version it is made of.
            samples: Numbers of the samples.
            change: What was done, in words.

        Raises:
            UserError: There is none to leave out, or the project is read-only.
        """
        import numpy as np

        places = self._places(dataset_id, samples)

        def draft(dataset: Dataset, selection: "Selection") -> _Draft:
            left = np.setdiff1d(np.arange(len(selection)), places)
            if not len(left):
                raise DataError("This would remove every sample: leave some.")
            return _Draft(selection.only(left), dataset.schema)

        words = change or f"Removed {_count(len(places), 'sample')}"
        return self._submit(dataset_id, words, draft)

    def relabel(self, dataset_id: int, labels: Mapping[int, str]) -> int:
        """Give samples another class.

        Args:
            dataset_id: The version it is made of.
            labels: By number of the sample the name of its class.

        Raises:
            UserError: There is no such class or sample, or the project is read-only.
        """
        schema = self._session.datasets.get(dataset_id).schema
        unknown = sorted(set(labels.values()) - set(schema.classes))
        if schema.task is not Task.CLASSIFICATION or unknown:
            raise UserError(f"There is no class {unknown[0] if unknown else ''} in this dataset.")
        places = self._places(dataset_id, list(labels))
        numbers = [schema.classes.index(labels[int(place)]) for place in places]

        def draft(dataset: Dataset, selection: "Selection") -> _Draft:
            new, marks = selection.labels.copy(), selection.relabelled.copy()
            new[places], marks[places] = numbers, True
            place = selection.label_place if selection.label_place >= 0 else self._label_place(dataset)
            chosen = replace(selection, labels=new, relabelled=marks, label_place=place)
            return _Draft(chosen, dataset.schema)

        return self._submit(dataset_id, f"Relabelled {_count(len(places), 'sample')}", draft)

    def move(self, dataset_id: int, parts: Mapping[int, Split], change: str = "") -> int:
        """Put samples into other parts, whatever the split says.

        Args:
            dataset_id: The version it is made of.
            parts: By number of the sample where it has to lie.
            change: What was done, in words.

        Raises:
            UserError: There is no such sample, or the project is read-only.
        """
        places = self._places(dataset_id, list(parts))

        def draft(dataset: Dataset, selection: "Selection") -> _Draft:
            from workbench.datasets.selection import PARTS

            fixed = selection.parts.copy()
            fixed[places] = [PARTS.index(parts[int(place)]) for place in places]
            return _Draft(replace(selection, parts=fixed), dataset.schema)

        words = change or f"Moved {_count(len(places), 'sample')} to another split"
        return self._submit(dataset_id, words, draft)

    def drop_columns(self, dataset_id: int, names: Sequence[str]) -> int:
        """Learn from these columns no more; they stay in view.

        Raises:
            UserError: There is no such column in use, or none would be left.
        """
        used = [column.name for column in self._session.datasets.get(dataset_id).schema.used_columns]
        missing = [name for name in names if name not in used]
        if missing or not names:
            raise UserError(f"No model learns from the column {', '.join(missing)} of this dataset.")
        if set(used) <= set(names):
            raise UserError("This would take every column out: leave some.")

        def draft(dataset: Dataset, selection: "Selection") -> _Draft:
            kept = selection.columns or range(len(used))
            left = tuple(k for k, name in zip(kept, used, strict=True) if name not in names)
            columns = tuple(
                replace(column, kind="unused", categories=()) if column.name in names else column
                for column in dataset.schema.columns
            )
            schema = replace(dataset.schema, columns=columns, input_shape=(len(left),))
            return _Draft(replace(selection, columns=left), schema)

        return self._submit(dataset_id, f"Took out {', '.join(names)}", draft)

    def join(self, dataset_id: int, other_id: int) -> int:
        """Add the samples of another dataset of the same kind; classes that are new come last.

        Raises:
            UserError: The two do not fit together; the message says why.
        """
        mine, other = (self._session.datasets.get(each) for each in (dataset_id, other_id))
        problem = _misfit(mine, other)
        if problem:
            raise UserError(f"{other.name} cannot be added to {mine.name}: {problem}.")

        def draft(dataset: Dataset, selection: "Selection") -> _Draft:
            return _joined(dataset, selection, other, self._selection(other))

        words = f"Added {_count(other.imported.count, 'sample')} of {other.name}"
        return self._submit(dataset_id, words, draft)

    def joinable(self, dataset_id: int) -> list[Dataset]:
        """Return the datasets whose samples can be added to a version."""
        mine = self._session.datasets.get(dataset_id)
        return [other for other in self._session.datasets.all() if not _misfit(mine, other)]

    def line(self, dataset_id: int) -> list[Dataset]:
        """Return a version and what it was made of, the import last."""
        found = [self._session.datasets.get(dataset_id)]
        while (parent := found[-1].parent_id) is not None:
            found.append(self._session.datasets.get(parent))
        return found

    def _places(self, dataset_id: int, samples: Sequence[int]) -> Any:
        import numpy as np

        self._session.require_writable()
        places = np.unique(np.asarray(samples, np.int64))
        count = self._session.datasets.get(dataset_id).imported.count
        if not len(places):
            raise UserError("No sample is chosen.")
        if places[0] < 0 or places[-1] >= count:
            raise UserError("A chosen sample is not in this version: check it again.")
        return places

    def _submit(self, dataset_id: int, change: str, draft: "Callable[[Dataset, Selection], _Draft]") -> int:
        self._session.require_writable()

        def work(token: CancelToken, progress: Progress) -> Dataset:
            progress(0, 0, change)
            parent = self._session.datasets.get(dataset_id)
            return self._make(parent, change, draft(parent, self._selection(parent)), token)

        return self._session.jobs.submit("import", change, work, subject=f"version:{dataset_id}")

    def _selection(self, dataset: Dataset) -> "Selection":
        from workbench.datasets.selection import selection_of

        session = self._session
        return selection_of(session.datasets.kind(dataset), session.folder.resolve(dataset.folder))

    def _label_place(self, dataset: Dataset) -> int:
        from workbench.datasets.selection import label_place

        datasets = self._session.datasets
        rows = datasets.rows(dataset.id, 0, _PLACE_ROWS)
        return label_place(dataset.schema, rows, datasets.samples(dataset.id).y)

    def _make(self, parent: Dataset, change: str, draft: _Draft, token: CancelToken) -> Dataset:
        home = self._session.folder.datasets
        into, folder = home / f"{UNFINISHED}{uuid.uuid4().hex[:12]}", home / uuid.uuid4().hex[:12]
        make_folder(into)
        try:
            digest = draft.selection.write(into)
            imported = _imported(parent.imported, draft, digest)
            token.check()
            into.rename(folder)
            sync_folder(home)
        finally:
            shutil.rmtree(into, ignore_errors=True)
        return self._added(parent, change, self._session.folder.relative(folder), imported)

    def _added(self, parent: Dataset, change: str, folder: str, imported: Imported) -> Dataset:
        session, rows = self._session, self._session.store.datasets
        made: list[Dataset] = []

        def add() -> None:
            if made:
                rows.restore(made[0].id)
                return
            kept = {name: getattr(parent, name) for name in ("notes", "licence", "owner", "preparation")}
            made.append(
                rows.add(
                    *(parent.name, parent.source, folder, imported, parent.split),
                    parent_id=parent.id,
                    change=change,
                    **kept,
                )
            )

        try:
            session.history.do(f"{change} in {parent.name}", self._told(add, made), self._told(
                lambda: rows.delete(made[0].id), made
            ))  # fmt: skip
        except UserError:
            if not made:
                # Such as a full disk: nothing points to the folder now.
                shutil.rmtree(session.folder.resolve(folder), ignore_errors=True)
            raise
        session.health.follow(made[0].id)
        return made[0]

    def _told(self, step: Callable[[], object], made: list[Dataset]) -> Callable[[], None]:
        def run() -> None:
            step()
            self._session.bus.publish(DatasetChanged(made[0].id))

        return run


def _imported(parent: Imported, draft: _Draft, digest: str) -> Imported:
    """Return what the row of a version says of it."""
    import numpy as np

    count = len(draft.selection)
    counts: tuple[int, ...] = ()
    if draft.schema.task is Task.CLASSIFICATION:
        found = np.bincount(draft.selection.labels, minlength=len(draft.schema.classes))
        counts = tuple(int(n) for n in found)
    return replace(
        parent,
        schema=draft.schema,
        count=count,
        found=count,
        duplicates=0,
        skipped=(),
        findings=tuple(item for item in parent.findings if item.code in _STAYING),
        class_counts=counts,
        sha256=hashlib.sha256(f"{digest}{draft.schema!r}".encode()).hexdigest(),
    )


def _misfit(mine: Dataset, other: Dataset) -> str:
    """Return why two datasets cannot be joined; empty where they can."""
    if mine.id == other.id:
        return "it is the same dataset"
    if mine.imported.kind != other.imported.kind or mine.schema.task is not other.schema.task:
        return "it is of another kind"
    if mine.schema.input_shape != other.schema.input_shape:
        return f"its samples are {other.schema.input_shape}, not {mine.schema.input_shape}"
    if mine.schema.used_columns != other.schema.used_columns or mine.schema.target != other.schema.target:
        return "its columns or their categories are others"
    return ""


def _joined(mine: Dataset, selection: "Selection", other: Dataset, added: "Selection") -> _Draft:
    import numpy as np

    classes = (*mine.schema.classes, *(n for n in other.schema.classes if n not in mine.schema.classes))
    labels = added.labels
    if classes:
        labels = np.array([classes.index(name) for name in other.schema.classes], np.int64)[added.labels]
    shared = set(selection.folders) & set(added.folders)
    if shared or selection.columns != added.columns:
        raise DataError(f"{other.name} shares samples with {mine.name}, so they cannot be added again.")
    joined = replace(
        selection,
        folders=(*selection.folders, *added.folders),
        counts=(*selection.counts, *added.counts),
        positions=np.concatenate([selection.positions, added.positions + sum(selection.counts)]),
        labels=np.concatenate([selection.labels, labels]),
        parts=np.concatenate([selection.parts, added.parts]),
        relabelled=np.concatenate([selection.relabelled, added.relabelled]),
    )
    return _Draft(joined, replace(mine.schema, classes=classes))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
