"""The register as a table."""

from collections.abc import Callable

from workbench.core.states import RiskStatus
from workbench.gui.item_models.records import Column, Editor
from workbench.gui.panes.risks.rows import Register, RiskRow
from workbench.gui.panes.risks.words import category_word, moved_text, near_day, status_word
from workbench.gui.theme import token
from workbench.gui.translate import tr
from workbench.gui.widgets.editable_table import EditableTable
from workbench.gui.widgets.score_badge import TONES, level_word


def _levels() -> list[tuple[int, str]]:
    return [(level, str(level)) for level in range(1, 6)]


def make_table(register: Callable[[], Register | None]) -> EditableTable[RiskRow]:
    """Return the table of the register.

    Args:
        register: Returns what is shown, for what can be chosen in a cell.
    """

    def categories() -> list[tuple[str, str]]:
        now = register()
        names = now.charter.categories if now is not None else ()
        return [(name, category_word(name)) for name in names]

    def owners() -> list[tuple[int | None, str]]:
        now = register()
        people = now.people if now is not None else ()
        return [(None, tr("Nobody")), *((p.id, p.name) for p in people if p.archived_at is None)]

    first = _first(owners)
    return EditableTable(
        [*first, *_last(categories)],
        tr("Risks"),
        key="risks",
        identity=lambda row: row.risk.id,
        empty_text=tr("No risk fits the filters."),
        multiple=True,
        essential=len(first),
    )


def _first(owners: Callable[[], list[tuple[int | None, str]]]) -> list[Column[RiskRow]]:
    """Return what is in sight however narrow the pane is."""
    return [
        Column("#", lambda row: row.risk.id, tone=lambda _row: "muted", most=48),
        Column(
            tr("Risk"),
            lambda row: row.risk.title,
            stretch=True,
            least=160,
            strong=True,
            dot=_dot,
            editor=Editor("title", lambda row: row.risk.title),
        ),
        Column(
            tr("Score"),
            lambda row: row.risk.score,
            badge=lambda row: TONES[row.level],
            words=lambda row: f"{row.risk.score} {level_word(row.level)}",
            tip=tr("Probability times impact, as it is now"),
        ),
        Column(
            tr("Owner"),
            lambda row: row.owner,
            most=128,
            tone=lambda row: "" if row.owner else "muted",
            editor=Editor("owner_id", lambda row: row.risk.owner_id, "person", owners),
        ),
        Column(
            tr("Review"),
            lambda row: row.risk.next_review,
            show=near_day,
            tip=tr("Day on which it is looked at again; red when that day has passed"),
            tone=lambda row: "danger" if row.overdue else "muted",
            editor=Editor("next_review", lambda row: row.risk.next_review, "day"),
        ),
    ]


def _last(categories: Callable[[], list[tuple[str, str]]]) -> list[Column[RiskRow]]:
    return [
        Column(
            tr("Change"),
            lambda row: row.moved or 0,
            "right",
            words=lambda row: moved_text(row.moved),
            tip=tr("How the score moved since the last review"),
            tone=_moved_tone,
        ),
        Column(
            "P",
            lambda row: row.risk.probability,
            "right",
            tip=tr("Probability, 1 to 5"),
            editor=Editor("probability", lambda row: row.risk.probability, "choice", _levels),
        ),
        Column(
            "I",
            lambda row: row.risk.impact,
            "right",
            tip=tr("Impact, 1 to 5"),
            editor=Editor("impact", lambda row: row.risk.impact, "choice", _levels),
        ),
        Column(
            tr("Category"),
            lambda row: category_word(row.risk.category),
            tone=lambda _row: "muted",
            editor=Editor("category", lambda row: row.risk.category, "choice", categories),
        ),
        Column(
            tr("Status"),
            _status_text,
            tone=lambda row: "danger" if row.asks else "warning" if row.crossed else "muted",
            editor=Editor("status", lambda row: row.risk.status, "choice", _statuses),
        ),
        Column(
            tr("After"),
            lambda row: row.risk.residual_score,
            "right",
            tip=tr("Score after treatment"),
            tone=lambda _row: "muted",
        ),
    ]


def _statuses() -> list[tuple[RiskStatus, str]]:
    return [(status, status_word(status)) for status in RiskStatus]


def _status_text(row: RiskRow) -> str:
    word = status_word(row.risk.status)
    if row.asks:
        return tr("{status} · asks you", status=word)
    return tr("{status} · watch crossed", status=word) if row.crossed else word


def _dot(row: RiskRow) -> object:
    if row.asks or row.crossed:
        return token("danger" if row.asks else "warning")
    return None


def _moved_tone(row: RiskRow) -> str:
    step = row.moved or 0
    return "muted" if step == 0 else "danger" if step > 0 else "good"
