"""The Train pane: runs, live curves, pause, stop, resume, names, stars, notes, bin."""

import csv
import io
import math

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton, QSlider, QToolButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_numbers, write_table
from tests.gui.panes.stored_runs import stored_run
from workbench.core.configs import TrainConfig
from workbench.core.states import RunState
from workbench.gui.panes.training import TrainPane
from workbench.gui.widgets.cards import EmptyState
from workbench.services.projects import open_project
from workbench.services.training_run import Training

TIMEOUT = 30_000
LONG = TrainConfig(epochs=100_000, batch_size=16)


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def table(session, tmp_path):
    return import_data(session, write_table(tmp_path / "fruit.csv"), target="kind")


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
        window.close()


def trained(session, dataset, family="linear", **config):
    config = {"epochs": 4, "batch_size": 16} | config
    run_id = session.training.start(dataset.id, family, {}, TrainConfig(**config))
    return session.training.wait(run_id, 60)


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def button(pane, name):
    return named(pane.header, QPushButton, name)


def state(pane, run_id):
    return next((row.run.state for row in pane.side.runs.rows() if row.run.id == run_id), None)


def points(pane, plot, folder):
    """Return what a plot draws as {label: [(step, epoch, value), ...]}, from the data that it saves."""
    path = folder / f"{plot}.csv"
    pane.curves.plots[plot].save_data(path)
    found = {}
    for row in csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))):
        found.setdefault(row["series"], []).append((int(row["step"]), row["epoch"], row["value"]))
    return found


def stored(session, run_id, series):
    return list(session.training.points(run_id, series).steps)


def test_without_runs_the_pane_says_what_belongs_here_and_leads_to_models(qtbot, table, session, open_pane):
    window, pane = open_pane(session)
    empty = pane.findChild(EmptyState)
    qtbot.waitUntil(empty.isVisible)
    click(qtbot, named(empty, QPushButton, "New run"))
    assert window.went == [("models", {})]


def test_the_live_curve_and_the_stored_curve_are_the_same_points(qtbot, table, session, open_pane, tmp_path):
    _, pane = open_pane(session)
    run_id = session.training.start(table.id, "linear", {}, TrainConfig(epochs=60, batch_size=16))
    pane.select(run_id=run_id)
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.FINISHED, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: len(points(pane, "loss", tmp_path).get("training", [])) == 360, timeout=TIMEOUT)
    live = {plot: points(pane, plot, tmp_path) for plot in ("loss", "accuracy")}
    pane.hide()
    pane.mark_stale()
    pane.show()
    pane.select(run_id=run_id)
    with qtbot.waitSignal(pane.curves.read, timeout=TIMEOUT):
        pass
    assert {plot: points(pane, plot, tmp_path) for plot in ("loss", "accuracy")} == live
    assert [step for step, _, _ in live["loss"]["training"]] == stored(session, run_id, "train/loss")
    assert [epoch for _, epoch, _ in live["accuracy"]["validation"]] == [f"{n}.0" for n in range(1, 61)]


def test_a_hidden_pane_draws_nothing_and_catches_up_when_it_is_shown(
    qtbot, table, session, open_pane, tmp_path
):
    _, pane = open_pane(session)
    first = trained(session, table)
    pane.select(run_id=first.id)
    qtbot.waitUntil(lambda: "training" in points(pane, "loss", tmp_path), timeout=TIMEOUT)
    pane.hide()
    second = trained(session, table, epochs=6)
    qtbot.wait(100)
    assert [row.run.id for row in pane.side.runs.rows()] == [first.id]
    pane.show()
    qtbot.waitUntil(lambda: len(pane.side.runs.rows()) == 2, timeout=TIMEOUT)
    assert pane.side.runs.selected() == [first.id], "what was selected stays so"
    assert state(pane, second.id) is RunState.FINISHED


