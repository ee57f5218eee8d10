"""Kinds whose samples are files that were decoded into one array, with their labels and names beside it."""

from pathlib import Path
from typing import ClassVar

import numpy as np

from workbench.datasets.base import DatasetKind, Samples, imported_files
from workbench.datasets.names import FileNames
from workbench.datasets.side_columns import open_columns

LABELS = "labels.npy"
NAMES = "names.arrow"


class FileSamples(DatasetKind):
    """Opens what the import of one of these kinds wrote."""

    array: ClassVar[str]
    """Name of the file with the samples."""

    def open(self, folder: Path) -> Samples:
        """Return the decoded samples, memory-mapped."""
        with imported_files():
            x, y = (
                np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in (self.array, LABELS)
            )
            return Samples(x, y, FileNames(folder / NAMES), column=open_columns(folder))

    def rows(self, folder: Path, start: int, stop: int) -> list[list[str]]:
        """Return name and label of samples [start, stop)."""
        with imported_files():
            return FileNames(folder / NAMES).rows(start, stop)
