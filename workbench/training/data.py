"""Samples on their way into a model: prepared once where they fit in memory, batch by batch where not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workbench.core.configs import PrepareConfig
from workbench.core.errors import DataError
from workbench.core.records import Schema
from workbench.core.states import Modality, Split, Task
from workbench.datasets.selected_array import SelectedArray
from workbench.transforms.augmentation.augmenter import Augmenter, fit_augmenter
from workbench.transforms.augmentation.base import Draw
from workbench.transforms.base import TrainingRows
from workbench.transforms.pipeline import Pipeline, fit_to_rows, left_over, steps_of

_PREPARE_AT_ONCE_BYTES = 512 << 20
_FETCH_AT_ONCE_BYTES = 1 << 20
_BLOCK = 8192


@dataclass(frozen=True, slots=True)
class TargetScale:
    """How a numeric target is scaled for training: the model sees (y - mean) / deviation."""

    mean: float = 0.0
    deviation: float = 1.0


@dataclass(frozen=True, slots=True)
class TrainingData:
    """All samples of a dataset, ready to be drawn.

    Args:
        x: (n, ...) prepared, or raw when the prepared ones would not fit.
        y: (n,) int64 labels, or (n, 1) float32 scaled values.
        indices: Samples of each split.
        pipeline: Preparation, fitted on the training split.
        scale: Scale of a numeric target, from the training split.
        prepared: Whether `x` has been through the pipeline.
        device: Where batches are wanted.
        augmenter: What changes training samples at random; None where nothing does.
    """

    x: Tensor | Sequence[str]
    y: Tensor
    indices: Mapping[Split, Tensor]
    pipeline: Pipeline
    scale: TargetScale
    prepared: bool
    device: torch.device
    augmenter: Augmenter | None = None

    def batch(self, index: Tensor) -> tuple[Tensor, Tensor]:
        """Return prepared samples and targets on the device, as they are: for judging.

        Args:
            index: (batch,) places of the samples.
        """
        return self._batch(index, None)

    def training_batch(
        self, index: Tensor, key: tuple[int, ...], samples: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return prepared samples and targets on the device, augmented where there is an augmentation.

        Args:
            index: (batch,) places of training samples.
            key: What the random numbers follow from: the same key draws the same.
            samples: What `batch` gave for them, where it is at hand.

        Returns:
            Samples and targets; where samples are mixed, labels are (batch, classes) shares.
        """
        if self.augmenter is None:
            return samples or self.batch(index)
        draw = Draw(*key, device=self.device)
        x, y = samples or self._batch(index, draw)
        return self.augmenter.change_prepared(x, y, draw)

    def _batch(self, index: Tensor, draw: Draw | None) -> tuple[Tensor, Tensor]:
        x, y = _rows(self.x, index), self.y.index_select(0, index)
        if not self.prepared:
            if draw is not None and self.augmenter is not None and self.augmenter.raw:
                x = self.augmenter.change_raw(x.to(self.device), draw)
            x = self.pipeline.apply(x, self.device)
            if x.dim() == 4:
                x = x.contiguous(memory_format=torch.channels_last)
        return x, y.to(self.device)

    def drawn(
        self, order: Tensor, bounds: Sequence[int]
    ) -> Iterator[tuple[Tensor, tuple[Tensor, Tensor] | None]]:
        """Yield batch by batch the places of its samples and, where they are small, the samples themselves.

        Small ones are fetched for many batches at once, which takes less time than batch by batch.

        Args:
            order: (n,) places of samples.
            bounds: Where batches begin and end in it.
        """
        small = self.prepared and isinstance(self.x, Tensor) and len(bounds) > 1
        size = self.x[:1].nbytes * (bounds[1] - bounds[0]) if small else 0  # type: ignore[union-attr]
        at_once = _FETCH_AT_ONCE_BYTES // size if size else 0
        for first in range(0, len(bounds) - 1, max(1, at_once)):
            some = bounds[first : first + max(1, at_once) + 1]
            index = order[some[0] : some[-1]]
            samples = self.batch(index) if at_once > 1 else None
            for start, end in pairwise(bound - some[0] for bound in some):
                yield index[start:end], samples and (samples[0][start:end], samples[1][start:end])

    def batches(self, index: Tensor, size: int = 1024) -> Iterator[tuple[Tensor, Tensor]]:
        """Yield samples in order, for judging.

        Args:
            index: (n,) places of the samples.
            size: Samples at a time.
        """
        for start in range(0, len(index), size):
            yield self.batch(index[start : start + size])


