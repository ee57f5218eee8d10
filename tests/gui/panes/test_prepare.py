"""The page Prepare: steps are added, moved, switched, set and undone, and the data follows."""

import re
import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_pictures
from tests.services.test_preparation import write_loans
from tests.sounds import write_tones
from workbench.core.configs import SplitConfig
from workbench.core.states import Split
from workbench.gui.panes.data import DataPane
from workbench.gui.panes.data.step_menu import StepMenu
from workbench.services.preparation import recipe_words

TIMEOUT = 20_000


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def opened(qtbot, project):
    """Return the page Prepare of the newest dataset, with its steps and its data shown."""

    def open_page(size=(940, 590)):
        project.bus.dispatch(10.0)
        window = PaneWindow(project)
        qtbot.addWidget(window)
        pane = window.hold(DataPane, size)
        qtbot.waitUntil(lambda: pane.list.current_id is not None, timeout=TIMEOUT)
        pane.detail.tabs.setCurrentIndex(2)
        page = pane.detail.prepare
        qtbot.waitUntil(lambda: page.list.count() > 0, timeout=TIMEOUT)
        wait_for(qtbot, page, 1)
        return window, page

    return open_page


@pytest.fixture
def loans(project, tmp_path):
    import_data(project, write_loans(tmp_path / "loans.csv"), target="late")
    return project


def wait_for(qtbot, page, number):
    qtbot.waitUntil(lambda: page.panel.title.text().startswith(f"After {number}."), timeout=TIMEOUT)


def titles(page):
    return [page.list.item(row).text() for row in range(page.list.count())]


def recipe(project):
    return recipe_words(project.datasets.get(1).preparation)


def headings(page):
    model = page.panel.table.model()
    return [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]


def add(qtbot, page, words):
    """Find a step by a word in the menu and take it with Return."""
    qtbot.mouseClick(named(page, QPushButton, "Add step"), Qt.MouseButton.LeftButton)
    menu = next(menu for menu in page.findChildren(StepMenu) if menu.isVisible())
    qtbot.keyClicks(menu.search, words)
    qtbot.keyClick(menu.search, Qt.Key.Key_Return)
    return menu


def test_the_usual_steps_are_shown_with_what_they_make_of_the_data(qtbot, opened, loans):
    _, page = opened()
    assert titles(page) == ["Fill missing values", "Standardise", "One-hot"]
    assert page._usual.isVisible()
    page.list.setCurrentRow(2)
    wait_for(qtbot, page, 3)
    assert headings(page)[:3] == ["+ colour = blue", "+ colour = green", "+ colour = red"]
    assert "3 → 5 columns" in page.panel.facts.text()
    page.panel.tabs.setCurrentIndex(1)
    assert headings(page) == ["− colour", "income", "age"]
    page.panel.tabs.setCurrentIndex(2)
    assert [(it.name, it.change) for it in page.panel.statistics.records()][3:4] == [("colour", "removed")]


def test_a_step_is_found_by_a_word_added_behind_the_current_one_and_undone(qtbot, opened, loans):
    _, page = opened()
    page.list.setCurrentRow(2)
    wait_for(qtbot, page, 3)
    add(qtbot, page, "neighbours")
    assert titles(page)[-1] == "SMOTE"
    assert recipe(loans).endswith("One hot → Smote")
    wait_for(qtbot, page, 4)
    assert "added" in page.panel.facts.text()
    loans.history.undo()
    qtbot.waitUntil(lambda: len(titles(page)) == 3, timeout=TIMEOUT)
    assert loans.datasets.get(1).preparation is None


def test_what_does_not_fit_behind_a_step_is_offered_with_its_reason_and_what_is_for_pictures_is_not(
    qtbot, opened, loans
):
    _, page = opened()
    page.open_menu()
    menu = page.findChildren(StepMenu)[-1]
    actions = {action.text(): action for action in menu.actions()}
    assert not actions["PCA"].isEnabled()
    assert "encodes them" in actions["PCA"].toolTip()
    assert "Resize" not in actions
    menu.search.setText("missing")
    assert not actions["Outliers"].isVisible()
    assert actions["Missing values"].isVisible()
    menu.close()


