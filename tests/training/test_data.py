"""Samples on their way into a model: what is learnt from them comes from the training split alone."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from tests.training.samples import CASES, prepared
from workbench.core.configs import SplitConfig
from workbench.core.states import Split
from workbench.datasets.splits import split_indices
from workbench.training import data as data_module
from workbench.training.data import as_tensor, prepare
from workbench.training.stepper import bounds_of


def _states(data):
    return [tensor for state in data.pipeline.states for tensor in state.values()]


@pytest.mark.parametrize("name", CASES)
def test_rows_outside_the_training_split_do_not_change_what_preparation_learns(name):
    x, y, schema = CASES[name]()
    indices = split_indices(y, schema.task, SplitConfig())
    before = prepare(x, y, schema, indices, torch.device("cpu"))
    changed_x, changed_y = x.copy(), y.copy()
    for split in (Split.VALIDATION, Split.TEST):
        changed_x[indices[split]] = 99 if x.dtype == np.uint8 else 1e9
        if not schema.classes:
            changed_y[indices[split]] = -1e6
    after = prepare(changed_x, changed_y, schema, indices, torch.device("cpu"))
    assert len(_states(before)) == len(_states(after))
    assert all(torch.equal(a, b) for a, b in zip(_states(before), _states(after), strict=True))
    assert before.scale == after.scale
    # The same change in the training split is seen, so the test can fail.
    changed_x[indices[Split.TRAIN]] = 3
    spoilt = prepare(changed_x, y, schema, indices, torch.device("cpu"))
    assert not all(torch.equal(a, b) for a, b in zip(_states(before), _states(spoilt), strict=True))


@pytest.mark.parametrize("name", CASES)
def test_batches_are_the_same_whether_all_is_prepared_at_once_or_batch_by_batch(name, monkeypatch):
    at_once = prepared(*CASES[name]())
    monkeypatch.setattr(data_module, "_PREPARE_AT_ONCE_BYTES", 0)
    one_by_one = prepared(*CASES[name]())
    assert (at_once.prepared, one_by_one.prepared) == (True, False)
    for split in Split:
        for first, second in zip(
            at_once.batches(at_once.indices[split], 7),
            one_by_one.batches(one_by_one.indices[split], 7),
            strict=True,
        ):
            assert torch.equal(first[0], second[0])
            assert torch.equal(first[1], second[1])


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("at_once", [0, 3_000, 1 << 20])
def test_samples_fetched_for_many_batches_at_once_are_those_of_each_batch(name, at_once, monkeypatch):
    monkeypatch.setattr(data_module, "_FETCH_AT_ONCE_BYTES", at_once)
    data = prepared(*CASES[name]())
    order = data.indices[Split.TRAIN].flip(0)
    bounds = bounds_of(len(order), 7)
    drawn = list(data.drawn(order, bounds))
    assert [len(index) for index, _ in drawn] == [end - start for start, end in pairwise(bounds)]
    assert torch.equal(torch.cat([index for index, _ in drawn]), order)
    for index, samples in drawn:
        x, y = samples or data.batch(index)
        assert torch.equal(x, data.x[index])
        assert x.stride()[1:] == data.x[index].stride()[1:]
        assert torch.equal(y, data.y[index])
    assert (drawn[0][1] is not None) == (at_once // (data.x[:1].nbytes * 7) > 1)


def test_judging_sees_every_sample_of_a_split_once_in_order():
    data = prepared(*CASES["rows to classes"]())
    labels = torch.cat([y for _, y in data.batches(data.indices[Split.TEST], 4)])
    assert torch.equal(labels, data.y[data.indices[Split.TEST]])


def test_a_memory_mapped_file_is_never_written_through_a_tensor(tmp_path):
    np.save(tmp_path / "x.npy", np.arange(12, dtype=np.float32).reshape(3, 4))
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    as_tensor(mapped)[:] = -1
    assert np.load(tmp_path / "x.npy")[0, 1] == 1
    frozen = np.ones(3, dtype=np.float32)
    frozen.setflags(write=False)
    as_tensor(frozen)[:] = -1
    assert frozen.tolist() == [1, 1, 1]


def test_a_numeric_target_is_scaled_by_the_training_split_and_predicted_in_its_own_unit():
    x, y, schema = CASES["rows to a number"]()
    data = prepared(x, y, schema)
    train = y[data.indices[Split.TRAIN].numpy()].astype(np.float64)
    assert data.scale.mean == pytest.approx(train.mean())
    assert data.scale.deviation == pytest.approx(train.std())
    scaled = data.y[data.indices[Split.TRAIN]]
    assert scaled.mean().item() == pytest.approx(0, abs=1e-5)


def test_a_constant_target_does_not_divide_by_zero():
    x, y, schema = CASES["rows to a number"]()
    data = prepared(x, y * 0 + 4, schema)
    assert data.scale.deviation == 1.0
    assert torch.isfinite(data.y).all()
