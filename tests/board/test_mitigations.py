"""What a mitigation changes of a run, what it leaves, and when it cannot be tried."""

import pytest

from tests.board.records import run
from workbench.board.mitigations.base import RunSettings, mitigations
from workbench.core.augmentation import in_words
from workbench.core.configs import PrepareConfig, StepConfig, TrainConfig
from workbench.core.records import Schema
from workbench.core.states import Task
from workbench.models.base import families
from workbench.training.losses import losses

MLP = families.build("mlp").model_dump()


def settings(family="mlp", fields=MLP, **train):
    return RunSettings(family, fields, TrainConfig(**train))


def changed(name, before, **fields):
    """Return what a mitigation makes of settings, checked by the families and losses themselves."""
    after = mitigations.build(name, fields).change(before)
    families.build(after.family, after.fields)
    losses.build(after.train.loss, after.train.loss_fields)
    return TrainConfig(**after.train.model_dump()), after.fields


def misfit(name, before, **fields):
    return mitigations.build(name, fields).misfit(run(), before)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("class_weights", {"loss": "cross_entropy", "loss_fields": {"balanced": True}}),
        ("focal_loss", {"loss": "focal"}),
        ("label_smoothing", {"loss": "cross_entropy", "loss_fields": {"label_smoothing": 0.1}}),
        ("weight_decay", {"weight_decay": 1e-3}),
        ("early_stopping", {"patience": 10}),
        ("weight_averaging", {"averaging": "ema"}),
        ("longer_training", {"epochs": 60}),
        ("smaller_rate", {"learning_rate": 0.00033, "warmup": 0.05}),
    ],
)
def test_a_mitigation_changes_how_a_run_is_trained_and_nothing_else(name, expected):
    train, fields = changed(name, settings())
    assert (train, fields) == (TrainConfig(**expected), MLP)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("dropout", {"dropout": 0.3}), ("simpler_model", {"width": 32}), ("larger_model", {"width": 128})],
)
def test_a_mitigation_changes_what_a_model_is_and_nothing_else(name, expected):
    train, fields = changed(name, settings())
    assert (train, fields) == (TrainConfig(), MLP | expected)


@pytest.mark.parametrize(
    ("name", "train"),
    [
        ("class_weights", {"loss": "cross_entropy", "loss_fields": {"balanced": True}}),
        ("focal_loss", {"loss": "focal", "loss_fields": {"gamma": 3.0}}),
        ("label_smoothing", {"loss": "focal", "loss_fields": {"label_smoothing": 0.2}}),
        ("weight_decay", {"weight_decay": 1.0}),
        ("early_stopping", {"patience": 30}),
        ("weight_averaging", {"averaging": "swa"}),
        ("longer_training", {"epochs": 100_000}),
    ],
)
def test_what_a_run_has_already_cannot_be_tried(name, train):
    assert misfit(name, settings(**train)) == "The run has it already, or its kind of model cannot have it."


@pytest.mark.parametrize("name", ["dropout", "simpler_model", "larger_model"])
def test_what_a_family_has_not_cannot_be_tried(name):
    assert misfit(name, settings("linear", {}))


@pytest.mark.parametrize(("name", "width"), [("simpler_model", 8), ("larger_model", 128)])
def test_a_width_at_its_end_stays(name, width):
    assert misfit(name, settings(fields=MLP | {"width": width}))


@pytest.mark.parametrize("name", ["class_weights", "label_smoothing"])
def test_a_loss_for_numbers_stays(name):
    assert misfit(name, settings(loss="huber"))


def test_the_focal_loss_keeps_what_the_loss_before_it_was_told():
    before = settings(loss="cross_entropy", loss_fields={"balanced": True})
    train, _ = changed("focal_loss", before)
    assert (train.loss, train.loss_fields) == ("focal", {"balanced": True})


def test_class_weights_keep_the_focal_loss():
    train, _ = changed("class_weights", settings(loss="focal", loss_fields={"gamma": 3.0}))
    assert (train.loss, train.loss_fields) == ("focal", {"gamma": 3.0, "balanced": True})


def test_no_decay_becomes_some():
    assert changed("weight_decay", settings(weight_decay=0.0))[0].weight_decay == 1e-3


def test_a_longer_warm_up_stays():
    assert changed("smaller_rate", settings(warmup=0.2))[0].warmup == 0.2


@pytest.mark.parametrize("name", mitigations.names())
def test_a_run_of_any_family_stays_one_that_can_be_trained(name):
    for family in families.names():
        changed(name, settings(family, families.build(family).model_dump()))


def test_rare_classes_are_drawn_more_often_behind_all_other_steps_and_only_once():
    usual = PrepareConfig(recipe=(StepConfig(name="fill_missing"), StepConfig(name="one_hot")))
    before = RunSettings("mlp", MLP, TrainConfig(), usual)
    after = mitigations.build("balanced_sampling").change(before)
    assert [step.name for step in after.preparation.recipe] == ["fill_missing", "one_hot", "over_sample"]
    assert (after.family, after.fields, after.train) == (before.family, before.fields, before.train)
    assert misfit("balanced_sampling", after)


def test_more_augmentation_is_the_next_stronger_preset_and_ends_with_the_strongest():
    schema = Schema(Task.CLASSIFICATION, (1, 28, 28), tuple("0123456789"))
    now, told = RunSettings("mlp", MLP, schema=schema), []
    more = mitigations.build("more_augmentation")
    while not more.misfit(run(), now):
        after = more.change(now)
        assert (after.family, after.fields, after.train) == (now.family, now.fields, now.train)
        assert after.preparation.recipe is None
        now = after
        told.append(in_words(now.preparation.augmentation))
    assert told == ["light", "medium", "strong"]
    assert more.misfit(run(), settings())
