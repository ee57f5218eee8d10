"""Numbers as people and programs write them: what a column is, what its cells mean, and what does not fit."""

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.conftest import Load, codes
from workbench.core.configs import ImportConfig
from workbench.core.records import Imported, Preview
from workbench.core.states import Task
from workbench.datasets.base import kinds

COUNT = 40


def write(path: Path, columns: dict[str, list[str]], separator: str = ",", encoding: str = "utf-8") -> Path:
    """Write a table as a spreadsheet does, with a class behind the columns."""
    cells = columns | {"kind": [("red", "blue")[row % 2] for row in range(COUNT)]}
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator)
    writer.writerows([list(cells), *zip(*cells.values(), strict=True)])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def column(*cells: str) -> list[str]:
    """Return these cells over and over."""
    return [cells[row % len(cells)] for row in range(COUNT)]


def preview_of(source: Path, **fields: object) -> Preview:
    return kinds.build("table").inspect(source, ImportConfig(**fields))


def finding(imported: Imported, code: str) -> tuple[str, ...]:
    return next(item.examples for item in imported.findings if item.code == code)


@pytest.mark.parametrize(
    ("separator", "cells", "numbers", "told"),
    [
        (",", ("$75,707.37", "$1.00", "($1,200.00)", "-$5"), (75707.37, 1, -1200, -5), "in $, like 1,234.5"),
        (";", ("58,78 €", "1.234,50 €", "3 €"), (58.78, 1234.5, 3), "in €, like 1.234,5"),
        (",", ("€ 1.234,50", "€ 5,00"), (1234.5, 5), "in €, like 1.234,5"),
        (
            ";",
            ("1 234,50 kr", "5,5 kr", "1\u00a0234\u202f567,00 kr"),
            (1234.5, 5.5, 1234567),
            "in kr, like 1 234,5",
        ),
        (",", ("48.7%", "5 %", "100%"), (48.7, 5, 100), "in %"),
        (",", ("(1,200)", "3,400", "12,345,678"), (-1200, 3400, 12345678), "like 1,234.5"),
        (",", ("1e3", "2.5", "3E-2"), (1000, 2.5, 0.03), ""),
        ("\t", ("1,234,567", "1,234", "5"), (1234567, 1234, 5), "like 1,234.5"),
        ("\t", ("1.234.567", "1.234", "5"), (1234567, 1234, 5), "like 1.234,5"),
        ("\t", ("1 234 567", "12 345", "5"), (1234567, 12345, 5), "like 1 234.5"),
        (";", ("CHF 1'234.50", "CHF 1’234’567.00"), (1234.5, 1234567), "in CHF, like 1'234.5"),
        (",", ("12,34,567", "1,23,456"), (1234567, 123456), "like 1,234.5"),
        (";", ("1.234,50-", "7,25"), (-1234.5, 7.25), "like 1.234,5"),
        (",", ("\u22125.5", "+7"), (-5.5, 7), ""),
        (",", ("$1.2M", "$500K", "$30"), (1.2e6, 5e5, 30), "in $"),
        (",", ("1.2k", "300", "4M"), (1200, 300, 4e6), "with k and M"),
        (",", ("12 kg", "7.5 kg", "8"), (12, 7.5, 8), "in kg"),
        (",", ("5.3cm", "10cm"), (5.3, 10), "in cm"),
        (",", ("1 year", "2 years", "3 years"), (1, 2, 3), "in years"),
        (",", ("￥1,234.00", "￥99.50"), (1234, 99.5), "in ￥, like 1,234.5"),
        (",", ("$450,000+", "$99,000"), (450000, 99000), "in $, like 1,234.5"),
        (",", ("£(123.00)", "£5.00"), (-123, 5), "in £"),
        (";", ("R$ 1.234,50", "R$ 2,00"), (1234.5, 2), "in R$, like 1.234,5"),
        (",", ("3万", "5000", "1.5亿"), (30000, 5000, 1.5e8), "with k and M"),
        (",", ("08:30", "14:45", "23:59:59.5"), (8.5, 14.75, 23.99986), "in hours"),
        (",", ("8:30 AM", "12:15 AM", "2:45 pm"), (8.5, 0.25, 14.75), "in hours"),
        (",", ("1 day, 2:00:00", "0 days 00:30:00", "-0:15:00"), (26, 0.5, -0.25), "in hours"),
    ],
)
def test_numbers_are_read_as_they_are_written(
    tmp_path: Path,
    load: Load,
    separator: str,
    cells: tuple[str, ...],
    numbers: tuple[float, ...],
    told: str,
) -> None:
    source = write(tmp_path / "t.csv", {"size": column(*cells)}, separator)
    preview = preview_of(source)
    assert (preview.types[0], preview.written[0], preview.notes) == ("number", told, ())
    imported, samples = load("table", source)
    assert [item.kind for item in imported.schema.columns] == ["number"]
    np.testing.assert_allclose(samples.x[: len(cells), 0], numbers, rtol=1e-5)
    assert not {"text_in_numbers", "ambiguous_numbers"} & codes(imported)
    # New rows are read the same way, however few there are.
    for cell, number in zip(cells, numbers, strict=True):
        new = write(tmp_path / "new.csv", {"size": [cell] * COUNT}, separator)
        encoded = kinds.build("table").encode(new, imported.schema, imported.details)
        np.testing.assert_allclose(encoded.samples.x[:, 0], number, rtol=1e-5)


