"""The samples of a dataset: pictures in a grid, rows in a table, texts and recordings in lists."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from workbench.core.states import Modality
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.pictures import Pictures
from workbench.gui.panes.data.rows import Rows, RowTable
from workbench.gui.panes.data.sounds import SoundList
from workbench.gui.panes.data.texts import TextList

V = TypeVar("V", Pictures, RowTable, TextList, SoundList)


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
        self.new_labels: Mapping[int, Any] = {}
        self._may_edit = False

    # Each is made when such samples are shown for the first time.
    @cached_property
    def pictures(self) -> Pictures:
        """The view of pictures."""
        view = Pictures(self)
        return self._with(view, view.grid, view.large)

    @cached_property
    def rows(self) -> RowTable:
        """The view of a table."""
        view = RowTable(self)
        view.failed.connect(self.failed)
        view.rebuilt.connect(self.listed)
        return self._with(view)

    @cached_property
    def texts(self) -> TextList:
        """The view of texts."""
        view = TextList(self)
        view.rebuilt.connect(self.listed)
        return self._with(view, view.table, view.full)

    @cached_property
    def sounds(self) -> SoundList:
        """The view of recordings."""
        view = SoundList(self)
        view.failed.connect(self.failed)
        view.rebuilt.connect(self.listed)
        return self._with(view, view.table, view.play)

    def _with(self, view: V, *lists: QWidget) -> V:
        """Take a new view in; in `lists` samples are chosen or read."""
        self.addWidget(view)
        view.chosen_changed.connect(self.chosen_changed)
        view.filters.class_edit_wanted.connect(self.class_edit_wanted)
        view.filters.set_may_edit(self._may_edit)
        for widget in lists:
            self.listed.emit(widget)
        return view

    @property
    def _view(self) -> Any:
        """The view that is shown; None before there is one."""
        return self.currentWidget()

    @property
    def is_alone(self) -> bool:
        """Whether one sample is seen by itself, with a next one to go to."""
        return self._view is not None and self._view.is_alone

    def go_on(self) -> None:
        """Go to the next sample."""
        if self._view is not None:
            self._view.go_on()

    def set_may_edit(self, may_edit: bool) -> None:
        """Say whether classes can be renamed and merged."""
        self._may_edit = may_edit
        if self._view is not None:
            self._view.filters.set_may_edit(may_edit)

    def chosen(self) -> Any:
        """Return the numbers of the samples that are chosen, as an array."""
        return np.arange(0) if self._view is None else self._view.chosen()

    def show_new(self, labels: Mapping[int, Any]) -> None:
        """Show labels that were set anew, by number of the sample."""
        self.new_labels = labels
        if self._view is not None:
            self._view.show_new(labels)

    def show_look(self, look: Look, rows: Rows) -> None:
        """Show the samples of a dataset.

        Args:
            look: The dataset.
            rows: Returns rows [start, stop) of a table as text.
        """
        self.new_labels = look.new_labels
        modality = look.dataset.schema.modality
        if modality is Modality.TEXT:
            self._show(self.texts, look)
        elif modality is Modality.AUDIO:
            self._show(self.sounds, look)
        elif look.headings:
            self._show(self.rows, look, rows)
        else:
            self._show(self.pictures, look)
        self.chosen_changed.emit()

    def show_samples(self, title: str, samples: Sequence[int] | None) -> None:
        """Show only these samples, such as those of a finding; None shows all again."""
        if self._view is not None:
            self._view.show_samples(title, samples)

    def _show(self, view: Any, look: Look, *rows: Rows) -> None:
        view.new = look.new_labels
        view.filters.set_may_edit(self._may_edit)
        self.setCurrentWidget(view)
        view.show_look(look, *rows)
