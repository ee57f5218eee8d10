import codecs
import time
from pathlib import Path

import numpy as np
import pytest

from tests.datasets.conftest import Load, codes, reasons
from workbench.core.configs import ImportConfig
from workbench.core.control import CancelToken
from workbench.core.errors import CancelledError, DataError
from workbench.core.states import Task
from workbench.datasets.base import kinds


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def rows(count: int, line: str) -> str:
    """Return `count` lines; `{i}` counts, `{c}` goes a, b, c, a, ..., `{n}` is a number of its own."""
    return "".join(line.format(i=i, c="abc"[i % 3], n=i * 1.5) + "\n" for i in range(count))


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return write(tmp_path / "people.csv", "age,town,label\n" + rows(30, "{n},{c},{c}"))


def kinds_of(imported) -> dict[str, str]:
    return {column.name: column.kind for column in imported.schema.columns}


def test_a_plain_table_becomes_numbers_codes_and_labels(people: Path, load: Load) -> None:
    imported, samples = load("table", people)
    assert imported.schema.task is Task.CLASSIFICATION
    assert imported.schema.target == "label"
    assert imported.schema.classes == ("a", "b", "c")
    assert kinds_of(imported) == {"age": "number", "town": "category"}
    assert imported.schema.input_shape == (2,)
    assert samples.x.dtype == np.float32
    assert samples.x[:4].tolist() == [[0.0, 0.0], [1.5, 1.0], [3.0, 2.0], [4.5, 0.0]]
    assert samples.y[:4].tolist() == [0, 1, 2, 0]
    assert samples.names[0] == "row 2"
    assert list(samples.names[-2:]) == ["row 30", "row 31"]


