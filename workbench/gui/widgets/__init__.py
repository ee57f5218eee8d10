"""Widgets that take values and give signals; none of them knows a service."""
