"""Versions that share storage: which samples of which folders a version has, and what it says of them.

A folder with a selection holds no samples: it names the folders beside it that do. Selections are never
chained, so that a version opens in the same time however many came before it.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import SplitConfig
from workbench.core.errors import DataError
from workbench.core.files import atomic_write
from workbench.core.records import Schema
from workbench.core.states import Split, Task
from workbench.datasets.base import DatasetKind, Origin, Samples, imported_files
from workbench.datasets.fitting import Fit, SelectedTexts
from workbench.datasets.names import SelectedNames
from workbench.datasets.selected_array import SelectedArray
from workbench.datasets.splits import split_indices

DEALT = -1
"""The part of a sample that the split decides about."""

PARTS = (Split.TRAIN, Split.VALIDATION, Split.TEST)
_ABOUT = "selection.json"
_ARRAYS = ("positions", "labels", "parts", "relabelled")


@dataclass(frozen=True)
class Selection:
    """The samples of a version.

    Args:
        folders: Names of the folders beside it that hold the samples.
        counts: How many samples each of them has.
        positions: (n,) places in those samples, one folder after the other.
        labels: (n,) labels or values.
        parts: (n,) int8: the place of a part in `PARTS` where a sample has to lie there, else `DEALT`.
        relabelled: (n,) whether the label is another one than that of the import.
        columns: Which of the used columns of a table are still used; None is all.
        label_place: Where in a row of text the label stands; -1 where it does not.
        fits: For each folder, how its samples are made like the others; empty where all are alike.
    """

    folders: tuple[str, ...]
    counts: tuple[int, ...]
    positions: NDArray[np.int64]
    labels: NDArray[Any]
    parts: NDArray[np.int8]
    relabelled: NDArray[np.bool_]
    columns: tuple[int, ...] | None = None
    label_place: int = -1
    fits: tuple[Fit | None, ...] = ()

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.positions)

    def only(self, places: NDArray[np.int64]) -> "Selection":
        """Return the selection with the samples at these places alone."""
        return replace(self, **{name: getattr(self, name)[places] for name in _ARRAYS})

    def write(self, folder: Path) -> str:
        """Write it into a folder; return the SHA-256 of what it says.

        Raises:
            DiskError: It could not be written.
        """
        digests = [atomic_write(folder / f"{name}.npy", partial(self._save, name)) for name in _ARRAYS]
        about: dict[str, Any] = {
            "folders": self.folders,
            "counts": self.counts,
            "columns": self.columns,
            "label_place": self.label_place,
            "sha256": digests,
        }
        if any(self.fits):
            about["fits"] = [None if fit is None else fit.said() for fit in self.fits]
        return atomic_write(folder / _ABOUT, json.dumps(about).encode())

    def _save(self, name: str, file: BinaryIO) -> None:
        np.save(file, getattr(self, name), allow_pickle=False)


def read_selection(folder: Path) -> Selection | None:
    """Return the selection in a folder, memory-mapped; None where the folder holds samples itself.

    Raises:
        DataError: It is damaged, or names what is not beside it.
    """
    if not (folder / _ABOUT).is_file():
        return None
    with imported_files():
        about = json.loads((folder / _ABOUT).read_bytes())
        names, counts, columns = tuple(about["folders"]), tuple(about["counts"]), about["columns"]
        arrays = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in _ARRAYS
        }
        if len({len(array) for array in arrays.values()}) != 1 or not all(map(_is_plain, names)):
            raise ValueError("a selection that contradicts itself")
        positions = arrays["positions"]
        fits = tuple(Fit.read(said) for said in about.get("fits", ()))
        if fits and len(fits) != len(names):
            raise ValueError("a selection that does not say how each folder fits")
        if len(positions) and not 0 <= positions.min() <= positions.max() < sum(counts):
            raise ValueError("a selection of samples that are not there")
    return Selection(
        names,
        counts,
        **arrays,
        columns=None if columns is None else tuple(columns),
        label_place=about["label_place"],
        fits=fits,
    )


def selection_of(kind: DatasetKind, folder: Path) -> Selection:
    """Return the selection of a version; that of an import is all that it has."""
    found = read_selection(folder)
    if found is not None:
        return found
    samples = kind.open(folder)
    count = len(samples)
    return Selection(
        (folder.name,),
        (count,),
        np.arange(count),
        np.array(samples.y),
        np.full(count, DEALT, np.int8),
        np.zeros(count, np.bool_),
    )


def open_samples(kind: DatasetKind, folder: Path, classes: Sequence[str] = ()) -> Samples:
    """Return the samples of a version, whether it holds them itself or selects them; nothing is copied.

    Args:
        kind: The dataset kind.
        folder: Of the version.
        classes: Names of the classes, for the cells of rows whose label was set anew.

    Raises:
        DataError: Files are missing or damaged.
    """
    chosen = read_selection(folder)
    if chosen is None:
        return kind.open(folder)
    fits = chosen.fits or (None,) * len(chosen.folders)
    opened = (kind.open(_beside(folder, name)) for name in chosen.folders)
    sources = tuple(
        source if fit is None else fit.samples(source) for source, fit in zip(opened, fits, strict=True)
    )
    if tuple(map(len, sources)) != chosen.counts:
        raise DataError(
            "The samples that this version was made of have changed: import their source again and make the "
            "version anew."
        )
    x = SelectedArray.of([source.x for source in sources], chosen.positions, chosen.columns)
    names = SelectedNames([source.names for source in sources], chosen.positions)
    origin = Origin(sources, chosen.positions, chosen.parts)
    return Samples(
        x, chosen.labels, names, origin, partial(_column, origin), _texts(sources, chosen, classes)
    )


def _texts(sources: Sequence[Samples], chosen: Selection, classes: Sequence[str]) -> Any:
    """Return the cells of a table with the labels of now; None where there are none."""
    if any(source.texts is None for source in sources):
        return None
    new = np.flatnonzero(chosen.relabelled).tolist()
    labels = {place: label_text(classes, chosen.labels[place]) for place in new}
    cells = [(source.texts, len(source)) for source in sources]
    return SelectedTexts(cells, chosen.positions, labels, chosen.label_place)


def label_text(classes: Sequence[str], label: Any) -> str:
    """Return a label as it would stand in a file: the name of its class, or its value."""
    if len(classes):
        return classes[int(label)]
    return np.format_float_positional(np.float32(label), trim="-")


def read_rows(
    kind: DatasetKind, folder: Path, start: int, stop: int, classes: Sequence[str]
) -> list[list[str]]:
    """Return samples [start, stop) of a version as text, with their labels of now.

    Args:
        kind: The dataset kind.
        folder: Of the version.
        start: First sample.
        stop: After the last one.
        classes: Names of the classes; empty for regression.
    """
    chosen = read_selection(folder)
    if chosen is None:
        return kind.rows(folder, start, stop)
    stop = min(stop, len(chosen))
    rows: list[list[str]] = []
    begins = np.cumsum((0, *chosen.counts))
    for first, last in _runs(chosen.positions[start:stop], begins):
        source = int(np.searchsorted(begins, first, side="right")) - 1
        home = _beside(folder, chosen.folders[source])
        found = kind.rows(home, int(first - begins[source]), int(last + 1 - begins[source]))
        fit = chosen.fits[source] if chosen.fits else None
        rows += found if fit is None else [fit.row(cells) for cells in found]
    if chosen.label_place >= 0:
        for place in np.flatnonzero(chosen.relabelled[start:stop]):
            rows[place][chosen.label_place] = label_text(classes, chosen.labels[start + place])
    return rows


def divide(samples: Samples, task: Task, config: SplitConfig) -> dict[Split, NDArray[np.int64]]:
    """Deal every sample to a part. A sample keeps its part in all versions of what it was imported with.

    Samples that were added, and do not say what the first import says of its own, are shuffled.

    Args:
        samples: What `open_samples` returned.
        task: Only classification can be stratified.
        config: How to divide.

    Returns:
        Sorted places of each part.
    """
    origin = samples.origin
    if origin is None:
        return split_indices(samples.y, task, config, samples)
    first, *added = origin.sources
    dealt = [_parts_of(split_indices(first.y, task, config, first), len(first))]
    for source in added:
        try:
            indices = split_indices(source.y, task, config, source)
        except DataError:
            indices = split_indices(source.y, task, config.model_copy(update={"method": "shuffled"}))
        dealt.append(_parts_of(indices, len(source)))
    mine = np.concatenate(dealt)[origin.positions]
    mine = np.where(origin.parts == DEALT, mine, origin.parts)
    return {split: np.flatnonzero(mine == place).astype(np.int64) for place, split in enumerate(PARTS)}


def _column(origin: Origin, name: str) -> Sequence[str]:
    """Return the (n,) texts of a column, from the imports that a version selects from."""
    texts: list[str] = []
    for source in origin.sources:
        texts += source.column(name) if source.column is not None else [""] * len(source)
    return [texts[place] for place in origin.positions.tolist()]


def label_place(schema: Schema, rows: Sequence[Sequence[str]], labels: NDArray[Any]) -> int:
    """Return where in rows of text their labels stand, the last such place; -1 where they do not.

    Args:
        schema: What the samples are.
        rows: Samples as text, all equally long.
        labels: The label or value of each.
    """
    width = min(map(len, rows), default=0)
    for place in reversed(range(width)):
        if all(_is_label(schema, row[place], label) for row, label in zip(rows, labels, strict=False)):
            return place
    return -1


def headings_of(schema: Schema, rows: Sequence[Sequence[str]], labels: NDArray[Any]) -> tuple[str, ...]:
    """Return the headings of a table in the order of its rows of text; empty for all else.

    The schema has the inputs in the order of the file and the target apart.
    """
    if not schema.columns:
        return ()
    names = [column.name for column in schema.columns]
    place = label_place(schema, rows, labels)
    place = len(names) if place < 0 else place
    return (*names[:place], schema.target or "", *names[place:])


def _is_label(schema: Schema, text: str, label: Any) -> bool:
    if schema.task is Task.CLASSIFICATION:
        return text.strip() == schema.classes[int(label)].strip()
    try:
        return bool(np.isclose(float(text.replace(",", ".")), float(label), rtol=1e-5))
    except ValueError:
        return False


def _is_plain(name: object) -> bool:
    return isinstance(name, str) and bool(name) and Path(name).name == name and name not in (".", "..")


def _beside(folder: Path, name: str) -> Path:
    return folder.parent / name


def _runs(positions: NDArray[np.int64], begins: NDArray[np.int64]) -> list[tuple[int, int]]:
    """Return (first, last) of every stretch of neighbours in one folder, in order."""
    if not len(positions):
        return []
    is_new = (np.diff(positions) != 1) | np.isin(positions[1:], begins)
    cuts = np.flatnonzero(is_new) + 1
    firsts, lasts = positions[np.r_[0, cuts]], positions[np.r_[cuts - 1, len(positions) - 1]]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def _parts_of(indices: dict[Split, NDArray[np.int64]], count: int) -> NDArray[np.int8]:
    parts = np.zeros(count, np.int8)
    for place, split in enumerate(PARTS):
        parts[indices[split]] = place
    return parts
