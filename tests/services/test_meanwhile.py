"""What a watched number moves while the user does something else is kept."""

from dataclasses import replace
from datetime import date

import pytest

from workbench.board.state import edited
from workbench.core.errors import UserError
from workbench.core.events import ProjectChanged
from workbench.core.risks import MitigationIdea, Risk
from workbench.core.states import Stage
from workbench.services.board import Reason

CHANGES = {
    "review": lambda s, risk: s.risks.review(risk, date(2030, 1, 1)),
    "accept": lambda s, risk: s.risks.accept(risk, "cheap"),
    "add an action": lambda s, risk: s.risks.add_action(risk, MitigationIdea("look")),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_probability_that_moves_meanwhile_is_kept(session, monkeypatch, name):
    risk = session.risks.save(Risk(0, "not good enough", probability=2))
    session.risks.lane()
    write, moved = session.board._write, []

    def late(label, make, *more, **named):
        if not moved:
            moved.append(True)
            session.board.note(
                "Watch", lambda state: edited(state.get(Risk, risk), probability=5), Reason("it fell")
            )
        return write(label, make, *more, **named)

    do = session.board.do

    def late_do(*given):
        monkeypatch.setattr(session.board, "_write", late)
        return do(*given)

    monkeypatch.setattr(session.board, "do", late_do)
    before = session.risks.get(risk)
    CHANGES[name](session, risk)
    after = session.risks.get(risk)
    assert after.probability == 5
    assert replace(after, probability=2) != before


def test_an_import_keeps_what_moves_while_it_is_at_work(session, tmp_path, monkeypatch):
    risk = session.risks.save(Risk(0, "not good enough", probability=2, cause="few samples"))
    out = tmp_path / "risks.csv"
    session.exchange.export_risks(out)
    out.write_text(out.read_text().replace("few samples", "no samples"))
    words = session.exchange.preview(out)
    mapping = {heading: "" if field == "probability" else field for heading, field in words.mapping.items()}
    write = session.exchange._write

    def late(reading):
        session.board.note(
            "Watch", lambda state: edited(state.get(Risk, risk), probability=5), Reason("it fell")
        )
        write(reading)

    monkeypatch.setattr(session.exchange, "_write", late)
    session.exchange.bring_in(out, mapping)
    assert (session.risks.get(risk).cause, session.risks.get(risk).probability) == ("no samples", 5)


def test_a_run_against_a_risk_that_is_deleted_meanwhile_is_not_begun(session, monkeypatch):
    risk = session.risks.save(Risk(0, "not good enough"))
    base_run = session.risks.base_run

    def slow():
        session.board.remove(session.risks.get(risk))
        return base_run()

    monkeypatch.setattr(session.risks, "base_run", slow)
    with pytest.raises(UserError, match="risk is not there any more"):
        session.risks.try_mitigation(risk, "longer_training")
    assert len(session.training.all()) == 1


def test_a_gate_tells_of_the_new_stage_once_it_is_on_the_disk(session):
    seen = []
    session.bus.on_publish = lambda event: seen.append((type(event), session.store.database._writing))
    session.gates.advance("it is a test")
    assert session.project.stage is list(Stage)[1]
    assert [held for kind, held in seen if kind is ProjectChanged] == [None]
    session.history.undo()
    assert [held for kind, held in seen if kind is ProjectChanged] == [None, None]
