"""Commands on models and runs: models, train, resume, runs, metrics, log."""

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.console import Console
from workbench.cli.drawing import number, plain, table
from workbench.cli.follow import FaultError, Interrupts, awaited, listen, opened, settle
from workbench.cli.projects import AsJson, DatasetWord, ProjectPath, ReadOnly, RunWord
from workbench.core.errors import CancelledError, UserError
from workbench.core.records import Run
from workbench.core.states import LogLevel, RunState
from workbench.services.repeats import spread

if TYPE_CHECKING:
    from workbench.services.session import Session

_EXIT_CODES = {RunState.INTERRUPTED: 130, RunState.FAILED: 1, RunState.DIVERGED: 1}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("models")(_models)
    app.command("train")(_train)
    app.command("resume")(_resume)
    app.command("runs")(_runs)
    app.command("metrics")(_metrics)
    app.command("log")(_log)


def _models(
    project: ProjectPath, dataset: DatasetWord, read_only: ReadOnly = False, as_json: AsJson = False
) -> None:
    """List the model families that fit a dataset, the best suited first, each with its reason."""
    console = Console(as_json=as_json)
    with opened(project, read_only=read_only) as session:
        cards = [card for card in session.models.cards(session.datasets.find(dataset).id) if card.fits]
        items = [
            {
                "model": card.name,
                "name": card.title,
                "recommended": card.recommended,
                "reason": card.reason,
                "text": card.text,
                "settings": session.models.fields(card.name).model_json_schema().get("properties", {}),
            }
            for card in cards
        ]
        console.say(table(("model", "name", "reason"), [(c.name, c.title, c.reason) for c in cards]))
        for item in items:
            told = ", ".join(f"{key}={field.get('default')}" for key, field in item["settings"].items())
            console.say(f"{item['model']}: {told or 'no settings'}")
        console.result(items=items)


