"""Linear and logistic regression."""

from math import prod
from typing import ClassVar

from torch import nn

from workbench.core.records import Schema
from workbench.models.base import Family, families, no_numbers


@families.register("linear")
class Linear(Family):
    """One weight an input and class: logistic regression, or linear regression for a number."""

    title: ClassVar[str] = "Linear"
    text: ClassVar[str] = "One weight per input. Fast, hard to overfit, easy to explain."

    def misfit(self, schema: Schema) -> str:
        """Return why it cannot learn from such samples; empty when it can."""
        return no_numbers(schema)

    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, with the reason."""
        inputs = prod(schema.input_shape)
        if len(schema.input_shape) == 1 and count < 20 * inputs:
            return 0.9, f"{count:,} rows for {inputs:,} columns: a simple model generalises best."
        return 0.4, "The baseline that every other model has to beat."

    def build(self, schema: Schema) -> nn.Module:
        """Return (batch, *input_shape) -> (batch, outputs)."""
        return nn.Sequential(nn.Flatten(), nn.Linear(prod(schema.input_shape), schema.outputs))
