"""The keys of the whole window: search, panes, help, the list of keys, Esc, colours."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel

from tests.journeys.outsider import Outsider, activate
from workbench.gui.theme import theme


def shown(title):
    """Return whether a window of its own bears that name or title."""
    return any(
        title in (it.accessibleName(), it.windowTitle())
        for it in QApplication.topLevelWidgets()
        if it.isVisible()
    )


def search(user, words):
    """Open the search, type and take the first hit."""
    user.control(Qt.Key.Key_K)
    palette = user.dialog("Search")
    user.wait(lambda: palette.isAncestorOf(QApplication.focusWidget() or user.window))
    user.type(words)
    user.keys(Qt.Key.Key_Return)
    user.wait(lambda: not shown("Search"))
    activate(user.window)


def test_the_search_finds_a_run_a_dataset_and_a_command(user: Outsider, orchard):
    user.open(orchard)
    run = user.session.training.find("first pick")
    search(user, "first pi")
    user.wait(lambda: user.pane.name == "train" and user.pane.current and user.pane.current.id == run.id)
    search(user, "fruit")
    user.wait(lambda: user.pane.name == "data")
    search(user, "go models")
    user.wait(lambda: user.pane.name == "models")
    assert theme.dark is False
    search(user, "colours dark")
    user.wait(lambda: theme.dark is True)
    user.control(Qt.Key.Key_K)
    palette = user.dialog("Search")
    user.wait(lambda: palette.isAncestorOf(QApplication.focusWidget() or user.window))
    user.keys(Qt.Key.Key_Escape)
    user.wait(lambda: not shown("Search"))
    assert user.pane.name == "models"


def test_ctrl_and_a_number_open_the_panes_and_no_control_looks_chosen(user: Outsider, orchard):
    user.open(orchard)
    for number, name in enumerate(("home", "data", "models", "train", "evaluate"), start=1):
        user.control(Qt.Key(Qt.Key.Key_0 + number))
        user.wait(lambda name=name: user.pane.name == name)
        focus = QApplication.focusWidget()
        lists = [user.pane.focusProxy()]
        assert focus in (user.pane, user.pane.header, *lists), f"{focus} looks chosen on {name}"
        user.keys(Qt.Key.Key_Tab)
        assert QApplication.focusWidget() is not focus
        assert user.window.isAncestorOf(QApplication.focusWidget())


@pytest.mark.parametrize(("key", "control", "title"), [("F1", False, "Help: Home"), ("Slash", True, "Keys")])
def test_help_and_keys_open_and_leave_by_escape(user: Outsider, orchard, key, control, title):
    user.open(orchard)
    user.go("Home")
    key = getattr(Qt.Key, f"Key_{key}")
    user.control(key) if control else user.keys(key)
    dialog = user.dialog(title)
    words = [label.text() for label in dialog.findChildren(QLabel)]
    if control:
        assert {"Ctrl+K", "Ctrl+Z", "Search", "Undo"} <= set(words)
    else:
        assert any("starter" in text for text in words)
    user.keys(Qt.Key.Key_Escape)
    user.wait(lambda: not shown(title))


def test_no_key_means_two_things_at_once(user: Outsider, orchard):
    user.open(orchard)
    everywhere = [keys.toString() for action in user.window.actions() for keys in action.shortcuts()]
    for name in ("home", "data", "models", "train", "evaluate"):
        here = [keys.toString() for action in user.window.pane(name).actions() for keys in action.shortcuts()]
        both = everywhere + here
        assert sorted(both) == sorted(set(both)), f"on {name}"
