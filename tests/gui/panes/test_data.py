"""Data: import, look, rename, divide, delete and restore, through real widgets."""

import threading

import pytest
from openpyxl import Workbook
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QFileDialog,
    QLineEdit,
    QMenu,
    QPushButton,
    QTableView,
    QWidget,
)

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_numbers, write_pictures, write_table
from workbench.core.configs import SplitConfig
from workbench.core.states import JobState, Split
from workbench.gui.import_dialog import ImportDialog, ask_source, start_import
from workbench.gui.panes.data import DataPane
from workbench.gui.panes.data.look import problems, read_look
from workbench.gui.widgets.cards import EmptyState
from workbench.services.projects import open_project

WIDE = (1300, 760)


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def pictures(project, tmp_path):
    """A project with 2 × 20 pictures."""
    import_data(project, write_pictures(tmp_path / "shades"))
    return project


@pytest.fixture
def shown(qtbot):
    def show(session=None, size=(940, 590)):
        if session is not None:
            # What happened before the window was there is no news.
            session.bus.dispatch(10.0)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        return window, window.hold(DataPane, size)

    return show


def grid_count(pane):
    return pane.detail.samples.pictures.grid._count


def wait_for_samples(qtbot, pane, count):
    qtbot.waitUntil(lambda: grid_count(pane) == count, timeout=10_000)


def choose(combo, text):
    combo.setCurrentIndex(combo.findText(text))


def listed(pane):
    return [pane.list.view.item(row).text() for row in range(pane.list.view.count())]


def test_an_empty_pane_says_what_belongs_here_and_offers_to_import_it(qtbot, shown):
    window, pane = shown()
    qtbot.waitUntil(lambda: pane.empty.isVisible())
    assert named(pane, EmptyState, "No data yet")
    qtbot.mouseClick(named(pane, QPushButton, "Import data"), Qt.MouseButton.LeftButton)
    assert window.asked == [("import", ())]


def test_pictures_can_be_seen_by_class_and_split(qtbot, shown, pictures):
    _, pane = shown(pictures)
    wait_for_samples(qtbot, pane, 40)
    grid = pane.detail.samples.pictures
    choose(named(pane, QComboBox, "Class"), "light")
    assert grid_count(pane) == 20
    assert {picture.caption for picture in grid._pictures(0, 20)} == {"light"}
    choose(named(pane, QComboBox, "Split"), "test")
    # 15 % of 20, stratified.
    assert grid_count(pane) == 3
    test = set(pictures.datasets.split_indices(1)[Split.TEST].tolist())
    assert set(grid._index.tolist()) <= test


def test_pictures_are_found_by_name_sorted_and_narrowed_to_a_finding(qtbot, shown, pictures):
    _, pane = shown(pictures)
    wait_for_samples(qtbot, pane, 40)
    view = pane.detail.samples.pictures
    names = pictures.datasets.samples(1).names
    qtbot.keyClicks(named(pane, QLineEdit, "Search names"), "LIGHT")
    qtbot.waitUntil(lambda: grid_count(pane) == 20)
    assert all("light" in names[place] for place in view._index.tolist())
    named(pane, QLineEdit, "Search names").clear()
    qtbot.waitUntil(lambda: grid_count(pane) == 40)
    choose(named(pane, QComboBox, "Order"), "By class")
    labels = pictures.datasets.samples(1).y[view._index]
    assert labels.tolist() == sorted(labels.tolist())
    view.show_samples("Near duplicates", [3, 30])
    assert view._index.tolist() == [3, 30]
    qtbot.mouseClick(named(pane, QPushButton, "Near duplicates"), Qt.MouseButton.LeftButton)
    assert grid_count(pane) == 40


