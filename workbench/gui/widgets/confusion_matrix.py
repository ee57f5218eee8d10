"""The confusion matrix with its controls."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.item_models.records import Column
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel
from workbench.gui.widgets.matrix_grid import Cell, MatrixGrid
from workbench.gui.widgets.table import Table

MOST_IN_GRID = 30


@dataclass(frozen=True, slots=True)
class Pair:
    """One confused pair of classes, as the table for many classes shows it."""

    cell: Cell
    actual: str
    predicted: str
    count: int
    share: float


def most_confused(labels: Sequence[str], counts: Sequence[Sequence[int]]) -> list[Pair]:
    """Return the pairs of a matrix, the most confused first; thousands of classes take a moment.

    Args:
        labels: (n,) class names.
        counts: (n, n), rows actual, columns predicted.
    """
    pairs = []
    for r, row in enumerate(counts):
        total = sum(row)
        if total == row[r]:
            continue
        for c in compress(range(len(row)), row):
            if r != c:
                pairs.append(Pair((r, c), labels[r], labels[c], row[c], row[c] / total))
    return sorted(pairs, key=lambda pair: -pair.count)


class ConfusionMatrix(QFrame):
    """Rows actual, columns predicted; beyond 30 classes the most-confused pairs first.

    `cells_selected` carries a list of (row, column), that is (actual, predicted).
    """

    cells_selected = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Confusion matrix"))
        self._labels: tuple[str, ...] = ()
        self._counts: Sequence[Sequence[int]] = ()
        self._confused: Sequence[Pair] = ()
        self._grid = MatrixGrid()
        self._grid.cells_selected.connect(self.cells_selected)
        self._pairs: Table[Pair] = Table(
            [
                Column(tr("Actual"), lambda pair: pair.actual, stretch=True),
                Column(tr("Predicted"), lambda pair: pair.predicted, stretch=True),
                Column(tr("Count"), lambda pair: pair.count, "right", number_format.count),
                Column(
                    tr("Share of row"),
                    lambda pair: pair.share,
                    "right",
                    lambda v: number_format.percent(v, 1),
                ),
            ],
            tr("Most confused pairs"),
            empty_text=tr("No class was taken for another."),
            multiple=True,
        )
        self._pairs.selection_changed.connect(self._on_pairs)
        self._source = ElidedLabel(role="small")
        self._source.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._shown = QComboBox()
        self._shown.setProperty("quiet", True)
        self._shown.setAccessibleName(tr("What the cells show"))
        for text, value in ((tr("counts"), "counts"), (tr("row %"), "rows"), (tr("column %"), "columns")):
            self._shown.addItem(text, value)
        self._diagonal = QCheckBox(tr("Hide diagonal"))
        self._diagonal.setAccessibleName(tr("Hide diagonal"))
        self._diagonal.setProperty("quiet", True)
        self._shown.currentIndexChanged.connect(self._on_look)
        self._diagonal.toggled.connect(self._on_look)
        self._lay_out()

    def set_matrix(
        self,
        labels: Sequence[str],
        counts: Sequence[Sequence[int]],
        source: str,
        confused: Sequence[Pair] | None = None,
    ) -> None:
        """Show a matrix.

        Args:
            labels: (n,) class names.
            counts: (n, n), rows actual, columns predicted.
            source: Which split and which checkpoint, such as *test · best checkpoint (epoch 17)*.
            confused: What `most_confused` returned of it, where that was asked beside the window already.
        """
        self._labels, self._counts = tuple(labels), counts
        self._source.setText(source)
        many = len(self._labels) > MOST_IN_GRID
        for control in (self._shown, self._diagonal):
            control.setVisible(not many)
        if many:
            self._confused = most_confused(labels, counts) if confused is None else confused
            self._pairs.set_records(self._confused)
        else:
            self._grid.set_matrix(self._labels, self._counts)
        self._stage.setCurrentIndex(int(many))

    def selected(self) -> list[Cell]:
        """Return the selected cells."""
        if self._stage.currentIndex():
            return [pair.cell for pair in self._pairs.selected()]
        return self._grid.selected()

    def select_correct(self) -> None:
        """Select the diagonal."""
        self.select([(i, i) for i in range(len(self._labels))])

    def select_misclassified(self) -> None:
        """Select every cell off the diagonal in which there is something."""
        n = len(self._labels)
        if self._stage.currentIndex():
            self.select(sorted(pair.cell for pair in self._confused))
            return
        self.select([(r, c) for r in range(n) for c in range(n) if r != c and self._counts[r][c]])

    def clear_selection(self) -> None:
        """Select nothing."""
        self.select([])

    def select(self, cells: list[Cell]) -> None:
        """Select these cells and no others, and tell of it."""
        if self._stage.currentIndex():
            self._pairs.blockSignals(True)
            self._pairs.clearSelection()
            self._pairs.blockSignals(False)
            self.cells_selected.emit(cells)
        else:
            self._grid.select(cells)

    def _on_pairs(self, pairs: list[Pair]) -> None:
        self.cells_selected.emit([pair.cell for pair in pairs])

    def _on_look(self) -> None:
        self._grid.set_shown(self._shown.currentData(), self._diagonal.isChecked())

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(PlainLabel(tr("Confusion matrix"), "section"))
        head.addWidget(self._source, 1)
        head.addWidget(self._shown)
        stage = QWidget()
        self._stage = QStackedLayout(stage)
        self._stage.addWidget(self._grid)
        self._stage.addWidget(self._pairs)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for text, act in (
            (tr("Correct"), self.select_correct),
            (tr("Misclassified"), self.select_misclassified),
            (tr("Clear"), self.clear_selection),
        ):
            button = QPushButton(text)
            button.setAccessibleName(text)
            button.clicked.connect(act)
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self._diagonal)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(stage, 1)
        column.addLayout(buttons)
