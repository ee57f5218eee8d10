"""An entry for a day, which may be none."""

from datetime import date

from PySide6.QtCore import QDate, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QDateEdit, QWidget

_NONE = QDate(1970, 1, 1)


class DayEdit(QDateEdit):
    """A day with a calendar. `chosen` tells when another one is decided on.

    Args:
        name: What the day is.
        empty: Words for no day; without them there always is one.
    """

    chosen = Signal()

    def __init__(self, name: str, empty: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setCalendarPopup(True)
        self.setDisplayFormat("yyyy-MM-dd")
        self.setMinimumDate(_NONE)
        self.setSpecialValueText(empty)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # A style sheet's padding does not reach the entry inside a spin box.
        self.lineEdit().setTextMargins(7, 0, 0, 0)
        self.editingFinished.connect(self.chosen)
        self.calendarWidget().clicked.connect(lambda _day: self.chosen.emit())

    def day(self) -> date | None:
        """Return the day entered, or None."""
        entered = self.date()
        return None if entered == _NONE else date(entered.year(), entered.month(), entered.day())

    def set_day(self, day: date | None) -> None:
        """Show a day without telling."""
        with QSignalBlocker(self):
            self.setDate(_NONE if day is None else QDate(day.year, day.month, day.day))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Never change a day by scrolling past it."""
        event.ignore()
