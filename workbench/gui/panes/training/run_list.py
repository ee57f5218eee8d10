"""The list of runs: one row a run, as it stands now."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QListView, QWidget

from workbench.core.records import Job
from workbench.gui.panes.training.rows import RunRow
from workbench.gui.panes.training.run_delegate import ROW, RunDelegate, group_words, last_words, star_area
from workbench.gui.panes.training.words import model_words
from workbench.gui.theme import token
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip
from workbench.gui.widgets.run_states import state_word

Index = QModelIndex | QPersistentModelIndex
_Flag = QItemSelectionModel.SelectionFlag


class RunListModel(QAbstractListModel):
    """Runs as rows; `data(ROW)` is the RunRow."""

    renamed = Signal(int, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.rows: list[RunRow] = []

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of runs."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = 0) -> Any:
        """Return what a row shows."""
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row.run.name
        if role == ROW:
            return row
        if role == Qt.ItemDataRole.ToolTipRole:
            parts = (row.run.name, model_words(row.run), group_words(row, whole=True), row.run.notes)
            return tip("\n".join(part for part in parts if part))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(_spoken(row))
        return None

    def setData(self, index: Index, value: Any, _role: int = 0) -> bool:
        """Ask for another name; the row shows it once the project has it."""
        self.renamed.emit(self.rows[index.row()].run.id, str(value))
        return False

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a row: one that waits can be dragged to another place."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid():
            flags |= Qt.ItemFlag.ItemIsEditable
            if self.rows[index.row()].place:
                flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def supportedDropActions(self) -> Qt.DropAction:
        """Return that rows are moved, never copied."""
        return Qt.DropAction.MoveAction


def _spoken(row: RunRow) -> list[str]:
    words = [row.run.name, model_words(row.run), group_words(row, whole=True), state_word(row.run.state)]
    words += [tr("starred")] if row.run.starred else []
    words.append(last_words(row))
    return [word for word in words if word]


class RunListView(QListView):
    """The rows; several can be selected. What is done to a run is asked for, never done here.

    `selection_changed` carries the ids of the selected runs, from top to bottom; `star_requested` and
    `rename_requested` the id of a run; `menu_requested` the place of a context menu on the screen;
    `move_requested` the ids of waiting runs and the place in the queue, from 0, that they were dragged to.
    """

    selection_changed = Signal(list)
    star_requested = Signal(int)
    rename_requested = Signal(int, str)
    menu_requested = Signal(object)
    move_requested = Signal(list, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = RunListModel(self)
        self._pending: list[RunRow] | None = None
        self._refilling = False
        self._gap: int | None = None
        self._model.renamed.connect(self.rename_requested)
        self.setModel(self._model)
        self.setItemDelegate(RunDelegate(self))
        self.setAccessibleName(tr("Runs"))
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.set_movable(False)
        self.setDropIndicatorShown(False)
        self.selectionModel().selectionChanged.connect(self._on_selection)

    def set_rows(self, rows: Sequence[RunRow]) -> None:
        """Show these rows; selection, scroll and a name that is being typed stay."""
        rows = list(rows)
        same = [row.run.id for row in rows] == [row.run.id for row in self._model.rows]
        if same:
            changed = [at for at, row in enumerate(rows) if row != self._model.rows[at]]
            self._model.rows = rows
            for at in changed:
                index = self._model.index(at)
                self._model.dataChanged.emit(index, index)
        elif self.state() == QAbstractItemView.State.EditingState:
            self._pending = rows
        else:
            self._refill(rows)

    def set_movable(self, movable: bool) -> None:
        """Say whether waiting runs may be dragged within the queue."""
        mode = QAbstractItemView.DragDropMode
        self.setDragDropMode(mode.InternalMove if movable else mode.NoDragDrop)

    def set_job(self, run_id: int, job: Job | None) -> None:
        """Show how far the work on a run is."""
        for at, row in enumerate(self._model.rows):
            if row.run.id == run_id:
                self._model.rows[at] = replace(row, job=job)
                index = self._model.index(at)
                self._model.dataChanged.emit(index, index)

    def rows(self) -> list[RunRow]:
        """Return the rows, from top to bottom."""
        return list(self._model.rows)

    def selected(self) -> list[int]:
        """Return the ids of the selected runs, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedIndexes())
        return [self._model.rows[row].run.id for row in rows]

    def current(self) -> int | None:
        """Return the id of the run that the details are about: of the selected ones, the last touched."""
        selected = self.selected()
        index = self.currentIndex()
        run_id = self._model.rows[index.row()].run.id if index.isValid() else None
        return run_id if run_id in selected else (selected[0] if selected else None)

    def select(self, run_id: int) -> bool:
        """Select one run and scroll to it; False when it is not here."""
        for at, row in enumerate(self._model.rows):
            if row.run.id == run_id:
                self.selectionModel().setCurrentIndex(self._model.index(at), _Flag.ClearAndSelect)
                self.scrollTo(self._model.index(at))
                return True
        return False

    def select_something(self, place: int) -> None:
        """Where nothing is selected, select the row at this place, or the last one above it."""
        if not self.selected() and self._model.rows:
            row = self._model.rows[max(0, min(place, len(self._model.rows) - 1))]
            self.select(row.run.id)

    def rename(self) -> None:
        """Edit the name of the current run in place."""
        if self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def waiting(self) -> list[int]:
        """Return the ids of the runs that wait, the next one first."""
        return [row.run.id for row in self._model.rows if row.place]

    def _gap_at(self, place: QPoint) -> int | None:
        """Return before which row what is dragged would land; only among the runs that wait."""
        rows = [at for at, row in enumerate(self._model.rows) if row.place]
        if not rows:
            return None
        index = self.indexAt(place)
        if not index.isValid():
            last = rows[-1] == len(self._model.rows) - 1
            return rows[-1] + 1 if last and place.y() >= 0 else None
        gap = index.row() + (place.y() > self.visualRect(index).center().y())
        return gap if rows[0] <= gap <= rows[-1] + 1 else None

    def _show_gap(self, gap: int | None) -> None:
        if gap != self._gap:
            self._gap = gap
            self.viewport().update()

    def _refill(self, rows: list[RunRow]) -> None:
        before, current = self.selected(), self.current()
        place = self.verticalScrollBar().value()
        self._refilling = True
        self._model.beginResetModel()
        self._model.rows = rows
        self._model.endResetModel()
        places = {row.run.id: at for at, row in enumerate(rows)}
        selection = self.selectionModel()
        if current in places:
            selection.setCurrentIndex(self._model.index(places[current]), _Flag.NoUpdate)
        for run_id in before:
            if run_id in places:
                selection.select(self._model.index(places[run_id]), _Flag.Select)
        self._refilling = False
        self.verticalScrollBar().setValue(place)
        if set(before) != set(self.selected()):
            self._on_selection()

    def _on_selection(self, *_: object) -> None:
        if not self._refilling:
            self.selection_changed.emit(self.selected())

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Take up what came while a name was being typed."""
        super().closeEditor(editor, hint)
        if self._pending is not None:
            rows, self._pending = self._pending, None
            self._refill(rows)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on the star stars the run."""
        place = event.position().toPoint()
        index = self.indexAt(place)
        left = event.button() == Qt.MouseButton.LeftButton
        if left and index.isValid() and star_area(self.visualRect(index)).contains(place):
            self.star_requested.emit(self._model.rows[index.row()].run.id)
            return
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave letters and the space bar to the keys of the pane."""
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if plain and event.text() and event.text().isprintable():
            event.ignore()
            return
        super().keyPressEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Show where the runs would land."""
        super().dragMoveEvent(event)  # scrolls at the edges
        gap = self._gap_at(event.position().toPoint()) if event.source() is self else None
        self._show_gap(gap)
        event.setAccepted(gap is not None)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Show no place any more."""
        super().dragLeaveEvent(event)
        self._show_gap(None)

    def dropEvent(self, event: QDropEvent) -> None:
        """Ask for the new order; the rows stand in it once the project has it."""
        gap = self._gap_at(event.position().toPoint()) if event.source() is self else None
        self._show_gap(None)
        # Not a move for Qt, which would take the rows away itself.
        event.setDropAction(Qt.DropAction.IgnoreAction)
        event.accept()
        chosen = [row.run.id for row in self._model.rows if row.place and row.run.id in set(self.selected())]
        if gap is not None and chosen:
            above = [row.run.id for row in self._model.rows[:gap] if row.place]
            self.move_requested.emit(chosen, len(above) - len(set(above) & set(chosen)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the place where dragged runs would land as a line."""
        super().paintEvent(event)
        if self._gap is not None:
            before = self._gap > 0
            rect = self.visualRect(self._model.index(self._gap - 1 if before else 0))
            painter = QPainter(self.viewport())
            painter.setPen(QPen(token("accent"), 2))
            y = rect.bottom() + 1 if before else rect.top() + 1
            painter.drawLine(rect.left() + 4, y, rect.right() - 4, y)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer all that can be done; from the keyboard beside the current row."""
        index = self.currentIndex()
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and index.isValid():
            place = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid() and self.selected():
            self.menu_requested.emit(place)
