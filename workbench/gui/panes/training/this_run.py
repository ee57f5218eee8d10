"""How a run goes, in figures: what it took, what it uses, what it costs."""

from dataclasses import dataclass, field

from workbench.core.records import Project, Run
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format

Fact = tuple[str, str, bool]
"""Name, value, and whether it stands out."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What is said of a run beside its curves.

    Args:
        facts: Names and values.
        more: What the tooltip of a fact says, by its name.
        patience: How long it has been without improvement, where that ends it; empty otherwise.
        price: The words that ask for the price of an hour.
    """

    facts: list[Fact]
    more: dict[str, str] = field(default_factory=dict)
    patience: str = ""
    price: str = ""


def progress_of(
    run: Run, dataset: str, seconds: float, per_second: float | None, project: Project
) -> Progress:
    """Return how a run goes.

    Args:
        run: The run.
        dataset: Name of its dataset.
        seconds: Seconds of training so far.
        per_second: Samples a second over all of them; None while it is not known.
        project: The project, for the price of an hour.
    """
    live = run.metrics.get("hardware/samples_per_s") if run.state.active else None
    rate = per_second if live is None else live
    epochs = f"{number_format.count(run.epochs)} / {number_format.count(run.train.epochs)}"
    facts = [
        (tr("Dataset"), dataset, False),
        (tr("Best epoch"), number_format.count(run.best_epoch), False),
        (tr("Epochs"), epochs, False),
        (tr("Steps"), number_format.count(run.steps), False),
        (tr("Time"), number_format.short_time(seconds) if seconds else number_format.NONE, False),
        (tr("Samples/s"), number_format.count(None if rate is None else round(rate)), False),
        (tr("Parameters"), number_format.count(run.parameters or None), False),
        (tr("Device"), run.device or number_format.NONE, False),
    ]
    more: dict[str, str] = {}
    _add_hardware(run, facts, more)
    _add_cost(run, seconds, project, facts, more)
    priced = project.price_per_hour is not None
    price = tr("Change price per hour…") if priced else tr("Set price per hour…")
    return Progress(facts, more, _patience(run), price)


def _add_hardware(run: Run, facts: list[Fact], more: dict[str, str]) -> None:
    def share(value: float) -> str:
        return number_format.percent(value / 100)

    for series, name, show, said in (
        ("cpu_percent", tr("CPU"), share, tr("Load of all cores of this machine, as recorded last")),
        ("memory_bytes", tr("Memory"), number_format.size, tr("Memory of the training, as recorded last")),
        ("gpu_percent", tr("GPU"), share, tr("Load of the graphics card, as recorded last")),
        (
            "gpu_memory_bytes",
            tr("GPU memory"),
            number_format.size,
            tr("Memory in use on the graphics card, as recorded last"),
        ),
    ):
        value = run.metrics.get(f"hardware/{series}")
        if value is not None:
            facts.append((name, show(value), False))
            more[name] = said


def _add_cost(run: Run, seconds: float, project: Project, facts: list[Fact], more: dict[str, str]) -> None:
    if run.energy_wh > 0:
        words = number_format.energy(run.energy_wh)
        facts.append((tr("Energy"), words if words.startswith("<") else f"≈\u00a0{words}", False))
        more[tr("Energy")] = tr(
            "Estimated: ten watts for each busy core, and what the graphics card reports of itself, added up "
            "over time. Screen, disks and cooling are not counted."
        )
    if project.price_per_hour is not None and seconds:
        hours = seconds / 3600
        name = tr("Cost so far") if run.state.active else tr("Cost")
        facts.append((name, number_format.money(hours * project.price_per_hour, project.currency), False))
        more[name] = tr(
            "{time} of training at {price} an hour",
            time=number_format.short_time(seconds),
            price=number_format.money(project.price_per_hour, project.currency),
        )


def _patience(run: Run) -> str:
    if not run.train.patience or run.best_epoch is None:
        return ""
    return tr(
        "Early stopping: {n} of {all} epochs without improvement",
        n=max(0, run.epochs - run.best_epoch),
        all=number_format.count(run.train.patience),
    )
