"""What each step of preparation learns, and what it makes of new samples."""

import numpy as np
import pytest
import torch
from sklearn.preprocessing import StandardScaler

from workbench.core.records import Column, Schema
from workbench.core.states import Task
from workbench.transforms.base import transforms
from workbench.transforms.pipeline import default_steps, fit_pipeline

NAN = float("nan")
MIXED = Schema(
    Task.CLASSIFICATION,
    (3,),
    ("a", "b"),
    columns=(
        Column("age", "number"),
        Column("id", "unused"),
        Column("colour", "category", ("red", "green")),
        Column("size", "number"),
    ),
)
GREY = Schema(Task.CLASSIFICATION, (1, 2, 2), ("a", "b"))


def _fit(name, rows, schema=MIXED):
    step = transforms.build(name)
    x = torch.tensor(rows)
    state = step.fit(x, schema)
    return lambda other: step.apply(torch.tensor(other), schema, state)


def test_a_missing_number_becomes_the_median_and_a_missing_category_stays_missing():
    fill = _fit("fill_missing", [[1.0, 0.0, NAN], [3.0, 1.0, NAN], [100.0, NAN, NAN]])
    (row,) = fill([[NAN, NAN, NAN]])
    assert row[0] == 3.0
    assert row[1].isnan()
    assert row[2] == 0.0, "a column without any value"


def test_numbers_are_standardised_like_scikit_learn_does_and_categories_are_left_alone():
    rows = np.random.default_rng(0).normal(5, 3, (50, 3)).astype(np.float32)
    rows[:, 1] = np.arange(50) % 2
    out = _fit("standardize", rows.tolist())(rows.tolist())
    expected = StandardScaler().fit_transform(rows.astype(np.float64))
    assert np.allclose(out[:, [0, 2]], expected[:, [0, 2]], atol=1e-5)
    assert torch.equal(out[:, 1], torch.from_numpy(rows[:, 1]))


@pytest.mark.parametrize("value", [0.0, 7.5, 1e8, 1e-30])
def test_a_constant_column_becomes_nought_not_infinite(value):
    out = _fit("standardize", [[value, 0.0, 1.0], [value, 1.0, 2.0]])([[value, 0.0, 1.0]])
    assert torch.isfinite(out).all()
    assert out[0, 0] == 0.0


def test_a_large_offset_does_not_eat_the_spread():
    rows = [[1e6 + step, 0.0, 0.0] for step in range(8)]
    out = _fit("standardize", rows)(rows)[:, 0]
    assert out.mean().abs() < 0.1
    assert out.std(correction=0) == pytest.approx(1, abs=0.05)


def test_a_category_becomes_one_column_a_value_and_an_unknown_one_is_none_of_them():
    out = _fit("one_hot", [[0.0, 0.0, 0.0]])(
        [[5.0, 0.0, 6.0], [5.0, 1.0, 6.0], [5.0, NAN, 6.0], [5.0, 9.0, 6.0]]
    )
    assert out.tolist() == [[5, 1, 0, 6], [5, 0, 1, 6], [5, 0, 0, 6], [5, 0, 0, 6]]
    columns = transforms.build("one_hot").output(MIXED).columns
    assert [column.name for column in columns] == ["age", "colour = red", "colour = green", "size"]


def test_pictures_get_mean_0_and_deviation_1_in_each_channel():
    x = torch.randint(0, 256, (40, 3, 5, 5), dtype=torch.uint8)
    x[:, 1] //= 8
    schema = Schema(Task.CLASSIFICATION, (3, 5, 5), ("a", "b"))
    step = transforms.build("scale_pixels")
    out = step.apply(x, schema, step.fit(x, schema))
    assert out.dtype == torch.float32
    assert torch.allclose(out.mean(dim=(0, 2, 3)), torch.zeros(3), atol=1e-5)
    assert torch.allclose(out.std(dim=(0, 2, 3), correction=0), torch.ones(3), atol=1e-5)
    black = torch.zeros(4, 3, 5, 5, dtype=torch.uint8)
    assert torch.isfinite(step.apply(black, schema, step.fit(black, schema))).all()


def test_the_usual_steps_leave_nothing_missing():
    x = torch.tensor([[1.0, 0.0, NAN], [NAN, 1.0, 2.0], [3.0, NAN, 4.0]])
    pipeline = fit_pipeline(default_steps(MIXED), x, MIXED)
    assert torch.isfinite(pipeline.apply(x)).all()
    assert pipeline.output.input_shape == (4,)
    assert [type(step).name for step in default_steps(GREY)] == ["scale_pixels"]
