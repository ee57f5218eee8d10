"""Rows of a table that are no samples: totals, notes below, a second header; told, and kept where the user says."""

from pathlib import Path

import pytest

from tests.datasets.conftest import Load, codes, reasons
from workbench.core.configs import ImportConfig
from workbench.datasets.base import kinds

COUNT = 12
REGIONS = ["North", "South", "West"] * (COUNT // 3)
SALES = [row * 100 + 7 for row in range(COUNT)]
UNITS = [row % 5 + 1 for row in range(COUNT)]
HEADER = "region;sales;units;kind"
ROWS = [f"{REGIONS[row]};{SALES[row]};{UNITS[row]};{'ab'[row % 2]}" for row in range(COUNT)]


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "last",
    [
        f"Total;{sum(SALES)};{sum(UNITS)};",
        f"Gesamtsumme;{sum(SALES)};{sum(UNITS)};",
        f"合计;{sum(SALES)};{sum(UNITS)};",
        f"Итого:;{sum(SALES)};{sum(UNITS)};",
        f";{sum(SALES)};{sum(UNITS)};",
        f"All regions;{sum(SALES)};;",
        f";{sum(SALES)};{sum(UNITS)};Total",
        "Average;557,0;2,9;",
        "Total;;;",
    ],
)
def test_a_total_in_the_last_row_is_left_out_and_told(tmp_path: Path, load: Load, last: str) -> None:
    source = write(tmp_path / "t.csv", HEADER, *ROWS, last)
    preview = kinds.build("table").inspect(source, ImportConfig())
    assert preview.notes == ("Row 14 looks like a total and is left out.",)
    assert preview.details["extra_rows"] == "no"
    imported, _ = load("table", source)
    assert (imported.count, imported.found, imported.schema.classes) == (COUNT, COUNT + 1, ("a", "b"))
    assert reasons(imported) == {"row 14": "looks like a total"}
    kept = kinds.build("table").inspect(source, ImportConfig(extra_rows=True))
    assert (kept.notes, kept.details["extra_rows"]) == ((), "yes")
    assert "looks like a total" not in reasons(load("table", source, extra_rows=True)[0]).values()


def test_totals_and_an_average_and_a_source_below_them_all_go(tmp_path: Path, load: Load) -> None:
    lines = [f"Total;{sum(SALES)};{sum(UNITS)};", "Mean;557;3;", "Source: finance team;;;"]
    imported, _ = load("table", write(tmp_path / "t.csv", HEADER, *ROWS, *lines))
    assert imported.count == COUNT
    assert list(reasons(imported).values()) == [
        *("looks like a total", "looks like a total", "looks like a note below the table")
    ]


@pytest.mark.parametrize(
    "last",
    [
        "North;1234;3;a",
        "North;;3;a",
        f"North;{sum(SALES)};{sum(UNITS)};a",
        ";1300;2;b",
        "Sumner;1300;2;b",
    ],
)
def test_a_last_row_like_the_others_stays(tmp_path: Path, load: Load, last: str) -> None:
    imported, _ = load("table", write(tmp_path / "t.csv", HEADER, *ROWS, last))
    assert imported.count == COUNT + 1


def test_a_category_that_is_called_total_is_no_total(tmp_path: Path, load: Load) -> None:
    rows = [row.replace("West", "Total") for row in ROWS]
    assert load("table", write(tmp_path / "t.csv", HEADER, *rows))[0].count == COUNT


def test_a_second_header_of_a_survey_is_left_out(tmp_path: Path, load: Load) -> None:
    names = ["Where do you live?;Money spent;How often?;Which?", '{"ImportId":"a"};{"ImportId":"b"};x;y']
    source = write(tmp_path / "t.csv", HEADER, *names, *ROWS)
    imported, _ = load("table", source)
    assert set(reasons(imported).values()) == {"looks like a second header"}
    assert [column.kind for column in imported.schema.columns] == ["category", "number", "number"]
    assert "text_in_numbers" not in codes(imported)


def test_a_first_row_with_one_odd_cell_is_no_header(tmp_path: Path, load: Load) -> None:
    imported, _ = load("table", write(tmp_path / "t.csv", HEADER, "East;unknown;NA;a", *ROWS * 3))
    assert imported.count == 3 * COUNT + 1


def test_pairs_above_a_table_as_banks_write_them_are_no_header(tmp_path: Path, load: Load) -> None:
    above = ["Kontonummer:;DE12 3456", "Zeitraum:;01.01.2025 - 31.01.2025", ""]
    imported, _ = load("table", write(tmp_path / "t.csv", *above, HEADER, *ROWS))
    assert [column.name for column in imported.schema.columns] == ["region", "sales", "units"]
    assert imported.count == COUNT
    assert "preamble" in codes(imported)


def test_a_long_file_tells_of_its_total_before_the_import(tmp_path: Path, load: Load) -> None:
    source = write(tmp_path / "t.csv", HEADER, *ROWS * 10_000, f"Total;{sum(SALES) * 10_000};;")
    preview = kinds.build("table").inspect(source, ImportConfig())
    assert preview.notes == ("A row at the end looks like a total and is left out.",)
    assert load("table", source)[0].count == 10_000 * COUNT
