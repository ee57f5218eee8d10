"""Small real data for tests of models and training."""

import csv
import random

import numpy as np
from PIL import Image

from workbench.core.configs import ImportConfig
from workbench.services.projects import create_project


def write_table(path, rows=120, seed=0):
    """Write a CSV with two classes that can be told apart."""
    chooser = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["width", "height", "weight", "kind"])
        for row in range(rows):
            kind = row % 2
            values = [f"{chooser.gauss(3 * kind, 1):.4f}" for _ in range(3)]
            writer.writerow([*values, ("pear", "apple")[kind]])
    return path


def write_numbers(path, rows=80):
    """Write a CSV with a numeric target."""
    chooser = random.Random(1)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["age", "area", "price"])
        for _ in range(rows):
            age, area = chooser.uniform(0, 50), chooser.uniform(20, 200)
            writer.writerow([f"{age:.3f}", f"{area:.3f}", f"{area * 2.5 - age + chooser.gauss(0, 1):.4f}"])
    return path


def write_pictures(folder, per_class=20):
    """Write a folder of 8×8 pictures with two classes."""
    chooser = np.random.default_rng(0)
    for label, low in (("dark", 0), ("light", 128)):
        (folder / label).mkdir(parents=True)
        for number in range(per_class):
            pixels = chooser.integers(low, low + 128, (8, 8), dtype=np.uint8)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return folder


def write_ages(folder, count=60):
    """Write a flat folder of 8×8 pictures and a list of ages: the brighter, the older."""
    folder.mkdir(parents=True)
    chooser = np.random.default_rng(2)
    lines = ["file,age"]
    for number in range(count):
        pixels = chooser.integers(3 * number, 3 * number + 60, (8, 8), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{20 + number * 0.75:g}")
    (folder / "ages.csv").write_text("\n".join(lines) + "\n")
    return folder


def import_data(session, source, **config):
    """Import a source and return the Dataset."""
    return session.jobs.wait(session.datasets.import_source(source, ImportConfig(**config)), 60)


def new_project(folder):
    return create_project(folder / "Orchard", name="Orchard")
