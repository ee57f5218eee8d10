"""Recipes that a sceptic would try: leaks by order, steps that cannot work, and what is said of them."""

import tracemalloc
from collections import Counter

import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from tests.transforms.test_recipe_steps import COLOURS, NAN, learnt, numbers, spread
from workbench.core.errors import DataError
from workbench.core.records import Column, Schema
from workbench.core.states import Task
from workbench.transforms.base import TrainingRows, transforms
from workbench.transforms.pipeline import check_steps, fit_to_rows, left_over


def test_copies_of_a_row_do_not_tell_each_other_their_target():
    # Two hundred values that say nothing, and one row in ten of the second class.
    random = np.random.default_rng(0)
    x = torch.tensor(random.integers(0, 200, (400, 1)), dtype=torch.float32)
    y = torch.tensor(random.random(400) < 0.1).long()
    schema = Schema(
        Task.CLASSIFICATION, (1,), ("a", "b"), "y", (Column("k", "category", tuple(map(str, range(200)))),)
    )
    steps = [transforms.build(name) for name in ("over_sample", "target_encode")]
    _, rows = fit_to_rows(steps, TrainingRows.of(x, y), schema, finish=True)
    assert len(rows.x) > 600
    assert roc_auc_score(rows.y, rows.x[:, 0]) < 0.6
    steps[0] = transforms.build("smote", {"neighbours": 2})
    wide = Schema(schema.task, (2,), schema.classes, "y", (*schema.columns, Column("n", "number")))
    with pytest.raises(DataError, match="put this step before it"):
        fit_to_rows(steps, TrainingRows.of(torch.cat([x, x], dim=1), y), wide)


@pytest.mark.parametrize("before", [("one_hot",), ("one_hot", "standardize")])
def test_smote_behind_an_encoding_makes_no_half_colours_and_no_half_gaps(before):
    random = np.random.default_rng(5)
    x = np.column_stack([random.uniform(0, 1, 40), random.integers(0, 3, 40)]).astype(np.float32)
    x[::5, 0], x[::7, 1] = NAN, NAN
    y = torch.tensor([0] * 30 + [1] * 10)
    names = ("fill_missing", *before, "smote")
    steps = [transforms.build(name, {"indicator": True} if "fill" in name else {}) for name in names]
    _, rows = fit_to_rows(steps, TrainingRows.of(torch.from_numpy(x), y), COLOURS, finish=True)
    assert Counter(rows.y.tolist()) == {0: 30, 1: 30}
    old, made = rows.x[rows.origin >= 0], rows.x[rows.origin < 0]
    # Number, three colours, two columns of gaps: colours and gaps are such as there were.
    assert made.shape[1] == 6
    for places in (slice(1, 4), slice(4, 5), slice(5, 6)):
        there = {tuple(row) for row in old[:, places].tolist()}
        assert {tuple(row) for row in made[:, places].tolist()} <= there
    assert len(made[:, 0].unique()) > 5, "numbers are new"


def test_smote_is_refused_where_nothing_but_categories_is_left_also_once_they_are_encoded():
    schema = Schema(Task.CLASSIFICATION, (1,), ("a", "b"), "y", (Column("k", "category", ("r", "g")),))
    encoded = transforms.build("one_hot").output(schema)
    assert "Over-sample" in transforms.build("smote").misfit(encoded)


