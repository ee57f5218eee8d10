"""The curve of a learning-rate range test."""

import math
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, QObject, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from workbench.core.models import RateCurve
from workbench.gui.theme import theme, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel
from workbench.gui.widgets.plot_axes import dress, pen, round_ticks, set_up

_SHADOW_ALPHA = 70
_HEIGHT = 176
_PIXELS_PER_DECADE, _TICKS = 48, 4


class RatePlot(QWidget):
    """Loss over learning rate, logarithmic, with the suggestion marked and a reading under the pointer.

    pyqtgraph is imported when it is shown first.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Loss by learning rate"))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._curve: RateCurve | None = None
        self._plot: Any = None
        self.readout = ElidedLabel(role="small")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.readout)

    def set_curve(self, curve: RateCurve) -> None:
        """Show a curve."""
        self._curve = curve
        low = float(np.min(curve.smoothed))
        self.setAccessibleDescription(
            tr(
                "Lowest loss {loss} at {rate}, suggested {suggestion}",
                loss=number_format.number(low),
                rate=number_format.number(curve.rates[int(np.argmin(curve.smoothed))]),
                suggestion=number_format.number(curve.suggestion),
            )
        )
        self._read(None)
        if self.isVisible():
            self._draw()

    def ranges(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """Return the range shown on x, in powers of ten, and on y."""
        (left, right), (low, high) = self._plot.getViewBox().viewRange()
        return (left, right), (low, high)

    def marked(self) -> float:
        """Return the learning rate that is marked."""
        return math.pow(10.0, self._marker.value())

    def _make_plot(self) -> None:
        import pyqtgraph as pg

        plot = self._plot = pg.PlotWidget()
        set_up(plot)
        plot.setMouseEnabled(x=False, y=False)
        plot.setMinimumSize(120, 80)
        self._raw, self._line = pg.PlotDataItem(antialias=True), pg.PlotDataItem(antialias=True)
        self._marker, self._pointer = pg.InfiniteLine(angle=90), pg.InfiniteLine(angle=90)
        self._point = pg.ScatterPlotItem(size=9, pxMode=True, antialias=True)
        for item in (self._raw, self._line, self._marker, self._pointer, self._point):
            plot.addItem(item, ignoreBounds=True)
        self._pointer.hide()
        plot.getViewBox().sigResized.connect(self._set_ticks)
        plot.scene().sigMouseMoved.connect(self._on_moved)
        plot.viewport().installEventFilter(self)
        self._column.addWidget(plot, 1)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        dress(self._plot, upright_lines=False)
        self._plot.setBackground(token("field"))
        shadow = QColor(token("accent"))
        shadow.setAlpha(_SHADOW_ALPHA)
        self._raw.setPen(pen(shadow))
        self._line.setPen(pen(token("accent"), 2))
        self._marker.setPen(pen(token("muted"), 1, Qt.PenStyle.DotLine))
        self._pointer.setPen(pen(token("faint")))
        self._point.setBrush(token("accent"))
        self._point.setPen(pen(token("field"), 2))

    def _draw(self) -> None:
        if self._curve is None:
            return
        if self._plot is None:
            self._make_plot()
        curve = self._curve
        places, losses, smooth = np.log10(curve.rates), np.asarray(curve.losses), np.asarray(curve.smoothed)
        self._raw.setData(places, losses)
        self._line.setData(places, smooth)
        place = math.log10(curve.suggestion)
        self._marker.setPos(place)
        self._point.setData([place], [float(np.interp(place, places, smooth))])
        low, start = float(smooth.min()), float(smooth[0])
        # How high it blows up says nothing, and would flatten what does.
        room = max(start - low, 1e-12) * 0.3
        self._plot.getViewBox().setRange(
            xRange=(places[0], places[-1]), yRange=(low - room, start + room), padding=0.02
        )
        self._set_ticks()

    def _set_ticks(self, *_: object) -> None:
        box = self._plot.getViewBox()
        (left, right), (low, high) = box.viewRange()
        every = max(1, math.ceil((right - left) * _PIXELS_PER_DECADE / max(1.0, box.width())))
        decades = range(math.ceil(left), math.floor(right) + 1)
        # Counted from 1e-3, so that the same rates are named whatever is shown.
        named = [(float(it), number_format.number(10.0**it)) for it in decades if (it + 3) % every == 0]
        self._plot.getAxis("bottom").setTicks([named])
        self._plot.getAxis("left").setTicks([round_ticks(low, high, _TICKS)])

    def _read(self, at: int | None) -> None:
        curve = self._curve
        if curve is None:
            return
        if at is None:
            self.readout.setText(tr("Loss by learning rate"))
            return
        self.readout.setText(
            tr(
                "rate {rate}: loss {smooth} (raw {raw})",
                rate=number_format.number(float(f"{curve.rates[at]:.2g}")),
                smooth=number_format.number(curve.smoothed[at]),
                raw=number_format.number(curve.losses[at]),
            )
        )

    def _on_moved(self, place: QPointF) -> None:
        box = self._plot.getViewBox()
        if self._curve is None or not box.sceneBoundingRect().contains(place):
            self._leave()
            return
        x = float(box.mapSceneToView(place).x())
        at = int(np.argmin(np.abs(np.log10(self._curve.rates) - x)))
        self._pointer.setPos(math.log10(self._curve.rates[at]))
        self._pointer.show()
        self._read(at)

    def _leave(self) -> None:
        self._pointer.hide()
        self._read(None)

    def sizeHint(self) -> QSize:
        """Return the room at which the curve reads well."""
        return QSize(280, _HEIGHT)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was set while it could not be seen."""
        super().showEvent(event)
        self._draw()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Tell when the pointer leaves the plot."""
        if event.type() == QEvent.Type.Leave:
            self._leave()
        return super().eventFilter(watched, event)