def test_a_picture_is_seen_large_and_arrows_lead_to_the_next(qtbot, shown, pictures):
    _, pane = shown(pictures)
    wait_for_samples(qtbot, pane, 40)
    view = pane.detail.samples.pictures
    choose(named(pane, QComboBox, "Order"), "As imported")
    view.grid.setFocus()
    qtbot.keyClick(view.grid, Qt.Key.Key_Right)
    qtbot.keyClick(view.grid, Qt.Key.Key_Return)
    names = pictures.datasets.samples(1).names
    assert view.large.isVisible()
    assert names[0] in view.large.accessibleDescription()
    qtbot.keyClick(view.large, Qt.Key.Key_Right)
    assert names[1] in view.large.accessibleDescription()
    qtbot.keyClick(view.large, Qt.Key.Key_Escape)
    assert view.grid.isVisible()
    assert view.grid.current == 1


def test_a_table_shows_its_rows_under_the_right_headings_wherever_the_target_stands(
    qtbot, shown, project, tmp_path
):
    source = tmp_path / "fruit.csv"
    lines = write_table(source).read_text().splitlines()
    turned = [",".join([row.split(",")[3], *row.split(",")[:3]]) for row in lines]
    source.write_text("\n".join(turned) + "\n")
    dataset = import_data(project, source, target="kind")
    assert read_look(project, dataset).headings == ("kind", "width", "height", "weight")
    _, pane = shown(project)
    qtbot.waitUntil(lambda: pane.detail.samples.rows.table is not None, timeout=10_000)
    model = pane.detail.samples.rows.table.model()
    heads = [model.headerData(i, Qt.Orientation.Horizontal, Qt.ItemDataRole.DisplayRole) for i in range(5)]
    cells = [model.index(0, i).data() for i in range(5)]
    assert dict(zip(heads, cells, strict=True)) == dict(
        zip(["Row", *heads[1:]], ["2", *turned[1].split(",")], strict=True)
    )


def test_a_numeric_target_is_told_by_its_distribution(qtbot, shown, project, tmp_path):
    import_data(project, write_numbers(tmp_path / "homes.csv"), target="price")
    _, pane = shown(project, WIDE)
    note = pane.detail._chart_note
    qtbot.waitUntil(note.isVisible, timeout=10_000)
    assert note.text().startswith("from ")
    assert "median" in note.text()
    look = read_look(project, project.datasets.get(1))
    assert sum(sum(counts) for counts in look.counts.values()) == 80


def test_f2_renames_in_place_and_undo_takes_it_back(qtbot, shown, pictures):
    _, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])
    pane.list.view.setFocus()
    qtbot.keyClick(pane.list.view, Qt.Key.Key_F2)
    editor = named(pane.list.view, QLineEdit, "Name")
    editor.setText("Shades of grey 灰")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: listed(pane) == ["Shades of grey 灰"])
    pictures.history.undo()
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])


def test_a_change_elsewhere_does_not_take_the_name_being_typed_away(qtbot, shown, pictures, tmp_path):
    _, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])
    pane.list.rename_current()
    editor = named(pane.list.view, QLineEdit, "Name")
    editor.setText("Greys")
    import_data(pictures, write_table(tmp_path / "fruit.csv"))
    qtbot.waitUntil(lambda: pane.list._fills_later)
    assert editor.isVisible()
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: listed(pane) == ["fruit", "Greys"])


def test_a_name_that_is_taken_is_refused_in_place(qtbot, shown, pictures, tmp_path):
    import_data(pictures, write_table(tmp_path / "fruit.csv"))
    _, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["fruit", "shades"])
    pane.list.view.item(0).setText("shades")
    assert "shades" in pane.banner.text
    assert pane.banner.isVisible()
    assert listed(pane) == ["fruit", "shades"]


def test_delete_puts_into_the_bin_and_both_undo_and_restore_bring_it_back(qtbot, shown, pictures):
    window, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])
    qtbot.keyClick(pane.list.view, Qt.Key.Key_Delete)
    text, action, undo = window.told[-1]
    assert (text, action) == ("shades is in the bin.", "Undo")
    qtbot.waitUntil(lambda: listed(pane) == [])
    undo()
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])
    qtbot.keyClick(pane.list.view, Qt.Key.Key_Delete)
    qtbot.waitUntil(pane.list.bin_button.isVisible)
    qtbot.mouseClick(named(pane, QPushButton, "Bin · 1"), Qt.MouseButton.LeftButton)
    assert listed(pane) == ["shades"]
    qtbot.mouseClick(named(pane, QPushButton, "Restore"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not pane.list.shows_bin and listed(pane) == ["shades"])
    assert pictures.datasets.bin() == []


def test_the_delete_key_in_the_notes_deletes_a_letter_not_the_dataset(qtbot, shown, pictures):
    _, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])
    pane.detail.notes.setFocus()
    qtbot.keyClicks(pane.detail.notes, "ab")
    qtbot.keyClick(pane.detail.notes, Qt.Key.Key_Home)
    qtbot.keyClick(pane.detail.notes, Qt.Key.Key_Delete)
    pane.detail.notes.flush()
    assert pictures.datasets.get(1).notes == "b"
    assert pictures.datasets.bin() == []


