"""Gates: each criterion met, not met and not yet to be told; what leaving a stage writes down."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.board.records import (
    IMBALANCE,
    LEAK,
    NOW,
    TODAY,
    dataset,
    decision,
    evaluation,
    project_view,
    released,
    run,
)
from workbench.board import gates
from workbench.board.criteria.base import criteria
from workbench.core.board import Card, Charter, CheckItem, Criterion, Goal, Lane, ModelCard, Person
from workbench.core.errors import UserError
from workbench.core.risks import Link, Risk
from workbench.core.states import DecisionKind, RiskStatus, RunState, Split, Stage, Verdict

MET, NOT_MET, UNKNOWN = Verdict.MET, Verdict.NOT_MET, Verdict.UNKNOWN
GOAL = Charter(goal=Goal("accuracy", 0.9))
RUN = run(metrics={"train/accuracy": 0.99, "validation/accuracy": 0.95})
GAP = run(metrics={"train/accuracy": 0.99, "validation/accuracy": 0.7})
LANE = Lane(1, "Doing", Stage.DEVELOPMENT)
CARD = Card(1, 1, "Collect data", done_at=NOW, tags=("data",))
TREATED = Risk(1, "Risk", owner_id=1, probability=5, impact=5, actions=(1,), next_review=TODAY)
FILLED = ModelCard("a", "b", "c", "d", "e", "f")


def with_run(*records, metrics=None, recalls=(0.95, 0.9), found=RUN):
    metrics = {"accuracy": 0.92} if metrics is None else metrics
    return project_view(*records, runs=[found], evaluations=[evaluation(1, 1, recalls=recalls, **metrics)])


def with_data(*findings, decisions=(), **more):
    return project_view(datasets=[dataset(findings=findings)], decisions=decisions, **more)


ACCEPTED = decision(1, DecisionKind.FINDING_ACCEPTED, Link("dataset", 1, "leak"))
CASES = [
    ("goal_named", {}, project_view(GOAL), MET),
    ("goal_named", {}, project_view(), NOT_MET),
    ("owner_named", {}, project_view(Person(1, "Ada"), Charter(owner_id=1)), MET),
    ("owner_named", {}, project_view(), NOT_MET),
    ("data_known", {}, project_view(Charter(data_source="UCI", licence="CC BY 4.0")), MET),
    ("data_known", {}, project_view(Charter(data_source="UCI")), NOT_MET),
    ("risks_owned", {"least": 1}, project_view(TREATED), MET),
    ("risks_owned", {"least": 2}, project_view(TREATED), NOT_MET),
    ("risks_owned", {"least": 1}, project_view(replace(TREATED, next_review=None)), NOT_MET),
    ("risks_owned", {"least": 1}, project_view(replace(TREATED, status=RiskStatus.CLOSED)), NOT_MET),
    ("risks_treated", {}, project_view(TREATED), MET),
    ("risks_treated", {}, project_view(replace(TREATED, actions=())), NOT_MET),
    ("risks_treated", {}, project_view(replace(TREATED, owner_id=None)), NOT_MET),
    ("risks_treated", {"score": 16}, project_view(replace(TREATED, impact=3, actions=())), MET),
    ("risks_treated", {}, project_view(replace(TREATED, actions=(), status=RiskStatus.ACCEPTED)), MET),
    ("no_leak", {}, with_data(shared_samples={1: 0}), MET),
    ("no_leak", {}, with_data(shared_samples={1: 2}), NOT_MET),
    ("no_leak", {}, with_data(), UNKNOWN),
    ("no_finding", {}, with_data(IMBALANCE), MET),
    ("no_finding", {"severity": "warning"}, with_data(IMBALANCE), NOT_MET),
    ("no_finding", {}, with_data(LEAK, decisions=[ACCEPTED]), MET),
    ("no_finding", {}, project_view(), UNKNOWN),
    ("model_card", {}, project_view(Charter(model_card=FILLED)), MET),
    ("model_card", {}, project_view(Charter(model_card=replace(FILLED, limits=" "))), NOT_MET),
    ("checklist", {}, project_view(LANE, CARD), MET),
    ("checklist", {}, project_view(LANE, replace(CARD, done_at=None)), NOT_MET),
    ("checklist", {}, project_view(LANE, replace(CARD, checklist=(CheckItem("a"),))), NOT_MET),
    ("checklist", {}, project_view(LANE, replace(CARD, done_at=None, archived_at=NOW)), MET),
    ("checklist", {"tag": "model"}, project_view(LANE, replace(CARD, done_at=None)), MET),
    ("decided", {}, project_view(decisions=[released(1, 1)]), MET),
    ("decided", {}, project_view(decisions=[released(1, 1), decision(2, takes_back=1)]), NOT_MET),
    ("decided", {"kind": "goal_changed"}, project_view(decisions=[released(1, 1)]), NOT_MET),
    ("review_set", {}, project_view(Charter(next_review=TODAY)), MET),
    ("review_set", {}, project_view(Charter(next_review=TODAY - timedelta(1))), NOT_MET),
    ("goal_reached", {}, with_run(GOAL), MET),
    ("goal_reached", {}, with_run(GOAL, metrics={"accuracy": 0.89}), NOT_MET),
    ("goal_reached", {}, with_run(GOAL, found=run(state=RunState.FAILED)), UNKNOWN),
    ("goal_reached", {}, project_view(GOAL, runs=[RUN]), UNKNOWN),
    ("goal_reached", {}, with_run(), UNKNOWN),
    ("goal_reached", {"split": "validation"}, project_view(GOAL, runs=[RUN]), MET),
    ("goal_reached", {}, with_run(Charter(goal=Goal("mae", 2.0)), metrics={"mae": 1.9}), MET),
    ("goal_reached", {}, with_run(Charter(goal=Goal("mae", 2.0)), metrics={"mae": 2.1}), NOT_MET),
    ("goal_reached", {}, with_run(Charter(goal=Goal("recall", 0.9, Split.TEST, "malignant"))), MET),
    ("worst_class", {}, with_run(), MET),
    ("worst_class", {}, with_run(recalls=(0.99, 0.79)), NOT_MET),
    ("worst_class", {}, with_run(recalls=()), UNKNOWN),
    ("worst_class", {}, project_view(runs=[RUN]), UNKNOWN),
    ("gap_within", {}, project_view(runs=[RUN]), MET),
    ("gap_within", {}, project_view(runs=[GAP]), NOT_MET),
    ("gap_within", {"limit": 0.5}, project_view(runs=[GAP]), MET),
    ("gap_within", {}, project_view(runs=[run()]), UNKNOWN),
    ("latency_within", {}, with_run(Charter(latency_ms=5.0), metrics={"latency_ms": 4.0}), MET),
    ("latency_within", {}, with_run(Charter(latency_ms=5.0), metrics={"latency_ms": 6.0}), NOT_MET),
    ("latency_within", {}, with_run(metrics={"latency_ms": 6.0}), UNKNOWN),
    ("latency_within", {}, with_run(Charter(latency_ms=5.0)), UNKNOWN),
    ("size_within", {}, with_run(Charter(size_mb=1.0), metrics={"size_mb": 1.0}), MET),
    ("size_within", {}, with_run(Charter(size_mb=1.0), metrics={"size_mb": 1.1}), NOT_MET),
    ("size_within", {}, with_run(Charter(size_mb=1.0)), UNKNOWN),
    ("number_within", {}, project_view(runs=[RUN]), MET),
    ("number_within", {}, project_view(runs=[run(state=RunState.FAILED)]), NOT_MET),
    ("number_within", {}, project_view(), UNKNOWN),
    ("number_within", {"fact": "of_a_plug_in"}, project_view(), UNKNOWN),
    (
        "number_within",
        {"fact": "measure", "condition": "below", "limit": 0.95, "fact_fields": {"measure": "accuracy"}},
        with_run(),
        NOT_MET,
    ),
    ("of_a_plug_in", {}, project_view(), UNKNOWN),
    ("risks_owned", {"of_an_older_version": 1}, project_view(), UNKNOWN),
]


def gate(*names, view=None, stage=Stage.DEVELOPMENT):
    records = [Criterion(n, stage, name, place=-n) for n, name in enumerate(names, start=1)]
    view = view or project_view()
    state = replace(view.state, records={**view.state.records, "criterion": {c.id: c for c in records}})
    return gates.look(replace(view, state=state), stage)


@pytest.mark.parametrize(
    ("name", "fields", "view", "verdict"),
    CASES,
    ids=[f"{number}: {name} {verdict}" for number, (name, _, _, verdict) in enumerate(CASES)],
)
def test_a_criterion_says_whether_it_holds(name, fields, view, verdict):
    criterion = Criterion(1, Stage.DEVELOPMENT, name, fields)
    judged = gates.judge(view, criterion).judged
    assert (judged.verdict, bool(judged.text)) == (verdict, True)


def test_every_criterion_is_judged_both_ways():
    for name in criteria.names():
        assert {verdict for other, _, _, verdict in CASES if other == name} >= {MET, NOT_MET}, name


def test_a_criterion_shows_what_is_measured_beside_what_is_wanted():
    judged = gates.judge(with_run(GOAL), Criterion(1, Stage.TESTING, "goal_reached")).judged
    assert (judged.text, judged.link) == ("0.920 ≥ 0.9 (mlp 1)", Link("run", 1, "test"))


def test_what_is_not_known_yet_leads_to_where_it_is_made():
    judged = gates.judge(project_view(), Criterion(1, Stage.TESTING, "goal_reached")).judged
    assert judged.link == Link("charter", 1, "goal")


def test_a_finding_counts_again_once_its_acceptance_is_taken_back():
    back = decision(2, takes_back=1)
    view = with_data(LEAK, decisions=[ACCEPTED, back])
    assert gates.judge(view, Criterion(1, Stage.TESTING, "no_finding")).judged.verdict is NOT_MET


def test_an_acceptance_stands_again_once_taking_it_back_is_taken_back():
    view = with_data(LEAK, decisions=[ACCEPTED, decision(2, takes_back=1), decision(3, takes_back=2)])
    assert view.standing == [ACCEPTED]


def test_an_accepted_finding_counts_in_the_next_version_of_the_data():
    view = project_view(datasets=[dataset(2, findings=[LEAK])], decisions=[ACCEPTED])
    assert [finding.code for finding in view.open_findings(view.dataset)] == ["leak"]


def test_cards_are_those_of_the_stage_that_the_gate_ends():
    later = replace(CARD, id=2, lane_id=2, done_at=None)
    view = project_view(LANE, Lane(2, "Testing", Stage.TESTING), CARD, later)
    verdicts = [
        gate("checklist", view=view, stage=stage).open for stage in (Stage.DEVELOPMENT, Stage.TESTING)
    ]
    assert verdicts == [True, False]


def test_a_gate_without_criteria_stands_open():
    assert (gate().open, gate().lacks) == (True, [])


def test_the_criteria_of_a_gate_stand_in_their_order():
    names = [item.criterion.name for item in gate("goal_named", "owner_named").items]
    assert names == ["owner_named", "goal_named"]


def test_the_criteria_of_another_stage_do_not_count():
    view = project_view(Criterion(1, Stage.TESTING, "goal_named"))
    assert gates.look(view, Stage.DEVELOPMENT).open


def test_a_gate_that_lacks_something_is_not_passed_without_a_reason():
    with pytest.raises(UserError) as told:
        gates.decide(gate("goal_named"), "Ada", " ", NOW)
    assert told.value.fields == {"reason": "has to be given"}


def test_what_cannot_be_told_keeps_a_gate_shut():
    assert not gate("no_leak").open


def test_a_gate_is_overridden_with_a_reason():
    made = gates.decide(gate("goal_named"), "Ada", " The goal follows. ", NOW)
    assert (made.kind, made.reason) == (DecisionKind.GATE_OVERRIDDEN, "The goal follows.")
    assert made.title == "Development gate overridden: on to testing"


def test_a_gate_whose_criteria_are_met_is_passed_without_a_reason():
    made = gates.decide(gate("goal_named", view=project_view(GOAL)), "Ada", "", NOW)
    assert (made.kind, made.stage, made.who) == (DecisionKind.GATE_PASSED, Stage.DEVELOPMENT, "Ada")


def test_a_decision_keeps_every_figure_and_where_it_came_from():
    made = gates.decide(gate("goal_reached", "no_leak", view=with_run(GOAL)), "Ada", "Because.", NOW)
    assert [(figure.name, figure.value, figure.verdict) for figure in made.figures] == [
        ("No leak between splits", "There is no dataset yet.", UNKNOWN),
        ("Goal reached on the test split", "0.920 ≥ 0.9 (mlp 1)", MET),
    ]
    assert made.links == (Link("run", 1, "test"),)


def test_the_last_stage_leads_nowhere():
    with pytest.raises(UserError, match="Operations is the last stage"):
        gates.decide(gate(stage=Stage.OPERATIONS), "Ada", "", NOW)


def test_stages_follow_each_other():
    assert [gates.next_stage(stage) for stage in Stage] == [*list(Stage)[1:], None]


def test_a_gate_knows_the_decision_that_passed_it_last():
    lines = [decision(n, DecisionKind.GATE_PASSED, stage=Stage.DEVELOPMENT) for n in (1, 2)]
    assert gate(view=project_view(decisions=lines)).passed == lines[1]


def test_a_gate_is_not_passed_any_more_once_its_decision_is_taken_back():
    line = decision(1, DecisionKind.GATE_OVERRIDDEN, stage=Stage.DEVELOPMENT)
    assert gate(view=project_view(decisions=[line, decision(2, takes_back=1)])).passed is None


def test_a_decision_is_dated_where_one_sits(far_east):
    late = replace(released(1, 1), at=datetime(2026, 11, 23, 23, 59, tzinfo=UTC))
    judged = gates.judge(project_view(decisions=[late]), Criterion(1, Stage.TESTING, "decided")).judged
    assert judged.text == "Decision 1, 2026-11-24"


@pytest.mark.parametrize(
    ("recalls", "text"),
    [((0.95, 0.7996), "0.7996 < 0.8"), ((0.95, 0.8), "0.800 ≥ 0.8"), ((0.95, 0.7994), "0.799 < 0.8")],
)
def test_what_is_just_missed_does_not_look_as_if_it_were_met(recalls, text):
    view = with_run(recalls=recalls)
    judged = gates.judge(view, Criterion(1, Stage.DEVELOPMENT, "worst_class", {})).judged
    assert judged.text.startswith(text)