def test_keys_move_switch_and_remove_a_step(qtbot, opened, loans):
    _, page = opened()
    page.list.setFocus()
    page.list.setCurrentRow(0)
    qtbot.keyClick(page.list, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert recipe(loans) == "Standardize → Fill missing → One hot"
    assert page.list.currentRow() == 1
    qtbot.keyClick(page.list, Qt.Key.Key_Space)
    assert recipe(loans) == "Standardize → One hot"
    wait_for(qtbot, page, 2)
    qtbot.keyClick(page.list, Qt.Key.Key_Delete)
    assert titles(page) == ["Standardise", "One-hot"]
    for _ in range(3):
        loans.history.undo()
    qtbot.waitUntil(
        lambda: titles(page) == ["Fill missing values", "Standardise", "One-hot"], timeout=TIMEOUT
    )


def test_a_step_is_dragged_to_another_place(qtbot, opened, loans):
    _, page = opened()
    model, root = page.list.model(), page.list.rootIndex()
    assert page.list.dragEnabled()
    # What a drop inside the list does.
    assert model.moveRow(root, 2, root, 0)
    assert recipe(loans) == "One hot → Fill missing → Standardize"


def test_a_setting_is_seen_at_once_and_is_one_step_to_undo(qtbot, opened, loans):
    _, page = opened()
    page.list.setCurrentRow(0)
    wait_for(qtbot, page, 1)
    field = page._form.field("indicator")
    field.control.setChecked(True)
    qtbot.waitUntil(lambda: "+ age was missing" in headings(page), timeout=TIMEOUT)
    qtbot.waitUntil(lambda: loans.datasets.get(1).preparation is not None, timeout=TIMEOUT)
    assert loans.datasets.get(1).preparation.recipe[0].fields["indicator"] is True
    assert "was missing" in page.list.item(0).toolTip()
    assert loans.history.undo() == "Settings of Fill missing values"
    qtbot.waitUntil(lambda: not page._form.field("indicator").value(), timeout=TIMEOUT)


def test_a_wrong_setting_is_told_at_its_field_and_not_kept(qtbot, opened, loans):
    _, page = opened()
    add(qtbot, page, "cap")
    qtbot.waitUntil(lambda: page._form is not None and "times" in page._form.shown(), timeout=TIMEOUT)
    page._form.field("times").control.set_value(500)
    assert "at most 20" in page._form.field("times")._problem.text()
    page.flush()
    kept = next(step for step in loans.datasets.get(1).preparation.recipe if step.name == "cap_outliers")
    assert kept.fields["times"] == 3.0


def test_a_step_that_cannot_work_says_so_beside_it(qtbot, opened, loans):
    _, page = opened()
    page.list.setCurrentRow(2)
    wait_for(qtbot, page, 3)
    add(qtbot, page, "pca")
    wait_for(qtbot, page, 4)
    for _ in range(3):
        page.list.move_current(-1)
    qtbot.waitUntil(lambda: page._problem.isVisible(), timeout=TIMEOUT)
    assert page._problem.text() == "There are categories left: put a step that encodes them before this one."
    assert "categories" in page.list.item(0).toolTip()


def test_a_recipe_is_saved_with_a_name_and_used_again(qtbot, opened, loans, monkeypatch):
    window, page = opened()
    page.list.setCurrentRow(2)
    page.list.remove_current()
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Numbers & gaps", True))
    qtbot.mouseClick(named(page, QPushButton, "Save as …"), Qt.MouseButton.LeftButton)
    assert window.told[-1][0] == "The recipe Numbers & gaps is saved."
    loans.preparation.set_recipe(1, None)
    qtbot.waitUntil(lambda: len(titles(page)) == 3 and len(page._saved) == 1, timeout=TIMEOUT)
    qtbot.mouseClick(named(page, QPushButton, "Use …"), Qt.MouseButton.LeftButton)
    menu = next(menu for menu in page.findChildren(QMenu) if menu.isVisible())
    next(action for action in menu.actions() if "gaps" in action.text()).trigger()
    menu.close()
    qtbot.waitUntil(lambda: titles(page) == ["Fill missing values", "Standardise"], timeout=TIMEOUT)
    assert recipe(loans) == "Fill missing → Standardize"


def test_pictures_are_seen_as_they_come_out_of_a_step(qtbot, opened, project, tmp_path):
    import_data(project, write_pictures(tmp_path / "shades", 60))
    _, page = opened()
    assert titles(page) == ["Standardise pixels"]
    add(qtbot, page, "middle")
    wait_for(qtbot, page, 2)
    assert "8×8 grey → 6×6 grey" in page.panel.facts.text()
    assert page.panel._stack.currentWidget() is page.panel.pictures
    page.list.setCurrentRow(-1)
    qtbot.waitUntil(lambda: page.panel.title.text() == "As imported", timeout=TIMEOUT)
    shown = page.panel._view.after.pictures.mean(axis=(1, 2, 3))
    assert shown.min() < 100 < 150 < shown.max(), "both classes are seen"


def test_the_split_shows_what_its_method_needs_and_says_why_it_cannot_be_made(qtbot, opened, loans):
    window, _ = opened((1300, 760))
    pane = window.pane
    pane.detail.tabs.setCurrentIndex(0)
    split = pane.detail.split
    method, column = split.field("method").control, split.field("column").control
    method.setCurrentIndex(method.findText("By time"))
    assert not split.field("seed").isVisible()
    assert split.field("train").isVisible()
    column.set_value("colour")
    qtbot.mouseClick(named(split, QPushButton, "Apply"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "no date or number in colour" in split._problem.text(), timeout=TIMEOUT)
    assert loans.datasets.get(1).split == SplitConfig()
    method.setCurrentIndex(method.findText("By group"))
    column.set_value("customer")
    qtbot.mouseClick(named(split, QPushButton, "Apply"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: loans.datasets.get(1).split.method == "grouped", timeout=TIMEOUT)
    assert loans.datasets.get(1).split.column == "customer"
    method.setCurrentIndex(method.findText("In folds"))
    assert split.field("folds").isVisible()
    assert not split.field("train").isVisible()
    assert len(loans.datasets.split_indices(1)[Split.TEST]) > 0


def test_recordings_are_seen_as_the_pictures_that_a_step_makes_of_them(qtbot, opened, project, tmp_path):
    import_data(project, write_tones(tmp_path / "tones", 6))
    _, page = opened()
    assert titles(page) == ["Log-mel"]
    assert re.search(r"0.\d+ s at 16,000 Hz → 64 bands × \d+ windows", page.panel.facts.text())
    assert page.panel._stack.currentWidget() is page.panel.pictures
    shown = page.panel._view.after.pictures[0, 0].mean(axis=1)
    assert shown[-20:].max() > shown[:20].max(), "low tones are below"
    page.panel.tabs.setCurrentIndex(1)
    waves = page.panel.waves
    assert waves.isVisible()
    tiles = [tile for row in waves._rows for tile in row]
    assert len(tiles) == len(page.panel._view.before.waves) > 4
    assert all(tile.image is None and abs(tile.wave).max() <= 1 for tile in tiles)
    assert max(abs(tile.wave).max() for tile in tiles) == 1
    before = waves.grab().toImage()
    waves.set_tiles([])
    assert before != waves.grab().toImage(), "the waveforms are drawn"


def test_texts_are_seen_as_they_are_and_as_tokens(qtbot, opened, project, tmp_path):
    rows = [
        f'"the room by the {("sea", "lift")[k % 2]} was far too loud {k}",{"ab"[k % 2]}' for k in range(40)
    ]
    (tmp_path / "texts.csv").write_text("\n".join(["text,label", *rows]) + "\n")
    import_data(project, tmp_path / "texts.csv")
    _, page = opened()
    assert titles(page) == ["Tokenise"]
    assert re.search(r"· \d+ tokens$", page.panel.facts.text())
    assert headings(page) == ["Tokens"]
    assert page.panel._view.after.rows[0][0].startswith("the room by the")


def test_steps_are_offered_once_it_is_known_which_ones_fit(qtbot, opened, loans, monkeypatch):
    looked = threading.Event()
    plain = loans.preparation.view
    monkeypatch.setattr(loans.preparation, "view", lambda *asked: (looked.wait(20), plain(*asked))[1])
    loans.bus.dispatch(10.0)
    window = PaneWindow(loans)
    qtbot.addWidget(window)
    pane = window.hold(DataPane, (940, 590))
    qtbot.waitUntil(lambda: pane.list.current_id is not None, timeout=TIMEOUT)
    pane.detail.tabs.setCurrentIndex(2)
    page = pane.detail.prepare
    qtbot.waitUntil(lambda: page.list.count() > 0, timeout=TIMEOUT)
    assert not page.add_button.isEnabled(), "its menu would be empty"
    looked.set()
    qtbot.waitUntil(page.add_button.isEnabled, timeout=TIMEOUT)


def test_a_step_that_does_less_than_was_wanted_says_so_beside_it(qtbot, opened, loans):
    _, page = opened()
    page.list.setCurrentRow(2)
    wait_for(qtbot, page, 3)
    add(qtbot, page, "pca")
    qtbot.waitUntil(lambda: page._remark.isVisible(), timeout=TIMEOUT)
    assert page._remark.text() == "There are only 5 columns, so 5 components come out."
    assert "only 5 columns" in page.list.item(3).toolTip()
    page._form.field("count").control.set_value(2)
    qtbot.waitUntil(lambda: not page._remark.isVisible(), timeout=TIMEOUT)


def test_without_a_step_the_page_says_what_that_means(qtbot, opened, loans):
    _, page = opened()
    for _ in range(3):
        page.list.setCurrentRow(0)
        page.list.remove_current()
    assert page._about.text() == "There is no step: samples go to the model as they were imported."
    qtbot.waitUntil(lambda: page._problem.isVisible(), timeout=TIMEOUT)


def test_dates_are_seen_as_dates_and_only_numbers_are_offered_to_combine(qtbot, opened, project, tmp_path):
    lines = [f"2024-02-{k % 28 + 1:02d},{k % 7},{('red', 'blue')[k % 2]},{'ab'[k % 2]}" for k in range(60)]
    (tmp_path / "days.csv").write_text("\n".join(["day,count,colour,y", *lines]) + "\n")
    import_data(project, tmp_path / "days.csv", target="y")
    _, page = opened()
    page.list.setCurrentRow(0)
    wait_for(qtbot, page, 1)
    assert {row[0] for row in page.panel._view.before.rows} <= {f"2024-02-{k:02d}" for k in range(1, 29)}
    add(qtbot, page, "combine")
    wait_for(qtbot, page, 2)
    control = page._form.field("first").control
    assert [control.itemText(at) for at in range(control.count())] == ["day", "count"]


def test_undo_while_a_setting_is_still_typed_is_not_written_over(qtbot, opened, loans):
    _, page = opened()
    page.list.setCurrentRow(2)
    wait_for(qtbot, page, 3)
    add(qtbot, page, "cap")
    qtbot.waitUntil(lambda: page._form is not None and "times" in page._form.shown(), timeout=TIMEOUT)
    page._form.field("times").control.set_value(7)
    loans.history.undo()
    qtbot.waitUntil(lambda: len(titles(page)) == 3, timeout=TIMEOUT)
    qtbot.wait(700)
    assert loans.datasets.get(1).preparation is None
