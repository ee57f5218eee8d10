"""Risks follow measured numbers, gates measure themselves, a mitigation is an experiment."""

import time
from dataclasses import replace

import pytest

from workbench.core.augmentation import in_words
from workbench.core.board import Card, Charter, Goal, Person
from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.records import Run
from workbench.core.risks import Risk, Trial, Watch
from workbench.core.states import (
    Condition,
    DecisionKind,
    ProposalKind,
    RiskStatus,
    Split,
    Stage,
    Verdict,
)
from workbench.services.preparation import recipe_words
from workbench.services.projects import open_project


def _wait(check, seconds=20):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.05)


@pytest.fixture
def accuracy(session):
    return session.evaluation.latest(1, Split.TEST).metrics["accuracy"]


def _watch(session, risk, limit):
    fields = {"measure": "accuracy", "split": "test"}
    return session.risks.set_watch(Watch(0, risk, "measure", fields, Condition.BELOW, limit, raises_to=5))


def test_a_number_beyond_its_limit_moves_the_risk_and_says_why_with_its_source(session, accuracy):
    risk = session.risks.save(Risk(0, "not good enough", probability=2))
    _watch(session, risk, accuracy + 0.001)
    session.watching.look()
    assert session.risks.get(risk).probability == 5
    (proposal,) = session.board.state.open_proposals(risk)
    assert (proposal.kind, proposal.before, proposal.after) == (ProposalKind.RAISED, (2, 3), (5, 3))
    assert f"{accuracy:.3f}" in proposal.text
    assert (proposal.link.noun, proposal.link.id) == ("run", 1)
    assert proposal.text.rstrip(".") in session.risks.history(risk)[-1].reason.capitalize() + "."


def test_what_was_put_back_is_not_raised_again_for_the_same_cause(session, accuracy):
    risk = session.risks.save(Risk(0, "not good enough", probability=2))
    _watch(session, risk, accuracy + 0.001)
    session.watching.look()
    session.risks.answer(session.board.state.open_proposals(risk)[0].id, accepted=False)
    session.watching.look()
    session.training.delete(1)
    session.watching.look()
    session.training.restore(1)
    session.watching.look()
    assert session.risks.get(risk).probability == 2
    assert session.board.state.open_proposals(risk) == []


def test_a_number_that_comes_back_proposes_to_lower_the_risk(session, accuracy):
    risk = session.risks.save(Risk(0, "not good enough", probability=2))
    watch = _watch(session, risk, accuracy + 0.001)
    session.watching.look()
    found = session.board.state.get(Watch, watch)
    session.board.save(replace(found, limit=accuracy - 0.1))
    session.watching.look()
    assert session.risks.get(risk).probability == 5, "down is only proposed"
    (proposal,) = session.board.state.open_proposals(risk)
    assert (proposal.kind, proposal.after) == (ProposalKind.LOWER, (2, 3))
    session.risks.answer(proposal.id, accepted=True)
    assert session.risks.get(risk).probability == 2


def test_a_new_evaluation_is_noticed_by_itself(session, accuracy):
    risk = session.risks.save(Risk(0, "recall on validation", probability=1))
    fields = {"measure": "recall_macro", "split": "validation"}
    session.risks.set_watch(Watch(0, risk, "measure", fields, Condition.BELOW, 1.01, raises_to=4))
    session.jobs.wait(session.evaluation.evaluate(1, Split.VALIDATION))
    _wait(lambda: session.risks.get(risk).probability == 4)


def test_closing_the_project_looks_once_more(session, garden, accuracy):
    risk = session.risks.save(Risk(0, "not good enough", probability=2))
    _watch(session, risk, accuracy + 0.001)
    session.close()
    with open_project(garden) as again:
        assert again.risks.get(risk).probability == 5


def test_a_mitigation_is_a_run_whose_number_stands_in_the_risk_with_a_residual_score(session, accuracy):
    risk = session.risks.save(Risk(0, "not good enough", probability=4))
    _watch(session, risk, accuracy - 0.5)
    run = session.risks.try_mitigation(risk, "longer_training")
    changed = session.training.wait(run, 60)
    assert changed.parent_id == 1
    assert changed.train.epochs == 6
    _wait(lambda: all(trial.ended for trial in session.board.state.of(Trial).values()))
    (trial,) = session.board.state.of(Trial).values()
    assert trial.before == pytest.approx(accuracy)
    assert trial.after == pytest.approx(session.evaluation.latest(run, Split.TEST).metrics["accuracy"])
    proposal = next(p for p in session.board.state.open_proposals(risk) if p.kind is ProposalKind.RESIDUAL)
    # Within the limit: two levels less likely.
    assert proposal.after == (2, 3)
    session.risks.answer(proposal.id, accepted=True)
    assert session.risks.get(risk).residual_score == 6
    assert session.risks.get(risk).status is RiskStatus.MITIGATING


