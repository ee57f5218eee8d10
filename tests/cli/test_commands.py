"""Every command does what the window does and says so as JSON lines or as text."""

import csv
import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from workbench.core.errors import DiskError
from workbench.core.registry import Registry
from workbench.services.projects import open_project


def test_how_a_table_is_written_can_be_said(done, tmp_path):
    source, project = tmp_path / "plain.csv", tmp_path / "project"
    done("new", project)
    lines = [f"0{n % 4}1;{n},5;0{1 + n % 5}/0{1 + n % 3}/2024;{'ab'[n % 2]}" for n in range(40)]
    source.write_text("\n".join(lines))
    told = ["--no-header", "--decimal", ",", "--type", "column 1=unused", "--type", "column 3=date mdy"]
    imported = done("import", project, source, *told)
    assert (imported["found"], imported["target"]) == (40, "column 4")
    details = imported["details"]
    assert (details["has_header"], details["decimal"], details["dates"]) == ("no", ",", {"column 3": "mdy"})
    assert details["numbers"] == {"column 2": [",", "", ""]}
    assert "ambiguous_dates" not in {finding["code"] for finding in imported["findings"]}


def test_from_nothing_to_predictions(done, workbench, tmp_path, template):
    project, source = tmp_path / "new", template / "flowers.csv"
    assert done("new", project)["project"] == str(project)
    imported = done("import", project, source, "--name", "garden", "--kind", "table", "--target", "flower")
    assert imported["found"] == imported["imported"] + imported["duplicates"] + len(imported["skipped"])
    assert (imported["kind"], imported["classes"], imported["name"]) == ("table", ["lily", "rose"], "garden")
    assert {"code", "severity", "count", "message"} <= set(imported["findings"][0])
    (dataset,) = done("datasets", project)["items"]
    assert (dataset["dataset"], dataset["name"]) == (imported["dataset"], "garden")
    models = done("models", project, "garden")["items"]
    assert {item["model"] for item in models} == {"linear", "mlp"}, "a CNN does not fit a table"
    assert [item["recommended"] for item in models] == [True, False]
    assert all(item["reason"] for item in models)

    settings = [
        "--set",
        "epochs=4",
        "--set",
        "learning_rate=2e-2",
        "--set",
        "width=1e1",
        "--set",
        "dropout=0.1",
    ]
    answer = workbench("train", project, "garden", "mlp", *settings, "--name", "tom", "--json")
    assert answer.code == 0, answer.error
    trained = answer.result
    assert (trained["name"], trained["state"], trained["epochs"]) == ("tom", "finished", 4)
    assert trained["settings"] == {"width": 10, "depth": 2, "batch_norm": False, "dropout": 0.1}
    committed = [line for line in answer.lines if line["event"] == "committed"]
    assert committed[-1]["step"] == trained["steps"]
    assert all(set(line) >= {"run", "epoch", "step", "metrics"} for line in committed)
    files = [line for line in answer.lines if line["event"] == "checkpoint"]
    assert all(len(line["sha256"]) == 64 for line in files)
    assert files

    (run,) = done("runs", project)["items"]
    assert {key: run[key] for key in trained if key in run and key != "event"} == run
    series = done("metrics", project, "tom")["series"]
    assert series["train/loss"]["steps"] == list(range(1, trained["steps"] + 1))
    for line in committed:
        for name, value in line["metrics"].items():
            place = series[name]["steps"].index(line["step"])
            assert series[name]["values"][place] == value

    judged = done("evaluate", project, trained["run"], "--split", "validation")
    assert (judged["split"], judged["confusion"]["labels"]) == ("validation", ["lily", "rose"])
    assert sum(map(sum, judged["confusion"]["counts"])) == judged["count"]
    assert judged["metrics"]["accuracy"] > 0.6
    assert [item["label"] for item in judged["per_class"]] == ["lily", "rose"]
    predicted = done("predict", project, "tom", source, "-o", tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == predicted["count"] == imported["imported"]
    assert predicted["skipped"] == []
    assert done("doctor", project) == {
        "event": "result", "project": str(project), "ok": True, "problems": []
    }  # fmt: skip


def test_the_same_file_again_is_the_same_dataset(done, garden):
    again = done("import", garden, garden.parent / "flowers.csv", "--target", "flower")
    assert (again["dataset"], again["again"]) == (1, True)
    assert len(done("datasets", garden)["items"]) == 1


def test_the_same_seed_gives_the_same_weights(done, garden):
    words = ["train", garden, 1, "mlp", "--set", "epochs=2", "--set", "dropout=0.2"]
    assert done(*words)["weights_sha256"] == done(*words)["weights_sha256"]
    assert done(*words, "--set", "seed=1")["weights_sha256"] != done(*words)["weights_sha256"]


def test_starters_are_listed_and_made(done, workbench, tmp_path):
    names = [item["starter"] for item in done("new", "--starter", "list")["items"]]
    assert names[:2] == ["digits", "breast-cancer"]
    made = done("new", tmp_path / "cancer", "--starter", "breast-cancer")
    assert (made["starter"], made["name"], made["imported"]) == ("breast-cancer", "cancer", 569)
    answer = workbench("new", tmp_path / "cancer")
    assert answer.code == 1
    assert "is a project already" in answer.error


def test_a_diverged_run_is_told_in_the_result_and_on_stderr(workbench, garden):
    words = ["--set", "optimizer=nesterov", "--set", "learning_rate=1e6", "--set", "epochs=500", "--json"]
    answer = workbench("train", garden, 1, "linear", *words)
    assert answer.code == 1
    assert answer.error.count("\n") == 1
    assert "smaller learning rate" in answer.error
    assert answer.result["state"] == "diverged"
    assert answer.result["metrics"]["train/loss"] is None
    assert "train/loss" in answer.result["not_finite"]
    curve = workbench("metrics", garden, answer.result["run"], "--json").result
    assert curve["series"]["train/loss"]["values"][-1] is None
    assert "train/loss" in curve["not_finite"]


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        (["wdth=3"], "wdth", "Did you mean width"),
        (["epohcs=3"], "epohcs", "Did you mean epochs"),
        (["epochs=many"], "epochs", "whole number"),
        (["batch_size=0"], "batch_size", "at least 1"),
        (["learning_rate=nan"], "learning_rate", "finite"),
        (["dropout=1.5"], "dropout", "less than 1"),
        (["optimizer=adem"], None, "Did you mean adam"),
        (["epochs"], "epochs", "KEY=VALUE"),
        (["device=cuda:7"], "device", "There is no device cuda:7"),
    ],
)
def test_a_wrong_setting_is_told_at_its_field(workbench, garden, settings, field, words):
    options = [word for setting in settings for word in ("--set", setting)]
    answer = workbench("train", garden, 1, "mlp", *options, "--json")
    assert answer.code == 1
    assert words in answer.error
    assert answer.error.count("\n") == 1
    assert field is None or field in answer.result["fields"]
    with open_project(garden) as session:
        assert len(session.training.all()) == 1