def prepare(
    x: NDArray[Any] | Sequence[str],
    y: NDArray[Any],
    schema: Schema,
    indices: Mapping[Split, NDArray[np.int64]],
    device: torch.device,
    preparation: PrepareConfig | None = None,
) -> TrainingData:
    """Return training data, with preparation and augmentation fitted on the training split alone.

    Args:
        x: (n, *schema.input_shape), or (n,) texts; memory-mapped.
        y: (n,) labels or values.
        schema: What `x` and `y` are.
        indices: Samples of each split.
        device: Where batches are wanted.
        preparation: How samples are prepared; None is the usual way.

    Raises:
        DataError: There is nothing to learn from; the message says what to do.
    """
    _check(y, schema, indices[Split.TRAIN])
    raw = as_tensor(x)
    samples = _at(raw, indices[Split.TRAIN])
    rows = TrainingRows.of(samples, torch.from_numpy(np.array(y[indices[Split.TRAIN]])))
    pipeline, rows = fit_to_rows(steps_of(preparation, schema), rows, schema)
    scale, targets = _targets(y, schema, indices[Split.TRAIN])
    augmenter = _augmenter(preparation, samples, schema, pipeline.output, own=rows.own)
    # What is augmented raw stays raw, where it fits on the device.
    stays_raw = augmenter is not None and bool(augmenter.raw)
    size = int(np.prod(pipeline.output.input_shape)) * 4 * len(raw)
    prepared = rows.own or (not stays_raw and size <= _PREPARE_AT_ONCE_BYTES)
    if rows.own:
        # Behind all samples stand the training samples as the steps made them: these are learnt from.
        indices = {**indices, Split.TRAIN: np.arange(len(raw), len(raw) + len(rows.x))}
        targets = torch.cat([targets, _scaled(rows.y, schema, scale)])
    else:
        indices = {**indices, Split.TRAIN: indices[Split.TRAIN][rows.origin.numpy()]}
    if prepared:
        raw = _prepared(pipeline, raw, rows.x if rows.own else None).to(device)
    else:
        _check_prepared(pipeline, raw)
        if isinstance(raw, Tensor) and raw.nbytes <= _PREPARE_AT_ONCE_BYTES:
            raw = raw.to(device)
    home = raw.device if isinstance(raw, Tensor) else torch.device("cpu")
    places = {split: torch.from_numpy(index).to(home) for split, index in indices.items()}
    return TrainingData(raw, targets.to(home), places, pipeline, scale, prepared, device, augmenter)


def _prepared(pipeline: Pipeline, raw: Any, made: Tensor | None) -> Tensor:
    """Return all samples through the pipeline, and behind them those that its steps have made."""
    parts = [pipeline.apply(raw[start : start + _BLOCK]) for start in range(0, len(raw), _BLOCK)]
    x = torch.cat(parts if made is None else [*parts, made])
    if problem := left_over(pipeline.output, x):
        raise DataError(f"The preparation is not complete. {problem}")
    return x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x


def _check_prepared(pipeline: Pipeline, raw: Any) -> None:
    """Refuse rows that are not complete once they are prepared, where that is done batch by batch."""
    if pipeline.output.modality is not Modality.TABLE:
        return
    for start in range(0, len(raw), _BLOCK):
        if problem := left_over(pipeline.output, pipeline.apply(raw[start : start + _BLOCK])):
            raise DataError(f"The preparation is not complete. {problem}")


def _augmenter(
    preparation: PrepareConfig | None, samples: Any, schema: Schema, output: Schema, *, own: bool
) -> Augmenter | None:
    """Return what augments training samples; None where nothing does."""
    if preparation is None or not preparation.augmentation:
        return None
    augmenter = fit_augmenter(preparation.augmentation, samples, schema, output)
    if own and augmenter is not None and augmenter.raw:
        raise DataError(
            "Samples that a step of the recipe made have no raw form to augment: switch off that step, or "
            "the steps of the augmentation other than mixup."
        )
    return augmenter


def as_tensor(array: Any) -> Any:
    """Return a tensor over a memory-mapped array; the file is never written through it. Texts stay texts."""
    if isinstance(array, SelectedArray):
        array = array.whole()
    if getattr(array, "dtype", np.dtype(object)) == np.dtype(object):
        return array
    if isinstance(array, np.memmap) and not array.flags.writeable and array.filename is not None:
        array = np.memmap(array.filename, array.dtype, "c", array.offset, array.shape)
    elif not array.flags.writeable:
        array = array.copy()
    return torch.from_numpy(array)


def _at(x: Any, places: NDArray[np.int64]) -> Any:
    """Return samples at these places: rows of a tensor, or texts."""
    return x[torch.from_numpy(places)] if isinstance(x, Tensor) else x[places]


def _rows(x: Any, index: Tensor) -> Any:
    """Return samples in the memory format they have; several times as fast as `x[index]` on a CPU."""
    if not isinstance(x, Tensor):
        return x[index.cpu().numpy()]
    if x.dim() == 4 and not x.is_contiguous():
        return x.permute(0, 2, 3, 1).index_select(0, index).permute(0, 3, 1, 2)
    return x.index_select(0, index)


def _check(y: NDArray[Any], schema: Schema, train: NDArray[np.int64]) -> None:
    if len(train) == 0:
        raise DataError("The training split has no samples: give it a larger share.")
    if schema.task is Task.REGRESSION:
        if not np.isfinite(y).all():
            raise DataError("The target has values that are missing or infinite: import the dataset again.")
        return
    if len(schema.classes) < 2:
        raise DataError("There is only one class, so there is nothing to tell apart: import at least two.")
    if y.min() < 0 or y.max() >= len(schema.classes):
        raise DataError("A label is outside the dataset's classes: import the dataset again.")


def _targets(y: NDArray[Any], schema: Schema, train: NDArray[np.int64]) -> tuple[TargetScale, Tensor]:
    if schema.task is Task.CLASSIFICATION:
        return TargetScale(), torch.from_numpy(np.array(y, dtype=np.int64))
    values = np.array(y, dtype=np.float64)
    deviation = float(values[train].std())
    scale = TargetScale(float(values[train].mean()), deviation if deviation > 1e-12 else 1.0)
    return scale, _scaled(torch.from_numpy(values), schema, scale)


def _scaled(y: Tensor, schema: Schema, scale: TargetScale) -> Tensor:
    """Return targets as a model is to say them: (n,) labels, or (n, 1) float32 values."""
    if schema.task is Task.CLASSIFICATION:
        return y.long()
    return ((y.double() - scale.mean) / scale.deviation).float().unsqueeze(1)
