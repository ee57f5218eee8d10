"""Runs with points and a log, written straight into the project: no training, so a test takes milliseconds."""

import numpy as np

from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.events import MetricsLogged
from workbench.core.records import Points
from workbench.core.states import RunState

STEPS = 20  # of an epoch


def points(steps, scale=1.0):
    steps = np.asarray(list(steps))
    return Points(steps, scale / (1 + steps / 50), steps * 0.1)


def every_series(epochs=4):
    """Return points of all that a run records, and of a series that only a plug-in knows."""
    each, ends = range(1, epochs * STEPS + 1), range(STEPS, epochs * STEPS + 1, STEPS)
    series = {
        "train/loss": points(each),
        "learning_rate": points(each, 1e-3),
        "gradient_norm": points(each, 3),
    }
    for name in ("validation/loss", "train/accuracy", "validation/accuracy", "validation/f1_macro"):
        series[name] = points(ends)
    for name, scale in (("cpu_percent", 90), ("memory_bytes", 2e9), ("samples_per_s", 3000)):
        series[f"hardware/{name}"] = points(each[::10], scale)
    return series


def stored_run(session, dataset, series=None, *, train=None, **changes):
    """Add a finished run with these points; returns its record."""
    rows = session.store.runs
    run = rows.add("", dataset.id, "linear", {}, train or TrainConfig(epochs=4), SplitConfig())
    rows.rename(run.id, f"run-{run.id}")
    series = every_series() if series is None else series
    last = max((int(it.steps[-1]) for it in series.values()), default=0)
    session.store.metrics.append(run.id, series, epoch=last // STEPS, steps=last)
    rows.update(run.id, state=RunState.RUNNING)
    return rows.update(run.id, **{"state": RunState.FINISHED, "best_epoch": 3, "seconds": 8.0} | changes)


def log_points(session, run, series):
    """Append points and tell of them, as a run at work does."""
    last = max(int(it.steps[-1]) for it in series.values())
    added = session.store.metrics.append(run.id, series, epoch=last // STEPS, steps=last)
    session.bus.publish(MetricsLogged(run.id, last // STEPS, last, added))
