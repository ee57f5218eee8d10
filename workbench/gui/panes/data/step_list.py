"""The list of steps of a recipe or of an augmentation: order, on and off, and what is wrong with each."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from workbench.core.configs import StepConfig
from workbench.core.registry import Choice
from workbench.gui.theme import SMALL_PX, body_font, icon, token
from workbench.gui.translate import tr
from workbench.gui.widgets.form_fields import words_of
from workbench.gui.widgets.labels import tip

_STEP = Qt.ItemDataRole.UserRole
_LINE = Qt.ItemDataRole.UserRole + 1
_PROBLEM = Qt.ItemDataRole.UserRole + 2
_WARNING = Qt.ItemDataRole.UserRole + 3
_HEIGHT = 44
_SINGLE = 32
_MARK = 32
Classes = Mapping[str, type[Choice]]


class StepList(QListWidget):
    """Steps from top to bottom. `edited` says in words what the user did to them.

    A tick switches a step on or off; drag or Ctrl+Up and Ctrl+Down move it, Delete removes it.

    Args:
        moved: What it is called that a step was moved, for the list of what can be undone.
    """

    edited = Signal(str)

    def __init__(self, moved: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._moved = moved
        self._classes: Classes = {}
        self._filling = False
        self.setAccessibleName(tr("Steps"))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_StepDelegate(self))
        self.model().rowsMoved.connect(lambda *_: self._tell(self._moved))
        self.itemChanged.connect(self._on_item_changed)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    def show_steps(self, steps: Sequence[StepConfig], classes: Classes, may_change: bool) -> None:
        """Show these steps; the place of the current one stays."""
        self._filling = True
        self._classes = classes
        place = self.currentRow()
        self.clear()
        for step in steps:
            self.addItem(self._item(step, may_change))
        self.setDragEnabled(may_change)
        self._filling = False
        self.setCurrentRow(min(max(place, 0), len(steps) - 1))

    def steps(self) -> tuple[StepConfig, ...]:
        """Return the steps as they stand there."""
        return tuple(self.item(row).data(_STEP) for row in range(self.count()))

    def current(self) -> StepConfig | None:
        """Return the step that is selected."""
        item = self.currentItem()
        step: StepConfig | None = None if item is None else item.data(_STEP)
        return step

    def know(self, classes: Classes) -> None:
        """Know what the steps are called."""
        self._classes = classes
        self.show_problems({})

    def insert(self, step: StepConfig, *, last: bool = False) -> None:
        """Put a step behind the current one, or behind all, and make it current."""
        self._filling = True
        row = self.count() if last else self.currentRow() + 1 if self.count() else 0
        self.insertItem(row, self._item(step, True))
        self._filling = False
        self.setCurrentRow(row)
        self._tell(tr("Add {step}", step=self._title(step)))

    def remove_current(self) -> None:
        """Take the current step away."""
        step = self.current()
        if step is not None:
            self._filling = True
            self.takeItem(self.currentRow())
            self._filling = False
            self.updateGeometry()
            self._tell(tr("Remove {step}", step=self._title(step)))

    def move_current(self, by: int) -> None:
        """Move the current step up (-1) or down (1)."""
        row = self.currentRow()
        if not (0 <= row < self.count() and 0 <= row + by < self.count()):
            return
        self._filling = True
        item = self.takeItem(row)
        self.insertItem(row + by, item)
        self._filling = False
        self.setCurrentRow(row + by)
        self._tell(self._moved)

    def set_fields(self, fields: Mapping[str, Any]) -> None:
        """Give the current step other settings; nothing is told."""
        item, step = self.currentItem(), self.current()
        if item is not None and step is not None:
            self._filling = True
            self._fill(item, step.model_copy(update={"fields": dict(fields)}))
            self._filling = False

    def show_problems(self, problems: Mapping[int, str], warnings: Mapping[int, str] | None = None) -> None:
        """Say beside each step what is wrong with it, or what to think of, by its place."""
        self._filling = True
        for row in range(self.count()):
            item = self.item(row)
            item.setData(_PROBLEM, problems.get(row, ""))
            item.setData(_WARNING, (warnings or {}).get(row, ""))
            self._fill(item, item.data(_STEP))
        self._filling = False

    def _item(self, step: StepConfig, may_change: bool) -> QListWidgetItem:
        item = QListWidgetItem()
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if may_change:
            flags |= Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsDragEnabled
        item.setFlags(flags)
        item.setCheckState(Qt.CheckState.Checked if step.on else Qt.CheckState.Unchecked)
        self._fill(item, step)
        return item

    def _fill(self, item: QListWidgetItem, step: StepConfig) -> None:
        cls = self._classes.get(step.name)
        line = summary(step, cls)
        problem = item.data(_PROBLEM) or item.data(_WARNING) or ""
        item.setData(_STEP, step)
        item.setData(_LINE, line)
        item.setText(self._title(step))
        about = (cls.text or (cls.__doc__ or "").partition("\n")[0]) if cls is not None else ""
        item.setToolTip(tip("\n".join(part for part in (problem, about, line) if part)))
        self.updateGeometry()
        words = ", ".join(part for part in (self._title(step), line, problem) if part)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, words)

    def _title(self, step: StepConfig) -> str:
        cls = self._classes.get(step.name)
        return cls.title if cls is not None else step.name.replace("_", " ").capitalize()

    def _on_item_changed(self, item: QListWidgetItem) -> None:
        if self._filling:
            return
        step: StepConfig = item.data(_STEP)
        on = item.checkState() is Qt.CheckState.Checked
        if on != step.on:
            self._filling = True
            self._fill(item, step.model_copy(update={"on": on}))
            self._filling = False
            word = tr("Switch {step} on") if on else tr("Switch {step} off")
            self._tell(word.format(step=self._title(step)))

    def _tell(self, what: str) -> None:
        if not self._filling:
            self.edited.emit(what)

    def sizeHint(self) -> QSize:
        """Be as tall as the steps."""
        rows = sum(_height(self.item(row)) for row in range(self.count()))
        return QSize(200, max(rows, _HEIGHT) + 4)

    def minimumSizeHint(self) -> QSize:
        """Return the room of three steps: what is beyond scrolls."""
        return QSize(120, min(self.sizeHint().height(), 3 * _HEIGHT + 4))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with Ctrl+Up and Ctrl+Down, remove with Delete; all else as usual."""
        control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        may_change = self.dragEnabled()
        if control and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and may_change:
            self.move_current(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() == Qt.Key.Key_Delete and may_change:
            self.remove_current()
        else:
            super().keyPressEvent(event)


class _StepDelegate(QStyledItemDelegate):
    """Draws a tick, the title, and below it the settings or the problem."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Any) -> None:
        """Draw one step."""
        self.initStyleOption(option, index)
        view: Any = option
        title, view.text = view.text, ""
        style = view.widget.style()
        mark: QRect = style.subElementRect(
            QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, view.widget
        )
        view.features &= ~QStyleOptionViewItem.ViewItemFeature.HasCheckIndicator
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, view.widget)
        problem, warning = index.data(_PROBLEM), index.data(_WARNING)
        step: StepConfig = index.data(_STEP)
        tick = icon("check-square", "accent") if step.on else icon("square", "muted")
        tick.paint(painter, QRect(mark.center().x() - 8, view.rect.center().y() - 8, 18, 18))
        line = problem or warning or (index.data(_LINE) if step.on else tr("off"))
        inner: QRect = view.rect.adjusted(_MARK, 4, -8, -4)
        tone = "danger" if problem else "warning"
        if problem or warning:
            icon("warning", tone).paint(
                painter, QRect(inner.right() - 16, view.rect.center().y() - 8, 16, 16)
            )
            inner.setRight(inner.right() - 20)
        painter.save()
        painter.setFont(body_font())
        painter.setPen(view.palette.color(QPalette.ColorRole.Text) if step.on else token("muted"))
        upper = QRect(
            inner.left(), inner.top(), inner.width(), inner.height() // 2 if line else inner.height()
        )
        self._write(painter, upper, title)
        if line:
            painter.setFont(body_font(SMALL_PX))
            painter.setPen(token(tone if problem or warning else "muted"))
            self._write(painter, upper.translated(0, inner.height() // 2), line)
        painter.restore()

    @staticmethod
    def _write(painter: QPainter, rect: QRect, text: str) -> None:
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width())
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Return the room of one or two lines."""
        return QSize(120, _height(index))


def _height(item: Any) -> int:
    """Return how tall a step is."""
    words = (item.data(role) for role in (_PROBLEM, _WARNING, _LINE))
    return _HEIGHT if any(words) or not item.data(_STEP).on else _SINGLE


def summary(step: StepConfig, cls: type[Choice] | None) -> str:
    """Return the settings of a step that differ from the defaults, in a few words."""
    if cls is None:
        return ""
    words = []
    for name, value in step.fields.items():
        info = cls.model_fields.get(name)
        if info is None or value == info.get_default():
            continue
        text = f"{value:g}" if isinstance(value, float) else words_of(value, info)
        title = info.title or name
        words.append(title if value is True else tr("{title}: {value}", title=title, value=text))
    return " · ".join(words)