def test_rows_are_shown_as_they_stand_in_the_file(people: Path, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    kind = kinds.build("table")
    kind.load(people, into, ImportConfig(), CancelToken(), lambda *_: None)
    assert kind.rows(into, 0, 2) == [["0.0", "a", "a"], ["1.5", "b", "b"]]
    assert kind.rows(into, 29, 40) == [["43.5", "c", "c"]]


def test_ids_with_leading_zeros_and_labels_called_na_stay_what_they_are(tmp_path: Path, load: Load) -> None:
    labels = ["NA", "None", "null", "nan", "007", "7"] * 4
    text = "id,size,label\n" + "".join(f"{i:03},{i % 5},{label}\n" for i, label in enumerate(labels))
    imported, samples = load("table", write(tmp_path / "t.csv", text))
    assert set(imported.schema.classes) == set(labels)
    assert kinds_of(imported)["id"] == "unused"
    assert imported.count == 24
    assert [imported.schema.classes[label] for label in samples.y] == labels
    again = load(
        "table", write(tmp_path / "z.csv", "zip,x,label\n" + rows(24, "0{c}1,{n},{c}").replace("0a1", "007"))
    )
    assert "007" in next(c for c in again[0].schema.columns if c.name == "zip").categories


def test_rows_longer_or_shorter_than_the_header_are_named_by_number(tmp_path: Path, load: Load) -> None:
    text = (
        "a,b,c,label\n" + rows(15, "{n},{n},{i},{c}") + "1,2,3,x,5\n" + rows(2, "{n},{n},{i},{c}") + "1,2\n"
    )
    imported, samples = load("table", write(tmp_path / "t.csv", text))
    assert reasons(imported) == {
        "row 17": "has 5 values, the header has 4",
        "row 20": "has 2 values, the header has 4",
    }
    assert imported.count == 17
    assert list(samples.names[-2:]) == ["row 18", "row 19"]


def test_row_numbers_hold_over_quoted_lines_empty_lines_and_blocks(tmp_path: Path, load: Load) -> None:
    long = "y" * 200_000
    text = (
        'a,note,label\n1,"two\nlines",x\n\n2,plain,y\n,,\n' + f"3,{long},x\n" * 120 + "4,y\n5,plain,y\n\n\n"
    )
    imported, samples = load("table", write(tmp_path / "t.csv", text))
    assert list(samples.names[:3]) == ["row 2", "row 4", "row 6"]
    assert reasons(imported) == {"row 126": "has 2 values, the header has 3"}
    assert samples.names[-1] == "row 127"
    assert imported.found == 124


@pytest.mark.parametrize(
    "encoding", ["latin-1", "cp1252", "gb18030", "utf-16", "utf-16-le", "utf-8-sig", "big5", "cp949"]
)
def test_the_encoding_is_found_out_shown_and_loses_no_sign(encoding: str, tmp_path: Path, load: Load) -> None:
    words = {
        "gb18030": ["良好", "合格", "不良"],
        "big5": ["臺北", "高雄", "臺中"],
        "cp949": ["서울", "부산이다", "대구"],
    }.get(encoding, ["José", "Köln", "naïf"])
    text = "size,label\n" + "".join(f"{i % 7},{words[i % 3]}\n" for i in range(30))
    source = write(tmp_path / "t.csv", text, encoding)
    imported, _ = load("table", source)
    assert set(imported.schema.classes) == set(words)
    preview = kinds.build("table").inspect(source, ImportConfig())
    assert codecs.lookup(preview.details["encoding"]) is not None
    assert imported.details["encoding"] == preview.details["encoding"]
    assert preview.count == 30


def test_one_foreign_byte_far_down_is_not_overlooked(tmp_path: Path, load: Load) -> None:
    text = "size,label\n" + rows(300_000, "{i},{c}") + "1,señal\n"
    imported, _ = load("table", write(tmp_path / "t.csv", text, "latin-1"), target="label")
    assert "señal" in imported.schema.classes


def test_a_wrong_encoding_is_refused_and_never_patched(tmp_path: Path, load: Load) -> None:
    source = write(tmp_path / "t.csv", "size,label\n1,é\n2,b\n", "latin-1")
    with pytest.raises(DataError, match="not in UTF-8"):
        load("table", source, encoding="utf-8")
    for name in ("klingon", "hex", "rot13", "idna"):
        with pytest.raises(DataError, match="no text encoding"):
            load("table", source, encoding=name)


def test_utf_8_with_one_foreign_byte_is_not_read_as_something_else(tmp_path: Path, load: Load) -> None:
    text = "size,label\n" + "".join(f"{i},{'äöüß'[i % 4]}\n" for i in range(40))
    source = tmp_path / "t.csv"
    source.write_bytes(text.encode() + b"1,\xe4\n")
    with pytest.raises(DataError, match="UTF-8 but for byte"):
        load("table", source)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_out(separator: str, tmp_path: Path, load: Load) -> None:
    text = ("size,note,label\n" + rows(20, '{n},"a, b; c | d",{c}')).replace(",", separator)
    text = text.replace(f'"a{separator} b; c | d"', '"a, b; c | d"')
    imported, _ = load("table", write(tmp_path / "t.csv", text))
    assert imported.details["separator"] == separator
    assert kinds_of(imported) == {"size": "number", "note": "unused"}


def test_decimal_commas_are_numbers_where_the_comma_does_not_separate(tmp_path: Path, load: Load) -> None:
    source = write(tmp_path / "t.csv", "size;label\n" + rows(30, "{n};{c}").replace(".", ","))
    imported, samples = load("table", source)
    assert samples.x[1, 0] == 1.5
    again = kinds.build("table").encode(source, imported.schema, imported.details)
    assert np.array_equal(again.samples.x, samples.x)


def test_what_excel_writes_in_front_and_behind_is_no_data(tmp_path: Path, load: Load) -> None:
    imported, samples = load(
        "table", write(tmp_path / "t.csv", "sep=;\r\nsize;label\r\n1;a\r\n2;b\r\n;\r\n;\r\n")
    )
    assert imported.count == imported.found == 2
    assert samples.names[0] == "row 3"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "no header"),
        (b"a,b,label\n", "no row"),
        (b"just text\nand more\n", "only one column"),
        (b"a,b\n\0\0\0\0,1\n", "NUL"),
        (b"a,label\n1,\n2, \n", "No row has a value"),
        (b"a,label\n1,x\n1,y\n", "can be learnt from"),
        (b'a,label\n1,"' + b"x\n" * 20_000_000, "quote"),
    ],
)
def test_a_file_without_a_table_in_it_is_refused_in_one_sentence(
    content: bytes, words: str, tmp_path: Path, load: Load
) -> None:
    source = tmp_path / "t.csv"
    source.write_bytes(content)
    with pytest.raises(DataError, match=words) as error:
        load("table", source)
    assert "\n" not in str(error.value)


