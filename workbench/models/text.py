"""Networks for tokenised texts."""

from typing import ClassVar

import torch
from pydantic import Field
from torch import Tensor, nn

from workbench.core.records import Schema
from workbench.models.base import Family, families

_SPREAD = 0.1  # of the first embeddings; with torch's 1.0 rare words shout down frequent ones
_MANY = 3000


class _TextFamily(Family):
    embedding: int = Field(
        64,
        ge=2,
        le=1024,
        title="Numbers of a token",
        json_schema_extra={"log": True},
        description="Default 64: so many numbers are learnt for each token.",
    )

    def misfit(self, schema: Schema) -> str:
        """Return why it cannot learn from such samples; empty when it can."""
        return "" if schema.vocabulary else "Needs tokenised texts."


@families.register("text_cnn")
class TextCnn(_TextFamily):
    """Convolutions over 3, 4 and 5 words, the strongest answer of each wherever it stands: Kim 2014.

    The bag of all words goes into the last layer beside them: without words that were learnt elsewhere,
    phrases alone need many times as many epochs.
    """

    title: ClassVar[str] = "Text CNN"
    text: ClassVar[str] = "Sees short phrases wherever they stand. The first choice for texts."

    filters: int = Field(
        64,
        ge=1,
        le=1024,
        title="Phrases of each length",
        json_schema_extra={"log": True},
        description="Default 64: so many kinds of phrases are told apart, for each of three lengths.",
    )
    dropout: float = Field(
        0.5,
        ge=0.0,
        lt=1.0,
        title="Dropout",
        json_schema_extra={"zero": "off"},
        description="Share of features left out before the last layer. Default 0.5, as published.",
    )

    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, with the reason."""
        if count >= _MANY:
            return 0.95, "Texts, and many of them: the order of words says more than the words alone."
        return 0.85, "Texts: sees phrases, not only words; more texts would make more of it."

    def build(self, schema: Schema) -> nn.Module:
        """Return (batch, tokens) -> (batch, outputs)."""
        return _PhraseNetwork(schema.vocabulary, self.embedding, self.filters, self.dropout, schema.outputs)


@families.register("text_bag")
class TextBag(_TextFamily):
    """The embeddings of all words added up, and a linear layer: fastText, Joulin et al. 2016."""

    title: ClassVar[str] = "Bag of words"
    text: ClassVar[str] = "Which words there are, whatever their order. Fast, and hard to beat on topics."

    dropout: float = Field(
        0.2,
        ge=0.0,
        lt=1.0,
        title="Dropout",
        json_schema_extra={"zero": "off"},
        description="Share of features left out before the last layer. Default 0.2.",
    )

    def suits(self, schema: Schema, count: int) -> tuple[float, str]:
        """Return how well it suits, with the reason."""
        return 0.9, "Texts: quick, and for topics often enough."

    def build(self, schema: Schema) -> nn.Module:
        """Return (batch, tokens) -> (batch, outputs)."""
        return _BagNetwork(schema.vocabulary, self.embedding, self.dropout, schema.outputs)


def _embedding(vocabulary: int, width: int) -> nn.Embedding:
    embedding = nn.Embedding(vocabulary, width, padding_idx=0)
    with torch.no_grad():
        embedding.weight.mul_(_SPREAD)
    return embedding


def _bag(words: Tensor, tokens: Tensor) -> Tensor:
    """Return (batch, width) sums of embeddings (batch, tokens, width), by the root of how many there are.

    Random directions add up so; the plain mean of a long text is next to nothing.
    """
    count = (tokens != 0).sum(dim=1, keepdim=True)
    return words.sum(dim=1) / count.clamp(min=1).sqrt()


class _BagNetwork(nn.Module):
    def __init__(self, vocabulary: int, width: int, dropout: float, outputs: int) -> None:
        super().__init__()
        self.embedding = _embedding(vocabulary, width)
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.long()
        scores: Tensor = self.output(self.dropout(_bag(self.embedding(tokens), tokens)))
        return scores


class _PhraseNetwork(nn.Module):
    def __init__(self, vocabulary: int, width: int, filters: int, dropout: float, outputs: int) -> None:
        super().__init__()
        self.embedding = _embedding(vocabulary, width)
        self.phrases = nn.ModuleList(nn.Conv1d(width, filters, size, padding=size // 2) for size in (3, 4, 5))
        self.dropout = nn.Dropout(dropout)
        self.output = nn.Linear(3 * filters + width, outputs)

    def forward(self, x: Tensor) -> Tensor:
        tokens = x.long()
        words = self.embedding(tokens)
        found = [phrase(words.transpose(1, 2)).relu().amax(dim=2) for phrase in self.phrases]
        scores: Tensor = self.output(self.dropout(torch.cat([*found, _bag(words, tokens)], dim=1)))
        return scores
