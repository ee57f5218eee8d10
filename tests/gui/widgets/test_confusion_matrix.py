"""The confusion matrix: clicked, walked through by keys, and readable for many classes."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

from workbench.gui.widgets.confusion_matrix import ConfusionMatrix
from workbench.gui.widgets.matrix_grid import MatrixGrid

LABELS = ["nevus", "melanoma", "<b>角化病</b>"]
COUNTS = [[90, 8, 2], [5, 15, 0], [0, 0, 0]]


@pytest.fixture
def matrix(qtbot):
    made = ConfusionMatrix()
    qtbot.addWidget(made)
    made.resize(520, 420)
    made.set_matrix(LABELS, COUNTS, "test · best checkpoint (epoch 17)")
    made.show()
    return made


@pytest.fixture
def grid(matrix):
    return matrix.findChild(MatrixGrid)


def click(qtbot, grid, cell, keys=Qt.KeyboardModifier.NoModifier):
    qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, keys, grid.cell_rect(cell).center())


def press(qtbot, matrix, text):
    (button,) = [b for b in matrix.findChildren(QPushButton) if b.text() == text]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_click_selects_the_cell_of_that_actual_and_predicted_class(matrix, grid, qtbot):
    with qtbot.waitSignal(matrix.cells_selected) as told:
        click(qtbot, grid, (1, 0))
    assert told.args == [[(1, 0)]]


def test_ctrl_click_adds_cells_and_takes_them_away(matrix, grid, qtbot):
    control = Qt.KeyboardModifier.ControlModifier
    click(qtbot, grid, (0, 1))
    click(qtbot, grid, (1, 0), control)
    click(qtbot, grid, (2, 2), control)
    assert matrix.selected() == [(0, 1), (1, 0), (2, 2)]
    click(qtbot, grid, (1, 0), control)
    assert matrix.selected() == [(0, 1), (2, 2)]
    click(qtbot, grid, (0, 0))
    assert matrix.selected() == [(0, 0)]


def test_arrow_keys_move_inside_the_matrix_and_space_selects(matrix, grid, qtbot):
    for key in (
        Qt.Key.Key_Up,
        Qt.Key.Key_Down,
        Qt.Key.Key_Right,
        Qt.Key.Key_Right,
        Qt.Key.Key_Right,
        Qt.Key.Key_Space,
    ):
        qtbot.keyClick(grid, key)
    assert matrix.selected() == [(1, 2)]


def test_the_current_cell_is_described_for_who_cannot_see_it(grid, qtbot):
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.accessibleDescription() == "Actual nevus, predicted melanoma: 8, 8\u00a0% of the row"
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.accessibleDescription().endswith("0, – of the row")


def test_the_buttons_select_the_diagonal_all_errors_and_nothing(matrix, qtbot):
    press(qtbot, matrix, "Correct")
    assert matrix.selected() == [(0, 0), (1, 1), (2, 2)]
    press(qtbot, matrix, "Misclassified")
    assert matrix.selected() == [(0, 1), (0, 2), (1, 0)]
    press(qtbot, matrix, "Clear")
    assert matrix.selected() == []


def test_cells_show_counts_or_shares_and_zero_as_a_dot(matrix, grid):
    assert grid._texts == [["90", "8", "2"], ["5", "15", "·"], ["·", "·", "·"]]
    matrix._shown.setCurrentIndex(matrix._shown.findData("rows"))
    assert grid._texts[:2] == [["90", "8", "2"], ["25", "75", "·"]]
    matrix._shown.setCurrentIndex(matrix._shown.findData("columns"))
    # Column nevus holds 90 + 5: 90 / 95 is 94.7 %; column melanoma 8 + 15: 8 / 23 is 34.8 %.
    assert grid._texts[0] == ["95", "35", "100"]


def test_without_the_diagonal_the_errors_get_the_whole_scale(matrix, grid):
    assert grid._shares[0][1] < 0.5
    matrix._diagonal.setChecked(True)
    assert grid._texts[0][0] == ""
    assert grid._shares[0][1] == 1.0


@pytest.mark.parametrize("n", [2, 10, 30])
def test_every_cell_can_be_read_and_reached_in_a_small_window(matrix, grid, qtbot, n):
    matrix.resize(360, 320)
    matrix.set_matrix(
        [f"class number {i}" for i in range(n)],
        [[1234 if r == c else 1 for c in range(n)] for r in range(n)],
        "test",
    )
    rect = grid.cell_rect((0, 0))
    assert rect.width() >= 24
    # Figures are 12 pixels high.
    assert rect.height() >= 16
    for _ in range(n):
        qtbot.keyClick(grid, Qt.Key.Key_Down)
        qtbot.keyClick(grid, Qt.Key.Key_Right)
    last = grid.cell_rect((n - 1, n - 1))
    assert grid._cells_area().adjusted(0, 0, 2, 2).contains(last)
    assert grid._cell_at(last.center()) == (n - 1, n - 1)
    assert not grid.grab().isNull()


def test_headings_tell_the_whole_name_of_their_class(grid):
    row = grid.cell_rect((2, 0)).center()
    assert grid._name_at(QPoint(30, row.y())) == "<b>角化病</b>"
    column = grid.cell_rect((0, 1)).center()
    assert grid._name_at(QPoint(column.x(), grid._cells_area().bottom() + 10)) == "melanoma"


def test_beyond_thirty_classes_the_most_confused_pairs_come_first(matrix, qtbot):
    n = 1000
    counts = [[0] * n for _ in range(n)]
    for i in range(n):
        counts[i][i] = 10
    counts[3][999], counts[500][2] = 7, 9
    matrix.set_matrix([f"c{i}" for i in range(n)], counts, "validation · last checkpoint")
    assert [(pair.actual, pair.predicted, pair.count) for pair in matrix._pairs.records()] == [
        ("c500", "c2", 9),
        ("c3", "c999", 7),
    ]
    assert matrix._pairs.isVisible()
    with qtbot.waitSignal(matrix.cells_selected) as told:
        matrix._pairs.select(lambda pair: pair.count == 7)
    assert told.args == [[(3, 999)]]
    with qtbot.waitSignal(matrix.cells_selected) as told:
        press(qtbot, matrix, "Misclassified")
    assert told.args == [[(3, 999), (500, 2)]]


def test_a_smaller_matrix_after_a_larger_one_is_a_grid_again(matrix, grid):
    matrix.set_matrix([str(i) for i in range(40)], [[1] * 40] * 40, "test")
    assert not grid.isVisible()
    matrix.set_matrix(["no", "yes"], [[3, 1], [0, 4]], "test")
    assert grid.isVisible()
    assert not matrix.grab().isNull()
