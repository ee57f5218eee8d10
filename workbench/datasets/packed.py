"""Archives as sources: whatever kind lies in a zip or tar file is imported as if it had been unpacked."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from pydantic import PrivateAttr

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.errors import DataError
from workbench.core.files import make_folder
from workbench.core.records import Imported, Preview, Schema
from workbench.datasets.archive import Entry, entries, read_entry, unpack
from workbench.datasets.base import DatasetKind, Encoded, Samples, kinds
from workbench.datasets.pace import Pace

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_LISTS = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx")
_LARGEST_LIST = 256 << 20
_MOST_LISTS = 20
_UNPACKED = ".unpacked"


class Packed(DatasetKind):
    """A zip or tar archive of folders or files of any kind, unpacked for as long as it is read.

    Not registered: what it imports is of the kind that lies in it, and opened by that.
    """

    name: ClassVar[str] = "packed"
    title: ClassVar[str] = "Archive"
    _inside: str | None = PrivateAttr(None)

    def __init__(self, inside: str | None = None) -> None:
        super().__init__()
        self._inside = inside

    def sniff(self, source: Path) -> float:
        """Return 1: it is only built for a file that is an archive."""
        return 1.0

    def inspect(self, source: Path, config: ImportConfig) -> Preview:
        """Show what lies in the archive: all names, and the content of what may be lists or tables."""
        listed = entries(source, CancelToken())
        with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
            root = Path(folder)
            _sketch(source, listed, root)
            kind, inner = self._find(root, config)
            preview = kind.inspect(inner, config)
        return replace(preview, title=f"Archive, {preview.title}")

    def load(
        self, source: Path, into: Path, config: ImportConfig, token: CancelToken, progress: Progress
    ) -> Imported:
        """Unpack into a folder inside `into`, import from there, and remove it."""
        root = into / _UNPACKED
        make_folder(root)
        try:
            unpack(source, root, token, Pace(progress))
            kind, inner = self._find(root, config)
            return kind.load(inner, into, config, token, progress)
        except DataError as error:
            raise _told_of(error, root, source) from error
        finally:
            shutil.rmtree(root, ignore_errors=True)

    def open(self, folder: Path) -> Samples:
        """Never asked: a dataset is opened by the kind that was in the archive."""
        raise DataError("An archive is no dataset: import it first.")

    def rows(self, folder: Path, start: int, stop: int) -> list[list[str]]:
        """Never asked: a dataset is read by the kind that was in the archive."""
        raise DataError("An archive is no dataset: import it first.")

    def encode(
        self,
        source: Path,
        schema: Schema,
        details: Mapping[str, Any],
        token: CancelToken | None = None,
        progress: Progress = no_progress,
    ) -> Encoded:
        """Return new data in an archive as samples of `schema`."""
        with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
            root = Path(folder)
            token = token or CancelToken()
            unpack(source, root, token, Pace(progress))
            kind, inner = self._find(root, ImportConfig())
            return kind.encode(inner, schema, details, token, progress)

    def _find(self, root: Path, config: ImportConfig) -> tuple[DatasetKind, Path]:
        from workbench.datasets.sniff import surest_kind

        inner = _inner(root)
        return (kinds.build(self._inside), inner) if self._inside else (surest_kind(inner), inner)


def _inner(root: Path) -> Path:
    """Return what was packed: the only file, or the folder that has more than one folder in it."""
    while True:
        inside = list(root.iterdir())
        if len(inside) != 1:
            return root
        if inside[0].is_file():
            return inside[0]
        if not any(child.is_dir() or child.suffix.casefold() in _LISTS for child in inside[0].iterdir()):
            return root  # the only class
        root = inside[0]


def _sketch(source: Path, listed: list[Entry], root: Path) -> None:
    """Make empty files with the names of the archive; what may be a list or table has its content."""
    lists = [entry for entry in listed if Path(entry.path).suffix.casefold() in _LISTS]
    lists = [] if len(lists) > _MOST_LISTS else [entry for entry in lists if entry.size <= _LARGEST_LIST]
    for entry in listed:
        path = root / entry.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    for entry in lists:
        content = read_entry(source, entry.path, _LARGEST_LIST, CancelToken())
        (root / entry.path).write_bytes(content or b"")


def _told_of(error: DataError, root: Path, source: Path) -> DataError:
    """Return an error that speaks of the archive, not of the folder that is gone when it is read."""
    text = str(error).replace(f"{root}/", "").replace(str(root), source.name)
    return DataError(text, error.fields)
