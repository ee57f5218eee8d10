"""What a source looked like from outside when it was imported: a change is seen without reading it."""

import os
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workbench.core.control import CancelToken
from workbench.datasets.health import plural

_MOST_FILES = 100_000
_AT_ONCE = 250
_CLOCK_S = 2.0  # file systems keep times to this at worst


def source_mark(source: Path, token: CancelToken | None = None) -> dict[str, float]:
    """Return number of files, their bytes and newest time of change; of a huge folder the number alone.

    Raises:
        CancelledError: The token was cancelled.
    """
    token = token or CancelToken()
    files = size = 0
    newest = 0.0
    found: Iterable[Path | os.DirEntry[str]] = [source] if source.is_file() else _files(source)
    for path in found:
        token.check()
        try:
            about = path.stat(follow_symlinks=False)
        except OSError:  # gone in this moment
            continue
        files += 1
        size += about.st_size
        if about.st_mtime > newest:
            newest = about.st_mtime
        if files == _MOST_FILES:
            return {"files": files}
        if files % _AT_ONCE == 0:
            time.sleep(0.001)  # nothing else lets the window's thread in
    return {"files": files, "bytes": size, "newest": newest}


def source_change(source: Path, mark: Mapping[str, Any]) -> str:
    """Return in words how a source differs from its mark; empty where it does not seem to."""
    now = source_mark(source)
    more = int(now["files"] - mark["files"])
    if more:
        return plural(abs(more), "file", "files") + (" more" if more > 0 else " fewer")
    if "bytes" not in now or "bytes" not in mark:
        return ""
    if now["bytes"] != mark["bytes"]:
        return "files of another size"
    return "files that were written since" if now["newest"] > mark["newest"] + _CLOCK_S else ""


def _files(folder: Path) -> Iterator["os.DirEntry[str]"]:
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        yield entry
        except OSError:  # may not be read, or gone in this moment
            continue
