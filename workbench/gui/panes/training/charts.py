"""Which charts there are: what each is called, which series it draws, and which of them the user wants."""

import json
from collections.abc import Collection
from dataclasses import dataclass

from PySide6.QtCore import QSettings

from workbench.core.states import RunState, Task
from workbench.gui.panes.training.words import measure_of
from workbench.gui.translate import tr

PARTS = ("train", "validation")
JUDGED = ("loss", "accuracy", "rmse")
"""Charts that show training and validation of the same thing; the ones to begin with."""

_CHOSEN = "train/charts"
_MEASURES = frozenset(measure_of(task) for task in Task)
_SELDOM = frozenset({"hardware/gpu_percent", "hardware/gpu_memory_bytes"})


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart.

    Args:
        name: Tells charts apart: the series it draws, without `train/` or `validation/`.
        title: What it shows, with the unit.
        group: Where it stands in the menu.
        hint: When its first point comes; empty where it may never come.
        factor: Values are multiplied by it, such as bytes to GB.
        smooth: Whether smoothing makes sense: a learning rate is what it is.
    """

    name: str
    title: str
    group: str
    hint: str = ""
    factor: float = 1.0
    smooth: bool = True


def known_charts() -> list[Chart]:
    """Return the charts of the series that Workbench itself records, in the order in which they stand."""
    learning, model, hardware = tr("Learning"), tr("Model"), tr("Hardware")
    first = tr("The curve appears with the first steps of training.")
    epoch = tr("The curve appears when the first epoch ends.")
    gigabytes = 1e-9
    return [
        Chart("loss", tr("Loss"), learning, first),
        Chart("accuracy", tr("Accuracy"), learning, epoch),
        Chart("rmse", tr("RMSE"), learning, epoch),
        Chart("learning_rate", tr("Learning rate"), learning, smooth=False),
        Chart("gradient_norm", tr("Gradient norm"), model),
        Chart("weight_norm", tr("Weight norm"), model, smooth=False),
        Chart("hardware/samples_per_s", tr("Samples per second"), hardware),
        Chart("hardware/cpu_percent", tr("CPU, %"), hardware),
        Chart("hardware/memory_bytes", tr("Memory, GB"), hardware, factor=gigabytes),
        Chart("hardware/gpu_percent", tr("GPU, %"), hardware),
        Chart("hardware/gpu_memory_bytes", tr("GPU memory, GB"), hardware, factor=gigabytes),
        Chart("hardware/power_w", tr("Power, W (estimate)"), hardware),
    ]


def hint_of(chart: Chart, states: Collection[RunState]) -> str:
    """Return what is said of a chart while it is empty.

    Args:
        chart: The chart.
        states: Where the selected runs are.
    """
    if not states:
        return tr("Select a run to see its curves.")
    if not chart.hint:
        return tr("Nothing of this has been recorded for the selected runs.")
    if RunState.RUNNING in states or RunState.PAUSED in states:
        return chart.hint
    if RunState.QUEUED in states:
        return tr("Waits in the queue: the curve appears when training has begun.")
    return tr("Ended before there was anything to draw.")


def chart_of(series: str) -> str:
    """Return the name of the chart that draws a series; training and validation share one."""
    part, _, rest = series.partition("/")
    return rest if part in PARTS and rest else series


def charts_for(found: set[str], tasks: set[Task], chosen: set[str]) -> list[Chart]:
    """Return the charts that can be shown, in order: those known, then those of other series.

    Args:
        found: Names of the charts that the selected runs have points for.
        tasks: What the selected runs have to learn: only the measure of that is offered.
        chosen: Names of the charts that the user wants.
    """
    measures = {measure_of(task) for task in tasks or {Task.CLASSIFICATION}}
    known = known_charts()
    seen = found | chosen
    offered = [
        chart
        for chart in known
        if (chart.name not in _MEASURES or chart.name in measures)
        and (chart.name not in _SELDOM or chart.name in seen)
    ]
    others = found - {chart.name for chart in known}
    return offered + [Chart(name, _title(name), tr("Other")) for name in sorted(others)]


def chosen_charts() -> set[str]:
    """Return the names of the charts that the user wants."""
    kept = QSettings().value(_CHOSEN, "")
    try:
        names = json.loads(str(kept)) if kept else None
    except ValueError:
        names = None
    return {str(name) for name in names} if isinstance(names, list) else set(JUDGED)


def choose_charts(names: set[str]) -> None:
    """Remember which charts the user wants."""
    QSettings().setValue(_CHOSEN, json.dumps(sorted(names)))


def is_per_epoch(series: str) -> bool:
    """Return whether a series gets one point an epoch, so that its first step is the epoch's length."""
    return series.startswith("validation/") or series in {f"train/{name}" for name in _MEASURES}


def _title(name: str) -> str:
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