def test_a_column_that_an_earlier_step_has_yet_to_find_may_be_combined():
    x = spread(60, 5)
    x[::4, 3] = NAN
    steps = [
        transforms.build("fill_missing", {"indicator": True}),
        transforms.build("combine", {"first": "c3 was missing", "second": "c0", "operation": "product"}),
    ]
    schema = numbers(5)
    assert check_steps(steps, schema) == {}
    pipeline, _ = fit_to_rows(steps, TrainingRows.of(torch.from_numpy(x), torch.zeros(60)), schema)
    assert pipeline.output.columns[-1].name == "c3 was missing × c0"
    steps[1] = transforms.build("combine", {"first": "wealth", "second": "c0"})
    with pytest.raises(DataError, match="no number column wealth"):
        fit_to_rows(steps, TrainingRows.of(torch.from_numpy(x), torch.zeros(60)), schema)
    assert check_steps(steps[1:], schema) == {0: "There is no number column wealth here: choose another one."}
    steps[0] = transforms.build("select_model", {"count": 2})
    steps[1] = transforms.build("combine", {"first": "c4", "second": "c3"})
    assert check_steps(steps, schema) == {}
    assert steps[1].output(steps[0].output(schema)).input_shape == (3,)


@pytest.mark.parametrize("name", ["pca", "ica", "lda", "select_information", "select_model"])
@pytest.mark.parametrize("x", [np.ones((40, 12)), spread(2, 12)], ids=["nothing varies", "two rows"])
def test_steps_that_learn_bear_data_that_says_nothing(name, x):
    out, _, _ = learnt(name, x, [0, 1] * (len(x) // 2), numbers(12))
    assert out.isfinite().all()


def test_what_a_library_says_of_values_is_told_with_the_step_that_it_happened_in(monkeypatch):
    def fail(*_):
        raise ValueError("array must not contain infs\nand more")

    monkeypatch.setattr(transforms.get("pca"), "_learn", fail)
    with pytest.raises(DataError, match=r"Step 1 of .*, PCA: it does not work .*infs\). Change its settings"):
        learnt("pca", spread())


def test_a_recipe_that_leaves_no_column_is_refused():
    schema = Schema(Task.CLASSIFICATION, (1,), ("a", "b"), "y", (Column("k", "category", ()),))
    assert "No column is left" in left_over(transforms.build("one_hot").output(schema))


@pytest.mark.parametrize(
    ("name", "fields", "x", "y", "words"),
    [
        ("pca", {"count": 8}, spread(50, 3), None, "only 3 columns"),
        ("select_model", {"count": 8}, spread(50, 3), None, "so all stay"),
        ("lda", {}, spread(50, 3), [0] * 50, "of one class"),
        ("smote", {}, spread(50, 3), [0] * 47 + [1] * 3, "b has only 3 training rows"),
        ("ica", {"count": 10}, np.random.default_rng(0).normal(0, 1, (300, 10)), None, "not quite apart"),
        ("ica", {"count": 2}, np.random.default_rng(0).uniform(0, 1, (500, 2)), None, ""),
        ("smote", {}, spread(50, 3), [0] * 44 + [1] * 6, ""),
        ("pca", {"count": 2}, spread(50, 3), None, ""),
    ],
)
def test_a_step_says_what_it_does_less_well_than_wanted(name, fields, x, y, words):
    y = torch.tensor([0, 1] * (len(x) // 2) if y is None else y)
    rows = TrainingRows.of(torch.as_tensor(x, dtype=torch.float32), y)
    remark = transforms.build(name, fields).remark(rows, numbers(x.shape[1]))
    assert words in remark
    assert bool(words) == bool(remark)


def test_dates_beyond_all_calendars_have_no_parts():
    schema = Schema(Task.CLASSIFICATION, (1,), ("a", "b"), "y", (Column("at", "number", is_date=True),))
    out, _, _ = learnt("date_parts", [[3e38], [-1e9], [19_000.0]], schema=schema)
    assert out[:2].isnan().all()
    assert out[2].isfinite().all()


def test_of_millions_of_pairs_none_is_made_to_say_that_they_are_too_many():
    step, schema = transforms.build("combine"), numbers(5000)
    begin = tracemalloc.start() or tracemalloc.get_traced_memory()[0]
    try:
        assert "more than 200" in step.misfit(schema)
        step.output(schema)
        assert tracemalloc.get_traced_memory()[1] - begin < 20 << 20
    finally:
        tracemalloc.stop()
