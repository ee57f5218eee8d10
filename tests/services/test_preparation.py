"""Preparation: a recipe is edited, saved, learnt with, and applied the same way to new data."""

import csv

import numpy as np
import pytest

from tests.gui.panes.small_data import import_data, new_project, write_pictures
from workbench.core.configs import PrepareConfig, SplitConfig, StepConfig, TrainConfig
from workbench.core.errors import UserError
from workbench.core.states import RunState, Split
from workbench.services.preparation import recipe_words


def steps(*names, **fields):
    return tuple(StepConfig(name=name, fields=fields.get(name, {})) for name in names)


def write_loans(path, rows=240, colours=("red", "green", "blue")):
    """Write a CSV with gaps, a category, an outlier, and one class in six."""
    random = np.random.default_rng(4)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["income", "age", "colour", "customer", "late"])
        for row in range(rows):
            late = row % 6 == 0
            income = random.lognormal(3 + late, 0.4) if row % 17 else 1e5
            age = f"{random.normal(40 - 10 * late, 5):.2f}" if row % 11 else ""
            writer.writerow(
                [f"{income:.3f}", age, colours[row % len(colours)], f"K{row // 4}", ("no", "yes")[late]]
            )
    return path


@pytest.fixture
def loans(tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_loans(tmp_path / "loans.csv"), target="late")
        yield session


def test_the_usual_steps_stand_there_until_others_are_chosen_and_undo_brings_them_back(loans):
    dataset = loans.datasets.get(1)
    assert [step.name for step in loans.preparation.recipe(dataset)] == [
        "fill_missing",
        "standardize",
        "one_hot",
    ]
    loans.preparation.set_recipe(1, steps("fill_missing", "ordinal"), "Use ordinal numbers")
    assert recipe_words(loans.datasets.get(1).preparation) == "Fill missing → Ordinal"
    assert loans.history.undo() == "Use ordinal numbers"
    assert loans.datasets.get(1).preparation is None
    assert recipe_words(None) == "usual steps"


def test_a_recipe_is_saved_with_a_name_used_elsewhere_and_told_by_its_nearest_name(loans, tmp_path):
    loans.preparation.set_recipe(1, steps("fill_missing", "ordinal", "min_max"))
    loans.preparation.save(1, "Small numbers")
    other = import_data(loans, write_loans(tmp_path / "more.csv", rows=120), target="late")
    (saved,) = loans.preparation.saved(other)
    loans.preparation.set_recipe(other.id, saved.preparation.recipe)
    assert recipe_words(loans.datasets.get(other.id).preparation) == "Fill missing → Ordinal → Min max"
    with pytest.raises(UserError, match="Small numbers"):
        loans.preparation.find("Small number")
    loans.preparation.remove(1, "Small numbers")
    assert loans.preparation.saved(other) == []
    loans.history.undo()
    assert [recipe.name for recipe in loans.preparation.saved(other)] == ["Small numbers"]


def test_a_recipe_for_rows_is_not_offered_for_pictures_and_keeps_its_name(loans, tmp_path):
    loans.preparation.save(1, "Rows")
    shades = import_data(loans, write_pictures(tmp_path / "shades"))
    assert loans.preparation.saved(shades) == []
    with pytest.raises(UserError, match="table"):
        loans.preparation.save(shades.id, "Rows")


WHOLE = steps(
    "cap_outliers",
    "drop_missing",
    "fill_missing",
    "log",
    "target_encode",
    "combine",
    "standardize",
    "smote",
    combine={"operation": "product", "first": "income", "second": "age"},
    fill_missing={"indicator": True},
)


def test_a_run_learns_through_its_recipe_and_new_data_goes_the_same_way(loans, tmp_path):
    loans.preparation.set_recipe(1, WHOLE)
    run_id = loans.training.start(1, "mlp", {"width": 16}, TrainConfig(epochs=20, target="thread"))
    run = loans.training.wait(run_id, 60)
    assert run.state is RunState.FINISHED, run.message
    # The dataset goes on; the run keeps what it began with, every setting told.
    loans.preparation.set_recipe(1, None)
    kept = loans.training.get(run_id).preparation
    assert recipe_words(kept) == (
        "Cap outliers → Drop missing → Fill missing → Log → Target encode → Combine → Standardize → Smote"
    )
    assert kept.recipe[0].fields == {"method": "iqr", "times": 3.0, "share": 0.01}
    evaluation = loans.jobs.wait(loans.evaluation.evaluate(run_id), 60)
    assert evaluation.count == len(loans.datasets.split_indices(1)[Split.TEST]), (
        "no test row is dropped or made"
    )
    assert evaluation.metrics["accuracy"] > 0.8
    # A colour that nobody knows, a gap, and an income beyond all others.
    source, out = tmp_path / "new.csv", tmp_path / "out.csv"
    source.write_text(
        "income,age,colour\n20,45,violet\n,,red\n9e9,30,green\n20,45,violet\n", encoding="utf-8"
    )
    result = loans.jobs.wait(loans.evaluation.predict(run_id, source, out), 60)
    assert result.count == 4
    assert result.unread == (
        "2 values of colour, such as 'violet', did not occur or cannot be read: taken as missing.",
    )
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert all(0.0 <= float(row["probability"]) <= 1.0 for row in rows)
    assert rows[0]["probability"] == rows[3]["probability"]


