"""A Board pane around one page, and a project with something on its board."""

import importlib.util
import sys
import types
from datetime import date, timedelta

from tests.gui.panes.shell import PaneWindow
from workbench.core.board import Card, Charter, CheckItem, Goal, Lane, Meeting, Person
from workbench.core.risks import Risk
from workbench.core.states import Split, Stage
from workbench.gui.panes.board import BoardPane
from workbench.gui.panes.board.page import Page

TODAY = date.today()


class _NoLanes(Page):
    """Stands where the page of lanes is looked for first."""

    name, title, primary = "lanes", "Lanes", "New card"

    def reload(self):
        pass


def open_page(qtbot, session, name, size=(940, 640)):
    """Return window, pane and page, shown for a session."""
    module = "workbench.gui.panes.board.lanes"
    if module not in sys.modules and importlib.util.find_spec(module) is None:
        sys.modules[module] = types.SimpleNamespace(LanesPage=_NoLanes)
    window = PaneWindow(session)
    if qtbot is not None:
        qtbot.addWidget(window)
    pane = window.hold(BoardPane, size)
    return window, pane, pane.show_page(name)


def fill_board(session):
    """Put lanes, people, cards and risks onto a board; returns ids by title."""
    board = session.board
    ids = {}
    for place, stage in enumerate(Stage):
        if not any(lane.stage is stage for lane in board.state.lanes):
            board.save(Lane(0, stage.value.capitalize(), stage, float(place)))
    lanes = {lane.stage: lane.id for lane in board.state.lanes}
    for number, (name, role) in enumerate((("Lin 林", "Lead"), ("Mara", "Maker"), ("Omar", "Operations"))):
        ids[name] = board.save(Person(0, name, role, number, "Data and licence" if name == "Mara" else ""))
    day = timedelta(days=1)
    cards = (
        Card(0, lanes[Stage.INITIATION], "Agree on the goal", owner_id=ids["Lin 林"], start=TODAY - 20 * day,
             due=TODAY - 12 * day, estimate_days=3.0),
        Card(0, lanes[Stage.INITIATION], "Ask for the licence", owner_id=ids["Mara"], start=TODAY - 16 * day,
             due=TODAY - 3 * day, estimate_days=2.0, checklist=(CheckItem("write"), CheckItem("call", True))),
        Card(0, lanes[Stage.DEVELOPMENT], "Collect pictures of dark skin", owner_id=ids["Mara"],
             start=TODAY - 4 * day, due=TODAY + 9 * day, estimate_days=8.0),
        Card(0, lanes[Stage.TESTING], "Test in two clinics", owner_id=ids["Lin 林"], start=TODAY + 10 * day,
             due=TODAY + 24 * day, estimate_days=10.0),
        Card(0, lanes[Stage.TESTING], "Report to the board", due=TODAY + 26 * day, milestone=True),
    )  # fmt: skip
    for card in cards:
        waits = (ids["Collect pictures of dark skin"],) if card.title.startswith("Test in") else ()
        ids[card.title] = board.save(
            Card(**{k: getattr(card, k) for k in card.__slots__} | {"depends_on": waits})
        )
    board.set_done(ids["Agree on the goal"], True)
    ids["Licence missing"] = board.save(
        Risk(0, "Licence missing", owner_id=ids["Mara"], probability=4, impact=4, next_review=TODAY + 7 * day)
    )
    return ids


def set_goal(session, target=0.9, split=Split.TEST):
    """Give the project a goal."""
    session.board.set_charter(Charter(goal=Goal("accuracy", target, split)))


def add_meeting(session, **values):
    """Add a meeting and return its id."""
    return session.board.save(Meeting(0, **({"title": "Weekly", "day": TODAY} | values)))
