"""Zip and tar archives: checked first, then unpacked by our own hand into a new folder.

Python's own extraction is not used: up to 3.11.7 it can be led out of the folder and into overlapping bombs.
"""

import bz2
import gzip
import itertools
import lzma
import os
import shutil
import stat
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, cast

from workbench.core.control import CancelToken
from workbench.core.errors import DataError, DiskError
from workbench.core.files import disk_error, disk_of
from workbench.datasets.archive_names import NameCheck, refusal, zip_names
from workbench.datasets.pace import Pace

MOST_FILES = 2_000_000
MOST_BYTES = 1 << 40
HIGHEST_RATIO = 200
GLANCE_S = 1.5
_SMALL = 64 << 20  # below this no ratio is a bomb
_CHUNK = 1 << 20
_LONGEST_HEADER = 1 << 20
_GB = 1e9
_SPARE = 64 << 20
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PACKED: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}
_BROKEN = (zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, NotImplementedError)
_OFFICE = frozenset({"[Content_Types].xml", "xl/workbook.xml", "mimetype"})
_ABOUT_THE_NEXT = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


class Entry(NamedTuple):
    """One file in an archive: its path below the new folder, and its size in bytes as the archive says."""

    path: str
    size: int


END = Entry("", 0)
"""What a glance ends with when it did not see all of an archive."""


def is_archive(source: Path) -> bool:
    """Return whether a file is a zip or tar archive, by its content; a workbook is none."""
    try:
        with source.open("rb") as file:
            is_zip = file.read(4) in _ZIP
        if not is_zip:
            with _stream(source, CancelToken()) as stream:
                return stream.read(512)[257:262] == b"ustar"
    except (OSError, ValueError, *_BROKEN):
        return False
    try:
        with zipfile.ZipFile(source) as packed:
            return _OFFICE.isdisjoint(packed.namelist())
    except (OSError, ValueError, *_BROKEN):
        return True  # a damaged one, which is told when its files are listed


def entries(source: Path, token: CancelToken) -> list[Entry]:
    """Return the files in an archive, once all of it is known to be safe; nothing is written.

    Raises:
        DataError: It must not or cannot be unpacked; the message says why.
        CancelledError: The token was cancelled.
    """
    with _told(source):
        listed = [entry for entry, _ in _members(source, token)]
    if not listed:
        raise DataError(f"There are no files in {source.name}: choose another archive.")
    return listed


def unpack(source: Path, into: Path, token: CancelToken, pace: Pace) -> None:
    """Check an archive and unpack it into the empty folder `into`.

    Raises:
        DataError: It must not or cannot be unpacked; then nothing was written, unless it is damaged.
        DiskError: The disk has no room for it.
        CancelledError: The token was cancelled.
    """
    pace(0, 0, "Checking the archive")
    listed = entries(source, token)
    total = sum(entry.size for entry in listed)
    free = shutil.disk_usage(into).free
    if total + _SPARE > free:
        raise DiskError(
            f"{source.name} needs {_size(total + _SPARE)}, and the disk that holds {disk_of(into)} has "
            f"{_size(free)} free: free some space there, then import it again."
        )
    done, expected = 0, iter(listed)
    folders: set[str] = set()
    with _told(source):
        for entry, opened in _members(source, token):
            if entry != next(expected, None):
                raise refusal(source.name, "it changed while it was read", "import it again")
            path = into / entry.path
            folder = str(path.parent)
            if folder not in folders:
                path.parent.mkdir(parents=True, exist_ok=True)
                folders.add(folder)
            for size in _write(path, entry.size, opened):
                done += size
                token.check()
                pace(min(done, total - 1), total, "Unpacking")


def glance(
    source: Path, token: CancelToken, is_wanted: Callable[[Entry], bool], most_bytes: int
) -> Iterator[tuple[Entry, bytes | None]]:
    """Yield what comes first in an archive: each file and, of the wanted ones, the content.

    Ends after `GLANCE_S` seconds with a last `END`, unless all of the archive was seen before. What is
    unpacked later is checked anew and whole.

    Args:
        source: The archive.
        token: Looked at all the time.
        is_wanted: Whether the content of a file is to be read, as far as it does not exceed `most_bytes`.
        most_bytes: How much of one file is read.

    Raises:
        DataError: It must not or cannot be unpacked; the message says why.
        CancelledError: The token was cancelled.
    """
    patience = _Patience(token)
    try:
        with _told(source):
            for entry, opened in _members(source, patience):
                yield entry, _content(opened, most_bytes, patience) if is_wanted(entry) else None
    except _EnoughError:
        yield END, None


