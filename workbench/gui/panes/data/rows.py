"""The rows of a table: sorted, searched and narrowed beside the window, with each column in numbers."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.core.column_statistics import ColumnStatistics
from workbench.core.errors import UserError
from workbench.gui import background
from workbench.gui.item_models.records import Column
from workbench.gui.panes.data.column_header import ColumnHeader
from workbench.gui.panes.data.filters import SampleFilters
from workbench.gui.panes.data.look import Look
from workbench.gui.panes.data.sample_list import chosen_of, label_word
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import ElidedLabel
from workbench.gui.widgets.more_edge import MoreEdge
from workbench.gui.widgets.table import Table

_MOST_COLUMNS = 200
_SLICE = 24  # of a column that is hardly seen
_SOON_MS = 60
_SCATTERED = 32
_MOMENT_S = 0.3
_NEW = "new"
Rows = Callable[[int, int], Sequence[Sequence[str]]]


class RowTable(QWidget):
    """The rows of a table as text, fetched as they are looked at.

    `failed` carries why they cannot be; `chosen_changed` tells that other rows are selected.
    """

    failed = Signal(object)
    chosen_changed = Signal()
    rebuilt = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look: Look | None = None
        self._order: tuple[str, bool] | None = None
        self._shown = (0, True)
        self._index: Any = None
        self.new: Mapping[int, Any] = {}
        self.header: ColumnHeader | None = None
        self.table: Table[Sequence[str]] | None = None
        self.filters = SampleFilters(tr("rows"))
        self.filters.words.setPlaceholderText(tr("Search rows"))
        self.filters.words.setAccessibleName(tr("Search rows"))
        self.filters.order.hide()  # a click on a heading sorts
        self.filters.changed.connect(self._find)
        self._note = ElidedLabel("", "small")
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_SOON_MS)
        self._soon.timeout.connect(self._count)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._column.addWidget(self.filters)
        self._column.addWidget(self._note)

    def show_look(self, look: Look, rows: Rows) -> None:
        """Show the rows of a dataset; place, order and filters stay when it is the same one."""
        before, self._look = self._look, look
        is_same = before is not None and before.dataset.id == look.dataset.id
        if is_same and before is not None and before.dataset.split == look.dataset.split:
            return
        if not is_same:
            self._order = None
            classes = look.bars if look.dataset.schema.classes else ()
            self.filters.set_choices(classes, list(look.parts))
            self.filters.classes.setVisible(bool(classes))
            self.filters.offer_new_classes(look.new_classes(self.new))
            self.filters.words.setVisible(look.table is not None and look.table.has_texts)
            self._build(look, rows)
        self._find()

    def show_samples(self, title: str, samples: Sequence[int] | None) -> None:
        """Show only these rows, such as those of a finding; None shows all again."""
        self.filters.set_finding(title, samples)

    def chosen(self) -> Any:
        """Return the numbers of the selected rows."""
        return chosen_of(self._index, self.table.chosen() if self.table is not None else [])

    @property
    def is_alone(self) -> bool:
        """Whether one row is seen by itself: never, they stand in a table."""
        return False

    def go_on(self) -> None:
        """Stay."""

    def show_new(self, labels: Mapping[int, Any]) -> None:
        """Show these new labels, by number of the row; what is filtered stays in view."""
        self.new = labels
        if self._look is not None:
            self.filters.offer_new_classes(self._look.new_classes(labels))
        if self.table is not None:
            self.table.refresh_rows()

    def _build(self, look: Look, rows: Rows) -> None:
        if self.table is not None:
            self.table.hide()
            self.table.deleteLater()
        self._rows = rows
        self._index = None
        self.table = table = Table(_columns(look), tr("Rows"), multiple=True)
        table.rows_chosen.connect(self.chosen_changed)
        self.rebuilt.emit(table)
        self.header = ColumnHeader(table)
        self.header.sort_wanted.connect(self._on_sort)
        self.header.sectionResized.connect(lambda *_: self._soon.start())
        table.setHorizontalHeader(self.header)
        table.horizontalScrollBar().valueChanged.connect(lambda _at: self._soon.start())
        table.set_rows(len(look.samples), self._reader(look, None))
        MoreEdge(table)
        self._column.insertWidget(1, table, 1)
        self._say(len(look.samples))
        self._soon.start()

    def _on_sort(self, at: int, is_descending: bool) -> None:
        look = self._look
        if look is not None:
            # The first column is the row in the file: the order as imported.
            names = ("", *look.headings)
            self._order = (names[at], is_descending) if at >= 0 else None
            self._find()

    def _find(self) -> None:
        """Find out beside the window which rows are shown, and in which order."""
        look, order = self._look, self._order
        if look is None:
            return
        wanted, labels = self.filters.chosen(), look.labels(self.new)
        if order is None and wanted.is_all:
            # Nothing that is still being looked for replaces it.
            background.query(lambda: None, self._shower(look), self.failed.emit, owner=self, key="rows")
            return

        def places() -> Any:
            index = wanted.places(labels, look.parts)
            if order is None:
                return index
            heading, is_descending = order
            if not heading or look.table is None:
                return index[::-1] if is_descending else index
            kept = np.zeros(len(look.samples), np.bool_)
            kept[index] = True
            ordered = look.table.order(heading, descending=is_descending)
            return ordered[kept[ordered]]

        def search(index: Any) -> None:
            hits = np.zeros(len(look.samples), np.bool_)
            self._go_on(look, index, hits, look.table.search(wanted.words), 0)

        is_search = bool(wanted.words) and look.table is not None
        then = search if is_search else self._shower(look)
        background.query(places, then, self.failed.emit, owner=self, key="rows")

    def _go_on(self, look: Look, index: Any, hits: Any, stretches: Iterator[Any], done: int) -> None:
        """Search for a moment beside the window, show what was found, and go on until all is searched.

        What is asked meanwhile takes the place of the next moment.
        """

        def find() -> tuple[Any, int]:
            end, at = time.monotonic() + _MOMENT_S, done
            for found in stretches:
                hits[at : at + len(found)] = found
                at += len(found)
                if time.monotonic() > end:
                    break
            return index[hits[index]], at

        def show(answer: tuple[Any, int]) -> None:
            found, at = answer
            is_whole = at >= len(hits)
            if is_whole or len(found):
                self._shower(look, is_first=done == 0, is_whole=is_whole)(found)
            if not is_whole:
                self._go_on(look, index, hits, stretches, at)

        background.query(find, show, self.failed.emit, owner=self, key="rows")

    def _shower(self, look: Look, *, is_first: bool = True, is_whole: bool = True) -> Callable[[Any], None]:
        def show(index: Any) -> None:
            if look is not self._look or self.table is None:
                return
            count = len(look.samples) if index is None else len(index)
            table = self.table
            across, down = table.horizontalScrollBar().value(), table.verticalScrollBar().value()
            self._index = index
            table.set_rows(count, self._reader(look, index), 0 if index is None else _SCATTERED)
            table.horizontalScrollBar().setValue(across)
            table.verticalScrollBar().setValue(0 if is_first else down)
            self._say(count, is_whole=is_whole)
            self.chosen_changed.emit()

        return show

    def _say(self, count: int, *, is_whole: bool = True) -> None:
        look = self._look
        if look is None:
            return
        self._shown = (count, is_whole)
        everything = number_format.count(len(look.samples))
        words = [tr("{count} rows", count=everything)]
        if count < len(look.samples):
            words = [tr("{count} of {all} rows", count=number_format.count(count), all=everything)]
        words += self._columns_seen(len(look.headings))
        words.append(tr("click a heading to sort") if is_whole else tr("still searching"))
        self._note.setText(" · ".join(words))

    def _columns_seen(self, count: int) -> list[str]:
        """Return in words which columns are in sight where not all are."""
        header, last = self.header, min(count, _MOST_COLUMNS)
        if header is None or (last == count and not self._is_cut()):
            return []
        width = header.viewport().width()
        seen = [
            at
            for at in range(1, last + 1)
            if header.sectionViewportPosition(at) + header.sectionSize(at) > 0
            and header.sectionViewportPosition(at) < width - _SLICE
        ]
        all_columns = number_format.count(count)
        if last < count and len(seen) == last:
            return [tr("the first {shown} of {all} columns", shown=last, all=all_columns)]
        first, end = seen[0] if seen else 1, seen[-1] if seen else 1
        return [tr("columns {first} to {last} of {all}", first=first, last=end, all=all_columns)]

    def _is_cut(self) -> bool:
        return self.table is not None and self.table.horizontalScrollBar().maximum() > 0

    def _count(self) -> None:
        """Put the columns that are in sight into numbers, beside the window."""
        look, header = self._look, self.header
        if look is None or header is None or look.table is None or not self.isVisible():
            return
        self._say(self._shown[0], is_whole=self._shown[1])
        names = ("", *look.headings[:_MOST_COLUMNS])
        wanted = [at for at in header.visible_without(len(names)) if at]
        if not wanted:
            return
        table = look.table

        def show(found: dict[int, ColumnStatistics]) -> None:
            if header is self.header:
                header.add_statistics(found)

        background.query(
            lambda: {at: table.statistics(names[at]) for at in wanted},
            show,
            self.failed.emit,
            owner=self,
            key="statistics",
        )

    def _reader(self, look: Look, index: Any) -> Rows:
        names, table, rows = look.samples.names, look.table, self._rows
        target = look.dataset.schema.target
        at = look.headings.index(target) if target in look.headings else -1

        def read(start: int, stop: int) -> Sequence[Sequence[str]]:
            places = range(start, stop) if index is None else index[start:stop].tolist()
            try:
                if table is not None and table.has_texts:
                    values = table.rows(np.asarray(places))
                else:
                    values = [row for place in places for row in rows(place, place + 1)]
            except (UserError, OSError) as error:
                # Raised while painting it would reach nobody.
                self.failed.emit(error)
                values = [["?"] * len(look.headings)] * (stop - start)
            return [
                (names[place].removeprefix("row "), *self._labelled(look, place, row, at))
                for place, row in zip(places, values, strict=True)
            ]

        return read

    def _labelled(self, look: Look, place: int, row: Sequence[str], at: int) -> Sequence[str]:
        """Return a row with the label that was set anew, and behind it whether there is one."""
        if place not in self.new or at < 0:
            return (*row, "")
        return (*row[:at], label_word(look, place, self.new), *row[at + 1 :], _NEW)

    def showEvent(self, event: Any) -> None:
        """Look at the columns that came into sight."""
        super().showEvent(event)
        self._soon.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Look at the columns that came into sight."""
        super().resizeEvent(event)
        self._soon.start()

    def minimumSizeHint(self) -> QSize:
        """Return a size that the smallest window has."""
        return QSize(160, 160)


