"""The samples of a dataset: pictures in a grid, rows in a table, texts and recordings in lists."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.core.states import Modality
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.pictures import Pictures
from workbench.gui.panes.data.rows import Rows, RowTable
from workbench.gui.panes.data.sounds import SoundList
from workbench.gui.panes.data.texts import TextList


class SamplesView(QStackedWidget):
    """Pictures, rows, texts or recordings, whichever the dataset has.

    `failed` carries why they cannot be shown, `chosen_changed` tells that others are chosen, and `listed`
    carries a widget in which samples are chosen by the keyboard.
    """

    failed = Signal(object)
    class_edit_wanted = Signal(str)
    chosen_changed = Signal()
    listed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pictures = Pictures()
        self.rows = RowTable()
        self.texts = TextList()
        self.sounds = SoundList()
        for view in (self.rows, self.sounds):
            view.failed.connect(self.failed)
        self.new_labels: Mapping[int, Any] = {}
        self._pages = (self.pictures, self.rows, self.texts, self.sounds)
        for page in self._pages:
            self.addWidget(page)
            page.chosen_changed.connect(self.chosen_changed)
            page.filters.class_edit_wanted.connect(self.class_edit_wanted)
        self.rows.rebuilt.connect(self.listed)
        self.texts.rebuilt.connect(self.listed)
        self.sounds.rebuilt.connect(self.listed)

    def widgets(self) -> Sequence[QWidget]:
        """Return the widgets that are there from the beginning and in which samples are chosen or read."""
        pictures, texts, sounds = self.pictures, self.texts, self.sounds
        return (pictures.grid, pictures.large, texts.table, texts.full, sounds.table, sounds.play)

    @property
    def is_alone(self) -> bool:
        """Whether one sample is seen by itself, with a next one to go to."""
        return self._page.is_alone

    def go_on(self) -> None:
        """Go to the next sample."""
        self._page.go_on()

    def set_may_edit(self, may_edit: bool) -> None:
        """Say whether classes can be renamed and merged."""
        for page in self._pages:
            page.filters.set_may_edit(may_edit)

    def chosen(self) -> Any:
        """Return the numbers of the samples that are chosen, as an array."""
        return self._page.chosen()

    @property
    def _page(self) -> Pictures | RowTable | TextList | SoundList:
        return next(page for page in self._pages if page is self.currentWidget())

    def show_new(self, labels: Mapping[int, Any]) -> None:
        """Show labels that were set anew, by number of the sample."""
        self.new_labels = labels
        self._page.show_new(labels)

    def show_look(self, look: Look, rows: Rows) -> None:
        """Show the samples of a dataset.

        Args:
            look: The dataset.
            rows: Returns rows [start, stop) of a table as text.
        """
        self.new_labels = look.new_labels
        for page in self._pages:
            page.new = look.new_labels
        lists = {Modality.TEXT: self.texts, Modality.AUDIO: self.sounds}
        if view := lists.get(look.dataset.schema.modality):
            self.setCurrentWidget(view)
            view.show_look(look)
        elif look.headings:
            self.setCurrentWidget(self.rows)
            self.rows.show_look(look, rows)
        else:
            self.setCurrentWidget(self.pictures)
            self.pictures.show_look(look)
        self.chosen_changed.emit()

    def show_samples(self, title: str, samples: Sequence[int] | None) -> None:
        """Show only these samples, such as those of a finding; None shows all again."""
        self._page.show_samples(title, samples)
