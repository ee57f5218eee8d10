"""Projects that are open elsewhere, newer, gone or no projects: told in a sentence, and the window stays usable."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from PySide6.QtWidgets import QListView, QPushButton

from tests.journeys.outsider import Outsider
from tests.rules.sources import ROOT

_HOLD = """
import sys
from pathlib import Path
from workbench.services.projects import open_project
with open_project(Path(sys.argv[1])):
    print("open", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def held_elsewhere(orchard):
    """A project that another process has open."""
    command = [sys.executable, "-c", _HOLD, str(orchard)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout.readline() == "open\n"
        yield orchard
        process.stdin.close()


def contents(folder):
    """Return what every file of a folder holds."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_project_that_is_open_elsewhere_can_be_looked_at_and_refuses_changes(
    user: Outsider, held_elsewhere
):
    user.open(held_elsewhere)
    assert "is open in another window" in user.told
    assert user.session is None
    user.click("Open read-only", user.window)
    user.wait(lambda: user.session is not None)
    assert user.session.read_only
    user.reads("read-only: open in another window")
    run = user.session.training.find("second pick")

    user.window.go("train", run_id=run.id)
    user.wait(lambda: user.pane.current is not None and user.pane.current.id == run.id)
    user.wait(lambda: "lowest" in user.words or user.found("Loss"))
    user.window.go("evaluate", run_id=run.id)
    user.find("Confusion matrix")
    evaluate = user.find("Evaluate", QPushButton, user.pane.header)
    assert not evaluate.isEnabled()
    assert "read-only" in evaluate.toolTip()
    user.go("Models")
    train = user.find("Train", QPushButton, user.pane.header)
    user.wait(lambda: "read-only" in train.toolTip())
    assert not train.isEnabled()
    user.go("Data")
    user.find("Datasets", QListView)
    bring = user.find("Import data", QPushButton, user.pane.header)
    user.wait(lambda: "read-only" in bring.toolTip())
    assert not bring.isEnabled()
    user.drop(held_elsewhere / "runs")
    user.wait(lambda: "read-only" in user.pane.banner.text and user.pane.banner.isVisible())
    assert not user.found("New run", QPushButton)[0].isEnabled()


def test_a_project_of_a_newer_version_is_refused_and_not_a_byte_of_it_changes(user: Outsider, orchard):
    with closing(sqlite3.connect(orchard / "project.sqlite")) as database:
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("PRAGMA user_version = 999")
        database.commit()
    before = contents(orchard)
    user.open(orchard)
    assert "newer version" in user.told
    assert user.session is None
    user.find("Handwritten digits")
    assert contents(orchard) == before


@pytest.mark.parametrize("what", ["gone", "a folder of something else"])
def test_a_project_that_cannot_be_opened_at_the_start_leaves_home_and_a_sentence(
    user: Outsider, tmp_path, what
):
    place = tmp_path / what
    if what != "gone":
        place.mkdir()
        (place / "letter.txt").write_text("dear all")
    user.open(place)
    assert str(place) in user.told
    assert "not a Workbench project" in user.told
    assert user.pane.name == "home"
    user.find("Handwritten digits")
    user.click("Dismiss", user.window)
    assert not user.told


def test_a_refused_project_leaves_the_one_that_is_open(user: Outsider, orchard, tmp_path):
    user.open(orchard)
    session = user.session
    user.window.open_project(tmp_path / "nowhere")
    user.wait(lambda: user.told)
    assert user.session is session
    assert session.training.find("first pick")
