"""Cards without a day get theirs: after what they wait for, stage by stage, without weekends."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from workbench.board.planning import plan
from workbench.board.state import BoardState
from workbench.core.board import Card, Lane

MONDAY = date(2026, 11, 23)
FRIDAY = date(2026, 11, 27)


def board(*cards):
    lanes = {at: Lane(at, f"Lane {at}", place=float(at)) for at in (1, 2, 3)}
    return BoardState({"lane": lanes, "card": {card.id: card for card in cards}})


def days(state, start=MONDAY, wanted=None):
    return {edit.record.id: (edit.after.start, edit.after.due) for edit in plan(state, start, wanted)}


def test_a_card_lasts_its_estimate_in_working_days_and_one_day_without_one():
    state = board(Card(1, 1, "a", estimate_days=3.0), Card(2, 1, "b"), Card(3, 1, "c", estimate_days=5.5))
    assert days(state) == {
        1: (MONDAY, date(2026, 11, 25)),
        2: (MONDAY, MONDAY),
        # Six working days, over the weekend of 28 and 29 November.
        3: (MONDAY, date(2026, 11, 30)),
    }


def test_a_plan_that_begins_on_a_weekend_begins_on_monday():
    assert days(board(Card(1, 1, "a")), date(2026, 11, 28)) == {1: (date(2026, 11, 30), date(2026, 11, 30))}


def test_a_card_waits_for_others_and_for_the_lanes_at_its_left():
    state = board(
        Card(1, 1, "a", estimate_days=2.0),
        Card(2, 1, "b", depends_on=(1,), estimate_days=3.0),
        Card(3, 2, "c"),
        Card(4, 3, "d"),
    )
    assert days(state) == {
        1: (MONDAY, date(2026, 11, 24)),
        2: (date(2026, 11, 25), FRIDAY),
        3: (date(2026, 11, 30), date(2026, 11, 30)),
        4: (date(2026, 12, 1), date(2026, 12, 1)),
    }


def test_a_milestone_stands_where_its_lane_ends():
    state = board(Card(1, 1, "end", milestone=True, depends_on=(2,)), Card(2, 1, "a", estimate_days=5.0))
    assert days(state)[1] == (None, FRIDAY)


def test_days_that_somebody_has_set_stay_and_are_waited_for():
    state = board(Card(1, 1, "a", due=FRIDAY), Card(2, 1, "b", depends_on=(1,)))
    assert days(state) == {2: (date(2026, 11, 30), date(2026, 11, 30))}


def test_what_is_done_or_put_away_is_not_planned():
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert days(board(Card(1, 1, "a", done_at=now), Card(2, 1, "b", archived_at=now))) == {}


def test_only_the_cards_that_are_wanted_are_planned():
    state = board(Card(1, 1, "a", estimate_days=9.0), Card(2, 2, "b"))
    assert days(state, wanted={2}) == {2: (MONDAY, MONDAY)}


def test_a_plan_of_thousands_of_years_stays_in_the_calendar():
    cards = [
        Card(at, 1, "long", depends_on=(at - 1,) * (at > 1), estimate_days=10_000.0) for at in range(1, 400)
    ]
    assert max(due for _, due in days(board(*cards)).values()) == date(9000, 1, 1)


chains = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.sampled_from((None, 0.5, 2.0, 7.0)),
        st.booleans(),
        st.sets(st.integers(1, 8), max_size=3),
    ),
    min_size=1,
    max_size=9,
)


@given(chains, st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_no_card_begins_before_what_it_waits_for_is_done_or_on_a_weekend(items, start):
    cards = []
    for at, (lane, estimate, milestone, before) in enumerate(items, start=1):
        others = {other for other in before if other < at}
        mine = [it for it in others if cards[it - 1].lane_id <= lane and not cards[it - 1].milestone]
        cards.append(Card(at, lane, "a", depends_on=tuple(mine), estimate_days=estimate, milestone=milestone))
    found = days(board(*cards), start)
    assert set(found) == {card.id for card in cards}
    for card in cards:
        first, due = found[card.id]
        assert due >= (first or start)
        for other in card.depends_on:
            assert (first or due) > found[other][1] or (card.milestone and due >= found[other][1])
        if first is not None:
            assert first.weekday() < 5
            assert due.weekday() < 5
    assert plan(board(*[replace(card, due=found[card.id][1]) for card in cards]), start) == []
