"""From a preset of augmentation, seen on the data, to a run that learnt with it and says so."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QTabBar

from tests.journeys.outsider import Outsider, train
from workbench.core.augmentation import preset
from workbench.core.states import RunState
from workbench.gui.widgets.table import Table


def open_page(user, title):
    tabs = user.find("Views of the dataset", QTabBar)
    place = next(at for at in range(tabs.count()) if tabs.tabText(at) == title)
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(place).center())


def test_a_preset_is_seen_on_the_data_kept_and_told_by_the_run_that_learnt_with_it(user: Outsider, orchard):
    user.open(orchard)
    user.go("Data")
    user.find("Views of the dataset", QTabBar)
    open_page(user, "Augment")
    table = user.find("Rows before and after", Table)
    assert not any(any(line.changed) for line in table.model().records())
    choice = user.find("Preset", QComboBox, user.pane)
    choice.setFocus()
    QTest.keyClick(choice, Qt.Key.Key_Down)
    user.wait(lambda: any(any(line.changed) for line in table.model().records()))
    dataset = user.session.datasets.all()[0]
    assert dataset.preparation.augmentation == preset("light", dataset.schema)

    run_id = train(user, "3")
    user.wait(lambda: user.session.training.get(run_id).state is RunState.FINISHED)
    assert user.session.training.get(run_id).preparation == dataset.preparation
    user.reads("Augmentation")
    user.reads("light")

    user.go("Data")
    open_page(user, "Augment")
    user.control(Qt.Key.Key_Z)
    user.wait(lambda: user.find("Preset", QComboBox, user.pane).currentText() == "Off")
    user.wait(lambda: not any(any(line.changed) for line in table.model().records()))
