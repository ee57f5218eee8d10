"""Risks and gates on the command line: the register, the gates, and the numbers behind them."""

from datetime import date, timedelta

import pytest

from workbench.core.board import Person
from workbench.core.risks import Risk, Trial, Watch
from workbench.core.states import Condition, Split, Stage
from workbench.services.projects import open_project


@pytest.fixture
def watched(garden):
    """The garden with two risks; the heavier one watches an accuracy that is too low."""
    with open_project(garden) as session:
        owner = session.board.save(Person(0, "Ada"))
        due = date.today() - timedelta(days=1)
        risk = session.risks.save(
            Risk(0, "Too weak", owner_id=owner, probability=2, impact=5, next_review=due)
        )
        session.risks.save(Risk(0, "=Small; 风险", "market", probability=1, impact=1))
        fields = {"measure": "accuracy", "split": "test"}
        session.risks.set_watch(Watch(0, risk, "measure", fields, Condition.BELOW, 0.999, raises_to=4))
        session.gates.save(Stage.INITIATION, session.gates.kinds()[0].name, {})
    return garden


def test_risks_come_heaviest_first_with_what_they_watch_and_what_waits_for_an_answer(done, watched):
    weak, small = done("risks", watched)["items"]
    assert (weak["name"], weak["owner"], weak["overdue"]) == ("Too weak", "Ada", True)
    assert (weak["score"], weak["level"], weak["status"]) == (20, "critical", "open"), (
        "the watch has raised it"
    )
    (watch,) = weak["watches"]
    assert watch["verdict"] == "not_met"
    assert watch["value"] < 0.999
    (asked,) = weak["proposals"]
    assert (asked["kind"], asked["before"], asked["after"]) == ("raised", [2, 5], [4, 5])
    assert (small["risk"], small["level"], small["owner"]) == (2, "low", None)


def test_a_project_that_is_open_elsewhere_is_looked_at_without_moving_its_risks(done, workbench, watched):
    with open_project(watched):
        refused = workbench("risks", watched, "--json")
        assert (refused.code, refused.result["exit_code"]) == (4, 4)
        weak = done("risks", watched, "--read-only")["items"][0]
        assert weak["watches"][0]["verdict"] == "not_met"
        assert done("gates", watched, "--read-only")["stage"] == "initiation"


def test_every_stage_has_a_gate_and_the_stage_of_the_project_is_marked(done, watched):
    items = done("gates", watched)["items"]
    assert [item["gate"] for item in items] == [stage.value for stage in Stage]
    assert [item["gate"] for item in items if item["current"]] == ["initiation"]
    (criterion,) = items[0]["criteria"]
    assert criterion["verdict"] in ("met", "not_met", "unknown")
    assert criterion["name"]
    assert criterion["text"]


def test_people_read_both_as_tables(workbench, watched, garden):
    risks, gates = workbench("risks", watched), workbench("gates", watched)
    assert risks.code == gates.code == 0
    assert "20 critical" in risks.out
    assert "Waits for an answer:" in risks.out
    assert "Initiation: " in gates.out
    assert "the project is here" in gates.out


def test_a_project_without_a_board_has_no_risks_and_five_open_gates(done, workbench, garden):
    assert done("risks", garden)["items"] == []
    assert "No risks are noted yet." in workbench("risks", garden).out
    assert all(item["open"] for item in done("gates", garden)["items"])


def test_a_register_goes_out_to_excel_and_comes_into_another_project(done, workbench, watched, tmp_path):
    out = tmp_path / "risks.xlsx"
    assert done("risks", watched, "--export", out)["count"] == 2
    done("new", tmp_path / "other")
    brought = done("risks", tmp_path / "other", "--import", out)
    assert (brought["added"], brought["changed"], brought["unknown"]) == (2, 0, [])
    assert [item["name"] for item in done("risks", tmp_path / "other")["items"]] == [
        "Too weak",
        "=Small; 风险",
    ]


