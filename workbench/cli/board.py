"""Commands on the board: risks, gates."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli.console import Console
from workbench.cli.drawing import number, plain, table
from workbench.cli.follow import Interrupts, opened, settle
from workbench.cli.projects import AsJson, ProjectPath, ReadOnly
from workbench.core.board import Person
from workbench.core.risks import Link, Risk, Watch

if TYPE_CHECKING:
    from workbench.services.gates import CriterionState, Gate
    from workbench.services.project_view import ProjectView
    from workbench.services.session import Session

_MARKS = {"met": "met", "not_met": "not met", "unknown": "cannot tell"}
_SIDES = {"met": "right", "not_met": "wrong", "unknown": "cannot tell"}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("risks")(_risks)
    app.command("gates")(_gates)


def _risks(
    context: typer.Context,
    project: ProjectPath,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write the register as .csv or .xlsx.", readable=False),
    ] = None,
    bring_in: Annotated[
        Path | None,
        typer.Option(
            "--import", metavar="FILE", help="Bring a register in: all of its rows, or none.", readable=False
        ),
    ] = None,
    mapping: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="COLUMN=FIELD",
            help="With --import: what a column becomes; once for each. Nothing behind = leaves it out.",
        ),
    ] = None,
    read_only: ReadOnly = False,
    as_json: AsJson = False,
) -> None:
    """List the risks, the heaviest first, with the numbers that they watch; or export or import them."""
    console = Console(as_json=as_json)
    if mapping and bring_in is None:
        raise typer.BadParameter("--map belongs to --import")
    if export is not None and bring_in is not None:
        raise typer.BadParameter("Choose one of --export and --import")
    with opened(project, read_only=read_only) as session:
        if bring_in is not None:
            return _import(session, console, bring_in, mapping or [])
        view = _looked(session, console, context.obj)
        if export is not None:
            count = session.exchange.export_risks(export)
            console.say(f"Wrote {number(count)} risks to {plain(export)}.")
            return console.result(out=export.absolute(), count=count)
        items = [_risk_fields(session, risk, view) for risk in session.risks.all()]
        rows = [
            (item["risk"], item["name"], f"{item['score']} {item['level']}", item["category"],
             item["owner"] or "–", item["status"], item["next_review"] or "–")
            for item in items
        ]  # fmt: skip
        heads = ("risk", "name", "score", "category", "owner", "status", "next review")
        console.say(table(heads, rows) if rows else "No risks are noted yet.")
        _tell_numbers(console, items)
        return console.result(items=items)


def _import(session: "Session", console: Console, path: Path, wishes: list[str]) -> None:
    done = session.exchange.bring_in(path, session.exchange.mapping(path, wishes))
    console.say(
        f"{plain(path.name)} ({done.how}): {done.added} new, {done.changed} changed, {done.same} the same."
    )
    for heading in done.unknown:
        shown = plain(heading)
        console.say(f'not brought in: the column {shown}; --map "{shown}=FIELD" says what it is')
    for note in done.notes:
        console.say(plain(note))
    console.result(
        file=path.absolute(),
        how=done.how,
        added=done.added,
        changed=done.changed,
        same=done.same,
        unknown=list(done.unknown),
        mapping=dict(done.mapping),
        notes=list(done.notes),
    )


def _tell_numbers(console: Console, items: list[dict[str, Any]]) -> None:
    """Say for people what is watched, and what waits for an answer."""
    lines = [
        f"{plain(item['name'])}: {plain(watch['name'])} – {_SIDES[watch['verdict']]}, {plain(watch['text'])}"
        for item in items
        for watch in item["watches"]
    ]
    asked = [
        f"{plain(item['name'])}: {plain(proposal['text'])}"
        for item in items
        for proposal in item["proposals"]
    ]
    for title, said in (("Watched:", lines), ("Waits for an answer:", asked)):
        if said:
            console.say("\n".join(["", title, *(f"  {line}" for line in said)]))


def _risk_fields(session: "Session", risk: Risk, view: "ProjectView") -> dict[str, Any]:
    state = view.state
    owner = state.of(Person).get(risk.owner_id) if risk.owner_id is not None else None
    return {
        "risk": risk.id,
        "name": risk.title,
        "score": risk.score,
        "level": risk.level(state.charter.thresholds),
        "probability": risk.probability,
        "impact": risk.impact,
        "residual_score": risk.residual_score,
        "category": risk.category,
        "owner": owner.name if owner is not None else None,
        "response": risk.response.value,
        "status": risk.status.value,
        "next_review": risk.next_review,
        "overdue": risk.overdue(view.today),
        "watches": [_watch_fields(session, watch, view) for watch in state.watches_of(risk.id)],
        "proposals": [
            {
                "proposal": item.id,
                "kind": item.kind.value,
                "text": item.text,
                "before": list(item.before),
                "after": list(item.after),
                "link": _link(item.link),
            }
            for item in state.open_proposals(risk.id)
        ],
    }


def _watch_fields(session: "Session", watch: Watch, view: "ProjectView") -> dict[str, Any]:
    measured, verdict = session.risks.seen(watch, view)
    return {
        "watch": watch.id,
        "name": session.risks.phrase(watch),
        "condition": watch.condition.value,
        "limit": watch.limit,
        "value": measured.value,
        "verdict": verdict.value,
        "text": measured.text,
        "link": _link(measured.link),
    }


def _gates(
    context: typer.Context, project: ProjectPath, read_only: ReadOnly = False, as_json: AsJson = False
) -> None:
    """List the gate of every stage: each criterion with its measured value."""
    console = Console(as_json=as_json)
    with opened(project, read_only=read_only) as session:
        view = _looked(session, console, context.obj)
        gates = session.gates.all(view)
        for gate in gates:
            _tell_gate(console, gate, is_current=gate.stage is view.project.stage)
        console.result(
            stage=view.project.stage.value,
            items=[_gate_fields(gate, is_current=gate.stage is view.project.stage) for gate in gates],
        )


def _tell_gate(console: Console, gate: "Gate", *, is_current: bool) -> None:
    here = "  ← the project is here" if is_current else ""
    passed = f", left on {gate.passed.at:%Y-%m-%d}" if gate.passed is not None else ""
    lacks = f"{len(gate.lacks)} of {len(gate.items)} lacking" if gate.lacks else "open"
    console.say(f"{gate.stage.value.capitalize()}: {lacks if gate.items else 'asks nothing'}{passed}{here}")
    rows = [(_MARKS[item.judged.verdict.value], item.title, item.judged.text) for item in gate.items]
    if rows:
        console.say(table(("verdict", "criterion", "measured"), rows) + "\n")


def _gate_fields(gate: "Gate", *, is_current: bool) -> dict[str, Any]:
    return {
        "gate": gate.stage.value,
        "name": gate.stage.value.capitalize(),
        "current": is_current,
        "open": gate.open,
        "passed_at": gate.passed.at if gate.passed is not None else None,
        "criteria": [_criterion_fields(item) for item in gate.items],
    }


def _criterion_fields(item: "CriterionState") -> dict[str, Any]:
    return {
        "criterion": item.criterion.id,
        "kind": item.criterion.name,
        "name": item.title,
        "verdict": item.judged.verdict.value,
        "text": item.judged.text,
        "link": _link(item.judged.link),
    }


def _link(link: Link | None) -> dict[str, Any] | None:
    return {"noun": link.noun, "id": link.id, "detail": link.detail} if link is not None else None


def _looked(session: "Session", console: Console, interrupts: Interrupts) -> "ProjectView":
    """Return the project as it is, after the risks have followed the numbers that they watch."""
    if not session.read_only:
        settle(session, console, interrupts)
    return session.views.now()
