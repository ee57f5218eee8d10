"""Runs over several seeds from the command line."""

import statistics

import pytest

from workbench.core.configs import SplitConfig, StepConfig
from workbench.services.projects import open_project


def test_seeds_are_trained_one_after_the_other_and_told_with_mean_and_deviation(workbench, garden):
    words = [
        "train",
        garden,
        1,
        "mlp",
        "--set",
        "epochs=2",
        "--set",
        "seed=7",
        "--seeds",
        3,
        "--name",
        "trial",
    ]
    answer = workbench(*words, "--json")
    assert answer.code == 0, answer.error
    result = answer.result
    assert len(result["seeds"]) == 3
    assert [item["train"]["seed"] for item in result["items"]] == [7, 8, 9]
    assert {item["group"] for item in result["items"]} == {result["seeds"][0]}
    values = [item["metrics"]["validation/accuracy"] for item in result["items"]]
    assert result["mean"]["validation/accuracy"] == pytest.approx(statistics.fmean(values))
    assert result["deviation"]["validation/accuracy"] == pytest.approx(statistics.stdev(values))
    assert result["finished"] == 3
    steps = [(line["run"], line["step"]) for line in answer.lines if line["event"] == "committed"]
    assert len(steps) == len(set(steps)), "each point is told once"
    assert {run for run, _ in steps} == set(result["seeds"])


def test_people_read_a_line_a_seed_and_a_table(workbench, garden):
    answer = workbench("train", garden, 1, "linear", "--set", "epochs=1", "--seeds", 2, "--name", "pair")
    assert answer.code == 0, answer.error
    for name in ("pair seed 0", "pair seed 1"):
        assert f"{name}: finished after 1 epochs" in answer.out
    (line,) = (line for line in answer.out.splitlines() if line.startswith("validation/accuracy"))
    assert "±" in line
    assert "2 of 2" in line


def test_a_seed_that_diverges_is_left_out_of_the_mean_and_told(workbench, garden):
    words = ["--set", "optimizer=sgd", "--set", "learning_rate=1e6", "--set", "epochs=500", "--seeds", 2]
    answer = workbench("train", garden, 1, "linear", *words, "--json")
    assert answer.code == 1
    assert answer.error.count("diverged") == 2
    assert (answer.result["mean"], answer.result["finished"]) == ({}, 0)


def test_a_number_of_seeds_that_cannot_be_starts_nothing(workbench, garden):
    answer = workbench("train", garden, 1, "linear", "--seeds", 0, "--json")
    assert (answer.code, set(answer.result["fields"])) == (1, {"seeds"})
    with open_project(garden) as session:
        assert len(session.training.all()) == 1


def test_a_saved_recipe_and_all_folds_are_asked_for_by_name(workbench, garden):
    with open_project(garden) as session:
        session.preparation.set_recipe(
            1, (StepConfig(name="min_max"), StepConfig(name="fill_missing"), StepConfig(name="one_hot"))
        )
        session.preparation.save(1, "Small numbers")
        session.preparation.set_recipe(1, None)
        session.datasets.set_split(1, SplitConfig(method="folds", folds=3))
    words = ["train", garden, 1, "linear", "--set", "epochs=1", "--recipe", "Small numbers", "--all-folds"]
    answer = workbench(*words, "--json")
    assert answer.code == 0, answer.error
    assert [item["split"]["fold"] for item in answer.result["items"]] == [1, 2, 3]
    assert {item["preparation"]["recipe"][0]["name"] for item in answer.result["items"]} == {"min_max"}
    assert answer.result["finished"] == 3
    unknown = workbench("train", garden, 1, "linear", "--recipe", "Small numbrs")
    assert unknown.code == 1
    assert "Did you mean Small numbers?" in unknown.error
