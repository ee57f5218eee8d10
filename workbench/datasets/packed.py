"""Archives as sources: whatever kind lies in a zip or tar file is imported as if it had been unpacked."""

import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from pydantic import PrivateAttr

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, Progress, no_progress
from workbench.core.errors import DataError
from workbench.core.files import disk_error, make_folder
from workbench.core.records import Imported, Preview, Schema
from workbench.datasets.archive import END, Entry, glance, unpack
from workbench.datasets.base import DatasetKind, Encoded, Samples
from workbench.datasets.pace import Pace

SUFFIXES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
_LISTS = (".csv", ".tsv", ".tab", ".txt", ".jsonl", ".ndjson", ".json", ".parquet", ".xlsx")
_LARGEST_LIST = 32 << 20
_MOST_LISTS = 20
_MOST_FILES = 20_000
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

    def inspect(self, source: Path, config: ImportConfig, token: CancelToken | None = None) -> Preview:
        """Show what lies in the archive, or in as much of it as can be seen in a moment."""
        try:
            with tempfile.TemporaryDirectory(prefix="workbench-") as folder:
                root = Path(folder) / "files"
                root.mkdir()
                sketch = _Sketch.of(source, root, token or CancelToken())
                return self._inspect_sketch(sketch, source, config, token)
        except OSError as error:
            raise disk_error(Path(tempfile.gettempdir()) / source.name, error) from error

    def _inspect_sketch(
        self, sketch: "_Sketch", source: Path, config: ImportConfig, token: CancelToken | None
    ) -> Preview:
        try:
            kind, inner = self._find(sketch.root, config)
            preview = kind.inspect(inner, config, token)
        except DataError as error:
            if sketch.is_whole:
                raise _told_of(error, sketch.root, source) from error
            return Preview(self.name, "Archive, which shows what it holds when it is imported", sketch.count)
        title = "Archive" if sketch.is_whole else "Beginning of an archive"
        return replace(preview, title=f"{title}, {preview.title}")

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
        from workbench.datasets.sniff import named_kind, surest_kind

        inner = _inner(root)
        return (named_kind(inner, self._inside) if self._inside else surest_kind(inner)), inner


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


@dataclass(slots=True)
class _Sketch:
    """Empty files with the names in an archive; what may be a list or table has its content.

    Args:
        root: The folder that they lie in.
        count: How many there are.
        is_whole: Whether these are all files, and all contents that matter.
        folders: Those that were made.
    """

    root: Path
    count: int = 0
    is_whole: bool = True
    folders: set[Path] = field(default_factory=set)

    @classmethod
    def of(cls, source: Path, root: Path, token: CancelToken) -> "_Sketch":
        sketch, lists = cls(root), 0

        def is_list(entry: Entry) -> bool:
            nonlocal lists
            lists += Path(entry.path).suffix.casefold() in _LISTS
            return lists <= _MOST_LISTS and Path(entry.path).suffix.casefold() in _LISTS

        for entry, content in glance(source, token, is_list, _LARGEST_LIST):
            if entry is END or sketch.count == _MOST_FILES:
                sketch.is_whole = False
                break
            sketch._add(entry, content)
        if not sketch.count and sketch.is_whole:
            raise DataError(f"There are no files in {source.name}: choose another archive.")
        return sketch

    def _add(self, entry: Entry, content: bytes | None) -> None:
        path = self.root / entry.path
        self.count += 1
        if path.parent not in self.folders:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.folders.add(path.parent)
        if content is None:
            self._touch(path)
            return
        if len(content) < entry.size:
            self.is_whole = False
            content = content[: content.rfind(b"\n") + 1]
        path.write_bytes(content)

    def _touch(self, path: Path) -> None:
        """Make an empty file; a further name for one that is there costs a small part of a new one."""
        empty = self.root.parent / "empty"
        empty.touch()
        try:
            path.hardlink_to(empty)
        except OSError:  # as many names as a file can have, or a disk that knows no such names
            path.touch()


def _told_of(error: DataError, root: Path, source: Path) -> DataError:
    """Return an error that speaks of the archive, not of the folder that is gone when it is read."""
    text = str(error).replace(f"{root}/", "").replace(str(root), source.name)
    return DataError(text, error.fields)