def test_a_run_that_is_balanced_sees_both_classes_alike_and_is_judged_on_what_there_is(loans):
    config = TrainConfig(epochs=1, target="thread", batch_size=8)
    usual = steps("fill_missing", "standardize", "one_hot")
    plain, balanced = (
        loans.training.start(1, "linear", {}, config, preparation=PrepareConfig(recipe=recipe))
        for recipe in (usual, (*usual, StepConfig(name="over_sample")))
    )
    train = loans.datasets.split_indices(1)[Split.TRAIN]
    rare = int((loans.datasets.samples(1).y[train] == 1).sum())
    first, second = (loans.training.wait(run_id, 60) for run_id in (plain, balanced))
    assert first.steps == -(-len(train) // 8)
    assert second.steps == -(-2 * (len(train) - rare) // 8)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (steps("fill_missing"), "colour is still a category: add a step"),
        ((), "colour is still a category"),
        (steps("pca"), "put a step that encodes them before"),
        (steps("resize"), "not for such data"),
        (steps("combine", combine={"first": "wealth"}), "no number column wealth"),
        ((StepConfig(name="no_such"),), "There is no transform"),
        (steps("pca", pca={"count": 0}), "at least 1"),
    ],
)
def test_a_recipe_that_cannot_work_refuses_the_run_in_one_sentence(loans, recipe, words):
    loans.preparation.set_recipe(1, recipe)
    with pytest.raises(UserError, match=words):
        loans.training.start(1, "linear")
    assert loans.training.all() == []


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        (
            steps("one_hot", "pca"),
            "PCA needs rows without missing values: put Fill missing values before it.",
        ),
        (steps("one_hot"), "age still has missing values: add Fill missing values."),
        (steps("one_hot", "drop_missing"), "age still has missing values"),
    ],
)
def test_what_only_the_data_can_tell_fails_the_run_with_what_to_do(loans, recipe, words):
    loans.preparation.set_recipe(1, recipe)
    run_id = loans.training.start(1, "linear", {}, TrainConfig(target="thread"))
    with pytest.raises(UserError):
        loans.jobs.wait(loans.training.job(run_id).id, 60)
    assert words in loans.training.get(run_id).message


def test_the_model_is_checked_as_it_will_be_trained(loans):
    loans.preparation.set_recipe(1, steps("fill_missing", "one_hot", "combine", "smote"))
    check = loans.models.check(1, "linear", {}, TrainConfig())
    # income, age and three colours; twenty ratios; two classes with a bias each.
    assert check.parameters == (5 + 20 + 1) * 2


def test_a_step_is_seen_on_the_training_split_before_and_after(loans):
    recipe = steps("fill_missing", "one_hot", "drop_outliers")
    train = len(loans.datasets.split_indices(1)[Split.TRAIN])
    raw = loans.preparation.view(1, recipe, -1)
    assert (raw.looked_at, raw.of) == (train, train)
    assert raw.before.headings == ("income", "age", "colour")
    assert any(row[1] == "" for row in raw.before.rows)
    view = loans.preparation.view(1, recipe, 1)
    changes = {column.name: column.change for column in view.columns}
    assert changes == {
        "income": "",
        "age": "",
        "colour = blue": "added",
        "colour = green": "added",
        "colour = red": "added",
        "colour": "removed",
    }
    assert view.fits["pca"] == ""
    assert "resize" not in view.fits
    dropped = loans.preparation.view(1, recipe, 2)
    assert dropped.after.count < dropped.before.count == train
    off = (*recipe[:2], recipe[2].model_copy(update={"on": False}))
    assert loans.preparation.view(1, off, 2).after.count == train


