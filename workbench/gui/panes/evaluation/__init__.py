"""The Evaluate pane: how good a run is, and where it is wrong."""

from workbench.gui.panes.evaluation.pane import EvaluatePane

__all__ = ["EvaluatePane"]
