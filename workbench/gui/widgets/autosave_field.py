"""An entry that keeps itself: no Save button."""

from collections.abc import Callable
from datetime import date
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QHideEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.day_box import DayBox
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.number_box import NumberBox
from workbench.gui.widgets.person_combo import PersonCombo

Control = QLineEdit | QPlainTextEdit | NumberBox | QComboBox | QCheckBox | DayBox
_PAUSE_MS = 2000


class AutosaveField(QWidget):
    """A control with its title above; `kept` carries its value when the user leaves it, or pauses in it.

    What stands in it is not written over while the user types. What is wrong is told below, not kept.

    Args:
        title: What it is.
        control: The entry.
        hint: What it is for, as a tooltip.
        check: Returns a sentence where a value cannot be, else an empty text.
        lines: How many lines of a longer text are seen at once.
    """

    kept = Signal(object)

    def __init__(
        self,
        title: str,
        control: Control,
        hint: str = "",
        check: Callable[[Any], str] = lambda _value: "",
        *,
        lines: int = 3,
    ) -> None:
        super().__init__()
        self.title, self.control, self._check = title, control, check
        self._problem = PlainLabel(role="problem", wrap=True)
        self._problem.hide()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.keep)
        control.setAccessibleName(title)
        control.setAccessibleDescription(hint)
        control.setToolTip(tip(hint))
        self._lay_out(lines)
        self._connect()
        self._last = self.value()

    def value(self) -> Any:
        """Return what is entered; text where a number or a day is wanted stays text."""
        control = self.control
        if isinstance(control, NumberBox | DayBox | PersonCombo):
            return control.value()
        if isinstance(control, QCheckBox):
            return control.isChecked()
        if isinstance(control, QComboBox):
            return control.currentData()
        text = control.toPlainText() if isinstance(control, QPlainTextEdit) else control.text()
        return text.strip()

    def set_value(self, value: Any, *, force: bool = False) -> None:
        """Show a value, unless something is entered that was not kept yet; `force` throws that away."""
        dirty, self._last = self.dirty, value
        if dirty and not force:
            return
        if self.value() != value:
            self._put(value)
        self._pause.stop()
        self._tell(self.problem())

    @property
    def dirty(self) -> bool:
        """Whether something is entered that was not kept."""
        return bool(self.value() != self._last)

    def problem(self) -> str:
        """Return why what is entered cannot be kept, or an empty text."""
        value, control = self.value(), self.control
        if isinstance(control, NumberBox) and isinstance(value, str):
            return tr("Has to be a number")
        if isinstance(control, DayBox) and isinstance(value, str):
            return tr("Has to be a day, such as 2026-11-28")
        return self._check(value)

    def keep(self) -> None:
        """Hand on what is entered, if it is new and can be."""
        self._pause.stop()
        problem = self.problem()
        self._tell(problem)
        if self.dirty and not problem:
            self._last = self.value()
            self.kept.emit(self._last)

    def forget(self) -> None:
        """Put back what was kept last."""
        self._pause.stop()
        self._put(self._last)
        self._tell("")

    def set_writable(self, writable: bool) -> None:
        """Let it be changed, or only be looked at."""
        self.control.setEnabled(writable)

    def add_beside(self, widget: QWidget) -> None:
        """Put a widget beside the control."""
        self._row.addWidget(widget)

    def add_beside_title(self, widget: QWidget) -> None:
        """Put a small widget beside the title."""
        self._head.addWidget(widget)

    def set_note(self, text: str) -> None:
        """Show a quiet remark beside the title, such as a unit."""
        self._note.setText(text)

    def tell(self, sentence: str) -> None:
        """Say below what is wrong."""
        self._tell(sentence)

    def _put(self, value: Any) -> None:
        control = self.control
        before = control.blockSignals(True)
        if isinstance(control, NumberBox):
            control.set_value(value)
        elif isinstance(control, DayBox):
            control.set_value(value if isinstance(value, date) else None)
        elif isinstance(control, QCheckBox):
            control.setChecked(bool(value))
        elif isinstance(control, PersonCombo):
            control.show_person(value)
        elif isinstance(control, QComboBox):
            control.setCurrentIndex(control.findData(value))
        elif isinstance(control, QPlainTextEdit):
            control.setPlainText(value or "")
        else:
            control.setText(value or "")
            if not self._has_focus():
                control.setCursorPosition(0)  # a long line shows its beginning
        control.blockSignals(before)

    def _connect(self) -> None:
        control = self.control
        control.installEventFilter(self)
        if isinstance(control, NumberBox):
            control.changed.connect(self._on_typed)
            control.lineEdit().returnPressed.connect(self.keep)
        elif isinstance(control, QCheckBox):
            control.toggled.connect(lambda _on: self.keep())
        elif isinstance(control, PersonCombo):
            control.decided.connect(lambda _value: self.keep())
        elif isinstance(control, QComboBox):
            control.activated.connect(lambda _at: self.keep())
        elif isinstance(control, QPlainTextEdit):
            control.textChanged.connect(self._on_typed)
        else:
            control.textChanged.connect(lambda _text: self._on_typed())
            control.returnPressed.connect(self.keep)
            if isinstance(control, DayBox):
                control.day_picked.connect(self.keep)

    def _on_typed(self) -> None:
        if not self.problem():
            self._tell("")
        self._pause.start()

    def _tell(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))
        if bool(self.control.property("wrong")) != bool(sentence):
            restyle(self.control, wrong=bool(sentence))

    def _has_focus(self) -> bool:
        focused = self.window().focusWidget() if self.isVisible() else None
        return focused is not None and (focused is self.control or self.control.isAncestorOf(focused))

    def _lay_out(self, lines: int) -> None:
        control = self.control
        tall = isinstance(control, QPlainTextEdit)
        policy = QSizePolicy.Policy.Ignored if tall else QSizePolicy.Policy.Fixed
        control.setSizePolicy(QSizePolicy.Policy.Expanding, policy)
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._note = PlainLabel(role="small", parent=self)
        head = self._head = QHBoxLayout()
        head.setSpacing(8)
        if isinstance(control, QAbstractButton):
            control.setText(self.title)
        else:
            label = PlainLabel(self.title, "muted")
            label.setBuddy(control)
            head.addWidget(label, 1)
        head.addWidget(self._note)
        if isinstance(control, QPlainTextEdit):
            control.setTabChangesFocus(True)
            # The style sheet sets its own least height, which a fixed one would lose against.
            self._row.addStrut(QFontMetrics(control.font()).lineSpacing() * lines + 22)
        self._row.addWidget(control, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if not isinstance(control, QAbstractButton):
            column.addLayout(head)
        column.addLayout(self._row)
        column.addWidget(self._problem)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep what was entered when the entry is left; leave the wheel to the scrolled form."""
        if isinstance(event, QFocusEvent) and event.type() == QEvent.Type.FocusOut:
            if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
                self.keep()  # the window may be about to close
            else:
                QTimer.singleShot(0, self, self._on_left)
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QComboBox):
            event.ignore()
            return True
        return super().eventFilter(watched, event)

    def _on_left(self) -> None:
        if not self._has_focus():
            self.keep()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep what was entered."""
        if not self.problem():
            self.keep()
        super().hideEvent(event)
