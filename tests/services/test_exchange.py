"""The risk register goes out as CSV or Excel and comes back whole; nothing is guessed in silence."""

import contextlib
import csv
import time
import zipfile
from dataclasses import replace
from datetime import date

import pytest

from tests.services.conftest import garden, template
from workbench.core.board import Card, CheckItem, Person
from workbench.core.errors import DataError, DiskError, UserError
from workbench.core.risks import Link, Risk, Watch
from workbench.core.states import Condition, Response, RiskStatus
from workbench.services.projects import create_project, open_project
from workbench.services.sheet_files import read_sheet, write_sheet

__all__ = ["garden", "template"]

ODD = ["=1+1", "+49 30", "-5 %", "@SUM(A1)", "'quoted'", "风险：标签错误", 'a, b; "c"', "two\nlines", " = "]


@pytest.fixture
def board(garden):
    """A project with risks that have everything that a risk can have."""
    with open_project(garden) as session:
        save = session.board.save
        ada, first, second = save(Person(0, "Ada")), save(Person(0, "Sam")), save(Person(0, "Sam"))
        lane = session.board.add_lane("To do")
        cards = [save(Card(0, lane, title)) for title in ("=Clean; \\n labels", "Ask", "Ask")]
        for number, title in enumerate(ODD):
            risk = Risk(
                *(0, title, "data", title, title, title, (ada, first, second)[number % 3]),
                *(Response.AVOID, 1 + number % 5, 5, 2, 3, (cards[number % 3],)),
                (Link("dataset", 1, "duplicates"), Link("run", 1, "test: a → b")),
                date(2026, 1, 31),
                RiskStatus.CLOSED if number == 1 else RiskStatus.MITIGATING,
                "code",
            )
            session.risks.save(risk)
        session.risks.save(Risk(0, "Bare"))
        fields = {"measure": "recall", "split": "test", "class_name": "rose"}
        # A limit that no recall is below: the risks stay as they are while they go out and come back.
        session.risks.set_watch(Watch(0, 1, "measure", fields, Condition.BELOW, 0.0, 5))
        session.risks.set_watch(Watch(0, 1, "review_age", {}, Condition.ABOVE, 14.0, 2))
        yield session


def texts(session):
    """Return the register with names in place of numbers."""
    state = session.board.state
    found = []
    for risk in state.of(Risk).values():
        owner = state.get(Person, risk.owner_id).name if risk.owner_id else None
        actions = [state.get(Card, item).title.split(" #")[0] for item in risk.actions]
        watched = [session.risks.phrase(watch) for watch in state.watches_of(risk.id)]
        found.append((replace(risk, id=0, owner_id=None, actions=()), owner, actions, watched))
    return found


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_a_register_comes_back_whole_into_its_own_project_and_into_another(board, tmp_path, ending):
    path = tmp_path / f"risks.{ending}"
    assert board.exchange.export_risks(path) == 10
    found = board.exchange.preview(path)
    assert (found.unknown, found.problems) == ((), {})
    assert (found.added, found.changed, found.same) == (0, 0, 10), "nothing in it is new here"
    with create_project(tmp_path / "other") as other:
        assert other.exchange.preview(path).added == 10
        other.exchange.bring_in(path)
        order = {text[0].title: text for text in texts(other)}
        for expected in texts(board):
            owner, got = (expected[1] or "").split(" #")[0], order[expected[0].title]
            assert got[0] == expected[0]
            assert (got[1] or "").split(" #")[0] == owner
            assert got[2:] == expected[2:]
        other.history.undo()
        assert other.risks.all() == []
        assert not other.board.state.of(Person)


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_all_cards_are_written_as_text_that_no_spreadsheet_runs(board, tmp_path, ending):
    lin = board.board.join("Lin 林")
    lane = board.board.add_lane("=Last")
    first = board.board.save(Card(0, lane, "=1+1", "**bold**", owner_id=lin, due=date(2026, 11, 28)))
    items = (CheckItem("ask", True), CheckItem("-look"))
    last = board.board.save(
        Card(0, lane, "بيانات", tags=("a", "b"), checklist=items, depends_on=(first,), estimate_days=0.5)
    )
    board.board.archive(first, True)
    path = tmp_path / f"cards.{ending}"
    assert board.exchange.export_cards(path) == len(board.board.state.of(Card))
    if ending == "csv":
        with path.open(newline="", encoding="utf-8-sig") as file:
            assert not [cell for row in csv.reader(file) for cell in row if cell[:1] in tuple("=+-@")]
    sheet = read_sheet(path)
    rows = {row[0]: dict(zip(sheet.headings, row, strict=True)) for row in sheet.rows}
    shown = rows[str(first)]
    assert (shown["Lane"], shown["Title"], shown["Owner"], shown["Due"]) == (
        "=Last", "=1+1", "Lin 林", "2026-11-28",
    )  # fmt: skip
    assert shown["Archived"] == date.today().isoformat()
    other = rows[str(last)]
    assert (other["Title"], other["Tags"], other["Checklist"], other["Depends on"]) == (
        "بيانات", "a, b", "[x] ask\n[ ] -look", "=1+1",
    )  # fmt: skip
    assert other["Estimate in days"] == "0.5"
    assert [row[0] for row in sheet.rows][-2:] == [str(last), str(first)], "put away last"


