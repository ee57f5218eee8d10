"""How one run looks in the list."""

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from workbench.gui.panes.training.words import model_words, progress_share, progress_words, result_words
from workbench.gui.theme import RADIUS, SMALL_PX, body_font, figure_font, run_color, token
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


class RunDelegate(QStyledItemDelegate):
    """Draws dot, name and star; model, learning rate and seed; state, or progress while at work."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the height of three lines and a bar, the same for all: states change, rows do not jump."""
        return QSize(160, 80)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw one row."""
        rect, state = _parts(option)
        row = index.data(ROW)
        run = row.run
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        _paint_ground(painter, QRectF(rect).adjusted(0, 1, 0, -1), state)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(run_color(run.id))
        painter.drawEllipse(QPointF(_LEFT + rect.left() + 4.5, rect.top() + _NAME_TOP + _LINE / 2), 4.5, 4.5)
        left, top = rect.left() + _TEXT, rect.top() + _NAME_TOP
        room = rect.right() - 8 - left
        painter.setFont(body_font(weight=QFont.Weight.DemiBold))
        _text(painter, QRectF(left, top, room - 24, _LINE), run.name, "text")
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        _paint_star(painter, star_area(rect), run.starred, hovered)
        painter.setFont(figure_font(SMALL_PX))
        _text(painter, QRectF(left, top + _LINE, room, _LINE), model_words(run), "muted")
        last = QRectF(left, top + 2 * _LINE, room, _LINE)
        if run.state.active:
            bar = QRectF(left, top + 2 * _LINE + 3, room, 4)
            _paint_bar(painter, bar, progress_share(run, row.job), state_color(run.state))
            _text(painter, last.translated(0, 8), progress_words(run, row.job), "muted")
        else:
            word = state_word(run.state)
            _text(painter, last, word, state_color(run.state))
            width = painter.fontMetrics().horizontalAdvance(word)
            if result := result_words(run):
                _text(painter, last.adjusted(width, 0, 0, 0), f" · {result}", "muted")
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
        rect, _ = _parts(option)
        editor.setGeometry(rect.left() + 20, rect.top() + 3, rect.width() - 24, 30)


def _paint_ground(painter: QPainter, rect: QRectF, state: Any) -> None:
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


def _text(painter: QPainter, rect: QRectF, text: str, tone: str) -> None:
    painter.setPen(token(tone))
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), shown)


def _parts(option: Any) -> tuple[QRect, Any]:
    """Return rectangle and state, which PySide's type stubs do not know of a style option."""
    return option.rect, option.state
