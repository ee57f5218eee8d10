"""Texts in files of their own: one text file a sample."""

import contextlib
import os
import stat
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Skipped
from workbench.datasets.decoder import GONE
from workbench.datasets.pace import Pace
from workbench.datasets.part_folders import class_folders
from workbench.datasets.picture_files import shown
from workbench.datasets.text_file import find_encoding

TEXT_SUFFIXES = frozenset({".txt", ".text", ".md"})
_LARGEST_BYTES = 16 << 20


class TextReader:
    """Reads text files, each in its own encoding.

    Args:
        encoding: What the user named; None finds it out, file by file.
    """

    def __init__(self, encoding: str | None) -> None:
        self._wanted = encoding
        self._last = ""
        self.guessed: list[str] = []

    def read(
        self, root: Path, relative: Sequence[str], token: CancelToken, pace: Pace
    ) -> list[str | Skipped]:
        """Return for each file its text, or why there is none."""
        answers: list[str | Skipped] = []
        for number, name in enumerate(relative, start=1):
            token.check()
            pace(number, len(relative), "Reading texts")
            try:
                answers.append(self._text(root / name, token))
            except FileNotFoundError:
                answers.append(Skipped(shown(name), GONE))
            except OSError as error:
                answers.append(Skipped(shown(name), f"could not be read ({error.strerror})"))
            except DataError as error:
                answers.append(Skipped(shown(name), f"was not read: {error}"))
            except _NoTextError as error:
                answers.append(Skipped(shown(name), str(error)))
        return answers

    def _text(self, path: Path, token: CancelToken) -> str:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            raise _NoTextError("is not a regular file")
        size = about.st_size
        if size == 0:
            raise _NoTextError("is empty (0 bytes)")
        if size > _LARGEST_BYTES:
            raise _NoTextError("is larger than 16 MB, which one text should not be: cut it into samples")
        data = path.read_bytes()
        text = self._decoded(path, data, token)
        if "\0" in text:
            raise _NoTextError("has NUL characters: it is not text, or damaged")
        if not text.strip():
            raise _NoTextError("has no text, only white space")
        return text.replace("\r\n", "\n").strip()

    def _decoded(self, path: Path, data: bytes, token: CancelToken) -> str:
        for name in (self._wanted,) if self._wanted else ("utf-8-sig", self._last):
            if name and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
                try:
                    return data.decode(name)
                except UnicodeDecodeError:
                    continue
                except LookupError as error:
                    raise DataError(f"There is no encoding {name!r}: choose another one.") from error
        if b"\0" in data[:4096] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
            raise _NoTextError("has NUL characters: it is not text, or damaged")
        name = find_encoding(path, self._wanted, token)
        if not name.startswith("utf"):
            # The files of one folder mostly come from one program: the next is tried with it first.
            self._last = name
            self.guessed.append(name)
        return data.decode(name)


class _NoTextError(Exception):
    """A file gives no text; the message continues the sentence `FILE ...`."""


def has_suffixes(folder: Path, suffixes: frozenset[str]) -> bool:
    """Return whether most files in the first class folders of a folder are named like this."""
    seen = hits = 0
    for sub in class_folders(folder):
        # A folder that may not be read says nothing of the others.
        with contextlib.suppress(OSError), os.scandir(sub) as files:
            for file in islice((f for f in files if f.is_file()), 50):
                seen += 1
                hits += os.path.splitext(file.name)[1].casefold() in suffixes  # noqa: PTH122 - no Path each
    return hits > seen / 2
