"""How close predicted values are: measures, predicted against actual, the largest errors."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.gui import background
from workbench.gui.panes.evaluation import weighing
from workbench.gui.panes.evaluation.reading import Judged, largest_errors
from workbench.gui.panes.evaluation.samples import Samples
from workbench.gui.panes.evaluation.slices import SliceView
from workbench.gui.panes.evaluation.words import source_words, tab_words
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.cards import StatTile
from workbench.gui.widgets.scatter_plot import ScatterPlot

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.gui.panes.base import Pane

_SHOWN_ERRORS = 200


class RegressionView(QWidget):
    """One evaluation of a model that predicts a number.

    Args:
        pane: Whose session is read, and who tells what went wrong.
    """

    def __init__(self, pane: "Pane", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pane = pane
        self._judged: Judged | None = None
        self._worst: NDArray[np.int64] | None = None
        self._mae = StatTile(tr("MAE"))
        self._rmse = StatTile(tr("RMSE"))
        self._r2 = StatTile(tr("R²"))
        self._cost = StatTile(tr("Time per sample"))
        self.scatter = ScatterPlot(tr("Predicted against actual"))
        self.scatter.point_clicked.connect(self._on_point)
        self.samples = Samples(pane, tr("The largest errors are being read."))
        self.samples.row_chosen.connect(self._on_row)
        self.slices = SliceView(pane, ("mae", tr("MAE")))
        self.slices.counted.connect(self._on_counted)
        self._tabs = QTabWidget()
        self._lay_out()

    def show_judged(self, judged: Judged) -> None:
        """Show an evaluation."""
        self._judged = judged
        evaluation, said = judged.evaluation, judged.predictions
        measure, target = number_format.measure, judged.dataset.schema.target or ""
        self._mae.set_values(
            measure(evaluation.metrics.get("mae")), tr("mean distance, in units of {target}", target=target)
        )
        self._rmse.set_values(measure(evaluation.metrics.get("rmse")), tr("large misses weigh more"))
        self._r2.set_values(
            measure(evaluation.metrics.get("r2")), tr("1 is perfect, 0 no better than the mean")
        )
        weighing.show_cost(self._cost, self._pane, evaluation)
        self.scatter.set_points(said.actual.ravel(), said.predicted.ravel(), source_words(evaluation), target)
        self.samples.set_judged(judged)
        self.slices.show_judged(judged)
        background.query(
            lambda: largest_errors(said, _SHOWN_ERRORS),
            lambda worst: self._show_worst(judged, worst),
            self._pane.tell,
            owner=self,
            key="worst",
        )

    def offers(self) -> list[weighing.Offer]:
        """Return the risks that can be made of what is chosen."""
        return self.slices.offers()

    def _on_counted(self, behind: int) -> None:
        self._tabs.setTabText(self._tabs.indexOf(self.slices), tab_words(behind))

    def _show_worst(self, judged: Judged, worst: "NDArray[np.int64]") -> None:
        if judged is not self._judged:
            return
        self._worst = worst
        self.samples.show_samples(tr("Largest errors"), tr("worst first"), worst, one_class=False)

    def _on_point(self, hit: int) -> None:
        """Select the row of a point; one that is not among the worst is put before them."""
        table, worst = self.samples.table, self._worst
        if table is None or worst is None:
            return
        if any(row.hit == hit for row in table.records()):
            table.select(lambda row: row.hit == hit)
            return
        import numpy as np

        self.samples.show_rows(np.concatenate([[hit], worst]).astype(np.int64), chosen=hit)

    def _on_row(self, hit: int | None) -> None:
        if hit is not None:
            self.scatter.select(hit)

    def _lay_out(self) -> None:
        tiles = QHBoxLayout()
        tiles.setSpacing(GAP)
        for tile in (self._mae, self._rmse, self._r2, self._cost):
            tiles.addWidget(tile, 1)
        right = QFrame()
        right.setProperty("role", "card")
        inside = QVBoxLayout(right)
        inside.setContentsMargins(12, 4, 12, 12)
        inside.addWidget(self._tabs)
        self._tabs.setAccessibleName(tr("Samples and slices"))
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.addTab(self.samples, tr("Samples"))
        self._tabs.addTab(self.slices, tr("Slices"))
        self._tabs.setTabToolTip(1, tr("Samples that have something in common, and how well it does there."))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.scatter)
        split.addWidget(right)
        split.setSizes([445, 555])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(tiles)
        column.addWidget(split, 1)
