"""Write a small project file of today's schema, to be kept here before the schema changes.

`python -m tests.upgrades.make_project` makes `schema_NNNN.sqlite`; a file of a past schema is never made anew.
"""

import math
import tempfile
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from tests.store.conftest import IMPORTED
from workbench.core.board import (
    BoardRecord,
    Card,
    Charter,
    CheckItem,
    Criterion,
    Decision,
    Edit,
    Figure,
    Goal,
    Lane,
    Meeting,
    ModelCard,
    Person,
)
from workbench.core.configs import PrepareConfig, SplitConfig, StepConfig, TrainConfig
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Checkpoint, ClassMeasures, Finding, HealthReport, Points, Project
from workbench.core.risks import Link, Proposal, Risk, Trial, Watch
from workbench.core.states import (
    Condition,
    DecisionKind,
    LogLevel,
    Modality,
    ProposalKind,
    RunState,
    Severity,
    Split,
    Stage,
    Verdict,
)
from workbench.store.store import Store
from workbench.store.tables import SCHEMA

_NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)


def main() -> None:
    """Write the file beside this script."""
    with tempfile.TemporaryDirectory() as place:
        folder = ProjectFolder(Path(place))
        with Store.create(folder, Project("Solar cells", datetime(2026, 11, 22, 9, 30, tzinfo=UTC))) as store:
            fill(store)
        target = Path(__file__).with_name(f"schema_{SCHEMA:04d}.sqlite")
        target.write_bytes(folder.database.read_bytes())


def fill(store: Store) -> None:
    """Put one row or more into every table."""
    dataset = store.datasets.add("people", "/data/people.csv", "datasets/1", IMPORTED, SplitConfig(seed=7))
    prepared = PrepareConfig(
        recipe=(StepConfig(name="fill_missing"),), augmentation=(StepConfig(name="noise"),)
    )
    store.datasets.set_preparation(dataset.id, prepared)
    store.recipes.put("Filled", Modality.TABLE, prepared)
    finding = Finding(
        "outliers", Severity.WARNING, 2, "Two rows are odd.", ("row 3",), (1, 7), "drop_samples"
    )
    store.health.put(HealthReport(dataset.id, _NOW, (finding,), dataset.split))
    run = store.runs.add(
        "mlp 1", dataset.id, "mlp", {"width": 32}, TrainConfig(epochs=3), dataset.split, preparation=prepared
    )
    store.runs.update(run.id, state=RunState.RUNNING, device="cpu", threads=2)
    steps = range(1, 3001)
    values = [math.nan if step == 1500 else 1 / step for step in steps]
    points = Points(steps, values, [step / 100 for step in steps])
    store.metrics.append(run.id, {"training/loss": points}, epoch=3, steps=3000)
    store.runs.update(run.id, state=RunState.FINISHED, best_epoch=2)
    store.checkpoints.put(Checkpoint(run.id, "best", f"runs/{run.id}/best.pt", "aa" * 32, 2, 2000))
    measures = (ClassMeasures("None", 1.0, 0.5, 2 / 3, 2), ClassMeasures("NA", None, None, None, 0))
    store.evaluations.add(
        run.id,
        Split.TEST,
        2,
        2,
        {"accuracy": 0.5},
        labels=("None", "NA"),
        counts=((1, 1), (0, 0)),
        per_class=measures,
        predictions=f"runs/{run.id}/test.csv",
    )
    store.run_log.add(run.id, LogLevel.INFO, "Trained for 3 epochs.")
    _fill_board(store, run.id)


def _fill_board(store: Store, run_id: int) -> None:
    seen = Link("run", run_id, "test")
    watched = {"measure": "recall", "class_name": "NA"}
    records: list[BoardRecord] = [
        Person(0, "Ada", "Engineer", 2, "the model"),
        Lane(0, "Doing", Stage.DEVELOPMENT, 1.0, 3),
        Card(0, 1, "Collect data", 1.0, owner_id=1, tags=("data",), checklist=(CheckItem("Köln", True),)),
        Card(0, 1, "Train", 2.0, due=date(2026, 12, 1), depends_on=(1,), links=(seen,), done_at=_NOW),
        Risk(0, "NA is missed", "data", owner_id=1, probability=4, impact=3, actions=(2,), created_at=_NOW),
        Watch(0, 1, "measure", watched, Condition.BELOW, 0.8, 4, Verdict.NOT_MET, 0.5, "evaluation 1"),
        Proposal(
            *(0, 1, ProposalKind.RAISED, "Recall of NA is below 0.8: 0.500.", (2, 3), (4, 3), _NOW, seen, 1),
            cause="evaluation 1",
        ),
        Trial(0, 1, "class_weights", run_id, run_id, "measure", watched, 0.5, 0.6, True),
        Meeting(0, "Review", date(2026, 11, 24), "Notes", ("We go on",), (1,), review=True),
        Criterion(0, Stage.DEVELOPMENT, "worst_class", {"limit": 0.8}, 1.0),
        Charter(purpose="Find cells", owner_id=1, goal=Goal("accuracy", 0.9), model_card=ModelCard("Ada")),
    ]
    edits = [Edit(None, record) for record in records]
    figure = Figure("Worst class", "0.500 < 0.8: NA", Verdict.NOT_MET, seen)
    passed = Decision(
        *(0, _NOW, "Ada", DecisionKind.GATE_OVERRIDDEN, "On to testing", "It is late.", (figure,), (seen,)),
        stage=Stage.DEVELOPMENT,
    )
    done, _ = store.board.apply(edits, "Begin", "Ada", decided=[passed])
    risk = done[4].after
    assert isinstance(risk, Risk)
    renamed = replace(risk, title="NA is not found")
    taken = Decision(0, _NOW, "Ada", DecisionKind.OTHER, "Back to development", takes_back=1)
    store.board.apply([Edit(risk, renamed)], "Rename", "Ada", "Clearer.", seen, [taken])


if __name__ == "__main__":
    main()
