"""Predicted against actual values."""

from collections.abc import Sequence
from html import escape
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.gui.theme import SMALL_PX, theme, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel
from workbench.gui.widgets.plot_axes import dress, pen, set_ticks, set_up

_MOST_DRAWN = 20_000
_POINT_ALPHA = 130

Values = Sequence[float] | npt.NDArray[np.generic]


class ScatterPlot(QFrame):
    """Points of (actual, predicted) with the diagonal on which a perfect model's would lie.

    `point_clicked` carries the index of the sample. pyqtgraph is imported when it is shown first.

    Args:
        title: Heading.
        unit: Name of what is predicted, for the axes.
    """

    point_clicked = Signal(int)

    def __init__(self, title: str, unit: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self._unit = unit
        self._actual: npt.NDArray[np.float64] = np.empty(0)
        self._predicted: npt.NDArray[np.float64] = np.empty(0)
        self._plot: Any = None
        self._dirty = True
        self._source = ElidedLabel(role="small")
        self._said = ElidedLabel(role="small")
        head = QHBoxLayout()
        head.addWidget(ElidedLabel(title, "section"))
        head.addStretch(1)
        head.addWidget(self._source)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 12, 8)
        self._column.setSpacing(4)
        self._column.addLayout(head)
        self._column.addWidget(self._said)
        self.setMinimumHeight(200)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def set_points(self, actual: Values, predicted: Values, source: str = "", unit: str = "") -> None:
        """Show points; of very many, an even selection is drawn.

        Args:
            actual: (n,).
            predicted: (n,).
            source: Which split and which checkpoint.
            unit: Name of what is predicted; empty keeps the one before.
        """
        self._actual = np.asarray(actual, dtype=np.float64)
        self._predicted = np.asarray(predicted, dtype=np.float64)
        self._unit = unit or self._unit
        self._source.setText(source)
        self._dirty = True
        if self.isVisible():
            self._draw()

    def _make_plot(self) -> None:
        import pyqtgraph as pg

        plot = self._plot = pg.PlotWidget()
        set_up(plot)
        plot.getViewBox().sigRangeChanged.connect(self._set_ticks)
        plot.getViewBox().sigResized.connect(self._set_ticks)
        plot.setMinimumSize(160, 120)
        self._diagonal = pg.PlotDataItem(antialias=True)
        self._points = pg.ScatterPlotItem(size=7, pxMode=True, antialias=True, hoverable=True)
        self._chosen = pg.ScatterPlotItem(size=12, pxMode=True, antialias=True)
        for item in (self._diagonal, self._points, self._chosen):
            plot.addItem(item)
        self._points.sigClicked.connect(self._on_clicked)
        plot.scene().sigMouseClicked.connect(self._on_scene_clicked)
        self._column.insertWidget(1, plot, 1)
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        dress(self._plot, upright_lines=True)
        style = {"color": token("muted").name(), "font-size": f"{SMALL_PX}px"}
        self._plot.setLabel("bottom", self._axis_title(tr("actual")), **style)
        self._plot.setLabel("left", self._axis_title(tr("predicted")), **style)
        self._diagonal.setPen(pen(token("muted"), 1, Qt.PenStyle.DashLine))
        color = QColor(token("accent"))
        color.setAlpha(_POINT_ALPHA)
        self._points.setBrush(color)
        self._points.setPen(None)
        self._chosen.setBrush(None)
        self._chosen.setPen(pen(token("danger"), 2))

    def _set_ticks(self, *_: object) -> None:
        for side in ("left", "bottom"):
            set_ticks(self._plot, side)

    def _axis_title(self, word: str) -> str:
        return escape(f"{word} · {self._unit}" if self._unit else word)

    def _draw(self) -> None:
        self._dirty = False
        if self._plot is None:
            self._make_plot()
        self._dress()
        finite = np.flatnonzero(np.isfinite(self._actual) & np.isfinite(self._predicted))
        if len(finite) > _MOST_DRAWN:
            finite = finite[np.linspace(0, len(finite) - 1, _MOST_DRAWN).astype(int)]
        self._chosen.setData([], [])
        self._said.setText(tr("Click a point to see its sample.") if len(finite) else tr("No points yet."))
        self._points.setData(self._actual[finite], self._predicted[finite], data=finite)
        if len(finite):
            both = np.concatenate([self._actual[finite], self._predicted[finite]])
            ends = [float(both.min()), float(both.max())]
            self._diagonal.setData(ends, ends)
            self._plot.getViewBox().setRange(xRange=ends, yRange=ends, padding=0.04)

    def select(self, index: int) -> None:
        """Mark a sample and say what its values are."""
        actual, predicted = float(self._actual[index]), float(self._predicted[index])
        self._chosen.setData([actual], [predicted])
        self._said.setText(
            tr(
                "actual {actual}   predicted {predicted}   off by {error}",
                actual=number_format.number(actual),
                predicted=number_format.number(predicted),
                error=number_format.number(predicted - actual),
            )
        )

    def _on_clicked(self, _item: Any, points: Any, _event: Any = None) -> None:
        if len(points):
            index = int(points[0].data())
            self.select(index)
            self.point_clicked.emit(index)

    def _on_scene_clicked(self, event: Any) -> None:
        if event.double():
            self._draw()

    def sizeHint(self) -> QSize:
        """Return the room at which the points read well."""
        return QSize(400, 320)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what was set while it could not be seen."""
        super().showEvent(event)
        if self._dirty:
            self._draw()