def test_a_quote_that_is_never_closed_does_not_swallow_the_rest_in_silence(
    tmp_path: Path, load: Load
) -> None:
    good = "size,label\n" + rows(20, "{n},{c}")
    for tail in ('1,"open\n' + rows(5, "{n},{c}"), '"1,x\n' + rows(5, "{n},{c}")):
        imported, _ = load("table", write(tmp_path / "t.csv", good + tail))
        assert imported.count == 20
        assert "quote that is not closed" in reasons(imported)["row 22"]


def test_a_huge_field_is_read_whole(tmp_path: Path, load: Load) -> None:
    imported, _ = load(
        "table",
        write(tmp_path / "t.csv", "size,note,label\n" + f"1,{'z' * 5_000_000},a\n" + rows(9, "{n},t,{c}")),
    )
    assert imported.count == 10


def test_missing_values_are_counted_by_the_rules_of_their_column(tmp_path: Path, load: Load) -> None:
    text = "size,town,label\n" + rows(20, "{n},{c},{c}") + "NA,NA,a\n?,,b\n ,null,c\nnan,a,NA\n"
    imported, samples = load("table", write(tmp_path / "t.csv", text))
    town = next(column for column in imported.schema.columns if column.name == "town")
    assert town.categories == ("a", "b", "c", "NA", "null") or set(town.categories) == {
        "a",
        "b",
        "c",
        "NA",
        "null",
    }
    assert np.isnan(samples.x[20:, 0]).all()
    assert np.isnan(samples.x[:, 1]).sum() == 1
    finding = next(finding for finding in imported.findings if finding.code == "missing_values")
    assert finding.count == 5
    assert "size: 4 (16.7%)" in finding.examples
    assert "NA" in imported.schema.classes


def test_infinite_values_become_missing_and_are_told(tmp_path: Path, load: Load) -> None:
    text = "size,label\n" + rows(20, "{n},{c}") + "inf,a\n-Infinity,b\n1e999,c\n"
    imported, samples = load("table", write(tmp_path / "t.csv", text))
    assert np.isnan(samples.x[20:, 0]).all()
    assert next(f for f in imported.findings if f.code == "infinite_values").count == 3


def test_a_stray_word_among_many_numbers_is_told_and_costs_that_cell_only(tmp_path: Path, load: Load) -> None:
    imported, samples = load(
        "table", write(tmp_path / "t.csv", "size,label\n" + rows(60, "{n},{c}") + "unknown,a\n")
    )
    assert kinds_of(imported) == {"size": "number"}
    assert np.isnan(samples.x[60, 0])
    assert "text_in_numbers" in codes(imported)


def test_columns_that_teach_nothing_are_kept_shown_and_not_learnt_from(tmp_path: Path, load: Load) -> None:
    text = "customer_id,counter,same,name,size,label\n" + rows(30, "{i}7,{i},1,person {i},{n},{c}")
    imported, _ = load("table", write(tmp_path / "t.csv", text))
    assert kinds_of(imported) == {
        "customer_id": "unused",
        "counter": "unused",
        "same": "unused",
        "name": "unused",
        "size": "number",
    }
    assert {"constant_column", "id_column", "text_column"} <= codes(imported)


def test_duplicate_rows_stay_and_are_told(tmp_path: Path, load: Load) -> None:
    text = "size,label\n" + rows(20, "{n},{c}") * 2
    imported, _ = load("table", write(tmp_path / "t.csv", text))
    finding = next(finding for finding in imported.findings if finding.code == "duplicate_rows")
    assert (imported.count, imported.duplicates, finding.count) == (40, 0, 20)
    assert finding.examples[0] == "row 22"


def test_double_and_empty_headings_get_names_of_their_own(tmp_path: Path, load: Load) -> None:
    imported, _ = load("table", write(tmp_path / "t.csv", "x,x,,label\n" + rows(20, "{n},{c},{n},{c}")))
    assert [column.name for column in imported.schema.columns] == ["x", "x (2)", "column 3"]
    assert "renamed_headings" in codes(imported)


