"""The log of a run, its energy and its cost, on the Train pane."""

import time

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QFileDialog, QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_table
from tests.gui.panes.stored_runs import stored_run
from workbench.core.configs import TrainConfig
from workbench.core.events import RunLogged
from workbench.core.states import LogLevel, RunState
from workbench.gui import background
from workbench.gui.item_models.log_lines import MOST_LINES
from workbench.gui.panes.training import TrainPane
from workbench.gui.panes.training.price import PriceDialog
from workbench.gui.widgets.labels import PlainLabel

LINES = [
    (LogLevel.DEBUG, "checkpoint written"),
    (LogLevel.INFO, "epoch 1 ended"),
    (LogLevel.WARNING, "<b>the gradient</b> is large"),
    (LogLevel.ERROR, "内存不足"),
]


@pytest.fixture(autouse=True)
def own_settings():
    QSettings().remove("train/middle")
    yield
    QSettings().remove("train/middle")


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def table(session, tmp_path):
    return import_data(session, write_table(tmp_path / "fruit.csv"), target="kind")


@pytest.fixture
def open_pane(qtbot, session):
    windows = []

    def open_it():
        window = PaneWindow(session)
        windows.append(window)
        qtbot.addWidget(window)
        pane = window.hold(TrainPane)
        qtbot.waitUntil(lambda: pane.current is not None and not background.pending())
        return pane

    yield open_it
    for window in windows:
        window.close()


def write(session, run, lines):
    for level, text in lines:
        session.store.run_log.add(run.id, level, text)
    session.bus.publish(RunLogged(run.id))


def texts(pane):
    return [line.text for line in pane.middle.log.view.lines()]


def facts(pane):
    """Return what is said of the run, by name."""
    rows = pane.details.progress._rows
    return {name.accessibleName(): value.accessibleName() for name, value in rows if name.isVisible()}


def more(pane, fact):
    rows = pane.details.progress._rows
    return next(value.accessibleDescription() for name, value in rows if name.accessibleName() == fact)


def test_the_log_says_when_how_bad_and_what_and_grows_by_what_is_new(
    qtbot, table, session, open_pane, monkeypatch
):
    run = stored_run(session, table, {})
    write(session, run, LINES)
    asked = []
    log = session.training.log
    monkeypatch.setattr(
        session.training, "log", lambda *a, after_id=0: asked.append(after_id) or log(*a, after_id=after_id)
    )
    pane = open_pane()
    assert asked == [], "nobody looks at it yet"
    pane.middle.show_tab(1)
    qtbot.waitUntil(lambda: texts(pane) == [text for _, text in LINES])
    model = pane.middle.log.view.table.lines
    assert [model.index(row, 1).data() for row in range(4)] == ["Detail", "Info", "Warning", "Error"]
    assert (
        model.index(2, 2).data(Qt.ItemDataRole.ToolTipRole)
        == "<qt>&lt;b&gt;the gradient&lt;/b&gt; is large</qt>"
    )
    last = log(run.id)[-1].id
    write(session, run, [(LogLevel.INFO, "epoch 2 ended")])
    qtbot.waitUntil(lambda: texts(pane)[4:] == ["epoch 2 ended"])
    assert asked[1:] == [last] * len(asked[1:])


def test_the_log_of_another_run_is_another_log(qtbot, table, session, open_pane):
    first, second = (stored_run(session, table, {}) for _ in range(2))
    write(session, first, [(LogLevel.INFO, "of the first")])
    write(session, second, [(LogLevel.INFO, "of the second")])
    pane = open_pane()
    pane.middle.show_tab(1)
    qtbot.waitUntil(lambda: texts(pane) == ["of the second"])
    pane.select(run_id=first.id)
    qtbot.waitUntil(lambda: texts(pane) == ["of the first"])
    write(session, second, [(LogLevel.INFO, "more of the second")])
    qtbot.wait(300)
    assert texts(pane) == ["of the first"]


def test_the_log_follows_its_end_only_while_its_end_is_looked_at(qtbot, table, session, open_pane):
    run = stored_run(session, table, {})
    write(session, run, [(LogLevel.INFO, f"line {n}") for n in range(100)])
    pane = open_pane()
    pane.middle.show_tab(1)
    bar = pane.middle.log.view.table.verticalScrollBar()
    qtbot.waitUntil(lambda: len(texts(pane)) == 100 and bar.value() == bar.maximum() > 0)
    write(session, run, [(LogLevel.INFO, "one more")])
    qtbot.waitUntil(lambda: len(texts(pane)) == 101 and bar.value() == bar.maximum())
    bar.setValue(200)
    write(session, run, [(LogLevel.INFO, "and another")])
    qtbot.waitUntil(lambda: len(texts(pane)) == 102)
    assert bar.value() == 200, "who reads above is not torn away"


def test_only_warnings_or_errors_are_shown_when_they_are_asked_for(qtbot, table, session, open_pane):
    run = stored_run(session, table, {})
    write(session, run, LINES)
    pane = open_pane()
    pane.middle.show_tab(1)
    level = named(pane.middle, QComboBox, "Level")
    for word, wanted in (("Warnings", LINES[2:]), ("Errors", LINES[3:]), ("Info", LINES[1:]), ("All", LINES)):
        level.setCurrentText(word)
        qtbot.waitUntil(lambda wanted=wanted: texts(pane) == [text for _, text in wanted])


