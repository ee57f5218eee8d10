"""The health page: checked on demand, findings with their samples, mended with one click that can be undone."""

import threading

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QListWidget, QPushButton, QToolButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_ages, write_pictures, write_table
from workbench.core.states import JobState
from workbench.gui.panes.data import DataPane
from workbench.gui.panes.data.join_dialog import JoinDialog
from workbench.gui.panes.data.relabel_dialog import RelabelDialog
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.picture_grid import PictureGrid
from workbench.services.projects import open_project


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def flawed(project, tmp_path):
    """Pictures of which one is blank, and four lie in the wrong folder."""
    folder = write_pictures(tmp_path / "shades", 60)
    for number in range(4):
        (folder / "dark" / f"{number}.png").rename(folder / "light" / f"wrong {number}.png")
    Image.fromarray(np.full((8, 8), 70, np.uint8)).save(folder / "dark" / "9.png")
    import_data(project, folder)
    return project


@pytest.fixture
def shown(qtbot):
    def show(session, size=(940, 590)):
        session.bus.dispatch(10.0)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        pane = window.hold(DataPane, size)
        qtbot.waitUntil(lambda: pane.detail.look is not None, timeout=10_000)
        pane.detail.show_problems()
        return window, pane

    return show


def click(qtbot, pane, name, kind=QPushButton):
    qtbot.mouseClick(named(pane, kind, name), Qt.MouseButton.LeftButton)


def said(pane):
    return pane.detail.health._said.text()


def checked(qtbot, pane):
    click(qtbot, pane, "Check again")
    qtbot.waitUntil(lambda: said(pane).startswith("Checked"), timeout=60_000)


def row_of(qtbot, pane, words):
    """Return the row of the finding whose sentence has these words."""
    column = pane.detail.findings._column
    rows = [column.itemAt(place).widget() for place in range(column.count())]
    (row,) = [row for row in rows if words in row.accessibleName()]
    qtbot.waitUntil(row.isVisible)
    return row


def test_a_dataset_says_that_only_its_import_was_looked_at_until_it_is_checked(qtbot, shown, flawed):
    _, pane = shown(flawed)
    assert said(pane) == "Not checked yet."
    assert not pane.detail.findings.isVisible(), "an empty list would look like good news"
    checked(qtbot, pane)
    assert "blank_pictures" in {item.code for item in flawed.health.findings(1)}
    assert pane.detail.tabs.tabText(1) == f"Health · {len(flawed.health.findings(1))}"
    flawed.datasets.set_split(1, flawed.datasets.get(1).split.model_copy(update={"seed": 3}))
    qtbot.waitUntil(lambda: "with another split" in said(pane), timeout=10_000)


def test_the_samples_of_a_finding_are_one_click_away_and_one_more_shows_them_large(qtbot, shown, flawed):
    _, pane = shown(flawed)
    checked(qtbot, pane)
    row = row_of(qtbot, pane, "of one colour all over")
    click(qtbot, row, "Examples", QToolButton)
    (grid,) = row.findChildren(PictureGrid)
    qtbot.waitUntil(grid.isVisible)
    (picture,) = grid._provider(0, 1)
    assert picture.pixels.min() == picture.pixels.max() == 70
    click(qtbot, row, "See it large")
    assert pane.detail.tabs.currentIndex() == 0
    assert pane.detail.samples.pictures.grid._count == 1


def test_the_button_says_what_it_does_makes_a_version_and_undo_takes_it_back(qtbot, shown, flawed):
    window, pane = shown(flawed)
    checked(qtbot, pane)
    click(qtbot, row_of(qtbot, pane, "of one colour all over"), "Remove 1 sample")
    qtbot.waitUntil(lambda: bool(window.told), timeout=30_000)
    text, action, undo = window.told[-1]
    assert (text, action) == ("Removed 1 sample: version 2.", "Undo")
    qtbot.waitUntil(lambda: pane.list.current_id == 2, timeout=10_000)
    assert pane.detail.tabs.currentIndex() == 1, "one goes on where one was"
    assert "v2 · Removed 1 sample" in pane.list.view.item(0).toolTip()
    undo()
    qtbot.waitUntil(lambda: pane.list.current_id == 1, timeout=10_000)


def relabelling(qtbot):
    def find():
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, RelabelDialog) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(find()), timeout=10_000)
    return find()[0]


def test_doubted_labels_are_looked_at_before_those_that_are_ticked_change(qtbot, shown, flawed):
    _, pane = shown(flawed)
    checked(qtbot, pane)
    doubted = flawed.health.finding(1, "label_errors")
    click(qtbot, row_of(qtbot, pane, "probably wrong"), "Look and relabel…")
    dialog = relabelling(qtbot)
    entries = named(dialog, QListWidget, "Doubted labels")
    assert entries.count() == doubted.count
    assert entries.item(0).text().startswith("light → dark")
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    assert "Tick at least one" in dialog.problem.text()
    entries.item(0).setCheckState(Qt.CheckState.Checked)
    click(qtbot, dialog, "Relabel 1 sample")
    qtbot.waitUntil(lambda: pane.list.current_id == 2, timeout=30_000)
    assert flawed.datasets.get(2).change == "Relabelled 1 sample"
    assert flawed.datasets.samples(2).y[doubted.samples[0]] == 0


