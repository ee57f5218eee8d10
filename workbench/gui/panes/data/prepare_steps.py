"""The list of steps of a recipe: order, on and off, and what is wrong, each beside its step."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
    QWidgetAction,
)

from workbench.core.configs import StepConfig
from workbench.core.registry import Choice
from workbench.gui.theme import SMALL_PX, body_font, icon, token
from workbench.gui.translate import tr
from workbench.gui.widgets.form_fields import words_of
from workbench.gui.widgets.labels import PlainLabel, tip

_STEP = Qt.ItemDataRole.UserRole
_LINE = Qt.ItemDataRole.UserRole + 1
_PROBLEM = Qt.ItemDataRole.UserRole + 2
_HEIGHT = 44
_SINGLE = 32
_MARK = 32
Classes = Mapping[str, type[Choice]]


class StepList(QListWidget):
    """Steps from top to bottom. `edited` says in words what the user did to them.

    A tick switches a step on or off; drag or Ctrl+Up and Ctrl+Down move it, Delete removes it.
    """

    edited = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._classes: Classes = {}
        self._filling = False
        self.setAccessibleName(tr("Steps"))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setItemDelegate(_StepDelegate(self))
        self.model().rowsMoved.connect(lambda *_: self._tell(tr("Move a step of the preparation")))
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

    def insert(self, step: StepConfig) -> None:
        """Put a step behind the current one, and make it current."""
        self._filling = True
        row = self.currentRow() + 1 if self.count() else 0
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
        self._tell(tr("Move a step of the preparation"))

    def set_fields(self, fields: Mapping[str, Any]) -> None:
        """Give the current step other settings; nothing is told."""
        item, step = self.currentItem(), self.current()
        if item is not None and step is not None:
            self._filling = True
            self._fill(item, step.model_copy(update={"fields": dict(fields)}))
            self._filling = False

    def show_problems(self, problems: Mapping[int, str]) -> None:
        """Say beside each step what is wrong with it, by its place."""
        self._filling = True
        for row in range(self.count()):
            item = self.item(row)
            item.setData(_PROBLEM, problems.get(row, ""))
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
        problem = item.data(_PROBLEM) or ""
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
        return cls.title if cls is not None else step.name

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


class StepMenu(QMenu):
    """Steps under their headings, found by a word. `chosen` carries the name of one."""

    chosen = Signal(str)

    def __init__(self, classes: Sequence[type[Choice]], misfits: Mapping[str, str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setToolTipsVisible(True)
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a step"))
        self.search.setAccessibleName(tr("Find a step"))
        self.search.setMinimumWidth(240)
        self.search.textChanged.connect(self._on_search)
        self.search.installEventFilter(self)
        first = QWidgetAction(self)
        first.setDefaultWidget(self.search)
        self.addAction(first)
        self._found: list[tuple[QAction, str]] = []
        self._heads: list[tuple[QWidgetAction, list[QAction]]] = []
        for cls in classes:
            if cls.name in misfits:
                self._add(cls, misfits[cls.name])
        self.aboutToShow.connect(self.search.setFocus)

    def _add(self, cls: type[Choice], misfit: str) -> None:
        if not self._heads or self._heads[-1][0].text() != cls.group:
            label = PlainLabel(cls.group, "caption")
            label.setContentsMargins(8, 8, 8, 2)
            head = QWidgetAction(self)
            head.setText(cls.group)
            head.setDefaultWidget(label)
            head.setEnabled(False)
            self.addAction(head)
            self._heads.append((head, []))
        about = cls.text or (cls.__doc__ or "").partition("\n")[0]
        action = self.addAction(cls.title)
        action.setEnabled(not misfit)
        action.setToolTip(tip(misfit or about))
        action.triggered.connect(lambda _=False, name=cls.name: self.chosen.emit(name))
        self._found.append((action, f"{cls.title} {cls.group} {about}".casefold()))
        self._heads[-1][1].append(action)

    def _on_search(self, text: str) -> None:
        for action, words in self._found:
            action.setVisible(text.casefold() in words)
        for head, actions in self._heads:
            shown = any(action.isVisible() for action in actions)
            head.setVisible(shown)
            head.defaultWidget().setVisible(shown)

    def eventFilter(self, watched: Any, event: QEvent) -> bool:
        """Take the first step that is found with Return; go down to them with the arrow."""
        if watched is self.search and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            left = [action for action, _ in self._found if action.isVisible() and action.isEnabled()]
            if left and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                left[0].trigger()
                self.close()
                return True
            if left and event.key() == Qt.Key.Key_Down:
                self.setActiveAction(left[0])
                self.setFocus()
                return True
        return super().eventFilter(watched, event)


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
        problem = index.data(_PROBLEM)
        step: StepConfig = index.data(_STEP)
        tick = icon("check-square", "accent") if step.on else icon("square", "muted")
        tick.paint(painter, QRect(mark.center().x() - 8, view.rect.center().y() - 8, 18, 18))
        line = problem or (index.data(_LINE) if step.on else tr("off"))
        inner: QRect = view.rect.adjusted(_MARK, 4, -8, -4)
        painter.save()
        painter.setFont(body_font())
        painter.setPen(view.palette.color(QPalette.ColorRole.Text) if step.on else token("muted"))
        upper = QRect(
            inner.left(), inner.top(), inner.width(), inner.height() // 2 if line else inner.height()
        )
        self._write(painter, upper, title)
        if line:
            painter.setFont(body_font(SMALL_PX))
            painter.setPen(token("danger" if problem else "muted"))
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
    return _HEIGHT if item.data(_PROBLEM) or item.data(_LINE) or not item.data(_STEP).on else _SINGLE


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
