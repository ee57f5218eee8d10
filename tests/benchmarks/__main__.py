"""Measures everything in one run and prints one table of ratios: `make bench`.

Names of parts after the command measure only those: `python -m tests.benchmarks curves logging`.
"""

import os
import platform
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import material, starting
from tests.benchmarks.figures import Line, lateness, median, milliseconds, paired_ratio, per_second, show
from tests.benchmarks.importing import importing
from tests.benchmarks.long_table import long_table
from tests.benchmarks.programs import Contender, copy_of

if TYPE_CHECKING:
    from tests.benchmarks import defects


def main() -> int:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    began = time.perf_counter()
    # A folder on disk: some systems keep temporary files in memory, where nothing has to be durable.
    with tempfile.TemporaryDirectory(prefix="workbench-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        say("writing and importing data")
        source = material.build(home)
        lines: list[Line] = []
        parts: list[Callable[[Path], list[Line]]] = [
            *(training, importing, long_table, augmentation, logging, first_window, curves, health)
        ]
        for part in parts:
            if not sys.argv[1:] or part.__name__ in sys.argv[1:]:
                say(f"{part.__name__} (after {time.perf_counter() - began:.0f} s)")
                measured = part(home)
                lines += measured
                say(show(measured))  # also where a later part fails
    print(about(source))
    print(show(lines))
    print(f"\nmeasured in {time.perf_counter() - began:.0f} s")
    return 0


def say(text: str) -> None:
    print(f"… {text}", file=sys.stderr, flush=True)


def about(source: str) -> str:
    import torch

    return (
        f"Python {platform.python_version()}, torch {torch.__version__}, {platform.machine()}, "
        f"{os.cpu_count()} cores; pictures: {source}\n"
    )


PEERS = ("lightning", "skorch", "fastai", "keras")
WORK = {
    "pictures": "28×28 pictures, small CNN",
    "deep": "28×28 pictures, narrow ResNet-18",
    "table": "table of 50,000 × 30, MLP",
}


def training(home: Path, repetitions: int = 3) -> list[Line]:
    """Throughput without a window against two hand-written loops, and beside the window."""
    lines = []
    with (
        Contender("headless", home) as ours,
        Contender("memory", home) as memory,
        Contender("loader", home) as loader,
        Contender("window", home) as window,
        # Other libraries may live in an environment of their own.
        Contender("peers", home, os.environ.get("WORKBENCH_PEERS", sys.executable)) as peers,
    ):
        libraries = peers.ask("here")
        late: dict[str, list[float]] = {"at rest": window.ask("idle")}
        for kind, what in WORK.items():
            turns = {
                "fp32": lambda kind=kind: ours.ask("run", kind, "fp32"),
                # A run of the ResNet is too short here to be worth a trial, so it is told what to take.
                "fast": lambda kind=kind: ours.ask("run", kind, "bf16" if kind == "deep" else "auto"),
                "memory": lambda kind=kind: memory.ask("run", kind),
                "loader": lambda kind=kind: loader.ask("run", kind),
                "window": lambda kind=kind: window.ask("run", kind),
            }
            for library in libraries:
                turns[library] = lambda kind=kind, library=library: peers.ask("run", library, kind)
            if kind == "deep":
                for name in ("loader", "window"):
                    turns.pop(name, None)
            answers = take_turns(turns, repetitions)
            lines += compare(what, answers)
            if "window" in answers:
                late[what] = [tick for answer in answers["window"] for tick in answer["late_ms"]]
        for what, ticks in late.items():
            lines.append(lateness(what if what == "at rest" else f"training and drawing, {what}", ticks))
        lines += recorder(ours)
    return lines


def take_turns(turns: dict[str, Callable[[], dict]], repetitions: int) -> dict[str, list[dict]]:
    """Let each have its turn, another one first each time; the first round warms up and does not count."""
    answers: dict[str, list[dict]] = {name: [] for name in turns}
    names = list(turns)
    for repetition in range(repetitions + 1):
        first = repetition % len(names)
        for name in names[first:] + names[:first]:
            answer = turns[name]()
            if repetition:
                answers[name].append(answer)
    return answers


def compare(what: str, answers: dict[str, list[dict]]) -> list[Line]:
    speeds = {name: [answer["speed"] for answer in found] for name, found in answers.items()}
    chosen = answers["fast"][-1]["precision"]

    def line(words: str, ours: str, other_words: str, other: str) -> Line:
        return Line(
            f"{words}, {what}",
            per_second(median(speeds[ours]), "samples"),
            f"{other_words}: {per_second(median(speeds[other]), 'samples')}",
            paired_ratio(speeds[ours], speeds[other]),
            len(speeds[ours]),
        )

    lines = [line("training in fp32", "fp32", "plain loop in memory", "memory")]
    if chosen != "fp32":
        lines.append(line(f"training in {chosen}", "fast", "plain loop in memory", "memory"))
        lines.append(accuracy(what, answers))
    if "loader" in answers:
        lines.append(line("training in fp32", "fp32", "textbook DataLoader", "loader"))
    lines += [line("training in fp32", "fp32", name, name) for name in PEERS if name in answers]
    if "window" in answers:
        lines.append(line(f"beside the window, {chosen}", "window", "without a window", "fast"))
    return lines


def accuracy(what: str, answers: dict[str, list[dict]]) -> Line:
    """How well the faster numbers learn: both from the same seed, over the same epochs."""
    full, fast = (median([answer["accuracy"] for answer in answers[name]]) for name in ("fp32", "fast"))
    chosen = answers["fast"][-1]["precision"]
    return Line(f"accuracy in {chosen}, {what}", f"{fast:.3f}", f"in fp32: {full:.3f}", fast / full)


def recorder(ours: Contender) -> list[Line]:
    costs = [ours.ask("note", 50_000) for _ in range(5)]
    return [Line("noting one training step", f"{median(costs) * 1e9:,.0f} ns", "", None, len(costs))]


def augmentation(_home: Path) -> list[Line]:
    """Whole batches against PIL, picture by picture, each with torch's own threads."""
    from tests.benchmarks.augmenting import augmenting

    return augmenting()


def logging(home: Path, repetitions: int = 3, seconds: float = 1.0) -> list[Line]:
    """Points a second against a table with one row a point, both durable after every block."""
    lines = []
    with Contender("headless", copy_of(home)) as headless:
        for size in (200, 2_000):
            ours, plain = [], []
            for number in range(repetitions):
                ours.append(headless.ask("log", size, seconds))
                plain.append(one_row_a_point(home / f"rows-{size}-{number}.sqlite", size, seconds))
            lines.append(
                Line(
                    f"points logged, in durable blocks of {size:,}",
                    per_second(median(ours), "points"),
                    f"SQLite, one row a point: {per_second(median(plain), 'points')}",
                    paired_ratio(ours, plain),
                    repetitions,
                )
            )
    return lines


def one_row_a_point(path: Path, size: int, seconds: float) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE point (run INT, series INT, step INT, value REAL, time REAL)")
    connection.execute("CREATE INDEX of_series ON point (run, series, step)")
    start, step = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        rows = [(1, 1, step + n, 0.5, (step + n) * 1e-3) for n in range(size)]
        step += size
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO point VALUES (?, ?, ?, ?, ?)", rows)
        connection.execute("COMMIT")
    taken = time.perf_counter() - start
    connection.close()
    return step / taken


def first_window(home: Path, repetitions: int = 5) -> list[Line]:
    """Start to first paint, against a bare Qt window."""
    painted, shown, bare = [], [], []
    for repetition in range(repetitions + 1):
        times, plain = starting.ours(home), starting.bare()
        if repetition:
            painted.append(times[0])
            shown.append(times[1])
            bare.append(plain)
    other = f"bare Qt window: {milliseconds(median(bare))}"
    return [
        Line(
            "time to first window",
            milliseconds(median(painted)),
            other,
            paired_ratio(painted, bare),
            repetitions,
        ),
        Line(
            "time until its project is shown",
            milliseconds(median(shown)),
            other,
            paired_ratio(shown, bare),
            repetitions,
        ),
    ]


def curves(home: Path, repetitions: int = 5) -> list[Line]:
    """First picture of ten million points, and frames a second afterwards."""
    with Contender("curve", home) as contender:
        cold = contender.ask("first_picture")
    with Contender("curve", copy_of(home)) as contender:
        contender.ask("warm_up")
        first = contender.ask("first_picture")
        warm = [contender.ask("first_picture") for _ in range(repetitions)]
        frames = contender.ask("frames", 3.0)
        plain = contender.ask("plain_picture")
    other = f"pyqtgraph, points in memory: {milliseconds(plain)}"
    what = "first picture of 10,000,000 points"
    return [
        Line(f"{what}, nothing loaded yet", milliseconds(cold), other, cold / plain),
        Line(f"{what}, first plot of a session", milliseconds(first), other, first / plain),
        Line(what, milliseconds(median(warm)), other, median(warm) / plain, repetitions),
        Line("dragging and zooming it", per_second(frames, "frames")),
    ]


def health(home: Path) -> list[Line]:
    """What the health check finds of what was planted in pictures, and what it finds besides."""
    from tests.benchmarks import defects

    planted = defects.plant()
    start = time.perf_counter()
    found = defects.found(planted)
    lines = [
        Line(f"health check of {defects.COUNT:,} pictures", milliseconds(time.perf_counter() - start)),
        *defects_found(planted, found),
    ]
    with Contender("window", copy_of(home)) as window:
        many = window.ask("check", defects.MANY)
    what = f"health check of {defects.MANY:,} pictures in the window"
    longest = sorted(many["checks"].items(), key=lambda pair: -pair[1])[:3]
    lines += [
        Line(what, milliseconds(many["seconds"])),
        *(Line(f"{what}: {name}", milliseconds(seconds)) for name, seconds in longest),
        Line(f"{what}: memory", f"{many['memory_mb']:,.0f} MB"),
        Line(f"{what}: until it is cancelled", milliseconds(max(many["cancelled_s"])), "", None, 5),
        lateness(f"during the check of {defects.MANY:,} pictures", many["late_ms"]),
    ]
    found = {code: set(samples) for code, samples in many["found"].items()}
    return [*lines, *defects_found(defects.plant(defects.MANY), found)]


def defects_found(planted: "defects.Planted", found: dict[str, set[int]]) -> list[Line]:
    """Compare what was found with what was planted."""
    from tests.benchmarks import defects

    count = len(planted.y)
    exact = defects.copied(planted, found.get("exact_duplicates", set()))
    leaks, told = defects.leaked(planted), found.get("split_leak", set())
    named = found.get("near_duplicates", set())
    near = {place for place, original in planted.near.items() if {place, original} & named}
    false = named - planted.near.keys() - set(planted.near.values())
    false |= told - leaks
    labels = found.get("label_errors", set()) & planted.wrong

    def line(what: str, ours: set[int], all_of_them: Collection[int]) -> Line:
        share = len(ours) / len(all_of_them)
        return Line(f"{what} found in {count:,}", f"{len(ours):,}", f"of {len(all_of_them):,}", share)

    return [
        line("planted exact duplicates", exact, planted.exact),
        line("leaks between splits", told & leaks, leaks),
        line("planted near duplicates", near, planted.near),
        Line(f"false alarms of these three in {count:,}", f"{len(false) / count:.2%}"),
        line("planted label errors", labels, planted.wrong),
    ]


if __name__ == "__main__":
    sys.exit(main())
