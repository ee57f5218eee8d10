"""A project with data and a trained run, made once and copied for each test."""

import random
import shutil

import pytest

from workbench.core.configs import ImportConfig, TrainConfig
from workbench.services.projects import create_project, open_project


def write_flowers(path, seed=5, count=240):
    chance = random.Random(seed)
    rows = []
    for _ in range(count):
        length, width = chance.gauss(5, 2), chance.gauss(3, 1)
        colour = chance.choice(["red", "white", ""])
        name = "rose" if length + chance.gauss(0, 0.5) > width * 2 else "lily"
        rows.append(f"{length:.3f},{width:.3f},{colour},{name}")
    path.write_text("\n".join(["length,width,colour,flower", *rows]) + "\n")
    return path


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    folder = tmp_path_factory.mktemp("template")
    source = write_flowers(folder / "flowers.csv")
    with create_project(folder / "project", name="Garden") as session:
        job = session.datasets.import_source(source, ImportConfig(target="flower"))
        dataset = session.jobs.wait(job)
        config = TrainConfig(epochs=3, learning_rate=0.02)
        run = session.training.wait(session.training.start(dataset.id, "mlp", {"width": 8}, config, "first"))
        assert run.state == "finished", run.message
        session.jobs.wait(session.evaluation.evaluate(run.id))
    return folder


@pytest.fixture
def garden(template, tmp_path):
    """The folder of a project of its own: dataset 1 `flowers`, run 1 `first`, evaluated on test."""
    shutil.copy(template / "flowers.csv", tmp_path / "flowers.csv")
    return shutil.copytree(template / "project", tmp_path / "project")


@pytest.fixture
def session(garden):
    with open_project(garden) as opened:
        yield opened
