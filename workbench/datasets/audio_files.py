"""Finding the files of an audio dataset: in class folders, or named with their labels in a list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Skipped
from workbench.core.states import Task
from workbench.datasets.listed_files import ListedFiles, has_list
from workbench.datasets.part_folders import GIVEN
from workbench.datasets.picture_files import find_pictures, shown

AUDIO_SUFFIXES = frozenset(
    {".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".aifc", ".caf"}
    # These are named as what they are, with what to do.
    | {".m4a", ".aac", ".wma", ".weba"}
)
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
        details: What `Imported.details` has to tell of where labels and split come from.
        columns: What other columns of a list say of each file.
    """

    root: Path
    relative: list[str]
    labels: NDArray[Any]
    classes: tuple[str, ...]
    target: str | None
    skipped: list[Skipped]
    details: Mapping[str, str] = field(default_factory=dict)
    columns: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def task(self) -> Task:
        """What a model has to learn."""
        return Task.CLASSIFICATION if self.classes else Task.REGRESSION


def find_audio(source: Path, config: ImportConfig, token: CancelToken) -> AudioFiles:
    """List the files of an audio folder with their labels.

    Raises:
        DataError: It is no such folder; the message says what to do.
        CancelledError: The token was cancelled.
    """
    if has_list(source, AUDIO_SUFFIXES):
        return _listed(source, config, token)
    if not source.is_dir():
        raise DataError(
            f"{source} is not a folder: choose a folder with one sub-folder of recordings per class."
        )
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
        {GIVEN: ""} if files.gives_split else {},
    )


def _listed(source: Path, config: ImportConfig, token: CancelToken) -> AudioFiles:
    labelled = ListedFiles.of(source, config, token, AUDIO_SUFFIXES).labelled()
    files = labelled.files
    if not files.relative:
        where = f"in {source.name}: choose the column that does."
        raise DataError(f"No row of the list names a recording {where}")
    labels: NDArray[Any] = np.array(files.labels, np.int64)
    if labelled.values:
        labels = np.array(labelled.values, np.float32)[labels]
    return AudioFiles(
        files.root,
        files.relative,
        labels,
        () if labelled.values else tuple(files.classes),
        labelled.target,
        files.skipped,
        labelled.details,
        labelled.columns,
    )
