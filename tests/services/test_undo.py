"""Every change to a project can be taken back and done again."""

import threading

import pytest

from workbench.core.board import Person
from workbench.core.configs import SplitConfig
from workbench.core.errors import UserError
from workbench.core.events import DatasetChanged, EventBus, HistoryChanged, RunChanged
from workbench.core.risks import Risk, Watch
from workbench.core.states import Condition, Split, Stage
from workbench.services.history import History
from workbench.services.projects import open_project

OTHER_SPLIT = SplitConfig(train=0.5, validation=0.25, test=0.25, seed=9)
CHANGES = {
    "rename a dataset": (
        lambda s: s.datasets.rename(1, "  Wild   flowers "), lambda s: s.datasets.get(1).name,
        "flowers", "Wild flowers",
    ),
    "rename a run": (
        lambda s: s.training.rename(1, "best"), lambda s: s.training.get(1).name, "first", "best"
    ),
    "rename the project": (lambda s: s.rename("Park"), lambda s: s.project.name, "Garden", "Park"),
    "split a dataset anew": (
        lambda s: s.datasets.set_split(1, OTHER_SPLIT), lambda s: s.datasets.get(1).split,
        SplitConfig(), OTHER_SPLIT,
    ),
    "delete a dataset": (lambda s: s.datasets.delete(1), lambda s: len(s.datasets.bin()), 0, 1),
    "delete a run": (lambda s: s.training.delete(1), lambda s: len(s.training.all()), 1, 0),
    "star a run": (lambda s: s.training.set_starred(1, True), lambda s: s.training.get(1).starred, False, True),
    "note on a run": (lambda s: s.training.set_notes(1, "why"), lambda s: s.training.get(1).notes, "", "why"),
    "note on a dataset": (lambda s: s.datasets.set_notes(1, "x"), lambda s: s.datasets.get(1).notes, "", "x"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_undone_redone_and_kept(session, garden, name):
    change, look, before, after = CHANGES[name]
    assert look(session) == before
    assert session.history.undo_label == ""
    change(session)
    assert look(session) == after
    label = session.history.undo_label
    assert label
    assert session.history.undo() == label
    assert look(session) == before
    assert (session.history.undo_label, session.history.redo_label) == ("", label)
    assert session.history.redo() == label
    assert look(session) == after
    session.close()
    with open_project(garden) as again:
        assert look(again) == after


def test_a_new_change_makes_what_was_undone_unreachable(session):
    session.training.rename(1, "one")
    session.training.rename(1, "two")
    session.history.undo()
    session.training.rename(1, "three")
    assert session.history.redo() == ""
    session.history.undo()
    session.history.undo()
    assert session.training.get(1).name == "first"
    assert session.history.undo() == ""


def test_a_deleted_run_comes_back_whole_from_the_bin(session):
    before = session.training.get(1)
    session.training.delete(1)
    assert [run.name for run in session.training.bin()] == ["first"]
    session.training.restore(1)
    assert session.training.get(1) == before
    assert session.training.bin() == []


def test_a_change_that_fails_is_no_change(session):
    with pytest.raises(UserError, match="name has to have"):
        session.training.rename(1, "   ")
    assert session.history.undo_label == ""
    session.training.rename(1, "first")
    assert session.history.undo_label == "", "nothing changed"


def test_every_change_tells_who_has_to_read_again(session):
    told = []
    for event in (DatasetChanged, RunChanged, HistoryChanged):
        session.bus.subscribe(event, told.append)
    session.datasets.rename(1, "lawn")
    session.training.rename(1, "mown")
    session.history.undo()
    while session.bus.dispatch():
        pass
    changed = [event for event in told if not isinstance(event, HistoryChanged)]
    assert changed == [DatasetChanged(1), RunChanged(1), RunChanged(1)]
    assert len(told) == 6


def test_a_new_split_leaves_the_runs_on_theirs(session):
    before = session.training.get(1).split
    session.datasets.set_split(1, OTHER_SPLIT)
    assert session.training.get(1).split == before
    parts = session.datasets.split_indices(1)
    assert sum(map(len, parts.values())) == session.datasets.get(1).imported.count
    assert len(parts[Split.TEST]) > len(session.datasets.split_indices(1, before)[Split.TEST])


def test_the_price_of_an_hour_is_checked_kept_and_undone(session):
    for price, currency, said in (
        (-1.0, "EUR", "The price"),
        (float("nan"), "EUR", "The price"),
        (1.0, " ", "The currency"),
    ):
        with pytest.raises(UserError, match=said):
            session.set_price(price, currency)
    session.set_price(2.5, " EUR ")
    assert (session.project.price_per_hour, session.project.currency) == (2.5, "EUR")
    session.set_price(None)
    assert (session.project.price_per_hour, session.project.currency) == (None, "")
    session.history.undo()
    assert session.project.price_per_hour == 2.5
    session.history.undo()
    assert session.project.price_per_hour is None


def test_two_steps_that_are_redone_at_the_same_time_are_both_done_once():
    history, done = History(EventBus()), []
    begun, go_on = threading.Event(), threading.Event()

    def act(number):
        begun.set()
        assert go_on.wait(10)
        done.append(number)

    go_on.set()
    for number in (1, 2):
        history.do(str(number), lambda number=number: act(number), done.pop)
    history.undo()
    history.undo()
    begun.clear()
    go_on.clear()
    # The keys are pressed twice, each step is slow and has a thread of its own.
    threads = [threading.Thread(target=history.redo) for _ in range(2)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert done == [1, 2]
    assert (history.undo_label, history.redo_label) == ("2", "")


def test_a_dataset_comes_back_by_itself_after_other_changes_but_not_after_its_own(session):
    session.datasets.delete(1)
    step = session.history.last
    session.training.rename(1, "one")
    session.board.save(Risk(0, "Late"))
    session.history.take_back(step)
    assert not session.datasets.bin()
    assert session.history.undo_label == "Add Late"
    session.datasets.rename(1, "Wild")
    named = session.history.last
    session.datasets.rename(1, "Tame")
    with pytest.raises(UserError, match="“Rename flowers” can no longer be taken back by itself"):
        session.history.take_back(named)
    assert session.datasets.get(1).name == "Tame"


def test_a_deleted_risk_comes_back_with_its_watches_beside_what_was_done_since(session):
    first, second = (session.risks.save(Risk(0, title)) for title in ("First", "Second"))
    session.risks.set_watch(Watch(0, first, "cost", {}, Condition.ABOVE, 5.0))
    session.board.remove(session.risks.get(first))
    step = session.history.last
    session.board.change("Change Second", Risk, second, impact=5)
    session.history.take_back(step)
    assert {risk.title: risk.impact for risk in session.risks.all()} == {"Second": 5, "First": 3}
    assert [watch.fact for watch in session.board.state.watches_of(first)] == ["cost"]


def test_a_deleted_risk_whose_owner_has_left_since_comes_back_without_one(session):
    owner = session.board.save(Person(0, "Lin"))
    risk = session.risks.save(Risk(0, "First", owner_id=owner))
    session.board.remove(session.risks.get(risk))
    step = session.history.last
    session.board.remove(session.board.state.get(Person, owner))
    session.history.take_back(step)
    assert session.risks.get(risk).owner_id is None


def test_a_gate_that_was_passed_is_not_taken_back_below_the_next_one(session):
    session.gates.advance("no time")
    step = session.history.last
    session.gates.advance("no time")
    with pytest.raises(UserError, match="by itself"):
        session.history.take_back(step)
    assert session.project.stage is Stage.TESTING