def test_pause_says_that_it_is_on_its_way_then_offers_resume_and_stop_ends_it(
    qtbot, table, session, open_pane
):
    _, pane = open_pane(session)
    run_id = session.training.start(table.id, "linear", {}, LONG)
    pane.select(run_id=run_id)
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.RUNNING, timeout=TIMEOUT)
    button(pane, "Pause").setFocus()
    click(qtbot, button(pane, "Pause"))
    asked = button(pane, "Pausing …")
    assert asked.hasFocus(), "the keyboard stays here: it must not fall to Stop"
    click(qtbot, asked)
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.PAUSED, timeout=TIMEOUT)
    assert button(pane, "Resume").hasFocus()
    click(qtbot, button(pane, "Resume"))
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.RUNNING, timeout=TIMEOUT)
    stop_now = button(pane, "Stop").menu().actions()[0]
    stop_now.trigger()
    assert not button(pane, "Stopping …").isEnabled()
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.STOPPED, timeout=TIMEOUT)
    assert button(pane, "Resume").isEnabled()
    assert not button(pane, "Stop").isEnabled()


def test_the_space_bar_pauses_from_the_list_but_presses_a_button_that_has_the_focus(
    qtbot, table, session, open_pane
):
    window, pane = open_pane(session)
    run_id = session.training.start(table.id, "linear", {}, LONG)
    pane.select(run_id=run_id)
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.RUNNING, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: button(pane, "Evaluate best").isEnabled(), timeout=TIMEOUT)
    button(pane, "Evaluate best").setFocus()
    qtbot.keyClick(button(pane, "Evaluate best"), Qt.Key.Key_Space)
    assert window.went == [("evaluate", {"run_id": run_id})]
    assert state(pane, run_id) is RunState.RUNNING
    pane.side.runs.setFocus()
    qtbot.keyClick(pane.side.runs, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.PAUSED, timeout=TIMEOUT)
    session.training.stop(run_id)
    qtbot.waitUntil(lambda: not state(pane, run_id).active, timeout=TIMEOUT)


def test_active_runs_stand_on_top_and_the_others_newest_first(qtbot, table, session, open_pane):
    old, new = trained(session, table), trained(session, table)
    _, pane = open_pane(session)
    running = session.training.start(table.id, "linear", {}, LONG)
    waiting = session.training.start(table.id, "linear", {}, LONG)
    qtbot.waitUntil(
        lambda: [row.run.id for row in pane.side.runs.rows()] == [running, waiting, new.id, old.id],
        timeout=TIMEOUT,
    )
    qtbot.waitUntil(lambda: state(pane, running) is RunState.RUNNING, timeout=TIMEOUT)
    spoken = pane.side.runs.model().index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "training" in spoken
    assert "epoch" in spoken


def test_a_run_that_waits_can_be_stopped_before_its_turn(qtbot, table, session, open_pane):
    _, pane = open_pane(session)
    running = session.training.start(table.id, "linear", {}, LONG)
    waiting = session.training.start(table.id, "linear", {}, LONG)
    pane.select(run_id=waiting)
    qtbot.waitUntil(lambda: pane.side.runs.selected() == [waiting], timeout=TIMEOUT)
    assert not button(pane, "Pause").isEnabled()
    assert "not begun" in button(pane, "Pause").toolTip()
    button(pane, "Stop").menu().actions()[0].trigger()
    qtbot.waitUntil(lambda: state(pane, waiting) is RunState.STOPPED, timeout=TIMEOUT)
    assert state(pane, running) is not RunState.STOPPED


def test_smoothing_and_axis_are_shared_by_the_plots_and_remembered(qtbot, table, session, open_pane):
    trained(session, table)
    _, pane = open_pane(session)
    loss, accuracy = pane.curves.plots["loss"], pane.curves.plots["accuracy"]
    slider = named(pane.middle, QSlider, "Smoothing")
    slider.setValue(90)
    assert loss.look.smoothing == accuracy.look.smoothing == pytest.approx(0.9)
    _, again = open_pane(session)
    assert again.curves.plots["loss"].look.smoothing == pytest.approx(0.9)
    slider.setValue(60)


