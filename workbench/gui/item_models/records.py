"""Table models over records: a whole list, or windows of a list too long to hold."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from workbench.gui.theme import body_font, figure_font, token
from workbench.gui.widgets.labels import tip

T = TypeVar("T")
Index = QModelIndex | QPersistentModelIndex

BADGE_TONE = Qt.ItemDataRole.UserRole + 1
DOT_COLOR = Qt.ItemDataRole.UserRole + 2
_ROLES = frozenset(
    int(role)
    for role in (
        Qt.ItemDataRole.DisplayRole,
        Qt.ItemDataRole.ToolTipRole,
        Qt.ItemDataRole.FontRole,
        Qt.ItemDataRole.TextAlignmentRole,
        Qt.ItemDataRole.ForegroundRole,
        BADGE_TONE,
        DOT_COLOR,
    )
)
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Column(Generic[T]):
    """One column of a table.

    Args:
        title: Heading.
        get: Value of a record; sorted by, None last.
        align: Figures stand right, with digits of one width.
        show: How the value is written; None as a dash.
        tip: What the column is, for the heading's tooltip.
        stretch: Whether it takes the width that is left; one column should.
        least: Width in pixels below which a column that stretches does not go; 0 is the usual one.
        most: Width in pixels beyond which a column does not begin; 0 is the usual one.
        strong: Whether it names the record.
        tone: Token of the text's colour for a record, or empty.
        badge: Tone of a badge around the text for a record (info, good, warning, danger, quiet), or None.
        dot: Colour of a dot before the text for a record (any QColor), or None.
        words: How the cell is written where it takes the whole record to say it.
        editor: How the cell is changed in place, in a table that offers it; None where it is not.
    """

    title: str
    get: Callable[[T], Any]
    align: Literal["left", "right"] = "left"
    show: Callable[[Any], str] = str
    tip: str = ""
    stretch: bool = False
    least: int = 0
    most: int = 0
    strong: bool = False
    tone: Callable[[T], str] | None = None
    badge: Callable[[T], str | None] | None = None
    dot: Callable[[T], Any] | None = None
    words: Callable[[T], str] | None = None
    editor: "Editor[T] | None" = None

    def text(self, record: T) -> str:
        """Return what the cell of a record says."""
        if self.words is not None:
            return self.words(record)
        value = self.get(record)
        return "–" if value is None else self.show(value)


@dataclass(frozen=True)
class Editor(Generic[T]):
    """How a cell is changed in place.

    Args:
        field: What of the record it changes.
        value: What is changed, of a record.
        kind: A line of text, a choice, a day, or a choice to which a name can be added.
        choices: Value and title of what can be chosen.
    """

    field: str
    value: Callable[[T], Any]
    kind: Literal["text", "choice", "day", "person"] = "text"
    choices: Callable[[], Sequence[tuple[Any, str]]] = tuple


class ColumnsModel(QAbstractTableModel, Generic[T]):
    """What both models share: how a cell of a record looks."""

    def __init__(self, columns: Sequence[Column[T]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)

    def record(self, row: int) -> T:
        """Return the record of a row."""
        raise NotImplementedError

    def columnCount(self, parent: Index | None = None) -> int:
        """Return the number of columns."""
        return 0 if parent is not None and parent.isValid() else len(self.columns)

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Return what can be done with a cell."""
        flags = super().flags(index)
        is_open = index.isValid() and self.columns[index.column()].editor is not None
        return flags | Qt.ItemFlag.ItemIsEditable if is_open else flags

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:
        """Return a heading."""
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(column.tip)
        return None

    def data(self, index: Index, role: int = 0) -> Any:
        """Return what a cell shows."""
        # Every cell is asked for all roles whenever it is painted.
        if role not in _ROLES or not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.FontRole:
            if column.strong:
                return body_font(weight=body_font().Weight.DemiBold)
            return figure_font() if column.align == "right" else None
        record = self.record(index.row())
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(record)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tip(column.text(record))
        if role == Qt.ItemDataRole.ForegroundRole and column.tone is not None:
            name = column.tone(record)
            return token(name) if name else None
        if role == BADGE_TONE and column.badge is not None:
            return column.badge(record)
        if role == DOT_COLOR and column.dot is not None:
            return column.dot(record)
        return None


