"""Residual networks of torchvision."""

from typing import Any, ClassVar, Literal

from pydantic import Field
from torch import nn

from workbench.core.records import Schema
from workbench.models.base import Family, families, no_pictures

_SMALL = 64
_BLOCKS = {"18": (2, 2, 2, 2), "34": (3, 4, 6, 3), "50": (3, 4, 6, 3)}


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

    width: int = Field(
        64,
        ge=8,
        le=128,
        title="Channels of the first stage",
        json_schema_extra={"log": True},
        description="Default 64, as published; each further stage has twice as many. 16 is quick on a CPU.",
    )

    def misfit(self, schema: Schema) -> str:
        """Return why it cannot learn from such samples; empty when it can."""
        return no_pictures(schema)

    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, with the reason."""
        if min(schema.input_shape[1:], default=0) > _SMALL and count >= 5000:
            return 0.97, "Large pictures, and many of them: depth pays."
        return 0.6, "Stronger than the small CNN where there is much data; slower."

    def build(self, schema: Schema) -> nn.Module:
        """Return (batch, channels, height, width) -> (batch, outputs)."""
        from torchvision.models.resnet import BasicBlock, Bottleneck

        block = Bottleneck if self.layers == "50" else BasicBlock
        channels, *sides = schema.input_shape
        # As published for CIFAR: on small pictures the first stage sees every pixel.
        small = min(sides) <= _SMALL
        kernel, stride = (3, 1) if small else (7, 2)
        parts: list[nn.Module] = [
            nn.Conv2d(channels, self.width, kernel, stride, padding=kernel // 2, bias=False),
            nn.BatchNorm2d(self.width),
            nn.ReLU(inplace=True),
            nn.Identity() if small else nn.MaxPool2d(3, 2, padding=1),
        ]
        inputs = self.width
        for number, count in enumerate(_BLOCKS[self.layers]):
            planes = self.width << number
            parts.append(_stage(block, inputs, planes, count, stride=1 if number == 0 else 2))
            inputs = planes * block.expansion
        model = nn.Sequential(
            *parts, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(inputs, schema.outputs)
        )
        for module in model.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        return model


def _stage(block: Any, inputs: int, planes: int, count: int, stride: int) -> nn.Sequential:
    """Return blocks of torchvision, the first of which changes size and channels."""
    outputs = planes * block.expansion
    short_cut = None
    if stride != 1 or inputs != outputs:
        short_cut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))
    blocks = [block(inputs, planes, stride, short_cut)]
    return nn.Sequential(*blocks, *(block(outputs, planes) for _ in range(count - 1)))
