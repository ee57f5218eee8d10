"""How one run looks in the list."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.gui.panes.training.rows import RunRow
from workbench.gui.panes.training.words import (
    model_words,
    never_began,
    place_words,
    progress_share,
    progress_words,
    result_words,
)
from workbench.gui.theme import RADIUS, SMALL_PX, body_font, figure_font, icon, run_color, token
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import star
from workbench.gui.widgets.run_states import state_color, state_word

Index = QModelIndex | QPersistentModelIndex
ROW = Qt.ItemDataRole.UserRole + 1
_LEFT = 12
_TEXT = 28
_NAME_TOP = 8
_LINE = 20


def star_area(rect: QRect) -> QRect:
    """Return where the star of a row is clicked."""
    return QRect(rect.right() - 31, rect.top() + 4, 28, 28)


def group_words(row: RunRow, *, whole: bool = False) -> str:
    """Return which of several seeds a run is, and their mean: `seed 2 of 5 · 0.953 ± 0.004`.

    Args:
        row: The run.
        whole: Whether to say what the mean is of as well.
    """
    repeat = row.repeat
    if repeat is None:
        return ""
    if not repeat.mean_words:
        return repeat.seed_words
    mean = f"{repeat.count_words} {repeat.mean_words}" if whole else repeat.mean_words
    return f"{repeat.seed_words} · {mean}"


def last_words(row: RunRow) -> str:
    """Return what stands last of a run: its place, how far it is, or its result."""
    if row.place:
        return place_words(row.place)
    if row.run.state.active:
        return progress_words(row.run, row.job)
    return tr("had not begun") if never_began(row.run) else result_words(row.run)


class RunDelegate(QStyledItemDelegate):
    """Draws dot, name and star; model, learning rate and seed; state, or progress while at work."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of three lines and a bar, the same for all: states change, rows do not jump."""
        return QSize(160, 80)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        rect, state = parts_of(option)
        row = index.data(ROW)
        run = row.run
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ground(painter, QRectF(rect).adjusted(0, 1, 0, -1), state)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(run_color(run.id))
        painter.drawEllipse(QPointF(_LEFT + rect.left() + 4.5, rect.top() + _NAME_TOP + _LINE / 2), 4.5, 4.5)
        left, top = rect.left() + _TEXT, rect.top() + _NAME_TOP
        room = rect.right() - 8 - left
        painter.setFont(body_font(weight=QFont.Weight.DemiBold))
        paint_text(painter, QRectF(left, top, room - 24, _LINE), run.name, "text")
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        _paint_star(painter, star_area(rect), run.starred, hovered)
        painter.setFont(figure_font(SMALL_PX))
        second = group_words(row) or model_words(run)
        paint_text(painter, QRectF(left, top + _LINE, room, _LINE), second, "muted")
        last, words = QRectF(left, top + 2 * _LINE, room, _LINE), last_words(row)
        if row.place:
            paint_text(painter, last.adjusted(0, 0, -20, 0), words, "muted")
            if hovered and index.flags() & Qt.ItemFlag.ItemIsDragEnabled:
                area = QRect(rect.right() - 25, rect.top() + _NAME_TOP + 2 * _LINE + 2, 16, 16)
                icon("dots-six-vertical", "faint").paint(painter, area)
        elif run.state.active:
            bar = QRectF(left, top + 2 * _LINE + 3, room, 4)
            _paint_bar(painter, bar, progress_share(run, row.job), state_color(run.state))
            paint_text(painter, last.translated(0, 8), words, "muted")
        else:
            word = state_word(run.state)
            paint_text(painter, last, word, state_color(run.state))
            width = painter.fontMetrics().horizontalAdvance(word)
            if words:
                paint_text(painter, last.adjusted(width, 0, 0, 0), f" · {words}", "muted")
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return a line for the new name."""
        editor = QLineEdit(parent)
        editor.setAccessibleName(tr("Name"))
        editor.setMaxLength(200)
        return editor

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show the name, unless another is being typed: progress must not wipe it out."""
        if isinstance(editor, QLineEdit) and not editor.isModified():
            editor.setText(index.data(Qt.ItemDataRole.EditRole))

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        """Put the line where the name stands."""
        rect, _ = parts_of(option)
        editor.setGeometry(rect.left() + 20, rect.top() + 3, rect.width() - 24, 30)


def paint_ground(painter: QPainter, rect: QRectF, state: Any) -> None:
    """Draw the ground of a row that is selected or under the mouse."""
    selected = bool(state & QStyle.StateFlag.State_Selected)
    if not selected and not state & QStyle.StateFlag.State_MouseOver:
        return
    painter.setBrush(token("accent_ground" if selected else "hover"))
    # The keyboard's place is told by a border, so that it shows among several selected rows.
    focused = selected and state & QStyle.StateFlag.State_HasFocus
    painter.setPen(QPen(token("accent"), 1) if focused else QPen(Qt.PenStyle.NoPen))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS, RADIUS)


def _paint_star(painter: QPainter, area: QRect, starred: bool, hovered: bool) -> None:
    if not starred and not hovered:
        return
    painter.setPen(QPen(token("text" if starred else "faint"), 1))
    painter.setBrush(token("text") if starred else Qt.BrushStyle.NoBrush)
    painter.drawPolygon(star(QPointF(area.center()), 6))


def _paint_bar(painter: QPainter, rect: QRectF, share: float, tone: str) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(token("pressed"))
    painter.drawRoundedRect(rect, 2, 2)
    if share > 0:
        painter.setBrush(token("accent" if tone == "accent" else tone))
        painter.drawRoundedRect(QRectF(rect.left(), rect.top(), max(4.0, rect.width() * share), 4), 2, 2)


def paint_text(painter: QPainter, rect: QRectF, text: str, tone: str) -> None:
    """Draw one line of text, elided."""
    painter.setPen(token(tone))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)


def parts_of(option: Any) -> tuple[QRect, Any]:
    """Return rectangle and state, which PySide's type stubs do not know of a style option."""
    return option.rect, option.state
