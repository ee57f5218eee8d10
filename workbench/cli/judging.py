"""Commands on trained models: evaluate, predict."""

import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli.console import Console
from workbench.cli.drawing import confusion, number, plain, table
from workbench.cli.follow import follow, opened
from workbench.cli.projects import AsJson, ProjectPath, ReadOnly, RunWord, tell_skipped
from workbench.core.records import Evaluation
from workbench.core.states import Split

_UNITS = {"latency_ms": "time for one sample, ms", "size_mb": "size of the weights, MB"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("evaluate")(_evaluate)
    app.command("predict")(_predict)


def _evaluate(
    context: typer.Context,
    project: ProjectPath,
    run: RunWord,
    split: Annotated[Split, typer.Option(help="The part of the data to judge on.")] = Split.TEST,
    as_json: AsJson = False,
) -> None:
    """Judge the best checkpoint of a run: measures and confusion matrix."""
    console, interrupts = Console(as_json=as_json), context.obj
    with opened(project) as session, interrupts.deferred():
        found = session.training.find(run)
        job = session.evaluation.evaluate(found.id, split)
        evaluation: Evaluation = follow(session, job, console, interrupts)
        console.say(f"{plain(found.name)}, epoch {evaluation.epoch}:")
        tell_evaluation(console, evaluation)
        console.result(name=found.name, **_fields(evaluation))


def tell_evaluation(console: Console, evaluation: Evaluation) -> None:
    """Say for people what an evaluation found."""
    if evaluation.counts:
        columns = shutil.get_terminal_size((100, 24)).columns
        console.say(f"\n{confusion(evaluation.labels, evaluation.counts, columns)}\n")
        rows = [
            (item.label, number(item.precision), number(item.recall), number(item.f1), number(item.support))
            for item in evaluation.per_class
        ]
        console.say(table(("class", "precision", "recall", "F1", "samples"), rows) + "\n")
    measures = [(_UNITS.get(name, name), number(value)) for name, value in evaluation.metrics.items()]
    console.say(table(("measure", f"on {number(evaluation.count)} {evaluation.split} samples"), measures))


def _fields(evaluation: Evaluation) -> dict[str, Any]:
    return {
        "run": evaluation.run_id,
        "split": evaluation.split.value,
        "epoch": evaluation.epoch,
        "count": evaluation.count,
        "metrics": dict(evaluation.metrics),
        "confusion": {"labels": list(evaluation.labels), "counts": [list(row) for row in evaluation.counts]},
        "per_class": list(evaluation.per_class),
    }


def _predict(
    context: typer.Context,
    project: ProjectPath,
    run: RunWord,
    source: Annotated[
        Path, typer.Argument(help="New data of the same kind; labels are not needed.", readable=False)
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", metavar="OUT.csv", help="The file to write.", readable=False)
    ],
    read_only: ReadOnly = False,
    as_json: AsJson = False,
) -> None:
    """Write predictions for new data, through the very preparation of the run."""
    console, interrupts = Console(as_json=as_json), context.obj
    with opened(project, read_only=read_only) as session, interrupts.deferred():
        found = session.training.find(run)
        done = follow(session, session.evaluation.predict(found.id, source, out), console, interrupts)
        console.say(f"Wrote {number(done.count)} predictions to {plain(done.path)}.")
        for words in done.unread:
            console.say(plain(words))
        tell_skipped(console, done.skipped)
        console.result(
            run=found.id,
            name=found.name,
            out=done.path,
            count=done.count,
            skipped=list(done.skipped),
            unread=list(done.unread),
        )
