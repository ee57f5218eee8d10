"""What the chip in the top bar says of the memory in use."""

import subprocess
import sys
import threading

import psutil
import pytest

from workbench.services import hardware as module
from workbench.services.hardware import hardware

TAKEN = 64 << 20
CHILD = (
    f"held = bytearray({TAKEN}); held[::4096] = bytes([1]) * len(held[::4096]); print(flush=True); input()"
)


@pytest.fixture
def child(monkeypatch):
    monkeypatch.setattr(module, "_torch_loaded", threading.Event())  # as without a GPU
    with subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        yield process
        process.kill()


def test_the_memory_of_processes_that_the_program_started_counts(child):
    own = psutil.Process().memory_info().rss
    assert hardware().used_bytes > own + TAKEN - (1 << 20)


def test_a_process_that_has_ended_but_is_still_listed_counts_as_nothing(child):
    child.kill()
    zombie = psutil.Process(child.pid)
    while zombie.status() != psutil.STATUS_ZOMBIE:
        pass
    assert hardware().used_bytes < psutil.Process().memory_info().rss + TAKEN


def test_a_process_that_ends_while_it_is_looked_at_is_left_out(child, monkeypatch):
    own = psutil.Process().memory_info().rss
    monkeypatch.setattr(psutil.Process, "children", lambda *_, **__: [Gone()])
    assert abs(hardware().used_bytes - own) < TAKEN


class Gone:
    def memory_info(self):
        raise psutil.NoSuchProcess(1)


def test_torch_may_have_been_loaded_while_the_memory_is_counted(child, monkeypatch):
    count = module._memory_in_use

    def meanwhile():
        module._torch_loaded.set()
        return count()

    monkeypatch.setattr(module, "_memory_in_use", meanwhile)
    assert hardware().used_bytes > TAKEN
