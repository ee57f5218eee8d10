"""A word at the bottom of the window that goes away by itself."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from workbench.gui.widgets.labels import ElidedLabel

_SHOWN_MS = 8000
_ABOVE_BOTTOM = 48


class Toast(QFrame):
    """Says what was done and offers to undo it, for eight seconds; stays while the pointer is on it.

    Args:
        window: The widget at whose bottom it appears.
    """

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.setProperty("role", "toast")
        self._text = ElidedLabel()
        self._button = QPushButton()
        self._button.clicked.connect(self._on_clicked)
        self._act: Callable[[], object] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        row = self._row = QHBoxLayout(self)
        row.setContentsMargins(16, 8, 8, 8)
        row.setSpacing(16)
        row.addWidget(self._text)
        row.addWidget(self._button)
        window.installEventFilter(self)
        self.hide()

    def show_message(self, text: str, action: str = "", act: Callable[[], object] | None = None) -> None:
        """Show one sentence and, where there is something to do about it, one button.

        Args:
            text: What was done.
            action: Label of the button, such as *Undo*.
            act: What the button does.
        """
        self._text.setText(text)
        self._button.setText(action)
        self._button.setAccessibleName(action)
        self._button.setVisible(bool(action))
        self._act = act
        self.setAccessibleName(text)
        self._row.setContentsMargins(16, 8, 8 if action else 16, 8)
        self.ensurePolished()
        self._place()
        self.show()
        self.raise_()
        self._timer.start()

    def _on_clicked(self) -> None:
        act, self._act = self._act, None
        self._timer.stop()
        self.hide()
        if act is not None:
            act()

    def _place(self) -> None:
        self._row.activate()
        hint, window = self.sizeHint(), self._window
        width = min(hint.width(), window.width() - 32)
        self.resize(width, max(hint.height(), 40))
        self.move((window.width() - width) // 2, window.height() - self.height() - _ABOVE_BOTTOM)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the bottom when the window changes its size."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Wait while the pointer is here."""
        self._timer.stop()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Go on counting."""
        if self.isVisible():
            self._timer.start()
        super().leaveEvent(event)