def test_all_wrong_settings_are_told_together(workbench, garden):
    answer = workbench(
        "train", garden, 1, "mlp", "--set", "a=1", "--set", "epochs=0", "--set", "width=x", "--json"
    )
    assert set(answer.result["fields"]) == {"a", "epochs", "width"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["runs", "{tmp}"], "not a Workbench project"),
        (["import", "{project}", "{tmp}/nothing"], "does not exist"),
        (["import", "{project}", "{source}", "--kind", "tabel"], "Did you mean table"),
        (["import", "{project}", "{source}", "--target", "flwer"], "flwer"),
        (["import", "{project}", "{source}", "--type", "flower"], "COLUMN=TYPE"),
        (["import", "{project}", "{source}", "--type", "flower=nmuber"], "'number'"),
        (["models", "{project}", "flours"], "Did you mean flowers"),
        (["train", "{project}", "1", "convnet"], "Needs pictures"),
        (["train", "{project}", "1", "mpl"], "Did you mean mlp"),
        (["resume", "{project}", "first"], "nothing to resume"),
        (["evaluate", "{project}", "frist"], "Did you mean first"),
        (["predict", "{project}", "first", "{source}", "-o", "{source}"], "choose another file"),
        (["predict", "{project}", "first", "{tmp}/nothing", "-o", "{tmp}/out.csv"], "nothing"),
        (["predict", "{project}", "first", "{source}", "-o", "{tmp}/no/out.csv"], "There is no folder"),
        (["new", "{tmp}/x", "--starter", "digit"], "Did you mean digits"),
    ],
)
def test_wrong_input_is_one_line_that_says_what_to_do(workbench, garden, tmp_path, words, message):
    places = {"tmp": tmp_path, "project": garden, "source": garden.parent / "flowers.csv"}
    answer = workbench(*(word.format(**places) for word in words))
    assert answer.code == 1
    assert answer.error.startswith("error: ")
    assert answer.error.count("\n") == 1
    assert message in answer.error
    assert answer.out == ""


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["trian"], "There is no project or command 'trian'. Did you mean train"),
        (["train"], "Missing argument 'PROJECT'. See workbench train --help."),
        (["runs", "p", "--jsn"], "--jsn"),
        (["evaluate", "p", "1", "--split", "tset"], "tset"),
        (["new"], "PROJECT"),
        (["runs", "p", "extra"], "extra"),
        (["--starter"], "--starter"),
    ],
)
def test_wrong_usage_is_one_line_with_code_2(workbench, words, message):
    answer = workbench(*words)
    assert answer.code == 2
    assert answer.error.startswith("error: ")
    assert answer.error.count("\n") == 1
    assert message in answer.error
    assert answer.out == ""


