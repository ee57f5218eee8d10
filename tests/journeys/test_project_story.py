"""A whole project through its real widgets: what is measured moves the risks, opens the gates, fills the log.

WORKBENCH_STORY names a folder that gets a picture of each step.
"""

import os
import random
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from tests.journeys.outsider import Outsider, train
from workbench.core.risks import Trial
from workbench.core.states import DecisionKind, ProposalKind, RiskStatus, Split, Stage
from workbench.gui.widgets.number_box import NumberBox


@pytest.fixture
def tumours(tmp_path):
    """A table with one class in fifteen: rare, and found too seldom unless it weighs more."""
    chance = random.Random(11)
    rows = ["size,texture,diagnosis"]
    for number in range(600):
        is_bad = number % 15 == 0
        rows.append(
            f"{chance.gauss(1.6 if is_bad else 0, 1):.3f},{chance.gauss(1.2 if is_bad else 0, 1):.3f},"
            f"{'malignant' if is_bad else 'benign'}"
        )
    path = tmp_path / "tumours.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def _picture(user, name, widget=None):
    folder = os.environ.get("WORKBENCH_STORY")
    if folder:
        QTest.qWait(800)
        (widget or user.window).grab().save(str(Path(folder) / f"story-{name}.png"))


def _choose(user, name, words, within):
    box = user.find(name, QComboBox, within)
    user.wait(lambda: box.findText(words, Qt.MatchFlag.MatchFixedString) >= 0)
    at = box.findText(words, Qt.MatchFlag.MatchFixedString)
    box.setCurrentIndex(at)
    box.activated.emit(at)


def _enter(box, text):
    entry = box.lineEdit() if isinstance(box, NumberBox) else box
    entry.setFocus()
    entry.selectAll()
    QTest.keyClicks(entry, text)
    QTest.keyClick(entry, Qt.Key.Key_Tab)


def _finding_becomes_a_risk(user):
    """Three clicks to a risk with an owner, who joins the team by it."""
    user.go("Data")
    user.click("Details")
    user.click("Make a risk")
    dialog = user.dialog("Make a risk")
    owner = user.find("Owner", QComboBox, dialog)
    owner.setFocus()
    owner.lineEdit().selectAll()
    QTest.keyClicks(owner.lineEdit(), "Ada")
    _picture(user, "1-finding", user.window)
    _picture(user, "2-risk", dialog)
    user.click("Add", dialog)
    user.wait(lambda: user.session.risks.all())
    (risk,) = user.session.risks.all()
    assert risk.category == "data"
    assert risk.owner_id is not None
    return risk.id


def _watch_recall(user, risk_id):
    user.window.go("risks", risk_id=risk_id)
    user.click("Watch a number")
    dialog = user.dialog("Watch a number")
    _choose(user, "Number", "Measure of a run", dialog)
    for name, value in (("Measure", "recall"), ("Class", "malignant")):
        box = user.find(name, QComboBox, dialog)
        box.setEditText(value)
        QTest.keyClick(box.lineEdit(), Qt.Key.Key_Tab)
    _choose(user, "Wrong when", "below", dialog)
    _enter(user.find("Limit", NumberBox, dialog), "0.95")
    user.find("Raises the probability to at least", within=dialog).setFocus()
    user.keys(Qt.Key.Key_5)
    _picture(user, "3-watch", dialog)
    user.click("Watch", dialog)
    user.wait(lambda: any(w.fact == "measure" for w in user.session.board.state.watches_of(risk_id)))


def _train_and_judge(user, epochs):
    run_id = train(user, epochs)
    user.wait(lambda: not user.session.training.get(run_id).state.active)
    user.go("Evaluate")
    user.click("Evaluate")
    user.wait(lambda: user.session.evaluation.latest(run_id, Split.TEST))
    return run_id


def _set_goal(user):
    user.window.go("board", page="charter", field="goal")
    _choose(user, "Measure", "Accuracy", user.pane)
    _enter(user.find("Target", NumberBox, user.pane), "0.5")
    user.wait(lambda: user.session.board.state.charter.goal is not None)


