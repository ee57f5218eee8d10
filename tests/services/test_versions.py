"""New versions of a dataset: what changed is kept apart, what stayed is shared, and runs point at the version."""

import shutil

import numpy as np
import pytest
from PIL import Image
from scipy.io import wavfile

from tests.gui.panes.small_data import import_data, write_ages, write_numbers, write_pictures
from tests.services.conftest import write_flowers
from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.states import RunState, Split, Task
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


def found(table, words):
    return np.concatenate(list(table.search(words)))


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


def test_what_does_not_fit_is_not_added_and_says_what_to_do(session, tmp_path):
    other = import_data(session, write_pictures(tmp_path / "shades"))
    with pytest.raises(UserError, match="holds pictures, not rows: choose one of the same kind"):
        session.versions.join(1, other.id)
    twice = done(session, session.versions.remove(1, [0]))
    with pytest.raises(UserError, match="shares samples"):
        done(session, session.versions.join(twice.id, 1))


def write_more_flowers(path, *lines, header="colour,flower,width,length"):
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    return path


def test_a_table_with_its_columns_in_another_order_and_a_new_category_is_added(session, tmp_path):
    rows = [
        f"{('blue', 'red')[n % 2]},{('rose', 'tulip')[n % 3 == 0]},{n % 7}.5,{n % 5}.25" for n in range(60)
    ]
    other = import_data(session, write_more_flowers(tmp_path / "more.csv", *rows), target="flower")
    version = done(session, session.versions.join(1, other.id))
    assert version.schema.classes == ("lily", "rose", "tulip")
    colour = version.schema.used_columns[2]
    assert (colour.name, colour.categories) == ("colour", ("red", "white", "blue"))
    samples = session.datasets.samples(version.id)
    np.testing.assert_allclose(samples.x[240], [0.25, 0.5, 2])
    np.testing.assert_allclose(samples.x[[241, 3]][0], [1.25, 1.5, 0])
    assert session.datasets.rows(version.id, 240, 241) == [["0.25", "0.5", "blue", "tulip"]]
    assert session.datasets.table(version.id).rows(np.array([0, 241]))[1] == ["1.25", "1.5", "red", "rose"]
    told = next(item.message for item in version.imported.findings if item.code == "fitted")
    assert "put into the order of this dataset" in told
    assert "colour gets new categories" in told
    run = session.training.wait(session.training.start(version.id, "mlp", {}, TrainConfig(epochs=1)), 60)
    assert run.state is RunState.FINISHED, run.message


def test_a_column_that_is_not_learnt_from_may_be_missing_and_one_that_is_may_not(session, tmp_path):
    first = done(session, session.versions.drop_columns(1, ["colour"]))
    rows = [f"{('rose', 'lily')[n % 2]},{n % 7}.5,{n % 5}.25" for n in range(60)]
    source = write_more_flowers(tmp_path / "more.csv", *rows, header="flower,width,length")
    other = import_data(session, source, target="flower")
    with pytest.raises(UserError, match="no column colour, from which models of flower learn: add it"):
        session.versions.join(1, other.id)
    version = done(session, session.versions.join(first.id, other.id))
    samples = session.datasets.samples(version.id)
    np.testing.assert_allclose(samples.x[239:241][1], [0.25, 0.5])
    assert samples.column("colour")[240] == ""
    assert session.datasets.table(version.id).statistics("colour").missing >= 60
    again = done(session, session.versions.remove(version.id, range(200)))
    assert session.datasets.table(again.id).rows(np.array([40])) == [["0.25", "0.5", "", "rose"]]


def test_a_joined_version_is_itself_added_to_another_dataset(session, tmp_path):
    rows = [
        f"{('blue', 'red')[n % 2]},{('rose', 'lily')[n % 3 == 0]},{n % 7}.5,{n % 5}.25" for n in range(60)
    ]
    second = import_data(session, write_more_flowers(tmp_path / "second.csv", *rows), target="flower")
    third = import_data(
        session,
        write_more_flowers(tmp_path / "third.csv", *[f"{n % 8}.75,{row}" for n, row in enumerate(rows)], header=(
            "length,colour,flower,width,height"
        )),
        target="flower",
    )  # fmt: skip
    both = done(session, session.versions.join(1, second.id))
    third = done(session, session.versions.drop_columns(third.id, ["height"]))
    version = done(session, session.versions.join(third.id, both.id))
    samples = session.datasets.samples(version.id)
    names = [column.name for column in version.schema.used_columns]
    values = dict(zip(names, samples.x[60 + 240], strict=True))
    colours = next(column.categories for column in version.schema.used_columns if column.name == "colour")
    assert (values["length"], values["width"]) == (0.25, 0.5)
    assert colours[int(values["colour"])] == "blue"


