import subprocess
import sys
from pathlib import Path

import pytest

from tests.datasets.conftest import Load
from workbench.core.errors import UserError
from workbench.datasets.starters import starters, write_starter


def test_the_digits_come_as_pictures_and_go_through_the_importer(tmp_path: Path, load: Load) -> None:
    source = write_starter("digits", tmp_path)
    assert source.name == "digits"
    imported, samples = load("image_folder", source)
    assert imported.schema.classes == tuple("0123456789")
    assert imported.schema.input_shape == (1, 8, 8)
    assert (imported.count, imported.skipped, imported.findings) == (1797, (), ())
    assert (samples.x.min(), samples.x.max()) == (0, 255)


def test_the_tumours_come_as_a_table_and_go_through_the_importer(tmp_path: Path, load: Load) -> None:
    source = write_starter("breast-cancer", tmp_path)
    imported, samples = load("table", source)
    assert source.name == "breast_cancer.csv"
    assert imported.schema.target == "diagnosis"
    assert imported.schema.classes == ("benign", "malignant")
    assert imported.schema.columns[0].name == "mean_radius"
    assert imported.class_counts == (357, 212)
    assert samples.x.shape == (569, 30)
    assert samples.x[0, 0] == pytest.approx(17.99)


def test_names_and_texts_are_there_without_loading_scikit_learn() -> None:
    script = (
        "import sys\nfrom workbench.datasets.starters import starters\n"
        "assert [s.name for s in starters()] == ['digits', 'breast-cancer']\n"
        "print(*{'sklearn', 'torch', 'pandas', 'numpy'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.stdout.strip(), done.stderr) == ("", "")


def test_an_unknown_starter_is_told_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="Did you mean digits"):
        write_starter("digit", tmp_path)
    assert all(starter.title and starter.text.endswith(".") for starter in starters())
