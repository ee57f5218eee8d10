"""From the start of a process to the first picture of its window."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tests.benchmarks.programs import ROOT

BARE = """
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

class Window(QMainWindow):
    def paintEvent(self, event):
        super().paintEvent(event)
        print("painted", flush=True)

app = QApplication([])
window = Window()
window.setCentralWidget(QLabel("bare"))
window.resize(1280, 800)
window.show()
app.exec()
"""
OURS = """
import sys
from pathlib import Path
from PySide6.QtCore import QSettings
QSettings.setDefaultFormat(QSettings.Format.IniFormat)
QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, sys.argv[2])
from workbench.gui.app import create_window
from workbench.gui.main_window import MainWindow

paint = MainWindow.paintEvent
def painted(window, event):
    paint(window, event)
    if not hasattr(window, "seen"):
        window.seen = True
        print("painted", flush=True)
        window.project_settled.connect(lambda: print("project", flush=True))
MainWindow.paintEvent = painted
window = create_window(Path(sys.argv[1]))
from PySide6.QtWidgets import QApplication
QApplication.instance().exec()
"""


def start(code: str, *arguments: str, words: int = 1) -> list[float]:
    """Start a process and return the seconds until each of the first `words` lines that it prints."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # an installed program starts from compiled files
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", code, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    try:
        times = []
        for _ in range(words):
            if not process.stdout.readline():
                raise RuntimeError("the window ended before it was painted")
            times.append(time.perf_counter() - began)
        return times
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def bare() -> float:
    return start(BARE)[0]


def ours(home: Path) -> list[float]:
    """Return seconds until the window is painted, and until its project is shown."""
    return start(OURS, str(home / "project"), str(home / "settings"), words=2)
