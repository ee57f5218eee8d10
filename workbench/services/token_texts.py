"""Tokens back to text, by the tokenizer that a preparation has learnt."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

# How byte pairs write bytes that are no letters: 256 and on, in order (Radford et al. 2019).
_LETTERS = [*range(33, 127), *range(161, 173), *range(174, 256)]
_OTHERS = [byte for byte in range(256) if byte not in _LETTERS]
_BYTES = {chr(byte): byte for byte in _LETTERS} | {chr(256 + at): byte for at, byte in enumerate(_OTHERS)}


def texts_of(tokens: Any, states: Iterable[Any]) -> tuple[str, ...]:
    """Return each sample as text; as numbers where no tokenizer was learnt.

    Args:
        tokens: (n, length) integers; 0 is padding.
        states: What the steps of the preparation learnt; a tokenizer is the bytes of its JSON in the format
            of the `tokenizers` library.
    """
    learnt = next((state["tokenizer"] for state in states if "tokenizer" in state), None)
    if learnt is None:
        return tuple(" ".join(str(token) for token in row if token) for row in tokens.tolist())
    told = json.loads(learnt.numpy().tobytes())
    words = {number: word for word, number in told["model"]["vocab"].items()}
    kind = told.get("pre_tokenizer") or {}
    return tuple(_joined([words.get(token, "?") for token in row if token], kind) for row in tokens.tolist())


def _joined(words: Sequence[str], kind: dict[str, Any]) -> str:
    if kind.get("type") == "ByteLevel":
        letters = bytes(_BYTES.get(letter, 63) for letter in "".join(words))
        return letters.decode(errors="replace")
    # Characters of their own, as `Split` cuts them, have their blanks among them.
    return ("" if kind.get("type") == "Split" else " ").join(words)
