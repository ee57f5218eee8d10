"""The stages of a project as a line of steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QWidget

from workbench.gui.theme import RADIUS, SMALL_PX, body_font, icon, token
from workbench.gui.widgets.labels import tip

_HEIGHT = 84
_MARK = 24
_INSET = 12


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the line.

    Args:
        title: Its name.
        state: Whether it is done, is where we are, or is to come.
        text: One more line, such as `3 of 5 met`.
        tone: Token of that line's colour.
        more: What the tooltip says.
    """

    title: str
    state: Literal["done", "here", "coming"]
    text: str = ""
    tone: str = "muted"
    more: str = ""


class StageLine(QFrame):
    """Steps from left to right, one of them chosen. `chosen` carries the place of the one clicked."""

    chosen = Signal(int)

    def __init__(self, name: str, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 4, 4, 4)
        row.setSpacing(0)
        self.steps = [_StepButton(at == 0, at == count - 1) for at in range(count)]
        for at, button in enumerate(self.steps):
            row.addWidget(button, 1)
            button.clicked.connect(lambda _checked=False, at=at: self.chosen.emit(at))

    def set_steps(self, steps: Sequence[Step], chosen: int) -> None:
        """Show these steps, as many as there are places."""
        for at, (button, step) in enumerate(zip(self.steps, steps, strict=True)):
            reached = at > 0 and steps[at].state != "coming"
            button.show_step(step, reached=reached, left=step.state == "done")
            button.setChecked(at == chosen)


class _StepButton(QAbstractButton):
    def __init__(self, first: bool, last: bool) -> None:
        super().__init__()
        self._first, self._last = first, last
        self._step = Step("", "coming")
        self._reached = self._left = False
        self.setCheckable(True)
        self.setAutoExclusive(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFixedHeight(_HEIGHT)

    def show_step(self, step: Step, *, reached: bool, left: bool) -> None:
        self._step, self._reached, self._left = step, reached, left
        self.setAccessibleName(step.title)
        self.setAccessibleDescription(step.text if not step.more else f"{step.text}. {step.more}")
        self.setToolTip(tip(step.more))
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room for the longest usual name."""
        return QSize(150, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the least room."""
        return QSize(96, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw mark, line to the neighbours, name and the line below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(2, 2, -2, -2)
        if self.isChecked() or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(token("accent_ground" if self.isChecked() else "hover"))
            painter.drawRoundedRect(area, RADIUS, RADIUS)
        if self.hasFocus():
            painter.setPen(QPen(token("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area, RADIUS, RADIUS)
        self._draw_lines(painter)
        self._draw_mark(painter)
        self._draw_words(painter)

    def _draw_lines(self, painter: QPainter) -> None:
        middle, mark_end = _INSET + _MARK / 2 - 2.0, _INSET + _MARK + 6.0
        if not self._first:
            painter.setPen(QPen(token("good" if self._reached else "edge"), 2))
            painter.drawLine(QPointF(0, middle), QPointF(_INSET - 4.0, middle))
        if not self._last:
            painter.setPen(QPen(token("good" if self._left else "edge"), 2))
            painter.drawLine(QPointF(mark_end, middle), QPointF(self.width(), middle))

    def _draw_mark(self, painter: QPainter) -> None:
        place = QRect(_INSET, _INSET - 2, _MARK, _MARK)
        state = self._step.state
        if state == "done":
            icon("check-circle", "good").paint(painter, place)
        elif state == "here":
            painter.setPen(QPen(token("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(place).adjusted(3, 3, -3, -3))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(token("accent"))
            painter.drawEllipse(QRectF(place).adjusted(7, 7, -7, -7))
        else:
            icon("circle", "faint").paint(painter, place)

    def _draw_words(self, painter: QPainter) -> None:
        width = self.width() - _INSET - 8
        painter.setFont(body_font(weight=QFont.Weight.DemiBold))
        painter.setPen(token("muted" if self._step.state == "coming" else "text"))
        _elided(painter, QRectF(_INSET, 38, width, 18), self._step.title)
        painter.setFont(body_font(SMALL_PX))
        painter.setPen(token(self._step.tone))
        _elided(painter, QRectF(_INSET, 57, width, 18), self._step.text)


def _elided(painter: QPainter, rect: QRectF, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
