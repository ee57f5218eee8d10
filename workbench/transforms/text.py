"""Steps for texts."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from itertools import islice
from typing import Any, ClassVar, Literal

import numpy as np
import torch
from pydantic import Field
from torch import Tensor

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.transforms.base import State, Transform, transforms

_SPECIAL = ["[PAD]", "[UNK]"]  # numbers 0 and 1


@transforms.register("tokenize")
class Tokenize(Transform):
    """Texts become numbers of tokens; which tokens there are is learnt from the training split.

    Words are lower-cased and cut at spaces and punctuation; each Chinese, Japanese or Korean character is a
    word. Byte pairs (Sennrich et al. 2016) are frequent pieces of words and know every text.
    """

    title: ClassVar[str] = "Tokenise"
    text: ClassVar[str] = "Cut texts into tokens and give each a number, 0 for what is beyond the end."
    group: ClassVar[str] = "Text"

    unit: Literal["word", "character", "byte_pair"] = Field(
        "word",
        title="Tokens",
        json_schema_extra={"words": {"word": "Words", "character": "Characters", "byte_pair": "Byte pairs"}},
        description="Default words, which suits most languages; characters for short texts with "
        "misspellings, byte pairs for many rare words.",
    )
    vocabulary: int = Field(
        8192,
        ge=512,
        le=100_000,
        title="Different tokens",
        json_schema_extra={"log": True},
        description="Default 8,192: the most frequent ones are known, the others count as unknown.",
    )
    length: int = Field(
        256,
        ge=4,
        le=4096,
        title="Tokens of a text",
        json_schema_extra={"log": True},
        description="Default 256: longer texts are cut there, shorter ones filled up with 0.",
    )

    def fits(self, schema: Schema) -> bool:
        """Return whether samples are texts that are not tokenised yet."""
        return schema.modality is Modality.TEXT and schema.input_shape == ()

    def fit(self, x: "Sequence[str] | Any", schema: Schema) -> State:
        """Return the tokenizer as the bytes of its JSON, learnt from training texts.

        Args:
            x: (n,) texts.
            schema: What they are.
        """
        tokenizer, trainer = _untrained(self.unit, self.vocabulary)
        tokenizer.train_from_iterator(_in_blocks(x), trainer, length=len(x))
        text = json.dumps(json.loads(tokenizer.to_str()), ensure_ascii=False, separators=(",", ":"))
        return {"tokenizer": torch.from_numpy(np.frombuffer(text.encode(), np.uint8).copy())}

    def apply(self, x: "Sequence[str] | Any", schema: Schema, state: State) -> Tensor:
        """Return (batch, length) int64 numbers of tokens, on the device of the state.

        Args:
            x: (batch,) texts.
            schema: What they are.
            state: What `fit` returned.
        """
        learnt = state["tokenizer"]
        tokenizer = _tokenizer(learnt.cpu().numpy().tobytes(), self.length)
        ids = np.zeros((len(x), self.length), np.int64)
        start = 0
        for block in _in_blocks(x):
            for row, found in enumerate(tokenizer.encode_batch_fast(block), start=start):
                known = found.ids
                ids[row, : len(known)] = known
            start += len(block)
        return torch.from_numpy(ids).to(learnt.device)

    def output(self, schema: Schema) -> Schema:
        """Return the schema with the length and the number of different tokens."""
        return replace(schema, input_shape=(self.length,), vocabulary=self.vocabulary)


def _in_blocks(texts: Sequence[str]) -> Iterator[list[str]]:
    every = iter(texts)
    while block := list(islice(every, 1024)):
        yield block


def _untrained(unit: str, vocabulary: int) -> tuple[Any, Any]:
    """Return a tokenizer that knows nothing yet, and what trains it."""
    from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    options: dict[str, Any] = {"vocab_size": vocabulary, "special_tokens": _SPECIAL, "show_progress": False}
    if unit == "byte_pair":
        tokenizer = Tokenizer(models.BPE(unk_token="[UNK]"))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        options["initial_alphabet"] = pre_tokenizers.ByteLevel.alphabet()
        return tokenizer, trainers.BpeTrainer(**options)  # type: ignore[no-untyped-call]
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    if unit == "word":
        tokenizer.normalizer = normalizers.Sequence(
            [normalizers.NFKC(), normalizers.BertNormalizer(strip_accents=False, lowercase=True)]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    else:
        tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
        tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return tokenizer, trainers.WordLevelTrainer(**options)  # type: ignore[no-untyped-call]


@lru_cache(maxsize=4)
def _tokenizer(learnt: bytes, length: int) -> Any:
    """Return the tokenizer of a state, which cuts texts at `length` tokens."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_str(learnt.decode())
    tokenizer.encode_special_tokens = True  # what looks like a special token in a text is text
    tokenizer.enable_truncation(length)
    return tokenizer
