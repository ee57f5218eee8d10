"""What the risks weighed over time, each number derived by hand from a short history."""

import time
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

import pytest

from workbench.board import exposure
from workbench.core.board import Change
from workbench.core.risks import Risk
from workbench.core.states import RiskStatus

MONDAY = datetime(2026, 11, 23, 12, tzinfo=UTC)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=days) for days in (1, 2, 3))


def line(at, risk_id, before, after, reason="", noun="risk"):
    return Change(0, at, "Ada", noun, risk_id, "Edit", before, after, reason)


def noted(at, risk_id, probability, impact, category="data"):
    risk = Risk(risk_id, f"Risk {risk_id}", category, probability=probability, impact=impact)
    return line(at, risk_id, None, asdict(risk))


def gone(at, risk_id):
    return line(at, risk_id, asdict(Risk(risk_id, "Risk")), None)


HISTORY = [
    noted(MONDAY, 1, 2, 4),
    noted(MONDAY + timedelta(minutes=1), 2, 3, 3, "market"),
    line(TUESDAY, 1, {"probability": 2}, {"probability": 4}, "Recall fell."),
    line(TUESDAY, 1, {"title": "Risk 1"}, {"title": "Missed cells"}),
    line(TUESDAY, 7, None, {"title": "A card"}, noun="card"),
    line(WEDNESDAY, 2, {"status": "open"}, {"status": "closed"}, "No longer so."),
    noted(THURSDAY, 3, 1, 1),
]


def test_each_day_on_which_a_risk_changed_has_its_sum():
    # Monday 2*4 + 3*3 = 17; Tuesday 4*4 + 9 = 25; Wednesday the 9 closes: 16; Thursday 16 + 1*1 = 17.
    assert [item.total for item in exposure.over_time(HISTORY)] == [17, 25, 16, 17]


def test_each_day_knows_how_many_were_opened_and_closed():
    # Two on Monday, none of them closed; one of two closed on Wednesday; one more noted on Thursday.
    counts = [(item.opened, item.closed, item.open) for item in exposure.over_time(HISTORY)]
    assert counts == [(2, 0, 2), (2, 0, 2), (2, 1, 1), (3, 1, 2)]


def test_each_day_knows_the_risks_of_each_category():
    assert [item.by_category for item in exposure.over_time(HISTORY)] == [
        {"data": 1, "market": 1},
        {"data": 1, "market": 1},
        {"data": 1},
        {"data": 2},
    ]


def test_an_accepted_risk_still_weighs():
    # 2*4 = 8, accepted or not.
    accepted = line(TUESDAY, 1, {"status": "open"}, {"status": RiskStatus.ACCEPTED})
    assert [item.total for item in exposure.over_time([noted(MONDAY, 1, 2, 4), accepted])] == [8, 8]


def test_a_risk_that_was_taken_away_neither_weighs_nor_was_opened():
    # 8 + 9 = 17 on Monday; without the first, 9 are left.
    days = exposure.over_time([*HISTORY[:2], gone(TUESDAY, 1)])
    assert [(item.total, item.opened, item.closed) for item in days] == [(17, 2, 0), (9, 1, 0)]


def test_a_risk_that_comes_back_weighs_what_it_did():
    days = exposure.over_time([noted(MONDAY, 1, 2, 4), gone(TUESDAY, 1), noted(WEDNESDAY, 1, 2, 4)])
    assert [(item.total, item.opened) for item in days] == [(8, 1), (0, 0), (8, 1)]


def test_days_are_those_of_the_place_where_one_sits(far_east):
    at = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    assert exposure.over_time([noted(at, 1, 2, 4)])[0].day == date(2026, 11, 24)


def test_days_may_be_far_apart():
    days = exposure.over_time([noted(datetime(1970, 1, 2, tzinfo=UTC), 1, 1, 1), noted(MONDAY, 2, 1, 2)])
    assert [(item.day.year, item.total) for item in days] == [(1970, 1), (2026, 3)]


def test_without_history_there_is_nothing_to_draw():
    assert exposure.over_time([]) == []


