"""Five by five fields of probability and impact, with a dot for each risk that can be dragged."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QApplication, QSizePolicy, QToolTip, QWidget

from workbench.gui.theme import SMALL_PX, body_font, figure_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip
from workbench.gui.widgets.score_badge import level_of, level_word

LEVELS = 5
_LEFT, _BOTTOM, _GAP = 36, 36, 4
_GROUNDS = ("good_ground", "field", "warning_ground", "danger_ground")
_INKS = ("good", "muted", "warning", "danger")
_DOT, _SPACE, _SCORE = 22, 2, 10
_ARROWS = {
    Qt.Key.Key_Left: (0, -1),
    Qt.Key.Key_Right: (0, 1),
    Qt.Key.Key_Up: (1, 0),
    Qt.Key.Key_Down: (-1, 0),
}


@dataclass(frozen=True, slots=True)
class Dot:
    """A risk on the map.

    Args:
        id: Number of the risk; it stands in the dot.
        title: Name of the risk, for the tooltip.
        probability: 1 to 5.
        impact: 1 to 5.
        faint: Whether its place is only assumed; it is drawn as an outline.
    """

    id: int
    title: str
    probability: int
    impact: int
    faint: bool = False


class HeatMap(QWidget):
    """Probability upwards, impact to the right. A dot is chosen by a click, moved by dragging or Ctrl+arrows.

    `chosen` carries the risk, `moved` risk, probability and impact, `opened` the field whose dots do not all
    fit: its probability and impact.

    Args:
        name: What the map shows, for assistive technology.
    """

    chosen = Signal(int)
    moved = Signal(int, int, int)
    opened = Signal(int, int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self._dots: tuple[Dot, ...] = ()
        self._fields: dict[tuple[int, int], list[Dot]] = {}
        self._thresholds: Sequence[int] = (5, 10, 15)
        self._meanings: tuple[Sequence[str], Sequence[str]] = ((), ())
        self._selected: int | None = None
        self._dragged: Dot | None = None
        self._pressed_at, self._pointer = QPointF(), QPointF()
        self._is_dragging = False
        self.movable = True
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(name)

    def set_scale(
        self, thresholds: Sequence[int], probabilities: Sequence[str], impacts: Sequence[str]
    ) -> None:
        """Set the scores from which a risk is medium, high and critical, and what the levels mean."""
        self._thresholds, self._meanings = tuple(thresholds), (probabilities, impacts)
        self.update()

    def set_dots(self, dots: Sequence[Dot], selected: int | None = None) -> None:
        """Show these risks instead, one of them chosen."""
        self._dots = tuple(dots)
        self._fields = {}
        for dot in dots:
            self._fields.setdefault((dot.probability, dot.impact), []).append(dot)
        self._selected = selected
        self._tell()
        self.update()

    def dots(self) -> tuple[Dot, ...]:
        """Return what is shown."""
        return self._dots

    def select(self, risk_id: int | None) -> None:
        """Show a risk as chosen, without telling."""
        self._selected = risk_id
        self._tell()
        self.update()

    def field_rect(self, probability: int, impact: int) -> QRectF:
        """Return where a field lies."""
        width, height = (self.width() - _LEFT) / LEVELS, (self.height() - _BOTTOM) / LEVELS
        left, top = _LEFT + (impact - 1) * width, (LEVELS - probability) * height
        return QRectF(left, top, width - _GAP, height - _GAP)

    def dot_rect(self, risk_id: int) -> QRectF | None:
        """Return where a dot lies; None where it has no room of its own."""
        dot = next((item for item in self._dots if item.id == risk_id), None)
        if dot is None:
            return None
        placed = self._placed(dot.probability, dot.impact)
        return next((rect for item, rect in placed if item is not None and item.id == risk_id), None)

    def sizeHint(self) -> QSize:
        """Return a comfortable size."""
        return QSize(340, 320)

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which dots can be told apart."""
        return QSize(220, 220)

    def _placed(self, probability: int, impact: int) -> list[tuple[Dot | None, QRectF]]:
        """Return the dots of a field with their places; a last one without a dot stands for the rest."""
        dots = self._fields.get((probability, impact), [])
        # The score stands at the bottom; where the field is full, below the dots.
        room = self.field_rect(probability, impact).adjusted(4, 4, -4, -4)
        wide = max([_DOT, *(_dot_width(str(dot.id)) for dot in dots[:200])])
        across = max(1, int((room.width() + _SPACE) // (wide + _SPACE)))
        down = max(1, int((room.height() + _SPACE) // (_DOT + _SPACE)))
        if len(dots) > across * down:
            room.setBottom(room.bottom() - _SCORE)
            # The chosen dot and the number of the rest need two places.
            down = max(min(down, 2), int((room.height() + _SPACE) // (_DOT + _SPACE)))
        shown = self._seen(dots, across * down)
        rows = -(-len(shown) // across)
        top = room.center().y() - (rows * (_DOT + _SPACE) - _SPACE) / 2
        found: list[tuple[Dot | None, QRectF]] = []
        for row in range(rows):
            line = shown[row * across : (row + 1) * across]
            widths = [_DOT if dot is None or len(str(dot.id)) < 3 else wide for dot in line]
            widths = [
                max(width, wide) if dot is None else width for dot, width in zip(line, widths, strict=True)
            ]
            left = room.center().x() - (sum(widths) + _SPACE * (len(line) - 1)) / 2
            for dot, width in zip(line, widths, strict=True):
                found.append((dot, QRectF(left, top + row * (_DOT + _SPACE), width, _DOT)))
                left += width + _SPACE
        return found

    def _seen(self, dots: Sequence[Dot], most: int) -> list[Dot | None]:
        """Return the dots to draw, the chosen one among them; a None at the end stands for the rest."""
        if len(dots) <= most:
            return [*dots]
        seen = list(dots[: most - 1])
        chosen = next((dot for dot in dots[most - 1 :] if dot.id == self._selected), None)
        if chosen is not None and not seen:
            return [chosen]
        if chosen is not None:
            seen[-1] = chosen
        return [*seen, None]

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw fields, axes and dots, the dragged one last."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        target = self._field_at(self._pointer) if self._is_dragging else None
        for probability in range(1, LEVELS + 1):
            for impact in range(1, LEVELS + 1):
                self._draw_field(painter, probability, impact, (probability, impact) == target)
        self._draw_axes(painter)
        for probability, impact in self._fields:
            for dot, rect in self._placed(probability, impact):
                if dot is None:
                    self._draw_rest(painter, probability, impact, rect)
                elif not (self._is_dragging and dot is self._dragged):
                    self._draw_dot(painter, dot, rect, dot.probability * dot.impact)
        if self._is_dragging and self._dragged is not None:
            rect = QRectF(0, 0, _dot_width(str(self._dragged.id)), _DOT)
            rect.moveCenter(self._pointer)
            score = target[0] * target[1] if target else self._dragged.probability * self._dragged.impact
            self._draw_dot(painter, self._dragged, rect, score)

    def _draw_field(self, painter: QPainter, probability: int, impact: int, is_target: bool) -> None:
        rect, score = self.field_rect(probability, impact), probability * impact
        level = level_of(score, self._thresholds)
        painter.setPen(QPen(token("accent"), 2) if is_target else Qt.PenStyle.NoPen)
        painter.setBrush(token(_GROUNDS[level]))
        painter.drawRoundedRect(rect, 4, 4)
        painter.setFont(figure_font(10))
        painter.setPen(token("muted"))
        flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom
        painter.drawText(rect.adjusted(0, 0, -5, -2), int(flags), str(score))

    def _draw_axes(self, painter: QPainter) -> None:
        painter.setFont(figure_font(SMALL_PX))
        painter.setPen(token("muted"))
        for level in range(1, LEVELS + 1):
            painter.drawText(self._label_rect(level, up=True), Qt.AlignmentFlag.AlignCenter, str(level))
            painter.drawText(self._label_rect(level, up=False), Qt.AlignmentFlag.AlignCenter, str(level))
        painter.setFont(body_font(SMALL_PX))
        across = QRectF(_LEFT, self.height() - 18, self.width() - _LEFT - _GAP, 18)
        painter.drawText(across, Qt.AlignmentFlag.AlignCenter, tr("impact"))
        painter.save()
        painter.translate(0, self.height() - _BOTTOM)
        painter.rotate(-90)
        upwards = QRectF(0, 0, self.height() - _BOTTOM, 16)
        painter.drawText(upwards, Qt.AlignmentFlag.AlignCenter, tr("probability"))
        painter.restore()

    def _label_rect(self, level: int, *, up: bool) -> QRectF:
        field = self.field_rect(level, 1) if up else self.field_rect(1, level)
        if up:
            return QRectF(16, field.top(), _LEFT - 20, field.height())
        return QRectF(field.left(), self.height() - _BOTTOM - 1, field.width(), 18)

    def _draw_dot(self, painter: QPainter, dot: Dot, rect: QRectF, score: int) -> None:
        ink = token(_INKS[level_of(score, self._thresholds)])
        is_selected = dot.id == self._selected
        if is_selected:
            painter.setPen(QPen(token("accent" if self.hasFocus() else "text"), 2))
            painter.setBrush(token("raised"))
            painter.drawRoundedRect(rect.adjusted(-3, -3, 3, 3), 14, 14)
        inner = rect.adjusted(1, 1, -1, -1) if dot.faint else rect
        painter.setPen(QPen(ink, 1.5) if dot.faint else Qt.PenStyle.NoPen)
        painter.setBrush(token("raised") if dot.faint else ink)
        painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
        painter.setPen(ink if dot.faint else token("on_accent"))
        painter.setFont(figure_font(11, QFont.Weight.DemiBold))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, str(dot.id))

    def _draw_rest(self, painter: QPainter, probability: int, impact: int, rect: QRectF) -> None:
        painter.setPen(QPen(token("edge"), 1))
        painter.setBrush(token("raised"))
        painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
        painter.setPen(token("text"))
        painter.setFont(figure_font(10, QFont.Weight.DemiBold))
        hidden = len(self._fields[probability, impact]) - (len(self._placed(probability, impact)) - 1)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, f"+{hidden}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a dot, open a field's rest, or tell what a level means."""
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = event.position()
        label = self._label_at(place)
        if label:
            QToolTip.showText(event.globalPosition().toPoint(), tip(label), self)
            return
        for probability, impact in self._fields:
            for dot, rect in self._placed(probability, impact):
                if rect.contains(place) and dot is None:
                    self.opened.emit(probability, impact)
                    return
                if dot is not None and rect.contains(place):
                    self._dragged, self._pressed_at, self._pointer = dot, place, place
                    self._selected = dot.id
                    self._tell()
                    self.update()
                    self.chosen.emit(dot.id)
                    return

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the dot along."""
        place = event.position()
        if self._dragged is None:
            is_hand = self._under(place) is not None or bool(self._label_at(place))
            self.setCursor(Qt.CursorShape.PointingHandCursor if is_hand else Qt.CursorShape.ArrowCursor)
            return
        far = (place - self._pressed_at).manhattanLength() >= QApplication.startDragDistance()
        if self.movable and (far or self._is_dragging):
            self._is_dragging, self._pointer = True, place
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let the dot go where it is."""
        dot, was_dragging = self._dragged, self._is_dragging
        self._dragged, self._is_dragging = None, False
        self.setCursor(Qt.CursorShape.ArrowCursor)
        target = self._field_at(event.position())
        if dot is not None and was_dragging and target not in (None, (dot.probability, dot.impact)):
            assert target is not None
            self.moved.emit(dot.id, *target)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk through the dots with arrows, move the chosen one with Ctrl and arrows; Esc lets a drag go."""
        step = _ARROWS.get(Qt.Key(event.key()))
        if event.key() == Qt.Key.Key_Escape and self._is_dragging:
            self._dragged, self._is_dragging = None, False
            self.update()
        elif step is None or not self._dots:
            super().keyPressEvent(event)
        elif event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._move_chosen(*step)
        else:
            self._choose_next(1 if step in ((0, 1), (-1, 0)) else -1)

    def event(self, event: QEvent) -> bool:
        """Say which risk, or which level, is under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            place = QPointF(event.pos())
            dot = self._under(place)
            text = f"{dot.id} · {dot.title}" if dot is not None else self._label_at(place)
            field = self._field_at(place)
            if not text and field is not None:
                text = self._field_text(*field)
            QToolTip.showText(event.globalPos(), tip(text), self)
            return True
        return super().event(event)

    def _field_text(self, probability: int, impact: int) -> str:
        score = probability * impact
        word = level_word(level_of(score, self._thresholds))
        count = len(self._fields.get((probability, impact), ()))
        return tr("Score {score}, {word} · risks: {count}", score=score, word=word, count=count)

    def _label_at(self, place: QPointF) -> str:
        for side, (up, meanings) in enumerate(zip((True, False), self._meanings, strict=True)):
            for level, meaning in enumerate(meanings, 1):
                if self._label_rect(level, up=up).contains(place):
                    noun = (tr("Probability"), tr("Impact"))[side]
                    return f"{noun} {level} · {meaning}"
        return ""

    def _field_at(self, place: QPointF) -> tuple[int, int] | None:
        for probability in range(1, LEVELS + 1):
            for impact in range(1, LEVELS + 1):
                if self.field_rect(probability, impact).adjusted(0, 0, _GAP, _GAP).contains(place):
                    return probability, impact
        return None

    def _under(self, place: QPointF) -> Dot | None:
        field = self._field_at(place)
        placed = self._placed(*field) if field is not None else []
        return next((dot for dot, rect in placed if rect.contains(place)), None)

    def _chosen_dot(self) -> Dot | None:
        return next((dot for dot in self._dots if dot.id == self._selected), None)

    def _choose_next(self, step: int) -> None:
        dot = self._chosen_dot()
        at = self._dots.index(dot) + step if dot is not None else 0
        self.select(self._dots[at % len(self._dots)].id)
        self.chosen.emit(self._selected)

    def _move_chosen(self, up: int, right: int) -> None:
        dot = self._chosen_dot()
        if dot is None or not self.movable:
            return
        place = max(1, min(LEVELS, dot.probability + up)), max(1, min(LEVELS, dot.impact + right))
        if place != (dot.probability, dot.impact):
            self.moved.emit(dot.id, *place)

    def _tell(self) -> None:
        dot = self._chosen_dot()
        said = tr("{count} risks", count=len(self._dots))
        if dot is not None:
            said = tr(
                "{title}: probability {probability}, impact {impact}",
                title=dot.title,
                probability=dot.probability,
                impact=dot.impact,
            )
        self.setAccessibleDescription(said)


def _dot_width(text: str) -> int:
    return _DOT if len(text) < 3 else _DOT + 7 * (len(text) - 2)
