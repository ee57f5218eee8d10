"""From the click on Train to points on the screen, held, let go and stopped as one likes."""

import csv
import io

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListView, QPushButton

from tests.journeys.outsider import Outsider, train
from workbench.core.states import RunState
from workbench.gui.widgets.curve_plot import CurvePlot


def drawn(user, folder, plot="Loss"):
    """Return (step, value as it was saved) of the training curve, as the plot's own *Save data* writes it."""
    path = folder / "drawn.csv"
    user.find(plot, CurvePlot).save_data(path)
    rows = csv.DictReader(io.StringIO(path.read_text("utf-8-sig")))
    return [(int(row["step"]), float(row["value"])) for row in rows if row["series"] == "training"]


def first_row(user):
    """Return what a screen reader says of the topmost run."""
    model = user.find("Runs", QListView).model()
    return model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def stop_after_epoch(user):
    menu = user.find("Stop", QPushButton, user.pane.header).menu()
    next(action for action in menu.actions() if action.text() == "Stop after this epoch").trigger()


def test_points_appear_while_it_trains_pause_holds_resume_goes_on_and_stop_ends_an_epoch(
    user: Outsider, orchard, tmp_path
):
    user.open(orchard)
    run_id = train(user, "100000")
    user.wait(lambda: len(drawn(user, tmp_path)) > 3)
    assert user.session.training.get(run_id).state is RunState.RUNNING

    user.click("Pause")
    user.wait(lambda: "paused" in first_row(user))
    user.wait(lambda: len(drawn(user, tmp_path)) == len(user.session.training.points(run_id, "train/loss")))
    held = drawn(user, tmp_path)
    user.qtbot.wait(300)  # a while in which points would come, were it not held
    assert drawn(user, tmp_path) == held

    user.click("Resume")
    user.wait(lambda: len(drawn(user, tmp_path)) > len(held))
    stop_after_epoch(user)
    user.wait(lambda: "stopped" in first_row(user))
    run = user.session.training.get(run_id)
    assert run.steps % (run.steps // run.epochs) == 0, "it stopped within an epoch"

    user.wait(lambda: drawn(user, tmp_path)[-1:] and drawn(user, tmp_path)[-1][0] == run.steps)
    live = drawn(user, tmp_path)
    stored = user.session.training.points(run_id, "train/loss")
    assert live == list(zip(map(int, stored.steps), map(float, stored.values), strict=True))
    user.close()

    user.open(orchard)
    user.go("Train")
    QTest.keyClick(user.find("Runs", QListView), Qt.Key.Key_Home)
    user.wait(lambda: drawn(user, tmp_path) == live)
