"""Frames between the window's process and a worker: a JSON head, and a body of plain numbers for points.

A frame is u32 length of the head, u64 length of the body, the head as UTF-8 JSON, the body. Nothing in it
can run code.
"""

import json
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, NamedTuple

from workbench.core.records import Points
from workbench.core.states import LogLevel

LENGTHS = struct.Struct("<IQ")
_POINT_BYTES = 3 * 8  # step, value and time


class Frame(NamedTuple):
    """What one side tells the other; `kind` of the head says what it is."""

    head: dict[str, Any]
    body: bytes = b""

    @property
    def kind(self) -> str:
        """What is told."""
        return str(self.head["kind"])


def write_frame(pipe: IO[bytes], head: dict[str, Any], body: bytes = b"") -> None:
    """Send a frame, whole.

    Raises:
        OSError: Nobody reads any more.
    """
    text = json.dumps(head).encode()
    pipe.write(LENGTHS.pack(len(text), len(body)) + text + body)
    pipe.flush()


def read_frame(pipe: IO[bytes]) -> Frame | None:
    """Wait for a frame; None when the other side is gone, also in the middle of one."""
    lengths = pipe.read(LENGTHS.size)
    if len(lengths) < LENGTHS.size:
        return None
    head_size, body_size = LENGTHS.unpack(lengths)
    head, body = pipe.read(head_size), pipe.read(body_size)
    if len(head) < head_size or len(body) < body_size:
        return None
    return Frame(json.loads(head), body)


def pack(arguments: Sequence[Any]) -> tuple[list[Any], bytes]:
    """Return the arguments of a call as JSON values and a body."""
    parts: list[bytes] = []
    return [_packed(argument, parts) for argument in arguments], b"".join(parts)


def unpack(values: Sequence[Any], body: bytes) -> list[Any]:
    """Return the arguments that `pack` was given, points as arrays."""
    import numpy as np

    place = 0

    def points(count: int) -> Points:
        nonlocal place
        # The order of the bytes is this machine's own: both processes are on it.
        steps, values, times = (
            np.frombuffer(body, kind, count, place + number * 8 * count)
            for number, kind in enumerate((np.int64, np.float64, np.float64))
        )
        place += count * _POINT_BYTES
        return Points(steps, values, times)  # type: ignore[arg-type]

    def unpacked(value: Any) -> Any:
        if isinstance(value, list):
            return [unpacked(item) for item in value]
        if not isinstance(value, dict):
            return value
        (kind, inner), *_ = value.items()
        if kind == "path":
            return Path(inner)
        if kind == "level":
            return LogLevel(inner)
        if kind == "points":
            return points(inner)
        return {name: unpacked(item) for name, item in inner}

    return [unpacked(value) for value in values]


def _packed(value: Any, parts: list[bytes]) -> Any:
    """Return a JSON value. What JSON does not know is an object with one key, which names its type."""
    if isinstance(value, LogLevel):
        return {"level": value.value}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Path):
        return {"path": str(value)}
    if isinstance(value, Points):
        import numpy as np

        for column, kind in zip(
            (value.steps, value.values, value.times_s), (np.int64, np.float64, np.float64), strict=True
        ):
            parts.append(np.asarray(column, kind).tobytes())
        return {"points": len(value)}
    if isinstance(value, dict):
        return {"dict": [[name, _packed(item, parts)] for name, item in value.items()]}
    if isinstance(value, list | tuple):
        return [_packed(item, parts) for item in value]
    raise TypeError(f"a {type(value).__name__} cannot cross to another process")
