"""Whether the files of a dataset still are what was imported; looked at before a run learns from them."""

from typing import TYPE_CHECKING

from workbench.core.errors import DataError
from workbench.core.states import Task

if TYPE_CHECKING:
    from workbench.core.records import Dataset
    from workbench.services.session import Session


def require_whole(session: "Session", dataset: "Dataset") -> None:
    """Refuse files that are gone or were replaced by others. Milliseconds: the samples are not read.

    Raises:
        DataError: They are not what was imported; the message says in what they differ.
    """
    import numpy as np

    from workbench.datasets.selection import open_samples

    # Opened anew: what was opened earlier would still show the files of then.
    samples = open_samples(session.datasets.kind(dataset), session.folder.resolve(dataset.folder))
    found, expected = len(samples.y), dataset.imported.count
    if found != expected or len(samples) != expected:
        raise _changed(dataset, f"{found:,} samples instead of {expected:,}")
    shape, wanted = tuple(samples.x.shape[1:]), tuple(dataset.schema.input_shape)
    if shape != wanted:
        raise _changed(dataset, f"samples of {_size(shape)} instead of {_size(wanted)}")
    if dataset.schema.task is Task.CLASSIFICATION and dataset.imported.class_counts:
        classes = len(dataset.schema.classes)
        if len(samples.y) and (samples.y.min() < 0 or samples.y.max() >= classes):
            raise _changed(dataset, f"a label that is none of the {classes} classes")
        if tuple(np.bincount(samples.y, minlength=classes)) != dataset.imported.class_counts:
            raise _changed(dataset, "other samples in its classes")


def _changed(dataset: "Dataset", what: str) -> DataError:
    return DataError(
        f"The files of {dataset.name} have changed since the import: they hold {what}. Import the data again."
    )


def _size(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) if len(shape) > 1 else f"{shape[0]} columns" if shape else "one value"
