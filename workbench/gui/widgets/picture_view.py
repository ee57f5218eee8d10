"""One picture as large as its place, with a way to the one before and the one after."""

from typing import Any

import numpy.typing as npt
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from workbench.gui.theme import token
from workbench.gui.translate import tr
from workbench.gui.widgets.picture_grid import as_image, inside

_MOVES = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageUp: -10,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageDown: 10,
}


class PictureView(QWidget):
    """Shows one picture; arrows ask for another, Escape and a double click for the way back.

    `moved` carries by how many pictures, `left` nothing.
    """

    moved = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(tr("Picture"))
        self._image = QImage()

    def show_picture(self, pixels: npt.NDArray[Any], about: str) -> None:
        """Show a picture.

        Args:
            pixels: (channels, height, width), uint8; 1 or 3 channels.
            about: What it is, for assistive technology.
        """
        self._image = as_image(pixels)
        self.setAccessibleDescription(about)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the picture in the middle, with its pixels kept where it is small."""
        painter = QPainter(self)
        place = inside(self._image.size(), QRectF(self.rect()))
        painter.fillRect(place, token("hover"))
        smooth = self._image.width() > place.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
        painter.drawImage(place, self._image, QRectF(self._image.rect()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, go back, or leave."""
        key = Qt.Key(event.key())
        if key in _MOVES:
            self.moved.emit(_MOVES[key])
        elif key in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the keyboard."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Go back to all of them."""
        event.accept()
        self.left.emit()

    def sizeHint(self) -> QSize:
        """Return a size at which details can be seen."""
        return QSize(384, 384)
