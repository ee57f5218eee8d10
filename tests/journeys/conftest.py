"""A home of its own for every journey: projects, settings and last project are those of a new user."""

from functools import partial

import pytest


@pytest.fixture
def home(tmp_path, monkeypatch, qapp):
    """The folder that new projects go to."""
    from PySide6.QtCore import QSettings

    from workbench.gui.theme import apply_theme
    from workbench.services import projects

    QSettings().clear()
    place = tmp_path / "home"
    monkeypatch.setattr(projects, "default_home", lambda: place)
    yield place
    QSettings().clear()
    apply_theme(qapp, "light")


@pytest.fixture
def user(qtbot, home, monkeypatch):
    """Somebody at the window; what is still open in the end is closed without asking.

    Runs are carried by a thread: a process that loads torch beside every window would make the suite slow.
    """
    from tests.journeys.outsider import Outsider
    from workbench.services.training import TrainingService

    someone = Outsider(qtbot)
    someone.with_worker = partial(monkeypatch.setattr, TrainingService, "prepare", TrainingService.prepare)
    monkeypatch.setattr(TrainingService, "prepare", lambda _: None)
    yield someone
    if someone.window is not None:
        window = someone.window
        window.close_without_asking()
        someone.wait(lambda: not window.isVisible())
        window.deleteLater()


@pytest.fixture(scope="session")
def orchard_template(tmp_path_factory):
    """A project with a small table and two runs, the second of them judged, starred and noted."""
    from tests.gui.panes.small_data import import_data, new_project, write_table
    from workbench.core.configs import TrainConfig

    folder = tmp_path_factory.mktemp("template")
    with new_project(folder) as session:
        dataset = import_data(session, write_table(folder / "fruit.csv"), target="kind")
        for name in ("first pick", "second pick"):
            run = session.training.start(dataset.id, "linear", {}, TrainConfig(epochs=4), name)
            session.training.wait(run, 60)
        session.jobs.wait(session.evaluation.evaluate(run), 60)
        session.training.set_starred(run, True)
        session.training.set_notes(run, "picked by hand")
    return folder / "Orchard"


@pytest.fixture
def orchard(orchard_template, home):
    """A fresh copy of a project with a table and two runs."""
    import shutil

    return shutil.copytree(orchard_template, home / "Orchard")
