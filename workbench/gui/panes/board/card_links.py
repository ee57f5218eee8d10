"""What a card can point to, and what that is called."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from workbench.core.board import Card
from workbench.core.errors import UserError
from workbench.core.risks import Link, Risk
from workbench.gui.palette import Hit
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.services.session import Session

ICONS = {
    "dataset": "database",
    "run": "chart-line",
    "risk": "warning",
    "card": "note",
    "person": "user",
    "meeting": "calendar-blank",
}
Names = dict[Link, str]


def icon_of(link: Link) -> str:
    """Return the icon for what a link points to."""
    if link.noun == "run" and link.detail:
        return "grid-four"
    return ICONS.get(link.noun, "link-simple")


def read_names(session: "Session", links: Sequence[Link]) -> Names:
    """Return the names of what links point to; one that is not there any more has none."""
    found: Names = {}
    for link in links:
        try:
            name = _name(session, link)
        except UserError:
            continue
        if name:
            found[link] = f"{name} · {link.detail}" if link.detail else name
    return found


def words_of(link: Link, names: Names) -> str:
    """Return what a link is called, also when it leads nowhere any more."""
    noun = tr(link.noun.capitalize())
    return names.get(link) or tr("{noun} {number}, not there any more", noun=noun, number=link.id)


def read_choices(session: "Session", known: Sequence[Link]) -> list[tuple[str, str, Link]]:
    """Return what can be linked, with name and kind: risks, runs with their evaluations, datasets."""
    found: list[tuple[str, str, Link]] = []
    for risk in session.board.state.of(Risk).values():
        found.append((risk.title, tr("risk"), Link("risk", risk.id)))
    for run in reversed(session.training.all()):
        found.append((run.name, tr("run"), Link("run", run.id)))
        for split in dict.fromkeys(item.split for item in session.evaluation.all(run.id)):
            kind = tr("evaluation on {split}", split=tr(split.value))
            found.append((run.name, kind, Link("run", run.id, split.value)))
    for dataset in session.datasets.all():
        found.append((dataset.title, tr("dataset"), Link("dataset", dataset.id)))
    return [choice for choice in found if choice[2] not in known]


def link_hits(choices: Sequence[tuple[str, str, Link]], choose: Callable[[Link], object]) -> list[Hit]:
    """Return choices as what the palette lists."""
    return [Hit(name, kind, icon_of(link), partial(choose, link)) for name, kind, link in choices]


def card_hits(cards: Sequence[Card], lanes: dict[int, str], choose: Callable[[int], object]) -> list[Hit]:
    """Return cards as what the palette lists, with the lanes that they lie in."""
    return [Hit(card.title, lanes.get(card.lane_id, ""), "note", partial(choose, card.id)) for card in cards]


def _name(session: "Session", link: Link) -> str:
    if link.noun == "dataset":
        return session.datasets.get(link.id).name
    if link.noun == "run":
        return session.training.get(link.id).name
    if link.noun == "card":
        return session.board.state.get(Card, link.id).title
    if link.noun == "risk":
        return session.board.state.get(Risk, link.id).title
    return tr(link.noun.capitalize())
