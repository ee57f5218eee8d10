"""Home as the front page: gate, goal, risks, cost, what happened; every number leads to its source."""

from datetime import UTC, date, datetime, timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import new_project
from tests.services.conftest import garden, template
from workbench.core.board import Card, Goal, Person
from workbench.core.risks import Link, Risk, Watch
from workbench.core.states import Condition, DecisionKind, Split, Stage
from workbench.gui.frame import TopBar
from workbench.gui.panes.home import HomePane
from workbench.gui.panes.home.goal_chart import GoalChart
from workbench.gui.panes.home.link_row import Line, LineCard
from workbench.gui.panes.home.overview import Tile
from workbench.gui.panes.home.tracing import menu_of
from workbench.gui.widgets.cards import Card as ChoiceCard
from workbench.services.projects import open_project

__all__ = ["garden", "template"]

YESTERDAY = date.today() - timedelta(days=1)


@pytest.fixture
def home(qtbot, garden):
    """Home over a project with a run; `board` fills its board."""
    with open_project(garden) as session:
        window = PaneWindow(session)
        qtbot.addWidget(window)
        yield window, window.hold(HomePane, (1024, 700))


def fill(session):
    ada = session.board.save(Person(0, "Ada"))
    charter = session.board.state.charter
    session.board.set_charter(
        type(charter)(goal=Goal("accuracy", 0.999), budget=100.0, next_review=YESTERDAY, owner_id=ada)
    )
    lane = session.board.add_lane("To do")
    session.board.save(Card(0, lane, "Ask the gardener", due=YESTERDAY))
    heavy = session.risks.save(Risk(0, "Weeds", probability=3, impact=5, next_review=YESTERDAY))
    session.risks.save(Risk(0, "Frost", owner_id=ada, probability=1, impact=2))
    session.risks.set_watch(
        Watch(0, heavy, "measure", {"measure": "accuracy", "split": "test"}, Condition.BELOW, 0.999, 5)
    )
    for name in ("goal_named", "owner_named", "risks_owned", "goal_reached", "model_card", "review_set"):
        session.gates.save(Stage.INITIATION, name, {})
    session.set_price(10.0, "EUR")
    session.watching.look()
    return heavy


def texts(card):
    return [(line.text, line.note, line.badge) for line in card.lines]


def test_a_project_without_a_board_is_shown_the_way_to_it(qtbot, home):
    window, pane = home
    qtbot.waitUntil(lambda: pane.overview.front.setup.isVisible())
    assert not pane.overview.front.gate.isVisible()
    pane.overview.front.setup.click()
    assert window.went == [("board", {})]


def test_the_front_page_says_where_the_project_stands(qtbot, home):
    window, pane = home
    fill(window.session)
    front = pane.overview.front
    qtbot.waitUntil(lambda: front.proposals.isVisible(), timeout=10_000)
    lacking = [line.text for line in front.gate.lines]
    assert lacking[-1] == "and 1 more"
    assert front.gate.accessibleDescription() == "Initiation 4 of 6 criteria are lacking."
    assert front.goal.accessibleDescription() == "accuracy on the test split The goal is not reached yet."
    assert front.chart.isVisible()
    assert texts(front.risks) == [
        ("Weeds", "no owner · review overdue", "25 critical"),
        ("Frost", "", "2 low"),
    ]
    assert front.risks.accessibleDescription() == "2 open 1 reviews overdue · 1 without owner"
    assert "is overdue" in front.happened.accessibleDescription()
    assert ("Weeds", "risk noted", "") in texts(front.happened)
    assert front.due.lines[0].note.startswith("overdue since")
    assert texts(front.proposals) == [("Weeds", "15 → 25", "")]
    cost = named(pane, Tile, "Cost")
    assert "EUR" in cost.accessibleDescription()


def test_what_is_not_shown_of_what_happened_leads_to_what_was_counted(qtbot, home):
    window, pane = home
    session = window.session
    for at in range(7):
        session.board.decide(session.board.decision(DecisionKind.OTHER, f"Decided {at}"))
    session.risks.save(Risk(0, "Weeds"))
    front = pane.overview.front

    def rest():
        return [row for row in front.happened.rows() if row.line.text.startswith("and ")]

    # Newest first: the risk and five decisions are shown; two decisions and the run of the garden are not.
    qtbot.waitUntil(lambda: len(rest()) == 2, timeout=10_000)
    assert [row.line.text for row in rest()] == ["and 2 more decisions", "and 1 more run ended"]
    for row in rest():
        row.click()
    assert window.went == [("board", {"page": "decisions"}), ("train", {})]


