"""What can be done to the board, as edits: nothing here stores anything."""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import fields, replace
from datetime import datetime

from workbench.board.state import BoardState, edited
from workbench.core.board import BoardRecord, Card, Charter, Edit, Lane, Meeting, Person
from workbench.core.errors import UserError
from workbench.core.risks import Proposal, Risk, Trial, Watch

_LEAST_GAP = 1e-6


def save(state: BoardState, record: BoardRecord) -> list[Edit]:
    """Return the edits that add a record without an id, or give a known one these values.

    Raises:
        UserError: The record is not there any more, or what it says cannot be; the message says why.
    """
    _check(state, record)
    if record.id == 0:
        return [Edit(None, record)]
    before = state.of(type(record)).get(record.id)
    if before is None and isinstance(record, Charter):
        return [Edit(None, record)]
    if before is None:
        state.get(type(record), record.id)
    return [] if before == record else [Edit(before, record)]


def add_card(state: BoardState, card: Card) -> list[Edit]:
    """Return the edit that adds a card at the end of its lane."""
    return save(state, replace(card, id=0, place=_end(state, card.lane_id)))


def move_card(state: BoardState, card_id: int, lane_id: int, place: int) -> list[Edit]:
    """Return the edits that put a card into a lane, before the card that is at `place` there.

    Args:
        state: The board.
        card_id: The card.
        lane_id: The lane.
        place: 0 is the top; the length of the lane, or more, is the end.
    """
    card, _ = state.get(Card, card_id), state.get(Lane, lane_id)
    now = state.cards_in(lane_id)
    others = [other for other in now if other.id != card_id]
    place = max(0, min(place, len(others)))
    if len(now) > len(others) and now[place].id == card_id:
        return []
    return _placed(card, others, place, lane_id=lane_id)


def move_lane(state: BoardState, lane_id: int, place: int) -> list[Edit]:
    """Return the edits that put a lane at a place, counted from the left."""
    lane = state.get(Lane, lane_id)
    others = [other for other in state.lanes if other.id != lane_id]
    place = max(0, min(place, len(others)))
    return [] if state.lanes.index(lane) == place else _placed(lane, others, place)


def add_lane(state: BoardState, name: str) -> list[Edit]:
    """Return the edit that adds a lane at the right."""
    last = state.lanes[-1].place if state.lanes else 0.0
    return save(state, Lane(0, name, place=last + 1))


def remove(state: BoardState, record: BoardRecord) -> list[Edit]:
    """Return the edits that take a record away, with what belongs to it and what points to it.

    Raises:
        UserError: It is the only lane, which cards need.
    """
    record = state.get(type(record), record.id)
    before: list[Edit] = []
    if isinstance(record, Lane):
        before = _emptied(state, record)
    elif isinstance(record, Person):
        before = _without_owner(state, record.id)
    elif isinstance(record, Card):
        before = _without_card(state, record.id)
    elif isinstance(record, Risk):
        owned: list[Watch | Proposal | Trial] = [
            *state.of(Proposal).values(),
            *state.of(Trial).values(),
            # Taken away last, so that they come back before what points to them.
            *state.of(Watch).values(),
        ]
        before = [Edit(item, None) for item in owned if item.risk_id == record.id]
    elif isinstance(record, Watch):
        before = [
            Edit(item, replace(item, watch_id=None))
            for item in state.of(Proposal).values()
            if item.watch_id == record.id
        ]
    return [*before, Edit(record, None)]


def done(state: BoardState, card_id: int, now: datetime | None) -> list[Edit]:
    """Return the edit that marks a card as done at a moment; None opens it again."""
    return edited(state.get(Card, card_id), done_at=now)


FieldOf = tuple[type[BoardRecord], int, str]
"""A field of a record: its kind, its number, the field's name."""


def fields_of(edits: Iterable[Edit]) -> set[FieldOf]:
    """Return the fields to which edits gave another value."""
    return {(type(edit.record), edit.record.id, name) for edit in edits for name in _changed(edit)}


def back(state: BoardState, edits: Iterable[Edit], kept: Set[FieldOf] = frozenset()) -> list[Edit]:
    """Return the edits that take others back, on a board that may have gone on since.

    A field that something else has changed in the meantime, such as a watch that moved a probability, keeps
    its newer value; only what is still as the edits left it goes back. What was added since to a record that
    goes away goes with it; what comes back lets go of what went away since.

    Args:
        state: The board as it is now.
        edits: What was done, in order.
        kept: What something else has changed after them. It stays, even where the value is by chance the one
            that the edits left.
    """
    draft = state.draft()
    found: list[Edit] = []
    for edit in reversed(list(edits)):
        steps = _mended(draft, _one_back(draft, edit, kept))
        found += steps
        draft.carry_out(steps)
    return found