def test_a_new_split_is_applied_and_can_be_undone(qtbot, shown, pictures):
    window, pane = shown(pictures, WIDE)
    wait_for_samples(qtbot, pane, 40)
    split = pane.detail.split
    apply = named(pane, QPushButton, "Apply")
    assert not apply.isEnabled()
    split.field("train").control.set_value(0.5)
    # The test share pays for it.
    assert split.field("test").value() == 0.35
    qtbot.mouseClick(apply, Qt.MouseButton.LeftButton)
    assert pictures.datasets.get(1).split == SplitConfig(train=0.5, validation=0.15, test=0.35)
    qtbot.waitUntil(lambda: "20 training" in split._sizes.text(), timeout=5_000)
    assert pane.list.view.hasFocus(), "in the notes Ctrl+Z would not take the split back"
    _, action, undo = window.told[-1]
    assert action == "Undo"
    undo()
    qtbot.waitUntil(lambda: split.field("train").value() == 0.7)


def test_a_wrong_share_is_told_at_its_field_and_cannot_be_applied(qtbot, shown, pictures):
    _, pane = shown(pictures, WIDE)
    wait_for_samples(qtbot, pane, 40)
    field = pane.detail.split.field("train")
    field.control.set_value(1.5)
    assert "at most 1" in field._problem.text()
    assert not named(pane, QPushButton, "Apply").isEnabled()
    qtbot.mouseClick(named(pane, QPushButton, "Reset"), Qt.MouseButton.LeftButton)
    assert field.value() == 0.7
    assert not field._problem.isVisible()


def test_notes_save_themselves_and_can_be_undone(qtbot, shown, pictures):
    _, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])
    qtbot.keyClicks(pane.detail.notes, "from the shop")
    qtbot.waitUntil(lambda: pictures.datasets.get(1).notes == "from the shop", timeout=3_000)
    pictures.history.undo()
    qtbot.waitUntil(lambda: pane.detail.notes.toPlainText() == "", timeout=3_000)


def test_notes_typed_last_belong_to_the_dataset_they_were_typed_for(qtbot, shown, pictures, tmp_path):
    import_data(pictures, write_table(tmp_path / "fruit.csv"))
    _, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["fruit", "shades"])
    pane.select(dataset_id=1)
    qtbot.keyClicks(pane.detail.notes, "grey")
    pane.select(dataset_id=2)
    assert (pictures.datasets.get(1).notes, pictures.datasets.get(2).notes) == ("grey", "")
    assert pane.detail.notes.toPlainText() == ""


def test_the_chosen_dataset_goes_along_to_the_models(qtbot, shown, pictures):
    window, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])
    qtbot.mouseClick(named(pane, QPushButton, "Choose a model"), Qt.MouseButton.LeftButton)
    assert window.went == [("models", {"dataset_id": 1})]


