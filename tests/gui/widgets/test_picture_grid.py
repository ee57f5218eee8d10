"""Pictures: only those in sight are asked for, tiny ones keep their pixels."""

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QApplication

from workbench.gui.widgets.picture_grid import Picture, PictureGrid, as_image

MILLION = 1_000_000


@pytest.fixture
def asked():
    return []


@pytest.fixture
def grid(qtbot, asked):
    def provide(start, stop):
        asked.append((start, stop))
        return [
            Picture(np.full((1, 8, 8), index % 256, np.uint8), f"number {index}", "<b>x</b>", "info")
            for index in range(start, stop)
        ]

    made = PictureGrid("Digits", tile=64)
    qtbot.addWidget(made)
    made.resize(400, 300)
    made.set_pictures(MILLION, provide)
    made.show()
    made.grab()
    return made


def test_of_a_million_pictures_only_those_in_sight_are_asked_for(grid, asked):
    assert sum(stop - start for start, stop in asked) <= 128
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    grid.grab()
    assert asked[-1][1] == MILLION
    assert sum(stop - start for start, stop in asked) <= 300


def test_scrolled_to_the_end_the_last_picture_is_whole(grid):
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum())
    assert grid.tile_rect(MILLION - 1).bottom() <= grid.viewport().height()
    assert grid.tile_rect(MILLION - 1).top() > 0


def test_a_click_makes_a_picture_current_and_a_double_click_activates_it(grid, qtbot):
    with qtbot.waitSignal(grid.current_changed) as told:
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, pos=grid.tile_rect(6).center())
    assert told.args == [6]
    with qtbot.waitSignal(grid.activated) as told:
        place, left = QPointF(grid.tile_rect(2).center()), Qt.MouseButton.LeftButton
        keys, kind = Qt.KeyboardModifier.NoModifier, QEvent.Type.MouseButtonDblClick
        QApplication.sendEvent(grid.viewport(), QMouseEvent(kind, place, place, left, left, keys))
    assert told.args == [2]


def test_arrow_keys_walk_through_the_pictures_and_scroll_along(grid, qtbot):
    columns = grid._columns()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    for key, expected in (
        (Qt.Key.Key_Right, 1),
        (Qt.Key.Key_Down, 1 + columns),
        (Qt.Key.Key_Left, columns),
        (Qt.Key.Key_End, MILLION - 1),
    ):
        qtbot.keyClick(grid, key)
        assert grid.current == expected
    assert grid.viewport().rect().contains(grid.tile_rect(MILLION - 1).center())
    qtbot.keyClick(grid, Qt.Key.Key_Home)
    assert grid.current == 0
    assert grid.tile_rect(0).top() >= 0
    with qtbot.waitSignal(grid.activated) as told:
        qtbot.keyClick(grid, Qt.Key.Key_Return)
    assert told.args == [0]


def test_the_current_picture_is_described(grid):
    grid.set_current(41)
    assert grid.accessibleDescription() == "Picture 42 of 1000000: <b>x</b>, number 41"


def test_channels_become_the_right_colours():
    pixels = np.zeros((3, 2, 5), np.uint8)
    pixels[0, 1, 4] = 255
    image = as_image(pixels)
    assert (image.width(), image.height()) == (5, 2)
    assert image.pixelColor(4, 1) == QColor(255, 0, 0)
    assert image.pixelColor(0, 0) == QColor(0, 0, 0)
    assert as_image(np.full((1, 3, 3), 7, np.uint8)).pixelColor(1, 1) == QColor(7, 7, 7)


def test_a_tiny_picture_is_enlarged_without_blur(qtbot):
    board = np.indices((4, 4)).sum(0)[None] % 2 * 255
    grid = PictureGrid("Board", tile=96)
    qtbot.addWidget(grid)
    grid.resize(300, 200)
    grid.set_pictures(1, lambda a, b: [Picture(board.astype(np.uint8))])
    image = grid.grab().toImage()
    rect = grid.tile_rect(0)
    line = [
        image.pixelColor(x, rect.top() + rect.width() // 8).red()
        for x in range(rect.left() + 8, rect.right() - 8)
    ]
    assert set(line) == {0, 255}


def test_an_empty_grid_says_so(qtbot):
    grid = PictureGrid("Errors", empty_text="No errors here.")
    qtbot.addWidget(grid)
    grid.set_pictures(0, lambda a, b: [])
    assert grid.accessibleDescription() == "No errors here."
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert grid.current == -1
    assert not grid.grab().isNull()


def test_a_refresh_asks_again_and_keeps_the_place(grid, asked):
    grid.set_current(500)
    place, before = grid.verticalScrollBar().value(), len(asked)
    grid.refresh()
    grid.grab()
    assert len(asked) > before
    assert (grid.current, grid.verticalScrollBar().value()) == (500, place)