def _changed(edit: Edit) -> list[str]:
    """Return the names of the fields that an edit gave another value; none where it added or took away."""
    before, after = edit.before, edit.after
    if before is None or after is None:
        return []
    return [item.name for item in fields(before) if getattr(before, item.name) != getattr(after, item.name)]


def _one_back(state: BoardState, edit: Edit, kept: Set[FieldOf]) -> list[Edit]:
    current = state.of(type(edit.record)).get(edit.record.id)
    if edit.before is None:
        return [] if current is None else _taken_back(state, current)
    if edit.after is None:
        return [Edit(None, edit.before)] if current is None else []
    if current is None:
        return []
    undone = {
        name: getattr(edit.before, name)
        for name in _changed(edit)
        if getattr(current, name) == getattr(edit.after, name)
        and (type(current), current.id, name) not in kept
    }
    return edited(current, **undone)


def _mended(state: BoardState, edits: Iterable[Edit]) -> list[Edit]:
    """Return edits that give back nothing which points to what is not there any more."""
    found = []
    for edit in edits:
        after = _without_lost(state, edit.after) if edit.after is not None else None
        if (after is not None and after != edit.before) or edit.after is None:
            found.append(Edit(edit.before, after))
    return found


def _without_lost(state: BoardState, record: BoardRecord) -> BoardRecord | None:
    """Return a record without what it points to and is gone; None where it belongs to what is gone."""
    values: dict[str, object] = {}
    owner = getattr(record, "owner_id", None)
    if owner is not None and owner not in state.of(Person):
        values["owner_id"] = None
    if isinstance(record, Risk | Meeting):
        values["actions"] = tuple(card for card in record.actions if card in state.of(Card))
    if isinstance(record, Card):
        before = tuple(card for card in record.depends_on if card in state.of(Card))
        values["depends_on"] = () if _waits_for(state, replace(record, depends_on=before)) else before
        if record.lane_id not in state.of(Lane) and state.lanes:
            values["lane_id"] = state.lanes[0].id
    if isinstance(record, Watch | Proposal | Trial) and record.risk_id not in state.of(Risk):
        return None
    if isinstance(record, Proposal) and record.watch_id not in state.of(Watch):
        values["watch_id"] = None
    return replace(record, **values) if values else record  # type: ignore[arg-type]


def _taken_back(state: BoardState, record: BoardRecord) -> list[Edit]:
    """Return the edits that take an added record away again; the first lane may go as it came."""
    if isinstance(record, Lane) and len(state.lanes) == 1 and not state.of(Card):
        return [Edit(record, None)]
    return remove(state, record)


def _placed(
    record: Card | Lane, others: Sequence[Card | Lane], place: int, lane_id: int | None = None
) -> list[Edit]:
    """Return the edits that put a record between its neighbours; without room all are numbered anew."""
    low = others[place - 1].place if place > 0 else None
    high = others[place].place if place < len(others) else None
    moved = record if lane_id is None or isinstance(record, Lane) else replace(record, lane_id=lane_id)
    if low is None and high is None:
        return _edit(record, replace(moved, place=1.0))
    if low is None or high is None:
        middle = high - 1 if low is None and high is not None else (low or 0.0) + 1
        return _edit(record, replace(moved, place=middle))
    if high - low > _LEAST_GAP:
        return _edit(record, replace(moved, place=(low + high) / 2))
    order = [*others[:place], moved, *others[place:]]
    found: list[Edit] = []
    for number, item in enumerate(order, start=1):
        found += _edit(record if item is moved else item, replace(item, place=float(number)))
    return found


def _edit(before: Card | Lane, after: Card | Lane) -> list[Edit]:
    return [] if before == after else [Edit(before, after)]


def _end(state: BoardState, lane_id: int) -> float:
    cards = state.cards_in(lane_id)
    return cards[-1].place + 1 if cards else 1.0


def _emptied(state: BoardState, lane: Lane) -> list[Edit]:
    """Return the edits that move all cards of a lane, those put away too, into the one beside it."""
    lanes = state.lanes
    if len(lanes) == 1:
        raise UserError("This is the only lane: add another one first, for its cards.")
    at = lanes.index(lane)
    target = lanes[at - 1] if at else lanes[1]
    place = _end(state, target.id)
    cards = sorted(
        (card for card in state.of(Card).values() if card.lane_id == lane.id),
        key=lambda card: (card.place, card.id),
    )
    return [
        Edit(card, replace(card, lane_id=target.id, place=place + number))
        for number, card in enumerate(cards)
    ]


