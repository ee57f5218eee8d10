"""Which cards the lanes show, in which groups, and how each looks: values only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from workbench.core.board import Card, Lane, Person
from workbench.gui.translate import tr
from workbench.gui.widgets.kanban import LaneContent
from workbench.gui.widgets.kanban_card import CardLook, Section, card_height

NOBODY = -1
Groups = Literal["", "owner", "tag"]


@dataclass(frozen=True, slots=True)
class CardFilter:
    """What a card has to be to be shown.

    Args:
        owner: Id of its owner, NOBODY for cards without one; None is anyone.
        tag: A tag that it has; empty is any.
        text: Words that are all in its title, text or tags.
        overdue: Only cards whose day has passed.
        archived: Also cards that were put away.
        groups: By what the cards of a lane are grouped.
    """

    owner: int | None = None
    tag: str = ""
    text: str = ""
    overdue: bool = False
    archived: bool = False
    groups: Groups = ""

    @property
    def narrows(self) -> bool:
        """Whether it hides cards that are on the board."""
        return self.owner is not None or bool(self.tag or self.text.strip()) or self.overdue


@dataclass(frozen=True)
class Arranged:
    """The lanes as they are shown.

    Args:
        lanes: From left to right.
        heights: Height of each card that is shown, by id.
        shown: How many cards are shown.
        total: How many are on the board.
    """

    lanes: list[LaneContent]
    heights: Mapping[int, int] = field(default_factory=dict)
    shown: int = 0
    total: int = 0


def arrange(
    cards: Iterable[Card],
    lanes: Iterable[Lane],
    people: Mapping[int, Person],
    wanted: CardFilter,
    today: date,
) -> Arranged:
    """Return the lanes with the cards that are wanted, in their order, those put away last.

    Args:
        cards: All cards.
        lanes: From left to right.
        people: Names of owners, by id.
        wanted: Which cards, in which groups.
        today: From when on a card is overdue.
    """
    lanes = list(lanes)
    kept: dict[int, list[Card]] = {lane.id: [] for lane in lanes}
    counts = dict.fromkeys(kept, 0)
    heights: dict[int, int] = {}
    words = wanted.text.casefold().split()
    for card in cards:
        if card.lane_id not in kept:
            continue
        counts[card.lane_id] += card.archived_at is None
        if _fits(card, wanted, words, today):
            kept[card.lane_id].append(card)
            heights[card.id] = _height(card)
    groups = _groups(kept, people, wanted.groups)
    contents = []
    for lane in lanes:
        found = sorted(kept[lane.id], key=_order)
        rows = _grouped(found, groups, wanted.groups) if groups else tuple(card.id for card in found)
        has_gate = lane.stage is not None
        contents.append(LaneContent(lane.id, lane.name, rows, counts[lane.id], lane.limit, has_gate))
    shown = sum(len(found) for found in kept.values())
    return Arranged(contents, heights, shown, sum(counts.values()))


def look_of(card: Card, people: Mapping[int, Person], today: date) -> CardLook:
    """Return what a card shows."""
    owner = people.get(card.owner_id or 0)
    return CardLook(
        card.title,
        card.tags,
        owner.name if owner else "",
        owner.color if owner else 0,
        day_words(card.due, today),
        card.overdue(today),
        sum(item.done for item in card.checklist),
        len(card.checklist),
        len(card.links),
        card.done_at is not None,
        card.archived_at is not None,
        card.milestone,
    )


def day_words(day: date | None, today: date) -> str:
    """Return a day as `28 Nov`, with its year where that is another."""
    if day is None:
        return ""
    short = f"{day.day}\u00a0{day:%b}"
    return short if day.year == today.year else f"{short}\u00a0{day.year}"


def after_drop(card: Card, key: str) -> Card:
    """Return a card as it is in a group: with that owner, or that tag in place of the one it was under."""
    kind, _, value = key.partition(":")
    if kind == "owner":
        owner = int(value) or None
        return card if owner == card.owner_id else replace(card, owner_id=owner)
    if _key(card, "tag") == key:
        return card
    rest = tuple(tag for tag in card.tags[1:] if tag != value)
    return replace(card, tags=(value, *rest) if value else ())


def _fits(card: Card, wanted: CardFilter, words: list[str], today: date) -> bool:
    if card.archived_at is not None and not wanted.archived:
        return False
    if wanted.owner is not None and (card.owner_id or NOBODY) != wanted.owner:
        return False
    if wanted.tag and wanted.tag not in card.tags:
        return False
    if wanted.overdue and not card.overdue(today):
        return False
    if words:
        text = "\n".join((card.title, card.text, *card.tags)).casefold()
        return all(word in text for word in words)
    return True


def _height(card: Card) -> int:
    facts = bool(card.due or card.checklist or card.links or card.archived_at)
    return card_height(card.title, tags=bool(card.tags), facts=facts, owner=card.owner_id is not None)


def _order(card: Card) -> tuple[bool, float, int]:
    return card.archived_at is not None, card.place, card.id


def _key(card: Card, groups: Groups) -> str:
    if groups == "owner":
        return f"owner:{card.owner_id or 0}"
    return f"tag:{card.tags[0] if card.tags else ''}"


def _groups(kept: Mapping[int, list[Card]], people: Mapping[int, Person], groups: Groups) -> dict[str, str]:
    """Return the titles of the groups by key, in one order for all lanes, those of nobody last."""
    if not groups:
        return {}
    keys = {_key(card, groups) for found in kept.values() for card in found}
    titles = {}
    for key in keys:
        value = key.partition(":")[2]
        if groups == "owner":
            person = people.get(int(value))
            titles[key] = person.name if person else tr("Nobody")
        else:
            titles[key] = value or tr("No tag")
    last = {"owner:0", "tag:"}
    return dict(sorted(titles.items(), key=lambda item: (item[0] in last, item[1].casefold())))


def _grouped(cards: list[Card], titles: Mapping[str, str], groups: Groups) -> tuple[int | Section, ...]:
    by_key: dict[str, list[int]] = {}
    for card in cards:
        by_key.setdefault(_key(card, groups), []).append(card.id)
    rows: list[int | Section] = []
    for key, title in titles.items():
        found = by_key.get(key, [])
        if found:
            rows += [Section(key, title, len(found)), *found]
    return tuple(rows)
