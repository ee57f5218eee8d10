"""Import of a long table against bare readers of the same file."""

import time
from pathlib import Path

import numpy as np

from tests.benchmarks.figures import Line, median, paired_ratio
from tests.benchmarks.programs import Contender, copy_of

ROWS, NUMBERS, CATEGORIES = 1_000_000, 26, 3


def write(path: Path) -> None:
    """Write a million rows of numbers and categories."""
    import pandas as pd

    random = np.random.default_rng(0)
    columns = {f"x{place}": random.normal(size=ROWS).round(5) for place in range(NUMBERS)}
    words = np.array(["red", "green", "blue", "短い"])
    columns |= {f"c{place}": words[random.integers(0, 4, ROWS)] for place in range(CATEGORIES)}
    columns["label"] = np.array(["no", "yes"])[(columns["x0"] > 0).astype(int)]
    pd.DataFrame(columns).to_csv(path, index=False)


def long_table(home: Path, repetitions: int = 3) -> list[Line]:
    """Seconds to import a table and to read it with pandas and with pyarrow, in turns."""
    source = home / "long.csv"
    write(source)
    seconds: dict[str, list[float]] = {"ours": [], "pandas": [], "pyarrow": []}
    with Contender("headless", copy_of(home)) as headless:
        for repetition in range(repetitions + 1):
            found = {
                "ours": headless.ask("bring_in_table", str(source)),
                "pandas": bare(source, "pandas"),
                "pyarrow": bare(source, "pyarrow"),
            }
            if repetition:
                for name, took in found.items():
                    seconds[name].append(took)
    what = f"import of a CSV of {ROWS:,} × {NUMBERS + CATEGORIES + 1}"
    return [
        Line(
            what,
            f"{median(seconds['ours']):.2f} s",
            f"{name} alone: {median(seconds[name]):.2f} s",
            paired_ratio(seconds["ours"], seconds[name]),
            repetitions,
        )
        for name in ("pandas", "pyarrow")
    ]


def bare(source: Path, reader: str) -> float:
    """Return the seconds that a bare reader takes."""
    import pandas as pd
    import pyarrow.csv

    start = time.perf_counter()
    if reader == "pandas":
        pd.read_csv(source)
    else:
        pyarrow.csv.read_csv(source)
    return time.perf_counter() - start
