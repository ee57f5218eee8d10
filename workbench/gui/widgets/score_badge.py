"""How a risk's score is told on every pane: the number, its word, and a colour that never says more."""

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from workbench.gui.translate import tr
from workbench.gui.widgets.badges import Badge

TONES = ("good", "quiet", "warning", "danger")
"""Tone of low, medium, high and critical."""


def level_of(score: int, thresholds: Sequence[int]) -> int:
    """Return 0 for low, 1 for medium, 2 for high, 3 for critical.

    Args:
        score: Probability times impact.
        thresholds: Scores from which a risk is medium, high and critical.
    """
    return sum(score >= threshold for threshold in thresholds)


def level_word(level: int) -> str:
    """Return the word of a level."""
    return (tr("low"), tr("medium"), tr("high"), tr("critical"))[level]


def score_text(score: int | None, thresholds: Sequence[int]) -> str:
    """Return a score with its word, such as `20 critical`; a dash where there is none."""
    return "–" if score is None else f"{score} {level_word(level_of(score, thresholds))}"


def score_tone(score: int, thresholds: Sequence[int]) -> str:
    """Return the tone of a score's badge."""
    return TONES[level_of(score, thresholds)]


class ScoreBadge(Badge):
    """A score with its word."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("–", "quiet", parent)

    def set_score(self, score: int | None, thresholds: Sequence[int]) -> None:
        """Show another score; None is a dash."""
        tone = "quiet" if score is None else score_tone(score, thresholds)
        self.set_badge(score_text(score, thresholds), tone)
