"""New versions of a dataset: what changed is kept apart, what stayed is shared, and runs point at the version."""

import shutil

import numpy as np
import pytest

from tests.gui.panes.small_data import import_data, write_pictures
from tests.services.conftest import write_flowers
from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.states import RunState, Split
from workbench.services.doctor import examine
from workbench.services.projects import create_project, open_project


def done(session, job):
    return session.jobs.wait(job, 60)


@pytest.fixture
def pictures(tmp_path):
    with create_project(tmp_path / "Orchard", name="Orchard") as session:
        import_data(session, write_pictures(tmp_path / "shades"))
        yield session


def part_of(session, dataset_id):
    """Return by the name of each sample the part it lies in."""
    names = session.datasets.samples(dataset_id).names
    parts = session.datasets.split_indices(dataset_id)
    return {names[int(place)]: split for split, index in parts.items() for place in index}


def test_removed_samples_are_gone_and_the_rest_stays_as_it_was_in_its_part(pictures):
    before, names = part_of(pictures, 1), list(pictures.datasets.samples(1).names)
    version = done(pictures, pictures.versions.remove(1, [3, 0, 3]))
    assert (version.name, version.version, version.parent_id) == ("shades", 2, 1)
    assert version.change == "Removed 2 samples"
    samples = pictures.datasets.samples(version.id)
    assert list(samples.names) == [name for place, name in enumerate(names) if place not in (0, 3)]
    assert version.imported.class_counts == (18, 20)
    after = part_of(pictures, version.id)
    assert after == {name: part for name, part in before.items() if name in after}
    left = np.setdiff1d(np.arange(40), [0, 3])
    np.testing.assert_array_equal(samples.x[:], pictures.datasets.samples(1).x[left])


def test_a_version_takes_no_room_for_its_samples(pictures):
    version = done(pictures, pictures.versions.remove(1, [0]))
    folder = pictures.folder.resolve(version.folder)
    pixels = pictures.datasets.samples(1).x.nbytes
    assert not list(folder.glob("pictures*"))
    assert pictures.datasets.samples(version.id).x.shape == (39, 1, 8, 8)
    assert pixels > 0


def test_relabelled_samples_have_their_new_class_wherever_they_are_shown(pictures):
    version = done(pictures, pictures.versions.relabel(1, {0: "light", 5: "light"}))
    assert version.change == "Relabelled 2 samples"
    assert version.imported.class_counts == (18, 22)
    assert [row[1] for row in pictures.datasets.rows(version.id, 0, 7)] == [
        *("light", "dark", "dark", "dark", "dark", "light", "dark")
    ]
    assert pictures.datasets.samples(1).y[0] == 0, "the version before keeps its labels"
    again = done(pictures, pictures.versions.remove(version.id, [0]))
    assert pictures.datasets.rows(again.id, 4, 5)[0][1] == "light"


def test_moved_samples_lie_where_they_were_put_and_only_they(pictures):
    before = part_of(pictures, 1)
    test = int(pictures.datasets.split_indices(1)[Split.TEST][0])
    version = done(pictures, pictures.versions.move(1, {test: Split.TRAIN}))
    after = part_of(pictures, version.id)
    changed = {name for name in after if after[name] is not before[name]}
    assert changed == {pictures.datasets.samples(1).names[test]}


def test_a_dropped_column_stays_in_view_and_is_not_learnt_from(session):
    version = done(session, session.versions.drop_columns(1, ["width"]))
    assert [column.name for column in version.schema.used_columns] == ["length", "colour"]
    assert session.datasets.samples(version.id).x.shape == (240, 2)
    assert session.datasets.rows(version.id, 0, 3) == session.datasets.rows(1, 0, 3)
    run = session.training.wait(session.training.start(version.id, "mlp", {}, TrainConfig(epochs=2)), 60)
    assert run.state is RunState.FINISHED, run.message
    assert run.dataset_id == version.id


def test_another_source_is_added_with_its_new_class_and_the_first_keep_their_parts(pictures, tmp_path):
    folder = write_pictures(tmp_path / "more", 12)
    (folder / "dark").rename(folder / "darkest")
    # The generator is seeded: without a change its pictures would be the same ones.
    shutil.rmtree(folder / "light")
    shutil.copytree(tmp_path / "shades" / "light", folder / "light")
    other = import_data(pictures, folder)
    version = done(pictures, pictures.versions.join(1, other.id))
    assert version.schema.classes == ("dark", "light", "darkest")
    assert version.imported.class_counts == (20, 40, 12)
    samples = pictures.datasets.samples(version.id)
    np.testing.assert_array_equal(samples.x[40:], pictures.datasets.samples(other.id).x[:])
    np.testing.assert_array_equal(samples.x[[39, 40]][1], samples.x[40])
    assert pictures.datasets.rows(version.id, 39, 41)[1][1] == "darkest"
    before, after = (pictures.datasets.split_indices(each) for each in (1, version.id))
    for split, index in before.items():
        np.testing.assert_array_equal(after[split][after[split] < 40], index)


