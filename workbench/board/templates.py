"""Boards to begin with: lanes, cards, gates and risks for a kind of product, and those of the starters."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from workbench.board.catalogue import idea_of, watch_of
from workbench.core.board import Criterion, Goal, Lane
from workbench.core.errors import UserError
from workbench.core.registry import nearest
from workbench.core.resources import resource
from workbench.core.risks import RiskIdea, Watch
from workbench.core.states import Split, Stage


@dataclass(frozen=True, slots=True)
class TemplateCard:
    """A card to begin with.

    Args:
        key: Stable word inside the template.
        lane: Name of its lane.
        title: What is to be done.
        text: More about it, in Markdown.
        tags: Words to find it by.
        checklist: Its parts.
        estimate_days: Work in days.
        depends_on: Keys of the cards that come before it.
        milestone: Whether it is the moment at which its stage is left.
    """

    key: str
    lane: str
    title: str
    text: str = ""
    tags: tuple[str, ...] = ()
    checklist: tuple[str, ...] = ()
    estimate_days: float | None = None
    depends_on: tuple[str, ...] = ()
    milestone: bool = False


@dataclass(frozen=True, slots=True)
class Template:
    """A board to begin with. The ids of its lanes, criteria and watches are 0.

    Args:
        name: Stable word: the kind of product, or the name of the starter.
        title: Heading.
        text: What it is for, in a sentence.
        lanes: From left to right.
        cards: In the order of their making: each after those that it depends on.
        criteria: What has to be true before each stage is left.
        risks: Codes of the catalogue.
        goal: What the model should reach.
        charter: Further fields of the charter, by their names.
        watches: By code what a risk watches here instead of what the catalogue says.
    """

    name: str
    title: str
    text: str
    lanes: tuple[Lane, ...]
    cards: tuple[TemplateCard, ...]
    criteria: tuple[Criterion, ...]
    risks: tuple[str, ...]
    goal: Goal | None = None
    charter: Mapping[str, Any] = field(default_factory=dict)
    watches: Mapping[str, Watch] = field(default_factory=dict)

    def ideas(self) -> tuple[RiskIdea, ...]:
        """Return its risks, ready to be taken, with what they watch here."""
        found = [idea_of(code) for code in self.risks]
        return tuple(replace(idea, watch=self.watches.get(idea.code, idea.watch)) for idea in found)


@cache
def templates() -> tuple[Template, ...]:
    """Return one template for each kind of product."""
    content = _content()
    return tuple(_template(content["criteria"], **entry) for entry in content["templates"])


def template_of(name: str) -> Template:
    """Return the template of a kind of product.

    Raises:
        UserError: There is none; the message names the nearest.
    """
    found = {template.name: template for template in templates()}
    if name not in found:
        raise UserError(f"There is no template {name!r}. {nearest(name, list(found))}")
    return found[name]


def template_of_starter(name: str) -> Template | None:
    """Return the template of a starter, with its own goal, charter and risks; None where it has none."""
    entry = _content()["starters"].get(name)
    if entry is None:
        return None
    base = template_of(entry["template"])
    return replace(
        base,
        name=name,
        goal=_goal(entry["goal"]),
        charter={**base.charter, **entry["charter"]},
        risks=tuple(entry["risks"]),
        watches={code: watch_of(watch) for code, watch in entry["watches"].items()},
    )


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(resource("board/templates.json").read_text(encoding="utf-8"))
    return content


def _template(shared: list[dict[str, Any]], **entry: Any) -> Template:
    """Return a template whose gates ask what all ask, then what it asks itself; each stage ends."""
    cards = [_card(**card) for card in entry["cards"]]
    names = [lane["name"] for lane in entry["lanes"]]
    ends = [*(f"Ready for {name.lower()}" for name in names[1:]), "In use, watched and reviewed"]
    cards += [_milestone(name, end, cards) for name, end in zip(names, ends, strict=True)]
    lanes = enumerate(entry["lanes"], start=1)
    criteria = enumerate([*shared, *entry["criteria"]], start=1)
    return Template(
        entry["name"],
        entry["title"],
        entry["text"],
        tuple(Lane(0, lane["name"], Stage(lane["stage"]), float(place)) for place, lane in lanes),
        tuple(cards),
        tuple(
            Criterion(0, Stage(item["stage"]), item["name"], item.get("fields", {}), float(place))
            for place, item in criteria
        ),
        tuple(entry["risks"]),
        _goal(entry["goal"]),
        entry["charter"],
    )


def _card(tags: list[str], checklist: list[str], depends_on: list[str], **values: Any) -> TemplateCard:
    return TemplateCard(**values, tags=tuple(tags), checklist=tuple(checklist), depends_on=tuple(depends_on))


def _milestone(lane: str, title: str, cards: list[TemplateCard]) -> TemplateCard:
    """Return the moment at which a lane is done: after every card of it that no other one there waits for."""
    own = [card for card in cards if card.lane == lane]
    waited = {key for card in own for key in card.depends_on}
    last = tuple(card.key for card in own if card.key not in waited)
    text = f"All that the gate of {lane} asks is met; the page *Gates* shows what it still lacks."
    return TemplateCard(f"end of {lane.lower()}", lane, title, text, depends_on=last, milestone=True)


def _goal(entry: dict[str, Any]) -> Goal:
    return Goal(**{**entry, "split": Split(entry["split"])})
