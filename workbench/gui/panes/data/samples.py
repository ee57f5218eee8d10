"""The samples of a dataset: pictures in a grid, rows in a table, texts and recordings in lists."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.core.states import Modality
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.pictures import Pictures
from workbench.gui.panes.data.rows import Rows, RowTable
from workbench.gui.panes.data.sounds import SoundList
from workbench.gui.panes.data.texts import TextList


class SamplesView(QStackedWidget):
    """Pictures, rows, texts or recordings, whichever the dataset has."""

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = Pictures()
        self.rows = RowTable()
        self.texts = TextList()
        self.sounds = SoundList()
        for view in (self.rows, self.sounds):
            view.failed.connect(self.failed)
        for page in (self.pictures, self.rows, self.texts, self.sounds):
            self.addWidget(page)

    def show_look(self, look: Look, rows: Rows, may_change: bool = False) -> None:
        """Show the samples of a dataset.

        Args:
            look: The dataset.
            rows: Returns rows [start, stop) of a table as text.
            may_change: Whether a class can be set right.
        """
        lists = {Modality.TEXT: self.texts, Modality.AUDIO: self.sounds}
        if view := lists.get(look.dataset.schema.modality):
            view.show_look(look)
            self.setCurrentWidget(view)
        elif look.headings:
            self.rows.show_look(look, rows)
            self.setCurrentWidget(self.rows)
        else:
            self.pictures.show_look(look, may_change)
            self.setCurrentWidget(self.pictures)

    def show_samples(self, title: str, samples: Sequence[int] | None) -> None:
        """Show only these samples, such as those of a finding; None shows all again."""
        for view in (self.pictures, self.rows, self.texts, self.sounds):
            if view is self.currentWidget():
                view.show_samples(title, samples)
