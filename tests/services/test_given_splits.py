"""Folders or a column that say train, validation and test give the split of whatever is imported."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from tests.gui.panes.small_data import import_data
from workbench.core.configs import ImportConfig, SplitConfig
from workbench.core.errors import DataError
from workbench.core.states import Split
from workbench.datasets.sniff import named_kind
from workbench.services.datasets import look_at
from workbench.services.projects import create_project

TEXT = ", split as the folders give it"


@pytest.fixture
def orchard(tmp_path):
    with create_project(tmp_path / "Orchard") as session:
        yield session


def picture(path, number):
    pixels = np.random.default_rng(number).integers(0, 256, (12, 12), dtype=np.uint8)
    Image.fromarray(pixels).save(path.with_suffix(".png"))


def text(path, number):
    path.with_suffix(".txt").write_text(f"This is text number {number}.", encoding="utf-8")


def recording(path, number):
    wave = np.random.default_rng(number).normal(0, 0.1, 1600)
    soundfile.write(path.with_suffix(".wav"), wave, 16_000)


WRITERS = [picture, text, recording]


def write(root, write_one, parts=("train", "val", "test"), classes=("apple", "pear"), each=4):
    """Write four samples of each class into each part."""
    number = 0
    for part in parts:
        for name in classes:
            (root / part / name).mkdir(parents=True)
            for _ in range(each):
                write_one(root / part / name / f"{number:03}", number)
                number += 1
    return root


def parts_of(session, dataset):
    """Return for each part which top folders its samples lie in."""
    names = session.datasets.samples(dataset.id).names
    found = session.datasets.split_indices(dataset.id)
    return {split: {names[int(place)].split("/")[0] for place in places} for split, places in found.items()}


@pytest.mark.parametrize("write_one", WRITERS)
@pytest.mark.parametrize("parts", [("train", "val", "test"), ("Training", "dev", "Test")])
def test_folders_of_parts_give_classes_and_split(orchard, tmp_path, write_one, parts):
    source = write(tmp_path / "fruit", write_one, parts)
    preview = look_at(source)
    assert preview.classes == ("apple", "pear")
    assert preview.title.endswith(TEXT)
    dataset = import_data(orchard, source)
    assert dataset.schema.classes == ("apple", "pear")
    assert dataset.imported.count == 24
    assert dataset.split.method == "given"
    found = parts_of(orchard, dataset)
    assert found == {
        split: {name} for split, name in zip((Split.TRAIN, Split.VALIDATION, Split.TEST), parts, strict=True)
    }


@pytest.mark.parametrize("write_one", WRITERS)
def test_an_archive_of_such_folders_gives_them_as_well(orchard, tmp_path, write_one):
    write(tmp_path / "packed" / "fruit", write_one)
    archive = shutil.make_archive(str(tmp_path / "fruit"), "zip", tmp_path / "packed")
    source = tmp_path / "fruit.zip"
    assert str(source) == archive
    assert look_at(source).title.endswith(TEXT)
    dataset = import_data(orchard, source)
    assert dataset.schema.classes == ("apple", "pear")
    assert {split: len(places) for split, places in orchard.datasets.split_indices(dataset.id).items()} == {
        Split.TRAIN: 8,
        Split.VALIDATION: 8,
        Split.TEST: 8,
    }


def test_the_given_split_can_be_changed_and_taken_back(orchard, tmp_path):
    dataset = import_data(orchard, write(tmp_path / "fruit", picture))
    orchard.datasets.set_split(dataset.id, SplitConfig())
    assert len(orchard.datasets.split_indices(dataset.id)[Split.TRAIN]) == 17
    orchard.datasets.set_split(dataset.id, SplitConfig(method="given"))
    assert len(orchard.datasets.split_indices(dataset.id)[Split.TRAIN]) == 8


@pytest.mark.parametrize("write_one", WRITERS)
@pytest.mark.parametrize(
    ("parts", "classes"),
    [
        (("train", "car"), ("red", "blue")),  # a train is a thing as well
        (("val", "test"), ("red", "blue")),
        (("train", "test"), ("",)),
    ],
)
def test_other_folders_are_classes_as_before(orchard, tmp_path, write_one, parts, classes):
    source = tmp_path / "things"
    if classes == ("",):
        for place, part in enumerate(parts):
            (source / part).mkdir(parents=True)
            for number in range(4):
                write_one(source / part / f"{number}", 10 * place + number)
    else:
        write(source, write_one, parts, classes)
        for place, part in enumerate(parts):  # what tells the kind lies in the class folders themselves
            write_one(source / part / "own", 100 + place)
            write_one(source / part / "other", 200 + place)
    dataset = import_data(orchard, source)
    assert set(dataset.schema.classes) == set(parts)
    assert dataset.split == SplitConfig()
    assert TEXT not in look_at(source).title


def test_what_lies_beside_the_class_folders_of_a_part_has_no_class(orchard, tmp_path):
    source = write(tmp_path / "fruit", picture)
    picture(source / "train" / "stray", 900)
    picture(source / "cover", 901)
    dataset = import_data(orchard, source)
    assert {item.path for item in dataset.imported.skipped} == {"train/stray.png", "cover.png"}
    assert dataset.imported.count == 24


def test_folders_within_a_class_are_still_known_of_each_picture(orchard, tmp_path):
    from workbench.core.control import CancelToken

    source = write(tmp_path / "fruit", picture)
    for part in ("train", "val", "test"):
        (source / part / "apple" / "north").mkdir()
        for path in list((source / part / "apple").glob("*.png"))[:2]:
            path.rename(path.parent / "north" / path.name)
    dataset = import_data(orchard, source)
    kind, samples = orchard.datasets.kind(dataset), orchard.datasets.samples(dataset.id)
    known = {item.name: item for item in kind.attributes(samples, dataset.schema, CancelToken())}
    assert known["folder"].categories == ("none", "north")
    assert known["folder"].values.sum() == 6


def table(path, words, heading="split"):
    rows = [f"{number * 0.5},{word},{'yes' if number % 2 else 'no'}" for number, word in enumerate(words)]
    path.write_text("\n".join([f"size,{heading},ripe", *rows]), encoding="utf-8")
    return path


@pytest.mark.parametrize("heading", ["split", "Data_Split"])
def test_a_column_that_says_the_split_gives_it_and_is_not_learnt_from(orchard, tmp_path, heading):
    source = table(tmp_path / "fruit.csv", ["train"] * 60 + ["Valid"] * 10 + ["test"] * 20, heading)
    preview = look_at(source)
    assert preview.title.endswith(f", split as the column {heading} gives it")
    assert preview.types[1] == "unused"
    dataset = import_data(orchard, source)
    assert [column.name for column in dataset.schema.used_columns] == ["size"]
    assert dataset.split == SplitConfig(method="given", column=heading)
    found = orchard.datasets.split_indices(dataset.id)
    assert [len(found[split]) for split in (Split.TRAIN, Split.VALIDATION, Split.TEST)] == [60, 10, 20]


@pytest.mark.parametrize(
    ("words", "heading"),
    [
        (["train", "test", "left"] * 20, "split"),
        (["train", "test"] * 30, "vehicle"),
        (["train"] * 60, "split"),
    ],
)
def test_other_columns_give_no_split(orchard, tmp_path, words, heading):
    dataset = import_data(orchard, table(tmp_path / "fruit.csv", words, heading))
    assert dataset.split == SplitConfig()


def test_a_column_whose_type_was_chosen_is_learnt_from(orchard, tmp_path):
    source = table(tmp_path / "fruit.csv", ["train", "test"] * 30)
    config = ImportConfig(types={"split": "category"})
    job = orchard.datasets.import_source(source, config)
    dataset = orchard.jobs.wait(job, 60)
    assert [column.name for column in dataset.schema.used_columns] == ["size", "split"]
    assert dataset.split == SplitConfig()


def listed(folder, words, form, write_one=picture, heading="split"):
    """Write files and a list of them with a column of words; return the folder."""
    folder.mkdir()
    for number in range(len(words)):
        write_one(folder / f"{number}", number)
    names = sorted((path.name for path in folder.iterdir()), key=lambda name: int(name.split(".")[0]))
    rows = [
        {"file": name, "kind": ("a", "b")[number % 2], heading: words[number], "patient": f"p{number // 4}"}
        for number, name in enumerate(names)
    ]
    return lines(folder / f"labels.{form}", rows).parent


def lines(path, rows):
    """Write rows as CSV or JSON lines, as the name of the file says."""
    text = "\n".join(json.dumps(row) for row in rows)
    if path.suffix == ".csv":
        text = "\n".join([",".join(rows[0]), *(",".join(row.values()) for row in rows)])
    path.write_text(text, encoding="utf-8")
    return path


def texts(folder, words, form, heading="split"):
    folder.mkdir()
    rows = [
        {
            "text": f"A long sentence that tells of thing number {number}",
            heading: word,
            "kind": ("a", "b")[number % 2],
        }
        for number, word in enumerate(words)
    ]
    return lines(folder / f"texts.{form}", rows)


def pictures(folder, words, form, heading="split"):
    return listed(folder, words, form, picture, heading)


def recordings(folder, words, form, heading="split"):
    return listed(folder, words, form, recording, heading)


@pytest.mark.parametrize("make", [pictures, recordings, texts])
@pytest.mark.parametrize(("form", "heading"), [("csv", "split"), ("jsonl", "Fold"), ("csv", "set")])
def test_a_column_of_a_list_or_of_texts_gives_the_split(orchard, tmp_path, make, form, heading):
    source = make(tmp_path / "things", ["train"] * 12 + ["Val"] * 4 + ["test"] * 8, form, heading)
    preview = look_at(source)
    assert preview.title.endswith(f", split as the column {heading} gives it")
    assert preview.target == "kind"
    dataset = import_data(orchard, source)
    assert dataset.schema.classes == ("a", "b")
    assert dataset.split == SplitConfig(method="given", column=heading)
    found = orchard.datasets.split_indices(dataset.id)
    assert [found[split].tolist() for split in Split] == [
        list(range(12)),
        list(range(12, 16)),
        list(range(16, 24)),
    ]
    orchard.datasets.set_split(dataset.id, SplitConfig())
    assert len(orchard.datasets.split_indices(dataset.id)[Split.TRAIN]) == 17
    orchard.history.undo()
    assert len(orchard.datasets.split_indices(dataset.id)[Split.TRAIN]) == 12


@pytest.mark.parametrize("make", [pictures, recordings])
def test_a_version_keeps_the_part_that_its_list_gives_and_others_can_be_dealt_by_a_column(
    orchard, tmp_path, make
):
    dataset = import_data(orchard, make(tmp_path / "things", ["train", "val", "test"] * 8, "csv"))
    orchard.datasets.set_split(
        dataset.id, SplitConfig(method="grouped", column="patient", train=0.5, validation=0.25, test=0.25)
    )
    patients = orchard.datasets.samples(dataset.id).column("patient")
    dealt = orchard.datasets.split_indices(dataset.id)
    seen = [{patients[place] for place in places.tolist()} for places in dealt.values()]
    assert sum(map(len, seen)) == 6, "each patient lies in one part alone"
    orchard.history.undo()
    version = orchard.jobs.wait(orchard.versions.remove(dataset.id, [0, 4]), 60)
    found = orchard.datasets.split_indices(version.id)
    words = orchard.datasets.samples(version.id).column("split")
    assert len(words) == 22
    for split, word in zip(Split, ("train", "val", "test"), strict=True):
        assert {words[place] for place in found[split].tolist()} == {word}


def test_samples_added_from_where_no_split_is_given_are_shuffled_into_the_parts(orchard, tmp_path):
    mine = import_data(orchard, pictures(tmp_path / "mine", ["train", "val", "test"] * 8, "csv"))
    source = tmp_path / "theirs"
    for name in "ab":
        (source / name).mkdir(parents=True)
        for number in range(20):
            picture(source / name / f"{number}", 500 + number + 20 * (name == "b"))
    theirs = import_data(orchard, source)
    (offer,) = orchard.versions.joinable(mine.id)
    assert offer.changes[-1] == "It gives no such split: its samples are shuffled into the parts."
    both = orchard.jobs.wait(orchard.versions.join(mine.id, theirs.id), 60)
    found = orchard.datasets.split_indices(both.id)
    assert {split: len(places) for split, places in found.items()} == {
        Split.TRAIN: 8 + 28,
        Split.VALIDATION: 8 + 6,
        Split.TEST: 8 + 6,
    }


def test_files_in_folders_of_parts_that_a_list_names_are_divided_as_the_folders_say(orchard, tmp_path):
    source, rows = tmp_path / "things", []
    for number, part in enumerate(["train"] * 10 + ["test"] * 4):
        (source / part).mkdir(parents=True, exist_ok=True)
        picture(source / part / f"{number}", number)
        rows.append({"file": f"{part}/{number}.png", "kind": ("a", "b")[number % 2]})
    lines(source / "labels.csv", rows)
    assert look_at(source).title.endswith(TEXT)
    dataset = import_data(orchard, source)
    assert dataset.split == SplitConfig(method="given")
    found = orchard.datasets.split_indices(dataset.id)
    assert [len(found[split]) for split in Split] == [10, 0, 4]


def test_a_split_column_that_was_chosen_as_the_label_is_learnt(orchard, tmp_path):
    dataset = import_data(
        orchard, pictures(tmp_path / "things", ["train", "test"] * 6, "csv"), target="split"
    )
    assert dataset.schema.classes == ("test", "train")
    assert dataset.split == SplitConfig()


def part_files(folder, form, write_rows, parts=("train", "validation", "test"), counts=(20, 5, 8)):
    """Write a file of rows for each part."""
    folder.mkdir()
    number = 0
    for part, count in zip(parts, counts, strict=True):
        lines(folder / f"{part}.{form}", [write_rows(number + k) for k in range(count)])
        number += count
    return folder


def table_row(number):
    return {
        "size": f"{number * 0.5}",
        "colour": ("red", "blue")[number % 2],
        "ripe": ("no", "yes")[number % 3 % 2],
    }


def text_row(number):
    return {"mood": ("a", "b")[number % 2], "text": f"A long sentence that tells of thing number {number}"}


@pytest.mark.parametrize(("write_rows", "kind"), [(table_row, "table"), (text_row, "text")])
@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_file_for_each_part_is_one_dataset_with_that_split(orchard, tmp_path, write_rows, kind, form):
    source = part_files(tmp_path / "fruit", form, write_rows)
    (source / "README.txt").write_text("about it")
    preview = look_at(source)
    assert (preview.kind, preview.count) == (kind, 33)
    assert f"train.{form}, validation.{form}, test.{form}, together 33 rows" in preview.title
    assert "split as the files give it" in preview.title
    dataset = orchard.jobs.wait(
        orchard.datasets.import_source(source, ImportConfig(kind=kind, target=preview.target)), 60
    )
    assert dataset.imported.kind == kind
    assert dataset.schema.target == preview.target
    assert dataset.split == SplitConfig(method="given", column="split")
    found = orchard.datasets.split_indices(dataset.id)
    assert [len(found[split]) for split in Split] == [20, 5, 8]
    (told,) = [item for item in dataset.imported.findings if item.code == "part_files"]
    assert f"rows 22 to 26 are those of validation.{form}" in told.message
    assert not list(orchard.folder.resolve(dataset.folder).glob(".*")), "nothing is left of the joined file"
    again = orchard.datasets.kind(dataset)
    assert again.name == kind
    new = named_kind(source, kind).encode(source, dataset.schema, dataset.imported.details)
    assert new.samples.y.tolist() == orchard.datasets.samples(dataset.id).y.tolist()
    archive = shutil.make_archive(str(tmp_path / "packed"), "zip", source)
    packed = import_data(orchard, Path(archive), name="packed")
    assert packed.imported.count == 33
    assert packed.split == dataset.split


def test_files_of_parts_that_do_not_fit_together_are_refused_with_what_to_do(orchard, tmp_path):
    source = part_files(tmp_path / "fruit", "csv", table_row)
    (source / "test.csv").write_text("size,colour\n1,red\n2,blue\n")
    with pytest.raises(DataError, match=r"test.csv lacks the column ripe, which train.csv has"):
        look_at(source)


def test_a_row_that_does_not_fit_is_named_with_its_file(orchard, tmp_path):
    source = part_files(tmp_path / "fruit", "csv", table_row)
    with (source / "test.csv").open("a") as file:
        file.write("\n1,2,3,4,5,6\n")
    dataset = import_data(orchard, source)
    (lost,) = dataset.imported.skipped
    assert lost.path == "test.csv row 10"
    assert dataset.imported.found == dataset.imported.count + 1


def test_one_of_such_files_alone_is_a_table_as_any(orchard, tmp_path):
    source = part_files(tmp_path / "fruit", "csv", table_row)
    dataset = import_data(orchard, source / "train.csv")
    assert dataset.imported.count == 20
    assert dataset.split == SplitConfig()