def test_more_augmentation_is_tried_with_the_next_stronger_preset(session):
    risk = session.risks.save(Risk(0, "overfits", probability=4))
    told = []
    for _ in range(2):
        run = session.training.wait(session.risks.try_mitigation(risk, "more_augmentation"), 60)
        base = session.training.get(run.parent_id)
        assert (run.train, run.family_fields, run.split) == (base.train, base.family_fields, base.split)
        told.append(in_words(run.preparation.augmentation))
        session.training.delete(base.id)
    assert told == ["light", "medium"]


def test_a_mitigation_of_a_risk_from_the_catalogue_is_compared_by_what_the_risk_watches(session):
    (idea,) = [item for item in session.risks.catalogue() if item.code == "dangerous-class-missed"]
    risk = session.risks.take(idea, cards=False)
    session.training.wait(session.risks.try_mitigation(risk, "longer_training"), 60)
    _wait(lambda: all(trial.ended for trial in session.board.state.of(Trial).values()))
    (trial,) = session.board.state.of(Trial).values()
    assert trial.fact == idea.watch.fact
    assert trial.after is not None


def test_balanced_sampling_puts_a_step_behind_those_of_the_run_and_other_mitigations_change_none(session):
    risk = session.risks.save(Risk(0, "rare class missed"))
    balanced = session.training.get(session.risks.try_mitigation(risk, "balanced_sampling"))
    names = [step.name for step in balanced.preparation.recipe]
    assert names[-1] == "over_sample"
    assert len(names) > 1, "the usual steps stay"
    longer = session.training.get(session.risks.try_mitigation(risk, "longer_training"))
    assert recipe_words(longer.preparation) == "usual steps"


def test_a_mitigation_that_would_change_nothing_says_so(session):
    risk = session.risks.save(Risk(0, "x"))
    reasons = {kind.name: why for kind, why in session.risks.mitigations_for(risk)}
    assert reasons["class_weights"] == ""
    # The network is 8 units wide: there is no simpler one of its kind.
    assert reasons["simpler_model"].startswith("The run has it already")
    with pytest.raises(UserError, match="cannot have it"):
        session.risks.try_mitigation(risk, "simpler_model")


def test_a_finding_becomes_a_risk_with_its_evidence_its_mitigations_and_its_watch(session):
    dataset = session.datasets.get(1)
    codes = [finding.code for finding in dataset.imported.findings]
    assert codes, "the flowers have findings"
    owner = session.board.save(Person(0, "Ada"))
    idea = session.risks.idea_from_finding(1, codes[0])
    risk = session.risks.get(session.risks.take(idea, owner))
    assert risk.owner_id == owner
    assert risk.evidence[0].detail == codes[0]
    assert len(risk.actions) == len(idea.mitigations)
    assert len(session.board.state.watches_of(risk.id)) == 1
    session.history.undo()
    assert session.risks.all() == []
    assert not session.board.state.of(Card)


def test_a_confused_cell_becomes_a_risk_that_watches_the_recall_of_its_class(session):
    evaluation = session.evaluation.latest(1, Split.TEST)
    idea = session.risks.idea_from_confusion(1, Split.TEST, 0, 1)
    assert evaluation.labels[0] in idea.risk.title
    assert idea.watch.fields["class_name"] == evaluation.labels[0]
    risk = session.risks.take(idea)
    assert session.risks.measured(session.board.state.watches_of(risk)[0]).value == pytest.approx(
        evaluation.per_class[0].recall
    )


def test_accepting_a_risk_needs_a_reason_and_is_a_decision_but_the_risk_still_counts(session):
    risk = session.risks.save(Risk(0, "x"))
    with pytest.raises(UserError, match="why"):
        session.risks.accept(risk, " ")
    session.risks.accept(risk, "rare, and cheap to mend")
    assert session.risks.get(risk).status is RiskStatus.ACCEPTED
    assert session.risks.get(risk).status.counts
    assert session.board.decisions()[-1].kind is DecisionKind.RISK_ACCEPTED


def test_a_gate_measures_itself_and_is_passed_or_overridden_with_a_reason(session, accuracy):
    session.board.set_charter(Charter(goal=Goal("accuracy", round(accuracy - 0.05, 3))))
    session.gates.save(Stage.INITIATION, "goal_reached", {"split": "test"})
    gate = session.gates.look()
    assert gate.open
    assert f"{accuracy:.3f}" in gate.items[0].judged.text
    assert session.gates.advance() is Stage.DEVELOPMENT
    passed = session.board.decisions()[-1]
    assert passed.kind is DecisionKind.GATE_PASSED
    assert passed.figures[0].verdict is Verdict.MET
    session.gates.save(Stage.DEVELOPMENT, "model_card", {})
    with pytest.raises(UserError, match="say why"):
        session.gates.advance()
    session.gates.advance("the demo is on Monday")
    assert session.project.stage is Stage.TESTING
    assert session.gates.look(Stage.DEVELOPMENT).passed.reason == "the demo is on Monday"
    (override,) = session.gates.overrides()
    assert (override.stage, override.reason) == (Stage.DEVELOPMENT, "the demo is on Monday")
    session.history.undo()
    assert session.project.stage is Stage.DEVELOPMENT
    assert session.gates.overrides() == []
    assert session.gates.look(Stage.DEVELOPMENT).passed is None


