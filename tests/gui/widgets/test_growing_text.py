"""Text that grows with its lines and keeps itself."""

import pytest
from PySide6.QtCore import Qt

from workbench.gui.widgets.growing_text import GrowingText


@pytest.fixture
def text(qtbot):
    widget = GrowingText("Cause", hint="Why")
    qtbot.addWidget(widget)
    widget.resize(200, 40)
    widget.show()
    with qtbot.waitActive(widget):
        widget.activateWindow()
    widget.setFocus()
    return widget


def test_what_changes_elsewhere_does_not_write_over_what_is_being_typed(qtbot, text):
    kept = []
    text.kept.connect(kept.append)
    text.show_text("before")
    qtbot.keyClicks(text, "now ")
    text.show_text("moved by a number")
    assert text.toPlainText() == "now before"
    text.flush()
    assert kept == ["now before"]
    text.show_text("moved again")
    assert text.toPlainText() == "moved again"


def test_the_text_of_another_record_is_shown_whatever_was_typed(qtbot, text):
    qtbot.keyClicks(text, "for the first")
    text.show_text("the second", other=True)
    text.flush()
    assert text.toPlainText() == "the second"


def test_it_is_as_high_as_its_lines_and_says_what_belongs_there(qtbot, text):
    before = text.height()
    qtbot.keyClicks(text, "a")
    for _ in range(3):
        qtbot.keyClick(text, Qt.Key.Key_Return)
    assert text.height() > before
    assert text.placeholderText() == "Why"
