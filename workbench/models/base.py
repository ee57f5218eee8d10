"""What every model family does: say whether it fits the data, and build a network."""

from abc import abstractmethod
from typing import ClassVar

from torch import nn

from workbench.core.records import Schema
from workbench.core.registry import Choice, Registry
from workbench.core.states import Modality


class Family(Choice):
    """A family of models. Its fields are what the user can set of it."""

    text: ClassVar[str] = ""

    def misfit(self, schema: Schema) -> str:
        """Return why the family cannot learn from such samples; empty when it can.

        Args:
            schema: What the samples are, after preparation.
        """
        return ""

    @abstractmethod
    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, in [0, 1], and the reason in a sentence.

        Args:
            schema: What the samples are, after preparation.
            count: How many samples there are.
        """

    @abstractmethod
    def build(self, schema: Schema) -> nn.Module:
        """Return a network with fresh weights, drawn from torch's global generator.

        Args:
            schema: What goes in, after preparation, and what has to come out: the network maps
                (batch, *schema.input_shape) float32, or int64 numbers of tokens where the schema has a
                vocabulary, to (batch, schema.outputs) scores.
        """


def no_numbers(schema: Schema) -> str:
    """Return why a network of numbers cannot learn from such samples; empty when they are numbers."""
    if schema.modality is Modality.TEXT and (schema.vocabulary or not schema.input_shape):
        return "Needs numbers; this dataset is text."
    return ""


def no_pictures(schema: Schema) -> str:
    """Return why a network of pictures cannot learn from such samples; empty when they are pictures."""
    if len(schema.input_shape) == 3:
        return ""
    if schema.modality is Modality.AUDIO:
        return "Needs pictures: prepare the audio as log-mel pictures."
    return f"Needs pictures; this dataset is {_WHAT[schema.modality]}."


_WHAT = {Modality.TABLE: "a table", Modality.TEXT: "text", Modality.PICTURE: "flattened pictures"}

families: Registry[Family] = Registry("model family", "workbench.models")
