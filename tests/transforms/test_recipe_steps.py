"""Steps of recipes, against scikit-learn or by numbers that can be followed by hand."""

from collections import Counter
from datetime import UTC, datetime

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.preprocessing import MinMaxScaler, TargetEncoder

from workbench.core.errors import DataError
from workbench.core.records import Column, Schema
from workbench.core.states import Task
from workbench.transforms.base import TrainingRows, transforms
from workbench.transforms.pipeline import fit_to_rows

NAN = float("nan")


def numbers(count, classes=("a", "b"), task=Task.CLASSIFICATION):
    columns = tuple(Column(f"c{at}", "number") for at in range(count))
    return Schema(task, (count,), classes if task is Task.CLASSIFICATION else (), "y", columns)


def learnt(name, x, y=None, schema=None, **fields):
    """Return (prepared x, what the model learns from) of one step."""
    x = torch.as_tensor(x, dtype=torch.float32)
    y = torch.zeros(len(x), dtype=torch.long) if y is None else torch.as_tensor(y)
    pipeline, rows = fit_to_rows(
        [transforms.build(name, fields)], TrainingRows.of(x, y), schema or numbers(x.shape[1]), finish=True
    )
    return pipeline.apply(x), rows, pipeline


def spread(rows=200, columns=5, seed=0):
    random = np.random.default_rng(seed)
    x = random.normal(0, 1, (rows, columns)) @ random.normal(0, 1, (columns, columns)) + 3
    return x.astype(np.float32)


@pytest.mark.parametrize(
    ("strategy", "value"), [("median", 2.0), ("mean", 4.0), ("most_frequent", 1.0), ("constant", -5.0)]
)
def test_a_gap_is_filled_as_it_was_asked_for(strategy, value):
    # 1, 1, 2, 5, 11: median 2, mean 4, most frequent 1.
    x = [[1.0], [1.0], [2.0], [5.0], [11.0], [NAN]]
    out, _, _ = learnt("fill_missing", x, strategy=strategy, value=-5.0)
    assert out[-1].item() == value


def test_a_column_says_what_was_missing_only_where_the_training_split_had_gaps():
    out, _, pipeline = learnt("fill_missing", [[1.0, 2.0], [NAN, 3.0]], indicator=True)
    assert [column.name for column in pipeline.output.columns] == ["c0", "c1", "c0 was missing"]
    assert out[:, 2].tolist() == [0.0, 1.0]


def test_rows_with_gaps_are_left_out_of_training_alone():
    out, rows, _ = learnt("drop_missing", [[1.0, 2.0], [NAN, 3.0], [4.0, 5.0]])
    assert rows.origin.tolist() == [0, 2]
    assert len(out) == 3
    _, some, _ = learnt("drop_missing", [[1.0, 2.0], [NAN, 3.0], [NAN, NAN]], share=0.5)
    assert some.origin.tolist() == [0, 1]


@pytest.mark.parametrize(
    ("fields", "high"),
    [
        # Quartiles of 0…100 are 25 and 75: 75 + 1.5 · 50.
        ({"method": "iqr", "times": 1.5}, 150.0),
        ({"method": "quantiles", "share": 0.1}, 90.0),
        # Mean 50, variance (101² - 1) / 12 = 850.
        ({"method": "z_score", "times": 1.0}, 50 + 850**0.5),
    ],
)
def test_numbers_beyond_the_limits_are_capped(fields, high):
    x = torch.arange(101.0).unsqueeze(1)
    _, _, pipeline = learnt("cap_outliers", x, **fields)
    assert pipeline.apply(torch.tensor([[1e9]])).item() == pytest.approx(high, rel=1e-5)
    assert pipeline.apply(torch.tensor([[NAN]])).isnan().all()
    _, rows, _ = learnt("drop_outliers", x, **fields)
    assert rows.x.max().item() == min(100.0, float(int(high)))


def test_min_max_is_that_of_scikit_learn_and_keeps_gaps():
    x = spread()
    out, _, _ = learnt("min_max", x)
    assert np.allclose(out, MinMaxScaler().fit_transform(x), atol=1e-6)
    gaps, _, _ = learnt("min_max", [[1.0], [NAN], [3.0]])
    assert gaps[0].item() == 0.0
    assert gaps[1].isnan()


def test_the_logarithm_keeps_the_sign_and_leaves_even_columns_alone():
    random = np.random.default_rng(0)
    x = np.column_stack([random.lognormal(0, 2, 500), random.normal(0, 1, 500)]).astype(np.float32)
    out, _, _ = learnt("log", x)
    assert np.allclose(out[:, 0], np.log1p(x[:, 0]), rtol=1e-5)
    assert np.array_equal(out[:, 1], x[:, 1])
    every, _, _ = learnt("log", [[-1.0], [1.0]], only="all")
    assert every.flatten().tolist() == pytest.approx([-np.log(2), np.log(2)])


COLOURS = Schema(
    Task.CLASSIFICATION,
    (2,),
    ("a", "b"),
    "y",
    (Column("n", "number"), Column("k", "category", ("r", "g", "b"))),
)


