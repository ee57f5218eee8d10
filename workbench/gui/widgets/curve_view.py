"""The drawn part of a curve plot: everything that knows pyqtgraph."""

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import (
    QBuffer,
    QEvent,
    QIODevice,
    QObject,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.gui.theme import SMALL_PX, figure_font, mix, theme, token
from workbench.gui.widgets.curve_data import Axis, Curve, Floats, Marker, value_range
from workbench.gui.widgets.curve_zoom import Closer
from workbench.gui.widgets.plot_axes import dress, left_axis, pen, set_ticks, set_up

# A shadow is a paler line, not a transparent one: Qt draws that fifteen times as fast.
_SHADOW = 0.3
_MOST_FINE_POINTS = 1500
_FEW_CORNERS = 200
_DENSE, _DENSE_SMOOTHED = 600, 3000
_SETTLED_MS = 120


@dataclass(frozen=True, slots=True)
class Look:
    """How the curves are shown."""

    smoothing: float = 0.0
    axis: Axis = "step"
    log: bool = False
    ignore_outliers: bool = False


class CurveView(QWidget):
    """Draws curves, crosshair and marker; tells where the pointer is."""

    pointed = Signal(object)
    """The x under the pointer, or None when it has left."""
    wanted = Signal(list)
    """Each Stretch of which finer points would be seen, once the range has come to rest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        import pyqtgraph as pg

        self._pg = pg
        self._items: dict[str, tuple[Any, Any]] = {}
        self._drawn: dict[str, tuple[object, ...]] = {}
        self._curves: Mapping[str, Curve] = {}
        self._look = Look()
        self._front: frozenset[str] = frozenset()
        self._zoomed = False
        self._is_fine = True
        self._closer = Closer()
        self._settled = QTimer(self)
        self._settled.setSingleShot(True)
        self._settled.setInterval(_SETTLED_MS)
        self._settled.timeout.connect(self._look_closer)
        axes = {"left": left_axis()("left")}
        self._plot = pg.PlotWidget(parent=self, enableMenu=False, axisItems=axes)
        self._plot.setMinimumSize(120, 80)
        set_up(self._plot)
        self._box = self._plot.getViewBox()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._plot)
        self._add_lines()
        self._box.sigRangeChangedManually.connect(self._on_zoomed)
        self._box.sigRangeChanged.connect(self._set_ticks)
        self._box.sigResized.connect(self._on_resized)
        self._plot.scene().sigMouseMoved.connect(self._on_moved)
        self._plot.scene().sigMouseClicked.connect(self._on_clicked)
        self._plot.viewport().installEventFilter(self)
        theme.changed.connect(self._dress)
        self._dress()

    def draw(self, curves: Mapping[str, Curve], look: Look, marker: Marker | None) -> None:
        """Draw all curves anew; the range follows them unless the user has zoomed into some of them."""
        others = not self._items.keys() & curves.keys()
        if others or look.axis != self._look.axis or look.log != self._look.log:
            self._zoomed = False
        self._curves, self._look = curves, look
        if not self._zoomed:
            self._closer.forget(curves)
        elif not self._settled.isActive():
            self._settled.start()
        self._is_fine = self._drawn_points() <= _MOST_FINE_POINTS
        for key in [key for key in self._items if key not in curves]:
            self._drawn.pop(key, None)
            for item in self._items.pop(key):
                self._plot.removeItem(item)
        self._draw_curves()
        if not self._zoomed:
            self._fit()
        self._draw_marker(marker)
        self._set_ticks()

    def bring_forward(self, keys: Collection[str]) -> None:
        """Draw these curves before all others, thicker; none puts all back."""
        before, self._front = self._front, frozenset(keys)
        for name in before ^ self._front:
            if name in self._items and name in self._curves:
                self._dress_curve(name, self._curves[name])

    def reset(self) -> None:
        """Show everything again."""
        self._zoomed = False
        self._closer.forget(self._curves)
        self._draw_curves()
        self._fit()

    def show_crosshair(self, x: float | None, y: float | None) -> None:
        """Place the crosshair at values as they are read off; None hides it."""
        place = None if y is None else self._height(y)
        for line, position in ((self._vertical, x), (self._horizontal, place)):
            visible = position is not None and math.isfinite(position)
            line.setVisible(visible)
            if visible:
                line.setPos(position)

    def distance(self, x: float, y: float, pointer: QPointF) -> float:
        """Return how many pixels a value lies above or below the pointer."""
        place = self._box.mapViewToScene(QPointF(x, self._height(y)))
        return abs(float(place.y()) - pointer.y())

    def picture(self, device: Any, size: QSize) -> None:
        """Draw the plot onto an image or an SVG generator of that size."""
        painter = QPainter(device)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._plot.render(
            painter, QRectF(QRect(0, 0, size.width(), size.height())), self._plot.viewport().rect()
        )
        painter.end()

    def png(self, scale: int = 2) -> bytes:
        """Return the plot as PNG, `scale` times as many pixels as on the screen."""
        size = self._plot.viewport().size() * scale
        image = QImage(size, QImage.Format.Format_RGB32)
        image.fill(token("raised"))
        self.picture(image, size)
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        # PySide's stubs want bytes for the format; text is what it takes.
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        return bytes(buffer.data().data())

    def svg(self) -> bytes:
        """Return the plot as SVG."""
        from PySide6.QtSvg import QSvgGenerator

        size = self._plot.viewport().size()
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        generator = QSvgGenerator()
        generator.setOutputDevice(buffer)
        generator.setSize(size)
        generator.setViewBox(QRect(0, 0, size.width(), size.height()))
        self.picture(generator, size)
        return bytes(buffer.data().data())

    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the range shown on x and on y; on a logarithmic y in powers of ten."""
        (left, right), (low, high) = self._box.viewRange()
        return (left, right), (low, high)

    def _height(self, y: float) -> float:
        if not self._look.log:
            return y
        return math.log10(y) if y > 0 else math.nan

    def _heights(self, values: Floats) -> Floats:
        if not self._look.log:
            return values
        heights = np.full(values.shape, np.nan)
        np.log10(values, out=heights, where=values > 0)
        return heights

    def _add_lines(self) -> None:
        pg = self._pg
        self._vertical = pg.InfiniteLine(angle=90)
        self._horizontal = pg.InfiniteLine(angle=0)
        self._marker = pg.InfiniteLine(angle=90)
        self._marker_text = pg.TextItem(anchor=(0, 0))
        for item in (self._vertical, self._horizontal, self._marker, self._marker_text):
            # The words of a mark never cover a curve.
            item.setZValue(-10 if item is self._marker_text else 50)
            item.hide()
            self._plot.addItem(item, ignoreBounds=True)

    def _dress(self) -> None:
        dress(self._plot, upright_lines=False)
        for line in (self._vertical, self._horizontal):
            line.setPen(pen(token("faint")))
        self._marker.setPen(pen(token("muted"), 1, Qt.PenStyle.DotLine))
        self._marker_text.setColor(token("muted"))
        self._marker_text.setFont(figure_font(SMALL_PX))
        for key, curve in self._curves.items():
            if key in self._items:
                self._dress_curve(key, curve)

    def _draw_curves(self) -> None:
        for key, curve in self._curves.items():
            self._draw_curve(key, curve)

    def _draw_curve(self, key: str, curve: Curve) -> None:
        if key not in self._items:
            self._items[key] = (self._new_item(), self._new_item())
        raw, line = self._items[key]
        for item in (raw, line):
            item.setVisible(not curve.hidden)
        smoothing = self._look.smoothing
        now = (curve, len(curve), curve.finer, smoothing, self._look.axis, self._look.log, self._is_fine)
        # Of many curves over each other one or two grow: the others are left as they are.
        if curve.hidden or self._drawn.get(key) == now:
            return
        self._drawn[key] = now
        self._dress_curve(key, curve)
        x = curve.x(self._look.axis)
        for item, values, shown in (
            (raw, curve.values, smoothing > 0 and len(curve) > 1),
            (line, curve.smoothed(smoothing), True),
        ):
            heights = self._heights(values) if shown else values[:0]
            finite = np.isfinite(heights)
            # A copy, since the curve's own buffer goes on growing under the item.
            fine = not self._is_dense(curve) if item is line and curve.dashed else self._is_fine
            item.setData(x[: len(heights)][finite].copy(), heights[finite].copy(), antialias=fine)
        line.setSymbol("o" if np.count_nonzero(np.isfinite(curve.values)) == 1 else None)

    def _new_item(self) -> Any:
        # One bucket of lowest and highest value a pixel is what can be seen; the default is five.
        item = self._pg.PlotDataItem(autoDownsampleFactor=1.0)
        # pyqtgraph 0.14: clipToView before the item has a view raises AttributeError.
        self._plot.addItem(item)
        item.setDownsampling(auto=True, method="peak")
        item.setClipToView(True)
        return item

    def _dress_curve(self, key: str, curve: Curve) -> None:
        raw, line = self._items[key]
        front = key in self._front
        raw.setPen(pen(mix(token("raised"), curve.color, _SHADOW)))
        # A thick antialiased line in one piece takes Qt up to seventy times as long. Dashes have to be one
        # piece, and a line with few corners shows where its pieces meet.
        in_pieces = not curve.dashed and len(curve) > _FEW_CORNERS
        line.curve.setSegmentedLineMode("on" if in_pieces else "off")
        thin = curve.dashed and self._is_dense(curve)
        stroke = pen(curve.color, (3 if front else 2) - thin)
        if curve.dashed:
            stroke.setDashPattern([3, 2])
        line.setPen(stroke)
        line.setSymbolBrush(curve.color)
        line.setSymbolPen(None)
        line.setSymbolSize(8)
        raw.setZValue(20 if front else 0)
        line.setZValue(30 if front else 10)

    def _is_dense(self, curve: Curve) -> bool:
        """Return whether a dashed curve has so many points that Qt would stroke it in seconds.

        Thick antialiased dashes through 3,000 noisy points take 0.25 s to paint, thin ones 5 ms; smoothed
        lines are shorter.
        """
        return len(curve) > (_DENSE_SMOOTHED if self._look.smoothing else _DENSE)

    def _drawn_points(self) -> int:
        """Return how many points are drawn: thinned, a curve has two a pixel at most."""
        most = 2 * int(self._box.width())
        return sum(min(len(curve), most) for curve in self._curves.values() if not curve.hidden)

    def _draw_marker(self, marker: Marker | None) -> None:
        curve = self._curves.get(marker.key) if marker else None
        x = curve.x_of_step(marker.step, self._look.axis) if marker and curve else math.nan
        visible = math.isfinite(x) and curve is not None and not curve.hidden
        self._marker.setVisible(visible)
        self._marker_text.setVisible(visible)
        if not visible or marker is None or curve is None:
            return
        (left, right), (bottom, top) = self.ranges()
        finite = curve.values[np.isfinite(curve.values)]
        # Where the curve is not: a loss ends low, an accuracy high.
        ends_high = len(finite) > 0 and self._height(float(finite[-1])) > (bottom + top) / 2
        self._marker.setPos(x)
        self._marker_text.setText(marker.label)
        room = (right - x) / max(right - left, 1e-300) * self._box.width()
        self._marker_text.setAnchor((int(self._marker_text.boundingRect().width() > room), int(ends_high)))
        self._marker_text.setPos(x, bottom if ends_high else top)

    def _fit(self) -> None:
        shown = [curve for curve in self._curves.values() if len(curve) and not curve.hidden]
        outliers = self._look.ignore_outliers
        across = value_range([curve.x(self._look.axis)[[0, -1]] for curve in shown], ignore_outliers=False)
        heights = [self._heights(curve.values) for curve in shown]
        heights += [self._heights(curve.smoothed(self._look.smoothing)) for curve in shown]
        up = value_range(heights, ignore_outliers=outliers)
        if across is None or up is None:
            return
        self._box.setRange(xRange=_wide(*across), yRange=_wide(*up), padding=0.04, disableAutoRange=True)

    def _set_ticks(self, *_: object) -> None:
        set_ticks(self._plot, "left", log=self._look.log)
        set_ticks(self._plot, "bottom")

    def _on_resized(self, *_: object) -> None:
        # How far a curve is thinned depends on the width; pyqtgraph works that out only for new data.
        self._drawn.clear()
        self._is_fine = self._drawn_points() <= _MOST_FINE_POINTS
        self._draw_curves()
        self._set_ticks()
        if self._zoomed:
            self._settled.start()

    def _on_zoomed(self, *_: object) -> None:
        self._zoomed = True
        self._settled.start()

    def _look_closer(self) -> None:
        """Ask for the points that are missing in the range that is seen, and drop those that are too many."""
        if not self._zoomed:
            return
        seen, _ = self.ranges()
        wanted = self._closer.wanted(self._curves, self._look.axis, seen, int(self._box.width()))
        self._draw_curves()
        if wanted:
            self.wanted.emit(wanted)

    def _on_moved(self, place: QPointF) -> None:
        inside = self._box.sceneBoundingRect().contains(place)
        self.pointed.emit((self._box.mapSceneToView(place).x(), place) if inside else None)

    def _on_clicked(self, event: Any) -> None:
        if event.double():
            event.accept()
            self.reset()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell when the pointer leaves the plot."""
        if event.type() == QEvent.Type.Leave:
            self.pointed.emit(None)
        return super().eventFilter(watched, event)


def _wide(low: float, high: float) -> tuple[float, float]:
    """Return the range, widened where it is a single value."""
    if high > low:
        return low, high
    half = abs(low) * 0.5 or 0.5
    return low - half, high + half