def test_a_first_row_of_numbers_is_data_unless_it_is_said_to_be_the_header(
    tmp_path: Path, load: Load
) -> None:
    source = write(tmp_path / "t.csv", "1.5,2.5,a\n" + rows(20, "{n},{n},{c}"))
    imported, samples = load("table", source)
    assert imported.count == 21
    assert [c.name for c in imported.schema.columns] == ["column 1", "column 2"]
    assert samples.x[0].tolist() == [1.5, 2.5]
    assert samples.names[0] == "row 1"
    assert "no_header" in codes(imported)
    told, _ = load("table", source, header=True)
    assert told.count == 20
    assert [column.name for column in told.schema.columns] == ["1.5", "2.5"]
    counted, _ = load("table", write(tmp_path / "u.csv", "0,1,2\n" + rows(20, "{n},{n},{c}")))
    assert counted.count == 20


def test_the_target_is_the_wanted_one_one_with_a_usual_name_or_the_last(tmp_path: Path, load: Load) -> None:
    source = write(tmp_path / "t.csv", "Diagnosis,size,kind\n" + rows(30, "{c},{n},{c}"))
    assert load("table", source)[0].schema.target == "Diagnosis"
    assert load("table", source, target="kind")[0].schema.target == "kind"
    other = write(tmp_path / "u.csv", "colour,size,sort\n" + rows(30, "{c},{n},{c}"))
    assert load("table", other)[0].schema.target == "sort"
    with pytest.raises(DataError, match="Did you mean size"):
        load("table", other, target="sizes")


def test_rows_without_a_target_are_skipped_and_named(tmp_path: Path, load: Load) -> None:
    text = "size,label\n" + rows(10, "{n},{c}") + "1,\n2, \n"
    imported, _ = load("table", write(tmp_path / "t.csv", text))
    assert set(reasons(imported)) == {"row 12", "row 13"}
    assert (imported.count, imported.found) == (10, 12)


def test_many_or_broken_numbers_are_values_and_few_whole_ones_are_classes(tmp_path: Path, load: Load) -> None:
    price = "size,price\n" + rows(30, "{n},{n}") + "1,NA\n2,inf\n"
    imported, samples = load("table", write(tmp_path / "p.csv", price))
    assert imported.schema.task is Task.REGRESSION
    assert (imported.schema.classes, imported.class_counts) == ((), ())
    assert samples.y.dtype == np.float32
    assert samples.y[2] == 3.0
    assert set(reasons(imported)) == {"row 32", "row 33"}
    grades = "size,grade\n" + "".join(f"{i * 1.5},{i % 11}\n" for i in range(40))
    imported, _ = load("table", write(tmp_path / "g.csv", grades))
    assert imported.schema.task is Task.CLASSIFICATION
    assert imported.schema.classes == tuple(str(k) for k in range(11))  # natural order


def test_classes_that_are_numbers_are_in_the_order_of_their_values(tmp_path: Path, load: Load) -> None:
    text = "size,sign\n" + "".join(f"{i * 1.5},{(-1, 0, 1, 10)[i % 4]}\n" for i in range(40))
    assert load("table", write(tmp_path / "t.csv", text))[0].schema.classes == ("-1", "0", "1", "10")


def test_a_target_that_is_an_id_is_refused(tmp_path: Path, load: Load) -> None:
    with pytest.raises(DataError, match="too many to be classes"):
        load("table", write(tmp_path / "t.csv", "size,name\n" + rows(1500, "{n},person {i}")))


def test_blanks_around_classes_are_taken_away_and_capitals_are_told(tmp_path: Path, load: Load) -> None:
    imported, _ = load(
        "table", write(tmp_path / "t.csv", "size,label\n" + "1,yes\n2, yes\n3,Yes\n4,no\n" * 5)
    )
    assert set(imported.schema.classes) == {"yes", "Yes", "no"}
    assert {"similar_classes", "trimmed_labels"} <= codes(imported)


def test_new_rows_are_read_the_same_way_without_a_target(people: Path, tmp_path: Path, load: Load) -> None:
    imported, samples = load("table", people)
    kind = kinds.build("table")
    new = write(tmp_path / "new.csv", "town;extra;age\nb;1;1,5\nnowhere;2;old\n;3;7\n", "utf-16")
    read = kind.encode(new, imported.schema, imported.details)
    assert read.samples.x.tolist()[0][1] == 1.0
    assert np.isnan(read.samples.x[1]).all()
    assert read.samples.x[2, 0] == 7.0
    assert read.samples.y.tolist() == [-1, -1, -1]
    assert list(read.samples.names) == ["row 2", "row 3", "row 4"]
    same = kind.encode(people, imported.schema, imported.details)
    assert np.array_equal(same.samples.x, samples.x)
    assert np.array_equal(same.samples.y, samples.y)


