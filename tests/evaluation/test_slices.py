"""Measures by slice: against scikit-learn's on the same samples, and what lies behind by more than chance."""

import numpy as np
import pytest
from sklearn.metrics import f1_score, mean_absolute_error

from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.datasets.attributes import Attribute, group
from workbench.evaluation.slices import measure_slices

CLASSES = Schema(Task.CLASSIFICATION, (1,), ("a", "b"))
NUMBERS = Schema(Task.REGRESSION, (1,))
SEXES = group(Attribute("sex", np.tile([0.0, 1.0], 200), ("female", "male")))
ALL = np.arange(400)


def by_name(slices):
    return {item.name: item for item in slices}


def test_the_measures_of_a_slice_are_those_of_its_samples_alone():
    random = np.random.default_rng(1)
    actual, predicted = random.integers(0, 2, 400), random.integers(0, 2, 400)
    found = by_name(measure_slices([SEXES], ALL, actual, predicted, CLASSES))["sex: male"]
    assert found.count == 200
    assert found.metrics["f1_macro"] == pytest.approx(
        f1_score(actual[1::2], predicted[1::2], average="macro")
    )


def test_only_samples_of_the_split_count():
    # 100 samples from an even place on: every second of them is male.
    index = np.arange(100, 200)
    actual = np.zeros(100, int)
    found = by_name(measure_slices([SEXES], index, actual, actual, CLASSES))
    assert {name: item.count for name, item in found.items()} == {"sex: female": 50, "sex: male": 50}


def test_a_slice_that_is_wrong_far_more_often_lies_behind():
    # Of 200 men 60 are wrong, of 200 women 10: 30 % against 5 %.
    actual, predicted = np.zeros(400, int), np.zeros(400, int)
    predicted[1:120:2] = 1
    predicted[0:20:2] = 1
    first, second = measure_slices([SEXES], ALL, actual, predicted, CLASSES)
    assert (first.name, first.behind, first.metrics["accuracy"]) == ("sex: male", True, 0.7)
    assert (second.name, second.behind) == ("sex: female", False)


def test_a_difference_that_chance_explains_puts_no_slice_behind():
    # 24 of 200 against 20 of 200.
    actual, predicted = np.zeros(400, int), np.zeros(400, int)
    predicted[1:48:2] = 1
    predicted[0:40:2] = 1
    assert not any(item.behind for item in measure_slices([SEXES], ALL, actual, predicted, CLASSES))


def test_among_many_slices_chance_alone_puts_none_behind():
    # 50 columns of noise are 200 slices; at 5 % each some ten of them would stand out.
    random = np.random.default_rng(2)
    groups = [group(Attribute(f"noise {n}", random.normal(size=2000))) for n in range(50)]
    actual, predicted = np.zeros(2000, int), (random.random(2000) < 0.2).astype(int)
    found = measure_slices(groups, np.arange(2000), actual, predicted, CLASSES)
    assert len(found) == 200
    assert not any(item.behind for item in found)


def test_of_a_value_the_distance_counts():
    actual = np.linspace(0, 100, 400)
    predicted = actual + np.where(ALL % 2 == 1, 9.0, 1.0) * np.where(ALL % 3 == 0, 1.0, -1.0)
    first, second = measure_slices([SEXES], ALL, actual, predicted, NUMBERS)
    assert (first.name, first.behind) == ("sex: male", True)
    assert first.metrics["mae"] == pytest.approx(mean_absolute_error(actual[1::2], predicted[1::2]))
    assert not second.behind


def test_fewer_than_twenty_samples_are_too_few_to_tell_and_stand_last():
    rare = group(Attribute("sex", np.where(ALL < 19, 0.0, 1.0), ("female", "male")))
    predicted = (ALL < 19).astype(int)
    found = measure_slices([rare], ALL, np.zeros(400, int), predicted, CLASSES)
    assert [(item.name, item.count, dict(item.metrics) != {}, item.behind) for item in found] == [
        ("sex: male", 381, True, False), ("sex: female", 19, False, False),
    ]  # fmt: skip


def test_a_model_that_is_never_wrong_or_always_leaves_nothing_behind():
    actual = np.zeros(400, int)
    for predicted in (actual, actual + 1):
        assert not any(item.behind for item in measure_slices([SEXES], ALL, actual, predicted, CLASSES))


def test_a_slice_that_is_all_of_the_split_is_none():
    assert measure_slices([SEXES], ALL[::2], np.zeros(200, int), np.zeros(200, int), CLASSES) == ()
