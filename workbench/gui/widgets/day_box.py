"""An entry for a day."""

import contextlib
from datetime import date, datetime

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtGui import QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QLineEdit, QMenu, QToolButton, QWidget, QWidgetAction

from workbench.gui.theme import icon, token
from workbench.gui.translate import tr

_PATTERNS = ("%d %b %Y", "%d %B %Y", "%d.%m.%Y", "%Y/%m/%d")


class DayBox(QLineEdit):
    """A day as 2026-11-28, or none. Other common ways of writing it are understood, and a calendar opens."""

    day_picked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(tr("YYYY-MM-DD"))
        self.setClearButtonEnabled(False)
        action = self.addAction(icon("calendar-blank"), QLineEdit.ActionPosition.TrailingPosition)
        action.setToolTip(tr("Choose a day"))
        action.setText(tr("Choose a day"))
        action.triggered.connect(lambda _checked=False: self.open_calendar())

    def value(self) -> date | str | None:
        """Return the day; the text itself where it is none; None where it is empty."""
        text = " ".join(self.text().replace("\u00a0", " ").split())
        if not text:
            return None
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)
        for pattern in _PATTERNS:
            with contextlib.suppress(ValueError):
                return datetime.strptime(text, pattern).date()
        return text

    def set_value(self, day: date | None) -> None:
        """Show a day; None empties the entry."""
        self.setText("" if day is None else day.isoformat())

    def open_calendar(self) -> None:
        """Offer the days of a month."""
        if self.isReadOnly() or not self.isEnabled():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar = _calendar()
        day = self.value()
        calendar.setSelectedDate(_qt_day(day if isinstance(day, date) else date.today()))

        def take(chosen: QDate) -> None:
            self.set_value(date(chosen.year(), chosen.month(), chosen.day()))
            menu.close()
            self.day_picked.emit()

        calendar.clicked.connect(take)
        calendar.activated.connect(take)
        holder = QWidgetAction(menu)
        holder.setDefaultWidget(calendar)
        menu.addAction(holder)
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))
        calendar.setFocus()


def _qt_day(day: date) -> QDate:
    return QDate(day.year, day.month, day.day)


def _calendar() -> QCalendarWidget:
    calendar = QCalendarWidget()
    calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
    calendar.setGridVisible(False)
    plain = QTextCharFormat()
    plain.setForeground(token("text"))
    for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):  # Qt draws them red
        calendar.setWeekdayTextFormat(day, plain)
    for name, icon_name in (
        ("qt_calendar_prevmonth", "caret-left"),
        ("qt_calendar_nextmonth", "caret-right"),
    ):
        if isinstance(button := calendar.findChild(QToolButton, name), QToolButton):
            button.setIcon(icon(icon_name, "text"))
    calendar.setMinimumSize(288, 232)
    head = QTextCharFormat()
    head.setForeground(token("muted"))
    calendar.setHeaderTextFormat(head)
    return calendar
