"""The samples of a dataset: pictures in a grid, or rows in a table."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.core.states import Split
from workbench.gui.item_models.records import Column
from workbench.gui.panes.data.look import Look
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel
from workbench.gui.widgets.picture_grid import Picture, PictureGrid
from workbench.gui.widgets.table import Table

_THUMBNAIL = 160
_MOST_COLUMNS = 200
Rows = Callable[[int, int], Sequence[Sequence[str]]]


class Pictures(QWidget):
    """Pictures straight from the memory map, by class and split."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._index: Any = None
        self.grid = PictureGrid(
            tr("Pictures"), tile=72, empty_text=tr("No picture is in this class and split.")
        )
        self.grid.current_changed.connect(self._on_current_changed)
        self.classes = _combo(tr("Class"), tr("Show pictures of one class only."))
        self.splits = _combo(tr("Split"), tr("Show pictures of one split only."))
        for combo in (self.classes, self.splits):
            combo.currentIndexChanged.connect(self._show)
        self._said = ElidedLabel("", "small")
        head = QHBoxLayout()
        head.setSpacing(4)
        head.addWidget(self._said, 1)
        head.addWidget(self.classes)
        head.addWidget(self.splits)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.grid, 1)

    def show_look(self, look: Look) -> None:
        """Show the pictures of a dataset; filter and place stay when it is the same one."""
        before, self._look = self._look, look
        is_same = before is not None and before.dataset.id == look.dataset.id
        if is_same and before is not None and before.dataset.split == look.dataset.split:
            return
        if not is_same:
            _fill(self.classes, [(tr("All classes"), -1), *((n, i) for i, n in enumerate(look.bars))])
            _fill(self.splits, [(tr("All splits"), None), *((split_word(s), s) for s in look.parts)])
        elif self.splits.currentData() is None:
            return
        self._show()

    def _show(self) -> None:
        look = self._look
        if look is None:
            return
        label, split = self.classes.currentData(), self.splits.currentData()
        index = np.arange(len(look.samples)) if split is None else look.parts[Split(split)]
        if label is not None and label >= 0:
            index = index[look.samples.y[index] == label]
        else:
            # As files lie in folders, the first thousand would all be of one class.
            index = np.random.default_rng(0).permutation(index)
        self._index, count = index, len(index)
        self.grid.set_pictures(count, self._pictures)
        self._said.setText(tr("{count} pictures", count=number_format.count(count)))

    def _pictures(self, start: int, stop: int) -> list[Picture]:
        look = self._look
        assert look is not None
        places = self._index[start:stop]
        pixels, labels = look.samples.x[places], look.samples.y[places]
        step = max(1, min(pixels.shape[-2:]) // _THUMBNAIL)
        return [
            Picture(picture[:, ::step, ::step], caption=look.bars[int(label)])
            for picture, label in zip(pixels, labels, strict=True)
        ]

    def _on_current_changed(self, shown: int) -> None:
        look = self._look
        assert look is not None
        place = int(self._index[shown])
        words = [look.samples.names[place]]
        words += [split_word(split) for split, part in look.parts.items() if _contains(part, place)]
        self._said.setText(" · ".join(words))


class RowTable(QWidget):
    """The rows of a table as text, fetched as they are looked at. `failed` carries why they cannot be."""

    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = -1
        self.table: Table[Sequence[str]] | None = None
        self._note = ElidedLabel("", "small")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self._note)

    def show_look(self, look: Look, rows: Rows) -> None:
        """Show the rows of a dataset; the place stays when it is the same one."""
        if look.dataset.id == self._shown:
            return
        self._shown = look.dataset.id
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
        self.table = Table(_columns(look), tr("Rows"))
        self.table.set_rows(len(look.samples), self._reader(look, rows))
        self._column.insertWidget(0, self.table, 1)
        words = [tr("{count} rows", count=number_format.count(len(look.samples)))]
        if len(look.headings) > _MOST_COLUMNS:
            all_columns = number_format.count(len(look.headings))
            words.append(tr("the first {shown} of {all} columns", shown=_MOST_COLUMNS, all=all_columns))
        self._note.setText(" · ".join(words))

    def _reader(self, look: Look, rows: Rows) -> Rows:
        names = look.samples.names

        def read(start: int, stop: int) -> Sequence[Sequence[str]]:
            try:
                values = rows(start, stop)
            except (UserError, OSError) as error:
                # Raised while painting it would reach nobody.
                self.failed.emit(error)
                values = [["?"] * len(look.headings)] * (stop - start)
            return [
                (name.removeprefix("row "), *row) for name, row in zip(names[start:stop], values, strict=True)
            ]

        return read


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

    def show_look(self, look: Look, rows: Rows) -> None:
        """Show the samples of a dataset.

        Args:
            look: The dataset.
            rows: Returns rows [start, stop) of a table as text.
        """
        if look.headings:
            self.rows.show_look(look, rows)
            self.setCurrentWidget(self.rows)
        else:
            self.pictures.show_look(look)
            self.setCurrentWidget(self.pictures)


def split_word(split: Split) -> str:
    """Return the word for a part of a dataset."""
    return {Split.TRAIN: tr("training"), Split.VALIDATION: tr("validation"), Split.TEST: tr("test")}[split]


def _columns(look: Look) -> list[Column[Sequence[str]]]:
    kinds = {column.name: column.kind for column in look.dataset.schema.columns}
    target = look.dataset.schema.target
    words = {
        "number": tr("number"),
        "category": tr("category"),
        "unused": tr("not used: constant, an id or free text"),
        "target": tr("target: what is learnt"),
    }
    columns: list[Column[Sequence[str]]] = [
        Column(tr("Row"), lambda row: row[0], align="right", tip=tr("Row in the file; the heading is row 1."))
    ]
    for place, name in enumerate(look.headings[:_MOST_COLUMNS], start=1):
        kind = "target" if name == target else kinds.get(name, "unused")
        columns.append(
            Column(
                name,
                lambda row, place=place: row[place],  # type: ignore[misc]
                align="right" if kind == "number" else "left",
                tip=f"{name} · {words[kind]}",
                strong=kind == "target",
                tone=(lambda _row: "muted") if kind == "unused" else None,
            )
        )
    return columns


def _combo(name: str, about: str) -> QComboBox:
    combo = QComboBox()
    combo.setProperty("quiet", True)
    combo.setAccessibleName(name)
    combo.setToolTip(about)
    combo.setMinimumContentsLength(8)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.view().setTextElideMode(Qt.TextElideMode.ElideRight)
    return combo


def _fill(combo: QComboBox, items: Sequence[tuple[str, Any]]) -> None:
    combo.blockSignals(True)
    combo.clear()
    for text, value in items:
        combo.addItem(text, value)
    combo.blockSignals(False)


def _contains(part: Any, place: int) -> bool:
    at = int(np.searchsorted(part, place))
    return at < len(part) and int(part[at]) == place
