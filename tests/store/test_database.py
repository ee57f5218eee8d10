"""One writes, many read; full, broken, foreign, newer and read-only files are told in words."""

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from datetime import UTC, datetime

import pytest

from tests.store.conftest import IMPORTED, listing, without_rights
from workbench.core.configs import SplitConfig
from workbench.core.errors import DiskError, NewerProjectError, StoreError, UserError
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Points, Project
from workbench.store.store import Store
from workbench.store.tables import SCHEMA


def name_in(folder):
    with Store(folder, read_only=True) as store:
        return store.project.get().name


def test_all_reads_of_a_block_see_what_the_first_one_saw(store):
    def rename(name):
        thread = threading.Thread(target=lambda: store.project.update(name=name))
        thread.start()
        thread.join()

    with store.database.read():
        before = store.project.get().name
        rename("Changed meanwhile")
        assert store.project.get().name == before
    assert store.project.get().name == "Changed meanwhile"


def test_the_connection_that_writes_is_set_up_for_durability(store):
    with store.database.write() as connection:
        found = {
            pragma: connection.exec_driver_sql(f"PRAGMA {pragma}").scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "trusted_schema", "busy_timeout")
        }
    # synchronous 2 is FULL.
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "trusted_schema": 0,
        "busy_timeout": 5000,
    }


def test_a_failed_transaction_leaves_nothing_behind(store, run):
    def rename_and_fail():
        with store.database.write():
            store.runs.rename(run.id, "half")
            assert store.runs.get(run.id).name == "half"
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        rename_and_fail()
    assert store.runs.get(run.id) == run


def test_a_read_sees_one_state_and_never_waits_for_a_write(store, run):
    with store.database.read() as reader:
        before = reader.exec_driver_sql("SELECT name FROM runs").scalar()
        store.runs.rename(run.id, "new")
        assert reader.exec_driver_sql("SELECT name FROM runs").scalar() == before
    seen = []
    with store.database.write():
        store.runs.rename(run.id, "not yet committed")
        thread = threading.Thread(target=lambda: seen.append(store.runs.get(run.id).name))
        thread.start()
        thread.join(5)
        assert seen == ["new"]


def test_readers_cannot_write(store, run):
    with pytest.raises(UserError), store.database.read() as connection:
        connection.exec_driver_sql("DELETE FROM runs")
    assert store.runs.get(run.id) == run


def test_many_threads_read_whole_states_while_one_writes(store, run):
    problems = []
    done = threading.Event()

    def look():
        while not done.is_set():
            row = store.runs.get(run.id)
            last = store.metrics.last_step(run.id, "loss") or 0
            points = store.metrics.points(run.id, "loss")
            # First committed, then visible: what is read later is never behind what was read before.
            if not row.steps <= last <= len(points):
                problems.append((row.steps, last, len(points)))

    readers = [threading.Thread(target=look) for _ in range(4)]
    for reader in readers:
        reader.start()
    for step in range(1, 101):
        store.metrics.append(run.id, {"loss": Points([step], [0.5], [0.1])}, epoch=0, steps=step)
    done.set()
    for reader in readers:
        reader.join(10)
    assert problems == []
    assert store.metrics.count(run.id, "loss") == 100


