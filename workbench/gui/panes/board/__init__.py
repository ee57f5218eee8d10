"""The Board pane."""

# With the page that is shown first: the pane is loaded beside the window's thread, and made on it.
from workbench.gui.panes.board import lanes as lanes
from workbench.gui.panes.board.pane import BoardPane

__all__ = ["BoardPane"]
