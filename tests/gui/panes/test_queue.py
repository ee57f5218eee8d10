"""The queue in the Train pane: places, moving by keys and mouse, pausing it, putting back what a restart left."""

import time
from datetime import UTC, datetime

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QPushButton, QToolButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_table
from workbench.core.configs import TrainConfig
from workbench.core.states import RunState
from workbench.gui.panes.training import TrainPane
from workbench.services.projects import open_project

TIMEOUT = 30_000
QUICK = TrainConfig(epochs=1, batch_size=16)


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_table(tmp_path / "fruit.csv"), target="kind")
        yield session


@pytest.fixture
def open_pane(qtbot):
    windows = []

    def open_it(session):
        window = PaneWindow(session)
        windows.append(window)
        qtbot.addWidget(window)
        pane = window.hold(TrainPane)
        window.activateWindow()
        qtbot.waitUntil(lambda: pane.side.runs.rows() != [] or not session.training.all(), timeout=TIMEOUT)
        return window, pane

    yield open_it
    for window in windows:
        window.open(None)
        window.close()


@pytest.fixture
def held(session):
    """A session whose queue is held, with four runs in it."""
    session.training.hold_queue(True)
    session.waiting = [session.training.start(1, "linear", {}, QUICK) for _ in range(4)]
    return session


def order(pane):
    return [row.run.id for row in pane.side.runs.rows()]


