"""Known defects in real pictures, and how many of them the health check finds."""

import io
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from tests.benchmarks import material
from workbench.core.configs import SplitConfig
from workbench.core.control import CancelToken
from workbench.core.records import Dataset, Imported, Schema
from workbench.core.states import Modality, Task
from workbench.datasets.base import Samples
from workbench.datasets.checks.base import Subject, checks
from workbench.datasets.names import write_file_names
from workbench.datasets.splits import split_indices

COUNT, MANY = 5_000, 60_000
_COPIES, _WRONG = 25, 50  # one in so many


@dataclass(frozen=True)
class Planted:
    """Pictures with defects: contents, labels, and places by kind; of a near copy the place of its original."""

    x: np.ndarray
    y: np.ndarray
    exact: frozenset[int]
    near: dict[int, int]
    wrong: frozenset[int]


def plant(count: int = COUNT, seed: int = 11) -> Planted:
    """Write over some pictures with copies of others, saved again in five ways, and give some wrong labels."""
    random = np.random.default_rng(seed)
    pictures, labels, _ = material.pictures(max(count, material.PICTURES_TO_IMPORT))
    x, y = pictures[:count].copy(), labels[:count].astype(np.int64)
    order, exact = random.permutation(count), count // _COPIES
    places, sources = order[: 2 * exact], order[2 * exact : 4 * exact]
    for number, (place, source) in enumerate(zip(places, sources, strict=True)):
        x[place] = x[source] if number < exact else _again(x[source], number % 5, random)
        y[place] = y[source]
    wrong = order[-(count // _WRONG) :]
    y[wrong] = (y[wrong] + random.integers(1, 10, len(wrong))) % 10
    near = dict(zip(places[exact:].tolist(), sources[exact:].tolist(), strict=True))
    return Planted(x, y, frozenset(places[:exact].tolist()), near, frozenset(wrong.tolist()))


def imported(planted: Planted) -> Imported:
    """Return what an import that keeps copies would say of the pictures."""
    schema = Schema(Task.CLASSIFICATION, (1, *planted.x.shape[1:]), tuple("0123456789"))
    count = len(planted.y)
    counts = tuple(np.bincount(planted.y, minlength=10).tolist())
    return Imported("image_folder", schema, count, count, 0, (), (), counts, f"planted {count}")


def write(planted: Planted, folder: Path) -> None:
    """Write what such an import leaves behind."""
    folder.mkdir(parents=True)
    np.save(folder / "pictures.npy", planted.x[:, None])
    np.save(folder / "labels.npy", planted.y)
    names = [f"{label}/{number:05}.png" for number, label in enumerate(planted.y.tolist())]
    write_file_names(folder / "names.arrow", names, planted.y, list("0123456789"), CancelToken())


def found(planted: Planted) -> dict[str, set[int]]:
    """Check the pictures and return which samples are found, by the code of the finding."""
    dataset = Dataset(1, "planted", 1, "", "", imported(planted), SplitConfig(), datetime.now(UTC))
    samples = Samples(planted.x[:, None], planted.y, [str(number) for number in range(len(planted.y))])
    parts = split_indices(samples.y, dataset.schema.task, dataset.split)
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
