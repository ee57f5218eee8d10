"""The curves of the selected runs: read once from the project, then followed live through the same plots."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QSettings, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.core.events import MetricsLogged
from workbench.core.records import Points, Run
from workbench.core.states import Split
from workbench.gui import background
from workbench.gui.panes.training.words import measure_of
from workbench.gui.theme import GAP, run_color
from workbench.gui.translate import tr
from workbench.gui.widgets.curve_plot import CurvePlot
from workbench.gui.widgets.curve_view import Look

if TYPE_CHECKING:
    from workbench.services.session import Session

# More points than this of one series come as the envelope of all of them, which draws the same picture.
_MOST_POINTS = 50_000
_NAMES = ("loss", "accuracy", "rmse")
_PARTS = ("train", "validation")
_FEW_RUNS = 3
_LONGEST_NAME = 16
_LEAST_HEIGHT = 180
_KEYS_IN_A_ROW = 2
_KEY_HEIGHT = 26


@dataclass(slots=True)
class _Held:
    """What is known of a run that is shown."""

    run: Run
    measure: str
    steps_per_epoch: int = 0
    last_step: dict[str, int] = field(default_factory=dict)
    appended: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class _Stored:
    """What the project has of a run's curves."""

    points: dict[str, Points]
    steps_per_epoch: int