def test_f2_renames_in_place_even_while_the_run_goes_on(qtbot, table, session, open_pane):
    _, pane = open_pane(session)
    run_id = session.training.start(table.id, "linear", {}, LONG)
    pane.select(run_id=run_id)
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.RUNNING, timeout=TIMEOUT)
    pane.side.runs.setFocus()
    qtbot.keyClick(pane.side.runs, Qt.Key.Key_F2)
    qtbot.waitUntil(lambda: pane.side.runs.findChildren(QLineEdit) != [])
    editor = pane.side.runs.findChildren(QLineEdit)[0]
    editor.selectAll()
    qtbot.keyClicks(editor, "sweet orchard")
    qtbot.wait(400)
    assert editor.text() == "sweet orchard", "progress does not wipe out what is being typed"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: session.training.get(run_id).name == "sweet orchard")
    qtbot.waitUntil(lambda: pane.side.runs.rows()[0].run.name == "sweet orchard")
    session.training.stop(run_id)


def test_a_name_that_is_taken_is_refused_in_place(qtbot, table, session, open_pane):
    first, second = trained(session, table), trained(session, table)
    _, pane = open_pane(session)
    pane.side.runs.rename_requested.emit(second.id, first.name)
    assert pane.banner.isVisible()
    assert "choose a different name" in pane.banner.text


def test_s_stars_and_a_click_on_the_star_takes_it_away(qtbot, table, session, open_pane):
    run = trained(session, table)
    _, pane = open_pane(session)
    runs = pane.side.runs
    runs.setFocus()
    qtbot.keyClick(runs, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: runs.rows()[0].run.starred)
    place = runs.visualRect(runs.model().index(0, 0)).topRight()
    qtbot.mouseClick(runs.viewport(), Qt.MouseButton.LeftButton, pos=place + QPoint(-16, 18))
    qtbot.waitUntil(lambda: not session.training.get(run.id).starred)


def test_a_note_is_kept_when_another_run_is_selected(qtbot, table, session, open_pane):
    first, second = trained(session, table), trained(session, table)
    _, pane = open_pane(session)
    pane.select(run_id=first.id)
    qtbot.waitUntil(lambda: pane.current is not None and pane.current.id == first.id)
    pane.side.runs.setFocus()
    qtbot.keyClick(pane.side.runs, Qt.Key.Key_N)
    assert pane.details.note.hasFocus()
    qtbot.keyClicks(pane.details.note, "Baseline.")
    pane.select(run_id=second.id)
    qtbot.waitUntil(lambda: session.training.get(first.id).notes == "Baseline.")
    assert session.training.get(second.id).notes == ""
    assert pane.details.note.toPlainText() == ""


def test_escape_puts_the_old_note_back_and_the_keys_of_the_pane_go_on_working(
    qtbot, table, session, open_pane
):
    run = trained(session, table)
    _, pane = open_pane(session)
    pane.select(run_id=run.id)
    qtbot.waitUntil(lambda: pane.current is not None and pane.current.id == run.id)
    pane.details.note.setFocus()
    qtbot.keyClicks(pane.details.note, "No.")
    qtbot.keyClick(pane.details.note, Qt.Key.Key_Escape)
    assert pane.details.note.toPlainText() == ""
    assert pane.side.runs.hasFocus()
    assert session.training.get(run.id).notes == ""


def test_delete_puts_runs_into_the_bin_undo_and_restore_take_them_out(qtbot, table, session, open_pane):
    first, second = trained(session, table), trained(session, table)
    window, pane = open_pane(session)
    runs = pane.side.runs
    qtbot.waitUntil(lambda: runs.selected() == [second.id])
    runs.setFocus()
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: [row.run.id for row in runs.rows()] == [first.id])
    assert runs.selected() == [first.id], "the next one is selected"
    text, action, undo = window.told[-1]
    assert (text, action) == (f"{second.name} is in the bin", "Undo")
    undo()
    qtbot.waitUntil(lambda: runs.selected() == [second.id] and len(runs.rows()) == 2)
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: runs.selected() == [first.id])
    session.history.undo()
    qtbot.waitUntil(lambda: runs.selected() == [second.id])
    assert pane.current.id == second.id, "what came back is shown, however it was taken back"
    qtbot.keyClick(runs, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: len(runs.rows()) == 1)
    click(qtbot, named(pane, QToolButton, "Bin"))
    assert [row.run.id for row in runs.rows()] == [second.id]
    click(qtbot, button(pane, "Restore"))
    qtbot.waitUntil(lambda: session.training.get(second.id).deleted_at is None)
    assert pane.in_bin, "who restores from the bin stays there"


