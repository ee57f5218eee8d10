"""Steps that move the pixels of pictures. All that stand together are one matrix and one resampling."""

from abc import abstractmethod
from collections.abc import Sequence
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


class Geometric(Augmentation):
    """A step that says for each place of the new picture where in the old one it is from."""

    bends: ClassVar[bool] = False

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are pictures."""
        return super().fits(schema) and len(schema.input_shape) == 3

    def apply(self, x: Tensor, draw: Draw, state: State) -> Tensor:
        """Return resampled pictures, (n, channels, height, width)."""
        return warp(x, [self], draw)

    @abstractmethod
    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return (count, 3, 3) maps from new to old places, in pixels from the middle of the picture."""


def warp(x: Tensor, steps: Sequence[Geometric], draw: Draw) -> Tensor:
    """Return pictures after all steps, resampled once, bilinearly; what comes in from outside is mirrored.

    Args:
        x: (n, channels, height, width), float32.
        steps: In order.
        draw: Random numbers.
    """
    count, _, height, width = x.shape
    total: Numbers = np.broadcast_to(np.eye(3), (count, 3, 3))
    for step in steps:
        total = total @ step.matrices(count, height, width, draw)
    maps = torch.from_numpy(total.astype(np.float32)).to(x.device)
    grid = _places(maps, height, width, bent=any(step.bends for step in steps))
    return functional.grid_sample(x, grid, "bilinear", "reflection", align_corners=False)


def _places(maps: Tensor, height: int, width: int, *, bent: bool) -> Tensor:
    """Return (n, height, width, 2) places in the old picture, from -1 to 1 as grid_sample has them.

    Args:
        maps: (n, 3, 3) maps in pixels from the middle.
        height: Rows of a picture.
        width: Pixels of a row.
        bent: Whether the third row is another one than 0, 0, 1.
    """
    columns = torch.arange(width, device=maps.device, dtype=maps.dtype) - (width - 1) / 2
    rows = torch.arange(height, device=maps.device, dtype=maps.dtype) - (height - 1) / 2
    maps = maps / maps.new_tensor([width / 2, height / 2, 1.0])[:, None]
    along = columns[:, None] * maps[:, None, :, 0]
    down = rows[:, None] * maps[:, None, :, 1] + maps[:, None, :, 2]
    # One sum for each pixel, of pairs as complex numbers: six times as fast as of pairs in a dimension of
    # their own, and a product of matrices takes as long as the resampling itself.
    pairs = [torch.view_as_complex(part[..., :2].contiguous()) for part in (along, down)]
    grid = torch.view_as_real(pairs[0][:, None] + pairs[1][:, :, None])
    return grid / (along[:, None, :, 2] + down[:, :, None, 2]).unsqueeze(3) if bent else grid


def _same(count: int) -> Numbers:
    return np.tile(np.eye(3), (count, 1, 1))


@augmentations.register("flip_horizontal")
class FlipHorizontal(Geometric):
    """Left becomes right."""

    text: ClassVar[str] = "Left becomes right."

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return mirrors."""
        matrices = _same(count)
        matrices[:, 0, 0] -= 2.0 * draw.happens(count, self.probability)
        return matrices


@augmentations.register("flip_vertical")
class FlipVertical(Geometric):
    """Top becomes bottom."""

    text: ClassVar[str] = "Top becomes bottom: for pictures without an up, such as from a microscope."

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return mirrors."""
        matrices = _same(count)
        matrices[:, 1, 1] -= 2.0 * draw.happens(count, self.probability)
        return matrices


@augmentations.register("rotation")
class Rotation(Geometric):
    """Turned about the middle."""

    text: ClassVar[str] = "Turned about the middle by a random angle, either way."

    degrees: float = strength(15.0, 0.0, 180.0, "Degrees", "Largest angle, either way. Default 15.")

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return turns, counter-clockwise for positive angles."""
        happens = draw.happens(count, self.probability)
        return turned(draw.within(count, self.degrees) * happens)


def turned(degrees: Numbers) -> Numbers:
    """Return (count, 3, 3) counter-clockwise turns by (count,) angles; rows of pixels go down."""
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    matrices = _same(len(degrees))
    matrices[:, 0, 0] = matrices[:, 1, 1] = cosine
    matrices[:, 0, 1], matrices[:, 1, 0] = -sine, sine
    return matrices


@augmentations.register("shift")
class Shift(Geometric):
    """Moved a little."""

    text: ClassVar[str] = "Moved up, down and sideways by up to a share of the picture."

    share: float = strength(0.1, 0.0, 0.5, "Share", "Largest shift, as a share of the side. Default 0.1.")

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return shifts."""
        happens = draw.happens(count, self.probability)
        matrices = _same(count)
        matrices[:, 0, 2] = draw.within(count, self.share * width) * happens
        matrices[:, 1, 2] = draw.within(count, self.share * height) * happens
        return matrices


