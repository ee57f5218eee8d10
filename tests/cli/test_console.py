"""Strict JSON whatever the values, and text that is safe and tidy on a terminal."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rules.sources import ROOT
from workbench.cli.console import Console, strict_json
from workbench.cli.drawing import confusion, number, plain, table
from workbench.cli.request import COMMANDS, WindowRequest, no_display, window_request
from workbench.core.records import Job, Skipped
from workbench.core.states import JobState


def _line(**fields):
    def refuse(word):
        raise AssertionError(word)

    return json.loads(strict_json(fields), parse_constant=refuse)


def test_numbers_that_are_not_finite_become_null_and_are_named():
    nan, inf = float("nan"), float("inf")
    line = _line(metrics={"train/loss": nan, "validation/loss": 1.0, "rmse": None}, seconds=inf)
    assert line["metrics"] == {"train/loss": None, "validation/loss": 1.0, "rmse": None}
    assert line["seconds"] is None
    assert sorted(line["not_finite"]) == ["rmse", "seconds", "train/loss"]
    series = _line(series={"train/loss": {"steps": [1, 2], "values": [1.0, -inf]}, "lr": {"values": [0.1]}})
    assert series["series"]["train/loss"]["values"] == [1.0, None]
    assert series["not_finite"] == ["train/loss"]
    assert "not_finite" not in _line(metrics={"loss": 1.0})


def test_records_and_names_that_are_no_text_become_strict_json():
    line = _line(skipped=[Skipped("bad\udcff.png", "why")], path=ROOT)
    assert line["skipped"] == [{"path": "bad\\udcff.png", "reason": "why"}]
    assert line["path"] == str(ROOT)


def test_control_and_invisible_letters_are_escaped():
    assert plain("a\x1b[31m\n\t\u202eb\x00é漢字") == "a\\x1b[31m\\n\\t\\u202eb\\x00é漢字"


def test_a_table_stands_in_columns_also_with_wide_letters():
    lines = table(("name", "count"), [("漢字", "1,000"), ("a", "7")]).splitlines()
    assert lines == ["name  count", "────  ─────", "漢字  1,000", "a         7"]


@pytest.mark.parametrize(
    ("value", "text"), [(1234, "1,234"), (0.123456, "0.1235"), (None, "–"), (1e-9, "1e-09")]
)
def test_numbers_are_shown_as_people_read_them(value, text):
    assert number(value) == text


def test_the_confusion_matrix_has_class_names_and_counts_and_fits_the_terminal():
    drawn = confusion(("cat", "dog\x1b"), ((5, 0), (2, 11)), 80).splitlines()
    assert drawn[1].split() == ["actual", "↓", "cat", "dog\\x1b"]
    assert drawn[2].split() == ["cat", "5", "·"]
    assert drawn[3].split() == ["dog\\x1b", "2", "11"]
    names = tuple(f"a rather long name {place}" for place in range(8))
    narrow = confusion(names, [[1] * 8 for _ in names], 80)
    assert max(map(len, narrow.splitlines())) <= 80
    assert all(name in narrow for name in names)


def test_of_many_classes_the_most_confused_pairs_are_named():
    labels = tuple(f"class {place}" for place in range(100))
    counts = [[int(row == column) * 9 for column in range(100)] for row in range(100)]
    assert "on the diagonal" in confusion(labels, counts, 80)
    counts[3][7], counts[5][1] = 2, 8
    lines = confusion(labels, counts, 80).splitlines()
    assert lines[3].split() == ["class", "5", "class", "1", "8"]
    assert lines[4].split() == ["class", "3", "class", "7", "2"]


def test_progress_goes_to_stderr_now_and_then_where_a_line_cannot_rewrite_itself(capsys, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("workbench.cli.console.time.monotonic", lambda: clock[0])
    console = Console(as_json=True)
    for step in range(100):
        clock[0] = float(step)
        console.progress(
            Job(1, "Train a", JobState.RUNNING, done=step, total=100, text="epoch 1", left_s=90.0)
        )
    out, error = capsys.readouterr()
    assert out == ""
    assert 5 <= error.count("\n") <= 12
    assert "Train a: 10% epoch 1 · 1 min 30 s left" in error


def test_what_opens_the_window_and_what_is_a_command(tmp_path):
    assert window_request([]) == WindowRequest()
    assert window_request([str(tmp_path)]) == WindowRequest(tmp_path)
    assert window_request(["--starter", "digits"]) == WindowRequest(None, "digits")
    assert window_request(["--starter=digits"]) == WindowRequest(None, "digits")
    assert window_request([str(tmp_path), "--starter", "digits"]) == WindowRequest(tmp_path, "digits")
    for words in ([command] for command in COMMANDS):
        assert window_request(words) is None
    for words in (
        ["--help"],
        ["--version"],
        ["trian"],
        ["--starter"],
        ["a/b", "c/d"],
        ["runs", "--starter=x"],
    ):
        assert window_request(words) is None


def test_a_linux_machine_without_a_display_is_known(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    assert no_display()
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert not no_display()
    monkeypatch.delenv("WAYLAND_DISPLAY")
    monkeypatch.setattr(sys, "platform", "win32")
    assert not no_display()


def test_the_commands_are_those_that_help_lists():
    from workbench.cli.app import _app

    assert {command.name for command in _app.registered_commands} == set(COMMANDS)


def test_a_reader_that_goes_away_is_no_fault(tmp_path):
    words = "import sys; from workbench.__main__ import main; sys.argv[1:] = ['new', '--starter', 'list', '--json']"
    script = f"{words}; sys.stdin.read(); code = main(); code or main(); sys.exit(code)"
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT,
    ) as process:  # fmt: skip
        process.stdout.close()
        process.stdin.close()
        error = process.stderr.read()
    assert process.returncode == 0, error
    assert error == b""


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_stream_that_was_closed_from_the_start_is_no_fault(stream, monkeypatch):
    monkeypatch.setattr(sys, stream, None)
    console = Console(as_json=False)
    console.say("to nobody")
    console.error("to nobody")


def test_without_a_display_the_window_s_job_is_done_on_the_terminal(tmp_path):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    # As the user's home, so that the default place for projects is inside it.
    environment |= {
        "HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
    }
    ran = subprocess.run(
        [sys.executable, "-m", "workbench", "--starter", "breast-cancer"],
        capture_output=True, text=True, check=False, env=environment, cwd=tmp_path,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr.startswith("No display was found")
    assert "Traceback" not in ran.stderr
    assert "actual ↓   benign  malignant" in ran.stdout
    accuracy = float(ran.stdout.rpartition("Accuracy on the test split: ")[2].split()[0].rstrip("."))
    assert accuracy >= 0.95
    place = ran.stdout.rpartition("The project lies in ")[2].strip().rstrip(".")
    assert place.startswith(str(tmp_path))
    assert Path(place, "project.sqlite").is_file()
