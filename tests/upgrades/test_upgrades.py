"""Project files of every past schema open today; a migration is whole or did not happen."""

import math
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import NullPool, create_engine

import workbench.store
from tests.store.conftest import IMPORTED, listing
from workbench.board.state import BoardState, problems
from workbench.core.board import NOUNS, Edit, Goal, Lane
from workbench.core.errors import DiskError, StoreError
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Project
from workbench.core.risks import Risk, Watch
from workbench.core.states import RunState, Split, Verdict
from workbench.store import schema
from workbench.store.store import Store
from workbench.store.tables import SCHEMA, metadata

HERE = Path(__file__).parent
SCRIPTS = Path(workbench.store.__file__).parent / "migrations"
PAST = sorted(HERE.glob("schema_*.sqlite"))

# From here on the files have a board: so many lanes, cards, people and so on, in the order of `NOUNS`.
FIRST_WITH_BOARD = 3
BOARD = [1, 2, 1, 1, 1, 1, 1, 1, 1, 1]

NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "{number:04d}"
down_revision = "{before:04d}"


def upgrade():
    {body}
"""
ADD_TAGS = """with op.batch_alter_table("runs", recreate="always") as runs:
        runs.add_column(sa.Column("tags", sa.Text, nullable=False, server_default=""))"""


@pytest.fixture
def folder(tmp_path):
    """A project folder with a file of today's schema in it."""
    place = ProjectFolder(tmp_path / "project")
    place.root.mkdir()
    shutil.copyfile(PAST[-1], place.database)
    return place


@pytest.fixture
def next_version(tmp_path, monkeypatch):
    """A Workbench that knows one schema more; returns how to say what its migration does."""
    scripts = tmp_path / "migrations"
    shutil.copytree(SCRIPTS, scripts)
    monkeypatch.setattr(schema, "SCHEMA", SCHEMA + 1)
    monkeypatch.setattr(schema, "files", lambda package: tmp_path)

    def migration(body):
        text = NEXT.format(number=SCHEMA + 1, before=SCHEMA, body=body)
        (scripts / f"schema_{SCHEMA + 1:04d}.py").write_text(text)

    return migration


def number_of(path):
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute("PRAGMA user_version").fetchone()[0]


def structure(path):
    """Return everything that SQLite knows of the tables, whatever the wording of their SQL."""
    with closing(sqlite3.connect(path)) as connection:

        def pragma(name, argument):
            return sorted(connection.execute(f"SELECT * FROM pragma_{name}(?)", (argument,)), key=repr)

        def keys(table):
            # Without the number, which says only in which order they were written.
            return sorted(key[1:] for key in pragma("foreign_key_list", table))

        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        indexes = [
            row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'index'")
        ]
        guards = connection.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
        )
        return (
            {table: (pragma("table_xinfo", table), keys(table)) for table in tables},
            {index: pragma("index_xinfo", index) for index in indexes},
            guards.fetchall(),
        )


def test_there_is_a_file_of_every_schema():
    assert [path.stem for path in PAST] == [f"schema_{number:04d}" for number in range(1, SCHEMA + 1)]


@pytest.mark.parametrize("past", PAST, ids=lambda path: path.stem)
def test_a_project_of_a_past_schema_opens_with_everything_in_it(tmp_path, past):
    folder = ProjectFolder(tmp_path)
    shutil.copyfile(past, folder.database)
    with Store(folder) as store:
        assert store.check() == []
        assert store.project.get() == Project("Solar cells", datetime(2026, 11, 22, 9, 30, tzinfo=UTC))
        (dataset,) = store.datasets.list()
        assert (dataset.name, dataset.version, dataset.split.seed) == ("people", 1, 7)
        assert dataset.imported == IMPORTED
        (run,) = store.runs.list()
        assert (run.state, run.best_epoch, run.epochs, run.steps) == (RunState.FINISHED, 2, 3, 3000)
        assert run.metrics == {"training/loss": 1 / 3000}
        points = store.metrics.points(run.id, "training/loss")
        assert list(points.steps) == list(range(1, 3001))
        assert [
            step for step, value in zip(points.steps, points.values, strict=True) if math.isnan(value)
        ] == [1500]
        assert (run.parent_id, run.group_id, run.precision, run.energy_wh) == (None, None, "", 0.0)
        assert store.checkpoints.get(run.id, "best").step == 2000
        assert store.evaluations.latest(run.id, Split.TEST).counts == ((1, 1), (0, 0))
        store.runs.rename(run.id, "still writable")
    assert number_of(folder.database) == SCHEMA