def test_an_unknown_category_has_no_place_in_the_order():
    out, _, _ = learnt("ordinal", [[1.0, 0.0], [2.0, 2.0], [NAN, NAN], [4.0, 7.0]], schema=COLOURS)
    assert out[:, 1].tolist() == [0.0, 2.0, -1.0, -1.0]


@pytest.mark.parametrize("classes", [2, 3])
def test_new_rows_get_the_target_means_of_scikit_learn(classes):
    random = np.random.default_rng(1)
    codes, y = random.integers(0, 3, 300).astype(np.float32), random.integers(0, classes, 300)
    names = tuple("abc"[:classes])
    schema = Schema(Task.CLASSIFICATION, (2,), names, "y", COLOURS.columns)
    out, rows, pipeline = learnt("target_encode", np.column_stack([np.ones(300), codes]), y, schema)
    encoder = TargetEncoder(target_type="binary" if classes == 2 else "multiclass").fit(
        codes.reshape(-1, 1), y
    )
    assert np.allclose(out[:, 1:], encoder.transform(codes.reshape(-1, 1)), atol=1e-5)
    unknown = pipeline.apply(torch.tensor([[1.0, NAN]]))[0, 1:]
    mean = [np.mean(y == at) for at in ([1] if classes == 2 else range(3))]
    assert unknown.tolist() == pytest.approx(mean, rel=1e-5)
    assert rows.own


def test_a_training_row_does_not_see_its_own_target():
    # Every row is its own category: its encoding can only be the mean of the other folds.
    count = 50
    schema = Schema(
        Task.REGRESSION, (1,), (), "y", (Column("k", "category", tuple(str(at) for at in range(count))),)
    )
    x, y = np.arange(count, dtype=np.float32).reshape(-1, 1), np.arange(count, dtype=np.float32)
    out, rows, _ = learnt("target_encode", x, y, schema)
    assert abs(np.corrcoef(rows.x[:, 0], y)[0, 1]) < 0.5
    assert len(rows.x.unique()) <= 5, "one value a fold"
    assert np.corrcoef(out[:, 0], y)[0, 1] > 0.9 or out.std() == 0, "what apply would have given away"


def test_columns_that_never_change_are_left_out():
    _, _, pipeline = learnt("select_variance", [[1.0, 5.0], [2.0, 5.0]])
    assert [column.name for column in pipeline.output.columns] == ["c0"]


@pytest.mark.parametrize("name", ["select_information", "select_model"])
@pytest.mark.parametrize("task", list(Task))
def test_the_columns_that_say_something_of_the_target_stay(name, task):
    random = np.random.default_rng(2)
    x = random.normal(0, 1, (300, 6)).astype(np.float32)
    value = x[:, 1] + x[:, 4]
    y = (value > 0).astype(np.int64) if task is Task.CLASSIFICATION else value
    _, _, pipeline = learnt(name, x, y, numbers(6, task=task), count=2)
    assert [column.name for column in pipeline.output.columns] == ["c1", "c4"]


def test_pca_and_lda_span_what_those_of_scikit_learn_do():
    x, y = spread(), np.arange(200) % 3
    x[:, 0] += y
    out, _, _ = learnt("pca", x, count=2)
    assert np.allclose(out, PCA(2).fit_transform(x), atol=1e-3)
    white, _, _ = learnt("pca", x, count=2, whiten=True)
    assert np.allclose(white.std(dim=0), 1.0, atol=1e-3)
    schema = numbers(5, ("a", "b", "c"))
    apart, _, _ = learnt("lda", x, y, schema)
    assert np.allclose(apart, LinearDiscriminantAnalysis().fit(x, y).transform(x), atol=1e-3)


def test_ica_finds_sources_that_were_mixed():
    random = np.random.default_rng(3)
    sources = random.uniform(-1, 1, (2000, 2))
    out, _, _ = learnt("ica", sources @ np.array([[1.0, 0.5], [0.3, 1.0]]), count=2)
    found = np.abs(np.corrcoef(out.T, sources.T)[:2, 2:])
    assert found.max(axis=1).min() > 0.98


def test_more_components_than_samples_are_nought_so_that_a_model_still_fits():
    out, _, _ = learnt("pca", spread(3, 5), count=4)
    assert out.shape == (3, 4)
    assert out[:, 3].abs().max() == 0


@pytest.mark.parametrize("name", ["pca", "lda", "select_model", "smote"])
def test_steps_that_need_whole_rows_say_so(name):
    x = spread(20, 12)
    x[0, 0] = np.nan
    with pytest.raises(DataError, match="Fill missing values"):
        learnt(name, x, [0] * 15 + [1] * 5, numbers(12))


def test_columns_are_combined_in_pairs_and_a_ratio_by_nought_is_nought():
    out, _, pipeline = learnt("combine", [[6.0, 3.0], [5.0, 0.0]], first="c0", second="c1")
    assert [column.name for column in pipeline.output.columns] == ["c0", "c1", "c0 / c1"]
    assert out[:, 2].tolist() == [2.0, 0.0]
    _, _, every = learnt("combine", spread(10, 4), operation="product")
    assert len(every.output.columns) == 4 + 6
    with pytest.raises(DataError, match="more than 200"):
        learnt("combine", spread(10, 30))


