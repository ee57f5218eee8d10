"""Risks follow numbers: what moves at once, what is only proposed, and what cannot be told."""

from dataclasses import replace

import pytest

from tests.board.records import (
    IMBALANCE,
    LEAK,
    NOW,
    added,
    carried_out,
    changed,
    dataset,
    evaluation,
    numbered,
    project_view,
    proposals,
    run,
)
from workbench.board import edits, watches
from workbench.core.errors import UserError
from workbench.core.risks import Proposal, Risk, Trial, Watch
from workbench.core.states import Condition, ProposalKind, RiskStatus, RunState, Split, Verdict

RISK = Risk(1, "Malignant cells are missed", probability=2, impact=4)
RECALL = {"measure": "recall", "class_name": "malignant"}
WATCH = Watch(1, 1, "measure", RECALL, Condition.BELOW, 0.9, raises_to=4)
RUN = run(1)
BAD = evaluation(1, 1, recalls=(0.99, 0.85), accuracy=0.92)
GOOD = evaluation(2, 1, recalls=(0.99, 0.95), accuracy=0.97)


@pytest.fixture
def fine():
    """A project whose number is right, and was seen to be."""
    view = project_view(RISK, WATCH, runs=[RUN], evaluations=[GOOD])
    return carried_out(view, watches.look(view, NOW))


@pytest.fixture
def raised(fine):
    """The same project after the number went wrong."""
    return looked_at(fine, BAD)


def looked_at(view, *evaluations, runs=None):
    """Return the project after its numbers changed and were looked at."""
    by_split = {(item.run_id, item.split): item for item in evaluations}
    view = replace(view, evaluations=by_split, runs=view.runs if runs is None else runs)
    return carried_out(view, watches.look(view, NOW))


def answered(view, accepted, place=-1):
    """Return the project after the user answered a proposal, by default the last."""
    steps = watches.answer(view.state, proposals(view)[place], accepted)
    return replace(view, state=view.state.apply(steps))


def probability(view):
    return view.state.get(Risk, 1).probability


def kinds(view):
    return [(item.kind, item.answer) for item in proposals(view)]


def test_a_number_that_crosses_its_limit_raises_the_risk_at_once(raised):
    assert probability(raised) == 4


def test_what_was_raised_is_told_with_its_number_and_where_it_comes_from(fine):
    (move,) = watches.look(replace(fine, evaluations={(1, BAD.split): BAD}), NOW)
    assert move.reason == "recall of malignant on the test split is below 0.9: 0.850 (mlp 1)"
    assert (move.link.noun, move.link.id, move.link.detail) == ("run", 1, "test")
    (proposal,) = added(move.edits)
    assert proposal == Proposal(
        *(0, 1, ProposalKind.RAISED, "Recall of malignant on the test split is below 0.9: 0.850 (mlp 1)."),
        *((2, 4), (4, 4), NOW, move.link, 1, "evaluation 1"),
    )


def test_a_number_that_is_wrong_when_it_is_first_seen_raises_as_well():
    assert probability(looked_at(project_view(RISK, WATCH, runs=[RUN]), BAD)) == 4


def test_a_number_on_its_limit_is_right():
    for condition in Condition:
        assert watches.verdict(replace(WATCH, condition=condition), 0.9) is Verdict.MET


def test_a_number_that_stays_as_it_is_moves_nothing(raised):
    assert watches.look(raised, NOW) == []


def test_a_number_that_stays_wrong_with_another_value_is_only_noted(raised):
    worse = looked_at(raised, evaluation(3, 1, recalls=(0.9, 0.5), accuracy=0.9))
    assert (probability(worse), len(proposals(worse))) == (4, 1)
    assert worse.state.get(Watch, 1).value == 0.5


def test_a_risk_that_is_high_already_is_not_moved():
    view = looked_at(project_view(replace(RISK, probability=5), WATCH, runs=[RUN]), BAD)
    assert (probability(view), proposals(view)) == (5, [])


