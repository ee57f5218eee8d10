"""What can be done to the board, what is refused, and what undo gives back."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.board.records import NOW, TODAY, board, changed, numbered
from workbench.board import edits
from workbench.board.state import BoardState, problems
from workbench.core.board import Card, Charter, Criterion, Edit, Goal, Lane, Meeting, Person
from workbench.core.errors import UserError
from workbench.core.risks import Proposal, Risk, Trial, Watch
from workbench.core.states import ProposalKind, Stage

LANES = [Lane(1, "To do", place=1.0), Lane(2, "Doing", place=2.0), Lane(3, "Done", place=3.0)]
CARDS = [Card(number, 1, f"Card {number}", place=float(number)) for number in range(1, 5)]


@pytest.fixture
def state():
    return board(*LANES, *CARDS)


def done(state, steps):
    return state.apply(numbered(state, steps))


def order(state, lane_id=1):
    return [card.id for card in state.cards_in(lane_id)]


@pytest.mark.parametrize(
    ("place", "expected"),
    [(0, [3, 1, 2, 4]), (1, [1, 3, 2, 4]), (3, [1, 2, 4, 3]), (99, [1, 2, 4, 3]), (-5, [3, 1, 2, 4])],
)
def test_a_card_moves_to_a_place_of_its_lane(state, place, expected):
    assert order(done(state, edits.move_card(state, 3, 1, place))) == expected


def test_a_card_that_is_put_where_it_lies_changes_nothing(state):
    assert edits.move_card(state, 3, 1, 2) == []


def test_a_card_moves_between_cards_of_another_lane(state):
    state = done(state, edits.move_card(state, 1, 2, 0))
    state = done(state, edits.move_card(state, 2, 2, 0))
    state = done(state, edits.move_card(state, 4, 2, 1))
    assert (order(state), order(state, 2)) == ([3], [2, 4, 1])


def test_a_card_does_not_move_into_a_lane_that_is_gone(state):
    with pytest.raises(UserError, match="This lane is not there any more"):
        edits.move_card(state, 1, 9, 0)


def test_a_card_that_was_put_away_counts_in_no_lane(state):
    state = state.apply([changed(CARDS[0], archived_at=NOW)])
    assert order(done(state, edits.move_card(state, 4, 1, 0))) == [4, 2, 3]


def test_a_move_among_ten_thousand_cards_is_one_edit():
    state = board(LANES[0], *(Card(number, 1, "Card", place=float(number)) for number in range(1, 10_001)))
    steps = edits.move_card(state, 10_000, 1, 5_000)
    assert len(steps) == 1
    assert order(state.apply(steps))[4_999:5_002] == [5_000, 10_000, 5_001]


def test_ten_thousand_cards_are_taken_back_at_once():
    cards = [Card(number, 1, "Card", place=float(number)) for number in range(1, 10_001)]
    state = board(*LANES[:2], *cards)
    steps = edits.remove(state, LANES[0])
    assert len(edits.back(state.apply(steps), steps)) == 10_001


def test_without_room_between_two_cards_all_are_numbered_anew(state):
    state = state.apply([changed(CARDS[1], place=1.0 + 1e-9)])
    state = done(state, edits.move_card(state, 4, 1, 1))
    assert [(card.id, card.place) for card in state.cards_in(1)] == [(1, 1.0), (4, 2.0), (2, 3.0), (3, 4.0)]


def test_cards_can_be_put_between_two_others_for_ever(state):
    for turn in range(200):
        state = done(state, edits.move_card(state, 3 + turn % 2, 1, 1))
        assert order(state)[:2] == [1, 3 + turn % 2]


def test_taking_back_new_numbers_gives_the_old_ones(state):
    state = state.apply([changed(CARDS[1], place=1.0)])
    steps = edits.move_card(state, 4, 1, 1)
    assert len(steps) > 1
    moved = state.apply(steps)
    assert moved.apply(edits.back(moved, steps)) == state


def test_a_new_card_lies_at_the_end(state):
    state = done(state, edits.add_card(state, Card(0, 1, "New")))
    assert order(state) == [1, 2, 3, 4, 5]


def test_a_lane_moves_and_a_new_one_stands_at_the_right(state):
    state = done(state, edits.add_lane(state, "Waiting"))
    state = done(state, edits.move_lane(state, 3, 0))
    assert [lane.name for lane in state.lanes] == ["Done", "To do", "Doing", "Waiting"]
    assert edits.move_lane(state, 3, 0) == []


@pytest.mark.parametrize(("gone", "there"), [(1, 2), (2, 1), (3, 2)])
def test_the_cards_of_a_lane_that_goes_move_beside_it(state, gone, there):
    state = state.apply([changed(card, lane_id=gone) for card in CARDS])
    state = done(state, edits.remove(state, state.get(Lane, gone)))
    assert (order(state, there), problems(state)) == ([1, 2, 3, 4], [])


def test_a_card_that_was_put_away_moves_with_its_lane(state):
    state = state.apply([changed(CARDS[0], archived_at=NOW)])
    assert done(state, edits.remove(state, LANES[0])).get(Card, 1).lane_id == 2


def test_the_only_lane_stays():
    with pytest.raises(UserError, match="This is the only lane"):
        edits.remove(board(LANES[0]), LANES[0])


def test_a_person_who_goes_leaves_cards_risks_and_project_without_owner():
    ada = Person(1, "Ada")
    owned = [LANES[0], replace(CARDS[0], owner_id=1), Risk(1, "Risk", owner_id=1), Charter(owner_id=1)]
    state = board(ada, *owned)
    state = state.apply(edits.remove(state, ada))
    assert [state.get(type(item), 1).owner_id for item in owned[1:]] == [None, None, None]
    assert problems(state) == []


def test_a_card_that_goes_is_waited_for_by_none_and_is_nobodys_action(state):
    waiting = replace(CARDS[1], depends_on=(1, 3))
    meeting = Meeting(1, "Review", TODAY, actions=(1, 2))
    state = state.apply([changed(CARDS[1], depends_on=(1, 3)), Edit(None, meeting)])
    state = state.apply([Edit(None, Risk(1, "Risk", actions=(1,)))])
    state = state.apply(edits.remove(state, CARDS[0]))
    assert state.get(Card, 2) == replace(waiting, depends_on=(3,))
    assert (state.get(Meeting, 1).actions, state.get(Risk, 1).actions) == ((2,), ())
    assert problems(state) == []


RISKS = [
    Risk(1, "Risk"),
    Watch(1, 1, "failures"),
    Proposal(1, 1, ProposalKind.RAISED, "Because.", (2, 3), (4, 3), NOW, watch_id=1),
    Trial(1, 1, "dropout", 1, 2),
]


def test_a_risk_goes_with_all_that_belongs_to_it_and_comes_back_with_it():
    state = board(*RISKS)
    steps = edits.remove(state, RISKS[0])
    gone = state.apply(steps)
    assert not any(gone.of(type(item)) for item in RISKS)
    assert gone.apply(edits.back(gone, steps)) == state


def test_a_watch_goes_without_its_proposals_and_comes_back_with_them():
    state = board(*RISKS)
    steps = edits.remove(state, RISKS[1])
    gone = state.apply(steps)
    assert (gone.get(Proposal, 1).watch_id, problems(gone)) == (None, [])
    assert gone.apply(edits.back(gone, steps)) == state


@pytest.mark.parametrize("ways", [{1: (1,)}, {1: (2,), 2: (1,)}, {1: (2,), 2: (3,), 3: (4,), 4: (1,)}])
def test_cards_do_not_wait_for_each_other_in_a_circle(state, ways):
    *first, last = ways.items()
    for card_id, others in first:
        card = state.get(Card, card_id)
        state = state.apply(edits.save(state, replace(card, depends_on=others)))
    with pytest.raises(UserError) as told:
        edits.save(state, replace(state.get(Card, last[0]), depends_on=last[1]))
    assert told.value.fields == {"depends_on": "would make cards wait for each other in a circle"}


def test_cards_may_wait_for_one_over_two_ways(state):
    for card_id, others in ((2, (1,)), (3, (1,)), (4, (2, 3))):
        state = state.apply(edits.save(state, replace(state.get(Card, card_id), depends_on=others)))
    assert problems(state) == []


def test_a_circle_on_a_board_is_a_problem(state):
    state = state.apply([changed(CARDS[0], depends_on=(2,)), changed(CARDS[1], depends_on=(1,))])
    assert problems(state) == ["Cards wait for each other in a circle: Card 1."]


def test_a_chain_of_ten_thousand_cards_is_followed_to_its_end():
    cards = [Card(n, 1, "Card", depends_on=(n - 1,) if n > 1 else ()) for n in range(1, 10_001)]
    state = board(LANES[0], *cards)
    with pytest.raises(UserError, match="circle"):
        edits.save(state, replace(cards[0], depends_on=(10_000,)))
    assert problems(state) == []


@pytest.mark.parametrize(
    ("record", "field"),
    [
        (Card(0, 1, " "), "title"),
        (Card(0, 1, "x" * 301), "title"),
        (Card(0, 9, "Card"), "lane_id"),
        (Card(0, 1, "Card", owner_id=9), "owner_id"),
        (Card(0, 1, "Card", start=TODAY, due=TODAY - timedelta(1)), "start"),
        (Card(0, 1, "Card", estimate_days=-1.0), "estimate_days"),
        (Card(0, 1, "Card", estimate_days=float("nan")), "estimate_days"),
        (Card(0, 1, "Card", depends_on=(9,)), "depends_on"),
        (Lane(0, ""), "name"),
        (Lane(0, "Lane", place=float("inf")), "place"),
        (Person(0, " "), "name"),
        (Risk(0, "Risk", probability=6), "probability"),
        (Risk(0, "Risk", impact=0), "impact"),
        (Risk(0, "Risk", residual_impact=7), "residual_impact"),
        (Risk(0, "Risk", actions=(9,)), "actions"),
        (Risk(0, "Risk", owner_id=9), "owner_id"),
        (Meeting(0, "Review", TODAY, actions=(9,)), "actions"),
        (Watch(0, 1, "failures", raises_to=6), "raises_to"),
        (Watch(0, 1, "failures", limit=float("nan")), "limit"),
        (Charter(goal=Goal("accuracy", float("inf"))), "goal"),
        (Charter(budget=float("inf")), "budget"),
        (Charter(owner_id=9), "owner_id"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(state, record, field):
    state = state.apply([Edit(None, Risk(1, "Risk"))])
    with pytest.raises(UserError) as told:
        edits.save(state, record)
    assert list(told.value.fields) == [field]


def test_everything_that_is_wrong_is_told_at_once(state):
    with pytest.raises(UserError, match="title has to have 1 to 300 characters; lane is not on the board"):
        edits.save(state, Card(0, 9, ""))


def test_a_new_lane_needs_a_name(state):
    with pytest.raises(UserError, match="name has to have 1 to 300 characters"):
        edits.add_lane(state, " ")


def test_a_watch_belongs_to_a_risk(state):
    with pytest.raises(UserError, match="This risk is not there any more"):
        edits.save(state, Watch(0, 1, "failures"))


def test_a_record_that_is_gone_is_not_saved(state):
    with pytest.raises(UserError, match="This card is not there any more"):
        edits.save(state, Card(9, 1, "Card"))


def test_saving_what_is_there_changes_nothing(state):
    assert edits.save(state, CARDS[0]) == []


def test_the_first_charter_is_added_and_the_next_changes_it():
    state = BoardState()
    first, second = Charter(purpose="Find cells"), Charter(purpose="Find malignant cells")
    assert edits.save(state, first) == [Edit(None, first)]
    assert edits.save(state.apply([Edit(None, first)]), second) == [Edit(first, second)]


def test_a_criterion_of_a_plug_in_that_is_gone_can_be_kept(state):
    criterion = Criterion(0, Stage.TESTING, "of_a_plug_in", {"level": 3})
    assert edits.save(state, criterion) == [Edit(None, criterion)]


def test_days_may_be_far_away(state):
    steps = edits.save(state, replace(CARDS[0], start=date.min, due=date.max))
    card = state.apply(steps).get(Card, 1)
    assert (card.overdue(TODAY), card.due) == (False, date.max)


def test_a_card_is_done_and_opened_again(state):
    steps = edits.done(state, 1, NOW)
    state = state.apply(steps)
    assert state.get(Card, 1).done_at == NOW
    assert state.apply(edits.done(state, 1, None)).get(Card, 1) == CARDS[0]


def test_what_comes_back_is_where_it_was(state):
    steps = edits.remove(state, CARDS[1])
    gone = state.apply(steps)
    assert list(gone.apply(edits.back(gone, steps)).of(Card)) == [1, 2, 3, 4]


RISK = Risk(1, "Risk", probability=3, impact=3)
TO_4 = changed(RISK, probability=4)
TO_2 = changed(TO_4.after, probability=2)
WATCHED = changed(TO_2.after, probability=4)


def test_undo_leaves_what_a_watch_has_moved_since():
    state = board(WATCHED.after)
    assert edits.back(state, [TO_2], edits.fields_of([WATCHED])) == []


def test_undo_leaves_what_a_watch_has_moved_even_to_the_value_that_was_there_before():
    # 3, by hand 4, by hand 2, by a watch 4: the 4 is the watch's now, not that of the first edit.
    state = board(WATCHED.after)
    assert edits.back(state, [TO_4], edits.fields_of([WATCHED])) == []


def test_undo_takes_back_the_other_fields_of_a_risk_that_a_watch_has_moved():
    both = changed(RISK, probability=4, title="Renamed")
    watched = changed(both.after, probability=5)
    state = board(watched.after)
    assert edits.back(state, [both], edits.fields_of([watched])) == [changed(watched.after, title="Risk")]


def test_undo_of_what_was_done_after_a_watch_gives_back_what_the_watch_did():
    by_hand = changed(WATCHED.after, probability=1)
    assert edits.back(board(by_hand.after), [by_hand]) == [Edit(by_hand.after, WATCHED.after)]


def test_undo_of_a_risk_takes_what_a_watch_proposed_with_it():
    state = board(*RISKS)
    steps = edits.back(state, [Edit(None, RISKS[1]), Edit(None, RISKS[0])])
    assert not any(state.apply(steps).of(type(item)) for item in RISKS)


def test_undo_of_the_first_lane_leaves_an_empty_board():
    state = BoardState()
    steps = numbered(state, edits.add_lane(state, "To do"))
    assert edits.back(state.apply(steps), steps) == [Edit(steps[0].after, None)]


def test_undo_of_something_that_is_gone_does_nothing(state):
    gone = state.apply([Edit(CARDS[0], None)])
    assert edits.back(gone, [Edit(None, CARDS[0])]) == edits.back(gone, [changed(CARDS[0], title="x")]) == []


def test_what_comes_back_lets_go_of_what_went_away_since():
    lane, other, ada, first = Lane(1, "To do"), Lane(2, "Done"), Person(1, "Ada"), Card(1, 2, "First")
    card = Card(2, 1, "Second", owner_id=1, depends_on=(1,))
    state = board(lane, other, ada, first, card)
    steps = edits.remove(state, card)
    since = state.apply(steps).apply([Edit(lane, None), Edit(ada, None), Edit(first, None)])
    (back,) = edits.back(since, steps)
    assert back.after == replace(card, lane_id=2, owner_id=None, depends_on=())


def test_a_watch_does_not_come_back_without_its_risk():
    risk, watch = Risk(1, "Risk"), Watch(1, 1, "failures")
    state = board(risk, watch)
    steps = edits.remove(state, watch)
    assert edits.back(state.apply(steps).apply([Edit(risk, None)]), steps) == []