def test_several_threads_write_in_turn(store, run):
    def write(name):
        for step in range(20):
            store.metrics.append(run.id, {name: Points([step], [1.0], [0.0])}, epoch=0, steps=step)

    writers = [threading.Thread(target=write, args=(f"series {number}",)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(20)
    assert [store.metrics.count(run.id, f"series {number}") for number in range(3)] == [20, 20, 20]
    assert store.check() == []


def test_a_closed_project_says_so_and_closes_twice(store, run):
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed: open the project again"):
        store.runs.get(run.id)
    with pytest.raises(StoreError, match="is closed"):
        store.runs.rename(run.id, "late")


def test_closing_leaves_one_whole_file(folder, store, run):
    store.metrics.append(run.id, {"loss": Points([1], [1.0], [0.0])}, epoch=0, steps=1)
    store.close()
    assert sorted(path.name for path in folder.root.iterdir()) == ["project.lock", "project.sqlite"]


def test_a_full_disk_is_named_and_what_was_there_stays(store, run):
    with store.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    many = {f"series {n}": Points(range(2048), range(2048), range(2048)) for n in range(8)}
    with pytest.raises(DiskError, match=r"The disk that holds /.* is full: free some space"):
        store.metrics.append(run.id, many, epoch=1, steps=2048)
    assert store.runs.get(run.id) == run
    assert store.check() == []
    store.runs.rename(run.id, "still writable")


@pytest.mark.parametrize(
    "content", [b"this is no database at all" * 200, b"SQLite format 3\0" + b"\xff" * 4080]
)
def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path, content):
    folder = ProjectFolder(tmp_path)
    folder.database.write_bytes(content)
    before = listing(tmp_path)
    for read_only in (False, True):
        with pytest.raises(StoreError, match="put back a copy from your backup"):
            Store(folder, read_only=read_only)
    assert listing(tmp_path) == before


def test_a_damaged_page_is_told_when_it_is_met_and_doctor_finds_it(folder, store, run):
    with store.database.read() as connection:
        page = connection.exec_driver_sql("SELECT rootpage FROM sqlite_master WHERE name = 'runs'").scalar()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar()
    store.close()
    with folder.database.open("rb+") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    with Store(folder) as again:
        with pytest.raises(StoreError, match=r"project\.sqlite is damaged .* put back a copy"):
            again.runs.list()
        assert again.project.get().name == "Solar cells"
        assert "is damaged" in again.check()[0]


def test_a_checkpoint_that_was_broken_off_by_a_full_disk_or_a_kill_loses_nothing(folder, tmp_path):
    broken, whole = ProjectFolder(tmp_path / "broken"), ProjectFolder(tmp_path / "whole")
    with Store(folder) as store:
        for number in range(400):
            store.datasets.add(f"set {number}", "a.csv", f"datasets/{number}", IMPORTED, SplitConfig())
        shutil.copytree(folder.root, broken.root)
        shutil.copytree(folder.root, whole.root)
    Store(whole).close()
    # The first page says how long the file has become, the pages behind it have not arrived yet.
    page = whole.database.read_bytes()[:4096]
    with broken.database.open("rb+") as file:
        file.write(page)
    assert broken.database.stat().st_size < whole.database.stat().st_size
    with Store(broken) as store:
        assert len(store.datasets.list(False)) == 400
        assert store.check() == []


def test_a_database_of_another_program_and_an_empty_file_are_not_taken_for_a_project(tmp_path):
    folder = ProjectFolder(tmp_path)
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.execute("CREATE TABLE bookmarks (url)")
    before = listing(tmp_path)
    with pytest.raises(StoreError, match="was not written by Workbench: choose another folder"):
        Store(folder)
    assert listing(tmp_path) == before
    folder.database.write_bytes(b"")
    with pytest.raises(StoreError, match="was not written by Workbench"):
        Store(folder)


def test_a_folder_without_a_project_is_told(tmp_path):
    with pytest.raises(StoreError, match=r"There is no project in .*: choose another folder"):
        Store(ProjectFolder(tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("read_only", [False, True])
def test_a_project_of_a_newer_version_is_refused_and_not_one_byte_changes(folder, read_only):
    with closing(sqlite3.connect(folder.database)) as connection:
        connection.execute(f"PRAGMA user_version = {SCHEMA + 1}")
    before = listing(folder.root)
    with pytest.raises(NewerProjectError, match=r"newer version .*update Workbench .*Nothing was changed"):
        Store(folder, read_only=read_only)
    assert listing(folder.root) == before


def test_a_project_is_made_whole_or_not_at_all(tmp_path):
    project = Project("New", datetime.now(UTC))
    with pytest.raises(StoreError, match="does not exist: make the folder first"):
        Store.create(ProjectFolder(tmp_path / "missing"), project)
    folder = ProjectFolder(tmp_path)
    # A former attempt that was killed.
    (tmp_path / ".project.sqlite.part").write_bytes(b"half")
    Store.create(folder, project).close()
    assert name_in(folder) == "New"
    assert not (tmp_path / ".project.sqlite.part").exists()
    before = folder.database.read_bytes()
    with pytest.raises(StoreError, match="holds a project already"):
        Store.create(folder, project)
    assert folder.database.read_bytes() == before
    with Store(folder) as store:
        assert store.project.get() == project


def test_a_project_is_not_made_in_a_read_only_folder(tmp_path):
    with without_rights(tmp_path), pytest.raises(DiskError, match="is read-only: choose a folder"):
        Store.create(ProjectFolder(tmp_path), Project("New", datetime.now(UTC)))
    assert list(tmp_path.iterdir()) == []


def test_a_second_window_reads_what_the_first_goes_on_writing(folder, store, run):
    with Store(folder, read_only=True) as second:
        assert second.runs.get(run.id) == run
        store.runs.rename(run.id, "renamed")
        assert second.runs.get(run.id).name == "renamed"
        with pytest.raises(StoreError, match="is open read-only"):
            second.runs.rename(run.id, "mine")
    assert store.runs.get(run.id).name == "renamed"


def test_a_read_only_folder_can_be_looked_at_and_stays_as_it_is(folder):
    with without_rights(folder.root):
        before = listing(folder.root)
        with Store(folder, read_only=True) as store:
            assert store.project.get().name == "Solar cells"
            assert store.check() == []
        with pytest.raises(DiskError, match="is read-only"):
            Store(folder)
        assert listing(folder.root) == before


def test_what_a_killed_writer_committed_can_be_seen_in_a_read_only_folder(folder):
    rename_and_die(folder)
    assert (folder.root / "project.sqlite-wal").stat().st_size > 0
    with without_rights(folder.root):
        assert name_in(folder) == "committed"
    # Without its index the log cannot be read there: better told than half of the data shown.
    (folder.root / "project.sqlite-shm").unlink()
    with without_rights(folder.root), pytest.raises(StoreError, match="copy the folder to a place"):
        name_in(folder)
    assert name_in(folder) == "committed"


def rename_and_die(folder):
    code = (
        "import os, pathlib, sys\n"
        "from workbench.core.project_folder import ProjectFolder\n"
        "from workbench.store.store import Store\n"
        "store = Store(ProjectFolder(pathlib.Path(sys.argv[1])))\n"
        "store.project.update(name='committed')\n"
        "os.kill(os.getpid(), 9)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code, os.fspath(folder.root)], check=False, timeout=60)
    assert ended.returncode == -9


def test_the_package_itself_loads_no_database(tmp_path):
    code = "import sys, workbench.store; print('sqlalchemy' in sys.modules, 'alembic' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.split() == ["False", "False"]


def test_opening_a_project_of_today_loads_no_migrations(folder):
    code = (
        "import pathlib, sys\n"
        "from workbench.core.project_folder import ProjectFolder\n"
        "from workbench.store.store import Store\n"
        "Store(ProjectFolder(pathlib.Path(sys.argv[1]))).close()\n"
        "print('alembic' in sys.modules, 'torch' in sys.modules, 'pandas' in sys.modules)\n"
    )
    command = [sys.executable, "-c", code, os.fspath(folder.root)]
    out = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert out.stdout.split() == ["False", "False", "False"]
