"""Opens what a link points to: every number leads to its source."""

from typing import TYPE_CHECKING, Any

from workbench.core.errors import UserError
from workbench.core.risks import Link
from workbench.core.states import Split
from workbench.gui.panes.base import Shell
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.services.session import Session


def target_of(link: Link) -> tuple[str, dict[str, Any]]:
    """Return the pane that a link leads to, and what is to be selected there.

    Args:
        link: Its detail may name a split, a class, a finding or a field; an id of 0 is the place itself.
    """
    match link.noun:
        case "dataset" | "samples":
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


def link_text(session: "Session", link: Link) -> str:
    """Return what a link points to, as a chip says it. Reads the project."""
    try:
        match link.noun:
            case "samples":
                name, count = session.datasets.get(link.id).name, link.detail.count(",") + 1
                one = tr("{name} · 1 sample", name=name)
                return one if count == 1 else tr("{name} · {count} samples", name=name, count=count)
            case "dataset" if link.id:
                name = session.datasets.get(link.id).name
                return f"{name} · {link.detail.replace('_', ' ')}" if link.detail else name
            case "run" if link.id:
                name = session.training.get(link.id).name
                return f"{name} · {link.detail}" if link.detail else name
    except UserError:
        return f"{tr(link.noun)} {link.id}"
    return link.detail or tr(link.noun)


def link_icon(link: Link) -> str:
    """Return the icon of what a link points to."""
    icons = {
        "dataset": "database",
        "samples": "image",
        "run": "chart-line",
        "card": "columns",
        "person": "user",
    }
    return icons.get(link.noun, "link")
