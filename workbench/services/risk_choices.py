"""What the fields of watched numbers can be, read from the project."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from workbench.core.board import Card

if TYPE_CHECKING:
    from workbench.services.session import Session

Offered = list[tuple[Any, str]]
"""Value and title each."""

_OF_ONE_CLASS = ("precision", "recall", "f1")
_USUAL = ("accuracy", "recall_macro", "precision_macro", "f1_macro", "mae", "rmse", "r2")


def choices_of(session: "Session", kind: str) -> Offered:
    """Return what a field can be, the usual first; nothing for a kind that is not known.

    Args:
        session: The open project.
        kind: What the field names: `measures`, `classes`, `slices`, `datasets`, `findings`, `columns` or
            `tags`.
    """
    read = _KINDS.get(kind)
    return read(session) if read is not None else []


def _measures(session: "Session") -> Offered:
    measured = {
        name
        for evaluation in session.store.evaluations.newest()
        for name in evaluation.metrics
        if "/" not in name
    }
    names = [*_USUAL, *_OF_ONE_CLASS, *sorted(measured - {*_USUAL, *_OF_ONE_CLASS})]
    return [(name, name.replace("_", " ")) for name in names]


def _classes(session: "Session") -> Offered:
    return _plain(name for dataset in session.datasets.all() for name in dataset.schema.classes)


def _slices(session: "Session") -> Offered:
    return _plain(name for dataset in session.datasets.all() for name in session.slices.names(dataset.id))


def _datasets(session: "Session") -> Offered:
    return [(dataset.id, dataset.title) for dataset in session.datasets.all()]


def _findings(session: "Session") -> Offered:
    codes = dict.fromkeys(
        item.code for dataset in session.datasets.all() for item in session.health.findings(dataset.id)
    )
    return [(code, code.replace("_", " ")) for code in codes]


def _columns(session: "Session") -> Offered:
    return _plain(column.name for dataset in session.datasets.all() for column in dataset.schema.used_columns)


def _tags(session: "Session") -> Offered:
    cards = session.board.state.of(Card).values()
    return _plain(sorted({tag for card in cards for tag in card.tags}))


def _plain(names: Any) -> Offered:
    return [(name, name) for name in dict.fromkeys(names)]


_KINDS: dict[str, Callable[["Session"], Offered]] = {
    "measures": _measures,
    "classes": _classes,
    "slices": _slices,
    "datasets": _datasets,
    "findings": _findings,
    "columns": _columns,
    "tags": _tags,
}
