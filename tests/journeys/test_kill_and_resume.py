"""The program is killed at random moments: nothing it called committed is lost, and the run ends the same.

It trains in a thread or in a process of its own; of the latter, half the kills hit the worker alone.
WORKBENCH_KILLS says how often for each; the default keeps the suite short.
"""

import json
import math
import os
import random
import signal
import subprocess
import sys
import time

import psutil
import pytest

from tests.rules.sources import ROOT
from workbench.core.states import RunState
from workbench.services.projects import open_project

KILLS = int(os.environ.get("WORKBENCH_KILLS", "2"))
SETTINGS = ("epochs=80", "batch_size=8", "dropout=0.3", "width=32", "patience=0", "seed=3")
pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")


def _command(*words):
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "workbench", *map(str, words), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def _done(*words, code=0):
    """Run a command to its end and return its JSON lines."""
    with _command(*words) as process:
        out, error = process.communicate(timeout=120)
    assert process.returncode == code, (words, out, error)
    return [json.loads(line) for line in out.splitlines()]


def _killed(words, step, wait_s, victim="program"):
    """Run a command, kill it so long after it told that it had kept this step; return what came out whole.

    With `worker` as the victim the program lives on and ends by itself.
    """
    lines = []
    with _command(*words) as process:
        for line in process.stdout:
            lines.append(json.loads(line))
            if lines[-1]["event"] == "committed" and lines[-1]["step"] >= step:
                time.sleep(wait_s)
                break
        if victim == "program":
            process.send_signal(signal.SIGKILL)
        else:
            for child in psutil.Process(process.pid).children():
                child.kill()
        rest = process.stdout.read()
    # The last line may be torn: what it told was committed nevertheless, but nobody was told.
    lines += [json.loads(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
    return lines


def _kept(project, run_id):
    """Return (points by series and step, state, weights) of a run as the next opening finds them.

    Without what was measured on the machine, which is different each time.
    """
    with open_project(project) as session:
        run, points = session.training.get(run_id), {}
        for name in session.training.series(run_id):
            if name.startswith("hardware/"):
                continue
            found = session.training.points(run_id, name)
            points[name] = dict(zip(found.steps.tolist(), found.values.tolist(), strict=True))
    return points, run.state, run.weights_sha256


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill")
    chance = random.Random(5)
    rows = []
    for _ in range(400):
        length, width = chance.gauss(5, 2), chance.gauss(3, 1)
        rows.append(
            f"{length:.3f},{width:.3f},{'rose' if length + chance.gauss(0, 1) > width * 2 else 'lily'}"
        )
    (folder / "flowers.csv").write_text("\n".join(["length,width,flower", *rows]) + "\n")
    _done("new", folder / "project")
    _done("import", folder / "project", folder / "flowers.csv", "--target", "flower")
    return folder / "project"


def _train_words(project, name, target):
    settings = [word for setting in (*SETTINGS, f"target={target}") for word in ("--set", setting)]
    return ["train", project, "flowers", "mlp", "--name", name, *settings]


@pytest.mark.parametrize("target", ["thread", "process"])
def test_a_run_that_was_killed_again_and_again_loses_nothing_and_ends_the_same(project, target):
    whole = _done(*_train_words(project, f"whole in a {target}", target))[-1]
    assert whole["state"] == "finished"
    expected, _, _ = _kept(project, whole["run"])
    chance = random.Random(KILLS)
    kills, number = 0, 0
    while kills < KILLS:
        number += 1
        words, promised, ended = _train_words(project, f"{target} killed {number}", target), {}, False
        while kills < KILLS and not ended:
            victim = "worker" if target == "process" and kills % 2 else "program"
            kept_steps = max((step for _, step in promised), default=0)
            step = kept_steps + chance.random() * 0.5 * (whole["steps"] - kept_steps)
            # Points are kept five times a second: with this wait each moment between two is as likely.
            lines = _killed(words, step, chance.random() * 0.2, victim)
            assert "run" in lines[0], (kills, words, lines)
            run = lines[0]["run"]
            ended = lines[-1]["event"] == "result" and lines[-1]["state"] == "finished"
            kills += not ended
            for line in lines:
                if line["event"] == "committed":
                    promised |= {
                        (name, line["step"]): value
                        for name, value in line["metrics"].items()
                        if not name.startswith("hardware/")
                    }
            kept, state, _ = _kept(project, run)
            assert {key for key, value in promised.items() if kept[key[0]].get(key[1]) != value} == set()
            for name, points in kept.items():
                steps = [step for step in expected[name] if step <= max(points)]
                assert list(points) == steps, f"{name} has holes"
            assert state in ((RunState.FINISHED,) if ended else (RunState.INTERRUPTED, RunState.FINISHED))
            ended = state is RunState.FINISHED
            words = ["resume", project, run]
        if not ended:
            assert _done("resume", project, run)[-1]["state"] == "finished"
        assert _kept(project, run) == (expected, RunState.FINISHED, whole["weights_sha256"])
    # A kill can leave a file that no row names, or a run that is done but not yet described: both are mended.
    found = _done("doctor", project, "--repair")[-1]
    assert {item["code"] for item in found["problems"]} <= {"left_over", "description_missing"}
    assert found["ok"]


@pytest.mark.parametrize("target", ["thread", "process"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_interrupts_with_a_checkpoint_and_resume_goes_on_from_there(project, number, target):
    words = [*_train_words(project, f"{number.name} {target}", target), "--set", "epochs=2000"]
    with _command(*words) as process:
        lines = []
        for line in process.stdout:
            lines.append(json.loads(line))
            if len(lines) == 3:
                process.send_signal(number)
        error = process.stderr.read()
    assert process.returncode == 130, error
    assert "Traceback" not in error
    result = lines[-1]
    assert (result["event"], result["state"]) == ("result", "interrupted")
    checkpoints = [line for line in lines if line["event"] == "checkpoint"]
    assert checkpoints[-1]["step"] == result["steps"], "the last steps are not in a checkpoint"
    assert math.isfinite(result["metrics"]["train/loss"])
    assert _kept(project, result["run"])[1] is RunState.INTERRUPTED
