"""Numbers of the project: what is measured, on what, and what each is when it cannot be told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

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
from workbench.board.facts.base import facts
from workbench.core.board import Card, Charter, Goal, Meeting
from workbench.core.configs import SplitConfig
from workbench.core.errors import UserError
from workbench.core.records import Finding, HealthReport
from workbench.core.risks import Link, Risk
from workbench.core.slices import SliceMeasures
from workbench.core.states import DecisionKind, RiskStatus, RunState, Severity, Split, Task

RUNS = [run(1, seconds=3600.0), run(2, seconds=1800.0), run(3, RunState.FAILED)]
EVALUATIONS = [
    evaluation(1, 1, recalls=(0.9, 0.6), accuracy=0.9, mae=2.0, latency_ms=4.0, size_mb=1.5),
    evaluation(2, 2, recalls=(0.8, 0.7), accuracy=0.8, mae=1.0),
]
EVALUATED = project_view(runs=RUNS, evaluations=EVALUATIONS)


def value(view, name, **fields):
    return facts.build(name, fields).read(view).value


def text(view, name, **fields):
    measured = facts.build(name, fields).read(view)
    assert measured.value is None
    return measured.text


def test_a_measure_is_that_of_the_best_run():
    assert value(EVALUATED, "measure") == 0.9


def test_less_is_better_for_an_error():
    assert value(EVALUATED, "measure", measure="mae") == 1.0


def test_the_best_run_for_a_class_is_the_best_in_that_class():
    assert value(EVALUATED, "measure", measure="recall", class_name="malignant") == 0.7


def test_of_two_runs_alike_the_earlier_one_is_the_best():
    alike = [EVALUATIONS[0], evaluation(2, 2, accuracy=0.9)]
    assert project_view(runs=RUNS, evaluations=alike).best("accuracy", Split.TEST).id == 1


def test_the_last_run_is_the_last_one_with_a_result():
    assert value(EVALUATED, "measure", run="last") == 0.8


def test_a_run_is_looked_at_by_its_number():
    assert value(EVALUATED, "measure", run="this", run_id=2) == 0.8


def test_the_released_run_is_the_one_of_the_last_decision_that_stands():
    view = replace(EVALUATED, decisions=[released(1, 1), released(2, 2)])
    assert value(view, "measure", run="released") == 0.8
    assert (
        value(
            replace(view, decisions=[*view.decisions, decision(3, takes_back=2)]), "measure", run="released"
        )
        == 0.9
    )


def test_a_run_that_failed_is_never_the_best():
    view = project_view(runs=[RUNS[2]], evaluations=[evaluation(1, 3, accuracy=1.0)])
    assert text(view, "measure") == "No run has finished yet."


def test_a_measure_on_validation_is_that_of_the_training_where_nothing_else_judged_it():
    view = project_view(runs=[run(metrics={"validation/accuracy": 0.7})])
    assert value(view, "measure", split="validation") == 0.7


def test_a_measure_on_the_test_split_is_never_that_of_the_training():
    view = project_view(runs=[run(metrics={"test/accuracy": 0.7})])
    assert text(view, "measure") == "mlp 1 is not evaluated on the test split yet."


def test_a_measure_that_was_not_a_number_cannot_be_told():
    view = project_view(runs=[run(metrics={"validation/accuracy": None})])
    assert value(view, "measure", split="validation") is None


def test_each_evaluation_is_a_cause_of_its_own():
    measured = [facts.build("measure", {"run": "this", "run_id": n}).read(EVALUATED) for n in (1, 2)]
    assert [item.cause for item in measured] == ["evaluation 1", "evaluation 2"]


SLICES = [
    SliceMeasures("age", "lowest quarter", "20 to 35", 40, {"accuracy": 0.7}, behind=True),
    SliceMeasures("sex", "male", "", 19),
]


def sliced(slice_name, **fields):
    view = replace(EVALUATED, slices=lambda item: SLICES if item.id == 1 else ())
    return facts.build("measure", {"slice_name": slice_name} | fields).read(view)


def test_a_measure_of_a_slice_is_that_of_the_run_that_is_best_on_all_of_the_split():
    measured = sliced("age: lowest quarter")
    assert (measured.value, measured.cause) == (0.7, "evaluation 1")
    assert measured.text == "0.700 (mlp 1, 40 samples, 20 to 35)"


@pytest.mark.parametrize(
    ("name", "fields", "said"),
    [
        ("sex: male", {}, "19 samples are too few to tell: 20 are needed (mlp 1)."),
        ("sex: female", {}, "mlp 1 has no slice sex: female on the test split."),
        (
            "age: lowest quarter",
            {"measure": "recall", "run": "this", "run_id": 1},
            "recall is not measured by slice (mlp 1).",
        ),
        ("age: lowest quarter", {"split": "train"}, "mlp 2 is not evaluated on the train split yet."),
        ("age: lowest quarter", {"run": "released"}, "No run is released yet."),
    ],
)
def test_a_slice_that_cannot_be_told_says_why(name, fields, said):
    measured = sliced(name, **fields)
    assert (measured.value, measured.text) == (None, said)


def test_a_class_and_a_slice_at_once_are_refused():
    with pytest.raises(UserError, match="Slice: has to be empty where a class is chosen"):
        facts.build("measure", {"class_name": "malignant", "slice_name": "sex: male"})


@pytest.mark.parametrize(
    ("metrics", "gap", "said"),
    [
        # An error in units: 3 in training is a quarter less than 4.
        ({"train/rmse": 3.0, "validation/rmse": 4.0}, 0.25, "0.250 rmse (mlp 1)"),
        ({"train/accuracy": 0.9, "validation/accuracy": 0.7}, 0.2, "0.200 accuracy (mlp 1)"),
        ({"train/loss": 0.25, "validation/loss": 0.75}, 0.5, "0.500 loss (mlp 1)"),
        ({"train/rmse": 0.0, "validation/rmse": 0.0}, 0.0, "0.000 rmse (mlp 1)"),
    ],
)
def test_a_gap_compares_what_the_training_records(metrics, gap, said):
    measured = facts.build("gap").read(project_view(runs=[run(metrics=metrics)]))
    assert measured.value == pytest.approx(gap)
    assert measured.text == said


def test_a_gap_is_that_of_the_goal_where_both_splits_are_judged_by_it():
    judged = [
        evaluation(1, 1, Split.TRAIN, mae=1.0), evaluation(2, 1, Split.VALIDATION, mae=2.0),
    ]  # fmt: skip
    view = project_view(
        Charter(goal=Goal("mae", 1.5, Split.VALIDATION)),
        runs=[run(metrics={"train/rmse": 3.0, "validation/rmse": 4.0})],
        evaluations=judged,
    )
    measured = facts.build("gap").read(view)
    assert (measured.value, measured.cause) == (0.5, "evaluations 1 and 2")


def test_without_both_splits_there_is_no_gap():
    view = project_view(runs=[run(metrics={"train/accuracy": 0.9})])
    assert text(view, "gap") == "mlp 1 has no measure on both splits."


@pytest.mark.parametrize(
    ("name", "fields", "view", "limit", "said"),
    [
        # 0.8999 is below 0.9, and 0.900 would not show it.
        ("measure", {}, {"accuracy": 0.8999}, 0.9, "0.8999 (mlp 1)"),
        ("measure", {}, {"accuracy": 0.8999}, 0.95, "0.900 (mlp 1)"),
        ("measure", {}, {"accuracy": 0.9}, 0.9, "0.900 (mlp 1)"),
        ("latency", {}, {"accuracy": 1.0, "latency_ms": 50.04}, 50.0, "50.040 ms (mlp 1)"),
    ],
)
def test_beside_its_limit_a_number_has_the_digits_that_leave_it_on_its_side(name, fields, view, limit, said):
    view = project_view(runs=[run()], evaluations=[evaluation(1, 1, **view)])
    assert facts.build(name, fields).read(view).beside(limit) == said


def test_a_share_in_percent_stays_on_its_side_as_well():
    view = project_view(datasets=[dataset()], missing={1: {"age": 0.05003}})
    assert facts.build("missing").read(view).beside(0.05) == "5.003% of age (cells 1)"
    assert facts.build("missing").read(view).beside(0.1) == "5.0% of age (cells 1)"


@pytest.mark.parametrize(("measure", "gap"), [("accuracy", 0.2), ("loss", 0.5)])
def test_a_gap_is_positive_where_training_is_better(measure, gap):
    metrics = {
        "train/accuracy": 0.9, "validation/accuracy": 0.7, "train/loss": 0.25, "validation/loss": 0.75,
    }  # fmt: skip
    assert value(project_view(runs=[run(metrics=metrics)]), "gap", measure=measure) == pytest.approx(gap)


def test_latency_and_size_are_those_of_the_best_run_on_whatever_split():
    view = replace(EVALUATED, state=project_view(Charter(goal=Goal("accuracy", 0.9))).state)
    assert (value(view, "latency"), value(view, "size")) == (4.0, 1.5)


def test_the_share_of_failures_is_of_the_last_ten_that_ended():
    # 2 of the first 3 failed, then 9 went well; of the last ten the third alone is left: 1 of 10.
    states = [RunState.FAILED, RunState.FINISHED, RunState.DIVERGED] + [RunState.FINISHED] * 9
    runs = [run(number, state) for number, state in enumerate(states, start=1)]
    assert value(project_view(runs=[*runs, run(13, RunState.RUNNING)]), "failures") == 0.1


def test_findings_count_from_their_severity_on():
    view = project_view(datasets=[dataset(findings=[LEAK, IMBALANCE])])
    counts = [value(view, "findings", severity=level) for level in ("info", "warning", "danger")]
    assert counts == [2, 2, 1]
    assert value(view, "findings", code="class_imbalance") == 1


def test_an_accepted_finding_no_longer_counts():
    accepted = decision(1, DecisionKind.FINDING_ACCEPTED, Link("dataset", 1, "leak"))
    view = project_view(datasets=[dataset(findings=[LEAK])], decisions=[accepted])
    assert value(view, "findings") == 0
    assert value(replace(view, decisions=[accepted, decision(2, takes_back=1)]), "findings") == 1


def test_the_dataset_in_use_is_that_of_the_newest_run():
    view = project_view(runs=[run(dataset_id=1)], datasets=[dataset(1, counts=(3, 7)), dataset(2)])
    assert value(view, "samples") == 3
    assert value(replace(view, runs=[]), "samples") == 40
    assert value(view, "samples", dataset_id=2) == 40


def test_the_rarest_class_is_named():
    measured = facts.build("imbalance").read(project_view(datasets=[dataset(counts=(80, 20))]))
    assert (measured.value, measured.text) == (0.25, "0.25: malignant (cells 1)")


def test_data_without_classes_have_no_rarest_one():
    view = project_view(datasets=[dataset(task=Task.REGRESSION)])
    assert text(view, "imbalance") == "cells 1 has no classes."
    assert value(view, "samples") == 100


def test_missing_values_are_those_of_the_worst_column_or_of_one():
    view = project_view(datasets=[dataset()], missing={1: {"age": 0.1, "city": 0.4}})
    assert (value(view, "missing"), value(view, "missing", column="age")) == (0.4, 0.1)
    assert text(view, "missing", column="gone") == "cells 1 has no column gone."
    assert value(replace(view, missing={1: {}}), "missing") == 0.0
    assert text(replace(view, missing={}), "missing") == "cells 1 is no table, or not counted yet."


def test_a_leak_is_unknown_until_it_was_counted():
    view = project_view(datasets=[dataset()])
    assert text(view, "leak") == "cells 1 is being compared."
    assert value(replace(view, shared_samples={1: 3}), "leak") == 3


def test_findings_and_leaks_are_those_of_the_last_health_check_of_this_split():
    leak = Finding("split_leak", Severity.DANGER, 4, "Four samples lie in two splits.")
    view = project_view(datasets=[dataset(findings=[IMBALANCE])], shared_samples={1: 3})
    checked = replace(view, reports={1: HealthReport(1, NOW, (leak,), SplitConfig())})
    assert [item.code for item in checked.open_findings(checked.datasets[0])] == ["split_leak"]
    assert (value(checked, "findings"), value(checked, "leak")) == (1, 4)
    # Divided anew since then: what it says of leaks is old, and they are counted.
    later = replace(checked, reports={1: HealthReport(1, NOW, (leak,), SplitConfig(seed=9))})
    assert value(later, "leak") == 3


def test_cost_is_a_share_of_the_budget():
    # 1 h + 0.5 h at 2 an hour are 3, of 12 that is a quarter.
    view = project_view(Charter(budget=12.0), runs=RUNS, price=2.0)
    assert value(view, "cost") == 0.25
    assert text(project_view(Charter(budget=12.0), runs=RUNS), "cost") == "The price of an hour is not set."
    assert text(project_view(runs=RUNS, price=2.0), "cost") == "The project has no budget yet."


def test_the_last_review_is_the_last_meeting_that_was_one():
    meetings = [
        Meeting(1, "Review", TODAY - timedelta(9), review=True),
        Meeting(2, "Stand-up", TODAY - timedelta(1)),
        Meeting(3, "Planned", TODAY + timedelta(5), review=True),
    ]
    assert value(project_view(*meetings), "review_age") == 9


def test_before_the_first_review_days_count_from_the_beginning_of_the_project():
    assert value(project_view(), "review_age") == 23


def test_the_beginning_of_a_project_is_a_day_of_the_place_where_one_sits(far_east):
    begun = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
    view = project_view(today=date(2026, 11, 24))
    assert value(replace(view, project=replace(view.project, created_at=begun)), "review_age") == 0


def test_a_card_is_overdue_from_the_day_after_its_due_date():
    cards = [Card(n, 1, "Card", due=day) for n, day in enumerate((date.min, TODAY, date.max, None), start=1)]
    late = Card(9, 1, "Card", due=date.min, done_at=NOW)
    tagged = Card(10, 1, "Card", due=TODAY - timedelta(1), tags=("data",))
    view = project_view(*cards, late, replace(late, id=11, done_at=None, archived_at=NOW), tagged)
    assert (value(view, "overdue_cards"), value(view, "overdue_cards", tag="data")) == (2, 1)


def test_the_load_of_one_person_counts_open_cards_and_risks():
    # Person 1 has a card and a risk, person 2 a card: 2 of 3. What is done or closed counts for nobody.
    view = project_view(
        Card(1, 1, "Card", owner_id=1),
        Card(2, 1, "Card", owner_id=2),
        Card(3, 1, "Card", owner_id=2, done_at=NOW),
        Risk(1, "Risk", owner_id=1),
        Risk(2, "Risk", owner_id=2, status=RiskStatus.CLOSED),
    )
    assert value(view, "owner_load") == pytest.approx(2 / 3)
    assert text(project_view(), "owner_load") == "No card and no risk has an owner."