def test_pictures_of_another_size_and_colour_are_brought_to_those_of_the_dataset(pictures, tmp_path):
    folder = tmp_path / "wide"
    for label, level in (("dark", 20), ("light", 220)):
        (folder / label).mkdir(parents=True)
        for number in range(6):
            wide = np.full((12, 24, 3), level + number, np.uint8)
            wide[:, :6], wide[:, -6:] = (200, 30, 30), (30, 30, 200)  # cropped away
            Image.fromarray(wide).save(folder / label / f"{number}.png")
    other = import_data(pictures, folder)
    version = done(pictures, pictures.versions.join(1, other.id))
    x = pictures.datasets.samples(version.id).x
    assert x.shape == (52, 1, 8, 8)
    assert x[40].mean() == pytest.approx(20, abs=1)
    np.testing.assert_array_equal(x.whole()[45:47], x[45:47])
    told = next(item.message for item in version.imported.findings if item.code == "fitted")
    assert "24×12 are scaled to cover 8×8 and cropped around the centre" in told
    assert "read in grey" in told
    run = pictures.training.wait(pictures.training.start(version.id, "mlp", {}, TrainConfig(epochs=1)), 60)
    assert run.state is RunState.FINISHED, run.message


def test_recordings_of_another_rate_and_length_are_brought_to_those_of_the_dataset(pictures, tmp_path):
    first = import_data(pictures, write_tones(tmp_path / "tones", 16_000, 0.5), rate=16_000)
    other = import_data(pictures, write_tones(tmp_path / "more", 8_000, 0.3, start=40), rate=8_000)
    version = done(pictures, pictures.versions.join(first.id, other.id))
    x = pictures.datasets.samples(version.id).x
    assert x.shape[1:] == (8_000,)
    assert version.schema.rate == 16_000
    last = x[len(x) - 1]
    assert not last[4_800:].any(), "what is shorter is filled up with silence"
    crossings = np.count_nonzero(np.diff(np.signbit(last[400:4_400])))
    native = pictures.datasets.samples(other.id).x[-1]
    expected = np.count_nonzero(np.diff(np.signbit(native[200:2_200])))
    assert crossings == pytest.approx(expected, abs=1), "the tone keeps its height"
    told = next(item.message for item in version.imported.findings if item.code == "fitted")
    assert "resampled from 8 kHz to 16 kHz" in told
    assert "filled up with silence" in told


def write_tones(folder, rate, seconds, start=0):
    """Write tones of two heights as WAV files."""
    for label, low in (("deep", 200), ("high", 900)):
        (folder / label).mkdir(parents=True)
        for number in range(6):
            times = np.arange(round(rate * seconds)) / rate
            tone = np.sin(2 * np.pi * (low + start + 10 * number) * times) * 20_000
            wavfile.write(folder / label / f"{number}.wav", rate, tone.astype(np.int16))
    return folder


def test_a_version_of_a_table_is_searched_sorted_and_counted_as_its_import(session):
    before = session.datasets.table(1)
    version = done(session, session.versions.remove(1, range(0, 240, 2)))
    after, left = session.datasets.table(version.id), np.arange(1, 240, 2)
    assert after.headings == before.headings
    np.testing.assert_array_equal(found(after, "white"), found(before, "white")[left])
    assert after.rows(np.array([5, 2])) == [before.rows(left[[place]])[0] for place in (5, 2)]
    assert after.statistics("length").count == 120
    assert sum(count for _, count in after.statistics("colour").values) <= 120
    order = after.order("length", descending=True)
    lengths = [float(row[0]) for row in after.rows(order[:5])]
    assert lengths == sorted(lengths, reverse=True)