def test_lines_are_copied_and_a_long_one_is_written_out_below(qtbot, table, session, open_pane):
    run = stored_run(session, table, {})
    write(session, run, [*LINES, (LogLevel.INFO, "a very long line " * 40)])
    pane = open_pane()
    pane.middle.show_tab(1)
    view = pane.middle.log.view
    qtbot.waitUntil(lambda: len(texts(pane)) == 5)
    view.table.setFocus()
    view.table.selectRow(4)
    assert "a very long line " * 40 in [
        label.text() for label in view.findChildren(PlainLabel) if label.isVisible()
    ]
    view.table.selectRow(2)
    assert not [label for label in view.findChildren(PlainLabel) if label.isVisible()]
    qtbot.keyClick(view.table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(view.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = [line.split("\t")[1:] for line in QGuiApplication.clipboard().text().splitlines()]
    assert copied == [["Warning", "<b>the gradient</b> is large"], ["Error", "内存不足"]]


def test_the_whole_log_is_saved_whatever_is_shown_of_it(
    qtbot, table, session, open_pane, tmp_path, monkeypatch
):
    run = stored_run(session, table, {})
    write(session, run, LINES)
    pane = open_pane()
    pane.middle.show_tab(1)
    named(pane.middle, QComboBox, "Level").setCurrentText("Errors")
    offered = []

    def chosen(_parent, _title, name, _kinds):
        offered.append(name)
        return str(tmp_path / "saved"), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", chosen)
    qtbot.mouseClick(named(pane.middle, QPushButton, "Save log"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil((tmp_path / "saved.txt").exists)
    lines = (tmp_path / "saved.txt").read_text("utf-8").splitlines()
    assert [line[21:] for line in lines] == [f"{level.value.upper():<7}  {text}" for level, text in LINES]
    assert offered == [f"{run.name} log.txt"]


def test_ten_thousand_lines_take_a_blink_and_the_oldest_make_room(qtbot, table, session, open_pane):
    run = stored_run(session, table, {})
    with session.store.database.write() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 12000) "
            "INSERT INTO run_log (run_id, at, level, text) "
            f"SELECT {run.id}, '2026-11-22 10:00:00.000000', 'info', 'line ' || i FROM n"
        )
    pane = open_pane()
    pane.middle.show_tab(1)
    view = pane.middle.log.view
    qtbot.waitUntil(lambda: len(texts(pane)) == MOST_LINES)
    lines = view.lines()
    assert (lines[0].text, lines[-1].text) == ("line 2001", "line 12000")
    start = time.perf_counter()
    view.append([lines[-1]] * 5)
    view.table.grab()
    # Generous on a busy machine: laying all lines out anew takes seconds.
    assert time.perf_counter() - start < 0.5
    assert len(texts(pane)) == MOST_LINES


def test_figures_of_the_machine_and_the_estimated_energy_stand_at_the_right(qtbot, table, session, open_pane):
    stored_run(session, table, energy_wh=12.4)
    pane = open_pane()
    said = facts(pane)
    assert said["Energy"] == "≈\u00a012.4\u00a0Wh"
    assert more(pane, "Energy").startswith("Estimated: ten watts for each busy core")
    assert said["Memory"].endswith("MB")
    assert said["CPU"].endswith("%")
    assert "GPU" not in said, "none was there"


def test_early_stopping_says_how_long_it_will_wait_yet(qtbot, table, session, open_pane):
    stored_run(session, table, train=TrainConfig(epochs=30, patience=10), best_epoch=1)
    pane = open_pane()
    said = [label.text() for label in pane.details.findChildren(PlainLabel) if label.isVisible()]
    assert "Early stopping: 3 of 10 epochs without improvement" in said


def test_a_price_is_set_in_a_dialog_costs_follow_and_undo_takes_it_back(qtbot, table, session, open_pane):
    stored_run(session, table, seconds=7200.0)
    pane = open_pane()
    pane.curves._held.clear()  # what the row says counts, as for a run without points
    assert "Cost" not in facts(pane)
    qtbot.mouseClick(named(pane.details, QPushButton, "Set price per hour…"), Qt.MouseButton.LeftButton)
    (dialog,) = pane.findChildren(PriceDialog)
    dialog.price.lineEdit().setText("cheap")
    qtbot.mouseClick(named(dialog, QPushButton, "Save"), Qt.MouseButton.LeftButton)
    assert any(
        "as a number" in label.text() for label in dialog.findChildren(PlainLabel) if label.isVisible()
    )
    dialog.price.lineEdit().setText("2.5")
    dialog.currency.setText("EUR")
    qtbot.mouseClick(named(dialog, QPushButton, "Save"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: facts(pane).get("Cost") == "EUR\u00a05.00")
    assert more(pane, "Cost") == "2:00:00 of training at EUR\u00a02.50 an hour"
    assert named(pane.details, QPushButton, "Change price per hour…").isEnabled()
    session.history.undo()
    qtbot.waitUntil(lambda: "Cost" not in facts(pane))


def test_a_run_at_work_tells_what_it_does_now_not_on_average(qtbot, table, session, open_pane):
    run = stored_run(session, table, state=RunState.RUNNING)
    live = session.training.get(run.id).metrics["hardware/samples_per_s"]
    pane = open_pane()
    assert facts(pane)["Samples/s"] == f"{round(live):,}"


@pytest.mark.parametrize(("width", "share"), [(940, 0.75), (1500, 0.8)])
def test_the_text_of_a_log_gets_most_of_the_room_and_a_level_is_always_told(
    qtbot, table, session, open_pane, width, share
):
    run = stored_run(session, table, {})
    write(session, run, LINES)
    pane = open_pane()
    pane.window().resize(width, 590)
    pane.middle.show_tab(1)
    qtbot.waitUntil(lambda: len(texts(pane)) == len(LINES))
    view = pane.middle.log.view.table
    assert view.columnWidth(2) >= share * view.width()
    level = view.model().index(2, 1)
    assert level.data(Qt.ItemDataRole.ToolTipRole) == "<qt>Warning</qt>"