def _content(opened: Callable[[], IO[bytes]], most_bytes: int, patience: "_Patience") -> bytes:
    """Return what can be read of a file in the time that is left."""
    content = bytearray()
    with opened() as file:
        try:
            while len(content) < most_bytes and (chunk := file.read(min(_CHUNK, most_bytes - len(content)))):
                content += chunk
                patience.check()
        except _EnoughError:
            pass  # the next look at the archive ends it
    return bytes(content)


class _EnoughError(Exception):
    """The time for a glance is over."""


class _Patience(CancelToken):
    """Ends a glance when its time is over, and when somebody cancels."""

    def __init__(self, token: CancelToken) -> None:
        super().__init__()
        self._token = token
        self._end_s = time.monotonic() + GLANCE_S

    def check(self) -> None:
        self._token.check()
        if time.monotonic() > self._end_s:
            raise _EnoughError


def _write(path: Path, size: int, opened: Callable[[], IO[bytes]]) -> Iterator[int]:
    """Write one file, counting; yield the bytes of each step."""
    left = size
    with opened() as file:
        try:
            # A new file or none: there is nothing in the folder that it could be led through.
            descriptor = os.open(
                path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600
            )
        except OSError as error:
            raise disk_error(path, error) from error
        with os.fdopen(descriptor, "wb", buffering=0) as target:
            while chunk := file.read(min(_CHUNK, left + 1)):
                left -= len(chunk)
                if left < 0:
                    raise EOFError("there is more in a file than the archive says")
                try:
                    target.write(chunk)
                except OSError as error:
                    raise disk_error(path, error) from error
                yield len(chunk)
    if left:
        raise EOFError("there is less in a file than the archive says")


class _Limits:
    """Counts what an archive says that it holds, and what really came out of it."""

    def __init__(self, source: Path) -> None:
        self._name = source.name
        self._packed = source.stat().st_size
        self._files = 0
        self._bytes = 0

    def add_file(self, size: int) -> None:
        self._files += 1
        self._bytes += size
        if self._files > MOST_FILES:
            raise refusal(self._name, f"it holds more than {MOST_FILES:,} files")
        self.check_size(self._bytes)

    def check_size(self, size: int) -> None:
        if size > MOST_BYTES:
            raise refusal(self._name, f"it unpacks to more than {_size(MOST_BYTES)}")
        if size > _SMALL and size > HIGHEST_RATIO * self._packed:
            why = f"it unpacks to more than {HIGHEST_RATIO} times its size, as only a bomb does"
            raise refusal(self._name, why, "do not trust where it came from")


_Member = tuple[Entry, Callable[[], IO[bytes]]]


def _members(source: Path, token: CancelToken) -> Iterator[_Member]:
    """Yield each file and what opens it, which has to be done before the next one is asked for."""
    with source.open("rb") as file:
        head = file.read(4)
    yield from _zip_members(source, token) if head.startswith(_ZIP) else _tar_members(source, token)


def _zip_members(source: Path, token: CancelToken) -> Iterator[_Member]:
    limits, names = _Limits(source), NameCheck(source.name)
    with zipfile.ZipFile(source) as packed:
        infos = packed.infolist()
        _refuse_overlap(source, infos, packed.start_dir)
        unmarked = [info.orig_filename.encode("cp437") for info in infos if not info.flag_bits & 0x800]
        encoding = zip_names(unmarked)
        for info in infos:
            token.check()
            name = info.orig_filename
            if not info.flag_bits & 0x800:
                name = name.encode("cp437").decode(encoding)
            path = names.path(name, is_folder=info.is_dir())
            mode = stat.S_IFMT(info.external_attr >> 16) if info.create_system == 3 else 0
            if mode not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise refusal(source.name, f"{path!r} in it is a link or a device, not a file")
            if info.flag_bits & 1:
                raise refusal(source.name, "it is encrypted", "unpack it with its password, then import that")
            if info.compress_type not in _METHODS:
                raise refusal(source.name, f"{path!r} in it is packed in a way that is not read here")
            limits.add_file(info.file_size)
            if not info.is_dir() and not _is_junk(path):
                yield Entry(path, info.file_size), lambda info=info: packed.open(info)  # type: ignore[misc]


