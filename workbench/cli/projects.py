"""Commands on projects and their data: new, import, datasets, doctor."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.console import Console
from workbench.cli.drawing import number, plain, table
from workbench.cli.follow import CannotOpenError, Interrupts, follow, opened, reported
from workbench.core.errors import NewerProjectError, ProjectLockedError, UserError
from workbench.core.records import Dataset, Finding, Skipped

if TYPE_CHECKING:
    from workbench.services.session import Session

ProjectPath = Annotated[Path, typer.Argument(metavar="PROJECT", help="The project's folder.", readable=False)]
DatasetWord = Annotated[str, typer.Argument(metavar="DATASET", help="A dataset's id or name.")]
RunWord = Annotated[str, typer.Argument(metavar="RUN", help="A run's id or name.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON lines; the last one is the result.")]
ReadOnly = Annotated[
    bool, typer.Option("--read-only", help="Look at a project that is open in another window.")
]
Encoding = Annotated[str | None, typer.Option(help="Text encoding of a file; found out when not given.")]
Separator = Annotated[
    str | None, typer.Option(help="What separates the columns of a table; found out when not given.")
]
DecimalSign = Annotated[
    str | None, typer.Option(metavar=".|,", help="Decimal sign of a table; found out when not given.")
]
IsHeader = Annotated[
    bool | None,
    typer.Option("--header/--no-header", help="Whether the first row of a table names its columns."),
]
Sheet = Annotated[str | None, typer.Option(help="Sheet of a workbook; the first with cells when not given.")]
_TYPES = (
    "number, number point (1,234.5), number comma (1.234,5), category, date, date dmy, date mdy, date ymd, "
    "text or unused"
)
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="COLUMN=TYPE", help=f"What a column of a table is: {_TYPES}."),
]
KeepExtraRows = Annotated[
    bool,
    typer.Option("--keep-extra-rows", help="Import totals, notes and second headers as rows like others."),
]
_SHOWN = 20


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("new")(_new)
    app.command("import")(_import)
    app.command("datasets")(_datasets)
    app.command("doctor")(_doctor)


def _new(
    context: typer.Context,
    project: Annotated[
        Path | None,
        typer.Argument(metavar="PROJECT", help="The folder to make.", show_default=False, readable=False),
    ] = None,
    starter: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Begin with real data and import it; `list` names the starters."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a project folder."""
    from workbench.services.projects import begin_starter, create_project

    console = Console(as_json=as_json)
    if starter == "list":
        return _list_starters(console)
    if project is None:
        raise typer.BadParameter("Missing argument PROJECT: the folder to make")
    interrupts: Interrupts = context.obj
    with interrupts.deferred():
        session = create_project(project, starter=starter)
    with reported(session):
        made: dict[str, Any] = {
            "project": session.folder.root, "name": session.project.name, "starter": starter
        }  # fmt: skip
        console.say(f"Made the project {plain(session.folder.root)}.")
        if starter is not None:
            dataset: Dataset = follow(session, begin_starter(session), console, interrupts)
            made = import_fields(dataset) | made
            tell_import(console, dataset)
        console.result(**made)


def _list_starters(console: Console) -> None:
    from workbench.services.projects import starters

    known = starters()
    console.say(table(("starter", "title", "text"), [(item.name, item.title, item.text) for item in known]))
    console.result(
        items=[
            {"starter": item.name, "name": item.name, "title": item.title, "text": item.text}
            for item in known
        ]
    )


def _import(
    context: typer.Context,
    project: ProjectPath,
    source: Annotated[
        Path,
        typer.Argument(
            help="Folder of pictures, texts or recordings, a table, or an archive of one.", readable=False
        ),
    ],
    name: Annotated[
        str | None, typer.Option(help="Name of the dataset; the source's when not given.")
    ] = None,
    kind: Annotated[
        str | None, typer.Option(help="Kind of the dataset; found out from the content when not given.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of a table that has to be predicted.")
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(metavar="COLUMN", help="Column of the texts, in a file of texts with labels."),
    ] = None,
    files: Annotated[
        str | None, typer.Option(metavar="COLUMN", help="Column of a list of labels that names the files.")
    ] = None,
    encoding: Encoding = None,
    separator: Separator = None,
    decimal: DecimalSign = None,
    header: IsHeader = None,
    sheet: Sheet = None,
    types: Types = None,
    keep_rows: KeepExtraRows = False,
    as_json: AsJson = False,
) -> None:
    """Import a folder or file as a dataset. The source is only read."""
    from workbench.core.configs import ImportConfig
    from workbench.core.registry import validated

    console, interrupts = Console(as_json=as_json), context.obj
    wish: dict[str, Any] = {"name": name, "kind": kind, "target": target, "text": text, "files": files}
    wish |= {"encoding": encoding, "separator": separator, "decimal": decimal, "header": header}
    wish |= {"sheet": sheet, "extra_rows": keep_rows or None, "types": _types(types or ())}
    config = validated(ImportConfig, wish)
    with opened(project) as session, interrupts.deferred():
        known = {dataset.id for dataset in session.datasets.all()}
        job = session.datasets.import_source(source, config)
        dataset: Dataset = follow(session, job, console, interrupts)
        tell_import(console, dataset, again=dataset.id in known)
        console.result(**import_fields(dataset), again=dataset.id in known)


