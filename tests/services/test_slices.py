"""Slices of a real evaluation: measured from its stored predictions, watched, asked for at a gate."""

import pytest

from workbench.core.errors import DataError
from workbench.core.risks import Risk, Watch
from workbench.core.states import Condition, Split, Stage, Verdict

FIELDS = {"measure": "accuracy", "split": "train", "slice_name": "length: lowest quarter"}


@pytest.fixture
def judged(session):
    """The evaluation of the run on its training split: 168 of 240 flowers."""
    return session.jobs.wait(session.evaluation.evaluate(1, Split.TRAIN))


def by_name(slices):
    return {item.name: item for item in slices}


def test_slices_are_measured_from_the_stored_predictions(session, judged):
    found = by_name(session.slices.of(judged))
    # Two columns of numbers in quarters, and a colour of two values that may be missing.
    assert len(found) == 4 + 4 + 3
    said, samples = session.evaluation.predictions(judged), session.datasets.samples(1)
    hits = samples.x[said.index, 2] == 0
    red = found["colour: red"]
    assert red.count == hits.sum()
    assert red.metrics["accuracy"] == (said.actual == said.predicted)[hits].mean()
    assert sum(item.count for name, item in found.items() if name.startswith("length")) == judged.count


def test_a_watch_and_a_gate_look_at_a_slice(session, judged):
    part = by_name(session.slices.of(judged))["length: lowest quarter"]
    accuracy = part.metrics["accuracy"]
    risk = session.risks.save(Risk(0, "short ones", probability=2))
    watch = session.risks.set_watch(
        Watch(0, risk, "measure", FIELDS, Condition.BELOW, accuracy + 0.01, raises_to=4)
    )
    session.watching.look()
    assert session.risks.get(risk).probability == 4
    assert f"where length: lowest quarter is below {accuracy + 0.01:g}" in (
        session.board.state.open_proposals(risk)[0].text
    )
    assert session.board.state.get(Watch, watch).value == accuracy
    asked = {"fact": "measure", "fact_fields": FIELDS, "condition": "below", "limit": accuracy + 0.01}
    session.gates.save(Stage.TESTING, "number_within", asked)
    (item,) = session.gates.look(Stage.TESTING).items
    assert item.judged.verdict is Verdict.NOT_MET
    assert f"{part.count} samples" in item.judged.text


def test_the_slices_of_the_data_are_offered_to_choose_from(session):
    offered = [name for name, _ in session.risks.choices("slices")]
    assert {"length: lowest quarter", "colour: red", "colour: missing"} <= {*offered}


def test_a_slice_becomes_a_risk_that_watches_it(session, judged):
    part = session.slices.of(judged)[0]
    idea = session.slices.idea(judged, part)
    assert part.name in idea.risk.title
    assert idea.watch.fields["slice_name"] == part.name
    measured = session.risks.measured(idea.watch)
    assert measured.value == part.metrics["accuracy"]
    assert idea.watch.limit == pytest.approx((measured.value + judged.metrics["accuracy"]) / 2, abs=1e-3)


def test_without_the_predictions_a_slice_cannot_be_told(session, judged):
    session.folder.resolve(judged.predictions).unlink()
    with pytest.raises(DataError, match="evaluate again"):
        session.slices.of(judged)
    measured = session.risks.measured(Watch(0, 0, "measure", FIELDS, Condition.BELOW, 0.9))
    assert measured.value is None
    assert measured.text == "first has no slice length: lowest quarter on the train split."
    assert session.views.now().runs
