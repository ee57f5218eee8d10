"""Looking at numbers holds: one that fails stops no other, nothing is written twice, nothing hangs."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from workbench.board.criteria.base import GateCriterion, criteria
from workbench.board.facts.base import Fact, facts
from workbench.board.state import edited
from workbench.core.board import Charter
from workbench.core.errors import DiskError
from workbench.core.risks import Risk, Trial, Watch
from workbench.core.states import Condition, RunState, Split, Stage, Verdict
from workbench.services.board import Reason
from workbench.services.projects import open_project


class Broken(Fact):
    """A number of a plug-in with a fault."""

    def read(self, view):
        """Fail."""
        raise ZeroDivisionError

    def phrase(self):
        """Fail as well."""
        raise KeyError


class BrokenCriterion(GateCriterion):
    """A criterion of a plug-in with a fault."""

    def judge(self, view):
        """Fail."""
        raise ZeroDivisionError


@pytest.fixture
def broken(monkeypatch):
    """A plug-in whose fact and whose criterion fail."""
    facts.names(), criteria.names()
    monkeypatch.setitem(facts._classes, "broken", Broken)
    monkeypatch.setitem(criteria._classes, "broken", BrokenCriterion)


def reports(session):
    return list(session.folder.reports.glob("fault-*.txt"))


def changes_of(session, noun):
    return session.board.history(noun)


def test_a_number_that_fails_cannot_be_told_and_the_others_go_on(session, broken):
    risk = session.risks.save(Risk(0, "not good enough", probability=2))
    session.board.save(Watch(0, risk, "broken", {}, Condition.ABOVE, 1.0))
    fields = {"measure": "accuracy", "split": "test"}
    session.risks.set_watch(Watch(0, risk, "measure", fields, Condition.BELOW, 1.01, raises_to=5))
    for _ in range(3):
        session.watching.look()
    assert session.risks.get(risk).probability == 5
    measured, verdict = session.risks.seen(session.board.state.watches_of(risk)[0], session.views.now())
    assert (measured.text, verdict) == (
        "broken could not be measured: a report on the fault lies in the project.", Verdict.UNKNOWN,
    )  # fmt: skip
    (report,) = reports(session)
    assert "ZeroDivisionError" in report.read_text()


def test_a_criterion_that_fails_cannot_be_told_and_the_gate_still_opens(session, broken):
    session.gates.save(Stage.INITIATION, "broken", {})
    session.gates.save(Stage.INITIATION, "number_within", {"fact": "broken"})
    session.gates.save(Stage.INITIATION, "no_leak", {})
    verdicts = [item.judged.verdict for item in session.gates.look().items]
    assert verdicts == [Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.MET]


def test_a_number_on_its_side_of_the_limit_leaves_one_line_however_often_it_changes(session):
    session.board.set_charter(replace(Charter(), budget=100.0))
    session.set_price(1.0, "EUR")
    risk = session.risks.save(Risk(0, "too dear", probability=2))
    watch = session.risks.set_watch(Watch(0, risk, "cost", {}, Condition.ABOVE, 0.8, raises_to=4))
    session.watching.look()
    lines = len(changes_of(session, "watch"))
    for hours in (10, 20, 30):
        session.store.runs.update(1, seconds=hours * 3600.0)
        session.watching.look()
        assert session.board.state.get(Watch, watch).value == pytest.approx(hours / 100)
    assert len(changes_of(session, "watch")) == lines
    session.store.runs.update(1, seconds=90 * 3600.0)
    session.watching.look()
    assert len(changes_of(session, "watch")) == lines + 1
    assert session.risks.get(risk).probability == 4


def test_what_is_noted_without_a_line_is_in_the_file(session, garden):
    risk = session.risks.save(Risk(0, "too dear"))
    watch = session.board.save(Watch(0, risk, "failures", {}, Condition.ABOVE, 0.5))
    session.board.note(
        "Watched", lambda state: edited(state.get(Watch, watch), value=0.25), Reason(), quiet=True
    )
    session.close()
    with open_project(garden) as again:
        assert again.board.state.get(Watch, watch).value is not None


def test_what_numbers_moved_is_remembered_once_a_field(session):
    risk = session.risks.save(Risk(0, "shaky"))
    for number in range(20):
        level = 1 + number % 5
        session.board.note(
            "Watch", lambda state, level=level: edited(state.get(Risk, risk), probability=level), Reason("it")
        )
    assert len(session.board._noted) == 1


def test_a_view_holds_one_moment_even_while_a_run_is_added(session, monkeypatch):
    newest = session.store.evaluations.newest

    def late():
        def change():
            run = session.training.get(1)
            added = session.store.runs.add("late", 1, "mlp", {}, run.train, run.split)
            session.board.save(Trial(0, session.risks.save(Risk(0, "late")), "x", 1, added.id))

        thread = threading.Thread(target=change)
        thread.start()
        thread.join()
        return newest()

    monkeypatch.setattr(session.store.evaluations, "newest", late)
    view = session.views.now()
    ids = {run.id for run in view.runs}
    assert all(trial.run_id in ids for trial in view.state.of(Trial).values())
    assert "late" in {run.name for run in session.views.now().runs}


def test_counting_samples_in_two_splits_is_given_up_when_the_project_closes(session, monkeypatch):
    begun, hold = threading.Event(), threading.Event()

    class Slow:
        """Samples that wait to be read."""

        x = np.zeros((240, 2))

    def indices(dataset_id, split=None):
        begun.set()
        hold.wait(10)
        return dict.fromkeys(Split, np.arange(80))

    monkeypatch.setattr(session.datasets, "samples", lambda dataset_id: Slow)
    monkeypatch.setattr(session.datasets, "split_indices", indices)
    views = []
    thread = threading.Thread(target=lambda: views.append(session.views.now()))
    thread.start()
    assert begun.wait(10)
    session.closing.cancel()
    hold.set()
    thread.join(10)
    assert views[0].shared_samples == {}


def test_a_disk_that_fills_up_while_a_mitigation_begins_leaves_neither_run_nor_trial(session, monkeypatch):
    risk = session.risks.save(Risk(0, "not good enough", probability=4))
    before, apply = session.board.state, session.store.board.apply

    def full(*given, **named):
        apply(*given, **named)
        raise DiskError("The disk is full.")

    monkeypatch.setattr(session.store.board, "apply", full)
    with pytest.raises(DiskError):
        session.risks.try_mitigation(risk, "longer_training")
    monkeypatch.undo()
    assert [run.id for run in session.training.all()] == [1]
    assert session.training.working() == {}
    assert session.board.state == before
    run = session.training.wait(session.risks.try_mitigation(risk, "longer_training"), 60)
    assert run.state is RunState.FINISHED
    (trial,) = session.board.state.of(Trial).values()
    assert trial.run_id == run.id


def test_the_history_is_read_whole(session):
    risk = session.risks.save(Risk(0, "shaky"))
    for level in (1, 2, 3, 4):
        session.board.change("Weigh", Risk, risk, probability=level)
    # `Risk` begins with probability 3, so each of the four is a change.
    assert len(session.board.history("risk")) == 5
    assert len(session.board.history("risk", most=2)) == 2