def test_a_run_at_work_is_not_deleted_and_the_pane_says_so(qtbot, table, session, open_pane):
    _, pane = open_pane(session)
    run_id = session.training.start(table.id, "linear", {}, LONG)
    pane.select(run_id=run_id)
    qtbot.waitUntil(lambda: state(pane, run_id) is RunState.RUNNING, timeout=TIMEOUT)
    pane.side.runs.setFocus()
    qtbot.keyClick(pane.side.runs, Qt.Key.Key_Delete)
    assert "stop it before" in pane.banner.text
    assert session.training.get(run_id).deleted_at is None


def test_several_selected_runs_are_drawn_over_each_other(qtbot, table, session, open_pane, tmp_path):
    first, second = trained(session, table), trained(session, table, seed=1)
    _, pane = open_pane(session)
    pane.side.runs.selectAll()
    qtbot.waitUntil(
        lambda: set(points(pane, "loss", tmp_path)) == {
            f"{run.name} · {part}" for run in (first, second) for part in ("training", "validation")
        },
        timeout=TIMEOUT,
    )  # fmt: skip
    pane.select(run_id=first.id)
    qtbot.waitUntil(
        lambda: set(points(pane, "loss", tmp_path)) == {"training", "validation"}, timeout=TIMEOUT
    )


def test_a_numeric_target_is_watched_by_its_rmse(qtbot, session, tmp_path, open_pane):
    dataset = import_data(session, write_numbers(tmp_path / "prices.csv"), target="price")
    trained(session, dataset)
    _, pane = open_pane(session)
    qtbot.waitUntil(lambda: "validation" in points(pane, "rmse", tmp_path), timeout=TIMEOUT)
    assert pane.curves.plots["rmse"].isVisible()
    assert not pane.curves.plots["accuracy"].isVisible()


def test_a_diverged_run_says_so_and_leads_to_a_smaller_learning_rate(qtbot, table, session, open_pane):
    run = trained(session, table, family="mlp", learning_rate=1e6, optimizer="sgd", epochs=50)
    assert run.state is RunState.DIVERGED
    _, pane = open_pane(session)
    qtbot.waitUntil(pane.news.isVisible)
    assert "stopped being a number" in pane.news.text
    again = next(it for it in pane.news.findChildren(QPushButton) if it.isVisible())
    assert again.accessibleName() == "Start again with learning rate 0.1"
    click(qtbot, again)
    click(qtbot, again)
    qtbot.waitUntil(lambda: pane.current is not None and pane.current.id != run.id, timeout=TIMEOUT)
    (child,) = (it for it in session.training.all() if it.parent_id == run.id)
    assert pane.current.id == child.id, "the new run is shown"
    assert (child.train.learning_rate, child.family, child.split) == (0.1, run.family, run.split)
    session.training.stop(child.id)
    session.training.wait(child.id, 30)


def test_an_interrupted_run_goes_on_from_where_it_was(qtbot, table, session, open_pane, tmp_path):
    run_id = session.training.start(table.id, "linear", {}, TrainConfig(epochs=4000, batch_size=16))
    qtbot.waitUntil(lambda: session.training.get(run_id).steps > 0, timeout=TIMEOUT)
    session.close()
    with open_project(session.folder.root) as again:
        before = again.training.get(run_id)
        assert before.state is RunState.INTERRUPTED
        window, pane = open_pane(again)
        qtbot.waitUntil(pane.news.isVisible)
        click(qtbot, named(pane.news, QPushButton, "Resume"))
        qtbot.waitUntil(lambda: state(pane, run_id) is RunState.RUNNING, timeout=TIMEOUT)
        assert not pane.news.isVisible()
        qtbot.waitUntil(lambda: again.training.get(run_id).steps > before.steps, timeout=TIMEOUT)
        again.training.stop(run_id)
        qtbot.waitUntil(lambda: state(pane, run_id) is RunState.STOPPED, timeout=TIMEOUT)
        qtbot.wait(100)
        drawn = [step for step, _, _ in points(pane, "loss", tmp_path)["training"]]
        assert drawn == stored(again, run_id, "train/loss")
        assert drawn == list(range(1, drawn[-1] + 1))
        window.open(None)


