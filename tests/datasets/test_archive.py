"""Archives: the same dataset as the folder in them, and nothing written where one must not be unpacked."""

import bz2
import gzip
import io
import os
import shutil
import stat
import struct
import subprocess
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.datasets.conftest import picture, reasons
from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import CancelledError, DataError, DiskError
from workbench.datasets import archive
from workbench.datasets.base import kinds
from workbench.datasets.pace import Pace
from workbench.datasets.sniff import find_kind

FORMATS = ["zip", "tar", "tar.gz", "tar.bz2", "tar.xz"]


@pytest.fixture
def into(tmp_path: Path) -> Path:
    folder = tmp_path / "into"
    folder.mkdir()
    return folder


def load(source: Path, into: Path, token: CancelToken | None = None, progress=no_progress, **fields: object):
    config = ImportConfig(**fields)
    return find_kind(source, config).load(source, into, config, token or CancelToken(), progress)


def packed(source: Path, target: Path, kind: str, base: str | None = None) -> Path:
    """Pack a folder with Python's own packer; `base` None packs what is in it, not the folder itself."""
    name = {"zip": "zip", "tar": "tar", "tar.gz": "gztar", "tar.bz2": "bztar", "tar.xz": "xztar"}[kind]
    root = source if base is None else source.parent
    return Path(shutil.make_archive(str(target), name, root, base))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("base", [None, "pictures"])
def test_an_archive_gives_the_same_dataset_as_the_folder_in_it(
    good_folder: Path, tmp_path: Path, into: Path, kind: str, base: str | None
) -> None:
    (good_folder / "cats" / "notes.txt").write_text("no picture")
    (tmp_path / "plain").mkdir()
    plain = kinds.build("image_folder").load(
        good_folder, tmp_path / "plain", ImportConfig(), CancelToken(), no_progress
    )
    source = packed(good_folder, tmp_path / "pets", kind, base)
    before = source.read_bytes()
    assert load(source, into) == plain
    assert {file.name for file in into.iterdir()} == {file.name for file in (tmp_path / "plain").iterdir()}
    assert source.read_bytes() == before
    preview = find_kind(source, ImportConfig()).inspect(source, ImportConfig())
    assert (preview.kind, preview.classes, preview.count) == ("image_folder", ("cats", "dogs"), plain.found)
    assert preview.title.startswith("Archive, ")


@pytest.mark.parametrize(
    "command",
    [
        ["tar", "-cf", "{target}", "-C", "{source}", "."],
        ["tar", "-czf", "{target}", "-C", "{source}", "--format=posix", "cats", "dogs"],
        ["tar", "-cJf", "{target}", "-C", "{source}", "--format=gnu", "cats", "dogs"],
    ],
)
def test_archives_of_the_tar_program_are_read(
    good_folder: Path, tmp_path: Path, into: Path, command: list[str]
) -> None:
    picture(good_folder / "dogs" / ("a name that is longer than a hundred characters " * 3 + ".png"), 77)
    target = tmp_path / "content decides, not the name"
    subprocess.run([part.format(source=good_folder, target=target) for part in command], check=True)
    assert load(target, into).count == 25


def test_a_table_in_an_archive_is_imported_as_the_table(tmp_path: Path, into: Path) -> None:
    with zipfile.ZipFile(tmp_path / "table.zip", "w") as file:
        file.writestr("__MACOSX/._table.csv", b"\0\1")
        file.writestr("table.csv", "size,label\n" + "".join(f"{n}.5,{'ab'[n % 2]}\n" for n in range(20)))
    assert find_kind(tmp_path / "table.zip", ImportConfig()).inspect(
        tmp_path / "table.zip", ImportConfig()
    ).columns == ("size", "label")
    assert load(tmp_path / "table.zip", into).kind == "table"


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "cp437"])
def test_names_of_a_zip_that_does_not_say_its_encoding_are_found_out(
    tmp_path: Path, into: Path, encoding: str
) -> None:
    """As Windows and old Mac programs write them: bytes, and no flag that says which."""
    classes = ("Hündin", "Kätzchen") if encoding == "cp437" else ("猫", "狗狗")

    class Unmarked(zipfile.ZipInfo):
        def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802 - the name that zipfile calls
            return self.filename.encode(encoding), 0

    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as file:
        for number in range(6):
            content = picture(tmp_path / "one.png", number).read_bytes()
            file.writestr(Unmarked(f"{classes[number % 2]}/{number}.png"), content)
    assert set(load(tmp_path / "pets.zip", into).schema.classes) == set(classes)


def zip_of(
    *files: tuple[str, bytes], change: Callable[[zipfile.ZipInfo], object] = lambda info: None
) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            change(info)
            file.writestr(info, content)
    return memory.getvalue()


def tar_of(*files: tuple[str, bytes], **fields: object) -> bytes:
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w") as file:
        for name, content in files:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for field, value in fields.items():
                setattr(info, field, value)
            file.addfile(info, io.BytesIO(content))
    return memory.getvalue()


