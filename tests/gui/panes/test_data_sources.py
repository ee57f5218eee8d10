"""Sources that are more than a folder or a table: lists of labels, archives, and what a long import shows."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QFileDialog, QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import new_project, write_pictures
from tests.sounds import write_pitches
from workbench.core.control import FirstSample
from workbench.core.records import Job
from workbench.core.states import JobState
from workbench.gui.import_dialog import ImportDialog, start_import
from workbench.gui.panes.data import DataPane
from workbench.gui.panes.data.import_card import ImportCard


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def shown(qtbot, project):
    window = PaneWindow(project)
    qtbot.addWidget(window)
    return window, window.hold(DataPane, (940, 590))


def listed_pictures(folder: Path) -> Path:
    folder.mkdir()
    rows = ["id,shade,picture,shape"]
    for number in range(24):
        pixels = np.random.default_rng(number).integers(0, 256, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number:02}.png")
        rows.append(f"{number},{('dark', 'light')[number % 2]},{number:02}.png,{'xyz'[number % 3]}")
    (folder / "about.csv").write_text("\n".join([*rows, "24,dark,gone.png,x"]))
    return folder


def open_dialog(qtbot):
    def find():
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, ImportDialog) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(find()), timeout=20_000)
    return find()[0]


def choose(combo, text):
    combo.setCurrentIndex(combo.findText(text))


def test_a_list_of_recordings_is_shown_and_corrected_before_the_import_and_gives_the_split(
    qtbot, shown, project, tmp_path
):
    window, pane = shown
    start_import(window, project, [write_pitches(tmp_path / "pitches", 16)], window)
    dialog = open_dialog(qtbot)
    assert named(dialog, QComboBox, "File column").currentText() == "clip"
    label = named(dialog, QComboBox, "Label column")
    assert label.currentText() == "kilohertz"
    assert "16 recordings with a label in pitches.csv, numbers from 0.3 to 3.112" in dialog._title.text()
    assert dialog._title.text().endswith("split as the column split gives it")
    qtbot.mouseClick(named(dialog, QPushButton, "Import"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pane.detail.look is not None, timeout=30_000)
    (dataset,) = project.datasets.all()
    assert dataset.schema.target == "kilohertz"
    pane.detail.tabs.setCurrentIndex(4)
    card = pane.detail.split
    assert card.field("method").value() == "given"
    assert card.field("column").value() == "split"
    card.field("method").set_value("grouped")
    assert card.field("column").isVisible()
    assert not card.field("until").isVisible()
    card.field("column").set_value("")
    assert card.field("until").isVisible(), "names of files can say it as well"


@pytest.mark.parametrize("is_packed", [False, True])
def test_the_columns_of_a_list_of_labels_are_found_shown_and_can_be_corrected(
    qtbot, shown, project, tmp_path, is_packed
):
    window, pane = shown
    source = listed_pictures(tmp_path / "pets")
    if is_packed:
        source = Path(shutil.make_archive(str(tmp_path / "pets"), "zip", source))
    start_import(window, project, [source], window)
    dialog = open_dialog(qtbot)
    assert named(dialog, QComboBox, "File column").currentText() == "picture"
    label = named(dialog, QComboBox, "Label column")
    assert label.currentText() == "shape"
    assert (
        "24 pictures with a label in about.csv, 3 classes, 1 row or file without the other"
        in dialog._title.text()
    )
    choose(label, "picture")
    qtbot.waitUntil(dialog._banner.isVisible, timeout=10_000)
    assert "cannot be both file and label" in dialog._banner.text
    assert not named(dialog, QPushButton, "Import").isEnabled()
    choose(label, "shade")
    qtbot.waitUntil(named(dialog, QPushButton, "Import").isEnabled, timeout=10_000)
    assert "2 classes" in dialog._title.text()
    qtbot.mouseClick(named(dialog, QPushButton, "Import"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(pane.news.isVisible, timeout=30_000)
    assert pane.news.text == "pets: 24 of 25 imported; 1 skipped."
    dataset = project.datasets.get(1)
    assert dataset.schema.classes == ("dark", "light")
    assert dataset.imported.skipped[0].reason == "names gone.png, which is not there"


def test_an_archive_of_class_folders_is_imported_without_a_question(qtbot, shown, project, tmp_path):
    window, pane = shown
    source = shutil.make_archive(str(tmp_path / "shades"), "gztar", write_pictures(tmp_path / "shades"))
    start_import(window, project, [Path(source)], window)
    qtbot.waitUntil(pane.news.isVisible, timeout=30_000)
    assert pane.news.text == "shades: 40 of 40 imported."


def test_the_first_pictures_are_seen_while_the_rest_is_still_read(qtbot, shown, project, tmp_path):
    window, pane = shown
    seen = []
    show = pane.importing.show_samples
    pane.importing.show_samples = lambda label, samples: (
        show(label, samples),
        seen.append(pane.importing.strip.isVisible()),
    )
    start_import(window, project, [write_pictures(tmp_path / "shades", 400)], window)
    qtbot.waitUntil(pane.news.isVisible, timeout=30_000)
    assert seen == [True]
    assert not pane.importing.isVisible()


def test_the_strip_shows_only_whole_pictures_of_the_import_at_work(qtbot):
    card = ImportCard()
    qtbot.addWidget(card)
    card.resize(600, 120)
    job = Job(1, "Import a", JobState.RUNNING, "import")
    red = FirstSample("<b>a</b>", 48, b"\xff\0\0" * 48 * 48)
    card.show_jobs([job])
    card.show_samples("Import b", (red,))
    assert not card.strip.isVisible(), "of another import"
    card.show_samples("Import a", (red,) * 40)
    assert card.strip.isVisible()
    picture = card.strip.grab().toImage()
    whole = (card.strip.width() + 4) // 52
    assert picture.pixelColor(52 * (whole - 1) + 47, 47).red() == 255
    assert whole < 40
    assert picture.pixelColor(min(52 * whole, picture.width() - 1), 5).green() > 0, "no part of a picture"
    card.show_jobs([Job(2, "Import b", JobState.RUNNING, "import")])
    assert not card.strip.isVisible()


def test_a_source_that_is_gone_is_told_and_found_again_at_its_new_place(
    qtbot, monkeypatch, shown, project, tmp_path
):
    window, pane = shown
    source = write_pictures(tmp_path / "shades")
    start_import(window, project, [source], window)
    qtbot.waitUntil(pane.news.isVisible, timeout=30_000)
    assert not pane.source.isVisible()
    moved, other = tmp_path / "moved", write_pictures(tmp_path / "other", 5)
    shutil.move(source, moved)
    pane.mark_stale()
    qtbot.waitUntil(pane.source.isVisible, timeout=10_000)
    assert f"The source {source} is no longer there" in pane.source.text
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(other))
    qtbot.mouseClick(named(pane.source, QPushButton, "Relocate…"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(pane.banner.isVisible, timeout=20_000)
    assert "is not the same data" in pane.banner.text
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(moved))
    qtbot.mouseClick(named(pane.source, QPushButton, "Relocate…"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not pane.source.isVisible(), timeout=20_000)
    assert project.datasets.get(1).source == str(moved)
    qtbot.waitUntil(lambda: bool(window.told), timeout=10_000)
    assert window.told[-1][0] == "The source is found again."


def test_the_preview_tells_how_numbers_are_read_and_one_click_reads_them_otherwise(
    qtbot, shown, project, tmp_path
):
    window, _ = shown
    source = tmp_path / "stock.csv"
    rows = [f"{number + 1}.{number:03};{number % 7},5 €;{'ab'[number % 2]}" for number in range(20)]
    source.write_text("\n".join(["pieces;price;kind", *rows[:19], "Total;;"]), encoding="utf-8")
    start_import(window, project, [source], window)
    dialog = open_dialog(qtbot)

    def headings():
        model = dialog._rows._table.model()
        return [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]

    assert dialog._notes.text() == "Row 21 looks like a total and is left out."
    assert headings() == [
        "pieces\nnumber, like 1.234,5",
        "price\nnumber, in €, like 1,5",
        "kind\ntarget",
    ]
    action = next(item for item in dialog._rows.menu(0).actions() if "decimal point" in item.text())
    action.trigger()
    qtbot.waitUntil(lambda: headings()[0] == "pieces\nnumber")
    choose(named(dialog, QComboBox, "Totals and notes"), "are rows")
    qtbot.waitUntil(lambda: "looks like a total" not in dialog._notes.text())
    config = dialog.config()
    assert (config.types, config.extra_rows) == ({"pieces": "number point"}, True)
    choose(named(dialog, QComboBox, "Totals and notes"), "are left out")
    qtbot.waitUntil(lambda: "looks like a total" in dialog._notes.text() and dialog._import.isEnabled())
    dialog.accept()
    qtbot.waitUntil(lambda: bool(project.datasets.all()), timeout=20_000)
    dataset = project.datasets.all()[0]
    assert dataset.imported.count == 19
    assert float(project.datasets.samples(dataset.id).x[3, 0]) == pytest.approx(4.003)
