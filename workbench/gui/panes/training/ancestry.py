"""The tree of a run: where it came from, what came from it, and what was changed on the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyledItemDelegate, QWidget

from workbench.core.records import Run
from workbench.gui.panes.training.ancestry_words import ChangeWords
from workbench.gui.panes.training.run_delegate import ROW, paint_ground, paint_text, parts_of
from workbench.gui.panes.training.words import model_words, result_words
from workbench.gui.theme import SMALL_PX, body_font, figure_font, run_color, token
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip
from workbench.gui.widgets.run_states import state_color, state_word
from workbench.services.ancestry import Kin, kin_of

Index = QModelIndex | QPersistentModelIndex
_STEP = 12
_DEEPEST = 6
_LINE = 20
_LESS = 16
_TOP = 8
_MOST_LINES = 2


@dataclass(frozen=True, slots=True)
class KinRow:
    """A run in the tree, with what was changed in words."""

    kin: Kin
    changes: tuple[str, ...]

    @property
    def run(self) -> Run:
        """The run."""
        return self.kin.run

    @property
    def words(self) -> str:
        """What was changed; of the first run, what it is."""
        if not self.kin.depth:
            return model_words(self.run)
        return ", ".join(self.changes) or tr("the same settings")


def kin_rows(runs: Mapping[int, Run], run_id: int | None, words: ChangeWords) -> list[KinRow]:
    """Return the tree of a run from top to bottom; empty without a run."""
    if run_id is None or run_id not in runs:
        return []
    return [
        KinRow(kin, tuple(words.of(change, kin.run) for change in kin.changes))
        for kin in kin_of(runs, run_id)
    ]


class _KinModel(QAbstractListModel):
    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[KinRow] = []

    def set_rows(self, rows: list[KinRow]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of runs."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = 0) -> Any:
        """Return what a row shows."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return row.run.name
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip("\n".join((row.run.name, *(row.changes or (row.words,)))))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(self._spoken(row))
        return None

    def _spoken(self, row: KinRow) -> list[str]:
        words = [row.run.name]
        if row.kin.depth:
            parent = next(it.run.name for it in self.rows if it.run.id == row.run.parent_id)
            words.append(tr("from {parent}", parent=parent))
        return [*words, row.words, *state_words(row.run)]


def state_words(run: Run) -> list[str]:
    """Return state and main result of a run; of a deleted one that it is."""
    state = tr("deleted") if run.deleted_at is not None else state_word(run.state)
    return [word for word in (state, result_words(run)) if word]


class AncestryView(QListView):
    """The tree, drawn with its branches. `chosen` carries the id of a run that was clicked or walked to.

    Left goes to the parent, Right to the first child.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _KinModel(self)
        self._filling = False
        self.setModel(self._model)
        self.setItemDelegate(_KinDelegate(self))
        self.setAccessibleName(tr("Ancestry"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.selectionModel().currentChanged.connect(self._on_current)

    def set_rows(self, rows: Sequence[KinRow], current: int | None) -> None:
        """Show a tree with one of its runs selected."""
        rows = list(rows)
        self._filling = True
        if rows != self._model.rows:
            place = self.verticalScrollBar().value()
            self._model.set_rows(rows)
            self.verticalScrollBar().setValue(place)
        at = next((at for at, row in enumerate(rows) if row.run.id == current), None)
        if at is not None and at != self.currentIndex().row():
            index = self._model.index(at)
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, flag)
            self.scrollTo(index)
        self._filling = False

    def rows(self) -> list[KinRow]:
        """Return the rows, from top to bottom."""
        return list(self._model.rows)

    def _on_current(self, index: QModelIndex, _before: QModelIndex) -> None:
        if index.isValid() and not self._filling:
            self.chosen.emit(self._model.rows[index.row()].run.id)

    def _go(self, *, up: bool) -> None:
        index = self.currentIndex()
        if not index.isValid():
            return
        run = self._model.rows[index.row()].run
        for at, row in enumerate(self._model.rows):
            if row.run.id == run.parent_id if up else row.run.parent_id == run.id and row.kin.depth:
                self.setCurrentIndex(self._model.index(at))
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Walk the tree; letters and the space bar are the keys of the pane."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(up=event.key() == Qt.Key.Key_Left)
        elif plain and event.text() and event.text().isprintable():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap the changes anew."""
        super().resizeEvent(event)
        self.scheduleDelayedItemsLayout()


