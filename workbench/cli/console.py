"""What a command says: JSON lines or text on stdout, progress and faults on stderr."""

import contextlib
import json
import math
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from datetime import date
from pathlib import Path
from typing import Any, TextIO

from workbench.cli.drawing import plain
from workbench.core.records import Job

_SPARSE_EVERY_S = 10.0


class Console:
    """Where the words of one command go.

    Args:
        as_json: Whether stdout carries JSON lines and nothing else.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._rewrites = sys.stderr is not None and sys.stderr.isatty()
        self._told_at = time.monotonic()
        self._shown = 0

    def say(self, text: str) -> None:
        """Print text for people; nothing where stdout carries JSON."""
        if not self.as_json:
            self._clear()
            _print(text, sys.stdout)

    def event(self, event: str, /, **fields: Any) -> None:
        """Print one JSON line; nothing where stdout is for people."""
        if self.as_json:
            self._clear()
            _print(strict_json({"event": event, **fields}), sys.stdout)

    def result(self, **fields: Any) -> None:
        """Print the line that ends a command: what came out of it."""
        self.event("result", **fields)

    def error(self, message: str) -> None:
        """Print what went wrong as one line on stderr."""
        self._clear()
        _print(f"error: {plain(message)}", sys.stderr)

    def note(self, message: str) -> None:
        """Print a remark as one line on stderr."""
        self._clear()
        _print(plain(message), sys.stderr)

    def progress(self, job: Job) -> None:
        """Show how far work is in a line that rewrites itself, or in a line now and then where none can."""
        if not job.done and not job.text:
            return
        share = f" {100 * job.done // job.total}%" if job.total else f" {job.done:,}" if job.done else ""
        left = f" · {_span(job.left_s)} left" if job.left_s else ""
        line = plain(f"{job.label}:{share} {job.text}{left}")
        if self._rewrites:
            line = line[: shutil.get_terminal_size().columns - 1]
            _print(f"\r{line}{' ' * max(0, self._shown - len(line))}", sys.stderr, end="")
            self._shown = len(line)
        elif time.monotonic() - self._told_at >= _SPARSE_EVERY_S:
            self._told_at = time.monotonic()
            _print(line, sys.stderr)

    def _clear(self) -> None:
        """Take the progress line away before something else is printed."""
        if self._shown:
            _print(f"\r{' ' * self._shown}\r", sys.stderr, end="")
            self._shown = 0


def strict_json(line: Mapping[str, Any]) -> str:
    """Return one line of strict JSON; numbers that are not finite become null, named in `not_finite`."""
    lost: dict[str, None] = {}
    clean = {name: _clean(value, name, lost) for name, value in line.items()}
    if lost:
        clean["not_finite"] = list(lost)
    return json.dumps(clean, allow_nan=False)


def _clean(value: Any, name: str, lost: dict[str, None]) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    if isinstance(value, float) and not math.isfinite(value):
        lost[name] = None
        return None
    if isinstance(value, str):
        # A file name that is no text holds lone surrogates, which strict readers refuse.
        return str(value).encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return _clean_mapping(value, name, lost)
    if isinstance(value, list | tuple):
        return [_clean(item, name, lost) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return _clean(str(value), name, lost)
    return value


def _clean_mapping(value: Mapping[Any, Any], name: str, lost: dict[str, None]) -> dict[str, Any]:
    """Return a clean mapping; inside `metrics` and `series` the keys are what the numbers are called."""
    names_series = name in ("metrics", "series")
    clean = {}
    for key, item in value.items():
        word = str(_clean(str(key), name, lost))
        if name == "metrics" and item is None:
            # The store keeps a number that is not finite as nothing.
            lost[word] = None
        clean[word] = _clean(item, word if names_series or isinstance(item, Mapping) else name, lost)
    return clean


def _print(text: str, stream: TextIO | None, end: str = "\n") -> None:
    """Print at once. A reader that has gone away is no fault: the work goes on in silence."""
    if stream is None:  # closed before the program began
        return
    try:
        stream.write(text + end)
        stream.flush()
    except BrokenPipeError:
        _silence(stream)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        _print(text.encode(encoding, "backslashreplace").decode(encoding), stream, end)


def _silence(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def _span(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
