"""Versions of datasets: samples relabelled, removed or moved, columns taken out, samples added."""

import hashlib
import math
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from workbench.core.control import CancelToken, Progress
from workbench.core.errors import DataError, UserError
from workbench.core.events import DatasetChanged
from workbench.core.files import make_folder, sync_folder
from workbench.core.records import Dataset, Finding, Imported, Schema
from workbench.core.states import Severity, Split, Task
from workbench.services.class_names import class_name, coded_labels
from workbench.services.datasets import UNFINISHED
from workbench.services.joining import adaptations, joined, joined_schema, misfit

if TYPE_CHECKING:
    from workbench.datasets.selection import Selection
    from workbench.services.session import Session

_PLACE_ROWS = 200
# What an import says of how its source was read, and which stays true whatever is selected of it.
_STAYING = ("fitted", "scaled", "decoded_partly", "resampled", "id_column", "text_column", "constant_column")


@dataclass(frozen=True)
class _Draft:
    """A version before it is written."""

    selection: "Selection"
    schema: Schema
    told: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Joinable:
    """A dataset whose samples may be added to another.

    Args:
        dataset: It.
        problem: Why its samples cannot be added, and what to do; empty where they can.
        changes: What is done to them for it, a sentence each.
    """

    dataset: Dataset
    problem: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Also:
    """What belongs to the making of a version and is taken back with it: what is done, and its opposite."""

    redo: Callable[[], object]
    undo: Callable[[], object]


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

    def relabel(
        self,
        dataset_id: int,
        labels: Mapping[int, str | float],
        also: "Also | None" = None,
        new_classes: Sequence[str] = (),
    ) -> int:
        """Give samples another class or value.

        Args:
            dataset_id: The version it is made of.
            labels: By number of the sample the name of its class, or its value.
            also: What is done in the same step to undo.
            new_classes: Classes that the version has beyond those that there are, the last ones.

        Raises:
            UserError: There is no such class or sample, or the project is read-only.
        """
        places = self._places(dataset_id, list(labels))
        old = self._session.datasets.get(dataset_id).schema
        schema = replace(old, classes=(*old.classes, *new_classes))
        codes = coded_labels(schema, labels)
        numbers = [codes[int(place)] for place in places]

        def draft(dataset: Dataset, selection: "Selection") -> _Draft:
            new = selection.labels.copy()
            new[places] = numbers
            return _Draft(self._relabelled(dataset, selection, new, places), schema)

        words = f"Relabelled {_count(len(places), 'sample')}"
        if new_classes:
            words += f", new class {', '.join(new_classes)}"
        return self._submit(dataset_id, words, draft, also)

    def rename_class(self, dataset_id: int, old: str, new: str) -> int:
        """Give all samples of a class another one that there is, or the class another name.

        Args:
            dataset_id: The version it is made of.
            old: The class; the new version does not have it.
            new: The class into which it is merged, or its new name.

        Raises:
            UserError: There is no such class, the name is none, one class alone would be left, or labels of
                this version still wait to become one.
        """
        import numpy as np

        schema = self._session.datasets.get(dataset_id).schema
        coded_labels(schema, {0: old})
        if self._session.relabelling.labels(dataset_id):
            raise UserError("New labels wait here: make a version of them, or discard them, first.")
        is_merged = new in schema.classes
        new = new if is_merged else class_name(new)
        if new == old:
            raise UserError(f"The class is called {old} already: choose another class or another name.")
        if is_merged and len(schema.classes) < 3:
            raise UserError("One class alone would be left, and no model can learn from that.")
        gone = schema.classes.index(old)
        classes = [name for name in schema.classes if name != old]
        if not is_merged:
            classes.insert(gone, new)
        codes = np.array([classes.index(new if name == old else name) for name in schema.classes], np.int64)

        def draft(dataset: Dataset, selection: "Selection") -> _Draft:
            places = np.flatnonzero(selection.labels == gone)
            chosen = self._relabelled(dataset, selection, codes[selection.labels], places)
            return _Draft(chosen, replace(dataset.schema, classes=tuple(classes)))

        words = f"Merged class {old} into {new}" if is_merged else f"Renamed class {old} to {new}"
        return self._submit(dataset_id, words, draft)

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
        """Add the samples of another dataset of the same kind, made like those here; new classes come last.

        Raises:
            UserError: The two do not fit together; the message says why and what to do.
        """
        mine, other = (self._session.datasets.get(each) for each in (dataset_id, other_id))
        if problem := misfit(mine, other):
            raise UserError(f"{other.name} cannot be added to {mine.name}: {problem}")

        def draft(dataset: Dataset, selection: "Selection") -> _Draft:
            datasets = self._session.datasets
            samples = datasets.samples(dataset.id)
            first = samples if samples.origin is None else samples.origin.sources[0]
            both = joined(
                *(dataset, selection, other, self._selection(other)),
                headings=(datasets.headings(dataset.id), datasets.headings(other.id)),
                width=math.prod(first.x.shape[1:2]),
            )
            return _Draft(both, joined_schema(dataset.schema, other.schema), tuple(adaptations(mine, other)))

        words = f"Added {_count(other.imported.count, 'sample')} of {other.name}"
        return self._submit(dataset_id, words, draft)

    def joinable(self, dataset_id: int) -> list[Joinable]:
        """Return the other datasets of the same kind of sample: how each is added, or why it cannot be."""
        mine = self._session.datasets.get(dataset_id)
        # The versions of one dataset share their samples.
        others = [other for other in self._session.datasets.all() if other.name != mine.name]
        alike = [other for other in others if other.schema.modality is mine.schema.modality]
        return [
            Joinable(other, problem, () if problem else tuple(adaptations(mine, other)))
            for other in alike
            for problem in [misfit(mine, other)]
        ]

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

    def _submit(
        self,
        dataset_id: int,
        change: str,
        draft: "Callable[[Dataset, Selection], _Draft]",
        also: Also | None = None,
    ) -> int:
        self._session.require_writable()

        def work(token: CancelToken, progress: Progress) -> Dataset:
            progress(0, 0, change)
            parent = self._session.datasets.get(dataset_id)
            return self._make(parent, change, draft(parent, self._selection(parent)), token, also)

        return self._session.jobs.submit("import", change, work, subject=f"version:{dataset_id}")

    def _selection(self, dataset: Dataset) -> "Selection":
        from workbench.datasets.selection import selection_of

        session = self._session
        return selection_of(session.datasets.kind(dataset), session.folder.resolve(dataset.folder))

    def _relabelled(self, dataset: Dataset, selection: "Selection", labels: Any, places: Any) -> "Selection":
        """Return a selection with other labels; those at `places` are no longer those of the import."""
        marks = selection.relabelled.copy()
        marks[places] = True
        place = selection.label_place if selection.label_place >= 0 else self._label_place(dataset)
        return replace(selection, labels=labels, relabelled=marks, label_place=place)

    def _label_place(self, dataset: Dataset) -> int:
        from workbench.datasets.selection import label_place

        datasets = self._session.datasets
        rows = datasets.rows(dataset.id, 0, _PLACE_ROWS)
        return label_place(dataset.schema, rows, datasets.samples(dataset.id).y)

    def _make(
        self, parent: Dataset, change: str, draft: _Draft, token: CancelToken, also: Also | None
    ) -> Dataset:
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
        return self._added(parent, change, self._session.folder.relative(folder), imported, also)

    def _added(
        self, parent: Dataset, change: str, folder: str, imported: Imported, also: Also | None
    ) -> Dataset:
        session, rows = self._session, self._session.store.datasets
        made: list[Dataset] = []

        def add() -> None:
            if made:
                rows.restore(made[0].id)
            else:
                kept = {name: getattr(parent, name) for name in ("notes", "licence", "owner", "preparation")}
                of_parent = {**kept, "parent_id": parent.id, "change": change}
                place = (parent.name, parent.source, folder)
                made.append(rows.add(*place, imported, parent.split, **of_parent))
            session.bus.publish(DatasetChanged(made[0].id))
            if also is not None:  # last, so that nothing is lost where it is not reached
                also.redo()

        def take_back() -> None:
            if also is not None:  # first, so that nothing is lost where the second is not reached
                also.undo()
            rows.delete(made[0].id)
            session.bus.publish(DatasetChanged(made[0].id))

        try:
            session.history.do(
                f"{change} in {parent.name}",
                add,
                take_back,
                lambda: frozenset({DatasetChanged(made[0].id), DatasetChanged(parent.id)}),
            )
        except UserError:
            if not made:
                # Such as a full disk: nothing points to the folder now.
                shutil.rmtree(session.folder.resolve(folder), ignore_errors=True)
            raise
        session.health.follow(made[0].id)
        return made[0]


def _imported(parent: Imported, draft: _Draft, digest: str) -> Imported:
    """Return what the row of a version says of it."""
    import numpy as np

    count = len(draft.selection)
    counts: tuple[int, ...] = ()
    if draft.schema.task is Task.CLASSIFICATION:
        found = np.bincount(draft.selection.labels, minlength=len(draft.schema.classes))
        counts = tuple(int(n) for n in found)
    staying = [item for item in parent.findings if item.code in _STAYING]
    if draft.told:
        before = [item.message for item in staying if item.code == "fitted"]
        text = " ".join([*before, *draft.told])
        staying = [item for item in staying if item.code != "fitted"]
        staying.append(Finding("fitted", Severity.INFO, count, text))
    return replace(
        parent,
        schema=draft.schema,
        count=count,
        found=count,
        duplicates=0,
        skipped=(),
        findings=tuple(staying),
        class_counts=counts,
        sha256=hashlib.sha256(f"{digest}{draft.schema!r}".encode()).hexdigest(),
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
