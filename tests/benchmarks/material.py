"""Real data to measure with, and a project that holds it."""

import csv
import gzip
from pathlib import Path

import numpy as np

FASHION = Path("/usr/share/datasets/fashion-mnist")
PICTURES, DEEP, PICTURES_TO_IMPORT, ROWS = 4_500, 3_000, 10_000, 50_000
PHOTOGRAPHS, LARGE = 1_000, 640
BATCH = 128
SEED = 7
# Long enough that what a run costs once, such as its last checkpoint, does not decide, and that the small
# CNN is worth the trial of precision that a run of some length begins with.
EPOCHS = {"pictures": 3, "deep": 2, "table": 12}
FAMILY = {"pictures": "convnet", "deep": "resnet", "table": "mlp"}
# A ResNet that a processor trains in a time worth waiting for.
FIELDS = {"pictures": {}, "deep": {"width": 16}, "table": {}}


def pictures(count: int = PICTURES_TO_IMPORT):
    """Return (n, 28, 28) uint8 pictures, their labels, and where they come from."""
    if (FASHION / "train-images-idx3-ubyte.gz").is_file():
        with gzip.open(FASHION / "train-images-idx3-ubyte.gz") as file:
            x = np.frombuffer(file.read(16 + 784 * count), np.uint8, offset=16)
        with gzip.open(FASHION / "train-labels-idx1-ubyte.gz") as file:
            y = np.frombuffer(file.read(8 + count), np.uint8, offset=8)
        return x.reshape(-1, 28, 28), y, "Fashion-MNIST"
    from PIL import Image
    from sklearn.datasets import load_digits

    data = load_digits()
    scaled = [
        np.asarray(Image.fromarray((picture * 15.9).astype(np.uint8)).resize((28, 28)))
        for picture in data.images
    ]
    noise = np.random.default_rng(0)
    # No two alike, since copies are left out on import.
    x = np.stack([scaled[i % len(scaled)] for i in range(count)])
    x = np.clip(x + noise.integers(0, 3, x.shape), 0, 255).astype(np.uint8)
    return x, np.resize(data.target, count), "scikit-learn's digits, enlarged"


def write_pictures(folder: Path, x, y) -> None:
    from PIL import Image

    for label in np.unique(y):
        (folder / str(label)).mkdir(parents=True)
    for number, (picture, label) in enumerate(zip(x, y, strict=True)):
        Image.fromarray(picture).save(folder / str(label) / f"{number:05}.png")


def write_photographs(folder: Path, x) -> None:
    """Write large colour JPEG files with the detail and the size of photographs, 100 to 200 KB each."""
    from PIL import Image

    chance = np.random.default_rng(SEED)
    for number in range(PHOTOGRAPHS):
        scene = np.zeros((LARGE, LARGE, 3), np.float32)
        for octave in range(4):
            low = chance.integers(0, 256, (4 * 3**octave, 4 * 3**octave, 3)).astype(np.uint8)
            scene += np.asarray(Image.fromarray(low).resize((LARGE, LARGE)), np.float32) * 0.5 ** (octave + 1)
        things = x[chance.integers(0, len(x), 16)].reshape(4, 4, 28, 28).transpose(0, 2, 1, 3)
        scene[:560, :560] = (
            0.6 * scene[:560, :560] + 0.4 * np.kron(things.reshape(112, 112), np.ones((5, 5)))[..., None]
        )
        path = folder / str(number % 4) / f"{number:04}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.clip(scene, 0, 255).astype(np.uint8)).save(path, quality=90)


def write_imported(folder: Path, count: int) -> None:
    """Write what an import of so many pictures leaves behind."""
    from workbench.core.control import CancelToken
    from workbench.datasets.names import write_file_names

    folder.mkdir()
    labels = np.arange(count) % 10
    np.save(folder / "pictures.npy", np.zeros((count, 1, 28, 28), np.uint8))
    np.save(folder / "labels.npy", labels)
    names = [f"{label}/{number:05}.png" for number, label in enumerate(labels)]
    write_file_names(folder / "names.arrow", names, labels, [str(k) for k in range(10)], CancelToken())


def write_table(path: Path) -> None:
    """Write the breast-cancer table over and over, up to 50,000 rows."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([*data.feature_names, "diagnosis"])
        rows = [
            [*(f"{value:.6g}" for value in values), data.target_names[label]]
            for values, label in zip(data.data, data.target, strict=True)
        ]
        for number in range(ROWS):
            writer.writerow(rows[number % len(rows)])


def build(home: Path) -> str:
    """Write sources and import them into `home/project`; return where the pictures come from."""
    from workbench.core.configs import ImportConfig, SplitConfig
    from workbench.services.projects import create_project

    x, y, source = pictures()
    write_pictures(home / "many", x, y)
    write_photographs(home / "photographs", x)
    write_pictures(home / "pictures", x[:PICTURES], y[:PICTURES])
    write_pictures(home / "deep", x[:DEEP], y[:DEEP])
    write_table(home / "table.csv")
    # The hand-written loops judge nothing between epochs, so as little as can be is judged here.
    split = SplitConfig(train=0.96, validation=0.04, test=0.0)
    with create_project(home / "project") as session:
        for name in ("pictures", "deep", "table.csv"):
            job = session.datasets.import_source(home / name, ImportConfig(name=Path(name).stem))
            session.datasets.set_split(session.jobs.wait(job, 300).id, split)
    return source
