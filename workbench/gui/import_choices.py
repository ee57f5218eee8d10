"""How a table is written and what its columns are: what was found out, to be set right before an import."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QComboBox, QMenu, QVBoxLayout, QWidget

from workbench.gui.item_models.records import Column
from workbench.gui.panes.data.formats import (
    OFFERED_ENCODINGS,
    OFFERED_SEPARATORS,
    encoding_title,
    separator_title,
)
from workbench.gui.translate import tr
from workbench.gui.widgets.flow_layout import FlowLayout
from workbench.gui.widgets.labels import PlainLabel, tip
from workbench.gui.widgets.table import Table

_ROWS = 50
_COLUMNS = 60
_WIDTH = 136
_WIDEST_HEADING = 240


class WrittenAs(QWidget):
    """Encoding, separator, decimal sign, header and sheet of a file, as far as it has them.

    `changed` tells that the user set one of them right: the file is to be looked at anew.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told: set[str] = set()
        self._choosers: dict[str, QComboBox] = {}
        self._parts: dict[str, QWidget] = {}
        row = FlowLayout(self)
        row.setSpacing(12)
        for key, title, about in (
            ("sheet", tr("Sheet"), tr("Which sheet of the workbook holds the table.")),
            ("encoding", tr("Encoding"), tr("How characters are stored. Found out from the whole file.")),
            ("separator", tr("Separator"), tr("What stands between two values.")),
            ("decimal", tr("Decimal sign"), tr("What stands before the fraction of a number.")),
            ("has_header", tr("First row"), tr("Whether the first row names the columns.")),
            (
                "extra_rows",
                tr("Totals and notes"),
                tr("Rows that sum up others, name the columns again or tell of the table."),
            ),
        ):
            row.addWidget(self._made(key, title, about))

    def show_details(self, details: Mapping[str, str]) -> None:
        """Show what was found out; what the user chose stays as it was chosen."""
        for key, chooser in self._choosers.items():
            self._parts[key].setVisible(key in details)
            if key not in details or key in self._told:
                continue
            with QSignalBlocker(chooser):
                chooser.clear()
                for value, title in _offered(key, details):
                    chooser.addItem(title, value)
                chooser.setCurrentIndex(max(0, chooser.findData(details[key])))

    def fields(self) -> dict[str, Any]:
        """Return what the user set right, by field of ImportConfig."""
        told = {key: self._choosers[key].currentData() for key in sorted(self._told)}
        if "has_header" in told:
            told["header"] = told.pop("has_header") == "yes"
        if "extra_rows" in told:
            told["extra_rows"] = told["extra_rows"] == "yes"
        return told

    def _made(self, key: str, title: str, about: str) -> QWidget:
        label, chooser = PlainLabel(title, "muted"), quiet_combo()
        label.setBuddy(chooser)
        chooser.setAccessibleName(title)
        chooser.setToolTip(tip(about))
        chooser.setFixedWidth(_WIDTH)
        chooser.currentIndexChanged.connect(lambda _at: self._on_chosen(key))
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(label)
        column.addWidget(chooser)
        self._choosers[key], self._parts[key] = chooser, part
        return part

    def _on_chosen(self, key: str) -> None:
        self._told.add(key)
        self.changed.emit()


