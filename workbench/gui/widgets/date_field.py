"""An entry for a day that tells of each change by itself."""

from datetime import date

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.day_box import DayBox
from workbench.gui.widgets.labels import tip


class DateField(DayBox):
    """A day that may be empty, typed or chosen from a calendar.

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
        self.setToolTip(tip(tr("A day such as 2026-11-28; Alt+Down opens a calendar")))
        self.editingFinished.connect(self._on_left)
        self.day_picked.connect(self._on_left)

    def set_day(self, day: date | None) -> None:
        """Show a day, unless it is the one that is being changed here."""
        if day != self._day or not self.hasFocus():
            self._day = day
            self.set_value(day)
            self._mark(wrong=False)

    def set_editable(self, editable: bool) -> None:
        """Say whether another day may be chosen."""
        self.setReadOnly(not editable)
        for action in self.actions():
            action.setVisible(editable)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt+Down opens the calendar, Escape puts the day back."""
        alt = event.modifiers() & Qt.KeyboardModifier.AltModifier
        if event.key() == Qt.Key.Key_Down and alt:
            self.open_calendar()
        elif event.key() == Qt.Key.Key_Escape and self.isModified():
            self.set_value(self._day)
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
        day = self.value()
        if isinstance(day, str):
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