def test_no_cell_of_a_csv_begins_like_a_formula_and_excel_keeps_it_as_text(board, tmp_path):
    from openpyxl import load_workbook

    board.exchange.export_risks(tmp_path / "risks.csv")
    with (tmp_path / "risks.csv").open(newline="", encoding="utf-8-sig") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@")]
    board.exchange.export_risks(tmp_path / "risks.xlsx")
    sheet = load_workbook(tmp_path / "risks.xlsx").active
    assert not [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert "=1+1" in [cell.value for cell in sheet["B"]]


def test_a_changed_sheet_changes_the_risk_that_it_came_from_in_one_step(board, tmp_path):
    path = tmp_path / "risks.csv"
    board.exchange.export_risks(path)
    text = path.read_text("utf-8-sig").replace("Bare", "Bare no more")
    path.write_text(text, "utf-8")
    assert board.exchange.preview(path).changed == 1
    board.exchange.bring_in(path)
    assert "Bare no more" in [risk.title for risk in board.risks.all()]
    assert len(board.risks.all()) == 10
    board.history.undo()
    assert "Bare" in [risk.title for risk in board.risks.all()]


def test_an_unknown_column_is_named_and_can_be_given_a_meaning(board, tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("What;Likelihood;Impact;Colour\nLate;4;5;red\n\nToo dear;2;2;blue\n", "utf-8")
    found = board.exchange.preview(path)
    assert found.how == "CSV, utf-8, semicolon"
    assert found.unknown == ("What", "Colour")
    assert found.mapping == {"What": "", "Likelihood": "probability", "Impact": "impact", "Colour": ""}
    assert list(found.problems) == [2, 4]
    chosen = {**found.mapping, "What": "title"}
    again = board.exchange.preview(path, chosen)
    assert (again.unknown, again.problems, again.added) == (("Colour",), {}, 2)
    board.exchange.bring_in(path, chosen)
    assert [risk.score for risk in board.risks.all() if risk.title == "Late"] == [20]


def test_a_wrong_level_date_status_or_watch_is_told_with_its_row_and_nothing_is_brought_in(board, tmp_path):
    path = tmp_path / "wrong.csv"
    rows = ["Risk,Probability,Impact,Next review,Status,Watches", "A,high,9,31.12.2026,asleep,nonsense"]
    path.write_text(
        "\n".join([*rows, "B,1,1,2026-12-31,open,", "C,1,1,,,nothing {} below 1 raises to 3"]), "utf-8"
    )
    found = board.exchange.preview(path)
    assert list(found.problems) == [2, 4]
    told = " ".join(found.problems[2])
    for word in ("Probability is “high”", "Impact is “9”", "31.12.2026", "asleep", "nonsense"):
        assert word in told
    with pytest.raises(UserError, match=r"row 2: Probability"):
        board.exchange.bring_in(path)
    assert len(board.risks.all()) == 10
    assert board.exchange.bring_in(path, leave_out=True).added == 1
    assert len(board.risks.all()) == 11


def test_new_people_categories_and_levels_that_nobody_said_are_told_before(board, tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("Risk,Owner,Category,Status,Actions\nA,Mia,legal,,Call\n", "utf-8")
    notes = " ".join(board.exchange.preview(path).notes)
    for words in ("Mia", "legal", "Call", "probability: new risks get 3", "Status is empty in 1 rows"):
        assert words in notes


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.ods", b"", "ends neither"),
        ("a.csv", b"", "is empty"),
        ("a.csv", b'a,"b\n', "no whole CSV"),
        ("a.xlsx", b"PK nonsense", "no Excel file"),
    ],
)
def test_a_file_that_is_no_sheet_says_so(board, tmp_path, name, content, words):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=words):
        board.exchange.preview(tmp_path / name)


