"""Steps that change the colours of pictures. All that stand together are one matrix a picture."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor

from workbench.core.records import Schema
from workbench.transforms.augmentation.base import (
    Augmentation,
    Draw,
    Numbers,
    augmentations,
    chance,
    strength,
)
from workbench.transforms.base import State

# Luma of ITU-R BT.601, as PIL and torchvision have it.
_LUMA = np.array([0.299, 0.587, 0.114])
# RGB to luma and two axes of colour, about which a hue turns (YIQ).
_YIQ = np.array([_LUMA, [0.596, -0.274, -0.322], [0.211, -0.523, 0.312]])


class Coloring(Augmentation):
    """A step that makes of each pixel `own @ pixel + mean @ (mean of the picture)`.

    `mixes` says that channels go into each other, so that the step is for colour pictures alone.
    """

    mixes: ClassVar[bool] = False

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are pictures, in colour where the step needs it."""
        is_picture = super().fits(schema) and len(schema.input_shape) == 3
        return is_picture and (not self.mixes or schema.input_shape[0] == 3)

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return recoloured pictures, (n, channels, height, width), in [0, top]."""
        return recolor(x, [self], draw)

    @abstractmethod
    def matrices(self, count: int, channels: int, draw: Draw) -> tuple[Numbers, Numbers]:
        """Return (count, channels, channels) matrices for the pixel and for the mean of the picture."""


def recolor(x: Tensor, steps: Sequence[Coloring], draw: Draw) -> Tensor:
    """Return pictures after all steps, kept in [0, top] at the end.

    Args:
        x: (n, channels, height, width), float32.
        steps: In order.
        draw: Random numbers.
    """
    count, channels, height, width = x.shape
    own: Numbers = np.broadcast_to(np.eye(channels), (count, channels, channels))
    mean = np.zeros((count, channels, channels))
    for step in steps:
        pixel, whole = step.matrices(count, channels, draw)
        # The mean of a picture goes the same way as its pixels.
        own, mean = pixel @ own, pixel @ mean + whole @ (own + mean)
    offset: Tensor | None = None
    if np.any(mean):
        means = x.mean(dim=(2, 3)).unsqueeze(2)
        offset = torch.from_numpy(mean.astype(np.float32)).to(x.device) @ means
    matrix = torch.from_numpy(own.astype(np.float32)).to(x.device)
    if any(step.mixes for step in steps):
        flat = x.reshape(count, channels, height * width)
        changed = matrix @ flat if offset is None else torch.baddbmm(offset, matrix, flat)
        changed = changed.reshape(x.shape)
    else:
        # The same factor for every channel.
        factor = matrix[:, :1, :1, None]
        changed = x * factor if offset is None else torch.addcmul(offset.unsqueeze(3), x, factor)
    return changed.clamp_(0.0, draw.top)


def _grey(channels: int) -> Numbers:
    """Return the (channels, channels) matrix that makes all channels the luma."""
    weights = _LUMA if channels == 3 else np.full(channels, 1.0 / channels)
    return np.tile(weights, (channels, 1))


def _factors(count: int, amount: float, probability: float, draw: Draw) -> Numbers:
    """Return (count, 1, 1) factors in [1 - amount, 1 + amount]; 1 where the step does not happen."""
    happens = draw.happens(count, probability)
    return np.asarray(1.0 + draw.within(count, amount) * happens)[:, None, None]


@augmentations.register("brightness")
class Brightness(Coloring):
    """Brighter or darker."""

    text: ClassVar[str] = "Brighter or darker."

    amount: float = strength(0.2, 0.0, 1.0, "Amount", "0.2 is up to 20 % either way. Default 0.2.")

    def matrices(self, count: int, channels: int, draw: Draw) -> tuple[Numbers, Numbers]:
        """Return factors."""
        factors = _factors(count, self.amount, self.probability, draw)
        return factors * np.eye(channels), np.zeros((1, channels, channels))


@augmentations.register("contrast")
class Contrast(Coloring):
    """Stronger or weaker differences, about the mean of the picture."""

    text: ClassVar[str] = "Stronger or weaker contrast, about the mean of the picture."

    amount: float = strength(0.2, 0.0, 1.0, "Amount", "0.2 is up to 20 % either way. Default 0.2.")

    def matrices(self, count: int, channels: int, draw: Draw) -> tuple[Numbers, Numbers]:
        """Return factors, and what of the mean makes up for them."""
        factors = _factors(count, self.amount, self.probability, draw)
        return factors * np.eye(channels), (1.0 - factors) * _grey(channels)


@augmentations.register("saturation")
class Saturation(Coloring):
    """Paler or stronger colours."""

    mixes: ClassVar[bool] = True
    text: ClassVar[str] = "Paler or stronger colours."

    amount: float = strength(0.2, 0.0, 1.0, "Amount", "0.2 is up to 20 % either way. Default 0.2.")

    def matrices(self, count: int, channels: int, draw: Draw) -> tuple[Numbers, Numbers]:
        """Return mixtures with grey."""
        factors = _factors(count, self.amount, self.probability, draw)
        pixel = factors * np.eye(channels) + (1.0 - factors) * _grey(channels)
        return pixel, np.zeros((1, channels, channels))


@augmentations.register("hue")
class Hue(Coloring):
    """Other colours of the same brightness: a turn about the grey axis, linear in RGB."""

    mixes: ClassVar[bool] = True
    text: ClassVar[str] = "Other colours of the same brightness, turned round the colour circle."

    degrees: float = strength(20.0, 0.0, 180.0, "Degrees", "Largest turn, either way. Default 20.")

    def matrices(self, count: int, channels: int, draw: Draw) -> tuple[Numbers, Numbers]:
        """Return turns."""
        happens = draw.happens(count, self.probability)
        angle = np.radians(draw.within(count, self.degrees) * happens)
        turn = np.tile(np.eye(3), (count, 1, 1))
        turn[:, 1, 1] = turn[:, 2, 2] = np.cos(angle)
        turn[:, 1, 2], turn[:, 2, 1] = -np.sin(angle), np.sin(angle)
        return np.linalg.inv(_YIQ) @ turn @ _YIQ, np.zeros((1, channels, channels))


@augmentations.register("grey")
class Grey(Coloring):
    """Without colour."""

    mixes: ClassVar[bool] = True
    text: ClassVar[str] = "Without colour, for models that should look at shapes."

    probability: float = chance(0.1)

    def matrices(self, count: int, channels: int, draw: Draw) -> tuple[Numbers, Numbers]:
        """Return the luma in every channel, or nothing changed."""
        happens = draw.happens(count, self.probability)[:, None, None]
        pixel = np.where(happens, _grey(channels), np.eye(channels))
        return pixel, np.zeros((1, channels, channels))
