"""Write a small project file of today's schema, to be kept here before the schema changes.

`python -m tests.upgrades.make_project` makes `schema_NNNN.sqlite`; a file of a past schema is never made anew.
"""

import math
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.store.conftest import IMPORTED
from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Checkpoint, ClassMeasures, Points, Project
from workbench.core.states import RunState, Split
from workbench.store.store import Store
from workbench.store.tables import SCHEMA


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
    run = store.runs.add("mlp 1", dataset.id, "mlp", {"width": 32}, TrainConfig(epochs=3), dataset.split)
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


if __name__ == "__main__":
    main()
