"""The guards in conftest.py are themselves put to the test."""

import shutil
import subprocess
import sys
from pathlib import Path

LEAKING = """
import threading, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

kept = []

def test_clean(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    timer = QTimer(window)
    timer.start(1000)
    window.show()

def test_window_left_open(qtbot):
    window = QWidget()
    window.show()
    kept.append(window)

def test_timer_left_running(qtbot):
    timer = QTimer()
    timer.start(1000)
    kept.append(timer)

def test_thread_left_running():
    threading.Thread(target=time.sleep, args=(4,), name="forgotten").start()
"""


def test_a_leak_fails_the_test_that_made_it_and_no_other(tmp_path):
    here = Path(__file__).parent
    shutil.copy(here / "conftest.py", tmp_path)
    (tmp_path / "test_leaking.py").write_text(LEAKING)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        str(tmp_path),
    ]
    result = subprocess.run(command, cwd=here.parent, capture_output=True, text=True, timeout=120)
    assert "4 passed, 3 errors" in result.stdout, result.stdout + result.stderr
    for name in ("window_left_open", "timer_left_running", "thread_left_running"):
        assert f"test_leaking.py::test_{name}" in result.stdout
    assert "test_leaking.py::test_clean" not in result.stdout
    assert "the window QWidget" in result.stdout
    assert "a running timer" in result.stdout
    assert "the thread forgotten still runs" in result.stdout
