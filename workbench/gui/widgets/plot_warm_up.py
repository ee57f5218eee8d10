"""Makes the first plot of a session as fast as the next, beside the window."""

from workbench.gui.theme import token
from workbench.gui.widgets.curve_plot import CurvePlot


def load_plots() -> None:
    """Import what plots are drawn with, half a second the first time: for a thread beside the window."""
    import pyqtgraph  # noqa: F401


def warm_up() -> None:
    """Draw a plot that nobody sees: the first one takes several times as long as those after it."""
    plot = CurvePlot("")
    plot.resize(400, 200)
    plot.set_series("", "", token("muted"), [1, 2], [0, 1], [1, 2])
    plot.render_now()
    plot.deleteLater()
