"""The rows of a table on Data: sorted by a click, narrowed, and each column in numbers."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLineEdit

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project
from workbench.datasets.table_rows import TableRows
from workbench.gui.panes.data import DataPane
from workbench.gui.panes.data import rows as rows_module
from workbench.gui.widgets.more_edge import MoreEdge

_WORDS = ("red", "blue", "grün")


@pytest.fixture
def rows(qtbot, tmp_path):
    """A project with a table of 300 rows, and its rows in the pane."""
    source = tmp_path / "things.csv"
    lines = [f"{'' if n == 4 else (n * 7) % 300},{_WORDS[n % 3]},{'ab'[n % 2]}" for n in range(300)]
    source.write_text("size,word,kind\n" + "\n".join(lines), encoding="utf-8")
    with new_project(tmp_path) as session:
        import_data(session, source)
        session.bus.dispatch(10.0)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        pane = window.hold(DataPane, (940, 590))
        view = pane.detail.samples.rows
        qtbot.waitUntil(
            lambda: view.table is not None and view.table.model().rowCount() == 300, timeout=20_000
        )
        yield view


def shown(view, column):
    model = view.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def click(qtbot, view, column):
    spot = QPoint(view.header.sectionViewportPosition(column) + 8, 8)
    qtbot.mouseClick(view.header.viewport(), Qt.MouseButton.LeftButton, pos=spot)


def test_a_click_on_a_heading_sorts_a_second_one_turns_it_round_and_a_third_ends_it(qtbot, rows):
    as_imported = shown(rows, 0)
    for wanted in (["0", "1", "2"], ["299", "298", "297"]):
        click(qtbot, rows, 1)
        qtbot.waitUntil(lambda wanted=wanted: shown(rows, 1)[:3] == wanted, timeout=10_000)
        assert shown(rows, 1)[-1] == "", "what is missing stands last"
    # Row 1 is the heading: the first row of data is row 2.
    assert shown(rows, 0)[0] == str(2 + [(n * 7) % 300 for n in range(300)].index(299))
    click(qtbot, rows, 1)
    qtbot.waitUntil(lambda: shown(rows, 0) == as_imported, timeout=10_000)


def test_rows_are_narrowed_by_words_class_and_split_and_stay_sorted(qtbot, rows):
    named(rows, QLineEdit, "Search rows").setText("GRÜN")
    qtbot.waitUntil(lambda: set(shown(rows, 2)) == {"grün"}, timeout=10_000)
    assert len(shown(rows, 2)) == 100
    classes = named(rows, QComboBox, "Class")
    classes.setCurrentIndex(classes.findText("a"))
    qtbot.waitUntil(lambda: set(shown(rows, 3)) == {"a"}, timeout=10_000)
    click(qtbot, rows, 1)
    qtbot.waitUntil(lambda: [*map(int, shown(rows, 1))] == sorted(map(int, shown(rows, 1))), timeout=10_000)
    assert (set(shown(rows, 2)), set(shown(rows, 3)), len(shown(rows, 1))) == ({"grün"}, {"a"}, 50)
    splits = named(rows, QComboBox, "Split")
    splits.setCurrentIndex(splits.findText("test"))
    qtbot.waitUntil(lambda: 0 < len(shown(rows, 1)) < 50, timeout=10_000)


def test_each_column_tells_what_it_holds(qtbot, rows):
    # Sizes are 0 to 299 once each but for row 4, which lacks its 28: (300 * 299 / 2 - 28) / 299 = 149.9.
    qtbot.waitUntil(lambda: "1 missing" in rows.header.words(1), timeout=10_000)
    assert rows.header.words(1).split("\n")[1:3] == ["from 0 to 299", "mean 149.9"]
    qtbot.waitUntil(lambda: "3 different" in rows.header.words(2), timeout=10_000)
    assert "red: 100" in rows.header.words(2)
    assert "a: 150" in rows.header.words(3)


def test_a_long_search_shows_its_first_hits_until_the_next_word_takes_its_place(qtbot, rows, monkeypatch):
    held, asked = threading.Event(), []

    def search(_table, words):
        for start in range(0, 300, 50):
            asked.append((words, start))
            yield np.arange(start, start + 50) % 10 == len(words)
            if words == "ab":
                assert held.wait(20)

    monkeypatch.setattr(TableRows, "search", search)
    monkeypatch.setattr(rows_module, "_MOMENT_S", 0.0)
    field = named(rows, QLineEdit, "Search rows")
    field.setText("ab")
    qtbot.waitUntil(lambda: rows.table.model().rowCount() == 5, timeout=10_000)
    assert "still searching" in rows._note.text()
    field.setText("abc")
    qtbot.waitUntil(lambda: rows.table.model().rowCount() == 30, timeout=10_000)
    assert "still searching" not in rows._note.text()
    assert shown(rows, 0)[0] == "5", "the fourth row below the heading"
    held.set()
    assert [word for word, _ in asked].count("ab") < 3, "nobody goes on with the first word"


def test_columns_beyond_the_right_edge_are_told_and_the_sign_is_gone_at_their_end(qtbot, rows):
    (edge,) = rows.table.findChildren(MoreEdge)
    rows.header.resizeSection(1, rows.table.viewport().width())
    qtbot.waitUntil(edge.isVisible)
    qtbot.waitUntil(lambda: "columns 1 to 1 of 3" in rows._note.text())
    bar = rows.table.horizontalScrollBar()
    bar.setValue(bar.maximum())
    qtbot.waitUntil(lambda: not edge.isVisible())
    qtbot.waitUntil(lambda: "columns 1 to 3 of 3" in rows._note.text())
    rows.header.resizeSection(1, 88)
    rows.window().resize(1500, 700)
    qtbot.waitUntil(lambda: "columns" not in rows._note.text())