def _columns(look: Look) -> list[Column[Sequence[str]]]:
    known = {column.name: column for column in look.dataset.schema.columns}
    target = look.dataset.schema.target
    words = {
        "number": tr("number"),
        "category": tr("category"),
        "date": tr("date"),
        "unused": tr("not used: constant, an id or free text"),
        "target": tr("target: what is learnt"),
    }
    columns: list[Column[Sequence[str]]] = [
        Column(tr("Row"), lambda row: row[0], align="right", tip=tr("Row in the file; the heading is row 1."))
    ]
    for place, name in enumerate(look.headings[:_MOST_COLUMNS], start=1):
        kind = known[name].kind if name in known else "unused"
        kind = "target" if name == target else "date" if name in known and known[name].is_date else kind
        columns.append(
            Column(
                name,
                lambda row, place=place: row[place],  # type: ignore[misc]
                align="right" if kind == "number" else "left",
                tip=f"{name} · {words[kind]}",
                strong=kind == "target",
                tone=_tones(kind),
            )
        )
    return columns


def _tones(kind: str) -> Callable[[Sequence[str]], str] | None:
    """Return the colour of the cells of a column: quiet where it is not used, striking for a new label."""
    if kind == "target":
        return lambda row: "accent" if row[-1] == _NEW else ""
    return (lambda _row: "muted") if kind == "unused" else None
