"""Steps for pictures that are no matrix: blur, noise, and parts that are missing."""

import math
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

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


class _Pixels(Augmentation):
    probability: float = chance(0.3)

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are pictures."""
        return super().fits(schema) and len(schema.input_shape) == 3


@augmentations.register("blur")
class Blur(_Pixels):
    """Out of focus: a Gaussian, along rows and then along columns."""

    text: ClassVar[str] = "Out of focus."

    sigma: float = strength(1.0, 0.1, 5.0, "Pixels", "Largest deviation of the blur in pixels. Default 1.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return blurred pictures, (n, channels, height, width)."""
        count = len(x)
        happens = draw.happens(count, self.probability)
        sigma = self.sigma * draw.numbers.random(count)
        reach = min(math.ceil(2.5 * self.sigma), x.shape[2] - 1, x.shape[3] - 1)
        taps = np.arange(-reach, reach + 1)
        weights = np.exp(-0.5 * (taps / np.maximum(sigma, 1e-3)[:, None]) ** 2)
        weights = np.where(happens[:, None], weights, taps == 0)
        weights = weights / weights.sum(axis=1, keepdims=True)
        each = [draw.send(weights[:, tap], x) for tap in range(len(taps))]
        for dim, pad in ((3, (reach, reach, 0, 0)), (2, (0, 0, reach, reach))):
            wide, size = functional.pad(x, pad, "reflect"), x.shape[dim]
            total = wide.narrow(dim, 0, size) * each[0]
            for tap, weight in enumerate(each[1:], start=1):
                total.addcmul_(wide.narrow(dim, tap, size), weight)
            x = total
        return x


@augmentations.register("gaussian_noise")
class GaussianNoise(_Pixels):
    """Noise as of a sensor."""

    text: ClassVar[str] = "Grain, as of a sensor in the dark."

    amount: float = strength(0.05, 0.0, 0.5, "Amount", "Largest deviation; 1 is white. Default 0.05.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return pictures with noise, in [0, top]."""
        level = self.amount * draw.numbers.random(len(x)) * draw.happens(len(x), self.probability)
        noise = draw.normal(tuple(x.shape))
        return torch.addcmul(x, noise, draw.send(level * draw.top, x)).clamp_(0.0, draw.top)


@augmentations.register("salt_and_pepper")
class SaltAndPepper(_Pixels):
    """Single pixels that are white or black."""

    text: ClassVar[str] = "Single pixels are white or black."

    share: float = strength(0.02, 0.0, 0.3, "Share", "Largest share of the pixels. Default 0.02.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return pictures with such pixels; all channels of a pixel alike."""
        share = self.share * draw.numbers.random(len(x)) * draw.happens(len(x), self.probability)
        half = draw.send(share / 2, x)
        found = draw.uniform((len(x), 1, *x.shape[2:]))
        return x.masked_fill(found < half, 0.0).masked_fill(found > 1.0 - half, draw.top)


@augmentations.register("erasing")
class Erasing(_Pixels):
    """A rectangle in the mean colour. DeVries and Taylor 2017, Zhong et al. 2017."""

    text: ClassVar[str] = "A rectangle is painted over, so that no single part decides."

    area: float = strength(0.2, 0.01, 0.8, "Largest share", "Largest share of the picture. Default 0.2.")

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return pictures with a rectangle in their mean colour."""
        count = len(x)
        happens = draw.happens(count, self.probability)
        area = self.area * draw.numbers.random(count) * happens
        inside = boxes(area, x, draw)[0]
        return torch.where(inside, x.mean(dim=(2, 3), keepdim=True), x)


def boxes(area: Numbers, x: Tensor, draw: Draw) -> tuple[Tensor, Numbers]:
    """Return rectangles of about the given areas at random places.

    Args:
        area: (n,) shares of the picture.
        x: (n, channels, height, width).
        draw: Random numbers.

    Returns:
        (n, 1, height, width) whether a pixel is inside, and (n,) the share of pixels that are.
    """
    count, height, width = len(x), x.shape[2], x.shape[3]
    stretch = np.exp(draw.within(count, math.log(1.5)))
    tall = np.rint(np.minimum(np.sqrt(area * stretch), 1.0) * height)
    wide = np.rint(np.minimum(np.sqrt(area / stretch), 1.0) * width)
    top = np.floor(draw.numbers.random(count) * (height - tall + 1))
    left = np.floor(draw.numbers.random(count) * (width - wide + 1))
    rows = torch.arange(height, device=x.device).reshape(1, 1, height, 1)
    columns = torch.arange(width, device=x.device).reshape(1, 1, 1, width)
    first_row, first_column = draw.send(top, x), draw.send(left, x)
    inside = (rows >= first_row) & (rows < first_row + draw.send(tall, x))
    inside = inside & (columns >= first_column) & (columns < first_column + draw.send(wide, x))
    return inside, tall * wide / (height * width)
