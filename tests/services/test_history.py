"""Undo and redo when something goes wrong in the middle, and from two threads at once."""

import threading

import pytest

from workbench.core.errors import UserError
from workbench.core.events import EventBus
from workbench.services.history import History


class Shelf:
    """Things that are put down and taken up; a full disk refuses every change."""

    def __init__(self):
        self.things, self.full = [], ""

    def put(self, history, name):
        def on():
            self._refuse(f"+{name}")
            self.things.append(name)

        def off():
            self._refuse(f"-{name}")
            self.things.remove(name)

        history.do(f"Put {name}", on, off)

    def _refuse(self, what):
        if what in self.full.split():
            raise UserError("The disk is full.")


@pytest.fixture
def shelf():
    return Shelf()


@pytest.fixture
def history():
    return History(EventBus())


def _three(history, shelf):
    with history.together("Put three"):
        for name in "abc":
            shelf.put(history, name)


def test_a_group_that_fails_half_way_leaves_nothing_behind(history, shelf):
    shelf.full = "+c"
    shelf.put(history, "z")
    with pytest.raises(UserError):
        _three(history, shelf)
    assert shelf.things == ["z"]
    assert history.undo_label == "Put z"


def test_what_cannot_be_taken_back_of_a_failed_group_stays_as_one_step(history, shelf):
    shelf.full = "+c -a"
    with pytest.raises(UserError, match="full"):
        _three(history, shelf)
    shelf.full = ""
    assert history.undo_label == "Put three"
    history.undo()
    assert shelf.things == []


@pytest.mark.parametrize("full", ["-a", "-a +b", "-a +c"])
def test_an_undo_that_fails_half_way_can_be_tried_again_and_be_done_again(history, shelf, full):
    _three(history, shelf)
    shelf.full = full
    with pytest.raises(UserError):
        history.undo()
    assert history.undo_label == "Put three"
    if full == "-a":
        assert shelf.things == ["a", "b", "c"]
    shelf.full = ""
    history.undo()
    assert shelf.things == []
    history.redo()
    assert shelf.things == ["a", "b", "c"]


def test_a_redo_that_fails_half_way_is_not_done_at_all(history, shelf):
    _three(history, shelf)
    history.undo()
    shelf.full = "+c"
    with pytest.raises(UserError):
        history.redo()
    assert (shelf.things, history.redo_label) == ([], "Put three")


def test_a_group_within_a_group_is_one_step(history, shelf):
    with history.together("Outer"):
        shelf.put(history, "z")
        _three(history, shelf)
    assert history.undo() == "Outer"
    assert (shelf.things, history.undo_label) == ([], "")


def test_what_another_thread_does_meanwhile_is_a_step_of_its_own(history, shelf):
    with history.together("Put two"):
        shelf.put(history, "a")
        other = threading.Thread(target=shelf.put, args=(history, "other"))
        other.start()
        other.join()
        shelf.put(history, "b")
    assert history.undo() == "Put two"
    assert shelf.things == ["other"]
    assert history.undo() == "Put other"


def test_an_undo_while_another_thread_changes_something_takes_back_what_it_says(history, shelf):
    went, go_on = threading.Event(), threading.Event()

    def slow():
        went.set()
        assert go_on.wait(10)
        shelf.things.remove("a")

    history.do("Put a", lambda: shelf.things.append("a"), slow)
    undo = threading.Thread(target=history.undo)
    undo.start()
    assert went.wait(10)
    other = threading.Thread(target=shelf.put, args=(history, "b"))
    other.start()
    other.join(0.2)
    go_on.set()
    undo.join()
    other.join()
    assert (shelf.things, history.undo_label, history.redo_label) == (["b"], "Put b", "")


def _known(history, name, *touched):
    """Do something whose reach is known; returns the step that takes it back."""
    history.do(f"Put {name}", lambda: None, lambda: None, lambda: frozenset(touched))
    return history.last


def test_one_change_is_taken_back_from_among_others_and_can_be_done_again(history):
    first, second = _known(history, "a", 1), _known(history, "b", 2)
    history.take_back(first)
    assert (history.undo_label, history.redo_label) == ("Put b", "Put a")
    assert history.redo() == "Put a"
    history.take_back(second)
    assert history.undo_label == "Put a"


def test_a_change_is_not_taken_back_twice(history):
    step = _known(history, "a", 1)
    history.undo()
    with pytest.raises(UserError, match="“Put a” was taken back already"):
        history.take_back(step)


@pytest.mark.parametrize("touched", [(1, 3), ()])
def test_what_was_changed_since_or_perhaps_was_is_not_taken_back_by_itself(history, touched):
    step = _known(history, "a", 1, 2)
    _known(history, "b", *touched)
    with pytest.raises(UserError, match="something of it was changed since"):
        history.take_back(step)
    assert history.undo_label == "Put b"


def test_the_last_change_is_taken_back_whatever_it_touched(history, shelf):
    shelf.put(history, "a")
    history.take_back(history.last)
    assert shelf.things == []


def test_a_group_reaches_as_far_as_all_its_changes(history):
    with history.together("Two"):
        _known(history, "a", 1)
        _known(history, "b", 2)
    step = history.last
    _known(history, "c", 2)
    with pytest.raises(UserError):
        history.take_back(step)


def test_what_another_thread_did_last_is_its_own(history, shelf):
    step = _known(history, "a", 1)
    other = threading.Thread(target=lambda: shelf.put(history, "b"))
    other.start()
    other.join()
    assert history.last is step
