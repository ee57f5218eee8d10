"""The board through its verbs: what is done can be undone, is signed, and survives a new opening."""

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from workbench.board.state import problems
from workbench.core.board import Card, Charter, Goal, Lane, Person
from workbench.core.errors import UserError
from workbench.core.events import BoardChanged
from workbench.core.risks import Risk
from workbench.core.states import DecisionKind, Split, Stage
from workbench.services.board_setup import known_templates, set_up, set_up_lanes
from workbench.services.projects import begin_starter, create_project, open_project


def _titles(session, lane):
    return [card.title for card in session.board.state.cards_in(lane)]


@pytest.fixture
def lane(session):
    set_up_lanes(session)
    return session.board.state.lanes[0].id


def test_a_card_that_was_moved_goes_back_and_forth_with_undo_and_redo(session, lane):
    ids = session.board.save_all([Card(0, lane, title) for title in ("a", "b", "c")])
    session.board.move_card(ids[2], lane, 0)
    assert _titles(session, lane) == ["c", "a", "b"]
    assert session.history.undo() == "Move c"
    assert _titles(session, lane) == ["a", "b", "c"]
    session.history.redo()
    assert _titles(session, lane) == ["c", "a", "b"]


def test_the_board_is_the_same_after_a_new_opening(session, lane, garden):
    owner = session.board.save(Person(0, "Ada", "lead"))
    session.board.save(
        Card(0, lane, "Label 200 scans", owner_id=owner, due=date(2027, 1, 31), tags=("data",))
    )
    before = session.board.state
    session.close()
    with open_project(garden) as again:
        assert again.board.state.records == before.records


def test_an_added_card_comes_back_with_its_id_when_its_undo_is_undone(session, lane):
    card = session.board.save(Card(0, lane, "once"))
    session.history.undo()
    assert _titles(session, lane) == []
    session.history.redo()
    assert [item.id for item in session.board.state.cards_in(lane)] == [card]


def test_deleting_a_person_leaves_their_cards_without_an_owner_and_undo_gives_them_back(session, lane):
    ada = session.board.save(Person(0, "Ada"))
    card = session.board.save(Card(0, lane, "hers", owner_id=ada))
    session.board.remove(session.board.state.get(Person, ada))
    assert session.board.state.get(Card, card).owner_id is None
    session.history.undo()
    assert session.board.state.get(Card, card).owner_id == ada


def test_undo_keeps_what_something_else_changed_in_the_meantime(session):
    risk = session.risks.save(Risk(0, "drift", probability=2))
    session.risks.save(replace(session.risks.get(risk), title="Drift of the camera"))
    now = session.risks.get(risk)
    # As a watch does: without a step to undo.
    from workbench.core.board import Edit
    from workbench.services.board import Reason

    session.board.note("Watch", lambda _: [Edit(now, replace(now, probability=5))], Reason("measured"))
    session.history.undo()
    assert (session.risks.get(risk).title, session.risks.get(risk).probability) == ("drift", 5)


