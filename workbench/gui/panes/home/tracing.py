"""What a number rests on and what rests on it, as a small menu where it was asked for."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from workbench.core.risks import Link
from workbench.gui import background
from workbench.gui.links import open_link
from workbench.gui.theme import icon
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.gui.panes.base import Pane
    from workbench.services.project_view import Node, Trace

_SHOWN = 8
_LETTERS = 60
_ICONS = {
    "dataset": "database",
    "run": "chart-line",
    "evaluation": "grid-four",
    "risk": "warning",
    "gate": "flag",
    "decision": "scales",
    "card": "columns",
    "person": "user",
    "meeting": "users",
    "charter": "target",
}


def show_trace(pane: "Pane", link: Link, at: QPoint) -> None:
    """Read beside the window what a link has to do with others, and show it as a menu.

    Args:
        pane: Whose project it is.
        link: What is looked at.
        at: Where, on the screen.
    """
    session = pane.session
    if session is None:
        return

    def show(found: "Trace") -> None:
        if pane.session is session and pane.isVisible():
            menu = menu_of(pane, link, found)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(at)

    background.query(lambda: session.views.trace(link), show, pane.tell, owner=pane, key="trace")


def menu_of(pane: "Pane", link: Link, found: "Trace") -> QMenu:
    """Return the menu: what it is, what it rests on, what rests on it."""
    menu = QMenu(pane)
    menu.setAccessibleName(tr("Trace"))
    opened = menu.addAction(tr("Open"))
    opened.triggered.connect(lambda: open_link(pane.shell, link))
    for title, nodes in ((tr("Rests on"), found.before), (tr("Leads to"), found.after)):
        menu.addSeparator()
        head = menu.addAction(title if nodes else tr("{title}: nothing", title=title))
        head.setEnabled(False)
        for node in nodes[:_SHOWN]:
            _add(menu, pane, node)
        if len(nodes) > _SHOWN:
            menu.addAction(tr("and {count} more", count=len(nodes) - _SHOWN)).setEnabled(False)
    return menu


def _add(menu: QMenu, pane: "Pane", node: "Node") -> None:
    title = node.title if len(node.title) <= _LETTERS else f"{node.title[: _LETTERS - 1]}…"
    action = menu.addAction(icon(_ICONS.get(node.noun, "circle")), title.replace("&", "&&"))
    action.triggered.connect(lambda _checked=False, link=node.link: open_link(pane.shell, link))
