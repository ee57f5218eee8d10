"""Runs that differ in their seed alone, and runs that come from others."""

import statistics

import pytest

from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.errors import UserError
from workbench.core.states import RunState
from workbench.services.ancestry import Change, changes, kin_of
from workbench.services.repeats import MOST_SEEDS


def shape(session, run_id):
    runs = {run.id: run for run in session.training.all(include_deleted=True)}
    return [(kin.run.id, kin.depth, kin.last) for kin in kin_of(runs, run_id)]


@pytest.fixture
def held(session):
    session.training.hold_queue(True)
    return session


def test_repeating_queues_a_run_for_each_seed_and_says_mean_and_deviation(session):
    ids = session.training.repeat(1, "mlp", {"width": 4}, TrainConfig(epochs=2, seed=5), 3, "trial")
    runs = [session.training.wait(run_id, 60) for run_id in ids]
    assert [run.train.seed for run in runs] == [5, 6, 7]
    assert [run.name for run in runs] == ["trial seed 5", "trial seed 6", "trial seed 7"]
    assert {run.group_id for run in runs} == {ids[0]}
    values = [run.metrics["validation/accuracy"] for run in runs]
    found = session.training.spread(ids[1])["validation/accuracy"]
    assert (found.count, found.of) == (3, 3)
    assert found.mean == pytest.approx(sum(values) / 3)
    assert found.deviation == pytest.approx(statistics.stdev(values))
    assert session.training.spread(1) == {}, "a lone run has no deviation"


def test_only_finished_members_count_and_one_alone_has_no_deviation(held):
    ids = held.training.repeat(1, "linear", {}, TrainConfig(epochs=1), 3)
    assert held.training.spread(ids[0]) == {}
    for run_id in ids[1:]:
        held.training.stop(run_id)
    held.training.hold_queue(False)
    held.training.wait(ids[0], 60)
    found = held.training.spread(ids[2])["train/loss"]
    assert (found.count, found.of, found.deviation) == (1, 3, None)


def test_repeats_without_a_name_share_the_readable_name_of_the_first(held):
    ids = held.training.repeat(1, "linear", {}, TrainConfig(epochs=1), 2)
    first, second = (held.training.get(run_id).name for run_id in ids)
    base = first.removesuffix(" seed 0")
    assert base.endswith(f"-{ids[0]}")
    assert second == f"{base} seed 1"
    assert held.training.get(held.training.repeat(1, "linear", {}, TrainConfig(), 1)[0]).group_id is None


def test_all_repeats_are_queued_or_none(held, monkeypatch):
    before = held.training.all()
    add, calls = held.store.runs.add, []

    def fails_the_third_time(*arguments, **more):
        calls.append(1)
        if len(calls) == 3:
            raise UserError("The disk is full.")
        return add(*arguments, **more)

    monkeypatch.setattr(held.store.runs, "add", fails_the_third_time)
    with pytest.raises(UserError):
        held.training.repeat(1, "linear", {}, TrainConfig(), 5)
    assert held.training.all() == before
    assert held.jobs.active() == []


@pytest.mark.parametrize(
    ("seeds", "seed", "field"), [(0, 0, "seeds"), (MOST_SEEDS + 1, 0, "seeds"), (2, 2**31 - 1, "seed")]
)
def test_numbers_of_seeds_that_cannot_be_are_refused_at_their_field(held, seeds, seed, field):
    with pytest.raises(UserError) as told:
        held.training.repeat(1, "linear", {}, TrainConfig(seed=seed), seeds)
    assert set(told.value.fields) == {field}


