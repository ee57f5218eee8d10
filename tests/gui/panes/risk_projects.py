"""Projects with risks for tests of the Risks pane."""

import shutil
from datetime import date, timedelta

import pytest

from tests.gui.panes.shell import PaneWindow
from tests.gui.panes.small_data import import_data, new_project, write_table
from workbench.core.board import Person
from workbench.core.configs import TrainConfig
from workbench.core.risks import Risk, Watch
from workbench.core.states import Condition, Split
from workbench.gui import background
from workbench.gui.panes.risks import RisksPane
from workbench.services.projects import open_project


@pytest.fixture
def project(tmp_path):
    """A project without data, with two people and three risks."""
    with new_project(tmp_path) as session:
        lin, mara = (session.board.save(Person(0, name)) for name in ("Lin", "Mara"))
        late = date.today() - timedelta(days=2)
        for risk in (
            Risk(0, "Licence is unknown", "data", owner_id=mara, probability=3, impact=4),
            Risk(0, "Too slow to deploy", owner_id=lin, probability=2, impact=3, next_review=late),
            Risk(0, "Nobody wants it", "market", probability=1, impact=5),
        ):
            session.risks.save(risk)
        yield session


@pytest.fixture(scope="module")
def judged_folder(tmp_path_factory):
    """A closed project with a run that is judged on the test split, and a risk."""
    home = tmp_path_factory.mktemp("judged")
    with new_project(home) as session:
        dataset = import_data(session, write_table(home / "fruit.csv"), target="kind")
        run_id = session.training.start(dataset.id, "linear", {}, TrainConfig(epochs=3))
        session.training.wait(run_id, 60)
        session.jobs.wait(session.evaluation.evaluate(run_id, Split.TEST), 60)
        session.risks.save(Risk(0, "Pears are missed", probability=2, impact=4))
    return home / "Orchard"


@pytest.fixture
def judged(judged_folder, tmp_path):
    """That project, a copy of one's own, open."""
    with open_project(shutil.copytree(judged_folder, tmp_path / "Orchard")) as session:
        yield session


@pytest.fixture
def shown(qtbot):
    """Show the pane for a session and wait until it has read."""

    def show(session, size=(1180, 640)):
        window = PaneWindow(session)
        qtbot.addWidget(window)
        pane = window.hold(RisksPane, size)
        qtbot.waitUntil(lambda: pane.register is not None, timeout=20_000)
        settle(qtbot)
        return window, pane

    return show


def settle(qtbot):
    """Wait until all that is read beside the window is there."""
    qtbot.wait(50)
    qtbot.waitUntil(lambda: not background.pending(), timeout=30_000)
    qtbot.wait(20)


def crossing(risk_id):
    """Return a watch that no run can satisfy."""
    fields = {"measure": "accuracy", "split": "test"}
    return Watch(0, risk_id, "measure", fields, Condition.BELOW, 1.5, 5)
