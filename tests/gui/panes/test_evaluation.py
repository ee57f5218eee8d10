"""Evaluate: from a trained run to its measures, its confusion matrix and the very samples behind a cell."""

import csv
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QToolButton,
)

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, write_numbers, write_pictures, write_table
from workbench.core.configs import TrainConfig
from workbench.core.states import Split
from workbench.gui.panes.evaluation import EvaluatePane
from workbench.gui.panes.evaluation.samples import Samples
from workbench.gui.widgets.cards import EmptyState, StatTile
from workbench.gui.widgets.confusion_matrix import ConfusionMatrix
from workbench.gui.widgets.matrix_grid import MatrixGrid
from workbench.gui.widgets.picture_grid import PictureGrid
from workbench.gui.widgets.scatter_plot import ScatterPlot
from workbench.gui.widgets.table import Table
from workbench.services.projects import create_project, open_project

PICTURES, TABLE, NUMBERS = 1, 2, 3


def train(session, dataset, family, **config):
    run_id = session.training.start(dataset.id, family, {}, TrainConfig(**config))
    return session.training.wait(run_id, 60)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A project with one run each on pictures, on a table with a class of one sample, and on numbers."""
    home = tmp_path_factory.mktemp("trained")
    with create_project(home / "project") as session:
        pictures = import_data(session, write_pictures(home / "pictures", 60))
        table = write_table(home / "fruit.csv", 160)
        with table.open("a", encoding="utf-8") as file:
            file.write("1.5,1.5,1.5,quince\n")
        table = import_data(session, table)
        numbers = import_data(session, write_numbers(home / "homes.csv"), target="price")
        # One epoch with a tiny rate, so that there is something to be wrong about.
        train(session, pictures, "linear", epochs=1, learning_rate=1e-5, schedule="constant")
        train(session, table, "linear", epochs=1, learning_rate=1e-4)
        train(session, numbers, "linear", epochs=20, learning_rate=1e-2)
    return home / "project"


@pytest.fixture
def folder(trained, tmp_path):
    shutil.copytree(trained, tmp_path / "project")
    return tmp_path / "project"


@pytest.fixture
def show(qtbot):
    """Return a function that shows the pane over a project."""
    sessions = []

    def build(folder, *, read_only=False):
        session = open_project(folder, read_only=read_only)
        sessions.append(session)
        window = PaneWindow(session)
        qtbot.addWidget(window)
        window.hold(EvaluatePane)
        qtbot.waitUntil(lambda: window.pane.findChild(QComboBox) is not None)
        return window

    yield build
    for session in sessions:
        session.close()


def judge(qtbot, window, run_id, split=Split.TEST):
    """Show a run as another pane would, and wait for its measures."""
    window.pane.select(run_id=run_id, split=split)
    qtbot.waitUntil(
        lambda: bool(tiles(window)) and window.session.evaluation.latest(run_id, split) is not None,
        timeout=20_000,
    )
    return window.session.evaluation.latest(run_id, split)


def tiles(window):
    return {
        tile.accessibleName(): tile.accessibleDescription()
        for tile in window.findChildren(StatTile)
        if tile.isVisible()
    }


def samples(window):
    return next(part for part in window.findChildren(Samples) if part.isVisible())


def title(window):
    return samples(window)._title.text()


def click_cell(qtbot, window, cell, modifier=Qt.KeyboardModifier.NoModifier):
    grid = window.findChild(MatrixGrid)
    qtbot.mouseClick(
        grid.viewport(), Qt.MouseButton.LeftButton, modifier, QPoint(grid.cell_rect(cell).center())
    )


def empty_title(window):
    return next((page.accessibleName() for page in window.findChildren(EmptyState) if page.isVisible()), "")


def test_coming_from_training_the_run_is_judged_at_once_down_to_the_matrix(qtbot, show, folder):
    window = show(folder)
    evaluation = judge(qtbot, window, PICTURES)
    shown = tiles(window)
    assert shown["Accuracy"].startswith(f"{evaluation.metrics['accuracy']:.3f}")
    assert shown["F1 (macro)"].startswith(f"{evaluation.metrics['f1_macro']:.3f}")
    assert {"Precision (macro)", "Recall (macro)"} <= shown.keys()
    worst = min(evaluation.per_class, key=lambda row: row.recall)
    assert shown["Worst class: recall"].startswith(f"{worst.recall:.3f} {worst.label}")
    matrix = named(window, ConfusionMatrix, "Confusion matrix")
    assert f"test · checkpoint of epoch {evaluation.epoch}" in matrix._source.text()


def test_a_run_that_was_only_chosen_waits_for_the_button(qtbot, show, folder):
    window = show(folder)
    qtbot.waitUntil(lambda: empty_title(window) == "Not judged on this split yet")
    assert window.session.evaluation.all(NUMBERS) == []
    button = window.pane.header.findChildren(QPushButton)[-1]
    assert button.accessibleName() == "Evaluate"
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "MAE" in tiles(window), timeout=20_000)


def test_a_click_on_a_cell_shows_those_very_pictures_the_most_certain_first(qtbot, show, folder):
    window = show(folder)
    evaluation = judge(qtbot, window, PICTURES)
    counts = np.array(evaluation.counts)
    cell = tuple(int(place) for place in np.unravel_index(counts.argmax(), counts.shape))
    click_cell(qtbot, window, cell)
    grid = window.findChild(PictureGrid)
    qtbot.waitUntil(lambda: grid.isVisible() and grid._count == counts[cell])
    said = window.session.evaluation.predictions(evaluation)
    places = said.cell(*cell)
    pixels = window.session.datasets.samples(PICTURES).x
    shown = grid._provider(0, grid._count)
    for picture, place in zip(shown, places, strict=True):
        assert np.array_equal(picture.pixels, pixels[place])
    sure = np.sort(said.confidence[(said.actual == cell[0]) & (said.predicted == cell[1])])[::-1]
    label = evaluation.labels[cell[1]]
    assert shown[0].caption == f"{label} · {sure[0] * 100:.0f}\u00a0%"
    grid.setFocus()
    qtbot.keyClick(grid, Qt.Key.Key_Right)
    assert samples(window)._about.text() == window.session.datasets.samples(PICTURES).names[int(places[0])]


def test_an_empty_cell_says_that_nothing_fell_there(qtbot, show, folder):
    window = show(folder)
    counts = np.array(judge(qtbot, window, PICTURES).counts)
    empty = tuple(int(place) for place in np.argwhere(counts == 0)[0])
    click_cell(qtbot, window, empty)
    grid = window.findChild(PictureGrid)
    qtbot.waitUntil(lambda: grid.accessibleDescription() == "None of the samples fell here.")


def test_correct_misclassified_and_clear_work_over_many_cells(qtbot, show, folder):
    window = show(folder)
    evaluation = judge(qtbot, window, PICTURES)
    counts = np.array(evaluation.counts)
    grid, right = window.findChild(PictureGrid), int(counts.trace())
    for button, expected in (("Correct", right), ("Misclassified", int(counts.sum()) - right)):
        qtbot.mouseClick(named(window, QPushButton, button), Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda n=expected: grid._count == n)
    assert expected > 0, "the model has to be wrong somewhere, or nothing was tested"
    qtbot.mouseClick(named(window, QPushButton, "Clear"), Qt.MouseButton.LeftButton)
    assert grid._count == 0
    assert "Click a cell" in grid.accessibleDescription()


def test_among_several_cells_each_wrong_picture_says_what_it_really_is(qtbot, show, folder):
    window = show(folder)
    evaluation = judge(qtbot, window, PICTURES)
    named(window, ConfusionMatrix, "Confusion matrix").select([(0, 0), (0, 1), (1, 0), (1, 1)])
    grid = window.findChild(PictureGrid)
    qtbot.waitUntil(lambda: grid._count == evaluation.count)
    wrong = [picture.caption for picture in grid._provider(0, grid._count) if " → " in picture.caption]
    counts = np.array(evaluation.counts)
    assert len(wrong) == counts.sum() - counts.trace() > 0


def test_a_cell_of_a_table_shows_its_rows_with_all_their_columns(qtbot, show, folder):
    window = show(folder)
    evaluation = judge(qtbot, window, TABLE)
    counts = np.array(evaluation.counts)
    cell = tuple(int(place) for place in np.unravel_index(counts.argmax(), counts.shape))
    click_cell(qtbot, window, cell)
    qtbot.waitUntil(
        lambda: samples(window).table is not None and len(samples(window).table.records()) == counts[cell]
    )
    table = samples(window).table
    headings = [column.title for column in table._columns]
    assert headings == ["Sample", "Actual", "Predicted", "Probability", "width", "height", "weight"]
    places = window.session.evaluation.predictions(evaluation).cell(*cell)
    for row, place in zip(table.records(), places, strict=True):
        (text,) = window.session.datasets.rows(TABLE, int(place), int(place) + 1)
        assert [column.text(row) for column in table._columns[4:]] == text[:3]
        assert row.actual == text[3] == evaluation.labels[cell[0]]


def test_a_class_without_samples_has_a_dash_not_a_zero(qtbot, show, folder):
    window = show(folder)
    judge(qtbot, window, TABLE)
    table = named(window, Table, "Classes")
    quince = next(row for row in table.records() if row.label == "quince")
    assert quince.support == 0
    recall = next(column for column in table._columns if column.title == "Recall")
    assert recall.text(quince) == "–"
    assert "quince" not in tiles(window)["Worst class: recall"]


def test_several_cells_are_named_by_what_they_have_in_common(qtbot, show, folder):
    window = show(folder)
    judge(qtbot, window, TABLE)
    click_cell(qtbot, window, (0, 1))
    assert title_after(qtbot, window) == "apple taken for pear"
    click_cell(qtbot, window, (0, 0), Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: title(window) == "2 cells")


def title_after(qtbot, window):
    qtbot.waitUntil(lambda: bool(title(window)))
    return title(window)


def test_values_are_plotted_and_a_point_leads_to_its_row(qtbot, show, folder):
    window = show(folder)
    evaluation = judge(qtbot, window, NUMBERS)
    shown = tiles(window)
    assert shown["MAE"].startswith(f"{evaluation.metrics['mae']:.3f}"[:4])
    assert {"RMSE", "R²"} <= shown.keys()
    qtbot.waitUntil(lambda: len(samples(window).table.records()) == evaluation.count)
    rows = samples(window).table.records()
    errors = [abs(row.error) for row in rows]
    assert errors == sorted(errors, reverse=True)
    least = rows[-1]
    scatter = window.findChild(ScatterPlot)
    scatter.point_clicked.emit(least.hit)
    assert [row.hit for row in samples(window).table.selected()] == [least.hit]
    table = samples(window).table
    table.select(lambda row: row.hit == rows[0].hit)
    assert f"off by {rows[0].error:.4g}" in scatter._said.text()


def test_another_split_is_judged_by_itself(qtbot, show, folder):
    window = show(folder)
    judge(qtbot, window, TABLE)
    split = named(window, QComboBox, "Split")
    assert split.currentText() == "Test"
    split.setFocus()
    qtbot.keyClick(split, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: empty_title(window) == "Not judged on this split yet")
    qtbot.keyClick(window.pane, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: bool(tiles(window)), timeout=20_000)
    assert window.session.evaluation.latest(TABLE, Split.VALIDATION) is not None
    qtbot.keyClick(split, Qt.Key.Key_Up)
    qtbot.waitUntil(lambda: "test ·" in named(window, ConfusionMatrix, "Confusion matrix")._source.text())


def test_renaming_the_run_leaves_the_chosen_cell_alone(qtbot, show, folder):
    window = show(folder)
    judge(qtbot, window, TABLE)
    click_cell(qtbot, window, (0, 1))
    window.session.training.rename(TABLE, "a better name")
    run = named(window, QComboBox, "Run")
    qtbot.waitUntil(lambda: run.currentText() == "a better name")
    assert window.findChild(MatrixGrid).selected() == [(0, 1)]
    assert title(window) == "apple taken for pear"


def test_judging_again_keeps_the_chosen_cell(qtbot, show, folder):
    window = show(folder)
    first = judge(qtbot, window, TABLE)
    click_cell(qtbot, window, (0, 1))
    window.pane.evaluate()
    qtbot.waitUntil(lambda: window.session.evaluation.latest(TABLE).id != first.id, timeout=20_000)
    qtbot.waitUntil(lambda: window.pane._judged.evaluation.id != first.id)
    assert window.findChild(MatrixGrid).selected() == [(0, 1)]


def test_a_lost_checkpoint_is_told_once_and_in_place(qtbot, show, folder):
    for file in (folder / "runs" / str(TABLE)).glob("best-*.pt"):
        file.unlink()
    window = show(folder)
    window.pane.select(run_id=TABLE)
    qtbot.waitUntil(window.pane.banner.isVisible, timeout=20_000)
    assert "checkpoint" in window.pane.banner.text
    assert "Traceback" not in window.pane.banner.text
    assert not window.told, "told in one place only"
    qtbot.waitUntil(lambda: empty_title(window) == "Not judged on this split yet")


def test_lost_predictions_are_told_and_can_be_made_again(qtbot, show, folder):
    with open_project(folder) as session:
        evaluation = session.jobs.wait(session.evaluation.evaluate(TABLE), 30)
        (folder / evaluation.predictions).unlink()
    window = show(folder)
    window.pane.select(run_id=TABLE)
    qtbot.waitUntil(window.pane.banner.isVisible, timeout=20_000)
    assert "evaluate again" in window.pane.banner.text
    qtbot.mouseClick(named(window, QPushButton, "Evaluate"), Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(tiles(window)), timeout=20_000)
    assert not window.pane.banner.isVisible()


def test_without_a_run_the_pane_says_what_to_do_first(qtbot, show, tmp_path):
    create_project(tmp_path / "new").close()
    window = show(tmp_path / "new")
    qtbot.waitUntil(lambda: empty_title(window) == "Train a model first")
    qtbot.mouseClick(named(window, QPushButton, "Choose a model"), Qt.MouseButton.LeftButton)
    assert window.went == [("models", {})]
    assert not named(window, QPushButton, "Evaluate").isEnabled()


def test_a_run_before_its_first_epoch_leads_to_training(qtbot, show, tmp_path):
    with create_project(tmp_path / "new") as session:
        import_data(session, write_table(tmp_path / "fruit.csv"))
    window = show(tmp_path / "new")
    dataset = window.session.datasets.get(1)
    window.session.store.runs.add("waiting", 1, "linear", {}, TrainConfig(), dataset.split)
    window.pane.mark_stale()
    qtbot.waitUntil(lambda: empty_title(window) == "The first epoch is not done yet")
    qtbot.mouseClick(named(window, QPushButton, "Watch training"), Qt.MouseButton.LeftButton)
    assert window.went == [("train", {})]


def test_a_read_only_project_shows_but_does_not_judge(qtbot, show, folder):
    with open_project(folder) as session:
        session.jobs.wait(session.evaluation.evaluate(TABLE), 30)
    window = show(folder, read_only=True)
    judge(qtbot, window, TABLE)
    button = named(window, QPushButton, "Evaluate")
    assert not button.isEnabled()
    assert "read-only" in button.toolTip()
    window.pane.select(run_id=PICTURES)
    qtbot.waitUntil(lambda: empty_title(window) == "Not judged on this split yet")
    assert window.session.evaluation.latest(PICTURES) is None


def open_predict(qtbot, window):
    button = named(window, QPushButton, "Predict new data …")
    qtbot.waitUntil(button.isEnabled)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    dialog = window.findChild(QDialog)
    qtbot.waitUntil(dialog.isVisible)
    return dialog, dialog.findChild(QDialogButtonBox).buttons()


def test_new_data_is_predicted_into_a_csv_and_what_was_skipped_is_told(qtbot, show, folder, tmp_path):
    source = write_pictures(tmp_path / "new", 3)
    (source / "dark" / "broken.png").write_bytes(b"no picture")
    (source / "dark" / "empty.png").write_bytes(b"")
    window = show(folder)
    judge(qtbot, window, PICTURES)
    dialog, buttons = open_predict(qtbot, window)
    go = next(button for button in buttons if button.accessibleName() == "Predict")
    assert not go.isEnabled()
    named(dialog, QLineEdit, "New data").clear()
    qtbot.keyClicks(named(dialog, QLineEdit, "New data"), str(source))
    out = named(dialog, QLineEdit, "Write predictions to").text()
    assert out == str(tmp_path / "new-predictions.csv")
    qtbot.mouseClick(go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.pane.banner.isVisible, timeout=20_000)
    assert window.pane.banner.text == f"6 predictions were written to {out}. 2 were skipped."
    with Path(out).open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 6
    assert {row["predicted"] for row in rows} <= {"dark", "light"}
    qtbot.mouseClick(named(window.pane.banner, QPushButton, "Show skipped"), Qt.MouseButton.LeftButton)
    table = named(window, Table, "Skipped")
    assert {item.path.split("/")[-1] for item in table.records()} == {"broken.png", "empty.png"}
    assert all(item.reason for item in table.records())


def test_predictions_never_overwrite_the_data_itself(qtbot, show, folder, tmp_path):
    source = write_table(tmp_path / "new.csv", 10)
    window = show(folder)
    judge(qtbot, window, TABLE)
    dialog, buttons = open_predict(qtbot, window)
    go = next(button for button in buttons if button.accessibleName() == "Predict")
    named(dialog, QLineEdit, "New data").setText(str(source))
    assert go.isEnabled()
    named(dialog, QLineEdit, "Write predictions to").setText(str(source))
    assert not go.isEnabled()
    assert "choose another file" in dialog._note.text()
    dialog.reject()


def test_new_data_that_lacks_a_column_is_told_by_name(qtbot, show, folder, tmp_path):
    source = tmp_path / "new.csv"
    source.write_text("width,height\n1,2\n", encoding="utf-8")
    window = show(folder)
    judge(qtbot, window, TABLE)
    dialog, buttons = open_predict(qtbot, window)
    named(dialog, QLineEdit, "New data").setText(str(source))
    go = next(button for button in buttons if button.accessibleName() == "Predict")
    qtbot.mouseClick(go, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(window.pane.banner.isVisible, timeout=20_000)
    assert "weight" in window.pane.banner.text
    assert not (tmp_path / "new-predictions.csv").exists()


@pytest.mark.parametrize(
    ("entry", "heading", "lines"),
    [
        ("Measures of each class …", ["class", "precision", "recall", "f1", "support"], 3),
        ("Confusion matrix …", ["actual / predicted", "apple", "pear", "quince"], 3),
        ("What was said of each sample …", ["sample", "actual", "predicted", "probability"], None),
    ],
)
def test_what_is_shown_can_be_saved_as_csv(qtbot, show, folder, tmp_path, monkeypatch, entry, heading, lines):
    window = show(folder)
    evaluation = judge(qtbot, window, TABLE)
    # The system's own dialog cannot be clicked; all else is real.
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "saved"), ""))
    menu = named(window, QPushButton, "Export table").menu()
    next(action for action in menu.actions() if action.text() == entry).trigger()
    qtbot.waitUntil(lambda: bool(window.told))
    with (tmp_path / "saved.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == heading
    assert len(rows) - 1 == (lines or evaluation.count)


def test_progress_is_shown_in_place_and_can_be_stopped(qtbot, show, folder):
    window = show(folder)
    judge(qtbot, window, TABLE)
    # The evaluation waits behind other work on its lane, so there is time to look at it and to stop it.
    gate = threading.Event()
    window.session.jobs.submit("evaluate", "something long", lambda token, progress: gate.wait(20))
    before = len(window.session.evaluation.all(TABLE))
    window.pane.evaluate()
    name = f"Progress of Evaluate {window.session.training.get(TABLE).name}"
    assert named(window, QProgressBar, name)
    assert not named(window, QPushButton, "Evaluate").isEnabled()
    qtbot.mouseClick(named(window, QToolButton, "Stop"), Qt.MouseButton.LeftButton)
    gate.set()
    qtbot.waitUntil(lambda: named(window, QPushButton, "Evaluate").isEnabled(), timeout=20_000)
    assert len(window.session.evaluation.all(TABLE)) == before
