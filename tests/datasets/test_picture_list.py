"""A flat folder of pictures and a list of their labels."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.conftest import Load, picture, reasons
from workbench.core.configs import ImportConfig
from workbench.core.errors import DataError
from workbench.core.states import Task
from workbench.datasets.base import kinds
from workbench.datasets.sniff import find_kind

Write = Callable[..., Path]


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    """Twelve pictures `0.png` to `11.png`, flat."""
    for number in range(12):
        picture(tmp_path / "pets" / f"{number}.png", number)
    return tmp_path / "pets"


def rows(*, name: str = "{}.png") -> list[tuple[str, str]]:
    return [(name.format(number), ("cat", "dog")[number % 2]) for number in range(12)]


def write(
    folder: Path, pairs: list[tuple[str, str]], header: str = "image,species", name: str = "labels.csv"
) -> None:
    (folder / name).write_text("\n".join([header, *(f"{a},{b}" for a, b in pairs)]) + "\n", encoding="utf-8")


def test_a_flat_folder_gets_its_labels_from_the_list_in_it(pets: Path, load: Load) -> None:
    write(pets, rows())
    assert find_kind(pets, ImportConfig()).name == "picture_list"
    imported, samples = load("picture_list", pets)
    assert imported.schema.classes == ("cat", "dog")
    assert imported.schema.target == "species"
    assert list(samples.names) == [f"{number}.png" for number in range(12)]
    assert samples.y.tolist() == [0, 1] * 6
    assert not imported.skipped
    assert imported.details["files"] == "image"


def test_the_list_itself_may_be_the_source(pets: Path, load: Load) -> None:
    write(pets, rows()[:8])
    assert find_kind(pets / "labels.csv", ImportConfig()).name == "picture_list"
    imported, samples = load("picture_list", pets / "labels.csv")
    assert (imported.count, imported.found, len(samples)) == (8, 8, 8)


def test_json_lines_say_labels_too_and_lines_that_are_none_are_named(pets: Path, load: Load) -> None:
    lines = [json.dumps({"label": label, "file_name": name, "width": 8}) for name, label in rows()]
    lines += ["{not json", "[1, 2]", "", json.dumps({"file_name": "3.png"})]
    (pets / "metadata.jsonl").write_text("\n".join(lines))
    imported, samples = load("picture_list", pets)
    assert samples.y.tolist() == [0, 1] * 6
    assert reasons(imported) == {
        "row 13": "is not JSON",
        "row 14": "is not an object with a file and a label",
        "row 16": "names 3.png again, with another label: row 4 has it already",
    }


@pytest.mark.parametrize(
    ("name", "folder"),
    [
        ("{}.png", "images"),
        ("images/{}.png", "images"),
        ("./images/{}.png", "images"),
        ("{}", ""),
        ("images\\{}.png", "images"),
    ],
)
def test_names_are_found_by_path_by_name_alone_and_without_their_ending(
    tmp_path: Path, load: Load, name: str, folder: str
) -> None:
    for number in range(12):
        picture(tmp_path / "pets" / folder / f"{number}.png", number)
    write(tmp_path / "pets", rows(name=name))
    imported, samples = load("picture_list", tmp_path / "pets")
    assert imported.count == 12
    assert samples.y.tolist() == [0, 1] * 6
    assert find_kind(tmp_path / "pets", ImportConfig()).name == "picture_list"


def test_a_name_that_two_files_have_is_not_guessed(tmp_path: Path, load: Load) -> None:
    for number in range(12):
        picture(tmp_path / "pets" / "a" / f"{number}.png", number)
    picture(tmp_path / "pets" / "b" / "5.png", 500)
    write(tmp_path / "pets", rows())
    imported, _ = load("picture_list", tmp_path / "pets")
    assert reasons(imported) == {
        "row 7": "names 5.png, which is not there",
        "a/5.png": "is not named in labels.csv",
        "b/5.png": "is not named in labels.csv",
    }


def test_rows_without_a_file_and_files_without_a_row_are_named(
    pets: Path, tmp_path: Path, load: Load
) -> None:
    picture(tmp_path / "secret.png", 99)
    write(
        pets,
        [
            *rows()[:10],
            ("gone.png", "cat"),
            ("../secret.png", "cat"),
            (str(tmp_path / "secret.png"), "dog"),
            ("", "cat"),
            ("10.png", ""),
        ],
    )
    imported, _ = load("picture_list", pets)
    assert imported.count == 10
    assert reasons(imported) == {
        "row 12": "names gone.png, which is not there",
        "row 13": "names ../secret.png, which leads out of the folder",
        "row 14": f"names {tmp_path / 'secret.png'}, which leads out of the folder",
        "row 15": "names no file",
        "row 16": "has no label for 10.png",
        "11.png": "is not named in labels.csv",
    }


def test_columns_are_found_by_content_and_can_be_chosen(pets: Path, load: Load) -> None:
    lines = [f"{n},{n}.png,{n * 3}.5,{'ab'[n % 2]},{'xyz'[n % 3]}" for n in range(12)]
    (pets / "about.csv").write_text("\n".join(["id,file,weight,side,shape", *lines]))
    preview = kinds.build("picture_list").inspect(pets, ImportConfig())
    assert (preview.details["files"], preview.target) == ("file", "side")
    assert preview.columns == ("id", "file", "weight", "side", "shape")
    imported, _ = load("picture_list", pets, target="shape", files="id")
    assert imported.schema.classes == ("x", "y", "z")
    assert imported.count == 12, "an id is a name without its ending"
    with pytest.raises(DataError, match="cannot be both") as told:
        load("picture_list", pets, target="file")
    assert "target" in told.value.fields
    with pytest.raises(DataError, match=r"no column 'fil' to name the files\. Did you mean file"):
        load("picture_list", pets, files="fil")


def test_class_names_in_any_script_are_kept(pets: Path, load: Load) -> None:
    (pets / "标签.csv").write_bytes(
        "文件;类别\n".encode("gb18030")
        + "".join(f"{n}.png;{'猫狗'[n % 2]}\n" for n in range(12)).encode("gb18030")
    )
    imported, _ = load("picture_list", pets)
    assert set(imported.schema.classes) == {"猫", "狗"}


def test_a_table_that_names_no_pictures_stays_a_table(pets: Path) -> None:
    table = pets / "table.csv"
    table.write_text("size,label\n" + "".join(f"{n}.5,{'ab'[n % 2]}\n" for n in range(20)))
    assert find_kind(table, ImportConfig()).name == "table"


def test_a_list_and_its_pictures_may_come_in_an_archive(pets: Path, tmp_path: Path, load: Load) -> None:
    write(pets, rows())
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as packed:
        for file in pets.iterdir():
            packed.write(file, f"pets/{file.name}")
    source, config = tmp_path / "pets.zip", ImportConfig()
    preview = find_kind(source, config).inspect(source, config)
    assert (preview.kind, preview.target, preview.details["files"]) == ("picture_list", "species", "image")
    assert preview.count == 12


def test_five_thousand_classes_are_imported_in_natural_order(tmp_path: Path, load: Load) -> None:
    from PIL import Image

    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(5000):
        pixels = Image.new("L", (4, 2))
        pixels.putdata([number & 255, number >> 8, 1, 2, 3, 4, 5, 6])
        pixels.save(folder / f"{number}.png")
    write(folder, [(f"{number}.png", f"class {number}") for number in range(5000)], "file,class")
    imported, samples = load("picture_list", folder)
    assert imported.schema.classes == tuple(f"class {number}" for number in range(5000))
    assert samples.y.tolist() == list(range(5000))


def test_new_pictures_are_all_read_with_the_labels_that_a_list_has_for_them(pets: Path, load: Load) -> None:
    write(pets, rows())
    imported, _ = load("picture_list", pets)
    write(pets, [("0.png", "dog"), ("1.png", "bird"), ("gone.png", "cat")])
    new = kinds.build("picture_list").encode(pets, imported.schema, imported.details)
    assert list(new.samples.names) == [f"{number}.png" for number in range(12)]
    assert new.samples.y.tolist() == [1] + [-1] * 11, "a bird is none of the classes"
    assert [item.reason for item in new.skipped] == ["names gone.png, which is not there"]
    (pets / "labels.csv").unlink()
    alone = kinds.build("picture_list").encode(pets, imported.schema, imported.details)
    assert alone.samples.y.tolist() == [-1] * 12


def test_a_list_of_numbers_is_learnt_as_numbers(pets: Path, load: Load) -> None:
    write(pets, [(f"{number}.png", f"{number * 1.5}") for number in range(11)], "file,age")
    imported, samples = load("picture_list", pets)
    schema = imported.schema
    assert (schema.task, schema.classes, schema.target) == (Task.REGRESSION, (), "age")
    assert samples.y.dtype == np.float32
    assert samples.y.tolist() == [number * 1.5 for number in range(11)]
    assert imported.class_counts == ()
    preview = kinds.build("picture_list").inspect(pets, ImportConfig())
    assert "numbers from 0 to 15" in preview.title
    assert preview.types == ("file", "number")


def test_whole_numbers_in_a_column_of_classes_are_classes_unless_the_user_says_otherwise(
    tmp_path: Path, load: Load
) -> None:
    for number in range(30):
        picture(tmp_path / "pets" / f"{number}.png", number)
    pairs = [(f"{number}.png", str(number)) for number in range(30)]
    write(tmp_path / "pets", pairs, "file,class_id")
    assert load("picture_list", tmp_path / "pets")[0].schema.task is Task.CLASSIFICATION
    imported, _ = load("picture_list", tmp_path / "pets", types={"class_id": "number"})
    assert imported.schema.task is Task.REGRESSION
    write(tmp_path / "pets", pairs, "file,age")
    assert load("picture_list", tmp_path / "pets")[0].schema.task is Task.REGRESSION
    imported, _ = load("picture_list", tmp_path / "pets", types={"age": "category"})
    assert imported.schema.classes[:3] == ("0", "1", "2")


def test_a_label_that_is_no_number_is_left_out_and_named(pets: Path, load: Load) -> None:
    pairs = [(f"{number}.png", "unknown" if number == 3 else f"{number}.25") for number in range(12)]
    (pets / "ages.jsonl").write_text("\n".join(json.dumps({"file": a, "age": b}) for a, b in pairs))
    imported, samples = load("picture_list", pets, types={"age": "number"})
    assert imported.count == 11
    assert np.isfinite(samples.y).all()
    assert reasons(imported) == {"row 4": "has no number but 'unknown' for 3.png"}


def test_new_pictures_for_a_model_of_numbers_have_the_values_of_their_list(pets: Path, load: Load) -> None:
    write(pets, [(f"{number}.png", f"{number}.5") for number in range(12)], "file,age")
    imported, _ = load("picture_list", pets)
    (pets / "labels.csv").write_text("file,age\n4.png,7.25\n")
    encoded = kinds.build("picture_list").encode(pets, imported.schema, imported.details)
    known = dict(zip(encoded.samples.names, encoded.samples.y.tolist(), strict=True))
    assert known["4.png"] == 7.25
    assert np.isnan(known["5.png"])
