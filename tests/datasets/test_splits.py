import hashlib
import itertools

import numpy as np
import pytest

from workbench.core.configs import SplitConfig
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
