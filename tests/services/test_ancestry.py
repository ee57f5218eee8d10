"""What differs between a run and the one that it was made from."""

from datetime import UTC, datetime

from workbench.core.configs import SplitConfig, TrainConfig
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