@pytest.mark.parametrize(
    "cells",
    [
        ("612 345 678", "612 345 679", "698 765 432"),  # phones
        ("10.0.0.1", "192.168.1.20", "10.0.0.7"),
        ("1.2.3", "1.10.0", "2.0.1"),
        ("00501", "10001", "94107"),
        ("5a", "5b", "6a"),
        ("12 Main St", "4 Oak Rd", "7 Elm Ave"),
        ("5 kg", "300 g", "2 kg"),
        ("$5", "€6", "£7"),
        ("1-5", "6-10", "11-20"),
        ("v1", "v2", "v3"),
        ("S", "M", "XL"),
        ("3/4", "1/2", "5/8"),
    ],
)
def test_what_only_looks_like_numbers_stays_text(tmp_path: Path, load: Load, cells: tuple[str, ...]) -> None:
    imported, _ = load("table", write(tmp_path / "t.csv", {"size": column(*cells), "x": column("1", "2")}))
    assert imported.schema.columns[0].categories == tuple(sorted(cells)) or set(
        imported.schema.columns[0].categories
    ) == set(cells)


def test_a_point_before_three_digits_stands_between_thousands_where_the_file_has_decimal_commas(
    tmp_path: Path, load: Load
) -> None:
    sure = {"price": column("58,78", "7,5"), "count": column("10.650", "950", "1.234")}
    imported, samples = load("table", write(tmp_path / "t.csv", sure, ";"))
    assert samples.x[:3, 1].tolist() == [10650, 950, 1234]
    assert "ambiguous_numbers" not in codes(imported)
    new = write(tmp_path / "new.csv", {"price": column("1,5"), "count": column("10.650")}, ";")
    encoded = kinds.build("table").encode(new, imported.schema, imported.details)
    assert encoded.samples.x[0].tolist() == [1.5, 10650]
    points = {"price": column("58.78", "7.5"), "count": column("10.650", "950", "1.234")}
    imported, samples = load("table", write(tmp_path / "p.csv", points, ";"))
    np.testing.assert_allclose(samples.x[:3, 1], [10.65, 950, 1.234])
    assert "ambiguous_numbers" not in codes(imported)


