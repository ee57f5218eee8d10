"""First days for cards that have none: after what they wait for, stage by stage, without weekends."""

import math
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from graphlib import TopologicalSorter

from workbench.board.state import BoardState
from workbench.core.board import Card, Edit

_FRIDAY = 4
# No plan goes on after this year: a hundred cards of ten thousand days each would leave the calendar.
_LAST = date(9000, 1, 1).toordinal()


def plan(state: BoardState, start: date, wanted: Collection[int] | None = None) -> list[Edit]:
    """Return the edits that give open cards without a day their days.

    A card lasts as many working days as its estimate says, one where it says nothing. It begins when what it
    waits for is done and the lanes at its left are; a milestone stands where the rest of its lane ends.

    Args:
        state: The board.
        start: The first day of the first card.
        wanted: Ids of the cards to plan; None is all that have no day.
    """
    ends = {card.id: card.due for card in state.of(Card).values() if card.due is not None}
    found: list[Edit] = []
    earliest = last = _working(start)
    for lane in state.lanes:
        own = [card for card in state.cards_in(lane.id) if _is_free(card)]
        own = [card for card in own if wanted is None or card.id in wanted]
        # Milestones come last: they stand where the work ends.
        for card in sorted(_in_order(own), key=lambda card: card.milestone):
            before = [ends[other] for other in card.depends_on if other in ends]
            if card.milestone:
                after = replace(card, due=max([last, *before]))
            else:
                first = _working(max([earliest, *(_later(day, 1) for day in before)]))
                days = max(1, math.ceil(card.estimate_days or 1))
                after = replace(card, start=first, due=_after(first, days - 1))
            ends[card.id] = end = after.due or last
            last = max(last, end)
            found.append(Edit(card, after))
        if own:
            earliest = _working(_later(last, 1))
    return found


def _is_free(card: Card) -> bool:
    return not (card.start or card.due or card.done_at or card.archived_at)


def _in_order(cards: Sequence[Card]) -> list[Card]:
    """Return cards so that each comes after those of them that it waits for."""
    own = {card.id: card for card in cards}
    order = TopologicalSorter({card.id: [it for it in card.depends_on if it in own] for card in cards})
    return [own[number] for number in order.static_order()]


def _working(day: date) -> date:
    """Return the day itself, or the Monday after it."""
    return _later(day, 7 - day.weekday()) if day.weekday() > _FRIDAY else day


def _after(day: date, count: int) -> date:
    """Return the day that is so many working days after a working day."""
    return _later(day, count + 2 * ((day.weekday() + count) // 5))


def _later(day: date, days: int) -> date:
    return date.fromordinal(min(day.toordinal() + days, _LAST))