def test_new_rows_that_lack_a_column_are_refused_by_its_name(
    people: Path, tmp_path: Path, load: Load
) -> None:
    imported, _ = load("table", people)
    with pytest.raises(DataError, match="lacks the column town"):
        kinds.build("table").encode(
            write(tmp_path / "n.csv", "age,x\n1,2\n"), imported.schema, imported.details
        )


def test_the_same_content_is_recognised_in_another_encoding(tmp_path: Path, load: Load) -> None:
    text = "size,label\n" + rows(70_000, "{n},{c}")
    first, _ = load("table", write(tmp_path / "a.csv", text))
    second, _ = load("table", write(tmp_path / "b.csv", text.replace(",", ";"), "utf-16"))
    third, _ = load("table", write(tmp_path / "c.csv", text.replace("1.5,", "1.6,", 1)))
    assert first.sha256 == second.sha256 != third.sha256


def test_cancelling_a_long_table_ends_at_once(tmp_path: Path) -> None:
    source = write(tmp_path / "t.csv", "size,label\n" + rows(1_000_000, "{n},{c}"))
    into = tmp_path / "into"
    into.mkdir()
    token, told = CancelToken(), []

    def progress(done: int, total: int, text: str) -> None:
        if text == "Reading rows":
            token.cancel()
            told.append(time.monotonic())

    with pytest.raises(CancelledError):
        kinds.build("table").load(source, into, ImportConfig(), token, progress)
    assert time.monotonic() - told[0] < 2.0
    assert list(into.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b,c\n", "no rows"), ("a,b,c", "no rows"), (" \n\n \n", "no header")],
)
def test_a_table_without_rows_is_told_as_such(tmp_path: Path, load: Load, text: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        load("table", write(tmp_path / "bare.csv", text))


def test_a_numeric_target_that_never_changes_is_found(tmp_path: Path, load: Load) -> None:
    imported, _ = load("table", write(tmp_path / "flat.csv", "size,label\n" + rows(30, "{n},3.5")))
    assert imported.schema.task is Task.REGRESSION
    assert [finding.code for finding in imported.findings] == ["constant_target"]


def test_an_encoding_that_was_guessed_is_told_and_one_that_was_named_is_not(
    tmp_path: Path, load: Load
) -> None:
    source = write(tmp_path / "towns.csv", "size,town,label\n" + rows(30, "{n},Zürich,{c}"), "cp1252")
    guessed, _ = load("table", source)
    assert any(f.code == "encoding_guessed" and "Windows-1252" in f.message for f in guessed.findings)
    named, _ = load("table", source, encoding="cp1252")
    assert not any(finding.code == "encoding_guessed" for finding in named.findings)


def test_new_data_with_the_one_column_that_the_model_learnt_from_needs_no_second(
    tmp_path: Path, load: Load
) -> None:
    imported, _ = load("table", write(tmp_path / "one.csv", "height,kind\n" + rows(30, "{n},{c}")))
    new = write(tmp_path / "new.csv", "height\n160.5\n181\n")
    read = kinds.build("table").encode(new, imported.schema, imported.details)
    assert read.samples.x[:, 0].tolist() == [160.5, 181.0]
    assert read.skipped == ()


def test_a_header_of_ten_thousand_columns_is_read_to_its_end(tmp_path: Path, load: Load) -> None:
    header = ",".join(f"a long name of column {n}" for n in range(10_000))
    cells = [",".join(str((row + n) % 97) for n in range(10_000)) for row in range(30)]
    lines = [f"{row},{'pq'[place % 2]}" for place, row in enumerate(cells)]
    source = write(tmp_path / "wide.csv", "\n".join([f"{header},label", *lines]) + "\n")
    preview = kinds.build("table").inspect(source, ImportConfig())
    assert (len(preview.columns), preview.target, preview.types[0]) == (10_001, "label", "number")
    assert preview.rows[0][:2] == ("0", "1")
    imported, _ = load("table", source)
    assert (imported.count, len(imported.skipped)) == (30, 0)