class _KinDelegate(QStyledItemDelegate):
    """Draws branches and dot, name, state with result, and what was changed in up to two lines."""

    def __init__(self, view: QListView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: Any, index: Index) -> QSize:
        """Return the height of name, state and what was changed."""
        row = index.data(ROW)
        room = self._view.viewport().width() - _left(row.kin) - 8
        return QSize(120, _TOP + 2 * _LINE + _LESS * len(_lines(row, room)) + 8)

    def paint(self, painter: QPainter, option: Any, index: Index) -> None:
        """Draw one run."""
        rect, state = parts_of(option)
        row = index.data(ROW)
        run, deleted = row.run, row.run.deleted_at is not None
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ground(painter, QRectF(rect).adjusted(0, 1, 0, -1), state)
        begins = index.row() + 1 < index.model().rowCount() and (
            index.model().index(index.row() + 1, 0).data(ROW).kin.depth > row.kin.depth
        )
        _paint_branches(painter, rect, row.kin, begins)
        dot = QPointF(rect.left() + _dot(row.kin), rect.top() + _TOP + _LINE / 2)
        painter.setPen(QPen(run_color(run.id), 1.5) if deleted else Qt.PenStyle.NoPen)
        painter.setBrush(token("raised") if deleted else run_color(run.id))
        painter.drawEllipse(dot, 4.5, 4.5)
        left, top = rect.left() + _left(row.kin), rect.top() + _TOP
        room = rect.right() - 8 - left
        painter.setFont(body_font(weight=QFont.Weight.DemiBold))
        paint_text(painter, QRectF(left, top, room, _LINE), run.name, "muted" if deleted else "text")
        painter.setFont(figure_font(SMALL_PX))
        line = QRectF(left, top + _LINE, room, _LINE)
        first, *rest = state_words(run)
        paint_text(painter, line, first, "muted" if deleted else state_color(run.state))
        if rest:
            metrics = painter.fontMetrics()
            width = metrics.horizontalAdvance(first)
            result = f" · {rest[0]}"
            if width + metrics.horizontalAdvance(result) > room:
                result = f" · {rest[0].split(' ')[-1]}"  # the number alone
            paint_text(painter, line.adjusted(width, 0, 0, 0), result, "muted")
        for number, text in enumerate(_lines(row, room)):
            area = QRectF(left, top + 2 * _LINE + number * _LESS, room, _LESS)
            paint_text(painter, area, text, "text" if row.kin.depth else "muted")
        painter.restore()


def _dot(kin: Kin) -> float:
    return 12.0 + _STEP * min(kin.depth, _DEEPEST)


def _left(kin: Kin) -> int:
    return round(_dot(kin)) + 12


def _paint_branches(painter: QPainter, rect: QRect, kin: Kin, begins: bool) -> None:
    """Draw the lines that lead to a run and past it; beyond the deepest column they stand on one place."""
    painter.setPen(QPen(token("edge"), 1))
    top, bottom = float(rect.top()), float(rect.bottom() + 1)
    middle = top + _TOP + _LINE / 2
    for level, is_last in enumerate(kin.last[:_DEEPEST], start=1):
        x = rect.left() + 12.0 + _STEP * (level - 1)
        if level == kin.depth:
            painter.drawLine(QPointF(x, top), QPointF(x, middle if is_last else bottom))
            painter.drawLine(QPointF(x, middle), QPointF(x + _STEP, middle))
        elif not is_last:
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    if kin.depth > _DEEPEST:
        x = rect.left() + _dot(kin)
        painter.drawLine(QPointF(x, top), QPointF(x, middle))
    if begins:
        x = rect.left() + _dot(kin)
        painter.drawLine(QPointF(x, middle), QPointF(x, bottom))


def _lines(row: KinRow, room: int) -> list[str]:
    """Return in at most two lines what was changed: as much as fits, and how much more there is."""
    words = row.changes or (row.words,)
    lines: list[str] = []
    for shown in range(len(words), 0, -1):
        text = ", ".join(words[:shown])
        if shown < len(words):
            text = tr("{changes}, +{count}\u00a0more", changes=text, count=len(words) - shown)
        lines = _wrapped(text, room)
        if len(lines) <= _MOST_LINES:
            return lines
    return [*lines[: _MOST_LINES - 1], " ".join(lines[_MOST_LINES - 1 :])]  # elided when it is drawn


def _wrapped(text: str, room: int) -> list[str]:
    metrics = QFontMetrics(figure_font(SMALL_PX))
    lines: list[str] = []
    rest = text.split(" ")
    while rest:
        count = len(rest)
        while count > 1 and metrics.horizontalAdvance(" ".join(rest[:count])) > room:
            count -= 1
        lines.append(" ".join(rest[:count]))
        rest = rest[count:]
    return lines
