"""How near the best run has come to the goal over time, as a small picture."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import SMALL_PX, figure_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import tip

if TYPE_CHECKING:
    from workbench.services.project_view import GoalPoint

_HEIGHT = 104
_EDGE = 6
_REACH = 10


class GoalChart(QWidget):
    """The best value so far as steps, each run as a point, the target as a dashed line.

    `chosen` carries the number of the run whose point was clicked.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._points: Sequence[GoalPoint] = ()
        self._target = 0.0
        self.setAccessibleName(tr("Best value over time"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)

    def show_points(self, points: "Sequence[GoalPoint]", target: float) -> None:
        """Show these runs against a target."""
        if (self._points, self._target) == (points, target):
            return
        self._points, self._target = points, target
        if points:
            self.setAccessibleDescription(
                tr(
                    "{count} runs, best {best}, target {target}",
                    count=len(points),
                    best=number_format.measure(points[-1].best),
                    target=number_format.measure(target),
                )
            )
        self.update()

    def places(self) -> list[QPointF]:
        """Return where the points are."""
        if not self._points:
            return []
        area = self._area()
        times = [point.at.timestamp() for point in self._points]
        begin, span = times[0], times[-1] - times[0]

        def place(time: float, value: float) -> QPointF:
            share = (time - begin) / span if span > 0 else 1.0
            return QPointF(
                area.left() + share * area.width(),
                self._height(value),
            )

        return [place(time, point.value) for time, point in zip(times, self._points, strict=True)]

    def sizeHint(self) -> QSize:
        """Return the size of a card's width."""
        return QSize(240, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the size at which the line can be read."""
        return QSize(120, _HEIGHT)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Say which run is under the pointer."""
        hit = self._hit(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if hit is not None else Qt.CursorShape.ArrowCursor)
        if hit is None:
            self.setToolTip("")
            return
        point = self._points[hit]
        when = number_format.date_time(point.at)
        self.setToolTip(tip(f"{point.run.name}: {number_format.measure(point.value)} · {when}"))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Lead to the run under the pointer."""
        hit = self._hit(event.position())
        if hit is not None and event.button() is Qt.MouseButton.LeftButton:
            self.chosen.emit(self._points[hit].run.id)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw target, steps and points."""
        if not self._points:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_target(painter)
        places = self.places()
        steps = QPolygonF()
        for point, place in zip(self._points, places, strict=True):
            y = self._height(point.best)
            if not steps.isEmpty():
                steps.append(QPointF(place.x(), steps.last().y()))
            steps.append(QPointF(place.x(), y))
        painter.setPen(QPen(token("accent"), 2.0))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(steps)
        for point, place in zip(self._points, places, strict=True):
            is_best = point.value == point.best
            painter.setPen(QPen(token("accent" if is_best else "faint"), 1.5))
            painter.setBrush(token("accent" if is_best else "raised"))
            painter.drawEllipse(place, 3.5, 3.5)

    def _draw_target(self, painter: QPainter) -> None:
        area = self._area()
        y = self._height(self._target)
        pen = QPen(token("muted"), 1.0)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        painter.setFont(figure_font(SMALL_PX))
        painter.setPen(token("muted"))
        words = tr("target {target}", target=number_format.measure(self._target))
        # Beside the line, on the side where the curve is further away, or the edge.
        others = [self._height(value) for point in self._points for value in (point.value, point.best)]
        room_above = min([y - area.top(), *(y - other for other in others if other < y)])
        room_below = min([area.bottom() - y, *(other - y for other in others if other > y)])
        above = room_above >= room_below
        box = QRectF(area.left(), y - 17 if above else y + 1, area.width(), 16)
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _height(self, value: float) -> float:
        """Return where a value is, from the top."""
        area = self._area()
        low, high = self._range()
        return area.bottom() - (value - low) / (high - low) * area.height()

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)

    def _range(self) -> tuple[float, float]:
        values = [self._target, *(point.value for point in self._points)]
        low, high = min(values), max(values)
        room = (high - low) * 0.1 or abs(high) * 0.1 or 1.0
        return low - room, high + room

    def _hit(self, at: QPointF) -> int | None:
        def distance(place: QPointF) -> float:
            return (place - at).manhattanLength()

        places = self.places()
        nearest = min(range(len(places)), key=lambda number: distance(places[number]), default=None)
        return nearest if nearest is not None and distance(places[nearest]) <= _REACH else None