def _without_owner(state: BoardState, person_id: int) -> list[Edit]:
    found: list[Edit] = []
    owned: list[Card | Risk] = [*state.of(Card).values(), *state.of(Risk).values()]
    for item in owned:
        if item.owner_id == person_id:
            found += edited(item, owner_id=None)
    if state.charter.owner_id == person_id:
        found += edited(state.charter, owner_id=None)
    return found


def _without_card(state: BoardState, card_id: int) -> list[Edit]:
    found: list[Edit] = []
    for card in state.of(Card).values():
        if card_id in card.depends_on:
            found += edited(card, depends_on=tuple(i for i in card.depends_on if i != card_id))
    users: list[Risk | Meeting] = [*state.of(Risk).values(), *state.of(Meeting).values()]
    for item in users:
        if card_id in item.actions:
            found += edited(item, actions=tuple(i for i in item.actions if i != card_id))
    return found


def _check(state: BoardState, record: BoardRecord) -> None:
    """Refuse a record that points to what is not there, or that cannot be."""
    wrong = _wrong_values(record) | _lost(state, record)
    if isinstance(record, Card):
        wrong |= _wrong_card(state, record)
    if isinstance(record, Watch | Proposal | Trial):
        state.get(Risk, record.risk_id)
    if wrong:
        raise UserError(_words(wrong), wrong)


def _words(wrong: Mapping[str, str]) -> str:
    return "; ".join(f"{key.removesuffix('_id')} {text}" for key, text in wrong.items())


def _lost(state: BoardState, record: BoardRecord) -> dict[str, str]:
    """Return by field what a record points to and what is not there any more."""
    wrong = {}
    if isinstance(record, Card) and record.lane_id not in state.of(Lane):
        wrong["lane_id"] = "is not on the board any more"
    if isinstance(record, Card) and any(other not in state.of(Card) for other in record.depends_on):
        wrong["depends_on"] = "names a card that is not there any more"
    if isinstance(record, Risk | Meeting) and not state.of(Card).keys() >= set(record.actions):
        wrong["actions"] = "names a card that is not there any more"
    owner = getattr(record, "owner_id", None)
    if owner is not None and owner not in state.of(Person):
        wrong["owner_id"] = "is not of the team any more"
    if isinstance(record, Watch | Proposal | Trial) and record.risk_id not in state.of(Risk):
        wrong["risk_id"] = "is not there any more"
    return wrong


def _wrong_values(record: BoardRecord) -> dict[str, str]:
    """Return what is wrong with a record, whatever else is on the board."""
    # What is not finite would come back from the store as nothing, and could not be read.
    wrong = {
        item.name: "has to be a finite number"
        for item in fields(record)
        if isinstance(value := getattr(record, item.name), float) and not math.isfinite(value)
    }
    title = getattr(record, "title", None)
    name = getattr(record, "name", None) if isinstance(record, Lane | Person) else None
    for field, text in (("title", title), ("name", name)):
        if text is not None and not 1 <= len(text.strip()) <= 300:
            wrong[field] = "has to have 1 to 300 characters"
    if isinstance(record, Risk):
        wrong |= _wrong_risk(record)
    if isinstance(record, Watch) and not 1 <= record.raises_to <= 5:
        wrong["raises_to"] = "has to be from 1 to 5"
    if isinstance(record, Charter) and record.goal and not math.isfinite(record.goal.target):
        wrong["goal"] = "has to have a finite number as its target"
    return wrong


def _wrong_card(state: BoardState, card: Card) -> dict[str, str]:
    wrong = {}
    if card.start and card.due and card.start > card.due:
        wrong["start"] = "has to be before the due date"
    if card.estimate_days is not None and not 0 <= card.estimate_days <= 10_000:
        wrong["estimate_days"] = "has to be from 0 to 10,000 days"
    if card.id and _waits_for(state, card):
        wrong["depends_on"] = "would make cards wait for each other in a circle"
    return wrong


def _waits_for(state: BoardState, card: Card) -> bool:
    """Return whether a card would wait for itself, over others."""
    cards, seen, todo = state.of(Card), set[int](), list(card.depends_on)
    while todo:
        other = todo.pop()
        if other == card.id:
            return True
        if other not in seen and other in cards:
            seen.add(other)
            todo += cards[other].depends_on
    return False


def _wrong_risk(risk: Risk) -> dict[str, str]:
    levels = {
        "probability": risk.probability,
        "impact": risk.impact,
        "residual_probability": risk.residual_probability,
        "residual_impact": risk.residual_impact,
    }
    return {
        name: "has to be from 1 to 5"
        for name, level in levels.items()
        if level is not None and not 1 <= level <= 5
    }
