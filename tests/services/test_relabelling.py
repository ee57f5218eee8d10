"""Labels set right one after the other: safe at once, taken back step by step, one version in the end."""

import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from tests.gui.panes.small_data import import_data, write_numbers
from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.events import LabelsChanged
from workbench.core.states import RunState
from workbench.services.doctor import examine
from workbench.services.projects import open_project


def swapped(session, *places):
    """Return by place the class that the sample does not have."""
    classes, y = session.datasets.get(1).schema.classes, session.datasets.samples(1).y
    return {place: classes[1 - int(y[place])] for place in places}


def set_all(session, labels):
    for place, label in labels.items():
        session.relabelling.set(1, [place], label)


def test_new_labels_are_still_there_when_the_project_is_opened_again(session, garden):
    wanted = swapped(session, 3, 8)
    set_all(session, wanted)
    session.close()
    with open_project(garden) as again:
        assert again.relabelling.labels(1) == wanted
        again.relabelling.undo(1)
        assert list(again.relabelling.labels(1)) == [3]
        again.history.undo()
        assert again.relabelling.labels(1) == wanted
    assert [item for item in examine(garden) if item.harmful] == []


def test_a_killed_process_loses_no_label_that_it_has_told_of(session, garden):
    wanted = swapped(session, *range(200))
    session.close()
    script = (
        "import sys; from pathlib import Path\n"
        "from workbench.services.projects import open_project\n"
        "session = open_project(Path(sys.argv[1]))\n"
        "classes, y = session.datasets.get(1).schema.classes, session.datasets.samples(1).y\n"
        "for place in range(200):\n"
        "    session.relabelling.set(1, [place], classes[1 - int(y[place])])\n"
        "    print(place, flush=True)\n"
    )
    worker = subprocess.Popen([sys.executable, "-c", script, str(garden)], stdout=subprocess.PIPE, text=True)
    told = -1
    for line in worker.stdout:
        told = int(line)
        if told >= 20:
            os.kill(worker.pid, signal.SIGKILL)
            break
    told = max([told, *(int(line) for line in worker.stdout)])
    worker.wait()
    worker.stdout.close()
    with open_project(garden) as again:
        kept = again.relabelling.labels(1)
        assert {place: wanted[place] for place in range(told + 1)}.items() <= kept.items()
        version = again.jobs.wait(again.relabelling.make_version(1), 60)
        assert version.change == f"Relabelled {len(kept)} samples"


def test_all_new_labels_become_one_version_and_undo_brings_them_back_as_they_were(session):
    wanted = swapped(session, 1, 2, 5)
    set_all(session, wanted)
    version = session.jobs.wait(session.relabelling.make_version(1), 60)
    assert (version.parent_id, version.change) == (1, "Relabelled 3 samples")
    assert session.relabelling.labels(1) == {}
    y = session.datasets.samples(version.id).y
    assert [version.schema.classes[int(y[place])] for place in wanted] == list(wanted.values())
    session.history.undo()
    assert session.relabelling.labels(1) == wanted
    assert [item.id for item in session.datasets.all()] == [1]
    session.history.undo()
    assert list(session.relabelling.labels(1)) == [1, 2]
    session.history.redo()
    session.history.redo()
    assert session.relabelling.labels(1) == {}
    assert [item.id for item in session.datasets.all()] == [1, version.id]


def test_a_label_set_while_the_version_is_made_waits_for_the_next_one(session, monkeypatch):
    wanted = swapped(session, 1, 2)
    session.relabelling.set(1, [1], wanted[1])
    make = session.versions._make

    def slow(*given):
        session.relabelling.set(1, [2], wanted[2])
        return make(*given)

    monkeypatch.setattr(session.versions, "_make", slow)
    version = session.jobs.wait(session.relabelling.make_version(1), 60)
    assert version.change == "Relabelled 1 sample"
    assert session.relabelling.labels(1) == {2: wanted[2]}


