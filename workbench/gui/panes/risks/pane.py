"""The Risks pane: the register at the left, the chosen risk in full at the right."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from workbench.core.events import (
    BoardChanged,
    DatasetChanged,
    EvaluationChanged,
    Event,
    ProjectChanged,
    RunChanged,
)
from workbench.core.states import RiskStatus
from workbench.gui import background
from workbench.gui.actions import Action
from workbench.gui.exchange_dialog import export_risks, import_risks
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.risks.detail import RiskDetail
from workbench.gui.panes.risks.register import RegisterSide
from workbench.gui.panes.risks.rows import Register, RiskRow, read_register
from workbench.gui.theme import icon
from workbench.gui.translate import tr
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.form_dialog import ReasonDialog
from workbench.services import risk_edits
from workbench.services.risks import REVIEW_DAYS

if TYPE_CHECKING:
    from workbench.services.session import Session


class RisksPane(Pane):
    """Register as table, heat map and exposure; one risk in full with numbers, mitigations, history."""

    name: ClassVar[str] = "risks"
    title: ClassVar[str] = "Risks"
    purpose: ClassVar[str] = "What could stop us, watched by what we measure."
    icon_name: ClassVar[str] = "warning"
    help: ClassVar[str] = (
        "The register lists what may go wrong: click a heading to sort, F2 or Enter changes the current cell "
        "in place, Ctrl+Z takes it back. On the heat map drag a dot, or move it with Ctrl and the arrows. A "
        "risk can watch a measured number: when it crosses its limit, the probability rises, and you "
        "accept that or put it back. Try a mitigation clones the best run with a change; the number before "
        "and after stands in the risk when it has ended. Accepted is not closed: it still counts."
    )
    events: ClassVar[tuple[type[Event], ...]] = (
        BoardChanged,
        RunChanged,
        EvaluationChanged,
        DatasetChanged,
        ProjectChanged,
    )

    def __init__(self, shell: Shell, parent: QWidget | None = None) -> None:
        super().__init__(shell, parent)
        self.register: Register | None = None
        self._moved: dict[int, int | None] = {}
        self._selected = 0
        # From outside in: a widget that gets a parent only later is styled anew with all that is in it.
        self._stack = QStackedWidget(self)
        self._split = QSplitter(Qt.Orientation.Horizontal, self._stack)
        self.side = RegisterSide(self._split)
        self.detail = RiskDetail(self, self._split)
        self.empty = EmptyState(
            "shield-check",
            tr("No risks yet"),
            tr(
                "Here stands what may stop the project: who answers for it, what is done about it, and the "
                "measured number that tells when it gets worse."
            ),
            tr("New risk"),
        )
        self._add = self.header.set_primary(tr("New risk"), tr("Note what may go wrong (Ctrl+Shift+R)"))
        menu = QMenu(self)
        self._scale = menu.addAction(icon("gear"), tr("Levels, categories and thresholds …"))
        self._import = menu.addAction(icon("upload-simple"), tr("Import risks …"))
        self._export = menu.addAction(icon("download-simple"), tr("Export risks …"))
        self._more = self.header.add_action(tr("More"), "", menu)
        self._from_catalogue = self.header.add_action(tr("From the catalogue"), "books")
        self._lay_out()
        self._connect()

    def set_session(self, session: "Session | None") -> None:
        """Show this project from now on."""
        self.register, self._moved, self._selected = None, {}, 0
        self.detail.forget()
        super().set_session(session)
        writable = session is not None and not session.read_only
        for button in (self._add, self._from_catalogue, self._also_catalogue, self._scale, self._import):
            button.setEnabled(writable)
        self._export.setEnabled(session is not None)
        for button in self.empty.findChildren(QPushButton):
            button.setEnabled(writable)

    def reload(self) -> None:
        """Show the risks as they are now; how they moved is read beside the window."""
        session = self.session
        if session is None:
            self._stack.setCurrentWidget(self.empty)
            return
        self._show_all()
        background.query(session.risks.moved, self._show_moved, self.tell, owner=self, key="moved")
        if self.side.page == "exposure":
            self.side.exposure.reload(session)

    def select(self, **target: Any) -> None:
        """Open a risk: `risk_id=3`."""
        risk_id = target.get("risk_id")
        if not isinstance(risk_id, int) or self.session is None:
            return
        self._selected = risk_id
        if self.side.page == "exposure":
            self.side.show_page("table")
        self._show_all()
        self.side.reveal(risk_id)

    def actions_of(self) -> list[Action]:
        """Return what can be done here."""
        may = self._can_write
        return [
            Action("risk.new", tr("New risk"), self.new_risk, "Ctrl+Shift+R", may),
            Action("risk.catalogue", tr("Risks from the catalogue"), self.open_catalogue, ready=may),
            Action("risk.review", tr("Review of the risk done"), self._review_chosen, ready=self._has_risk),
            Action("risk.give", tr("Give selected risks to …"), self._give_chosen, ready=self._has_risk),
            Action("risk.find", tr("Search risks"), self.side.search, "Ctrl+F"),
            Action("risk.scale", tr("Levels, categories and thresholds"), self.open_scale, ready=may),
        ]

    def new_risk(self) -> None:
        """Ask for a new risk and open it."""
        if self.session is not None:
            from workbench.gui.panes.risks.new_risk import NewRisk

            NewRisk(self.session, self._open_new, self.window()).open()

    def open_catalogue(self) -> None:
        """Offer ready risks."""
        if self.session is not None:
            from workbench.gui.panes.risks.catalogue import CatalogueDialog

            CatalogueDialog(self.session, self._open_new, self.window()).open()

    def open_scale(self) -> None:
        """Offer the settings of risks in this project."""
        if self.session is not None:
            from workbench.gui.panes.risks.scale_dialog import ScaleDialog

            ScaleDialog(self.session, self.window()).open()

    def change(self, risk_id: int, **values: Any) -> None:
        """Give a risk other values; a status that needs a reason is asked for one. Can be undone."""
        session = self.session
        if session is None:
            return
        status = values.get("status")
        if status is not None:
            self.set_status(risk_id, RiskStatus(status))
            return
        if not self.attempt(lambda: risk_edits.change(session, risk_id, **values)):
            self._show_all()

    def set_status(self, risk_id: int, status: RiskStatus) -> None:
        """Move a risk to a status; accepting and closing ask why."""
        session = self.session
        if session is None:
            return
        risk = session.risks.get(risk_id)
        if status is risk.status:
            return
        if status not in (RiskStatus.ACCEPTED, RiskStatus.CLOSED):
            self.attempt(lambda: risk_edits.change(session, risk_id, status=status))
            self._show_all()
            return
        accepts = status is RiskStatus.ACCEPTED
        dialog = ReasonDialog(
            tr("Accept this risk") if accepts else tr("Close this risk"),
            tr("It stays as it is and still counts; the decision log keeps why.")
            if accepts
            else tr("It no longer counts; the history keeps why."),
            tr("Accept") if accepts else tr("Close it"),
            lambda reason: (
                session.risks.accept(risk_id, reason)
                if accepts
                else risk_edits.change(session, risk_id, reason, status=status)
            ),
            self.window(),
        )
        dialog.finished.connect(lambda _code: self._show_all())
        dialog.open()

    def review(self, *risk_ids: int) -> None:
        """Note that risks were looked at; the next time is in two weeks. Can be undone."""
        session, note = self.session, tr("Reviewed")
        if session is not None:
            day = date.today() + timedelta(days=REVIEW_DAYS)
            told = tr("Reviewed; next on {day}", day=f"{day:%Y-%m-%d}")
            self.attempt_with_undo(lambda: risk_edits.review(session, risk_ids, note), told)

    def delete(self, *risk_ids: int) -> None:
        """Take risks away, with what they watch; one click brings them back."""
        session = self.session
        if session is None:
            return
        told = tr("Deleted {count} risks", count=len(risk_ids))
        if len(risk_ids) == 1:
            told = tr("Deleted {title}", title=session.risks.get(risk_ids[0]).title)
        self.attempt_with_undo(lambda: risk_edits.remove(session, risk_ids), told)

    def give(self, *risk_ids: int) -> None:
        """Ask who is to answer for risks from now on."""
        if self.session is not None and risk_ids:
            from workbench.gui.panes.risks.giving import GiveDialog

            GiveDialog(self, risk_ids).open()

    def hideEvent(self, event: QHideEvent) -> None:
        """Save what is being written, and remember how the width is shared."""
        if self.session is not None:
            self.detail.commit()
        QSettings().setValue("risks/split", self._split.saveState())
        super().hideEvent(event)

    def _show_all(self) -> None:
        session = self.session
        if session is None:
            return
        register = self.register = read_register(session, self._moved)
        if not register.rows:
            self._stack.setCurrentWidget(self.empty)
            return
        self._stack.setCurrentWidget(self._split)
        row = register.row(self._selected) or self.side.first(register)
        self._selected = row.risk.id if row is not None else 0
        self.side.show_register(register, self._selected, writable=self._can_write())
        self._show_detail(row)

    def _show_detail(self, row: RiskRow | None) -> None:
        self.detail.setVisible(row is not None and self.side.page != "exposure")
        if row is not None and self.register is not None:
            self.detail.show_risk(row, self.register)

    def _show_moved(self, moved: dict[int, int | None]) -> None:
        if moved != self._moved and self.session is not None:
            self._moved = moved
            self.register = read_register(self.session, moved)
            self.side.show_register(self.register, self._selected, writable=self._can_write())

    def _on_chosen(self, risk_id: int) -> None:
        if risk_id != self._selected and self.register is not None:
            self._selected = risk_id
            self.side.mark(risk_id)
            self._show_detail(self.register.row(risk_id))

    def _on_page(self, name: str) -> None:
        self.detail.setVisible(name != "exposure" and self._selected != 0)
        if name == "exposure" and self.session is not None:
            self.side.exposure.reload(self.session)

    def _open_new(self, risk_id: int) -> None:
        self.side.filters.clear()
        self.select(risk_id=risk_id)

    def _menu_of(self, rows: list[RiskRow]) -> list[QAction]:
        ids, is_one = [row.risk.id for row in rows], len(rows) == 1
        found = []
        for text, verb in (
            (tr("Give to …") if is_one else tr("Give selected to …"), self.give),
            (tr("Review done"), self.review),
            (tr("Delete risk") if is_one else tr("Delete {count} risks", count=len(ids)), self.delete),
        ):
            action = QAction(text, self.side.table)
            action.triggered.connect(lambda _on=False, do=verb: do(*ids))
            action.setEnabled(self._can_write())
            found.append(action)
        return found

    def _review_chosen(self) -> None:
        self.review(self._selected)

    def _give_chosen(self) -> None:
        self.give(*(self.side.chosen_ids or [self._selected]))

    def _can_write(self) -> bool:
        return self.session is not None and not self.session.read_only

    def _has_risk(self) -> bool:
        return self._can_write() and self._selected != 0

    def _exchange(self, verb: Callable[[Shell, "Session"], None]) -> None:
        if self.session is not None:
            verb(self.shell, self.session)

    def _connect(self) -> None:
        self.header.primary_triggered.connect(self.new_risk)
        self.empty.triggered.connect(self.new_risk)
        self._from_catalogue.clicked.connect(self.open_catalogue)
        self._also_catalogue.clicked.connect(self.open_catalogue)
        self._scale.triggered.connect(self.open_scale)
        self._import.triggered.connect(lambda: self._exchange(import_risks))
        self._export.triggered.connect(lambda: self._exchange(export_risks))
        self.side.chosen.connect(self._on_chosen)
        self.side.page_changed.connect(self._on_page)
        self.side.edited.connect(lambda risk_id, values: self.change(risk_id, **values))
        self.side.table.set_menu(self._menu_of)
        self.side.give_wanted.connect(self._give_chosen)
        self.side.exposure.opened.connect(lambda risk_id: self.select(risk_id=risk_id))
        self.side.exposure.failed.connect(self.tell)
        self.detail.status_wanted.connect(self.set_status)
        self.detail.delete_wanted.connect(self.delete)

    def _lay_out(self) -> None:
        self._also_catalogue = QPushButton(tr("From the catalogue"))
        self._also_catalogue.setAccessibleName(tr("From the catalogue"))
        column = self.empty.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertWidget(column.count() - 1, self._also_catalogue, 0, Qt.AlignmentFlag.AlignHCenter)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.side)
        self._split.addWidget(self.detail)
        self._split.setStretchFactor(0, 11)
        self._split.setStretchFactor(1, 10)
        self._split.setSizes([680, 484])
        state = QSettings().value("risks/split")
        if state is not None:
            self._split.restoreState(state)
        for widget in (self._split, self.empty):
            self._stack.addWidget(widget)
        self.body.addWidget(self._stack, 1)
        self._stack.setCurrentWidget(self.empty)
        self.setFocusProxy(self.side.table)