def test_a_risk_whose_beginning_is_missing_is_left_out():
    # Of the first risk only a change is known; the second weighs 9.
    days = exposure.over_time([HISTORY[2], HISTORY[1]])
    assert [item.total for item in days] == [0, 9]


def test_the_score_of_one_risk_is_noted_when_it_changes():
    # 2*4 = 8, then 4*4 = 16; a new title changes no score.
    assert exposure.scores(HISTORY, 1) == [(MONDAY, 8), (TUESDAY, 16)]


def test_between_two_days_stand_the_risks_that_moved_the_largest_first():
    # 1: 8 -> 16, up 8; 2: 9 -> closed, down 9; 3: none -> 1, up 1.
    found = exposure.between(HISTORY, MONDAY + timedelta(hours=1), THURSDAY + timedelta(hours=1))
    assert [(item.risk_id, item.before, item.after) for item in found] == [
        (2, 9, None),
        (1, 8, 16),
        (3, None, 1),
    ]


def test_a_difference_says_why_and_under_the_present_title():
    (found,) = exposure.between(HISTORY, MONDAY + timedelta(hours=1), WEDNESDAY)
    assert (found.title, found.reasons) == ("Missed cells", ("Recall fell.",))


def test_a_risk_that_went_up_and_down_again_is_no_difference():
    back = line(WEDNESDAY, 1, {"probability": 4}, {"probability": 2})
    assert exposure.between([HISTORY[0], HISTORY[2], back], TUESDAY, THURSDAY) == []


def test_a_risk_that_was_taken_away_keeps_its_title():
    (found,) = exposure.between([HISTORY[0], gone(TUESDAY, 1)], TUESDAY, WEDNESDAY)
    assert (found.title, found.before, found.after) == ("Risk 1", 8, None)


@pytest.mark.parametrize("start", [datetime.min.replace(tzinfo=UTC), MONDAY])
def test_before_the_first_line_nothing_is_there(start):
    # What happens at the earlier moment itself counts as having happened since.
    found = exposure.between(HISTORY[:1], start, datetime.max.replace(tzinfo=UTC))
    assert [(item.before, item.after) for item in found] == [(None, 8)]


def test_a_day_without_open_risks_has_none():
    assert exposure.Exposure(date(2026, 1, 1), 0).open == 0


def test_years_of_changes_of_many_risks_are_summed_in_a_moment():
    history = [noted(MONDAY, number, 2, 3) for number in range(1, 1001)]
    for step in range(10_000):
        at = MONDAY + timedelta(minutes=step)
        history.append(line(at, 1 + step % 1000, {"probability": 2}, {"probability": 1 + step % 5}))
    begin = time.perf_counter()
    assert len(exposure.over_time(history)) == 8
    assert time.perf_counter() - begin < 1


def test_a_risk_moved_by_what_was_changed_since_and_is_new_where_it_was_noted_since():
    now = Risk(1, "Risk 1", probability=4, impact=5)
    lines = [
        line(TUESDAY, 1, {"probability": 2}, {"probability": 4}),
        line(WEDNESDAY, 1, {"impact": 3, "title": "Risk"}, {"impact": 5, "title": "Risk 1"}),
    ]
    # 4*5 - 2*3 = 14, of which 4*5 - 4*3 = 8 since Wednesday.
    assert exposure.moved(now, lines) == 14
    assert exposure.moved(now, lines[1:]) == 8
    assert exposure.moved(now, []) == 0
    assert exposure.moved(now, [noted(MONDAY, 1, 2, 3), *lines]) is None


def test_a_risk_that_was_deleted_and_came_back_moved_from_what_it_was_before():
    before, after = Risk(1, "Risk", probability=2, impact=3), Risk(1, "Risk", probability=4, impact=3)
    lines = [line(TUESDAY, 1, asdict(before), None), line(TUESDAY, 1, None, asdict(before))]
    lines.append(line(WEDNESDAY, 1, {"probability": 2}, {"probability": 4}))
    assert exposure.moved(after, lines) == 4 * 3 - 2 * 3