def test_samples_that_lie_in_two_splits_are_counted_in_the_data_themselves(session):
    view = session.views.now()
    assert view.shared_samples == {1: 0}
    assert set(view.missing[1]) == {"length", "width", "colour"}
    assert view.missing[1]["length"] == 0.0
    # A third of the colours is empty, by chance.
    assert 0.2 < view.missing[1]["colour"] < 0.5


def test_the_exposure_of_today_is_the_sum_of_the_scores(session):
    session.risks.save(Risk(0, "a", probability=2, impact=3))
    second = session.risks.save(Risk(0, "b", category="data", probability=5, impact=5))
    session.risks.save(replace(session.risks.get(second), status=RiskStatus.CLOSED))
    (today,) = session.risks.exposure()
    assert (today.total, today.open, today.opened, today.closed) == (6, 1, 2, 1)


def test_a_run_that_is_released_is_what_a_watch_of_the_released_run_looks_at(session):
    from workbench.core.risks import Link

    run: Run = session.training.get(1)
    watch = Watch(0, session.risks.save(Risk(0, "x")), "measure", {"run": "released"})
    assert session.risks.measured(watch).text == "No run is released yet."
    links = (Link("run", run.id),)
    session.board.decide(session.board.decision(DecisionKind.RUN_RELEASED, f"{run.name} released", "", links))
    assert session.risks.measured(watch).value is not None


def test_training_goes_on_while_watches_are_looked_at(session):
    risk = session.risks.save(Risk(0, "x"))
    session.risks.set_watch(Watch(0, risk, "failures", {}, Condition.ABOVE, 0.5))
    run = session.training.start(1, "mlp", {"width": 8}, TrainConfig(epochs=3))
    assert session.training.wait(run, 60).state == "finished"


def _trial(session, run):
    """Try a mitigation in a run that is there already, and return the number of the trial."""
    risk = session.risks.save(Risk(0, "not good enough"))
    fields = {"measure": "accuracy", "split": "test"}
    return session.board.save(Trial(0, risk, "class_weights", 1, run, "measure", fields))


def test_a_run_that_cannot_be_judged_is_tried_once_and_ends_its_trial(session, monkeypatch):
    config = TrainConfig(epochs=1)
    run = session.training.wait(session.training.start(1, "mlp", {"width": 8}, config)).id
    session.folder.resolve(session.store.checkpoints.get(run, "best").path).unlink()
    asked, evaluate = [], session.evaluation.evaluate
    monkeypatch.setattr(
        session.evaluation, "evaluate", lambda *given: (asked.append(given), evaluate(*given))[1]
    )
    trial = _trial(session, run)
    _wait(lambda: session.board.state.get(Trial, trial).ended)
    for _ in range(3):
        session.watching.look()
        _wait(lambda: session.jobs.find(f"evaluation:{run}") is None)
    assert asked == [(run, Split.TEST)]
    assert session.board.state.get(Trial, trial).after is None


def test_one_fault_that_stays_is_reported_once(session, monkeypatch):
    def broken():
        raise ZeroDivisionError

    monkeypatch.setattr(session.watching, "look", broken)
    for _ in range(3):
        session.watching._try()
    assert len(list(session.folder.reports.glob("fault-*"))) == 1


def test_a_run_that_went_on_is_not_known_by_what_was_measured_before(session):
    """A new best epoch is another model: what was measured of the old one says nothing of it."""
    assert (1, Split.TEST) in session.views.now().evaluations
    session.store.runs.update(1, best_epoch=session.training.get(1).best_epoch + 1)
    assert (1, Split.TEST) not in session.views.now().evaluations


def test_a_gate_that_is_passed_twice_at_once_is_passed_once(session, monkeypatch):
    seen = session.gates.look()
    monkeypatch.setattr(session.gates, "look", lambda *_: seen)
    session.gates.advance("it is a test")
    with pytest.raises(UserError, match="stage by now"):
        session.gates.advance("it is a test")
    assert len(session.board.decisions()) == 1
    session.history.undo()
    session.history.redo()
    assert session.project.stage is list(Stage)[1]


def test_looks_that_take_long_leave_time_for_other_work(session, monkeypatch):
    looks = []

    def slow():
        looks.append(time.monotonic())
        time.sleep(0.4)
        session.watching._dirty.set()

    monkeypatch.setattr(session.watching, "look", slow)
    session.risks.save(Risk(0, "x"))
    _wait(lambda: len(looks) >= 3)
    assert looks[2] - looks[1] > 0.4 + 1
