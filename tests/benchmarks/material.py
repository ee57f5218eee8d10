"""Real data to measure with, and a project that holds it."""

import csv
import gzip
from pathlib import Path

import numpy as np

FASHION = Path("/usr/share/datasets/fashion-mnist")
PICTURES, DEEP, PICTURES_TO_IMPORT, ROWS = 4_500, 3_000, 10_000, 50_000
BATCH = 128
SEED = 7
# Long enough that what a run costs once, such as its last checkpoint, does not decide, and that the small
# CNN is worth the trial of precision that a run of some length begins with.
EPOCHS = {"pictures": 3, "deep": 2, "table": 4}
FAMILY = {"pictures": "convnet", "deep": "resnet", "table": "mlp"}
# A ResNet that a processor trains in a time worth waiting for.
FIELDS = {"pictures": {}, "deep": {"width": 16}, "table": {}}


def pictures():
    """Return (n, 28, 28) uint8 pictures, their labels, and where they come from."""
    if (FASHION / "train-images-idx3-ubyte.gz").is_file():
        with gzip.open(FASHION / "train-images-idx3-ubyte.gz") as file:
            x = np.frombuffer(file.read(16 + 784 * PICTURES_TO_IMPORT), np.uint8, offset=16)
        with gzip.open(FASHION / "train-labels-idx1-ubyte.gz") as file:
            y = np.frombuffer(file.read(8 + PICTURES_TO_IMPORT), np.uint8, offset=8)
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
    x = np.stack([scaled[i % len(scaled)] for i in range(PICTURES_TO_IMPORT)])
    x = np.clip(x + noise.integers(0, 3, x.shape), 0, 255).astype(np.uint8)
    return x, np.resize(data.target, PICTURES_TO_IMPORT), "scikit-learn's digits, enlarged"


def write_pictures(folder: Path, x, y) -> None:
    from PIL import Image

    for label in np.unique(y):
        (folder / str(label)).mkdir(parents=True)
    for number, (picture, label) in enumerate(zip(x, y, strict=True)):
        Image.fromarray(picture).save(folder / str(label) / f"{number:05}.png")


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
