"""Augmentation of a dataset: set, undone, shown, and what a run begins with."""

import re

import numpy as np
import pytest

from tests.gui.panes.small_data import import_data, new_project, write_pictures, write_table
from workbench.core.augmentation import in_words, preset
from workbench.core.configs import PrepareConfig, StepConfig, TrainConfig
from workbench.core.errors import DataError
from workbench.core.states import Modality, RunState
from workbench.services import augmentation
from workbench.services.ancestry import changes
from workbench.training import data as data_module


@pytest.fixture
def project(tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_pictures(tmp_path / "shades"))
        import_data(session, write_table(tmp_path / "fruit.csv"))
        yield session


def step(name, **fields):
    return StepConfig(name=name, fields={"probability": 1.0, **fields})


def test_steps_are_kept_with_the_dataset_and_can_be_undone(project):
    assert project.augmentation.of(1) == ()
    project.augmentation.set_steps(1, [step("rotation")])
    assert project.augmentation.of(1) == (step("rotation"),)
    assert project.history.undo_label == "Augmentation of shades"
    project.history.undo()
    assert project.datasets.get(1).preparation is None
    project.history.redo()
    assert project.augmentation.of(1) == (step("rotation"),)


def test_what_is_set_already_is_no_step_to_undo(project):
    label = project.history.undo_label
    project.augmentation.set_steps(1, [])
    assert project.history.undo_label == label


def test_a_recipe_stays_when_the_augmentation_changes(project):
    recipe = (StepConfig(name="scale_pixels"),)
    project.store.datasets.set_preparation(1, PrepareConfig(recipe=recipe))
    project.augmentation.set_steps(1, [step("rotation")])
    assert project.datasets.get(1).preparation == PrepareConfig(
        recipe=recipe, augmentation=(step("rotation"),)
    )


def test_pictures_are_shown_before_and_after_the_same_again_for_the_same_seed(project):
    steps = preset("strong", project.datasets.get(1).schema)
    shown = project.augmentation.show(1, steps, seed=3)
    assert shown.modality is Modality.PICTURE
    assert shown.before.shape == (8, 1, 8, 8)
    assert shown.before.dtype == np.uint8
    assert set(shown.labels) == {"dark", "light"}
    assert len(shown.after) == 4
    assert all(after.dtype == np.uint8 and after.shape == (8, 1, 8, 8) for after in shown.after)
    assert all((after != shown.before).any() for after in shown.after)
    again, other = (project.augmentation.show(1, steps, seed=seed) for seed in (3, 4))
    assert all((a == b).all() for a, b in zip(shown.after, again.after, strict=True))
    assert any((a != b).any() for a, b in zip(shown.after, other.after, strict=True))
    plain = project.augmentation.show(1, [], seed=3)
    assert all((after == plain.before).all() for after in plain.after)


def test_of_large_pictures_only_a_few_are_read(project, monkeypatch):
    # 64 bytes a picture, of which 28 are in the training split.
    monkeypatch.setattr(augmentation, "_TO_FIT_BYTES", 64 * 10)
    read = []
    prepare = data_module.prepare
    monkeypatch.setattr(data_module, "prepare", lambda x, *others: read.append(len(x)) or prepare(x, *others))
    shown = project.augmentation.show(1, [step("rotation")], seed=0)
    assert read == [10]
    assert len(shown.before) == 8


def test_rows_are_shown_in_their_own_units(project):
    shown = project.augmentation.show(2, [step("number_noise", amount=0.5)], seed=0)
    assert shown.modality is Modality.TABLE
    before, after = (np.array(rows).astype(float) for rows in (shown.before, shown.after[0]))
    assert before.shape == (8, 3)
    assert (after != before).any()
    # The classes are at about 0 and 3, with deviation 1.
    assert np.abs(after).max() < 8


def test_mixed_rows_tell_the_shares_of_their_categories_and_dates_stay_dates(project, tmp_path):
    lines = [f"{('red', 'blue', '')[k % 3]},2024-03-{k % 28 + 1:02d},{k},{'ab'[k % 2]}" for k in range(90)]
    (tmp_path / "mixed.csv").write_text("\n".join(["colour,day,number,y", *lines]) + "\n")
    import_data(project, tmp_path / "mixed.csv", target="y")
    shown = project.augmentation.show(3, [step("mixup", alpha=2.0)], seed=0)
    colours = {row[0] for row in shown.before}
    assert colours <= {"red", "blue", ""}
    mixed = [row[0] for rows in shown.after for row in rows if row[0] not in colours]
    assert mixed
    assert all(re.fullmatch(r"\d+% (red|blue)(, \d+% (red|blue))?", text) for text in mixed)
    assert all(re.fullmatch(r"2024-03-\d\d", row[1]) for row in shown.before)
    assert all(row[1].startswith("2024-03-") for rows in shown.after for row in rows)


def test_what_is_offered_suits_the_dataset(project):
    assert {"rotation", "mixup", "erasing"} <= set(project.augmentation.offer(1).steps)
    assert set(project.augmentation.offer(2).steps) == {"number_noise", "value_swap", "mixup"}


def test_a_step_for_other_samples_is_told_in_words(project):
    with pytest.raises(DataError, match="Hue is not for such samples"):
        project.augmentation.show(1, [step("hue")], seed=0)


def test_small_objects_before_an_even_ground_are_found(tmp_path):
    from PIL import Image

    random = np.random.default_rng(0)
    for label, size in (("small", 3), ("tiny", 2)):
        (tmp_path / "objects" / label).mkdir(parents=True)
        for number in range(12):
            pixels = random.integers(0, 4, (24, 24)).astype(np.uint8)
            top, left = random.integers(1, 20, 2)
            pixels[top : top + size, left : left + size] = 220
            Image.fromarray(pixels).save(tmp_path / "objects" / label / f"{number}.png")
    with new_project(tmp_path) as session:
        import_data(session, tmp_path / "objects")
        import_data(session, write_pictures(tmp_path / "shades"))
        offer = session.augmentation.offer(1)
        assert offer.small_objects
        crop = [StepConfig(name="shift"), StepConfig(name="resize_crop")]
        assert list(session.augmentation.risks(1, crop, offer.small_objects)) == [1]
        assert not session.augmentation.offer(2).small_objects


def test_a_run_begins_with_the_augmentation_of_its_dataset_and_keeps_it(project):
    steps = preset("light", project.datasets.get(1).schema)
    project.augmentation.set_steps(1, steps)
    run_id = project.training.start(1, "convnet", {}, TrainConfig(epochs=2))
    assert project.training.wait(run_id, 120).state is RunState.FINISHED
    project.augmentation.set_steps(1, [])
    run = project.training.get(run_id)
    assert run.preparation is not None
    assert in_words(run.preparation.augmentation) == "light"
    plain = project.training.get(project.training.start(1, "convnet", {}, TrainConfig(epochs=2)))
    told = [(change.name, change.before, change.after) for change in changes(plain, run)]
    assert told == [("augmentation", None, "light")]
    project.training.wait(plain.id, 120)
    assert project.training.get(plain.id).weights_sha256 != run.weights_sha256
