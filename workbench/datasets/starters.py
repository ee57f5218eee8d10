"""Real data that comes with the program, written as the files that a user would import."""

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from workbench.core.errors import UserError
from workbench.core.files import atomic_write
from workbench.core.records import Starter
from workbench.core.registry import nearest

_STARTERS = (
    Starter(
        "digits",
        "Handwritten digits",
        "1,797 pictures of handwritten digits, 8×8 pixels, ten classes. UCI Optical Recognition of "
        "Handwritten Digits (Alpaydin and Kaynak, 1998; CC BY 4.0).",
        "digits",
    ),
    Starter(
        "breast-cancer",
        "Breast cancer diagnosis",
        "569 tumours with 30 measurements of their cell nuclei each, benign or malignant. UCI Breast Cancer "
        "Wisconsin Diagnostic (Wolberg, Mangasarian, Street and Street, 1993; CC BY 4.0).",
        "breast_cancer.csv",
    ),
)


def starters() -> list[Starter]:
    """Return all starters, in the order in which they are offered."""
    return list(_STARTERS)


def write_starter(name: str, into: Path) -> Path:
    """Write a starter's files into the folder `into` and return what to import.

    Raises:
        UserError: There is no starter of that name.
        DiskError: The files could not be written.
    """
    starter = next((starter for starter in _STARTERS if starter.name == name), None)
    if starter is None:
        raise UserError(f"There is no starter {name!r}. {nearest(name, [s.name for s in _STARTERS])}")
    target = into / starter.source_name
    _WRITERS[name](target)
    return target


def _write_digits(folder: Path) -> None:
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_digits

    data = load_digits()
    for number, (picture, label) in enumerate(zip(data.images, data.target, strict=True)):
        path = folder / str(label) / f"{number:04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.rint(picture * (255 / 16)).astype(np.uint8)).save(path)


def _write_breast_cancer(path: Path) -> None:
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*(re.sub(r"\W+", "_", name) for name in data.feature_names), "diagnosis"])
    for values, label in zip(data.data, data.target, strict=True):
        writer.writerow([*(f"{value:.10g}" for value in values), data.target_names[label]])
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, text.getvalue().encode())


_WRITERS: dict[str, Callable[[Path], None]] = {"digits": _write_digits, "breast-cancer": _write_breast_cancer}
