"""An entry for a day, and one that keeps itself."""

from datetime import date

import pytest
from PySide6.QtWidgets import QApplication, QCalendarWidget, QLineEdit

from workbench.gui.widgets.autosave_field import AutosaveField
from workbench.gui.widgets.day_box import DayBox


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2026-11-28", date(2026, 11, 28)),
        (" 28 Nov 2026 ", date(2026, 11, 28)),
        ("28\u00a0Nov\u00a02026", date(2026, 11, 28)),
        ("28.11.2026", date(2026, 11, 28)),
        ("0001-01-01", date.min),
        ("9999-12-31", date.max),
        ("", None),
        ("2026-02-30", "2026-02-30"),
        ("soon", "soon"),
    ],
)
def test_a_day_is_read_as_it_is_commonly_written(qtbot, text, value):
    box = DayBox()
    qtbot.addWidget(box)
    box.setText(text)
    assert box.value() == value


@pytest.mark.parametrize("day", [date(2026, 11, 28), date.min, date.max])
def test_the_calendar_opens_at_the_day_and_takes_another(qtbot, day):
    box = DayBox()
    qtbot.addWidget(box)
    box.set_value(day)
    box.show()
    box.open_calendar()
    menu = QApplication.activePopupWidget()
    calendar = menu.findChild(QCalendarWidget)
    picked = []
    box.day_picked.connect(lambda: picked.append(box.value()))
    calendar.clicked.emit(calendar.selectedDate())
    assert len(picked) == 1
    qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_an_entry_keeps_itself_after_a_pause_and_when_it_is_hidden(qtbot):
    field = AutosaveField("Licence", QLineEdit())
    qtbot.addWidget(field)
    kept = []
    field.kept.connect(kept.append)
    field.show()
    field.set_value("CC0")
    field.control.setText("CC BY")
    field._pause.setInterval(1)
    field._pause.start()
    qtbot.waitUntil(lambda: kept == ["CC BY"])
    field.control.setText("MIT")
    field.hide()
    assert kept == ["CC BY", "MIT"]
    field.keep()
    assert kept == ["CC BY", "MIT"], "nothing is kept twice"


def test_a_line_that_is_longer_than_its_entry_shows_its_beginning(qtbot):
    field = AutosaveField("Source", QLineEdit())
    qtbot.addWidget(field)
    field.set_value("Wolberg, Mangasarian, Street and Street, 1993: " + "measurements " * 20)
    assert field.control.cursorPosition() == 0