def test_several_samples_at_once_are_one_step(session):
    assert session.relabelling.set(1, range(50), "rose") == np.count_nonzero(
        session.datasets.samples(1).y[:50] != session.datasets.get(1).schema.classes.index("rose")
    )
    assert session.history.undo_label.endswith("of flowers rose")
    session.relabelling.undo(1)
    assert session.relabelling.labels(1) == {}


def test_a_label_set_back_to_what_it_was_is_no_change(session):
    wanted = swapped(session, 4)
    set_all(session, wanted)
    was = next(name for name in session.datasets.get(1).schema.classes if name != wanted[4])
    session.relabelling.set(1, [4], was)
    assert session.relabelling.labels(1) == {}
    with pytest.raises(UserError, match="No label is changed"):
        session.relabelling.make_version(1)
    assert session.relabelling.set(1, [4], was) == 0


def test_the_undo_of_the_bar_and_that_of_the_window_go_back_the_same_way(session):
    wanted = swapped(session, 1, 2, 3)
    set_all(session, wanted)
    session.history.undo()
    assert list(session.relabelling.labels(1)) == [1, 2]
    session.relabelling.undo(1)
    assert list(session.relabelling.labels(1)) == [1]
    session.datasets.rename(1, "garden")
    session.relabelling.undo(1)
    assert session.relabelling.labels(1) == {}
    assert session.datasets.get(1).name == "garden", "only the label is taken back"


def test_discarded_labels_are_gone_and_undo_brings_them_back(session):
    wanted = swapped(session, 1, 2)
    set_all(session, wanted)
    session.relabelling.discard(1)
    assert session.relabelling.labels(1) == {}
    session.history.undo()
    assert session.relabelling.labels(1) == wanted


def test_values_are_set_right_as_numbers(session, tmp_path):
    flats = import_data(session, write_numbers(tmp_path / "flats.csv"), target="price")
    session.relabelling.set(flats.id, [0, 1], "12,5")
    assert session.relabelling.labels(flats.id) == {0: 12.5, 1: 12.5}
    version = session.jobs.wait(session.relabelling.make_version(flats.id), 60)
    assert session.datasets.samples(version.id).y[:2].tolist() == [12.5, 12.5]


@pytest.mark.parametrize(
    ("places", "label", "words"),
    [([0], "tulip", "no class tulip"), ([240], "rose", "not in this version"), ([-1], "rose", "not in this")],
)
def test_what_cannot_be_a_label_is_refused_in_words(session, places, label, words):
    with pytest.raises(UserError, match=words):
        session.relabelling.set(1, places, label)
    assert session.relabelling.labels(1) == {}


def test_a_full_list_asks_for_a_version_first(session, monkeypatch):
    monkeypatch.setattr("workbench.services.relabelling._MOST", 2)
    set_all(session, swapped(session, 1, 2))
    with pytest.raises(UserError, match="make a version of those that are changed first"):
        set_all(session, swapped(session, 3))


def test_nobody_is_told_before_it_is_safe(session, monkeypatch):
    told = []
    session.bus.subscribe(LabelsChanged, lambda event: told.append(event.dataset_id))

    def full(path, write):
        raise UserError("The disk is full.")

    monkeypatch.setattr("workbench.services.relabelling.atomic_write", full)
    with pytest.raises(UserError, match="disk is full"):
        set_all(session, swapped(session, 1))
    session.bus.dispatch(1.0)
    assert told == []
    assert session.relabelling.labels(1) == {}


def test_a_run_points_at_the_version_and_its_samples_keep_their_part(session):
    parts = {split: set(index.tolist()) for split, index in session.datasets.split_indices(1).items()}
    set_all(session, swapped(session, *range(30)))
    version = session.jobs.wait(session.relabelling.make_version(1), 60)
    run = session.training.wait(session.training.start(version.id, "mlp", {}, TrainConfig(epochs=1)), 60)
    assert run.state is RunState.FINISHED, run.message
    assert run.dataset_id == version.id
    assert session.training.get(1).dataset_id == 1
    after = {
        split: set(index.tolist()) for split, index in session.datasets.split_indices(version.id).items()
    }
    assert after == parts


