"""Tokens are read as text again, whatever they are pieces of."""

import json

import numpy as np
import pytest
import torch

from workbench.services.token_texts import texts_of


def learnt(vocabulary, kind):
    """Return the state of a tokenizer, in the format of the `tokenizers` library."""
    told = {"pre_tokenizer": {"type": kind}, "model": {"vocab": vocabulary}}
    return {"tokenizer": torch.from_numpy(np.frombuffer(json.dumps(told).encode(), np.uint8).copy())}


@pytest.mark.parametrize(
    ("kind", "vocabulary", "tokens", "text"),
    [
        ("BertPreTokenizer", {"[PAD]": 0, "[UNK]": 1, "good": 2, "film": 3}, [2, 3, 1, 0], "good film [UNK]"),
        ("Split", {"[PAD]": 0, "好": 1, "看": 2, " ": 3}, [1, 2, 3, 1], "好看 好"),
        # A space is Ġ; 好 is the three bytes e5 a5 bd, of which each stands for itself.
        ("ByteLevel", {"[PAD]": 0, "go": 1, "od": 2, "Ġ": 3, "å¥½": 4}, [1, 2, 3, 4], "good 好"),
    ],
)
def test_tokens_are_joined_as_they_were_cut(kind, vocabulary, tokens, text):
    states = [{"mean": torch.zeros(1)}, learnt(vocabulary, kind)]
    assert texts_of(np.array([tokens, [0, 0, 0, 0]]), states) == (text, "")


def test_without_a_tokenizer_tokens_are_told_by_their_numbers():
    assert texts_of(np.array([[5, 7, 0]]), [{}]) == ("5 7",)