def test_a_closed_risk_is_left_alone():
    view = project_view(replace(RISK, status=RiskStatus.CLOSED), WATCH, runs=[RUN], evaluations=[BAD])
    assert watches.look(view, NOW) == []


def test_two_watches_of_one_risk_see_each_other(fine):
    second = replace(WATCH, id=2, fields={"measure": "accuracy"}, limit=0.95, raises_to=5)
    view = replace(
        fine, state=fine.state.apply(numbered(fine.state, edits.save(fine.state, replace(second, id=0))))
    )
    assert [item.before[0] for item in proposals(looked_at(view, BAD))] == [2, 4]


def test_a_run_that_is_deleted_and_restored_does_not_raise_again(raised):
    put_back = answered(raised, False)
    gone = looked_at(put_back, BAD, runs=[])
    assert gone.state.get(Watch, 1).verdict is Verdict.UNKNOWN
    restored = looked_at(gone, BAD, runs=[RUN])
    assert (probability(restored), len(proposals(restored))) == (2, 1)


def test_the_same_cause_after_a_good_number_does_not_raise_again(raised):
    view = looked_at(answered(raised, False), GOOD)
    assert probability(looked_at(view, BAD)) == 2


def test_another_cause_raises_again_after_the_first_was_put_back(raised):
    view = looked_at(looked_at(answered(raised, False), GOOD), evaluation(3, 1, recalls=(0.9, 0.8)))
    assert probability(view) == 4


def test_a_number_that_is_right_again_proposes_what_the_risk_was(raised):
    view = looked_at(raised, GOOD)
    assert probability(view) == 4
    assert proposals(view)[-1].kind is ProposalKind.LOWER
    assert proposals(view)[-1].after == (2, 4)


def test_a_number_that_is_right_again_takes_the_raise_for_accepted(raised):
    assert kinds(looked_at(raised, GOOD)) == [(ProposalKind.RAISED, True), (ProposalKind.LOWER, None)]


def test_lowering_is_proposed_even_if_the_number_could_not_be_told_in_between(raised):
    view = looked_at(looked_at(raised, BAD, runs=[]), GOOD, runs=[RUN])
    assert kinds(view)[-1] == (ProposalKind.LOWER, None)


def test_a_raise_that_was_put_back_leaves_nothing_to_lower(raised):
    assert kinds(looked_at(answered(raised, False), GOOD)) == [(ProposalKind.RAISED, False)]


def test_an_older_raise_does_not_say_what_the_risk_was(raised):
    # Raised from 2 to 4 and accepted; lowered to 2; then set to 3 by hand and raised to 4 by another cause.
    view = answered(looked_at(answered(raised, True), GOOD), True)
    view = replace(view, state=view.state.apply([changed(view.state.get(Risk, 1), probability=3)]))
    view = looked_at(view, evaluation(3, 1, recalls=(0.9, 0.8)))
    view = looked_at(view, evaluation(4, 1, recalls=(0.9, 0.96)))
    assert proposals(view)[-1].after == (3, 4)


def test_a_risk_that_was_high_already_goes_down_by_one_when_the_number_is_right():
    view = looked_at(project_view(replace(RISK, probability=5), WATCH, runs=[RUN]), BAD)
    assert proposals(looked_at(view, GOOD))[-1].after == (4, 4)


def test_what_was_refused_is_not_proposed_again_when_the_run_comes_back(raised):
    refused = answered(looked_at(raised, GOOD), False)
    view = looked_at(looked_at(refused, GOOD, runs=[]), GOOD, runs=[RUN])
    assert kinds(view) == kinds(refused)


def test_a_proposal_to_lower_goes_away_when_the_number_is_wrong_again(raised):
    view = looked_at(looked_at(raised, GOOD), BAD)
    assert kinds(view) == [(ProposalKind.RAISED, True)]


