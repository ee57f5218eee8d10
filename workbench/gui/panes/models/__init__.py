"""The Models pane: families that fit the data, their settings, a dry batch."""

from workbench.gui.panes.models.pane import ModelsPane

__all__ = ["ModelsPane"]
