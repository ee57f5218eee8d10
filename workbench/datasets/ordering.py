"""The order in which names are read by people: `2` before `10`, the same on every system."""

import re

_DIGITS = re.compile(r"(\d+)")


def natural_key(name: str) -> tuple[tuple[tuple[int, int, str], ...], str]:
    """Return a sort key under which numbers inside names count by value.

    Names that differ only in capitals or leading zeros still have one fixed order.
    """
    parts = _DIGITS.split(name)
    key = tuple((0, int(part), "") if part.isdecimal() else (1, 0, part.casefold()) for part in parts if part)
    return key, name
