"""Texts out of files that other programs write, and out of files that are broken."""

import json

import numpy as np
import pytest

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import DataError
from workbench.core.states import Modality, Severity, Task
from workbench.datasets.base import kinds
from workbench.datasets.sniff import find_kind
from workbench.datasets.texts import Texts

GOOD, BAD = "这家店的服务很好，东西也好吃，下次还来。", "Far too loud, too dear, and the soup was cold."


def load(source, into, **config):
    into.mkdir(exist_ok=True)
    kind = kinds.build("text")
    imported = kind.load(source, into, ImportConfig(**config), CancelToken(), no_progress)
    return imported, kind.open(into)


def write_rows(path, rows, encoding="utf-8"):
    path.write_text("\n".join(rows) + "\n", encoding=encoding)
    return path


def reviews(count=20):
    return [f'"{(GOOD, BAD)[k % 2]} {k}",{("good", "bad")[k % 2]}' for k in range(count)]


def test_texts_are_told_from_a_table_by_what_is_in_the_columns(tmp_path):
    texts = write_rows(tmp_path / "a.csv", ["text,label", *reviews()])
    numbered = write_rows(
        tmp_path / "b.csv", ["id,text,label", *(f"{k},{row}" for k, row in enumerate(reviews()))]
    )
    table = write_rows(tmp_path / "c.csv", ["name,size,label", *(f"item {k},{k * 2},yes" for k in range(20))])
    wide = ["a,b,c,d,text,label", *(f"1,2,3,4,{row}" for row in reviews())]
    lines = [json.dumps({"label": "good", "text": f"{GOOD} {k}"}, ensure_ascii=False) for k in range(20)]
    found = {
        path.name: find_kind(path, ImportConfig()).name
        for path in (
            texts,
            numbered,
            table,
            write_rows(tmp_path / "d.csv", wide),
            write_rows(tmp_path / "e.jsonl", lines),
        )
    }
    assert found == {"a.csv": "text", "b.csv": "text", "c.csv": "table", "d.csv": "table", "e.jsonl": "text"}
    assert find_kind(texts, ImportConfig(kind="table")).name == "table"


def test_rows_become_texts_with_labels_and_keep_every_letter(tmp_path):
    source = write_rows(tmp_path / "a.csv", ["text,label", *reviews()])
    imported, samples = load(source, tmp_path / "into")
    assert imported.schema.modality is Modality.TEXT
    assert imported.schema.input_shape == ()
    assert imported.schema.classes == ("bad", "good")
    assert imported.class_counts == (10, 10)
    assert samples.x[0] == f"{GOOD} 0"
    assert list(samples.x[np.array([3, 0])]) == [f"{BAD} 3", f"{GOOD} 0"]
    assert list(samples.x[-2:]) == [f"{GOOD} 18", f"{BAD} 19"]
    assert samples.x[2:9][1:3].shape == (2,)
    assert samples.names[1] == "row 3"
    assert kinds.build("text").rows(tmp_path / "into", 1, 2) == [[f"{BAD} 1", "bad"]]


def test_the_columns_of_text_and_label_can_be_named(tmp_path):
    rows = [f'"{BAD} {k}","{GOOD} {k}",{k % 3},{("a", "b")[k % 2]}' for k in range(20)]
    source = write_rows(tmp_path / "a.csv", ["title,body,stars,sort", *rows])
    imported, samples = load(source, tmp_path / "one")
    assert (imported.details["text"], imported.schema.target) == ("body", "sort")
    imported, samples = load(source, tmp_path / "two", text="title", target="stars")
    assert samples.x[0] == f"{BAD} 0"
    assert imported.schema.classes == ("0", "1", "2")
    with pytest.raises(DataError, match=r"no column 'bodi'.*body"):
        load(source, tmp_path / "three", text="bodi")
    with pytest.raises(DataError, match="both text and label"):
        load(source, tmp_path / "four", text="body", target="body")


def test_json_lines_give_the_same_texts_and_a_broken_line_is_named(tmp_path):
    lines = [json.dumps({"text": f"{BAD} {k}", "label": k % 2 == 0}) for k in range(20)]
    source = write_rows(tmp_path / "a.jsonl", [*lines[:5], '{"text": "half', *lines[5:], "[1, 2]"])
    imported, samples = load(source, tmp_path / "into")
    assert imported.schema.classes == ("false", "true")
    assert [(item.path, item.reason) for item in imported.skipped] == [
        ("row 6", "is not a JSON object"),
        ("row 22", "is not a JSON object"),
    ]
    assert samples.x[5] == f"{BAD} 5"


def test_a_score_for_each_text_is_learnt_as_a_number(tmp_path):
    source = write_rows(
        tmp_path / "a.csv", ["text,score", *(f'"{BAD} {k}",{k * 0.37:.2f}' for k in range(40))]
    )
    imported, samples = load(source, tmp_path / "into")
    assert imported.schema.task is Task.REGRESSION
    assert samples.y[2] == pytest.approx(0.74)


