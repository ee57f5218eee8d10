"""Tab goes through controls as they stand, also through those that were made late."""

from collections.abc import Iterator
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLayout, QScrollArea, QWidget


def chain_tabs(widget: QWidget) -> None:
    """Let Tab go through the controls inside a widget in the order of its layouts.

    Qt puts what is made late behind all else. The first control keeps its place among those of the window.
    """
    layout = widget.layout()
    if layout is not None:
        for before, after in pairwise(_controls(layout)):
            QWidget.setTabOrder(before, after)


def _controls(layout: QLayout) -> Iterator[QWidget]:
    for at in range(layout.count()):
        item = layout.itemAt(at)
        if item is None:
            continue
        inside, widget = item.layout(), item.widget()
        if widget is not None:
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
                yield widget
            # What is scrolled stands where its frame stands.
            held = widget.widget() if isinstance(widget, QScrollArea) else widget
            inside = held.layout() if held is not None else None
        if inside is not None:
            yield from _controls(inside)


def keep_keyboard(widget: QWidget) -> None:
    """Before a widget goes: let what it scrolls in have the keyboard, or it would go anywhere, and scroll."""
    focused, around = widget.window().focusWidget(), widget.parentWidget()
    if focused is None or not (focused is widget or widget.isAncestorOf(focused)):
        return
    while around is not None and not isinstance(around, QScrollArea):
        around = around.parentWidget()
    if around is not None:
        around.setFocus()
