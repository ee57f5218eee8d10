"""Slow reads run beside the window and answer on its thread."""

import threading
import time

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import delete

from workbench.core.control import CancelToken
from workbench.gui import background


@pytest.fixture
def owner(qapp):
    return QObject()


def test_work_runs_in_a_thread_and_the_answer_comes_on_the_windows(qtbot, owner):
    seen = []
    background.query(
        threading.get_ident, lambda where: seen.append((where, threading.get_ident())), owner=owner
    )
    qtbot.waitUntil(lambda: bool(seen))
    assert seen[0][0] != threading.get_ident()
    assert seen[0][1] == threading.get_ident()


def test_an_error_is_handed_to_who_asked(qtbot, owner):
    def broken():
        raise ValueError("no such row")

    errors = []
    background.query(broken, lambda _: None, errors.append, owner=owner)
    qtbot.waitUntil(lambda: bool(errors))
    assert str(errors[0]) == "no such row"


def test_an_error_nobody_asked_for_is_raised_on_the_windows_thread(qtbot, owner):
    with qtbot.captureExceptions() as raised:
        background.query(lambda: 1 / 0, lambda _: None, owner=owner)
        qtbot.waitUntil(lambda: bool(raised))
    assert raised[0][0] is ZeroDivisionError


def test_an_answer_for_a_widget_that_is_gone_is_dropped(qtbot):
    widget, gate, answers = QWidget(), threading.Event(), []
    background.query(gate.wait, answers.append, owner=widget)
    delete(widget)
    gate.set()
    qtbot.wait(100)
    assert answers == []


def test_a_newer_question_with_the_same_key_replaces_the_older(qtbot, owner):
    gate, answers = threading.Event(), []
    for number in range(5):
        background.query(
            lambda number=number: (gate.wait(), number)[1], answers.append, owner=owner, key="rows"
        )
    background.query(lambda: "other", answers.append, owner=owner, key="columns")
    gate.set()
    qtbot.waitUntil(lambda: len(answers) == 2)
    qtbot.wait(50)
    assert sorted(map(str, answers)) == ["4", "other"]


def test_what_can_stop_is_stopped_when_it_is_replaced_and_when_the_window_closes(qtbot, owner):
    tokens, answers = [CancelToken(), CancelToken()], []
    for token in tokens:
        background.query(
            lambda token=token: token.wait_cancelled(60),
            answers.append,
            owner=owner,
            key="look",
            token=token,
        )
    assert (tokens[0].cancelled, tokens[1].cancelled) == (True, False)
    background.shutdown()
    assert tokens[1].cancelled
    assert answers == []


def test_shutting_down_waits_and_forgets(qtbot, owner):
    ended, answers = [], []
    background.query(lambda: (time.sleep(0.05), ended.append(1)), answers.append, owner=owner)
    qtbot.waitUntil(lambda: any(t.name.startswith("query") for t in threading.enumerate()))
    background.shutdown()
    assert ended == [1]
    assert not any(t.name.startswith("query") for t in threading.enumerate())
    qtbot.wait(20)
    assert answers == []