GOOD = ("cats/1.png", b"one")
LINK = (stat.S_IFLNK | 0o777) << 16


def lie(blob: bytes, size: int) -> bytes:
    """Say another size in the central directory of a zip than is in it."""
    place = blob.index(b"PK\x01\x02") + 24
    return blob[:place] + struct.pack("<I", size) + blob[place + 4 :]


def overlapping() -> bytes:
    """Two names in the central directory for the bytes of one file, as in the bomb of Fifield 2019."""
    blob = zip_of(("a/1.png", bytes(1000)), ("b/1.png", bytes(1000)))
    first = blob.index(b"PK\x01\x02")
    second = blob.index(b"PK\x01\x02", first + 4)
    return blob[: second + 42] + bytes(4) + blob[second + 46 :]


BAD = {
    "traversal": (zip_of(GOOD, ("../../outside.png", b"x")), "leads out of the folder"),
    "traversal in the middle": (zip_of(("cats/../../outside.png", b"x")), "leads out of the folder"),
    "backslashes": (zip_of(GOOD, ("..\\..\\outside.png", b"x")), "leads out of the folder"),
    "absolute": (zip_of(GOOD, ("/etc/passwd", b"x")), "leads out of the folder"),
    "drive": (zip_of(GOOD, ("C:\\outside.png", b"x")), "leads out of the folder"),
    "network": (zip_of(GOOD, ("\\\\server\\outside.png", b"x")), "leads out of the folder"),
    "line break": (zip_of(GOOD, ("cats/1\n.png", b"x")), "characters that no file name"),
    "long": (zip_of(GOOD, ("cats/" + "x" * 300, b"x")), "too long"),
    "deep": (zip_of(GOOD, ("a/" * 40 + "1.png", b"x")), "more than 32 folders deep"),
    "link": (zip_of(GOOD, ("out", b"/etc"), change=lambda i: setattr(i, "external_attr", LINK)), "link"),
    "capitals": (zip_of(("cats/a.png", b"1"), ("Cats/b.png", b"2")), "the same name"),
    "two spellings": (zip_of(("caf\u00e9.png", b"1"), ("cafe\u0301.png", b"2")), "the same name"),
    "file and folder": (zip_of(("cats", b"1"), ("cats/1.png", b"2")), "in it twice"),
    "folder and file": (zip_of(("cats/1.png", b"2"), ("cats", b"1")), "in it twice"),
    "overlap": (overlapping(), "overlap"),
    "encrypted": (
        zip_of(GOOD).replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01"),
        "encrypted",
    ),
    "zip bomb": (zip_of(("a/bomb.png", bytes(70 << 20))), "200 times its size"),
    "cut": (zip_of(GOOD)[:-30], "damaged or cut off"),
    "nothing": (zip_of(), "no files"),
    "tar traversal": (tar_of(GOOD, ("../outside.png", b"x")), "leads out of the folder"),
    "tar absolute": (tar_of(GOOD, ("/outside.png", b"x")), "leads out of the folder"),
    "tar symbolic link": (
        tar_of(GOOD, ("out", b""), type=tarfile.SYMTYPE, linkname="/etc"),
        "link or a device",
    ),
    "tar hard link": (tar_of(("out", b""), type=tarfile.LNKTYPE, linkname="/etc/passwd"), "link or a device"),
    "tar device": (tar_of(("null", b""), type=tarfile.CHRTYPE, devmajor=1, devminor=3), "link or a device"),
    "tar pipe": (tar_of(("pipe", b""), type=tarfile.FIFOTYPE), "link or a device"),
    "tar twice": (tar_of(GOOD, GOOD), "in it twice"),
    "tar bomb": (gzip.compress(tar_of(("a/bomb.png", bytes(70 << 20))), 9), "200 times its size"),
    "tar bomb behind the end": (bz2.compress(tar_of(GOOD) + bytes(70 << 20)), "200 times its size"),
    "tar damaged in the middle": (tar_of(GOOD, GOOD)[:1024] + b"\x07" * 3000, "damaged or cut off"),
    "tar cut": (gzip.compress(tar_of(GOOD, ("cats/2.png", os.urandom(9000))))[:-3000], "damaged or cut off"),
    "tar with a header of two megabytes": (
        tar_of(("././@LongLink", bytes(2 << 20)), type=tarfile.GNUTYPE_LONGNAME),
        "damaged or cut off",
    ),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("what", BAD)
def test_an_archive_that_must_not_be_unpacked_is_refused_before_anything_is_written(
    tmp_path: Path, into: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob, reason = BAD[what]
    source = tmp_path / "inner" / "bad.archive"
    source.parent.mkdir()
    source.write_bytes(blob)
    written: list[Path] = []
    plain = archive._write
    monkeypatch.setattr(archive, "_write", lambda path, *rest: written.append(path) or plain(path, *rest))
    for call in (
        lambda: load(source, into),
        lambda: find_kind(source, ImportConfig()).inspect(source, ImportConfig()),
    ):
        with pytest.raises(DataError, match=reason) as told:
            call()
        assert source.name in str(told.value)
        assert str(told.value).count(". ") == 0, "one sentence"
    assert written == []
    assert list(into.iterdir()) == []
    assert {path.name for path in tmp_path.iterdir()} == {"inner", "into"}


@pytest.mark.parametrize("size", [10, 5000])
def test_a_file_that_holds_more_or_less_than_the_archive_says_leaves_nothing(
    tmp_path: Path, into: Path, size: int
) -> None:
    (tmp_path / "lie.zip").write_bytes(lie(zip_of(("cats/1.png", bytes(1000))), size))
    with pytest.raises(DataError, match="damaged"):
        load(tmp_path / "lie.zip", into)
    assert list(into.iterdir()) == []


def test_too_many_files_are_refused(tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_FILES", 3)
    (tmp_path / "many.zip").write_bytes(zip_of(*((f"a/{n}.png", b"x") for n in range(4))))
    with pytest.raises(DataError, match="more than 3 files"):
        load(tmp_path / "many.zip", into)


def test_an_archive_larger_than_the_disk_is_refused_and_says_what_it_needs(
    good_folder: Path, tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = packed(good_folder, tmp_path / "pets", "zip")
    usage = shutil.disk_usage(into)
    monkeypatch.setattr(archive.shutil, "disk_usage", lambda path: usage._replace(free=1 << 20))
    with pytest.raises(DiskError, match="free some space"):
        load(source, into)
    assert list(into.iterdir()) == []


def test_cancelling_while_unpacking_leaves_nothing(good_folder: Path, tmp_path: Path, into: Path) -> None:
    source = packed(good_folder, tmp_path / "pets", "tar.gz")
    token, texts = CancelToken(), []

    def progress(done: int, total: int, text: str, left_s: float | None = None) -> None:
        texts.append(text)
        if text == "Unpacking":
            token.cancel()

    with pytest.raises(CancelledError):
        load(source, into, token, progress)
    assert texts[-1] == "Unpacking"
    assert list(into.iterdir()) == []


def test_an_archive_in_an_archive_is_a_file_like_any_other(
    good_folder: Path, tmp_path: Path, into: Path
) -> None:
    (good_folder / "cats" / "more.zip").write_bytes(zip_of(GOOD))
    imported = load(packed(good_folder, tmp_path / "pets", "zip"), into)
    assert list(reasons(imported)) == ["cats/more.zip"]


def test_a_message_about_what_is_inside_names_the_archive_and_not_a_folder_that_is_gone(
    tmp_path: Path, into: Path
) -> None:
    (tmp_path / "docs.zip").write_bytes(zip_of(("1.txt", b"hello"), ("2.bin", b"x")))
    source = tmp_path / "docs.zip"
    config = ImportConfig(kind="image_folder")
    for call in (
        lambda: load(source, into, kind="image_folder"),
        lambda: find_kind(source, config).inspect(source, config),
    ):
        with pytest.raises(DataError, match=r"docs\.zip") as told:
            call()
        assert ".unpacked" not in str(told.value)
        assert "workbench-" not in str(told.value)


def test_a_disk_that_is_full_while_unpacking_is_told_in_one_sentence(
    good_folder: Path, tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = packed(good_folder, tmp_path / "pets", "zip")
    plain = os.open
    # Where every write fails as on a full disk.
    monkeypatch.setattr(archive.os, "open", lambda path, *_: plain("/dev/full", os.O_WRONLY))
    with pytest.raises(DiskError, match="is full: free some space there"):
        archive.unpack(source, into, CancelToken(), Pace(no_progress))


@pytest.mark.parametrize("kind", ["zip", "tar.gz"])
def test_a_look_at_an_archive_ends_after_a_moment_and_the_import_reads_all(
    good_folder: Path, tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(archive, "GLANCE_S", 0.0)
    source = packed(good_folder, tmp_path / "pets", kind)
    preview = find_kind(source, ImportConfig()).inspect(source, ImportConfig())
    assert preview.title == "Archive, which shows what it holds when it is imported"
    assert not preview.columns
    assert load(source, into).count == 24


def test_of_a_long_table_in_an_archive_the_beginning_is_shown(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.datasets.packed._LARGEST_LIST", 1000)
    rows = "".join(f"{n}.5,{'ab'[n % 2]}\n" for n in range(2000))
    with zipfile.ZipFile(tmp_path / "table.zip", "w") as file:
        file.writestr("table.csv", "size,label\n" + rows)
    source = tmp_path / "table.zip"
    preview = find_kind(source, ImportConfig()).inspect(source, ImportConfig())
    assert preview.title.startswith("Beginning of an archive, CSV")
    assert preview.columns == ("size", "label")
    assert preview.rows[0] == ("0.5", "a")
    assert load(source, into).count == 2000


def test_a_look_at_an_archive_can_be_cancelled(good_folder: Path, tmp_path: Path) -> None:
    source = packed(good_folder, tmp_path / "pets", "tar.gz")
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        find_kind(source, ImportConfig()).inspect(source, ImportConfig(), token)
