"""Finding the files of an audio dataset: in class folders, or named with their labels in a file."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Skipped
from workbench.core.states import Task
from workbench.datasets.pace import Pace
from workbench.datasets.picture_files import find_pictures, shown
from workbench.datasets.targets import find_target, read_target
from workbench.datasets.text_rows import read_rows

AUDIO_SUFFIXES = frozenset({".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3"})
_LABEL_FILES = (".csv", ".tsv", ".jsonl")
_LAYOUT = (
    "put the files of each class into a sub-folder that is named after the class, or name file and label in "
    "a CSV file beside them"
)


@dataclass(slots=True)
class AudioFiles:
    """Files with their labels.

    Args:
        root: The folder.
        relative: Path of each file from `root`.
        labels: (n,) places in `classes`, or values for regression.
        classes: Class names; empty for regression.
        target: Heading of the labels; None where folders name the classes.
        skipped: What has no label or is not there.
        gives_split: Whether the folders give the split.
    """

    root: Path
    relative: list[str]
    labels: NDArray[Any]
    classes: tuple[str, ...]
    target: str | None
    skipped: list[Skipped]
    gives_split: bool = False

    @property
    def task(self) -> Task:
        """What a model has to learn."""
        return Task.CLASSIFICATION if self.classes else Task.REGRESSION


def find_audio(source: Path, config: ImportConfig, token: CancelToken, pace: Pace) -> AudioFiles:
    """List the files of an audio folder with their labels.

    Raises:
        DataError: It is no such folder; the message says what to do.
        CancelledError: The token was cancelled.
    """
    if not source.is_dir():
        raise DataError(
            f"{source} is not a folder: choose a folder with one sub-folder of recordings per class."
        )
    listed = labels_file(source)
    if listed is not None:
        return _listed(source, listed, config, token, pace)
    files = find_pictures(source, token)
    if not any(label >= 0 for label in files.labels):
        raise DataError(f"There are no recordings in the sub-folders of {source}: {_LAYOUT}.")
    skipped = list(files.skipped)
    kept = [place for place, label in enumerate(files.labels) if label >= 0]
    for place, label in enumerate(files.labels):
        if label < 0:
            reason = "lies beside the class folders, so it has no class"
            skipped.append(Skipped(shown(files.relative[place]), reason))
    return AudioFiles(
        files.root,
        [files.relative[place] for place in kept],
        np.array([files.labels[place] for place in kept], np.int64),
        tuple(files.classes),
        None,
        skipped,
        files.gives_split,
    )


def labels_file(source: Path) -> Path | None:
    """Return the file directly in a folder that names recordings in it, with their labels."""
    with os.scandir(source) as entries:
        names = sorted(entry.name for entry in entries if entry.name.casefold().endswith(_LABEL_FILES))
    for path in (source / name for name in names):
        if path.is_file():
            with path.open("rb") as file:
                head = file.read(1 << 16).lower()
            if any(suffix.encode() in head for suffix in AUDIO_SUFFIXES):
                return path
    return None


def _listed(source: Path, listed: Path, config: ImportConfig, token: CancelToken, pace: Pace) -> AudioFiles:
    rows = read_rows(listed, config, token, pace)
    names = rows.table.column_names
    heads = {name: rows.table.column(name).slice(0, 50).to_pylist() for name in names}
    hits = {name: sum(_is_audio(value) for value in values) for name, values in heads.items()}
    column = max(names, key=lambda name: hits[name])
    others = [name for name in names if name != column]
    if not hits[column] or not others:
        raise DataError(
            f"{listed.name} needs a column with the names of recordings, and one with their labels."
        )
    name = find_target(others, config.target)
    target = read_target(rows, name, config.types.get(name))
    root, kept = source.resolve(), []
    skipped = list(rows.skipped)
    relative = [value.strip().replace("\\", "/") for value in rows.table.column(column).to_pylist()]
    for place, name in enumerate(relative):
        path = (root / name).resolve()
        if path.is_relative_to(root) and path.is_file():
            kept.append(place)
        else:
            reason = "is not there" if path.is_relative_to(root) else "lies outside of the folder"
            skipped.append(Skipped(shown(name), f"{reason}, but {listed.name} names it"))
    if not kept:
        raise DataError(f"None of the files that {listed.name} names is in {source}: put it beside them.")
    return AudioFiles(
        root, [relative[p] for p in kept], target.labels[kept], target.classes, target.name, skipped
    )


def _is_audio(value: str) -> bool:
    return os.path.splitext(value.strip())[1].casefold() in AUDIO_SUFFIXES  # noqa: PTH122 - it is only a word