def test_new_labels_are_found_counted_and_sorted_in_a_version_of_a_table(session):
    was = [row[-1] for row in session.datasets.rows(1, 0, 3)]
    other = ["lily" if name == "rose" else "rose" for name in was]
    version = done(session, session.versions.relabel(1, dict(enumerate(other))))
    table = session.datasets.table(version.id)
    assert [row[-1] for row in table.rows(np.arange(3))] == other
    assert found(table, other[0])[0]
    assert not found(table, was[0])[0]
    assert dict(table.statistics("flower").values)["rose"] == version.imported.class_counts[1]


def test_the_value_of_a_sample_is_set_right_in_a_version(pictures, tmp_path):
    dataset = import_data(pictures, write_numbers(tmp_path / "flats.csv"), target="price")
    version = done(pictures, pictures.versions.relabel(dataset.id, {3: 99.5, 4: "120"}))
    assert pictures.datasets.samples(version.id).y[3:5].tolist() == [99.5, 120.0]
    assert [row[2] for row in pictures.datasets.rows(version.id, 3, 5)] == ["99.5", "120"]
    assert pictures.datasets.table(version.id).rows(np.array([4]))[0][2] == "120"
    with pytest.raises(UserError, match="'many' is no number"):
        pictures.versions.relabel(dataset.id, {3: "many"})


def test_pictures_with_numbers_are_trained_and_judged_by_their_error(pictures, tmp_path):
    dataset = import_data(pictures, write_ages(tmp_path / "ages"))
    assert (dataset.schema.task, dataset.schema.target) == (Task.REGRESSION, "age")
    config = TrainConfig(epochs=12, learning_rate=0.01, batch_size=8)
    run = pictures.training.wait(pictures.training.start(dataset.id, "mlp", {}, config), 60)
    assert run.state is RunState.FINISHED, run.message
    judged = done(pictures, pictures.evaluation.evaluate(run.id))
    assert judged.metrics["r2"] > 0.5
    with pytest.raises(UserError, match="its labels are numbers, not classes: import it again"):
        pictures.versions.join(1, dataset.id)


def test_a_column_that_no_model_learns_from_is_searched_and_counted_in_a_version(session, tmp_path):
    notes = [
        f"{n % 9}.25,{n * 3 % 11}.5,{n % 4}.5,note number {n} on a long walk,{('rose', 'lily')[n % 2]}"
        for n in range(50)
    ]
    source = write_more_flowers(tmp_path / "notes.csv", *notes, header="depth,size,width,remark,flower")
    dataset = import_data(session, source, target="flower")
    assert "remark" not in [column.name for column in dataset.schema.used_columns]
    version = done(session, session.versions.remove(dataset.id, [0]))
    table = session.datasets.table(version.id)
    assert np.flatnonzero(found(table, "number 17 on")).tolist() == [16]
    assert table.statistics("remark").distinct == 49


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


VERSIONS = {
    "remove": lambda v: v.remove(1, [0, 5]),
    "relabel": lambda v: v.relabel(1, {0: "rose", 1: "lily"}),
    "move": lambda v: v.move(1, {0: Split.TEST}),
    "drop_columns": lambda v: v.drop_columns(1, ["width"]),
    "join": lambda v: v.join(1, 2),
}


@pytest.mark.parametrize("kind", VERSIONS)
def test_each_kind_of_version_is_taken_back_done_again_and_known_after_a_reopening(
    session, garden, tmp_path, kind
):
    import_data(session, write_flowers(tmp_path / "more.csv", seed=9, count=40), target="flower")
    version = done(session, VERSIONS[kind](session.versions))
    x, y = (
        np.array(session.datasets.samples(version.id).x[:]),
        np.array(session.datasets.samples(version.id).y),
    )
    parts = part_of_all(session, version.id)
    session.history.undo()
    assert [item.id for item in session.datasets.all()] == [1, 2]
    session.history.redo()
    session.close()
    with open_project(garden) as again:
        samples = again.datasets.samples(version.id)
        np.testing.assert_array_equal(samples.x[:], x)
        np.testing.assert_array_equal(samples.y, y)
        assert part_of_all(again, version.id) == parts
        assert again.datasets.get(version.id).change == version.change


def part_of_all(session, dataset_id):
    return {split: index.tolist() for split, index in session.datasets.split_indices(dataset_id).items()}


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
