"""Which cards the lanes show, in which groups, and how each looks: values only."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from operator import attrgetter
from typing import Literal

from workbench.core.board import Card, Lane, Person
from workbench.gui.translate import tr
from workbench.gui.widgets.kanban import LaneContent
from workbench.gui.widgets.kanban_card import CardLook, Section, card_height
from workbench.gui.widgets.kanban_model import Row

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


@dataclass(slots=True)
class _Held:
    """The cards of one lane: how many lie there, and those that are wanted, in their order."""

    count: int = 0
    kept: list[Card] = field(default_factory=list)
    away: list[Card] = field(default_factory=list)


class Arrangement:
    """The lanes as they are shown; only lanes whose cards have changed since are gathered again.

    `lanes` goes from left to right and keeps the same value for a lane that nothing has touched; `heights`
    has the height of each card that is shown, by id; `total` counts the cards on the board, `tags` how many
    cards have each tag.
    """

    def __init__(self) -> None:
        self.lanes: list[LaneContent] = []
        self.heights: dict[int, int] = {}
        self.tags: Counter[str] = Counter()
        self.total = 0
        self._asked: object = None
        self._cards: Mapping[int, Card] = {}
        self._held: dict[int, _Held] = {}

    def show(
        self,
        cards: Mapping[int, Card],
        lanes: Iterable[Lane],
        people: Mapping[int, Person],
        wanted: CardFilter,
        today: date,
    ) -> None:
        """Arrange the cards that are wanted, those put away last in their lane.

        Args:
            cards: All cards, by id.
            lanes: From left to right.
            people: Names of owners, by id.
            wanted: Which cards, in which groups.
            today: From when on a card is overdue.
        """
        lanes = list(lanes)
        asked = (lanes, dict(people), wanted, today)
        if asked != self._asked:
            self._asked, self._cards, self.lanes = asked, {}, []
            self._held = {lane.id: _Held() for lane in lanes}
            self.heights.clear()
            self.tags.clear()
        touched = self._take(cards, wanted, today)
        self.total = sum(held.count for held in self._held.values())
        order = {lane_id: [*held.kept, *held.away] for lane_id, held in self._held.items()}
        rows = _grouped(order, people, wanted.groups) if wanted.groups else _plain(order)
        before = {content.id: content for content in self.lanes}
        self.lanes = []
        for lane in lanes:
            held, known = self._held[lane.id], before.get(lane.id)
            if known is None or lane.id in touched or known.rows != rows[lane.id]:
                is_stage, shown = lane.stage is not None, len(held.kept)
                known = LaneContent(
                    lane.id, lane.name, rows[lane.id], held.count, shown, lane.limit, is_stage
                )
            self.lanes.append(known)

    def _take(self, cards: Mapping[int, Card], wanted: CardFilter, today: date) -> set[int]:
        """Put what has changed into its lane, and return the lanes that it touches."""
        before, self._cards = self._cards, cards
        changed = [card for card in cards.values() if before.get(card.id) is not card]
        gone = [before[card_id] for card_id in before.keys() - cards.keys()]
        gone += [before[card.id] for card in changed if card.id in before]
        words = wanted.text.casefold().split()
        out = {card.id for card in gone}
        touched = {card.lane_id for card in gone} & self._held.keys()
        for lane_id in touched:
            held = self._held[lane_id]
            held.kept = [card for card in held.kept if card.id not in out]
            held.away = [card for card in held.away if card.id not in out]
        for card in gone:
            self.heights.pop(card.id, None)
            self.tags.subtract(card.tags)
            if card.lane_id in touched:
                self._held[card.lane_id].count -= card.archived_at is None
        for card in changed:
            self.tags.update(card.tags)
            if card.lane_id not in self._held:
                continue
            held = self._held[card.lane_id]
            touched.add(card.lane_id)
            held.count += card.archived_at is None
            if _fits(card, wanted, words, today):
                (held.kept if card.archived_at is None else held.away).append(card)
                self.heights[card.id] = _height(card)
        for lane_id in touched:
            self._held[lane_id].kept.sort(key=_order)
            self._held[lane_id].away.sort(key=_order)
        return touched


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