def test_a_check_can_be_stopped_where_it_is_shown(qtbot, shown, flawed):
    held = threading.Event()
    flawed.jobs.submit("health", "Hold", lambda _token, _progress: held.wait(30))
    _, pane = shown(flawed)
    try:
        click(qtbot, pane, "Check again")
        qtbot.waitUntil(lambda: pane.detail.health._bar.isVisible(), timeout=10_000)
        click(qtbot, pane, "Stop")
    finally:
        held.set()
    qtbot.waitUntil(lambda: not pane.detail.health._bar.isVisible(), timeout=30_000)
    assert flawed.jobs.last("health:1").state is JobState.CANCELLED
    qtbot.waitUntil(lambda: said(pane).startswith("Not checked yet"), timeout=10_000)


def test_the_rows_of_a_finding_in_a_table_are_shown_as_they_stand_in_the_file(
    qtbot, shown, project, tmp_path
):
    source = write_table(tmp_path / "fruit.csv")
    lines = source.read_text().splitlines()
    source.write_text("\n".join([*lines, lines[4]]) + "\n")
    import_data(project, source)
    _, pane = shown(project)
    checked(qtbot, pane)
    row = row_of(qtbot, pane, "equal to an earlier row")
    click(qtbot, row, "Examples", QToolButton)
    words = [label.text() for label in row.findChildren(PlainLabel) if label.isVisible()]
    assert f"row 122: {' · '.join(lines[4].split(','))}" in words


def test_the_rows_of_a_finding_are_shown_in_a_version_as_in_its_import(qtbot, shown, project, tmp_path):
    source = write_table(tmp_path / "fruit.csv")
    lines = source.read_text().splitlines()
    lines[5] = lines[5].replace(lines[5].split(",")[0], "900.5", 1)
    lines.append(lines[8])
    source.write_text("\n".join(lines) + "\n")
    import_data(project, source, target="kind")
    version = project.jobs.wait(project.versions.remove(1, [0, 1]), 60)
    _, pane = shown(project)
    pane.select(dataset_id=version.id)
    qtbot.waitUntil(lambda: pane.detail.look.dataset.id == version.id, timeout=10_000)
    project.jobs.wait(project.health.check(version.id), 60)
    found = next(item for item in project.health.findings(version.id) if item.code == "extreme_values")
    pane.detail.health.samples_requested.emit(found)
    rows = pane.detail.samples.rows
    assert rows.isVisible()
    qtbot.waitUntil(lambda: rows.table.model().rowCount() == len(found.samples), timeout=10_000)
    shown_rows = [rows.table.model().index(row, 1).data() for row in range(len(found.samples))]
    assert "900.5" in shown_rows
    assert [rows.table.model().index(row, 0).data() for row in range(len(found.samples))] == [
        project.datasets.samples(version.id).names[place].removeprefix("row ") for place in found.samples
    ]
    rows.filters.words.setText("900.5")
    qtbot.waitUntil(lambda: rows.table.model().rowCount() == 1, timeout=10_000)


def test_licence_and_owner_keep_themselves_for_the_dataset_they_were_typed_for(
    qtbot, shown, flawed, tmp_path
):
    import_data(flawed, write_table(tmp_path / "fruit.csv"))
    _, pane = shown(flawed)
    pane.select(dataset_id=1)
    licence = pane.detail.origin.fields["licence"].control
    assert isinstance(licence, QLineEdit)
    qtbot.keyClicks(licence, "CC-BY-4.0")
    pane.select(dataset_id=2)
    assert flawed.datasets.get(1).licence == "CC-BY-4.0"
    assert flawed.datasets.get(2).licence == ""
    assert licence.text() == ""
    flawed.history.undo()
    assert flawed.datasets.get(1).licence == ""


def test_a_read_only_project_is_neither_checked_nor_mended(qtbot, shown, tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_pictures(tmp_path / "shades"))
    with open_project(tmp_path / "Orchard", read_only=True) as session:
        _, pane = shown(session)
        button = named(pane, QPushButton, "Check again")
        assert not button.isEnabled()
        assert "read-only" in button.toolTip()
        assert not pane.detail.origin.fields["owner"].control.isEnabled()


def test_an_import_in_the_window_is_checked_by_itself_and_says_so(qtbot, shown, project, tmp_path):
    project.health.automatic = True
    import_data(project, write_pictures(tmp_path / "shades"))
    _, pane = shown(project)
    qtbot.waitUntil(lambda: said(pane).startswith("Checked"), timeout=60_000)


def test_samples_of_another_dataset_are_added_and_what_is_done_to_them_is_told_before(
    qtbot, shown, flawed, tmp_path
):
    more = write_pictures(tmp_path / "more", 70)
    for path in more.rglob("*.png"):
        with Image.open(path) as picture:
            larger = picture.resize((16, 12))
        path.unlink() if int(path.stem) < 60 else larger.save(path)
    _, pane = shown(flawed)
    pane.list.join_wanted.emit(1)
    assert "no other dataset of the kind" in pane.shell.told[-1][0]
    import_data(flawed, more)
    import_data(flawed, write_ages(tmp_path / "ages"))
    qtbot.waitUntil(lambda: pane.list.view.count() == 3, timeout=10_000)
    pane.list.join_wanted.emit(1)
    dialog = pane.findChild(JoinDialog)
    assert "16×12 are scaled to cover 8×8" in dialog.note.text()
    dialog.datasets.setCurrentIndex(1)
    assert "its labels are numbers, not classes: import it again" in dialog.note.text()
    assert not dialog.action.isEnabled()
    dialog.datasets.setCurrentIndex(0)
    dialog.action.click()
    qtbot.waitUntil(lambda: pane.list.current_id == 4, timeout=30_000)
    assert flawed.datasets.get(4).change == "Added 20 samples of more"
    assert flawed.datasets.get(4).imported.count == flawed.datasets.get(1).imported.count + 20
