"""The settings of a run are told in words, those of what was chosen behind the choice."""

from datetime import UTC, datetime

import pytest

from workbench.core.configs import PrepareConfig, SplitConfig, StepConfig, TrainConfig
from workbench.core.records import Run
from workbench.core.states import RunState
from workbench.gui.panes.training.details import Facts, settings_of
from workbench.services.models import ModelService


@pytest.fixture(scope="module")
def models():
    return ModelService(None)


def facts_of(models, preparation=None, **train):
    run = Run(
        id=1, name="calm-heron-1", dataset_id=1, family="mlp", family_fields={"width": 64},
        train=TrainConfig(**train), split=SplitConfig(), state=RunState.FINISHED, created_at=datetime.now(UTC),
        preparation=preparation,
    )  # fmt: skip
    return settings_of(run, models.fields("mlp"), models.choices())


def test_settings_of_what_was_chosen_follow_the_choice_in_words(models, qapp):
    facts = facts_of(
        models, optimizer="momentum", optimizer_fields={"momentum": 0.95}, averaging="ema", loss="focal"
    )
    strong = [(name, value) for name, value, stands_out in facts if stands_out]
    assert strong == [
        ("Optimiser", "Momentum"), ("Momentum", "0.95"), ("Loss", "Focal"), ("Weight averaging", "EMA"),
    ]  # fmt: skip
    assert ("Gamma", "2", False) in facts, "the default of what was chosen is told as well"
    assert ("Time budget in minutes", "no limit", False) in facts
    assert not [name for name, *_ in facts if name.startswith("Settings of")]


def test_a_run_at_the_defaults_has_nothing_that_stands_out(models, qapp):
    assert [fact for fact in facts_of(models) if fact[2]] == []
    assert ("Beta 1", "0.9", False) in facts_of(models, optimizer_fields={"beta1": 0.9})


def test_how_a_run_augmented_its_samples_stands_out(models, qapp):
    steps = (
        StepConfig(name="rotation", fields={"probability": 0.5, "degrees": 30.0}),
        StepConfig(name="grey"),
    )
    assert ("Augmentation", "rotation 30, grey", True) in facts_of(models, PrepareConfig(augmentation=steps))
    assert "Augmentation" not in [name for name, *_ in facts_of(models, PrepareConfig())]


def test_a_setting_whose_0_means_off_is_told_as_off(models, qapp):
    facts = facts_of(models, weight_decay=0.0, loss="cross_entropy")
    for name in ("Weight decay (L2)", "Warm-up share", "Early stopping", "Dropout", "Label smoothing"):
        assert [value for title, value, _ in facts if title == name] == ["off"], name
    assert ("Seed", "0", False) in facts


def test_the_name_of_a_setting_is_there_in_full_however_narrow_the_details_are(qtbot):
    facts = Facts()
    qtbot.addWidget(facts)
    facts.set_facts([("Channels of the first block", "32", False), ("Blocks", "2", False)])
    facts.resize(170, 200)
    facts.show()
    (long, value), (short, _) = facts._rows
    assert long.height() >= long.heightForWidth(long.width()) > short.height(), "it goes on in a second line"
    assert long.toolTip() == "<qt>Channels of the first block</qt>"
    assert value.width() >= value.sizeHint().width()