def _train(
    context: typer.Context,
    project: ProjectPath,
    dataset: DatasetWord,
    model: Annotated[str, typer.Argument(metavar="MODEL", help="A model family; `models` lists them.")],
    assignments: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="A setting of the training, of what is chosen in it, or of the model; repeatable. "
            "learning_rate=auto and batch_size=auto are found out first.",
        ),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the run; a readable one when not given.")] = None,
    seeds: Annotated[
        int, typer.Option(metavar="N", help="Train N runs that differ in their seed alone; mean ± deviation.")
    ] = 1,
    recipe: Annotated[
        str | None, typer.Option(metavar="NAME", help="Prepare the samples as this saved recipe says.")
    ] = None,
    all_folds: Annotated[
        bool, typer.Option("--all-folds", help="Train one run for each fold of the split; mean ± deviation.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Train a model here. A signal interrupts the run after a checkpoint; `resume` goes on.

    Exit code 130 says interrupted, 1 that it failed or that its loss diverged.
    """
    from workbench.cli.finding import find_out
    from workbench.cli.settings import settings

    console, interrupts = Console(as_json=as_json), context.obj
    with opened(project) as session, interrupts.deferred():
        found = session.datasets.find(dataset)
        wanted = settings(assignments or [], session.models.fields(model), session.models.choices())
        config = find_out(session, found.id, model, wanted, console, interrupts)
        run_ids = session.training.repeat(
            *(found.id, model, wanted.fields, config, seeds, name),
            all_folds=all_folds,
            preparation=session.preparation.find(recipe).preparation if recipe else None,
        )
        if len(run_ids) > 1:
            return carry_all(session, run_ids, console, interrupts)
        return carry(session, run_ids[0], console, interrupts)


def _resume(context: typer.Context, project: ProjectPath, run: RunWord, as_json: AsJson = False) -> int:
    """Go on with a run that was interrupted, stopped or failed, from its last checkpoint."""
    console, interrupts = Console(as_json=as_json), context.obj
    with opened(project) as session, interrupts.deferred():
        run_id = session.training.find(run).id
        session.training.resume(run_id)
        return carry(session, run_id, console, interrupts)


def carry(session: "Session", run_id: int, console: Console, interrupts: Interrupts) -> int:
    """Follow a run to its end, say how it ended, and return the exit code.

    Raises:
        FaultError: A fault of ours ended it, reported already.
    """
    listen(session, console)
    run, message = _ended(session, run_id, interrupts)
    _tell_trouble(run, message, console)
    console.say(_summary(run))
    console.result(**run_fields(run))
    if not interrupts.asked:
        try:
            settle(session, console, interrupts)
        except UserError as error:
            # The run itself is well; the next command looks again.
            console.note(str(error))
    if message and run.state is RunState.INTERRUPTED and not interrupts.asked:
        # The disk is at fault, not a signal.
        return 1
    return _EXIT_CODES.get(run.state, 0)


def carry_all(session: "Session", run_ids: list[int], console: Console, interrupts: Interrupts) -> int:
    """Follow runs that differ in their seed to their ends, say what they have in common; the exit code.

    Raises:
        FaultError: A fault of ours ended one of them; told when the others have ended.
    """
    listen(session, console)
    runs, fault = [], None
    for run_id in run_ids:
        try:
            run, message = _ended(session, run_id, interrupts)
        except FaultError as error:
            run, message, fault = session.training.get(run_id), str(error), error
        _tell_trouble(run, message, console)
        console.say(_headline(run))
        runs.append(run)
    found = spread(runs)
    rows = [
        (name, number(it.mean), f"± {number(it.deviation)}", f"{it.count} of {it.of}")
        for name, it in found.items()
    ]
    console.say(f"\n{table(('series', 'mean', 'deviation', 'runs'), rows)}" if rows else "\nNo run finished.")
    console.result(
        seeds=run_ids,
        mean={name: it.mean for name, it in found.items()},
        deviation={name: it.deviation for name, it in found.items()},
        finished=sum(run.state is RunState.FINISHED for run in runs),
        items=[run_fields(run) for run in runs],
    )
    if fault is not None:
        raise fault
    return max((_EXIT_CODES.get(run.state, 0) for run in runs), default=0)


def _ended(session: "Session", run_id: int, interrupts: Interrupts) -> tuple[Run, str]:
    """Wait for the end of a run; return it with what its job said, empty when that was nothing."""
    job, message = session.training.job(run_id), ""
    if job is not None:
        try:
            awaited(session, job.id, interrupts)
        except UserError as error:
            message = str(error)
        except CancelledError:
            message = "Interrupted before it began."
    run = session.training.get(run_id)
    if run.state.active:
        # A full disk has no room for the row's end state either; the next opening writes what is said here.
        run = replace(run, state=RunState.INTERRUPTED, message=message)
    return run, message


def _tell_trouble(run: Run, message: str, console: Console) -> None:
    if run.state in _EXIT_CODES:
        hint = f" Go on with: resume {run.name}" if run.state is RunState.INTERRUPTED else ""
        console.error(f"{run.name} {_ENDED[run.state]}: {message or run.message}{hint}")


_ENDED = {
    RunState.INTERRUPTED: "was interrupted",
    RunState.FAILED: "failed",
    RunState.DIVERGED: "diverged",
}


def _summary(run: Run) -> str:
    rows = [(name, number(value)) for name, value in run.metrics.items()]
    head = _headline(run)
    return f"{head}\n\n{table(('series', 'last'), rows)}" if rows else head


def _headline(run: Run) -> str:
    best = f", best epoch {run.best_epoch}" if run.best_epoch else ""
    return (
        f"Run {run.id}, {plain(run.name)}: {run.state} after {number(run.epochs)} epochs, "
        f"{number(run.steps)} steps, {run.seconds:.1f} s{best}."
    )


def run_fields(run: Run) -> dict[str, Any]:
    """Return what a JSON result says of a run."""
    return {
        "run": run.id,
        "name": run.name,
        "state": run.state.value,
        "dataset": run.dataset_id,
        "model": run.family,
        "settings": dict(run.family_fields),
        "train": run.train.model_dump(mode="json"),
        "split": run.split.model_dump(mode="json"),
        "preparation": run.preparation.model_dump(mode="json") if run.preparation else None,
        "epochs": run.epochs,
        "steps": run.steps,
        "best_epoch": run.best_epoch,
        "metrics": dict(run.metrics),
        "weights_sha256": run.weights_sha256,
        "seconds": run.seconds,
        "device": run.device,
        "threads": run.threads,
        "parameters": run.parameters,
        "message": run.message,
        "starred": run.starred,
        "notes": run.notes,
        "parent": run.parent_id,
        "group": run.group_id,
        "created_at": run.created_at,
    }


def _runs(project: ProjectPath, read_only: ReadOnly = False, as_json: AsJson = False) -> None:
    """List the runs, oldest first."""
    console = Console(as_json=as_json)
    with opened(project, read_only=read_only) as session:
        runs = session.training.all()
        rows = [
            (run.id, run.name, run.state, run.family, run.dataset_id, number(run.epochs),
             number(run.best_epoch), number(_validation(run)), f"{run.seconds:.1f}")
            for run in runs
        ]  # fmt: skip
        heads = ("run", "name", "state", "model", "dataset", "epochs", "best", "validation", "seconds")
        console.say(table(heads, rows) if rows else "No runs yet: train a model.")
        console.result(items=[run_fields(run) for run in runs])


def _validation(run: Run) -> float | None:
    names = ("validation/accuracy", "validation/rmse", "train/accuracy", "train/rmse")
    return next((run.metrics[name] for name in names if name in run.metrics), None)


def _metrics(
    project: ProjectPath, run: RunWord, read_only: ReadOnly = False, as_json: AsJson = False
) -> None:
    """Print the points of a run's series."""
    import numpy as np

    console = Console(as_json=as_json)
    with opened(project, read_only=read_only) as session:
        found = session.training.find(run)
        rows, series = [], {}
        for name in session.training.series(found.id):
            points = session.training.points(found.id, name)
            values = np.asarray(points.values, dtype=np.float64)
            series[name] = {
                "steps": np.asarray(points.steps).tolist(),
                "values": values.tolist(),
                "times_s": np.asarray(points.times_s, dtype=np.float64).tolist(),
            }
            finite = values[np.isfinite(values)]
            low, high = (float(finite.min()), float(finite.max())) if len(finite) else (None, None)
            last = float(values[-1])
            rows.append(
                (
                    name,
                    number(len(points)),
                    number(int(points.steps[-1])),
                    number(last),
                    number(low),
                    number(high),
                )
            )
        heads = ("series", "points", "last step", "last", "lowest", "highest")
        console.say(table(heads, rows) if rows else f"{plain(found.name)} has no points yet.")
        console.result(run=found.id, name=found.name, series=series)


def _log(
    project: ProjectPath,
    run: RunWord,
    level: Annotated[
        LogLevel, typer.Option(help="The least level to show: debug, info, warning or error.")
    ] = LogLevel.INFO,
    read_only: ReadOnly = False,
    as_json: AsJson = False,
) -> None:
    """Print the log of a run, oldest line first."""
    console = Console(as_json=as_json)
    with opened(project, read_only=read_only) as session:
        found = session.training.find(run)
        lines = session.training.log(found.id, level)
        rows = [(f"{line.at:%Y-%m-%d %H:%M:%S}", line.level, plain(line.text)) for line in lines]
        console.say(table(("time (UTC)", "level", "what"), rows) if rows else "Nothing was logged.")
        items = [{"at": line.at, "level": line.level.value, "text": line.text} for line in lines]
        console.result(run=found.id, name=found.name, lines=items)
