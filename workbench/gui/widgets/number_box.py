"""An entry for a number that lets everything be typed and says what it is."""

import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from workbench.gui.widgets.number_format import number

_LADDER = (1.0, 3.0, 10.0)


class NumberBox(QAbstractSpinBox):
    """A whole or a decimal number, also written as 1e-3. Nothing typed is ever clamped or thrown away.

    Args:
        whole: Whether only whole numbers are meant.
        minimum: Where stepping down ends; None where it does not.
        maximum: Where stepping up ends; None where it does not.
        log: Whether a step is a factor: 2 for whole numbers, the ladder 1, 3, 10 for others.
        step: What a step adds when it is not a factor; 0 chooses by the size of the value.
        zero: What 0 is shown as, such as *Off*; either may be typed. Empty shows the number.
    """

    changed = Signal()

    def __init__(
        self,
        *,
        whole: bool,
        minimum: float | None = None,
        maximum: float | None = None,
        log: bool = False,
        step: float = 0.0,
        zero: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.whole = whole
        self._minimum = -math.inf if minimum is None else minimum
        self._maximum = math.inf if maximum is None else maximum
        self._log = log
        self._step = step
        self._zero = zero
        self.setCorrectionMode(QAbstractSpinBox.CorrectionMode.CorrectToPreviousValue)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        # A style sheet's padding does not reach the entry inside a spin box.
        self.lineEdit().setTextMargins(7, 0, 0, 0)
        self.lineEdit().textChanged.connect(lambda _text: self.changed.emit())
        self.editingFinished.connect(self._name_zero)

    def value(self) -> float | int | str | None:
        """Return the number; the text itself where it is none; None where it is empty."""
        text = self.text().strip().replace("−", "-")
        if not text:
            return None
        if text.casefold() == self._zero.casefold():
            return 0 if self.whole else 0.0
        try:
            return int(text) if self.whole else float(text)
        except ValueError:
            pass
        try:
            as_float = float(text)
        except ValueError:
            return text
        # 1e3 is a whole number as well, however it is written.
        return int(as_float) if math.isfinite(as_float) and as_float.is_integer() else text

    def set_value(self, value: float | None) -> None:
        """Show a number; None empties the entry."""
        if value is None:
            text = ""
        elif value == 0 and self._zero:
            text = self._zero
        elif self.whole:
            text = str(int(value))
        else:
            shown = number(value)
            text = shown if _reads_as(shown, value) else repr(value)
        if text != self.text():
            self.lineEdit().setText(text)

    def stepBy(self, steps: int) -> None:
        """Step up or down, inside the bounds; from outside them a step leads to the nearest bound."""
        value = self.value()
        if not isinstance(value, int | float) or not math.isfinite(value):
            return
        for _ in range(abs(steps)):
            value = self._after_step(value, 1 if steps > 0 else -1)
        self.set_value(min(max(value, self._minimum), self._maximum))
        self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        """Return in which directions the value can still go."""
        flags = QAbstractSpinBox.StepEnabledFlag
        value = self.value()
        if not isinstance(value, int | float):
            return flags.StepNone
        up = flags.StepUpEnabled if value < self._maximum else flags.StepNone
        down = flags.StepDownEnabled if value > self._minimum else flags.StepNone
        return up | down

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Accept every text: what is wrong is told at the field, not refused at the keyboard."""
        return QValidator.State.Acceptable, text, position

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the scrolled form unless the entry has the focus."""
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def _name_zero(self) -> None:
        """Say what a 0 that was typed means."""
        if self.value() == 0:
            self.set_value(0)

    def _after_step(self, value: float, direction: int) -> float:
        if self._log and value > 0:
            return self._after_factor(value, direction)
        step = self._step
        if not step:
            step = 1.0 if self.whole else 10.0 ** (math.floor(math.log10(abs(value))) - 1 if value else -2)
        result = value + direction * step
        # Steps of 0.1 end in 0.30000000000000004 otherwise.
        return round(result) if self.whole else float(f"{result:.12g}")

    def _after_factor(self, value: float, direction: int) -> float:
        if self.whole:
            power = math.log2(value)
            return 2.0 ** (math.floor(power) + 1 if direction > 0 else math.ceil(power) - 1)
        decade = 10.0 ** math.floor(math.log10(value))
        rungs = [float(f"{decade * rung * scale:.6g}") for scale in (0.1, 1.0, 10.0) for rung in _LADDER[:2]]
        if direction > 0:
            return min(rung for rung in rungs if rung > value * (1 + 1e-9))
        return max(rung for rung in rungs if rung < value * (1 - 1e-9))


def _reads_as(text: str, value: float) -> bool:
    try:
        return float(text) == value
    except ValueError:
        return False
