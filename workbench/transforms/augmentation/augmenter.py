"""All steps of an augmentation in order, folded where they can be, for batches of training samples."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from workbench.core.configs import StepConfig
from workbench.core.errors import DataError
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.transforms.augmentation.base import Augmentation, Draw, Where, augmentations, top_of
from workbench.transforms.augmentation.colors import Coloring, recolor
from workbench.transforms.augmentation.geometry import Geometric, warp
from workbench.transforms.augmentation.mixing import Mixing
from workbench.transforms.base import State

Fitted = tuple[Augmentation, State]


@dataclass(frozen=True, slots=True)
class Augmenter:
    """Changes training samples at random. Stateless: the same draw gives the same samples.

    Args:
        raw: Steps on samples as the dataset holds them, with what they learnt.
        prepared: Steps on prepared samples; those that mix samples are last.
        classes: How many classes there are; 0 for a number.
    """

    raw: tuple[Fitted, ...]
    prepared: tuple[Fitted, ...]
    classes: int = 0

    def change_raw(self, x: Tensor, draw: Draw) -> Tensor:
        """Return raw samples after the steps for them: float32 of the same range, ready for a pipeline.

        Args:
            x: (batch, ...) of the dataset's type, on the device.
            draw: Random numbers.
        """
        if not self.raw:
            return x
        draw.top = top_of(x.dtype)
        with torch.no_grad():
            return _in_order(self.raw, x.float(), draw)

    def change_prepared(self, x: Tensor, y: Tensor, draw: Draw) -> tuple[Tensor, Tensor]:
        """Return prepared samples and targets after the steps for them.

        Args:
            x: (batch, ...) prepared.
            y: (batch,) labels, or (batch, 1) values.
            draw: Random numbers.

        Returns:
            Samples and targets; where samples were mixed, the targets of classes are (batch, classes) shares.
        """
        if not self.prepared:
            return x, y
        with torch.no_grad():
            mixing = [step for step, _ in self.prepared if isinstance(step, Mixing)]
            x = _in_order([fitted for fitted in self.prepared if fitted[0] not in mixing], x, draw)
            if mixing and self.classes:
                y = functional.one_hot(y, self.classes).to(torch.float32)
            is_mixed = torch.zeros(len(x), dtype=torch.bool, device=x.device)
            for step in mixing:
                changed, others, kept = step.mix(x, draw)
                # Once at most, so that the larger share is always the sample's own.
                kept = torch.where(is_mixed.unsqueeze(1), 1.0, kept)
                x = torch.where(is_mixed.reshape(-1, *(1,) * (x.dim() - 1)), x, changed)
                y = torch.lerp(y[others], y, kept.to(y.dtype))
                is_mixed |= kept[:, 0] < 1
        return x, y


def _in_order(steps: Sequence[Fitted], x: Tensor, draw: Draw) -> Tensor:
    """Return samples after all steps; neighbours that move pixels or change colours become one."""
    moves: list[Geometric] = []
    colors: list[Coloring] = []
    for step, state in steps:
        if isinstance(step, Geometric):
            moves.append(step)
        elif isinstance(step, Coloring):
            colors.append(step)
        else:
            x = _folded(x, moves, colors, draw)
            moves, colors = [], []
            x = step.apply(x, draw, {name: value.to(x.device) for name, value in state.items()})
    return _folded(x, moves, colors, draw)


def _folded(x: Tensor, moves: Sequence[Geometric], colors: Sequence[Coloring], draw: Draw) -> Tensor:
    """Move the pixels, then change their colours: in which order the user has them makes no difference.

    A resampled pixel is a weighted mean of pixels, and a matrix of a mean is the mean of that matrix; only
    the mean that a contrast turns about is that of the picture as it is seen in the end.
    """
    if moves:
        x = warp(x.contiguous(), moves, draw)
    return recolor(x, colors, draw) if colors else x


def steps_on(steps: Sequence[StepConfig]) -> list[Augmentation]:
    """Return the steps that are on and can happen.

    Raises:
        UserError: A step is not known, or a setting of it is wrong.
    """
    built = [augmentations.build(step.name, step.fields) for step in steps if step.on]
    return [step for step in built if step.probability > 0]


def fit_augmenter(steps: Sequence[StepConfig], x: Tensor, raw: Schema, prepared: Schema) -> Augmenter | None:
    """Return what augments the training samples; None where nothing does.

    Args:
        steps: In order.
        x: (n, *raw.input_shape), the raw training split alone.
        raw: What `x` is.
        prepared: What comes out of the preparation.

    Raises:
        DataError: A step is for other samples; the message says what to do.
        UserError: A step is not known, or a setting of it is wrong.
    """
    fitted: dict[Where, list[Fitted]] = {Where.RAW: [], Where.PREPARED: []}
    for step in steps_on(steps):
        schema = raw if step.where is Where.RAW else prepared
        if not step.fits(schema):
            raise DataError(f"The augmentation {step.title} is not for such samples: switch it off.")
        fitted[step.where].append((step, step.fit(x, schema) if step.where is Where.RAW else {}))
    if not fitted[Where.RAW] and not fitted[Where.PREPARED]:
        return None
    classes = len(prepared.classes) if prepared.task is Task.CLASSIFICATION else 0
    return Augmenter(tuple(fitted[Where.RAW]), tuple(fitted[Where.PREPARED]), classes)


def fitting(raw: Schema, prepared: Schema) -> list[type[Augmentation]]:
    """Return the steps that make sense for a dataset, in the order in which they are offered."""
    known = [augmentations.get(name) for name in augmentations.names()]
    return [step for step in known if step().fits(raw if step.where is Where.RAW else prepared)]
