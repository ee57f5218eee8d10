"""How many samples each class has, and in which split."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from workbench.gui.theme import SMALL_PX, body_font, figure_font, mix, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import tip

_ROW = 28
_LEGEND = 28
_BAR = 12
_STRENGTHS = (1.0, 0.62, 0.36)


class BarChart(QAbstractScrollArea):
    """One horizontal bar a class: name, segments by split, count and share. Scrolls for many classes.

    Args:
        name: What is counted, for assistive technology.
        empty_text: What stands here while there is nothing.
    """

    def __init__(self, name: str, empty_text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._empty_text = empty_text or tr("Class counts appear here.")
        self._rows: list[tuple[str, tuple[int, ...]]] = []
        self._parts: tuple[str, ...] = ()
        self._total = 0

    def set_counts(self, names: Sequence[str], parts: Mapping[str, Sequence[int]]) -> None:
        """Show counts.

        Args:
            names: (n,) class names.
            parts: Counts by part, such as `{"training": [...], "validation": [...]}`, each (n,), in the
                order in which the segments stand.
        """
        self._parts = tuple(parts)
        self._rows = [(name, tuple(int(part[i]) for part in parts.values())) for i, name in enumerate(names)]
        self._total = sum(sum(counts) for _, counts in self._rows)
        words = [f"{name} {number_format.count(sum(counts))}" for name, counts in self._rows[:20]]
        self.setAccessibleDescription(", ".join(words))
        self._set_bar()
        self.viewport().update()

    def _legend_height(self) -> int:
        return _LEGEND if len(self._parts) > 1 else 0

    def _set_bar(self) -> None:
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self._legend_height() + len(self._rows) * _ROW - self.viewport().height()))
        bar.setPageStep(self.viewport().height())
        bar.setSingleStep(_ROW)

    def _name_width(self) -> int:
        metrics = QFontMetrics(body_font())
        longest = max((metrics.horizontalAdvance(name) for name, _ in self._rows[:500]), default=0)
        return min(longest + 2, max(72, int(self.viewport().width() * 0.36)))

    def _text(self, counts: tuple[int, ...]) -> str:
        total = sum(counts)
        share = number_format.percent(total / self._total if self._total else None, 1)
        return f"{number_format.count(total)} · {share}"

    def _colors(self) -> list[QColor]:
        low, high = token("raised"), token("accent")
        return [mix(low, high, _STRENGTHS[i % len(_STRENGTHS)]) for i in range(len(self._parts))]

    def _paint_legend(self, painter: QPainter) -> None:
        painter.setFont(body_font(SMALL_PX))
        left = 0
        for part, color in zip(self._parts, self._colors(), strict=True):
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(QRectF(left, 6, 10, 10), 2, 2)
            painter.setPen(token("muted"))
            width = painter.fontMetrics().horizontalAdvance(part)
            painter.drawText(QRect(left + 16, 0, width + 4, 22), int(Qt.AlignmentFlag.AlignVCenter), part)
            left += width + 36

    def _paint_row(self, painter: QPainter, row: int, top: int, widths: tuple[int, int], most: int) -> None:
        name, counts = self._rows[row]
        name_width, text_width = widths
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(token("text"))
        painter.setFont(body_font())
        shown = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, name_width)
        painter.drawText(QRect(0, top, name_width + 2, _ROW), int(middle), shown)
        left = float(name_width + 12)
        room = max(8.0, self.viewport().width() - left - text_width - 20)
        track = QRectF(left, top + (_ROW - _BAR) / 2, room, _BAR)
        length = room * sum(counts) / most
        shape = QPainterPath()
        shape.addRoundedRect(
            QRectF(track.left(), track.top(), max(length, 2.0 if sum(counts) else 0.0), _BAR), 3, 3
        )
        painter.save()
        painter.setClipPath(shape)
        for count, color in zip(counts, self._colors(), strict=True):
            width = room * count / most
            painter.fillRect(QRectF(left, track.top(), max(width, 2.0), _BAR), color)
            left += width
        painter.restore()
        painter.setPen(token("muted"))
        painter.setFont(figure_font())
        text = QRect(self.viewport().width() - text_width - 8, top, text_width, _ROW)
        painter.drawText(text, int(middle | Qt.AlignmentFlag.AlignRight), self._text(counts))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars in sight."""
        painter = QPainter(self.viewport())
        if not self._rows:
            painter.setPen(token("muted"))
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            painter.drawText(self.viewport().rect().adjusted(16, 16, -16, -16), flags, self._empty_text)
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scrolled, legend = self.verticalScrollBar().value(), self._legend_height()
        painter.translate(0, -scrolled)
        if legend and scrolled < legend:
            self._paint_legend(painter)
        most = max(sum(counts) for _, counts in self._rows) or 1
        metrics = QFontMetrics(figure_font())
        text_width = max(metrics.horizontalAdvance(self._text(counts)) for _, counts in self._rows[:500])
        widths = (self._name_width(), text_width)
        first = max(0, (scrolled - legend) // _ROW)
        last = min(len(self._rows), (scrolled + self.viewport().height() - legend) // _ROW + 1)
        for row in range(first, last):
            self._paint_row(painter, row, legend + row * _ROW, widths, most)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the bars to the room."""
        super().resizeEvent(event)
        self._set_bar()

    def viewportEvent(self, event: QEvent) -> bool:
        """Tell the counts of each split when the pointer rests on a row."""
        if isinstance(event, QHelpEvent):
            row = (event.pos().y() + self.verticalScrollBar().value() - self._legend_height()) // _ROW
            words = ""
            if 0 <= row < len(self._rows):
                name, counts = self._rows[row]
                parts = zip(self._parts, counts, strict=True)
                words = f"{name}: " + ", ".join(f"{part} {number_format.count(n)}" for part, n in parts)
            QToolTip.showText(event.globalPos(), tip(words), self)
            return True
        return super().viewportEvent(event)

    def sizeHint(self) -> QSize:
        """Return room for up to twelve classes."""
        return QSize(420, self._legend_height() + max(3, min(12, len(self._rows))) * _ROW)

    def minimumSizeHint(self) -> QSize:
        """Return room for three classes."""
        return QSize(240, self._legend_height() + 3 * _ROW)