def test_a_class_that_does_not_exist_yet_is_added_to_the_version_and_learnt(session):
    session.relabelling.set(1, range(0, 60, 2), "  tulip ", is_new_class=True)
    session.relabelling.set(1, [1], "tulip")
    assert set(session.relabelling.labels(1).values()) == {"tulip"}
    before = session.datasets.get(1).schema.classes
    version = session.jobs.wait(session.relabelling.make_version(1), 60)
    assert version.schema.classes == (*before, "tulip")
    assert version.change == "Relabelled 31 samples, new class tulip"
    assert version.imported.class_counts[-1] == 31
    assert session.datasets.rows(version.id, 0, 1)[0][-1] == "tulip"
    run = session.training.wait(session.training.start(version.id, "mlp", {}, TrainConfig(epochs=1)), 60)
    assert run.state is RunState.FINISHED, run.message
    judged = session.jobs.wait(session.evaluation.evaluate(run.id), 60)
    assert judged.labels == (*before, "tulip")
    older = session.jobs.wait(session.evaluation.evaluate(1), 60)
    assert older.labels == before, "a run is judged on the version that it learnt from"


def test_a_new_class_is_gone_when_no_label_names_it_any_more(session):
    session.relabelling.set(1, [3], "tulip", is_new_class=True)
    session.relabelling.undo(1)
    with pytest.raises(UserError, match="no class tulip"):
        session.relabelling.set(1, [4], "tulip")
    session.history.undo()
    session.relabelling.set(1, [3], "tulip", is_new_class=True)
    session.relabelling.set(1, [3], swapped(session, 3)[3])
    version = session.jobs.wait(session.relabelling.make_version(1), 60)
    assert len(version.schema.classes) == 2


@pytest.mark.parametrize("name", ["  ", "x" * 201, "a\x00b"])
def test_what_cannot_name_a_class_is_refused(session, name):
    with pytest.raises(UserError):
        session.relabelling.set(1, [3], name, is_new_class=True)


def test_a_class_is_renamed_in_a_new_version_and_the_old_one_keeps_its_name(session):
    y = session.datasets.samples(1).y.copy()
    version = session.jobs.wait(session.versions.rename_class(1, "rose", "wild rose"), 60)
    assert version.change == "Renamed class rose to wild rose"
    assert version.schema.classes == ("lily", "wild rose")
    assert np.array_equal(session.datasets.samples(version.id).y, y)
    assert {row[-1] for row in session.datasets.rows(version.id, 0, 40)} == {"lily", "wild rose"}
    assert session.datasets.get(1).schema.classes == ("lily", "rose")
    session.history.undo()
    assert [item.id for item in session.datasets.all()] == [1]


def test_a_class_is_merged_into_another_one(session):
    session.relabelling.set(1, range(10), "aster", is_new_class=True)
    session.relabelling.set(1, range(10, 30), "tulip", is_new_class=True)
    with pytest.raises(UserError, match="labels wait"):
        session.versions.rename_class(1, "rose", "lily")
    four = session.jobs.wait(session.relabelling.make_version(1), 60)
    three = session.jobs.wait(session.versions.rename_class(four.id, "aster", "tulip"), 60)
    assert three.change == "Merged class aster into tulip"
    assert three.schema.classes == ("lily", "rose", "tulip")
    assert (session.datasets.samples(three.id).y[:30] == 2).all()
    assert three.imported.class_counts[2] == 30
    assert sum(three.imported.class_counts) == 240
    run = session.training.wait(session.training.start(three.id, "mlp", {}, TrainConfig(epochs=1)), 60)
    assert run.state is RunState.FINISHED, run.message
    with pytest.raises(UserError, match="One class alone"):
        session.versions.rename_class(1, "rose", "lily")
    with pytest.raises(UserError, match="already"):
        session.versions.rename_class(1, "rose", " rose ")
