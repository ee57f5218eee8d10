"""Which names in an archive may become files: all inside one folder, no two the same on any system."""

import os
import re
import unicodedata
from collections.abc import Iterable

from workbench.core.errors import DataError
from workbench.datasets.picture_files import shown

_DEEPEST = 32
_LONGEST = 255
_DRIVE = re.compile(r"[A-Za-z]:")
_NEVER = re.compile(r"[\x00-\x1f\x7f]")
_NOT_ON_WINDOWS = re.compile(r'[<>:"|?*]|[. ](/|$)|(^|/)(con|prn|aux|nul|com\d|lpt\d)(\.[^/]*)?(/|$)', re.I)
_GB2312 = re.compile(rb"(?:[\xb0-\xf7][\xa1-\xfe])+")
_HIGH = re.compile(rb"[\x80-\xff]+")


class NameCheck:
    """Checks the names of one archive, one after the other.

    Args:
        archive: Its file name, for messages.
    """

    def __init__(self, archive: str) -> None:
        self._archive = archive
        self._spelled: dict[str, str] = {}
        self._is_file: dict[str, bool] = {}
        self._folders: set[str] = set()

    def path(self, name: str, *, is_folder: bool) -> str:
        """Return the path below the new folder that `name` may have; empty for the folder itself.

        Raises:
            DataError: It leads out of the folder, is no name on this system, or is one already taken.
        """
        plain = name.replace("\\", "/")
        parts = [part for part in plain.split("/") if part not in ("", ".")]
        if plain.startswith("/") or _DRIVE.match(plain) or ".." in parts:
            raise self._refusal(name, "leads out of the folder that it would be unpacked into")
        if len(parts) > _DEEPEST:
            raise self._refusal(name, f"lies more than {_DEEPEST} folders deep")
        path = "/".join(parts)
        if _NEVER.search(path) or (os.name == "nt" and _NOT_ON_WINDOWS.search(path)):
            raise self._refusal(name, "has characters that no file name can have here")
        if any(len(os.fsencode(part)) > _LONGEST for part in parts):
            raise self._refusal(name, "is too long for a file name")
        for count in range(1, len(parts)):
            self._take("/".join(parts[:count]), is_file=False)
        if parts:
            self._take(path, is_file=not is_folder)
        return path

    def _take(self, path: str, *, is_file: bool) -> None:
        if not is_file and path in self._folders:
            return
        key = unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())
        before = self._spelled.setdefault(key, path)
        if before != path:
            raise self._refusal(path, f"is the same name as {shown(before)} on many systems")
        if key in self._is_file and (is_file or self._is_file[key]):
            raise self._refusal(path, "is in it twice")
        self._is_file[key] = is_file
        if not is_file:
            self._folders.add(path)

    def _refusal(self, name: str, what: str) -> DataError:
        return refusal(self._archive, f"{shown(name)!r} in it {what}")


def refusal(archive: str, why: str, then: str = "pack its files anew, then import that") -> DataError:
    """Return the error that says why an archive is not unpacked, and what to do."""
    return DataError(f"{archive} was not unpacked, since {why}: {then}.")


def zip_names(raw: Iterable[bytes]) -> str:
    """Return the encoding of names that a zip file does not tell: UTF-8, Chinese, or the format's own."""
    joined = b"/".join(raw)
    try:
        joined.decode()
    except UnicodeDecodeError:
        runs = _HIGH.findall(joined)
        return "gb18030" if all(_GB2312.fullmatch(run) for run in runs) else "cp437"
    return "utf-8"
