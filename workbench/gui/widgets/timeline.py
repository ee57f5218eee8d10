"""Things to do as bars on a line of days."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from PySide6.QtCore import QEvent, QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from workbench.gui.widgets.labels import tip
from workbench.gui.widgets.timeline_paint import HEADER, LABELS, ROW, Look, Row, paint_timeline
from workbench.gui.widgets.timeline_scale import FIRST, LAST, PER_DAY, Scale, Zoom

_EDGE = 6
_AROUND = 21
_GRIP = Literal["move", "start", "end"]


@dataclass(frozen=True, slots=True)
class Bar:
    """Something with a time.

    Args:
        id: Number.
        title: What it is.
        group: The heading that it stands under.
        start: First day; None where only the end is known.
        end: Last day; None where only the start is known.
        milestone: Whether it is a moment.
        state: How it is drawn.
        after: Numbers of what comes before it.
        about: What the tooltip says beside the title, such as days and owner.
        note: What stands beside the bar.
    """

    id: int
    title: str
    group: str
    start: date | None = None
    end: date | None = None
    milestone: bool = False
    state: Literal["open", "done", "overdue"] = "open"
    after: tuple[int, ...] = ()
    about: str = ""
    note: str = ""

    @property
    def first(self) -> int:
        """First day as an ordinal."""
        day = self.start or self.end
        assert day is not None
        return (self.end or day).toordinal() if self.milestone else day.toordinal()

    @property
    def last(self) -> int:
        """Last day as an ordinal."""
        day = self.end or self.start
        assert day is not None
        return max(day.toordinal(), self.first)


class Timeline(QAbstractScrollArea):
    """Bars by group; only what can be seen is drawn, however many and however far apart they are.

    `opened` carries the number of a bar, `moved` number, start and end as they become. Bars are dragged as
    a whole or at an end; Ctrl with left and right moves the chosen one, with Shift its end.
    """

    opened = Signal(int)
    moved = Signal(int, object, object)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setMouseTracking(True)
        self.writable = True
        self.today = date.today()
        self._rows: list[Row] = []
        self._bars: dict[int, Bar] = {}
        self._zoom: Zoom = "week"
        self._first = 0.0
        self._placed = False
        self._low, self._high = FIRST, LAST
        self._current: int | None = None
        self._grip: tuple[Bar, _GRIP, float] | None = None
        self._preview: Bar | None = None
        self.horizontalScrollBar().valueChanged.connect(self._on_scrolled)

    def set_bars(self, bars: Sequence[Bar], today: date) -> None:
        """Show these bars, those of a group below each other; each has a start or an end."""
        self.today = today
        self._bars = {bar.id: bar for bar in bars}
        self._rows = []
        for group in dict.fromkeys(bar.group for bar in bars):
            self._rows.append(Row(group))
            self._rows += [Row(group, bar.id) for bar in bars if bar.group == group]
        ordinals = [today.toordinal(), *(bar.first for bar in bars), *(bar.last for bar in bars)]
        self._low = max(FIRST, min(ordinals) - _AROUND)
        self._high = min(LAST, max(ordinals) + 2 * _AROUND)
        self._grip = self._preview = None
        self._set_ranges()
        self.viewport().update()

    def set_zoom(self, zoom: Zoom) -> None:
        """Show more or fewer days; the one a third from the left, where today is at first, stays there."""
        fixed = self.scale.ordinal(LABELS + self._room / 3)
        self._zoom = zoom
        self._first = fixed - self._room / PER_DAY[zoom] / 3
        self._set_ranges()
        self.viewport().update()

    def show_day(self, day: date) -> None:
        """Scroll to a day, a third from the left."""
        self._first = day.toordinal() - self._room / PER_DAY[self._zoom] / 3
        self._set_ranges()
        self.viewport().update()

    def choose(self, number: int) -> None:
        """Choose a bar and scroll to it."""
        if number in self._bars:
            self._current = number
            self.setAccessibleDescription(self._words(self._bars[number]))
            at = next(i for i, row in enumerate(self._rows) if row.id == number)
            bar = self.verticalScrollBar()
            room = self.viewport().height() - HEADER
            bar.setValue(max(min(bar.value(), at * ROW), at * ROW + ROW - room))
            self.viewport().update()

    @property
    def scale(self) -> Scale:
        """Where days lie now."""
        return Scale(self._first, self._zoom, float(LABELS), self._room)

    def rect_of(self, number: int) -> QRectF:
        """Return where a bar is drawn, in the viewport's pixels."""
        bar = (
            self._preview if self._preview is not None and self._preview.id == number else self._bars[number]
        )
        at = next(i for i, row in enumerate(self._rows) if row.id == number)
        top = HEADER + at * ROW - self.verticalScrollBar().value() + 6
        scale = self.scale
        left, right = scale.x(bar.first), scale.x(bar.last + 1)
        if bar.milestone:
            middle = (left + right) / 2
            left, right = middle - 9, middle + 9
        return QRectF(left, top, max(4.0, right - left), ROW - 12)

    def sizeHint(self) -> QSize:
        """Return a usual size."""
        return QSize(640, 320)

    @property
    def _room(self) -> float:
        return float(max(1, self.viewport().width() - LABELS))

    def _set_ranges(self) -> None:
        per_day = PER_DAY[self._zoom]
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        days = self._room / per_day
        high = max(self._high, self._low + int(days) + 1)
        self._first = max(float(self._low), min(self._first, high - days))
        across.blockSignals(True)
        across.setRange(0, max(0, int((high - self._low) * per_day - self._room)))
        across.setPageStep(int(self._room))
        across.setSingleStep(int(per_day * (1 if self._zoom == "day" else 7)))
        across.setValue(int((self._first - self._low) * per_day))
        across.blockSignals(False)
        room = max(1, self.viewport().height() - HEADER)
        down.setRange(0, max(0, len(self._rows) * ROW - room))
        down.setPageStep(room)
        down.setSingleStep(ROW)

    def _on_scrolled(self, value: int) -> None:
        self._first = self._low + value / PER_DAY[self._zoom]
        self.viewport().update()

    def _bar_at(self, place: QPoint) -> tuple[Bar | None, _GRIP | None]:
        """Return the bar of the row at a place, and by what part it would be gripped there."""
        at = (place.y() - HEADER + self.verticalScrollBar().value()) // ROW
        if place.y() < HEADER or not 0 <= at < len(self._rows) or self._rows[at].id is None:
            return None, None
        bar = self._bars[self._rows[at].id or 0]
        rect = self.rect_of(bar.id)
        if place.x() < LABELS or not rect.adjusted(-_EDGE, -6, _EDGE, 6).contains(place.toPointF()):
            return bar, None
        if bar.milestone:
            return bar, "move"
        if place.x() > rect.right() - _EDGE:
            return bar, "end"
        # A bar of a day is too narrow for three parts: its end and itself are enough.
        if place.x() < rect.left() + _EDGE and rect.width() > 3 * _EDGE:
            return bar, "start"
        return bar, "move"

    def _words(self, bar: Bar) -> str:
        return f"{bar.title} · {bar.about}" if bar.about else bar.title

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a bar and grip it."""
        bar, grip = self._bar_at(event.position().toPoint())
        if event.button() != Qt.MouseButton.LeftButton or bar is None:
            return
        self.choose(bar.id)
        if grip is not None:
            self._grip = (bar, grip, event.position().x())
            self._preview = None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is gripped, or show how it would be."""
        if self._grip is not None and event.buttons() & Qt.MouseButton.LeftButton:
            bar, grip, from_x = self._grip
            days = round((event.position().x() - from_x) / PER_DAY[self._zoom])
            if self.writable and (days or self._preview is not None):
                self._preview = dragged(bar, grip, days)
                self.viewport().update()
            return
        under, held = self._bar_at(event.position().toPoint())
        shape = Qt.CursorShape.ArrowCursor
        if under is not None:
            shape = Qt.CursorShape.PointingHandCursor
        if held in ("start", "end") and self.writable:
            shape = Qt.CursorShape.SizeHorCursor
        self.viewport().setCursor(shape)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go: what was dragged has other days, what was only clicked is opened."""
        grip, preview = self._grip, self._preview
        self._grip = self._preview = None
        self.viewport().update()
        bar, _ = self._bar_at(event.position().toPoint())
        if preview is not None and grip is not None:
            if (preview.start, preview.end) != (grip[0].start, grip[0].end):
                self.moved.emit(preview.id, preview.start, preview.end)
        elif event.button() == Qt.MouseButton.LeftButton and bar is not None and bar.id == self._current:
            self.opened.emit(bar.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Choose with up and down, open with Enter, move with Ctrl, drop a drag with Escape."""
        numbers = [row.id for row in self._rows if row.id is not None]
        at = numbers.index(self._current) if self._current in numbers else -1
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if key == Qt.Key.Key_Escape and self._grip is not None:
            self._grip = self._preview = None
            self.viewport().update()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up) and numbers:
            step = 1 if key == Qt.Key.Key_Down else -1
            self.choose(numbers[max(0, min(len(numbers) - 1, at + step))])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and at >= 0:
            self.opened.emit(numbers[at])
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and control and at >= 0 and self.writable:
            bar = self._bars[numbers[at]]
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier) and not bar.milestone
            after = dragged(bar, "end" if shift else "move", 1 if key == Qt.Key.Key_Right else -1)
            if after != bar:
                self.moved.emit(after.id, after.start, after.end)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            across = self.horizontalScrollBar()
            across.setValue(across.value() + across.singleStep() * (1 if key == Qt.Key.Key_Right else -1))
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll down, or across with Shift."""
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier or abs(delta.x()) > abs(delta.y()):
            across = self.horizontalScrollBar()
            across.setValue(across.value() - (delta.x() or delta.y()))
        else:
            down = self.verticalScrollBar()
            down.setValue(down.value() - delta.y() // 2)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell what a bar is."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            bar, _ = self._bar_at(event.pos())
            QToolTip.showText(event.globalPos(), tip(self._words(bar)) if bar else "", self.viewport())
            return True
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the days at the left, and begin at today."""
        super().resizeEvent(event)
        if not self._placed and self._room > 1:
            self._placed = True
            self.show_day(self.today)
        self._set_ranges()

    def scrollContentsBy(self, _dx: int, _dy: int) -> None:  # noqa: N802 - the name is Qt's
        """Draw anew: heading and titles stay where they are."""
        self.viewport().update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw what can be seen."""
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        bars = dict(self._bars)
        if self._preview is not None:
            bars[self._preview.id] = self._preview
        look = Look(
            self._rows,
            bars,
            self.scale,
            self.today,
            self.verticalScrollBar().value(),
            self._current,
            self.hasFocus(),
        )
        paint_timeline(painter, self.viewport().rect(), look, self.rect_of)


def dragged(bar: Bar, grip: _GRIP, days: int) -> Bar:
    """Return a bar after its days, its start or its end were moved; days beyond the calendar stay inside."""
    if grip == "move":
        days = max(FIRST - bar.first, min(LAST - bar.last, days))
        return replace(bar, start=_moved(bar.start, days), end=_moved(bar.end, days))
    first, last = bar.first, bar.last
    if grip == "start":
        return replace(bar, start=_day(min(last, first + days)), end=date.fromordinal(last))
    return replace(bar, start=date.fromordinal(first), end=_day(max(first, last + days)))


def _moved(day: date | None, days: int) -> date | None:
    return None if day is None else _day(day.toordinal() + days)


def _day(ordinal: int) -> date:
    return date.fromordinal(max(FIRST, min(LAST, ordinal)))
