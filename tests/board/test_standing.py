"""Where a project stands, and what rests on what: from plain records alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from workbench.board.standing import goal_over_time, runs_out, stand
from workbench.board.state import NOUN_OF, BoardState
from workbench.board.trace import trace
from workbench.board.view import ProjectView
from workbench.core.board import Card, Change, Charter, Criterion, Decision, Figure, Goal, Meeting, Person
from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.records import Dataset, Evaluation, Imported, Project, Run, Schema
from workbench.core.risks import Link, Risk
from workbench.core.states import DecisionKind, RiskStatus, RunState, Split, Stage, Task

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)
TODAY = NOW.astimezone().date()
BEGUN = NOW - timedelta(days=40)


def run(number, day, seconds=3600.0, state=RunState.FINISHED, **more):
    at = NOW - timedelta(days=day)
    return Run(
        *(number, f"run {number}", 1, "mlp", {}, TrainConfig(), SplitConfig(), state, at, at, at),
        seconds=seconds,
        **more,
    )


def judged(run_id, value, day, split=Split.TEST):
    at = NOW - timedelta(days=day)
    return (run_id, split), Evaluation(run_id, run_id, split, 1, 10, {"accuracy": value}, at)


def state(*records):
    found = {}
    for record in records:
        found.setdefault(NOUN_OF[type(record)], {})[record.id] = record
    return BoardState(found)


def view(*records, runs=(), evaluations=(), decisions=(), price=None):
    schema = Schema(Task.CLASSIFICATION, (3,), ("a", "b"))
    imported = Imported("table", schema, 10, 10, 0, (), (), (5, 5), "x")
    dataset = Dataset(1, "fruit", 1, "fruit.csv", "d", imported, SplitConfig(), BEGUN)
    project = Project("P", BEGUN, price_per_hour=price, currency="EUR")
    return ProjectView(project, TODAY, state(*records), [dataset], runs, dict(evaluations), decisions)


def test_the_goal_over_time_is_the_best_so_far_in_the_order_of_measuring():
    runs = [run(1, 9), run(2, 8), run(3, 7), run(4, 6, state=RunState.FAILED)]
    marks = [judged(1, 0.8, 5), judged(2, 0.7, 6), judged(3, 0.9, 4), judged(4, 1.0, 3)]
    seen = view(Charter(goal=Goal("accuracy", 0.85)), runs=runs, evaluations=marks)
    points = goal_over_time(seen)
    assert [(point.run.id, point.value, point.best) for point in points] == [
        (2, 0.7, 0.7),
        (1, 0.8, 0.8),
        (3, 0.9, 0.9),
    ]
    standing = stand(seen, [], NOW)
    assert standing.reached
    assert standing.best.run.id == 3
    assert goal_over_time(view(runs=runs, evaluations=marks)) == [], (
        "without a goal there is nothing to reach"
    )


def test_of_a_loss_less_is_better():
    runs = [run(1, 3, metrics={"validation/rmse": 4.0}), run(2, 2, metrics={"validation/rmse": 5.0})]
    seen = view(Charter(goal=Goal("rmse", 4.5, Split.VALIDATION)), runs=runs)
    assert [point.best for point in goal_over_time(seen)] == [4.0, 4.0]
    assert stand(seen, [], NOW).reached


@pytest.mark.parametrize(
    ("days", "budget", "expected"),
    [
        ((1, 3), 12.0, TODAY + timedelta(days=20)),
        ((30, 35), 12.0, None),
        ((1, 3), 2.0, TODAY),
        ((1, 3), None, None),
        ((1, 3), 1e9, None),
    ],
    ids=["as lately", "nothing lately", "used up", "no budget", "beyond reckoning"],
)
def test_the_budget_runs_out_at_the_pace_of_the_last_two_weeks(days, budget, expected):
    # Two runs of an hour at 1 in the 4 days that there were: half a unit a day.
    seen = view(Charter(budget=budget), runs=[run(place, day) for place, day in enumerate(days)], price=1.0)
    assert runs_out(seen) == expected
    assert runs_out(replace(seen, project=replace(seen.project, price_per_hour=None))) is None


def test_what_happened_is_counted_from_the_last_review_and_the_newest_comes_first():
    old, new = NOW - timedelta(days=20), NOW - timedelta(days=2)
    records = [
        Meeting(1, "Review", TODAY - timedelta(days=10), review=True),
        Risk(1, "Old", created_at=old, status=RiskStatus.CLOSED, closed_at=new),
        Risk(2, "New", created_at=new + timedelta(hours=1), probability=4, impact=4),
        Risk(3, "Grown", created_at=old, probability=5, impact=5, next_review=TODAY - timedelta(days=1)),
        Person(1, "Ada"),
        Card(1, 1, "Late", due=TODAY - timedelta(days=1)),
        Card(2, 1, "Soon", due=TODAY + timedelta(days=1)),
        Card(3, 1, "Done", due=TODAY, done_at=NOW),
        Card(4, 1, "Some day"),
    ]
    decisions = [
        Decision(1, old, "", DecisionKind.OTHER, "Then"),
        Decision(2, new, "", DecisionKind.OTHER, "Now"),
    ]

    def change(number, at, risk_id, **after):
        return Change(number, at, "", "risk", risk_id, "", None if len(after) > 1 else {}, after)

    full = {"title": "Grown", "status": "open", "probability": 2, "impact": 5}
    history = [
        change(1, old, 3, **full),
        change(2, new, 2, title="New", status="open", probability=4, impact=4),
        change(3, new, 3, probability=5),
    ]
    standing = stand(view(*records, runs=[run(1, 3), run(2, 15)], decisions=decisions), history, NOW)
    assert standing.since == TODAY - timedelta(days=10)
    assert [(item.kind, item.title) for item in standing.happened] == [
        ("risk_noted", "New"),
        ("decision", "Now"),
        ("risk_closed", "Old"),
        ("run", "run 1"),
    ]
    assert [(item.risk.title, item.change, item.level) for item in standing.risks] == [
        ("Grown", 15, "critical"),
        ("New", None, "critical"),
    ]
    assert (standing.counting, standing.overdue, standing.ownerless, standing.late) == (2, 1, 2, 1)
    assert [card.title for card in standing.due] == ["Late", "Soon"]


def test_a_project_without_a_board_has_not_begun_one():
    standing = stand(view(), [], NOW)
    assert not standing.begun
    assert not standing.reviewed
    assert standing.since == BEGUN.astimezone().date()
    assert standing.gate.open
    assert stand(view(Risk(1, "R")), [], NOW).begun


def test_a_thing_knows_what_it_rests_on_and_what_rests_on_it():
    risk = Risk(
        1,
        "Confused",
        evidence=(Link("run", 2, "test: a → b"), Link("dataset", 1, "duplicates")),
        actions=(1,),
    )
    gate = Criterion(1, Stage.TESTING, "goal_reached")
    figure = Figure("accuracy", "0.9", link=Link("run", 2, "test"))
    passed = Decision(1, NOW, "", DecisionKind.GATE_PASSED, "Passed", figures=(figure,), stage=Stage.TESTING)
    seen = view(
        *(risk, gate, Card(1, 1, "Clean"), Charter(goal=Goal("accuracy", 0.5))),
        runs=[run(1, 2), run(2, 1, parent_id=1)],
        evaluations=[judged(2, 0.9, 1)],
        decisions=[passed],
    )

    def titles(link):
        found = trace(seen, link)
        return [node.title for node in found.before], [node.title for node in found.after]

    assert titles(Link("dataset", 1, "anything")) == ([], ["run 1", "run 2", "Confused"])
    assert titles(Link("run", 2)) == (["fruit", "run 1"], ["run 2 on test"])
    before, after = titles(Link("run", 2, "test: b → a"))
    assert before == ["run 2"]
    assert {"Confused", "Passed"} <= set(after)
    assert titles(Link("risk", 1)) == (["run 2 on test", "fruit"], ["Clean"])
    assert titles(Link("card", 1)) == (["Confused"], [])
    assert titles(Link("decision", 1)) == (["run 2 on test", "Testing gate"], [])
    assert titles(Link("gate", 0, "testing"))[1] == ["Passed"]
    assert titles(Link("risk", 99)) == ([], [])
    assert trace(seen, Link("run", 2, "test")).node.noun == "evaluation"


def test_a_risk_that_is_shown_by_samples_rests_on_their_dataset():
    risk = Risk(1, "Confused", evidence=(Link("samples", 1, "3, 17"),))
    found = trace(view(risk, runs=[run(1, 2)]), Link("risk", 1))
    assert [(node.noun, node.title) for node in found.before] == [("dataset", "fruit")]
