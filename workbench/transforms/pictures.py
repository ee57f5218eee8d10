"""Steps for pictures."""

import torch
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.base import State, Transform, transforms


@transforms.register("scale_pixels")
class ScalePixels(Transform):
    """Bytes to numbers with mean 0 and deviation 1 in each channel, as measured on the training split."""

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
