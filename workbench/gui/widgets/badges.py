"""Small painted tokens: a badge with a word, a run's chip."""

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from workbench.gui.theme import SMALL_PX, body_font, figure_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip

_TONES = {"info": "accent", "good": "good", "warning": "warning", "danger": "danger"}


def tone_color(tone: str) -> str:
    """Return the token of a tone's colour; a quiet one for every other word."""
    return _TONES.get(tone, "muted")


def paint_badge(painter: QPainter, rect: QRectF, text: str, tone: str) -> None:
    """Draw a rounded badge: tone is info, good, warning, danger, or anything else for a quiet outline."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if tone in _TONES:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(token(f"{_TONES[tone]}_ground"))
    else:
        painter.setPen(token("edge"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = rect.height() / 2
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
    painter.setPen(token(tone_color(tone)))
    painter.setFont(badge_font())
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width() - 14))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, shown)


def badge_font() -> QFont:
    """Return the font of badges."""
    return figure_font(SMALL_PX, QFont.Weight.Medium)


class Badge(QWidget):
    """A word on a coloured ground; the colour never says more than the word.

    Args:
        text: The word, such as `20 critical`.
        tone: info, good, warning, danger, or empty for a quiet outline.
    """

    def __init__(self, text: str = "", tone: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self._tone = tone
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    @property
    def text(self) -> str:
        """The word shown."""
        return self._text

    def set_badge(self, text: str, tone: str = "") -> None:
        """Show another word in another tone."""
        self._text, self._tone = text, tone
        self.setAccessibleName(text)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the whole word."""
        return QSize(QFontMetrics(badge_font()).horizontalAdvance(self._text) + 20, 20)

    def minimumSizeHint(self) -> QSize:
        """Return the room for a few letters."""
        return QSize(min(64, self.sizeHint().width()), 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the badge."""
        paint_badge(QPainter(self), QRectF(self.rect()), self._text, self._tone)


class RunChip(QWidget):
    """A run as it looks on every pane: dot in its colour, name, star.

    Args:
        name: The run's name.
        color: The run's colour.
        starred: Whether it has a star.
    """

    def __init__(
        self,
        name: str = "",
        color: QColor | None = None,
        starred: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_run(name, color or token("muted"), starred)

    def set_run(self, name: str, color: QColor, starred: bool = False) -> None:
        """Show another run."""
        self._name, self._color, self._starred = name, color, starred
        self.setAccessibleName(tr("{name}, starred", name=name) if starred else name)
        self.setToolTip(tip(name))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the whole name."""
        width = QFontMetrics(self._font()).horizontalAdvance(self._name)
        return QSize(20 + width + (20 if self._starred else 0), 20)

    def minimumSizeHint(self) -> QSize:
        """Return the room for the dot and a few letters."""
        return QSize(min(72, self.sizeHint().width()), 20)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw dot, name and star."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color)
        middle = self.height() / 2
        painter.drawEllipse(QPointF(4.5, middle), 4.5, 4.5)
        painter.setPen(token("text"))
        painter.setFont(self._font())
        room = self.width() - 16 - (20 if self._starred else 0)
        shown = painter.fontMetrics().elidedText(self._name, Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRectF(16, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        if self._starred:
            left = 16 + painter.fontMetrics().horizontalAdvance(shown) + 12
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(token("text"))
            painter.drawPolygon(star(QPointF(left, middle), 5.5))

    @staticmethod
    def _font() -> QFont:
        return body_font(weight=QFont.Weight.DemiBold)


# Unit star: ten corners, outer and inner in turn, beginning at the top.
_STAR = (
    (0.0, -1.0), (0.235, -0.324), (0.951, -0.309), (0.38, 0.124), (0.588, 0.809),
    (0.0, 0.4), (-0.588, 0.809), (-0.38, 0.124), (-0.951, -0.309), (-0.235, -0.324),
)  # fmt: skip


def star(centre: QPointF, radius: float) -> QPolygonF:
    """Return a five-pointed star."""
    return QPolygonF([QPointF(centre.x() + x * radius, centre.y() + y * radius) for x, y in _STAR])
