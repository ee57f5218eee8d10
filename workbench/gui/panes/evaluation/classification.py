"""How well classes are told apart: measures, confusion matrix, the samples of its cells, every class."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSplitter, QTabWidget, QVBoxLayout, QWidget

from workbench.core.records import ClassMeasures
from workbench.gui import background
from workbench.gui.item_models.records import Column
from workbench.gui.panes.evaluation import weighing
from workbench.gui.panes.evaluation.reading import Cell, Judged, hits_in
from workbench.gui.panes.evaluation.samples import Samples
from workbench.gui.panes.evaluation.slices import SliceView
from workbench.gui.panes.evaluation.words import source_words, tab_words
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.cards import StatTile
from workbench.gui.widgets.confusion_matrix import ConfusionMatrix
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from workbench.gui.panes.base import Pane


class ClassificationView(QWidget):
    """One evaluation of a classifier.

    Args:
        pane: Whose session is read, and who tells what went wrong.
    """

    def __init__(self, pane: "Pane", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pane = pane
        self._judged: Judged | None = None
        self._accuracy = StatTile(tr("Accuracy"))
        self._f1 = StatTile(tr("F1 (macro)"))
        self._worst = StatTile(tr("Worst class: recall"))
        self._precision = StatTile(tr("Precision (macro)"))
        self._recall = StatTile(tr("Recall (macro)"))
        self._cost = StatTile(tr("Time per sample"))
        self.matrix = ConfusionMatrix()
        self.matrix.cells_selected.connect(self._on_cells)
        self.samples = Samples(pane, tr("Click a cell of the matrix to see its samples."))
        self.per_class: Table[ClassMeasures] = Table(
            _class_columns(), tr("Classes"), key="evaluation-classes", identity=lambda row: row.label
        )
        self.per_class.set_menu(self._class_menu)
        self.slices = SliceView(pane, ("accuracy", tr("Accuracy")))
        self.slices.counted.connect(self._on_counted)
        self._tabs = QTabWidget()
        self._lay_out()

    def show_judged(self, judged: Judged) -> None:
        """Show an evaluation; the same cells stay selected when the same run is judged anew."""
        before, cells = self._judged, self.matrix.selected()
        self._judged = judged
        evaluation = judged.evaluation
        self._show_tiles(judged)
        self.per_class.set_records(evaluation.per_class)
        self.samples.set_judged(judged)
        self.slices.show_judged(judged)
        source = source_words(evaluation)
        self.matrix.set_matrix(evaluation.labels, evaluation.counts, source, judged.confused)
        if cells and before is not None and before.evaluation.labels == evaluation.labels:
            self.matrix.select(cells)
        else:
            self._tabs.setCurrentWidget(self.per_class)

    def offers(self) -> list[weighing.Offer]:
        """Return the risks that can be made of what is chosen."""
        if self._judged is None:
            return []
        evaluation = self._judged.evaluation
        found = weighing.of_cells(evaluation, self.matrix.selected())
        for row in self.per_class.selected():
            found += weighing.of_class(evaluation, row.label)
        return found + self.slices.offers()

    def _on_counted(self, behind: int) -> None:
        self._tabs.setTabText(self._tabs.indexOf(self.slices), tab_words(behind))

    def _class_menu(self, rows: list[ClassMeasures]) -> list[QAction]:
        judged = self._judged
        offers = weighing.of_class(judged.evaluation, rows[0].label) if judged is not None and rows else []
        made = QAction(tr("Make a risk"), self.per_class)
        made.setEnabled(bool(offers) and weighing.may_weigh(self._pane))
        made.triggered.connect(lambda: weighing.carry_out(self._pane, offers[0]))
        return [made]

    def _show_tiles(self, judged: Judged) -> None:
        evaluation = judged.evaluation
        measures, measure = evaluation.metrics, number_format.measure
        weighing.show_cost(self._cost, self._pane, evaluation)
        right = sum(evaluation.counts[place][place] for place in range(len(evaluation.counts)))
        self._accuracy.set_values(
            measure(measures.get("accuracy")),
            tr(
                "{right} of {count} right",
                right=number_format.count(right),
                count=number_format.count(evaluation.count),
            ),
        )
        self._f1.set_values(measure(measures.get("f1_macro")), tr("every class counts alike"))
        self._precision.set_values(measure(measures.get("precision_macro")), tr("right when it says so"))
        self._recall.set_values(measure(measures.get("recall_macro")), tr("found when it is there"))
        found = [row for row in evaluation.per_class if row.recall is not None]
        worst = min(found, key=lambda row: row.recall or 0.0, default=None)
        if worst is None:
            self._worst.set_values(number_format.NONE)
            return
        hits = evaluation.counts[evaluation.per_class.index(worst)][evaluation.per_class.index(worst)]
        words = tr(
            "{label} · {found} of {count}",
            label=worst.label,
            found=number_format.count(hits),
            count=number_format.count(worst.support),
        )
        self._worst.set_values(measure(worst.recall), words)

    def _on_cells(self, cells: list[Cell]) -> None:
        judged = self._judged
        if judged is None:
            return
        if not cells:
            self.samples.clear()
            return
        self._tabs.setCurrentWidget(self.samples)
        title = _title(judged, cells)
        one_class = len(cells) == 1
        classes = len(judged.evaluation.labels)
        background.query(
            lambda: hits_in(judged.predictions, cells, classes),
            lambda hits: self._show_hits(judged, cells, title, hits, one_class),
            self._pane.tell,
            owner=self,
            key="hits",
        )

    def _show_hits(
        self, judged: Judged, cells: list[Cell], title: str, hits: "NDArray[np.int64]", one_class: bool
    ) -> None:
        if judged is self._judged and cells:
            self.samples.show_samples(title, tr("most certain first"), hits, one_class=one_class)
            offers = weighing.of_cells(judged.evaluation, cells) if weighing.may_weigh(self._pane) else []
            act = partial(weighing.carry_out, self._pane, offers[0]) if offers else None
            self.samples.offer(tr("Make a risk"), act)

    def _lay_out(self) -> None:
        tiles = QHBoxLayout()
        tiles.setSpacing(GAP)
        for tile in (self._accuracy, self._f1, self._worst, self._precision, self._recall, self._cost):
            tiles.addWidget(tile, 1)
        right = QFrame()
        right.setProperty("role", "card")
        inside = QVBoxLayout(right)
        inside.setContentsMargins(12, 4, 12, 12)
        inside.addWidget(self._tabs)
        self._tabs.setAccessibleName(tr("Samples and classes"))
        self._tabs.setDocumentMode(True)
        self._tabs.tabBar().setDrawBase(False)
        self._tabs.addTab(self.per_class, tr("Classes"))
        self._tabs.addTab(self.samples, tr("Samples"))
        self._tabs.addTab(self.slices, tr("Slices"))
        self._tabs.setTabToolTip(2, tr("Samples that have something in common, and how well it does there."))
        self._tabs.setTabToolTip(0, tr("Precision, recall and F1 of every class; click a heading to sort."))
        self._tabs.setTabToolTip(1, tr("The very samples of the cells chosen in the confusion matrix."))
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(self.matrix)
        split.addWidget(right)
        split.setSizes([445, 555])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addLayout(tiles)
        column.addWidget(split, 1)


def _title(judged: Judged, cells: list[Cell]) -> str:
    """Return what the samples of these cells have in common."""
    labels = judged.evaluation.labels
    if len(cells) == 1:
        actual, predicted = cells[0]
        if actual == predicted:
            return tr("{label} recognised", label=labels[actual])
        return tr("{actual} taken for {predicted}", actual=labels[actual], predicted=labels[predicted])
    right = sum(actual == predicted for actual, predicted in cells)
    if right == len(labels) == len(cells):
        return tr("Correct")
    wrong = sum(
        count > 0
        for actual, row in enumerate(judged.evaluation.counts)
        for predicted, count in enumerate(row)
        if actual != predicted
    )
    if not right and len(cells) == wrong:
        return tr("Misclassified")
    return tr("{count} cells", count=number_format.count(len(cells)))


def _class_columns() -> list[Column[ClassMeasures]]:
    measure = number_format.measure
    return [
        Column(tr("Class"), lambda row: row.label, stretch=True, strong=True),
        Column(
            tr("Precision"),
            lambda row: row.precision,
            "right",
            measure,
            tr("Of all that was said to be this class, how much is. A dash: it was never said."),
        ),
        Column(
            tr("Recall"),
            lambda row: row.recall,
            "right",
            measure,
            tr("Of all samples of this class, how many were found. A dash: there are none here."),
        ),
        Column(
            tr("F1"),
            lambda row: row.f1,
            "right",
            measure,
            tr("Harmonic mean of precision and recall."),
        ),
        Column(
            tr("Support"),
            lambda row: row.support,
            "right",
            number_format.count,
            tr("Number of samples of this class in the split."),
        ),
    ]
