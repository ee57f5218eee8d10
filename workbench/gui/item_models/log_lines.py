"""The lines of a log as a table model that grows at its end."""

from collections.abc import Sequence
from datetime import datetime

from PySide6.QtCore import QModelIndex, QObject

from workbench.core.records import LogLine
from workbench.core.states import LogLevel
from workbench.gui.item_models.records import Column, ColumnsModel, Index
from workbench.gui.translate import tr
from workbench.gui.widgets.number_format import exact_clock

MOST_LINES = 10_000
LEVEL = 1
TEXT = 2


class LogModel(ColumnsModel[LogLine]):
    """The newest lines, oldest first: time, level, text."""

    def __init__(self, parent: QObject | None = None) -> None:
        columns: tuple[Column[LogLine], ...] = (
            Column("", lambda line: line.at, "right", exact_clock),
            Column("", lambda line: line.level, show=level_word),
            Column("", lambda line: line.text, stretch=True),
        )
        super().__init__(columns, parent)
        self._lines: list[LogLine] = []

    def clear(self) -> None:
        """Forget all lines."""
        self.beginResetModel()
        self._lines.clear()
        self.endResetModel()

    def append(self, lines: Sequence[LogLine]) -> None:
        """Add lines at the end; the oldest go when there are too many."""
        lines = lines[-MOST_LINES:]
        if not lines:
            return
        surplus = len(self._lines) + len(lines) - MOST_LINES
        if surplus > 0 and self._lines:
            self.beginRemoveRows(QModelIndex(), 0, min(surplus, len(self._lines)) - 1)
            del self._lines[:surplus]
            self.endRemoveRows()
        self.beginInsertRows(QModelIndex(), len(self._lines), len(self._lines) + len(lines) - 1)
        self._lines.extend(lines)
        self.endInsertRows()

    def record(self, row: int) -> LogLine:
        """Return the line of a row."""
        return self._lines[row]

    def rowCount(self, parent: Index | None = None) -> int:
        """Return the number of lines."""
        return 0 if parent is not None and parent.isValid() else len(self._lines)


def level_word(level: LogLevel) -> str:
    """Return the word for a level, in the user's language."""
    words = {
        LogLevel.DEBUG: tr("Detail"),
        LogLevel.INFO: tr("Info"),
        LogLevel.WARNING: tr("Warning"),
        LogLevel.ERROR: tr("Error"),
    }
    return words[level]


def as_text(lines: Sequence[LogLine]) -> str:
    """Return lines as a text file has them, one below the other, with local time and date."""
    return "".join(f"{_stamp(line.at)}  {line.level.value.upper():<7}  {line.text}\n" for line in lines)


def _stamp(moment: datetime) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M:%S}"
