"""A learning rate or a batch size is found beside its field, and one click takes it."""

import threading

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QPushButton, QToolButton

from tests.gui.panes.shell import PaneWindow, named
from tests.gui.panes.small_data import import_data, new_project, write_table
from workbench.core.configs import TrainConfig
from workbench.core.errors import DataError
from workbench.core.models import BatchSizes
from workbench.gui.panes.models import ModelsPane
from workbench.gui.panes.models.found import FoundView

TIMEOUT = 30_000


@pytest.fixture
def session(tmp_path):
    with new_project(tmp_path) as session:
        import_data(session, write_table(tmp_path / "fruit.csv", rows=240), target="kind")
        yield session


@pytest.fixture
def pane(qtbot, session):
    window = PaneWindow(session)
    qtbot.addWidget(window)
    pane = window.hold(ModelsPane)
    qtbot.waitUntil(lambda: pane.settings.model is not None, timeout=TIMEOUT)
    window.activateWindow()
    yield pane
    window.close()


@pytest.fixture
def gate(session):
    """Keep the device busy until the test opens the gate."""
    gate = threading.Event()
    session.jobs.submit("device-cpu", "hold", lambda token, progress: gate.wait(20))
    yield gate
    gate.set()


def press_find(qtbot, pane, field):
    qtbot.mouseClick(named(pane.settings.train.field(field), QPushButton, "Find"), Qt.MouseButton.LeftButton)


def found(qtbot, pane, finder):
    qtbot.waitUntil(lambda: finder.view.has_result, timeout=TIMEOUT)
    return finder.view


def entered(pane, field):
    return pane.settings.train.values()[field]


def test_find_shows_the_curve_and_use_enters_what_is_marked(qtbot, pane):
    press_find(qtbot, pane, "learning_rate")
    assert not pane.finders.rate.button.isEnabled()
    view = found(qtbot, pane, pane.finders.rate)
    assert view.plot.isVisible()
    rate = view.plot.marked()
    (left, right), _ = view.plot.ranges()
    assert 10**left < rate < 10**right, "x is logarithmic"
    assert view.use.hasFocus(), "the next step is under the keyboard"
    assert view.use.text() == view.use.accessibleName() == f"Use {rate:.4g}"
    qtbot.keyClick(view.use, Qt.Key.Key_Space)
    assert entered(pane, "learning_rate") == pytest.approx(rate)
    assert not view.isVisible()
    assert pane.settings.train.field("learning_rate").control.hasFocus()
    assert pane.finders.rate.button.isEnabled()


def test_the_pointer_reads_the_curve(qtbot, pane):
    press_find(qtbot, pane, "learning_rate")
    plot = found(qtbot, pane, pane.finders.rate).plot
    box = plot._plot.getViewBox()
    # The 51st of 100 rates from 1e-7 to 10 is 10 ** (-7 + 8 * 50 / 99).
    plot._on_moved(box.mapViewToScene(QPointF(-7 + 8 * 50 / 99, sum(plot.ranges()[1]) / 2)))
    assert plot.readout.text().startswith("rate 0.0011")
    plot._on_moved(QPointF(-50, -50))
    assert plot.readout.text() == "Loss by learning rate"
    assert "suggested" in plot.accessibleDescription()


def test_a_batch_size_is_found_with_what_it_gains(qtbot, pane):
    field = pane.settings.train.field("batch_size")
    field.control.set_value(1)
    press_find(qtbot, pane, "batch_size")
    view = found(qtbot, pane, pane.finders.size)
    assert "samples/s" in view.text.text()
    assert "times as fast as\u00a01" in view.text.text()
    qtbot.mouseClick(view.use, Qt.MouseButton.LeftButton)
    assert entered(pane, "batch_size") > 1


def test_while_it_waits_it_says_so_and_can_be_cancelled(qtbot, pane, session, gate):
    press_find(qtbot, pane, "learning_rate")
    view = pane.finders.rate.view
    qtbot.waitUntil(lambda: "Waits until the device is free" in view.text.text(), timeout=TIMEOUT)
    assert view.cancel.hasFocus()
    qtbot.keyClick(view.cancel, Qt.Key.Key_Space)
    assert not view.isVisible()
    assert pane.finders.rate.button.isEnabled()
    assert pane.finders.rate.button.hasFocus()
    assert [job.label for job in session.jobs.active()] == ["hold"]


