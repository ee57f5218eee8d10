"""The samples of a dataset: pictures in a grid, or rows in a table."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.pictures import Pictures
from workbench.gui.panes.data.rows import Rows, RowTable


class SamplesView(QStackedWidget):
    """Pictures or rows, whichever the dataset has."""

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = Pictures()
        self.rows = RowTable()
        self.rows.failed.connect(self.failed)
        self.addWidget(self.pictures)
        self.addWidget(self.rows)

    def show_look(self, look: Look, rows: Rows, may_change: bool = False) -> None:
        """Show the samples of a dataset.

        Args:
            look: The dataset.
            rows: Returns rows [start, stop) of a table as text.
            may_change: Whether a class can be set right.
        """
        if look.headings:
            self.rows.show_look(look, rows)
            self.setCurrentWidget(self.rows)
        else:
            self.pictures.show_look(look, may_change)
            self.setCurrentWidget(self.pictures)