def test_a_folder_is_imported_at_once_and_what_was_skipped_is_one_click_away(qtbot, shown, project, tmp_path):
    folder = write_pictures(tmp_path / "shades")
    (folder / "dark" / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    window, pane = shown(project)
    start_import(window, project, [folder], window)
    qtbot.waitUntil(pane.news.isVisible, timeout=30_000)
    assert pane.news.text == "shades: 40 of 41 imported; 1 skipped."
    qtbot.waitUntil(lambda: listed(pane) == ["shades"])
    assert pane.list.current_id == 1
    assert not pane.importing.isVisible()
    qtbot.mouseClick(named(pane, QPushButton, "Details"), Qt.MouseButton.LeftButton)
    assert pane.detail.findings.isVisible()
    (skipped,) = [item for item in problems(project.datasets.get(1)) if item.code == "skipped"]
    assert skipped.count == 1
    assert "broken.png" in skipped.examples[0]


def open_dialog(qtbot):
    def find():
        return [w for w in QApplication.topLevelWidgets() if isinstance(w, ImportDialog) and w.isVisible()]

    qtbot.waitUntil(lambda: bool(find()), timeout=20_000)
    return find()[0]


def visible_combos(dialog):
    return {combo.accessibleName() for combo in dialog.findChildren(QComboBox) if combo.isVisible()}


def test_a_table_is_shown_before_it_is_imported_and_enter_imports_it(qtbot, shown, project, tmp_path):
    source = write_table(tmp_path / "fruit.csv")
    window, pane = shown(project)
    start_import(window, project, [source], window)
    dialog = open_dialog(qtbot)
    assert named(dialog, QComboBox, "Target column").currentText() == "kind"
    assert named(dialog, QComboBox, "Encoding").currentText() == "UTF-8"
    choose(named(dialog, QComboBox, "Target column"), "weight")
    named(dialog, QLineEdit, "Name").setText("Scales")
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: listed(pane) == ["Scales"], timeout=30_000)
    assert project.datasets.get(1).schema.target == "weight"


@pytest.mark.parametrize(
    "kind", ["Folder of pictures, texts or recordings…", "Table or texts…", "Archive (zip, tar)…"]
)
def test_the_source_is_asked_for_by_kind(qtbot, monkeypatch, tmp_path, kind):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    folder, table = tmp_path / "shades", tmp_path / "fruit.csv"
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    monkeypatch.setattr(QFileDialog, "getOpenFileNames", lambda *_: ([str(table)], ""))

    def choose_kind():
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        action = next(action for action in menu.actions() if action.text() == kind)
        qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    QTimer.singleShot(50, choose_kind)
    assert ask_source(window) == [folder if kind.startswith("Folder") else table]


def test_another_separator_shows_the_table_anew(qtbot, project, tmp_path):
    source = tmp_path / "odd.csv"
    source.write_text("a;b,c;d\n" + "1;2,3;4\n2;4,5;6\n" * 10)
    dialog = ImportDialog(project.datasets.inspect(source), source, project)
    qtbot.addWidget(dialog)
    dialog.show()
    separator = named(dialog, QComboBox, "Separator")
    choose(separator, "comma")
    qtbot.waitUntil(lambda: named(dialog, QComboBox, "Target column").count() == 2, timeout=10_000)
    assert dialog.config().separator == ","
    choose(separator, "semicolon")
    qtbot.waitUntil(lambda: named(dialog, QComboBox, "Target column").count() == 3, timeout=10_000)
    qtbot.waitUntil(named(dialog, QPushButton, "Import").isEnabled)


def test_what_was_found_out_of_a_table_can_be_set_right_before_it_is_imported(qtbot, project, tmp_path):
    source = tmp_path / "plain.csv"
    source.write_text("1,5;2020;a\n2,5;2021;b\n" * 20)
    dialog = ImportDialog(project.datasets.inspect(source), source, project)
    qtbot.addWidget(dialog)
    dialog.show()
    shown = {name: named(dialog, QComboBox, name) for name in ("Decimal sign", "First row", "Separator")}
    assert [combo.currentText() for combo in shown.values()] == ["comma, 1,5", "is data", "semicolon"]
    assert "Sheet" not in visible_combos(dialog)
    assert dialog.config().header is None, "what was not touched is found out again"
    choose(shown["First row"], "names columns")
    target = named(dialog, QComboBox, "Target column")
    qtbot.waitUntil(lambda: target.itemText(0) == "1,5", timeout=10_000)
    choose(shown["Decimal sign"], "point, 1.5")
    qtbot.waitUntil(named(dialog, QPushButton, "Import").isEnabled, timeout=10_000)
    assert (dialog.config().header, dialog.config().decimal) == (True, ".")


