"""What leads to what: dataset, run, evaluation, risk, gate and decision as neighbours of a link. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.board import gates, watches
from workbench.board.view import ProjectView
from workbench.core.board import Card, Meeting, Person
from workbench.core.risks import Link, Risk, Watch
from workbench.core.states import Split, Stage


@dataclass(frozen=True, slots=True)
class Node:
    """A thing of the project.

    Args:
        noun: `evaluation`, or what a link to it says: `dataset`, `run`, `risk`, `gate`, `decision`, ….
        title: What it is called.
        link: Where it is shown.
    """

    noun: str
    title: str
    link: Link


@dataclass(frozen=True, slots=True)
class Trace:
    """A thing with its neighbours: what it rests on, and what rests on it."""

    node: Node
    before: tuple[Node, ...] = ()
    after: tuple[Node, ...] = ()


def trace(view: ProjectView, link: Link) -> Trace:
    """Return a thing with its neighbours in both directions, each once, in the order of their making.

    Args:
        view: The project as it is now.
        link: What is looked at; a detail that is no split of a run does not matter.
    """
    place = _place(link)
    before: dict[Link, None] = {}
    after: dict[Link, None] = {}
    for source, target in _edges(view):
        if target == place:
            before[source] = None
        if source == place:
            after[target] = None
    before, after = ({at: None for at in found if at != place} for found in (before, after))
    return Trace(_node(view, place), _nodes(view, before), _nodes(view, after))


def _edges(view: ProjectView) -> Iterator[tuple[Link, Link]]:
    """Go through all pairs of which the second rests on the first."""
    for run in view.runs:
        yield Link("dataset", run.dataset_id), Link("run", run.id)
        if run.parent_id is not None:
            yield Link("run", run.parent_id), Link("run", run.id)
    for run_id, split in view.evaluations:
        yield Link("run", run_id), Link("run", run_id, split.value)
    for risk in view.state.of(Risk).values():
        for link in (*risk.evidence, *_watched(view, risk.id)):
            yield _place(link), Link("risk", risk.id)
        for card_id in risk.actions:
            yield Link("risk", risk.id), Link("card", card_id)
    for card in view.state.of(Card).values():
        for link in card.links:
            yield _place(link), Link("card", card.id)
        for other in card.depends_on:
            yield Link("card", other), Link("card", card.id)
    yield from _gate_edges(view)


def _gate_edges(view: ProjectView) -> Iterator[tuple[Link, Link]]:
    for stage in Stage:
        for item in gates.look(view, stage).items:
            if item.judged.link is not None:
                yield _place(item.judged.link), Link("gate", 0, stage.value)
    for decision in view.decisions:
        target = Link("decision", decision.id)
        for link in (*decision.links, *(figure.link for figure in decision.figures)):
            if link is not None:
                yield _place(link), target
        if decision.stage is not None:
            yield Link("gate", 0, decision.stage.value), target
        if decision.takes_back is not None:
            yield Link("decision", decision.takes_back), target


def _watched(view: ProjectView, risk_id: int) -> Iterator[Link]:
    watch: Watch
    for watch in view.state.watches_of(risk_id):
        link = watches.read(view, watch).link
        if link is not None:
            yield link


def _place(link: Link) -> Link:
    """Return a link without what does not tell things apart: of a run only the split does."""
    if link.noun == "gate":
        return link
    if link.noun == "samples":
        return Link("dataset", link.id)
    split = link.detail.split(":")[0] if link.noun == "run" else ""
    return Link(link.noun, link.id, split if split in set(Split) else "")


def _nodes(view: ProjectView, places: dict[Link, None]) -> tuple[Node, ...]:
    found = (_node(view, place) for place in places)
    return tuple(node for node in found if node.title)


def _node(view: ProjectView, place: Link) -> Node:
    """Return a thing with its name; empty where it is not there, or the link is only a place."""
    noun = "evaluation" if place.noun == "run" and place.detail else place.noun
    return Node(noun, _title(view, place), place)


def _title(view: ProjectView, place: Link) -> str:
    state = view.state
    match place.noun:
        case "dataset":
            return next((item.title for item in view.datasets if item.id == place.id), "")
        case "run":
            name = next((item.name for item in view.runs if item.id == place.id), "")
            return f"{name} on {place.detail}" if name and place.detail else name
        case "risk":
            return _of(state.of(Risk).get(place.id), "title")
        case "card":
            return _of(state.of(Card).get(place.id), "title")
        case "person":
            return _of(state.of(Person).get(place.id), "name")
        case "meeting":
            return _of(state.of(Meeting).get(place.id), "title")
        case "decision":
            return next((item.title for item in view.decisions if item.id == place.id), "")
        case "gate":
            return f"{place.detail.capitalize()} gate"
        case _:
            return "Goal and limits"


def _of(record: object, name: str) -> str:
    return str(getattr(record, name, ""))