@pytest.mark.parametrize("past", PAST, ids=lambda path: path.stem)
def test_the_board_of_a_past_schema_opens_and_can_be_changed(tmp_path, past):
    folder = ProjectFolder(tmp_path)
    shutil.copyfile(past, folder.database)
    had_board = int(past.stem[-4:]) >= FIRST_WITH_BOARD
    with Store(folder) as store:
        state = BoardState(store.board.read())
        assert problems(state) == []
        assert [len(state.of(kind)) for kind in NOUNS.values()] == (BOARD if had_board else [0] * len(NOUNS))
        assert [line.takes_back for line in store.board.decisions()] == ([None, 1] if had_board else [])
        lines = store.board.changes(noun="risk")
        assert [line.reason for line in lines] == (["", "Clearer."] if had_board else [])
        if had_board:
            assert state.get(Risk, 1).title == lines[-1].after["title"] == "NA is not found"
            assert state.get(Watch, 1).fields == {"measure": "recall", "class_name": "NA"}
            assert state.charter.goal == Goal("accuracy", 0.9)
            assert store.board.decisions()[0].figures[0].verdict is Verdict.NOT_MET
        store.board.apply([Edit(None, Lane(0, "New"))], "Add New", "Ada")
    with (
        closing(sqlite3.connect(folder.database)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="changes are only ever added"),
    ):
        connection.execute("DELETE FROM changes")


def test_all_migrations_from_nothing_make_the_tables_of_today(tmp_path):
    migrated, made = tmp_path / "migrated.sqlite", tmp_path / "made.sqlite"
    migrated.touch()
    schema.migrate(migrated, 0, SCHEMA, SCRIPTS)
    schema.create(made)
    assert structure(migrated) == structure(made)
    engine = create_engine(f"sqlite:///{migrated}", poolclass=NullPool)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert number_of(migrated) == number_of(made) == SCHEMA


def test_an_older_project_is_brought_up_to_date_and_a_copy_stays(folder, next_version):
    next_version(ADD_TAGS)
    before = structure(folder.database)
    with Store(folder) as store:
        assert store.check() == []
        assert store.runs.list()[0].name == "mlp 1"
        assert store.metrics.count(1, "training/loss") == 3000
        with store.database.read() as connection:
            assert connection.exec_driver_sql("SELECT tags FROM runs").scalar() == ""
    assert number_of(folder.database) == SCHEMA + 1
    copy = folder.root / f"project-schema-{SCHEMA}.sqlite"
    assert number_of(copy) == SCHEMA
    assert structure(copy) == before


def test_an_older_project_is_not_brought_up_to_date_by_a_look(folder, next_version, monkeypatch):
    next_version(ADD_TAGS)
    monkeypatch.setattr("workbench.store.database.SCHEMA", SCHEMA + 1)
    before = listing(folder.root)
    with pytest.raises(StoreError, match="older version: open it once for writing"):
        Store(folder, read_only=True)
    assert listing(folder.root) == before


def test_a_migration_that_fails_half_way_leaves_the_project_as_it_was(folder, next_version):
    next_version('op.drop_table("evaluations")\n    op.execute("SELECT 1 FROM nowhere")')
    before = structure(folder.database)
    with pytest.raises(
        StoreError, match=r"could not be brought up to date and is as it was \(no such table: nowhere\)\."
    ):
        Store(folder)
    assert structure(folder.database) == before
    assert number_of(folder.database) == SCHEMA


def test_a_migration_that_leaves_orphans_is_undone(folder, next_version):
    next_version('op.execute("DELETE FROM datasets")')
    with pytest.raises(StoreError, match="2 rows would point to rows that do not exist"):
        Store(folder)
    with closing(sqlite3.connect(folder.database)) as connection:
        assert connection.execute("SELECT count(*) FROM datasets").fetchone() == (1,)


def test_a_disk_that_fills_up_during_a_migration_is_named(folder, next_version):
    next_version(
        'op.execute("PRAGMA max_page_count = 1")\n    op.execute("CREATE TABLE big AS SELECT * FROM runs")'
    )
    with pytest.raises(DiskError, match="is full: free some space"):
        Store(folder)
    assert number_of(folder.database) == SCHEMA


def test_a_migration_that_was_killed_is_rolled_back_and_done_again(folder, next_version):
    next_version(ADD_TAGS)
    # The cache of one page spills; the new number reaches the file while its journal is still there.
    code = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('PRAGMA journal_mode = DELETE')\n"
        "connection.execute('PRAGMA cache_size = 1')\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        f"connection.execute('PRAGMA user_version = {SCHEMA + 1}')\n"
        "connection.execute('CREATE TABLE big (data)')\n"
        "connection.execute('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 500) '\n"
        "    'INSERT INTO big SELECT randomblob(3000) FROM n')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    subprocess.run([sys.executable, "-c", code, os.fspath(folder.database)], check=False, timeout=60)
    assert (folder.root / "project.sqlite-journal").exists()
    with folder.database.open("rb+") as file:
        file.seek(60)
        file.write((SCHEMA + 1).to_bytes(4, "big"))
    assert number_of(folder.database) == SCHEMA + 1
    with Store(folder) as store, store.database.read() as connection:
        assert connection.exec_driver_sql("SELECT tags FROM runs").scalar() == ""
    tables, *_ = structure(folder.database)
    assert "big" not in tables


def test_the_copy_of_a_damaged_project_is_not_taken_for_a_good_one(folder, next_version):
    next_version(ADD_TAGS)
    with folder.database.open("rb+") as file:
        file.seek(5 * 4096)
        file.write(b"\xff" * 4096)
    with pytest.raises(StoreError, match="is damaged"):
        Store(folder)
    assert [path.name for path in folder.root.glob("*schema*")] == []
