"""How much the risks weighed over time, and what changed between two days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from workbench.gui import background
from workbench.gui.item_models.records import Column
from workbench.gui.panes.risks.words import category_word
from workbench.gui.translate import tr
from workbench.gui.widgets.day_chart import DayChart, DaySeries
from workbench.gui.widgets.day_edit import DayEdit
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from workbench.services.risks import Difference, Exposure
    from workbench.services.session import Session


@dataclass(frozen=True, slots=True)
class _Period:
    start: datetime
    end: datetime


class ExposurePage(QWidget):
    """Total score, open by category, opened and closed, burn-down; below what changed between two days.

    `opened` carries a risk that was activated, `failed` a problem.
    """

    opened = Signal(int)
    failed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self.total = DayChart(tr("Total score"))
        self.by_category = DayChart(tr("Open by category"), stacked=True)
        self.flow = DayChart(tr("Opened and closed"))
        self.burn_down = DayChart(tr("Burn-down"))
        self.since, self.until = DayEdit(tr("From")), DayEdit(tr("To"))
        self.changes = _changes_table()
        self.changes.record_activated.connect(lambda item: self.opened.emit(item.risk_id))
        self._set_days = False
        self._lay_out()
        for edit in (self.since, self.until):
            edit.dateChanged.connect(lambda _day: self._read_changes())

    def reload(self, session: "Session") -> None:
        """Read everything again, beside the window."""
        if session is not self._session:
            self._session, self._set_days = session, False
        background.query(session.risks.exposure, self._show, self.failed.emit, owner=self, key="exposure")
        if not self._set_days:
            self._set_days = True
            self.since.set_day(session.risks.reviewed_at().astimezone().date())
            self.until.set_day(date.today())
        self._read_changes()

    def _show(self, found: "Sequence[Exposure]") -> None:
        days = [item.day for item in found]
        today = date.today()
        entries = list(found)
        if days and days[-1] < today:
            days.append(today)
            entries.append(entries[-1])
        names = dict.fromkeys(name for item in entries for name in item.by_category)
        self.total.set_series(days, [DaySeries(tr("Total score"), [item.total for item in entries])])
        self.by_category.set_series(
            days,
            [
                DaySeries(category_word(name), [item.by_category.get(name, 0) for item in entries], at)
                for at, name in enumerate(names)
            ],
        )
        opened = DaySeries(tr("Opened so far"), [item.opened for item in entries], 5)
        closed = DaySeries(tr("Closed so far"), [item.closed for item in entries], 2)
        self.flow.set_series(days, [opened, closed])
        self.burn_down.set_series(days, [DaySeries(tr("Open"), [item.open for item in entries])])

    def _read_changes(self) -> None:
        session = self._session
        if session is None:
            return
        start, end = (_start_of(edit.day()) for edit in (self.since, self.until))
        period = _Period(start, end + timedelta(days=1))
        background.query(
            lambda: session.risks.difference(period.start, period.end),
            self.changes.set_records,
            self.failed.emit,
            owner=self,
            key="changes",
        )

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(12)
        charts = (
            (tr("Total score"), tr("of all risks that are not closed"), self.total),
            (tr("Open by category"), tr("number of risks"), self.by_category),
            (tr("Opened and closed"), tr("number of risks so far"), self.flow),
            (tr("Burn-down"), tr("risks that are still open"), self.burn_down),
        )
        for place, (title, about, chart) in enumerate(charts):
            card = QFrame()
            card.setProperty("role", "card")
            column = QVBoxLayout(card)
            column.setContentsMargins(12, 10, 12, 10)
            column.setSpacing(4)
            head = QHBoxLayout()
            head.setSpacing(8)
            head.addWidget(PlainLabel(title, "section"))
            head.addWidget(PlainLabel(about, "small"))
            head.addStretch(1)
            column.addLayout(head)
            column.addWidget(chart, 1)
            grid.addWidget(card, place // 2, place % 2)
            grid.setRowStretch(place // 2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(grid, 3)
        column.addWidget(self._changes_card(), 2)

    def _changes_card(self) -> QFrame:
        card = QFrame()
        card.setProperty("role", "card")
        column = QVBoxLayout(card)
        column.setContentsMargins(4, 8, 4, 4)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.setSpacing(8)
        head.addWidget(PlainLabel(tr("What changed"), "section"))
        head.addStretch(1)
        for text, edit in ((tr("from"), self.since), (tr("to"), self.until)):
            head.addWidget(PlainLabel(text, "muted"))
            edit.setFixedWidth(132)
            head.addWidget(edit)
        column.addLayout(head)
        column.addWidget(self.changes, 1)
        return card


def _changes_table() -> "Table[Difference]":
    columns: list[Column[Difference]] = [
        Column(tr("Risk"), lambda item: item.title, stretch=True, strong=True),
        Column(tr("Before"), lambda item: item.before, "right"),
        Column(tr("After"), lambda item: item.after, "right"),
        Column(tr("Change"), _moved, tone=_tone),
        Column(tr("Why"), lambda item: " · ".join(item.reasons) or None, tone=lambda _item: "muted"),
    ]
    return Table(
        columns,
        tr("What changed"),
        key="risk-changes",
        identity=lambda item: item.risk_id,
        empty_text=tr("No score changed between these days."),
    )


def _moved(item: "Difference") -> str:
    if item.before is None:
        return tr("new")
    if item.after is None:
        return tr("closed")
    step = item.after - item.before
    return f"{'↑' if step > 0 else '↓'} {abs(step)}"


def _tone(item: "Difference") -> str:
    return "danger" if (item.after or 0) > (item.before or 0) else "good"


def _start_of(day: date | None) -> datetime:
    """Return the moment at which a local day begins, in UTC; for none, long ago."""
    start = day or date(1970, 1, 2)
    return datetime(start.year, start.month, start.day).astimezone().astimezone(UTC)
