"""How one card of a board looks, and the heading of a group of cards."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen, QTextLayout, QTextOption
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.gui.theme import (
    RADIUS,
    SMALL_PX,
    body_font,
    figure_font,
    icon,
    readable_on,
    run_color,
    token,
)
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import badge_font, paint_badge

Index = QModelIndex | QPersistentModelIndex
LOOK = Qt.ItemDataRole.UserRole + 1
"""The CardLook of a row, or its Section."""

_PAD = 10
_BETWEEN = 8
_TITLE_LINE = 18
_ROW = 20
_ROW_GAP = 6
SECTION_HEIGHT = 32
_SHORT_SIGNS = 26
# The narrowest lane without its scroll bar, the card's edges and a mark before the title.
_SHORT_WIDTH = 142


@dataclass(frozen=True, slots=True)
class CardLook:
    """What a card shows.

    Args:
        title: What is to be done.
        tags: Words to find it by.
        owner: Name of who does it; empty is nobody.
        owner_color: Number of the owner's colour.
        due: Day by which it is done, as it is read.
        overdue: Whether that day has passed.
        checked: How many lines of the checklist are done.
        checks: How many there are.
        links: How many things it points to.
        done: Whether it is done.
        archived: Whether it was put away.
        milestone: Whether it is a moment rather than work.
    """

    title: str
    tags: tuple[str, ...] = ()
    owner: str = ""
    owner_color: int = 0
    due: str = ""
    overdue: bool = False
    checked: int = 0
    checks: int = 0
    links: int = 0
    done: bool = False
    archived: bool = False
    milestone: bool = False

    @property
    def due_words(self) -> str:
        """The day, with the word when it has passed."""
        return tr("overdue {day}", day=self.due) if self.overdue else self.due

    @property
    def spoken(self) -> str:
        """Everything the card shows, as words."""
        words = [self.title]
        words += [tr("done")] if self.done else []
        words += [tr("archived")] if self.archived else []
        words += [tr("milestone")] if self.milestone else []
        words += [self.owner] if self.owner else []
        if self.due:
            words.append(self.due_words if self.overdue else tr("due {day}", day=self.due))
        if self.checks:
            words.append(tr("{done} of {all} checked", done=self.checked, all=self.checks))
        words += self.tags
        words += [tr("{count} links", count=self.links)] if self.links else []
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class Section:
    """The heading of a group of cards in a lane.

    Args:
        key: What the group is, for who gave it.
        title: How it is called.
        count: How many cards of the lane are in it.
    """

    key: str
    title: str
    count: int = 0


def initials(name: str) -> str:
    """Return one or two letters for a name; one sign for a name in Chinese."""
    words = [[sign for sign in word if sign.isalnum()] for word in name.split()]
    firsts = [word[0] for word in words if word]
    if not firsts:
        return name.strip()[:1]
    wide = ord(firsts[0]) >= 0x2E80
    return firsts[0] if wide or len(firsts) == 1 else firsts[0].upper() + firsts[-1].upper()


def card_height(title: str, *, tags: bool, facts: bool, owner: bool) -> int:
    """Return the height of a card and of the space below it, in pixels.

    Args:
        title: Its title; one that is short takes one line in the narrowest lane.
        tags: Whether it has a row of tags.
        facts: Whether it has a row of facts: day, checklist, links.
        owner: Whether it has an owner, who stands in the last row.
    """
    rows = tags + (facts or (owner and not tags))
    return 2 * _PAD + (1 if is_short(title) else 2) * _TITLE_LINE + rows * (_ROW + _ROW_GAP) + _BETWEEN


@lru_cache(maxsize=50_000)
def is_short(title: str) -> bool:
    """Return whether a title fits into one line of the narrowest lane."""
    return len(title) <= _SHORT_SIGNS and _title_metrics().horizontalAdvance(title) <= _SHORT_WIDTH


@lru_cache(maxsize=1)
def _title_metrics() -> QFontMetricsF:
    return QFontMetricsF(body_font(weight=QFont.Weight.Medium))


class CardDelegate(QStyledItemDelegate):
    """Draws cards and headings of groups. Nothing is measured: sizes of rows are known before.

    Args:
        size: Returns the size of a row.
        parent: The view.
    """

    def __init__(self, size: Callable[[int], QSize], parent: QWidget) -> None:
        super().__init__(parent)
        self._size = size

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of a row."""
        return self._size(index.row())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        shown: Any = option  # PySide's type stubs do not know the fields of a style option
        look = index.data(LOOK)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if isinstance(look, Section):
            _paint_section(painter, QRectF(shown.rect), look)
        elif isinstance(look, CardLook):
            paint_card(painter, QRectF(shown.rect).adjusted(0, 0, -1, -_BETWEEN), look, shown.state)
        painter.restore()


