"""The rows of one lane: cards and headings, told row by row as they change."""

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtWidgets import QWidget

from workbench.gui.widgets.kanban_card import LOOK, CardLook, Section
from workbench.gui.widgets.labels import tip

Index = QModelIndex | QPersistentModelIndex
Row = int | Section
"""A card by its id, or the heading of a group."""


class CardModel(QAbstractListModel):
    """Cards and headings as rows. What a card shows is asked for when it is needed.

    Args:
        look: Returns what the card with an id shows.
        parent: The view.
    """

    def __init__(self, look: Callable[[int], CardLook], parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.rows: Sequence[Row] = ()
        self.sizes: Sequence[QSize] = ()
        self.movable = True

    def set_rows(self, rows: Sequence[Row], sizes: Sequence[QSize]) -> None:
        """Take other rows: a card that came, went or moved is told as that, all else as a reset."""
        old = self.rows
        first = next((at for at, pair in enumerate(zip(old, rows, strict=False)) if pair[0] != pair[1]), None)
        first = min(len(old), len(rows)) if first is None else first
        if tuple(old[first:]) == tuple(rows[first + 1 :]):
            self.beginInsertRows(QModelIndex(), first, first)
            self.rows, self.sizes = rows, sizes
            self.endInsertRows()
        elif tuple(old[first + 1 :]) == tuple(rows[first:]):
            self.beginRemoveRows(QModelIndex(), first, first)
            self.rows, self.sizes = rows, sizes
            self.endRemoveRows()
        elif len(old) == len(rows) and (gap := _moved(old, rows, first)):
            self.beginMoveRows(QModelIndex(), gap[0], gap[0], QModelIndex(), gap[1])
            self.rows, self.sizes = rows, sizes
            self.endMoveRows()
        else:
            self.beginResetModel()
            self.rows, self.sizes = rows, sizes
            self.endResetModel()

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = 0) -> Any:
        """Return what a row shows."""
        if not index.isValid() or role == Qt.ItemDataRole.SizeHintRole:
            return None
        row = self.rows[index.row()]
        look = row if isinstance(row, Section) else self._look(row)
        if role == LOOK:
            return look
        if role == Qt.ItemDataRole.DisplayRole:
            return look.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(look.title if isinstance(look, Section) else look.spoken)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return look.title if isinstance(look, Section) else look.spoken
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a row: headings cannot be chosen."""
        if not index.isValid() or isinstance(self.rows[index.row()], Section):
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsDragEnabled if self.movable else flags


def _moved(old: Sequence[Row], rows: Sequence[Row], first: int) -> tuple[int, int] | None:
    """Return the row that has moved and the gap it went into; None where more than that has changed.

    Args:
        old: The rows before.
        rows: As many rows as they are now.
        first: The first row that is another.
    """
    last = next(at for at in reversed(range(len(rows))) if old[at] != rows[at])
    before, after = list(old[first : last + 1]), list(rows[first : last + 1])
    if [*before[1:], before[0]] == after:
        return first, last + 1
    if [before[-1], *before[:-1]] == after:
        return last, first
    return None