def test_a_date_becomes_its_parts():
    schema = Schema(Task.CLASSIFICATION, (1,), ("a", "b"), "y", (Column("at", "number", is_date=True),))
    moments = [datetime(2024, 2, 29, 23, 10, tzinfo=UTC), datetime(1969, 12, 31, 1, 0, tzinfo=UTC)]
    days = [[moment.timestamp() / 86_400] for moment in moments]
    out, _, pipeline = learnt("date_parts", [*days, [NAN]], schema=schema, day=True, hour=True)
    assert [column.name for column in pipeline.output.columns] == [
        f"{part} of at" for part in ("year", "month", "day", "weekday", "hour")
    ]
    for row, moment in zip(out.tolist(), moments, strict=False):
        assert row == [moment.year, moment.month, moment.day, moment.isoweekday(), moment.hour]
    assert out[2].isnan().all()


def test_scaled_dates_are_dates_no_more():
    schema = Schema(Task.CLASSIFICATION, (1,), ("a", "b"), "y", (Column("at", "number", is_date=True),))
    scaled = transforms.build("standardize").output(schema)
    assert "before those that scale" in transforms.build("date_parts").misfit(scaled)


LABELS = [0] * 60 + [1] * 20 + [2] * 6


@pytest.mark.parametrize(
    ("name", "fields", "counts"),
    [
        ("over_sample", {}, {0: 60, 1: 60, 2: 60}),
        ("over_sample", {"share": 0.5}, {0: 60, 1: 30, 2: 30}),
        ("under_sample", {}, {0: 6, 1: 6, 2: 6}),
        ("under_sample", {"times": 3.0}, {0: 18, 1: 18, 2: 6}),
        ("smote", {}, {0: 60, 1: 60, 2: 60}),
        ("smote", {"method": "borderline", "share": 0.5}, {0: 60, 1: 30, 2: 30}),
    ],
)
def test_classes_are_balanced_in_training_alone(name, fields, counts):
    x = spread(86, 3)
    out, rows, _ = learnt(name, x, LABELS, numbers(3, ("a", "b", "c")), **fields)
    assert Counter(rows.y.tolist()) == counts
    assert np.array_equal(out, x), "other splits and new data stay as they are"
    kept = rows.origin >= 0
    assert torch.equal(rows.x[kept], torch.from_numpy(x)[rows.origin[kept]])


def test_smote_makes_rows_between_two_of_the_same_class_and_keeps_categories_whole():
    random = np.random.default_rng(5)
    x = np.column_stack([random.uniform(0, 1, 30), random.integers(0, 3, 30)]).astype(np.float32)
    y = np.array([0] * 24 + [1] * 6)
    x[24:, 0] += 10
    _, rows, _ = learnt("smote", x, y, COLOURS)
    made = rows.x[rows.origin < 0]
    assert len(made) == 18
    assert ((made[:, 0] >= 10) & (made[:, 0] <= 11)).all()
    assert set(made[:, 1].tolist()) <= {0.0, 1.0, 2.0}


def test_a_class_of_one_row_is_told_what_to_take_instead():
    with pytest.raises(DataError, match="Over-sample rare classes"):
        learnt("smote", spread(10, 2), [0] * 9 + [1], numbers(2))


def test_leaving_out_every_row_is_refused():
    with pytest.raises(DataError, match="no training sample is left"):
        learnt("drop_missing", [[NAN], [NAN]])


@pytest.mark.parametrize(
    ("name", "fields", "shape"),
    [
        ("resize", {"size": 16}, (3, 16, 16)),
        ("crop", {"height": 0.5, "width": 0.25}, (3, 4, 2)),
        ("grey", {}, (1, 8, 8)),
    ],
)
def test_pictures_keep_their_bytes_in_another_shape(name, fields, shape):
    schema = Schema(Task.CLASSIFICATION, (3, 8, 8), ("a", "b"))
    x = torch.randint(0, 256, (5, 3, 8, 8), dtype=torch.uint8)
    step = transforms.build(name, fields)
    out = step.apply(x, schema, {})
    assert out.dtype == torch.uint8
    assert tuple(out.shape[1:]) == step.output(schema).input_shape == shape
    if name == "crop":
        assert torch.equal(out, x[:, :, 2:6, 3:5])


def test_pictures_become_grey_and_small_as_torchvision_makes_them():
    from torchvision.transforms.v2 import functional

    x = torch.randint(0, 256, (4, 3, 40, 30), dtype=torch.uint8)
    schema = Schema(Task.CLASSIFICATION, (3, 40, 30), ("a", "b"))
    small = transforms.build("resize", {"size": 12}).apply(x, schema, {})
    assert (small.int() - functional.resize(x, [12, 12], antialias=True).int()).abs().max() <= 1
    grey = transforms.build("grey").apply(x, schema, {})
    assert (grey.int() - functional.rgb_to_grayscale(x).int()).abs().max() <= 1
