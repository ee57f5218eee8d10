import gzip
import tarfile
import zipfile
from pathlib import Path

import pytest

from workbench.core.configs import ImportConfig
from workbench.core.errors import DataError, UserError
from workbench.datasets.sniff import find_kind


def found(source: Path, **fields) -> str:
    return find_kind(source, ImportConfig(**fields)).name


def test_a_folder_of_pictures_and_a_table_are_told_apart(good_folder: Path, tmp_path: Path) -> None:
    table = tmp_path / "data.txt"
    table.write_text("a;b\n1;2\n")
    assert found(good_folder) == "image_folder"
    assert found(table) == "table"
    assert found(table.rename(tmp_path / "data.csv")) == "table"


def test_the_user_may_name_the_kind(tmp_path: Path) -> None:
    odd = tmp_path / "data.dat"
    odd.write_text("a\tb\n")
    assert found(odd, kind="table") == "table"
    with pytest.raises(UserError, match="There is no dataset kind"):
        found(odd, kind="tabel")


def test_archives_are_known_by_what_they_are_and_spreadsheets_are_none(tmp_path: Path) -> None:
    inside = tmp_path / "a.csv"
    inside.write_text("a,b\n1,2\n")
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as packed:
        packed.write(inside, "a.csv")
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
    (tmp_path / "old.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    for name, mode in (("x.tar", "w"), ("x.tar.gz", "w:gz"), ("x.csv", "w:xz")):
        with tarfile.open(tmp_path / name, mode) as packed:
            packed.add(inside, "a.csv")
    for name in ("x.zip", "x.tar", "x.tar.gz", "x.csv"):
        assert found(tmp_path / name) == "packed"
    with pytest.raises(DataError, match="before 2007: save it as"):
        found(tmp_path / "old.xls")
    assert found(tmp_path / "book.xlsx") == "table"


def test_what_is_packed_in_another_way_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "x.7z").write_bytes(b"7z\xbc\xaf\x27\x1c" + bytes(100))
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    for name in ("x.7z", "a.csv.gz"):
        with pytest.raises(DataError, match="unpack it first"):
            found(tmp_path / name)


def test_what_is_neither_is_refused_with_what_would_do(tmp_path: Path) -> None:
    (tmp_path / "song.mp3").write_bytes(b"ID3\0\0\0" * 100)
    with pytest.raises(DataError, match="neither a folder of pictures, texts or recordings nor a table"):
        found(tmp_path / "song.mp3")
    with pytest.raises(DataError, match="does not exist"):
        found(tmp_path / "gone")
    for impossible in ("x" * 5000, "nul\0character"):
        with pytest.raises(DataError, match="does not exist"):
            found(tmp_path / impossible)