def test_a_proposal_that_went_away_is_made_again_when_the_number_is_right_again(raised):
    view = looked_at(looked_at(looked_at(raised, GOOD), BAD), GOOD)
    assert kinds(view) == [(ProposalKind.RAISED, True), (ProposalKind.LOWER, None)]


def test_a_risk_set_by_hand_while_the_number_is_right_is_left_alone(raised):
    view = answered(looked_at(raised, GOOD), True)
    view = replace(view, state=view.state.apply([changed(view.state.get(Risk, 1), probability=5)]))
    assert watches.look(view, NOW) == []


def test_putting_back_gives_the_risk_what_it_was(raised):
    assert probability(answered(raised, False)) == 2


def test_accepting_leaves_what_was_raised(raised):
    assert probability(answered(raised, True)) == 4


def test_putting_back_leaves_what_somebody_has_set_since(raised):
    view = replace(raised, state=raised.state.apply([changed(raised.state.get(Risk, 1), probability=5)]))
    assert probability(answered(view, False)) == 5


def test_accepting_to_lower_lowers(raised):
    assert probability(answered(looked_at(raised, GOOD), True)) == 2


def test_accepting_to_lower_never_raises(raised):
    view = looked_at(raised, GOOD)
    view = replace(view, state=view.state.apply([changed(view.state.get(Risk, 1), probability=1)]))
    assert probability(answered(view, True)) == 1


def test_refusing_to_lower_moves_nothing(raised):
    assert probability(answered(looked_at(raised, GOOD), False)) == 4


def test_a_proposal_is_answered_once(raised):
    with pytest.raises(UserError, match="answered already"):
        answered(answered(raised, False), True)


def test_a_proposal_that_is_gone_cannot_be_answered(raised):
    view = replace(raised, state=raised.state.apply(edits.remove(raised.state, raised.state.get(Risk, 1))))
    with pytest.raises(UserError, match="This proposal is not there any more"):
        watches.answer(view.state, proposals(raised)[0], True)


@pytest.mark.parametrize(
    ("fact", "fields", "why"),
    [
        ("measure", {"run": "this", "run_id": 9}, "The run is not there any more."),
        ("measure", {"measure": "recall", "class_name": "unheard"}, "mlp 1 knows no class unheard."),
        ("measure", {"measure": "accuracy", "split": "validation"}, "mlp 1 is not evaluated"),
        ("measure", {"run": "released"}, "No run is released yet."),
        ("findings", {"dataset_id": 7}, "The dataset is not there any more."),
        ("of_a_plug_in", {}, "There is no fact 'of_a_plug_in'."),
        ("measure", {"of_an_older_version": 1}, "is not a setting here"),
    ],
)
def test_a_number_that_cannot_be_told_says_why(fact, fields, why):
    view = project_view(RISK, runs=[RUN], evaluations=[GOOD], datasets=[dataset()])
    measured = watches.read(view, replace(WATCH, fact=fact, fields=fields))
    assert measured.value is None
    assert why in measured.text


def test_a_number_that_can_no_longer_be_told_leaves_the_risk_as_it_is(raised):
    view = looked_at(raised, runs=[])
    assert (probability(view), view.state.get(Watch, 1).verdict) == (4, Verdict.UNKNOWN)


def test_a_word_that_is_no_measure_of_a_class_cannot_be_told(fine):
    odd = replace(WATCH, fields={"measure": "label", "class_name": "malignant"})
    assert watches.read(fine, odd).value is None


def test_a_number_that_is_not_finite_cannot_be_told(fine):
    view = replace(fine, evaluations={(1, BAD.split): evaluation(5, 1, accuracy=float("nan"))})
    assert watches.read(view, replace(WATCH, fields={})).value is None


def test_a_phrase_names_the_number_and_its_limit():
    assert watches.phrase(WATCH) == "recall of malignant on the test split below 0.9"
    assert watches.phrase(replace(WATCH, fact="of_a_plug_in")) == "of_a_plug_in below 0.9"


