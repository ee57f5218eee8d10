"""Verbs on datasets: import, look, split, rename, delete."""

import shutil
import uuid
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.core.configs import ImportConfig, SplitConfig
from workbench.core.control import CancelToken, FirstSample, Progress, WatchedProgress
from workbench.core.errors import DataError, UserError
from workbench.core.events import DatasetChanged, FirstSamplesDecoded
from workbench.core.files import make_folder, sync_folder
from workbench.core.records import Dataset, Imported, Preview
from workbench.core.registry import nearest
from workbench.core.states import Split, Task
from workbench.services.sources import (
    MARK,
    is_there,
    marking,
    reading,
    relocate,
    require_whole,
    source_problem,
    untouched,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.datasets.base import DatasetKind, Samples
    from workbench.datasets.table_rows import TableRows
    from workbench.services.session import Session

UNFINISHED = ".importing-"
"""How the folder of an import or a version begins until it is whole."""

_FIRST_ROWS = 200


def refusals(sources: Sequence[Path], token: CancelToken | None = None) -> dict[Path, str]:
    """Return why sources cannot be imported, a sentence each; those that can are left out."""
    problems = {}
    for source in sources:
        try:
            look_at(source, token=token)
        except UserError as error:
            problems[source] = str(error)
    return problems


def look_at(source: Path, config: ImportConfig | None = None, token: CancelToken | None = None) -> Preview:
    """Return a quick look at a source, before anything is imported; no project is needed.

    Raises:
        DataError: It cannot be imported; the message says what to do.
    """
    from workbench.datasets.sniff import find_kind

    config = config or ImportConfig()
    with reading(source):
        return find_kind(source, config, token).inspect(source, config, token)


def title_of(source: Path) -> str:
    """Return what a dataset is called at first: the name of its source without what says the format."""
    stem = source.stem
    return Path(stem).stem if stem.casefold().endswith(".tar") else stem or source.name


class DatasetService:
    """The datasets of an open project."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._opened = lru_cache(maxsize=8)(self._open)
        self._divided = lru_cache(maxsize=16)(self._divide)

    def all(self, *, include_deleted: bool = False) -> list[Dataset]:
        """Return the datasets, oldest first."""
        return self._session.store.datasets.list(include_deleted)

    def bin(self) -> list[Dataset]:
        """Return the deleted datasets."""
        return [dataset for dataset in self.all(include_deleted=True) if dataset.deleted_at is not None]

    def get(self, dataset_id: int) -> Dataset:
        """Return one dataset, deleted or not."""
        return self._session.store.datasets.get(dataset_id)

    def find(self, word: str) -> Dataset:
        """Return the dataset with that id or name.

        Raises:
            UserError: There is none; the message names the nearest.
        """
        found = self._session.store.datasets.by_name(word)
        if found is None and word.isdecimal():
            found = next((item for item in self.all() if item.id == int(word)), None)
        if found is None:
            raise UserError(f"There is no dataset {word!r}. {nearest(word, [d.name for d in self.all()])}")
        return found

    def inspect(
        self, source: Path, config: ImportConfig | None = None, token: CancelToken | None = None
    ) -> Preview:
        """Return a quick look at a source, before anything is imported.

        Raises:
            DataError: It cannot be imported; the message says what to do.
        """
        return look_at(source, config, token)

    def import_source(self, source: Path, config: ImportConfig | None = None) -> int:
        """Import a folder or file in the background and return the job's id; its result is the Dataset."""
        self._session.require_writable()
        wish = config or ImportConfig()

        label = f"Import {source.name}"

        def show(samples: tuple[FirstSample, ...]) -> None:
            self._session.bus.publish(FirstSamplesDecoded(label, samples))

        def work(token: CancelToken, progress: Progress) -> Dataset:
            return self.import_now(source.absolute(), wish, token, WatchedProgress(progress, show))

        return self._session.jobs.submit("import", label, work, subject="import")

    def samples(self, dataset_id: int) -> "Samples":
        """Return the decoded samples, memory-mapped."""
        return self._opened(dataset_id)

    def rows(self, dataset_id: int, start: int, stop: int) -> list[list[str]]:
        """Return samples [start, stop) as text."""
        from workbench.datasets.selection import read_rows

        dataset = self.get(dataset_id)
        folder = self._session.folder.resolve(dataset.folder)
        return read_rows(self.kind(dataset), folder, start, stop, dataset.schema.classes)

    def headings(self, dataset_id: int) -> tuple[str, ...]:
        """Return the headings of a table in the order of its rows; empty for all else."""
        from workbench.datasets.selection import headings_of

        schema, labels = self.get(dataset_id).schema, self.samples(dataset_id).y
        return headings_of(schema, self.rows(dataset_id, 0, _FIRST_ROWS) if schema.columns else (), labels)

    def table(self, dataset_id: int) -> "TableRows":
        """Return a table to look at: sorted, searched, and its columns in numbers. Not for pictures."""
        from workbench.datasets.table_rows import TableRows

        headings = self.headings(dataset_id)
        return TableRows(self.samples(dataset_id), self.get(dataset_id).schema, headings)

    def split_indices(
        self, dataset_id: int, split: SplitConfig | None = None
    ) -> "dict[Split, NDArray[np.int64]]":
        """Return which samples are in which part.

        Args:
            dataset_id: The dataset.
            split: How to divide; the dataset's own split when not given.
        """
        return self._divided(dataset_id, split or self.get(dataset_id).split)

    def class_counts(self, dataset_id: int) -> dict[Split, list[int]]:
        """Return for each part the number of samples of each class; for regression one number a part."""
        import numpy as np

        dataset = self.get(dataset_id)
        y = self.samples(dataset_id).y
        if dataset.schema.task is Task.REGRESSION:
            return {split: [len(index)] for split, index in self.split_indices(dataset_id).items()}
        classes = len(dataset.schema.classes)
        return {
            split: np.bincount(y[index], minlength=classes).tolist()
            for split, index in self.split_indices(dataset_id).items()
        }

    def rename(self, dataset_id: int, name: str) -> None:
        """Rename a dataset. Can be undone."""
        before = self.get(dataset_id).name
        name = self._session.checked_name(name)
        if name == before:
            return
        self._do(dataset_id, f"Rename {before}", "rename", (name,), (before,))

    def set_notes(self, dataset_id: int, notes: str) -> None:
        """Set the notes. Can be undone."""
        dataset = self.get(dataset_id)
        if notes != dataset.notes:
            self._do(dataset_id, f"Notes of {dataset.name}", "set_notes", (notes,), (dataset.notes,))

    def set_origin(self, dataset_id: int, **words: str) -> None:
        """Set `source`, `licence` or `owner`. Can be undone."""
        dataset = self.get(dataset_id)
        words = {name: " ".join(word.split()) for name, word in words.items()}
        before = {name: getattr(dataset, name) for name in words}
        if words == before:
            return
        rows = self._session.store.datasets
        self._session.change(
            f"{', '.join(words).capitalize()} of {dataset.name}",
            lambda: rows.describe(dataset_id, **words),
            lambda: rows.describe(dataset_id, **before),
            DatasetChanged(dataset_id),
        )

    def set_split(self, dataset_id: int, split: SplitConfig) -> None:
        """Divide the dataset anew; runs keep the split they were trained on. Can be undone.

        Takes a moment where the method looks at the samples: not for the window's thread then.

        Raises:
            DataError: The samples cannot be divided so; the message says what to do.
        """
        dataset = self.get(dataset_id)
        if split != dataset.split:
            if split.method != "shuffled" and not len(self.split_indices(dataset_id, split)[Split.TRAIN]):
                raise DataError(f"No sample of {dataset.name} is in the training part: divide it otherwise.")
            self._do(dataset_id, f"Split of {dataset.name}", "set_split", (split,), (dataset.split,))

    def source_problem(self, dataset_id: int) -> tuple[bool, str]:
        """Return whether the source is gone, and a sentence about it; not for the window's thread."""
        return source_problem(self._session, self.get(dataset_id))

    def relocate(self, dataset_id: int, source: Path) -> int:
        """Note that the source lies elsewhere now, once its content is found there; return the job's id."""
        return relocate(self._session, dataset_id, source)

    def delete(self, dataset_id: int) -> None:
        """Put a dataset into the bin. Can be undone; its runs stay."""
        name = self.get(dataset_id).name
        store = self._session.store.datasets
        self._session.change(
            f"Delete {name}",
            lambda: store.delete(dataset_id),
            lambda: store.restore(dataset_id),
            DatasetChanged(dataset_id),
        )

    def restore(self, dataset_id: int) -> None:
        """Take a dataset out of the bin. Can be undone."""
        name = self.get(dataset_id).name
        store = self._session.store.datasets
        self._session.change(
            f"Restore {name}",
            lambda: store.restore(dataset_id),
            lambda: store.delete(dataset_id),
            DatasetChanged(dataset_id),
        )

    def kind(self, dataset: Dataset) -> "DatasetKind":
        """Return the dataset kind that can open this dataset."""
        from workbench.datasets.base import kinds

        return kinds.build(dataset.imported.kind)

    def remove_unfinished(self) -> None:
        """Remove what an import left behind when the process was killed in it."""
        for folder in self._session.folder.datasets.glob(f"{UNFINISHED}*"):
            shutil.rmtree(folder, ignore_errors=True)

    def import_now(
        self, source: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Dataset:
        """Import in the calling thread. For jobs."""
        from workbench.datasets.sniff import find_kind

        home = self._session.folder.datasets
        into = home / f"{UNFINISHED}{uuid.uuid4().hex[:12]}"
        make_folder(into)
        try:
            # The mark is of the source as it is now, so that a change during the import is seen later.
            with reading(source), marking(source) as mark:
                imported = find_kind(source, config, token).load(source, into, config, token, progress)
                imported = replace(imported, details={**imported.details, **mark()})
            require_whole(source, imported)
            name = (config.name or title_of(source)).strip()
            known = self._known(imported, source)
            if known is not None and (config.name is None or known.name == name):
                return self._seen_again(known, source, imported)
            folder = home / uuid.uuid4().hex[:12]
            token.check()
            into.rename(folder)
            sync_folder(home)
            dataset = self._added(name, source, folder, imported)
        finally:
            shutil.rmtree(into, ignore_errors=True)
        self._session.bus.publish(DatasetChanged(dataset.id))
        self._session.health.follow(dataset.id)
        return dataset

    def _added(self, name: str, source: Path, folder: Path, imported: Imported) -> Dataset:
        from workbench.datasets.part_folders import GIVEN

        where = self._session.folder.relative(folder)
        column = imported.details.get(GIVEN)
        split = SplitConfig() if column is None else SplitConfig(method="given", column=column)
        try:
            return self._session.store.datasets.add(
                self._free_name(name), str(source), where, imported, split
            )
        except UserError:
            # Such as a full disk: nothing points to the folder now.
            shutil.rmtree(folder, ignore_errors=True)
            raise

    def _known(self, imported: Imported, source: Path) -> Dataset | None:
        """Return the dataset of the same content, unless this source has other rows or files left out."""

        def told(item: Imported) -> tuple[object, ...]:
            return item.sha256, item.found, item.duplicates, item.skipped

        return next(
            (
                dataset
                for dataset in self.all()
                if told(dataset.imported) == told(imported) or untouched(dataset, imported, source)
            ),
            None,
        )

    def _seen_again(self, known: Dataset, source: Path, imported: Imported) -> Dataset:
        """Note how the source of a dataset looks now that all of it was found there again."""
        if str(source) != known.source and is_there(Path(known.source)):
            return known
        details = {**known.imported.details, MARK: imported.details[MARK]}
        place = str(source), replace(known.imported, details=details)
        if place == (known.source, known.imported):
            return known
        known = self._session.store.datasets.set_source(known.id, *place)
        self._session.bus.publish(DatasetChanged(known.id))
        return known

    def _free_name(self, name: str) -> str:
        taken = {dataset.name for dataset in self.all(include_deleted=True)}
        number, free = 2, name
        while free in taken:
            free, number = f"{name} {number}", number + 1
        return free

    def _open(self, dataset_id: int) -> "Samples":
        from workbench.datasets.selection import open_samples

        dataset = self.get(dataset_id)
        folder = self._session.folder.resolve(dataset.folder)
        return open_samples(self.kind(dataset), folder, dataset.schema.classes)

    def _divide(self, dataset_id: int, split: SplitConfig) -> "dict[Split, NDArray[np.int64]]":
        from workbench.datasets.selection import divide

        return divide(self.samples(dataset_id), self.get(dataset_id).schema.task, split)

    def _do(self, dataset_id: int, label: str, verb: str, after: tuple[Any], before: tuple[Any]) -> None:
        write = getattr(self._session.store.datasets, verb)
        self._session.change(
            label,
            lambda: write(dataset_id, *after),
            lambda: write(dataset_id, *before),
            DatasetChanged(dataset_id),
        )
