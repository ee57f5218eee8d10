"""The only way a file of the project is written: whole or not at all."""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from io import BufferedRandom
from pathlib import Path
from typing import BinaryIO

from workbench.core.errors import DiskError

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def atomic_write(
    path: Path, write: bytes | Callable[[BinaryIO], object], sha256: Callable[[], str] | None = None
) -> str:
    """Replace `path` by new content so that after a crash it is the old or the new, never half.

    Args:
        path: The file; its folder has to exist.
        write: The content, or a function that writes it to an open file.
        sha256: Asked afterwards for the SHA-256, where whoever wrote may know it; if not, it says "".

    Returns:
        SHA-256 of the content, in hexadecimal.

    Raises:
        DiskError: The content could not be written; the old file is untouched.
    """
    growing = GrowingFile(path)
    with growing.writing() as file:
        if isinstance(write, bytes):
            file.write(write)
        else:
            write(file)
    return growing.commit(sha256)


class GrowingFile:
    """A file that is written piece by piece, and stands under its name once it is whole and durable.

    Args:
        path: The file; its folder has to exist.

    Raises:
        DiskError: It could not be begun.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        except OSError as error:
            raise disk_error(path, error) from error
        self._file, self._temporary = os.fdopen(handle, "w+b"), Path(temporary)

    @contextmanager
    def writing(self) -> Iterator[BufferedRandom]:
        """Give the file to write in; whatever goes wrong there discards it.

        Raises:
            DiskError: The content could not be written.
        """
        try:
            yield self._file
        except BaseException as error:
            self.discard()
            # torch.save reports a full disk as a RuntimeError that does not name the disk.
            if isinstance(error, OSError) or (
                isinstance(error, RuntimeError) and _is_full(self._path.parent)
            ):
                raise disk_error(self._path, error) from error
            raise

    def commit(self, sha256: Callable[[], str] | None = None) -> str:
        """Replace what was there under the name, and return the SHA-256 of the content, in hexadecimal.

        Args:
            sha256: Asked for it, where whoever wrote may know it; if not, it says "".

        Raises:
            DiskError: The content could not be written; the old file is untouched.
        """
        with self.writing() as file:
            file.flush()
            os.fsync(file.fileno())
            digest = sha256() if sha256 else ""
            if not digest:
                file.seek(0)
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            file.close()
            os.replace(self._temporary, self._path)  # noqa: PTH105 - belongs to fsync, both from os
            sync_folder(self._path.parent)
        return digest

    def discard(self) -> None:
        """Leave nothing behind; nothing happens after a commit."""
        with suppress(OSError):  # closing writes what waits, and the disk may be full
            self._file.close()
        self._temporary.unlink(missing_ok=True)


def begin_writing_back(file: BinaryIO, start: int, size: int) -> None:
    """Have the system bring a part of a file to the disk that will not change; this does not wait.

    What makes a large file durable then waits for its last part only.
    """
    if hasattr(os, "posix_fadvise"):
        with suppress(OSError):  # a disk that takes no advice
            os.posix_fadvise(file.fileno(), start, size, os.POSIX_FADV_DONTNEED)


def make_folder(path: Path) -> None:
    """Make a folder, and those above it, where it is not there yet; after a power cut they are still there.

    Raises:
        DiskError: It cannot be made; the message says why.
    """
    try:
        missing = [folder for folder in (path, *path.parents) if not folder.exists()]
        path.mkdir(parents=True, exist_ok=True)
        for folder in missing:
            sync_folder(folder.parent)
    except OSError as error:
        raise disk_error(path, error) from error


def sync_folder(folder: Path) -> None:
    """Make renames inside `folder` durable. Windows has no such call and needs none."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_error(path: Path, error: BaseException) -> DiskError:
    """Return the error that tells the user why `path` could not be written, and on which disk."""
    number = error.errno if isinstance(error, OSError) else None
    disk = disk_of(path)
    if number in _NO_SPACE or (number is None and _is_full(path.parent)):
        return DiskError(f"The disk that holds {disk} is full: free some space there, then go on.")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return DiskError(f"{path.parent} is read-only: choose a folder that you may write to.")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return DiskError(f"{path} could not be written on the disk that holds {disk}: {reason}.")


def disk_of(path: Path) -> Path:
    """Return the mount point of the disk that holds `path`."""
    place = path.absolute()
    # Not asked of the Path, which raises where it may not look and where a name is too long.
    while not os.path.ismount(place) and place.parent != place:
        place = place.parent
    return place


def _is_full(folder: Path) -> bool:
    try:
        return shutil.disk_usage(folder).free < 1 << 20
    except OSError:
        return False
