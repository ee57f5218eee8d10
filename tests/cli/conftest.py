"""The command line, called in this process, on a copy of the services' project."""

import json

import pytest

from tests.services.conftest import garden, template
from workbench.cli.app import run

__all__ = ["garden", "template"]


class Answer:
    """What one command line came to."""

    def __init__(self, code, out, error):
        self.code, self.out, self.error = code, out, error

    @property
    def lines(self):
        return [json.loads(line, parse_constant=_refuse) for line in self.out.splitlines()]

    @property
    def result(self):
        assert self.lines[-1]["event"] == "result"
        return self.lines[-1]


def _refuse(word):
    raise AssertionError(f"{word} is not strict JSON")


@pytest.fixture
def workbench(capsys):
    """Call a command line and return its exit code and what it printed."""

    def call(*words):
        capsys.readouterr()
        code = run([str(word) for word in words])
        return Answer(code, *capsys.readouterr())

    return call


@pytest.fixture
def done(workbench):
    """Call a command line with --json that has to succeed, and return its result."""

    def call(*words):
        answer = workbench(*words, "--json")
        assert answer.code == 0, answer.error
        return answer.result

    return call
