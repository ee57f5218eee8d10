"""A real project on disk, open for writing, with one dataset and one run."""

import os
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.project_folder import ProjectFolder
from workbench.core.records import Column, Finding, Imported, Project, Schema, Skipped
from workbench.core.states import Severity, Task
from workbench.store.store import Store

IMPORTED = Imported(
    kind="table",
    schema=Schema(
        Task.CLASSIFICATION,
        (2,),
        ("None", "NA"),
        "label",
        (Column("id", "unused"), Column("age", "number"), Column("city", "category", ("Köln", "上海"))),
    ),
    count=8,
    found=10,
    duplicates=1,
    skipped=(Skipped("row 7", "it has 4 values, the heading has 3"),),
    findings=(Finding("id_column", Severity.WARNING, 1, "The column id names samples.", ("id",)),),
    class_counts=(5, 3),
    sha256="ab" * 32,
    details={"encoding": "utf-8", "means": [0.5, 1.5]},
)


@pytest.fixture
def folder(tmp_path):
    """A project folder with an empty project in it, closed."""
    place = ProjectFolder(tmp_path / "a project")
    place.root.mkdir()
    Store.create(place, Project("Solar cells", datetime(2026, 11, 22, 9, 30, tzinfo=UTC))).close()
    return place


@pytest.fixture
def store(folder):
    with Store(folder) as opened:
        yield opened


@pytest.fixture
def dataset(store):
    return store.datasets.add("people", "/data/people.csv", "datasets/1", IMPORTED, SplitConfig(seed=7))


@pytest.fixture
def run(store, dataset):
    return store.runs.add("mlp 1", dataset.id, "mlp", {"width": 32}, TrainConfig(epochs=3), dataset.split)


@contextmanager
def without_rights(*folders):
    """Make folders read-only, and root an ordinary user, since root may write everywhere."""
    ancestors = {parent for folder in folders for parent in folder.parents if parent.owner() != "nobody"}
    modes = {place: place.stat().st_mode for place in (*folders, *ancestors)}
    root = os.geteuid() == 0
    for place in ancestors if root else ():
        place.chmod(modes[place] | 0o055)
    for place in folders:
        place.chmod(0o555)
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        for place, mode in modes.items():
            if root or place in folders:
                place.chmod(mode)


def listing(folder):
    """Return name, content and time of change of everything in a folder."""
    return {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in sorted(folder.iterdir())}
