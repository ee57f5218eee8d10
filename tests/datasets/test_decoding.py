import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from tests.datasets.conftest import Load, picture, reasons
from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import CancelledError
from workbench.datasets import decoding
from workbench.datasets.base import kinds


def decoders() -> list[psutil.Process]:
    return [child for child in psutil.Process().children() if "workbench.datasets.decoder" in child.cmdline()]


CRASHING = """
import os, sys, time
from workbench.datasets import decoder
plain = decoder.read_file
def read_file(path):
    if "crash" in os.path.basename(path):
        os.abort()
    if "hang" in os.path.basename(path):
        time.sleep(600)
    return plain(path)
decoder.read_file = read_file
decoder.main()
"""


def test_a_crash_in_native_code_costs_that_file_only(
    good_folder: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "COMMAND", (sys.executable, "-P", "-c", CRASHING))
    picture(good_folder / "cats" / "5 crash.png", 600)
    picture(good_folder / "dogs" / "crash.png", 601)
    imported, _ = load("image_folder", good_folder)
    assert imported.count == 24
    assert reasons(imported) == {
        "cats/5 crash.png": "made the picture decoder crash",
        "dogs/crash.png": "made the picture decoder crash",
    }


def test_a_file_that_never_ends_is_given_up(
    good_folder: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "COMMAND", (sys.executable, "-P", "-c", CRASHING))
    monkeypatch.setattr(decoding, "HANG_S", 1.0)
    picture(good_folder / "dogs" / "hang.png", 600)
    imported, _ = load("image_folder", good_folder, picture_size=8)
    assert imported.count == 24
    assert "longer than" in reasons(imported)["dogs/hang.png"]
    assert not decoders()


def test_cancelling_ends_at_once_and_leaves_no_process_and_no_file(
    good_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding, "COMMAND", (sys.executable, "-P", "-c", CRASHING))
    picture(good_folder / "dogs" / "hang.png", 600)
    into = tmp_path / "into"
    into.mkdir()
    token, cancelled_s = CancelToken(), [0.0]

    def cancel() -> None:
        cancelled_s[0] = time.monotonic()
        token.cancel()

    timer = threading.Timer(1.0, cancel)
    timer.start()
    with pytest.raises(CancelledError):
        kinds.build("image_folder").load(good_folder, into, ImportConfig(), token, lambda *_: None)
    assert time.monotonic() - cancelled_s[0] < 5.0, "a hanging worker ends by itself after 30 s only"
    timer.join()
    assert list(into.iterdir()) == []
    assert not [child for child in psutil.Process().children() if child.is_running()]


def test_the_decoder_ends_with_the_process_that_started_it(good_folder: Path) -> None:
    script = (
        "import os, sys\n"
        "from workbench.core.control import CancelToken\n"
        "from workbench.datasets.decoding import DecoderPool, HEADER\n"
        "pool = DecoderPool(CancelToken())\n"
        "list(pool.decode(sys.argv[1:], HEADER))\n"
        "print(*[w._process.pid for w in pool._workers if w._process], flush=True)\n"
        "os._exit(9)\n"
    )
    files = [str(path) for path in sorted((good_folder / "cats").iterdir())]
    done = subprocess.run(
        [sys.executable, "-c", script, *files], capture_output=True, text=True, timeout=60, cwd=Path.cwd()
    )
    pids = [int(word) for word in done.stdout.split()]
    assert pids, done.stderr
    deadline = time.monotonic() + 5
    while any(psutil.pid_exists(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.05)
    alive = [pid for pid in pids if psutil.pid_exists(pid)]
    assert not [pid for pid in alive if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]


def test_no_process_is_left_after_an_import(good_folder: Path, load: Load) -> None:
    load("image_folder", good_folder)
    assert not decoders()


def test_a_source_that_is_deleted_during_the_import_is_told_file_by_file(tmp_path: Path, load: Load) -> None:
    for number in range(3000):
        picture(tmp_path / "pictures" / "ab"[number % 2] / f"{number}.png", number)

    def progress(done: int, total: int, text: str, left_s: float | None = None) -> None:
        if text == "Reading pictures":
            shutil.rmtree(tmp_path / "pictures", ignore_errors=True)

    imported, samples = load("image_folder", tmp_path / "pictures", progress=progress)
    assert 0 < imported.count < 3000
    assert set(reasons(imported).values()) == {"is no longer there"}
    assert len(samples) + len(imported.skipped) == 3000
