"""Known defects in real pictures, and how many of them the health check finds."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from tests.benchmarks import material
from workbench.core.configs import SplitConfig
from workbench.core.records import Dataset, Imported, Schema
from workbench.core.states import Modality, Task
from workbench.datasets.base import Samples
from workbench.datasets.checks.base import Subject, checks
from workbench.datasets.splits import split_indices

COUNT, EXACT, NEAR, WRONG = 5_000, 200, 200, 100


@dataclass(frozen=True)
class Planted:
    """Pictures with defects: contents, labels, and places by kind; of a near copy the place of its original."""

    x: np.ndarray
    y: np.ndarray
    exact: frozenset[int]
    near: dict[int, int]
    wrong: frozenset[int]


def plant(seed: int = 11) -> Planted:
    """Write over some pictures with copies of others, saved again in five ways, and give some wrong labels."""
    random = np.random.default_rng(seed)
    pictures, labels, _ = material.pictures()
    x, y = pictures[:COUNT].copy(), labels[:COUNT].astype(np.int64)
    order = random.permutation(COUNT)
    places, sources = order[: EXACT + NEAR], order[EXACT + NEAR : 2 * (EXACT + NEAR)]
    for number, (place, source) in enumerate(zip(places, sources, strict=True)):
        x[place] = x[source] if number < EXACT else _again(x[source], number % 5, random)
        y[place] = y[source]
    wrong = order[-WRONG:]
    y[wrong] = (y[wrong] + random.integers(1, 10, WRONG)) % 10
    near = dict(zip(places[EXACT:].tolist(), sources[EXACT:].tolist(), strict=True))
    return Planted(x, y, frozenset(places[:EXACT].tolist()), near, frozenset(wrong.tolist()))


def found(planted: Planted) -> dict[str, set[int]]:
    """Check the pictures and return which samples are found, by the code of the finding."""
    classes = tuple("0123456789")
    schema = Schema(Task.CLASSIFICATION, (1, *planted.x.shape[1:]), classes)
    imported = Imported("image_folder", schema, COUNT, COUNT, 0, (), (), (), "")
    dataset = Dataset(1, "planted", 1, "", "", imported, SplitConfig(), datetime.now(UTC))
    samples = Samples(planted.x[:, None], planted.y, [str(number) for number in range(COUNT)])
    parts = split_indices(samples.y, schema.task, dataset.split)
    subject = Subject(dataset, samples, parts, lambda _start, _stop: [])
    asked = [checks.build(name) for name in checks.names()]
    asked = [check for check in asked if Modality.PICTURE in check.modalities]
    return {item.code: set(item.samples) for check in asked for item in check.find(subject)}


def copied(planted: Planted, found: set[int]) -> set[int]:
    """Return the planted exact copies that are found: of two alike it may be the other one that is named."""
    contents = {planted.x[place].tobytes() for place in found}
    return {place for place in planted.exact if planted.x[place].tobytes() in contents}


def leaked(planted: Planted) -> set[int]:
    """Return the samples of validation and test whose content an earlier part has too, counted one by one."""
    parts = split_indices(planted.y, Task.CLASSIFICATION, SplitConfig())
    seen: set[bytes] = set()
    leaks = set()
    for index in parts.values():
        leaks |= {int(place) for place in index if planted.x[place].tobytes() in seen}
        seen |= {planted.x[place].tobytes() for place in index}
    return leaks


def _again(picture: np.ndarray, way: int, random: np.random.Generator) -> np.ndarray:
    from PIL import Image, ImageFilter

    values, image = picture.astype(float), Image.fromarray(picture)
    if way == 0:
        values = values * 1.15 + 8
    elif way == 1:
        values = values * 0.8
    elif way == 2:
        values = values + random.normal(0, 4, values.shape)
    elif way == 3:
        values = np.asarray(image.filter(ImageFilter.GaussianBlur(0.4))).astype(float)
    else:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=75)
        values = np.asarray(Image.open(file)).astype(float)
    return np.clip(values, 0, 255).astype(np.uint8)
