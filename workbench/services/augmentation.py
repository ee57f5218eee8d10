"""Verbs on how training samples are augmented: what is offered, what it looks like, what it is set to."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workbench.core.augmentation import label_risk
from workbench.core.configs import PrepareConfig, StepConfig
from workbench.core.events import DatasetChanged
from workbench.core.registry import Choice
from workbench.core.states import Modality, Split, Task
from workbench.services.row_texts import mixed_texts
from workbench.services.token_texts import texts_of

if TYPE_CHECKING:
    from workbench.services.session import Session
    from workbench.training.data import TrainingData
    from workbench.transforms.augmentation.augmenter import Augmenter

_TO_FIT, _TO_FIT_BYTES = 512, 32 << 20
_TO_SHOW = 8
_CELLS = 12
_LARGEST = 128
_SMALL_OBJECT = 0.2


@dataclass(frozen=True, slots=True)
class Shown:
    """Some training samples before and after an augmentation.

    Args:
        modality: What they are.
        labels: The class of each, or its target.
        before: Each sample as it is: uint8 (channels, height, width) for pictures, float32 (samples,) for
            sound, a text for each of the first cells for rows, a str for text.
        after: For each draw the same samples changed, in the same order.
        spectra: For sound the log-mel pictures, float32 in [0, 1], of the samples and then of each draw.
    """

    modality: Modality
    labels: tuple[str, ...]
    before: Any
    after: tuple[Any, ...]
    spectra: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """What a dataset can be augmented with.

    Args:
        steps: The steps that make sense for it, by name.
        small_objects: Whether what is seen in its pictures is small, so that a crop may cut it away.
    """

    steps: Mapping[str, type[Choice]] = field(default_factory=dict)
    small_objects: bool = False


class AugmentationService:
    """How the training samples of each dataset are augmented."""

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._lock = threading.Lock()
        self._some = lru_cache(maxsize=2)(self._prepared)

    def of(self, dataset_id: int) -> tuple[StepConfig, ...]:
        """Return the steps that new runs on a dataset begin with."""
        preparation = self._session.datasets.get(dataset_id).preparation
        return preparation.augmentation if preparation is not None else ()

    def set_steps(self, dataset_id: int, steps: Sequence[StepConfig]) -> None:
        """Set what augments the training samples of new runs. Can be undone."""
        dataset = self._session.datasets.get(dataset_id)
        before = dataset.preparation
        after = (before or PrepareConfig()).model_copy(update={"augmentation": tuple(steps)})
        if after == (before or PrepareConfig()):
            return
        store = self._session.store.datasets
        self._session.change(
            f"Augmentation of {dataset.name}",
            lambda: store.set_preparation(dataset_id, after),
            lambda: store.set_preparation(dataset_id, before),
            DatasetChanged(dataset_id),
        )

    def offer(self, dataset_id: int) -> Offer:
        """Return what a dataset can be augmented with. Loads torch: not for the window's thread."""
        from workbench.transforms.augmentation.augmenter import fitting

        some = self._of_now(dataset_id)
        raw, prepared = some.data.pipeline.schemas[0], some.data.pipeline.output
        small = raw.modality is Modality.PICTURE and _object_share(some.training) < _SMALL_OBJECT
        return Offer({step.name: step for step in fitting(raw, prepared)}, small)

    def risks(self, dataset_id: int, steps: Sequence[StepConfig], small_objects: bool) -> dict[int, str]:
        """Return by place in `steps` why a step may make a sample one of another class, or of none."""
        schema = self._session.datasets.get(dataset_id).schema
        found = {}
        for place, step in enumerate(steps):
            risk = label_risk(step, schema)
            if not risk and small_objects and step.name == "resize_crop":
                risk = "What is seen in the pictures is small: a crop may leave it out."
            if risk and step.on:
                found[place] = risk
        return found

    def show(self, dataset_id: int, steps: Sequence[StepConfig], seed: int, draws: int = 4) -> Shown:
        """Return some training samples as they are and as a run might see them.

        The same seed draws the same. Large pictures are shown smaller. Loads torch: not for the window's
        thread.

        Raises:
            UserError: A step is not for such samples, or a setting is wrong; the message says which.
        """
        import torch

        from workbench.transforms.augmentation.augmenter import fit_augmenter
        from workbench.transforms.augmentation.base import Draw

        some = self._of_now(dataset_id)
        pipeline, x, index = some.data.pipeline, some.shown, some.data.indices[Split.VALIDATION]
        modality, y = pipeline.schemas[0].modality, some.data.y[index]
        augmenter = fit_augmenter(steps, some.training, pipeline.schemas[0], pipeline.output)
        if modality is Modality.TABLE:
            return _rows_shown(some, augmenter, seed, draws)
        ready = pipeline.apply(x) if modality in (Modality.TEXT, Modality.AUDIO) else x
        before, spectra = _plain(x) if modality is not Modality.TEXT else (), [ready]
        after = []
        for draw in (Draw(seed, number, device=torch.device("cpu")) for number in range(draws)):
            changed = augmenter.change_raw(x, draw) if augmenter is not None else x
            # Mixtures of prepared pictures look like mixtures of raw ones, which can be shown.
            ready = pipeline.apply(changed) if modality in (Modality.TEXT, Modality.AUDIO) else changed
            if augmenter is not None and augmenter.prepared:
                ready = augmenter.change_prepared(ready.float() if ready is changed else ready, y, draw)[0]
            spectra.append(ready)
            if modality is not Modality.TEXT:
                after.append(_plain(changed if modality is Modality.AUDIO else ready, like=before))
        if modality is Modality.TEXT:
            before, *after = [texts_of(tokens, pipeline.states) for tokens in spectra]
        pictures = tuple(_scaled(spectra)) if modality is Modality.AUDIO else ()
        return Shown(modality, _labels(some.data, index), before, tuple(after), pictures)

    def _of_now(self, dataset_id: int) -> "_Some":
        dataset = self._session.datasets.get(dataset_id)
        key = (dataset.preparation or PrepareConfig()).model_copy(update={"augmentation": ()})
        with self._lock:  # once, however many ask
            return self._some(dataset_id, dataset.split.model_dump_json(), key.model_dump_json())

    def _prepared(self, dataset_id: int, _split: str, preparation: str) -> "_Some":
        """Return some training samples, raw, with a preparation that is fitted on them.

        Its validation split is what is shown: a few samples of as many classes as there are.
        """
        import numpy as np
        import torch

        from workbench.training.data import prepare

        dataset = self._session.datasets.get(dataset_id)
        samples = self._session.datasets.samples(dataset_id)
        train = self._session.datasets.split_indices(dataset_id)[Split.TRAIN]
        size = samples.x[:1].nbytes if isinstance(samples.x, np.ndarray) else 1
        # Large pictures are few: the preparation makes numbers of them, four bytes for each one.
        train = train[_spread(len(train), max(_TO_SHOW, min(_TO_FIT, _TO_FIT_BYTES // size)))]
        y = np.asarray(samples.y[train])
        shown = np.argsort(y, kind="stable")[_spread(len(y), _TO_SHOW)]
        none = np.zeros(0, dtype=np.int64)
        indices = {Split.TRAIN: np.arange(len(train)), Split.VALIDATION: shown, Split.TEST: none}
        x: Any = samples.x[train]
        config = PrepareConfig.model_validate_json(preparation)
        data = prepare(x, y, dataset.schema, indices, torch.device("cpu"), config)
        if isinstance(x, np.ndarray):
            x = torch.from_numpy(np.array(x))
            small = _smaller(x) if dataset.schema.modality is Modality.PICTURE else x
            return _Some(data, small, small[torch.from_numpy(shown)])
        return _Some(data, x, x[shown])


@dataclass(frozen=True, slots=True)
class _Some:
    """Some training samples of a dataset.

    Args:
        data: They, prepared; those that are shown are its validation split.
        training: They, raw.
        shown: Those of them that are shown, raw.
    """

    data: "TrainingData"
    training: Any
    shown: Any


def _rows_shown(some: _Some, augmenter: "Augmenter | None", seed: int, draws: int) -> Shown:
    """Return rows before and after; what lies between two categories is told by its shares."""
    import torch

    from workbench.transforms.augmentation.base import Draw
    from workbench.transforms.categories import OneHot

    index, schema = some.data.indices[Split.VALIDATION], some.data.pipeline.schemas[0]
    encoded, y, every = OneHot().output(schema), some.data.y[index], []
    for draw in (None, *(Draw(seed, number, device=torch.device("cpu")) for number in range(draws))):
        x = augmenter.change_raw(some.shown, draw) if augmenter is not None and draw else some.shown
        x = OneHot().apply(x, schema, {})
        if augmenter is not None and draw and augmenter.prepared:
            x = augmenter.change_prepared(x, y, draw)[0]
        every.append(mixed_texts(x, encoded, _CELLS))
    return Shown(Modality.TABLE, _labels(some.data, index), every[0], tuple(every[1:]))


def _spread(count: int, wanted: int) -> Any:
    """Return places of at most so many of `count` samples, evenly spread."""
    import numpy as np

    return np.linspace(0, count - 1, min(count, wanted)).astype(np.int64)


def _labels(data: "TrainingData", index: Any) -> tuple[str, ...]:
    schema = data.pipeline.schemas[0]
    if schema.task is Task.CLASSIFICATION:
        return tuple(schema.classes[int(label)] for label in data.y[index])
    values = data.y[index][:, 0].double() * data.scale.deviation + data.scale.mean
    return tuple(f"{value:.4g}" for value in values.tolist())


def _plain(x: Any, like: Any = None) -> Any:
    """Return samples as an array; pictures that were changed are bytes again."""
    values = x.numpy()
    if like is not None and like.dtype == "uint8":
        return values.round().clip(0, 255).astype("uint8")
    return values


def _smaller(x: Any) -> Any:
    """Return pictures (n, channels, height, width) of at most `_LARGEST` pixels a side, uint8."""
    from torch.nn import functional

    largest = max(x.shape[2:])
    if largest <= _LARGEST:
        return x
    size = [max(1, side * _LARGEST // largest) for side in x.shape[2:]]
    parts = [functional.interpolate(part.float(), size, mode="area") for part in x.split(32)]
    import torch

    return torch.cat(parts).round().clamp(0, 255).to(x.dtype)


def _scaled(spectra: Sequence[Any]) -> list[Any]:
    """Return log-mel pictures in [0, 1], on one scale."""
    low, high = float(spectra[0].min()), float(spectra[0].max())
    return [((part - low) / max(high - low, 1e-6)).clamp(0, 1).numpy() for part in spectra]


def _object_share(x: Any) -> float:
    """Return the usual share of a picture that is not background, which is what its border shows.

    Args:
        x: (n, channels, height, width) uint8.
    """
    import torch

    some = x[:128].float() / 255
    border = torch.cat([some[:, :, 0], some[:, :, -1], some[:, :, :, 0], some[:, :, :, -1]], dim=2)
    ground = border.median(dim=2).values[:, :, None, None]
    plain = (border - ground[:, :, 0]).abs().amax(dim=1).median(dim=1).values < 0.1
    if plain.float().mean() < 0.5:
        return 1.0  # no even ground: nothing can be said of what stands before it
    share = ((some - ground).abs().amax(dim=1) > 0.15).float().mean(dim=(1, 2))
    return float(share[plain].median())
