"""The ancestry of a run: where it came from, what came from it, what was changed; a click selects a run."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QToolButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_table
from workbench.core.configs import TrainConfig
from workbench.core.records import Run
from workbench.core.states import RunState
from workbench.gui.panes.training import TrainPane
from workbench.gui.panes.training.words import place_words
from workbench.services.ancestry import Change

TIMEOUT = 30_000
BASE = TrainConfig(epochs=2, batch_size=16)


@pytest.fixture
def session(tmp_path):
    """A project with a run, two clones of it, a clone of the first clone, and a run without relatives."""
    with new_project(tmp_path) as session:
        data = import_data(session, write_table(tmp_path / "fruit.csv"), target="kind").id

        def train(parent, family="mlp", fields=None, name=None, **changes):
            config = BASE.model_copy(update=changes)
            run_id = session.training.start(data, family, fields or {}, config, name, parent_id=parent)
            session.training.wait(run_id, 60)
            return run_id

        root = train(None, name="root")
        left = train(root, name="left", learning_rate=1e-4)
        train(root, family="linear", name="right", optimizer="sgd")
        train(left, name="deep", learning_rate=1e-4, fields={"width": 32})
        train(None, name="alone")
        yield session


@pytest.fixture
def pane(qtbot, session):
    window = PaneWindow(session)
    qtbot.addWidget(window)
    pane = window.hold(TrainPane)
    window.activateWindow()
    qtbot.waitUntil(lambda: pane.side.runs.rows() != [], timeout=TIMEOUT)
    yield pane
    window.open(None)
    window.close()


def show(qtbot, pane, name):
    """Show the ancestry of a run."""
    pane.select(run_id=pane.session.training.find(name).id)
    qtbot.waitUntil(lambda: pane.current is not None and pane.current.name == name, timeout=TIMEOUT)
    if not pane.side.shows_tree:
        qtbot.mouseClick(named(pane, QToolButton, "Ancestry"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(pane._choices), timeout=TIMEOUT)


def tree(pane):
    return [(row.run.name, row.kin.depth) for row in pane.side.ancestry.rows()]


def spoken(pane, name):
    view = pane.side.ancestry
    at = [row.run.name for row in view.rows()].index(name)
    return view.model().index(at, 0).data(Qt.ItemDataRole.AccessibleTextRole)


def test_the_tree_says_of_each_run_what_differs_from_its_parent_and_how_it_ended(qtbot, pane):
    show(qtbot, pane, "deep")
    assert tree(pane) == [("root", 0), ("left", 1), ("deep", 2), ("right", 1)]
    qtbot.waitUntil(lambda: "units per hidden layer 64 → 32" in spoken(pane, "deep"), timeout=TIMEOUT)
    assert "from root, learning rate 0.001 → 1e-4, finished, accuracy" in spoken(pane, "left")
    assert "from left" in spoken(pane, "deep")
    assert "learning rate" not in spoken(pane, "deep"), "only what differs"
    assert "optimiser AdamW → SGD" in spoken(pane, "right")
    qtbot.waitUntil(lambda: "model MLP → Linear" in spoken(pane, "right"), timeout=TIMEOUT)


def test_a_click_and_the_arrow_keys_select_runs_and_the_tree_stays(qtbot, pane):
    show(qtbot, pane, "deep")
    view = pane.side.ancestry
    place = view.visualRect(view.model().index(3, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert pane.current.name == "right"
    assert len(tree(pane)) == 4
    view.setFocus()
    for key, name in (
        (Qt.Key.Key_Left, "root"), (Qt.Key.Key_Right, "left"), (Qt.Key.Key_Right, "deep"),
        (Qt.Key.Key_Right, "deep"), (Qt.Key.Key_Left, "left"), (Qt.Key.Key_Down, "deep"),
    ):  # fmt: skip
        qtbot.keyClick(view, key)
        assert pane.current.name == name
    qtbot.keyClick(view, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: pane.current.starred, timeout=TIMEOUT)
    assert pane.side.shows_tree, "the keys of the pane work here as well"


def test_a_deleted_parent_is_shown_as_deleted_and_leads_to_the_bin(qtbot, pane, session):
    session.training.delete(session.training.find("left").id)
    show(qtbot, pane, "deep")
    said = "left, from root, learning rate 0.001 → 1e-4, deleted"
    qtbot.waitUntil(lambda: said in spoken(pane, "left"), timeout=TIMEOUT)
    view = pane.side.ancestry
    place = view.visualRect(view.model().index(1, 0)).center()
    qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: pane.in_bin and pane.current.name == "left", timeout=TIMEOUT)
    assert not pane.side.shows_tree


def test_a_run_without_relatives_says_how_one_is_made(qtbot, pane):
    show(qtbot, pane, "alone")
    assert tree(pane) == [("alone", 0)]
    words = [label.text() for label in pane.side.findChildren(QLabel) if label.isVisible()]
    assert any("none made from it" in text for text in words)


def test_a_new_clone_appears_while_the_tree_is_shown_and_f2_leads_back_to_the_list(qtbot, pane, session):
    show(qtbot, pane, "root")
    child = session.training.start(1, "mlp", {}, BASE, "late", parent_id=session.training.find("deep").id)
    qtbot.waitUntil(lambda: ("late", 3) in tree(pane), timeout=TIMEOUT)
    session.training.wait(child, 60)
    qtbot.waitUntil(lambda: "learning rate 1e-4 → 0.001" in spoken(pane, "late"), timeout=TIMEOUT)
    pane.side.ancestry.setFocus()
    qtbot.keyClick(pane.side.ancestry, Qt.Key.Key_F2)
    assert pane.side.runs.isVisible()
    assert not pane.side.shows_tree


def test_the_deepest_trees_keep_room_for_names(qtbot, pane, session):
    run = session.training.find("deep")
    with session.store.database.write():
        for number in range(12):
            run = session.store.runs.add(
                f"generation {number}", 1, "mlp", {}, BASE, run.split, parent_id=run.id
            )
            session.store.runs.update(run.id, state=RunState.STOPPED)
    pane.mark_stale()
    show(qtbot, pane, "generation 11")
    assert isinstance(pane.side.ancestry.rows()[-2].run, Run)
    assert not pane.grab().isNull()


def test_places_are_counted_as_people_do():
    words = [place_words(place).split()[0] for place in (1, 2, 3, 4, 11, 12, 13, 21, 22, 101, 111, 112, 1000)]
    assert words == [
        *(
            "next",
            "2nd",
            "3rd",
            "4th",
            "11th",
            "12th",
            "13th",
            "21st",
            "22nd",
            "101st",
            "111th",
            "112th",
            "1,000th",
        )
    ]


def test_a_setting_that_a_version_did_not_have_is_none_there(pane):
    from workbench.gui.panes.training.ancestry_words import ChangeWords

    words, run = ChangeWords({}, {}, {1: "fruit", 2: "pome"}), pane.session.training.find("root")
    assert words.of(Change("family_fields", "new_thing", None, 3), run) == "new thing none → 3"
    assert words.of(Change("data", "dataset", 1, 2), run) == "data fruit → pome"
    assert (
        words.of(Change("split", "stratified", True, False), "mlp")
        == "same class shares in every part yes → no"
    )
