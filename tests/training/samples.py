"""Small data that a network can learn, and one call that trains on it."""

import math
from dataclasses import replace

import numpy as np
import torch

from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.control import CancelToken
from workbench.core.records import Column, Schema
from workbench.core.states import Modality, Task
from workbench.datasets.splits import split_indices
from workbench.datasets.texts import Texts
from workbench.training.data import prepare
from workbench.training.job import Callbacks, FitJob
from workbench.training.loop import fit


def pictures(count=120, classes=3, size=8, task=Task.CLASSIFICATION):
    """Return (x, y, schema): noise with a bright square whose place is the class."""
    random = np.random.default_rng(7)
    x = random.integers(0, 80, (count, 1, size, size), dtype=np.uint8)
    y = random.integers(0, classes, count)
    for place, label in enumerate(y):
        x[place, 0, label * 2 : label * 2 + 3, 1:6] += 150
    names = tuple(f"class {label}" for label in range(classes))
    if task is Task.REGRESSION:
        return x, y.astype(np.float32) * 10 + 5, Schema(task, x.shape[1:])
    return x, y, Schema(task, x.shape[1:], names)


def table(count=160, task=Task.CLASSIFICATION):
    """Return (x, y, schema): two numbers with gaps, a category with one, and a column without spread."""
    random = np.random.default_rng(11)
    x = np.column_stack(
        [
            random.normal(50, 20, count),
            random.normal(0, 0.01, count),
            random.integers(0, 3, count),
            np.full(count, 4.0),
        ]
    ).astype(np.float32)
    signal = (x[:, 0] - 50) / 20 + (x[:, 2] == 1) * 2
    x[::9, 0], x[::13, 2] = np.nan, np.nan
    columns = (
        Column("age", "number"),
        Column("id", "unused"),
        Column("ratio", "number"),
        Column("colour", "category", ("red", "green", "blue")),
        Column("constant", "number"),
    )
    schema = Schema(task, (4,), ("no", "yes"), "target", columns)
    if task is Task.REGRESSION:
        return x, (signal * 1000 + 5000).astype(np.float32), replace(schema, classes=())
    return x, (signal > 0.5).astype(np.int64), schema


CASES = {
    "pictures to classes": lambda: pictures(),
    "pictures to a number": lambda: pictures(task=Task.REGRESSION),
    "rows to classes": lambda: table(),
    "rows to a number": lambda: table(task=Task.REGRESSION),
}


def texts(count=120):
    """Return (x, y, schema): noise words with a word, in two languages, that says the class."""
    random = np.random.default_rng(5)
    y = random.integers(0, 2, count)
    words = [[*random.choice(["the", "a", "we", "it", "天", "地"], 6), ("good", "坏")[label]] for label in y]
    x = Texts.of([" ".join(random.permutation(row)) for row in words])
    return (
        x,
        y,
        Schema(Task.CLASSIFICATION, (), ("好", "bad"), "label", (Column("text", "text"),), Modality.TEXT),
    )


def recordings(count=60, rate=4000):
    """Return (x, y, schema): a low or a high tone in noise, an eighth of a second long."""
    random = np.random.default_rng(9)
    y = random.integers(0, 2, count)
    time = np.arange(rate // 8) / rate
    pitch = np.where(y, 1200, 300) * random.uniform(0.9, 1.1, count)
    x = np.sin(2 * np.pi * pitch[:, None] * time) * 8000 + random.normal(0, 1000, (count, len(time)))
    schema = Schema(
        *(Task.CLASSIFICATION, (len(time),), ("low", "high")), kind_of_sample=Modality.AUDIO, rate=rate
    )
    return x.astype(np.int16), y, schema


EVERY_CASE = {**CASES, "texts to classes": texts, "recordings to classes": recordings}


def prepared(x, y, schema, split=None):
    """Return training data on the CPU, divided as `split` says."""
    indices = split_indices(y, schema.task, split or SplitConfig())
    return prepare(x, y, schema, indices, torch.device("cpu"))


class Watch:
    """Keeps what a training tells, as the store would: a step that was there already is not taken again."""

    def __init__(self):
        self.points = {}
        self.checkpoints = []
        self.best = []
        self.held = []

    def callbacks(self, **others):
        return Callbacks(
            on_points=self._on_points,
            on_checkpoint=lambda *told: self.checkpoints.append(told),
            on_best=self.best.append,
            on_hold=lambda held, why: self.held.append(held),
            **others,
        )

    def _on_points(self, points, epoch, step):
        for name, new in points.items():
            kept = self.points.setdefault(name, {})
            for at, value in zip(new.steps, new.values, strict=True):
                kept.setdefault(at, value)

    def path(self, role):
        return next(path for told, path, *_ in reversed(self.checkpoints) if told == role)


class StopAt(CancelToken):
    """Asks for a stop before the step after `steps` more are taken."""

    def __init__(self, steps, *, interrupted=False):
        super().__init__()
        self.steps_left = steps
        self._by_process = interrupted

    @property
    def cancelled(self):
        self.steps_left -= 1
        return self.steps_left < 0

    @property
    def interrupted(self):
        return self._by_process


class PausesAt(CancelToken):
    """Asks to hold still after so many steps."""

    def __init__(self, steps):
        super().__init__()
        self.steps_left = steps

    @property
    def cancelled(self):
        self.steps_left -= 1
        if self.steps_left == 0:
            self.pause()
        return False


def train(case, folder, family="mlp", fields=None, *, resume=None, token=None, watch=None, **config):
    """Train and return (outcome, watch)."""
    watch = watch or Watch()
    data = prepared(*case) if isinstance(case, tuple) else case
    job = FitJob(family, fields or {}, TrainConfig(**{"epochs": 3, **config}), data, folder, resume)
    return fit(job, watch.callbacks(), token or CancelToken()), watch


def same(first, second):
    """Return whether two dicts of curves are the same to the bit, NaN included, but for those of the machine."""
    first, second = (
        {name: points for name, points in curves.items() if not name.startswith("hardware/")}
        for curves in (first, second)
    )
    if first.keys() != second.keys():
        return False
    return all(
        first[name].keys() == second[name].keys()
        and all(
            a == b or (math.isnan(a) and math.isnan(b))
            for a, b in zip(first[name].values(), second[name].values(), strict=True)
        )
        for name in first
    )
