"""Tables and texts that other programs wrote: the same sixty rows, or forty reviews, whatever the form."""

from pathlib import Path

import numpy as np
import pytest

from tests.datasets.conftest import Load
from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, no_progress
from workbench.datasets.base import kinds as datasets
from workbench.datasets.sniff import find_kind

FOREIGN = Path(__file__).parent / "foreign"
REFERENCE = FOREIGN / "tables" / "sqlite.csv"


@pytest.mark.parametrize("name", sorted(path.name for path in (FOREIGN / "tables").iterdir()))
def test_a_table_of_any_program_is_the_same_sixty_rows(load: Load, name: str) -> None:
    expected, wanted = load("table", REFERENCE)
    imported, samples = load("table", FOREIGN / "tables" / name)
    assert imported.count == 60
    assert not imported.skipped
    assert (imported.schema.target, imported.schema.classes) == (
        "origin",
        ("Besançon", "Haro, Rioja", "Würzburg"),
    )
    kinds = [(column.name, column.kind) for column in imported.schema.columns]
    assert kinds == [(column.name, column.kind) for column in expected.schema.columns]
    assert kinds[0] == ("code", "unused"), "037 is a text, no number"
    np.testing.assert_array_equal(samples.x, wanted.x)
    np.testing.assert_array_equal(samples.y, wanted.y)
    assert np.isnan(samples.x[7, 0])
    assert samples.column is not None
    assert samples.column("code")[1] == "037"


@pytest.mark.parametrize("name", ["jq.jsonl", "iconv.zip"])
def test_reviews_of_any_program_and_encoding_are_the_same_texts(
    tmp_path: Path, load: Load, name: str
) -> None:
    _, wanted = load("text", FOREIGN / "texts" / "sqlite.csv")
    source = FOREIGN / "texts" / name
    kind = find_kind(source, ImportConfig())
    imported = kind.load(source, tmp_path, ImportConfig(), CancelToken(), no_progress)
    samples = datasets.build("text").open(tmp_path)
    assert imported.schema.classes == ("bad", "good")

    def told(found):
        return sorted(zip((text.strip() for text in found.x[:]), found.y.tolist(), strict=True))

    assert told(samples) == told(wanted)
    assert any("很好" in text for text in samples.x[:])