def test_a_clone_knows_its_parent_and_what_was_changed(held):
    child = held.training.start(
        1, "mlp", {"width": 8}, TrainConfig(epochs=3, learning_rate=0.002), parent_id=1
    )
    assert held.training.get(child).parent_id == 1
    assert changes(held.training.get(1), held.training.get(child)) == (
        Change("train", "learning_rate", 0.02, 0.002),
    )
    other = held.training.start(1, "linear", {}, TrainConfig(epochs=4, learning_rate=0.002), parent_id=child)
    assert changes(held.training.get(child), held.training.get(other)) == (
        Change("model", "family", "mlp", "linear"),
        Change("train", "epochs", 3, 4),
    )
    first, second = (
        held.training.get(
            held.training.start(1, "linear", {}, TrainConfig(optimizer="adam", optimizer_fields=fields))
        )
        for fields in ({"beta1": 0.5}, {"beta1": 0.8})
    )
    assert changes(first, second) == (Change("optimizer_fields", "beta1", 0.5, 0.8),)
    assert [change.name for change in changes(held.training.get(other), second)] == [
        "learning_rate", "optimizer", "epochs",
    ], "settings of another optimiser cannot be compared"  # fmt: skip
    held.datasets.set_split(1, SplitConfig(seed=3))
    third = held.training.start(1, "linear", {}, TrainConfig(epochs=4, learning_rate=0.002), parent_id=other)
    assert changes(held.training.get(other), held.training.get(third)) == (Change("split", "seed", 0, 3),)
    with pytest.raises(UserError, match="no run with the number 99"):
        held.training.start(1, "linear", parent_id=99)


def test_the_tree_holds_all_that_came_from_the_first_ancestor_deleted_ones_as_well(held):
    def clone(parent):
        return held.training.start(1, "linear", parent_id=parent)

    left, right = clone(1), clone(1)
    deep = clone(left)
    alone = held.training.start(1, "linear")
    held.training.stop(left)
    held.training.delete(left)
    expected = [(1, 0, ()), (left, 1, (False,)), (deep, 2, (False, True)), (right, 1, (True,))]
    for run_id in (1, left, deep, right):
        assert shape(held, run_id) == expected
    assert shape(held, alone) == [(alone, 0, ())]


def test_a_row_that_names_a_younger_parent_makes_no_circle(held):
    first, second = held.training.start(1, "linear"), held.training.start(1, "linear")
    held.store.runs.update(first, parent_id=second)
    held.store.runs.update(second, parent_id=first)
    assert shape(held, second) == [(first, 0, ()), (second, 1, (True,))]
    held.store.runs.update(first, parent_id=first)
    assert shape(held, first) == [(first, 0, ()), (second, 1, (True,))]


def test_a_thousand_generations_are_no_reason_to_fail(held):
    run_id = 1
    with held.store.database.write():
        for _ in range(1100):
            run_id = held.store.runs.add(
                "x", 1, "linear", {}, TrainConfig(), SplitConfig(), parent_id=run_id
            ).id
    assert shape(held, run_id)[-1][1] == 1100


def test_half_the_batch_is_one_call_and_keeps_everything_else(held):
    split = held.training.get(1).split
    parent = held.training.start(1, "mlp", {"width": 6}, TrainConfig(batch_size=64, seed=4))
    held.datasets.set_split(1, SplitConfig(seed=9))
    again = held.training.get(held.training.start_with_half_batch(parent))
    assert (again.parent_id, again.state, again.split) == (parent, RunState.QUEUED, split)
    assert (again.train.batch_size, again.train.seed, again.family_fields["width"]) == (32, 4, 6)
    assert again.train.accumulation == 2, "a step still sees as many samples"
    large = held.training.start(1, "linear", {}, TrainConfig(batch_size=60_000))
    count = len(next(iter(held.datasets.split_indices(1, held.training.get(large).split).values())))
    half = held.training.get(held.training.start_with_half_batch(large))
    assert half.train.batch_size == count // 2, "half of a batch that is larger than the data changes nothing"
    one = held.training.start(1, "linear", {}, TrainConfig(batch_size=1))
    with pytest.raises(UserError, match="one sample already: choose a smaller model"):
        held.training.start_with_half_batch(one)


def test_a_tenth_of_the_learning_rate_is_one_call(held):
    parent = held.training.start(1, "linear", {}, TrainConfig(learning_rate=0.025))
    again = held.training.get(held.training.start_with_smaller_rate(parent))
    assert (again.parent_id, again.train.learning_rate) == (parent, 0.003)
    assert changes(held.training.get(parent), again) == (Change("train", "learning_rate", 0.025, 0.003),)
