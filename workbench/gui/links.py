"""Opens what a link points to: every number leads to its source."""

from typing import Any

from workbench.core.risks import Link
from workbench.core.states import Split
from workbench.gui.panes.base import Shell


def target_of(link: Link) -> tuple[str, dict[str, Any]]:
    """Return the pane that a link leads to, and what is to be selected there.

    Args:
        link: Its detail may name a split, a class, a finding or a field; an id of 0 is the place itself.
    """
    match link.noun:
        case "dataset":
            return "data", {"dataset_id": link.id} if link.id else {}
        case "run" if link.detail and link.detail != "price" and link.id:
            split = link.detail.split(":")[0]
            return "evaluate", {"run_id": link.id} | ({"split": split} if split in set(Split) else {})
        case "run":
            return "train", {"run_id": link.id} if link.id else {}
        case "risk":
            return "risks", {"risk_id": link.id} if link.id else {}
        case "card":
            return "board", {"page": "lanes", "card_id": link.id} if link.id else {"page": "lanes"}
        case "person" | "meeting":
            return "board", {"page": "team"} | ({f"{link.noun}_id": link.id} if link.id else {})
        case "decision":
            return "board", {"page": "decisions"} | ({"decision_id": link.id} if link.id else {})
        case "gate":
            return "board", {"page": "gates", "stage": link.detail}
        case _:
            return "board", {"page": "charter", "field": link.detail}


def open_link(shell: Shell, link: Link) -> None:
    """Show what a link points to."""
    pane, target = target_of(link)
    shell.go(pane, **target)