def test_what_does_not_fit_is_not_added_and_says_why(session, tmp_path):
    other = import_data(session, write_pictures(tmp_path / "shades"))
    with pytest.raises(UserError, match="is of another kind"):
        session.versions.join(1, other.id)
    twice = done(session, session.versions.remove(1, [0]))
    with pytest.raises(UserError, match="shares samples"):
        done(session, session.versions.join(twice.id, 1))


def test_a_version_is_trained_and_judged_like_an_import(session):
    version = done(session, session.versions.remove(1, list(range(0, 240, 3))))
    run = session.training.wait(session.training.start(version.id, "mlp", {}, TrainConfig(epochs=2)), 60)
    assert run.state is RunState.FINISHED, run.message
    judged = done(session, session.evaluation.evaluate(run.id))
    assert judged.count == len(session.datasets.split_indices(version.id)[Split.TEST])


def test_undo_puts_a_version_into_the_bin_and_redo_brings_it_back(session):
    version = done(session, session.versions.remove(1, [0]))
    session.history.undo()
    assert [item.id for item in session.datasets.bin()] == [version.id]
    session.history.redo()
    assert session.datasets.bin() == []
    assert len(session.datasets.samples(version.id)) == 239


def test_a_version_outlives_its_parent_in_the_bin_and_doctor_leaves_what_it_needs(session, garden):
    version = done(session, session.versions.relabel(1, {0: "rose", 1: "lily"}))
    session.datasets.delete(1)
    assert len(session.datasets.samples(version.id)) == 240
    session.close()
    assert [item for item in examine(garden, repair=True) if item.harmful] == []
    with open_project(garden) as again:
        assert len(again.datasets.samples(version.id)) == 240
        assert [item.id for item in again.versions.line(version.id)] == [version.id, 1]


def test_doctor_names_a_version_whose_samples_are_gone_or_whose_selection_is_cut(session, garden):
    version = done(session, session.versions.remove(1, [0]))
    positions = session.folder.resolve(version.folder) / "positions.npy"
    session.close()
    np.save(positions, np.full(239, 10_000))
    problems = [item.message for item in examine(garden) if item.harmful]
    assert len(problems) == 1
    assert "missing or damaged" in problems[0]


def test_a_selection_never_leads_out_of_the_folder_of_datasets(session):
    version = done(session, session.versions.remove(1, [0]))
    path = session.folder.resolve(version.folder) / "selection.json"
    path.write_text(path.read_text().replace(session.datasets.get(1).folder.split("/")[-1], "../../etc"))
    with pytest.raises(UserError, match="missing or damaged"):
        session.datasets.samples(version.id)


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (lambda v: v.remove(1, []), "No sample is chosen"),
        (lambda v: v.remove(1, [240]), "not in this version"),
        (lambda v: v.relabel(1, {0: "tulip"}), "no class tulip"),
        (lambda v: v.drop_columns(1, ["length", "width", "colour"]), "every column"),
        (lambda v: v.drop_columns(1, ["flower"]), "column flower"),
    ],
)
def test_what_makes_no_version_is_refused_in_words(session, wish, words):
    with pytest.raises(UserError, match=words):
        wish(session.versions)
    assert len(session.datasets.all()) == 1


def test_removing_all_samples_is_refused(session):
    with pytest.raises(UserError, match="leave some"):
        done(session, session.versions.remove(1, range(240)))
    assert len(session.datasets.all()) == 1
    assert len(list(session.folder.datasets.iterdir())) == 1, "nothing is left behind"


def test_samples_too_many_for_memory_are_trained_from_a_file(session, monkeypatch):
    version = done(session, session.versions.remove(1, [0]))
    x = session.datasets.samples(version.id).x
    expected = x.whole()
    monkeypatch.setattr("workbench.datasets.selected_array._IN_MEMORY_BYTES", 0)
    found = x.whole()
    assert isinstance(found, np.memmap)
    np.testing.assert_array_equal(found, expected)


def test_the_same_file_imported_again_is_not_taken_for_a_version(session, tmp_path):
    done(session, session.versions.remove(1, [0]))
    again = import_data(session, write_flowers(tmp_path / "flowers.csv"), target="flower")
    assert again.id == 1
