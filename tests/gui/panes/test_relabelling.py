"""Labels set right in place, by mouse and keyboard, whatever the samples are; one version in the end."""

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QSettings, Qt
from PySide6.QtWidgets import QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import (
    import_data,
    new_project,
    write_ages,
    write_numbers,
    write_pictures,
    write_table,
)
from tests.gui.panes.test_texts_and_sounds import write_texts
from tests.sounds import write_tones
from workbench.gui import background
from workbench.gui.panes.data import DataPane
from workbench.gui.panes.data.class_dialog import ClassDialog
from workbench.services.projects import open_project


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def shown(qtbot):
    def show(session):
        session.bus.dispatch(10.0)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        pane = window.hold(DataPane, (1200, 700))
        qtbot.waitUntil(lambda: pane.detail.look is not None and not background.pending(), timeout=10_000)
        return pane

    return show


def select(table, *rows):
    """Select rows of a table as Ctrl and clicks do."""
    flags = QItemSelectionModel.SelectionFlag
    table.setCurrentIndex(table.model().index(rows[0], 0))
    for row in rows[1:]:
        table.selectionModel().select(table.model().index(row, 0), flags.Select | flags.Rows)
    table.setFocus()


def click(qtbot, pane, name):
    qtbot.mouseClick(named(pane, QPushButton, name), Qt.MouseButton.LeftButton)


def waiting(pane):
    bar = pane.detail.label_bar
    return bar._said.text() if bar._waiting.isVisible() else ""


def told(qtbot, pane, words):
    qtbot.waitUntil(lambda: waiting(pane) == words, timeout=10_000)


def other_than(session, place, dataset_id=1):
    dataset = session.datasets.get(dataset_id)
    return dataset.schema.classes[1 - int(session.datasets.samples(dataset_id).y[place])]


def test_a_picture_seen_large_gets_another_class_by_a_key_and_it_is_safe_at_once(
    qtbot, shown, project, tmp_path
):
    import_data(project, write_pictures(tmp_path / "shades"))
    pane = shown(project)
    view = pane.detail.samples.pictures
    view.filters.order.setCurrentIndex(1)
    view.open(3)
    wanted = other_than(project, 3)
    qtbot.keyClick(view.large, str(project.datasets.get(1).schema.classes.index(wanted) + 1))
    assert project.relabelling.labels(1) == {3: wanted}
    told(qtbot, pane, "1 label changed")
    qtbot.keyClick(view.large, Qt.Key.Key_Left)
    assert wanted in view._where.text()
    assert "was" in view._where.text()
    qtbot.keyClick(view.large, Qt.Key.Key_Escape)
    click(qtbot, pane, "Undo")
    told(qtbot, pane, "")
    assert project.relabelling.labels(1) == {}


