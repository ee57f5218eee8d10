"""One contender in a process of its own: reads requests from stdin, answers with JSON lines."""

import importlib
import json
import os
import sys
from pathlib import Path

CONTENDERS = {
    "memory": ("tests.benchmarks.loops", "InMemory"),
    "loader": ("tests.benchmarks.loops", "Loaders"),
    "headless": ("tests.benchmarks.workbench_runs", "Headless"),
    "window": ("tests.benchmarks.window", "Windowed"),
    "peers": ("tests.benchmarks.peers", "Peers"),
    "curve": ("tests.benchmarks.curves", "TenMillion"),
}


def main() -> None:
    answers = os.fdopen(os.dup(1), "w")
    # What libraries print must not mix with the answers.
    os.dup2(2, 1)
    module, name = CONTENDERS[sys.argv[1]]
    contender = getattr(importlib.import_module(module), name)(Path(sys.argv[2]))
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        result = getattr(contender, verb)(*arguments) if verb != "ready" else None
        print(json.dumps(result), file=answers, flush=True)
    if hasattr(contender, "close"):
        contender.close()


if __name__ == "__main__":
    main()
