"""Cards of short lines, each of which leads to where its number comes from."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from workbench.core.risks import Link
from workbench.gui.theme import RADIUS, restyle, token
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.labels import ElidedLabel, IconLabel, PlainLabel, tip

_HEIGHT = 28


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a card.

    Args:
        text: What it is.
        link: Where it leads.
        note: A few words at the right.
        note_tone: `danger`, `warning` or `good` where the note stands out; its words say the same.
        badge: A word at the left, with `badge_tone`.
        badge_tone: Tone of the badge.
        icon_name: A picture at the left, in `icon_tone`.
        icon_tone: Token of the picture's colour.
        more: What else there is to say, for the tooltip.
    """

    text: str
    link: Link
    note: str = ""
    note_tone: str = ""
    badge: str = ""
    badge_tone: str = ""
    icon_name: str = ""
    icon_tone: str = "muted"
    more: str = ""


class LinkRow(QAbstractButton):
    """A line as a button over the width of its card.

    Args:
        line: What it says.
    """

    trace_requested = Signal(object, QPoint)

    def __init__(self, line: Line, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.line = line
        self.setAccessibleName(line.text)
        self.setAccessibleDescription(" ".join(filter(None, (line.badge, line.note, line.more))))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(
            lambda at: self.trace_requested.emit(line.link, self.mapToGlobal(at))
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(8)
        if line.icon_name:
            row.addWidget(IconLabel(line.icon_name, line.icon_tone))
        if line.badge:
            row.addWidget(Badge(line.badge, line.badge_tone))
        row.addWidget(ElidedLabel(line.text), 1)
        if line.note:
            note = PlainLabel(line.note, "small")
            restyle(note, tone=line.note_tone or "muted")
            row.addWidget(note)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setToolTip(tip("\n".join(filter(None, (line.text, line.more)))))

    def sizeHint(self) -> QSize:
        """Return a size that is the same for all lines."""
        return QSize(200, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        """Return the room for a few letters."""
        return QSize(120, _HEIGHT)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the ground under the pointer, and a border with the keyboard."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(token("hover") if self.underMouse() else Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(token("accent"), 2.0) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), RADIUS, RADIUS)


class LineCard(QFrame):
    """A card with a heading, a sentence and lines.

    `chosen` carries the link of a line, `trace_requested` the link and the place where it was asked for.

    Args:
        title: Its heading.
    """

    chosen = Signal(object)
    trace_requested = Signal(object, QPoint)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(title)
        self._lines: tuple[Line, ...] | None = None
        self._rows: list[LinkRow] = []
        self._note = ElidedLabel("", "small")
        self._note.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._words = PlainLabel("", "muted", wrap=True)
        self._words.setContentsMargins(8, 0, 8, 0)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.setSpacing(8)
        head.addWidget(PlainLabel(title, "section"))
        head.addWidget(self._note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 8)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self._words)
        self.middle = QVBoxLayout()
        self.middle.setContentsMargins(8, 0, 8, 0)
        column.addLayout(self.middle)
        self._column = QVBoxLayout()
        self._column.setSpacing(0)
        column.addLayout(self._column)
        column.addStretch(1)

    @property
    def lines(self) -> tuple[Line, ...]:
        """The lines shown."""
        return self._lines or ()

    def rows(self) -> list[LinkRow]:
        """Return the lines as widgets, from the top."""
        return list(self._rows)

    def show_words(self, words: str, tone: str = "", note: str = "") -> None:
        """Say what the lines come to, and a few words at the right of the heading."""
        self._words.setText(words)
        self._words.setVisible(bool(words))
        restyle(self._words, tone=tone or "muted")
        self._note.setText(note)
        self.setAccessibleDescription(" ".join(filter(None, (note, words))))

    def show_lines(self, lines: Sequence[Line]) -> None:
        """Show these lines; where they are the same nothing is touched; the keyboard stays there."""
        if tuple(lines) == self._lines:
            return
        focused = next((place for place, row in enumerate(self._rows) if row.hasFocus()), None)
        for row in self._rows:
            row.hide()
            row.deleteLater()
        self._lines = tuple(lines)
        self._rows = [LinkRow(line) for line in lines]
        for row in self._rows:
            row.clicked.connect(lambda _checked=False, link=row.line.link: self.chosen.emit(link))
            row.trace_requested.connect(self.trace_requested)
            self._column.addWidget(row)
        if focused is not None and self._rows:
            self._rows[min(focused, len(self._rows) - 1)].setFocus()


def more_line(count: int, link: Link) -> Line:
    """Return the line that leads to what is not shown."""
    return Line(tr("and {count} more", count=count), link, icon_name="dots-three")
