"""Texts and recordings on Data: a list with filters, the chosen one in full."""

import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLineEdit, QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_pictures
from tests.sounds import write_tones
from workbench.gui.panes.data import DataPane
from workbench.gui.widgets import sound_player

LONG = "<b>第一行</b> of a text that is plain\n" + "and goes on and on " * 40


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def show(qtbot):
    def shown(session):
        session.bus.dispatch(10.0)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        return window.hold(DataPane, (940, 590))

    return shown


def write_texts(path, count=30):
    rows = [f'"{LONG}{k}",{("a", "b")[k % 2]}' for k in range(count)]
    path.write_text("\n".join(["text,label", *rows]) + "\n", encoding="utf-8")
    return path


def choose(pane, name, text):
    combo = named(pane, QComboBox, name)
    combo.setCurrentIndex(combo.findText(text))


def test_the_first_line_of_each_text_is_listed_and_the_chosen_one_is_shown_as_it_is(
    qtbot, show, project, tmp_path
):
    import_data(project, write_texts(tmp_path / "texts.csv"))
    pane = show(project)
    view = pane.detail.samples.texts
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 30, timeout=10_000)
    assert pane.detail.tabs.tabText(0) == "Texts"
    (line,) = view.table.selected()
    assert line.words[0].startswith("<b>第一行</b> of a text that is plain and goes on")
    assert view.full.toPlainText().startswith(LONG[:60])
    view.table.selectRow(3)
    (line,) = view.table.selected()
    assert view.full.toPlainText() == project.datasets.samples(1).x[line.place]
    choose(pane, "Class", "b")
    assert view.table.model().rowCount() == 15
    choose(pane, "Split", "test")
    assert view.table.model().rowCount() == 2


def test_words_are_searched_in_the_texts_themselves(qtbot, show, project, tmp_path):
    import_data(project, write_texts(tmp_path / "texts.csv"))
    pane = show(project)
    view = pane.detail.samples.texts
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 30, timeout=10_000)
    named(pane, QLineEdit, "Search texts").setText("ON 17")
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 1, timeout=5_000)
    assert view.full.toPlainText().endswith(" 17")
    named(pane, QLineEdit, "Search texts").setText("nowhere")
    qtbot.waitUntil(lambda: view.table.model().rowCount() == 0, timeout=5_000)


def test_each_dataset_is_shown_as_what_it_is_when_one_goes_from_one_to_the_other(
    qtbot, show, project, tmp_path
):
    names = [
        write_pictures(tmp_path / "shades"),
        write_texts(tmp_path / "texts.csv"),
        write_tones(tmp_path / "tones", 4),
    ]
    for source in names:
        import_data(project, source)
    pane = show(project)
    samples = pane.detail.samples
    for dataset_id, view in (
        (2, samples.texts),
        (3, samples.sounds),
        (1, samples.pictures),
        (3, samples.sounds),
    ):
        pane.select(dataset_id=dataset_id)
        qtbot.waitUntil(lambda view=view: samples.currentWidget() is view, timeout=10_000)
    assert "8 recordings" in pane.detail._facts.text()
    assert "16 kHz" in pane.detail._facts.text()


def test_a_recording_is_drawn_and_heard_through_the_program_of_the_system(
    qtbot, show, project, tmp_path, monkeypatch
):
    heard = tmp_path / "heard.wav"
    copies = [
        sys.executable,
        "-c",
        f"import shutil, sys, time; shutil.copy(sys.argv[1], {str(heard)!r}); time.sleep(60)",
    ]
    monkeypatch.setattr(sound_player, "_players", lambda: [copies])
    import_data(project, write_tones(tmp_path / "tones", 4))
    pane = show(project)
    view = pane.detail.samples.sounds
    qtbot.waitUntil(lambda: view.play.isEnabled(), timeout=20_000)
    assert 0.25 < view.view.seconds < 0.5
    picture = view.view.grab().toImage()
    colours = {
        picture.pixelColor(x, y).name()
        for x in range(0, picture.width(), 3)
        for y in range(0, picture.height(), 3)
    }
    assert len(colours) > 30, "nothing was drawn"
    qtbot.mouseClick(view.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: named(pane, QPushButton, "Stop") is not None and heard.exists(), timeout=10_000)
    qtbot.mouseClick(view.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.play.text() == "Play", timeout=5_000)