def test_a_step_that_does_not_work_says_so_at_its_place_and_the_data_stays_as_it_came(loans):
    view = loans.preparation.view(1, steps("fill_missing", "lda", "one_hot"), 1)
    assert view.problems == {1: "There are categories left: put a step that encodes them before this one."}
    assert view.after == view.before
    later = loans.preparation.view(1, steps("fill_missing", "lda"), 0)
    assert list(later.problems) == [1]


def test_what_the_last_step_leaves_over_is_said_beside_it(loans):
    view = loans.preparation.view(1, steps("one_hot", "standardize"), 1)
    assert view.problems == {1: "age still has missing values: add Fill missing values."}
    assert loans.preparation.view(1, steps("one_hot", "fill_missing"), 1).problems == {}


def test_pictures_are_seen_before_and_after(tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_pictures(tmp_path / "shades"))
        view = session.preparation.view(1, steps("resize", "scale_pixels", resize={"size": 16}), 0)
        assert view.before.pictures.shape[2:] == (8, 8)
        assert view.after.pictures.shape[2:] == (16, 16)
        scaled = session.preparation.view(1, steps("scale_pixels"), 0)
        (grey,) = scaled.columns
        assert (grey.name, grey.change) == ("Grey", "changed")
        assert grey.mean == 0.0
        assert grey.deviation == pytest.approx(1.0)


def test_every_fold_is_trained_once_and_together_they_say_mean_and_deviation(loans):
    with pytest.raises(UserError, match="not divided in folds"):
        loans.training.repeat(1, "linear", {}, TrainConfig(), 1, all_folds=True)
    loans.datasets.set_split(1, SplitConfig(method="folds", folds=3))
    ids = loans.training.repeat(
        1, "linear", {}, TrainConfig(epochs=1, target="thread"), 1, "cross", all_folds=True
    )
    runs = [loans.training.wait(run_id, 60) for run_id in ids]
    assert [run.name for run in runs] == ["cross fold 1", "cross fold 2", "cross fold 3"]
    held = [set(loans.datasets.split_indices(1, run.split)[Split.VALIDATION].tolist()) for run in runs]
    test = set(loans.datasets.split_indices(1)[Split.TEST].tolist())
    assert set().union(*held) == set(range(240)) - test
    assert sum(map(len, held)) == 240 - len(test)
    assert loans.training.spread(ids[0])["validation/accuracy"].count == 3


def test_a_split_that_cannot_be_made_is_refused_and_the_old_one_stays(loans):
    with pytest.raises(UserError, match="no date or number in colour"):
        loans.datasets.set_split(1, SplitConfig(method="by_time", column="colour"))
    assert loans.datasets.get(1).split == SplitConfig()
    loans.datasets.set_split(1, SplitConfig(method="grouped", column="customer"))
    customers = loans.datasets.samples(1).column("customer")
    parts = loans.datasets.split_indices(1).values()
    assert sum(len({customers[place] for place in part}) for part in parts) == len(set(customers))


def test_a_row_that_nothing_fills_gets_no_answer_and_is_told(loans, tmp_path):
    rows = [f"{k % 7},{k % 5},{'pq'[k % 2]}" for k in range(100)]
    (tmp_path / "whole.csv").write_text("\n".join(["a,b,y", *rows]), encoding="utf-8")
    whole = import_data(loans, tmp_path / "whole.csv", target="y")
    config = TrainConfig(epochs=1, target="thread")
    recipe = PrepareConfig(recipe=steps("standardize"))
    run_id = loans.training.start(whole.id, "linear", {}, config, preparation=recipe)
    assert loans.training.wait(run_id, 60).state is RunState.FINISHED
    source, out = tmp_path / "new.csv", tmp_path / "out.csv"
    source.write_text("a,b\n1,2\n,3\n4,4\n", encoding="utf-8")
    result = loans.jobs.wait(loans.evaluation.predict(run_id, source, out), 60)
    assert result.count == 2
    assert [(it.path, it.reason) for it in result.skipped] == [
        ("row 3", "a value is missing that the recipe of the run does not fill")
    ]
    with out.open(encoding="utf-8") as file:
        assert [row["sample"] for row in csv.DictReader(file)] == ["row 2", "row 4"]


def test_gaps_that_are_left_fail_the_run_with_their_column_also_while_rows_are_augmented(loans):
    config = TrainConfig(epochs=2, target="thread")
    recipe = PrepareConfig(
        recipe=steps("drop_missing", "standardize", "one_hot"), augmentation=steps("number_noise")
    )
    run = loans.training.wait(loans.training.start(1, "mlp", {}, config, preparation=recipe), 60)
    assert run.state is RunState.FAILED
    assert "age still has missing values: add Fill missing values." in run.message
