"""A table whose cells are changed in place."""

from collections.abc import Callable, Hashable, Sequence
from datetime import date
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QComboBox,
    QLineEdit,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.gui.item_models.records import Column, Editor, Index
from workbench.gui.theme import token
from workbench.gui.widgets.date_field import DateField
from workbench.gui.widgets.person_combo import PersonCombo
from workbench.gui.widgets.table import CellDelegate, Table

T = TypeVar("T")
_NOTHING = object()


class EditableTable(Table[T], Generic[T]):
    """Records in rows; F2, Enter or a double click changes the current cell where its column has an editor.

    `edited` carries record, field and value. Records that arrive while a cell is being changed wait.
    Arrows left and right walk through the cells of a row.
    """

    edited = Signal(object, str, object)

    def __init__(
        self,
        columns: Sequence[Column[T]],
        name: str,
        *,
        key: str = "",
        identity: Callable[[T], Hashable] | None = None,
        empty_text: str = "",
        multiple: bool = False,
        essential: int = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            *(columns, name),
            key=key,
            identity=identity,
            empty_text=empty_text,
            multiple=multiple,
            essential=essential,
            parent=parent,
        )
        self._waiting: Sequence[T] | None = None
        self.setItemDelegate(_EditDelegate(self))
        self.set_editable(True)

    def set_editable(self, editable: bool) -> None:
        """Let cells be changed, or only be read."""
        triggers = QAbstractItemView.EditTrigger
        wanted = triggers.DoubleClicked | triggers.EditKeyPressed if editable else triggers.NoEditTriggers
        self.setEditTriggers(wanted)

    def set_records(self, records: Sequence[T]) -> None:
        """Show these records, once no cell is being changed; the current cell stays the current one."""
        if self.state() == QAbstractItemView.State.EditingState:
            self._waiting = records
            return
        column, focused = self.currentIndex().column(), self.hasFocus()
        super().set_records(records)
        self._waiting = None
        if column > 0 and self.currentIndex().isValid():
            index = self.model().index(self.currentIndex().row(), column)
            self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
        if focused:
            self.setFocus()

    def edit_current(self) -> bool:
        """Change the current cell; returns whether it can be."""
        index = self.currentIndex()
        may = self.editTriggers() != QAbstractItemView.EditTrigger.NoEditTriggers
        if not may or not index.isValid() or not index.flags() & Qt.ItemFlag.ItemIsEditable:
            return False
        self.edit(index)
        return True

    def editor_of(self, column: int) -> Editor[T] | None:
        """Return how a column is changed."""
        return self._columns[column].editor

    def record_at(self, row: int) -> T:
        """Return the record of a row."""
        return self._model.record(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Change the current cell with Enter where that can be done; all else as usual."""
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if not (is_enter and self.state() != QAbstractItemView.State.EditingState and self.edit_current()):
            super().keyPressEvent(event)

    def closeEditor(self, editor: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        """Close the entry, keep the keyboard here, and show what has waited."""
        super().closeEditor(editor, hint)
        self.setFocus()
        if self._waiting is not None:
            self.set_records(self._waiting)


class _EditDelegate(CellDelegate):
    """Draws the current cell with a frame and makes the entries."""

    def __init__(self, table: EditableTable[Any]) -> None:
        super().__init__(table)
        self._table = table

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        shown: Any = option
        is_current = index.row() == self._table.currentIndex().row() and (
            index.column() == self._table.currentIndex().column()
        )
        if is_current and self._table.hasFocus() and shown.state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(token("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(shown.rect.adjusted(1, 1, -2, -2))

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return the entry of a cell."""
        editor = self._table.editor_of(index.column())
        entry: QWidget
        if editor is not None and editor.kind == "person":
            (_, nobody), *people = editor.choices()
            entry = PersonCombo(nobody, parent)
            entry.set_people(people)
            # Enter settles the entry by itself; only a choice out of the list is left to finish.
            queued = Qt.ConnectionType.QueuedConnection
            entry.activated.connect(lambda _at, made=entry: self._finish_open(made), queued)
        elif editor is not None and editor.kind == "choice":
            entry = QComboBox(parent)
            for value, title in editor.choices():
                entry.addItem(title, value)
            entry.activated.connect(lambda _at, made=entry: self._finish(made))
        elif editor is not None and editor.kind == "day":
            entry = DateField("", parent)
        else:
            entry = QLineEdit(parent)
        entry.setAccessibleName(self._table._columns[index.column()].title)
        entry.setProperty("cell", True)
        return entry

    def setEditorData(self, entry: QWidget, index: Index) -> None:
        """Enter what the cell holds."""
        editor = self._table.editor_of(index.column())
        if editor is None:
            return
        value = editor.value(self._table.record_at(index.row()))
        if isinstance(entry, PersonCombo):
            entry.show_person(value)
            entry.setFocus()
        elif isinstance(entry, QComboBox):
            entry.setCurrentIndex(entry.findData(value))
        elif isinstance(entry, DateField):
            entry.set_day(value or date.today())
            entry.selectAll()
        elif isinstance(entry, QLineEdit):
            entry.setText(str(value))
            # All is selected, with its beginning in sight.
            entry.setSelection(len(str(value)), -len(str(value)))

    def setModelData(  # noqa: N802 - the name is Qt's
        self, entry: QWidget, _model: QAbstractItemModel, index: Index
    ) -> None:
        """Tell what was entered, where it is something else than before."""
        editor = self._table.editor_of(index.column())
        if editor is None:
            return
        record = self._table.record_at(index.row())
        value = _entered(entry)
        if value is not _NOTHING and value != editor.value(record):
            self._table.edited.emit(record, editor.field, value)

    def updateEditorGeometry(self, entry: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        """Let the entry fill the cell, and be wide enough to be used."""
        shown: Any = option
        rect = QRect(shown.rect)
        rect.setWidth(max(rect.width(), 120 if isinstance(entry, QLineEdit) else 136))
        entry.setGeometry(rect.adjusted(1, 1, -1, -2))

    def _finish_open(self, entry: QWidget) -> None:
        if self._table.state() == QAbstractItemView.State.EditingState:
            self._finish(entry)

    def _finish(self, entry: QWidget) -> None:
        self.commitData.emit(entry)
        self.closeEditor.emit(entry)


def _entered(entry: QWidget) -> Any:
    if isinstance(entry, PersonCombo):
        return entry.value()
    if isinstance(entry, QComboBox):
        return entry.currentData() if entry.currentIndex() >= 0 else _NOTHING
    if isinstance(entry, DateField):
        day = entry.value()
        return _NOTHING if isinstance(day, str) else day
    return entry.text().strip() if isinstance(entry, QLineEdit) else _NOTHING
