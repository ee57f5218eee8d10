"""A small line of how a score went over time."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import SMALL_PX, figure_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

_HIGHEST = 25
_LEFT, _BOTTOM, _TOP, _RIGHT = 28, 20, 8, 8


class TrendLine(QWidget):
    """Steps of a score from its first day to today, on the whole scale of 1 to 25, with the thresholds."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: Sequence[tuple[datetime, int]] = ()
        self._thresholds: Sequence[int] = ()
        self._end: datetime | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("Score over time"))

    def set_points(
        self, points: Sequence[tuple[datetime, int]], end: datetime, thresholds: Sequence[int]
    ) -> None:
        """Show a score: when it changed and to what, oldest first, up to a moment."""
        self._points, self._end, self._thresholds = tuple(points), end, tuple(thresholds)
        said = ", ".join(f"{number_format.date(at)}: {score}" for at, score in points[-12:])
        self.setAccessibleDescription(said)
        self.update()

    def sizeHint(self) -> QSize:
        """Return a small size."""
        return QSize(240, 96)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw thresholds, the steps, and the first and last day."""
        if not self._points or self._end is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)
        painter.setFont(figure_font(SMALL_PX - 1))
        for threshold, tone in zip(self._thresholds, ("muted", "warning", "danger"), strict=False):
            y = self._y(area, threshold)
            painter.setPen(QPen(token("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(token(tone))
            box = QRectF(0, y - 8, _LEFT - 8, 16)
            painter.drawText(
                box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), str(threshold)
            )
        self._draw_steps(painter, area)
        painter.setPen(token("muted"))
        days = QRectF(area.left(), area.bottom() + 4, area.width(), _BOTTOM - 4)
        painter.drawText(days, int(Qt.AlignmentFlag.AlignLeft), number_format.date(self._points[0][0]))
        painter.drawText(days, int(Qt.AlignmentFlag.AlignRight), number_format.date(self._end))

    def _draw_steps(self, painter: QPainter, area: QRectF) -> None:
        start, end = self._points[0][0], self._end
        assert end is not None
        span = max(1.0, (end - start).total_seconds())
        line = QPolygonF()
        for at, score in self._points:
            x = area.left() + area.width() * min(1.0, (at - start).total_seconds() / span)
            if not line.isEmpty():
                line.append(QPointF(x, line.last().y()))
            line.append(QPointF(x, self._y(area, score)))
        line.append(QPointF(area.right(), line.last().y()))
        painter.setPen(QPen(token("accent"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(line)
        painter.setPen(QPen(token("raised"), 2))
        painter.setBrush(token("accent"))
        painter.drawEllipse(line.last(), 4.5, 4.5)

    @staticmethod
    def _y(area: QRectF, score: int) -> float:
        return area.bottom() - area.height() * score / _HIGHEST
