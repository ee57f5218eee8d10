"""A curve of ten million points: from the store to the screen, and how fast it follows the mouse."""

import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from workbench.core.records import Points
from workbench.gui.theme import apply_theme, run_color
from workbench.services.projects import create_project

COUNT, BLOCK = 10_000_000, 500_000


class TenMillion:
    """A store with one run whose loss has ten million points."""

    def __init__(self, home: Path) -> None:
        from workbench.core.configs import SplitConfig, TrainConfig

        self.app = QApplication([])
        apply_theme(self.app, "light")
        self.session = create_project(home / "ten-million")
        from tests.gui.panes.small_data import import_data, write_table

        dataset = import_data(self.session, write_table(home / "small.csv"))
        run = self.session.store.runs.add("", dataset.id, "mlp", {}, TrainConfig(), SplitConfig())
        chooser = np.random.default_rng(0)
        for start in range(0, COUNT, BLOCK):
            steps = np.arange(start + 1, start + BLOCK + 1)
            values = 2 / np.sqrt(steps * 1e-4 + 1) + chooser.normal(0, 0.05, BLOCK)
            points = Points(steps, values, steps * 1e-3)
            self.session.store.metrics.append(run.id, {"train/loss": points}, epoch=0, steps=start + BLOCK)
        self.run_id = run.id
        self.plot = None

    def warm_up(self) -> None:
        """Do what the window does once it is painted, before anybody wants a plot."""
        from workbench.gui.widgets.plot_warm_up import load_plots, warm_up

        load_plots()
        warm_up()

    def first_picture(self) -> float:
        """Return seconds from asking the store until the curve is painted, plot included."""
        from workbench.gui.widgets.curve_plot import CurvePlot

        if self.plot is not None:
            self.plot.deleteLater()
            QCoreApplication.sendPostedEvents()
        start = time.perf_counter()
        points = self.session.training.overview(self.run_id, "train/loss")
        self.plot = CurvePlot("Loss")
        self.plot.resize(900, 420)
        self.plot.set_series("1", "loss", run_color(1), points.steps, points.values, points.times_s)
        self.plot.show()
        self.app.processEvents()
        self.plot.grab()
        return time.perf_counter() - start

    def plain_picture(self) -> float:
        """Return seconds until pyqtgraph alone has painted all points, which are in memory already."""
        import pyqtgraph as pg

        points = self.session.training.points(self.run_id, "train/loss")
        steps, values = np.asarray(points.steps, float), np.asarray(points.values)
        start = time.perf_counter()
        plot = pg.PlotWidget()
        plot.resize(900, 420)
        plot.plot(steps, values)
        plot.show()
        self.app.processEvents()
        plot.grab()
        taken = time.perf_counter() - start
        plot.close()
        plot.deleteLater()
        return taken

    def frames(self, seconds: float) -> float:
        """Return how many frames a second are painted while the curve is dragged and zoomed."""
        import pyqtgraph as pg

        view = self.plot.findChild(pg.PlotWidget)
        box, viewport = view.getViewBox(), view.viewport()
        start, count = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            (low, high), _ = box.viewRange()
            if count % 2:
                box.translateBy(x=(high - low) * 0.01)
            else:
                box.scaleBy((0.98, 1.0) if count // 100 % 2 else (1.02, 1.0))
            viewport.repaint()
            self.app.processEvents()
            count += 1
        return count / (time.perf_counter() - start)

    def close(self) -> None:
        if self.plot is not None:
            self.plot.close()
        self.session.close()
