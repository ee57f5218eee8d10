"""One SQLite file: one connection writes, any number of them read."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, QueuePool, StaticPool, create_engine, event

from workbench.core.errors import StoreError
from workbench.store.faults import told_plainly
from workbench.store.schema import look, prepare
from workbench.store.tables import SCHEMA

_BUSY_MS = 5000
_CLOSE_WAIT_S = 10.0
_NO_WAL_FILES = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR)


class Database:
    """An open project database. Every method may be called from any thread.

    Readers have connections of their own, so that none of them waits for a write to reach the disk.

    Args:
        path: The file; `schema.create` makes a new one.
        read_only: Open without writing a byte, beside a process that writes or in a read-only folder.

    Raises:
        NewerProjectError: A newer version wrote the file; nothing was changed.
        StoreError: There is no database, or it is damaged, or not ours.
        DiskError: The disk is full or read-only.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.path = path
        self.read_only = read_only
        self._lock = threading.RLock()
        self._writing: Connection | None = None
        self._writer: int | None = None
        self._own = threading.local()
        self._readers = threading.Condition()
        self._reading = 0
        self._closed = False
        with told_plainly(path):
            self._check_version()
            self._read_uri = _readable_uri(path) if read_only else f"{path.absolute().as_uri()}?mode=ro"
            self._read_engine = _engine(self._open_reader, QueuePool, "BEGIN")
            self._write_engine = (
                None if read_only else _engine(self._open_writer, StaticPool, "BEGIN IMMEDIATE")
            )
            if self._write_engine is not None:
                self._write_engine.connect().close()

    def _check_version(self) -> None:
        if not self.read_only:
            prepare(self.path)
        elif look(self.path) < SCHEMA:
            raise StoreError(
                f"{self.path.parent} was written by an older version: open it once for writing, "
                "which brings it up to date, then read-only."
            )

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Hold the writing connection for one transaction, durable when the block ends.

        A block inside a block of the same thread joins the outer transaction.

        Raises:
            StoreError: The project is open read-only, or closed.
            DiskError: The disk is full; nothing of the transaction is kept.
        """
        with self._lock:
            if self._writing is not None:
                yield self._writing
                return
            if self._write_engine is None:
                raise StoreError(
                    f"{self.path.parent} is open read-only: close it where it is open for writing, then "
                    "open it again."
                )
            self._refuse_closed()
            with told_plainly(self.path), self._write_engine.begin() as connection:
                self._writing, self._writer = connection, threading.get_ident()
                try:
                    yield connection
                finally:
                    self._writing = self._writer = None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Hold a reading connection; all queries of the block see the same state.

        A block inside a block of the same thread sees what the outer one sees: inside `write` what that
        block wrote, inside `read` what there was when its first query was made.
        """
        outer = self._outer()
        if outer is not None:
            yield outer
            return
        with self._readers:
            self._refuse_closed()
            self._reading += 1
        try:
            with told_plainly(self.path), self._read_engine.begin() as connection:
                self._own.reading = connection
                yield connection
        finally:
            self._own.reading = None
            with self._readers:
                self._reading -= 1
                self._readers.notify_all()

    def _outer(self) -> Connection | None:
        """Return the connection of the block that this thread is in."""
        if self._writing is not None and self._writer == threading.get_ident():
            return self._writing
        reading: Connection | None = getattr(self._own, "reading", None)
        return reading

    def close(self) -> None:
        """Wait for readers and the writer to end, then close every connection. Safe to call twice."""
        with self._lock, self._readers:
            self._closed = True
            self._readers.wait_for(lambda: not self._reading, _CLOSE_WAIT_S)
            self._read_engine.dispose()
            if self._write_engine is not None:
                self._write_engine.dispose()

    def _refuse_closed(self) -> None:
        if self._closed:
            raise StoreError(f"{self.path.parent} is closed: open the project again.")

    def _open_reader(self) -> sqlite3.Connection:
        return _connect(self._read_uri, "query_only = ON")

    def _open_writer(self) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode=rw"
        # Without fullfsync macOS acknowledges a write that still lies in the drive's own cache.
        return _connect(uri, "journal_mode = WAL", "synchronous = FULL", "fullfsync = ON")


def _connect(uri: str, *pragmas: str) -> sqlite3.Connection:
    # Autocommit, so that transactions begin and end where SQLAlchemy says, schema changes included.
    connection = sqlite3.connect(
        uri, uri=True, isolation_level=None, check_same_thread=False, timeout=_BUSY_MS / 1000
    )
    try:
        for pragma in ("foreign_keys = ON", "trusted_schema = OFF", *pragmas):
            connection.execute(f"PRAGMA {pragma}")
    except BaseException:
        connection.close()
        raise
    return connection


def _engine(
    opened: Callable[[], sqlite3.Connection], pool: type[QueuePool] | type[StaticPool], begin: str
) -> Engine:
    # One thread seldom reads twice at once; a burst of threads may open more, which are closed afterwards.
    limits = {"pool_size": 4, "max_overflow": -1} if pool is QueuePool else {}
    engine = create_engine("sqlite://", creator=opened, poolclass=pool, **limits)
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _readable_uri(path: Path) -> str:
    """Return how to open `path` where perhaps nothing may be written.

    A WAL database needs two files beside it. Where they are missing and cannot be made, nobody writes
    either, and the file alone is all there is: unless a killed writer left a log that has to be read.
    """
    uri = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(uri, uri=True, timeout=_BUSY_MS / 1000)) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        log = path.with_name(f"{path.name}-wal")
        if error.sqlite_errorcode & 0xFF not in _NO_WAL_FILES or (log.exists() and log.stat().st_size):
            raise
        return f"{uri}&immutable=1"
    return uri
