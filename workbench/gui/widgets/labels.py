"""Labels that show text as it is, whatever it holds."""

from html import escape

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from workbench.gui.theme import icon


def tip(text: str) -> str:
    """Return a text for `setToolTip` that wraps and in which no markup of a name is obeyed."""
    return f"<qt>{escape(text)}</qt>" if text else ""


class PlainLabel(QLabel):
    """Text as it is, never guessed to be markup.

    Args:
        text: What to show.
        role: How: title, subtitle, section, strong, big, muted, small, problem; empty is body text.
        wrap: Whether it may take several lines.
    """

    def __init__(
        self, text: str = "", role: str = "", *, wrap: bool = False, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setProperty("role", role)
        self.setWordWrap(wrap)
        self.setText(text)


class ElidedLabel(PlainLabel):
    """One line of text that gives way to an ellipsis, with the whole text in its tooltip."""

    def __init__(self, text: str = "", role: str = "", parent: QWidget | None = None) -> None:
        self._full = text
        self._more = ""
        super().__init__(text, role, parent=parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def setText(self, text: str) -> None:
        """Show another text."""
        self._full = text
        self.setAccessibleName(text)
        super().setText(text)
        self._tell_rest()

    def set_more(self, text: str) -> None:
        """Say more in the tooltip, whether the text fits or not."""
        if text != self._more:
            self._more = text
            self.setAccessibleDescription(text)
            self._tell_rest()

    def minimumSizeHint(self) -> QSize:
        """Return the room for a few letters."""
        return QSize(QFontMetrics(self.font()).horizontalAdvance("MMM…"), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Offer the whole text as a tooltip when it does not fit."""
        super().resizeEvent(event)
        self._tell_rest()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the text, elided."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.setFont(self.font())
        shown = painter.fontMetrics().elidedText(self._full, Qt.TextElideMode.ElideRight, self.width())
        painter.drawText(self.contentsRect(), int(self.alignment()), shown)

    def _tell_rest(self) -> None:
        fits = self.fontMetrics().horizontalAdvance(self._full) <= self.width()
        self.setToolTip(tip("\n".join(filter(None, ("" if fits else self._full, self._more)))))


class IconLabel(QWidget):
    """A picture from the icon family; follows the theme.

    Args:
        name: Name of the icon.
        tone: Token of its colour.
        size: Edge in logical pixels.
    """

    def __init__(self, name: str, tone: str = "muted", size: int = 16, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon: QIcon = icon(name, tone)
        self._size = size
        self.setFixedSize(size, size)

    def set_icon(self, name: str, tone: str = "muted") -> None:
        """Show another icon."""
        self._icon = icon(name, tone)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the icon."""
        mode = QIcon.Mode.Normal if self.isEnabled() else QIcon.Mode.Disabled
        place = QRect(0, 0, self._size, self._size)
        self._icon.paint(QPainter(self), place, Qt.AlignmentFlag.AlignCenter, mode)


def rule() -> QFrame:
    """Return a thin horizontal line."""
    line = QFrame()
    line.setProperty("role", "rule")
    return line