def test_where_nothing_tells_decimals_from_thousands_the_preview_says_so_and_the_user_decides(
    tmp_path: Path, load: Load
) -> None:
    source = write(tmp_path / "t.csv", {"count": column("10.650", "950", "1.234")}, ";")
    preview = preview_of(source)
    assert preview.written[0] == "1.234 or 1234?"
    assert preview.notes == (
        "count: 1.234 was read as decimals, but may be thousands. Click its heading to change that.",
    )
    imported, samples = load("table", source)
    assert finding(imported, "ambiguous_numbers") == ("count: read as decimals",)
    np.testing.assert_allclose(samples.x[:3, 0], [10.65, 950, 1.234])
    for types, decimal in (({"count": "number comma"}, None), ({}, ",")):
        told = preview_of(source, types=types, decimal=decimal)
        assert (told.notes, told.written[0]) == ((), "like 1.234,5")
        imported, samples = load("table", source, types=types, decimal=decimal)
        assert samples.x[:3, 0].tolist() == [10650, 950, 1234]
        assert "ambiguous_numbers" not in codes(imported)
    told = preview_of(source, types={"count": "number point"})
    assert (told.notes, told.written[0]) == ((), "")
    # A value that cannot be thousands, or cannot be decimals, settles it.
    for cells in (("10.650", "0.5"), ("10.650", "1.234.567"), ("10.650", "1234")):
        settled = write(tmp_path / "s.csv", {"count": column(*cells)}, ";")
        assert preview_of(settled).notes == ()


def test_a_column_that_contradicts_itself_names_what_does_not_fit(tmp_path: Path, load: Load) -> None:
    cells = [f"{row},{row % 9 + 1}5" for row in range(COUNT)]
    cells[7], cells[9] = "1.5", "ask us"
    source = write(tmp_path / "t.csv", {"price": cells}, ";")
    assert preview_of(source).notes == (
        "price: 2 of 40 cells are no number and become missing ('1.5', 'ask us').",
    )
    imported, samples = load("table", source)
    assert finding(imported, "text_in_numbers") == ("price: 2 (5.0%), such as '1.5', 'ask us'",)
    assert np.flatnonzero(np.isnan(samples.x[:, 0])).tolist() == [7, 9]


def test_words_and_errors_for_a_missing_number_are_missing_and_named(tmp_path: Path, load: Load) -> None:
    words = ["NaN", "N/A", "-", "null", "#N/A", "#DIV/0!", "—", "(null)", "n.a.", r"\N", "无", "."]
    cells = column("$1.50", "$7.25", "$3.00")
    cells[: len(words)] = words
    look = column("red", "blue", "#REF!")
    imported, samples = load("table", write(tmp_path / "t.csv", {"price": cells, "look": look}))
    assert np.isnan(samples.x[:, 0]).sum() == len(words)
    assert imported.schema.columns[1].categories == ("blue", "red")
    named = finding(imported, "missing_words")
    assert named[0].startswith("price: 'NaN', 'N/A', '-', 'null'")
    assert named[1] == "look: '#REF!'"
    assert "text_in_numbers" not in codes(imported)


def test_a_dash_beside_a_currency_is_a_missing_number(tmp_path: Path, load: Load) -> None:
    imported, samples = load(
        "table", write(tmp_path / "t.csv", {"cost": column("5,50 €", "-   €", "7 €")}, ";")
    )
    np.testing.assert_array_equal(samples.x[:3, 0], [5.5, np.nan, 7])
    assert finding(imported, "missing_words") == ("cost: '-   €'",)


def test_numbers_in_several_units_are_texts_and_that_is_told(tmp_path: Path, load: Load) -> None:
    source = write(tmp_path / "t.csv", {"weight": column("5 kg", "300 g", "7 kg"), "x": column("1", "2")})
    assert preview_of(source).notes == (
        "weight: its numbers are in kg and g, so they are texts: bring them to one unit.",
    )
    assert finding(load("table", source)[0], "mixed_units") == ("weight: kg, g",)


def test_a_unit_beside_one_of_many_bare_numbers_does_not_fit_and_is_named(tmp_path: Path, load: Load) -> None:
    cells = [str(row * 3) for row in range(COUNT)]
    cells[4] = "12 lbs"
    source = write(tmp_path / "t.csv", {"weight": cells})
    assert preview_of(source).notes == ("weight: 1 of 40 cells are no number and become missing ('12 lbs').",)


