"""What is loaded when: commands answer fast, and none of them needs a screen."""

import json
import os
import subprocess
import sys

import pytest

from tests.rules.sources import ROOT

QT = {"PySide6", "shiboken6", "pyqtgraph", "qtpy", "qtawesome"}
HEAVY = {"torch", "torchvision", "pandas", "sklearn", "scipy", "pyarrow"}
COMMANDS = [
    "new",
    "import",
    "datasets",
    "models",
    "train",
    "resume",
    "runs",
    "metrics",
    "evaluate",
    "predict",
    "doctor",
]

# Calls the program as its script does, once for each line of arguments on stdin, and says after each
# what was loaded by then. One process for all, since torch alone takes seconds to load.
CALLS = """
import contextlib, io, json, sys
from workbench.__main__ import main
for line in sys.stdin:
    sys.argv = ["workbench", *json.loads(line)]
    out, code = io.StringIO(), 0
    with contextlib.redirect_stdout(out):
        try:
            code = main()
        except SystemExit as stop:
            code = stop.code
    tops = sorted({name.split(".")[0] for name in sys.modules})
    print(json.dumps({"code": code or 0, "out": out.getvalue(), "loaded": tops}), flush=True)
"""


class Program:
    """The headless program in a process of its own, called as often as a test likes."""

    def __init__(self, process):
        self._process = process

    def __call__(self, *arguments):
        """Return (exit code, stdout, top-level modules loaded so far) of one call."""
        self._process.stdin.write(json.dumps([str(argument) for argument in arguments]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer["code"], answer["out"], set(answer["loaded"])


@pytest.fixture
def program(tmp_path):
    # No display and no Qt platform: a command that needs a screen fails here.
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    with subprocess.Popen(
        [sys.executable, "-c", CALLS],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**environment, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
    ) as process:
        yield Program(process)
        process.stdin.close()
        process.wait(timeout=30)


def test_help_of_every_command_loads_neither_torch_nor_pandas_nor_qt(program):
    for arguments in (["--help"], *([command, "--help"] for command in COMMANDS)):
        code, out, loaded = program(*arguments)
        assert code == 0, arguments
        assert "workbench" in out.lower(), arguments
        assert loaded & (QT | HEAVY | {"sqlalchemy"}) == set(), arguments


def test_no_command_loads_qt_in_a_whole_piece_of_work(program, tmp_path):
    project = tmp_path / "project"
    table = tmp_path / "flowers.csv"
    rows = [f"{i % 7},{i * 3 % 11},{'rose' if i % 2 else 'lily'}" for i in range(60)]
    table.write_text("\n".join(["length,width,flower", *rows]) + "\n")

    def run(*arguments):
        code, out, loaded = program(*arguments, "--json")
        assert loaded & QT == set(), arguments
        assert code == 0, (arguments, out)
        return json.loads(out.splitlines()[-1])

    run("new", project)
    dataset = run("import", project, table, "--target", "flower")["dataset"]
    assert len(run("datasets", project)["items"]) == 1
    model = run("models", project, dataset)["items"][0]["model"]
    trained = run("train", project, dataset, model, "--set", "epochs=1")["run"]
    run("runs", project)
    run("metrics", project, trained)
    run("evaluate", project, trained)
    run("predict", project, trained, table, "-o", tmp_path / "predicted.csv")
    run("doctor", project)
    # A finished run cannot be resumed: the command says so, without Qt.
    code, _, loaded = program("resume", project, trained, "--json")
    assert code == 1
    assert loaded & QT == set()
    assert "torch" in loaded, "nothing was trained"


def test_importing_the_window_loads_only_what_its_first_picture_needs():
    script = "import json, sys, workbench.gui.app; print(json.dumps(list(sys.modules)))"
    shown = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert shown.returncode == 0, shown.stderr
    loaded = {name.split(".")[0] for name in json.loads(shown.stdout)}
    assert "PySide6" in loaded
    assert loaded & (HEAVY | {"sqlalchemy", "alembic", "pyqtgraph"}) == set()