def test_every_line_leads_to_its_source(qtbot, home):
    window, pane = home
    heavy = fill(window.session)
    front = pane.overview.front
    qtbot.waitUntil(lambda: front.proposals.isVisible(), timeout=10_000)
    for card in (front.risks, front.goal, front.due):
        card.rows()[0].click()
    qtbot.keyClick(front.proposals.rows()[0], Qt.Key.Key_Space)
    named(pane, Tile, "Cost").click()
    assert window.went == [
        ("risks", {"risk_id": heavy}),
        ("evaluate", {"run_id": 1, "split": "test"}),
        ("board", {"page": "lanes", "card_id": 1}),
        ("risks", {"risk_id": heavy}),
        ("board", {"page": "charter", "field": "budget"}),
    ]


def test_a_point_of_the_chart_leads_to_its_run(qtbot, home):
    window, pane = home
    fill(window.session)
    chart = pane.overview.front.chart
    qtbot.waitUntil(lambda: chart.isVisible() and bool(chart.places()), timeout=10_000)
    (place,) = chart.places()
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=place.toPoint())
    assert window.went == [("evaluate", {"run_id": 1, "split": "test"})]
    qtbot.mouseClick(chart, Qt.MouseButton.LeftButton, pos=QPoint(1, 1))
    assert len(window.went) == 1, "beside the points there is nothing"


def test_the_trace_of_a_number_shows_what_it_rests_on_and_each_opens(qtbot, home):
    window, pane = home
    found = window.session.views.trace(Link("run", 1))
    menu = menu_of(pane, Link("run", 1), found)
    words = [action.text() for action in menu.actions() if action.text()]
    assert words == ["Open", "Rests on", "flowers", "Leads to", "first on test"]
    next(action for action in menu.actions() if action.text() == "flowers").trigger()
    assert window.went == [("data", {"dataset_id": 1})]
    menu.deleteLater()


def test_a_project_with_a_board_but_no_data_shows_both(qtbot, tmp_path):
    with new_project(tmp_path) as session:
        session.risks.save(Risk(0, "No data yet"))
        window = PaneWindow(session)
        qtbot.addWidget(window)
        pane = window.hold(HomePane)
        qtbot.waitUntil(lambda: bool(pane.begin.findChildren(LineCard)))
        card = named(pane, LineCard, "Top risks")
        assert texts(card)[0][0] == "No data yet"
        assert named(pane, ChoiceCard, "Import data")
        card.rows()[0].click()
        assert window.went == [("risks", {"risk_id": 1})]


def test_lines_that_stay_the_same_keep_the_keyboard(qtbot):
    card = LineCard("Lines")
    qtbot.addWidget(card)
    one, two = Line("one", Link("risk", 1)), Line("two", Link("risk", 2))
    card.show_lines([one, two])
    card.show()
    card.activateWindow()
    card.rows()[1].setFocus()
    row = card.rows()[1]
    card.show_lines([one, two])
    assert card.rows()[1] is row
    card.show_lines([one])
    qtbot.waitUntil(lambda: card.rows()[0].hasFocus())


def test_points_lie_in_the_picture_whatever_they_are(qtbot):
    from workbench.services.project_view import GoalPoint

    chart = GoalChart()
    qtbot.addWidget(chart)
    chart.resize(240, 104)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for values, target in (((0.5,), 0.5), ((0.1, 0.9), 0.5), ((0.0,), 0.0), ((1e9, -1e9), 3.0)):
        points = [
            GoalPoint(at + timedelta(days=n), v, max(values[: n + 1]), None) for n, v in enumerate(values)
        ]
        chart.show_points(points, target)
        assert all(chart.rect().contains(place.toPoint()) for place in chart.places())
        chart.grab()


def test_the_stage_in_the_top_bar_leads_to_its_gate(qtbot):
    bar = TopBar()
    qtbot.addWidget(bar)
    bar.set_project("Garden", "Testing", read_only=False)
    with qtbot.waitSignal(bar.stage_requested):
        bar._stage.click()
    assert bar._stage.accessibleName() == "Testing"
    bar.set_project("", "", read_only=False)
    assert not bar._stage.isVisibleTo(bar)
    assert not [b for b in bar.findChildren(QPushButton) if b.text() == "Testing"]


def test_a_split_in_a_link_is_where_evaluate_looks():
    from workbench.gui.links import target_of

    assert target_of(Link("run", 3, "validation: a → b")) == (
        "evaluate",
        {"run_id": 3, "split": Split.VALIDATION},
    )
    assert target_of(Link("run", 3, "odd")) == ("evaluate", {"run_id": 3})
    assert target_of(Link("run", 3)) == ("train", {"run_id": 3})
