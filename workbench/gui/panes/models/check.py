"""What a dry batch says of a model: tiles, and its layers."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.core.models import Layer, ModelCheck
from workbench.gui.item_models.records import Column
from workbench.gui.theme import GAP
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.cards import StatTile
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel
from workbench.gui.widgets.table import Table

_ROW = 32
_ROOM_FOR_FOUR = 640
_BIG_WORD = 10


class CheckView(QFrame):
    """Empty at first; then parameters, memory, time, device and the layers of the model that was checked."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Check"))
        self._note = ElidedLabel(role="muted")
        self._hint = PlainLabel(
            tr("Check model runs one batch and shows the layers with their shapes, memory and time."),
            "muted",
            wrap=True,
        )
        self._hint.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.parameters = StatTile(tr("Parameters"))
        self.memory = StatTile(tr("Memory"))
        self.time = StatTile(tr("Time per epoch"))
        self.device = StatTile(tr("Device"))
        self.layers: Table[Layer] = Table(
            [
                Column(tr("Layer"), lambda it: it.name, strong=True),
                Column(tr("Kind"), lambda it: it.kind, stretch=True),
                Column(tr("Output shape"), lambda it: shape_words(it.output_shape), align="right"),
                Column(tr("Parameters"), lambda it: it.parameters, align="right", show=number_format.count),
            ],
            tr("Layers"),
        )
        self.layers.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._columns = 0
        self._tiles = QGridLayout()
        self._tiles.setSpacing(GAP)
        self._lay_out()
        self.clear()

    def clear(self) -> None:
        """Say how the check is made."""
        self._note.setText("")
        self._hint.show()
        self._result.hide()

    def begin(self) -> None:
        """Say that the check is on its way."""
        self._note.setText(tr("Running one batch …"))

    def end(self) -> None:
        """Say that the check has ended without a result."""
        self._note.setText("")

    def mark_old(self) -> None:
        """Say that the result is of other settings than those that stand there now."""
        if self._result.isVisibleTo(self):
            self._note.setText(tr("The settings have changed since: check again."))

    def show_check(self, title: str, check: ModelCheck, epochs: int) -> None:
        """Show what the dry batch said."""
        self._note.setText(title)
        self._hint.hide()
        self._result.show()
        layers = tr("in {count} layers", count=len(check.layers))
        self.parameters.set_values(number_format.count(check.parameters), layers)
        self.memory.set_values(number_format.size(check.memory_bytes), tr("while training, estimated"))
        whole = number_format.short_time(check.epoch_s * epochs)
        self.time.set_values(
            number_format.short_time(check.epoch_s), tr("{epochs} epochs: {time}", epochs=epochs, time=whole)
        )
        device, about = _device_words(check.device)
        step = tr("{time} a step", time=number_format.short_time(check.step_s))
        self.device.set_values(device, f"{about} · {step}" if about else step)
        self.layers.set_records(check.layers)
        self.layers.setFixedHeight(_ROW * (len(check.layers) + 1) + 4)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the tiles into one row where there is room."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        columns = 4 if self.width() >= _ROOM_FOR_FOUR else 2
        if columns == self._columns:
            return
        self._columns = columns
        for at, tile in enumerate((self.parameters, self.memory, self.time, self.device)):
            self._tiles.addWidget(tile, at // columns, at % columns)
        for column in range(4):
            self._tiles.setColumnStretch(column, 1 if column < columns else 0)

    def _lay_out(self) -> None:
        self._result = QWidget()
        self._arrange()
        inner = QVBoxLayout(self._result)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(GAP)
        inner.addLayout(self._tiles)
        inner.addWidget(self.layers)
        head = QHBoxLayout()
        head.setSpacing(GAP)
        head.addWidget(PlainLabel(tr("Check"), "section"))
        head.addWidget(self._note, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._hint)
        column.addWidget(self._result)


def _device_words(device: str) -> tuple[str, str]:
    """Return the kind of device, short enough for a big word, and what there is to add."""
    kind, _, about = device.partition(" · ")
    return (kind, about) if len(kind) <= _BIG_WORD else (tr("GPU"), device)


def shape_words(shape: tuple[int, ...]) -> str:
    """Return a shape as it is read: `32 × 8 × 8`."""
    return " × ".join(map(str, shape)) or "1"