def test_a_percent_sign_is_no_unit_of_bare_numbers(tmp_path: Path, load: Load) -> None:
    cells = [f"{row}.5%" for row in range(COUNT)]
    cells[5] = "0.25"
    imported, samples = load("table", write(tmp_path / "t.csv", {"share": cells}))
    assert finding(imported, "text_in_numbers") == ("share: 1 (2.5%), such as '0.25'",)
    assert np.isnan(samples.x[5, 0])


def test_a_target_in_a_currency_is_a_number_to_learn(tmp_path: Path, load: Load) -> None:
    prices = [f"{row + 1}.{row:03},50 €" for row in range(COUNT)]
    source = write(tmp_path / "t.csv", {"price": prices}, ";")
    imported, samples = load("table", source, target="price")
    assert imported.schema.task is Task.REGRESSION
    assert samples.y[2] == 3002.5
    encoded = kinds.build("table").encode(source, imported.schema, imported.details)
    assert encoded.samples.y.tolist() == samples.y.tolist()


def test_new_numbers_in_another_unit_are_not_taken_for_the_same(tmp_path: Path, load: Load) -> None:
    imported, _ = load("table", write(tmp_path / "t.csv", {"price": column("$5", "$7.50", "$1,200")}))
    new = write(tmp_path / "new.csv", {"price": column("$5", "€5", "7", "1200")})
    encoded = kinds.build("table").encode(new, imported.schema, imported.details)
    np.testing.assert_array_equal(encoded.samples.x[:4, 0], [5, np.nan, 7, 1200])


def test_a_model_of_decimal_commas_reads_new_tables_with_points(tmp_path: Path, load: Load) -> None:
    imported, _ = load("table", write(tmp_path / "t.csv", {"price": column("1.234,50 €", "7,25 €")}, ";"))
    new = write(tmp_path / "new.csv", {"price": column("1234.5", "7.25")})
    encoded = kinds.build("table").encode(new, imported.schema, imported.details)
    assert encoded.samples.x[:2, 0].tolist() == [1234.5, 7.25]


@pytest.mark.parametrize(
    ("cells", "shown"),
    [
        (("oui", "non"), ("non", "oui")),
        (("是", "否"), ("否", "是")),
        (("ja", "nein"), ("ja", "nein")),
        (("Yes", "yes", "Yes", "Y", "No", "no", "No", "N"), ("No", "Yes")),
        (("TRUE", "FALSE", "TRUE", "True", "false", "FALSE"), ("FALSE", "TRUE")),
    ],
)
def test_yes_and_no_are_two_categories_in_any_words(
    tmp_path: Path, load: Load, cells: tuple[str, ...], shown: tuple[str, ...]
) -> None:
    source = write(tmp_path / "t.csv", {"member": column(*cells)})
    assert preview_of(source).types[0] == "yes or no"
    imported, samples = load("table", source)
    assert imported.schema.columns[0].categories == shown
    assert not np.isnan(samples.x).any()
    new = write(tmp_path / "new.csv", {"member": column("YES", "n", "1", "0")})
    encoded = kinds.build("table").encode(new, imported.schema, imported.details)
    yes = float(samples.x[0, 0])
    assert encoded.samples.x[:4, 0].tolist() == [yes, 1 - yes, yes, 1 - yes]


def test_labels_with_blanks_around_are_one_class_and_that_is_told(tmp_path: Path, load: Load) -> None:
    source = tmp_path / "t.csv"
    source.write_text("size,wine\n" + "1.5,Barolo\n2.5,Barolo \n3.5,\u00a0Barbera\n4.5,Barbera\n" * 10)
    imported, samples = load("table", source)
    assert imported.schema.classes == ("Barbera", "Barolo")
    assert samples.y[:4].tolist() == [1, 1, 0, 0]
    assert set(finding(imported, "trimmed_labels")) == {"'Barolo '", "'\\xa0Barbera'"}
    assert "similar_classes" not in codes(imported)
