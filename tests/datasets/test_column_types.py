"""What each column of a table is: found out over the whole file, or said by the user."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.conftest import Load, codes
from workbench.core.configs import ImportConfig
from workbench.core.errors import DataError
from workbench.core.records import Imported
from workbench.core.states import Task
from workbench.datasets.base import kinds

_EPOCH = date(1970, 1, 1)


def write(path: Path, columns: dict[str, list[object]]) -> Path:
    rows = zip(*columns.values(), strict=True)
    lines = [";".join(columns), *(";".join(map(str, row)) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def finding(imported: Imported, code: str) -> tuple[str, ...]:
    return next(item.examples for item in imported.findings if item.code == code)


@pytest.mark.parametrize(
    ("written", "order"),
    [
        ("%Y-%m-%d", "ymd"),
        ("%Y/%m/%d", "ymd"),
        ("%Y年%m月%d日", "ymd"),
        ("%Y-%m-%dT00:00:00Z", "ymd"),
        ("%d.%m.%Y", "dmy"),
        ("%d/%m/%Y", "dmy"),
        ("%m/%d/%Y", "mdy"),
        ("%Y%m%d", "ymd"),
        ("%d.%m.%y", "dmy"),
        ("%m/%d/%y", "mdy"),
        ("%b %d, %Y", "ymd"),
        ("%d-%b-%y", "ymd"),
        ("%A, %d %B %Y", "ymd"),
        ("%m/%d/%Y 12:00 AM", "mdy"),
        ("%d.%m.%Y, 00:00 Uhr", "dmy"),
        ("%a %b %d %Y 00:00:00 GMT+0000 (UTC)", "ymd"),
    ],
)
def test_dates_are_found_out_and_become_days(tmp_path: Path, load: Load, written: str, order: str) -> None:
    days = [date(2023, 12, 20) + timedelta(days=7 * number) for number in range(40)]
    source = write(
        tmp_path / "visits.csv", {"day": [day.strftime(written) for day in days], "kind": list("ab" * 20)}
    )
    imported, samples = load("table", source)
    assert imported.schema.columns[0].is_date
    assert imported.details["dates"] == {"day": order}
    assert samples.x[:, 0].tolist() == [(day - _EPOCH).days for day in days]
    assert "ambiguous_dates" not in codes(imported)
    # New data are read in the order that the whole first file told, whatever the few new rows look like.
    new = write(tmp_path / "new.csv", {"day": [date(2024, 3, 4).strftime(written)], "kind": ["a"]})
    encoded = kinds.build("table").encode(new, imported.schema, imported.details)
    assert encoded.samples.x[0, 0] == (date(2024, 3, 4) - _EPOCH).days


@pytest.mark.parametrize(
    ("cells", "days"),
    [
        (("3. März 2024", "12. Okt. 2024"), (date(2024, 3, 3), date(2024, 10, 12))),
        (("1er janvier 2024", "14 août 2024"), (date(2024, 1, 1), date(2024, 8, 14))),
        (("5 de mayo de 2024", "9 enero 2023"), (date(2024, 5, 5), date(2023, 1, 9))),
        (("7 мая 2024", "1 января 2025"), (date(2024, 5, 7), date(2025, 1, 1))),
        (("Jan-24", "Dec-23"), (date(2024, 1, 1), date(2023, 12, 1))),
        (("2024-05", "2023-11"), (date(2024, 5, 1), date(2023, 11, 1))),
        (("2024年5月", "2023年11月"), (date(2024, 5, 1), date(2023, 11, 1))),
        (("2024-05-06T23:30:00-02:00", "2024-05-08"), (date(2024, 5, 7), date(2024, 5, 8))),
        (("Jan 5, 2025 3:05 PM EST", "Mar 9, 2025 1:00 AM EDT"), (date(2025, 1, 5), date(2025, 3, 9))),
        (("31.12.1968", "00.00.0000"), (date(1968, 12, 31), None)),
    ],
)
def test_dates_are_read_as_people_write_them(
    tmp_path: Path, load: Load, cells: tuple[str, str], days: tuple[date, date | None]
) -> None:
    more = [*cells, *([cells[0]] * 37), cells[0].replace("1968", "1969")]
    imported, samples = load("table", write(tmp_path / "t.csv", {"day": more, "kind": list("ab" * 20)}))
    assert imported.schema.columns[0].is_date
    wanted = [np.nan if day is None else (day - _EPOCH).days for day in days]
    np.testing.assert_allclose(np.floor(samples.x[:2, 0]), wanted)
    assert "text_in_dates" not in codes(imported)


def test_dates_that_can_be_read_two_ways_are_told_and_the_user_has_the_last_word(
    tmp_path: Path, load: Load
) -> None:
    source = write(tmp_path / "t.csv", {"day": ["01/02/2024", "03/04/2024"] * 5, "kind": list("ab" * 5)})
    imported, samples = load("table", source)
    assert finding(imported, "ambiguous_dates") == ("day",)
    assert samples.x[0, 0] == (date(2024, 2, 1) - _EPOCH).days
    told, samples = load("table", source, types={"day": "date mdy"})
    assert samples.x[0, 0] == (date(2024, 1, 2) - _EPOCH).days
    assert "ambiguous_dates" not in codes(told)


def test_what_does_not_fit_the_type_of_a_column_is_named(tmp_path: Path, load: Load) -> None:
    size: list[object] = [*(number * 1.5 for number in range(58)), "about 7", "n/a"]
    day: list[object] = [*(date(2024, 1, 1) + timedelta(days=n) for n in range(58)), "2024-02-30", "NA"]
    imported, samples = load(
        "table", write(tmp_path / "t.csv", {"size": size, "day": day, "kind": ["a", "b"] * 30})
    )
    assert finding(imported, "text_in_numbers") == ("size: 1 (1.7%), such as 'about 7'",)
    assert finding(imported, "text_in_dates") == ("day: 1 (1.7%), such as '2024-02-30'",)
    assert np.isnan(samples.x[-2:]).all()
    assert not np.isnan(samples.x[:-2]).any()


def test_a_user_can_say_what_a_column_is(tmp_path: Path, load: Load) -> None:
    source = write(
        tmp_path / "t.csv",
        {
            "zip": [f"0{number % 7}123" for number in range(60)],
            "code": [number % 3 for number in range(60)],
            "note": [f"text {number}" for number in range(60)],
            "half": [("1,5", "2,5", "few")[number % 3] for number in range(60)],
            "kind": list("ab" * 30),
        },
    )
    plain, _ = load("table", source)
    assert [column.kind for column in plain.schema.columns] == ["category", "number", "unused", "category"]
    types = {"zip": "number", "code": "category", "note": "category", "half": "number"}
    imported, samples = load("table", source, types=types)
    assert [column.kind for column in imported.schema.columns] == ["number", "category", "category", "number"]
    assert samples.x[1].tolist() == [1123.0, 1.0, 1.0, 2.5]
    less, _ = load("table", source, types={"zip": "unused", "code": "text"})
    assert [column.name for column in less.schema.used_columns] == ["half"]
    assert plain.sha256 != imported.sha256 != less.sha256


def test_a_user_can_say_what_the_target_is(tmp_path: Path, load: Load) -> None:
    source = write(
        tmp_path / "t.csv",
        {"size": [n * 0.5 for n in range(40)], "grade": [number % 5 for number in range(40)]},
    )
    assert load("table", source)[0].schema.task is Task.CLASSIFICATION
    assert load("table", source, types={"grade": "number"})[0].schema.task is Task.REGRESSION
    rating = write(
        tmp_path / "r.csv", {"size": [n * 0.5 for n in range(60)], "grade": [n % 30 for n in range(60)]}
    )
    assert load("table", rating)[0].schema.task is Task.REGRESSION
    assert len(load("table", rating, types={"grade": "category"})[0].schema.classes) == 30


@pytest.mark.parametrize(
    ("types", "said"),
    [
        ({"word": "number"}, "'word' holds no number"),
        ({"word": "date"}, "'word' holds no date"),
        ({"wrod": "text"}, "Did you mean word"),
        ({"kind": "date"}, "has to be a number or a category"),
        ({"word": "text", "size": "text"}, "No column of t.csv but the target"),
    ],
)
def test_a_type_that_cannot_be_is_refused_in_words(
    tmp_path: Path, load: Load, types: dict[str, str], said: str
) -> None:
    columns = {"word": ["red", "blue"] * 10, "size": [n * 0.5 for n in range(20)], "kind": ["a", "b"] * 10}
    with pytest.raises(DataError, match=said):
        load("table", write(tmp_path / "t.csv", columns), types=types)


def test_a_preview_tells_what_columns_are_by_their_first_rows(tmp_path: Path) -> None:
    columns = {
        "day": [date(2024, 1, 1) + timedelta(days=n) for n in range(20)],
        "size": [n * 0.5 for n in range(20)],
        "word": ["red", "blue"] * 10,
        "note": [f"text {n}" for n in range(20)],
        "kind": ["a", "b"] * 10,
    }
    source = write(tmp_path / "t.csv", columns)
    preview = kinds.build("table").inspect(source, ImportConfig(types={"note": "category"}))
    assert preview.types == ("date", "number", "category", "category", "category")


def test_thousands_of_columns_and_thousands_of_labels_come_in(tmp_path: Path, load: Load) -> None:
    values = np.random.default_rng(0).normal(size=(200, 5000)).round(4)
    lines = [",".join([f"x{place}" for place in range(5000)] + ["label"])]
    lines += [",".join([*map(str, row), "ab"[number % 2]]) for number, row in enumerate(values.tolist())]
    (tmp_path / "wide.csv").write_text("\n".join(lines))
    wide, samples = load("table", tmp_path / "wide.csv")
    assert wide.schema.input_shape == (5000,)
    np.testing.assert_allclose(samples.x, values, rtol=1e-6)
    many = write(
        tmp_path / "many.csv",
        {"size": [n * 0.5 for n in range(10_000)], "who": [f"p{n % 5000}" for n in range(10_000)]},
    )
    imported, samples = load("table", many)
    assert len(imported.schema.classes) == 5000
    assert imported.schema.classes[int(samples.y[4999])] == "p4999"
