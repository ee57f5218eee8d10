"""What differs between a run and the one that it was made from."""

from dataclasses import replace
from datetime import UTC, datetime

from workbench.core.configs import PrepareConfig, SplitConfig, StepConfig, TrainConfig
from workbench.core.records import Run
from workbench.core.states import RunState
from workbench.services.ancestry import changes


def run_of(family="mlp", fields=None, **train):
    return Run(
        id=1, name="calm-heron-1", dataset_id=1, family=family, family_fields=fields or {},
        train=TrainConfig(**train), split=SplitConfig(), state=RunState.FINISHED, created_at=datetime.now(UTC),
    )  # fmt: skip


def test_what_tells_most_of_a_run_stands_first_among_its_changes():
    parent = run_of(fields={"width": 64})
    child = run_of(
        fields={"width": 32},
        epochs=5,
        batch_size=64,
        learning_rate=0.1,
        optimizer="sgd",
        schedule="step",
        seed=3,
    )
    told = [change.name for change in changes(parent, child)]
    assert told == ["learning_rate", "optimizer", "batch_size", "schedule", "epochs", "width", "seed"]
    assert changes(parent, run_of("linear", learning_rate=0.1))[0].name == "family"


def test_other_steps_are_told_as_a_whole_and_other_settings_of_the_same_steps_by_name():
    def prepared(*steps):
        return replace(run_of(), preparation=PrepareConfig(recipe=steps))

    cap = StepConfig(name="cap_outliers", fields={"times": 3.0})
    parent, child = run_of(), prepared(cap, StepConfig(name="one_hot"))
    (told,) = changes(parent, child)
    assert (told.part, told.before, told.after) == ("preparation", "usual steps", "Cap outliers → One hot")
    other = prepared(StepConfig(name="cap_outliers", fields={"times": 2.0}), StepConfig(name="one_hot"))
    (told,) = changes(child, other)
    assert (told.name, told.before, told.after) == ("times of Cap outliers", 3.0, 2.0)
    off = prepared(cap, StepConfig(name="pca", on=False), StepConfig(name="one_hot"))
    assert changes(child, off) == ()
