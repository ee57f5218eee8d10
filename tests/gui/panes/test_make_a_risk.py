"""What is found in Data, Train and Evaluate becomes a risk where it is found."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.services.conftest import garden, template
from workbench.core.records import Finding
from workbench.core.states import RunState, Severity, Split
from workbench.gui.panes.data import DataPane
from workbench.gui.panes.evaluation import EvaluatePane
from workbench.gui.panes.training import TrainPane
from workbench.gui.widgets.notices import FindingList
from workbench.services.projects import open_project

__all__ = ["garden", "template"]


@pytest.fixture
def shown(qtbot, garden):
    """Show a pane over a project with a judged run and a finding."""
    opened = []

    def show(pane_class, *, read_only=False):
        session = open_project(garden, read_only=read_only)
        opened.append(session)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        return window, window.hold(pane_class)

    yield show
    for session in opened:
        session.close()


@pytest.fixture(autouse=True)
def ideas(monkeypatch):
    """The ideas that were handed to the dialog of risks, which has tests of its own."""
    found = []

    def note(_shell, _session, idea):
        found.append(idea)

    for place in ("risk_dialog", "panes.data.weighing", "panes.evaluation.weighing"):
        monkeypatch.setattr(f"workbench.gui.{place}.make_risk", note)
    return found


def press(qtbot, pane, name):
    qtbot.mouseClick(named(pane, QPushButton, name), Qt.MouseButton.LeftButton)


def test_a_finding_becomes_a_risk_with_the_finding_as_its_evidence(qtbot, shown, ideas):
    window, pane = shown(DataPane)
    qtbot.waitUntil(lambda: pane.detail.isVisible())
    pane.detail.show_problems()
    press(qtbot, pane, "Make a risk")
    (idea,) = ideas
    codes = [finding.code for finding in window.session.datasets.get(1).imported.findings]
    assert idea.risk.evidence[0].detail in codes


def test_a_finding_is_accepted_with_a_reason_that_stands_in_the_log_and_says_so(qtbot, shown, monkeypatch):
    window, pane = shown(DataPane)
    qtbot.waitUntil(lambda: pane.detail.isVisible())
    pane.detail.show_problems()
    count = len(window.session.datasets.get(1).imported.findings)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: (" ", True))
    press(qtbot, pane, "Accept")
    assert "Say why" in pane.banner.text
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("Known from the field", True))
    press(qtbot, pane, "Accept")
    assert [item.reason for item in window.session.board.decisions()] == ["Known from the field"]

    def accepting():
        return len([b for b in pane.findChildren(QPushButton, "") if b.accessibleName() == "Accept"])

    qtbot.waitUntil(lambda: accepting() == count - 1, timeout=5000)
    words = [label.text() for label in pane.detail.findings.findChildren(type(pane.detail._facts))]
    assert "Accepted: Known from the field" in words
    window.told[-1][2]()
    qtbot.waitUntil(lambda: accepting() == count, timeout=5000)


def test_a_read_only_project_offers_neither(qtbot, shown):
    _, pane = shown(DataPane, read_only=True)
    qtbot.waitUntil(lambda: pane.detail.isVisible())
    pane.detail.show_problems()
    assert not [b for b in pane.findChildren(QPushButton) if b.accessibleName() in ("Accept", "Make a risk")]


def test_an_accepted_finding_comes_last_and_can_still_become_a_risk(qtbot):
    listed = FindingList()
    qtbot.addWidget(listed)
    findings = [Finding("a", Severity.DANGER, 3, "Bad."), Finding("b", Severity.INFO, 1, "Small.")]
    listed.set_findings(findings, weighed=("a", "b"), accepted={"a": "We know"})
    listed.show()
    rows = [listed._column.itemAt(place).widget().accessibleName() for place in (0, 2)]
    assert rows == ["Small.", "Bad."]
    names = [button.accessibleName() for button in listed.findChildren(QPushButton)]
    assert sorted(names) == ["Accept", "Make a risk", "Make a risk"]


@pytest.fixture
def evaluated(qtbot, shown):
    window, pane = shown(EvaluatePane)
    # Evaluations of the time before were not timed.
    window.session.jobs.wait(window.session.evaluation.evaluate(1, Split.TEST))
    pane.select(run_id=1, split=Split.TEST)
    qtbot.waitUntil(lambda: pane._judged is not None, timeout=10_000)
    return window, pane


def test_a_confusion_becomes_a_risk_from_its_samples(qtbot, evaluated, ideas):
    _, pane = evaluated
    view = pane._view_of(pane._judged)
    counts = pane._judged.evaluation.counts
    cell = next((a, p) for a in (0, 1) for p in (0, 1) if a != p and counts[a][p])
    view.matrix.select([cell])
    qtbot.waitUntil(lambda: view.samples._verb.isVisible())
    view.samples._verb.click()
    (idea,) = ideas
    labels = pane._judged.evaluation.labels
    assert idea.risk.title == f"{labels[cell[0]]} taken for {labels[cell[1]]}"
    view.matrix.select([(0, 0)])
    qtbot.waitUntil(lambda: not view.samples._verb.isVisible())


def test_the_menu_offers_the_chosen_class_and_what_the_model_takes(qtbot, evaluated, ideas):
    _, pane = evaluated
    view = pane._view_of(pane._judged)
    row = next(item for item in pane._judged.evaluation.per_class if item.recall < 1)
    view.per_class.select(lambda item: item.label == row.label)
    pane._risks.aboutToShow.emit()
    time, size = pane._risks.actions()[-2:]
    assert pane._risks.actions()[0].text() == f"{row.label} is found too seldom"
    # Nobody has said what is too much: the numbers stand for themselves.
    assert time.text().startswith("Time per sample: ")
    assert size.text().startswith("Size of the weights: ")
    for action in pane._risks.actions():
        action.trigger()
    titles = [idea.risk.title for idea in ideas]
    model = ["The model may be too slow to deploy", "The model may be too large to deploy"]
    assert titles == [f"{row.label} is found too seldom", *model]


def test_only_what_is_over_the_budget_is_offered_as_too_much(evaluated, ideas):
    window, pane = evaluated
    metrics = pane._judged.evaluation.metrics
    limits = {"latency_ms": metrics["latency_ms"] / 2, "size_mb": metrics["size_mb"] * 2}
    window.session.board.set_charter(replace(window.session.board.state.charter, **limits))
    pane._risks.aboutToShow.emit()
    (offered,) = pane._risks.actions()
    assert offered.text().startswith("The model is too slow: ")
    offered.trigger()
    assert ideas[0].risk.title == "The model is too slow to deploy"
    assert ideas[0].watch.limit == limits["latency_ms"]


def test_a_slice_becomes_a_risk_from_the_list_of_slices(qtbot, shown, ideas):
    window, pane = shown(EvaluatePane)
    window.session.jobs.wait(window.session.evaluation.evaluate(1, Split.TRAIN))
    pane.select(run_id=1, split=Split.TRAIN)
    qtbot.waitUntil(lambda: pane._judged is not None, timeout=10_000)
    slices = pane._view_of(pane._judged).slices
    qtbot.waitUntil(lambda: len(slices.table.records()) == 11, timeout=10_000)
    assert not slices.verb.isVisibleTo(slices)
    row = slices.table.records()[0]
    slices.table.select(lambda item: item is row)
    assert slices.verb.isVisibleTo(slices)
    slices.verb.click()
    (idea,) = ideas
    assert idea.risk.title == f"Worse where {row.name}"


def test_a_run_that_diverged_or_learnt_by_heart_becomes_a_risk_and_another_does_not(
    qtbot, shown, monkeypatch, ideas
):
    window, pane = shown(TrainPane)
    qtbot.waitUntil(lambda: pane.current is not None)

    def offered():
        menu = QMenu()
        pane.controls.fill_menu(menu)
        return [item for item in menu.actions() if item.text() == "Make a risk"]

    assert not offered()
    run = pane.current
    by_heart = replace(run, metrics={"train/accuracy": 0.99, "validation/accuracy": 0.7})
    diverged = replace(run, state=RunState.DIVERGED)
    for changed in (by_heart, diverged):
        assert window.session.risks.shows_in_curve(changed)
        monkeypatch.setitem(pane._runs, run.id, changed)
        assert offered()
    pane.controls.make_risk()
    assert len(ideas) == 1
