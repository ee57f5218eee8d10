"""Shows every widget filled, in light and dark, and saves pictures: `python -m tests.screenshots.gallery FOLDER [SCALE]`."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
if len(sys.argv) > 2:
    os.environ["QT_SCALE_FACTOR"] = sys.argv[2]

import numpy as np
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QProgressBar,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from tests.screenshots.gallery_data import (
    BANNERS,
    CARDS,
    COUNTS,
    FINDINGS,
    JOBS,
    LESIONS,
    RUNS,
    TILES,
)
from workbench.core.configs import TrainConfig
from workbench.gui.item_models.records import Column
from workbench.gui.theme import apply_theme, run_color
from workbench.gui.widgets import number_format
from workbench.gui.widgets.badges import Badge, RunChip
from workbench.gui.widgets.bar_chart import BarChart
from workbench.gui.widgets.cards import Card, EmptyState, StatTile
from workbench.gui.widgets.confusion_matrix import ConfusionMatrix
from workbench.gui.widgets.curve_plot import CurvePlot
from workbench.gui.widgets.curve_view import Look
from workbench.gui.widgets.job_strip import JobStrip
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.notices import Banner, FindingList
from workbench.gui.widgets.pane_header import PaneHeader
from workbench.gui.widgets.param_form import ParamForm
from workbench.gui.widgets.picture_grid import Picture, PictureGrid
from workbench.gui.widgets.scatter_plot import ScatterPlot
from workbench.gui.widgets.table import Table
from workbench.gui.widgets.toast import Toast
from workbench.services.models import ModelService


def column(*parts, margins=16, spacing=12, stretch=True):
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(margins, margins, margins, margins)
    layout.setSpacing(spacing)
    for part in parts:
        layout.addWidget(part) if isinstance(part, QWidget) else layout.addLayout(part)
    if stretch:
        layout.addStretch(1)
    return widget


def row(*parts, stretch=False, spacing=12):
    layout = QHBoxLayout()
    layout.setSpacing(spacing)
    for part in parts:
        layout.addWidget(part)
    if stretch:
        layout.addStretch(1)
    return layout


def card(*parts, stretch=True):
    frame = QFrame()
    frame.setProperty("role", "card")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(12, 12, 12, 12)
    layout.setSpacing(12)
    for part in parts:
        layout.addWidget(part) if isinstance(part, QWidget) else layout.addLayout(part)
    if stretch:
        layout.addStretch(1)
    return frame


def button(text, **properties):
    made = QPushButton(text)
    for name, value in properties.items():
        made.setProperty(name, value)
    return made


def played():
    """Every control by itself."""
    disabled, wrong = button("Disabled"), QLineEdit("wrong")
    disabled.setEnabled(False)
    wrong.setProperty("wrong", True)
    combo, box = QComboBox(), QCheckBox("Same class shares in every part")
    slider, bar = QSlider(Qt.Orientation.Horizontal), QProgressBar()
    combo.addItems(["Balanced", "Quick look", "一个中文选项"])
    box.setChecked(True)
    slider.setValue(60)
    bar.setValue(61)
    buttons = button("Train", primary=True), button("Secondary"), disabled, button("Quiet", quiet=True)
    words = (
        ("20 critical", "danger"),
        ("12 high", "warning"),
        ("8 medium", ""),
        ("3 low", "good"),
        ("Recommended", "info"),
    )
    return card(
        PlainLabel("Controls", "section"),
        row(*buttons, stretch=True, spacing=8),
        row(QLineEdit("皮肤病变分类"), wrong),
        row(combo, slider),
        box,
        bar,
        row(*(Badge(*word) for word in words), stretch=True, spacing=8),
        row(
            RunChip("calm-heron-14", run_color(0), True),
            RunChip("brisk-otter-13", run_color(1)),
            stretch=True,
        ),
    )


def controls():
    header = PaneHeader("Models", "Pick what learns; every model says what it is good for and what it costs.")
    header.add_action("Compare …")
    header.add_action("Check model", "check")
    header.set_primary("Train")
    form = ParamForm(TrainConfig, ModelService(None).choices())
    form.set_note("batch_size", "1.2 GB of 3.9 free")
    wrong_form = ParamForm(TrainConfig, ModelService(None).choices())
    wrong_form.field("epochs").control.lineEdit().setText("0")
    wrong_form.field("learning_rate").control.lineEdit().setText("fast")
    wrong_form.show_problems(wrong_form.problems() | {"weight_decay": "has to be at most 1"})
    cards = [Card(*texts, icon_name=icon_name) for *texts, icon_name in CARDS]
    cards[0].setChecked(True)
    settings = card(PlainLabel("Settings", "section"), form)
    wrong = card(PlainLabel("Wrong settings", "section"), wrong_form)
    left = column(*cards, played(), margins=0)
    tiles = row(*(StatTile(*texts) for texts in TILES))
    return column(header, tiles, row(left, settings, wrong), stretch=False)


def series(plot, index, name, scale, epochs, seed):
    random = np.random.default_rng(seed)
    steps = np.arange(epochs * 40)
    value = scale * np.exp(-steps / 260) + 0.4
    plot.set_series(
        f"{name}/train",
        f"{name} training",
        run_color(index),
        steps,
        value + random.normal(0, 0.06, len(steps)),
        steps * 0.08,
        epochs=steps / 40,
    )
    at = np.arange(1, epochs + 1) * 40
    plot.set_series(
        f"{name}/val",
        f"{name} validation",
        run_color(index),
        at,
        scale * np.exp(-at / 260) + 0.5 + random.normal(0, 0.02, len(at)),
        at * 0.08,
        dashed=True,
        epochs=at / 40,
    )


def curves():
    header = PaneHeader("Train", "Watch runs as they learn; nothing is lost when you stop.")
    header.add_action("Pause")
    header.add_action("Stop")
    header.set_primary("Evaluate best")
    loss, score, empty, single = (
        CurvePlot("Loss"),
        CurvePlot("Macro F1"),
        CurvePlot("Accuracy", "The accuracy of each epoch appears here once training has started."),
        CurvePlot("Loss after one epoch"),
    )
    series(loss, 0, "calm-heron-14", 1.6, 19, 1)
    series(loss, 1, "brisk-otter-13", 1.3, 30, 2)
    loss.mark("calm-heron-14/val", 17 * 40, "best epoch 17")
    loss.set_look(Look(smoothing=0.9, axis="epoch"))
    series(score, 2, "一个非常长的运行名称-plain-linnet-15", 1.0, 30, 3)
    score.set_look(Look(smoothing=0.6, axis="minutes", log=True))
    single.set_series("one", "validation", run_color(0), [40], [0.81], [3.2], dashed=True)
    scatter = ScatterPlot("Predicted against actual", "price")
    random = np.random.default_rng(4)
    actual = random.gamma(4, 50, 400)
    scatter.set_points(actual, actual * random.normal(1, 0.12, 400), "test · best checkpoint (epoch 17)")
    lower = row(score, single)
    page = column(header, loss, lower, row(empty, scatter), stretch=False)
    for place in (1, 2, 3):
        page.layout().setStretch(place, 1)
    return page


def pictures(count):
    random = np.random.default_rng(5)
    grid = np.linspace(-1, 1, 24)
    x, y = np.meshgrid(grid, grid)

    def provide(start, stop):
        made = []
        for index in range(start, stop):
            spot = np.exp(
                -((x - random.normal(0, 0.2)) ** 2 + (y - random.normal(0, 0.2)) ** 2) * random.uniform(3, 8)
            )
            base = np.array([210, 160, 130]) + random.normal(0, 12, 3)
            pixels = base[:, None, None] - spot * np.array([110, 110, 100])[:, None, None]
            chip = "" if index % 5 else "melanoma"
            made.append(
                Picture(
                    pixels.clip(0, 255).astype(np.uint8), f"nevus {50 + index * 7 % 50} %", chip, "danger"
                )
            )
        return made

    grid_widget = PictureGrid("Pictures taken for nevus", tile=92)
    grid_widget.set_pictures(count, provide)
    return grid_widget


def judged():
    matrix = ConfusionMatrix()
    matrix.set_matrix(LESIONS, COUNTS, "test · best checkpoint (epoch 17)")
    matrix._grid.select([(1, 0)])
    grid = pictures(1_000_000)
    grid.set_current(3)
    right = card(
        row(
            PlainLabel("melanoma taken for nevus", "section"),
            PlainLabel("31 pictures · most certain first", "small"),
        ),
        grid,
        stretch=False,
    )
    many = ConfusionMatrix()
    random = np.random.default_rng(6)
    names = [f"class {i:02d}" if i % 7 else f"第{i}类 with a long name" for i in range(30)]
    many.set_matrix(
        names,
        random.poisson(0.7, (30, 30)) + np.diag(random.integers(20, 200, 30)),
        "validation · last checkpoint (epoch 30)",
    )
    chart = BarChart("Classes")
    chart.set_counts(
        [*LESIONS, "<img src=x> a class name that goes on"],
        {
            "training": [840, 210, 300, 120, 40, 30, 1],
            "validation": [180, 45, 64, 26, 9, 6, 0],
            "test": [180, 45, 64, 26, 9, 6, 0],
        },
    )
    upper, lower = row(matrix, right), row(many, card(PlainLabel("Classes", "section"), chart, stretch=False))
    for line in (upper, lower):
        line.setStretch(0, 1)
        line.setStretch(1, 1)
    return column(upper, lower, stretch=False)


def tables():
    table = Table(
        [
            Column("Run", lambda r: r[0], stretch=True, strong=True, dot=lambda r: run_color(r[1])),
            Column("Model", lambda r: r[2], tone=lambda r: "muted"),
            Column("State", lambda r: r[6], badge=lambda r: r[7]),
            Column("Macro F1", lambda r: r[3], "right", number_format.measure),
            Column("Parameters", lambda r: r[4], "right", number_format.count),
            Column("Time", lambda r: r[5], "right", number_format.duration),
        ],
        "Runs",
        multiple=True,
    )
    table.set_records(RUNS)
    table.select(lambda r: r[0] == "brisk-otter-13")
    columns = [Column("Run", lambda r: r[0]), Column("Macro F1", lambda r: r[1], "right")]
    empty = Table(columns, "Runs", empty_text="Runs appear here when you train a model.")
    return row(card(table, stretch=False), card(empty, stretch=False))


def problems():
    findings, fine = FindingList(), FindingList()
    findings.set_findings(FINDINGS, fixes={"imbalance": "Fix"})
    fine.set_findings([])
    for child in findings.findChildren(QWidget):
        if child.accessibleName() == "Examples":
            child.setChecked(True)
    text = "Drop a folder of pictures or a CSV on the window, or begin with one of the starters."
    empty = card(EmptyState("database", "No data yet", text, "Import data"), stretch=False)
    return row(card(PlainLabel("Problems found", "section"), findings, fine), empty)


def listed():
    header = PaneHeader("Data", "What the model learns from, and what is wrong with it.")
    header.set_primary("Import data")
    banners = [Banner() for _ in BANNERS]
    for banner, texts in zip(banners, BANNERS, strict=True):
        banner.tell(*texts)
    jobs = JobStrip()
    jobs.set_jobs(JOBS)
    jobs.set_status("All changes saved · 14:32")
    page = column(header, *banners, tables(), problems(), stretch=False)
    whole = column(page, jobs, margins=0, spacing=0, stretch=False)
    toast = Toast(whole)
    toast.show_message("Deleted calm-heron-14", "Undo")
    return whole


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication([])
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(folder / "settings"))
    for mode in ("light", "dark"):
        apply_theme(app, mode)
        for build in (controls, curves, judged, listed):
            page = build()
            page.setWindowTitle(build.__name__)
            page.resize(1180, 1000)
            page.show()
            QTest.qWait(400)
            page.grab().save(str(folder / f"{build.__name__}-{mode}.png"))
            page.close()
            page.deleteLater()
    print(f"{datetime.now(UTC):%H:%M}: pictures in {folder}")


if __name__ == "__main__":
    main()
