"""Who has a project open: one process writes, the others read."""

import json
import os
import socket
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from workbench.core.errors import ProjectLockedError, StoreError
from workbench.core.files import atomic_write, disk_error


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that has a project open."""

    pid: int
    host: str
    since: datetime


class ProjectLock:
    """A lock of the operating system, which frees it when its process ends in whatever way.

    Args:
        path: The lock file; who holds it stands beside it, in `<path>.json`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._sidecar = path.with_name(f"{path.name}.json")
        self._lock = FileLock(path, timeout=0, thread_local=False)

    def acquire(self) -> None:
        """Take the lock.

        Raises:
            ProjectLockedError: Another window has the project open; the message says which.
            DiskError: The folder is read-only or the disk is full.
        """
        try:
            self._lock.acquire()
        except Timeout as error:
            raise ProjectLockedError(self._taken()) from error
        except OSError as error:
            raise disk_error(self._path, error) from error
        except NotImplementedError as error:
            raise StoreError(
                f"The disk that holds {self._path.parent} cannot lock files: copy the project elsewhere."
            ) from error
        me = {"pid": os.getpid(), "host": socket.gethostname(), "since": datetime.now(UTC).isoformat()}
        try:
            atomic_write(self._sidecar, json.dumps(me).encode())
        except BaseException:
            self._lock.release()
            raise

    def release(self) -> None:
        """Give the lock back; does nothing when it is not held."""
        if self._lock.is_locked:
            self._sidecar.unlink(missing_ok=True)
            self._lock.release()

    def holder(self) -> Holder | None:
        """Return who took the lock last; None when nobody did or it cannot be read."""
        try:
            told = json.loads(self._sidecar.read_bytes())
            return Holder(int(told["pid"]), str(told["host"]), datetime.fromisoformat(told["since"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _taken(self) -> str:
        holder = self.holder()
        who = ""
        if holder:
            since = holder.since.astimezone()
            today = since.date() == datetime.now().astimezone().date()
            clock = since.strftime("%H:%M" if today else "%Y-%m-%d %H:%M")
            who = f" (process {holder.pid} on {holder.host} since {clock})"
        return f"{self._path.parent} is open in another window{who}: close it there, or open it read-only."
