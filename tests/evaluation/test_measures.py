"""Measures against scikit-learn's, and what is not defined is said to be so."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from workbench.core.errors import DataError
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.evaluation.judge import confusion_counts, judge, per_class

CLASSES = ("a", "b", "c", "d")
SCHEMA = Schema(Task.CLASSIFICATION, (2,), CLASSES)
NUMBERS = Schema(Task.REGRESSION, (2,))


@pytest.mark.parametrize("seed", range(5))
def test_classification_measures_agree_with_scikit_learn(seed):
    random = np.random.default_rng(seed)
    actual, predicted = random.integers(0, 4, 200), random.integers(0, 4, 200)
    found = judge(actual, predicted, SCHEMA)
    assert found.metrics["accuracy"] == pytest.approx(sklearn_metrics.accuracy_score(actual, predicted))
    for average in ("macro", "weighted"):
        expected = sklearn_metrics.precision_recall_fscore_support(actual, predicted, average=average)
        if average == "macro":
            assert found.metrics["precision_macro"] == pytest.approx(expected[0])
            assert found.metrics["recall_macro"] == pytest.approx(expected[1])
        assert found.metrics[f"f1_{average}"] == pytest.approx(expected[2])
    assert np.array_equal(found.counts, sklearn_metrics.confusion_matrix(actual, predicted))
    each = sklearn_metrics.precision_recall_fscore_support(actual, predicted)
    for index, item in enumerate(found.per_class):
        assert item.label == CLASSES[index]
        told = (item.precision, item.recall, item.f1, item.support)
        assert told == pytest.approx(tuple(column[index] for column in each))


@pytest.mark.parametrize("seed", range(5))
def test_regression_measures_agree_with_scikit_learn(seed):
    random = np.random.default_rng(seed)
    actual = random.normal(1000, 50, 80).astype(np.float32)
    predicted = actual + random.normal(0, 9, 80)
    found = judge(actual, predicted, NUMBERS)
    assert found.metrics["mae"] == pytest.approx(sklearn_metrics.mean_absolute_error(actual, predicted))
    assert found.metrics["rmse"] == pytest.approx(sklearn_metrics.root_mean_squared_error(actual, predicted))
    assert found.metrics["r2"] == pytest.approx(sklearn_metrics.r2_score(actual, predicted))
    assert (found.counts, found.per_class) == ((), ())


def test_a_class_that_was_never_predicted_or_never_there_has_no_measure_instead_of_a_nought():
    # d is neither there nor predicted, c is there and never predicted, b is predicted and never there.
    actual, predicted = np.array([0, 0, 2]), np.array([0, 1, 1])
    _, b, c, d = judge(actual, predicted, SCHEMA).per_class
    assert (b.precision, b.recall, b.support) == (0.0, None, 0)
    assert (c.precision, c.recall, c.support) == (None, 0.0, 1)
    assert (d.precision, d.recall, d.f1, d.support) == (None, None, None, 0)


def test_rows_of_the_confusion_matrix_are_the_actual_classes():
    counts = confusion_counts(np.array([1, 1, 1, 0]), np.array([0, 0, 1, 0]), 2)
    assert counts.tolist() == [[1, 0], [2, 1]]
    first, second = per_class(counts, ("no", "yes"))
    assert (first.precision, first.recall) == (pytest.approx(1 / 3), 1.0)
    assert (second.precision, second.recall, second.support) == (1.0, pytest.approx(1 / 3), 3)


def test_r2_of_one_sample_is_not_defined():
    assert judge(np.array([1.0]), np.array([2.0]), NUMBERS).metrics["r2"] is None


def test_a_prediction_that_is_not_a_number_is_no_number_in_the_measures():
    with pytest.raises((DataError, ValueError)):
        judge(np.array([1.0, 2.0]), np.array([np.nan, 2.0]), NUMBERS)


def test_no_samples_and_labels_outside_the_classes_are_told():
    nothing = np.zeros(0, dtype=np.int64)
    with pytest.raises(DataError, match="no samples"):
        judge(nothing, nothing, SCHEMA)
    for actual, predicted in (([0, 4], [0, 0]), ([0, 0], [0, 4]), ([-1, 0], [0, 0])):
        with pytest.raises(DataError, match="outside the 4 classes"):
            judge(np.array(actual), np.array(predicted), SCHEMA)
