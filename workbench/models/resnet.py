"""Residual networks of torchvision."""

from typing import ClassVar, Literal

from pydantic import Field
from torch import nn

from workbench.core.records import Schema
from workbench.models.base import Family, families

_SMALL = 64


@families.register("resnet")
class ResNet(Family):
    """Residual network, He et al. 2016, as torchvision builds it; small pictures keep their size at first."""

    title: ClassVar[str] = "ResNet"
    text: ClassVar[str] = "Deep convolutions with short cuts. For larger pictures, or more of them."

    layers: Literal["18", "34", "50"] = Field(
        "18",
        title="Layers",
        description="Default 18. More layers see more and take longer.",
    )

    def misfit(self, schema: Schema) -> str:
        """Return why it cannot learn from such samples; empty when it can."""
        if len(schema.input_shape) != 3:
            return "Needs pictures; this dataset is a table."
        return ""

    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, with the reason."""
        if min(schema.input_shape[1:], default=0) > _SMALL and count >= 5000:
            return 0.97, "Large pictures, and many of them: depth pays."
        return 0.6, "Stronger than the small CNN where there is much data; slower."

    def build(self, schema: Schema) -> nn.Module:
        """Return (batch, channels, height, width) -> (batch, outputs)."""
        from torchvision.models import resnet

        build = {"18": resnet.resnet18, "34": resnet.resnet34, "50": resnet.resnet50}[self.layers]
        model: nn.Module = build(weights=None, num_classes=schema.outputs)
        channels, *sides = schema.input_shape
        if min(sides) <= _SMALL:
            # As published for CIFAR: the first stage sees every pixel.
            model.conv1 = _first(channels, kernel=3, stride=1)
            model.maxpool = nn.Identity()
        elif channels != 3:
            model.conv1 = _first(channels, kernel=7, stride=2)
        return model


def _first(channels: int, kernel: int, stride: int) -> nn.Conv2d:
    conv = nn.Conv2d(channels, 64, kernel, stride, padding=kernel // 2, bias=False)
    nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
    return conv