class RunCurves(QWidget):
    """Loss above, the measure of the task below; training solid, validation dashed.

    What is logged while the stored points are being read waits and is put behind them, each point once,
    so that the stored and the live curve are the same points.
    """

    failed = Signal(object)
    read = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        hint = tr("The curve appears with the first steps of training.")
        self.plots = {
            "loss": CurvePlot(tr("Loss"), hint),
            "accuracy": CurvePlot(tr("Accuracy"), tr("The curve appears when the first epoch ends.")),
            "rmse": CurvePlot("RMSE", tr("The curve appears when the first epoch ends.")),
        }
        self._session: Session | None = None
        self._held: dict[int, _Held] = {}
        self._waiting: list[MetricsLogged] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        look = _remembered_look()
        for plot in self.plots.values():
            column.addWidget(plot, 1)
            plot.set_look(look)
            plot.look_changed.connect(lambda plot=plot: self._share_look(plot))
            plot.problem.connect(lambda text: self.failed.emit(UserError(text)))
        self.plots["rmse"].hide()

    def show_runs(self, session: "Session | None", runs: Sequence[Run]) -> None:
        """Show these runs, read anew; the first is the one whose best epoch is marked."""
        self._session = session
        kept = {run.id for run in runs}
        for plot in self.plots.values():
            gone = [key for key in plot.keys() if int(key.split("/", 1)[0]) not in kept]  # noqa: SIM118
            for key in gone:
                plot.remove(key)
        self._held = {}
        if session is None or not runs:
            self._waiting = None
            self._show_plots()
            return
        for run in runs:
            task = session.datasets.get(run.dataset_id).schema.task
            self._held[run.id] = _Held(run, measure_of(task))
        self._show_plots()
        self._waiting = []

        def failed(error: Exception) -> None:
            # A project that was closed meanwhile has nothing to tell any more.
            if self._session is session:
                self._waiting = None
                self.failed.emit(error)

        background.query(lambda: _read(session, runs), self._on_read, failed, owner=self, key="curves")

    def add(self, event: MetricsLogged) -> None:
        """Put new points behind those that are shown; one append a series, however many points there are."""
        held = self._held.get(event.run_id)
        if held is None:
            return
        if self._waiting is not None:
            self._waiting.append(event)
            return
        for series, points in event.points.items():
            if _plot_of(series) is not None:
                self._append(held, series, points)
        held.appended += sum(map(len, event.points.values()))
        if held.appended > _MOST_POINTS:
            self.show_runs(self._session, [each.run for each in self._held.values()])

    def update_run(self, run: Run) -> None:
        """Take up a run's new best epoch."""
        held = self._held.get(run.id)
        if held is not None:
            held.run = run
            self._mark_best()

    def epochs(self, run_id: int) -> float:
        """Return how many epochs the points of a run cover, fractions too; 0 while that is not known."""
        held = self._held.get(run_id)
        if held is None or not held.steps_per_epoch:
            return 0.0
        return max(held.last_step.values(), default=0) / held.steps_per_epoch

    def seconds(self, run_id: int) -> float:
        """Return the seconds of training that the points of a run cover."""
        held = self._held.get(run_id)
        return held.seconds if held else 0.0

    def _on_read(self, found: "dict[int, _Stored]") -> None:
        for run_id, held in self._held.items():
            held.steps_per_epoch = found[run_id].steps_per_epoch
            for series, points in found[run_id].points.items():
                self._set(held, series, points)
        waiting, self._waiting = self._waiting or [], None
        for event in waiting:
            self.add(event)
        self._mark_best()
        self.read.emit()

    def _set(self, held: _Held, series: str, points: Points) -> None:
        plot = _plot_of(series)
        if plot is None or not len(points):
            return
        if not self._is_drawn(held, series):
            self.plots[plot].remove(_key(held.run.id, series))
            return
        self.plots[plot].set_series(
            _key(held.run.id, series),
            self._label(held, series),
            run_color(held.run.id),
            points.steps,
            points.values,
            points.times_s,
            dashed=series.startswith("validation/"),
            epochs=_epochs(points, held.steps_per_epoch),
        )
        _reached(held, series, points)

    def _label(self, held: _Held, series: str) -> str:
        part = tr("validation") if series.startswith("validation/") else tr("training")
        if len(self._held) == 1:
            return part
        return _short(held.run.name) if self._one_of_many(held) else f"{_short(held.run.name)} · {part}"

    def _one_of_many(self, held: _Held) -> bool:
        return len(self._held) > _FEW_RUNS and held is not next(iter(self._held.values()))

    def _is_drawn(self, held: _Held, series: str) -> bool:
        """Return whether a series is drawn: of many runs only the validation, but for the first one."""
        seldom = series.startswith("validation/") or not held.run.split.validation
        return seldom or not self._one_of_many(held)

    def _append(self, held: _Held, series: str, points: Points) -> None:
        if series not in held.last_step:
            self._set(held, series, points)
            self._mark_best()
            return
        start = int(np.searchsorted(np.asarray(points.steps), held.last_step[series], side="right"))
        if start >= len(points):
            return
        new = Points(points.steps[start:], points.values[start:], points.times_s[start:])
        plot = self.plots[_plot_of(series) or "loss"]
        epochs = _epochs(new, held.steps_per_epoch)
        plot.append(_key(held.run.id, series), new.steps, new.values, new.times_s, epochs)
        _reached(held, series, new)

    def _mark_best(self) -> None:
        held = next(iter(self._held.values()), None)
        for name in _NAMES:
            best = held.run.best_epoch if held else None
            if held is None or best is None or not held.steps_per_epoch:
                self.plots[name].mark("", 0, "")
                continue
            series = f"validation/{name}" if f"validation/{name}" in held.last_step else f"train/{name}"
            key, step = _key(held.run.id, series), best * held.steps_per_epoch
            self.plots[name].mark(key, step, tr("best epoch {epoch}", epoch=best))

    def _show_plots(self) -> None:
        measures = {held.measure for held in self._held.values()} or {"accuracy"}
        for name in ("accuracy", "rmse"):
            self.plots[name].setVisible(name in measures)
        rows = -(-len(self._held) // _KEYS_IN_A_ROW)
        for plot in self.plots.values():
            plot.setMinimumHeight(_LEAST_HEIGHT + _KEY_HEIGHT * max(0, rows - 1))

    def _share_look(self, source: CurvePlot) -> None:
        look = source.look
        for plot in self.plots.values():
            if plot is not source and (plot.look.smoothing, plot.look.axis) != (look.smoothing, look.axis):
                plot.set_look(replace(plot.look, smoothing=look.smoothing, axis=look.axis))
        QSettings().setValue("train/smoothing", look.smoothing)
        QSettings().setValue("train/axis", look.axis)


def _read(session: "Session", runs: Sequence[Run]) -> dict[int, _Stored]:
    """Return what is stored of every series that is drawn, by run."""
    # Half a second when it is imported first: here no window waits for it.
    import pyqtgraph  # noqa: F401

    wanted = [f"{part}/{name}" for name in _NAMES for part in _PARTS]
    found = {}
    for run in runs:
        there = session.training.series(run.id)
        points = {
            series: session.training.overview(run.id, series, _MOST_POINTS)
            for series in wanted
            if series in there
        }
        found[run.id] = _Stored(points, _steps_per_epoch(points) or _planned_steps(session, run))
    return found


def _steps_per_epoch(found: dict[str, Points]) -> int:
    """Return the step of the first point that is logged once an epoch; 0 when there is none yet."""
    ends = [points for series, points in found.items() if series != "train/loss" and len(points)]
    return int(ends[0].steps[0]) if ends else 0


def _planned_steps(session: "Session", run: Run) -> int:
    """Return how many steps the first epoch will have; 0 where the data is gone."""
    try:
        count = len(session.datasets.split_indices(run.dataset_id, run.split)[Split.TRAIN])
    except UserError:
        return 0
    whole, rest = divmod(count, run.train.batch_size)
    # A lone last sample joins the batch before it.
    return max(1, whole + (rest > 1 or (rest == 1 and not whole)))


def _epochs(points: Points, steps_per_epoch: int) -> "np.ndarray[tuple[int], np.dtype[np.float64]] | None":
    return np.asarray(points.steps, dtype=np.float64) / steps_per_epoch if steps_per_epoch else None


def _reached(held: _Held, series: str, points: Points) -> None:
    held.last_step[series] = int(points.steps[-1])
    held.seconds = max(held.seconds, float(points.times_s[-1]))


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _key(run_id: int, series: str) -> str:
    return f"{run_id}/{series}"


def _plot_of(series: str) -> str | None:
    part, _, name = series.partition("/")
    return name if part in _PARTS and name in _NAMES else None


def _remembered_look() -> Look:
    axis = QSettings().value("train/axis", "epoch", type=str)
    smoothing = QSettings().value("train/smoothing", 0.6, type=float)
    return Look(smoothing=float(str(smoothing)), axis=axis if axis in ("step", "minutes") else "epoch")
