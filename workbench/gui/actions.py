"""Actions as data: what can be done, by which keys, and when."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done; palette, menus, keys and their list all come from it.

    Args:
        id: Noun and verb, such as `training.start`.
        title: Its words in the user's language.
        run: Does it.
        shortcut: Keys, such as `Ctrl+K`; several separated by `; `.
        ready: Whether it can be done now.
    """

    id: str
    title: str
    run: Callable[[], object]
    shortcut: str = ""
    ready: Callable[[], bool] = _always


def bind(actions: Iterable[Action], owner: QWidget, context: Qt.ShortcutContext) -> list[QAction]:
    """Give a widget the keys of actions; a key whose action is not ready does nothing.

    Args:
        actions: What can be done.
        owner: The widget that listens.
        context: Where the keys count: in the whole window, or inside `owner`.
    """
    bound = []
    for action in actions:
        item = QAction(action.title, owner)
        item.setObjectName(action.id)
        item.setShortcuts(
            [QKeySequence(keys) for keys in action.shortcut.split("; ")] if action.shortcut else []
        )
        item.setShortcutContext(context)
        item.triggered.connect(lambda _checked=False, it=action: it.run() if it.ready() else None)
        owner.addAction(item)
        bound.append(item)
    return bound
