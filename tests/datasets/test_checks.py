"""Every check finds what was planted for it, and keeps quiet about what is well."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from workbench.core.configs import SplitConfig
from workbench.core.control import CancelToken
from workbench.core.errors import CancelledError
from workbench.core.records import Column, Dataset, Imported, Schema
from workbench.core.states import Modality, Severity, Split, Task
from workbench.datasets.base import Samples
from workbench.datasets.checks.base import Subject, checks
from workbench.datasets.checks.copies import contents
from workbench.datasets.checks.languages import language_of
from workbench.datasets.checks.near_copies import close_pairs
from workbench.datasets.checks.personal import kind_of_heading, kind_of_values
from workbench.datasets.checks.texts import script_of
from workbench.datasets.splits import split_indices


def subject(x, y, modality, columns=(), rows=None, headings=(), classes=("a", "b", "c"), **fields):
    """Return data as a check gets it; y of whole numbers are classes."""
    y = np.asarray(y)
    is_class = y.dtype.kind == "i"
    schema = Schema(
        Task.CLASSIFICATION if is_class else Task.REGRESSION,
        tuple(np.shape(x)[1:]),
        classes if is_class else (),
        columns=columns,
        kind_of_sample=modality,
        target="target" if columns else None,
    )
    imported = Imported("", schema, len(y), len(y), 0, (), (), (), "")
    dataset = Dataset(1, "data", 1, "", "", imported, SplitConfig(), datetime.now(UTC), **fields)
    samples = Samples(x, y, [f"sample {number}" for number in range(len(y))])
    parts = split_indices(y, schema.task, dataset.split)
    return Subject(dataset, samples, parts, lambda start, stop: rows[start:stop], headings)


def pictures(count, seed=0, side=32):
    """Return smooth pictures, no two alike."""
    noise = np.random.default_rng(seed).normal(size=(count, 1, side, side))
    smooth = gaussian_filter(noise, (0, 0, 3, 3))
    spread = smooth.std(axis=(2, 3), keepdims=True)
    return np.clip(smooth / spread * 50 + 128, 0, 255).astype(np.uint8)


def of_pictures(x, y=None):
    return subject(x, np.arange(len(x)) % 3 if y is None else y, Modality.PICTURE)


def of_table(values, y=None, names=None, rows=None, kinds=None):
    x = np.asarray(values, np.float32)
    names = names or [f"column {place}" for place in range(x.shape[1])]
    kinds = kinds or ["number"] * len(names)
    columns = tuple(Column(name, kind) for name, kind in zip(names, kinds, strict=True))
    rows = rows if rows is not None else [[str(value) for value in row] for row in x]
    y = np.arange(len(x)) % 2 if y is None else y
    return subject(x, y, Modality.TABLE, columns, rows, tuple(names), classes=("no", "yes"))


def found(name, data, **fields):
    """Return what a check finds, by code."""
    findings = list(checks.build(name, fields).find(data))
    assert len({item.code for item in findings}) == len(findings), "at most one finding a code"
    return {item.code: item for item in findings}


@pytest.mark.parametrize("name", [n for n in checks.names() if n != "licence"])
@pytest.mark.parametrize("modality", list(Modality))
def test_no_check_finds_fault_with_data_that_is_well(name, modality):
    check = checks.build(name)
    if modality not in check.modalities:
        return
    random = np.random.default_rng(1)
    words = ["red", "green", "blue", "round", "square", "large", "tiny"]
    data = {
        Modality.PICTURE: lambda: of_pictures(pictures(120)),
        Modality.TABLE: lambda: of_table(random.normal(size=(300, 4))),
        Modality.AUDIO: lambda: subject(
            (random.normal(size=(90, 800)) * 3000).astype(np.int16), np.arange(90) % 3, modality
        ),
        Modality.TEXT: lambda: subject(
            np.array([f"{' '.join(random.choice(words, 6))} {n}" for n in range(90)], object),
            np.arange(90) % 3,
            modality,
        ),
    }[modality]()
    assert list(check.find(data)) == []


def test_exact_copies_are_all_found_and_the_first_of_each_is_kept():
    x = pictures(60)
    x[[10, 20, 50]] = x[3]
    x[40] = x[9]
    y = np.zeros(60, np.int64)
    item = found("duplicates", of_pictures(x, y))["exact_duplicates"]
    assert item.samples == (10, 20, 40, 50)
    assert item.fix == "drop_copies"


def test_samples_whose_sums_are_equal_by_chance_are_no_copies(monkeypatch):
    """All sums are the same when all weights are 0: then every byte decides."""

    class Zeros:
        def integers(self, _low, _high, size, dtype):
            return np.zeros(size, dtype)

    x = pictures(30, side=15)
    x[[7, 20]] = x[3]
    x[25] = x[0]
    data = of_pictures(x)
    monkeypatch.setattr(np.random, "default_rng", lambda _seed: Zeros())
    first = contents(data)
    assert np.flatnonzero(first != np.arange(30)).tolist() == [7, 20, 25]
    assert first[[7, 20, 25]].tolist() == [3, 3, 0]


def test_the_same_content_in_two_classes_is_a_conflict_not_a_copy():
    x = pictures(60)
    x[10] = x[3]
    y = np.zeros(60, np.int64)
    y[10] = 1
    findings = found("duplicates", of_pictures(x, y))
    assert set(findings) == {"conflicting_labels"}
    assert findings["conflicting_labels"].samples == (3, 10)
    assert findings["conflicting_labels"].severity is Severity.DANGER


def test_rows_that_differ_in_their_id_alone_are_no_copies():
    values = np.random.default_rng(0).normal(size=(50, 2))
    values[7] = values[30] = values[2]
    rows = [[str(number), *map(str, row)] for number, row in enumerate(values)]
    rows[30][0] = rows[2][0]
    item = found("duplicates", of_table(values, rows=rows))["duplicate_rows"]
    assert item.samples == (30,)


def test_a_leak_goes_back_to_the_part_of_the_original():
    data = of_pictures(pictures(100))
    parts = data.parts
    x = data.samples.x
    train, judged, test = (int(parts[split][0]) for split in Split)
    x[judged] = x[train]
    second, third = int(parts[Split.VALIDATION][1]), int(parts[Split.TEST][1])
    x[third] = x[second]
    item = found("leak", data)["split_leak"]
    assert dict(zip(item.samples, item.fields["parts"], strict=True)) == {judged: 0, third: 1}
    assert test not in item.samples


def changed(picture, way, random):
    """Return a picture as it is after being saved again in another way."""
    values = picture.astype(float)
    if way == "brighter":
        values = values * 1.1 + 6
    elif way == "darker":
        values = values * 0.85
    elif way == "noisy":
        values = values + random.normal(0, 4, values.shape)
    else:
        values = gaussian_filter(values, (0, 0.5, 0.5))
    return np.clip(values, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("way", ["brighter", "darker", "noisy", "softer"])
def test_pictures_that_were_saved_again_are_found_and_no_others(way):
    random = np.random.default_rng(5)
    x = pictures(400)
    for number in range(40):
        x[300 + number] = changed(x[number], way, random)
    item = found("near_duplicates", of_pictures(x))["near_duplicates"]
    planted = set(range(300, 340))
    assert len(planted & set(item.samples)) >= 38
    assert len(set(item.samples) - planted) <= 2
    originals = dict(zip(item.samples, item.fields["originals"], strict=True))
    assert all(originals[place] == place - 300 for place in planted & set(item.samples))


def test_hashes_that_are_close_are_paired_like_comparing_all_with_all():
    random = np.random.default_rng(3)
    hashes = random.integers(0, 2**63, 500, dtype=np.uint64)
    for number in range(60):
        flips = random.choice(63, number % 7, replace=False).astype(np.uint64)
        hashes[400 + number] = hashes[number] ^ np.bitwise_or.reduce(np.uint64(1) << flips)
    distance = np.bitwise_count(hashes[:, None] ^ hashes[None, :])
    expected = {(int(a), int(b)) for a, b in np.argwhere(distance <= 6) if a < b}
    assert {tuple(pair) for pair in close_pairs(hashes, 6, CancelToken()).tolist()} == expected
    assert len(expected) >= 60


def test_many_hashes_are_compared_in_no_more_than_a_few_seconds_worth_of_pairs():
    hashes = np.random.default_rng(0).integers(0, 2**63, 60_000, dtype=np.uint64)
    hashes[-1] = hashes[0] ^ np.uint64(0b111)
    assert close_pairs(hashes, 5, CancelToken()).tolist() == [[0, 59_999]]


def test_blank_dark_and_blurred_pictures_are_found():
    random = np.random.default_rng(0)
    x = np.clip(pictures(80) + random.normal(0, 25, (80, 1, 32, 32)), 0, 255).astype(np.uint8)
    x[3] = 90
    x[4] = x[5] // 12
    x[6] = gaussian_filter(x[6], (0, 3, 3))
    findings = found("blank_pictures", of_pictures(x)) | found("blurred_pictures", of_pictures(x))
    assert {code: item.samples for code, item in findings.items()} == {
        "blank_pictures": (3,),
        "dark_pictures": (4,),
        "blurred_pictures": (6,),
    }


def test_wrong_labels_are_doubted_and_the_right_ones_proposed():
    from sklearn.datasets import load_digits

    data = load_digits()
    y = data.target.astype(np.int64)
    wrong = np.random.default_rng(0).choice(len(y), 40, replace=False)
    given = y.copy()
    given[wrong] = (y[wrong] + 3) % 10
    x = data.images[:, None].astype(np.uint8) * 15
    digits = tuple("0123456789")
    doubted = subject(x, given, Modality.PICTURE, classes=digits)
    item = found("label_errors", doubted)["label_errors"]
    proposals = dict(zip(item.samples, item.fields["labels"], strict=True))
    hits = set(wrong.tolist()) & set(proposals)
    assert len(hits) >= 26, "two of three"
    assert len(proposals) - len(hits) <= 10
    assert sum(proposals[place] == digits[y[place]] for place in hits) >= 0.9 * len(hits)


def test_missing_values_name_the_rows_and_the_worst_column():
    values = np.random.default_rng(0).normal(size=(100, 3))
    values[:20, 1] = np.nan
    values[5, 2] = np.nan
    item = found("missing_values", of_table(values))["missing_values"]
    assert (item.count, item.severity) == (21, Severity.WARNING)
    assert item.examples[0] == "column 1: 20 (20.0%)"
    assert item.samples == tuple(range(20))


def test_constant_and_repeated_columns_can_be_taken_out():
    values = np.random.default_rng(0).normal(size=(100, 4))
    values[:, 1] = 5
    values[:, 3] = values[:, 0]
    findings = found("equal_columns", of_table(values))
    assert findings["constant_column"].fields == {"columns": ["column 1"]}
    assert findings["duplicated_columns"].examples == ("column 3 = column 0",)


def test_a_column_that_gives_the_target_away_is_found_for_classes_and_for_numbers():
    random = np.random.default_rng(0)
    values = random.normal(size=(300, 3))
    y = (values[:, 0] + random.normal(size=300) > 0).astype(np.int64)
    values[:, 2] = y * 100 + random.normal(size=300)
    item = found("target_leak", of_table(values, y))["target_leak"]
    assert item.fields == {"columns": ["column 2"]}
    price = values[:, 0] * 3 + random.normal(size=300)
    values[:, 1] = price * 1.2
    item = found("target_leak", of_table(values, price.astype(np.float32)), score=0.9)["target_leak"]
    assert item.fields == {"columns": ["column 1"]}


def test_extreme_values_and_odd_rows_are_named():
    values = np.random.default_rng(0).normal(size=(400, 3))
    values[11, 1] = 60
    item = found("extreme_values", of_table(values))["extreme_values"]
    assert (item.samples, item.examples) == ((11,), ("column 1: 1",))
    odd = found("outliers", of_table(values))["odd_samples"]
    assert odd.samples[0] == 11


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["ada@example.org", "bo.li@mail.example.cn"], "mail addresses"),
        (["+49 30 1234567", "0171 2345678", "13812345678"], "phone numbers"),
        # Published examples: ISO 13616 and GB 11643-1999.
        (["DE89 3704 0044 0532 0130 00", "GB82WEST12345698765432"], "bank accounts (IBAN)"),
        (["11010519491231002X"], "identity numbers"),
        (["219-09-9999"], "social security numbers"),
        (["DE89 3704 0044 0532 0130 01"], ""),
        (["110105194912310021"], ""),
        (["5.1", "3.5", "2024-01-31", "12:30"], ""),
        (["red", "blue", ""], ""),
        ([], ""),
    ],
)
def test_personal_data_is_known_by_how_it_is_written(values, kind):
    assert kind_of_values(values) == kind


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("First Name", "names"),
        ("surname", "names"),
        ("姓名", "names"),
        ("E-Mail", "mail addresses"),
        ("date_of_birth", "birth dates"),
        ("product name", ""),
        ("mean radius", ""),
        ("phone_usage", ""),
    ],
)
def test_personal_data_is_known_by_its_heading(heading, kind):
    assert kind_of_heading(heading) == kind


def test_a_column_of_mail_addresses_is_told_also_where_it_is_not_learnt_from():
    rows = [[f"user{number}@example.org", str(number % 7)] for number in range(50)]
    values = np.arange(50)[:, None] % 7
    data = of_table(values, names=["size"], rows=rows)
    data.headings = ("contact", "size")
    item = found("personal_data", data)["personal_data"]
    assert item.examples == ("contact: mail addresses",)
    assert item.fix == "", "no model learns from it, so there is no column to take out"


def test_groups_that_lie_in_several_parts_are_told_to_be_divided_by():
    values = np.random.default_rng(0).normal(size=(200, 1))
    rows = [[f"P{number % 40}", str(value[0])] for number, value in enumerate(values)]
    data = of_table(values, names=["size"], rows=rows)
    data.headings = ("patient_id", "size")
    assert "divide by group" in found("groups", data)["group_leak"].message
    data.rows = lambda start, stop: [[str(n), "1"] for n in range(start, min(stop, 200))]
    assert found("groups", data) == {}, "each row is a group of its own"


def test_silent_and_clipped_sounds_are_found():
    x = (np.random.default_rng(0).normal(size=(30, 1600)) * 2000).astype(np.int16)
    x[4] = 0
    x[9, :200] = np.iinfo(np.int16).max
    data = subject(x, np.arange(30) % 3, Modality.AUDIO)
    findings = found("sounds", data)
    assert {code: item.samples for code, item in findings.items()} == {
        "silent_audio": (4,),
        "clipped_audio": (9,),
    }


def test_empty_texts_and_texts_in_another_script_are_found():
    texts = [f"a sentence about number {number}" for number in range(60)]
    texts[8], texts[20], texts[21] = " … ", "这是一个句子", "Это предложение"
    findings = found("texts", subject(np.array(texts, object), np.arange(60) % 3, Modality.TEXT))
    assert findings["empty_text"].samples == (8,)
    assert findings["foreign_text"].samples == (20, 21)


def test_texts_in_another_language_are_found_among_those_of_one_script_also_where_most_are_short():
    texts = [f"The room was very quiet and the breakfast is good for {number}" for number in range(60)]
    texts[5:25] = ["Great!"] * 20
    texts[30] = "Das Zimmer war nicht sehr ruhig, aber die Lage ist gut und wir kommen wieder"
    texts[31] = "La chambre est très calme, mais le petit déjeuner ne vaut pas ce que nous avons payé"
    findings = found("texts", subject(np.array(texts, object), np.arange(60) % 3, Modality.TEXT))
    assert findings["foreign_text"].samples == (30, 31)
    assert "(French, German)" in findings["foreign_text"].message


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("La habitación es muy tranquila y el desayuno no está mal para lo que cuesta", "Spanish"),
        ("La camera è molto tranquilla e la colazione non è male per il prezzo che ho pagato", "Italian"),
        ("O quarto é muito calmo e o café da manhã não é mau para o que se paga", "Portuguese"),
        ("De kamer is heel rustig en het ontbijt is niet slecht voor de prijs", "Dutch"),
        ("Pokój jest bardzo cichy i śniadanie nie jest złe jak na tę cenę, ale to za daleko", "Polish"),
        ("Rummet är mycket tyst och frukosten är inte dålig för det som man betalar", "Swedish"),
        ("Great value", ""),
        ("Die hard fans die in Paris, New York, Los Angeles", ""),
        ("", ""),
    ],
)
def test_the_language_of_a_text_is_told_where_it_is_sure(text, language):
    assert language_of(text) == language


@pytest.mark.parametrize(
    ("text", "script"),
    [("Hello 123", "LATIN"), ("你好 hi 世界", "CJK"), ("ひらがなカタカナ", "CJK"), ("42", "")],
)
def test_the_script_of_a_text_is_that_of_most_of_its_letters(text, script):
    assert script_of(text) == script


def test_a_noted_licence_ends_the_finding():
    data = of_pictures(pictures(30))
    assert "no_licence" in found("licence", data)
    data.dataset = replace(data.dataset, licence="CC BY 4.0")
    assert found("licence", data) == {}


def test_a_class_that_lost_its_samples_is_said_to_be_empty():
    findings = found("classes", of_pictures(pictures(60), np.arange(60) % 2))
    assert findings["empty_class"].examples == ("c",)


@pytest.mark.parametrize("name", ["duplicates", "near_duplicates", "label_errors", "outliers"])
def test_a_long_check_ends_at_once_when_it_is_cancelled(name):
    data = of_pictures(pictures(200))
    data.token.cancel()
    with pytest.raises(CancelledError):
        list(checks.build(name).find(data))


def test_files_that_were_tiny_or_narrow_before_they_were_scaled_are_found(tmp_path):
    sizes = [(64, 48)] * 30
    sizes[4], sizes[9] = (12, 9), (160, 24)
    data = of_pictures(pictures(30))
    for number, size in enumerate(sizes):
        Image.fromarray(np.full((size[1], size[0]), number, np.uint8)).save(tmp_path / f"{number}.png")
    data.samples = replace(data.samples, names=[f"{number}.png" for number in range(30)])
    imported = replace(data.dataset.imported, details={"scaled": 30})
    data.dataset = replace(data.dataset, imported=imported, source=str(tmp_path))
    (tmp_path / "20.png").unlink()
    findings = found("odd_sizes", data)
    assert {code: item.samples for code, item in findings.items()} == {"odd_sizes": (4,), "odd_shapes": (9,)}
    data.dataset = replace(data.dataset, source=str(tmp_path / "gone"))
    assert found("odd_sizes", data) == {}