def test_another_model_gives_the_search_up(qtbot, pane, session, gate):
    press_find(qtbot, pane, "learning_rate")
    view = pane.finders.rate.view
    qtbot.waitUntil(lambda: len(session.jobs.active()) == 2, timeout=TIMEOUT)
    other = next(card for card in pane.gallery.cards() if card.isEnabled() and not card.isChecked())
    qtbot.mouseClick(other, Qt.MouseButton.LeftButton)
    assert not view.isVisible()
    qtbot.waitUntil(lambda: len(session.jobs.active()) == 1, timeout=TIMEOUT)


def test_a_result_says_when_the_settings_have_changed_since(qtbot, pane):
    press_find(qtbot, pane, "learning_rate")
    view = found(qtbot, pane, pane.finders.rate)
    batch = pane.settings.train.field("batch_size").control
    pane.settings.train.field("learning_rate").control.set_value(0.5)
    assert not view.note.isVisible(), "the field itself is what was looked for"
    batch.set_value(16)
    assert view.note.isVisible()
    batch.set_value(32)
    assert not view.note.isVisible()
    qtbot.mouseClick(named(view, QToolButton, "Dismiss"), Qt.MouseButton.LeftButton)
    assert not view.isVisible()


def test_data_that_is_too_small_is_told_below_the_field(qtbot, pane, session, monkeypatch):
    def refuse(*_):
        raise DataError("The training split has 5 samples, too few to find a learning rate.")

    monkeypatch.setattr("workbench.training.range_test.find_learning_rate", refuse)
    press_find(qtbot, pane, "learning_rate")
    view = pane.finders.rate.view
    qtbot.waitUntil(lambda: "too few" in view.text.text(), timeout=TIMEOUT)
    assert view.text.property("role") == "problem"
    assert not view.use.isVisible()
    assert pane.finders.rate.button.isEnabled()


def test_a_wrong_setting_is_told_instead_of_searching(qtbot, pane, session):
    pane.settings.train.field("epochs").control.lineEdit().setText("0")
    press_find(qtbot, pane, "batch_size")
    assert "at least 1" in pane.settings.train.field("epochs").control.accessibleDescription()
    assert session.jobs.active() == []
    assert not pane.finders.size.view.isVisible()


def test_a_check_and_a_run_go_on_working_with_a_found_rate(qtbot, pane, session):
    press_find(qtbot, pane, "learning_rate")
    view = found(qtbot, pane, pane.finders.rate)
    qtbot.mouseClick(view.use, Qt.MouseButton.LeftButton)
    pane.settings.train.set_values({"optimizer": "nesterov", "loss": "focal"})
    pane.check_model()
    qtbot.waitUntil(pane.check.layers.isVisible, timeout=TIMEOUT)
    assert pane.settings.train.field("batch_size")._note.text().endswith(("kB", "MB"))


@pytest.mark.parametrize(
    ("found", "words", "offers"),
    [
        (
            BatchSizes((32, 128), (1423.0, 2411.0), 32, 128),
            "128: 2,400 samples/s, 1.7 times as fast as\u00a032", True,
        ),
        (BatchSizes((8, 32), (500.0, 1423.0), 32, 32), "32 is right: 1,400 samples/s", False),
        (BatchSizes((8, 16), (500.0, 900.0), 4096, 16), "4,096 is too large for this data", True),
    ],
)  # fmt: skip
def test_the_line_on_batch_sizes_says_what_to_do(qtbot, found, words, offers):
    view = FoundView("Measuring")
    qtbot.addWidget(view)
    view.show_sizes(found)
    assert words in view.text.text()
    assert view.use.isHidden() is not offers


def test_tab_goes_from_the_field_over_find_to_the_next_field(qtbot, pane):
    form = pane.settings.train
    form.field("batch_size").control.setFocus()
    for expected in (pane.finders.size.button, form.field("learning_rate").control, pane.finders.rate.button):
        qtbot.keyClick(pane.window().focusWidget(), Qt.Key.Key_Tab)
        assert pane.window().focusWidget() is expected


def test_seeds_of_a_repeat_stand_beside_the_seed(pane):
    names = list(pane.settings.train.shown())
    assert names.index("repeats") == names.index("seed") + 1
    assert "repeats" not in TrainConfig.model_fields


def test_what_is_found_is_scrolled_into_view(qtbot, pane):
    pane.settings.verticalScrollBar().setValue(0)
    press_find(qtbot, pane, "learning_rate")
    view = found(qtbot, pane, pane.finders.rate)

    def is_seen():
        place = view.mapTo(pane.settings.viewport(), view.rect().bottomLeft())
        return 0 < place.y() <= pane.settings.viewport().height()

    qtbot.waitUntil(is_seen)
