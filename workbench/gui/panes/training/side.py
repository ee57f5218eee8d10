"""The left of the Train pane: the runs, or those in the bin."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from workbench.gui.panes.training.run_list import RunListView, RunRow
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import PlainLabel


class RunSide(QFrame):
    """A card with the list of runs; its button `bin` shows the deleted ones instead."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.runs = RunListView()
        self.bin = QToolButton()
        self.bin.setCheckable(True)
        self.bin.setIcon(icon("trash"))
        self.bin.setIconSize(QSize(16, 16))
        self.bin.setAccessibleName(tr("Bin"))
        self.bin.setToolTip(tr("Show the deleted runs, to restore them"))
        self._title = PlainLabel(role="section")
        self._count = PlainLabel(role="muted")
        self._empty = PlainLabel(role="muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Expanding)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 0, 0)
        head.setSpacing(8)
        head.addWidget(self._title)
        head.addWidget(self._count)
        head.addStretch(1)
        head.addWidget(self.bin)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._empty, 1)
        column.addWidget(self.runs, 1)

    def show_rows(self, rows: Sequence[RunRow], deleted: int, wanted: int | None = None) -> None:
        """Show these rows and keep one of them selected.

        Args:
            rows: The rows, from top to bottom.
            deleted: How many runs lie in the bin.
            wanted: The run to select; otherwise what was selected stays so.
        """
        in_bin = self.bin.isChecked()
        self._title.setText(tr("Bin") if in_bin else tr("Runs"))
        self._count.setText(number_format.count(len(rows)))
        self._empty.setText(
            tr("The bin is empty.") if in_bin else tr("No runs. Start one on Models, or look into the bin.")
        )
        self._empty.setVisible(not rows)
        self.runs.setVisible(bool(rows))
        self.bin.setVisible(in_bin or deleted > 0)
        place = self.runs.currentIndex().row()
        self.runs.set_rows(rows)
        if wanted is None or not self.runs.select(wanted):
            self.runs.select_something(place)
