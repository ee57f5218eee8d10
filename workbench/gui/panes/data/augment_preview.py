"""Samples before and after an augmentation, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from workbench.core.states import Modality
from workbench.gui.item_models.records import Column
from workbench.gui.panes.data.tile_grid import Tile, TileGrid, outline
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.picture_grid import as_image
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from workbench.services.augmentation import Shown

_MOST_COLUMNS = 12


def tiles_of(shown: "Shown") -> list[list[Tile]]:
    """Return for each sample its tiles, as it is and then each draw. Not for the window's thread."""
    every = [shown.before, *shown.after]
    if shown.modality is Modality.PICTURE:
        return [[Tile(as_image(part[place])) for part in every] for place in range(len(shown.labels))]
    return [
        [_sound(part[place], spectra[place]) for part, spectra in zip(every, shown.spectra, strict=True)]
        for place in range(len(shown.labels))
    ]


def _sound(wave: Any, spectrum: Any) -> Tile:
    """Return the outline of a waveform, and its log-mel picture where the preparation makes one."""
    image = None
    if spectrum.ndim == 3:
        # Low tones are below.
        image = as_image((spectrum[:1, ::-1] * 255).astype(np.uint8))
    return Tile(image, outline(wave, 32768.0))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table as it is, or as it becomes; which of its cells have changed."""

    label: str
    cells: tuple[str, ...]
    changed: tuple[bool, ...] = ()


def lines_of(shown: "Shown") -> list[Line]:
    """Return each row or text as it is, and below it the first draw."""
    lines = []
    is_text = shown.modality is Modality.TEXT
    for place, label in enumerate(shown.labels):
        both = [part[place] for part in (shown.before, shown.after[0])]
        before, after = ((words,) if is_text else words for words in both)
        changed = tuple(a != b for a, b in zip(before, after, strict=True))
        lines += [Line(label, before), Line("→", after, changed)]
    return lines


class AugmentPreview(QStackedWidget):
    """Pictures and sounds as tiles, rows and texts as a table; else a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = TileGrid(tr("Samples before and after"), (tr("As it is"), tr("As a run may see it")))
        self._area = self.grid.in_area()
        self._tables = QWidget()
        self._column = QVBoxLayout(self._tables)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.table: Table[Line] | None = None
        self._columns: tuple[str, ...] = ()
        self._message = PlainLabel("", "muted", wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for part in (self._message, self._area, self._tables):
            self.addWidget(part)

    def show_message(self, text: str) -> None:
        """Say why nothing is shown."""
        self._message.setText(text)
        self.setCurrentWidget(self._message)

    def show_tiles(self, rows: Sequence[Sequence[Tile]], labels: Sequence[str]) -> None:
        """Show pictures or sounds."""
        self.grid.set_tiles(rows, labels)
        self.setCurrentWidget(self._area)

    def show_lines(self, lines: Sequence[Line], columns: Sequence[str], target: str) -> None:
        """Show rows of a table, or texts as rows of one column; changed values stand out."""
        names = (target, *columns[:_MOST_COLUMNS])
        if self.table is None or names != self._columns:
            if self.table is not None:
                self.table.hide()
                self.table.deleteLater()
            self._columns = names
            self.table = Table(_table_columns(names), tr("Rows before and after"))
            self.table.setSortingEnabled(False)
            self._column.addWidget(self.table)
        self.table.set_records(lines)
        self.setCurrentWidget(self._tables)


def _table_columns(names: Sequence[str]) -> list[Column[Line]]:
    columns: list[Column[Line]] = [Column(names[0], lambda line: line.label, strong=True)]
    for place, name in enumerate(names[1:]):
        columns.append(
            Column(
                name,
                lambda line, place=place: line.cells[place] or number_format.NONE,  # type: ignore[misc]
                align="right" if len(names) > 2 else "left",
                stretch=len(names) == 2,
                tone=lambda line, place=place: (  # type: ignore[misc]
                    "accent" if line.changed and line.changed[place] else ("muted" if line.changed else "")
                ),
            )
        )
    return columns