def test_the_sheet_of_a_workbook_can_be_chosen(qtbot, project, tmp_path):
    book = Workbook()
    for title, heading in (("First", "x"), ("数据", "size")):
        sheet = book.create_sheet(title)
        for row in ((heading, "kind"), (1, "a"), (2, "b")):
            sheet.append(row)
    book.save(tmp_path / "book.xlsx")
    source = tmp_path / "book.xlsx"
    dialog = ImportDialog(project.datasets.inspect(source), source, project)
    qtbot.addWidget(dialog)
    dialog.show()
    assert "Separator" not in visible_combos(dialog)
    choose(named(dialog, QComboBox, "Sheet"), "数据")
    target = named(dialog, QComboBox, "Target column")
    qtbot.waitUntil(lambda: target.itemText(0) == "size", timeout=10_000)
    assert dialog.config().sheet == "数据"


def test_a_click_on_a_heading_says_what_a_column_is(qtbot, shown, project, tmp_path):
    source = tmp_path / "visits.csv"
    source.write_text(
        "code,day,kind\n" + "".join(f"{n % 9},0{1 + n % 9}/01/2024,a\n1,02/01/2024,b\n" for n in range(20))
    )
    window, pane = shown(project)
    start_import(window, project, [source], window)
    dialog = open_dialog(qtbot)

    def headings():
        model = named(dialog, QTableView, "First rows").model()
        return [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]

    def click(at, title):
        table = named(dialog, QTableView, "First rows")
        header = table.horizontalHeader()
        spot = QPoint(header.sectionViewportPosition(at) + 8, 8)
        qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=spot)
        menu = QApplication.activePopupWidget()
        action = next(action for action in menu.actions() if action.text() == title)
        qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())

    assert headings() == ["code\nnumber", "day\ndate", "kind\ntarget"]
    click(0, "Category")
    qtbot.waitUntil(lambda: headings()[0] == "code\ncategory", timeout=10_000)
    click(1, "Date, month first")
    qtbot.waitUntil(lambda: headings()[1] == "day\ndate, month first", timeout=10_000)
    click(2, "Number")
    qtbot.waitUntil(dialog._banner.isVisible, timeout=10_000)
    assert "'kind' holds no number" in dialog._banner.text
    click(2, "Automatic")
    qtbot.waitUntil(lambda: not dialog._banner.isVisible(), timeout=10_000)
    qtbot.waitUntil(named(dialog, QPushButton, "Import").isEnabled)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: listed(pane) == ["visits"], timeout=30_000)
    dataset = project.datasets.get(1)
    assert [column.kind for column in dataset.schema.columns] == ["category", "number"]
    assert dataset.imported.details["dates"] == {"day": "mdy"}


def test_an_encoding_that_does_not_fit_is_told_in_the_dialog_and_cannot_be_imported(qtbot, project, tmp_path):
    source = tmp_path / "houses.csv"
    source.write_bytes("größe,preis\n".encode("cp1252") + b"1,2\n2,5\n" * 10)
    dialog = ImportDialog(project.datasets.inspect(source), source, project)
    qtbot.addWidget(dialog)
    dialog.show()
    assert named(dialog, QComboBox, "Encoding").currentText() != "UTF-8"
    choose(named(dialog, QComboBox, "Encoding"), "UTF-8")
    qtbot.waitUntil(dialog._banner.isVisible, timeout=10_000)
    assert "is not in UTF-8" in dialog._banner.text
    assert not named(dialog, QPushButton, "Import").isEnabled()


def test_several_sources_are_imported_in_turn_and_the_bad_one_is_told_once(qtbot, shown, project, tmp_path):
    empty = tmp_path / "nothing"
    empty.mkdir()
    window, pane = shown(project)
    sources = [empty, write_pictures(tmp_path / "shades"), write_pictures(tmp_path / "other", 12)]
    start_import(window, project, sources, window)
    qtbot.waitUntil(lambda: sorted(listed(pane)) == ["other", "shades"], timeout=30_000)
    qtbot.waitUntil(lambda: "shades" in pane.news.text and "other" in pane.news.text)
    assert pane.banner.isVisible()
    assert str(empty) in pane.banner.text
    assert "Traceback" not in pane.banner.text


