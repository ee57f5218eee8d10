"""Finding digits in numbers without writing all of them as text."""

import re

import numpy as np
from numpy.typing import NDArray

from workbench.datasets.plain_numbers import Written

_SOUGHT = re.compile(r"(-?)(\d*)(?:(\.)(\d*))?")
_IN_NUMBERS = re.compile(r"[-+.\de]*", re.IGNORECASE)
_MOST_PLACES = 15


def found_numbers(words: str, numbers: NDArray[np.float64], written: Written) -> NDArray[np.bool_]:
    """Return (n,) whether numbers, as they are written, have these words in them.

    Arithmetic finds those that may have; only they become text.
    """
    if not _IN_NUMBERS.fullmatch(words):
        return np.zeros(len(numbers), np.bool_)
    found = _may_have(words, numbers, written)
    places = np.flatnonzero(found)
    sought = words.casefold()
    found[places] = [sought in text for text in written.texts(numbers[places])]
    return found


def _may_have(words: str, numbers: NDArray[np.float64], written: Written) -> NDArray[np.bool_]:
    """Return (n,) whether the digits stand anywhere in numbers that have no exponent."""
    sought = _SOUGHT.fullmatch(words)
    known = ~np.isnan(numbers)
    if sought is None or not (sought[2] or sought[4]):
        return known
    values, scale = np.abs(numbers), 10.0**written.decimals
    whole = np.rint(values * scale)
    unsure = (whole / scale != values) | (values < 1e-4)  # more digits than most, or an exponent
    digits = sought[2] + (sought[4] or "")
    most = np.nanmax(whole, initial=0)
    places = range(int(np.log10(most)) + 2 if most else 1)
    if sought[3]:
        places = range(written.decimals - len(sought[4]), written.decimals - len(sought[4]) + 1)
    found = np.zeros(len(numbers), np.bool_)
    modulus, value = 10.0 ** len(digits), float(digits)
    for place in places:
        left = np.floor(whole / 10.0**place) if place >= 0 else whole * 10.0**-place
        found |= left - np.floor(left / modulus) * modulus == value
    return np.asarray((found | unsure) & known)
