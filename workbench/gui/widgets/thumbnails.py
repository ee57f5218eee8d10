"""A few small pictures in rows, to be recognised and not to be studied."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QHelpEvent, QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui.theme import SMALL_PX, body_font, token
from workbench.gui.widgets.labels import tip
from workbench.gui.widgets.picture_grid import Picture, as_image, inside

_EDGE, _GAP, _CAPTION = 64, 8, 18


class Thumbnails(QWidget):
    """Pictures with what they are below; as many in a row as there is room for.

    Args:
        name: What they show, for assistive technology.
        pictures: At most a dozen.
    """

    def __init__(self, name: str, pictures: Sequence[Picture], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures = [(QPixmap.fromImage(as_image(item.pixels)), item) for item in pictures]
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setAccessibleName(name)
        self.setAccessibleDescription(", ".join(item.caption for item in pictures))

    @property
    def count(self) -> int:
        """How many pictures there are."""
        return len(self._pictures)

    def picture_rect(self, place: int) -> QRect:
        """Return where a picture is drawn."""
        row, column = divmod(place, self._across(self.width()))
        return QRect(column * (_EDGE + _GAP), row * (_EDGE + _CAPTION + 4), _EDGE, _EDGE)

    def hasHeightForWidth(self) -> bool:
        """Return that the height follows from the width."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Return the height of all rows at this width, in pixels."""
        rows = -(-len(self._pictures) // self._across(width))
        return rows * (_EDGE + _CAPTION + 4) - 4

    def sizeHint(self) -> QSize:
        """Return room for four pictures in a row."""
        width = 4 * (_EDGE + _GAP) - _GAP
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        """Return room for one picture in a row."""
        return QSize(_EDGE, _EDGE + _CAPTION)

    def _across(self, width: int) -> int:
        return max(1, (width + _GAP) // (_EDGE + _GAP))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the pictures with their captions."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, (pixmap, picture) in enumerate(self._pictures):
            rect = self.picture_rect(place)
            shape = QPainterPath()
            shape.addRoundedRect(QRectF(rect), 4, 4)
            painter.fillPath(shape, token("hover"))
            painter.save()
            painter.setClipPath(shape)
            # Tiny pictures keep their pixels; large ones are made small smoothly.
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, pixmap.width() > _EDGE)
            painter.drawPixmap(inside(pixmap.size(), QRectF(rect)), pixmap, QRectF(pixmap.rect()))
            painter.restore()
            painter.setFont(body_font(SMALL_PX))
            painter.setPen(token("muted"))
            room = QRect(rect.left(), rect.bottom() + 2, _EDGE, _CAPTION - 2)
            elide = Qt.TextElideMode.ElideRight
            text = painter.fontMetrics().elidedText(picture.caption, elide, room.width())
            flags = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(room, int(flags), text)

    def event(self, event: QEvent) -> bool:
        """Tell what a picture is and where it came from when the pointer rests on it."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), tip(self._words_at(event.pos())), self)
            return True
        return super().event(event)

    def _words_at(self, spot: QPoint) -> str:
        for place, (_, picture) in enumerate(self._pictures):
            if self.picture_rect(place).adjusted(0, 0, 0, _CAPTION).contains(spot):
                return " · ".join(part for part in (picture.caption, picture.chip) if part)
        return ""
