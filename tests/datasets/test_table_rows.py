"""A table as it is looked at: sorted, searched, each column in numbers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.datasets.conftest import Load
from workbench.datasets.table_rows import TableRows

_DAY = pd.Timestamp("2024-01-01")


@pytest.fixture
def frame() -> pd.DataFrame:
    random = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "who": [f"Name {number}" for number in range(200)],
            "size": random.normal(5, 2, 200).round(3),
            "day": [(_DAY + pd.Timedelta(days=int(n))).date() for n in random.integers(0, 90, 200)],
            "word": random.choice(["Red", "blue", "grün"], 200, p=[0.6, 0.3, 0.1]),
            "kind": random.choice(["a", "b"], 200),
        }
    )
    frame.loc[[3, 7], "size"] = np.nan
    frame.loc[5, "word"] = None
    return frame


@pytest.fixture
def table(tmp_path: Path, load: Load, frame: pd.DataFrame) -> TableRows:
    frame.to_csv(tmp_path / "t.csv", index=False)
    imported, samples = load("table", tmp_path / "t.csv")
    return TableRows(samples, imported.schema, tuple(frame.columns))


def test_rows_at_any_places_are_as_they_stand_in_the_file(table: TableRows, frame: pd.DataFrame) -> None:
    texts = frame.astype(object).where(frame.notna(), "").astype(str).to_numpy()
    for places in ([5, 6, 7], [199, 3, 3, 0], []):
        assert table.rows(np.array(places, np.int64)) == texts[places].tolist()


def test_numbers_and_dates_are_counted_as_pandas_counts_them(table: TableRows, frame: pd.DataFrame) -> None:
    size = table.statistics("size")
    assert (size.count, size.missing, sum(size.bars)) == (200, 2, 198)
    expected = [frame["size"].agg(name) for name in ("mean", "min", "max")]
    np.testing.assert_allclose([size.mean, size.low, size.high], expected, rtol=1e-6)
    np.testing.assert_allclose(size.deviation, frame["size"].std(ddof=0), rtol=1e-6)
    day = table.statistics("day")
    assert day.is_date
    assert day.low == (pd.Timestamp(frame["day"].min()) - pd.Timestamp(0)).days


def test_categories_classes_and_texts_tell_their_most_frequent_values(
    table: TableRows, frame: pd.DataFrame
) -> None:
    word = table.statistics("word")
    assert (word.missing, word.distinct, word.mean) == (1, 3, None)
    assert dict(word.values) == frame["word"].value_counts().to_dict()
    assert [count for _, count in word.values] == sorted(word.bars, reverse=True)
    assert dict(table.statistics("kind").values) == frame["kind"].value_counts().to_dict()
    assert table.statistics("who").distinct == 200


@pytest.mark.parametrize("column", ["size", "day", "kind", "word"])
@pytest.mark.parametrize("descending", [False, True])
def test_rows_are_sorted_by_a_column_with_missing_ones_last(
    table: TableRows, frame: pd.DataFrame, column: str, descending: bool
) -> None:
    key = frame[column].str.casefold() if column == "word" else frame[column]
    wanted = key.sort_values(ascending=not descending, kind="stable", na_position="last")
    assert table.order(column, descending=descending).tolist() == wanted.index.tolist()


def test_texts_that_are_no_input_are_sorted_as_people_count(table: TableRows) -> None:
    # Name 10 comes after Name 9.
    assert table.order("who", descending=False).tolist() == list(range(200))


@pytest.mark.parametrize(
    ("words", "column"), [("NAME 19", "who"), ("GRÜN", "word"), ("red", "word"), ("2024-02", "day")]
)
def test_words_are_found_in_any_cell_whatever_their_case(
    table: TableRows, frame: pd.DataFrame, words: str, column: str
) -> None:
    wanted = frame[column].astype(str).str.casefold().str.contains(words.casefold())
    assert wanted.any()
    assert np.concatenate(list(table.search(words))).tolist() == wanted.tolist()
