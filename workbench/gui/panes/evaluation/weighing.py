"""Risks out of an evaluation: a confusion, a class or slice that is missed, a slow or large model."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from workbench.core.board import Charter
from workbench.core.records import Evaluation
from workbench.core.risks import RiskIdea
from workbench.core.slices import SliceMeasures
from workbench.core.states import Split
from workbench.gui.panes.evaluation.reading import Cell
from workbench.gui.risk_dialog import make_risk
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.cards import StatTile

if TYPE_CHECKING:
    from workbench.gui.panes.base import Pane
    from workbench.services.session import Session

Offer = tuple[str, Callable[["Session"], RiskIdea]]
"""What a menu says, and how the risk is made."""


def of_cells(evaluation: Evaluation, cells: list[Cell]) -> list[Offer]:
    """Return the risk of the one confusion that is chosen; none for what was recognised."""
    if len(cells) != 1 or cells[0][0] == cells[0][1] or not evaluation.counts[cells[0][0]][cells[0][1]]:
        return []
    actual, predicted = cells[0]
    labels = evaluation.labels
    text = tr("{actual} taken for {predicted}", actual=labels[actual], predicted=labels[predicted])
    run_id, split = evaluation.run_id, evaluation.split
    return [(text, lambda session: session.risks.idea_from_confusion(run_id, split, actual, predicted))]


def of_class(evaluation: Evaluation, label: str) -> list[Offer]:
    """Return the risk of a class that is found too seldom."""
    row = next((item for item in evaluation.per_class if item.label == label), None)
    if row is None or row.recall is None or row.recall >= 1:
        return []
    text = tr("{label} is found too seldom", label=label)
    run_id, split = evaluation.run_id, evaluation.split
    return [(text, lambda session: session.risks.idea_from_class(run_id, split, label))]


def of_slice(evaluation: Evaluation, part: SliceMeasures) -> Offer:
    """Return the risk of a slice on which the model does worse."""
    text = tr("Worse where {name}", name=part.name)
    return (text, lambda session: session.slices.idea(evaluation, part))


def of_model(evaluation: Evaluation, charter: Charter) -> list[Offer]:
    """Return the risks of how long an answer takes and how large the model is.

    Within the project's budget there is none; without a budget the number is offered for what it is.
    """
    found: list[Offer] = []
    time, size = time_words(evaluation), size_words(evaluation)
    for fact, name, limit, over, plain in (
        (
            *("latency", "latency_ms", charter.latency_ms),
            tr("The model is too slow: {number}", number=time),
            tr("Time per sample: {number}", number=time),
        ),
        (
            *("size", "size_mb", charter.size_mb),
            tr("The model is too large: {number}", number=size),
            tr("Size of the weights: {number}", number=size),
        ),
    ):
        value = evaluation.metrics.get(name)
        if value is not None and (limit is None or value > limit):
            make = partial(_of_model, run_id=evaluation.run_id, split=evaluation.split, fact=fact)
            found.append((plain if limit is None else over, make))
    return found


def carry_out(pane: "Pane", offer: Offer) -> None:
    """Make the risk of an offer; what goes wrong is told in the pane."""
    session = pane.session
    if session is not None:
        pane.attempt(lambda: make_risk(pane.shell, session, offer[1](session)))


def may_weigh(pane: "Pane") -> bool:
    """Return whether risks can be noted."""
    return pane.session is not None and not pane.session.read_only


def time_words(evaluation: Evaluation) -> str:
    """Return the time of one answer."""
    value = evaluation.metrics.get("latency_ms")
    return number_format.short_time(None if value is None else value / 1000)


def size_words(evaluation: Evaluation) -> str:
    """Return the size of the weights."""
    value = evaluation.metrics.get("size_mb")
    return number_format.size(None if value is None else value * 1e6)


def show_cost(tile: StatTile, pane: "Pane", evaluation: Evaluation) -> None:
    """Show in a tile what the model takes, and whether the project allows it."""
    session = pane.session
    charter = session.board.state.charter if session is not None else None
    over = []
    for name, word in (("latency_ms", tr("too slow")), ("size_mb", tr("too large"))):
        limit, value = getattr(charter, name, None), evaluation.metrics.get(name)
        if limit is not None and value is not None and value > limit:
            over.append(word)
    if evaluation.metrics.get("latency_ms") is None:
        tile.set_values(number_format.NONE, tr("evaluate again to measure it"))
        return
    words = tr("{size} of weights", size=size_words(evaluation))
    tile.set_values(
        time_words(evaluation), " · ".join([*over, words]), "danger" if tr("too slow") in over else ""
    )


def _of_model(session: "Session", run_id: int, split: Split, fact: str) -> RiskIdea:
    return session.risks.idea_from_model(run_id, split, fact)