def test_a_machine_without_sound_says_so_quietly(qtbot, show, project, tmp_path, monkeypatch):
    monkeypatch.setattr(sound_player, "_players", list)
    import_data(project, write_tones(tmp_path / "tones", 4))
    pane = show(project)
    detail = pane.detail.samples.sounds._detail
    qtbot.waitUntil(lambda: "no sound here" in detail._note.text(), timeout=20_000)
    assert not detail.play.isEnabled()


@pytest.fixture
def sounds(qtbot, show, project, tmp_path):
    """The list of recordings, with one of them drawn."""
    import_data(project, write_tones(tmp_path / "tones", 4))
    sounds = show(project).detail.samples.sounds
    qtbot.waitUntil(lambda: sounds.view.seconds > 0.2, timeout=20_000)
    return sounds


def python(code):
    return [sys.executable, "-c", code]


IN_REAL_TIME = """
import sys, time, wave
with wave.open(sys.argv[1]) as file:
    time.sleep(file.getnframes() / file.getframerate())
"""
NO_CARD = "import sys; sys.exit('audio open error: No such file or directory')"


def test_a_line_moves_over_the_recording_while_it_is_heard(qtbot, sounds, monkeypatch):
    monkeypatch.setattr(sound_player, "_players", lambda: [python(IN_REAL_TIME)])
    places = []
    sounds._detail._player.moved.connect(lambda _: places.append(sounds.view.heard))
    still = sounds.view.grab().toImage()
    sounds.play.setEnabled(True)
    qtbot.mouseClick(sounds.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(places) > 2, timeout=10_000)
    assert sounds.play.text() == "Stop"
    assert sounds.view.grab().toImage() != still
    qtbot.waitUntil(lambda: sounds.play.text() == "Play", timeout=10_000)
    assert places == sorted(places)
    assert max(places) > 0.1
    assert sounds.view.heard is None
    assert sounds.view.grab().toImage() == still


def test_a_program_that_cannot_play_is_followed_by_the_next_and_the_last_one_s_failure_is_told(
    qtbot, sounds, tmp_path, monkeypatch
):
    plays = python(f"import pathlib; pathlib.Path({str(tmp_path / 'heard')!r}).touch()")
    nowhere = [str(tmp_path / "not there")]
    monkeypatch.setattr(sound_player, "_players", lambda: [nowhere, python(NO_CARD), plays])
    sounds.play.setEnabled(True)
    qtbot.mouseClick(sounds.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil((tmp_path / "heard").exists, timeout=10_000)
    qtbot.waitUntil(lambda: sounds.play.text() == "Play", timeout=10_000)
    assert "no sound here" not in sounds._detail._note.text()
    monkeypatch.setattr(sound_player, "_players", lambda: [nowhere, python(NO_CARD)])
    qtbot.mouseClick(sounds.play, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "no sound here" in sounds._detail._note.text(), timeout=10_000)
    assert not sounds.play.isEnabled()
    assert sounds.play.text() == "Play"


def test_going_elsewhere_stops_what_is_heard(qtbot, sounds, monkeypatch):
    monkeypatch.setattr(sound_player, "_players", lambda: [python("import time; time.sleep(60)")])
    sounds.play.setEnabled(True)
    qtbot.mouseClick(sounds.play, Qt.MouseButton.LeftButton)
    assert sounds._detail._player.playing
    sounds.hide()
    assert not sounds._detail._player.playing