def test_several_pictures_of_the_grid_get_one_class_and_the_window_undoes_it(qtbot, shown, project, tmp_path):
    import_data(project, write_pictures(tmp_path / "shades"))
    pane = shown(project)
    view = pane.detail.samples.pictures
    view.filters.order.setCurrentIndex(1)
    view.grid.setFocus()
    view.grid.set_current(0)
    for _ in range(3):
        qtbot.keyClick(view.grid, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    spot = view.grid.tile_rect(6).center()
    qtbot.mouseClick(
        view.grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, spot
    )
    assert view.chosen().tolist() == [0, 1, 2, 3, 6]
    assert "5 chosen" in pane.detail.label_bar._hint.text()
    qtbot.keyClick(view.grid, "2")
    told(qtbot, pane, "5 labels changed")
    assert set(project.relabelling.labels(1).values()) == {"light"}
    assert view.chosen().tolist() == [0, 1, 2, 3, 6], "the choice stays"
    tiles = view._pictures(0, 5)
    assert [tile.chip for tile in tiles] == ["light"] * 4 + [""]
    project.history.undo()
    told(qtbot, pane, "")
    qtbot.keyClick(view.grid, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert len(view.chosen()) == 40


def test_new_labels_become_one_version_which_is_shown_and_can_be_taken_back(qtbot, shown, project, tmp_path):
    import_data(project, write_table(tmp_path / "fruit.csv"), target="kind")
    pane = shown(project)
    table = pane.detail.samples.rows.table
    select(table, 2, 7, 4)
    qtbot.keyClick(table, "1")
    labels = project.relabelling.labels(1)
    told(qtbot, pane, "1 label changed" if len(labels) == 1 else f"{len(labels)} labels changed")
    click(qtbot, pane, "Make a version")
    qtbot.waitUntil(lambda: pane.list.current_id == 2, timeout=30_000)
    assert project.datasets.get(2).change.startswith("Relabelled")
    told(qtbot, pane, "")
    project.history.undo()
    assert project.relabelling.labels(1) == labels


def test_the_class_of_rows_is_typed_and_their_cell_shows_it_at_once(qtbot, shown, project, tmp_path):
    import_data(project, write_table(tmp_path / "fruit.csv"), target="kind")
    pane = shown(project)
    table, bar = pane.detail.samples.rows.table, pane.detail.label_bar
    select(table, 0, 1)
    qtbot.keyClick(table, "p")
    line = bar.classes.lineEdit()
    qtbot.waitUntil(line.hasFocus)
    qtbot.keyClicks(line, "ea")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    told(qtbot, pane, "1 label changed")
    assert project.relabelling.labels(1) == {1: "pear"}
    last = table.model().columnCount() - 1
    assert [table.model().index(row, last).data() for row in (0, 1)] == ["pear", "pear"]
    qtbot.waitUntil(table.hasFocus)


def test_a_class_that_does_not_exist_is_added_once_the_list_below_what_was_typed_says_so(
    qtbot, shown, project, tmp_path
):
    import_data(project, write_table(tmp_path / "fruit.csv"), target="kind")
    pane = shown(project)
    table, bar = pane.detail.samples.rows.table, pane.detail.label_bar
    select(table, 0, 1)
    qtbot.keyClick(table, "p")
    line, offers = bar.classes.line, bar.classes._popup
    qtbot.waitUntil(line.hasFocus)
    qtbot.keyClicks(line, "lum")
    assert [offers.model().index(row, 0).data() for row in range(offers.model().rowCount())] == [
        "New class “plum”"
    ]
    assert not offers.currentIndex().isValid()
    qtbot.keyClick(line, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: offers.isVisible() and offers.currentIndex().isValid())
    assert project.relabelling.labels(1) == {}, "a slip of the finger makes no class"
    qtbot.keyClick(offers, Qt.Key.Key_Return)
    assert project.relabelling.labels(1) == {0: "plum", 1: "plum"}
    qtbot.waitUntil(lambda: bar.classes.classes == ("apple", "pear", "plum"))
    select(table, 5)
    qtbot.keyClick(table, "3")
    assert project.relabelling.labels(1)[5] == "plum"
    filters = pane.detail.samples.rows.filters
    told(qtbot, pane, "3 labels changed")
    assert filters.classes.findText("plum") == 3
    filters.classes.setCurrentIndex(3)
    qtbot.waitUntil(lambda: table.model().rowCount() == 3, timeout=10_000)
    assert not filters.edit_class.isVisible(), "it is no class of this version yet"
    click(qtbot, pane, "Make a version")
    qtbot.waitUntil(lambda: pane.list.current_id == 2, timeout=30_000)
    qtbot.waitUntil(lambda: pane.detail.look is not None and pane.detail.look.dataset.id == 2, timeout=10_000)
    assert "plum" in pane.detail.look.bars


def test_a_class_is_merged_from_the_filter(qtbot, shown, project, tmp_path):
    import_data(project, write_table(tmp_path / "fruit.csv"), target="kind")
    project.relabelling.set(1, [0, 1, 2], "plum", is_new_class=True)
    project.jobs.wait(project.relabelling.make_version(1), 60)
    pane = shown(project)
    filters = pane.detail.samples.rows.filters
    qtbot.waitUntil(lambda: filters.classes.count() == 4, timeout=10_000)
    assert not filters.edit_class.isVisible()
    filters.classes.setCurrentIndex(3)
    qtbot.mouseClick(filters.edit_class, Qt.MouseButton.LeftButton)
    (dialog,) = pane.findChildren(ClassDialog)
    assert not dialog.action.isEnabled()
    dialog.wanted.setEditText("prune")
    assert dialog.action.text() == "Rename"
    dialog.wanted.setCurrentIndex(dialog.wanted.findText("pear"))
    assert dialog.action.text() == "Merge"
    assert "3 samples of plum become pear" in dialog._what.text()
    qtbot.mouseClick(dialog.action, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: pane.list.current_id == 3, timeout=30_000)
    assert project.datasets.get(3).change == "Merged class plum into pear"


def test_the_next_picture_comes_once_one_has_its_label_unless_that_was_switched_off(
    qtbot, shown, project, tmp_path
):
    import_data(project, write_pictures(tmp_path / "shades"))
    pane = shown(project)
    view, bar = pane.detail.samples.pictures, pane.detail.label_bar
    view.filters.order.setCurrentIndex(1)
    assert not bar.next.isVisible()
    view.open(38)
    assert bar.next.isVisible()
    qtbot.keyClick(view.large, "1")
    assert project.relabelling.labels(1) == {38: "dark"}
    assert view.grid.current == 39
    assert view._where.text().startswith("40 of 40")
    qtbot.keyClick(view.large, "1")
    assert view.grid.current == 39, "the last one stays"
    view.open(30)
    bar.next.click()
    qtbot.keyClick(view.large, "1")
    assert view.grid.current == 30
    assert QSettings().value("data/next_after_label", type=bool) is False


def test_where_labels_that_wait_are_not_counted_yet_it_is_said(qtbot, shown, project, tmp_path):
    import_data(project, write_pictures(tmp_path / "shades"))
    pane = shown(project)
    project.relabelling.set(1, [0, 1], "light")
    told(qtbot, pane, "2 labels changed")
    assert pane.detail._chart_waits.text() == "2 labels wait for a version: not yet in this chart."
    view = pane.detail.samples.pictures
    view.filters.classes.setCurrentIndex(2)
    assert set(view._index.tolist()) >= {0, 1}, "filters know them"
    pane.detail.tabs.setCurrentIndex(1)
    assert "not yet checked" in pane.detail.health._waits.text()
    pane.detail.tabs.setCurrentIndex(0)
    project.relabelling.discard(1)
    told(qtbot, pane, "")
    assert not pane.detail._chart_waits.isVisible()


def test_in_a_narrow_window_all_of_it_is_one_row(qtbot, shown, project, tmp_path):
    import_data(project, write_pictures(tmp_path / "shades"))
    pane = shown(project)
    bar = pane.detail.label_bar
    project.relabelling.set(1, [0, 1], "light")
    told(qtbot, pane, "2 labels changed")
    pane.window().resize(1500, 700)
    qtbot.waitUntil(bar._why.isVisible)
    tall = bar.height()
    pane.window().resize(1200, 700)
    qtbot.waitUntil(lambda: bar.height() < tall)
    assert bar._undo.isVisible()
    pane.window().resize(840, 590)
    qtbot.waitUntil(lambda: bar._more.isVisible())
    assert bar._make.text() == "Make a version · 2"
    assert bar.rect().contains(bar._waiting.geometry())
    assert bar.classes.width() >= 88
    undo, _ = bar._more.menu().actions()
    undo.trigger()
    qtbot.waitUntil(lambda: not bar._waiting.isVisible())


def test_rows_stay_chosen_by_what_is_shown_after_a_sort_and_a_search(qtbot, shown, project, tmp_path):
    import_data(project, write_table(tmp_path / "fruit.csv"), target="kind")
    pane = shown(project)
    rows = pane.detail.samples.rows
    rows.header.sort_wanted.emit(1, True)
    qtbot.waitUntil(lambda: rows._index is not None, timeout=10_000)
    select(rows.table, 0)
    place = int(np.argmax([float(row[0]) for row in project.datasets.rows(1, 0, 120)]))
    assert rows.chosen().tolist() == [place]


def test_the_value_of_a_row_is_typed_over(qtbot, shown, project, tmp_path):
    import_data(project, write_numbers(tmp_path / "flats.csv"), target="price")
    pane = shown(project)
    table, bar = pane.detail.samples.rows.table, pane.detail.label_bar
    select(table, 3)
    qtbot.keyClick(table, "4")
    qtbot.waitUntil(bar.value.hasFocus)
    qtbot.keyClicks(bar.value, "2.5")
    qtbot.keyClick(bar.value, Qt.Key.Key_Return)
    told(qtbot, pane, "1 label changed")
    assert project.relabelling.labels(1) == {3: 42.5}
    assert table.model().index(3, 3).data() == "42.5"
    qtbot.keyClick(table, "4")
    qtbot.keyClick(bar.value, Qt.Key.Key_Escape)
    qtbot.waitUntil(table.hasFocus)
    assert project.relabelling.labels(1) == {3: 42.5}


@pytest.mark.parametrize("kind", ["texts", "sounds"])
def test_texts_and_recordings_get_another_class_from_the_list_and_where_they_are_read(
    qtbot, shown, project, tmp_path, kind
):
    source = write_texts(tmp_path / "news.csv") if kind == "texts" else write_tones(tmp_path / "tones")
    dataset = import_data(project, source)
    pane = shown(project)
    view = getattr(pane.detail.samples, kind)
    view.filters.order.setCurrentIndex(1)
    select(view.table, 0, 1)
    places = view.chosen().tolist()
    wanted = other_than(project, places[0])
    key = str(dataset.schema.classes.index(wanted) + 1)
    qtbot.keyClick(view.table, key)
    assert project.relabelling.labels(1)[places[0]] == wanted
    qtbot.waitUntil(lambda: view.table.model().index(0, 1).data() == wanted, timeout=10_000)
    before = len(project.relabelling.labels(1))
    select(view.table, 4)
    reading = view.full if kind == "texts" else view.play
    reading.setFocus()
    key = str(dataset.schema.classes.index(other_than(project, view.chosen()[0])) + 1)
    qtbot.keyClick(reading, key)
    assert len(project.relabelling.labels(1)) == before + 1
    click(qtbot, pane, "Discard")
    told(qtbot, pane, "")
    assert "discarded" in pane.shell.told[-1][0]


def test_labels_that_wait_are_told_when_the_project_is_opened_again(qtbot, shown, project, tmp_path):
    import_data(project, write_pictures(tmp_path / "shades"))
    project.relabelling.set(1, [0, 1], "light")
    project.close()
    with open_project(project.folder.root) as again:
        pane = shown(again)
        told(qtbot, pane, "2 labels changed")


def test_pictures_with_numbers_show_and_take_their_value_and_a_histogram_stands_beside(
    qtbot, shown, project, tmp_path
):
    import_data(project, write_ages(tmp_path / "ages"))
    pane = shown(project)
    view, bar = pane.detail.samples.pictures, pane.detail.label_bar
    view.filters.order.setCurrentIndex(1)
    assert not view.filters.classes.isVisible()
    place = pane.detail.look.samples.names[:].index("4.png")
    view.grid.set_current(place)
    assert view._pictures(place, place + 1)[0].caption == "23"
    assert pane.detail._chart_title.text() == "Target age"
    assert len(pane.detail.look.bars) == 10
    view.grid.setFocus()
    qtbot.keyClick(view.grid, "7")
    qtbot.keyClick(bar.value, Qt.Key.Key_Return)
    assert project.relabelling.labels(1) == {place: 7.0}


def test_a_read_only_project_takes_no_label(qtbot, shown, tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_pictures(tmp_path / "shades"))
        root = session.folder.root
    with open_project(root, read_only=True) as session:
        pane = shown(session)
        view = pane.detail.samples.pictures
        view.grid.set_current(0)
        qtbot.keyClick(view.grid, "2")
        assert not pane.detail.label_bar.isEnabled()
        assert session.relabelling.labels(1) == {}