def test_other_findings_of_the_same_number_are_another_cause():
    watch = Watch(1, 1, "findings", {}, Condition.ABOVE, 0.0)
    causes = {
        watches.read(project_view(RISK, datasets=[dataset(findings=[finding])]), watch).cause
        for finding in (LEAK, IMBALANCE)
    }
    assert len(causes) == 2


def test_another_failure_among_the_same_runs_is_another_cause():
    watch = Watch(1, 1, "failures", {}, Condition.ABOVE, 0.2)
    states = [(RunState.FAILED, RunState.FINISHED), (RunState.FINISHED, RunState.FAILED)]
    views = [project_view(RISK, runs=[run(1, first), run(2, second), run(3)]) for first, second in states]
    assert len({watches.read(view, watch).cause for view in views}) == 2


def test_a_mitigation_is_compared_by_the_number_of_a_run_even_where_no_run_is_named():
    of_data = Watch(2, 1, "findings", {}, Condition.ABOVE, 0.0, verdict=Verdict.NOT_MET)
    assert "run_id" not in WATCH.fields
    assert watches.compared([of_data, WATCH]) == WATCH
    assert watches.compared([of_data]) is None


TRIAL = Trial(1, 1, "class_weights", 1, 2, "measure", RECALL)
AFTER = evaluation(3, 2, recalls=(0.98, 0.93), accuracy=0.95)


def tried(*evaluations, trial=TRIAL, state=RunState.FINISHED, watch=WATCH, level=4):
    """Return what comes of a trial whose second run is in a state, with the evaluations there are."""
    view = project_view(
        replace(RISK, probability=level), watch, trial, runs=[RUN, run(2, state)], evaluations=evaluations
    )
    return watches.compare(view, NOW)


def test_a_trial_notes_the_number_before_and_after():
    (move,) = tried(BAD, AFTER)
    (ended,) = [edit.after for edit in move.edits if edit.before == TRIAL]
    assert (ended.before, ended.after, ended.ended) == (0.85, 0.93, True)


def test_a_trial_that_reaches_the_limit_proposes_two_less():
    (proposal,) = added(tried(BAD, AFTER)[0].edits)
    assert (proposal.kind, proposal.before, proposal.after) == (ProposalKind.RESIDUAL, (4, 4), (2, 4))


def test_a_trial_that_is_only_better_proposes_one_less():
    better = evaluation(3, 2, recalls=(0.98, 0.88))
    (proposal,) = added(tried(BAD, better)[0].edits)
    assert proposal.after == (3, 4)


def test_a_trial_that_is_worse_proposes_no_less():
    worse = evaluation(3, 2, recalls=(0.98, 0.7))
    (proposal,) = added(tried(BAD, worse)[0].edits)
    assert proposal.after == (4, 4)


def test_a_trial_never_proposes_less_than_one():
    (proposal,) = added(tried(BAD, AFTER, level=2)[0].edits)
    assert proposal.after == (1, 4)


def test_a_trial_says_both_numbers_and_the_limit():
    assert tried(BAD, AFTER)[0].reason == (
        "Recall of malignant on the test split: 0.85 before, 0.93 with mlp 2, limit 0.9."
    )


def test_a_trial_without_a_number_before_can_still_reach_the_limit():
    (proposal,) = added(tried(AFTER)[0].edits)
    assert (proposal.after, "unknown before" in proposal.text) == ((2, 4), True)


def test_accepting_what_a_trial_proposes_sets_the_residual_and_not_the_probability():
    view = project_view(
        replace(RISK, probability=4), WATCH, TRIAL, runs=[RUN, run(2)], evaluations=[BAD, AFTER]
    )
    view = carried_out(view, watches.compare(view, NOW))
    risk = answered(view, True).state.get(Risk, 1)
    assert (risk.probability, risk.residual_probability, risk.residual_impact) == (4, 2, 4)


@pytest.mark.parametrize(
    "state", [RunState.QUEUED, RunState.RUNNING, RunState.PAUSED, RunState.INTERRUPTED], ids=str
)
def test_a_trial_waits_for_its_run(state):
    assert tried(BAD, state=state) == []


