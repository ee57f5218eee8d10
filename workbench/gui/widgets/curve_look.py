"""How strongly curves are smoothed and what lies along x: controls for one plot, or for many at once."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QSlider, QToolButton, QWidget

from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets.curve_data import Axis
from workbench.gui.widgets.labels import PlainLabel


class LookControls(QWidget):
    """A slider for the smoothing and a choice of the horizontal axis; `changed` tells of either."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, 99)
        self._slider.setFixedWidth(80)
        self._slider.setAccessibleName(tr("Smoothing"))
        self._slider.setToolTip(
            tr("Smoothing: weight of the past in an exponential moving average, 0 to 0.99")
        )
        self._word = PlainLabel(tr("smoothing"), "small")
        self._word.setBuddy(self._slider)
        self._weight = PlainLabel("0.00", "small")
        self._axis = quiet_combo(
            tr("Horizontal axis"),
            [(tr("x: step"), "step"), (tr("x: epoch"), "epoch"), (tr("x: minutes"), "minutes")],
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for part in (self._word, self._slider, self._weight, self._axis):
            row.addWidget(part)
        self._slider.valueChanged.connect(self._on_changed)
        self._axis.currentIndexChanged.connect(self._on_changed)

    @property
    def smoothing(self) -> float:
        """Weight of the past, in [0, 1)."""
        return self._slider.value() / 100

    @property
    def axis(self) -> Axis:
        """What lies along x."""
        axis: Axis = self._axis.currentData()
        return axis

    def set_values(self, smoothing: float, axis: Axis) -> None:
        """Show other values; `changed` tells of what is new."""
        self._slider.setValue(round(smoothing * 100))
        self._axis.setCurrentIndex(self._axis.findData(axis))

    def show_word(self, shown: bool) -> None:
        """Say what the slider is, or leave that to its tooltip where there is little room."""
        self._word.setVisible(shown)

    def _on_changed(self) -> None:
        self._weight.setText(f"{self.smoothing:.2f}")
        self.changed.emit()


def quiet_combo(name: str, items: list[tuple[str, object]]) -> QComboBox:
    """Return a combo box without a frame: (text, value) each."""
    combo = QComboBox()
    combo.setProperty("quiet", True)
    combo.setAccessibleName(name)
    combo.setToolTip(name)
    for text, value in items:
        combo.addItem(text, value)
    # As wide as its longest words, also where the row is full.
    combo.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
    return combo


def tool_button(icon_name: str, name: str, hint: str) -> QToolButton:
    """Return a button with a picture alone; its name is for assistive technology, the hint its tooltip."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setAccessibleName(name)
    button.setToolTip(hint)
    return button
