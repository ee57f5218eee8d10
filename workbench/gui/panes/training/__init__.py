"""The Train pane: runs, their curves, their settings."""

from workbench.gui.panes.training.pane import TrainPane

__all__ = ["TrainPane"]