def test_a_project_that_cannot_be_opened_is_code_4(workbench, garden):
    with open_project(garden):
        for words in (["runs", garden], ["doctor", garden], ["train", garden, 1, "linear"]):
            answer = workbench(*words, "--json")
            assert answer.code == 4, words
            assert "is open in another window (process" in answer.error
            assert answer.result["exit_code"] == 4
        assert workbench("runs", garden, "--read-only", "--json").result["items"]
    with closing(sqlite3.connect(garden / "project.sqlite")) as connection:
        connection.execute("PRAGMA user_version = 999")
    for words in (["runs", garden], ["doctor", garden, "--repair"]):
        answer = workbench(*words)
        assert answer.code == 4
        assert "newer version" in answer.error


def test_the_doctor_says_1_where_something_is_wrong_and_0_once_it_is_mended(workbench, garden):
    (garden / "runs" / "1" / "run.json").unlink()
    (garden / "runs" / "1" / "best-0.pt").write_bytes(b"left over")
    checkpoint = next((garden / "runs" / "1").glob("last-*.pt"))
    aside = checkpoint.rename(garden.parent / checkpoint.name)
    answer = workbench("doctor", garden, "--json")
    assert (answer.code, answer.result["ok"]) == (1, False)
    codes = {item["code"]: item["repaired"] for item in answer.result["problems"]}
    assert codes == {"description_missing": True, "checkpoint_missing": False, "left_over": False}
    aside.rename(checkpoint)
    answer = workbench("doctor", garden, "--repair", "--json")
    assert (answer.code, answer.result["ok"]) == (0, True)
    assert all(item["repaired"] for item in answer.result["problems"])
    assert "Everything is as it should be" in workbench("doctor", garden).out


def test_a_fault_of_ours_is_one_line_with_the_path_of_a_report_and_no_traceback(
    workbench, garden, monkeypatch
):
    from workbench.services.evaluation import EvaluationService
    from workbench.services.training import TrainingService

    def broken(*_, **__):
        raise ZeroDivisionError("by hand")

    monkeypatch.setattr(TrainingService, "all", broken)
    monkeypatch.setattr(EvaluationService, "_evaluate", broken)
    for words in (["runs", garden], ["evaluate", garden, "1"]):
        answer = workbench(*words)
        assert answer.code == 3, words
        assert answer.error.count("\n") == 1
        report = answer.error.rpartition("The report is ")[2].strip().rstrip(".")
        assert "by hand" in Path(report).read_text()
    monkeypatch.setattr(Registry, "get", broken)
    monkeypatch.setattr("workbench.services.projects.open_project", broken)
    answer = workbench("runs", garden)
    assert (answer.code, answer.error.count("\n")) == (3, 1)


def test_a_disk_too_full_for_the_end_state_is_told_as_an_interrupted_run(workbench, garden, monkeypatch):
    from workbench.store.runs import RunRows

    real = RunRows.update

    def update(rows, run_id, **changes):
        if full and "state" in changes:
            raise DiskError("The disk that holds /somewhere is full: free some space there, then go on.")
        return real(rows, run_id, **changes)

    def write(*_):
        full.append(1)
        raise DiskError("The disk that holds /somewhere is full: free some space there, then go on.")

    full = []
    monkeypatch.setattr(RunRows, "update", update)
    monkeypatch.setattr("workbench.training.loop.write_checkpoint", write)
    answer = workbench("train", garden, 1, "linear", "--set", "epochs=2", "--json")
    assert (answer.code, answer.result["state"]) == (1, "interrupted")
    assert "/somewhere is full" in answer.error
    monkeypatch.undo()
    assert workbench("resume", garden, answer.result["run"], "--json").result["state"] == "finished"


