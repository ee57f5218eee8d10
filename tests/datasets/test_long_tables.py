"""A long CSV file is read as numbers at once, and nothing is lost by that: it is the table that its texts make."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.datasets.conftest import Load, codes, reasons
from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import DataError
from workbench.core.records import Imported
from workbench.datasets import columns, delimited_rows, pieces, typed_rows
from workbench.datasets import table as table_module
from workbench.datasets.base import Samples, kinds
from workbench.datasets.feature_draft import write_features
from workbench.datasets.plain_numbers import PROBE
from workbench.datasets.table_rows import TableRows

COUNT = 1_500
RANDOM = np.random.default_rng(0)
NORMAL = RANDOM.normal(size=COUNT)


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short files count as long, and are cut into many pieces."""
    monkeypatch.setattr(typed_rows, "_LONG_BYTES", 0)
    monkeypatch.setattr(pieces, "PIECE_BYTES", 4_000)
    monkeypatch.setattr(typed_rows, "_CACHED_BYTES", 1_000)
    for module in (columns, typed_rows):
        monkeypatch.setattr(module, "LONG", PROBE)


def texts_of(form: str) -> list[str]:
    return [form.format(value) for value in NORMAL.tolist()]


def table(path: Path, columns: dict[str, list[str]], separator: str = ",", end: str = "\n") -> Path:
    cells = columns | {"label": [("no", "yes")[place % 2] for place in range(COUNT)]}
    lines = [separator.join(cells), *(separator.join(row) for row in zip(*cells.values(), strict=True))]
    path.write_bytes((end.join(lines) + end).encode())
    return path


def by_text(source: Path, into: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Imported, Samples]:
    """Import all columns as text, as short files are."""
    with monkeypatch.context() as patch:
        patch.setattr(delimited_rows, "read_typed", lambda *_: None)
        into.mkdir()
        kind = kinds.build("table")
        imported = kind.load(source, into, ImportConfig(), CancelToken(), lambda *_: None)
        assert not kind.open(into).texts.kept
        return imported, kind.open(into)


def cells(samples: Samples) -> list[list[str]]:
    return samples.texts.rows(np.arange(len(samples)))


