"""Cards, tiles, banners, findings, the job strip and the toast: worked with mouse and keys."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.records import Finding, Job
from workbench.core.states import JobState, Severity
from workbench.gui.theme import run_color
from workbench.gui.widgets.badges import Badge, RunChip
from workbench.gui.widgets.bar_chart import BarChart
from workbench.gui.widgets.cards import Card, EmptyState, StatTile
from workbench.gui.widgets.job_strip import JobStrip
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel
from workbench.gui.widgets.notices import Banner, FindingList
from workbench.gui.widgets.pane_header import PaneHeader
from workbench.gui.widgets.scatter_plot import ScatterPlot
from workbench.gui.widgets.toast import Toast

EVIL = "<img src=/etc/passwd><b>名字</b>"


@pytest.fixture
def shown(qtbot):
    def show(widget, width=500, height=300):
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        return widget

    return show


def click(qtbot, widget, text):
    (button,) = [
        b
        for kind in (QPushButton, QToolButton)
        for b in widget.findChildren(kind)
        if text in (b.text(), b.accessibleName())
    ]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_no_label_of_ours_takes_a_name_for_markup(shown):
    finding = Finding("x", Severity.DANGER, 1, EVIL, (EVIL,))
    listed, banner = FindingList(), Banner()
    listed.set_findings([finding])
    banner.tell(EVIL)
    holder = shown(QWidget())
    column = QVBoxLayout(holder)
    for widget in (
        Card(EVIL, EVIL, EVIL, EVIL),
        StatTile(EVIL, EVIL, EVIL),
        EmptyState("database", EVIL, EVIL),
        PaneHeader(EVIL, EVIL),
        listed,
        banner,
    ):
        column.addWidget(widget)
    labels = holder.findChildren(QLabel)
    assert len(labels) >= 12
    assert {label.textFormat() for label in labels} == {Qt.TextFormat.PlainText}
    narrow = shown(ElidedLabel(EVIL * 5), 80, 20)
    chip = shown(RunChip(EVIL, run_color(0)))
    assert "<img" not in narrow.toolTip() + chip.toolTip()


def test_of_several_cards_one_is_selected_by_a_click_anywhere_or_by_space(shown, qtbot):
    holder = shown(QWidget())
    column = QVBoxLayout(holder)
    cards = [Card("Linear", "A baseline."), Card("MLP", "Connected.", "Fits.", "Recommended")]
    for card in cards:
        column.addWidget(card)
    qtbot.mouseClick(cards[1], Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert [card.isChecked() for card in cards] == [False, True]
    qtbot.keyClick(cards[0], Qt.Key.Key_Space)
    assert [card.isChecked() for card in cards] == [True, False]
    assert cards[1].accessibleName() == "MLP"
    assert cards[1].accessibleDescription() == "Recommended Connected. Fits."


def test_a_card_grows_with_its_text(shown):
    card = shown(Card("Title", "word " * 80))
    assert card.heightForWidth(200) > card.heightForWidth(600) > 40


def test_a_tile_says_its_number_and_how_sure_it_is(shown):
    tile = shown(StatTile("Accuracy", "0.884"))
    tile.set_values("0.775", "0.716–0.829", "danger")
    assert (tile.accessibleName(), tile.accessibleDescription()) == ("Accuracy", "0.775 0.716–0.829")


def test_an_empty_pane_offers_the_action_that_fills_it(shown, qtbot):
    empty = shown(EmptyState("database", "No data yet", "Drop a folder.", "Import data"))
    with qtbot.waitSignal(empty.triggered):
        click(qtbot, empty, "Import data")


def test_the_primary_action_stands_last_and_there_is_only_one(shown, qtbot):
    header = shown(PaneHeader("Train", "Watch runs."))
    header.set_primary("Start")
    header.add_action("Pause")
    header.set_primary("Evaluate best")
    qtbot.wait(1)
    buttons = header.findChildren(QPushButton)
    assert [b.text() for b in sorted(buttons, key=lambda b: b.mapTo(header, QPoint()).x())] == [
        "Pause",
        "Evaluate best",
    ]
    with qtbot.waitSignal(header.primary_triggered):
        click(qtbot, header, "Evaluate best")


def test_a_banner_tells_one_problem_with_its_remedy_and_can_be_put_away(shown, qtbot):
    holder = shown(QWidget())
    banner = Banner(holder)
    assert not banner.isVisible()
    banner.tell("The disk is full.", "danger", "Resume")
    with qtbot.waitSignal(banner.action_triggered):
        click(qtbot, banner, "Resume")
    with qtbot.waitSignal(banner.dismissed):
        click(qtbot, banner, "Dismiss")
    assert not banner.isVisible()


def test_findings_stand_worst_first_with_count_word_and_examples_on_demand(shown, qtbot):
    listed = shown(FindingList())
    listed.set_findings(
        [
            Finding("a", Severity.INFO, 98, "Copies were left out.", ("one.png",)),
            Finding("b", Severity.DANGER, 3, "Three files are no pictures."),
            Finding("c", Severity.WARNING, 2, "Two classes are small."),
        ],
        fixes={"c": "Fix"},
    )
    qtbot.wait(1)
    assert [badge.text for badge in listed.findChildren(Badge)] == ["3 · Serious", "2 · Warning", "98 · Note"]
    (example,) = [label for label in listed.findChildren(PlainLabel) if label.text() == "one.png"]
    assert not example.isVisible()
    click(qtbot, listed, "Examples")
    assert example.isVisible()
    with qtbot.waitSignal(listed.fix_requested) as told:
        click(qtbot, listed, "Fix")
    assert told.args == ["c"]


def test_new_findings_replace_the_old_and_none_is_good_news(shown, qtbot):
    listed = shown(FindingList())
    listed.set_findings([Finding("a", Severity.INFO, 1, "Old.")])
    listed.set_findings([])
    qtbot.wait(1)
    assert [label.text() for label in listed.findChildren(PlainLabel)] == ["No problems found."]


def test_the_strip_shows_the_first_job_and_says_how_many_more(shown, qtbot):
    strip = shown(JobStrip(), 1000, 34)
    strip.set_jobs(
        [
            Job(7, "calm-heron-14", JobState.RUNNING, done=61, total=100, text="training", left_s=102.0),
            Job(8, "b", JobState.WAITING),
            Job(9, "c", JobState.DONE),
        ]
    )
    texts = [label.text() for label in strip.findChildren(PlainLabel) if label.isVisible()]
    assert "61\u00a0% · 1:42 left" in texts
    assert "+1 more" in texts
    with qtbot.waitSignal(strip.pause_requested) as told:
        click(qtbot, strip, "Pause")
    assert told.args == [7]
    strip.set_jobs([Job(7, "calm-heron-14", JobState.PAUSED, done=61, total=100)])
    with qtbot.waitSignal(strip.resume_requested):
        click(qtbot, strip, "Resume")
    with qtbot.waitSignal(strip.stop_requested):
        click(qtbot, strip, "Stop")
    strip.set_jobs([])
    assert not strip._work.isVisible()


def test_a_toast_offers_undo_once_and_goes_away_by_itself(shown, qtbot):
    window = shown(QWidget(), 800, 600)
    toast, undone = Toast(window), []
    toast.show_message("Deleted calm-heron-14", "Undo", lambda: undone.append(1))
    assert abs(toast.geometry().center().x() - 400) <= 1
    window.resize(1000, 700)
    qtbot.waitUntil(lambda: abs(toast.geometry().center().x() - 500) <= 1)
    click(qtbot, toast, "Undo")
    assert undone == [1]
    assert not toast.isVisible()
    toast._timer.setInterval(20)
    toast.show_message("Renamed")
    qtbot.waitUntil(lambda: not toast.isVisible())
    assert undone == [1]


def test_a_bar_chart_scrolls_for_a_thousand_classes(shown):
    chart = shown(BarChart("Classes"), 400, 200)
    chart.set_counts([f"class {i}" for i in range(1000)], {"training": range(1000), "test": [0] * 1000})
    assert chart.verticalScrollBar().maximum() > 20_000
    chart.verticalScrollBar().setValue(chart.verticalScrollBar().maximum())
    assert not chart.grab().isNull()
    chart.set_counts([], {})
    assert chart.verticalScrollBar().maximum() == 0
    assert not chart.grab().isNull()


def test_a_bar_is_as_long_as_its_count(shown):
    chart = shown(BarChart("Classes"), 600, 200)
    chart.set_counts(["a", "b"], {"training": [100, 50]})
    image = chart.viewport().grab().toImage()
    lengths = [
        sum(image.pixelColor(x, y).blue() > 200 > image.pixelColor(x, y).red() for x in range(image.width()))
        for y in (14, 42)
    ]
    assert lengths[0] > 100
    assert lengths[0] / lengths[1] == pytest.approx(2, rel=0.05)


def test_a_click_on_a_point_tells_which_sample_it_is(shown, qtbot):
    plot = shown(ScatterPlot("Predicted against actual", "price"))
    plot.set_points([1.0, float("nan"), 3.0], [1.5, 2.0, 2.0], "test")
    points = plot._points.points()
    assert len(points) == 2
    with qtbot.waitSignal(plot.point_clicked) as told:
        plot._points.sigClicked.emit(plot._points, [points[1]], None)
    assert told.args == [2]
    assert plot._said.accessibleName() == "actual 3   predicted 2   off by -1"


def test_very_many_points_are_thinned_evenly(shown):
    plot = shown(ScatterPlot("Predicted against actual"))
    plot.set_points(range(100_000), range(100_000))
    assert len(plot._points.points()) == 20_000
    assert plot._points.points()[-1].data() == 99_999
