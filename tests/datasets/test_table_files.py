"""Tables in Excel, Parquet and JSON lines come in as the same table in CSV does."""

import json
import zipfile
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook
from sklearn.datasets import load_iris

from tests.datasets.conftest import Load
from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import CancelledError, DataError
from workbench.datasets.base import kinds


@pytest.fixture
def iris() -> pd.DataFrame:
    data = load_iris(as_frame=True)
    frame = data.frame.drop(columns="target")
    frame["species"] = [data.target_names[label] for label in data.target]
    frame.loc[3, "petal width (cm)"] = np.nan
    return frame


def test_the_same_table_is_the_same_dataset_in_every_form(
    tmp_path: Path, load: Load, iris: pd.DataFrame
) -> None:
    iris.to_csv(tmp_path / "iris.csv", index=False)
    iris.to_csv(tmp_path / "iris.tsv", index=False, sep="\t")
    iris.to_parquet(tmp_path / "iris.parquet")
    iris.to_excel(tmp_path / "iris.xlsx", index=False)
    iris.to_json(tmp_path / "iris.jsonl", orient="records", lines=True, force_ascii=False)
    reference, samples = load("table", tmp_path / "iris.csv")
    assert reference.count == 150
    for name in ("iris.tsv", "iris.parquet", "iris.xlsx", "iris.jsonl"):
        # The name tells nothing: content decides.
        source = (tmp_path / name).rename(tmp_path / f"{name} copy")
        imported, found = load("table", source)
        assert imported.schema == reference.schema, name
        np.testing.assert_array_equal(found.x, samples.x)
        np.testing.assert_array_equal(found.y, samples.y)
        assert kinds.build("table").inspect(source, ImportConfig()).columns[:1] == ("sepal length (cm)",)


def test_the_first_sheet_with_cells_is_read_or_the_one_that_is_named(tmp_path: Path, load: Load) -> None:
    book = Workbook()
    book.active.title = "Empty"
    for title, values in (("Übersicht", ("x", "y")), ("数据", ("size", "kind"))):
        sheet = book.create_sheet(title)
        sheet.append([None, None])
        sheet.append([*values, None])
        for number in range(30):
            sheet.append([number * 1.5, "ab"[number % 2]])
        sheet.append([])
    book.save(tmp_path / "book.xlsx")
    first, samples = load("table", tmp_path / "book.xlsx")
    assert [column.name for column in first.schema.columns] == ["x"]
    assert (first.count, samples.names[0]) == (30, "row 3")
    named, _ = load("table", tmp_path / "book.xlsx", sheet="数据")
    assert (named.schema.target, named.details["sheet"]) == ("kind", "数据")
    preview = kinds.build("table").inspect(tmp_path / "book.xlsx", ImportConfig())
    assert preview.details["sheets"] == "Empty\nÜbersicht\n数据"
    with pytest.raises(DataError, match="Did you mean 数据"):
        load("table", tmp_path / "book.xlsx", sheet="数据 ")


def test_cells_of_a_workbook_are_what_they_show_and_formulas_what_they_gave(
    tmp_path: Path, load: Load
) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["day", "yes", "whole", "sum", "kind"])
    for number in range(20):
        day = datetime(2026, 1, 1 + number) if number % 2 else date(2026, 1, 1 + number)
        sheet.append([day, bool(number % 3), float(number), "=1+1", "ab"[number % 2]])
    book.save(tmp_path / "book.xlsx")
    load("table", tmp_path / "book.xlsx")
    rows = kinds.build("table").inspect(tmp_path / "book.xlsx", ImportConfig()).rows
    # Nobody has computed the formula yet: the file holds no value of it.
    assert rows[:2] == (
        ("2026-01-01", "false", "0", "", "a"),
        ("2026-01-02", "true", "1", "", "b"),
    )


