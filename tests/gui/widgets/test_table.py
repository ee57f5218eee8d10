"""One table: sorts, copies, remembers, and copes with millions of rows."""

from dataclasses import dataclass

import pytest
from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QMenu

from workbench.gui.item_models.records import Column
from workbench.gui.widgets import number_format
from workbench.gui.widgets.table import Table


@dataclass(frozen=True)
class Run:
    id: int
    name: str
    score: float | None


RUNS = [
    Run(1, "calm-heron", 0.8),
    Run(2, "Brisk-otter", None),
    Run(3, "plain-linnet", 0.9),
    Run(4, "第四", float("nan")),
]
COLUMNS = [
    Column("Run", lambda run: run.name, stretch=True, strong=True, tip="Its <name>"),
    Column("Score", lambda run: run.score, "right", number_format.measure),
]


@pytest.fixture
def table(qtbot):
    made = Table(COLUMNS, "Runs", identity=lambda run: run.id, multiple=True)
    qtbot.addWidget(made)
    made.resize(500, 300)
    made.set_records(RUNS)
    made.show()
    return made


def names(table):
    return [run.name for run in table.records()]


def test_records_stand_in_the_order_given_until_a_heading_is_clicked(table, qtbot):
    assert names(table) == ["calm-heron", "Brisk-otter", "plain-linnet", "第四"]
    header = table.horizontalHeader()
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=header.viewport().rect().center())
    assert names(table)[0] == "Brisk-otter"


@pytest.mark.parametrize("order", [Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder])
def test_what_has_no_score_stands_last_in_both_directions(table, order):
    table.sortByColumn(1, order)
    assert set(names(table)[2:]) == {"Brisk-otter", "第四"}


def test_figures_stand_right_with_digits_of_one_width(table):
    index = table.model().index(0, 1)
    assert index.data(Qt.ItemDataRole.TextAlignmentRole) & Qt.AlignmentFlag.AlignRight
    assert index.data(Qt.ItemDataRole.FontRole).featureTags()
    assert index.data() == "0.800"
    assert table.model().index(1, 1).data() == "–"


def test_the_selection_survives_sorting_and_new_records(table):
    table.select(lambda run: run.id in (1, 3))
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert {run.id for run in table.selected()} == {1, 3}
    table.set_records([Run(3, "renamed", 0.1), *RUNS[:2]])
    assert {run.id for run in table.selected()} == {1, 3}


def test_a_selected_record_that_is_gone_is_told(table, qtbot):
    table.select(lambda run: run.id == 3)
    with qtbot.waitSignal(table.selection_changed) as told:
        table.set_records(RUNS[:1])
    assert told.args == [[]]


def test_ctrl_c_copies_the_selected_rows_with_headings(table, qtbot):
    table.select(lambda run: run.id in (1, 2))
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Run\tScore\ncalm-heron\t0.800\nBrisk-otter\t–"


def test_enter_activates_the_current_record(table, qtbot):
    table.select(lambda run: run.id == 2)
    with qtbot.waitSignal(table.record_activated) as told:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert told.args == [RUNS[1]]


def test_names_with_markup_are_plain_text_in_tooltips(table):
    table.set_records([Run(1, "<img src=x>", 1.0)])
    assert "&lt;img" in table.model().index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "&lt;name&gt;" in table.model().headerData(
        0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
    )


def test_the_context_menu_offers_what_the_pane_builds_for_the_selection(table, qtbot):
    asked = []
    table.set_menu(lambda records: asked.append(records) or [QAction("Rename", table)])
    table.select(lambda run: run.id == 1)
    table.customContextMenuRequested.emit(table.visualRect(table.model().index(0, 0)).center())
    menu = table.findChild(QMenu)
    assert asked == [[RUNS[0]]]
    assert [action.text() for action in menu.actions()] == ["Rename"]
    menu.close()


def test_column_widths_are_remembered_by_key(qtbot):
    for width in (0, 140):
        table = Table(COLUMNS, "Runs", key="test-runs")
        qtbot.addWidget(table)
        table.resize(500, 300)
        table.set_records(RUNS)
        table.show()
        if not width:
            table.horizontalHeader().resizeSection(1, 140)
        else:
            assert table.horizontalHeader().sectionSize(1) == width
        table.hide()
    QSettings().remove("columns/test-runs")


def test_a_narrow_table_keeps_the_name_readable(table):
    table.resize(120, 200)
    font = table.model().index(2, 0).data(Qt.ItemDataRole.FontRole)
    assert (
        table.horizontalHeader().sectionSize(0) >= QFontMetrics(font).horizontalAdvance("plain-linnet") + 16
    )


def test_ten_million_rows_are_fetched_only_where_they_are_looked_at(qtbot):
    asked = []

    def rows(start, stop):
        asked.append((start, stop))
        return [Run(i, f"row {i}", i / 10) for i in range(start, stop)]

    table = Table(COLUMNS, "Rows")
    qtbot.addWidget(table)
    table.resize(400, 300)
    table.set_rows(10_000_000, rows)
    table.show()
    qtbot.wait(10)
    table.scrollToBottom()
    table.viewport().repaint()
    assert table.model().index(9_999_999, 0).data() == "row 9999999"
    assert sum(stop - start for start, stop in asked) < 3000
    assert max(stop for _, stop in asked) == 10_000_000


def test_an_empty_table_says_what_belongs_here(qtbot):
    table = Table(COLUMNS, "Runs", empty_text="Runs appear here.")
    qtbot.addWidget(table)
    table.resize(400, 300)
    blank = Table(COLUMNS, "Runs", empty_text=" ")
    qtbot.addWidget(blank)
    blank.resize(400, 300)
    assert table.grab().toImage() != blank.grab().toImage()


def test_a_last_column_that_fills_the_width_needs_no_scroll_bar(qtbot):
    columns = [Column(name, lambda row, name=name: row[name]) for name in ("one", "two")]
    table = Table(columns, "Numbers")
    qtbot.addWidget(table)
    table.resize(800, 200)
    table.show()
    table.set_records([{"one": "1", "two": "2"} for _ in range(100)])  # enough for a vertical bar
    qtbot.waitUntil(lambda: table.verticalScrollBar().isVisible())
    table.resize(400, 200)
    assert table.horizontalScrollBar().maximum() == 0


def test_the_same_records_in_the_same_order_tell_of_what_changed_alone(table):
    table.select(lambda run: run.id == 3)
    changed, reset = [], []
    table.model().dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    table.model().modelReset.connect(lambda: reset.append(1))
    table.set_records([RUNS[0], Run(2, "Brisk-otter", 0.1), *RUNS[2:]])
    assert (changed, reset) == ([(1, 1)], [])
    assert table.model().index(1, 1).data() == "0.100"
    assert [run.id for run in table.selected()] == [3]
    table.set_records([RUNS[1], RUNS[0], *RUNS[2:]])
    assert reset == [1]
    assert names(table)[0] == "Brisk-otter"
    assert [run.id for run in table.selected()] == [3]


def test_a_change_that_moves_a_sorted_row_moves_it(table):
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    table.set_records([Run(1, "calm-heron", 0.95), *RUNS[1:]])
    assert names(table)[0] == "calm-heron"


def test_selecting_tells_once(table):
    told = []
    table.selection_changed.connect(lambda rows: told.append([run.id for run in rows]))
    table.select(lambda run: run.id in (1, 3))
    table.select(lambda run: run.id == 2)
    assert told == [[1, 3], [2]]