def _add_criterion(user, kind):
    user.click("Add criterion" if user.found("Add criterion", within=user.pane) else "Add first criterion")
    dialog = user.dialog("Add criterion")
    _choose(user, "Criterion", kind, dialog)
    user.click("Add", dialog)


def test_a_project_goes_from_a_finding_over_a_watch_and_a_mitigation_through_its_gates(
    user: Outsider, home, tumours
):
    user.open()
    user.drop(tumours)
    user.click("Import", user.dialog("Import table"))
    user.wait(lambda: user.session is not None and user.session.datasets.all())
    session = user.session
    risk_id = _finding_becomes_a_risk(user)
    _watch_recall(user, risk_id)

    # The run trips the watch: the risk has moved, and says why.
    run_id = _train_and_judge(user, "4")
    recall = session.evaluation.latest(run_id).per_class[1].recall
    assert recall < 0.95
    user.wait(lambda: session.risks.get(risk_id).probability == 5)
    user.window.go("risks", risk_id=risk_id)
    user.reads("Watch crossed")
    user.reads("is below 0.95")
    _picture(user, "4-crossed")

    # A mitigation is an experiment; its number stands in the risk with a score after treatment.
    user.click("Class weights")
    user.wait(lambda: session.board.state.of(Trial))
    user.wait(lambda: all(trial.ended for trial in session.board.state.of(Trial).values()))
    (trial,) = session.board.state.of(Trial).values()
    assert trial.before == pytest.approx(recall)
    assert trial.after is not None
    user.wait(
        lambda: any(p.kind is ProposalKind.RESIDUAL for p in session.board.state.open_proposals(risk_id))
    )
    user.window.go("risks", risk_id=risk_id)
    user.reads("A mitigation was tried")
    _picture(user, "5-mitigation")
    while session.board.state.open_proposals(risk_id):
        texts = {proposal.text for proposal in session.board.state.open_proposals(risk_id)}
        # What was answered a moment ago may still be shown: its button does nothing more.
        user.wait(lambda texts=texts: {it.accessibleDescription() for it in user.found("Accept")} == texts)
        user.click("Accept")
        user.wait(lambda texts=texts: len(session.board.state.open_proposals(risk_id)) < len(texts))
    risk = session.risks.get(risk_id)
    assert risk.residual_score is not None
    assert risk.status is RiskStatus.MITIGATING

    # A gate that measures itself is met and passed; the next one is overridden with a reason.
    _set_goal(user)
    user.window.go("board", page="gates")
    _add_criterion(user, "Goal reached")
    user.reads("Goal reached on the test split")
    _picture(user, "6-gate")
    user.click("Move to Development")
    user.click("Pass the gate", user.dialog("Move to Development"))
    user.wait(lambda: session.project.stage is Stage.DEVELOPMENT)
    user.reads("Development gate")
    _add_criterion(user, "Model card complete")
    user.reads("Model card complete")
    user.click("Move to Testing")
    dialog = user.dialog("Move to Testing")
    _enter(user.find("Why go on all the same?", QLineEdit, dialog), "the pilot begins on Monday")
    _picture(user, "7-override", dialog)
    user.click("Pass anyway", dialog)
    user.wait(lambda: session.project.stage is Stage.TESTING)

    # All of it stands in the decision log and on Home.
    user.window.go("board", page="decisions")
    kinds = [decision.kind for decision in session.board.decisions()]
    assert kinds == [DecisionKind.GATE_PASSED, DecisionKind.GATE_OVERRIDDEN]
    user.reads("the pilot begins on Monday")
    _picture(user, "8-decisions")
    user.go("Home")
    user.reads(risk.title)
    user.reads("Development gate overridden: on to testing")
    user.find("Testing · overridden")
    _picture(user, "9-home")
    assert QApplication.activeModalWidget() is None