def test_damaged_protected_and_swollen_workbooks_are_refused_in_one_sentence(tmp_path: Path) -> None:
    table = kinds.build("table")
    with zipfile.ZipFile(tmp_path / "damaged.xlsx", "w") as packed:
        packed.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(DataError, match="damaged workbook: save it again"):
        table.inspect(tmp_path / "damaged.xlsx", ImportConfig())
    (tmp_path / "locked.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(DataError, match="without a password"):
        table.inspect(tmp_path / "locked.xlsx", ImportConfig())
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", bytes(300 << 20))
    with pytest.raises(DataError, match="more than is safe"):
        table.inspect(tmp_path / "bomb.xlsx", ImportConfig())


def test_parquet_of_any_type_is_read_and_a_damaged_one_refused(tmp_path: Path, load: Load) -> None:
    count = 24
    table = pa.table(
        {
            "code": pa.array(["007", "7"] * 12).dictionary_encode(),
            "at": pa.array([datetime(2026, 1, 1)] * count, pa.timestamp("ns")),
            "money": pa.array(range(count)).cast(pa.decimal128(25, 2)),
            "nested": [{"a": number} for number in range(count)],
            "raw": [b"\xff\x00"] * count,
            "half": pa.array(np.arange(count, dtype=np.float16)),
            "none": pa.nulls(count),
            "kind": ["x", "y", None] * 8,
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    imported, _ = load("table", tmp_path / "t.parquet", target="kind")
    kept = {column.name: column for column in imported.schema.columns}
    assert kept["code"].categories == ("007", "7")
    assert (kept["money"].kind, kept["half"].kind, kept["none"].kind) == ("number", "number", "unused")
    assert imported.skipped[0].path == "row 3"
    content = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "cut.parquet").write_bytes(content[: len(content) // 2])
    with pytest.raises(DataError, match="damaged Parquet file"):
        load("table", tmp_path / "cut.parquet")


def test_json_lines_may_lack_keys_and_lines_that_are_none_are_named(tmp_path: Path, load: Load) -> None:
    lines = [json.dumps({"size": n / 4, "kind": "ab"[n % 2]}) for n in range(40)]
    lines[5] = "{broken"
    lines[7] = "[1, 2]"
    lines[9] = ""
    lines[20] = json.dumps({"size": 1e400, "kind": "a", "späteres": ["x", {"y": None}], "flag": True})
    source = tmp_path / "t.jsonl"
    source.write_text("\n".join(lines) + "\n", encoding="utf-8")
    imported, samples = load("table", source, target="kind")
    assert {skipped.path: skipped.reason for skipped in imported.skipped} == {
        "row 6": "is no JSON",
        "row 8": "is no JSON object with keys",
    }
    assert imported.count == 37
    assert samples.names[-1] == "row 40"
    assert [column.name for column in imported.schema.columns] == ["size", "späteres", "flag"]
    assert np.isnan(samples.x[samples.names.index("row 21"), 0])


def test_a_cancelled_reading_stops_at_once(tmp_path: Path, load: Load, iris: pd.DataFrame) -> None:
    pd.concat([iris] * 40).to_parquet(tmp_path / "iris.parquet")
    pd.concat([iris] * 40).to_json(tmp_path / "iris.jsonl", orient="records", lines=True)
    token = CancelToken()
    token.cancel()
    for name in ("iris.parquet", "iris.jsonl"):
        with pytest.raises(CancelledError):
            load("table", tmp_path / name, token)


def test_a_decimal_sign_can_be_told(tmp_path: Path, load: Load) -> None:
    source = tmp_path / "t.csv"
    source.write_text("size;kind\n" + "".join(f"{n % 5},5;{'ab'[n % 2]}\n" for n in range(30)))
    assert load("table", source)[1].x[1, 0] == 1.5
    as_text, _ = load("table", source, decimal=".")
    assert as_text.schema.columns[0].kind == "category"
    quoted = tmp_path / "q.csv"
    quoted.write_text("size,kind\n" + "".join(f'"{n},5",{"ab"[n % 2]}\n' for n in range(30)))
    assert load("table", quoted, decimal=",")[1].x[1, 0] == 1.5


REPORT = "Wine list;;;\nas of 03.11.2026\n\nwine;alcohol;price;rated\n"


@pytest.mark.parametrize("above", [REPORT, REPORT.replace("\n\n", "\n;;;\n"), "sep=;\n" + REPORT])
def test_lines_above_the_header_are_left_out_and_told(tmp_path: Path, load: Load, above: str) -> None:
    source = tmp_path / "report.csv"
    rows = "".join(f"{'ab'[n % 2]};{n % 7},5;{n}.25;{n % 3 + 0.5}\n" for n in range(40))
    source.write_text(above + rows)
    imported, samples = load("table", source, target="wine")
    assert [column.name for column in imported.schema.columns] == ["alcohol", "price", "rated"]
    assert (imported.count, imported.skipped) == (40, ())
    assert samples.names[0] == f"row {above.count(chr(10)) + 1}"
    (told,) = [finding for finding in imported.findings if finding.code == "preamble"]
    assert told.examples == ("Wine list", "as of 03.11.2026")


@pytest.mark.parametrize("first", ["a,b,c", ",value,unit", "id,", "one heading alone,b"])
def test_a_header_with_headings_missing_stays_the_header(tmp_path: Path, load: Load, first: str) -> None:
    source = tmp_path / "t.csv"
    width = first.count(",")
    source.write_text(first + "\n" + "".join(f"{n * 0.5}{',x' * width}\n" for n in range(30)))
    found = kinds.build("table").inspect(source, ImportConfig())
    assert len(found.rows) == 30


def test_a_workbook_that_begins_with_notes_and_merged_titles_shows_its_table(
    tmp_path: Path, load: Load
) -> None:
    book = Workbook()
    book.active.title = "Read me"
    book.active["A1"] = "Quarterly export, do not edit"
    sheet = book.create_sheet("Customers")
    sheet["A1"], sheet["A2"], sheet["C2"] = "Customers of 2026", "Person", "Contract"
    for merged in ("A1:D1", "A2:B2", "C2:D2"):
        sheet.merge_cells(merged)
    sheet.append(["Name", "Age", "Begun", "Status"])
    for number in range(40):
        sheet.append(
            [f"N. {number}", 20 + number, datetime(2026, 1, 1 + number % 28), ("on", "left")[number % 2]]
        )
    book.save(tmp_path / "customers.xlsx")
    preview = kinds.build("table").inspect(tmp_path / "customers.xlsx", ImportConfig())
    assert preview.details["sheet"] == "Customers"
    assert preview.columns == ("Name", "Age", "Begun", "Status")
    imported, samples = load("table", tmp_path / "customers.xlsx")
    assert (imported.count, imported.schema.classes) == (40, ("left", "on"))
    assert samples.names[0] == "row 4"
    (told,) = [finding for finding in imported.findings if finding.code == "preamble"]
    assert told.examples == ("Customers of 2026", "Person Contract")
