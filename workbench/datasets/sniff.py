"""Which kind of dataset a source is."""

import stat
from pathlib import Path

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.datasets.archive import is_archive
from workbench.datasets.base import DatasetKind, kinds
from workbench.datasets.packed import Packed
from workbench.datasets.part_files import KINDS, PartFiles, parts_in
from workbench.datasets.picture_files import shown
from workbench.datasets.workbook import is_workbook

_SURE = 0.9
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
)
_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def find_kind(source: Path, config: ImportConfig, token: CancelToken | None = None) -> DatasetKind:
    """Return the kind that the config names, or the one that is surest of the source.

    Raises:
        CancelledError: The token was cancelled.
        DataError: Nothing fits; the message says what to do.
        UserError: The config names a kind that there is not.
    """
    try:
        about = source.stat()
    except PermissionError as error:
        raise DataError(f"{source} may not be read: give yourself the right to read it.") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{source} does not exist: choose a folder of pictures or a table.") from error
    if shown(str(source)) != str(source):  # no database and no report could hold its path
        raise DataError(
            f"The path {shown(str(source))} has bytes that are no UTF-8: rename the file or folder first."
        )
    if not stat.S_ISREG(about.st_mode) and not stat.S_ISDIR(about.st_mode):
        raise DataError(f"{source} is a pipe, a device or the like: choose a file or a folder.")
    if source.is_file() and is_archive(source):
        return Packed(config.kind)
    if config.kind is not None:
        return named_kind(source, config.kind)
    if source.is_file():
        _refuse_packed(source)
    return surest_kind(source, token)


def named_kind(source: Path, name: str) -> DatasetKind:
    """Return the kind of that name; for the parts of a table or of texts the one that puts them together.

    Raises:
        UserError: There is no such kind.
    """
    if name in KINDS and source.is_dir() and kinds.build(name).sniff(source) == 0.0 and parts_in(source):
        return PartFiles(name)
    return kinds.build(name)


def surest_kind(source: Path, token: CancelToken | None = None) -> DatasetKind:
    """Return the kind that is surest of a file or folder that is no archive.

    Raises:
        CancelledError: The token was cancelled.
        DataError: Nothing fits; the message says what to do.
    """
    token = token or CancelToken()
    sure: dict[str, float] = {}
    for name in kinds.names():
        token.check()  # on a slow disk each takes its time
        sure[name] = kinds.build(name).sniff(source)
    surest = max(sure, key=lambda name: sure[name])
    if sure[surest] < _SURE and source.is_dir() and parts_in(source):
        return PartFiles()
    if sure[surest] <= 0.0:
        if source.is_file() and not source.stat().st_size:
            raise DataError(f"{source.name} is empty (0 bytes): fetch or export it anew.")
        raise DataError(
            f"{source.name} is neither a folder of pictures, texts or recordings nor a table: choose a "
            "folder with one sub-folder per class, an archive of one, or a CSV, TSV, Excel, Parquet or JSON "
            "lines file."
        )
    return kinds.build(surest)


def _refuse_packed(source: Path) -> None:
    try:
        with source.open("rb") as file:
            head = file.read(512)
    except OSError as error:
        raise DataError(f"{source} could not be read ({error.strerror}): allow reading it.") from error
    if head.startswith(_OLD_EXCEL) or (head.startswith(b"PK") and is_workbook(source)):
        return  # the table says whether it can be read
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        raise DataError(
            f"{source.name} is packed in a way that is not read here: unpack it first, or pack it as zip."
        )
