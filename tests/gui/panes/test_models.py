"""The Models pane: from a dataset to a checked model and a started run."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QComboBox, QPushButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_numbers, write_pictures, write_table
from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.states import RunState
from workbench.gui.panes.models import ModelsPane
from workbench.gui.widgets.cards import Card, EmptyState
from workbench.services.projects import open_project

TIMEOUT = 30_000


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        yield session


@pytest.fixture
def table(session, tmp_path):
    return import_data(session, write_table(tmp_path / "fruit.csv"), target="kind")


@pytest.fixture
def open_pane(qtbot):
    windows = []

    def open_it(session):
        window = PaneWindow(session)
        windows.append(window)
        qtbot.addWidget(window)
        pane = window.hold(ModelsPane)
        qtbot.waitUntil(
            lambda: pane.settings.model is not None or not session.datasets.all(), timeout=TIMEOUT
        )
        return window, pane

    yield open_it
    for window in windows:
        window.close()


def enter(pane, form, field, text):
    box = getattr(pane.settings, form).field(field).control
    box.lineEdit().setText(text)
    return box


def train_button(pane):
    return named(pane.header, QPushButton, "Train")


def cards(pane):
    return {card.property("name"): card for card in pane.findChildren(Card) if card.isVisible()}


def test_without_data_the_pane_offers_to_import_some(qtbot, session, open_pane):
    window, pane = open_pane(session)
    empty = pane.findChild(EmptyState)
    qtbot.waitUntil(empty.isVisible)
    qtbot.mouseClick(named(empty, QPushButton, "Import data"), Qt.MouseButton.LeftButton)
    assert window.asked == [("import", ())]
    assert not train_button(pane).isEnabled()


def test_the_recommended_family_is_chosen_and_what_does_not_fit_says_why(qtbot, table, session, open_pane):
    _, pane = open_pane(session)
    shown = cards(pane)
    first = next(iter(shown.values()))
    assert "Recommended" in first.accessibleDescription()
    assert first.isChecked()
    assert not shown["convnet"].isEnabled()
    assert "Needs pictures" in shown["convnet"].toolTip()
    assert train_button(pane).isEnabled()


def test_train_starts_a_run_with_the_settings_and_shows_it(qtbot, table, session, open_pane):
    window, pane = open_pane(session)
    qtbot.mouseClick(cards(pane)["mlp"], Qt.MouseButton.LeftButton)
    enter(pane, "model", "width", "8")
    enter(pane, "train", "epochs", "2")
    qtbot.mouseClick(train_button(pane), Qt.MouseButton.LeftButton)
    assert not named(pane.header, QPushButton, "Starting …").isEnabled()
    qtbot.waitUntil(lambda: bool(window.went), timeout=TIMEOUT)
    name, target = window.went[0]
    assert name == "train"
    run = session.training.wait(target["run_id"], 30)
    assert (run.state, run.family, run.family_fields["width"], run.train.epochs) == (
        RunState.FINISHED, "mlp", 8, 2,
    )  # fmt: skip


def test_ctrl_return_trains_as_well(qtbot, table, session, open_pane):
    window, pane = open_pane(session)
    enter(pane, "train", "epochs", "1")
    window.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is window)
    pane.dataset.setFocus()
    qtbot.keyClick(pane.dataset, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(window.went), timeout=TIMEOUT)


def test_a_wrong_setting_is_told_at_its_field_which_gets_the_focus(qtbot, table, session, open_pane):
    window, pane = open_pane(session)
    window.activateWindow()
    enter(pane, "train", "seed", "one")
    box = enter(pane, "train", "epochs", "0")
    qtbot.mouseClick(train_button(pane), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(box.hasFocus)
    assert "at least 1" in box.accessibleDescription()
    assert pane.settings.train.field("seed").isVisible(), "a wrong advanced setting is unfolded"
    assert session.training.all() == []
    assert not window.went


def test_a_setting_that_only_the_model_can_refuse_is_told_in_its_form(qtbot, session, tmp_path, open_pane):
    import_data(session, write_pictures(tmp_path / "pictures"))
    window, pane = open_pane(session)
    enter(pane, "model", "blocks", "6")
    qtbot.mouseClick(train_button(pane), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "to nothing" in " ".join(shown_problems(pane)), timeout=TIMEOUT)
    assert train_button(pane).isEnabled()
    assert not window.went


def shown_problems(pane):
    from workbench.gui.widgets.labels import PlainLabel

    labels = pane.settings.findChildren(PlainLabel)
    return [it.text() for it in labels if it.property("role") == "problem" and it.isVisible()]


def test_check_model_shows_layers_shapes_and_size_and_grows_old_with_the_settings(
    qtbot, table, session, open_pane
):
    _, pane = open_pane(session)
    qtbot.mouseClick(cards(pane)["linear"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(named(pane.header, QPushButton, "Check model"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(pane.check.layers.isVisible, timeout=TIMEOUT)
    assert pane.check.parameters.accessibleDescription().startswith("8 ")
    assert sum(layer.parameters for layer in pane.check.layers.records()) == 8
    assert pane.check.device.accessibleDescription().startswith("CPU")
    assert "changed since" not in pane.check._note.text()
    enter(pane, "train", "batch_size", "16")
    assert "changed since" in pane.check._note.text()


def test_settings_of_each_family_are_remembered(qtbot, table, session, open_pane):
    _, pane = open_pane(session)
    qtbot.mouseClick(cards(pane)["mlp"], Qt.MouseButton.LeftButton)
    enter(pane, "model", "depth", "3")
    enter(pane, "train", "learning_rate", "0.02")
    qtbot.mouseClick(cards(pane)["linear"], Qt.MouseButton.LeftButton)
    assert pane.settings.train.values()["learning_rate"] == TrainConfig().learning_rate
    qtbot.mouseClick(cards(pane)["mlp"], Qt.MouseButton.LeftButton)
    assert pane.settings.model.values()["depth"] == 3
    assert pane.settings.train.values()["learning_rate"] == 0.02


def test_a_preset_sets_all_that_it_stands_for_and_follows_the_form(qtbot, table, session, open_pane):
    _, pane = open_pane(session)
    preset = named(pane.settings, QComboBox, "Preset")
    assert preset.currentText() == "Balanced · 30 epochs"
    qtbot.keyClick(preset, Qt.Key.Key_Up)
    shown = pane.settings.train.values()
    assert (shown["epochs"], shown["schedule"]) == (10, "one_cycle")
    qtbot.keyClick(preset, Qt.Key.Key_Down)
    qtbot.keyClick(preset, Qt.Key.Key_Down)
    shown = pane.settings.train.values()
    assert {name: shown[name] for name in ("epochs", "schedule", "averaging", "patience", "warmup")} == {
        "epochs": 100, "schedule": "cosine", "averaging": "ema", "patience": 20, "warmup": 0.05,
    }  # fmt: skip
    enter(pane, "train", "patience", "19")
    assert preset.currentText() == "Own choice"
    enter(pane, "train", "patience", "20")
    assert preset.currentText() == "Best · 100 epochs"
    enter(pane, "train", "learning_rate", "0.02")
    assert preset.currentText() == "Best · 100 epochs", "a preset leaves the learning rate alone"


def test_a_preset_says_what_it_changes_and_a_changed_setting_of_its_schedule_is_an_own_choice(
    qtbot, table, session, open_pane
):
    _, pane = open_pane(session)
    preset = named(pane.settings, QComboBox, "Preset")
    said = [preset.itemData(at, Qt.ItemDataRole.ToolTipRole) for at in range(4)]
    assert "Epochs 10, Schedule One cycle" in said[0]
    assert "Weight averaging EMA" in said[2]
    assert "Warm-up share 0.05" in said[2]
    qtbot.keyClick(preset, Qt.Key.Key_Up)
    enter(pane, "train", "rise", "0.4")
    assert preset.currentText() == "Own choice"
    preset.setFocus()
    qtbot.keyClick(preset, Qt.Key.Key_Home)
    assert pane.settings.train.values()["schedule_fields"]["rise"] == 0.3


def test_losses_follow_the_task_of_the_dataset(qtbot, table, session, tmp_path, open_pane):
    numbers = import_data(session, write_numbers(tmp_path / "prices.csv"), target="price")
    _, pane = open_pane(session)
    assert pane.dataset.currentData() == numbers.id
    loss = pane.settings.train.field("loss").control
    assert [loss.itemText(at) for at in range(loss.count())] == ["Standard", "Absolute error", "Huber"]
    pane.select(dataset_id=table.id)
    qtbot.waitUntil(lambda: loss.findData("focal") >= 0, timeout=TIMEOUT)
    assert loss.findData("huber") < 0


def test_the_settings_of_what_is_chosen_reach_the_run(qtbot, table, session, open_pane):
    window, pane = open_pane(session)
    pane.settings.train.set_values({"optimizer": "momentum"})
    enter(pane, "train", "momentum", "0.7")
    enter(pane, "train", "epochs", "1")
    qtbot.mouseClick(train_button(pane), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.went), timeout=TIMEOUT)
    run = session.training.wait(window.went[0][1]["run_id"], 30)
    assert (run.train.optimizer, run.train.optimizer_fields) == ("momentum", {"momentum": 0.7})


def test_several_seeds_ask_for_as_many_runs_and_the_first_is_shown(
    qtbot, table, session, open_pane, monkeypatch
):
    asked = []

    def repeat(dataset_id, family, fields, train, seeds, name=None, parent_id=None):
        asked.append((dataset_id, family, train.seed, seeds, parent_id))
        return [41, 42, 43]

    monkeypatch.setattr(session.training, "repeat", repeat, raising=False)
    window, pane = open_pane(session)
    enter(pane, "train", "seed", "5")
    enter(pane, "train", "repeats", "3")
    qtbot.mouseClick(named(pane.header, QPushButton, "Train 3 runs"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.went), timeout=TIMEOUT)
    assert window.went == [("train", {"run_id": 41})]
    assert asked == [(table.id, pane._family, 5, 3, None)]
    box = enter(pane, "train", "repeats", "51")
    assert named(pane.header, QPushButton, "Train").isEnabled()
    assert "at most 50" in box.accessibleDescription()


def test_a_dataset_in_folds_offers_to_train_them_all(qtbot, table, session, open_pane, monkeypatch):
    asked = []

    def repeat(dataset_id, family, fields, train, seeds, *, all_folds=False):
        asked.append((dataset_id, seeds, all_folds))
        return [41, 42, 43]

    monkeypatch.setattr(session.training, "repeat", repeat)
    session.datasets.set_split(table.id, SplitConfig(method="folds", folds=3))
    window, pane = open_pane(session)
    assert "fold 1 of 3 validates" in pane._top._about.text()
    pane.settings.train.field("all_folds").control.setChecked(True)
    qtbot.mouseClick(named(pane.header, QPushButton, "Train 3 runs"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(window.went), timeout=TIMEOUT)
    assert asked == [(table.id, 1, True)]
    session.datasets.set_split(table.id, SplitConfig())
    qtbot.waitUntil(lambda: "fold" not in pane._top._about.text(), timeout=TIMEOUT)
    assert pane.settings.train.field("all_folds").isHidden()
    assert named(pane.header, QPushButton, "Train").isEnabled()


def test_a_run_from_the_settings_of_another_one_knows_its_parent(
    qtbot, table, session, tmp_path, open_pane, monkeypatch
):
    started = []
    parent = session.training.start(table.id, "mlp", {"width": 16}, TrainConfig(epochs=1), "fallen apple")
    session.training.wait(parent, 30)

    def start(dataset_id, family, fields, train, name=None, parent_id=None):
        started.append(parent_id)
        return parent

    monkeypatch.setattr(session.training, "start", start)
    _, pane = open_pane(session)
    pane.select(clone_run_id=parent)
    qtbot.waitUntil(lambda: "fallen apple" in origin(pane), timeout=TIMEOUT)
    enter(pane, "model", "width", "24")
    qtbot.mouseClick(train_button(pane), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(started), timeout=TIMEOUT)
    qtbot.mouseClick(cards(pane)["linear"], Qt.MouseButton.LeftButton)
    assert origin(pane) == "", "a run of another family is nobody's child"
    qtbot.waitUntil(lambda: train_button(pane).isEnabled(), timeout=TIMEOUT)
    qtbot.mouseClick(train_button(pane), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(started) == 2, timeout=TIMEOUT)
    assert started == [parent, None]


def origin(pane):
    return pane.settings._origin.text() if pane.settings._origin.isVisible() else ""


def test_cloning_a_run_fills_everything_from_it(qtbot, table, session, tmp_path, open_pane):
    run_id = session.training.start(
        table.id, "mlp", {"width": 16}, TrainConfig(epochs=1, learning_rate=0.5, seed=7)
    )
    session.training.wait(run_id, 30)
    import_data(session, write_pictures(tmp_path / "pictures"))
    _, pane = open_pane(session)
    assert pane.dataset.currentText() != table.name, "the newest dataset is chosen at first"
    pane.select(clone_run_id=run_id, train={"learning_rate": 0.05})
    qtbot.waitUntil(lambda: pane.dataset.currentData() == table.id, timeout=TIMEOUT)
    qtbot.waitUntil(lambda: cards(pane)["mlp"].isChecked(), timeout=TIMEOUT)
    assert pane.settings.model.values()["width"] == 16
    shown = pane.settings.train.values()
    assert (shown["learning_rate"], shown["seed"], shown["epochs"]) == (0.05, 7, 1)


def test_a_new_dataset_appears_and_the_chosen_one_stays(qtbot, table, session, tmp_path, open_pane):
    _, pane = open_pane(session)
    enter(pane, "train", "epochs", "3")
    import_data(session, write_pictures(tmp_path / "pictures"))
    qtbot.waitUntil(lambda: pane.dataset.count() == 2, timeout=TIMEOUT)
    assert pane.dataset.currentData() == table.id
    assert pane.settings.train.values()["epochs"] == 3


def test_read_only_allows_a_check_but_says_why_not_to_train(qtbot, table, session, open_pane):
    session.close()
    with open_project(session.folder.root, read_only=True) as watching:
        window, pane = open_pane(watching)
        assert not train_button(pane).isEnabled()
        assert "read-only" in train_button(pane).toolTip()
        assert named(pane.header, QPushButton, "Check model").isEnabled()
        window.open(None)


def test_tab_goes_from_the_dataset_over_the_cards(qtbot, table, session, open_pane):
    _, pane = open_pane(session)
    pane.activateWindow()
    pane.dataset.setFocus()
    fitting = [card for card in cards(pane).values() if card.isEnabled()]
    for expected in fitting:
        qtbot.keyClick(pane.window().focusWidget(), Qt.Key.Key_Tab)
        assert pane.window().focusWidget() is expected
