"""What SQLite's errors mean to the person at the screen."""

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from workbench.core.errors import StoreError, UserError
from workbench.core.files import disk_error


@contextmanager
def told_plainly(path: Path) -> Iterator[None]:
    """Turn what is at fault with the disk or the file at `path` into an error for the user.

    Raises:
        DiskError: The disk is full, broken or read-only.
        StoreError: The file is damaged, no database, or held by another program.
    """
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        plain = _plain(path, cause) if isinstance(cause, sqlite3.Error) else None
        if plain is None:
            raise
        raise plain from error


def _plain(path: Path, error: sqlite3.Error) -> UserError | None:
    # The low byte is the kind of error, the rest its detail.
    match getattr(error, "sqlite_errorcode", 0) & 0xFF:
        case sqlite3.SQLITE_FULL:
            return disk_error(path, OSError(errno.ENOSPC, str(error)))
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return disk_error(path, OSError(errno.EROFS, str(error)))
        case sqlite3.SQLITE_IOERR:
            return disk_error(path, error)
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return StoreError(
                f"{path} is damaged and cannot be read: put back a copy from your backup, "
                "or make a new project and import the data again."
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreError(f"Another program is busy with {path}: close it there, then try again.")
        case sqlite3.SQLITE_CANTOPEN:
            return StoreError(
                f"{path} cannot be opened: see that it exists and that you may read it. If the program "
                "that wrote it was killed, copy the folder to a place that you may write to first."
            )
        case _:
            return None
