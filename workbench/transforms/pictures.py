"""Steps for pictures."""

from dataclasses import replace
from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor
from torch.nn import functional

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.base import State, Transform, transforms

_AT_ONCE = 512


@transforms.register("scale_pixels")
class ScalePixels(Transform):
    """Bytes to numbers with mean 0 and deviation 1 in each channel, as measured on the training split."""

    title: ClassVar[str] = "Standardise pixels"
    group: ClassVar[str] = "Pictures"

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are pictures."""
        return schema.modality is Modality.PICTURE

    def fit(self, x: Tensor, schema: Schema) -> State:
        """Return mean and deviation of each channel, shape (1, channels, 1, 1)."""
        total = torch.zeros(x.shape[1], dtype=torch.float64)
        squares = torch.zeros_like(total)
        for start in range(0, len(x), 4096):
            part = x[start : start + 4096].to(torch.float64)
            total += part.sum(dim=(0, 2, 3))
            squares += part.square().sum(dim=(0, 2, 3))
        pixels = max(1, len(x) * x.shape[2] * x.shape[3])
        mean = total / pixels
        deviation = (squares / pixels - mean.square()).clamp(min=0).sqrt()
        deviation[deviation < 1e-6] = 1.0
        shape = (1, -1, 1, 1)
        return {"mean": mean.float().reshape(shape), "deviation": deviation.float().reshape(shape)}

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return float32 pictures of the same shape."""
        return (x.float() - state["mean"]) / state["deviation"]


class _Reshape(Transform):
    """Changes the shape of pictures."""

    group: ClassVar[str] = "Pictures"

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are pictures."""
        return schema.modality is Modality.PICTURE


@transforms.register("resize")
class Resize(_Reshape):
    """Pictures get another size, whole; what is not square is stretched."""

    title: ClassVar[str] = "Resize"

    size: int = Field(
        64,
        ge=4,
        le=1024,
        title="Edge in pixels",
        description="Height and width of every picture. Default 64; smaller trains faster.",
    )

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, channels, size, size), of the type of `x`, smoothed where it gets smaller."""
        size = [self.size, self.size]
        if x.dtype == torch.uint8 and x.device.type != "cpu":
            # Only the CPU averages bytes.
            return _interpolated(x.float(), size).round().clamp(0, 255).to(x.dtype)
        return _interpolated(x, size)

    def output(self, schema: Schema) -> Schema:
        """Return the schema of the new size."""
        return replace(schema, input_shape=(schema.input_shape[0], self.size, self.size))


@transforms.register("crop")
class Crop(_Reshape):
    """Only the middle of each picture stays: for borders that say nothing."""

    title: ClassVar[str] = "Crop to the middle"

    height: float = Field(
        0.8, gt=0.0, le=1.0, title="Share of the height", description="What stays of the height. Default 0.8."
    )
    width: float = Field(
        0.8, gt=0.0, le=1.0, title="Share of the width", description="What stays of the width. Default 0.8."
    )

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, channels, smaller, smaller), of the type of `x`."""
        _, height, width = self.output(schema).input_shape
        top, left = (x.shape[2] - height) // 2, (x.shape[3] - width) // 2
        return x[:, :, top : top + height, left : left + width]

    def output(self, schema: Schema) -> Schema:
        """Return the schema of the middle; one pixel at least."""
        channels, height, width = schema.input_shape
        return replace(
            schema,
            input_shape=(channels, max(1, round(self.height * height)), max(1, round(self.width * width))),
        )


@transforms.register("grey")
class Grey(_Reshape):
    """Colours become shades of grey: for pictures whose colour says nothing."""

    title: ClassVar[str] = "Grey"

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are pictures that can be made grey."""
        return super().fits(schema) and schema.input_shape[0] in (1, 3)

    def apply(self, x: Tensor, schema: Schema, state: State) -> Tensor:
        """Return (batch, 1, height, width), of the type of `x`."""
        if x.shape[1] == 1:
            return x
        return torch.cat([_luminance(part) for part in torch.split(x, _AT_ONCE)]) if len(x) else x[:, :1]

    def output(self, schema: Schema) -> Schema:
        """Return the schema with one channel."""
        return replace(schema, input_shape=(1, *schema.input_shape[1:]))


def _interpolated(x: Tensor, size: list[int]) -> Tensor:
    return functional.interpolate(x, size, mode="bilinear", antialias=True)


def _luminance(x: Tensor) -> Tensor:
    """Return (batch, 1, height, width) shades of (batch, 3, height, width) colours, of the same type.

    Source: ITU-R BT.601.
    """
    weights = torch.tensor([0.299, 0.587, 0.114], device=x.device).reshape(1, 3, 1, 1)
    grey = (x.float() * weights).sum(dim=1, keepdim=True)
    return grey.round().to(x.dtype) if x.dtype == torch.uint8 else grey
