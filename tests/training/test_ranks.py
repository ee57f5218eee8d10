"""Two processes train one model together: the same steps as one process, stopped and resumed to the bit."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from tests.rules.sources import ROOT
from tests.training.samples import table, train
from workbench.training.checkpoints import read_checkpoint

JOINED = """
import json, sys
from pathlib import Path
import torch
from dataclasses import replace
from tests.training.samples import StopAt, Watch, prepared, table
from workbench.core.configs import TrainConfig
from workbench.core.control import CancelToken
from workbench.training.checkpoints import read_checkpoint
from workbench.training.job import Callbacks, FitJob
from workbench.training.loop import fit
from workbench.training.ranks import JoinedRanks

rank, meeting, folder, family, fields, config, stop, resume = json.loads(sys.argv[1])
torch.set_num_threads(1)
ranks = JoinedRanks(rank, 2, Path(meeting), torch.device("cpu"))
# Only the first process hears of the user's wish.
token = StopAt(stop) if stop and rank == 0 else CancelToken()
watch = Watch()
state = read_checkpoint(Path(resume)) if resume else None
job = FitJob(family, fields, TrainConfig(**config), prepared(*table()), Path(folder), state, 1, ranks)
outcome = fit(job, watch.callbacks() if rank == 0 else Callbacks(), token)
ranks.close()
tasks = Path("/proc/self/task")
threads = [(task / "comm").read_text() for task in tasks.iterdir()] if tasks.exists() else []
assert not [name for name in threads if "gloo" in name], threads
roles = {role: str(watch.path(role)) for role in ("last", "best")} if rank == 0 else {}
print(json.dumps([outcome.state, outcome.steps, outcome.weights_sha256, outcome.best_epoch, roles,
                  {name: list(points.items()) for name, points in watch.points.items()}]))
"""


def joined(folder, family="mlp", fields=None, *, stop=0, resume=None, **config):
    """Train in two processes and return (state, steps, sha256, best epoch, checkpoints, points) of the first."""
    meeting = folder / f"meeting-{len(list(folder.iterdir()))}"
    ranks = []
    for rank in range(2):
        words = json.dumps([rank, str(meeting), str(folder), family, fields or {}, config, stop, resume])
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
        ranks.append(
            subprocess.Popen(
                [sys.executable, "-c", JOINED, words],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env=environment,
            )
        )
    answers = [process.communicate(timeout=120) for process in ranks]
    assert [process.returncode for process in ranks] == [0, 0], [error[-2000:] for _, error in answers]
    first, second = (json.loads(out.splitlines()[-1]) for out, _ in answers)
    assert first[:4] == second[:4], "the processes fell apart"
    return first


@pytest.mark.skipif(sys.platform == "win32", reason="the file over which they meet is a POSIX one")
def test_two_processes_take_the_steps_of_one(tmp_path):
    settings = {"batch_size": 24, "epochs": 3, "optimizer": "sgd", "learning_rate": 0.3}
    (tmp_path / "one").mkdir()
    one, watch = train(table(), tmp_path / "one", "linear", **settings)
    state, steps, _, best, paths, points = joined(tmp_path, "linear", **settings)
    assert (state, steps, best) == ("finished", one.steps, one.best_epoch)
    for name in ("train/loss", "validation/loss", "train/accuracy"):
        np.testing.assert_allclose(
            [value for _, value in points[name]], list(watch.points[name].values()), rtol=1e-5
        )
    ours, alone = (read_checkpoint(path)["model"] for path in (watch.path("last"), _path(paths["last"])))
    for name, weight in ours.items():
        torch.testing.assert_close(alone[name], weight)


@pytest.mark.skipif(sys.platform == "win32", reason="the file over which they meet is a POSIX one")
def test_a_stop_that_one_process_hears_stops_both_and_they_go_on_to_the_bit(tmp_path):
    settings = {"fields": {"width": 8, "dropout": 0.4}, "batch_size": 16, "epochs": 4}
    whole = joined(tmp_path, **settings)
    stopped = joined(tmp_path, stop=9, **settings)
    assert stopped[:2] == ["stopped", 9]
    resumed = joined(tmp_path, resume=stopped[4]["last"], **settings)
    assert resumed[:4] == whole[:4]


def _path(text):
    from pathlib import Path

    return Path(text)
