"""Lanes are gathered card by card as the board changes, and come out as if gathered from nothing."""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.core.board import Card, Lane, Person
from workbench.gui.panes.board.lane_filter import Arrangement, CardFilter

DAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
LANES = [Lane(1, "Now", place=1.0), Lane(2, "Later", place=2.0, limit=2), Lane(3, "Done", place=3.0)]
PEOPLE = {1: Person(1, "Lin"), 2: Person(2, "Mara")}
FILTERS = (
    CardFilter(),
    CardFilter(owner=1),
    CardFilter(tag="data", archived=True),
    CardFilter(groups="owner"),
    CardFilter(groups="tag", text="card"),
    CardFilter(overdue=True),
)

cards = st.builds(
    Card,
    id=st.integers(1, 8),
    lane_id=st.integers(1, 4),
    title=st.sampled_from(("Card", "Look", "A title that is so long that it needs two lines on a card")),
    place=st.integers(0, 5).map(float),
    owner_id=st.sampled_from((None, 1, 2)),
    due=st.sampled_from((None, date(2026, 11, 1), date(2026, 12, 1))),
    tags=st.sampled_from(((), ("data",), ("clinic", "data"))),
    archived_at=st.sampled_from((None, None, NOW)),
)
steps = st.lists(st.tuples(cards, st.booleans(), st.sampled_from(FILTERS)), min_size=1, max_size=12)


def shown(arrangement):
    tags = {tag for tag, count in arrangement.tags.items() if count}
    return arrangement.lanes, arrangement.heights, arrangement.total, tags


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_after_any_changes_the_lanes_are_as_if_gathered_anew(qapp, steps):
    kept, known = Arrangement(), {}
    for card, goes, wanted in steps:
        known = {number: item for number, item in known.items() if number != card.id or not goes}
        known = known if goes else known | {card.id: card}
        kept.show(known, LANES, PEOPLE, wanted, DAY)
        fresh = Arrangement()
        fresh.show(dict(known), LANES, PEOPLE, wanted, DAY)
        assert shown(kept) == shown(fresh)


def test_a_move_leaves_the_lanes_that_it_does_not_touch_the_very_same(qapp):
    known = {at: Card(at, 1 + at % 3, f"Card {at}", float(at)) for at in range(1, 10)}
    kept = Arrangement()
    kept.show(known, LANES, PEOPLE, CardFilter(), DAY)
    before = list(kept.lanes)
    kept.show(known | {1: replace(known[1], lane_id=1)}, LANES, PEOPLE, CardFilter(), DAY)
    assert [old is new for old, new in zip(before, kept.lanes, strict=True)] == [False, False, True]
    assert kept.lanes[0].rows == (1, 3, 6, 9)
