"""Defects in real texts and recordings are found where they are, mended, and gone from the next check."""

from pathlib import Path

import pytest

from workbench.core.configs import ImportConfig
from workbench.services.projects import create_project

FILES = Path(__file__).parents[1] / "journeys" / "data"


@pytest.fixture
def session(tmp_path):
    with create_project(tmp_path / "project") as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "target", "code", "samples"),
    [
        ("reviews.csv", "verdict", "empty_text", ["row 22"]),
        ("reviews.csv", "verdict", "foreign_text", ["row 43", "row 44"]),
        ("words.tar.gz", None, "silent_audio", ["no/dead microphone.wav"]),
        ("words.tar.gz", None, "clipped_audio", ["yes/too loud.wav"]),
    ],
    ids=lambda value: value if isinstance(value, str) and "_" in value else "",
)
def test_what_is_wrong_is_found_mended_and_then_gone(session, name, target, code, samples):
    job = session.datasets.import_source(FILES / name, ImportConfig(target=target))
    dataset = session.jobs.wait(job, 60)
    session.jobs.wait(session.health.check(dataset.id), 60)
    names = session.datasets.samples(dataset.id).names
    finding = session.health.finding(dataset.id, code)
    assert [names[place] for place in finding.samples] == samples
    version = session.jobs.wait(session.health.fix(dataset.id, code), 60)
    left = session.datasets.samples(version.id).names
    assert set(names[:]) - set(left[:]) == set(samples)
    session.jobs.wait(session.health.check(version.id), 60)
    assert code not in {item.code for item in session.health.findings(version.id)}


@pytest.mark.parametrize(
    ("name", "target", "left_out"),
    [("reviews.csv", "verdict", "row 42"), ("words.tar.gz", None, "no/00.mp3")],
    ids=["texts", "recordings"],
)
def test_an_exact_copy_is_left_out_at_the_import_and_named(session, name, target, left_out):
    job = session.datasets.import_source(FILES / name, ImportConfig(target=target))
    imported = session.jobs.wait(job, 60).imported
    assert imported.duplicates == 1
    (finding,) = [item for item in imported.findings if item.code == "duplicates"]
    assert finding.examples == (left_out,)