def _paint_section(painter: QPainter, rect: QRectF, section: Section) -> None:
    painter.setFont(body_font(SMALL_PX, QFont.Weight.DemiBold))
    line = rect.adjusted(2, 6, -2, -4)
    number = str(section.count)
    room = painter.fontMetrics().horizontalAdvance(number) + 8
    _text(painter, line.adjusted(0, 0, -room, 0), section.title, "muted")
    painter.setPen(token("muted"))
    painter.drawText(line, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), number)
    painter.setPen(QPen(token("line"), 1))
    painter.drawLine(line.bottomLeft(), line.bottomRight())


def paint_card(painter: QPainter, rect: QRectF, look: CardLook, state: Any) -> None:
    """Draw a card into `rect`.

    Args:
        painter: Where to.
        rect: The card without the space around it.
        look: What it shows.
        state: Whether it is selected, focused, under the mouse.
    """
    _paint_ground(painter, rect, state)
    quiet = look.done or look.archived
    inside = rect.adjusted(_PAD, _PAD, -_PAD, -_PAD)
    title = QRectF(inside.left(), inside.top(), inside.width(), _TITLE_LINE)
    mark = ("check-circle", "good") if look.done else ("flag", "accent") if look.milestone else None
    if mark is not None:
        area = QRect(int(title.left()), int(title.top()) + 1, 16, 16)
        icon(*mark).paint(painter, area)
        title.setLeft(title.left() + 22)
    font = body_font(weight=QFont.Weight.Medium)
    painter.setFont(font)
    lines = two_lines(look.title, font.key(), int(title.width()))
    for line in (look.title,) if is_short(look.title) else lines:
        _text(painter, title, line, "muted" if quiet else "text")
        title.translate(0, _TITLE_LINE)
    bottom = QRectF(inside.left(), inside.bottom() - _ROW, inside.width(), _ROW)
    beside = QRectF(bottom)
    if look.owner:
        circle = QRectF(bottom.right() - 22, bottom.top() - 1, 22, 22)
        paint_person(painter, circle, look.owner, look.owner_color)
        beside.setRight(circle.left() - 6)
    if look.due or look.checks or look.links or look.archived:
        _paint_facts(painter, beside, look, quiet=quiet)
        beside = bottom.translated(0, -_ROW - _ROW_GAP)
    if look.tags:
        _paint_tags(painter, beside, look.tags)


def _paint_ground(painter: QPainter, rect: QRectF, state: Any) -> None:
    selected = bool(state & QStyle.StateFlag.State_Selected)
    hovered = bool(state & QStyle.StateFlag.State_MouseOver)
    painter.setBrush(token("accent_ground" if selected else "hover" if hovered else "raised"))
    focused = selected and state & QStyle.StateFlag.State_HasFocus
    width = 2.0 if focused else 1.0
    painter.setPen(QPen(token("accent" if selected else "line"), width))
    inset = width / 2
    painter.drawRoundedRect(rect.adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)


