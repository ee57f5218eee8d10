"""What every step of preparation owes a run: its shapes, the same bits alone and in a batch, and no leak."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.training.samples import CASES as USUAL_CASES
from tests.training.samples import table
from workbench.core.configs import PrepareConfig, SplitConfig, StepConfig
from workbench.core.errors import DataError
from workbench.core.states import Split, Task
from workbench.datasets.splits import split_indices
from workbench.training.data import prepare
from workbench.transforms.base import TrainingRows, transforms
from workbench.transforms.pipeline import Pipeline, check_steps, default_steps, fit_to_rows, steps_of


def _dated():
    """Return rows one of whose columns holds dates, some of them missing."""
    x, y, schema = table()
    x[:, 1] = 19_000 + np.arange(len(x)) * 7.25
    x[::10, 1] = np.nan
    columns = tuple(replace(column, is_date=column.name == "ratio") for column in schema.columns)
    return x, y, replace(schema, columns=columns)


CASES = {**USUAL_CASES, "rows with dates": _dated}
FEW = {
    "select_information": {"count": 2},
    "select_model": {"count": 2},
    "pca": {"count": 2},
    "ica": {"count": 2},
}
BEFORE = ((), ("fill_missing",), ("fill_missing", "one_hot"))


def _recipe(name, schema, rows):
    """Return the shortest preparation that ends in the step; None where it is not for such data."""
    for before in BEFORE:
        config = PrepareConfig(
            recipe=tuple(StepConfig(name=word, fields=FEW.get(word, {})) for word in (*before, name))
        )
        steps = steps_of(config, schema)
        if check_steps(steps, schema):
            continue
        try:
            fit_to_rows(steps, rows, schema)
        except DataError:  # such as that there are missing values
            continue
        return config
    return None


def _rows(x, y):
    return TrainingRows.of(torch.from_numpy(x), torch.from_numpy(y))


STEPS = [
    (name, case, config)
    for case in CASES
    for x, y, schema in [CASES[case]()]
    for name in transforms.names()
    if (config := _recipe(name, schema, _rows(x, y))) is not None
]
IDS = [f"{name}, {case}" for name, case, _ in STEPS]


def test_every_step_is_tried_on_some_data():
    # Steps for text and audio have their own data.
    tried = {name for name, *_ in STEPS}
    own = {
        name
        for name in transforms.names()
        if type(transforms.build(name)).__module__.split(".")[-1] in ("text", "audio")
    }
    assert tried == set(transforms.names()) - own


@pytest.mark.parametrize(("name", "case", "config"), STEPS, ids=IDS)
def test_a_step_keeps_its_word(name, case, config):
    x, y, schema = CASES[case]()
    rows = _rows(x, y)
    *before, step = steps_of(config, schema)
    pipeline, rows = fit_to_rows(before, rows, schema)
    raw, schema = pipeline.apply(torch.from_numpy(x)), pipeline.output
    rows = TrainingRows.of(raw, rows.y)
    assert step.misfit(schema) == ""
    assert step.group, "it stands under no heading"
    state = step.fit_to(raw, rows.y, schema)
    out = step.apply(raw, schema, state)
    assert tuple(out.shape[1:]) == step.result(schema, state).input_shape
    # Each sample depends on itself and the state alone.
    alone = torch.cat([step.apply(raw[place : place + 1], schema, state) for place in range(10)])
    assert torch.equal(alone.nan_to_num(-7), out[:10].nan_to_num(-7))
    again = step.fit_to(raw, rows.y, schema)
    assert all(torch.equal(state[key], again[key]) for key in state)
    assert all(torch.isfinite(value).all() for value in state.values())
    nothing = step.fit_to(raw[:0], rows.y[:0], schema)
    assert torch.isfinite(step.apply(raw, schema, nothing).nan_to_num(0)).all()
    # The training samples are what `apply` makes of them, or the step says that they are not.
    learnt_from = step.training(rows, schema, state)
    if not step.changes_training:
        assert torch.equal(learnt_from.x.nan_to_num(-7), out.nan_to_num(-7))
    assert len(learnt_from.x) == len(learnt_from.y) == len(learnt_from.origin) > 0
    assert tuple(learnt_from.x.shape[1:]) == step.result(schema, state).input_shape
    twice = step.training(rows, schema, state)
    assert torch.equal(learnt_from.x.nan_to_num(-7), twice.x.nan_to_num(-7))
    if not learnt_from.own:
        assert torch.equal(learnt_from.x.nan_to_num(-7), out[learnt_from.origin].nan_to_num(-7))
        assert torch.equal(learnt_from.y, rows.y[learnt_from.origin])


@pytest.mark.parametrize(("name", "case", "config"), STEPS, ids=IDS)
def test_a_fitted_step_survives_a_round_trip_and_prepares_new_data_the_same_way(name, case, config):
    x, y, schema = CASES[case]()
    pipeline, _ = fit_to_rows(steps_of(config, schema), _rows(x, y), schema)
    again = Pipeline.from_state(pipeline.to_state(), schema)
    assert again.output == pipeline.output
    new = torch.from_numpy(x).clone()
    if schema.columns:
        new[:5, 2] = 99.0  # a category that the training split does not know
    assert torch.equal(again.apply(new).nan_to_num(-7), pipeline.apply(new).nan_to_num(-7))
    assert tuple(pipeline.apply(new).shape[1:]) == pipeline.output.input_shape


def _learnt(x, y, schema, indices, config):
    """Return all that a model could learn from: states, scale, and training samples with their targets."""
    if config is not None and config.recipe is not None and schema.columns:
        # A model takes numbers without gaps; what a step leaves of others is mended behind it.
        config = PrepareConfig(
            recipe=(*config.recipe, StepConfig(name="fill_missing"), StepConfig(name="one_hot"))
        )
    data = prepare(x, y, schema, indices, torch.device("cpu"), config)
    tensors = [value for state in data.pipeline.states for value in state.values()]
    batch, targets = data.batch(data.indices[Split.TRAIN])
    return [*tensors, batch, targets, torch.tensor([data.scale.mean, data.scale.deviation])]


def _same(first, second):
    return len(first) == len(second) and all(
        a.shape == b.shape and torch.equal(a.double().nan_to_num(-7), b.double().nan_to_num(-7))
        for a, b in zip(first, second, strict=True)
    )


def _spoilt(x, y, schema, places):
    """Return copies in which these samples are others."""
    random = np.random.default_rng(5)
    x, y = x.copy(), y.copy()
    if x.dtype == np.uint8:
        x[places] = 255 - x[places]
    else:
        x[places] = random.normal(1e4, 1e3, x[places].shape)
        x[places, 2] = random.integers(0, 3, len(places))
    y[places] = y[places][::-1] if schema.task is Task.CLASSIFICATION else -1e6
    return x, y


WHOLE = {
    "usual": None,
    "all that learns": ("fill_missing", "cap_outliers", "log", "target_encode", "combine", "standardize", "select_information", "pca"),
    "rows added": ("drop_outliers", "fill_missing", "one_hot", "min_max", "smote", "select_model", "lda"),
    "rows left out": ("drop_missing", "ordinal", "select_variance", "under_sample", "ica"),
}  # fmt: skip
RECIPES = [
    *[(f"{name}, {case}", case, config) for name, case, config in STEPS],
    *[
        (
            f"{title}, {case}",
            case,
            PrepareConfig(
                recipe=names and tuple(StepConfig(name=name, fields=FEW.get(name, {})) for name in names)
            ),
        )
        for title, names in WHOLE.items()
        for case in ("rows to classes",)
    ],
]


@pytest.mark.parametrize(("case", "config"), [r[1:] for r in RECIPES], ids=[r[0] for r in RECIPES])
def test_changing_the_other_splits_changes_nothing_that_is_learnt(case, config):
    x, y, schema = CASES[case]()
    indices = split_indices(y, schema.task, SplitConfig())
    others = np.concatenate([indices[Split.VALIDATION], indices[Split.TEST]])
    before = _learnt(x, y, schema, indices, config)
    assert _same(before, _learnt(*_spoilt(x, y, schema, others), schema, indices, config))
    # The same change in the training split is seen, so the test can fail.
    assert not _same(before, _learnt(*_spoilt(x, y, schema, indices[Split.TRAIN]), schema, indices, config))


@pytest.mark.parametrize("name", ["standardize", "target_encode", "select_model", "pca", "scale_pixels"])
def test_a_step_that_looked_at_all_samples_would_be_found(name, monkeypatch):
    case, config = next((case, config) for step, case, config in STEPS if step == name)
    x, y, schema = CASES[case]()
    indices = split_indices(y, schema.task, SplitConfig())
    others = np.concatenate([indices[Split.VALIDATION], indices[Split.TEST]])
    spoilt = _spoilt(x, y, schema, others)
    step = transforms.get(name)
    honest = step.fit_to

    def leaky(self, some, targets, at):
        everything = _prepared_before(config, seen, at)
        return honest(self, everything, torch.from_numpy(seen_y).to(targets.dtype), at)

    monkeypatch.setattr(step, "fit_to", leaky)
    seen, seen_y = x, y
    before = _learnt(x, y, schema, indices, config)
    seen, seen_y = spoilt
    assert not _same(before, _learnt(*spoilt, schema, indices, config))


def _prepared_before(config, x, schema):
    """Return all samples as the steps before the last one leave them, without what was learnt elsewhere."""
    raw = torch.from_numpy(x)
    if x.dtype == np.uint8:
        return raw
    wide = raw.nan_to_num(0.0)
    return (
        wide[:, : schema.input_shape[0]]
        if schema.input_shape[0] <= wide.shape[1]
        else torch.cat([wide, wide[:, :1].expand(-1, schema.input_shape[0] - wide.shape[1])], dim=1)
    )


@pytest.mark.parametrize("case", CASES)
def test_the_usual_steps_fit_without_a_word(case):
    _, _, schema = CASES[case]()
    assert check_steps(default_steps(schema), schema) == {}
