"""Workbench: from raw data to a model that a team can trust."""

__version__ = "0.1.0"
