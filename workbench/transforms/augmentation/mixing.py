"""Steps that make one sample of two, and one label of theirs."""

from abc import abstractmethod
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.augmentation.base import Augmentation, Draw, Numbers, Where, augmentations, strength
from workbench.transforms.augmentation.pixels import boxes
from workbench.transforms.base import State


class Mixing(Augmentation):
    """A step after which a sample is partly another one of the batch. Last of all: labels follow it."""

    where: ClassVar[Where] = Where.PREPARED

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return mixed samples."""
        return self.mix(x, draw)[0]

    @abstractmethod
    def mix(self, x: Tensor, draw: Draw) -> tuple[Tensor, Tensor, Tensor]:
        """Return mixed samples, (n,) the places of the others, and (n, 1) the shares that stayed."""


def _others(x: Tensor, draw: Draw) -> Tensor:
    return torch.from_numpy(draw.numbers.permutation(len(x))).to(x.device)


def _kept(count: int, alpha: float, probability: float, draw: Draw) -> Numbers:
    """Return (count,) shares that stay, Beta(alpha, alpha); 1 where the step does not happen."""
    happens = draw.happens(count, probability)
    share = draw.numbers.beta(alpha, alpha, count)
    # The larger share stays with the sample itself: the pair is the same, and the label is its own.
    return np.where(happens, np.maximum(share, 1.0 - share), 1.0)


_ALPHA_TEXT = "Shares of the two are drawn from Beta(α, α): 1 is any, small is mostly one. Default {:g}."


@augmentations.register("mixup")
class Mixup(Mixing):
    """Two samples shine through each other. Zhang et al. 2018, section 2."""

    title: ClassVar[str] = "Mixup"
    text: ClassVar[str] = "Two samples shine through each other, and their labels are shared in the same way."
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.PICTURE, Modality.AUDIO, Modality.TABLE)

    alpha: float = strength(0.2, 0.05, 2.0, "Alpha", _ALPHA_TEXT.format(0.2))

    def mix(self, x: Tensor, draw: Draw) -> tuple[Tensor, Tensor, Tensor]:
        """Return weighted sums of two samples."""
        others = _others(x, draw)
        kept = _kept(len(x), self.alpha, self.probability, draw)
        return torch.lerp(x[others], x, draw.send(kept, x)), others, draw.send(kept, x[:, :1].flatten(1))


@augmentations.register("cutmix")
class Cutmix(Mixing):
    """A rectangle of another picture. Yun et al. 2019, section 3.1."""

    title: ClassVar[str] = "CutMix"
    text: ClassVar[str] = "A rectangle comes from another picture; labels are shared as the areas are."
    modalities: ClassVar[tuple[Modality, ...]] = (Modality.PICTURE, Modality.AUDIO)

    alpha: float = strength(1.0, 0.05, 2.0, "Alpha", _ALPHA_TEXT.format(1))

    def fits(self, schema: Schema) -> bool:
        """Return whether prepared samples are pictures, also those of sound."""
        return super().fits(schema) and len(schema.input_shape) == 3

    def mix(self, x: Tensor, draw: Draw) -> tuple[Tensor, Tensor, Tensor]:
        """Return pictures with a rectangle of another one."""
        others = _others(x, draw)
        kept = _kept(len(x), self.alpha, self.probability, draw)
        inside, area = boxes(1.0 - kept, x, draw)
        # Rounded up to whole pixels, a half may become more: then the picture stays as it is.
        inside = inside & (draw.send(area, x) <= 0.5)
        area = np.where(area <= 0.5, area, 0.0)
        return torch.where(inside, x[others], x), others, draw.send(1.0 - area, x[:, 0, 0])
