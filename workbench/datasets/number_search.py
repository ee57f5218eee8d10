"""Finding digits in numbers without writing all of them as text."""

import re

import numpy as np
from numpy.typing import NDArray

from workbench.datasets.plain_numbers import Written

_SOUGHT = re.compile(r"(-?)(\d*)(?:(\.)(\d*))?")
_IN_NUMBERS = re.compile(r"[-+.\de]*", re.IGNORECASE)
_LEAST, _MOST = 1e-4, 1e16  # beyond them Python writes an exponent


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
    """Return (n,) whether numbers may have the words in them: all that do, and few others."""
    values, scale = np.abs(numbers), 10.0**written.decimals
    known = ~np.isnan(numbers)
    has_exponent = (values > 0) & ((values < _LEAST) | (values >= _MOST))
    sought = _SOUGHT.fullmatch(words)
    if sought is None:
        return has_exponent
    whole = np.rint(values * scale)
    unsure = has_exponent | (whole / scale != values)  # more digits than the first rows have
    whole_digits, fraction = sought[2], sought[4] or ""
    if not whole_digits and not fraction:
        return np.asarray(known & (np.signbit(numbers) | has_exponent)) if words == "-" else known
    if sought[3]:
        found = _stand_at(whole_digits + fraction, whole, written, written.decimals - len(fraction))
    else:
        found = np.zeros(len(numbers), np.bool_)
        for place in range(len(f"{np.nanmax(whole, initial=0):.0f}") + 1):
            if not place < written.decimals < place + len(whole_digits):  # a point would be between
                found |= _stand_at(whole_digits, whole, written, place)
    return np.asarray((found | unsure) & known)


def _stand_at(digits: str, whole: NDArray[np.float64], written: Written, place: int) -> NDArray[np.bool_]:
    """Return (n,) whether digits stand in whole numbers with so many digits behind them.

    Zeros that are not written, at the end of a fraction and before a number, do not count.
    """
    modulus = 10.0 ** len(digits)
    left = np.floor(whole / 10.0**place)
    found = left - np.floor(left / modulus) * modulus == float(digits)
    if digits[-1] == "0" and place < written.decimals and not written.fixed:
        is_written = whole > left * 10.0**place
        if place == written.decimals - 1:
            is_written |= whole == np.floor(whole / 10.0**written.decimals) * 10.0**written.decimals
        found &= is_written
    if digits[0] == "0" and place > written.decimals - (len(digits) > 1):
        found &= left >= modulus  # but for the zero of 0.5
    return np.asarray(found)
