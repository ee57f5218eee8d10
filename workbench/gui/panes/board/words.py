"""Words and marks that several pages of the Board pane use."""

from collections.abc import Callable

from PySide6.QtWidgets import QPushButton

from workbench.core.risks import Link
from workbench.core.states import DecisionKind, Stage, Verdict
from workbench.gui.links import open_link, target_of
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.translate import tr
from workbench.gui.undo_offer import offer_undo
from workbench.gui.widgets import buttons


def stage_title(stage: Stage) -> str:
    """Return the name of a stage."""
    return {
        Stage.INITIATION: tr("Initiation"),
        Stage.DEVELOPMENT: tr("Development"),
        Stage.TESTING: tr("Testing"),
        Stage.DEPLOYMENT: tr("Deployment"),
        Stage.OPERATIONS: tr("Operations"),
    }[stage]


def verdict_look(verdict: Verdict) -> tuple[str, str, str]:
    """Return icon, word and tone of a verdict."""
    return {
        Verdict.MET: ("check-circle", tr("Met"), "good"),
        Verdict.NOT_MET: ("x-circle", tr("Not met"), "danger"),
        Verdict.UNKNOWN: ("question", tr("Cannot tell yet"), "muted"),
    }[verdict]


def kind_title(kind: DecisionKind) -> str:
    """Return the name of a kind of decision."""
    return {
        DecisionKind.GATE_PASSED: tr("Gate passed"),
        DecisionKind.GATE_OVERRIDDEN: tr("Gate overridden"),
        DecisionKind.RISK_ACCEPTED: tr("Risk accepted"),
        DecisionKind.FINDING_ACCEPTED: tr("Finding accepted"),
        DecisionKind.RUN_RELEASED: tr("Run released"),
        DecisionKind.GOAL_CHANGED: tr("Goal changed"),
        DecisionKind.OTHER: tr("Decision"),
    }[kind]


def kind_tone(kind: DecisionKind) -> str:
    """Return the tone of the badge of a kind of decision."""
    tones = {
        DecisionKind.GATE_PASSED: "good",
        DecisionKind.GATE_OVERRIDDEN: "warning",
        DecisionKind.RUN_RELEASED: "info",
    }
    return tones.get(kind, "quiet")


def place_title(link: Link) -> str:
    """Return the name of the place that a link leads to."""
    pane, target = target_of(link)
    pages = {
        "lanes": tr("Lanes"),
        "team": tr("Team"),
        "decisions": tr("Decisions"),
        "gates": tr("Gates"),
        "charter": tr("Goal and limits"),
    }
    panes = {"data": tr("Data"), "train": tr("Train"), "evaluate": tr("Evaluate"), "risks": tr("Risks")}
    return pages[str(target["page"])] if pane == "board" else panes[pane]


def link_button(text: str, run: Callable[[], object], about: str = "") -> QPushButton:
    """Return a button that looks like a link.

    Args:
        text: Where it leads.
        run: Leads there.
        about: What it belongs to, for assistive technology and as a tooltip.
    """
    button = buttons.link_button(text, about)
    button.setAccessibleDescription(about)
    button.clicked.connect(lambda _checked=False: run())
    return button


def source_button(shell: Shell, link: Link, about: str = "") -> QPushButton:
    """Return a button that leads to what a link points to."""
    return link_button(f"{place_title(link)} →", lambda: open_link(shell, link), about)


def tell_done(pane: Pane, text: str) -> None:
    """Say what was done just now and offer to take back just that."""
    session = pane.session
    if session is not None:
        offer_undo(pane.shell, session, text, session.history.last)
