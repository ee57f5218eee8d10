"""Whatever happens to the window, the project keeps everything: closed at work, killed, opened again."""

import os
import signal
import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListView

from tests.journeys.outsider import Outsider, train
from tests.rules.sources import ROOT
from workbench.core.states import RunState
from workbench.gui.widgets.confusion_matrix import ConfusionMatrix

_TRAIN_IN_THE_WINDOW = """
import sys
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[2])
from workbench.gui.app import _application, create_window
window = create_window(Path(sys.argv[1]))
def begin():
    from workbench.core.configs import TrainConfig
    session = window.session
    run = session.training.start(1, "linear", {}, TrainConfig(epochs=300, batch_size=16), "killed")
    window.go("train", run_id=run)
    look.start(20)
def tell():
    if window.session.store.checkpoints.get(window.session.training.all()[-1].id, "last"):
        print("committed", flush=True)
look = QTimer(window)
look.timeout.connect(tell)
window.project_settled.connect(begin)
_application().exec()
"""


def state(user, run_id):
    return user.session.training.get(run_id).state


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_after_a_kill_the_run_shows_as_interrupted_resumes_and_finishes(user: Outsider, orchard, tmp_path):
    command = [sys.executable, "-c", _TRAIN_IN_THE_WINDOW, str(orchard), str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout.readline() == "committed\n"
        process.send_signal(signal.SIGKILL)

    user.open(orchard)
    user.reads("killed was interrupted and can go on")
    user.click("Show", user.window)
    user.wait(lambda: user.pane.name == "train")
    user.reads("The program ended before this run did: resume it to go on.")
    run = user.session.training.find("killed")
    before = user.session.training.points(run.id, "train/loss")
    assert run.state is RunState.INTERRUPTED
    assert len(before) > 0
    user.click("Resume")
    user.wait(lambda: state(user, run.id) is RunState.FINISHED)
    after = user.session.training.points(run.id, "train/loss")
    assert list(after.steps[: len(before)]) == list(before.steps)
    assert list(after.values[: len(before)]) == list(before.values)
    assert user.session.training.get(run.id).epochs == 300
    user.wait(
        lambda: (
            "finished"
            in user.find("Runs", QListView).model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
        )
    )


def test_closing_at_work_asks_keeps_training_or_saves_and_everything_is_there_again(user: Outsider, orchard):
    user.open(orchard)
    before = user.session.training.all(), user.session.datasets.all()
    run_id = train(user, "100000")
    user.wait(lambda: user.session.training.get(run_id).best_epoch is not None)

    asked = user.when_asked("Keep training")
    user.window.close()
    assert asked == ["Stop training?"]
    assert user.window.isVisible()
    assert state(user, run_id) is RunState.RUNNING

    user.when_asked("Save and close")
    window = user.window
    window.close()
    user.wait(lambda: not window.isVisible())
    window.deleteLater()

    user.open(orchard)
    assert state(user, run_id) is RunState.INTERRUPTED
    assert user.pane.name == "train", "the window opens where it was left"
    assert (user.session.training.all()[:2], user.session.datasets.all()) == before
    judged = user.session.training.find("second pick")
    assert (judged.starred, judged.notes) == (True, "picked by hand")
    user.window.go("evaluate", run_id=judged.id)
    user.find("Confusion matrix", ConfusionMatrix)
    assert user.session.evaluation.latest(judged.id) is not None
    user.go("Data")
    user.reads("fruit")


def test_a_window_closed_while_a_project_opens_puts_it_away_again(user: Outsider, orchard):
    user.open()
    user.window.open_project(orchard)
    window = user.window
    window.close()
    user.wait(lambda: not window.isVisible())
    assert window.session is None
    window.deleteLater()
    user.open(orchard)
    assert user.session is not None, "the project is free to be opened again"


def test_the_program_ends_whole_even_while_it_still_loads_torch(orchard, tmp_path):
    program = """
import sys, threading
from pathlib import Path
from PySide6.QtCore import QSettings, QTimer
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[2])
from workbench.gui import app
def look():
    if any(thread.name == "load-torch" for thread in threading.enumerate()):
        window = next(it for it in app._application().topLevelWidgets() if it.isVisible())
        window.close()
        timer.stop()
app._application()
timer = QTimer()
timer.timeout.connect(look)
timer.start(10)
code = app.run(Path(sys.argv[1]))
assert not any(thread.name == "load-torch" for thread in threading.enumerate())
sys.exit(code)
"""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"}
    ended = subprocess.run(
        [sys.executable, "-c", program, str(orchard), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=80,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
