"""A painted chart of a few quantities over days, as steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from html import escape

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui.theme import SMALL_PX, body_font, figure_font, mix, run_color, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.plot_axes import round_ticks

_LEFT, _RIGHT, _TOP, _BOTTOM, _LEGEND = 36, 8, 8, 20, 22


@dataclass(frozen=True, slots=True)
class DaySeries:
    """A quantity at the end of each day of a chart.

    Args:
        name: What it is.
        values: One for each day.
        color: Number of its colour; -1 is the accent.
    """

    name: str
    values: Sequence[float]
    color: int = -1


class DayChart(QWidget):
    """Steps over days, beside each other or stacked; the pointer tells the values of a day.

    Args:
        name: What the chart shows.
        stacked: Whether the quantities stand upon each other.
    """

    def __init__(self, name: str, *, stacked: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stacked = stacked
        self._days: Sequence[date] = ()
        self._series: Sequence[DaySeries] = ()
        self._pointer: float | None = None
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_series(self, days: Sequence[date], series: Sequence[DaySeries]) -> None:
        """Show these quantities; the days rise, and each has a value in every series."""
        self._days, self._series = tuple(days), tuple(series)
        last = [f"{item.name} {item.values[-1]:g}" for item in series if item.values]
        self.setAccessibleDescription(", ".join(last))
        self.update()

    def series(self) -> Sequence[DaySeries]:
        """Return what is shown."""
        return self._series

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(320, 200)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which it can be read."""
        return QSize(200, 150)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw grid, quantities and legend."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._days:
            painter.setPen(token("muted"))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, tr("Nothing here yet."))
            return
        area = self._area()
        top = self._top()
        painter.setFont(figure_font(SMALL_PX))
        for value, text in round_ticks(0, top, max(2, int(area.height() / 36))):
            y = area.bottom() - area.height() * value / top
            painter.setPen(QPen(token("line"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(token("muted"))
            flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(QRectF(0, y - 8, _LEFT - 8, 16), int(flags), text)
        days = QRectF(area.left(), area.bottom() + 4, area.width(), _BOTTOM - 4)
        first, last = self._days[0], self._days[-1]
        painter.drawText(days, int(Qt.AlignmentFlag.AlignLeft), number_format.day(first))
        if first != last:
            painter.drawText(days, int(Qt.AlignmentFlag.AlignRight), number_format.day(last))
        self._draw_series(painter, area, top)
        self._draw_legend(painter)
        if self._pointer is not None:
            painter.setPen(QPen(token("edge"), 1))
            painter.drawLine(QPointF(self._pointer, area.top()), QPointF(self._pointer, area.bottom()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the values of the day under the pointer."""
        area = self._area()
        inside = bool(self._days) and area.contains(event.position())
        self._pointer = event.position().x() if inside else None
        self.update()
        if not inside:
            QToolTip.hideText()
            return
        span = (self._days[-1] - self._days[0]).days
        day = self._days[0] + timedelta(
            days=round(span * (event.position().x() - area.left()) / area.width())
        )
        at = max((i for i, known in enumerate(self._days) if known <= day), default=0)
        lines = [number_format.day(day), *(f"{item.name}: {item.values[at]:g}" for item in self._series)]
        QToolTip.showText(
            event.globalPosition().toPoint(), f"<qt>{'<br>'.join(map(escape, lines))}</qt>", self
        )

    def leaveEvent(self, event: object) -> None:
        """Take the line at the pointer away."""
        self._pointer = None
        self.update()
        super().leaveEvent(event)  # type: ignore[arg-type]

    def _area(self) -> QRectF:
        legend = _LEGEND if len(self._series) > 1 else 0
        return QRectF(self.rect()).adjusted(_LEFT, _TOP + legend, -_RIGHT, -_BOTTOM)

    def _top(self) -> float:
        columns = list(zip(*(item.values for item in self._series), strict=True))
        highest = max((sum(values) if self._stacked else max(values) for values in columns), default=0)
        return max(1.0, highest * 1.1)

    def _color(self, item: DaySeries) -> QColor:
        return token("accent") if item.color < 0 else run_color(item.color)

    def _draw_series(self, painter: QPainter, area: QRectF, top: float) -> None:
        base = [0.0] * len(self._days)
        for item in self._series:
            values = [low + value for low, value in zip(base, item.values, strict=True)]
            line = self._steps(area, values, top)
            if self._stacked or len(self._series) == 1:
                ground = QPolygonF(line)
                lower = self._steps(area, base, top)
                for at in reversed(range(lower.size())):
                    ground.append(lower.at(at))
                painter.setPen(Qt.PenStyle.NoPen)
                share = 0.35 if self._stacked else 0.82
                painter.setBrush(mix(self._color(item), token("raised"), share))
                painter.drawPolygon(ground)
            painter.setPen(QPen(self._color(item), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPolyline(line)
            base = values if self._stacked else base

    def _steps(self, area: QRectF, values: Sequence[float], top: float) -> QPolygonF:
        first = self._days[0]
        span = max(1, (self._days[-1] - first).days)
        line = QPolygonF()
        for day, value in zip(self._days, values, strict=True):
            x = area.left() + area.width() * (day - first).days / span
            if not line.isEmpty():
                line.append(QPointF(x, line.last().y()))
            line.append(QPointF(x, area.bottom() - area.height() * value / top))
        if len(self._days) == 1:
            line.append(QPointF(area.right(), line.last().y()))
        return line

    def _draw_legend(self, painter: QPainter) -> None:
        if len(self._series) < 2:
            return
        painter.setFont(body_font(SMALL_PX))
        left = float(_LEFT)
        for item in self._series:
            width = painter.fontMetrics().horizontalAdvance(item.name)
            if left + 14 + width > self.width():
                break
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._color(item))
            painter.drawEllipse(QPointF(left + 4, 10), 4, 4)
            painter.setPen(token("text"))
            painter.drawText(QPointF(left + 13, 14.5), item.name)
            left += 13 + width + 14
