"""A project as plain records, for tests of what looks at it: nothing is stored, nothing is trained."""

from dataclasses import replace
from datetime import UTC, date, datetime

from workbench.board.state import BoardState
from workbench.board.view import ProjectView
from workbench.core.board import Decision, Edit
from workbench.core.configs import SplitConfig, TrainConfig
from workbench.core.records import (
    ClassMeasures,
    Dataset,
    Evaluation,
    Finding,
    Imported,
    Project,
    Run,
    Schema,
)
from workbench.core.risks import Link, Proposal
from workbench.core.states import DecisionKind, RunState, Severity, Split, Stage, Task

TODAY = date(2026, 11, 24)
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LEAK = Finding("leak", Severity.DANGER, 2, "Two samples lie in two splits.")
IMBALANCE = Finding("class_imbalance", Severity.WARNING, 1, "One class is rare.")


def board(*records):
    """Return a board of these records."""
    return BoardState().apply(Edit(None, record) for record in records)


def changed(record, **values):
    """Return the edit that gives a record other values."""
    return Edit(record, replace(record, **values))


def added(edits):
    """Return what edits add."""
    return [edit.after for edit in edits if edit.before is None]


def numbered(state, edits):
    """Return the edits with an id for everything new, as the store gives it."""
    found = []
    for edit in edits:
        if edit.before is None and edit.after.id == 0:
            taken = [*state.of(type(edit.after)), *(item.id for item in added(found))]
            edit = Edit(None, replace(edit.after, id=max(taken, default=0) + 1))
        found.append(edit)
    return found


def dataset(dataset_id=1, findings=(), counts=(60, 40), task=Task.CLASSIFICATION):
    """Return a dataset of two classes."""
    classes = ("benign", "malignant") if task is Task.CLASSIFICATION else ()
    counts = counts if classes else ()
    schema = Schema(task, (4,), classes)
    imported = Imported("table", schema, 100, 100, 0, (), tuple(findings), counts, "ab" * 32)
    return Dataset(
        dataset_id, f"cells {dataset_id}", 1, "cells.csv", "datasets/1", imported, SplitConfig(), NOW
    )


def run(run_id=1, state=RunState.FINISHED, **values):
    """Return a run of the first dataset."""
    settings = {"dataset_id": 1, "train": TrainConfig(), "split": SplitConfig(), "epochs": 3} | values
    return Run(
        run_id, f"mlp {run_id}", family="mlp", family_fields={}, state=state, created_at=NOW, **settings
    )


def evaluation(evaluation_id, run_id, split=Split.TEST, recalls=(), **metrics):
    """Return an evaluation with these measures, and recalls of benign and malignant."""
    names = ("benign", "malignant")
    rows = tuple(
        ClassMeasures(name, 0.5, recall, 0.5, 10) for name, recall in zip(names, recalls, strict=False)
    )
    return Evaluation(evaluation_id, run_id, split, 2, 20, metrics, NOW, names, per_class=rows)


def project_view(*records, runs=(), evaluations=(), today=TODAY, stage=Stage.DEVELOPMENT, price=None, **more):
    """Return a project with these records on its board."""
    project = Project(
        "Cells", datetime(2026, 11, 1, 12, tzinfo=UTC), stage, price_per_hour=price, currency="EUR"
    )
    by_split = {(item.run_id, item.split): item for item in evaluations}
    return ProjectView(project, today, board(*records), runs=runs, evaluations=by_split, **more)


def decision(decision_id, kind=DecisionKind.OTHER, *links, takes_back=None, stage=None):
    """Return a line of the decision log."""
    return Decision(
        decision_id, NOW, "Ada", kind, f"Decision {decision_id}", "Because.",
        links=links, takes_back=takes_back, stage=stage,
    )  # fmt: skip


def released(decision_id, run_id):
    """Return the decision that releases a run."""
    return decision(decision_id, DecisionKind.RUN_RELEASED, Link("run", run_id))


def carried_out(view, moves):
    """Return the project after moves, as the store leaves it."""
    for move in moves:
        view = replace(view, state=view.state.apply(numbered(view.state, move.edits)))
    return view


def proposals(view):
    """Return all proposals, oldest first."""
    return list(view.state.of(Proposal).values())
