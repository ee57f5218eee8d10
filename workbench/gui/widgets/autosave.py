"""Entries for text that tell of a change by themselves: when the typing pauses and when they are left."""

from PySide6.QtCore import QMimeData, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QSizePolicy, QWidget

from workbench.gui.widgets.labels import tip

_PAUSE_MS = 1500


class SavedText(QPlainTextEdit):
    """Several lines of plain text, as high as they need. `saved` carries the new text.

    Args:
        name: What is entered.
        hint: What stands in it while it is empty.
    """

    saved = Signal(str)

    def __init__(self, name: str, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = ""
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self.commit)
        self.textChanged.connect(self._on_changed)
        self._fit()

    def set_text(self, text: str) -> None:
        """Show another text, unless the user is writing here."""
        if self.toPlainText() != self._known and self.hasFocus():
            return
        self._known = text
        if self.toPlainText() != text:
            with QSignalBlocker(self):
                self.setPlainText(text)
            self._pause.stop()
            self._fit()

    def commit(self) -> None:
        """Tell what was written, if anything was."""
        self._pause.stop()
        text = self.toPlainText().strip()
        if text != self._known:
            self._known = text
            self.saved.emit(text)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802 - the name is Qt's
        """Take text alone, whatever else is on the clipboard."""
        if source.hasText():
            self.insertPlainText(source.text())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Tell when the entry is left."""
        super().focusOutEvent(event)
        self.commit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Be as high as the lines need at this width."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Return a width; the height follows the text."""
        return QSize(200, self.height())

    def _on_changed(self) -> None:
        self._fit()
        self._pause.start()

    def _fit(self) -> None:
        lines = max(1, min(40, round(self.document().size().height())))
        self.setFixedHeight(lines * self.fontMetrics().lineSpacing() + 18)


class SavedLine(QLineEdit):
    """One line of text. `saved` carries the new text; an empty one goes back to what it was.

    Args:
        name: What is entered.
    """

    saved = Signal(str)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._known = ""
        self.setAccessibleName(name)
        self.editingFinished.connect(self.commit)

    def set_text(self, text: str) -> None:
        """Show another text, unless the user is writing here."""
        if self.text() != self._known and self.hasFocus():
            return
        self._known = text
        if self.text() != text:
            self.setText(text)
            self.setCursorPosition(0)
        self.setToolTip(tip(text))

    def commit(self) -> None:
        """Tell what was written, if anything was."""
        text = self.text().strip()
        if not text:
            self.setText(self._known)
        elif text != self._known:
            self._known = text
            self.saved.emit(text)
