"""A recording as a picture: its waveform above, its log-mel picture below, on one axis of time."""

from functools import lru_cache
from typing import Any

import numpy as np
from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

_WAVE_SHARE = 0.36
_AXIS = 18
_GAP = 4
_MOST_TICKS = 8
_TICK = 72
_DECADES = 6.0  # of power below the loudest place: 60 dB are shown


class SoundView(QWidget):
    """Draws a recording; empty until it is given one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wave: Any = np.zeros(0, np.int16)
        self._rate = 1
        self._image: QImage | None = None
        self._heard: float | None = None
        self.setMinimumHeight(112)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(tr("Waveform and log-mel picture"))

    @property
    def seconds(self) -> float:
        """How long the recording is."""
        return len(self._wave) / self._rate

    @property
    def heard(self) -> float | None:
        """How many seconds have been heard: a line stands there; None while nothing is."""
        return self._heard

    def set_heard(self, seconds: float | None) -> None:
        """Move the line to what is being heard; None takes it away."""
        self._heard = None if seconds is None else min(seconds, self.seconds)
        self.update()

    def set_sound(self, wave: Any, rate: int, picture: Any) -> None:
        """Show a recording.

        Args:
            wave: (n,) int16 samples.
            rate: Samples a second.
            picture: (bands, frames) logarithms of power, low bands first.
        """
        self._wave, self._rate, self._heard = wave, rate, None
        shown = np.clip(1 + (picture - picture.max(initial=-99.0)) / _DECADES, 0, 1)[::-1]
        pixels = np.ascontiguousarray((shown * 255).astype(np.uint8))
        image = QImage(
            pixels.data, pixels.shape[1], pixels.shape[0], pixels.shape[1], QImage.Format.Format_Indexed8
        )
        image.setColorTable(_colors())
        self._image = image.convertToFormat(QImage.Format.Format_RGB32)
        seconds = number_format.number(round(self.seconds, 2))
        self.setAccessibleDescription(tr("{seconds} seconds", seconds=seconds))
        self.update()

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(480, 180)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw waveform, picture and axis."""
        if self._image is None or not len(self._wave):
            return
        painter = QPainter(self)
        body = self.height() - _AXIS - _GAP
        top = QRectF(0, 0, self.width(), body * _WAVE_SHARE)
        below = QRectF(0, top.bottom() + _GAP, self.width(), body - top.height())
        self._draw_wave(painter, top)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(below, self._image)
        self._draw_axis(painter, below.bottom())
        if self._heard is not None:
            x = self._heard / self.seconds * self.width()
            # On dark and on bright places alike.
            for color, width in ((token("raised"), 3.0), (token("danger"), 1.5)):
                painter.setPen(QPen(color, width))
                painter.drawLine(QLineF(x, 0, x, below.bottom()))

    def _draw_wave(self, painter: QPainter, room: QRectF) -> None:
        middle, half = room.center().y(), room.height() / 2
        edges = np.linspace(0, len(self._wave), max(2, int(room.width())) + 1).astype(int)[:-1]
        edges = np.unique(edges)
        # By its own loudest place, since one that is quiet would be a flat line.
        loudest = max(1, int(np.abs(self._wave.astype(np.int32)).max()))
        high = np.maximum.reduceat(self._wave, edges) / loudest * half
        low = np.minimum.reduceat(self._wave, edges) / loudest * half
        step = room.width() / len(edges)
        painter.setPen(token("line"))
        painter.drawLine(QLineF(0, middle, room.width(), middle))
        painter.setPen(token("accent"))
        painter.drawLines(
            [
                QLineF(place * step, middle - up, place * step, middle - down)
                for place, (up, down) in enumerate(zip(high.tolist(), low.tolist(), strict=True))
            ]
        )

    def _draw_axis(self, painter: QPainter, y: float) -> None:
        painter.setPen(token("muted"))
        painter.setFont(self.font())
        seconds = self.seconds
        most = max(2, min(_MOST_TICKS, self.width() // _TICK))
        steps = (0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60)
        step = next((step for step in steps if seconds / step <= most), steps[-1])
        for number in range(int(seconds / step) + 1):
            x = number * step / seconds * self.width()
            text = number_format.number(round(number * step, 2)) + (" s" if number == 0 else "")
            # The first and the last stand inside of the edges.
            left = min(max(0.0, x - _TICK / 2), self.width() - _TICK)
            side = Qt.AlignmentFlag.AlignHCenter
            if number == 0:
                side = Qt.AlignmentFlag.AlignLeft
            elif left < x - _TICK / 2:
                side = Qt.AlignmentFlag.AlignRight
            painter.drawText(QRectF(left, y + 2, _TICK, _AXIS), int(Qt.AlignmentFlag.AlignTop | side), text)


@lru_cache(maxsize=1)
def _colors() -> list[int]:
    """Return 256 colours of cividis, from dark to bright."""
    from pyqtgraph import colormap

    table = colormap.get("cividis").getLookupTable(nPts=256)
    return [0xFF000000 | int(red) << 16 | int(green) << 8 | int(blue) for red, green, blue in table[:, :3]]
