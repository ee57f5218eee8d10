"""The fixtures of the journeys: a home of its own, somebody at the window, a small project."""

from tests.journeys.conftest import home, orchard, orchard_template, user

__all__ = ["home", "orchard", "orchard_template", "user"]
