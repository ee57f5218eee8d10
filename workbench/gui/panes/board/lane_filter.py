"""Which cards the lanes show, in which groups, and how each looks: values only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Literal

from workbench.core.board import Card, Lane, Person
from workbench.gui.translate import tr
from workbench.gui.widgets.kanban import LaneContent
from workbench.gui.widgets.kanban_card import CardLook, Section, card_height
from workbench.gui.widgets.kanban_list import Row

NOBODY = -1
_order = attrgetter("place", "id")
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
    away: dict[int, list[Card]] = {lane.id: [] for lane in lanes}
    counts = dict.fromkeys(kept, 0)
    heights: dict[int, int] = {}
    words = wanted.text.casefold().split()
    for card in cards:
        lane_id = card.lane_id
        if lane_id not in kept:
            continue
        counts[lane_id] += card.archived_at is None
        if _fits(card, wanted, words, today):
            (kept if card.archived_at is None else away)[lane_id].append(card)
            heights[card.id] = _height(card)
    for found in (*kept.values(), *away.values()):
        found.sort(key=_order)
    order = {lane_id: [*kept[lane_id], *away[lane_id]] for lane_id in kept}
    rows = _grouped(order, people, wanted.groups) if wanted.groups else _plain(order)
    contents = [
        LaneContent(
            lane.id,
            lane.name,
            rows[lane.id],
            counts[lane.id],
            len(kept[lane.id]),
            lane.limit,
            lane.stage is not None,
        )
        for lane in lanes
    ]
    return Arranged(contents, heights, len(heights), sum(counts.values()))


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


def _key(card: Card, groups: Groups) -> str:
    if groups == "owner":
        return f"owner:{card.owner_id or 0}"
    return f"tag:{card.tags[0] if card.tags else ''}"


def _plain(lanes: Mapping[int, list[Card]]) -> dict[int, tuple[Row, ...]]:
    return {lane_id: tuple(card.id for card in cards) for lane_id, cards in lanes.items()}


def _grouped(
    lanes: Mapping[int, list[Card]], people: Mapping[int, Person], groups: Groups
) -> dict[int, tuple[Row, ...]]:
    """Return the rows of each lane in groups, which are in one order for all lanes, those of nobody last."""
    by_lane: dict[int, dict[str, list[int]]] = {}
    for lane_id, cards in lanes.items():
        by_key = by_lane[lane_id] = {}
        for card in cards:
            by_key.setdefault(_key(card, groups), []).append(card.id)
    titles = {key: _title(key, people) for by_key in by_lane.values() for key in by_key}
    order = sorted(titles, key=lambda key: (key in ("owner:0", "tag:"), titles[key].casefold()))
    rows: dict[int, tuple[Row, ...]] = {}
    for lane_id, by_key in by_lane.items():
        found: list[Row] = []
        for key in order:
            if key in by_key:
                found += [Section(key, titles[key], len(by_key[key])), *by_key[key]]
        rows[lane_id] = tuple(found)
    return rows


def _title(key: str, people: Mapping[int, Person]) -> str:
    kind, _, value = key.partition(":")
    if kind == "tag":
        return value or tr("No tag")
    person = people.get(int(value))
    return person.name if person else tr("Nobody")
