"""Headings of a table with a small histogram and a few words of what each column holds."""

import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QHelpEvent, QPainter
from PySide6.QtWidgets import QHeaderView, QToolTip, QWidget

from workbench.core.column_statistics import ColumnStatistics
from workbench.gui.theme import SMALL_PX, body_font, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import tip

_TITLE, _BARS, _WORDS, _SIDE = 32, 28, 20, 8
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ColumnHeader(QHeaderView):
    """Headings; `sort_wanted` carries a column and whether the largest come first, -1 for no order."""

    sort_wanted = Signal(int, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._statistics: dict[int, ColumnStatistics] = {}
        self._sorted = (-1, False)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(88)
        self.setStretchLastSection(True)
        self.setSectionsClickable(True)
        self.setSortIndicatorShown(False)
        self.setAccessibleName(tr("Columns"))
        self.sectionClicked.connect(self._on_clicked)

    def add_statistics(self, statistics: Mapping[int, ColumnStatistics]) -> None:
        """Show what these columns hold."""
        self._statistics.update(statistics)
        self.viewport().update()

    def visible_without(self, count: int) -> list[int]:
        """Return which of the columns in sight have no statistics yet, of the first `count`."""
        shown = range(max(0, self.visualIndexAt(0)), count)
        width = self.viewport().width()
        return [at for at in shown if self.sectionViewportPosition(at) < width and at not in self._statistics]

    def words(self, at: int) -> str:
        """Return all that is known of a column, a line each."""
        found = self._statistics.get(at)
        return "\n".join(_lines(found)) if found is not None else ""

    def _on_clicked(self, at: int) -> None:
        column, is_descending = self._sorted
        if column != at:
            self._sorted = (at, False)
        else:
            self._sorted = (-1, False) if is_descending else (at, True)
        self.viewport().update()
        self.sort_wanted.emit(*self._sorted)

    def _draw_text(self, painter: QPainter, area: QRectF, text: str, at: int, arrow: str = "") -> None:
        metrics = painter.fontMetrics()
        room = int(area.width()) - metrics.horizontalAdvance(arrow)
        shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room) + arrow
        align = self.model().headerData(at, self.orientation(), Qt.ItemDataRole.TextAlignmentRole)
        painter.drawText(
            area, int(align or Qt.AlignmentFlag.AlignLeft) | Qt.AlignmentFlag.AlignVCenter, shown
        )

    def _draw_bars(self, painter: QPainter, area: QRectF, found: ColumnStatistics) -> None:
        if not found.bars or not max(found.bars):
            return
        width = min(area.width() / len(found.bars), 24.0)
        for at, rows in enumerate(found.bars):
            height = area.height() * rows / max(found.bars)
            # What is there at all can be seen.
            height = max(1.0, height) if rows else 0.0
            bar = QRectF(area.x() + at * width, area.bottom() - height, width - 1, height)
            painter.fillRect(bar, token("faint"))

    def paintSection(self, painter: QPainter, rect: QRect, at: int) -> None:  # noqa: N802 - the name is Qt's
        """Draw the heading, below it the histogram, below that a few words."""
        painter.save()
        painter.fillRect(rect, token("raised"))
        painter.fillRect(QRect(rect.x(), rect.bottom(), rect.width(), 1), token("line"))
        inner = QRectF(rect).adjusted(_SIDE, 0, -_SIDE, 0)
        column, is_descending = self._sorted
        painter.setFont(body_font(weight=QFont.Weight.Medium))
        painter.setPen(token("text" if column == at else "muted"))
        arrow = ("", " ↑", " ↓")[(column == at) * (1 + is_descending)]
        heading = str(self.model().headerData(at, self.orientation(), Qt.ItemDataRole.DisplayRole))
        self._draw_text(painter, QRectF(inner.x(), inner.y(), inner.width(), _TITLE), heading, at, arrow)
        found = self._statistics.get(at)
        if found is not None:
            self._draw_bars(painter, QRectF(inner.x(), inner.y() + _TITLE, inner.width(), _BARS), found)
            painter.setFont(body_font(SMALL_PX))
            painter.setPen(token("muted"))
            below = QRectF(inner.x(), inner.y() + _TITLE + _BARS, inner.width(), _WORDS)
            self._draw_text(painter, below, _short(found), at)
        painter.restore()

    def sizeHint(self) -> QSize:
        """Return the height of heading, histogram and words."""
        return QSize(super().sizeHint().width(), _TITLE + _BARS + _WORDS + 4)

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell all that is known of the column below the pointer."""
        if isinstance(event, QHelpEvent):
            at = self.logicalIndexAt(event.pos())
            words = self.words(at)
            name = self.model().headerData(at, self.orientation(), Qt.ItemDataRole.AccessibleTextRole)
            if words and name:
                QToolTip.showText(event.globalPos(), tip(f"{name}\n{words}"), self)
                return True
        return super().viewportEvent(event)


def _short(found: ColumnStatistics) -> str:
    """Return what matters most of a column, in few words."""
    if found.missing:
        return tr("{share} missing", share=number_format.percent(found.missing / max(1, found.count)))
    if found.is_date and found.low is not None and found.high is not None:
        years = dict.fromkeys(str(_day(number).year) for number in (found.low, found.high))
        return " – ".join(years)
    if found.mean is not None and found.deviation is not None:
        return tr("mean {mean}", mean=number_format.number(_rounded(found.mean, found.deviation)))
    return tr("{count} different", count=number_format.count(found.distinct)) if found.distinct else ""


def _rounded(mean: float, deviation: float) -> float:
    """Return a mean as exact as its deviation lets it matter."""
    return round(mean, 2 - math.floor(math.log10(deviation))) if deviation > 0 else mean


def _lines(found: ColumnStatistics) -> list[str]:
    share = number_format.percent(found.missing / max(1, found.count), 1)
    missing = number_format.count(found.missing)
    lines = [
        tr("{count} missing ({share})", count=missing, share=share) if found.missing else tr("none missing")
    ]
    if found.mean is not None and found.low is not None and found.high is not None:
        lines.append(tr("from {low} to {high}", low=_value(found, found.low), high=_value(found, found.high)))
        lines.append(tr("mean {mean}", mean=_value(found, found.mean)))
        days = tr(" days") if found.is_date else ""
        lines.append(tr("deviation {value}", value=number_format.number(found.deviation)) + days)
    elif found.distinct:
        lines.append(tr("{count} different", count=number_format.count(found.distinct)))
        lines += [f"{text}: {number_format.count(rows)}" for text, rows in found.values]
    return lines


def _value(found: ColumnStatistics, number: float) -> str:
    return number_format.day(_day(number)) if found.is_date else number_format.number(number)


def _day(days: float) -> date:
    return (_EPOCH + timedelta(days=days)).date()
