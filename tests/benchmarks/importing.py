"""How fast pictures come in, against Pillow in one thread, and how fast they are opened again."""

import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks import material
from tests.benchmarks.figures import Line, lateness, median, milliseconds, paired_ratio, per_second
from tests.benchmarks.programs import Contender, copy_of

SIDE = 224
OPENED = 60_000


def importing(home: Path, repetitions: int = 3) -> list[Line]:
    """Pictures a second of whole imports into a project, each beside Pillow doing nothing but decode."""
    small, large = sorted((home / "many").rglob("*.png")), sorted((home / "photographs").rglob("*.jpg"))
    lines = []
    with Contender("headless", copy_of(home)) as headless:
        lines += _against(
            f"import of {len(small):,} PNG files of 28×28",
            lambda: headless.ask("bring_in", "many"),
            [("PIL in one thread", lambda: decode(small, _grey))],
            repetitions,
        )
        lines += _against(
            f"import of {len(large):,} JPEG files of {material.LARGE}×{material.LARGE} at {SIDE}×{SIDE}",
            lambda: headless.ask("bring_in", "photographs", SIDE),
            [
                ("PIL in one thread, bicubic as ours", lambda: decode(large[::4], _scaled(3))),
                ("PIL in one thread, bilinear", lambda: decode(large[::4], _scaled(2))),
            ],
            repetitions,
        )
    lines += in_the_window(home, small, large, repetitions)
    return [*lines, opening(home)]


def in_the_window(home: Path, small: list[Path], large: list[Path], repetitions: int) -> list[Line]:
    """The same folders dropped on the running window, up to the end of the import."""
    lines = []
    with Contender("window", copy_of(home)) as window:
        for folder, what, name, plain in (
            ("many", f"{len(small):,} PNG files", "PIL in one thread", lambda: decode(small, _grey)),
            (
                *("photographs", f"{len(large):,} JPEG files", "PIL in one thread, bicubic"),
                lambda: decode(large[::4], _scaled(3)),
            ),
        ):
            answers: list[dict] = []

            def run(folder: str = folder, answers: list[dict] = answers) -> float:
                answers.append(window.ask("bring_in", folder))
                return answers[-1]["speed"]

            lines += _against(f"import of {what} in the window", run, [(name, plain)], repetitions)
            for ticks, when in (("late_ms", "import"), ("checked_ms", "check")):
                # The first turn warms up: the pane is made and what reads data is loaded.
                late = [tick for answer in answers[1:] for tick in answer[ticks]]
                lines.append(lateness(f"during the {when} of {what}", late))
    return lines


def opening(home: Path, repetitions: int = 5) -> Line:
    """Open what an import of many pictures wrote, up to a first batch of them."""
    from workbench.datasets.base import kinds

    kind = kinds.build("image_folder")
    material.write_imported(home / "opened", OPENED)
    taken = []
    for _ in range(repetitions + 1):
        start = time.perf_counter()
        samples = kind.open(home / "opened")
        assert samples.x[:: OPENED // 128].sum() == 0
        assert samples.names[OPENED - 1]
        taken.append(time.perf_counter() - start)
    return Line(f"second opening of {OPENED:,} pictures", milliseconds(median(taken[1:])), times=repetitions)


def _against(
    what: str, ours: Callable[[], float], others: list[tuple[str, Callable[[], float]]], repetitions: int
) -> list[Line]:
    speeds: list[float] = []
    plain: dict[str, list[float]] = {name: [] for name, _ in others}
    for repetition in range(repetitions + 1):
        found, decoded = ours(), {name: run() for name, run in others}
        if repetition:
            speeds.append(found)
            for name, speed in decoded.items():
                plain[name].append(speed)
    return [
        Line(
            what,
            per_second(median(speeds), "pictures"),
            f"{name}: {per_second(median(found), 'pictures')}",
            paired_ratio(speeds, found),
            repetitions,
        )
        for name, found in plain.items()
    ]


def decode(files: list[Path], prepare: Callable) -> float:
    import numpy as np
    from PIL import Image

    start = time.perf_counter()
    pixels = []
    for file in files:
        with Image.open(file) as picture:
            pixels.append(np.asarray(prepare(picture)))
    np.stack(pixels)
    return len(files) / (time.perf_counter() - start)


def _grey(picture):
    return picture.convert("L")


def _scaled(resampling: int) -> Callable:
    from PIL import ImageOps

    return lambda picture: ImageOps.fit(picture.convert("RGB"), (SIDE, SIDE), resampling)
