"""The window around the panes: what it remembers, what it takes, what it says of work in the background."""

import threading

from PySide6.QtCore import QMimeData, QPoint, QSettings, Qt
from PySide6.QtGui import QDragEnterEvent
from PySide6.QtWidgets import QApplication, QInputDialog, QPushButton

from tests.gui.panes.small_data import write_table
from tests.journeys.outsider import Outsider
from workbench.core.board import Goal
from workbench.core.configs import TrainConfig
from workbench.core.states import RunState, Stage
from workbench.services import hardware
from workbench.services.projects import open_project


def test_it_opens_with_the_size_and_the_pane_that_it_was_left_with(user: Outsider, orchard):
    user.open(orchard)
    user.window.resize(1024, 722)
    user.go("Evaluate")
    user.close()
    user.open(orchard, size=None)
    assert (user.window.width(), user.window.height()) == (1024, 722)
    assert user.pane.name == "evaluate"


def test_without_a_project_it_remembers_its_size_as_well(user: Outsider, home):
    user.open()
    user.window.resize(1024, 722)
    user.close()
    user.open(size=None)
    assert (user.window.width(), user.window.height()) == (1024, 722)


def test_a_saved_size_that_is_nonsense_does_no_harm(user: Outsider, home):
    QSettings().setValue("geometry", b"nonsense")
    QSettings().setValue("last_pane", "cellar")
    user.open(size=None)
    assert user.window.width() >= 1024


def test_only_files_of_this_computer_may_be_dropped(user: Outsider, home):
    user.open()
    for kind, text in (("text", "hello"), ("urls", "https://example.org/data.csv")):
        mime = QMimeData()
        mime.setText(text) if kind == "text" else mime.setUrls([text])
        enter = QDragEnterEvent(
            QPoint(9, 9),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
        enter.ignore()
        QApplication.sendEvent(user.window, enter)
        assert not enter.isAccepted(), kind


def test_the_strip_shows_a_run_on_every_pane_and_stops_it(user: Outsider, orchard):
    user.open(orchard)
    run_id = user.session.training.start(1, "linear", {}, TrainConfig(epochs=100_000, batch_size=16), "long")
    user.go("Data")
    strip = user.find("Background work")
    user.wait(lambda: user.found("Pause", within=strip))
    user.click("Pause", strip)
    user.wait(lambda: user.session.training.get(run_id).state is RunState.PAUSED)
    user.click("Resume", strip)
    user.wait(lambda: user.session.training.get(run_id).state is RunState.RUNNING)
    user.go("Home")
    user.click("Stop", strip)
    user.wait(lambda: user.session.training.get(run_id).state is RunState.STOPPED)
    user.wait(lambda: not user.found("Stop", within=strip))
    user.reads("All changes saved")


def test_the_stage_says_how_much_of_its_gate_is_met_and_leads_there(user: Outsider, orchard):
    user.open(orchard)
    user.session.gates.save(Stage.INITIATION, "goal_named", {})
    user.session.gates.save(Stage.INITIATION, "owner_named", {})
    user.wait(lambda: user.found("Initiation · 0 of 2 met"))
    user.session.board.set_goal(Goal("accuracy", 0.9))
    user.wait(lambda: user.found("Initiation · 1 of 2 met"))
    user.window.go("board", page="gates", stage="testing")
    user.click("Initiation · 1 of 2 met", user.window)
    assert user.window.current.name == "board"
    assert user.window.current.page.shown is Stage.INITIATION


def test_a_window_that_only_looks_follows_what_another_one_changes(user: Outsider, orchard):
    with open_project(orchard) as writer:
        user.open()
        user.window.open_project(orchard, read_only=True)
        user.wait(lambda: user.session is not None and not user.window.projects.changing)
        user.go("Board")
        writer.board.add_lane("Elsewhere")
        user.wait(lambda: "Elsewhere" in user.words)
        writer.gates.save(Stage.INITIATION, "goal_named", {})
        writer.gates.advance("in a hurry")
        user.wait(lambda: user.found("Development · overridden", within=user.window))


def test_the_project_is_renamed_from_the_bar_and_the_title_follows(user: Outsider, orchard, monkeypatch):
    user.open(orchard)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("A & B", True))
    user.click("Orchard", user.window)
    user.wait(lambda: user.window.windowTitle() == "A & B – Workbench")
    assert user.session.project.name == "A & B"
    assert user.find("A & B", QPushButton).text() == "A && B"
    user.control(Qt.Key.Key_Z)
    user.wait(lambda: user.window.windowTitle() == "Orchard – Workbench")


def test_a_name_that_cannot_be_is_told_and_nothing_is_renamed(user: Outsider, orchard, monkeypatch):
    user.open(orchard)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: ("   ", True))
    user.click("Orchard", user.window)
    user.wait(lambda: user.pane.banner.isVisible())
    assert "1 to 200 characters" in user.pane.banner.text
    assert user.session.project.name == "Orchard"


def test_several_sources_without_a_project_go_into_one_and_the_bad_one_is_told(
    user: Outsider, home, tmp_path
):
    (tmp_path / "empty").mkdir()
    table = write_table(tmp_path / "fruit.csv")
    user.open()
    user.drop(tmp_path / "empty", table)
    dialog = user.dialog("Import table")
    user.click("Import", dialog)
    user.wait(lambda: user.session.datasets.all())
    assert [folder.name for folder in home.iterdir()] == ["fruit"]
    user.wait(lambda: user.pane.banner.isVisible() and "empty" in user.pane.banner.text)


def test_data_offers_a_model_only_once_it_knows_that_there_is_data(user: Outsider, orchard):
    user.open(orchard)
    user.window.go("data")
    assert not user.found("Choose a model", QPushButton), "a click now would lead nowhere"
    user.find("Choose a model", QPushButton)


def test_the_memory_in_use_is_looked_up_beside_the_window(user: Outsider, home, monkeypatch):
    threads = []

    def look_up():
        threads.append(threading.current_thread())
        return hardware.Hardware("CPU · 2 cores", 3_000_000_000, 8_000_000_000)

    monkeypatch.setattr(hardware, "hardware", look_up)
    user.open()
    user.wait(lambda: user.window._top._device.text.startswith("CPU · 2 cores · 3.0"))
    assert threading.main_thread() not in threads
