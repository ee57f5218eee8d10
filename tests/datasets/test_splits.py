import hashlib
import itertools

import numpy as np
import pytest

from workbench.core.configs import SplitConfig
from workbench.core.errors import DataError
from workbench.core.states import Split, Task
from workbench.datasets.splits import split_indices


def deal(labels, task=Task.CLASSIFICATION, **fields) -> dict[Split, np.ndarray]:
    parts = split_indices(np.asarray(labels), task, SplitConfig(**fields))
    everything = np.concatenate(list(parts.values()))
    assert np.array_equal(np.sort(everything), np.arange(len(labels))), "every sample is in exactly one part"
    assert all(part.dtype == np.int64 for part in parts.values())
    return parts


def sizes(parts) -> tuple[int, ...]:
    return tuple(len(parts[split]) for split in (Split.TRAIN, Split.VALIDATION, Split.TEST))


def test_the_sizes_follow_the_shares_to_the_sample() -> None:
    assert sizes(deal(np.arange(1000) % 10)) == (700, 150, 150)
    assert sizes(deal(np.arange(569) % 2)) == (398, 86, 85)
    assert sizes(deal(np.arange(10.0), Task.REGRESSION, train=0.6, validation=0.2, test=0.2)) == (6, 2, 2)
    assert sizes(deal(np.arange(7) % 2, train=1.0, validation=0.0, test=0.0)) == (7, 0, 0)
    assert sizes(deal([])) == (0, 0, 0)


def test_each_class_is_dealt_in_the_same_shares() -> None:
    labels = np.repeat([0, 1, 2], [700, 200, 100])
    for split, share in ((Split.TRAIN, 0.7), (Split.VALIDATION, 0.15), (Split.TEST, 0.15)):
        counts = np.bincount(labels[deal(labels)[split]], minlength=3)
        assert counts.tolist() == pytest.approx([700 * share, 200 * share, 100 * share], abs=1)


def test_no_class_is_without_a_training_sample() -> None:
    for counts in itertools.product((1, 2, 3, 4), repeat=3):
        labels = np.repeat(np.arange(4), (*counts, 40))
        parts = deal(labels, train=0.1, validation=0.45, test=0.45)
        assert set(labels[parts[Split.TRAIN]]) == {0, 1, 2, 3}


def test_many_tiny_classes_still_fill_validation_and_test() -> None:
    labels = np.repeat(np.arange(100), 3)
    assert sizes(deal(labels)) == (210, 45, 45)
    labels = np.repeat(np.arange(100), 2)
    train, validation, test = sizes(deal(labels))
    assert (train, validation, test) == (140, 30, 30)


def test_the_seed_decides_and_the_result_is_the_same_on_every_platform() -> None:
    labels = np.arange(300) % 3
    first, again, other = deal(labels, seed=1), deal(labels, seed=1), deal(labels, seed=2)
    assert all(np.array_equal(first[split], again[split]) for split in Split)
    assert not np.array_equal(first[Split.TEST], other[Split.TEST])
    digest = hashlib.sha256(b"".join(first[split].astype("<i8").tobytes() for split in Split)).hexdigest()
    assert digest.startswith("45619a4efd8b")


def test_without_stratifying_the_classes_fall_as_they_fall() -> None:
    labels = np.repeat([0, 1], [990, 10])
    assert sizes(deal(labels, stratified=False)) == (700, 150, 150)


def test_a_million_samples_are_dealt_in_a_moment() -> None:
    labels = np.random.default_rng(0).integers(0, 1000, 1_000_000)
    assert sizes(deal(labels)) == (700_000, 150_000, 150_000)


class Named:
    """What a split sees of opened samples: their names, and the columns of a table."""

    def __init__(self, names, **columns):
        self.names = names
        self.column = columns.__getitem__ if columns else None
        self.texts = columns or None


def told(count, samples, **fields) -> dict[Split, np.ndarray]:
    parts = split_indices(np.arange(count) % 2, Task.CLASSIFICATION, SplitConfig(**fields), samples)
    assert np.array_equal(np.sort(np.concatenate(list(parts.values()))), np.arange(count))
    return parts


def test_what_belongs_together_stays_together_and_the_shares_are_kept_as_far_as_that_goes() -> None:
    patients = [f"P{place // 4}" for place in range(400)]
    parts = told(400, Named([""] * 400, patient=patients), method="grouped", column="patient")
    groups = [{patients[place] for place in part} for part in parts.values()]
    assert sum(map(len, groups)) == len(set().union(*groups)) == 100
    assert sizes(parts) == (280, 60, 60)
    other = told(400, Named([""] * 400, patient=patients), method="grouped", column="patient", seed=1)
    assert other[Split.TEST].tolist() != parts[Split.TEST].tolist()


