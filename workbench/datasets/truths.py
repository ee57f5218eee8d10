"""Words for yes and no, in which people and programs write the same answer."""

from collections.abc import Mapping, Sequence

_YES = (
    "yes y true t 1 on x ✓ ✔ ja j wahr oui o vrai sí si s verdadero sim verdadeiro vero tak evet да д истина "
    "是 是的 对 有 真 はい 예"
)
_NO = (
    "no n false f 0 off ✗ ✘ nein falsch non faux falso não nao nie nee nej hayır нет н ложь "
    "否 不是 错 无 没有 假 いいえ 아니요"
)
_TRUE, _FALSE = frozenset(_YES.split()), frozenset(_NO.split())


def truth(word: str) -> bool | None:
    """Return whether a word says yes; None where it is neither yes nor no."""
    plain = word.strip().casefold()
    return True if plain in _TRUE else False if plain in _FALSE else None


def are_truths(words: Sequence[str]) -> bool:
    """Return whether words are all yes or no, and there are both."""
    return len(words) > 1 and {truth(word) for word in words} == {True, False}


def spelled_once(counts: Mapping[str, int]) -> dict[str, str]:
    """Return for each word for yes or no the one of the same meaning that is used most.

    Args:
        counts: How often each word is there.
    """
    words = sorted(counts, key=lambda word: (-counts[word], word))
    usual = {truth(word): word for word in reversed(words)}
    return {word: usual[truth(word)] for word in words}
