"""A queue that is left alone: it goes on behind what fails, tells the truth about each run, and never hangs."""

import shutil

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QListView, QToolButton

from tests.gui.panes.small_data import import_data, write_table
from tests.journeys.outsider import Outsider, text_of
from workbench.core.configs import TrainConfig
from workbench.core.states import RunState

PATIENCE_MS = 120_000
SHORT = TrainConfig(epochs=2, batch_size=16)


def spoken(user, run_id):
    """Return what the list says of a run."""
    model = user.find("Runs", QListView).model()
    run = user.session.training.get(run_id)
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    return next(
        row.data(Qt.ItemDataRole.AccessibleTextRole)
        for row in rows
        if row.data(Qt.ItemDataRole.DisplayRole) == run.name
    )


def told(user, run_id):
    """Select a run and return what the pane says of it."""
    user.window.go("train", run_id=run_id)
    user.wait(lambda: user.pane.current is not None and user.pane.current.id == run_id)
    return "\n".join(text_of(label) for label in user.pane.findChildren(QLabel) if label.isVisible())


def test_twenty_runs_left_alone_of_which_three_fail_each_in_its_own_way(user: Outsider, orchard, tmp_path):
    user.open(orchard)
    session = user.session
    gone = import_data(session, write_table(tmp_path / "pome.csv", rows=90, seed=3), target="kind")
    session.training.hold_queue(True)
    ids = []
    for number in range(20):
        train = SHORT.model_copy(update={"seed": number})
        data, family = 1, ("linear", "mlp")[number % 2]
        if number == 4:
            train = TrainConfig(optimizer="sgd", learning_rate=1e6, epochs=500)
        if number == 9:
            data = gone.id
        ids.append(session.training.start(data, family, {}, train))
    diverges, lacks_data, cannot_write = ids[4], ids[9], ids[14]
    shutil.rmtree(session.folder.resolve(gone.folder))
    in_the_way = session.folder.run(cannot_write)
    in_the_way.write_text("not a folder")
    session.training.hold_queue(False)
    user.window.go("train")
    user.wait(lambda: not session.jobs.active(), PATIENCE_MS)

    states = {run_id: session.training.get(run_id).state for run_id in ids}
    failed = {diverges: RunState.DIVERGED, lacks_data: RunState.FAILED, cannot_write: RunState.INTERRUPTED}
    assert states == dict.fromkeys(ids, RunState.FINISHED) | failed
    for run_id, state in states.items():
        run = session.training.get(run_id)
        user.wait(lambda run_id=run_id, state=state: state.value in spoken(user, run_id))
        assert run.ended_at is not None
        assert run.message if run_id in failed else run.epochs == 2
    assert "stopped being a number" in told(user, diverges)
    assert "The files of this dataset are missing or damaged" in told(user, lacks_data)
    assert f"{in_the_way} could not be written" in told(user, cannot_write)
    assert not list(session.folder.reports.glob("fault-*")), "none of them was our own fault"

    in_the_way.unlink()
    user.click("Resume")
    user.wait(lambda: session.training.get(cannot_write).state is RunState.FINISHED, PATIENCE_MS)


def test_a_queue_that_is_paused_and_reordered_in_the_middle_and_left_over_a_restart(user: Outsider, orchard):
    user.open(orchard)
    session = user.session
    first = session.training.start(
        1, "linear", {}, TrainConfig(epochs=100_000, batch_size=16), "first of all"
    )
    waiting = [session.training.start(1, "linear", {}, SHORT, f"run {letter}") for letter in "abcde"]
    a, b, c, d, e = waiting
    user.window.go("train", run_id=e)
    user.wait(lambda: user.pane.current is not None and user.pane.current.id == e)
    user.wait(lambda: session.training.get(first).best_epoch)
    user.click("Pause queue")
    user.reads("Queue paused · 5 waiting")
    user.find("Runs", QListView).setFocus()
    user.control(Qt.Key.Key_Up)
    user.control(Qt.Key.Key_Up)
    user.wait(lambda: list(session.training.places()) == [a, b, e, c, d])
    user.wait(lambda: "3rd in the queue" in spoken(user, e))
    user.control(Qt.Key.Key_Z)
    user.wait(lambda: list(session.training.places()) == [a, b, c, e, d])
    user.control(Qt.Key.Key_Up, shift=True)
    user.wait(lambda: list(session.training.places()) == [e, a, b, c, d])
    user.wait(lambda: "next in the queue" in spoken(user, e))
    session.training.stop(first)
    session.training.wait(first, 60)
    assert session.training.get(e).state is RunState.QUEUED, "a paused queue begins nothing"

    user.when_asked("Save and close")
    window = user.window
    window.close()
    user.wait(lambda: not window.isVisible())
    window.deleteLater()

    user.open(orchard)
    user.window.go("train")
    user.reads("5 runs were waiting when the program ended and have not begun.")
    user.click("Queue all again")
    session = user.session
    user.wait(lambda: all(session.training.get(it).state is RunState.FINISHED for it in waiting), PATIENCE_MS)
    began = sorted(waiting, key=lambda run_id: session.training.get(run_id).started_at)
    assert began == [e, a, b, c, d], "in the order that was chosen before the restart"
    assert not user.found("Resume queue", QToolButton)


@pytest.mark.parametrize("count", [200])
def test_two_hundred_runs_are_queued_while_the_window_stays_in_use(user: Outsider, orchard, count):
    user.open(orchard)
    session = user.session
    session.training.hold_queue(True)
    ids = [
        run_id for _ in range(count // 50) for run_id in session.training.repeat(1, "linear", {}, SHORT, 50)
    ]
    user.window.go("train", run_id=ids[-1])
    user.wait(lambda: user.pane.current is not None and user.pane.current.id == ids[-1])
    user.wait(lambda: f"{count}th in the queue" in spoken(user, ids[-1]))
    user.find("Runs", QListView).setFocus()
    user.control(Qt.Key.Key_Up, shift=True)
    user.wait(lambda: "next in the queue" in spoken(user, ids[-1]))
    session.training.hold_queue(False)
    user.wait(lambda: session.training.get(ids[-1]).state is RunState.FINISHED, PATIENCE_MS)
    session.training.hold_queue(True)
