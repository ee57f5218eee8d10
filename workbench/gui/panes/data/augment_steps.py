"""The steps of an augmentation in order, each on or off."""

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QListWidget, QListWidgetItem, QWidget

from workbench.core.configs import StepConfig
from workbench.core.registry import Choice
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip

_STEP = Qt.ItemDataRole.UserRole
_ON = Qt.CheckState.Checked


class StepList(QListWidget):
    """Steps by title; drag or Ctrl+Up and Ctrl+Down change their order, Space turns one on or off.

    `edited` says that steps or their order have changed, `chosen` that another one is the current one.
    """

    edited = Signal()
    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Steps of the augmentation"))
        self.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.setDefaultDropAction(Qt.DropAction.MoveAction)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setToolTip(
            tip(tr("Drag, or Ctrl+Up and Ctrl+Down: order. Space: on or off. Delete: take away."))
        )
        self._titles: Mapping[str, type[Choice]] = {}
        self._may_change = True
        self.itemChanged.connect(lambda _item: self.edited.emit())
        self.model().rowsMoved.connect(lambda *_: self.edited.emit())
        self.currentRowChanged.connect(lambda _row: self.chosen.emit())

    def steps(self) -> tuple[StepConfig, ...]:
        """Return the steps in order."""
        items = [self.item(row) for row in range(self.count())]
        return tuple(
            StepConfig(name=step.name, fields=step.fields, on=item.checkState() is _ON)
            for item in items
            for step in [item.data(_STEP)]
        )

    def set_steps(self, steps: Sequence[StepConfig], may_change: bool) -> None:
        """Show these steps; the current place stays."""
        row = max(0, self.currentRow())
        self._may_change = may_change
        with QSignalBlocker(self):
            self.clear()
            for step in steps:
                self._add(step)
            self.setCurrentRow(min(row, self.count() - 1))
        self.setDragEnabled(may_change)
        self.chosen.emit()

    def set_known(self, known: Mapping[str, type[Choice]]) -> None:
        """Know what the steps are called."""
        self._titles = known
        with QSignalBlocker(self):
            for row in range(self.count()):
                self.item(row).setText(self._title(self.item(row).data(_STEP).name))

    def set_risks(self, risks: Mapping[int, str]) -> None:
        """Mark the steps, by their place, that may break a label."""
        with QSignalBlocker(self):
            for row in range(self.count()):
                item, risk = self.item(row), risks.get(row, "")
                item.setData(Qt.ItemDataRole.DecorationRole, icon("warning", "warning") if risk else None)
                about = self._titles.get(item.data(_STEP).name)
                item.setToolTip(tip(risk or (about.text if about is not None else "")))

    def current_step(self) -> StepConfig | None:
        """Return the step that is chosen."""
        row = self.currentRow()
        return self.steps()[row] if row >= 0 else None

    def add_step(self, step: StepConfig) -> None:
        """Add a step at the end and choose it."""
        with QSignalBlocker(self):
            self._add(step)
            self.setCurrentRow(self.count() - 1)
        self.chosen.emit()
        self.edited.emit()

    def set_fields(self, fields: Mapping[str, object]) -> None:
        """Set the current step otherwise."""
        item = self.currentItem()
        step: StepConfig = item.data(_STEP)
        with QSignalBlocker(self):
            item.setData(_STEP, StepConfig(name=step.name, fields=dict(fields), on=step.on))

    def remove_current(self) -> None:
        """Take the current step away."""
        row = self.currentRow()
        if row < 0 or not self._may_change:
            return
        with QSignalBlocker(self):
            self.takeItem(row)
            self.setCurrentRow(min(row, self.count() - 1))
        self.chosen.emit()
        self.edited.emit()

    def move_current(self, by: int) -> None:
        """Move the current step up or down."""
        row = self.currentRow()
        to = row + by
        if row < 0 or not 0 <= to < self.count() or not self._may_change:
            return
        with QSignalBlocker(self):
            self.insertItem(to, self.takeItem(row))
            self.setCurrentRow(to)
        self.edited.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with Ctrl+Up and Ctrl+Down, take away with Delete; all else as usual."""
        control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
        moves = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
        key = Qt.Key(event.key())
        if control and key in moves:
            self.move_current(moves[key])
        elif key == Qt.Key.Key_Delete:
            self.remove_current()
        else:
            super().keyPressEvent(event)

    def _add(self, step: StepConfig) -> None:
        item = QListWidgetItem(self._title(step.name))
        item.setData(_STEP, step)
        flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
        if self._may_change:
            flags |= Qt.ItemFlag.ItemIsUserCheckable | Qt.ItemFlag.ItemIsDragEnabled
        item.setFlags(flags)
        item.setCheckState(_ON if step.on else Qt.CheckState.Unchecked)
        self.addItem(item)

    def _title(self, name: str) -> str:
        known = self._titles.get(name)
        return known.title if known is not None else name.replace("_", " ").capitalize()
