"""The Board pane: what is to be done, where the project stands, what was decided."""

from workbench.gui.panes.board.pane import BoardPane

__all__ = ["BoardPane"]
