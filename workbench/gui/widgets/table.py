"""The one table that is used everywhere."""

import json
from collections.abc import Callable, Hashable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QPoint,
    QPointF,
    QRectF,
    QSettings,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QAction,
    QColor,
    QFontMetrics,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QMenu,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from workbench.gui.item_models.records import (
    BADGE_TONE,
    DOT_COLOR,
    Column,
    ColumnsModel,
    Index,
    LazyRecordsModel,
    RecordsModel,
)
from workbench.gui.theme import token
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import badge_font, paint_badge

T = TypeVar("T")

_ROW_HEIGHT = 32
_WIDEST = 320
_NARROWEST = 168


class Table(QTableView, Generic[T]):
    """Records in rows: sorted by a click on a heading, copied with Ctrl+C, widths remembered.

    `selection_changed` carries the selected records; of a list too long to hold the one selected last alone,
    and `chosen` tells of all.

    Args:
        columns: The columns.
        name: What the table holds, for assistive technology.
        key: Under which name column widths are remembered; empty remembers nothing.
        identity: Tells which record is which, so that the selection survives new records.
        empty_text: What stands here while there are no records.
        multiple: Whether several rows can be selected.
        essential: How many of the first columns are all in sight where there is no room for all columns.
    """

    selection_changed = Signal(list)
    rows_chosen = Signal()
    record_activated = Signal(object)

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
        super().__init__(parent)
        self._essential = essential
        self._columns = tuple(columns)
        self._key = key
        self._identity = identity
        self._empty_text = empty_text or tr("Nothing here yet.")
        self._build_menu: Callable[[list[T]], Sequence[QAction]] | None = None
        self._fitted = False
        self._least: dict[int, int] = {}
        self.setAccessibleName(name)
        self._set_up(multiple)
        self._use(RecordsModel(columns, self))
        self.setSortingEnabled(True)

    def set_records(self, records: Sequence[T]) -> None:
        """Show these records; what was selected stays so where it is still there."""
        model = self._model
        if not isinstance(model, RecordsModel):
            model = RecordsModel(self._columns, self)
            self._use(model)
            self.setSortingEnabled(True)
        if self._identity is not None and self._fitted and model.replace(records, self._identity):
            return
        kept = {self._identity(record) for record in self.selected()} if self._identity else set()
        place = self.verticalScrollBar().value()
        selection = self.selectionModel()
        selection.blockSignals(True)
        model.set_records(records)
        if kept and self._identity:
            flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
            for row, record in enumerate(model.records()):
                if self._identity(record) in kept:
                    selection.setCurrentIndex(model.index(row, 0), QItemSelectionModel.SelectionFlag.NoUpdate)
                    selection.select(model.index(row, 0), flags)
        selection.blockSignals(False)
        self.verticalScrollBar().setValue(place)
        self._fit()
        self.viewport().update()
        if kept and len(self.selected()) != len(kept):
            self.selection_changed.emit(self.selected())

    def set_rows(self, count: int, rows: Callable[[int, int], Sequence[T]], at_once: int = 0) -> None:
        """Show a list too long to hold; it cannot be sorted here.

        Args:
            count: Number of rows.
            rows: Returns the records of [start, stop); fast, since it is called while painting.
            at_once: How many of them can be fetched at once; 0 is by the number of columns.
        """
        self.setSortingEnabled(False)
        self._use(LazyRecordsModel(self._columns, count, rows, self, at_once))
        self._fit()

    def set_empty_text(self, text: str) -> None:
        """Say what stands here while there are no records."""
        self._empty_text = text
        self.viewport().update()

    def records(self) -> list[T]:
        """Return all records in the order shown; empty for a list too long to hold."""
        return self._model.records() if isinstance(self._model, RecordsModel) else []

    def selected(self) -> list[T]:
        """Return the selected records, from top to bottom."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self._model.record(row) for row in rows]

    def chosen(self) -> list[range]:
        """Return the numbers of the selected rows, in ranges: fast also where a million is selected."""
        return _ranges(self.selectionModel().selection())

    def refresh_rows(self) -> None:
        """Fetch the rows of a list too long to hold again; selection and place stay."""
        if isinstance(self._model, LazyRecordsModel):
            self._model.forget()

    def select(self, wanted: Callable[[T], bool]) -> None:
        """Select the records for which `wanted` holds, and no others, and scroll to the first."""
        rows = [row for row, record in enumerate(self.records()) if wanted(record)]
        flags, chosen = QItemSelectionModel.SelectionFlag, QItemSelection()
        for row in rows:
            chosen.select(self._model.index(row, 0), self._model.index(row, len(self._columns) - 1))
        if rows:
            first = self._model.index(rows[0], 0)
            self.selectionModel().setCurrentIndex(first, flags.NoUpdate)
            self.scrollTo(first)
        self.selectionModel().select(chosen, flags.ClearAndSelect)

    def set_menu(self, build: Callable[[list[T]], Sequence[QAction]]) -> None:
        """Offer a context menu; `build` gets the selected records and returns the actions."""
        self._build_menu = build
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def copy(self) -> None:
        """Put the selected rows on the clipboard, tab-separated and with headings."""
        records = self.selected()
        if not records:
            return
        lines = ["\t".join(column.title for column in self._columns)]
        lines += ["\t".join(column.text(record) for column in self._columns) for record in records]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _set_up(self, multiple: bool) -> None:
        modes = QAbstractItemView.SelectionMode
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(modes.ExtendedSelection if multiple else modes.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setItemDelegate(CellDelegate(self))
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setMinimumSectionSize(32)
        header.setStretchLastSection(not any(column.stretch for column in self._columns))
        header.setSortIndicatorClearable(True)
        header.setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        self.activated.connect(lambda index: self.record_activated.emit(self._model.record(index.row())))
        self.customContextMenuRequested.connect(self._open_menu)

    def _use(self, model: ColumnsModel[T]) -> None:
        before = self.model()
        self._model = model
        self.setModel(model)
        if before is not None:
            before.deleteLater()
        self.selectionModel().selectionChanged.connect(self._on_selected)

    def _on_selected(self, added: QItemSelection, _gone: QItemSelection) -> None:
        model = self._model
        if isinstance(model, LazyRecordsModel):
            rows = _ranges(added) or self.chosen()
            self.selection_changed.emit([model.record(rows[-1][-1])] if rows else [])
        else:
            self.selection_changed.emit(self.selected())
        self.rows_chosen.emit()

    def _fit(self) -> None:
        if self._fitted or not self._model.rowCount():
            return
        self._fitted = True
        widths = json.loads(str(QSettings().value(f"columns/{self._key}", "{}"))) if self._key else {}
        header = self.horizontalHeader()
        # Each cell costs a quarter of a millisecond: many columns are fitted to fewer rows.
        header.setResizeContentsPrecision(max(1, min(50, 200 // len(self._columns))))
        self.resizeColumnsToContents()
        last = len(self._columns) - 1 if header.stretchLastSection() else -1
        for place, column in enumerate(self._columns):
            # What the last column was stretched to is not what it needs.
            size = self.sizeHintForColumn(place) if place == last else header.sectionSize(place)
            needed = min(max(size, header.sectionSizeHint(place)) + 8, column.most or _WIDEST)
            self._least[place] = min(needed, column.least or _NARROWEST)
            kept = None if place == last else widths.get(column.title)
            header.resizeSection(place, int(kept or needed))
        self._share_out()

    def _share_out(self) -> None:
        """Give what is left of the width to the columns that stretch, but never too little to read."""
        wide = [place for place, column in enumerate(self._columns) if column.stretch]
        header = self.horizontalHeader()
        sizes = [0 if place in wide else header.sectionSize(place) for place in range(len(self._columns))]
        for place in wide:
            least = self._least.get(place, _NARROWEST)
            room = (self.viewport().width() - sum(sizes)) // len(wide)
            if room < least and self._essential:
                room = (self.viewport().width() - sum(sizes[: self._essential])) // len(wide)
            header.resizeSection(place, max(least, room))

    def _open_menu(self, place: QPoint) -> None:
        if self._build_menu is None or not (records := self.selected()):
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addActions(list(self._build_menu(records)))
        if place.isNull():
            place = self.visualRect(self.currentIndex()).bottomLeft()
        menu.popup(self.viewport().mapToGlobal(place))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Copy with Ctrl+C, activate with Enter; all else as usual."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.record_activated.emit(self._model.record(self.currentIndex().row()))
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember the widths of the columns."""
        if self._key and self._fitted:
            header = self.horizontalHeader()
            widths = {column.title: header.sectionSize(i) for i, column in enumerate(self._columns)}
            QSettings().setValue(f"columns/{self._key}", json.dumps(widths))
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fill the width."""
        super().resizeEvent(event)
        self._share_out()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cells, or what belongs here when there are none."""
        super().paintEvent(event)
        if self._model.rowCount():
            return
        painter = QPainter(self.viewport())
        painter.setPen(token("muted"))
        area = self.viewport().rect().adjusted(16, 16, -16, -16)
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(area, int(flags), self._empty_text)


