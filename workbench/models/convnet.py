"""Small convolutional network."""

from typing import ClassVar

from pydantic import Field
from torch import nn

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.models.base import Family, families, no_pictures


@families.register("convnet")
class ConvNet(Family):
    """Blocks of 3×3 convolution, batch norm, ReLU and pooling; each block doubles the channels."""

    title: ClassVar[str] = "Small CNN"
    text: ClassVar[str] = "Convolutions see shapes wherever they lie. The first choice for small pictures."

    width: int = Field(
        32,
        ge=1,
        le=512,
        title="Channels of the first block",
        json_schema_extra={"log": True},
        description="Default 32; every further block has twice as many.",
    )
    blocks: int = Field(
        2,
        ge=1,
        le=6,
        title="Blocks",
        description="Default 2. Each halves the picture; larger pictures want more.",
    )
    batch_norm: bool = Field(
        True,
        title="Batch norm",
        description="Normalise what each block gives, batch by batch. Default yes: learns faster.",
    )
    dropout: float = Field(
        0.1,
        ge=0.0,
        lt=1.0,
        title="Dropout",
        json_schema_extra={"zero": "off"},
        description="Share of features left out before the last layer. Default 0.1.",
    )

    def misfit(self, schema: Schema) -> str:
        """Return why it cannot learn from such samples; empty when it can."""
        if lacking := no_pictures(schema):
            return lacking
        if min(schema.input_shape[1:]) < 2**self.blocks:
            height, width = schema.input_shape[1:]
            return f"{self.blocks} blocks halve a {width}×{height} picture to nothing: choose fewer blocks."
        return ""

    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, with the reason."""
        if schema.modality is Modality.AUDIO:
            return 0.95, "Audio: sees sounds in the log-mel picture, whenever they come."
        return 0.95, "Pictures: knows that neighbouring pixels belong together."

    def build(self, schema: Schema) -> nn.Module:
        """Return (batch, channels, height, width) -> (batch, outputs)."""
        channels, height, width = schema.input_shape
        layers: list[nn.Module] = []
        for block in range(self.blocks):
            out = self.width * 2**block
            layers.append(nn.Conv2d(channels, out, 3, padding=1, bias=not self.batch_norm))
            if self.batch_norm:
                layers.append(nn.BatchNorm2d(out))
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
            channels, height, width = out, height // 2, width // 2
        kernel = (max(1, height // 4), max(1, width // 4))
        inputs = channels * (height // kernel[0]) * (width // kernel[1])
        layers += [nn.AvgPool2d(kernel), nn.Flatten(), nn.Dropout(self.dropout)]
        return nn.Sequential(*layers, nn.Linear(inputs, schema.outputs))
