"""The Risks pane: what may go wrong, and what is done about it."""

from workbench.gui.panes.risks.pane import RisksPane

__all__ = ["RisksPane"]
