"""Files are whole or not there at all, and what was told as written is on the disk."""

import errno
import hashlib
import os
import sys
from pathlib import Path

import pytest

from workbench.core.errors import DiskError
from workbench.core.files import atomic_write, make_folder


@pytest.fixture
def synced(monkeypatch):
    """The files and folders that were told to reach the disk, in order."""
    places, fsync = [], os.fsync

    def noted(descriptor):
        places.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr("workbench.core.files.os.fsync", noted)
    return places


def test_a_file_is_replaced_whole_and_its_sum_is_that_of_its_content(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(b"old")
    assert atomic_write(path, b"new") == hashlib.sha256(b"new").hexdigest()
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_disk_that_fills_up_half_way_leaves_the_old_file_and_is_named(tmp_path):
    path = tmp_path / "last.ckpt"
    path.write_bytes(b"good")

    def write(file):
        file.write(b"ha")
        raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(DiskError, match=r"disk that holds .* is full"):
        atomic_write(path, write)
    assert path.read_bytes() == b"good"
    assert list(tmp_path.iterdir()) == [path]


def test_a_fault_of_our_own_while_writing_leaves_the_old_file_and_is_not_called_the_disks(tmp_path):
    path = tmp_path / "run.json"
    path.write_bytes(b"good")
    with pytest.raises(ZeroDivisionError):
        atomic_write(path, lambda _: 1 / 0)
    assert path.read_bytes() == b"good"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which file a number stands for")
def test_a_file_reaches_the_disk_before_its_name_does(tmp_path, synced):
    atomic_write(tmp_path / "run.json", b"{}")
    part, folder = synced
    assert part.startswith(str(tmp_path / ".run.json."))
    assert folder == str(tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux which file a number stands for")
def test_each_new_folder_is_noted_on_the_disk_in_the_one_above_it(tmp_path, synced):
    make_folder(tmp_path / "runs" / "3")
    assert sorted(synced) == [str(tmp_path), str(tmp_path / "runs")]
    synced.clear()
    make_folder(tmp_path / "runs" / "3")
    assert synced == []


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DiskError):
        make_folder(tmp_path / "file" / "folder")
    with pytest.raises(DiskError):
        make_folder(tmp_path / ("n" * 300))
