"""Multilayer perceptron."""

from math import prod
from typing import ClassVar

from pydantic import Field
from torch import nn

from workbench.core.records import Schema
from workbench.models.base import Family, families, no_numbers


@families.register("mlp")
class Mlp(Family):
    """Fully connected network with ReLU."""

    title: ClassVar[str] = "MLP"
    text: ClassVar[str] = "Fully connected layers. Finds combinations of inputs that a line cannot."

    width: int = Field(
        64,
        ge=1,
        le=4096,
        title="Units per hidden layer",
        json_schema_extra={"log": True},
        description="Default 64. More units learn finer rules and overfit sooner.",
    )
    depth: int = Field(
        2,
        ge=0,
        le=16,
        title="Hidden layers",
        description="Default 2. With 0 the model is linear.",
    )
    batch_norm: bool = Field(
        False,
        title="Batch norm",
        description="Normalise what each layer gets, batch by batch. Default no; steadies deep models.",
    )
    dropout: float = Field(
        0.0,
        ge=0.0,
        lt=1.0,
        title="Dropout",
        json_schema_extra={"zero": "off"},
        description="Share of units left out in a step. Default off; 0.2 to 0.5 works against overfitting.",
    )

    def misfit(self, schema: Schema) -> str:
        """Return why it cannot learn from such samples; empty when it can."""
        return no_numbers(schema)

    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, with the reason."""
        if len(schema.input_shape) == 1:
            return 0.8, "Learns how the columns act together."
        return 0.5, "Works on pictures, but does not know that neighbouring pixels belong together."

    def build(self, schema: Schema) -> nn.Module:
        """Return (batch, *input_shape) -> (batch, outputs)."""
        layers: list[nn.Module] = [nn.Flatten()]
        inputs = prod(schema.input_shape)
        for _ in range(self.depth):
            layers.append(nn.Linear(inputs, self.width, bias=not self.batch_norm))
            if self.batch_norm:
                layers.append(nn.BatchNorm1d(self.width))
            layers.append(nn.ReLU())
            if self.dropout > 0:
                layers.append(nn.Dropout(self.dropout))
            inputs = self.width
        return nn.Sequential(*layers, nn.Linear(inputs, schema.outputs))
