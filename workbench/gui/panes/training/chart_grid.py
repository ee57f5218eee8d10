"""Charts below each other, or in two columns where there is room."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from workbench.core.errors import UserError
from workbench.gui.panes.training.charts import Chart
from workbench.gui.theme import GAP
from workbench.gui.widgets.curve_plot import CurvePlot

_NARROWEST = 328
_STACKED = 2
_LEAST_HEIGHT = 200


class ChartGrid(QWidget):
    """The plots by name of their chart, made when a chart is shown first. An empty plot is a hidden one."""

    failed = Signal(object)
    wanted = Signal(str, list)
    """The name of a chart, and each Stretch of its curves that is seen coarser than it is stored."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plots: dict[str, CurvePlot] = {}
        self._shown: list[CurvePlot] = []
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)

    def show_charts(self, charts: Sequence[Chart]) -> None:
        """Show these charts, in this order; all others are emptied and cost nothing."""
        wanted = [self._plot(chart) for chart in charts]
        for plot in self.plots.values():
            if plot not in wanted:
                plot.hide()
                plot.clear()
        if wanted != self._shown:
            self._shown = wanted
            self._columns = 0
            self._arrange()

    def _plot(self, chart: Chart) -> CurvePlot:
        if chart.name not in self.plots:
            plot = CurvePlot(chart.title, shared_look=True, parent=self)
            plot.hide()
            plot.setMinimumHeight(_LEAST_HEIGHT)
            plot.problem.connect(lambda text: self.failed.emit(UserError(text)))
            plot.wanted.connect(lambda stretches, name=chart.name: self.wanted.emit(name, stretches))
            self.plots[chart.name] = plot
        return self.plots[chart.name]

    def _arrange(self) -> None:
        roomy = self.width() >= 2 * _NARROWEST + GAP
        # Two charts read better below each other, as wide as can be.
        columns = 2 if roomy and len(self._shown) > _STACKED else 1
        if columns == self._columns:
            return
        self._columns = columns
        while self._grid.takeAt(0) is not None:
            pass
        for place, plot in enumerate(self._shown):
            last_alone = place == len(self._shown) - 1 and place % columns == 0
            self._grid.addWidget(plot, place // columns, place % columns, 1, columns if last_alone else 1)
            plot.show()
        for column in range(2):
            self._grid.setColumnStretch(column, int(column < columns))
        for row in range(self._grid.rowCount()):
            self._grid.setRowStretch(row, int(row * columns < len(self._shown)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Take one column or two."""
        super().resizeEvent(event)
        self._arrange()
