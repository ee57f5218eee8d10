"""One window writes; the next is told who has the project open; a kill frees it."""

import json
import os
import re
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from tests.store.conftest import without_rights
from workbench.core.errors import DiskError, ProjectLockedError
from workbench.store.lock import ProjectLock
from workbench.store.store import Store

HOLD = (
    "import pathlib, sys\n"
    "from workbench.store.lock import ProjectLock\n"
    "lock = ProjectLock(pathlib.Path(sys.argv[1]))\n"
    "lock.acquire()\n"
    "print('held', flush=True)\n"
    "sys.stdin.read()\n"
    "lock.release()\n"
)


@contextmanager
def held_elsewhere(folder):
    """Another process has the project open; it lets go when its input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, os.fspath(folder.lock)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout.readline() == "held\n"
            yield process
        finally:
            process.stdin.close()
            process.wait(30)


def test_a_second_process_is_told_which_one_has_the_project_open(folder):
    with held_elsewhere(folder) as process:
        with pytest.raises(ProjectLockedError) as told:
            Store(folder)
        assert re.fullmatch(
            re.escape(
                f"{folder.root} is open in another window (process {process.pid} on {socket.gethostname()}"
            )
            + r" since \d\d:\d\d\): close it there, or open it read-only\.",
            str(told.value),
        )
        with Store(folder, read_only=True) as second:
            assert second.project.get().name == "Solar cells"
    Store(folder).close()


def test_a_killed_process_frees_the_project_at_once(folder):
    with held_elsewhere(folder) as process:
        process.kill()
        process.wait(30)
        Store(folder).close()


def test_two_windows_of_one_process_exclude_each_other_too(folder, store):
    with pytest.raises(ProjectLockedError, match=f"process {os.getpid()} on"):
        Store(folder)
    store.close()
    Store(folder).close()


def test_the_message_names_the_day_when_it_was_not_today(tmp_path):
    first, second = ProjectLock(tmp_path / "project.lock"), ProjectLock(tmp_path / "project.lock")
    first.acquire()
    since = datetime.now(UTC) - timedelta(days=40)
    told = {"pid": 7, "host": "lab", "since": since.isoformat()}
    (tmp_path / "project.lock.json").write_text(json.dumps(told))
    with pytest.raises(
        ProjectLockedError, match=f"process 7 on lab since {since.astimezone():%Y-%m-%d %H:%M}"
    ):
        second.acquire()
    (tmp_path / "project.lock.json").write_text("half a li")
    with pytest.raises(ProjectLockedError, match="is open in another window: close it there"):
        second.acquire()
    first.release()
    assert second.holder() is None
    second.acquire()
    assert second.holder().pid == os.getpid()
    second.release()


def test_a_release_without_a_lock_does_nothing(tmp_path):
    holder, other = ProjectLock(tmp_path / "project.lock"), ProjectLock(tmp_path / "project.lock")
    holder.acquire()
    other.release()
    assert holder.holder().pid == os.getpid()
    holder.release()
    holder.release()


def test_a_project_that_could_not_be_opened_is_not_left_locked(folder, monkeypatch):
    def fail(*_args, **_kwargs):
        raise DiskError("full")

    with monkeypatch.context() as patch:
        patch.setattr("workbench.store.store.Database", fail)
        with pytest.raises(DiskError):
            Store(folder)
    Store(folder).close()


def test_a_lock_in_a_read_only_folder_is_told(tmp_path):
    with without_rights(tmp_path), pytest.raises(DiskError, match="is read-only"):
        ProjectLock(tmp_path / "project.lock").acquire()
