"""A newcomer gets from the first window to a judged model with five clicks at most."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QPushButton

from tests.journeys.outsider import Outsider, Pulse
from workbench.core.states import RunState
from workbench.gui.widgets.cards import StatTile
from workbench.gui.widgets.confusion_matrix import ConfusionMatrix


@pytest.mark.parametrize(
    ("starter", "least"),
    [("Handwritten digits", 0.97), ("Breast cancer diagnosis", 0.95)],
    ids=["digits", "cancer"],
)
def test_five_clicks_lead_from_a_starter_to_the_confusion_matrix(user: Outsider, home, starter, least):
    user.open()
    pulse = Pulse(user.window)
    user.click(starter)
    user.click("Choose a model")
    # The default of 30 epochs takes longer than a test may; both reach what is asked sooner.
    user.find("Preset", QComboBox)
    user.wait(lambda: user.found("Train", QPushButton, user.pane)[0].isEnabled())
    QTest.keyClick(user.find("Preset", QComboBox), Qt.Key.Key_Up)
    assert user.find("Epochs").value() == 10
    user.click("Train")
    user.wait(lambda: user.session.training.all() and not user.session.training.all()[-1].state.active)
    user.click("Evaluate best")
    matrix = user.find("Confusion matrix", ConfusionMatrix)
    pulse.stop()

    assert user.clicks <= 5
    (run,) = user.session.training.all()
    assert run.state is RunState.FINISHED
    evaluation = user.session.evaluation.latest(run.id)
    assert evaluation.metrics["accuracy"] >= least
    assert sum(map(sum, evaluation.counts)) == evaluation.count
    assert matrix.isVisible()
    shown = user.find("Accuracy", StatTile).accessibleDescription()
    right = sum(evaluation.counts[place][place] for place in range(len(evaluation.counts)))
    assert f"{right} of {evaluation.count} right" in shown
    assert user.session.folder.root.parent == home
    # A tenth of a second is what is aimed at, half of one what nobody may ever see.
    assert pulse.longest_s < 0.5
