"""The list of datasets, and of those in the bin."""

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from workbench.core.records import Dataset
from workbench.gui.modalities import ICONS
from workbench.gui.panes.data.look import short_facts
from workbench.gui.theme import SMALL_PX, body_font, icon, token
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.labels import PlainLabel, tip

_ID = Qt.ItemDataRole.UserRole
_FACTS = Qt.ItemDataRole.UserRole + 1
_ICON = Qt.ItemDataRole.UserRole + 2
_ROW = 48
Index = QModelIndex | QPersistentModelIndex


class DatasetList(QFrame):
    """Datasets by name, or those in the bin; F2 renames in place, Delete puts into the bin.

    The signals carry the id of the dataset.
    """

    selected = Signal(int)
    renamed = Signal(int, str)
    deleted = Signal(int)
    restored = Signal(int)
    relocated = Signal()
    join_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._datasets: dict[int, Dataset] = {}
        self._binned: dict[int, Dataset] = {}
        self._may_change = True
        self._refusal = ""
        self._filling = False
        self._fills_later = False
        self._title = PlainLabel(tr("Datasets"), "section")
        self._count = PlainLabel("", "muted")
        self.view = _List()
        self.view.delete_pressed.connect(self.delete_current)
        self.view.currentItemChanged.connect(self._on_current_changed)
        self.view.itemChanged.connect(self._on_item_changed)
        # Queued: the editor is still there while it says that it closes.
        self.view.itemDelegate().closeEditor.connect(
            self._fill_after_edit, Qt.ConnectionType.QueuedConnection
        )
        self.view.customContextMenuRequested.connect(self._open_menu)
        self._restore = QPushButton(tr("Restore"))
        self._restore.setAccessibleName(tr("Restore"))
        self._restore.clicked.connect(self._on_restore)
        self.bin_button = QPushButton()
        self.bin_button.setProperty("quiet", True)
        self.bin_button.setIcon(icon("trash"))
        self.bin_button.setCheckable(True)
        self.bin_button.toggled.connect(self._fill)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.addWidget(self._title, 1)
        head.addWidget(self._count)
        foot = QHBoxLayout()
        foot.addWidget(self.bin_button)
        foot.addStretch(1)
        foot.addWidget(self._restore)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 12, 8, 8)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addLayout(foot)

    @property
    def current_id(self) -> int | None:
        """The selected dataset, in the list or in the bin."""
        item = self.view.currentItem()
        return None if item is None else int(item.data(_ID))

    @property
    def shows_bin(self) -> bool:
        """Whether the bin is shown instead of the datasets."""
        return self.bin_button.isChecked()

    def set_datasets(self, datasets: Sequence[Dataset], may_change: bool, refusal: str) -> None:
        """Show these datasets, deleted ones in the bin; the selection stays where it is still there."""
        self._datasets = {item.id: item for item in datasets if item.deleted_at is None}
        self._binned = {item.id: item for item in datasets if item.deleted_at is not None}
        self._may_change, self._refusal = may_change, refusal
        self.bin_button.setVisible(bool(self._binned) or self.shows_bin)
        if self.shows_bin and not self._binned:
            self.bin_button.setChecked(False)
        elif self.view.is_editing:
            self._fills_later = True
        else:
            self._fill()

    def select(self, dataset_id: int) -> None:
        """Select a dataset, in the bin when it lies there."""
        self.bin_button.setChecked(dataset_id in self._binned)
        for row in range(self.view.count()):
            if self.view.item(row).data(_ID) == dataset_id:
                self.view.setCurrentRow(row)

    def rename_current(self) -> None:
        """Let the name of the selected dataset be edited in its place."""
        item = self.view.currentItem()
        if item is not None and self.can_change():
            self.view.setFocus()
            self.view.editItem(item)

    def delete_current(self) -> None:
        """Put the selected dataset into the bin."""
        if (dataset_id := self.current_id) is not None and self.can_change():
            self.deleted.emit(dataset_id)

    def can_change(self) -> bool:
        """Return whether there is a selected dataset that may be renamed or deleted."""
        return self._may_change and not self.shows_bin and self.view.currentItem() is not None

    def _fill(self) -> None:
        shown = self._binned if self.shows_bin else self._datasets
        kept, row_before = self.current_id, max(0, self.view.currentRow())
        place = self.view.verticalScrollBar().value()
        self._filling = True
        self.view.clear()
        for dataset in reversed(shown.values()):
            self.view.addItem(self._item(dataset))
        rows = {self.view.item(row).data(_ID): row for row in range(self.view.count())}
        self._filling = False
        if rows:
            self.view.setCurrentRow(rows.get(kept, min(row_before, len(rows) - 1)))
        self.view.verticalScrollBar().setValue(place)
        self._title.setText(tr("Bin") if self.shows_bin else tr("Datasets"))
        self._count.setText(number_format.count(len(shown)))
        self.view.setAccessibleName(self._title.text())
        text = tr("Back") if self.shows_bin else tr("Bin · {count}", count=len(self._binned))
        self.bin_button.setText(text)
        self.bin_button.setAccessibleName(text)
        self.bin_button.setIcon(icon("arrow-left" if self.shows_bin else "trash"))
        self.bin_button.setToolTip(tip(tr("Deleted datasets stay here until you restore them.")))
        self._restore.setVisible(self.shows_bin)
        self._restore.setEnabled(self._may_change and bool(shown))
        self._restore.setToolTip("" if self._may_change else self._refusal)
        if not rows or self.current_id != kept:
            self.selected.emit(-1 if self.current_id is None else self.current_id)

    def _fill_after_edit(self) -> None:
        if self._fills_later:
            self._fills_later = False
            self._fill()

    def _item(self, dataset: Dataset) -> QListWidgetItem:
        item = QListWidgetItem(dataset.name)
        words = short_facts(dataset)
        item.setData(_ID, dataset.id)
        item.setData(_FACTS, words)
        item.setData(_ICON, ICONS[dataset.schema.modality])
        item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{dataset.name}, {words}")
        item.setToolTip(tip(f"{dataset.name} · {words}"))
        if self._may_change and not self.shows_bin:
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        return item

    def _on_current_changed(self, item: QListWidgetItem | None, _before: QListWidgetItem | None) -> None:
        if not self._filling and item is not None:
            self.selected.emit(int(item.data(_ID)))

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        dataset = self._datasets.get(int(item.data(_ID)))
        if self._filling or dataset is None or item.text() == dataset.name:
            return
        wanted = item.text()
        self._filling = True
        # The new name stands here once it is accepted.
        item.setText(dataset.name)
        self._filling = False
        self.renamed.emit(dataset.id, wanted)

    def _on_restore(self) -> None:
        if (dataset_id := self.current_id) is not None:
            self.restored.emit(dataset_id)

    def _on_join(self) -> None:
        if (dataset_id := self.current_id) is not None:
            self.join_wanted.emit(dataset_id)

    def _open_menu(self, place: QPoint) -> None:
        if self.current_id is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self.shows_bin:
            menu.addAction(_menu_action(menu, tr("Restore"), self._on_restore, self._may_change))
        else:
            menu.addAction(_menu_action(menu, tr("Rename"), self.rename_current, self._may_change, "F2"))
            menu.addAction(_menu_action(menu, tr("Relocate source…"), self.relocated.emit, self._may_change))
            add = tr("Add samples of another dataset…")
            menu.addAction(_menu_action(menu, add, self._on_join, self._may_change))
            menu.addAction(_menu_action(menu, tr("Delete"), self.delete_current, self._may_change, "Del"))
        if place.isNull():
            place = self.view.visualItemRect(self.view.currentItem()).bottomLeft()
        menu.popup(self.view.viewport().mapToGlobal(place))


