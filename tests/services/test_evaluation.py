"""Judging and predicting go through the very preparation of the run."""

import csv

import numpy as np
import pytest

from tests.services.conftest import write_flowers
from workbench.core.configs import ImportConfig, TrainConfig
from workbench.core.errors import DataError
from workbench.core.states import RunState, Split


def _rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def _predict(session, source, out):
    return session.jobs.wait(session.evaluation.predict(1, source, out))


def test_predictions_of_the_file_are_those_of_the_evaluation_on_the_same_rows(session, tmp_path):
    result = _predict(session, tmp_path / "flowers.csv", tmp_path / "out.csv")
    rows = _rows(tmp_path / "out.csv")
    assert result.count == len(rows) == session.datasets.get(1).imported.count
    assert result.skipped == ()
    classes = session.datasets.get(1).schema.classes
    for split in Split:
        evaluation = session.jobs.wait(session.evaluation.evaluate(1, split))
        said = session.evaluation.predictions(evaluation)
        assert [rows[place]["predicted"] for place in said.index] == [
            classes[label] for label in said.predicted
        ]
        sure = [float(rows[place]["probability"]) for place in said.index]
        assert np.allclose(sure, said.confidence, atol=1e-5)
    for row in rows[:20]:
        assert sum(float(row[f"probability {name}"]) for name in classes) == pytest.approx(1, abs=1e-5)


def test_the_order_and_number_of_new_rows_do_not_change_what_is_said_of_each(session, tmp_path):
    lines = (tmp_path / "flowers.csv").read_text().splitlines()
    (tmp_path / "few.csv").write_text("\n".join([lines[0], *reversed(lines[1:6])]) + "\n")
    _predict(session, tmp_path / "flowers.csv", tmp_path / "all.csv")
    _predict(session, tmp_path / "few.csv", tmp_path / "few_out.csv")
    everything, few = _rows(tmp_path / "all.csv"), _rows(tmp_path / "few_out.csv")
    assert [row["predicted"] for row in few] == [row["predicted"] for row in reversed(everything[:5])]


def test_new_data_needs_no_labels_and_names_what_is_missing(session, tmp_path):
    (tmp_path / "new.csv").write_text("width,length,colour\n3,9,red\n3,1,\n")
    assert _predict(session, tmp_path / "new.csv", tmp_path / "out.csv").count == 2
    assert {row["predicted"] for row in _rows(tmp_path / "out.csv")} <= {"rose", "lily"}
    (tmp_path / "narrow.csv").write_text("width,colour\n3,red\n")
    with pytest.raises(DataError, match="length"):
        _predict(session, tmp_path / "narrow.csv", tmp_path / "other.csv")
    assert not (tmp_path / "other.csv").exists()


def test_predictions_go_to_a_place_that_can_take_them_and_never_into_the_project(session, tmp_path):
    for place, said in (
        (session.folder.database, "lies inside the project"),
        (tmp_path, "is a folder"),
        (tmp_path / "missing" / "out.csv", "There is no folder"),
    ):
        with pytest.raises(DataError, match=said):
            _predict(session, tmp_path / "flowers.csv", place)
    assert session.store.check() == []


def test_predictions_are_never_written_over_the_data(session, tmp_path):
    before = (tmp_path / "flowers.csv").read_bytes()
    with pytest.raises(DataError, match="choose another file"):
        _predict(session, tmp_path / "flowers.csv", tmp_path / "flowers.csv")
    assert (tmp_path / "flowers.csv").read_bytes() == before


def test_a_cell_of_the_confusion_matrix_leads_to_its_samples(session):
    evaluation = session.evaluation.latest(1)
    said = session.evaluation.predictions(evaluation)
    labels = session.datasets.samples(1).y
    test = set(session.datasets.split_indices(1)[Split.TEST].tolist())
    for actual, row in enumerate(evaluation.counts):
        for predicted, count in enumerate(row):
            places = said.cell(actual, predicted)
            assert len(places) == count
            assert set(places.tolist()) <= test
            assert all(labels[place] == actual for place in places)
    assert sum(map(sum, evaluation.counts)) == evaluation.count == len(test)


def test_the_best_checkpoint_is_judged_not_the_last(session):
    run = session.training.wait(
        session.training.start(1, "mlp", {}, TrainConfig(epochs=40, learning_rate=0.2))
    )
    evaluation = session.jobs.wait(session.evaluation.evaluate(run.id, Split.VALIDATION))
    assert run.state is RunState.FINISHED
    assert evaluation.epoch == run.best_epoch
    curve = session.training.points(run.id, "validation/accuracy")
    assert evaluation.metrics["accuracy"] == pytest.approx(curve.values[run.best_epoch - 1])


def test_a_numeric_target_is_judged_and_predicted_in_its_own_unit(session, tmp_path):
    source = write_flowers(tmp_path / "lengths.csv", seed=8)
    config = ImportConfig(target="length")
    dataset = session.jobs.wait(session.datasets.import_source(source, config))
    started = session.training.start(dataset.id, "mlp", {}, TrainConfig(epochs=60, learning_rate=0.01))
    run = session.training.wait(started)
    evaluation = session.jobs.wait(session.evaluation.evaluate(run.id))
    assert set(evaluation.metrics) == {"mae", "rmse", "r2", "latency_ms", "size_mb"}
    assert evaluation.counts == ()
    said = session.evaluation.predictions(evaluation)
    assert evaluation.metrics["mae"] == pytest.approx(np.abs(said.actual - said.predicted).mean())
    job = session.evaluation.predict(run.id, source, tmp_path / "out.csv")
    session.jobs.wait(job)
    values = [float(row["predicted"]) for row in _rows(tmp_path / "out.csv")]
    assert np.allclose(np.array(values)[said.index], said.predicted)
    assert run.metrics["validation/rmse"] < 3


def test_a_run_without_a_checkpoint_says_so(session):
    run = session.store.runs.add("bare", 1, "linear", {}, TrainConfig(), session.datasets.get(1).split)
    with pytest.raises(DataError, match="no checkpoint yet"):
        session.jobs.wait(session.evaluation.evaluate(run.id))


def test_predictions_that_were_damaged_ask_for_a_new_evaluation(session):
    evaluation = session.evaluation.latest(1)
    session.folder.resolve(evaluation.predictions).write_bytes(b"nothing")
    with pytest.raises(DataError, match="evaluate again"):
        session.evaluation.predictions(evaluation)


def test_an_evaluation_measures_the_time_of_one_answer_and_the_size_of_the_weights(session):
    evaluation = session.jobs.wait(session.evaluation.evaluate(1))
    assert next(iter(evaluation.metrics)) == "accuracy", "how good it is comes first"
    assert list(evaluation.metrics)[-2:] == ["latency_ms", "size_mb"]
    assert 0 < evaluation.metrics["latency_ms"] < 1000
    parameters = session.training.get(1).parameters
    assert parameters * 4 / 1e6 <= evaluation.metrics["size_mb"] < parameters * 16 / 1e6
