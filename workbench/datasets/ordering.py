"""The order in which names are read by people: `2` before `10`, the same on every system."""

import re

_DIGITS = re.compile(r"\d+")


def natural_key(name: str) -> tuple[str, str]:
    """Return a sort key under which numbers inside names count by value.

    Names that differ only in capitals or leading zeros still have one fixed order.
    """
    # Plain text, since a million keys that hold lists keep the garbage collector busy.
    return _DIGITS.sub(_by_value, name.casefold()), name


def _by_value(match: re.Match[str]) -> str:
    digits = str(int(match[0]))
    return f"\0{chr(len(digits))}{digits}"  # before any letter; the longer number is the larger