def _paint_facts(painter: QPainter, row: QRectF, look: CardLook, *, quiet: bool) -> None:
    room = QRectF(row)
    if look.archived:
        room.setLeft(_badge(painter, room, tr("archived"), ""))
    if look.due and look.overdue:
        room.setLeft(_badge(painter, room, look.due_words, "danger"))
    elif look.due:
        room.setLeft(_fact(painter, room, "calendar-blank", look.due, "muted"))
    if look.checks:
        whole = look.checked == look.checks and not quiet
        words = f"{look.checked}/{look.checks}"
        room.setLeft(_fact(painter, room, "check-square", words, "good" if whole else "muted"))
    if look.links:
        _fact(painter, room, "link-simple", str(look.links), "muted")


def paint_person(painter: QPainter, circle: QRectF, name: str, color: int) -> None:
    """Draw the initials of a person on a disc in the person's colour."""
    ground = run_color(color)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawEllipse(circle)
    painter.setPen(readable_on(ground))
    painter.setFont(body_font(max(9, int(circle.height() * 0.45)), QFont.Weight.DemiBold))
    painter.drawText(circle, int(Qt.AlignmentFlag.AlignCenter), initials(name))


def _paint_tags(painter: QPainter, row: QRectF, tags: tuple[str, ...]) -> None:
    """Draw as many tags as fit, and how many more there are."""
    metrics = QFontMetricsF(badge_font())
    left = row.left()
    for at, tag in enumerate(tags):
        rest = len(tags) - at
        more = f"+{rest}"
        keep = 0.0 if rest == 1 else metrics.horizontalAdvance(more) + 8
        width = min(metrics.horizontalAdvance(tag) + 18, row.width())
        if at == 0:
            width = min(width, row.width() - keep)
        elif left + width > row.right() - keep:
            painter.setFont(badge_font())
            _text(painter, QRectF(left + 2, row.top(), row.right() - left, row.height()), more, "muted")
            return
        paint_badge(painter, QRectF(left, row.top(), width, row.height()), tag, "")
        left += width + 4


def _badge(painter: QPainter, room: QRectF, text: str, tone: str) -> float:
    """Draw a badge at the left of the room; returns where the room begins after it."""
    width = min(QFontMetricsF(badge_font()).horizontalAdvance(text) + 18, room.width())
    if width >= 40:
        paint_badge(painter, QRectF(room.left(), room.top(), width, room.height()), text, tone)
    return room.left() + width + 8


def _fact(painter: QPainter, room: QRectF, icon_name: str, text: str, tone: str) -> float:
    """Draw a picture and its word where they fit whole; returns where the room begins after them."""
    painter.setFont(figure_font(SMALL_PX))
    width = 18 + painter.fontMetrics().horizontalAdvance(text)
    if width > room.width():
        return room.left()
    icon(icon_name, tone).paint(painter, QRect(int(room.left()), int(room.top()) + 3, 14, 14))
    _text(painter, room.adjusted(18, 0, 4, 0), text, tone)
    return room.left() + width + 10


def _text(painter: QPainter, rect: QRectF, text: str, tone: str) -> None:
    painter.setPen(token(tone))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)


@lru_cache(maxsize=2000)
def two_lines(text: str, font_key: str, width: int) -> tuple[str, ...]:
    """Return a title broken at words into at most two lines; the second holds all the rest.

    Args:
        text: The title.
        font_key: Stands for the font of titles, which makes another line break.
        width: Room in pixels.
    """
    text = " ".join(text.split())
    layout = QTextLayout(text, body_font(weight=QFont.Weight.Medium))
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    line = layout.createLine()
    line.setLineWidth(max(1, width))
    layout.endLayout()
    # Qt counts in units of UTF-16, Python in characters.
    units = text.encode("utf-16-le", "surrogatepass")
    cut = 2 * line.textLength()
    first, rest = (part.decode("utf-16-le", "surrogatepass") for part in (units[:cut], units[cut:]))
    return (first.rstrip(), rest.strip()) if rest.strip() else (first.rstrip(),)
