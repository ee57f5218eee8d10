"""The curves of the selected runs: read once from the project, then followed live through the same plots."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.core.events import MetricsLogged
from workbench.core.records import Points, Run
from workbench.core.states import Task
from workbench.gui import background
from workbench.gui.panes.training.chart_grid import ChartGrid
from workbench.gui.panes.training.charts import (
    JUDGED,
    PARTS,
    Chart,
    chart_of,
    charts_for,
    choose_charts,
    chosen_charts,
    hint_of,
)
from workbench.gui.panes.training.run_legend import RunLegend
from workbench.gui.panes.training.stored import MOST_POINTS, Stored, read_curves, read_finer
from workbench.gui.theme import run_color
from workbench.gui.translate import tr
from workbench.gui.widgets.curve_data import Axis, Finer, Floats, Stretch
from workbench.gui.widgets.curve_plot import CurvePlot
from workbench.gui.widgets.curve_view import Look

if TYPE_CHECKING:
    from workbench.services.session import Session

_FEW_RUNS = 3
_LONGEST_NAME = 16


@dataclass(slots=True)
class _Held:
    """What is known of a run that is shown."""

    run: Run
    task: Task
    steps_per_epoch: int = 0
    series: set[str] = field(default_factory=set)
    last_step: dict[str, int] = field(default_factory=dict)
    appended: int = 0
    steps: int = 0
    seconds: float = 0.0

    def reach(self, points: Points) -> None:
        self.steps = max(self.steps, int(points.steps[-1]))
        self.seconds = max(self.seconds, float(points.times_s[-1]))


class RunCurves(QWidget):
    """The charts that the user has chosen, of all selected runs; training solid, validation dashed.

    What is logged while the stored points are being read waits and is put behind them, each point once,
    so that the stored and the live curve are the same points. Of a chart that is not shown nothing is
    read and nothing is kept.
    """

    failed = Signal(object)
    read = Signal()
    charts_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = ChartGrid()
        self._grid.failed.connect(self.failed)
        self._grid.wanted.connect(self._read_finer)
        self.legend = RunLegend()
        self.legend.toggled.connect(self._on_toggled)
        self.legend.hovered.connect(self._on_hovered)
        self._session: Session | None = None
        self._held: dict[int, _Held] = {}
        self._charts: dict[str, Chart] = {}
        self._chosen = chosen_charts()
        self._waiting: list[MetricsLogged] | None = None
        self._missed = False
        self.look = _remembered_look()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._grid)
        self._show_charts()

    @property
    def plots(self) -> dict[str, CurvePlot]:
        """The plots made so far, by name of their chart."""
        return self._grid.plots

    def offered(self) -> list[tuple[Chart, bool]]:
        """Return the charts that the selected runs can have, and whether each is shown."""
        found = {chart_of(series) for held in self._held.values() for series in held.series}
        charts = charts_for(found, {held.task for held in self._held.values()}, self._chosen)
        return [(chart, chart.name in self._chosen) for chart in charts]

    def choose(self, name: str, shown: bool) -> None:
        """Show or hide a chart from now on."""
        self._chosen = (self._chosen | {name}) if shown else (self._chosen - {name})
        choose_charts(self._chosen)
        self.show_runs(self._session, [held.run for held in self._held.values()])

    def set_look(self, smoothing: float, axis: Axis) -> None:
        """Smooth all charts like this, over that axis."""
        self.look = Look(smoothing=smoothing, axis=axis)
        QSettings().setValue("train/smoothing", smoothing)
        QSettings().setValue("train/axis", axis)
        for name in self._charts:
            self._apply_look(name)

    def show_runs(self, session: "Session | None", runs: Sequence[Run]) -> None:
        """Show these runs, read anew; the first is the one whose best epoch is marked."""
        self._session = session
        kept = {run.id for run in runs}
        for plot in self.plots.values():
            for key in plot.keys():  # noqa: SIM118 - a method of the plot, not of a dict
                if int(key.split("/", 1)[0]) not in kept:
                    plot.remove(key)
        before, self._held = self._held, {}
        if session is None or not runs:
            self._waiting = None
            self._show_charts()
            return
        for run in runs:
            held = before.get(run.id)
            task = held.task if held else session.datasets.get(run.dataset_id).schema.task
            self._held[run.id] = _Held(run, task, series=held.series if held else set())
        self._waiting = []
        self._show_charts()
        self._missed = not self.isVisible()
        charts = set() if self._missed else set(self._chosen)

        def failed(error: Exception) -> None:
            # A project that was closed meanwhile has nothing to tell any more.
            if self._session is session:
                self._waiting = None
                self.failed.emit(error)

        work = lambda: read_curves(session, runs, charts)  # noqa: E731
        background.query(work, self._on_read, failed, owner=self, key="curves")

    def add(self, event: MetricsLogged) -> None:
        """Put new points behind those that are shown; one append a series, however many points there are."""
        held = self._held.get(event.run_id)
        if held is None:
            return
        if self._waiting is not None:
            self._waiting.append(event)
            return
        self._missed |= not self.isVisible()
        if not event.points.keys() <= held.series:
            held.series |= event.points.keys()
            self._show_charts()
        for series, points in event.points.items():
            held.reach(points)
            if not self._missed and chart_of(series) in self._charts:
                self._append(held, series, points)
                held.appended += len(points)
        if held.appended > MOST_POINTS:
            self._read_again()

    def update_run(self, run: Run) -> None:
        """Take up a run's new state and best epoch."""
        held = self._held.get(run.id)
        if held is not None:
            held.run = run
            self._mark_best()
            self._show_hints()

    def epochs(self, run_id: int) -> float:
        """Return how many epochs the points of a run cover, fractions too; 0 while that is not known."""
        held = self._held.get(run_id)
        if held is None or not held.steps_per_epoch:
            return 0.0
        return max(held.steps, held.run.steps) / held.steps_per_epoch

    def seconds(self, run_id: int) -> float:
        """Return the seconds of training that the points of a run cover."""
        held = self._held.get(run_id)
        return held.seconds if held else 0.0

    def _read_again(self) -> None:
        self.show_runs(self._session, [held.run for held in self._held.values()])

    def _on_read(self, found: "dict[int, Stored]") -> None:
        for run_id, held in self._held.items():
            held.steps_per_epoch = found[run_id].steps_per_epoch
            held.series |= found[run_id].series
        self._show_charts()
        for run_id, held in self._held.items():
            for series, points in found[run_id].points.items():
                self._set(held, series, points, coarse=series in found[run_id].coarse)
        waiting, self._waiting = self._waiting or [], None
        for event in waiting:
            self.add(event)
        self._mark_best()
        self._show_hints()
        self.read.emit()

    def _read_finer(self, name: str, wanted: list[Stretch]) -> None:
        """Read those parts of a chart that are seen coarser than they are stored."""
        session = self._session
        if session is None:
            return

        def draw(found: list[Points]) -> None:
            if self._session is session and name in self._charts:
                for stretch, points in zip(wanted, found, strict=True):
                    self._refine(name, stretch, points)

        def failed(error: Exception) -> None:
            if self._session is session:
                self.failed.emit(error)

        work = lambda: read_finer(session, wanted)  # noqa: E731
        background.query(work, draw, failed, owner=self, key=f"finer/{name}")

    def _refine(self, name: str, stretch: Stretch, points: Points) -> None:
        held = self._held.get(int(stretch.key.partition("/")[0]))
        if held is not None:
            values, epochs = self._values(name, points), _epochs(points, held.steps_per_epoch)
            self.plots[name].refine(Finer(stretch, points.steps, values, points.times_s, epochs))

    def _set(self, held: _Held, series: str, points: Points, *, coarse: bool = False) -> None:
        name = chart_of(series)
        if name not in self._charts or not len(points):
            return
        if not self._is_drawn(held, series):
            self.plots[name].remove(_key(held.run.id, series))
            return
        plot, key = self.plots[name], _key(held.run.id, series)
        plot.show_legend(len(self._held) == 1 and series.partition("/")[0] in PARTS)
        plot.set_series(
            key,
            self._label(held, series),
            run_color(held.run.id),
            points.steps,
            self._values(name, points),
            points.times_s,
            dashed=series.startswith("validation/"),
            epochs=_epochs(points, held.steps_per_epoch),
            coarse=coarse,
        )
        plot.set_hidden(key, held.run.id in self.legend.hidden())
        held.last_step[series] = int(points.steps[-1])
        held.reach(points)

    def _label(self, held: _Held, series: str) -> str:
        short = _short(held.run.name)
        if series.partition("/")[0] not in PARTS:
            return short
        part = tr("validation") if series.startswith("validation/") else tr("training")
        if len(self._held) == 1:
            return part
        return short if self._one_of_many(held) else f"{short} · {part}"

    def _one_of_many(self, held: _Held) -> bool:
        return len(self._held) > _FEW_RUNS and held is not next(iter(self._held.values()))

    def _is_drawn(self, held: _Held, series: str) -> bool:
        """Return whether a series is drawn: of many runs only the validation, but for the first one."""
        judged = chart_of(series) in JUDGED and series.startswith("train/") and held.run.split.validation
        return not judged or not self._one_of_many(held)

    def _append(self, held: _Held, series: str, points: Points) -> None:
        if series not in held.last_step:
            self._set(held, series, points)
            self._mark_best()
            return
        start = int(np.searchsorted(np.asarray(points.steps), held.last_step[series], side="right"))
        if start >= len(points):
            return
        new = Points(points.steps[start:], points.values[start:], points.times_s[start:])
        name = chart_of(series)
        epochs = _epochs(new, held.steps_per_epoch)
        key = _key(held.run.id, series)
        self.plots[name].append(key, new.steps, self._values(name, new), new.times_s, epochs)
        held.last_step[series] = int(new.steps[-1])

    def _values(self, name: str, points: Points) -> Floats:
        return np.asarray(points.values, dtype=np.float64) * self._charts[name].factor

    def _mark_best(self) -> None:
        held = next(iter(self._held.values()), None)
        best = held.run.best_epoch if held else None
        for name in self._charts:
            series = next(
                (it for it in (f"validation/{name}", f"train/{name}") if held and it in held.last_step), ""
            )
            if held is None or best is None or not held.steps_per_epoch or not series:
                self.plots[name].mark("", 0, "")
                continue
            step = best * held.steps_per_epoch
            self.plots[name].mark(_key(held.run.id, series), step, tr("best epoch {epoch}", epoch=best))

    def _show_charts(self) -> None:
        charts = {chart.name: chart for chart, shown in self.offered() if shown}
        if charts != self._charts or not self.plots:
            for name in self._charts.keys() - charts.keys():
                for held in self._held.values():
                    held.last_step = {key: at for key, at in held.last_step.items() if chart_of(key) != name}
            new = charts.keys() - self._charts.keys()
            self._charts = charts
            self._grid.show_charts(list(charts.values()))
            for name in new:
                self._apply_look(name)
            self.charts_changed.emit()
        runs = [held.run for held in self._held.values()]
        self.legend.show_runs(runs, split=not charts.keys().isdisjoint(JUDGED))
        self._show_hints()

    def _show_hints(self) -> None:
        """Say in charts without a curve why; nothing while what is stored is still being read."""
        states = {held.run.state for held in self._held.values()}
        for name, chart in self._charts.items():
            self.plots[name].set_empty_text("" if self._waiting is not None else hint_of(chart, states))

    def _on_toggled(self, run_id: int, shown: bool) -> None:
        for plot in self.plots.values():
            for key in _of_run(plot, run_id):
                plot.set_hidden(key, not shown)

    def _on_hovered(self, run_id: int, here: bool) -> None:
        for plot in self.plots.values():
            plot.bring_forward(_of_run(plot, run_id) if here else [])

    def _apply_look(self, name: str) -> None:
        plot = self.plots[name]
        smoothing = self.look.smoothing if self._charts[name].smooth else 0.0
        plot.set_look(replace(plot.look, smoothing=smoothing, axis=self.look.axis))

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what was logged while the charts were hidden."""
        super().showEvent(event)
        if self._missed and self._held:
            self._read_again()


def _epochs(points: Points, steps_per_epoch: int) -> Floats | None:
    return np.asarray(points.steps, dtype=np.float64) / steps_per_epoch if steps_per_epoch else None


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _of_run(plot: CurvePlot, run_id: int) -> list[str]:
    return [key for key in plot.keys() if key.startswith(f"{run_id}/")]  # noqa: SIM118


def _key(run_id: int, series: str) -> str:
    return f"{run_id}/{series}"


def _remembered_look() -> Look:
    axis = QSettings().value("train/axis", "epoch", type=str)
    smoothing = QSettings().value("train/smoothing", 0.6, type=float)
    return Look(smoothing=float(str(smoothing)), axis=axis if axis in ("step", "minutes") else "epoch")
