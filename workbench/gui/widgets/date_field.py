"""An entry for a day that may be empty."""

from datetime import date

from PySide6.QtCore import QDate, QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent, QTextCharFormat
from PySide6.QtWidgets import QCalendarWidget, QLineEdit, QMenu, QToolButton, QWidget, QWidgetAction

from workbench.gui.theme import icon, restyle, token
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip


class DateField(QLineEdit):
    """A day as `2026-11-28`, typed or chosen from a calendar; empty is none.

    `changed` carries a date or None when the entry is left with another day; `refused` a sentence when what
    was typed is no day, and an empty one when that is mended.

    Args:
        name: What the day is; the accessible name.
    """

    changed = Signal(object)
    refused = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._day: date | None = None
        self.setAccessibleName(name)
        self.setPlaceholderText(tr("YYYY-MM-DD"))
        self.setToolTip(tip(tr("A day such as 2026-11-28; Alt+Down opens a calendar")))
        self.setTextMargins(0, 0, 24, 0)
        self._calendar = QToolButton(self)
        self._calendar.setIcon(icon("calendar-blank"))
        self._calendar.setAccessibleName(tr("Calendar"))
        self._calendar.setToolTip(tip(tr("Choose from a calendar")))
        self._calendar.setCursor(Qt.CursorShape.ArrowCursor)
        self._calendar.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._calendar.clicked.connect(self.open_calendar)
        self.editingFinished.connect(self._on_left)

    def set_day(self, day: date | None) -> None:
        """Show a day, unless it is the one that is being changed here."""
        if day != self._day or not self.hasFocus():
            self._day = day
            self.setText("" if day is None else day.isoformat())
            self._mark(wrong=False)

    def set_editable(self, editable: bool) -> None:
        """Say whether another day may be chosen."""
        self.setReadOnly(not editable)
        self._calendar.setVisible(editable)

    def open_calendar(self) -> None:
        """Let a day be chosen from a calendar."""
        menu, calendar = QMenu(self), QCalendarWidget()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        calendar.setAccessibleName(tr("Calendar"))
        calendar.setVerticalHeaderFormat(QCalendarWidget.VerticalHeaderFormat.NoVerticalHeader)
        # Qt shows the days of the weekend in a red of its own.
        day_look = QTextCharFormat()
        day_look.setForeground(token("text"))
        for day in (Qt.DayOfWeek.Saturday, Qt.DayOfWeek.Sunday):
            calendar.setWeekdayTextFormat(day, day_look)
        if self._day is not None:
            calendar.setSelectedDate(QDate(self._day.year, self._day.month, self._day.day))
        item = QWidgetAction(menu)
        item.setDefaultWidget(calendar)
        menu.addAction(item)

        def choose(day: QDate) -> None:
            menu.close()
            self.setText(day.toString(Qt.DateFormat.ISODate))
            self._on_left()

        calendar.clicked.connect(choose)
        calendar.activated.connect(choose)
        menu.popup(self.mapToGlobal(QPoint(0, self.height())))
        calendar.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the button at the right end."""
        super().resizeEvent(event)
        size = self._calendar.sizeHint()
        self._calendar.setGeometry(
            self.width() - size.width() - 3, (self.height() - size.height()) // 2, size.width(), size.height()
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt+Down opens the calendar, Escape puts the day back."""
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if event.key() == Qt.Key.Key_Down and alt and not self.isReadOnly():
            self.open_calendar()
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setText("" if self._day is None else self._day.isoformat())
            self._mark(wrong=False)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Take Escape before it becomes a key of the pane while something is typed."""
        is_key = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and event.key() == Qt.Key.Key_Escape and self.isModified():  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def _on_left(self) -> None:
        text = self.text().strip()
        try:
            day = date.fromisoformat(text) if text else None
        except ValueError:
            self._mark(wrong=True)
            self.refused.emit(tr("Write the day as 2026-11-28."))
            return
        self._mark(wrong=False)
        if day != self._day:
            self._day = day
            self.changed.emit(day)

    def _mark(self, *, wrong: bool) -> None:
        if bool(self.property("wrong")) != wrong:
            restyle(self, wrong=wrong)
            if not wrong:
                self.refused.emit("")