def _refuse_overlap(source: Path, infos: list[zipfile.ZipInfo], end: int) -> None:
    """Files that share their bytes are how a small zip holds terabytes (CVE-2024-0450)."""
    places = sorted((info.header_offset, info.compress_size) for info in infos)
    for (start, size), (following, _) in itertools.pairwise([*places, (end, 0)]):
        if start + 30 + size > following:
            raise refusal(
                source.name, "files in it overlap, as only in a bomb", "do not trust where it came from"
            )


def _tar_members(source: Path, token: CancelToken) -> Iterator[_Member]:
    limits, names = _Limits(source), NameCheck(source.name)
    with (
        _stream(source, token, limits) as stream,
        tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r|", tarinfo=_BoundedInfo) as packed,
    ):
        for info in packed:
            cast(Any, packed).members.clear()  # which otherwise keeps all of them
            path = names.path(info.name, is_folder=info.isdir())
            if not info.isdir() and (not info.isreg() or info.issparse()):
                raise refusal(source.name, f"{path!r} in it is a link or a device, not a file")
            limits.add_file(info.size)
            if not info.isdir() and not _is_junk(path):
                yield Entry(path, info.size), lambda info=info: packed.extractfile(info)  # type: ignore[misc]
        _refuse_rest(packed.fileobj)


def _refuse_rest(stream: Any) -> None:
    """An archive ends in zeros; tarfile takes a damaged header in the middle for the end as well."""
    while rest := stream.read(_CHUNK):
        if rest.strip(b"\0"):
            raise EOFError("there is more behind the end")


class _BoundedInfo(tarfile.TarInfo):
    """A header of a tar archive; one that says more about the next is read into memory, so is bounded."""

    def _proc_member(self, tar: tarfile.TarFile) -> Any:
        if self.type in _ABOUT_THE_NEXT and self.size > _LONGEST_HEADER:
            raise tarfile.HeaderError("a header is longer than any name")
        return super()._proc_member(tar)  # type: ignore[misc]


class _Stream:
    """The unpacked bytes of a tar archive, counted while they are read."""

    def __init__(self, file: IO[bytes], token: CancelToken, limits: _Limits | None) -> None:
        self._file = file
        self._token = token
        self._limits = limits
        self._count = 0

    def read(self, size: int) -> bytes:
        self._token.check()
        data = self._file.read(size)
        self._count += len(data)
        if self._limits is not None:
            self._limits.check_size(self._count)
        return data


@contextmanager
def _stream(source: Path, token: CancelToken, limits: _Limits | None = None) -> Iterator[_Stream]:
    with source.open("rb") as file:
        head = file.read(8)
        file.seek(0)
        unpacker = next((opened for magic, opened in _PACKED.items() if head.startswith(magic)), None)
        if unpacker is None:
            yield _Stream(file, token, limits)
            return
        with unpacker(file) as unpacked:
            yield _Stream(unpacked, token, limits)


@contextmanager
def _told(source: Path) -> Iterator[None]:
    """Say in words that an archive is damaged or cannot be read."""
    try:
        yield
    except _BROKEN as error:
        why = f" ({error})" if str(error) else ""
        raise DataError(f"{source.name} is damaged or cut off{why}: fetch or pack it anew.") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(f"{source.name} could not be read ({reason}): fetch or pack it anew.") from error


def _is_junk(path: str) -> bool:
    """Return whether a file is one that systems leave behind and that no import reads."""
    return any(part.startswith(".") or part == "__MACOSX" for part in path.split("/"))


def _size(size: int) -> str:
    return f"{size / _GB:,.1f} GB" if size >= _GB else f"{size / 1e6:,.0f} MB"
