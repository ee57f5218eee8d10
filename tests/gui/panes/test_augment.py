"""The page Augment: steps are edited in order, samples follow, what is set is stored and can be undone."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QPushButton, QSlider

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_pictures, write_table
from workbench.core.augmentation import preset
from workbench.core.configs import StepConfig
from workbench.gui.panes.data import DataPane
from workbench.gui.panes.data import augment as augment_module
from workbench.services.projects import open_project


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_pictures(tmp_path / "shades"))
        yield session


@pytest.fixture
def shown(qtbot):
    def show(session, size=(940, 590)):
        session.bus.dispatch(10.0)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        pane = window.hold(DataPane, size)
        qtbot.waitUntil(lambda: pane.detail.isVisible())
        pane.detail.tabs.setCurrentIndex(3)
        page = pane.detail.augment
        qtbot.waitUntil(lambda: bool(page._known), timeout=20_000)
        return pane, page

    return show


def choose_preset(page, title):
    page.presets.setCurrentIndex(page.presets.findText(title))
    page.presets.activated.emit(page.presets.currentIndex())


def titles(page):
    return [page.list.item(row).text() for row in range(page.list.count())]


def slider_of(qtbot, page, name):
    qtbot.waitUntil(lambda: any(slider.isVisible() for slider in page.findChildren(QSlider)))
    return named(page, QSlider, name)


def stored(session, dataset_id=1):
    return session.augmentation.of(dataset_id)


def grid(page):
    return [[tile.image for tile in row] for row in page.preview.grid._rows]


def test_a_preset_is_stored_at_once_and_undo_takes_it_back(qtbot, shown, project):
    _, page = shown(project)
    assert page.presets.currentText() == "Off"
    choose_preset(page, "Medium")
    assert stored(project) == preset("medium", project.datasets.get(1).schema)
    assert "Probability: 0.7" in page.list.item(1).toolTip(), "how strong each step is stands beside it"
    assert titles(page) == ["Flip horizontal", "Shift", "Rotation", "Scale", "Brightness", "Contrast"]
    project.history.undo()
    qtbot.waitUntil(lambda: page.presets.currentText() == "Off" and not titles(page))
    project.history.redo()
    qtbot.waitUntil(lambda: page.presets.currentText() == "Medium" and len(titles(page)) == 6)


def test_samples_stand_beside_what_becomes_of_them_and_a_new_draw_changes_that_alone(qtbot, shown, project):
    _, page = shown(project)
    choose_preset(page, "Strong")
    qtbot.waitUntil(lambda: bool(grid(page)) and grid(page)[0][0] != grid(page)[0][1])
    before = grid(page)
    assert len(before) == 8
    assert all(len(row) == 5 for row in before)
    qtbot.mouseClick(named(page, QPushButton, "New draw"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: grid(page) != before)
    after = grid(page)
    assert [row[0] for row in after] == [row[0] for row in before]
    assert all(new[1:] != old[1:] for new, old in zip(after, before, strict=True))


def test_a_slider_moves_the_samples_and_is_stored_when_it_rests(qtbot, shown, project):
    project.augmentation.set_steps(
        1, [StepConfig(name="brightness", fields={"probability": 1.0, "amount": 0.0})]
    )
    _, page = shown(project)
    qtbot.waitUntil(lambda: bool(grid(page)) and titles(page) == ["Brightness"])
    assert all(row[0] == tile for row in grid(page) for tile in row)
    slider = slider_of(qtbot, page, "Amount")
    slider.setValue(slider.maximum() // 2)
    qtbot.waitUntil(lambda: all(row[0] != row[1] for row in grid(page)))
    assert page._form.values()["amount"] == 0.5
    qtbot.waitUntil(lambda: stored(project)[0].fields["amount"] == 0.5)
    # The steps on the way are not one change each.
    project.history.undo()
    assert stored(project)[0].fields["amount"] == 0.0


def test_settings_that_come_while_samples_are_computed_wait_and_the_newest_is_shown(
    qtbot, shown, project, monkeypatch
):
    project.augmentation.set_steps(
        1, [StepConfig(name="brightness", fields={"probability": 1.0, "amount": 0.0})]
    )
    _, page = shown(project)
    qtbot.waitUntil(lambda: bool(grid(page)))
    asked, read = [], augment_module._read

    def noted(session, dataset, steps, *others):
        asked.append(steps[0].fields["amount"])
        return read(session, dataset, steps, *others)

    monkeypatch.setattr(augment_module, "_read", noted)
    slider = slider_of(qtbot, page, "Amount")
    for place in range(1, 101):
        slider.setValue(place)
    qtbot.waitUntil(lambda: bool(asked) and asked[-1] == 0.5)
    assert len(asked) < 10


def test_steps_are_moved_by_keys_switched_off_by_space_and_taken_away_by_delete(qtbot, shown, project):
    project.augmentation.set_steps(1, [StepConfig(name=name) for name in ("rotation", "shift", "blur")])
    _, page = shown(project)
    qtbot.waitUntil(lambda: titles(page) == ["Rotation", "Shift", "Blur"])
    page.list.setFocus()
    page.list.setCurrentRow(0)
    qtbot.keyClick(page.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert [step.name for step in stored(project)] == ["shift", "rotation", "blur"]
    assert page.list.currentRow() == 1
    qtbot.keyClick(page.list, Qt.Key.Key_Space)
    assert [step.on for step in stored(project)] == [True, False, True]
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    assert [step.name for step in stored(project)] == ["shift", "blur"]
    for _ in range(3):
        project.history.undo()
    qtbot.waitUntil(lambda: titles(page) == ["Rotation", "Shift", "Blur"])


def test_a_step_that_is_dragged_is_stored_in_its_new_place(qtbot, shown, project):
    project.augmentation.set_steps(1, [StepConfig(name=name) for name in ("rotation", "shift", "blur")])
    _, page = shown(project)
    qtbot.waitUntil(lambda: titles(page) == ["Rotation", "Shift", "Blur"])
    assert page.list.dragDropMode() == QAbstractItemView.DragDropMode.InternalMove
    # What the view does when the step is dropped.
    root = page.list.rootIndex()
    assert page.list.model().moveRow(root, 2, root, 0)
    assert [step.name for step in stored(project)] == ["blur", "rotation", "shift"]


def test_a_step_is_added_from_the_menu_with_its_defaults(qtbot, shown, project):
    _, page = shown(project)
    offered = {action.text(): action for action in page.add_button.menu().actions()}
    assert {"Rotation", "Mixup", "CutMix", "Erasing"} <= set(offered)
    assert "Hue" not in offered  # the pictures are grey
    offered["Erasing"].trigger()
    assert stored(project) == (StepConfig(name="erasing", fields={"probability": 0.3, "area": 0.2}),)
    assert page.presets.currentText() == "Own choice"
    assert page._about.text() == "A rectangle is painted over, so that no single part decides."


def test_a_step_that_may_break_a_label_is_marked_and_said(qtbot, shown, tmp_path):
    folder = write_pictures(tmp_path / "signs")
    for old, new in (("dark", "6"), ("light", "9")):
        (folder / old).rename(folder / new)
    with new_project(tmp_path) as session:
        import_data(session, folder)
        session.augmentation.set_steps(1, [StepConfig(name="shift"), StepConfig(name="flip_vertical")])
        _, page = shown(session)
        qtbot.waitUntil(lambda: bool(page._risks), timeout=10_000)
        told = ["digits or letters" in page.list.item(row).toolTip() for row in range(2)]
        assert told == [False, True]
        assert not page._risk.isVisible()
        page.list.setCurrentRow(1)
        assert page._risk.isVisible()
        assert page._risk.text().startswith("The classes look like digits or letters")


def test_rows_of_a_table_stand_above_what_becomes_of_them(qtbot, shown, tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_table(tmp_path / "fruit.csv"))
        session.augmentation.set_steps(
            1, [StepConfig(name="number_noise", fields={"probability": 1.0, "amount": 0.5})]
        )
        _, page = shown(session)
        qtbot.waitUntil(lambda: page.preview.table is not None, timeout=10_000)
        records = page.preview.table.model().records()
        assert len(records) == 16
        for before, after in zip(records[::2], records[1::2], strict=True):
            assert before.label in ("apple", "pear")
            assert after.changed == tuple(a != b for a, b in zip(before.cells, after.cells, strict=True))
            assert any(after.changed)


def test_a_project_that_is_open_read_only_shows_its_augmentation_but_lets_nothing_be_changed(
    qtbot, shown, tmp_path
):
    with new_project(tmp_path) as session:
        import_data(session, write_pictures(tmp_path / "shades"))
        session.augmentation.set_steps(1, [StepConfig(name="rotation")])
        folder = session.folder.root
    with open_project(folder, read_only=True) as session:
        _, page = shown(session)
        qtbot.waitUntil(lambda: bool(grid(page)))
        assert not page.presets.isEnabled()
        assert not page.add_button.isEnabled()
        page.list.setFocus()
        page.list.setCurrentRow(0)
        qtbot.keyClick(page.list, Qt.Key.Key_Space)
        qtbot.keyClick(page.list, Qt.Key.Key_Delete)
        assert page.steps() == (StepConfig(name="rotation"),)


def test_another_dataset_brings_its_own_steps_and_what_was_set_last_is_not_lost(
    qtbot, shown, project, tmp_path
):
    project.augmentation.set_steps(1, [StepConfig(name="rotation")])
    import_data(project, write_table(tmp_path / "fruit.csv"))
    pane, page = shown(project)
    pane.select(dataset_id=1)
    pane.detail.tabs.setCurrentIndex(3)
    qtbot.waitUntil(lambda: titles(page) == ["Rotation"] and page._form is not None, timeout=10_000)
    page._form.field("degrees").set_value(77)
    pane.select(dataset_id=2)
    qtbot.waitUntil(lambda: page.dataset_id == 2 and not titles(page))
    assert stored(project)[0].fields["degrees"] == 77
    assert stored(project, 2) == ()
