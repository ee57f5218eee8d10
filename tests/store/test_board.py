"""The board is changed in whole steps, each with its history; what was decided stays as it was written."""

import sqlite3
import threading
from contextlib import closing
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from workbench.board import edits
from workbench.board.state import BoardState
from workbench.core.board import (
    Card,
    Charter,
    CheckItem,
    Criterion,
    Decision,
    Edit,
    Figure,
    Goal,
    Lane,
    Meeting,
    ModelCard,
    Person,
)
from workbench.core.errors import DiskError, UserError
from workbench.core.risks import Link, Proposal, Risk, Trial, Watch
from workbench.core.states import (
    Condition,
    DecisionKind,
    ProposalKind,
    Response,
    RiskStatus,
    Split,
    Stage,
    Verdict,
)
from workbench.store.store import Store

NOW = datetime(2026, 11, 24, 9, 30, 0, 123456, tzinfo=UTC)
RUN = Link("run", 3, "test")
RECORDS = [
    Lane(0, "Zu tun — 待办", Stage.TESTING, 1.5, 4),
    Card(
        *(0, 1, "Collect data", -2.25, "**More** about it", 1, date.min, date.max, True, ("a", "b")),
        *((CheckItem("one", True), CheckItem("two")), 2.5, (RUN,), (1, 2), NOW, NOW, NOW),
    ),
    Person(0, "Ada", "Engineer", 3, "the model", NOW),
    Meeting(0, "Review", date(2026, 11, 24), "Notes", ("We go on",), (1,), True),
    Risk(
        *(0, "Cells are missed", "data", "a", "b", "c", 1, Response.ACCEPT, 2, 5, 1, 4, (1,), (RUN,)),
        *(date(9999, 12, 31), RiskStatus.ACCEPTED, "missed", NOW, NOW),
    ),
    Watch(0, 1, "measure", {"measure": "recall"}, Condition.ABOVE, 0.9, 5, Verdict.NOT_MET, 0.95, "run 3"),
    Proposal(0, 1, ProposalKind.LOWER, "It fell.", (4, 5), (2, 5), NOW, RUN, 1, "run 3", False),
    Trial(0, 1, "dropout", 2, 3, "measure", {"measure": "recall"}, 0.8, 0.9, True),
    Criterion(0, Stage.TESTING, "no_leak", {"level": [1, None, "x"]}, 2.0),
    Charter(goal=Goal("recall", 0.9, Split.VALIDATION, "malignant"), model_card=ModelCard("Find cells")),
]
DECISION = Decision(
    *(0, NOW, "Ada", DecisionKind.GATE_OVERRIDDEN, "On to testing", "It is late."),
    *((Figure("Recall", "0.85", Verdict.NOT_MET, RUN),), (RUN, Link("dataset", 1)), Stage.DEVELOPMENT),
)


def add(store, *records, who="Ada"):
    """Add records and return them with their ids."""
    done, _ = store.board.apply([Edit(None, record) for record in records], "Add", who)
    return [edit.after for edit in done]


def change(store, record, label="Edit", **values):
    after = replace(record, **values)
    store.board.apply([Edit(record, after)], label, "Ada", "Because.", RUN)
    return after


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_a_record_comes_back_as_it_was(folder, record):
    with Store(folder) as store:
        (added,) = add(store, record)
    assert added == replace(record, id=1)
    with Store(folder) as store:
        assert BoardState(store.board.read()).get(type(record), 1) == added


def test_each_record_gets_the_next_number_and_none_gets_that_of_one_that_is_gone(store):
    first, second = add(store, Lane(0, "a"), Lane(0, "b"))
    store.board.apply([Edit(second, None)], "Remove", "Ada")
    (third,) = add(store, Lane(0, "c"))
    assert [first.id, second.id, third.id] == [1, 2, 3]


def test_what_was_taken_away_comes_back_under_its_number_and_in_its_place(store):
    lanes = add(store, Lane(0, "a"), Lane(0, "b"), Lane(0, "c"))
    store.board.apply([Edit(lanes[0], None)], "Remove", "Ada")
    add(store, lanes[0])
    assert list(store.board.read()["lane"].values()) == lanes


def test_a_step_is_carried_out_whole(store):
    lane, card = add(store, Lane(0, "a"), Card(0, 1, "Card"))
    steps = [Edit(None, Lane(0, "b")), Edit(card, replace(card, title="Renamed")), Edit(lane, None)]
    done, _ = store.board.apply(steps, "All at once", "Ada")
    state = BoardState({"lane": {1: lane}, "card": {1: card}}).apply(done)
    assert store.board.read() == {**store.board.read(), "lane": state.of(Lane), "card": state.of(Card)}
    assert [(change.noun, change.item_id) for change in store.board.changes()[2:]] == [
        *(("lane", 2), ("card", 1), ("lane", 1)),
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        Edit(Lane(9, "gone"), Lane(9, "still gone")),
        Edit(Lane(9, "gone"), None),
    ],
    ids=["change", "take away"],
)
def test_a_step_that_fails_half_way_leaves_nothing(store, wrong):
    add(store, Lane(0, "a"))
    before = store.board.read(), store.board.changes()
    with pytest.raises(UserError, match="This lane is not there any more"):
        store.board.apply([Edit(None, Card(0, 1, "Card")), wrong], "Edit", "Ada", decided=[DECISION])
    assert (store.board.read(), store.board.changes()) == before
    assert store.board.decisions() == []