def test_a_trial_waits_for_the_evaluation():
    assert tried(BAD) == []


def test_a_trial_waits_for_a_run_in_the_bin_which_may_come_back():
    assert watches.compare(project_view(RISK, WATCH, TRIAL, runs=[RUN], evaluations=[BAD]), NOW) == []


def test_a_trial_whose_run_failed_ends_without_a_proposal():
    (move,) = tried(BAD, state=RunState.FAILED)
    assert (added(move.edits), move.reason) == ([], "mlp 2 failed.")


@pytest.mark.parametrize("fact", ["", "findings"])
def test_a_trial_of_no_number_of_a_run_ends_without_a_proposal(fact):
    (move,) = tried(BAD, AFTER, trial=replace(TRIAL, fact=fact, fields={}))
    assert (added(move.edits), move.reason) == ([], "It watches no number of a run.")


def test_a_trial_of_a_number_that_is_not_known_here_waits():
    assert tried(BAD, AFTER, trial=replace(TRIAL, fact="of_a_plug_in")) == []


def test_a_trial_is_compared_once():
    assert tried(BAD, AFTER, trial=replace(TRIAL, ended=True, after=0.93)) == []


def comes_of(*evaluations, waiting=(), states=(RunState.FINISHED, RunState.FINISHED), trial=TRIAL):
    """Return what comes of a trial of runs in such states while some evaluations are still awaited."""
    runs = [run(number, state) for number, state in enumerate(states, start=1)]
    view = project_view(RISK, WATCH, trial, runs=runs, evaluations=evaluations)
    return watches.compare(view, NOW, set(waiting))


def test_a_trial_waits_until_the_run_before_is_judged_too():
    assert comes_of(AFTER, waiting={(1, Split.TEST)}) == []
    assert comes_of(AFTER, states=(RunState.RUNNING, RunState.FINISHED)) == []


def test_a_trial_whose_number_cannot_be_told_ends_and_says_why():
    (move,) = comes_of(BAD)
    assert (added(move.edits), move.reason) == ([], "Mlp 2 is not evaluated on the test split yet.")
    assert comes_of(BAD, waiting={(2, Split.TEST)}) == []


def test_a_trial_whose_run_failed_and_was_resumed_is_compared_after_all():
    failed = replace(TRIAL, ended=True)
    assert comes_of(BAD, trial=failed, states=(RunState.FINISHED, RunState.FAILED)) == []
    (move,) = comes_of(BAD, AFTER, trial=failed)
    assert [edit.after.after for edit in move.edits if edit.before == failed] == [0.93]


@pytest.mark.parametrize(
    ("fact", "fields", "lacks"),
    [
        ("measure", RECALL, [(1, Split.TEST), (2, Split.TEST)]),
        ("measure", {"split": "validation"}, [(1, Split.VALIDATION), (2, Split.VALIDATION)]),
        ("latency", {}, [(1, Split.TEST), (2, Split.TEST)]),
        ("gap", {}, []),
        ("of_a_plug_in", {"split": "moon"}, []),
    ],
)
def test_what_a_trial_lacks_is_to_be_judged(fact, fields, lacks):
    view = project_view(RISK, runs=[run(1), run(2)])
    assert watches.lacking(view, replace(TRIAL, fact=fact, fields=fields)) == lacks


def test_a_mitigation_is_compared_by_a_number_of_runs_and_by_one_that_is_wrong_first():
    of_data = Watch(2, 1, "findings", {"code": "class_imbalance"}, verdict=Verdict.NOT_MET)
    right = Watch(3, 1, "gap", {"run": "best", "run_id": 0}, verdict=Verdict.MET)
    wrong = replace(WATCH, fields={**RECALL, "run": "best", "run_id": 0}, verdict=Verdict.NOT_MET)
    assert watches.compared([of_data, right, wrong]) is wrong
    assert watches.compared([of_data]) is None
