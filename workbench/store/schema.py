"""Which schema a file has, how a new file is made, and how an old one is brought up to date."""

import os
import sqlite3
import struct
from contextlib import closing
from importlib.resources import as_file, files
from pathlib import Path

from sqlalchemy import Executable, StaticPool, create_engine
from sqlalchemy.exc import DBAPIError

from workbench.core.errors import NewerProjectError, StoreError, UserError
from workbench.core.files import disk_error, sync_folder
from workbench.store.faults import told_plainly
from workbench.store.tables import APPLICATION_ID, SCHEMA, metadata

# Magic, user_version and application_id, where every SQLite file has them.
_HEAD = struct.Struct(">16s 44x I 4x I")
_MAGIC = b"SQLite format 3\0"


def look(path: Path) -> int:
    """Return the schema number of a file without changing a byte of its folder.

    Raises:
        NewerProjectError: A newer version wrote the file.
        StoreError: There is no file, or it is damaged, or not ours.
    """
    if not path.is_file():
        raise StoreError(f"There is no project in {path.parent}: choose another folder, or make a new one.")
    # Not by SQLite: its log may hold half of the file, where a checkpoint met a full disk or a kill, and to
    # read the log it would write. The numbers themselves never stand in the log alone.
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD.size)
    except OSError as error:
        raise StoreError(f"{path} cannot be read ({error.strerror}): see that you may read it.") from error
    magic, version, owner = _HEAD.unpack(head.ljust(_HEAD.size, b"\0"))
    if magic != _MAGIC or owner != APPLICATION_ID:
        _refuse_damaged(path)
        raise StoreError(f"{path} was not written by Workbench: choose another folder.")
    if version > SCHEMA:
        raise NewerProjectError(
            f"{path.parent} was written by a newer version of Workbench (schema {version}, this one knows "
            f"{SCHEMA}): update Workbench to open it. Nothing was changed."
        )
    return int(version)


def create(path: Path, *first: Executable) -> None:
    """Make a new database, whole or not at all.

    Args:
        path: The file, which does not exist yet.
        first: Statements that fill in the rows that every database has.

    Raises:
        StoreError: There is a file of that name already.
        DiskError: The folder is missing or read-only, or the disk is full.
    """
    if path.exists():
        raise StoreError(f"{path.parent} holds a project already: open it, or choose another folder.")
    part = path.with_name(f".{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        part.touch()
        with told_plainly(path), closing(sqlite3.connect(part, isolation_level=None)) as connection:
            engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
            with engine.connect() as tables:
                tables.exec_driver_sql("BEGIN")
                metadata.create_all(tables)
                for statement in first:
                    tables.execute(statement)
                _stamp(connection)
                tables.commit()
        _sync(part)
        part.replace(path)
        sync_folder(path.parent)
    except OSError as error:
        raise disk_error(path, error) from error
    finally:
        if part.parent.is_dir():
            part.unlink(missing_ok=True)


def prepare(path: Path) -> None:
    """Bring an older file up to the schema of this version; a verified copy stays beside it.

    Raises:
        NewerProjectError: A newer version wrote the file; nothing was changed.
        StoreError: The file is damaged or not ours, or could not be brought up to date.
    """
    version = look(path)
    if path.with_name(f"{path.name}-journal").exists():
        _roll_back(path)
        version = look(path)
    if version < SCHEMA:
        with as_file(files("workbench.store") / "migrations") as scripts:
            migrate(path, version, SCHEMA, scripts)


def migrate(path: Path, version: int, target: int, scripts: Path) -> Path:
    """Run the migrations after `version` up to `target` in one transaction.

    Args:
        path: The database, which no other process has open.
        version: Its schema number.
        target: The schema number that it gets.
        scripts: Folder of the Alembic scripts, whose revisions are schema numbers of four digits.

    Returns:
        The verified copy of the file as it was.

    Raises:
        StoreError: A migration failed; the file is as it was.
    """
    # Alembic takes longer to import than the rest of the store together, and is hardly ever needed.
    from alembic.operations import Operations
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    copy = _verified_copy(path, path.with_name(f"{path.stem}-schema-{version}{path.suffix}"))
    directory = ScriptDirectory(str(scripts), version_locations=[str(scripts)])
    steps = [step for step in directory.walk_revisions() if version < int(step.revision) <= target]
    try:
        with told_plainly(path), closing(sqlite3.connect(path, isolation_level=None)) as connection:
            # With a rollback journal the new number stands in the file itself as soon as it counts, never in
            # a log alone: whoever only looks at the file sees it. Keys are checked last: tables get rebuilt.
            for pragma in ("journal_mode = DELETE", "synchronous = FULL", "foreign_keys = OFF"):
                connection.execute(f"PRAGMA {pragma}")
            engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
            with engine.connect() as tables:
                tables.exec_driver_sql("BEGIN IMMEDIATE")
                with Operations.context(MigrationContext.configure(tables)):
                    for step in reversed(steps):
                        step.module.upgrade()
                _refuse_broken_keys(connection)
                _stamp(connection, target)
                tables.commit()
    except UserError:
        raise
    except Exception as error:
        # The words of the database alone, without the SQL around them.
        cause = error.orig if isinstance(error, DBAPIError) else error
        raise StoreError(
            f"{path.parent} could not be brought up to date and is as it was ({cause}). "
            f"A copy lies at {copy.name}: report this, and go on with the older version."
        ) from error
    return copy


def _refuse_damaged(path: Path) -> None:
    uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
    with told_plainly(path), closing(sqlite3.connect(uri, uri=True)) as connection:
        connection.execute("PRAGMA user_version").fetchone()


def _roll_back(path: Path) -> None:
    """Undo a migration that was killed: SQLite does so when it reads the file for the first time."""
    with told_plainly(path), closing(sqlite3.connect(path)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()


def _stamp(connection: sqlite3.Connection, version: int = SCHEMA) -> None:
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {version}")


def _refuse_broken_keys(connection: sqlite3.Connection) -> None:
    broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    if broken:
        raise ValueError(f"{len(broken)} rows would point to rows that do not exist")


def _verified_copy(path: Path, copy: Path) -> Path:
    part = copy.with_name(f".{copy.name}.part")
    try:
        part.unlink(missing_ok=True)
        with (
            told_plainly(path),
            closing(sqlite3.connect(path)) as source,
            closing(sqlite3.connect(part)) as target,
        ):
            source.backup(target)
            verdict = target.execute("PRAGMA integrity_check").fetchone()[0]
        if verdict != "ok":
            raise StoreError(f"{path} is damaged ({verdict}): put back a copy from your backup.")
        _sync(part)
        part.replace(copy)
        sync_folder(copy.parent)
    except OSError as error:
        raise disk_error(copy, error) from error
    finally:
        part.unlink(missing_ok=True)
    return copy


def _sync(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
