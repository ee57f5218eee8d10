"""A sign at the right edge of a table that columns go on beyond it."""

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QTableView, QWidget

from workbench.gui.theme import icon, token

_WIDTH, _CARET = 40, 12


class MoreEdge(QWidget):
    """Fades a table out at its right edge, with a caret, for as long as it can be scrolled there.

    Args:
        table: The table; the mouse goes through to it.
    """

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        self._table = table
        self._icon = icon("caret-right")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        bar = table.horizontalScrollBar()
        bar.valueChanged.connect(lambda _at: self._place())
        bar.rangeChanged.connect(lambda _least, _most: self._place())
        table.viewport().installEventFilter(self)
        self._place()

    def _place(self) -> None:
        bar, view = self._table.horizontalScrollBar(), self._table.viewport().geometry()
        top = self._table.horizontalHeader().y()
        self.setGeometry(view.right() + 1 - _WIDTH, top, _WIDTH, view.bottom() + 1 - top)
        self.setVisible(bar.value() < bar.maximum())
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the size of the table."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the fade and the caret."""
        painter, ground = QPainter(self), token("raised")
        fade = QLinearGradient(0, 0, self.width(), 0)
        fade.setColorAt(0, QColor(ground.red(), ground.green(), ground.blue(), 0))
        fade.setColorAt(1, ground)
        painter.fillRect(self.rect(), fade)
        head = self._table.horizontalHeader().height()
        caret = QRectF(self.width() - _CARET - 2, (head - _CARET) / 2, _CARET, _CARET)
        self._icon.paint(painter, caret.toRect())
