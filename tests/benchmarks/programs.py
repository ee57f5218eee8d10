"""Processes that stand ready and do one measurement at a time, so that contenders can take turns."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


class Contender:
    """A process of its own, with torch loaded and data in memory, that waits until it is asked."""

    def __init__(self, name: str, home: Path, python: str = sys.executable) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [python, "-m", "tests.benchmarks.contender", name, str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )

    def ask(self, *request):
        """Have it do one measurement and return the result."""
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name} ended with {self._process.wait()}")
        return json.loads(answer)

    def __enter__(self):
        self.ask("ready")
        return self

    def __exit__(self, *_):
        self._process.stdin.close()
        self._process.wait(60)


def copy_of(home: Path) -> Path:
    """Return a folder in which a contender can make its own copy of the project."""
    folder = Path(tempfile.mkdtemp(dir=home))
    for name in ("project", "many", "photographs"):
        (folder / name).symlink_to(home / name)
    return folder
