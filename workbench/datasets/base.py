"""What every kind of dataset does: sniff a source, show it, decode it once, open it again."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.errors import DataError
from workbench.core.records import Imported, Preview, Schema, Skipped
from workbench.core.registry import Choice, Registry
from workbench.datasets.attributes import Attribute


@dataclass(frozen=True, slots=True)
class Origin:
    """What the samples of a version were selected from.

    Args:
        sources: The samples of the imports.
        positions: (n,) places in them, one import after the other.
        parts: (n,) the part that a sample was put into by hand: 0 training, 1 validation, 2 test; -1 is
            where the split puts it.
    """

    sources: "tuple[Samples, ...]"
    positions: NDArray[np.int64]
    parts: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Samples:
    """Decoded samples, memory-mapped.

    Args:
        x: (n, channels, height, width) uint8 for pictures; (n, used columns) float32 for tables, with a
            category as its code and NaN where a value is missing; (n,) `Texts`; (n, samples) int16 for audio.
        y: (n,) int64 labels in [0, classes), or float32 values for regression; -1 or NaN where not known.
        names: (n,) where each sample came from: a path inside the source, or `row 12`.
        origin: Of a version that selects samples of others, what it selects.
        column: Returns the (n,) texts of a column of a table by its name, whether it is used or not; None
            where there are no columns.
        texts: The cells of a table as they stand in the file, a `TableTexts`; None where there are none.
    """

    x: Any
    y: NDArray[Any]
    names: Sequence[str]
    origin: Origin | None = None
    column: Callable[[str], Sequence[str]] | None = None
    texts: Any = None

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.x)


@dataclass(frozen=True, slots=True)
class Encoded:
    """New samples for prediction, read through the schema of an imported dataset.

    Args:
        samples: They.
        skipped: What could not be read, and why.
        unread: One sentence for each column with values that are taken as missing, since nobody knows them.
    """

    samples: Samples
    skipped: tuple[Skipped, ...]
    unread: tuple[str, ...] = ()


class DatasetKind(Choice):
    """One kind of dataset. Sources are only ever read."""

    @abstractmethod
    def sniff(self, source: Path) -> float:
        """Return how sure `source` is of this kind, in [0, 1]; looks at content, in milliseconds."""

    @abstractmethod
    def inspect(self, source: Path, config: ImportConfig, token: CancelToken | None = None) -> Preview:
        """Return a quick look at the source.

        Raises:
            DataError: The source cannot be this kind; the message says what to do.
            CancelledError: The token was cancelled.
        """

    @abstractmethod
    def load(
        self, source: Path, into: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Imported:
        """Decode the whole source into the empty folder `into`, each file written whole.

        Raises:
            DataError: Nothing in it can be imported; the message says what to do.
            CancelledError: The token was cancelled; the caller removes `into`.
        """

    @abstractmethod
    def open(self, folder: Path) -> Samples:
        """Return what `load` wrote into `folder`, memory-mapped: milliseconds, whatever the size."""

    @abstractmethod
    def rows(self, folder: Path, start: int, stop: int) -> list[list[str]]:
        """Return samples [start, stop) as text for a table view; for pictures name and class."""

    def attributes(self, samples: Samples, schema: Schema, token: CancelToken) -> Iterator[Attribute]:
        """Yield what is known of each sample, by which a model may do better or worse; by default nothing.

        Measures are then told for each group of it, and can be watched.

        Args:
            samples: What `open` returned.
            schema: That of the dataset.
            token: Looked at where all samples are read.
        """
        yield from ()

    @abstractmethod
    def encode(
        self,
        source: Path,
        schema: Schema,
        details: Mapping[str, Any],
        token: CancelToken | None = None,
        progress: Progress = no_progress,
    ) -> Encoded:
        """Return new data as samples of `schema`; labels are not needed.

        Args:
            source: File or folder with new data.
            schema: The schema that the model was trained with.
            details: `Imported.details` of the dataset that it was trained on.
            token: Looked at while the source is read.
            progress: Is told how far that is.

        Raises:
            DataError: The source does not fit; the message says what is missing.
            CancelledError: The token was cancelled.
        """


@contextmanager
def imported_files() -> Iterator[None]:
    """Say in words that files which an import wrote are gone or damaged.

    Raises:
        DataError: They are.
    """
    try:
        yield
    except (OSError, ValueError, EOFError, KeyError) as error:
        raise DataError(
            "The files of this dataset are missing or damaged: import its source again; doctor says which."
        ) from error


kinds: Registry[DatasetKind] = Registry("dataset kind", "workbench.datasets")
