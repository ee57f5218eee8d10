"""What every model family does: say whether it fits the data, and build a network."""

from abc import abstractmethod
from typing import ClassVar

from torch import nn

from workbench.core.records import Schema
from workbench.core.registry import Choice, Registry


class Family(Choice):
    """A family of models. Its fields are what the user can set of it."""

    text: ClassVar[str] = ""

    def misfit(self, schema: Schema) -> str:
        """Return why the family cannot learn from such samples; empty when it can."""
        return ""

    @abstractmethod
    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, in [0, 1], and the reason in a sentence.

        Args:
            schema: What the samples are, before preparation.
            count: How many samples there are.
        """

    @abstractmethod
    def build(self, schema: Schema) -> nn.Module:
        """Return a network with fresh weights, drawn from torch's global generator.

        Args:
            schema: What goes in, after preparation, and what has to come out: the network maps
                (batch, *schema.input_shape) float32 to (batch, schema.outputs) scores.
        """


families: Registry[Family] = Registry("model family", "workbench.models")