def test_files_belong_together_by_folder_or_by_the_beginning_of_their_name() -> None:
    names = [f"cat/{place // 5}/a{place % 10}_{place}.png" for place in range(100)]
    by_folder = told(100, Named(names), method="grouped")
    assert all(
        len({names[place].rpartition("/")[0] for place in part}) * 5 == len(part)
        for part in by_folder.values()
    )
    by_name = told(100, Named(names), method="grouped", until="_")
    beginnings = [{names[place].split("/")[-1].split("_")[0] for place in part} for part in by_name.values()]
    assert sum(map(len, beginnings)) == 10


@pytest.mark.parametrize(
    ("groups", "words"),
    [
        (["a"] * 50 + ["b"] * 50, "only 2 groups for 3 parts"),
        (["big"] * 80 + list("abcdefghijklmnopqrst"), "'big' has 80 of 100"),
    ],
)
def test_groups_that_fit_into_no_parts_are_told(groups, words) -> None:
    with pytest.raises(DataError, match=words):
        told(100, Named([""] * 100, g=groups), method="grouped", column="g")


@pytest.mark.parametrize("as_text", ["{}", "2024-01-01 {:02d}:00", "0{}"])
def test_the_past_trains_and_the_future_tests(as_text) -> None:
    order = np.random.default_rng(0).permutation(20)
    times = [as_text.format(place) for place in order.tolist()]
    parts = told(20, Named([""] * 20, at=times), method="by_time", column="at")
    assert sizes(parts) == (14, 3, 3)
    assert order[parts[Split.TRAIN]].max() < order[parts[Split.VALIDATION]].min()
    assert order[parts[Split.VALIDATION]].max() < order[parts[Split.TEST]].min()


def test_a_missing_date_is_told_with_how_many() -> None:
    with pytest.raises(DataError, match="2 of 20 rows have no date or number in at"):
        told(20, Named([""] * 20, at=["2024-05-01"] * 18 + ["", "soon"]), method="by_time", column="at")


@pytest.mark.parametrize("stratified", [True, False])
def test_each_sample_validates_in_exactly_one_fold_and_the_test_part_stays_apart(stratified) -> None:
    labels = np.repeat([0, 1], [90, 30])
    folds = [deal(labels, method="folds", folds=4, fold=at + 1, stratified=stratified) for at in range(4)]
    test = folds[0][Split.TEST]
    assert len(test) == 18
    assert all(np.array_equal(parts[Split.TEST], test) for parts in folds)
    held = np.concatenate([parts[Split.VALIDATION] for parts in folds])
    assert np.array_equal(np.sort(held), np.setdiff1d(np.arange(120), test))
    assert {len(parts[Split.VALIDATION]) for parts in folds} <= {25, 26}
    if stratified:
        rare = [int((labels[parts[Split.VALIDATION]] == 1).sum()) for parts in folds]
        assert max(rare) - min(rare) <= 1


def test_more_folds_than_samples_are_told() -> None:
    with pytest.raises(DataError, match="take fewer folds"):
        deal([0, 1, 0, 1, 0], method="folds", folds=5, test=0.2, train=0.65)


def test_parts_are_taken_as_a_column_or_a_folder_gives_them() -> None:
    words = ["train", " Validation", "TEST", "val"]
    parts = told(4, Named([""] * 4, part=words), method="given", column="part")
    assert [part.tolist() for part in parts.values()] == [[0], [1, 3], [2]]
    names = ["train/cat/1.png", "cat/valid/2.png", "test/dog/3.png", "train/dog/test.png"]
    parts = told(4, Named(names), method="given")
    assert [part.tolist() for part in parts.values()] == [[0, 3], [1], [2]]


@pytest.mark.parametrize(
    ("samples", "fields", "words"),
    [
        (
            Named(["row 2", "row 3"], part=["train", "maybe"]),
            {"column": "part"},
            "row 3 says 'maybe' in part",
        ),
        (Named(["train/1.png", "cat/2.png"]), {}, "cat/2.png lies in no such folder"),
        (Named(["row 2", "row 3"], part=["train", "test"]), {}, "Choose the column"),
        (Named(["1.png", "2.png"]), {"column": "part"}, "no columns here"),
    ],
)
def test_a_sample_that_belongs_nowhere_is_named(samples, fields, words) -> None:
    with pytest.raises(DataError, match=words):
        told(2, samples, method="given", **fields)


def test_a_split_of_an_older_project_reads_as_it_was() -> None:
    old = SplitConfig.model_validate_json(
        '{"train":0.7,"validation":0.15,"test":0.15,"seed":3,"stratified":true}'
    )
    assert old == SplitConfig(seed=3)
    assert old.method == "shuffled"


def test_the_only_sample_of_a_class_trains_in_every_fold():
    labels = np.array([0] * 50 + [1] * 3 + [2])
    for fold in range(1, 6):
        parts = deal(labels, method="folds", folds=5, fold=fold)
        assert set(labels[parts[Split.TRAIN]]) == {0, 1, 2}
        assert len(parts[Split.VALIDATION]) > 5