def test_a_number_that_is_taken_is_not_given_twice(store):
    (lane,) = add(store, Lane(0, "a"))
    with pytest.raises(IntegrityError):
        store.board.apply([Edit(None, Lane(0, "b")), Edit(None, replace(lane, name="c"))], "Add", "Ada")
    assert list(store.board.read()["lane"].values()) == [lane]


def test_a_decision_that_fails_leaves_no_edit(store):
    wrong = replace(DECISION, takes_back=7)
    with pytest.raises(IntegrityError):
        store.board.apply([Edit(None, Lane(0, "a"))], "Add", "Ada", decided=[DECISION, wrong])
    assert (store.board.read()["lane"], store.board.changes(), store.board.decisions()) == ({}, [], [])


def test_a_full_disk_leaves_the_board_as_it_was(store):
    with store.database.write() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(DiskError, match="is full: free some space"):
        add(store, *(Card(0, 1, "Card", text="x" * 4000) for _ in range(20)))
    assert (store.board.read()["card"], store.board.changes()) == ({}, [])
    assert store.check() == []


def test_a_line_of_history_says_what_changed_and_nothing_else(store):
    (card,) = add(store, Card(0, 1, "Card"))
    change(store, card, "Rename Card", title="Renamed", due=date(2026, 12, 1), tags=("late",))
    line = store.board.changes()[-1]
    assert (line.before, line.after) == (
        {"title": "Card", "due": None, "tags": []},
        {"title": "Renamed", "due": "2026-12-01", "tags": ["late"]},
    )
    assert (line.who, line.noun, line.item_id, line.label) == ("Ada", "card", 1, "Rename Card")
    assert (line.reason, line.link) == ("Because.", RUN)


def test_history_keeps_the_whole_of_what_came_and_of_what_went(store):
    (lane,) = add(store, Lane(0, "a", Stage.TESTING))
    store.board.apply([Edit(lane, None)], "Remove", "Ada")
    came, went = store.board.changes()
    assert (came.before, came.after) == (None, asdict(lane))
    assert (went.before, went.after) == (asdict(lane), None)


def test_a_step_without_edits_leaves_no_line(store):
    assert store.board.apply([], "Nothing", "Ada") == ([], [])
    assert store.board.changes() == []


def test_all_lines_of_one_step_have_one_time(store):
    start = datetime.now(UTC)
    add(store, Lane(0, "a"), Lane(0, "b"))
    times = {line.at for line in store.board.changes()}
    assert len(times) == 1
    assert start <= times.pop() <= datetime.now(UTC)


def test_history_is_found_by_kind_record_and_time(store):
    lane, card = add(store, Lane(0, "a"), Card(0, 1, "Card"))
    change(store, lane, name="b")
    change(store, card, title="Renamed")
    lines = store.board.changes()
    assert [line.id for line in store.board.changes(noun="card")] == [2, 4]
    assert [line.id for line in store.board.changes(noun="lane", item_id=1)] == [1, 3]
    assert store.board.changes(since=lines[2].at) == [line for line in lines if line.at >= lines[2].at]
    assert store.board.changes(until=lines[2].at) == [line for line in lines if line.at < lines[2].at]
    assert store.board.changes(since=lines[-1].at + timedelta(microseconds=1)) == []


def test_of_a_long_history_the_newest_lines_are_read_oldest_first(store):
    add(store, *(Lane(0, str(number)) for number in range(5)))
    assert [line.item_id for line in store.board.changes(most=2)] == [4, 5]


def test_decisions_come_back_whole_and_in_their_order(folder):
    later = replace(DECISION, at=NOW - timedelta(days=1), title="Earlier by its own account", takes_back=1)
    with Store(folder) as store:
        _, lines = store.board.apply([], "Decide", "Ada", decided=[DECISION, later])
        _, more = store.board.apply([], "Decide", "Ada", decided=[DECISION])
    assert (lines, more) == ([1, 2], [3])
    with Store(folder) as store:
        found = store.board.decisions()
    assert [item.id for item in found] == [1, 2, 3]
    assert found[0] == replace(DECISION, id=1, at=found[0].at)
    assert (found[1].title, found[1].takes_back) == ("Earlier by its own account", 1)
    assert found[0].at == found[1].at <= found[2].at


@pytest.mark.parametrize("table", ["changes", "decisions"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET who = 'Eve'", "DELETE FROM {}"])
def test_what_was_done_and_decided_stays_whoever_opens_the_file(folder, table, statement):
    with Store(folder) as store:
        store.board.apply([Edit(None, Lane(0, "a"))], "Add", "Ada", decided=[DECISION])
    with closing(sqlite3.connect(folder.database)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match=f"{table} are only ever added"):
            connection.execute(statement.format(table))
        assert connection.execute(f"SELECT who FROM {table}").fetchall() == [("Ada",)]


def test_many_cards_are_moved_in_one_step(store):
    lanes = add(store, Lane(0, "a", place=1.0), Lane(0, "b", place=2.0))
    add(store, *(Card(0, 1, f"Card {number}", place=float(number)) for number in range(2000)))
    state = BoardState(store.board.read())
    steps = edits.remove(state, lanes[0])
    store.board.apply(steps, "Remove a", "Ada")
    assert len(BoardState(store.board.read()).cards_in(2)) == 2000
    store.board.apply(edits.back(state.apply(steps), steps), "Undo", "Ada")
    assert BoardState(store.board.read()) == state


def test_two_threads_that_change_the_board_leave_every_line(store):
    def work(name):
        for number in range(10):
            add(store, Lane(0, f"{name} {number}"), who=name)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("Ada", "Bob")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    lines = store.board.changes()
    assert [line.item_id for line in lines] == list(range(1, 21))
    assert {line.who for line in lines} == {"Ada", "Bob"}