def _offered(key: str, details: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    found = details[key]
    if key == "encoding":
        return [(name, encoding_title(name)) for name in dict.fromkeys((found, *OFFERED_ENCODINGS))]
    if key == "separator":
        return [(sign, separator_title(sign)) for sign in dict.fromkeys((found, *OFFERED_SEPARATORS))]
    if key == "decimal":
        return [(".", tr("point, 1.5")), (",", tr("comma, 1,5"))]
    if key == "has_header":
        return [("yes", tr("names columns")), ("no", tr("is data"))]
    if key == "extra_rows":
        return [("no", tr("are left out")), ("yes", tr("are rows"))]
    return [(name, name) for name in details.get("sheets", found).split("\n")]


class FirstRows(QWidget):
    """The first rows of a table; a click on a heading says what the column is.

    `changed` tells that the user chose a type.
    """

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._types: dict[str, str] = {}
        self._columns: Sequence[str] = ()
        self._target: str | None = None
        self._text: str | None = None
        self._written: Sequence[str] = ()
        self._can_choose = False
        self._table: Table[Sequence[str]] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)

    @property
    def types(self) -> dict[str, str]:
        """The types that the user chose, by column."""
        return dict(self._types)

    def show_rows(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        found: Sequence[str],
        target: str | None,
        text: str | None = None,
        written: Sequence[str] = (),
    ) -> None:
        """Show a table.

        Args:
            columns: Its headings.
            rows: Its first rows.
            found: What the first columns are; empty where that cannot be chosen.
            target: Heading of the target.
            text: Heading of the column that is read; None where all are.
            written: How the numbers of the first columns are written; empty for plain ones.
        """
        self._types = {name: kind for name, kind in self._types.items() if name in columns}
        self._columns, self._target, self._can_choose = columns, target, bool(found)
        self._text, self._written = text, written
        place, cell = 0, None
        if self._table is not None:
            place = self._table.horizontalScrollBar().value()
            if self._table.hasFocus():
                cell = self._table.currentIndex()
            self._table.hide()
            self._table.deleteLater()
        made = [
            self._column(at, found[at] if at < len(found) else "") for at in range(len(columns[:_COLUMNS]))
        ]
        self._table = table = Table(made, tr("First rows"))
        shown = rows[:_ROWS]
        table.set_rows(len(shown), lambda start, stop: shown[start:stop])
        if self._can_choose:
            header = table.horizontalHeader()
            header.setSectionsClickable(True)
            header.sectionClicked.connect(self._on_heading)
            table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            table.customContextMenuRequested.connect(self._on_cell)
        layout = self.layout()
        assert layout is not None
        layout.addWidget(table)
        table.show()
        table.horizontalScrollBar().setValue(place)
        if cell is not None:
            table.setFocus()
            table.setCurrentIndex(table.model().index(cell.row(), cell.column()))

    def menu(self, at: int) -> QMenu:
        """Return the types that a column can be given."""
        name = self._columns[at]
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for kind, title in _choices().items():
            if name == self._target and kind not in (
                "",
                "number",
                "number point",
                "number comma",
                "category",
            ):
                continue
            action = menu.addAction(title)
            action.setCheckable(True)
            action.setChecked(self._types.get(name, "") == kind)
            action.triggered.connect(self._chooser(name, kind))
        return menu

    def _chooser(self, name: str, kind: str) -> Callable[[], None]:
        def choose() -> None:
            self._types.pop(name, None)
            if kind:
                self._types[name] = kind
            self.changed.emit()

        return choose

    def _column(self, at: int, found: str) -> Column[Sequence[str]]:
        heading = self._columns[at]
        kind = self._types.get(heading, found)
        word = type_word(kind)
        if heading == self._target:
            word = tr("target")
        if at < len(self._written) and self._written[at]:
            word = f"{word}, {self._written[at]}"
        shown = self.fontMetrics().elidedText(heading, Qt.TextElideMode.ElideRight, _WIDEST_HEADING)
        about = tr("{column} · {type}. Click to choose another type.", column=heading, type=word)
        return Column(
            f"{shown}\n{word}" if self._can_choose and word else shown,
            lambda row: row[at] if at < len(row) else None,
            align="right" if kind in ("number", "number point", "number comma", "id") else "left",
            strong=heading in (self._target, self._text),
            tone=(lambda _row: "muted") if kind in _UNUSED and heading != self._target else None,
            tip=about if self._can_choose and word else heading,
        )

    def _on_heading(self, at: int) -> None:
        if self._table is not None:
            header = self._table.horizontalHeader()
            below = QPoint(header.sectionViewportPosition(at), header.height())
            self.menu(at).popup(header.mapToGlobal(below))

    def _on_cell(self, place: QPoint) -> None:
        if self._table is None:
            return
        index = self._table.currentIndex() if place.isNull() else self._table.indexAt(place)
        if index.isValid():
            corner = self._table.visualRect(index).bottomLeft()
            self.menu(index.column()).popup(self._table.viewport().mapToGlobal(corner))


_UNUSED = ("text", "unused", "constant", "id")


def _choices() -> dict[str, str]:
    return {
        "": tr("Automatic"),
        "number": tr("Number"),
        "number point": tr("Number with decimal point, 1,234.5"),
        "number comma": tr("Number with decimal comma, 1.234,5"),
        "category": tr("Category"),
        "date": tr("Date"),
        "date dmy": tr("Date, day first"),
        "date mdy": tr("Date, month first"),
        "date ymd": tr("Date, year first"),
        "text": tr("Text (not used)"),
        "unused": tr("Not used"),
    }


def type_word(kind: str) -> str:
    """Return the word for what a column is; empty where that is not known."""
    words = {
        "number": tr("number"),
        "number point": tr("number"),
        "number comma": tr("number"),
        "category": tr("category"),
        "yes or no": tr("yes or no"),
        "date": tr("date"),
        "date dmy": tr("date, day first"),
        "date mdy": tr("date, month first"),
        "date ymd": tr("date, year first"),
        "text": tr("text, not used"),
        "unused": tr("not used"),
        "constant": tr("one value, not used"),
        "id": tr("counts rows, not used"),
        "file": tr("names the file"),
        "split": tr("gives the split"),
    }
    return words.get(kind, "")


def quiet_combo() -> QComboBox:
    """Return a chooser that long names do not widen."""
    combo = QComboBox()
    combo.setMinimumContentsLength(8)
    combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    combo.view().setTextElideMode(Qt.TextElideMode.ElideRight)
    return combo
