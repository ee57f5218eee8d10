"""Samples before and after an augmentation, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from workbench.core.records import Schema
from workbench.core.states import Modality
from workbench.gui.item_models.records import Column
from workbench.gui.theme import SMALL_PX, body_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.picture_grid import as_image
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from workbench.services.augmentation import Shown

_GAP, _BREAK, _HEAD, _LARGEST = 6, 18, 22, 128
_POINTS = 200
_MOST_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Tile:
    """What one sample looks like: a picture, and above it the outline of a sound where it is one."""

    image: QImage | None
    wave: Any = None


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
    starts = np.arange(min(_POINTS, len(wave))) * len(wave) // min(_POINTS, len(wave))
    outline = np.stack([extreme.reduceat(wave, starts) for extreme in (np.minimum, np.maximum)], axis=1)
    top = 32768.0 if np.abs(outline).max() > 1.5 else 1.0
    return Tile(image, outline.astype(np.float32) / top)


class TileGrid(QWidget):
    """A row a sample: first as it is, then a few draws."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Samples before and after"))
        self._rows: Sequence[Sequence[Tile]] = ()
        self._labels: Sequence[str] = ()

    def set_tiles(self, rows: Sequence[Sequence[Tile]], labels: Sequence[str]) -> None:
        """Show these samples."""
        is_as_high = len(rows) == len(self._rows)
        self._rows, self._labels = rows, labels
        if not is_as_high:
            self._fit()
        self.update()

    def _fit(self) -> None:
        self.setMinimumHeight(_HEAD + len(self._rows) * (self._tile() + _GAP))

    def _tile(self) -> int:
        columns = max(2, len(self._rows[0]) if self._rows else 5)
        return max(24, min(_LARGEST, (self.width() - _BREAK) // columns - _GAP))

    def _place(self, row: int, column: int) -> QRect:
        tile = self._tile()
        left = column * (tile + _GAP) + (_BREAK if column else 0)
        return QRect(left, _HEAD + row * (tile + _GAP), tile, tile)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles that are in sight."""
        painter = QPainter(self)
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(token("muted"))
        if not self._rows:
            return
        for column, text in ((0, tr("As it is")), (1, tr("As a run may see it"))):
            left = self._place(0, column).left()
            painter.drawText(left, 0, self.width() - left, _HEAD - 4, Qt.AlignmentFlag.AlignVCenter, text)
        for row, tiles in enumerate(self._rows):
            for column, tile in enumerate(tiles):
                place = self._place(row, column)
                if place.intersects(event.rect()):
                    _draw(painter, tile, place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make tiles as large as fit in a row."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Return room for a few small tiles."""
        return QSize(5 * 72, _HEAD + max(1, len(self._rows)) * 72)


def _draw(painter: QPainter, tile: Tile, place: QRect) -> None:
    ground = QRectF(place)
    if tile.wave is not None:
        ground = QRectF(place.adjusted(0, place.height() // 3 + 2, 0, 0))
        _draw_wave(painter, tile.wave, QRectF(place.x(), place.y(), place.width(), place.height() / 3))
    if tile.image is None:
        return
    painter.setRenderHint(
        QPainter.RenderHint.SmoothPixmapTransform, tile.image.width() > place.width() * 0.75
    )
    if tile.wave is None:
        scale = min(ground.width() / tile.image.width(), ground.height() / tile.image.height())
        size = (tile.image.width() * scale, tile.image.height() * scale)
        ground = QRectF(
            ground.center().x() - size[0] / 2, ground.center().y() - size[1] / 2, size[0], size[1]
        )
    painter.drawImage(ground, tile.image)


def _draw_wave(painter: QPainter, wave: Any, frame: QRectF) -> None:
    painter.setPen(QPen(token("accent"), 1))
    middle, half, step = frame.center().y(), frame.height() / 2, frame.width() / len(wave)
    upper = [QPointF(frame.x() + i * step, middle - half * high) for i, (_, high) in enumerate(wave)]
    lower = [QPointF(frame.x() + i * step, middle - half * low) for i, (low, _) in enumerate(wave)]
    painter.drawPolyline(QPolygonF([point for pair in zip(upper, lower, strict=True) for point in pair]))


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table as it is, or as it becomes; which of its cells have changed."""

    label: str
    cells: tuple[str, ...]
    changed: tuple[bool, ...] = ()


def lines_of(shown: "Shown", schema: Schema) -> list[Line]:
    """Return each row or text as it is, and below it the first draw."""
    lines = []
    is_text = shown.modality is Modality.TEXT
    for place, label in enumerate(shown.labels):
        both = [part[place] for part in (shown.before, shown.after[0])]
        before, after = ((text,) if is_text else _cells(text, schema) for text in both)
        changed = tuple(a != b for a, b in zip(before, after, strict=True))
        lines += [Line(label, before), Line("→", after, changed)]
    return lines


def _cells(row: Any, schema: Schema) -> tuple[str, ...]:
    cells = []
    for value, column in zip(row.tolist(), schema.used_columns, strict=False):
        if value != value:
            cells.append(number_format.NONE)
        elif column.kind == "category" and value == int(value) and 0 <= value < len(column.categories):
            cells.append(column.categories[int(value)])
        else:
            cells.append(number_format.number(value))
    return tuple(cells[:_MOST_COLUMNS])


class AugmentPreview(QStackedWidget):
    """Pictures and sounds as tiles, rows and texts as a table; else a sentence."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.grid = TileGrid()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self.grid)
        self.grid.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        self._area = area
        self._tables = QWidget()
        self._column = QVBoxLayout(self._tables)
        self._column.setContentsMargins(0, 0, 0, 0)
        self.table: Table[Line] | None = None
        self._columns: tuple[str, ...] = ()
        self._message = PlainLabel("", "muted", wrap=True)
        self._message.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for part in (self._message, area, self._tables):
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
                lambda line, place=place: line.cells[place],  # type: ignore[misc]
                align="right" if len(names) > 2 else "left",
                stretch=len(names) == 2,
                tone=lambda line, place=place: (  # type: ignore[misc]
                    "accent" if line.changed and line.changed[place] else ("muted" if line.changed else "")
                ),
            )
        )
    return columns
