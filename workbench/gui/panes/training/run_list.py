"""The list of runs: one row a run, as it stands now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QAbstractItemView, QListView, QWidget

from workbench.core.records import Job, Run
from workbench.core.states import RunState
from workbench.gui.panes.training.run_delegate import ROW, RunDelegate, star_area
from workbench.gui.panes.training.words import model_words, progress_words, result_words
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip
from workbench.gui.widgets.run_states import state_word

Index = QModelIndex | QPersistentModelIndex
_Flag = QItemSelectionModel.SelectionFlag


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run with the job that works on it, if one does."""

    run: Run
    job: Job | None = None


def in_order(runs: Iterable[Run]) -> list[Run]:
    """Return runs as a queue reads: at work first, then waiting by turn, then ended ones, newest first."""
    rank = {RunState.RUNNING: 0, RunState.PAUSED: 0, RunState.QUEUED: 1}
    return sorted(
        runs, key=lambda run: (rank.get(run.state, 2), run.id if run.state is RunState.QUEUED else -run.id)
    )


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
            return tip(
                "\n".join(part for part in (row.run.name, model_words(row.run), row.run.notes) if part)
            )
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(_spoken(row))
        return None

    def setData(self, index: Index, value: Any, _role: int = 0) -> bool:
        """Ask for another name; the row shows it once the project has it."""
        self.renamed.emit(self.rows[index.row()].run.id, str(value))
        return False

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a row."""
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.isValid() else flags


def _spoken(row: RunRow) -> list[str]:
    run = row.run
    words = [run.name, model_words(run), state_word(run.state)]
    words += [tr("starred")] if run.starred else []
    words.append(progress_words(run, row.job) if run.state.active else result_words(run))
    return [word for word in words if word]


class RunListView(QListView):
    """The rows; several can be selected. What is done to a run is asked for, never done here.

    `selection_changed` carries the ids of the selected runs, from top to bottom; `star_requested` and
    `rename_requested` the id of a run; `menu_requested` the place of a context menu on the screen.
    """

    selection_changed = Signal(list)
    star_requested = Signal(int)
    rename_requested = Signal(int, str)
    menu_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = RunListModel(self)
        self._pending: list[RunRow] | None = None
        self._refilling = False
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

    def set_job(self, run_id: int, job: Job | None) -> None:
        """Show how far the work on a run is."""
        for at, row in enumerate(self._model.rows):
            if row.run.id == run_id:
                self._model.rows[at] = RunRow(row.run, job)
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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer all that can be done; from the keyboard beside the current row."""
        index = self.currentIndex()
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard and index.isValid():
            place = self.viewport().mapToGlobal(self.visualRect(index).center())
        if index.isValid() and self.selected():
            self.menu_requested.emit(place)
