"""An entry for text that is as high as what is written."""

import math

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy

_SAVE_AFTER_MS = 800
# Margins of the document, padding and border, above and below together.
_AROUND = 18


class GrowingText(QPlainTextEdit):
    """Text that is as high as its lines, kept when it is left and a moment after the last key.

    `kept` carries the text when it is another; `left` tells that the keyboard has gone elsewhere.

    Args:
        name: What it is; the accessible name.
        one_paragraph: Whether Enter keeps it instead of beginning a new line.
        least: Least height in pixels.
        most: Greatest height in pixels.
        hint: What stands in it while it is empty.
    """

    kept = Signal(str)
    left = Signal()

    def __init__(
        self, name: str, *, one_paragraph: bool = False, least: int = 32, most: int = 320, hint: str = ""
    ) -> None:
        super().__init__()
        self._stored = ""
        self._one, self._least, self._most = one_paragraph, least, most
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SAVE_AFTER_MS)
        self._soon.timeout.connect(self.flush)
        self.textChanged.connect(self._on_typed)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._fit()

    def show_text(self, text: str, *, other: bool = False) -> None:
        """Show a stored text; what is being typed is not disturbed, unless it belongs to another record."""
        if self.hasFocus() and self._soon.isActive() and not other:
            return
        if other or text != self._stored:
            self._stored = text
            if text != self.toPlainText():
                self.setPlainText(text)
            self._soon.stop()

    def flush(self) -> None:
        """Keep now what is not kept yet."""
        self._soon.stop()
        text = self.toPlainText()
        text = " ".join(text.split()) if self._one else text
        if text != self._stored and not self.isReadOnly():
            self._stored = text
            self.kept.emit(text)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Keep what was written."""
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.PopupFocusReason:
            return
        self.flush()
        if event.reason() != Qt.FocusReason.ActiveWindowFocusReason:
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep a title with Enter, longer text with Ctrl+Enter."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and (self._one or event.modifiers() & Qt.KeyboardModifier.ControlModifier):
            self.flush()
            self.focusNextChild()
        else:
            super().keyPressEvent(event)

    def _on_typed(self) -> None:
        if self.toPlainText() != self._stored:
            self._soon.start()

    def _fit(self) -> None:
        room, block = float(_AROUND), self.document().begin()
        while block.isValid() and room < self._most:
            room += self.blockBoundingRect(block).height()
            block = block.next()
        height = max(self._least, min(math.ceil(room), self._most))
        policy = Qt.ScrollBarPolicy
        self.setVerticalScrollBarPolicy(
            policy.ScrollBarAsNeeded if height == self._most else policy.ScrollBarAlwaysOff
        )
        if height != self.maximumHeight():
            self.setFixedHeight(height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again: lines break elsewhere."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Fit again when the font changes."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._fit()