def test_names_from_data_cannot_steer_the_terminal(workbench, garden):
    bad = "a\x1b[2J\x07b\u202ec"
    with open_project(garden) as session:
        session.store.datasets.rename(1, bad)
        session.store.runs.rename(1, bad)
    for words in (["datasets"], ["runs"], ["metrics", "1"], ["evaluate", "1"], ["resume", "1"]):
        answer = workbench(words[0], garden, *words[1:])
        for text in (answer.out, answer.error):
            assert not any(letter in text for letter in "\x1b\x07\u202e"), words
    assert json.loads(workbench("runs", garden, "--json").out)["items"][0]["name"] == bad


def test_no_command_leaves_a_thread_or_a_lock_behind(workbench, garden):
    before = threading.active_count()
    for words in (["runs", garden], ["evaluate", garden, "1"], ["train", garden, "9", "mlp"]):
        workbench(*words)
        assert threading.active_count() == before
        open_project(garden).close()


def test_keys_of_what_is_chosen_are_settings_as_well(done, garden):
    words = [
        "optimizer=momentum",
        "momentum=0.95",
        "schedule=step",
        "drops=1e0",
        "budget_min=none",
        "epochs=1",
    ]
    train = done("train", garden, 1, "mlp", *(part for word in words for part in ("--set", word)))["train"]
    assert (train["optimizer_fields"], train["budget_min"]) == ({"momentum": 0.95}, None)
    assert train["schedule_fields"] == {"drops": 1, "drop_factor": 0.1}
    assert (
        done("train", garden, 1, "mlp", "--set", "budget_min=", "--set", "epochs=1")["train"]["budget_min"]
        is None
    )


@pytest.mark.parametrize(
    ("settings", "field", "words"),
    [
        (["optimizer=momentum", "momentm=0.9"], "momentm", "Did you mean momentum"),
        (["momentum=0.9"], "momentum", "choose that as well"),
        (["optimizer=momentum", "momentum=1.5"], "momentum", "less than 1"),
        (["schedule=step", "drop_factr=0.5"], "drop_factr", "Did you mean drop_factor"),
        (["optimizer_fields={}"], "optimizer_fields", "is not a setting of"),
        (["loss=huber"], "loss", "not a loss for classification"),
        (["epochs=auto"], "epochs", "whole number"),
    ],
)
def test_a_wrong_setting_of_what_is_chosen_is_told_at_its_field(workbench, garden, settings, field, words):
    options = [word for setting in settings for word in ("--set", setting)]
    answer = workbench("train", garden, 1, "mlp", *options, "--json")
    assert answer.code == 1
    assert words in answer.error
    assert field in answer.result["fields"]


def test_auto_finds_batch_size_and_learning_rate_before_the_run(workbench, garden):
    words = ["--set", "learning_rate=auto", "--set", "batch_size=auto", "--set", "epochs=1", "--json"]
    answer = workbench("train", garden, 1, "mlp", *words)
    assert answer.code == 0, answer.error
    found = [(line["setting"], line["value"]) for line in answer.lines if line["event"] == "found"]
    assert [name for name, _ in found] == ["batch_size", "learning_rate"], (
        "the rate depends on the batch size"
    )
    train = answer.result["train"]
    assert [(name, train[name]) for name, _ in found] == found
    assert 1e-7 < train["learning_rate"] < 10
    seen = [line["step"] for line in answer.lines if line["event"] == "committed"]
    assert len(seen) == len(set(seen)), "no line is printed twice"


def test_the_log_of_a_run_says_what_happened_from_a_level_on(done, workbench, garden):
    run = done("train", garden, 1, "linear", "--set", "epochs=2")["run"]
    lines = done("log", garden, run)["lines"]
    assert "weights on CPU" in lines[0]["text"]
    assert lines[-1]["text"].startswith("Finished after 2 epochs")
    assert {line["level"] for line in lines} == {"info"}
    assert done("log", garden, run, "--level", "warning")["lines"] == []
    assert "Finished after 2 epochs" in workbench("log", garden, run).out


def test_health_checks_a_dataset_and_tells_what_it_found_also_where_one_only_looks(done, workbench, garden):
    assert done("health", garden, "flowers", "--read-only")["checked_at"] is None
    found = done("health", garden, "flowers")
    assert (found["dataset"], found["version"]) == (1, 1)
    assert {"missing_values", "no_licence"} <= {item["code"] for item in found["findings"]}
    assert all({"severity", "count", "message", "examples", "fix"} <= set(item) for item in found["findings"])
    looked = done("health", garden, 1, "--read-only")
    assert (looked["findings"], looked["checked_at"]) == (found["findings"], found["checked_at"])
    assert "No licence is noted" in workbench("health", garden, 1, "--read-only").out
    assert workbench("health", garden, "flours").code == 1