class CellDelegate(QStyledItemDelegate):
    """Draws a cell: text, badge or dot, a line below, the ground of the selected row."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a cell."""
        self.initStyleOption(option, index)
        rect, view = _parts(option)
        painter.save()
        if _state(option) & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, token("accent_ground"))
        painter.setPen(token("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if _state(option) & QStyle.StateFlag.State_HasFocus and index.column() == 0:
            painter.fillRect(rect.left(), rect.top() + 4, 3, rect.height() - 8, token("accent"))
        inner = QRectF(rect).adjusted(8, 0, -8, -1)
        tone, dot = index.data(BADGE_TONE), index.data(DOT_COLOR)
        text = str(index.data(Qt.ItemDataRole.DisplayRole) or "")
        if tone is not None:
            width = min(inner.width(), QFontMetrics(badge_font()).horizontalAdvance(text) + 20)
            paint_badge(painter, QRectF(inner.left(), inner.center().y() - 10, width, 20), text, tone)
        else:
            if dot is not None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(dot))
                painter.drawEllipse(QPointF(inner.left() + 4.5, inner.center().y()), 4.5, 4.5)
                inner.setLeft(inner.left() + 16)
            painter.setFont(view["font"])
            painter.setPen(view["palette"].color(QPalette.ColorRole.Text))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(inner.width()))
            painter.drawText(inner, int(view["displayAlignment"]), shown)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return the room that a cell needs."""
        size = super().sizeHint(option, index)
        extra = 20 if index.data(BADGE_TONE) is not None or index.data(DOT_COLOR) is not None else 0
        return QSize(size.width() + 12 + extra, _ROW_HEIGHT)


def _ranges(selection: Any) -> list[range]:
    return [range(part.top(), part.bottom() + 1) for part in selection if part.isValid()]


def _parts(option: Any) -> tuple[Any, dict[str, Any]]:
    """Return what PySide's type stubs do not know of a style option."""
    names = ("font", "palette", "displayAlignment")
    return option.rect, {name: getattr(option, name) for name in names}


def _state(option: Any) -> Any:
    return option.state
