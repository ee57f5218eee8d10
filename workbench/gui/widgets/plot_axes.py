"""What every pyqtgraph plot has in common: quiet axes, few round ticks, pens that do not scale."""

import math
from functools import lru_cache
from typing import Any

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPen

from workbench.gui.theme import SMALL_PX, figure_font, token
from workbench.gui.widgets.number_format import number

Ticks = list[tuple[float, str]]

_PIXELS_PER_TICK = {"left": 30, "bottom": 72}
_HALF_LABEL = 8
_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


def pen(color: QColor, width: float = 1.0, style: Qt.PenStyle = Qt.PenStyle.SolidLine) -> QPen:
    """Return a pen as wide as it says, in pixels, however the plot is zoomed."""
    made = QPen(color, width, style)
    made.setCosmetic(True)
    return made


def set_up(plot: Any) -> None:
    """Take away from a pyqtgraph PlotWidget what we do not use."""
    plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    plot.getViewBox().setMenuEnabled(False)
    plot.getViewBox().disableAutoRange()
    plot.hideButtons()
    plot.getPlotItem().layout.setContentsMargins(0, _HALF_LABEL, 0, 0)
    # pyqtgraph 0.14 makes this menu, used or not, without a parent: it would outlive the plot.
    menu = plot.getPlotItem().ctrlMenu
    menu.setParent(plot, menu.windowFlags())
    for side in ("left", "bottom"):
        # Behind the data: pyqtgraph draws the grid lines as long ticks of the axis.
        plot.getAxis(side).setZValue(-10)


@lru_cache(maxsize=1)
def left_axis() -> Any:
    """Return the class of left axes: a label at either end of the scale is drawn, half of it outside.

    pyqtgraph 0.14 leaves out labels that reach beyond the axis wherever there are grid lines.
    """
    import pyqtgraph

    base: Any = pyqtgraph.AxisItem

    class LeftAxis(base):  # type: ignore[misc]
        def boundingRect(self) -> QRectF:  # noqa: N802 - the name is Qt's
            bounds: QRectF = super().boundingRect()
            return bounds.adjusted(0, -_HALF_LABEL, 0, _HALF_LABEL)

    return LeftAxis


def dress(plot: Any, *, upright_lines: bool) -> None:
    """Give a plot the colours of the theme.

    Args:
        plot: A pyqtgraph PlotWidget.
        upright_lines: Whether there are grid lines at the ticks of x as well.
    """
    plot.setBackground(token("raised"))
    nothing = QPen(Qt.PenStyle.NoPen)
    for side in ("left", "bottom"):
        axis, lines = plot.getAxis(side), side == "left" or upright_lines
        axis.setStyle(tickFont=figure_font(SMALL_PX), tickLength=0, tickTextOffset=8, tickAlpha=255)
        axis.setTextPen(token("muted"))
        axis.setPen(nothing if lines else pen(token("line")))
        axis.setTickPen(pen(token("line")))
        axis.setGrid(255 if lines else False)


def set_ticks(plot: Any, side: str, *, log: bool = False) -> None:
    """Put round ticks on an axis for what is shown now.

    Args:
        plot: A pyqtgraph PlotWidget.
        side: `left` or `bottom`.
        log: Whether the axis holds powers of ten.
    """
    box = plot.getViewBox()
    low, high = box.viewRange()[side == "left"]
    length = box.height() if side == "left" else box.width()
    most = max(2, int(length / _PIXELS_PER_TICK[side]))
    plot.getAxis(side).setTicks([log_ticks(low, high, most) if log else round_ticks(low, high, most)])


def round_ticks(low: float, high: float, most: int) -> Ticks:
    """Return at most `most` + 1 ticks at round values in [low, high], but never a single one."""
    if not (high > low and math.isfinite(high - low)):
        return []
    rough = (high - low) / most
    decade = 10.0 ** math.floor(math.log10(rough))
    steps = [decade * factor for factor in (*(step / 10 for step in _STEPS[:-1]), *_STEPS)]
    at = next(at for at, step in enumerate(steps) if step >= rough * (1 - 1e-9))
    places = _multiples(low, high, steps[at])
    while len(places) < 2:
        at -= 1
        places = _multiples(low, high, steps[at])
    step = steps[at]
    decimals = max(0, -math.floor(math.log10(step)) + (1 if at % 4 == 2 else 0))
    return [(i * step, _text(i * step, decimals)) for i in places]


def _multiples(low: float, high: float, step: float) -> range:
    return range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)


def log_ticks(low: float, high: float, most: int) -> Ticks:
    """Return ticks for an axis of powers of ten, from 10**low to 10**high."""
    if not -300 < low < high < 300:
        return []
    decades = range(math.floor(low), math.ceil(high) + 1)
    for mantissas in ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1,)):
        values = [m * 10.0**d for d in decades for m in mantissas if low <= math.log10(m) + d <= high]
        if 3 <= len(values) <= most:
            return [(math.log10(value), number(value)) for value in values]
    if len(values) > most:
        every = -(-len(values) // most)
        return [(math.log10(value), number(value)) for value in values[::every]]
    # Less than a decade or two is shown: round values say more than powers of ten.
    return [(math.log10(v), text) for v, text in round_ticks(10.0**low, 10.0**high, most) if v > 0]


def _text(value: float, decimals: int) -> str:
    if value and (abs(value) >= 1e7 or decimals > 5):
        return number(value)
    # Rounding away a tiny remainder leaves -0 otherwise.
    return f"{value + 0.0:,.{decimals}f}" if round(value, decimals) else f"{0:.{decimals}f}"