def test_settings_that_differ_from_the_defaults_stand_first(qtbot, table, session, open_pane):
    trained(session, table, family="mlp", learning_rate=0.02)
    _, pane = open_pane(session)

    def shown():
        rows = pane.details.settings._rows
        return [(name.accessibleName(), value.accessibleName()) for name, value in rows if name.isVisible()]

    qtbot.waitUntil(lambda: ("Model", "MLP") in shown(), timeout=TIMEOUT)
    assert {name for name, _ in shown()[1:4]} == {"Epochs", "Batch size", "Learning rate"}
    assert ("Units per hidden layer", "64") in shown()[4:]


def test_a_read_only_project_is_looked_at_but_not_changed(qtbot, table, session, open_pane):
    trained(session, table)
    session.close()
    with open_project(session.folder.root, read_only=True) as watching:
        window, pane = open_pane(watching)
        assert button(pane, "Evaluate best").isEnabled()
        assert not button(pane, "Pause").isEnabled()
        assert "read-only" in button(pane, "Pause").toolTip()
        assert pane.details.note.isReadOnly()
        window.open(None)


def test_nothing_is_cut_off_in_the_smallest_window(qtbot, table, session, open_pane):
    trained(session, table)
    window, pane = open_pane(session)
    window.resize(940, 590)
    qtbot.wait(50)
    assert window.size().width() == 940
    assert window.size().height() == 590
    assert pane.minimumSizeHint().width() <= 940
    assert pane.minimumSizeHint().height() <= 590
    assert math.isfinite(pane.curves.plots["loss"].width())
    assert QApplication.activeModalWidget() is None


def test_a_run_that_holds_by_itself_says_why_until_it_goes_on(qtbot, table, session, open_pane):
    run_id = session.training.start(table.id, "linear", {}, LONG)
    _, pane = open_pane(session)
    qtbot.waitUntil(lambda: session.training.get(run_id).state is RunState.RUNNING, timeout=TIMEOUT)
    training = Training(session, run_id)
    training._on_hold(True, "The disk is nearly full: free some space and the run goes on by itself.")
    qtbot.waitUntil(pane.news.isVisible, timeout=TIMEOUT)
    assert "nearly full" in pane.news.text
    assert [it for it in pane.news.findChildren(QPushButton) if it.isVisible()] == []
    training._on_hold(False, "")
    qtbot.waitUntil(lambda: not pane.news.isVisible(), timeout=TIMEOUT)
    session.training.stop(run_id)
    session.training.wait(run_id, 30)


@pytest.mark.parametrize("state", [RunState.DIVERGED, RunState.FAILED, RunState.STOPPED])
def test_of_a_run_that_ended_with_nothing_the_news_alone_say_what_to_do_next(
    qtbot, table, session, open_pane, state
):
    """The bar above the panes has New run already."""
    stored_run(session, table, {}, state=state, best_epoch=None)
    _, pane = open_pane(session)
    qtbot.waitUntil(lambda: pane.current is not None)
    assert not [
        it.text() for it in pane.findChildren(QPushButton) if it.property("primary") and it.isVisible()
    ]
    assert pane.news.isVisible() == (state is not RunState.STOPPED)


def test_the_details_name_the_run_in_full_where_its_name_is_cut_off(qtbot, table, session, open_pane):
    run = stored_run(session, table)
    name = "the one with the smaller learning rate and twice the data"
    session.store.runs.rename(run.id, name)
    _, pane = open_pane(session)
    qtbot.waitUntil(lambda: pane.details.name.text() == name)
    assert pane.details.name.isVisible()
    assert pane.details.name.width() < pane.details.name.sizeHint().width()
    assert name in pane.details.name.toolTip()