class RecordsModel(ColumnsModel[T]):
    """A table over a list of records that is held whole."""

    def __init__(self, columns: Sequence[Column[T]], parent: QObject | None = None) -> None:
        super().__init__(columns, parent)
        self._given: list[T] = []
        self._records: list[T] = []
        self._sorted_by: tuple[int, Qt.SortOrder] | None = None

    def set_records(self, records: Sequence[T]) -> None:
        """Show these records instead, sorted as before."""
        self.beginResetModel()
        self._given = list(records)
        self._records = self._in_order()
        self.endResetModel()

    def replace(self, records: Sequence[T], identity: Callable[[T], Any]) -> bool:
        """Show these records where they are the same ones in the same order; tells of changed rows alone.

        Returns whether they are; else nothing is done.
        """
        before, given = self._records, self._given
        self._given = list(records)
        after = self._in_order()
        same = len(after) == len(before) and all(
            new is old or identity(new) == identity(old) for new, old in zip(after, before, strict=True)
        )
        if not same:
            self._given = given
            return False
        self._records = after
        last = len(self.columns) - 1
        for row, (new, old) in enumerate(zip(after, before, strict=True)):
            if new is not old and new != old:
                self.dataChanged.emit(self.index(row, 0), self.index(row, last))
        return True

    def record(self, row: int) -> T:
        """Return the record of a row."""
        return self._records[row]

    def records(self) -> list[T]:
        """Return all records in the order shown."""
        return list(self._records)

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of records."""
        return 0 if parent is not None and parent.isValid() else len(self._records)

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sort by a column; -1 puts the records back into the order given. What is missing stands last."""
        self.layoutAboutToBeChanged.emit()
        before = self._records
        self._sorted_by = (column, order) if column >= 0 else None
        self._records = self._in_order()
        places = {id(record): row for row, record in enumerate(self._records)}
        for index in self.persistentIndexList():
            self.changePersistentIndex(
                index, self.index(places[id(before[index.row()])], index.column(), QModelIndex())
            )
        self.layoutChanged.emit()

    def _in_order(self) -> list[T]:
        if self._sorted_by is None:
            return list(self._given)
        column, order = self._sorted_by
        get = self.columns[column].get
        present = [record for record in self._given if not _missing(get(record))]
        missing = [record for record in self._given if _missing(get(record))]
        present.sort(key=lambda record: _key(get(record)), reverse=order == Qt.SortOrder.DescendingOrder)
        return present + missing


class LazyRecordsModel(ColumnsModel[T]):
    """A table over a list too long to hold: fetches windows of it as they are looked at.

    Args:
        columns: The columns.
        count: Number of rows.
        rows: Returns the records of [start, stop); fast, since it is called while painting.
        parent: Owner of the model.
        at_once: How many rows can be fetched at once; 0 is by the number of columns.
    """

    WINDOW = 256
    WINDOW_CELLS = 4096
    WINDOWS_KEPT = 32

    def __init__(
        self,
        columns: Sequence[Column[T]],
        count: int,
        rows: Callable[[int, int], Sequence[T]],
        parent: QObject | None = None,
        at_once: int = 0,
    ) -> None:
        super().__init__(columns, parent)
        self._count = count
        self._rows = rows
        # A window of very many columns would take longer to fetch than a painting may.
        self._window = at_once or max(16, min(self.WINDOW, self.WINDOW_CELLS // max(1, len(columns))))
        self._windows: OrderedDict[int, Sequence[T]] = OrderedDict()

    def record(self, row: int) -> T:
        """Return the record of a row."""
        number, place = divmod(row, self._window)
        window = self._windows.get(number)
        if window is None:
            start = number * self._window
            window = self._rows(start, min(start + self._window, self._count))
            self._windows[number] = window
            if len(self._windows) > self.WINDOWS_KEPT:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(number)
        return window[place]

    def forget(self) -> None:
        """Fetch again what is looked at: it was changed."""
        self._windows.clear()
        if self._count:
            self.dataChanged.emit(self.index(0, 0), self.index(self._count - 1, len(self.columns) - 1))

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of rows."""
        return 0 if parent is not None and parent.isValid() else self._count


def _alignment(column: Column[Any]) -> Qt.AlignmentFlag:
    return _RIGHT if column.align == "right" else _LEFT


def _missing(value: Any) -> bool:
    return value is None or value != value


def _key(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