def test_a_register_with_a_wrong_row_is_refused_with_its_number_and_two_wishes_at_once_too(
    workbench, watched, tmp_path
):
    (tmp_path / "a.csv").write_text("Risk,Impact,Colour\nLate,9,red\n")
    refused = workbench("risks", watched, "--import", tmp_path / "a.csv")
    assert refused.code == 1
    assert "row 2: Impact is “9”" in refused.error
    assert workbench("risks", watched, "--import", "a.csv", "--export", "b.csv").code == 2
    assert workbench("risks", watched, "--export", tmp_path / "b.txt").code == 1


def test_columns_of_a_strange_register_are_named_and_mapped_by_hand(done, workbench, garden, tmp_path):
    path = tmp_path / "theirs.csv"
    path.write_text("Was = was,Schwere,Risk,Farbe\nZu spät,4,R1,red\n", "utf-8")
    wishes = ("--map", "Was = was=Risk", "--map", "Schwere=impact")
    brought = done("risks", garden, "--import", path, *wishes)
    # What was wished for stands above what the heading seems to mean, and what lost is named.
    assert brought["unknown"] == ["Risk", "Farbe"]
    (risk,) = done("risks", garden)["items"]
    assert (risk["name"], risk["impact"]) == ("Zu spät", 4)
    again = workbench("risks", garden, "--import", path, *wishes)
    assert 'not brought in: the column Farbe; --map "Farbe=FIELD" says what it is' in again.out


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        ("Wasss=Risk", "There is no column “Wasss”. Did you mean Was?"),
        ("Was=Risc", "There is no field “Risc”. Did you mean Risk?"),
        ("Was", "“Was” says no field: write it as “Their column=Our field”."),
    ],
)
def test_a_wrong_mapping_says_what_there_is_and_brings_nothing_in(
    done, workbench, garden, tmp_path, wish, words
):
    path = tmp_path / "theirs.csv"
    path.write_text("Was,Risk\nZu spät,b\n", "utf-8")
    refused = workbench("risks", garden, "--import", path, "--map", wish)
    assert refused.code == 1
    assert words in refused.error
    assert done("risks", garden)["items"] == []
    assert workbench("risks", garden, "--map", "Was=Risk").code == 2


def test_two_columns_for_one_field_are_refused_and_a_column_can_be_left_out(
    done, workbench, garden, tmp_path
):
    path = tmp_path / "theirs.csv"
    path.write_text("Was,Risk,Impact\na,b,9\n", "utf-8")
    refused = workbench("risks", garden, "--import", path, "--map", "Was=Risk", "--map", "Risk=title")
    assert "Two columns are to become Risk" in refused.error
    assert done("risks", garden, "--import", path, "--map", "Impact=")["unknown"] == ["Was", "Impact"]


@pytest.fixture
def mitigated(garden):
    """The garden with a mitigation whose run was cut short when its window closed."""
    with open_project(garden) as session:
        risk = session.risks.save(Risk(0, "Too weak", probability=4))
        fields = {"measure": "accuracy", "split": "test"}
        session.risks.set_watch(Watch(0, risk, "measure", fields, Condition.BELOW, 0.01))
        session.training.hold_queue(True)
        run = session.risks.try_mitigation(risk, "longer_training")
    return garden, run


def test_a_command_that_ends_the_run_of_a_mitigation_compares_it_as_well(done, mitigated):
    garden, run = mitigated
    assert done("resume", garden, run)["state"] == "finished"
    with open_project(garden, read_only=True) as session:
        (trial,) = session.board.state.of(Trial).values()
        assert trial.ended
        assert trial.after == session.evaluation.latest(run, Split.TEST).metrics["accuracy"]
    (proposal,) = [
        item for item in done("risks", garden)["items"][0]["proposals"] if item["kind"] == "residual"
    ]
    assert proposal["after"] == [2, 3]


def test_a_comparison_that_was_left_over_is_made_by_the_next_command(done, mitigated, monkeypatch):
    garden, run = mitigated
    with monkeypatch.context() as cut_short:
        cut_short.setattr("workbench.cli.training.settle", lambda *_: None)
        cut_short.setattr("workbench.services.watching.Watching._judge", lambda *_: None)
        done("resume", garden, run)
    with open_project(garden, read_only=True) as session:
        assert not any(trial.ended for trial in session.board.state.of(Trial).values())
    done("gates", garden)
    with open_project(garden, read_only=True) as session:
        assert all(trial.ended for trial in session.board.state.of(Trial).values())