def _types(told: Sequence[str]) -> dict[str, str]:
    """Return the type of each column that was named."""
    types = {}
    for text in told:
        name, sign, kind = text.rpartition("=")
        if not sign:
            raise UserError(f"{text!r} is no type of a column: write --type COLUMN=TYPE.")
        types[name] = kind
    return types


def import_fields(dataset: Dataset) -> dict[str, Any]:
    """Return what a JSON result says of an import."""
    imported = dataset.imported
    return {
        "dataset": dataset.id,
        "name": dataset.name,
        "version": dataset.version,
        "kind": imported.kind,
        "task": imported.schema.task.value,
        "target": imported.schema.target,
        "found": imported.found,
        "imported": imported.count,
        "duplicates": imported.duplicates,
        "skipped": list(imported.skipped),
        "classes": list(imported.schema.classes),
        "class_counts": list(imported.class_counts),
        "findings": [finding_fields(finding) for finding in imported.findings],
        "details": dict(imported.details),
    }


def finding_fields(finding: Finding) -> dict[str, Any]:
    """Return what a JSON result says of a finding."""
    return {
        "code": finding.code,
        "severity": finding.severity.value,
        "count": finding.count,
        "message": finding.message,
        "examples": list(finding.examples),
    }


def tell_import(console: Console, dataset: Dataset, *, again: bool = False) -> None:
    """Say for people what an import found."""
    imported = dataset.imported
    if again:
        console.say(f"The same data is here already, as dataset {dataset.id}, {plain(dataset.name)}.")
    console.say(
        f"Dataset {dataset.id}, {plain(dataset.name)} ({imported.kind}, {imported.schema.task}): "
        f"{number(imported.count)} of {number(imported.found)} imported, {number(imported.duplicates)} "
        f"duplicates, {number(len(imported.skipped))} skipped."
    )
    if "encoding" in imported.details:
        console.say(f"Text encoding: {imported.details['encoding']}.")
    if imported.schema.classes:
        rows = zip(imported.schema.classes, map(number, imported.class_counts), strict=True)
        console.say("\n" + table(("class", "samples"), list(rows)[:_SHOWN]))
        _tell_rest(console, len(imported.schema.classes), "classes")
    for finding in imported.findings:
        console.say(f"{finding.severity}: {plain(finding.message)}")
    tell_skipped(console, imported.skipped)


def tell_skipped(console: Console, skipped: Sequence[Skipped]) -> None:
    """Say for people what could not be read."""
    for item in skipped[:_SHOWN]:
        console.say(f"skipped {plain(item.path)}: {plain(item.reason)}")
    _tell_rest(console, len(skipped), "skipped")


def _tell_rest(console: Console, count: int, what: str) -> None:
    if count > _SHOWN:
        console.say(f"… and {count - _SHOWN:,} more {what}; --json tells all.")


def _datasets(project: ProjectPath, read_only: ReadOnly = False, as_json: AsJson = False) -> None:
    """List the datasets and their versions."""
    console = Console(as_json=as_json)
    with opened(project, read_only=read_only) as session:
        found = session.datasets.all()
        rows = [
            (item.id, item.name, item.version, item.imported.kind, item.schema.task,
             number(item.imported.count), len(item.schema.classes) or "–")
            for item in found
        ]  # fmt: skip
        heads = ("dataset", "name", "version", "kind", "task", "samples", "classes")
        console.say(table(heads, rows) if rows else "No datasets yet: import one.")
        console.result(items=[_dataset_fields(session, item) for item in found])


def _dataset_fields(session: "Session", dataset: Dataset) -> dict[str, Any]:
    return import_fields(dataset) | {
        "source": dataset.source,
        "shape": list(dataset.schema.input_shape),
        "split": dataset.split.model_dump(mode="json"),
        "sha256": dataset.imported.sha256,
        "created_at": dataset.created_at,
        "notes": dataset.notes,
        "licence": dataset.licence,
        "owner": dataset.owner,
        "parent": dataset.parent_id,
        "change": dataset.change,
    }


def _doctor(
    project: ProjectPath,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be mended; nothing that is in use is removed.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Check database, files and runs; exit 1 where something is wrong."""
    from workbench.services.doctor import examine

    console = Console(as_json=as_json)
    try:
        problems = examine(project, repair=repair)
    except (ProjectLockedError, NewerProjectError) as error:
        raise CannotOpenError(str(error)) from error
    wrong = [item for item in problems if item.harmful and not item.repaired]
    for item in problems:
        state = "repaired" if item.repaired else "wrong" if item.harmful else "left over"
        console.say(f"{state}: {plain(item.message)}")
    if not wrong:
        console.say("Everything is as it should be.")
    elif not repair:
        console.say("Run it again with --repair to mend what can be mended.")
    console.result(
        project=project.absolute(),
        ok=not wrong,
        problems=[
            {"code": item.code, "message": item.message, "repaired": item.repaired, "harmful": item.harmful}
            for item in problems
        ],
    )
    return 1 if wrong else 0