def test_two_threads_that_change_the_board_lose_nothing(session, lane):
    def add(word):
        for number in range(25):
            session.board.note(
                "add", lambda state, title=f"{word}{number}": _new_card(state, lane, title), _no_reason()
            )

    threads = [threading.Thread(target=add, args=(word,)) for word in "xy"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(session.board.state.cards_in(lane)) == 50
    assert problems(session.board.state) == []


def _new_card(state, lane, title):
    from workbench.board.edits import add_card

    return add_card(state, Card(0, lane, title))


def _no_reason():
    from workbench.services.board import Reason

    return Reason()


def test_every_change_is_kept_with_who_made_it_and_why(session, lane):
    session.board.who = "Ada"
    card = session.board.save(Card(0, lane, "Buy scans"))
    session.board.save(replace(session.board.state.get(Card, card), title="Buy 500 scans"), "too few")
    changes = session.board.history("card", card)
    assert [change.who for change in changes] == ["Ada", "Ada"]
    assert changes[1].before == {"title": "Buy scans"}
    assert changes[1].after == {"title": "Buy 500 scans"}
    assert changes[1].reason == "too few"


def test_one_event_tells_what_kinds_of_records_changed(session, lane):
    heard = []
    session.bus.subscribe(BoardChanged, heard.append)
    session.bus.dispatch(1)
    heard.clear()
    session.board.save(Card(0, lane, "a"))
    session.bus.dispatch(1)
    assert [event.nouns for event in heard] == [frozenset({"card"})]


def test_a_project_that_is_open_read_only_refuses_changes_in_words(session, garden, lane):
    session.close()
    with open_project(garden, read_only=True) as looked, pytest.raises(UserError, match="read-only"):
        looked.board.add_lane("More")


def test_a_changed_goal_stands_in_the_decision_log_with_its_reason(session):
    session.board.set_charter(Charter(goal=Goal("accuracy", 0.9)))
    assert session.board.decisions() == []
    session.board.set_charter(Charter(goal=Goal("accuracy", 0.8, Split.TEST)), "too hard")
    (decision,) = session.board.decisions()
    assert (decision.kind, decision.reason) == (DecisionKind.GOAL_CHANGED, "too hard")


def test_a_decision_that_is_undone_stays_in_the_log_with_a_line_that_takes_it_back(session):
    session.board.decide(session.board.decision(DecisionKind.OTHER, "Use the small model", "speed"))
    session.history.undo()
    first, second = session.board.decisions()
    assert second.takes_back == first.id
    assert session.views.now().standing == []


def test_a_template_is_set_up_and_taken_back_in_one_step(session):
    set_up(session, known_templates()[0])
    state = session.board.state
    assert len(state.lanes) == 5
    assert len(state.of(Card)) >= 12
    assert 6 <= len(state.of(Risk)) <= 8
    assert problems(state) == []
    session.history.undo()
    assert not session.board.state.lanes
    assert not session.board.state.of(Risk)


def test_a_starter_brings_gates_and_risks_and_nothing_to_undo(tmp_path):
    with create_project(tmp_path / "project", starter="breast-cancer") as session:
        session.jobs.wait(begin_starter(session))
        gates = session.gates.all()
        assert all(gate.items for gate in gates)
        assert len(session.risks.all()) >= 6
        assert session.history.undo_label == ""
        assert session.board.state.charter.goal.class_name == "malignant"


def test_a_name_with_markup_and_from_right_to_left_is_kept_as_it_is_written(session, lane):
    name = "<b>=1+1</b> \u202eאבג 中文"
    card = session.board.save(Card(0, lane, name))
    assert session.board.state.get(Card, card).title == name


def test_a_lane_that_is_deleted_gives_its_cards_to_the_one_beside_it(session, lane):
    card = session.board.save(Card(0, lane, "stays"))
    session.board.remove(session.board.state.get(Lane, lane))
    assert session.board.state.get(Card, card).lane_id == session.board.state.lanes[0].id
    session.history.undo()
    assert session.board.state.get(Card, card).lane_id == lane


def test_changes_between_two_moments_are_those_made_in_between(session, lane):
    session.board.save(Card(0, lane, "before"))
    start = datetime.now(UTC)
    session.board.save(Card(0, lane, "between"))
    end = datetime.now(UTC)
    session.board.save(Card(0, lane, "after"))
    assert [change.after["title"] for change in session.board.changes_between(start, end)] == ["between"]


def test_the_first_stage_has_the_first_lane(session, lane):
    assert session.board.state.get(Lane, lane).stage is Stage.INITIATION


def test_changes_and_an_undo_in_another_thread_do_not_wait_for_each_other(session, lane):
    def change():
        for number in range(30):
            session.board.save(Card(0, lane, f"card {number}"))

    def back():
        for _ in range(30):
            session.history.undo()
            session.history.redo()

    threads = [threading.Thread(target=work, daemon=True) for work in (change, back, change)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "two threads wait for each other"
    assert problems(session.board.state) == []


def test_taking_a_card_back_and_putting_it_away_keep_what_was_changed_meanwhile(session, lane, monkeypatch):
    card = session.board.save(Card(0, lane, "read papers"))
    do = session.board.do

    def late(label, make, *more):
        monkeypatch.setattr(session.board, "do", do)
        session.board.save(replace(session.board.state.get(Card, card), text="by somebody else"))
        return do(label, make, *more)

    monkeypatch.setattr(session.board, "do", late)
    session.board.archive(card, is_away=True)
    assert session.board.state.get(Card, card).text == "by somebody else"
    assert session.board.state.get(Card, card).archived_at is not None


def test_a_board_that_is_open_read_only_is_read_again_only_when_it_has_changed(session, lane, garden):
    with open_project(garden, read_only=True) as beside:
        first = beside.board.state
        assert beside.board.state is first
        session.board.save(Card(0, lane, "new"))
        assert [card.title for card in beside.board.state.of(Card).values()] == ["new"]
        session.history.undo()
        assert not beside.board.state.of(Card)