class _List(QListWidget):
    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(_DatasetDelegate(self))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    @property
    def is_editing(self) -> bool:
        """Whether a name is being edited."""
        return self.state() == QAbstractItemView.State.EditingState

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete with the key; only here, where it is plain what is meant."""
        if event.key() == Qt.Key.Key_Delete:
            self.delete_pressed.emit()
        else:
            super().keyPressEvent(event)


class _DatasetDelegate(QStyledItemDelegate):
    """Draws a dataset: icon of its kind, name, a few words; edits the name in its place."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        rect, state = _parts(option)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        is_selected = bool(state & QStyle.StateFlag.State_Selected)
        if is_selected or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(token("accent_ground" if is_selected else "hover"))
            painter.drawRoundedRect(rect.adjusted(0, 1, 0, -1), 4, 4)
        if is_selected and state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(rect.left(), rect.top() + 8, 3, rect.height() - 16, token("accent"))
        picture = icon(index.data(_ICON), "accent" if is_selected else "muted")
        picture.paint(painter, QRect(rect.left() + 10, rect.top() + 8, 16, 16))
        left, width = rect.left() + 34, rect.width() - 42
        middle = int(Qt.AlignmentFlag.AlignVCenter)
        painter.setPen(token("text"))
        painter.setFont(body_font(weight=body_font().Weight.DemiBold))
        name = painter.fontMetrics().elidedText(str(index.data()), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, rect.top() + 5, width, 20), middle, name)
        painter.setPen(token("muted"))
        painter.setFont(body_font(SMALL_PX))
        words = painter.fontMetrics().elidedText(index.data(_FACTS), Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(left, rect.top() + 25, width, 18), middle, words)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        editor = super().createEditor(parent, option, index)
        editor.setAccessibleName(tr("Name"))
        return editor

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, _index: Index) -> None:
        rect, _ = _parts(option)
        editor.setGeometry(rect.adjusted(26, 8, -2, -8))

    def sizeHint(self, _option: QStyleOptionViewItem, _index: Index) -> QSize:
        return QSize(120, _ROW)


def _parts(option: object) -> tuple[QRect, QStyle.StateFlag]:
    """Return what PySide's type stubs do not know of a style option."""
    return option.rect, option.state  # type: ignore[attr-defined]


def _menu_action(menu: QMenu, text: str, act: object, enabled: bool, keys: str = "") -> QAction:
    action = QAction(text, menu)
    action.triggered.connect(act)
    action.setEnabled(enabled)
    if keys:
        action.setText(f"{text}\t{keys}")
    return action