def test_text_files_in_class_folders_are_read_each_in_its_encoding(tmp_path):
    root = tmp_path / "news"
    for k in range(12):
        folder = root / ("体育", "tech")[k % 2]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{k}.txt").write_text(
            f"{(GOOD, BAD)[k % 2]}\n{k}", encoding=("utf-8", "gb18030")[k % 4 == 0]
        )
    (root / "tech" / "empty.txt").write_bytes(b"")
    (root / "tech" / "blank.txt").write_text(" \n\t")
    (root / "tech" / "nul.txt").write_bytes(b"text with a \0 in it")
    (root / "readme.txt").write_text("beside the classes")
    assert find_kind(root, ImportConfig()).name == "text"
    imported, samples = load(root, tmp_path / "into")
    assert imported.schema.classes == ("tech", "体育")
    assert imported.count == 12
    texts = dict(zip(samples.names, samples.x, strict=True))
    assert texts["体育/0.txt"] == f"{GOOD}\n0"
    reasons = {item.path: item.reason for item in imported.skipped}
    assert reasons["tech/empty.txt"] == "is empty (0 bytes)"
    assert reasons["tech/blank.txt"] == "has no text, only white space"
    assert "NUL" in reasons["tech/nul.txt"]
    assert "beside the class folders" in reasons["readme.txt"]
    assert "encoding_guessed" in {finding.code for finding in imported.findings}


def test_copies_are_dropped_once_and_contradictions_are_told(tmp_path):
    rows = [*reviews(), *reviews(6), f'"{GOOD} 0",bad']
    imported, _ = load(write_rows(tmp_path / "a.csv", ["text,label", *rows]), tmp_path / "into")
    assert (imported.found, imported.count, imported.duplicates) == (27, 21, 6)
    findings = {finding.code: finding for finding in imported.findings}
    assert findings["duplicates"].count == 6
    assert findings["conflicting_labels"].severity is Severity.DANGER
    assert findings["conflicting_labels"].examples == ("row 2", "row 28")


def test_what_holds_no_text_is_named_and_what_holds_none_at_all_is_refused(tmp_path):
    rows = [*reviews(), ",good", '"   ",bad', f'"{BAD}",']
    imported, _ = load(write_rows(tmp_path / "a.csv", ["text,label", *rows]), tmp_path / "into")
    assert {item.path: item.reason for item in imported.skipped} == {
        "row 22": "has no text",
        "row 23": "has no text",
        "row 24": "has no value in the target column label",
    }
    (tmp_path / "empty.csv").write_bytes(b"")
    with pytest.raises(DataError, match="0 bytes"):
        load(tmp_path / "empty.csv", tmp_path / "e")
    (tmp_path / "nul.csv").write_bytes(b"text,label\na\0b,c\n")
    with pytest.raises(DataError, match="NUL"):
        load(tmp_path / "nul.csv", tmp_path / "n")
    (tmp_path / "classes" / "a").mkdir(parents=True)
    with pytest.raises(DataError, match="sub-folder"):
        load(tmp_path / "classes", tmp_path / "c")


def test_one_class_alone_is_a_danger(tmp_path):
    rows = [f'"{BAD} {k}",same' for k in range(20)]
    imported, _ = load(write_rows(tmp_path / "a.csv", ["text,label", *rows]), tmp_path / "into")
    assert imported.findings[0].code == "one_class"


def test_new_texts_are_read_from_a_file_without_labels_a_text_file_or_a_folder(tmp_path):
    imported, _ = load(write_rows(tmp_path / "a.csv", ["text,label", *reviews()]), tmp_path / "into")
    kind = kinds.build("text")

    def encode(source):
        return kind.encode(source, imported.schema, imported.details)

    alone = encode(write_rows(tmp_path / "new.csv", ["comment", f'"{GOOD}"', '""', f'"{BAD}"']))
    assert list(alone.samples.x) == [GOOD, BAD]
    assert alone.samples.y.tolist() == [-1, -1]
    (folder := tmp_path / "new" / "good").mkdir(parents=True)
    (folder / "1.txt").write_text(GOOD, encoding="utf-8")
    (folder.parent / "2.txt").write_text(BAD, encoding="utf-8")
    (folder.parent / "3.txt").write_bytes(b"")
    found = encode(folder.parent)
    assert dict(zip(found.samples.names, found.samples.y.tolist(), strict=True)) == {
        "good/1.txt": 1,
        "2.txt": -1,
    }
    assert [item.path for item in found.skipped] == ["3.txt"]


def test_a_sequence_of_texts_answers_like_an_array():
    texts = Texts.of(["a", "b", "c", "d"])
    assert [texts[-1], *texts[1:3], *texts[::2], *texts[np.array([3, 3])]] == [
        "d",
        "b",
        "c",
        "a",
        "c",
        "d",
        "d",
    ]
    assert texts.shape == (4,)
    with pytest.raises(IndexError):
        texts[4]