def test_control_letters_survive_excel_too(tmp_path):
    texts = ("a\x0bb", "\\u000b", "_x000B_", "\\u005c", "a\r\nb", "x" * 32_767)
    for ending in ("csv", "xlsx"):
        write_sheet(tmp_path / f"a.{ending}", [list("abcdef"), texts])
        assert read_sheet(tmp_path / f"a.{ending}").rows == (texts,)
    with pytest.raises(UserError, match="too long"):
        write_sheet(tmp_path / "b.xlsx", [["x" * 32_768]])


@pytest.mark.parametrize(
    ("column", "wrong"),
    [("Owner", "x" * 301), ("Actions", "y" * 301), ("Watches", "cost {} above inf raises to 4")],
)
def test_what_cannot_be_saved_is_told_with_its_row_before_anything_is(board, tmp_path, column, wrong):
    path = tmp_path / "in.csv"
    rows = [["Risk", "Owner", "Actions", "Watches"], ["good", "new person", "", ""]]
    rows.append(["bad", *(wrong if name == column else "" for name in rows[0][1:])])
    write_sheet(path, rows)
    state = board.board.state
    with pytest.raises(UserError, match=f"row 3: {column}"):
        board.exchange.bring_in(path)
    assert board.board.state is state


def test_a_full_disk_in_the_middle_of_an_import_leaves_nothing_of_it(board, tmp_path, monkeypatch):
    path = tmp_path / "in.csv"
    write_sheet(path, [["Risk", "Owner"], ["new risk", "new person"]])
    before, label = board.board.state, board.history.undo_label
    apply = board.store.board.apply

    def full(edits, *more, **named):
        if any(isinstance(step.record, Risk) for step in edits):
            raise DiskError("The disk is full.")
        return apply(edits, *more, **named)

    monkeypatch.setattr(board.store.board, "apply", full)
    with pytest.raises(DiskError):
        board.exchange.bring_in(path)
    assert board.board.state == before
    assert board.history.undo_label == label


def _damaged(path, part, content):
    """Write a workbook of which one part holds something else."""
    write_sheet(path, [["Risk"], ["a"]])
    with zipfile.ZipFile(path) as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    with zipfile.ZipFile(path, "w") as whole:
        for name, held in parts.items():
            whole.writestr(name, content if name == part else held)


@pytest.mark.parametrize("content", [b"<worksheet><sheetData>", b"", b"<workbook/>", b"<worksheet a='1'/>"])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_damaged_workbook_is_read_or_refused_in_words(tmp_path, part, content):
    path = tmp_path / "in.xlsx"
    _damaged(path, part, content)
    with contextlib.suppress(DataError):
        read_sheet(path)


def test_a_workbook_with_a_damaged_byte_is_refused_in_words(tmp_path):
    path = tmp_path / "in.xlsx"
    write_sheet(path, [["Risk"], ["a"]])
    with zipfile.ZipFile(path) as whole:
        begin = whole.getinfo("xl/worksheets/sheet1.xml").header_offset + 60
    content = bytearray(path.read_bytes())
    content[begin : begin + 30] = b"\xff" * 30
    path.write_bytes(bytes(content))
    with pytest.raises(DataError, match="no Excel file that can be read"):
        read_sheet(path)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00", "9999-12-31T23:59:59"])
def test_a_moment_at_the_end_of_time_is_told_with_its_row(board, tmp_path, moment, monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Tokyo" if moment < "1" else "America/New_York")
    time.tzset()
    try:
        path = tmp_path / "in.csv"
        write_sheet(path, [["Risk", "Noted"], ["a", moment]])
        assert list(board.exchange.preview(path).problems) == [2]
    finally:
        monkeypatch.undo()
        time.tzset()


def test_a_link_to_an_endless_number_is_told_with_its_row(board, tmp_path):
    path = tmp_path / "in.csv"
    write_sheet(path, [["Risk", "Evidence"], ["a", f"run {'9' * 5000}"]])
    assert list(board.exchange.preview(path).problems) == [2]