NUMBERS = [
    "",
    "0",
    "-0.0",
    "1.50",
    "12",
    "1e-05",
    "1E5",
    "9007199254740993",
    "0.1234567890123456",
    "1e300",
    ".5",
]
OTHERS = [
    "NA",
    "nan",
    "inf",
    "007",
    "-01.5",
    " 3",
    " 007",
    "+4",
    "4 ",
    "x",
    '"5"',
    '"a ""b"" 07"',
    '""',
    "5.",
    "1.234",
    "$5",
    "5 %",
    "1,5",
    "Total",
    "20240131",
]
CELLS = st.sampled_from([*NUMBERS, *OTHERS])


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    forms=st.lists(
        st.sampled_from(["{:.5f}", "{:.2f}", "{!r}", "{:.3e}", "t{:.0f}"]), min_size=1, max_size=4
    ),
    odd=st.lists(st.tuples(st.integers(0, 4), st.integers(0, COUNT - 1), CELLS), max_size=4),
    separator=st.sampled_from([",", ";", "\t", "|"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_the_table_is_the_same_as_the_one_its_texts_make(
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    forms: list[str],
    odd: list[tuple[int, int, str]],
    separator: str,
    end: str,
) -> None:
    home = tmp_path_factory.mktemp("table")
    columns = {"any": texts_of("{:.4f}")} | {f"c{n}": texts_of(form) for n, form in enumerate(forms)}
    for column, row, text in odd:
        columns[list(columns)[column % len(columns)]][row] = text
    columns["kind"] = ["red", "blue", "green"] * (COUNT // 3)  # there is always something to learn from
    source = table(home / "t.csv", columns, separator, end)
    wanted, texts = by_text(source, home / "texts", monkeypatch)
    (home / "typed").mkdir()
    kind = kinds.build("table")
    found = kind.load(source, home / "typed", ImportConfig(), CancelToken(), lambda *_: None)
    samples = kind.open(home / "typed")
    assert replace(found, sha256="") == replace(wanted, sha256="")
    np.testing.assert_array_equal(samples.x, texts.x)
    np.testing.assert_array_equal(samples.y, texts.y)
    assert list(samples.names) == list(texts.names)
    for ours, theirs in zip(cells(samples), cells(texts), strict=True):
        # A number may be written in a shorter way; nothing else may differ.
        assert all(a == b or float(a) == float(b) for a, b in zip(ours, theirs, strict=True))


GROUPED = [f"{1 + place % 900}.{place % 1000:03}" for place in range(COUNT)]
LATE = [str(place % 1000) for place in range(1_200)] + GROUPED[1_200:]


@pytest.mark.parametrize("grouped", [GROUPED, LATE], ids=["from the first row", "from a late row"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("other", ["1.5", "1,5", "2"])
def test_points_that_may_stand_between_thousands_mean_the_same_as_in_a_short_file(
    tmp_path: Path,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
    grouped: list[str],
    separator: str,
    other: str,
) -> None:
    # The last column lets a file be read as numbers at once.
    columns = {"count": grouped, "other": [f'"{other}"', '"7"'] * (COUNT // 2)}
    columns["size"] = [str(place * 7 % 1009) for place in range(COUNT)]
    source = table(tmp_path / "t.csv", columns, separator)
    wanted, texts = by_text(source, tmp_path / "texts", monkeypatch)
    imported, samples = load("table", source)
    assert replace(imported, sha256="") == replace(wanted, sha256="")
    np.testing.assert_array_equal(samples.x, texts.x)
    are_thousands = other == "1,5"
    assert (samples.x[:, 0] == np.floor(samples.x[:, 0])).all() == are_thousands
    assert ("ambiguous_numbers" in codes(imported)) == (other == "2" and separator != ",")


def test_plain_dates_of_a_long_file_are_dates(
    tmp_path: Path, load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [f"{2000 + place % 25}{1 + place % 12:02}{1 + place % 28:02}" for place in range(COUNT)]
    source = table(tmp_path / "t.csv", {"day": days, "size": texts_of("{:.4f}")})
    wanted, _ = by_text(source, tmp_path / "texts", monkeypatch)
    imported, samples = load("table", source)
    assert set(samples.texts.kept) == {"size"}
    assert imported.schema.columns[0].is_date
    assert imported.schema == wanted.schema


@pytest.mark.parametrize("form", ["{:.2f}", "{:.6f}", "{!r}"])
def test_numbers_are_shown_as_they_stand_in_the_file(tmp_path: Path, load: Load, form: str) -> None:
    texts = texts_of(form)
    texts[5] = ""
    _, samples = load("table", table(tmp_path / "t.csv", {"size": texts}))
    assert set(samples.texts.kept) == {"size"}
    assert [row[0] for row in cells(samples)] == texts
    assert samples.column is not None
    assert samples.column("size") == texts


def test_a_number_that_is_written_in_another_way_than_the_first_ones_is_shown_as_short_as_it_can_be(
    tmp_path: Path, load: Load
) -> None:
    texts = texts_of("{:.2f}")
    texts[1_200] = "1.50000"
    texts[1_201] = "0.123456789"
    _, samples = load("table", table(tmp_path / "t.csv", {"size": texts}))
    assert [row[0] for row in cells(samples)[1_200:1_202]] == ["1.5", "0.123456789"]


@pytest.mark.parametrize("late", ["007", "-01.5", " 007", "nan", "NA", "1e999", "12345678901234567890"])
def test_what_would_not_be_the_same_as_a_number_stays_text_however_late_it_comes(
    tmp_path: Path, load: Load, late: str
) -> None:
    first, second = texts_of("{:.3f}"), texts_of("{:.4f}")
    first[1_400] = late
    _, samples = load("table", table(tmp_path / "t.csv", {"first": first, "second": second}))
    assert "first" not in samples.texts.kept
    assert samples.texts.column("first").to_pylist() == first


def test_dates_and_phone_numbers_with_leading_zeros_take_nothing_from_the_numbers_beside_them(
    tmp_path: Path, load: Load
) -> None:
    columns = {"size": texts_of("{:.3f}"), "day": [f"{1 + n % 9:02}.0{1 + n % 9}.2024" for n in range(COUNT)]}
    imported, samples = load("table", table(tmp_path / "t.csv", columns))
    assert set(samples.texts.kept) == {"size"}
    assert imported.schema.columns[1].is_date


def test_quoted_line_ends_and_separators_lie_in_one_piece(tmp_path: Path, load: Load) -> None:
    notes = [f'"line {n}\nnext, ""{n}"""' for n in range(COUNT)]
    _, samples = load("table", table(tmp_path / "t.csv", {"size": texts_of("{:.3f}"), "note": notes}))
    assert set(samples.texts.kept) == {"size"}
    assert samples.texts.column("note").to_pylist() == [f'line {n}\nnext, "{n}"' for n in range(COUNT)]


@pytest.fixture
def written_anew(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files of features that were not there when all rows were read."""
    places: list[Path] = []

    def noted(path: Path, *rest: Any) -> str:
        places.append(path)
        return write_features(path, *rest)

    monkeypatch.setattr(table_module, "write_features", noted)
    return places


def test_features_are_there_as_soon_as_all_rows_are_read(
    tmp_path: Path, load: Load, monkeypatch: pytest.MonkeyPatch, written_anew: list[Path]
) -> None:
    columns = {
        "id": [str(n) for n in range(COUNT)],
        "size": texts_of("{:.3f}"),
        "colour": ["red", "blue", ""] * (COUNT // 3),
        "rooms": [str(n % 7) for n in range(COUNT)],
        "day": [f"2024-05-{1 + n % 30:02}" for n in range(COUNT)],
        "name": [f"name {n}" for n in range(COUNT)],
        "always": ["1"] * COUNT,
    }
    source = table(tmp_path / "t.csv", columns)
    imported, samples = load("table", source)
    assert not written_anew
    wanted, texts = by_text(source, tmp_path / "texts", monkeypatch)
    assert replace(imported, sha256="") == replace(wanted, sha256="")
    np.testing.assert_array_equal(samples.x, texts.x)
    assert [column.name for column in imported.schema.used_columns] == ["size", "colour", "rooms", "day"]


@pytest.mark.parametrize(
    ("column", "late"),
    [("colour", "green"), ("rooms", "many"), ("rooms", "1.5"), ("size", "x"), ("label", ""), ("day", "soon")],
)
def test_features_that_the_first_rows_foretold_wrongly_are_written_anew(
    tmp_path: Path,
    load: Load,
    monkeypatch: pytest.MonkeyPatch,
    written_anew: list[Path],
    column: str,
    late: str,
) -> None:
    columns = {
        "size": texts_of("{:.3f}"),
        "other": texts_of("{:.4f}"),
        "colour": ["red", "blue", "yellow"] * (COUNT // 3),
        "rooms": [str(n % 7) for n in range(COUNT)],
        "day": [f"2024-05-{1 + n % 30:02}" for n in range(COUNT)],
        "label": [("no", "yes")[n % 2] for n in range(COUNT)],
    }
    columns[column][1_300] = late
    columns["colour"][1_300] = "green"  # goes with the row, where that has no label
    lines = [",".join(columns), *map(",".join, zip(*columns.values(), strict=True))]
    source = tmp_path / "t.csv"
    source.write_text("\n".join(lines))
    imported, samples = load("table", source)
    assert len(written_anew) == 1
    wanted, texts = by_text(source, tmp_path / "texts", monkeypatch)
    assert replace(imported, sha256="") == replace(wanted, sha256="")
    np.testing.assert_array_equal(samples.x, texts.x)
    assert ("green" in imported.schema.columns[2].categories) == (column != "label")


@pytest.mark.parametrize(
    "written", [["12 kg", "7 kg", "1.5 kg"], ["$1200", "$7", "($3)"], ["5%", "48.7%", "1%"]]
)
def test_few_different_numbers_that_are_not_written_plainly_are_those_of_a_short_file(
    tmp_path: Path, load: Load, monkeypatch: pytest.MonkeyPatch, written: list[str]
) -> None:
    columns = {
        "size": texts_of("{:.3f}"),
        "price": written * (COUNT // 3),
        "label": ["a", "b"] * (COUNT // 2),
    }
    source = table(tmp_path / "t.csv", columns)
    imported, samples = load("table", source)
    assert [column.kind for column in imported.schema.used_columns] == ["number", "number"]
    assert np.isfinite(samples.x).all()
    wanted, texts = by_text(source, tmp_path / "texts", monkeypatch)
    assert replace(imported, sha256="") == replace(wanted, sha256="")
    np.testing.assert_array_equal(samples.x, texts.x)


@pytest.mark.parametrize("late", ["Caf\xe9".encode("cp1252"), "\u30ab\u30d5\u30a7".encode("cp932")])
def test_a_letter_that_is_not_utf8_is_found_however_late_it_comes(
    tmp_path: Path, load: Load, monkeypatch: pytest.MonkeyPatch, late: bytes
) -> None:
    columns = {"size": texts_of("{:.3f}"), "colour": ["red", "blue", "green"] * (COUNT // 3)}
    columns["colour"][1_400] = "HERE"
    source = table(tmp_path / "t.csv", columns)
    source.write_bytes(source.read_bytes().replace(b"HERE", late * 8))
    imported, samples = load("table", source)
    monkeypatch.setattr(typed_rows, "_LONG_BYTES", 1 << 30)
    wanted, texts = load("table", source)
    assert imported.details["encoding"] == wanted.details["encoding"] != "utf-8"
    assert (imported, cells(samples)) == (wanted, cells(texts))


def test_a_nul_is_found_however_late_it_comes(tmp_path: Path, load: Load) -> None:
    source = table(tmp_path / "t.csv", {"size": texts_of("{:.3f}"), "what": ["a", "b", "c"] * (COUNT // 3)})
    content = bytearray(source.read_bytes())
    content[-2_000] = 0
    source.write_bytes(content)
    with pytest.raises(DataError, match="NUL"):
        load("table", source)


def test_rows_of_another_length_and_a_quote_where_none_belongs_are_told_as_ever(
    tmp_path: Path, load: Load
) -> None:
    first, second = texts_of("{:.3f}"), [f"{n} inch" for n in range(COUNT)]
    first[1_100] = "1,2"
    second[1_200] = '5" pipe'
    imported, samples = load("table", table(tmp_path / "t.csv", {"size": first, "what": second}))
    assert reasons(imported) == {"row 1102": "has 4 values, the header has 3"}
    assert samples.texts.column("what")[1_199].as_py() == '5" pipe'


def test_equal_rows_are_found_though_few_columns_are_looked_at_first(tmp_path: Path, load: Load) -> None:
    columns = {f"c{n}": texts_of(f"{{:.{n + 2}f}}") for n in range(6)}
    for texts in columns.values():
        texts[200] = texts[100]
    for texts in list(columns.values())[:4]:
        texts[301] = texts[300]
    columns["c5"][301] = "7.0000000"
    source = table(tmp_path / "t.csv", columns)
    source.write_bytes(source.read_bytes().replace(b",no\n", b",yes\n"))
    imported, _ = load("table", source, target="c0")
    (finding,) = [item for item in imported.findings if item.code == "duplicate_rows"]
    assert (finding.count, finding.examples) == (1, ("row 202",))
    assert "constant_column" in codes(imported)


@pytest.mark.parametrize(
    "words",
    ["0.1", "-1.", ".50", "12", "5", "1.25", "0", "00", "10", ".0", "0.", "05", "5E-0", "x", "1.2.3", "-0.0"],
)
def test_digits_are_found_in_numbers_as_in_their_texts(tmp_path: Path, load: Load, words: str) -> None:
    columns = {
        "fixed": texts_of("{:.2f}"),
        "short": texts_of("{!r}"),
        "whole": [str(n) for n in range(COUNT)],
    }
    columns["short"][7] = "1.25e-07"
    columns["short"][8] = "2.0"
    imported, samples = load("table", table(tmp_path / "t.csv", columns))
    assert set(samples.texts.kept) == set(columns)
    rows = TableRows(samples, imported.schema, (*columns, "label"))
    wanted = [
        any(words.casefold() in cell for cell in cells) for cells in zip(*columns.values(), strict=True)
    ]
    assert np.concatenate(list(rows.search(words))).tolist() == wanted
