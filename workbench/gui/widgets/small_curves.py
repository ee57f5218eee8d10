"""A drawing of a few curves the size of a stamp: how they went, not what they were at a step."""

import math
from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import SMALL_PX, body_font, token
from workbench.gui.widgets import number_format

_WIDTH, _HEIGHT, _KEY = 240, 76, 18
_INKS = ("accent", "muted")


class SmallCurves(QWidget):
    """Curves over the same steps, each with its name and its last value below.

    Args:
        name: What they show, for assistive technology.
        curves: By name steps and values; a value that is not finite leaves a gap.
    """

    def __init__(
        self,
        name: str,
        curves: Mapping[str, tuple[Sequence[float], Sequence[float]]],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._curves = {title: list(zip(*both, strict=True)) for title, both in curves.items()}
        self._words = {title: _last(points) for title, points in self._curves.items()}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setMaximumWidth(_WIDTH * 2)
        self.setAccessibleName(name)
        said = (f"{title} {word}" for title, word in self._words.items())
        self.setAccessibleDescription(", ".join(said))

    def sizeHint(self) -> QSize:
        """Return the size of a stamp, and a line below for each curve."""
        return QSize(_WIDTH, _HEIGHT + _KEY * len(self._curves))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground, the curves and what they are."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ground = QRectF(0, 0, self.width(), _HEIGHT)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(token("field"))
        painter.drawRoundedRect(ground, 4, 4)
        for place, (title, points) in enumerate(self._curves.items()):
            ink = token(_INKS[place % len(_INKS)])
            self._draw_curve(painter, ground.adjusted(8, 8, -8, -8), points, ink)
            self._draw_key(painter, _HEIGHT + place * _KEY, f"{title}  {self._words[title]}", ink)

    def _draw_curve(
        self, painter: QPainter, area: QRectF, points: Sequence[tuple[float, float]], ink: QColor
    ) -> None:
        every = [point for other in self._curves.values() for point in other if math.isfinite(point[1])]
        if not every:
            return
        first, last = min(step for step, _ in every), max(step for step, _ in every)
        low, high = min(value for _, value in every), max(value for _, value in every)
        painter.setPen(QPen(ink, 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = QPolygonF()
        for step, value in [*points, (last, math.nan)]:
            if math.isfinite(value):
                across = (step - first) / (last - first) if last > first else 0.5
                up = (value - low) / (high - low) if high > low else 0.5
                line.append(QPointF(area.left() + across * area.width(), area.bottom() - up * area.height()))
            elif not line.isEmpty():
                painter.drawPolyline(line)
                if line.size() == 1:
                    painter.drawEllipse(line.first(), 1.5, 1.5)
                line = QPolygonF()

    def _draw_key(self, painter: QPainter, top: int, text: str, ink: QColor) -> None:
        middle = top + _KEY / 2 + 1
        painter.setPen(QPen(ink, 2))
        painter.drawLine(QPointF(8, middle), QPointF(20, middle))
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(token("muted"))
        room = QRectF(28, top + 1, self.width() - 28, _KEY)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room.width()))
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)


def _last(points: Sequence[tuple[float, float]]) -> str:
    return number_format.measure(points[-1][1]) if points else number_format.NONE
