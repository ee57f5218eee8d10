"""What was acknowledged is there after a kill at any moment."""

import os
import random
import subprocess
import sys
import threading

import pytest

from workbench.core.states import RunState
from workbench.store.store import Store

APPEND = """
import itertools, pathlib, sys
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Points
from workbench.core.states import RunState
from workbench.store.store import Store

store = Store(ProjectFolder(pathlib.Path(sys.argv[1])))
run_id = int(sys.argv[2])
first = (store.metrics.last_step(run_id, "loss") or 0) + 1
if store.runs.get(run_id).state is RunState.QUEUED:
    store.runs.update(run_id, state=RunState.RUNNING)
for start in itertools.count(first, 50):
    steps = range(start, start + 50)
    points = Points(steps, [1 / step for step in steps], steps)
    store.metrics.append(run_id, {"loss": points, "accuracy": points}, epoch=0, steps=steps[-1])
    print("committed", steps[-1], flush=True)
"""


@pytest.fixture
def run_id(folder):
    from tests.store.conftest import IMPORTED
    from workbench.core.configs import SplitConfig, TrainConfig

    with Store(folder) as store:
        dataset = store.datasets.add("people", "/p.csv", "datasets/1", IMPORTED, SplitConfig())
        return store.runs.add("run", dataset.id, "mlp", {}, TrainConfig(), dataset.split).id


def append_and_kill(folder, run_id, after_s):
    """Kill a writer so long after its first commit; return the last step that it said was committed."""
    with subprocess.Popen(
        [sys.executable, "-c", APPEND, os.fspath(folder.root), str(run_id)], stdout=subprocess.PIPE, text=True
    ) as process:
        lines = [process.stdout.readline()]
        timer = threading.Timer(after_s, process.kill)
        timer.start()
        lines += process.stdout.readlines()
        timer.join()
    # The last line may be cut in the middle of a number.
    return int([line for line in lines if line.endswith("\n")][-1].split()[1])


def test_no_acknowledged_point_is_lost_in_ten_kills(folder, run_id):
    chance = random.Random(5)
    for _ in range(10):
        told = append_and_kill(folder, run_id, chance.uniform(0.0, 0.25))
        with Store(folder) as store:
            assert store.check() == []
            for name in ("loss", "accuracy"):
                points = store.metrics.points(run_id, name)
                # All of a commit is there or nothing of it: whole batches of 50, without gap or double.
                assert len(points) >= told
                assert len(points) % 50 == 0
                assert list(points.steps) == list(range(1, len(points) + 1))
                assert list(points.values) == [1 / step for step in points.steps]
            row = store.runs.get(run_id)
            assert (row.steps, row.metrics) == (
                len(points),
                {"loss": points.values[-1], "accuracy": points.values[-1]},
            )
            assert row.state is RunState.RUNNING
    with Store(folder) as store:
        assert store.runs.interrupt_active() == [run_id]
        assert store.runs.get(run_id).state is RunState.INTERRUPTED