def test_a_cancelled_dialog_imports_nothing(qtbot, shown, project, tmp_path):
    window, pane = shown(project)
    start_import(window, project, [write_table(tmp_path / "fruit.csv")], window)
    dialog = open_dialog(qtbot)
    qtbot.mouseClick(named(dialog, QPushButton, "Cancel"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not pane.importing.isVisible())
    assert project.jobs.active() == []
    assert project.datasets.all() == []


def test_an_import_shows_in_place_and_can_be_cancelled_there(qtbot, shown, project, tmp_path):
    # Another job holds the lane, so that the import is there for as long as the test wants.
    held = threading.Event()
    project.jobs.submit("import", "Hold", lambda _token, _progress: held.wait(30))
    window, pane = shown(project)
    start_import(window, project, [write_pictures(tmp_path / "shades")], window)
    try:
        qtbot.waitUntil(lambda: pane.importing._label.text() == "Import shades", timeout=20_000)
        qtbot.mouseClick(named(pane, QPushButton, "Cancel"), Qt.MouseButton.LeftButton)
    finally:
        held.set()
    qtbot.waitUntil(pane.news.isVisible, timeout=20_000)
    assert "cancelled" in pane.news.text
    assert not pane.importing.isVisible()
    assert project.jobs.last("import").state is JobState.CANCELLED
    assert project.datasets.all() == []


def test_the_same_data_is_not_imported_twice_and_that_is_said(qtbot, shown, pictures, tmp_path):
    window, pane = shown(pictures)
    start_import(window, pictures, [tmp_path / "shades"], window)
    qtbot.waitUntil(pane.news.isVisible, timeout=30_000)
    assert pane.news.text == "This is the same data as shades, so nothing was imported twice."


def test_a_read_only_project_can_be_looked_at_and_says_why_it_does_not_change(qtbot, shown, tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_pictures(tmp_path / "shades"))
    with open_project(tmp_path / "Orchard", read_only=True) as session:
        window, pane = shown(session)
        wait_for_samples(qtbot, pane, 40)
        button = named(pane, QPushButton, "Import data")
        assert not button.isEnabled()
        assert "read-only" in button.toolTip()
        assert pane.detail.notes.isReadOnly()
        qtbot.keyClick(pane.list.view, Qt.Key.Key_Delete)
        assert listed(pane) == ["shades"]
        start_import(window, session, [tmp_path / "shades"], window)
        assert "read-only" in pane.banner.text


def test_selection_and_place_survive_a_reload(qtbot, shown, pictures, tmp_path):
    import_data(pictures, write_table(tmp_path / "fruit.csv"))
    _, pane = shown(pictures)
    qtbot.waitUntil(lambda: listed(pane) == ["fruit", "shades"])
    pane.select(dataset_id=1)
    wait_for_samples(qtbot, pane, 40)
    bar = pane.detail.samples.pictures.grid.verticalScrollBar()
    bar.setValue(50)
    pictures.datasets.rename(2, "fruits")
    qtbot.waitUntil(lambda: listed(pane) == ["fruits", "shades"])
    assert pane.list.current_id == 1
    assert bar.value() == 50


def test_nothing_needs_more_room_than_a_small_window_has(qtbot, shown, pictures):
    _, pane = shown(pictures)
    wait_for_samples(qtbot, pane, 40)
    hint = pane.minimumSizeHint()
    assert hint.width() <= 940
    assert hint.height() <= 590


def test_a_small_window_shows_classes_and_split_as_a_page_of_their_own(qtbot, shown, pictures):
    window, pane = shown(pictures)
    wait_for_samples(qtbot, pane, 40)
    tabs, split = pane.detail.tabs, pane.detail.split
    assert not split.isVisible()
    assert tabs.tabText(4) == "About"
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(4).center())
    assert split.isVisible()
    window.resize(*WIDE)
    qtbot.waitUntil(lambda: not tabs.isTabVisible(4))
    assert split.isVisible()
    assert tabs.currentIndex() == 0, "the samples are seen beside it"
