"""The whole board as one value, and what has to hold for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from workbench.core.board import NOUNS, BoardRecord, Card, Charter, Edit, Lane, Meeting, Person
from workbench.core.errors import UserError
from workbench.core.risks import Proposal, Risk, Trial, Watch

R = TypeVar("R", bound=BoardRecord)
NOUN_OF: dict[type[Any], str] = {record: noun for noun, record in NOUNS.items()}


@dataclass(frozen=True)
class BoardState:
    """All records of the board, by noun and id. Never changed: an edit makes another one.

    Args:
        records: The records.
    """

    records: Mapping[str, Mapping[int, BoardRecord]] = field(default_factory=dict)

    def of(self, kind: type[R]) -> Mapping[int, R]:
        """Return the records of one kind by their id, in order of their making."""
        found: Mapping[int, Any] = self.records.get(NOUN_OF[kind], MappingProxyType({}))
        return found

    def get(self, kind: type[R], item_id: int) -> R:
        """Return one record.

        Raises:
            UserError: It is not there any more.
        """
        record = self.of(kind).get(item_id)
        if record is None:
            raise UserError(f"This {NOUN_OF[kind]} is not there any more.")
        return record

    @property
    def charter(self) -> Charter:
        """What the project has set itself."""
        return self.of(Charter).get(1, Charter())

    @property
    def lanes(self) -> list[Lane]:
        """The lanes from left to right."""
        return sorted(self.of(Lane).values(), key=lambda lane: (lane.place, lane.id))

    def cards_in(self, lane_id: int) -> list[Card]:
        """Return the cards of a lane from top to bottom, without those that were put away."""
        cards = (card for card in self.of(Card).values() if card.lane_id == lane_id)
        return sorted((card for card in cards if card.archived_at is None), key=_place)

    def watches_of(self, risk_id: int) -> list[Watch]:
        """Return what a risk watches."""
        return [watch for watch in self.of(Watch).values() if watch.risk_id == risk_id]

    def open_proposals(self, risk_id: int | None = None) -> list[Proposal]:
        """Return what waits for an answer, of one risk or of all."""
        return [
            proposal
            for proposal in self.of(Proposal).values()
            if proposal.answer is None and risk_id in (None, proposal.risk_id)
        ]

    def apply(self, edits: Iterable[Edit]) -> "BoardState":
        """Return the board after edits that the store has carried out."""
        draft = self.draft()
        draft.carry_out(edits)
        return BoardState(draft.records)

    def draft(self) -> "Draft":
        """Return a copy that edits can be carried out on, one after the other."""
        return Draft({noun: dict(items) for noun, items in self.records.items()})


class Draft(BoardState):
    """A board that is still being worked on: many edits in a row copy nothing."""

    records: dict[str, dict[int, BoardRecord]]

    def carry_out(self, edits: Iterable[Edit]) -> None:
        """Carry out edits here; what comes back after it was taken away is where it was."""
        for edit in edits:
            items = self.records.setdefault(NOUN_OF[type(edit.record)], {})
            if edit.after is None:
                items.pop(edit.record.id, None)
                continue
            is_late = edit.after.id not in items and edit.after.id < next(reversed(items), 0)
            items[edit.after.id] = edit.after
            if is_late:
                self.records[NOUN_OF[type(edit.record)]] = dict(sorted(items.items()))


def _place(card: Card) -> tuple[float, int]:
    return card.place, card.id


def edited(record: R, /, **values: Any) -> list[Edit]:
    """Return the edit that gives a record other values; none where nothing would change."""
    after = replace(record, **values)
    return [] if after == record else [Edit(record, after)]


def problems(state: BoardState) -> list[str]:
    """Return a sentence for everything on a board that cannot be; none for any board that edits can make."""
    found = []
    lanes, cards, people = state.of(Lane), state.of(Card), state.of(Person)
    for card in cards.values():
        if card.lane_id not in lanes:
            found.append(f"The card {card.title} lies in a lane that is not there.")
        if card.owner_id is not None and card.owner_id not in people:
            found.append(f"The owner of the card {card.title} is not there.")
        found += [
            f"The card {card.title} waits for a card that is not there."
            for other in card.depends_on
            if other not in cards
        ]
    found += [f"Cards wait for each other in a circle: {title}." for title in _circles(cards)]
    for risk in state.of(Risk).values():
        levels = (risk.probability, risk.impact, risk.residual_probability, risk.residual_impact)
        if not all(level is None or 1 <= level <= 5 for level in levels):
            found.append(f"A level of the risk {risk.title} is not from 1 to 5.")
        if risk.owner_id is not None and risk.owner_id not in people:
            found.append(f"The owner of the risk {risk.title} is not there.")
        found += [
            f"A mitigation of the risk {risk.title} is not there."
            for action in risk.actions
            if action not in cards
        ]
    found += _lost(state)
    return found


def _lost(state: BoardState) -> list[str]:
    """Return a sentence for each record that belongs to one that is not there."""
    risks, cards = state.of(Risk), state.of(Card)
    found: list[str] = []
    owned: list[Watch | Proposal | Trial] = [
        *state.of(Watch).values(),
        *state.of(Proposal).values(),
        *state.of(Trial).values(),
    ]
    found += [
        f"A {NOUN_OF[type(item)]} belongs to a risk that is not there."
        for item in owned
        if item.risk_id not in risks
    ]
    found += [
        f"An action of the meeting {meeting.title} is not there."
        for meeting in state.of(Meeting).values()
        if not cards.keys() >= set(meeting.actions)
    ]
    found += [
        f"The watch of a proposal is not there: {proposal.text}"
        for proposal in state.of(Proposal).values()
        if proposal.watch_id is not None and proposal.watch_id not in state.of(Watch)
    ]
    if state.charter.owner_id is not None and state.charter.owner_id not in state.of(Person):
        found.append("The owner of the project is not there.")
    return found


def _circles(cards: Mapping[int, Card]) -> list[str]:
    """Return the titles of cards that wait for themselves, over others."""
    done: set[int] = set()
    found = []
    for first in cards:
        path: list[int] = []
        on_path: set[int] = set()
        stack = [(first, False)]
        while stack:
            card_id, leaving = stack.pop()
            if leaving:
                on_path.discard(path.pop())
                done.add(card_id)
            elif card_id in on_path:
                found.append(cards[card_id].title)
            elif card_id not in done and card_id in cards:
                path.append(card_id)
                on_path.add(card_id)
                stack.append((card_id, True))
                stack += [(other, False) for other in cards[card_id].depends_on]
    return found
