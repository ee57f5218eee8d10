"""What the rest of the project asks of every dataset, asked of texts and recordings."""

import pytest

from tests.sounds import write_pitches, write_tones
from workbench.core.configs import ImportConfig, TrainConfig
from workbench.core.risks import Link
from workbench.core.states import Task
from workbench.services.evidence import exhibits
from workbench.services.projects import create_project


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kinds")
    words = ("fine and friendly", "cold and noisy")
    rows = [
        f'"The room was {words[k % 2]}, \nnumber {k} of the house",{("good", "bad")[k % 2]}'
        for k in range(60)
    ]
    (folder / "texts.csv").write_text("\n".join(["text,label", *rows, *rows[:3]]) + "\n")
    with create_project(folder / "project") as session:
        for source in (folder / "texts.csv", write_tones(folder / "tones", 10)):
            session.jobs.wait(session.datasets.import_source(source, ImportConfig()))
        for dataset_id, family in ((1, "text_bag"), (2, "linear")):
            session.training.wait(session.training.start(dataset_id, family, {}, TrainConfig(epochs=3)))
            session.jobs.wait(session.evaluation.evaluate(dataset_id))
        yield session


def test_gates_count_leaks_among_them_and_miss_no_column(session):
    view = session.views.now(counted=True)
    assert len(view.datasets) == 2
    assert session.views.now(counted=True).datasets == view.datasets


def test_samples_that_show_a_risk_are_told_in_a_line_each(session):
    texts, sounds = exhibits(session, [Link("samples", 1, "0, 1"), Link("samples", 2, "0")])
    assert texts.headings == ("", "text", "label")
    assert list(texts.rows[1]) == ["row 3", "The room was cold and noisy, number 1 of the house", "bad"]
    assert len(sounds.headings) == len(sounds.rows[0]) == 2
    assert sounds.rows[0][1] == "high"


@pytest.mark.parametrize(("dataset_id", "attribute"), [(1, "letters"), (2, "loudness")])
def test_slices_are_made_by_what_can_be_measured_of_a_sample(session, dataset_id, attribute):
    assert any(attribute in name for name in session.slices.names(dataset_id))


def test_a_learning_rate_is_found_and_a_model_is_checked(session):
    rates = session.jobs.wait(
        session.models.find_learning_rate(1, "text_bag", {}, TrainConfig(batch_size=8)), 60
    )
    assert rates.suggestion > 0
    assert session.models.check(2, "convnet", {}, TrainConfig()).parameters > 0


def test_a_number_for_each_recording_is_learnt_judged_and_predicted(tmp_path):
    source = write_pitches(tmp_path / "pitches")
    with create_project(tmp_path / "project") as session:
        dataset = session.jobs.wait(session.datasets.import_source(source, ImportConfig(rate=8000)), 60)
        assert dataset.schema.task is Task.REGRESSION
        assert dataset.schema.target == "kilohertz"
        run_id = session.training.start(dataset.id, "convnet", {}, TrainConfig(epochs=25))
        run = session.training.wait(run_id)
        assert run.split.method == "given"
        judged = session.jobs.wait(session.evaluation.evaluate(run_id))
        assert judged.count == 10
        assert judged.metrics["r2"] > 0.3
        session.jobs.wait(session.evaluation.predict(run_id, source, tmp_path / "out.csv"))
        rows = (tmp_path / "out.csv").read_text().splitlines()
        assert rows[0] == "sample,predicted"
        assert len(rows) == 41
