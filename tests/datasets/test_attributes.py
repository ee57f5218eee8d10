"""Samples fall into groups by what is known of them: by value, by quarter, or for want of a value."""

import numpy as np
import pytest
from PIL import Image

from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken, no_progress
from workbench.core.errors import CancelledError
from workbench.datasets.attributes import Attribute, group
from workbench.datasets.base import kinds


def numbers(*values):
    return group(Attribute("age", np.array(values, np.float32)))


def counts(groups):
    return dict(zip(groups.names, np.bincount(groups.codes, minlength=len(groups.names)), strict=True))


def test_a_number_falls_into_quarters_that_say_how_far_they_reach():
    # Of 0 … 99 the quartiles are 24.75, 49.5 and 74.25.
    found = numbers(*range(100))
    assert counts(found) == {
        "lowest quarter": 25, "second quarter": 25, "third quarter": 25, "highest quarter": 25,
    }  # fmt: skip
    assert found.extents == ("0 to 24", "25 to 49", "50 to 74", "75 to 99")


def test_a_number_with_few_values_falls_into_its_values():
    assert counts(numbers(0, 1, 1, 0, 1)) == {"0": 2, "1": 3}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # Both lower quartiles are 0: nothing lies between them.
        ([0] * 60 + list(range(1, 41)), {"low": 60, "middle": 15, "high": 25}),
        # All quartiles are 9, the highest value: the rest stays together.
        (list(range(9)) + [9] * 91, {"low": 9, "high": 91}),
    ],
)
def test_where_many_samples_share_a_value_no_group_is_empty(values, expected):
    assert counts(numbers(*values)) == expected


def test_samples_without_a_value_are_a_group_of_their_own():
    found = group(Attribute("colour", np.array([0, 1, np.nan, 1]), ("red", "white")))
    assert counts(found) == {"red": 1, "white": 2, "missing": 1}


def test_what_is_the_same_for_all_samples_makes_no_groups():
    assert numbers(4, 4, 4) is None
    assert numbers(np.nan, np.nan) is None


def test_more_than_twenty_categories_make_no_groups():
    names = tuple(f"city {number}" for number in range(21))
    assert group(Attribute("city", np.arange(21.0), names)) is None
    assert len(group(Attribute("city", np.arange(20.0), names[:20])).names) == 20


@pytest.fixture
def pictures(tmp_path):
    """Two classes; of cats some lie in a folder of their own, and each picture is one grey."""
    source = tmp_path / "animals"
    for number, place in enumerate(("cat/night", "cat", "dog", "dog")):
        (source / place).mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), 51 * number).save(source / place / f"{number}.png")
    into = tmp_path / "into"
    into.mkdir()
    kind = kinds.build("image_folder")
    schema = kind.load(source, into, ImportConfig(), CancelToken(), no_progress).schema
    return kind, kind.open(into), schema


def test_of_a_picture_its_brightness_and_the_folder_within_its_class_are_known(pictures):
    kind, samples, schema = pictures
    folder, brightness = kind.attributes(samples, schema, CancelToken())
    by_name = dict(zip(samples.names, brightness.values.tolist(), strict=True))
    # 51 of 255 is a fifth.
    assert by_name == pytest.approx(
        {"cat/night/0.png": 0.0, "cat/1.png": 0.2, "dog/2.png": 0.4, "dog/3.png": 0.6}
    )
    named = [folder.categories[int(code)] for code in folder.values]
    assert dict(zip(samples.names, named, strict=True))["cat/night/0.png"] == "night"
    assert named.count("none") == 3


def test_reading_all_pictures_stops_when_it_is_asked_to(pictures):
    kind, samples, schema = pictures
    token = CancelToken()
    token.cancel()
    with pytest.raises(CancelledError):
        list(kind.attributes(samples, schema, token))


def test_of_a_table_its_columns_are_known(tmp_path):
    source, into = tmp_path / "t.csv", tmp_path / "into"
    colours = ["blue", "red"] * 15
    rows = [f"{n % 11},{colour},{'a' if n < 15 else 'b'}" for n, colour in enumerate(colours)]
    source.write_text("\n".join(["size,colour,kind", *rows]))
    into.mkdir()
    kind = kinds.build("table")
    config = ImportConfig(target="kind")
    schema = kind.load(source, into, config, CancelToken(), no_progress).schema
    size, colour = kind.attributes(kind.open(into), schema, CancelToken())
    assert (size.name, size.values.tolist()) == ("size", [n % 11 for n in range(30)])
    assert [colour.categories[int(code)] for code in colour.values[:2]] == ["blue", "red"]
