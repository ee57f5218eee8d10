"""How a timeline is drawn."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QPen, QPolygonF

from workbench.gui.theme import SMALL_PX, body_font, figure_font, mix, token
from workbench.gui.translate import tr
from workbench.gui.widgets.timeline_scale import Scale

if TYPE_CHECKING:
    from workbench.gui.widgets.timeline import Bar

LABELS = 208
HEADER = 48
ROW = 32
_TONES = {"open": "accent", "done": "good", "overdue": "danger"}
_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


@dataclass(frozen=True, slots=True)
class Row:
    """A heading, or the bar with that number below it."""

    group: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Look:
    """All that is drawn.

    Args:
        rows: Headings and bars from top to bottom.
        bars: Bars by number.
        scale: Where days lie.
        today: The local date.
        top: How far it is scrolled down, in pixels.
        current: The bar that is chosen.
        focused: Whether the keyboard is here.
    """

    rows: Sequence[Row]
    bars: "Mapping[int, Bar]"
    scale: Scale
    today: date
    top: int
    current: int | None
    focused: bool

    def seen(self, height: int) -> range:
        """Return the rows that can be seen at a height."""
        first = max(0, self.top // ROW)
        return range(first, min(len(self.rows), first + (height - HEADER) // ROW + 2))


def paint_timeline(painter: QPainter, area: QRect, look: Look, rect_of: Callable[[int], QRectF]) -> None:
    """Draw everything that lies in `area`."""
    seen = look.seen(area.height())
    painter.save()
    painter.setClipRect(LABELS, HEADER, area.width() - LABELS, area.height() - HEADER)
    _draw_ground(painter, area, look, seen)
    awaited = {before for bar in look.bars.values() for before in bar.after}
    _draw_arrows(painter, look, seen, rect_of)
    for at in seen:
        if (number := look.rows[at].id) is not None:
            _draw_bar(painter, area, look, look.bars[number], rect_of(number))
            _draw_note(painter, area, look.bars[number], rect_of(number), 16 if number in awaited else 6)
    painter.restore()
    _draw_labels(painter, area, look, seen)
    _draw_header(painter, area, look)


def _draw_ground(painter: QPainter, area: QRect, look: Look, seen: range) -> None:
    scale = look.scale
    painter.setPen(Qt.PenStyle.NoPen)
    if scale.zoom != "month":
        painter.setBrush(mix(token("raised"), token("surface"), 0.7))
        for saturday in scale.weekends():
            left = scale.x(saturday)
            painter.drawRect(QRectF(left, HEADER, scale.x(saturday + 2) - left, area.height() - HEADER))
    painter.setPen(QPen(token("line"), 1))
    for ordinal, _ in scale.minor() if scale.zoom != "day" else scale.major():
        x = round(scale.x(ordinal)) + 0.5
        painter.drawLine(QPointF(x, HEADER), QPointF(x, area.height()))
    for at in seen:
        if look.rows[at].id is None:
            painter.fillRect(QRect(0, HEADER + at * ROW - look.top, area.width(), ROW), token("field"))
    x = scale.x(look.today.toordinal() + 0.5)
    painter.setPen(QPen(token("accent"), 1.5, Qt.PenStyle.DashLine))
    painter.drawLine(QPointF(x, HEADER), QPointF(x, area.height()))


def _draw_bar(painter: QPainter, area: QRect, look: Look, bar: "Bar", rect: QRectF) -> None:
    tone = _TONES[bar.state]
    chosen = bar.id == look.current
    if rect.right() < LABELS or rect.left() > area.width():
        _draw_far(painter, area, bar, rect)
        return
    painter.setPen(QPen(token(tone), 2 if chosen else 1))
    painter.setBrush(token(f"{tone}_ground"))
    if bar.milestone:
        middle, half = rect.center(), rect.height() / 2 + 1
        painter.setBrush(token(tone))
        offsets = ((0, -half), (half, 0), (0, half), (-half, 0))
        painter.drawPolygon(QPolygonF([QPointF(middle.x() + x, middle.y() + y) for x, y in offsets]))
    else:
        painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)


def _draw_note(painter: QPainter, area: QRect, bar: "Bar", rect: QRectF, gap: int) -> None:
    """Say inside a bar, or beside it, what is worth a word, `gap` pixels after its end."""
    if not bar.note or rect.right() < LABELS or rect.left() > area.width():
        return
    painter.setFont(body_font(SMALL_PX))
    needed = painter.fontMetrics().horizontalAdvance(bar.note) + 12
    inside = QRectF(max(rect.left(), LABELS), rect.top(), 0, rect.height())
    inside.setRight(min(rect.right(), area.width()))
    if not bar.milestone and inside.width() >= needed:
        painter.setPen(token(_TONES[bar.state]))
        painter.drawText(inside.adjusted(6, 0, -4, 0), _LEFT, bar.note)
    else:
        painter.setPen(token("muted"))
        room = max(0.0, area.width() - rect.right() - gap - 4)
        beside = QRectF(rect.right() + gap, rect.top(), room, rect.height())
        shown = painter.fontMetrics().elidedText(bar.note, Qt.TextElideMode.ElideRight, int(beside.width()))
        painter.drawText(beside, _LEFT, shown)


def _draw_far(painter: QPainter, area: QRect, bar: "Bar", rect: QRectF) -> None:
    """Say at the edge where a bar lies that cannot be seen."""
    painter.setFont(body_font(SMALL_PX))
    painter.setPen(token(_TONES[bar.state] if bar.state == "overdue" else "faint"))
    is_left = rect.right() < LABELS
    text = f"← {bar.about}" if is_left else f"{bar.about} →"
    place = QRectF(LABELS + 8, rect.top(), area.width() - LABELS - 16, rect.height())
    side = Qt.AlignmentFlag.AlignLeft if is_left else Qt.AlignmentFlag.AlignRight
    painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter | side), text)


def _draw_arrows(painter: QPainter, look: Look, seen: range, rect_of: Callable[[int], QRectF]) -> None:
    places = {row.id: at for at, row in enumerate(look.rows) if row.id is not None}
    for number, bar in look.bars.items():
        for before in bar.after:
            if before not in places or number not in places:
                continue
            low, high = sorted((places[before], places[number]))
            if high < seen.start or low >= seen.stop:
                continue
            ends = look.bars[before].last
            # A moment may come on the day on which what it waits for ends.
            too_early = ends > bar.first if bar.milestone else ends >= bar.first
            painter.setPen(QPen(token("danger" if too_early else "faint"), 1.4))
            if bar.milestone and ends == bar.first:
                _draw_drop(painter, rect_of(before), rect_of(number))
            else:
                _draw_arrow(painter, rect_of(before), rect_of(number))


def _draw_drop(painter: QPainter, before: QRectF, after: QRectF) -> None:
    """Draw an arrow straight down, or up, to a moment on the same day."""
    x, is_down = after.center().x(), after.top() > before.top()
    begin = QPointF(x, before.bottom() if is_down else before.top())
    end = QPointF(x, after.top() if is_down else after.bottom())
    back = -5 if is_down else 5
    painter.drawLine(begin, end)
    painter.drawPolyline(QPolygonF([end + QPointF(-4, back), end, end + QPointF(4, back)]))


def _draw_arrow(painter: QPainter, before: QRectF, after: QRectF) -> None:
    begin = QPointF(before.right(), before.center().y())
    end = QPointF(after.left(), after.center().y())
    turn = begin.x() + 8
    if end.x() < turn + 6:  # it begins too early: the line goes around
        middle = (before.bottom() + after.top()) / 2 if after.top() > before.top() else before.top() - 6
        corners = [begin, QPointF(turn, begin.y()), QPointF(turn, middle)]
        corners += [QPointF(end.x() - 8, middle), QPointF(end.x() - 8, end.y()), end]
    else:
        corners = [begin, QPointF(turn, begin.y()), QPointF(turn, end.y()), end]
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolyline(QPolygonF(corners))
    painter.drawPolyline(QPolygonF([end + QPointF(-5, -4), end, end + QPointF(-5, 4)]))


def _draw_labels(painter: QPainter, area: QRect, look: Look, seen: range) -> None:
    painter.save()
    painter.setClipRect(0, HEADER, area.width(), area.height() - HEADER)
    painter.fillRect(QRect(0, HEADER, LABELS, area.height()), token("raised"))
    for at in seen:
        row, top = look.rows[at], HEADER + at * ROW - look.top
        if row.id is None:
            painter.fillRect(QRect(0, top, LABELS, ROW), token("field"))
            painter.setFont(body_font(SMALL_PX, QFont.Weight.DemiBold))
            painter.setPen(token("muted"))
            _text(painter, QRectF(12, top, LABELS - 20, ROW), row.group)
            continue
        bar = look.bars[row.id]
        if row.id == look.current:
            painter.fillRect(QRect(0, top, LABELS, ROW), token("accent_ground"))
            if look.focused:
                painter.fillRect(QRect(0, top + 4, 3, ROW - 8), token("accent"))
        painter.setFont(body_font())
        painter.setPen(token({"overdue": "danger", "done": "muted"}.get(bar.state, "text")))
        _text(painter, QRectF(12, top, LABELS - 20, ROW), bar.title)
    painter.setPen(QPen(token("line"), 1))
    painter.drawLine(QPointF(LABELS - 0.5, HEADER), QPointF(LABELS - 0.5, area.height()))
    painter.restore()


def _draw_header(painter: QPainter, area: QRect, look: Look) -> None:
    scale = look.scale
    painter.fillRect(QRect(0, 0, area.width(), HEADER), token("raised"))
    painter.save()
    painter.setClipRect(LABELS, 0, area.width() - LABELS, HEADER)
    painter.setFont(body_font(SMALL_PX, QFont.Weight.DemiBold))
    painter.setPen(token("text"))
    marks = list(scale.major())
    for (ordinal, text), (following, _) in zip(marks, [*marks[1:], (scale.last + 400, "")], strict=True):
        # The month that is on its way out keeps its name at the edge, as long as there is room for it.
        width = painter.fontMetrics().horizontalAdvance(text) + 12
        left = min(max(scale.x(ordinal) + 6, LABELS + 6.0), scale.x(following) - width)
        painter.drawText(QRectF(left, 4, width, 20), _LEFT, text)
    painter.setFont(figure_font(SMALL_PX))
    for ordinal, text in scale.minor():
        is_today = scale.zoom == "day" and ordinal == look.today.toordinal()
        painter.setPen(token("accent" if is_today else "muted"))
        painter.drawText(QRectF(scale.x(ordinal) + 6, 24, 60, 20), _LEFT, text)
    _draw_today(painter, look)
    painter.restore()
    painter.setPen(QPen(token("line"), 1))
    painter.drawLine(QPointF(0, HEADER - 0.5), QPointF(area.width(), HEADER - 0.5))


def _draw_today(painter: QPainter, look: Look) -> None:
    x = look.scale.x(look.today.toordinal() + 0.5)
    painter.setFont(body_font(SMALL_PX, QFont.Weight.DemiBold))
    width = painter.fontMetrics().horizontalAdvance(tr("Today")) + 12
    place = QRectF(x - width / 2, 25, width, 18)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(token("accent"))
    painter.drawRoundedRect(place, 9, 9)
    painter.setPen(token("on_accent"))
    painter.drawText(place, int(Qt.AlignmentFlag.AlignCenter), tr("Today"))


def _text(painter: QPainter, rect: QRectF, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, _LEFT, shown)
