"""The search over everything, as a list that answers to typing and arrows."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QListWidget, QWidget

from workbench.gui.palette import Hit, Palette


@pytest.fixture
def palette(qtbot):
    """A palette over two runs, a dataset and a command; `chosen` holds what was taken."""
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.resize(900, 700)
    parent.show()
    chosen = []
    named = [
        ("quiet river", "run · finished", "chart-line"),
        ("river <b>bend</b>", "dataset", "database"),
        ("loud hill", "run · stopped", "chart-line"),
        ("Undo", "command  Ctrl+Z", "command"),
    ]
    hits = [Hit(title, kind, icon, lambda title=title: chosen.append(title)) for title, kind, icon in named]
    found = Palette(hits, parent)
    found.chosen = chosen
    found.show()
    qtbot.waitUntil(found.isVisible)
    yield found
    parent.close()


def rows(palette):
    listed = palette.findChild(QListWidget)
    return [listed.item(row).text() for row in range(listed.count())]


def press(qtbot, palette, *keys):
    for key in keys:
        qtbot.keyClick(palette.findChild(QLineEdit), key)


def test_words_in_any_order_narrow_the_list_by_name_and_kind(qtbot, palette):
    assert len(rows(palette)) == 4
    qtbot.keyClicks(palette.findChild(QLineEdit), "run riv")
    assert [row.split("  ")[0] for row in rows(palette)] == ["quiet river"]


def test_enter_takes_the_marked_hit_and_the_palette_goes(qtbot, palette):
    chosen = palette.chosen
    press(qtbot, palette, Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return)
    assert chosen == ["river <b>bend</b>"]


def test_the_arrows_stop_at_both_ends(qtbot, palette):
    chosen = palette.chosen
    press(qtbot, palette, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_Down, Qt.Key.Key_Return)
    assert chosen == ["Undo"]


def test_nothing_found_says_so_and_enter_takes_nothing(qtbot, palette):
    qtbot.keyClicks(palette.findChild(QLineEdit), "xyzzy")
    assert rows(palette) == ["Nothing is called that. Try fewer letters."]
    press(qtbot, palette, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert palette.chosen == []


def test_escape_leaves_without_taking_anything(qtbot, palette):
    chosen = palette.chosen
    with qtbot.waitSignal(palette.finished):
        press(qtbot, palette, Qt.Key.Key_Escape)
    assert chosen == []


def test_a_click_takes_a_hit(qtbot, palette):
    chosen, listed = palette.chosen, palette.findChild(QListWidget)
    place = listed.visualItemRect(listed.item(2)).center()
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen == ["loud hill"]
