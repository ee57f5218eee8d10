"""Choices by name, asked by several threads at once, and what is wrong with a setting in words."""

import sys
import threading

import pytest

from workbench.core.configs import TrainConfig
from workbench.core.errors import UserError
from workbench.core.registry import Registry, validated


def test_who_asks_while_another_thread_still_imports_gets_everything(tmp_path, monkeypatch):
    package = tmp_path / "slow_choices"
    package.mkdir()
    (package / "__init__.py").write_text(
        "from workbench.core.registry import Choice, Registry\nchoices = Registry('choice', 'slow_choices')\n"
    )
    (package / "one.py").write_text(
        "import time\nfrom slow_choices import choices\nfrom workbench.core.registry import Choice\n"
        "time.sleep(0.2)\n"
        "@choices.register('one')\nclass One(Choice):\n    '''One.'''\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    from slow_choices import choices

    assert isinstance(choices, Registry)
    found = []
    threads = [threading.Thread(target=lambda: found.append(choices.names())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [["one"], ["one"]]
    for name in ("slow_choices", "slow_choices.one"):
        sys.modules.pop(name)


def test_a_word_that_is_none_of_the_alternatives_is_told_them():
    with pytest.raises(UserError) as told:
        validated(TrainConfig, {"device": "gpu"})
    assert told.value.fields == {"device": "has to be auto, cpu, mps, cuda or cuda:1"}


def test_a_smaller_learning_rate_is_a_tenth_and_never_one_at_which_nothing_learns():
    rates = [TrainConfig(learning_rate=rate).smaller_learning_rate for rate in (0.001, 0.025, 5.0, 1e5)]
    assert rates == [0.0001, 0.003, 0.1, 0.1]
