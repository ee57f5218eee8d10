"""A choice of a level from 1 to 5, with the meaning of each."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from workbench.gui.theme import figure_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip

LEVELS = 5
_HEIGHT = 32


class LevelChooser(QWidget):
    """Five steps side by side; the chosen one is filled. Arrows or digits choose as well.

    Args:
        name: What is chosen, such as `Probability`.
        optional: Whether there may be no level; the chosen one is taken away by a click or Delete.
    """

    chosen = Signal(object)
    """The level that the user wants; None for none."""

    def __init__(self, name: str, *, optional: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._optional = name, optional
        self._level: int | None = None
        self._meanings: Sequence[str] = ()
        self._under = 0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_level(None)

    @property
    def level(self) -> int | None:
        """The level shown."""
        return self._level

    def set_meanings(self, meanings: Sequence[str]) -> None:
        """Say what the levels 1 to 5 mean; shown when the pointer rests on one."""
        self._meanings = tuple(meanings)
        self.set_level(self._level)

    def set_level(self, level: int | None) -> None:
        """Show another level without telling."""
        self._level = level
        self.setAccessibleName(self._name)
        said = tr("not said yet") if level is None else f"{level}: {self.meaning(level)}"
        self.setAccessibleDescription(said)
        self.update()

    def meaning(self, level: int) -> str:
        """Return what a level means."""
        return self._meanings[level - 1] if len(self._meanings) >= level else ""

    def step_rect(self, level: int) -> QRectF:
        """Return where a level lies."""
        width = self.width() / LEVELS
        return QRectF((level - 1) * width, 0, width, self.height())

    def sizeHint(self) -> QSize:
        """Return room for five comfortable steps."""
        return QSize(LEVELS * 36, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return room for five figures."""
        return QSize(LEVELS * 24, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw one frame with five steps."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        strong = self.hasFocus()
        painter.setPen(
            QPen(token("accent" if strong else "edge" if self.isEnabled() else "line"), 1 + strong)
        )
        painter.setBrush(token("field"))
        painter.drawRoundedRect(frame.adjusted(*((0.5, 0.5, -0.5, -0.5) if strong else (0, 0, 0, 0))), 6, 6)
        for level in range(1, LEVELS + 1):
            self._draw_step(painter, level)

    def _draw_step(self, painter: QPainter, level: int) -> None:
        rect = self.step_rect(level).adjusted(3, 3, -3, -3)
        ink = "text" if self.isEnabled() else "faint"
        painter.setPen(Qt.PenStyle.NoPen)
        if level == self._level:
            painter.setBrush(token("accent" if self.isEnabled() else "pressed"))
            painter.drawRoundedRect(rect, 4, 4)
            ink = "on_accent" if self.isEnabled() else "muted"
        elif level == self._under and self.isEnabled():
            painter.setBrush(token("hover"))
            painter.drawRoundedRect(rect, 4, 4)
        weight = QFont.Weight.DemiBold if level == self._level else QFont.Weight.Normal
        painter.setFont(figure_font(weight=weight))
        painter.setPen(token(ink))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(level))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the level under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            level = self._level_at(event.position().toPoint())
            self._choose(None if self._optional and level == self._level else level)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show which level a click would choose."""
        self._under = self._level_at(event.position().toPoint())
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Show none any more."""
        self._under = 0
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with arrows, a digit, or none with Delete."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step:
            self._choose(max(1, min(LEVELS, (self._level or 3 - step) + step)))
        elif event.text() in ("1", "2", "3", "4", "5"):
            self._choose(int(event.text()))
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self._optional:
            self._choose(None)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say what the level under the pointer means."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            level = self._level_at(event.pos())
            QToolTip.showText(event.globalPos(), tip(f"{level}: {self.meaning(level)}"), self)
            return True
        return super().event(event)

    def _level_at(self, place: QPoint) -> int:
        return max(1, min(LEVELS, 1 + int(place.x() * LEVELS / max(1, self.width()))))

    def _choose(self, level: int | None) -> None:
        if level != self._level:
            self.set_level(level)
            self.chosen.emit(level)
