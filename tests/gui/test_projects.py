"""Projects are made, opened and put in each other's place beside the window."""

from PySide6.QtCore import QSettings
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox

from tests.journeys.outsider import Outsider
from workbench.core.configs import TrainConfig
from workbench.gui.projects import recent_projects
from workbench.services.projects import create_project, open_project


def test_a_double_click_on_a_starter_makes_one_project(user: Outsider, home):
    user.open()
    card = user.find("Breast cancer diagnosis")
    QTest.mouseClick(card, user.left)
    QTest.mouseClick(card, user.left)
    user.wait(lambda: user.session is not None and user.session.datasets.all())
    assert [folder.name for folder in home.iterdir()] == ["Breast cancer diagnosis"]
    assert not user.told


def test_opening_another_project_closes_the_one_before(user: Outsider, orchard, home):
    create_project(home / "Meadow").close()
    user.open(orchard)
    user.window.open_project(home / "Meadow")
    user.wait(lambda: user.session is not None and user.session.project.name == "Meadow")
    user.wait(lambda: not user.window.projects.changing)
    open_project(orchard).close()
    assert recent_projects() == [home / "Meadow", orchard]
    assert user.window.windowTitle() == "Meadow – Workbench"


def test_the_project_that_is_open_is_not_opened_again(user: Outsider, orchard):
    user.open(orchard)
    session = user.session
    user.window.open_project(orchard / ".." / orchard.name)
    assert user.session is session
    assert not user.window.projects.changing


def test_projects_that_are_gone_are_not_offered_again(qapp, home, tmp_path):
    (tmp_path / "there").mkdir()
    QSettings().setValue("recent_projects", [str(tmp_path / "gone"), str(tmp_path / "there")])
    assert recent_projects() == [tmp_path / "there"]
    QSettings().setValue("recent_projects", str(tmp_path / "there"))
    assert recent_projects() == [tmp_path / "there"], "a settings file may give a list of one as its item"


def test_a_new_project_is_made_in_a_folder_that_is_chosen_and_never_over_something_else(
    user: Outsider, home, tmp_path, monkeypatch
):
    from PySide6.QtWidgets import QFileDialog

    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("dear all")
    answers = [str(tmp_path / "full"), str(tmp_path / "fresh"), ""]
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (answers.pop(0), ""))
    user.open()
    user.command("project.new")
    user.wait(lambda: "not an empty folder" in user.told)
    user.command("project.new")
    user.wait(lambda: user.session is not None and user.session.folder.root == tmp_path / "fresh")
    session = user.session
    user.command("project.new")
    assert user.session is session
    assert sorted(path.name for path in (tmp_path / "full").iterdir()) == ["letter.txt"]


def test_the_question_before_closing_names_what_is_at_work(user: Outsider, orchard):
    user.open(orchard)
    for name in ("apple", "pear"):
        user.session.training.start(1, "linear", {}, TrainConfig(epochs=100_000, batch_size=16), name)
    words = []

    def note():
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            words.extend(label.text() for label in box.findChildren(QLabel))
            box.reject()

    from PySide6.QtCore import QTimer

    QTimer.singleShot(50, user.window, note)
    user.window.close()
    assert "2 runs are still at work or waiting: apple, pear." in words
    assert user.window.isVisible(), "Escape keeps training"


def test_who_sits_here_signs_in_every_project_that_is_opened(user: Outsider, orchard):
    from PySide6.QtCore import QSettings

    QSettings().setValue("who", "Lin 林")
    user.open(orchard)
    assert user.session.board.who == "Lin 林"
