"""Samples as tiles in rows: pictures, and the outlines of recordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from workbench.gui.theme import SMALL_PX, body_font, token

_GAP, _BREAK, _HEAD, _CAPTION, _LARGEST = 6, 18, 22, 18, 176
_POINTS = 200


@dataclass(frozen=True, slots=True)
class Tile:
    """What one sample looks like: a picture, and above it the outline of a sound where it is one."""

    image: QImage | None
    wave: Any = None


def outline(wave: Any, top: float) -> Any:
    """Return (points, 2) least and largest value of each stretch of a waveform, from -1 to 1.

    Args:
        wave: (n,) samples.
        top: The value that becomes 1.
    """
    starts = np.arange(min(_POINTS, len(wave))) * len(wave) // min(_POINTS, len(wave))
    extremes = np.stack([extreme.reduceat(wave, starts) for extreme in (np.minimum, np.maximum)], axis=1)
    return extremes.astype(np.float32) / top


class TileGrid(QWidget):
    """A row a sample, with its label below the first tile; or just rows of tiles.

    Args:
        name: What is shown, for assistive technology.
        headings: What stands over the first column, and over all others; empty for none.
    """

    def __init__(self, name: str, headings: Sequence[str] = (), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self._headings = headings
        self._head, self._break = (_HEAD, _BREAK) if headings else (0, 0)
        self._rows: Sequence[Sequence[Tile]] = ()
        self._labels: Sequence[str] = ()

    def in_area(self) -> QScrollArea:
        """Return an area in which the tiles scroll."""
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(self)
        self.setAutoFillBackground(False)
        area.viewport().setAutoFillBackground(False)
        return area

    def set_tiles(self, rows: Sequence[Sequence[Tile]], labels: Sequence[str] = ()) -> None:
        """Show these samples."""
        self._rows, self._labels = rows, labels
        self._fit()
        self.update()

    def _fit(self) -> None:
        self.setMinimumHeight(self._head + len(self._rows) * self._pitch())

    def _tile(self) -> tuple[int, int]:
        """Return the width and height of a tile: as tall as what is in it, and a recording alone half so."""
        columns = max(2, len(self._rows[0]) if self._rows else 5)
        width = max(24, min(_LARGEST, (self.width() - self._break) // columns - _GAP))
        first = self._rows[0][0] if self._rows and self._rows[0] else None
        if first is None or (first.image is not None and first.wave is not None):
            return width, width
        if first.image is None:
            return width, width // 2
        return width, max(16, min(width, round(width * first.image.height() / first.image.width())))

    def _pitch(self) -> int:
        return self._tile()[1] + _GAP + (_CAPTION if self._labels else 0)

    def _place(self, row: int, column: int) -> QRect:
        width, height = self._tile()
        left = column * (width + _GAP) + (self._break if column else 0)
        return QRect(left, self._head + row * self._pitch(), width, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tiles that are in sight."""
        painter = QPainter(self)
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(token("muted"))
        if not self._rows:
            return
        for column, text in enumerate(self._headings):
            left = self._place(0, column).left()
            painter.drawText(left, 0, self.width() - left, _HEAD - 4, Qt.AlignmentFlag.AlignVCenter, text)
        for row, label in enumerate(self._labels[: len(self._rows)]):
            below = self._place(row, 0).translated(0, self._tile()[1])
            below.setHeight(_CAPTION)
            if below.intersects(event.rect()):
                shown = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, below.width())
                painter.drawText(below, int(Qt.AlignmentFlag.AlignVCenter), shown)
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
        return QSize(5 * 72, self._head + max(1, len(self._rows)) * 72)


def _draw(painter: QPainter, tile: Tile, place: QRect) -> None:
    ground = QRectF(place)
    if tile.wave is not None:
        ground = QRectF(place.adjusted(0, place.height() // 3 + 2, 0, 0))
        share = 1 if tile.image is None else 3
        _draw_wave(painter, tile.wave, QRectF(place.x(), place.y(), place.width(), place.height() / share))
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
