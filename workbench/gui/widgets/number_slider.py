"""A slider beside the entry of a number: both say the same."""

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QSlider, QWidget

from workbench.gui.widgets.number_box import NumberBox

_STEPS = 200


class NumberSlider(QSlider):
    """Moves a number between two bounds.

    Args:
        box: The entry that it is linked to.
        low: Value at the left.
        high: Value at the right.
    """

    def __init__(self, box: NumberBox, low: float, high: float, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._box, self._low, self._high = box, low, high
        steps = min(_STEPS, int(high - low)) if box.whole else _STEPS
        self.setRange(0, max(1, steps))
        self.setPageStep(max(1, steps // 10))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.valueChanged.connect(self._on_moved)
        box.changed.connect(self._follow)
        self._follow()

    def _on_moved(self, place: int) -> None:
        value = self._low + (self._high - self._low) * place / self.maximum()
        with QSignalBlocker(self):  # the number that is entered is rounded: the handle stays where it is
            self._box.set_value(round(value) if self._box.whole else float(f"{value:.3g}"))

    def _follow(self) -> None:
        value = self._box.value()
        if not self.signalsBlocked() and isinstance(value, int | float):
            share = (value - self._low) / (self._high - self._low)
            with QSignalBlocker(self):
                self.setValue(round(min(max(share, 0.0), 1.0) * self.maximum()))

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scrolled form."""
        event.ignore()
