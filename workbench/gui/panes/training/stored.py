"""What the project has of the curves of runs, read beside the window."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.core.records import Points, Run
from workbench.gui.panes.training.charts import chart_of, is_per_epoch
from workbench.gui.widgets.curve_data import Stretch
from workbench.gui.widgets.plot_warm_up import load_plots

if TYPE_CHECKING:
    from workbench.services.session import Session

MOST_POINTS = 20_000
"""More points than this of one series come as the envelope of all of them, which draws the same picture."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A run's curves: the names of all its series, the points of those that are shown.

    Of those that are coarse, more points are stored.
    """

    series: frozenset[str]
    points: dict[str, Points]
    coarse: frozenset[str]
    steps_per_epoch: int


def read_curves(session: "Session", runs: Sequence[Run], charts: Collection[str]) -> dict[int, Stored]:
    """Return what is stored of the series in these charts, by run."""
    load_plots()
    found = {}
    for run in runs:
        there = session.training.series(run.id)
        drawn = [series for series in there if chart_of(series) in charts]
        # Counted first: a run at work may log more points until they are read, none less.
        counts = {series: session.training.count(run.id, series) for series in drawn}
        points = {series: session.training.overview(run.id, series, MOST_POINTS) for series in drawn}
        steps = _steps_per_epoch(session, run, there) or session.models.steps_an_epoch(run.id)
        coarse = frozenset(series for series, read in points.items() if len(read) < counts[series])
        found[run.id] = Stored(frozenset(there), points, coarse, steps)
    return found


def read_finer(session: "Session", wanted: Sequence[Stretch]) -> list[Points]:
    """Return the points of parts of curves, whose keys are `run/series`, at the resolution that is seen."""
    found = []
    for part in wanted:
        run_id, _, series = part.key.partition("/")
        found.append(
            session.training.overview(int(run_id), series, part.most_points, part.first_step, part.last_step)
        )
    return found


def _steps_per_epoch(session: "Session", run: Run, there: Sequence[str]) -> int:
    """Return the step of the first point that is logged once an epoch; 0 when there is none yet."""
    series = next(filter(is_per_epoch, there), None)
    first = session.training.overview(run.id, series, 4) if series else Points((), (), ())
    return int(first.steps[0]) if len(first) else 0