def spoken(pane, row):
    return pane.side.runs.model().index(row, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def choose(qtbot, pane, *run_ids):
    pane.select(run_id=run_ids[0])
    qtbot.waitUntil(lambda: pane.side.runs.selected() == [run_ids[0]], timeout=TIMEOUT)
    pane.side.runs.setFocus()


def test_runs_that_wait_say_their_place(held, open_pane):
    _, pane = open_pane(held)
    assert order(pane) == held.waiting
    assert "next in the queue" in spoken(pane, 0)
    assert "2nd in the queue" in spoken(pane, 1)
    assert "4th in the queue" in spoken(pane, 3)


def test_control_and_arrows_move_a_run_and_it_stays_selected(qtbot, held, open_pane):
    first, second, third, fourth = held.waiting
    _, pane = open_pane(held)
    choose(qtbot, pane, third)
    control = Qt.KeyboardModifier.ControlModifier
    for _ in range(2):  # faster than the list can show it
        qtbot.keyClick(pane.side.runs, Qt.Key.Key_Up, control)
    assert list(held.training.places()) == [third, first, second, fourth]
    qtbot.waitUntil(lambda: order(pane) == [third, first, second, fourth], timeout=TIMEOUT)
    assert pane.side.runs.selected() == [third]
    qtbot.keyClick(pane.side.runs, Qt.Key.Key_Up, control)
    qtbot.keyClick(pane.side.runs, Qt.Key.Key_Down, control)
    qtbot.waitUntil(lambda: order(pane) == [first, third, second, fourth], timeout=TIMEOUT)
    qtbot.keyClick(pane.side.runs, Qt.Key.Key_Down, control | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: order(pane) == [first, second, fourth, third], timeout=TIMEOUT)
    held.history.undo()
    qtbot.waitUntil(lambda: order(pane) == [first, third, second, fourth], timeout=TIMEOUT)


def test_a_run_that_has_ended_is_not_moved_by_the_keys(qtbot, session, open_pane):
    run = session.training.wait(session.training.start(1, "linear", {}, QUICK), 60)
    _, pane = open_pane(session)
    choose(qtbot, pane, run.id)
    qtbot.keyClick(pane.side.runs, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier)
    assert not pane.banner.isVisible()
    assert session.history.undo_label == ""


def drag(pane, to, *, below=False):
    """Drag what is selected before a row, or below it; returns whether it may be dropped there."""
    runs = pane.side.runs
    rect = runs.visualRect(runs.model().index(to, 0))
    place = QPoint(rect.center().x(), rect.bottom() - 4 if below else rect.top() + 4)
    mime = runs.model().mimeData(runs.selectedIndexes())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    moved = _OwnMove(runs, place, mime)
    runs.dragMoveEvent(moved)
    if moved.isAccepted():
        runs.dropEvent(_OwnDrop(runs, QPointF(place), Qt.DropAction.MoveAction, mime, left, none))
    return moved.isAccepted()


class _OwnMove(QDragMoveEvent):
    """A drag that began in the list itself; only a real mouse makes Qt say so."""

    def __init__(self, source, place, mime):
        none = Qt.KeyboardModifier.NoModifier
        super().__init__(place, Qt.DropAction.MoveAction, mime, Qt.MouseButton.LeftButton, none)
        self._source = source

    def source(self):
        return self._source


class _OwnDrop(QDropEvent):
    def __init__(self, source, *arguments):
        super().__init__(*arguments)
        self._source = source

    def source(self):
        return self._source


def test_a_waiting_run_is_dragged_to_another_place_and_nowhere_else(qtbot, held, open_pane):
    first, second, third, fourth = held.waiting
    held.training.stop(fourth)
    _, pane = open_pane(held)
    choose(qtbot, pane, first)
    flags = [pane.side.runs.model().index(row, 0).flags() for row in range(4)]
    dragged = [bool(flag & Qt.ItemFlag.ItemIsDragEnabled) for flag in flags]
    assert dragged == [True, True, True, False], "what does not wait cannot be dragged"
    assert drag(pane, 1, below=True)
    qtbot.waitUntil(lambda: order(pane) == [second, first, third, fourth], timeout=TIMEOUT)
    assert drag(pane, 0)
    qtbot.waitUntil(lambda: order(pane) == [first, second, third, fourth], timeout=TIMEOUT)
    assert drag(pane, 2, below=True)
    qtbot.waitUntil(lambda: order(pane) == [second, third, first, fourth], timeout=TIMEOUT)
    assert not drag(pane, 3, below=True), "not among those that have ended"
    runs = pane.side.runs
    foreign = QDragMoveEvent(
        QPoint(20, 20),
        Qt.DropAction.MoveAction,
        QMimeData(),
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    runs.dragMoveEvent(foreign)
    assert not foreign.isAccepted(), "nor anything from elsewhere"


def test_pausing_the_queue_shows_its_state_and_resuming_lets_it_go_on(qtbot, session, open_pane):
    running = session.training.start(1, "linear", {}, TrainConfig(epochs=100_000, batch_size=16))
    waiting = session.training.start(1, "linear", {}, QUICK)
    _, pane = open_pane(session)
    qtbot.waitUntil(lambda: session.training.get(running).state is RunState.RUNNING, timeout=TIMEOUT)
    click(qtbot, named(pane, QToolButton, "Pause queue"))
    resume = []
    qtbot.waitUntil(lambda: resume or resume.append(named(pane, QToolButton, "Resume queue")) or True)
    assert session.training.queue_held
    qtbot.waitUntil(lambda: "Queue paused · 1 waiting" in _texts(pane), timeout=TIMEOUT)
    session.training.stop(running)
    session.training.wait(running, 30)
    assert session.training.get(waiting).state is RunState.QUEUED
    pane.side.runs.setFocus()
    qtbot.keyClick(
        pane.side.runs, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    qtbot.waitUntil(lambda: session.training.get(waiting).state is RunState.FINISHED, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: "Queue paused" not in _texts(pane), timeout=TIMEOUT)


def _texts(pane):
    from workbench.gui.widgets.labels import ElidedLabel

    return "\n".join(label.accessibleName() for label in pane.findChildren(ElidedLabel) if label.isVisible())


def test_the_palette_offers_what_the_queue_can_do(qtbot, held, open_pane):
    _, pane = open_pane(held)
    choose(qtbot, pane, held.waiting[1])
    ready = {action.title: action.shortcut for action in pane.actions_of() if action.ready()}
    assert ready["Move up in the queue"] == "Ctrl+Up"
    assert ready["Move down in the queue"] == "Ctrl+Down"
    assert {"Run next", "Run last", "Resume queue"} <= set(ready)


def test_all_that_waits_is_taken_out_of_the_queue_by_one_key(qtbot, held, open_pane):
    _, pane = open_pane(held)
    choose(qtbot, pane, held.waiting[0])
    pane.side.runs.selectAll()
    qtbot.keyClick(
        pane.side.runs,
        Qt.Key.Key_Delete,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )
    qtbot.waitUntil(lambda: held.training.places() == {}, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: "stopped" in spoken(pane, 0), timeout=TIMEOUT)
    assert not pane.banner.isVisible()


def test_what_a_restart_left_is_queued_again_by_one_click(qtbot, held, open_pane):
    first, second, third, fourth = held.waiting
    held.training.move(fourth, 0)
    held.close()
    with open_project(held.folder.root) as again:
        window, pane = open_pane(again)
        qtbot.waitUntil(pane.queue.news.isVisible)
        assert pane.queue.news.text == "4 runs were waiting when the program ended and have not begun."
        assert not pane.news.isVisible(), "told once"
        assert "had not begun" in spoken(pane, 0)
        again.training.hold_queue(True)
        click(qtbot, named(pane.queue.news, QPushButton, "Queue all again"))
        qtbot.waitUntil(lambda: order(pane) == [fourth, first, second, third], timeout=TIMEOUT)
        assert not pane.queue.news.isVisible()
        window.open(None)


def test_what_a_restart_left_can_be_put_away_and_is_told_at_each_run_then(qtbot, held, open_pane):
    for run_id in held.waiting[1:]:
        held.training.stop(run_id)
    held.close()
    with open_project(held.folder.root) as again:
        window, pane = open_pane(again)
        name = again.training.get(held.waiting[0]).name
        qtbot.waitUntil(pane.queue.news.isVisible)
        assert pane.queue.news.text.startswith(f"{name} was waiting")
        click(qtbot, named(pane.queue.news, QToolButton, "Dismiss"))
        pane.mark_stale()
        choose(qtbot, pane, held.waiting[0])
        qtbot.waitUntil(pane.news.isVisible)
        assert not pane.queue.news.isVisible()
        click(qtbot, named(pane.news, QPushButton, "Queue it again"))
        qtbot.waitUntil(
            lambda: again.training.get(held.waiting[0]).state is RunState.FINISHED, timeout=TIMEOUT
        )
        window.open(None)


def test_a_read_only_project_shows_the_queue_and_changes_nothing(qtbot, held, open_pane):
    held.close()
    with open_project(held.folder.root, read_only=True) as watching:
        window, pane = open_pane(watching)
        assert not pane.side.hold.isVisible()
        assert not pane.queue.news.isVisible()
        assert not any(action.ready() for action in pane.queue.actions())
        window.open(None)


def test_out_of_memory_is_mended_by_one_click(qtbot, session, open_pane):
    session.training.hold_queue(True)
    failed = session.training.start(1, "linear", {}, TrainConfig(epochs=1, batch_size=64))
    session.training.stop(failed)
    # A worker that the system ended for want of memory is interrupted, a failed allocation failed.
    for state in (RunState.INTERRUPTED, RunState.FAILED):
        session.store.runs.update(failed, state=RunState.QUEUED, started_at=datetime.now(UTC))
        session.store.runs.update(
            failed, state=state, message="Out of memory with batch size 64: start again."
        )
        _, pane = open_pane(session)
        choose(qtbot, pane, failed)
        qtbot.waitUntil(pane.news.isVisible)
        before = len(session.training.all())
        click(qtbot, named(pane.news, QPushButton, "Start again with half the batch"))
        qtbot.waitUntil(lambda before=before: len(session.training.all()) == before + 1, timeout=TIMEOUT)
        new = session.training.all()[-1]
        assert (new.train.batch_size, new.parent_id, new.state) == (32, failed, RunState.QUEUED)
        qtbot.waitUntil(lambda new=new, pane=pane: pane.current.id == new.id, timeout=TIMEOUT)


def test_members_of_a_group_say_which_seed_they_are_and_what_they_came_to(qtbot, session, open_pane):
    ids = session.training.repeat(1, "linear", {}, TrainConfig(epochs=4, batch_size=16), 3)
    for run_id in ids:
        session.training.wait(run_id, 60)
    _, pane = open_pane(session)
    choose(qtbot, pane, ids[1])
    found = session.training.spread(ids[0])["validation/accuracy"]
    said = f"{found.mean:.3f} ± {found.deviation:.3f}"
    row = order(pane).index(ids[1])
    assert f"seed 2 of 3 · accuracy, mean of 3 {said}" in spoken(pane, row)
    facts = {name.accessibleName(): value.accessibleName() for name, value in pane.details.progress._rows}
    assert (facts["Repeat"], facts["Mean of 3"]) == ("seed 2 of 3", said)


def test_two_hundred_waiting_runs_do_not_hold_the_window_up(qtbot, session, open_pane):
    session.training.hold_queue(True)
    ids = [run_id for _ in range(4) for run_id in session.training.repeat(1, "linear", {}, QUICK, 50)]
    _, pane = open_pane(session)
    longest = 0.0
    fill = pane.fill

    def timed():
        nonlocal longest
        began = time.thread_time()
        fill()
        longest = max(longest, time.thread_time() - began)

    pane.fill = timed
    choose(qtbot, pane, ids[-1])
    qtbot.keyClick(
        pane.side.runs, Qt.Key.Key_Up, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    )
    qtbot.waitUntil(lambda: order(pane)[0] == ids[-1], timeout=TIMEOUT)
    assert longest < 0.05
