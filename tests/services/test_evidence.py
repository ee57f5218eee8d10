"""What shows a risk is seen where it lies: samples, rows, curves; what was deleted says so."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from workbench.core.risks import Link
from workbench.core.states import Split
from workbench.services.evidence import exhibits, places_of, with_samples
from workbench.services.projects import create_project


def write_pets(folder):
    """Write 24 pictures of cats, three of dogs, and a dog that is a copy of a cat."""
    chooser = np.random.default_rng(0)
    for name, count in (("cat", 24), ("dog", 3)):
        (folder / name).mkdir(parents=True)
        for number in range(count):
            pixels = chooser.integers(0, 255, (6, 9, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / name / f"{number}.png")
    (folder / "dog" / "twin.png").write_bytes((folder / "cat" / "5.png").read_bytes())
    return folder


@pytest.fixture
def pets(tmp_path):
    """A project with pictures alone, and its dataset."""
    with create_project(tmp_path / "pets project") as session:
        job = session.datasets.import_source(write_pets(tmp_path / "pets"))
        yield session, session.jobs.wait(job)


def test_a_finding_about_pictures_shows_the_pictures_that_it_names(pets):
    session, dataset = pets
    (seen,) = exhibits(session, [Link("dataset", dataset.id, "conflicting_labels")])
    assert {(item.name, item.caption) for item in seen.pictures} == {
        ("cat/5.png", "cat"),
        ("dog/twin.png", "dog"),
    }
    first, second = seen.pictures
    assert first.pixels.shape == (3, 6, 9)
    assert np.array_equal(first.pixels, second.pixels)


def test_a_finding_about_classes_shows_pictures_of_each(pets):
    session, dataset = pets
    (seen,) = exhibits(session, [Link("dataset", dataset.id, "class_imbalance")])
    assert [item.caption for item in seen.pictures] == ["cat"] * 4 + ["dog"] * 4


def test_a_dataset_in_the_bin_is_no_longer_there_until_it_comes_back(pets):
    session, dataset = pets
    links = [Link("dataset", dataset.id, "class_imbalance"), Link("samples", dataset.id, "0, 1")]
    session.datasets.delete(dataset.id)
    assert [item.gone for item in exhibits(session, links)] == [True, True]
    session.history.undo()
    assert not any(item.gone for item in exhibits(session, links))


def test_what_was_never_there_or_lost_its_files_is_no_longer_there(pets):
    session, dataset = pets
    links = [Link("dataset", 99), Link("run", 77), Link("samples", 99, "1")]
    assert all(item.gone for item in exhibits(session, links))
    (session.folder.resolve(dataset.folder) / "pictures.npy").unlink()
    session.datasets._opened.cache_clear()
    assert [item.gone for item in exhibits(session, [Link("samples", dataset.id, "1")])] == [True]


def test_places_beyond_the_dataset_and_words_are_left_out(pets):
    session, dataset = pets
    link = Link("samples", dataset.id, "2, x, 4000, -1, ²")
    assert places_of(link) == [2, 4000]
    (seen,) = exhibits(session, [link])
    assert len(seen.pictures) == 1


def test_a_confusion_is_noted_with_its_samples_which_stay_when_the_run_is_judged_again(session):
    evaluation = session.evaluation.latest(1, Split.TEST)
    actual, predicted = next((a, p) for a in (0, 1) for p in (0, 1) if a != p and evaluation.counts[a][p])
    idea = session.risks.idea_from_confusion(1, Split.TEST, actual, predicted)
    run, samples = with_samples(session, idea.risk.evidence)
    wanted = session.evaluation.predictions(evaluation).cell(actual, predicted)[:8].tolist()
    assert (run.noun, samples.noun, samples.id, places_of(samples)) == ("run", "samples", 1, wanted)
    session.jobs.wait(session.evaluation.evaluate(1))
    named, seen = exhibits(session, (run, samples))
    # What the run says today is not shown beside what was noted.
    assert not named.rows
    assert seen.headings == ("", "length", "width", "colour", "flower")
    label = evaluation.labels[actual]
    assert [row[-1] for row in seen.rows] == [label] * len(seen.rows)
    assert len(seen.rows) == min(3, len(wanted))


def test_a_class_that_is_missed_shows_its_missed_samples_even_where_none_were_noted(session):
    evaluation = session.evaluation.latest(1, Split.TEST)
    label = next(item.label for item in evaluation.per_class if item.recall < 1)
    idea = session.risks.idea_from_class(1, Split.TEST, label)
    (seen,) = exhibits(session, idea.risk.evidence)
    assert {row[-1] for row in seen.rows} == {label}


def test_a_run_shows_its_curves_and_a_model_that_is_slow_only_its_name(session):
    curve, slow = session.risks.idea_from_curve(1), session.risks.idea_from_model(1, Split.TEST, "latency")
    (seen,) = exhibits(session, curve.risk.evidence)
    assert list(seen.curves) == ["train/loss", "validation/loss"]
    assert list(seen.curves["train/loss"].values) == list(session.training.points(1, "train/loss").values)
    assert exhibits(session, slow.risk.evidence)[0].curves == {}
    session.training.delete(1)
    assert exhibits(session, curve.risk.evidence)[0].gone


def test_class_names_with_arrows_are_told_apart(session, monkeypatch):
    evaluation = session.evaluation.latest(1, Split.TEST)
    odd = replace(evaluation, labels=("a", "a → b"))
    monkeypatch.setattr(session.evaluation, "latest", lambda *_: odd)
    said = session.evaluation.predictions(evaluation)
    link = Link("run", 1, "test: a → b → a")
    (samples,) = with_samples(session, [link])[1:]
    assert places_of(samples) == said.cell(1, 0)[:8].tolist()
