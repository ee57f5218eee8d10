"""Samples in a list, the selected one in full below: what texts and recordings share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from workbench.core.states import Modality, Task
from workbench.gui import background
from workbench.gui.item_models.records import Column
from workbench.gui.modalities import counted, samples_title
from workbench.gui.panes.data.filters import SampleFilters, split_word
from workbench.gui.panes.data.look import Look
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel
from workbench.gui.widgets.table import Table


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One sample in the list.

    Args:
        place: Its place in the dataset.
        words: What the columns show.
        is_new: Whether its label was set anew.
    """

    place: int
    words: tuple[Any, ...]
    is_new: bool = False


class SampleList(QWidget):
    """A list with filters; the selected sample is shown in full below it. `chosen_changed` tells of others.

    Args:
        modality: What the samples are.
        columns: Columns of the list, each showing one of the words of a line.
        detail: Shows one sample.
    """

    chosen_changed = Signal()
    rebuilt = Signal(object)

    def __init__(
        self,
        modality: Modality,
        columns: Sequence[Column[SampleLine]],
        detail: QWidget,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._modality = modality
        self._look: Look | None = None
        self._index: Any = np.arange(0)
        self.new: Mapping[int, Any] = {}
        self._said = ElidedLabel("", "small")
        self.filters = SampleFilters(tr("samples"))
        self.filters.changed.connect(self._show)
        self._columns = tuple(columns)
        self.table = self._new_table()
        self._parts = parts = QSplitter(Qt.Orientation.Vertical)
        parts.addWidget(self.table)
        parts.addWidget(detail)
        parts.setChildrenCollapsible(False)
        parts.setStretchFactor(0, 3)
        parts.setStretchFactor(1, 2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.filters)
        column.addWidget(parts, 1)
        column.addWidget(self._said)

    def lines(self, look: Look, places: Any) -> list[SampleLine]:
        """Return the lines of samples; fast, since it is called while painting."""
        raise NotImplementedError

    def show_sample(self, look: Look, place: int) -> None:
        """Show one sample in full."""
        raise NotImplementedError

    def words_of(self, look: Look) -> Any:
        """Return (n,) texts in which the words of the filter are looked for: where samples came from."""
        return look.samples.names

    def show_look(self, look: Look) -> None:
        """Show the samples of a dataset; filter and place stay when it is the same one."""
        before, self._look = self._look, look
        is_same = before is not None and before.dataset.id == look.dataset.id
        if is_same and before is not None and before.dataset.split == look.dataset.split:
            return
        if not is_same:
            names = look.bars if look.dataset.schema.task is Task.CLASSIFICATION else ()
            self.filters.set_choices(names, list(look.parts))
            self.filters.classes.setVisible(bool(names))
            self.filters.offer_new_classes(look.new_classes(self.new))
            # Columns are as wide as what the first dataset had in them.
            sizes, replaced, self.table = self._parts.sizes(), self.table, self._new_table()
            self._parts.replaceWidget(0, self.table)
            self._parts.setStretchFactor(0, 3)
            self._parts.setSizes(sizes)
            replaced.deleteLater()
            self.rebuilt.emit(self.table)
        self._show()

    def show_samples(self, title: str, samples: Any) -> None:
        """Show only these samples, such as those of a finding; None shows all again."""
        self.filters.set_finding(title, samples)

    def chosen(self) -> Any:
        """Return the numbers of the selected samples."""
        return chosen_of(self._index, self.table.chosen())

    @property
    def is_alone(self) -> bool:
        """Whether one sample is chosen, which is shown in full."""
        return len(self.chosen()) == 1

    def go_on(self) -> None:
        """Go to the next sample, where there is one."""
        row = self.table.currentIndex().row() + 1
        if row < len(self._index):
            self.table.selectRow(row)

    def show_new(self, labels: Mapping[int, Any]) -> None:
        """Show these new labels, by number of the sample; what is filtered stays in view."""
        self.new = labels
        if self._look is not None:
            self.filters.offer_new_classes(self._look.new_classes(labels))
        self.table.refresh_rows()

    def _new_table(self) -> "Table[SampleLine]":
        empty = tr("Nothing fits these filters.")
        table: Table[SampleLine] = Table(
            self._columns, samples_title(self._modality), empty_text=empty, multiple=True
        )
        table.rows_chosen.connect(self.chosen_changed)
        table.selection_changed.connect(self._on_selected)
        return table

    def _show(self) -> None:
        look = self._look
        if look is None:
            return
        labels, parts, words = look.labels(self.new), look.parts, self.words_of(look)
        if self.filters.typed:
            background.query(
                lambda: self.filters.places(labels, parts, words),
                lambda index: self._set_index(look, index) if look is self._look else None,
                owner=self,
                key="places",
            )
        else:
            self._set_index(look, self.filters.places(labels, parts, words))

    def _set_index(self, look: Look, index: Any) -> None:
        self._index = index
        self.table.set_rows(len(index), lambda start, stop: self.lines(look, index[start:stop]))
        self._said.setText(counted(self._modality, len(index)))
        if len(index):
            self.table.selectRow(0)

    def _on_selected(self, lines: Sequence[SampleLine]) -> None:
        look = self._look
        if look is None or not lines:
            return
        place = lines[0].place
        words = [counted(self._modality, len(self._index)), look.samples.names[place]]
        words += [split_word(split) for split, part in look.parts.items() if _contains(part, place)]
        self._said.setText(" · ".join(words))
        self.show_sample(look, place)


def _contains(part: Any, place: int) -> bool:
    at = int(np.searchsorted(part, place))
    return at < len(part) and int(part[at]) == place


def chosen_of(index: Any, ranges: Sequence[range]) -> Any:
    """Return what an index has at ranges of rows, as an array of numbers of samples."""
    parts = [np.arange(part.start, part.stop) for part in ranges]
    rows = np.concatenate(parts) if parts else np.arange(0)
    return rows if index is None else np.asarray(index)[rows[rows < len(index)]]


def label_column() -> Column[SampleLine]:
    """Return the column of the labels; what was set anew stands out."""
    return Column(
        tr("Label"),
        lambda line: line.words[1],
        strong=True,
        tone=lambda line: "accent" if line.is_new else "",
    )


def label_word(look: Look, place: int, new: Mapping[int, Any] | None = None) -> str:
    """Return the class of a sample, or its value; `new` has labels that were set anew."""
    if new and place in new:
        label = new[place]
        return label if isinstance(label, str) else number_format.number(label)
    label = look.samples.y[place]
    if look.dataset.schema.task is Task.CLASSIFICATION:
        return look.dataset.schema.classes[int(label)]
    return number_format.number(float(label))
