"""A registry that several threads ask at once."""

import sys
import threading

from workbench.core.registry import Registry


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
