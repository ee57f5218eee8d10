"""The command that checks the health of a dataset."""

from typing import TYPE_CHECKING, Any

import typer

from workbench.cli.console import Console
from workbench.cli.drawing import number, plain
from workbench.cli.follow import Interrupts, follow, opened
from workbench.cli.projects import AsJson, DatasetWord, ProjectPath, ReadOnly, finding_fields

if TYPE_CHECKING:
    from workbench.core.records import HealthReport


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("health")(_health)


def _health(
    context: typer.Context,
    project: ProjectPath,
    dataset: DatasetWord,
    read_only: ReadOnly = False,
    as_json: AsJson = False,
) -> None:
    """Check the health of a dataset and list what was found, the worst first.

    A project that is only looked at shows what the last check found.
    """
    console = Console(as_json=as_json)
    interrupts: Interrupts = context.obj
    with opened(project, read_only=read_only) as session, interrupts.deferred():
        found = session.datasets.find(dataset)
        report: HealthReport | None
        if read_only:
            report = session.health.report(found.id)
        else:
            report = follow(session, session.health.check(found.id), console, interrupts)
        findings = session.health.findings(found.id)
        accepted = session.risks.accepted_findings(found.id)
        console.say(f"Dataset {found.id}, {plain(found.name)}, version {found.version}:")
        for item in findings:
            told = ", accepted" if item.code in accepted else ""
            console.say(f"{item.severity}{told}: {plain(item.message)}")
            for example in item.examples:
                console.say(f"    {plain(example)}")
        console.say(f"{number(len(findings))} findings." if findings else "No problems found.")
        fields: dict[str, Any] = {"dataset": found.id, "name": found.name, "version": found.version}
        console.result(
            **fields,
            checked_at=report.created_at if report else None,
            findings=[
                finding_fields(item)
                | {"samples": list(item.samples), "fix": item.fix, "accepted": item.code in accepted}
                for item in findings
            ],
        )
