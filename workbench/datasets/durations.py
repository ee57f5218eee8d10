"""Times of day and durations written as text, read as hours."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

CLOCK = "h:mm"
_CLOCK = (
    r"(?i)^(?P<sign>-)?(?:(?P<days>\d+) days?,?\s*)?(?P<hours>\d{1,4}):(?P<minutes>[0-5]\d)"
    r"(?::(?P<seconds>[0-5]\d(?:\.\d+)?))?\s*(?P<half>[ap]\.?m\.?)?$"
)


def hours(values: Any) -> NDArray[np.float64]:
    """Return (n,) hours of texts such as `08:30`, `1:02:03.5`, `8:30 PM` or `2 days 01:00:00`; else NaN.

    Args:
        values: Arrow array of texts.
    """
    parts = pc.extract_regex(pc.utf8_trim_whitespace(values), _CLOCK)

    def part(name: str) -> NDArray[np.float64]:
        texts = pc.struct_field(parts, name)
        filled = pc.if_else(pc.equal(texts, ""), pa.scalar("0", texts.type), texts)
        return np.asarray(pc.cast(filled, pa.float64()).to_numpy(zero_copy_only=False), np.float64)

    def letter(name: str) -> NDArray[Any]:
        found = pc.utf8_slice_codeunits(pc.utf8_lower(pc.struct_field(parts, name)), 0, 1)
        return np.asarray(pc.fill_null(found, "").to_numpy(zero_copy_only=False), np.object_)

    half, hour = letter("half"), part("hours")
    hour = np.where((half == "p") & (hour < 12), hour + 12, np.where((half == "a") & (hour == 12), 0, hour))
    total = part("days") * 24 + hour + part("minutes") / 60 + part("seconds") / 3600
    return np.asarray(np.where(letter("sign") == "-", -total, total))
