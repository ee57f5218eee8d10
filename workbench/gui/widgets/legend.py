"""The legend of a plot as buttons: click hides, hover brings forward, also from the keyboard."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QWidget

from workbench.gui.theme import SMALL_PX, body_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip

_WIDEST = 220
_SAMPLE = 18


class LegendKey(QAbstractButton):
    """One entry: a piece of the line and its label.

    Args:
        label: What the line is.
        color: Its colour.
        dashed: Whether it is dashed.
    """

    hovered = Signal(bool)

    def __init__(self, label: str, color: QColor, dashed: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setChecked(True)
        self.setText(label)
        self.setAccessibleName(label)
        self.setAccessibleDescription(tr("Shows or hides this curve"))
        self.setToolTip(tip(tr("{label}: click hides or shows it", label=label)))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._color = color
        self._dashed = dashed

    def sizeHint(self) -> QSize:
        """Return the size of sample and label, at most some 200 pixels."""
        text = QFontMetrics(body_font(SMALL_PX)).horizontalAdvance(self.text())
        return QSize(min(_WIDEST, _SAMPLE + 8 + text + 8), 22)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Tell that the pointer is here."""
        self.hovered.emit(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Tell that the pointer has left."""
        self.hovered.emit(False)
        super().leaveEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw sample and label; struck through when hidden."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(token("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
        shown = self.isChecked()
        pen = QPen(self._color if shown else token("edge"), 2)
        pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        if self._dashed:
            pen.setDashPattern([2.5, 1.5])
        painter.setPen(pen)
        middle = self.height() / 2
        painter.drawLine(QPointF(4, middle), QPointF(4 + _SAMPLE, middle))
        font = body_font(SMALL_PX)
        font.setStrikeOut(not shown)
        painter.setFont(font)
        painter.setPen(token("text" if shown and self.underMouse() else "muted"))
        room = QRectF(_SAMPLE + 10, 0, self.width() - _SAMPLE - 12, self.height())
        text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
