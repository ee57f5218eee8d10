"""Pictures in a grid that scrolls through a million of them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QHelpEvent,
    QImage,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from workbench.gui.theme import SMALL_PX, body_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import badge_font, paint_badge
from workbench.gui.widgets.labels import tip

_GAP = 8
_CAPTION = 22
_WINDOW = 64
_WINDOWS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of the grid.

    Args:
        pixels: (channels, height, width), uint8; 1 channel is grey, 3 are red, green, blue.
        caption: Text below it.
        chip: Class name on a chip at its foot, or empty.
        tone: Tone of the chip: info, good, warning, danger, or empty.
    """

    pixels: npt.NDArray[np.uint8]
    caption: str = ""
    chip: str = ""
    tone: str = ""


class PictureGrid(QAbstractScrollArea):
    """Shows pictures from a provider, only those that can be seen.

    Args:
        name: What the pictures are, for assistive technology.
        tile: Least edge of a picture in logical pixels; tiles grow to fill the width.
        empty_text: What stands here while there are none.
        multiple: Whether several pictures can be chosen: with Ctrl and Shift, by mouse and keys.
    """

    activated = Signal(int)
    current_changed = Signal(int)
    chosen_changed = Signal()

    def __init__(
        self,
        name: str,
        tile: int = 96,
        empty_text: str = "",
        parent: QWidget | None = None,
        *,
        multiple: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # Always there: if it came and went, the tiles would change their size and it with them.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._least = tile
        self._empty_text = empty_text or tr("No pictures here.")
        self._count = 0
        self._provider: Callable[[int, int], Sequence[Picture]] | None = None
        self._windows: OrderedDict[int, list[tuple[QPixmap, Picture]]] = OrderedDict()
        self._current = -1
        self._multiple = multiple
        self._anchor = -1
        self._chosen: set[int] | range = set()

    def set_empty_text(self, text: str) -> None:
        """Say what stands here while there are no pictures."""
        self._empty_text = text
        self.setAccessibleDescription(text if not self._count else "")
        self.viewport().update()

    def set_pictures(self, count: int, provider: Callable[[int, int], Sequence[Picture]]) -> None:
        """Show these pictures, from the first on.

        Args:
            count: How many there are.
            provider: Returns the pictures of [start, stop); fast, since it is called while painting.
        """
        self._count, self._provider = count, provider
        self._windows.clear()
        self._current = -1
        self._choose(set(), -1)
        self._set_bar()
        self.verticalScrollBar().setValue(0)
        self.setAccessibleDescription(self._empty_text if not count else "")
        self.viewport().update()

    def refresh(self) -> None:
        """Ask the provider again; place and current picture stay."""
        self._windows.clear()
        self.viewport().update()

    @property
    def current(self) -> int:
        """Index of the current picture; -1 before one was chosen."""
        return self._current

    def chosen(self) -> list[int]:
        """Return the pictures that are chosen, in order: the current one, unless others were added to it."""
        return sorted(self._chosen)

    def _choose(self, chosen: set[int] | range, anchor: int) -> None:
        is_other = chosen != self._chosen
        self._chosen, self._anchor = chosen, anchor
        if is_other:
            self.chosen_changed.emit()
            self.viewport().update()

    def _go(self, index: int, modifiers: Qt.KeyboardModifier) -> None:
        """Make a picture current; with Shift all up to it are chosen, with Ctrl it is added or taken out."""
        before, anchor = self._chosen, self._anchor
        self.set_current(index)
        if not self._multiple:
            return
        if modifiers & Qt.KeyboardModifier.ShiftModifier and anchor >= 0:
            self._choose(range(min(anchor, index), max(anchor, index) + 1), anchor)
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            self._choose(set(before) ^ {index}, index)
        else:
            self._choose({index}, index)

    def set_current(self, index: int) -> None:
        """Make a picture current and scroll to it; it alone is chosen then."""
        if not 0 <= index < self._count:
            return
        self._choose({index}, index)
        if index == self._current:
            return
        self._current = index
        rect, bar = self.tile_rect(index), self.verticalScrollBar()
        if rect.top() < 0:
            bar.setValue(bar.value() + rect.top() - _GAP)
        elif rect.bottom() > self.viewport().height():
            bar.setValue(bar.value() + rect.bottom() - self.viewport().height() + _GAP)
        picture = self._at(index)[1]
        words = [part for part in (picture.chip, picture.caption) if part]
        self.setAccessibleDescription(
            tr("Picture {number} of {count}", number=index + 1, count=self._count) + ": " + ", ".join(words)
        )
        self.current_changed.emit(index)
        self.viewport().update()

    def tile_rect(self, index: int) -> QRect:
        """Return where a picture and its caption are drawn, in the viewport."""
        row, column = divmod(index, self._columns())
        edge = self._edge()
        top = row * self._row_height() - self.verticalScrollBar().value()
        return QRect(column * (edge + _GAP) + 2, top + 2, edge, edge + _CAPTION)

    def _columns(self) -> int:
        return max(1, (self.viewport().width() - 4 + _GAP) // (self._least + _GAP))

    def _edge(self) -> int:
        columns = self._columns()
        # A few pictures do not grow beyond reason.
        return min((self.viewport().width() - 4 + _GAP) // columns - _GAP, self._least * 2)

    def height_of(self, most: int) -> int:
        """Return how tall the grid is with all its rows at this width, or with so many of them."""
        return min(most, -(-self._count // self._columns())) * self._row_height() + 4

    def _row_height(self) -> int:
        return self._edge() + _CAPTION + _GAP

    def _set_bar(self) -> None:
        rows = -(-self._count // self._columns())
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * self._row_height() + 4 - self.viewport().height()))
        bar.setEnabled(bar.maximum() > 0)  # its place stays, so that the columns do not jump
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(self._row_height() // 3)

    def _at(self, index: int) -> tuple[QPixmap, Picture]:
        number, place = divmod(index, _WINDOW)
        window = self._windows.get(number)
        if window is None:
            assert self._provider is not None
            start = number * _WINDOW
            pictures = self._provider(start, min(start + _WINDOW, self._count))
            window = [(QPixmap.fromImage(as_image(picture.pixels)), picture) for picture in pictures]
            self._windows[number] = window
            if len(self._windows) > _WINDOWS_KEPT:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(number)
        return window[place]

    def _index_at(self, place: QPoint) -> int | None:
        edge = self._edge()
        column = (place.x() - 2) // (edge + _GAP)
        row = (place.y() + self.verticalScrollBar().value()) // self._row_height()
        index = row * self._columns() + column
        inside = 0 <= column < self._columns() and 0 <= index < self._count
        return index if inside and self.tile_rect(index).contains(place) else None

    def _paint_tile(self, painter: QPainter, index: int) -> None:
        pixmap, picture = self._at(index)
        rect = self.tile_rect(index)
        frame = QRectF(rect.left(), rect.top(), rect.width(), rect.width())
        shape = QPainterPath()
        shape.addRoundedRect(frame, 4, 4)
        painter.fillPath(shape, token("hover"))
        painter.save()
        painter.setClipPath(shape)
        # Tiny pictures keep their pixels; large ones are made small smoothly.
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, pixmap.width() > frame.width())
        painter.drawPixmap(inside(pixmap.size(), frame), pixmap, QRectF(pixmap.rect()))
        painter.restore()
        if picture.chip:
            width = min(frame.width() - 8, QFontMetrics(badge_font()).horizontalAdvance(picture.chip) + 20)
            chip = QRectF(frame.left() + 4, frame.bottom() - 24, width, 20)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(token("raised"))
            painter.drawRoundedRect(chip, 10, 10)
            paint_badge(painter, chip, picture.chip, picture.tone)
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(token("muted"))
        room = QRect(rect.left(), rect.top() + rect.width() + 2, rect.width(), _CAPTION - 2)
        text = painter.fontMetrics().elidedText(picture.caption, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), text)
        if len(self._chosen) > 1 and index in self._chosen:
            painter.setPen(QPen(token("accent"), 2))
            painter.setBrush(_veiled(token("accent")))
            painter.drawRoundedRect(frame.adjusted(-1, -1, 1, 1), 5, 5)
        if index == self._current:
            painter.setPen(QPen(token("accent" if self.hasFocus() else "faint"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(frame.adjusted(-1, -1, 1, 1), 5, 5)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pictures in sight."""
        painter = QPainter(self.viewport())
        if not self._count:
            painter.setPen(token("muted"))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.viewport().rect().adjusted(16, 16, -16, -16), flags, self._empty_text)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top, columns = self.verticalScrollBar().value(), self._columns()
        first = top // self._row_height() * columns
        last = ((top + self.viewport().height()) // self._row_height() + 1) * columns
        for index in range(first, min(last, self._count)):
            self._paint_tile(painter, index)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put as many pictures in a row as fit."""
        super().resizeEvent(event)
        self._set_bar()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Make the picture current."""
        if (index := self._index_at(event.position().toPoint())) is not None:
            self._go(index, event.modifiers())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Take what belongs to the press."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Activate the picture."""
        if (index := self._index_at(event.position().toPoint())) is not None:
            self.activated.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with arrows, Page, Home and End; activate with Enter or Space."""
        columns = self._columns()
        page = max(1, self.viewport().height() // self._row_height()) * columns
        moves = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -columns,
            Qt.Key.Key_Down: columns,
            Qt.Key.Key_PageUp: -page,
            Qt.Key.Key_PageDown: page,
            Qt.Key.Key_Home: -self._count,
            Qt.Key.Key_End: self._count,
        }
        key = Qt.Key(event.key())
        if key in moves and self._count:
            wanted = 0 if self._current < 0 else self._current + moves[key]
            keys = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self._go(min(max(wanted, 0), self._count - 1), keys)
        elif self._multiple and self._count and event.matches(QKeySequence.StandardKey.SelectAll):
            self._choose(range(self._count), self._anchor)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._current >= 0:
            self.activated.emit(self._current)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the whole caption when the pointer rests on a picture."""
        if isinstance(event, QHelpEvent):
            index = self._index_at(event.pos())
            picture = None if index is None else self._at(index)[1]
            words = "" if picture is None else " · ".join(p for p in (picture.chip, picture.caption) if p)
            QToolTip.showText(event.globalPos(), tip(words), self)
            return True
        return super().viewportEvent(event)

    def minimumSizeHint(self) -> QSize:
        """Return room for two pictures."""
        return QSize(2 * self._least + _GAP + 16, self._least + _CAPTION)


def _veiled(colour: QColor) -> QColor:
    """Return a colour through which the picture is still seen."""
    veiled = QColor(colour)
    veiled.setAlpha(48)
    return veiled


def as_image(pixels: npt.NDArray[Any]) -> QImage:
    """Return an image that owns its pixels.

    Args:
        pixels: (channels, height, width), uint8; 1 or 3 channels.
    """
    channels, height, width = pixels.shape
    if channels == 1:
        grey = np.ascontiguousarray(pixels[0])
        return QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8).copy()
    color = np.ascontiguousarray(pixels[:3].transpose(1, 2, 0))
    return QImage(color.data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()


def inside(size: QSize, frame: QRectF) -> QRectF:
    """Return the largest place of that shape in the middle of the frame."""
    scale = min(frame.width() / max(1, size.width()), frame.height() / max(1, size.height()))
    width, height = size.width() * scale, size.height() * scale
    return QRectF(frame.center().x() - width / 2, frame.center().y() - height / 2, width, height)