@augmentations.register("random_crop")
class RandomCrop(Geometric):
    """A window of the same size in the picture with a margin."""

    text: ClassVar[str] = "Moved by whole pixels, as if cut out of the picture with a margin."

    probability: float = chance(1.0)
    margin: float = strength(0.125, 0.0, 0.5, "Margin", "Margin, as a share of the side. Default 0.125.")

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return shifts by whole pixels."""
        happens = draw.happens(count, self.probability)
        matrices = _same(count)
        matrices[:, 0, 2] = np.rint(draw.within(count, self.margin * width) * happens)
        matrices[:, 1, 2] = np.rint(draw.within(count, self.margin * height) * happens)
        return matrices


@augmentations.register("resize_crop")
class ResizeCrop(Geometric):
    """A part of the picture, enlarged to the whole. Szegedy et al. 2015."""

    text: ClassVar[str] = "A random part of the picture, stretched to the whole size."

    least: float = strength(0.6, 0.05, 1.0, "Least share", "Smallest share of the area. Default 0.6.")
    stretch: float = strength(1.2, 1.0, 2.0, "Stretch", "Largest change of the aspect ratio. Default 1.2.")

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return windows inside the picture."""
        happens = draw.happens(count, self.probability)
        area = 1.0 - (1.0 - self.least) * draw.numbers.random(count)
        aspect = np.exp(draw.within(count, np.log(self.stretch)))
        sides = np.minimum(np.sqrt(area[:, None] * np.stack([aspect, 1.0 / aspect], axis=1)), 1.0)
        sides = np.where(happens[:, None], sides, 1.0)
        matrices = _same(count)
        matrices[:, 0, 0], matrices[:, 1, 1] = sides[:, 0], sides[:, 1]
        matrices[:, 0, 2] = draw.within(count, width / 2) * (1.0 - sides[:, 0])
        matrices[:, 1, 2] = draw.within(count, height / 2) * (1.0 - sides[:, 1])
        return matrices


@augmentations.register("scale")
class Scale(Geometric):
    """Larger or smaller."""

    text: ClassVar[str] = "Larger or smaller, about the middle."

    amount: float = strength(0.15, 0.0, 0.9, "Amount", "0.15 is up to 15 % larger or smaller. Default 0.15.")

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return zooms; as often larger as smaller."""
        happens = draw.happens(count, self.probability)
        factor = np.exp(-draw.within(count, np.log1p(self.amount)) * happens)
        matrices = _same(count)
        matrices[:, 0, 0] = matrices[:, 1, 1] = factor
        return matrices


@augmentations.register("shear")
class Shear(Geometric):
    """Slanted."""

    text: ClassVar[str] = "Slanted to the side, as in italics."

    degrees: float = strength(10.0, 0.0, 60.0, "Degrees", "Largest slant, either way. Default 10.")

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return slants along the rows."""
        happens = draw.happens(count, self.probability)
        matrices = _same(count)
        matrices[:, 0, 1] = np.tan(np.radians(draw.within(count, self.degrees) * happens))
        return matrices


@augmentations.register("perspective")
class Perspective(Geometric):
    """Tilted in space."""

    bends: ClassVar[bool] = True
    text: ClassVar[str] = "Tilted in space: one side comes nearer than the other."

    amount: float = strength(0.2, 0.0, 0.45, "Amount", "How much nearer, as a share. Default 0.2.")

    def matrices(self, count: int, height: int, width: int, draw: Draw) -> Numbers:
        """Return tilts about both axes."""
        happens = draw.happens(count, self.probability)
        matrices = _same(count)
        matrices[:, 2, 0] = draw.within(count, self.amount / width) * happens * 2
        matrices[:, 2, 1] = draw.within(count, self.amount / height) * happens * 2
        return matrices
