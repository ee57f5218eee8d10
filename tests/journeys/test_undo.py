"""Every change can be taken back and done again with the keys that everybody knows."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QPlainTextEdit

from tests.journeys.outsider import Outsider
from workbench.gui.widgets.number_box import NumberBox

Z = Qt.Key.Key_Z


def choose(user, run):
    """Show a run and put the focus into the list."""
    user.window.go("train", run_id=run.id)
    user.wait(lambda: user.pane.current is not None and user.pane.current.id == run.id)
    user.find("Runs", QListView).setFocus()


def rename(user, name):
    """Rename what is selected in the list that has the focus."""
    user.keys(Qt.Key.Key_F2)
    user.wait(lambda: isinstance(QApplication.focusWidget(), QLineEdit))
    QApplication.focusWidget().selectAll()
    user.type(name)
    user.keys(Qt.Key.Key_Return)


def test_a_renamed_run_gets_its_old_name_back_and_its_new_one_again(user: Outsider, orchard):
    user.open(orchard)
    run = user.session.training.find("first pick")
    choose(user, run)
    rename(user, "windfall")
    user.wait(lambda: user.session.training.get(run.id).name == "windfall")
    user.control(Z)
    user.wait(lambda: user.session.training.get(run.id).name == "first pick")
    user.reads("Undone: Rename first pick")
    user.control(Z, shift=True)
    user.wait(lambda: user.session.training.get(run.id).name == "windfall")
    user.wait(lambda: user.pane.current.name == "windfall")


def test_a_deleted_run_comes_back_by_undo_or_from_the_bin(user: Outsider, orchard):
    user.open(orchard)
    run = user.session.training.find("first pick")
    choose(user, run)
    user.keys(Qt.Key.Key_Delete)
    user.wait(lambda: [it.id for it in user.session.training.bin()] == [run.id])
    user.control(Z)
    user.wait(lambda: not user.session.training.bin())
    user.control(Z, shift=True)
    user.wait(lambda: user.session.training.bin())
    user.click("Bin")
    user.wait(lambda: user.pane.current is not None and user.pane.current.id == run.id)
    user.click("Restore")
    user.wait(lambda: not user.session.training.bin())


def test_a_dataset_is_renamed_deleted_and_divided_anew_and_each_is_undone(user: Outsider, orchard):
    user.open(orchard)
    (dataset,) = user.session.datasets.all()
    user.go("Data")
    user.wait(lambda: user.found("Datasets", QListView) and user.pane.list.current_id == dataset.id)
    user.find("Datasets", QListView).setFocus()
    rename(user, "pome")
    user.wait(lambda: user.session.datasets.get(dataset.id).name == "pome")
    user.control(Z)
    user.wait(lambda: user.session.datasets.get(dataset.id).name == "fruit")

    share = user.find("Test share", NumberBox)
    share.lineEdit().selectAll()
    QTest.keyClicks(share.lineEdit(), "0.3")
    user.click("Apply")
    user.wait(lambda: user.session.datasets.get(dataset.id).split.test == 0.3)
    user.find("Datasets", QListView).setFocus()
    user.control(Z)
    user.wait(lambda: user.session.datasets.get(dataset.id).split == dataset.split)
    user.control(Z, shift=True)
    user.wait(lambda: user.session.datasets.get(dataset.id).split.test == 0.3)

    user.find("Datasets", QListView).setFocus()
    user.keys(Qt.Key.Key_Delete)
    user.wait(lambda: user.session.datasets.bin())
    user.control(Z)
    user.wait(lambda: not user.session.datasets.bin())


def test_star_and_note_are_kept_and_undone(user: Outsider, orchard):
    user.open(orchard)
    run = user.session.training.find("first pick")
    choose(user, run)
    user.keys(Qt.Key.Key_S)
    user.wait(lambda: user.session.training.get(run.id).starred)
    user.keys(Qt.Key.Key_N)
    assert QApplication.focusWidget() is user.find("Note", QPlainTextEdit)
    user.type("bruised")
    user.control(Qt.Key.Key_Return)
    user.wait(lambda: user.session.training.get(run.id).notes == "bruised")
    user.find("Runs", QListView).setFocus()
    user.control(Z)
    user.wait(lambda: user.session.training.get(run.id).notes == "")
    user.control(Z)
    user.wait(lambda: not user.session.training.get(run.id).starred)
