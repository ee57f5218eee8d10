"""One risk in full."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.core.risks import Link
from workbench.gui import background
from workbench.gui.links import open_link
from workbench.gui.panes.base import Pane
from workbench.gui.panes.risks.asking import AskingSection
from workbench.gui.panes.risks.mitigating import ActionsSection, Offer, TrySection, read_offer
from workbench.gui.panes.risks.rows import Register, RiskRow
from workbench.gui.panes.risks.scoring import ScoringSection
from workbench.gui.panes.risks.section import Section
from workbench.gui.panes.risks.sentence import SentenceSection
from workbench.gui.panes.risks.story import EvidenceSection, HistorySection, Story, read_story
from workbench.gui.panes.risks.treatment import TreatmentSection
from workbench.gui.panes.risks.watch_list import WatchesSection
from workbench.gui.theme import MARGIN
from workbench.gui.translate import tr
from workbench.gui.widgets.buttons import tool
from workbench.gui.widgets.growing_text import GrowingText
from workbench.gui.widgets.labels import rule
from workbench.gui.widgets.score_badge import ScoreBadge

if TYPE_CHECKING:
    from workbench.services.session import Session

_TWO_COLUMNS = 800


class RiskDetail(QFrame):
    """A card with all that is known of a risk; every entry saves itself. It is the desk of its sections.

    Args:
        pane: The pane, which knows the project and the window.
    """

    status_wanted = Signal(int, object)
    delete_wanted = Signal(int)

    def __init__(self, pane: Pane, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pane = pane
        self._risk_id = 0
        self._register: Register | None = None
        self.setProperty("role", "card")
        self.setAccessibleName(tr("Risk in full"))
        self.setMinimumWidth(380)
        self._name = ""
        self.title = GrowingText(tr("Title"), one_paragraph=True, most=140)
        self.title.setProperty("role", "heading")
        self.title.setProperty("quiet", True)
        self.title.kept.connect(self._on_title)
        self.badge = ScoreBadge()
        self.more = tool("dots-three-vertical", tr("More"))
        self.more.setPopupMode(self.more.ToolButtonPopupMode.InstantPopup)
        self.asking, self.sentence = AskingSection(self), SentenceSection(self)
        self.scoring, self.treatment = ScoringSection(self), TreatmentSection(self)
        self.mitigations, self.trying = ActionsSection(self), TrySection(self)
        self.watches, self.evidence = WatchesSection(self), EvidenceSection(self)
        self.history = HistorySection(self)
        self._sections: tuple[Section, ...] = (
            *(self.asking, self.sentence, self.scoring, self.treatment, self.watches),
            *(self.mitigations, self.trying, self.evidence, self.history),
        )
        self.treatment.status_wanted.connect(lambda status: self.status_wanted.emit(self._risk_id, status))
        self.treatment.reviewed.connect(self._review)
        self._columns = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._area = QScrollArea(self)
        self._lay_out()

    @property
    def session(self) -> "Session | None":
        """The open project."""
        return self._pane.session

    @property
    def writable(self) -> bool:
        """Whether anything may be changed."""
        return self.session is not None and not self.session.read_only

    @property
    def risk_id(self) -> int:
        """The risk that is shown; 0 for none."""
        return self._risk_id

    def show_risk(self, row: RiskRow, register: Register) -> None:
        """Show a risk as it is now; what has to be read comes a moment later."""
        is_other = row.risk.id != self._risk_id
        if is_other:
            self.commit()
            self._risk_id = row.risk.id
            self.history.reset()
            self._area.verticalScrollBar().setValue(0)
        self._register = register
        risk = row.risk
        self._name = risk.title
        self.title.show_text(risk.title, other=is_other)
        self.title.setReadOnly(not self.writable)
        self.more.setEnabled(self.writable)
        self.badge.set_score(risk.score, register.charter.thresholds)
        for section in self._sections:
            section.show_risk(risk, register)
        self._read(row)

    def forget(self) -> None:
        """Show no risk any more, such as when another project is opened."""
        self._risk_id = 0

    def commit(self) -> None:
        """Save what is being written."""
        if self._risk_id and self.writable:
            self.title.flush()
            for section in self._sections:
                section.commit()

    def change(self, **values: Any) -> None:
        """Give the risk other values. Can be undone."""
        self._pane.change(self._risk_id, **values)  # type: ignore[attr-defined]

    def _on_title(self, text: str) -> None:
        """Keep a title; an empty one goes back to what it was."""
        if text:
            self.change(title=text)
        else:
            self.title.show_text(self._name, other=True)

    def attempt(self, work: Callable[[], object]) -> bool:
        """Do something that may be refused, and tell why it is."""
        return self._pane.attempt(work)

    def open(self, link: Link) -> None:
        """Show what a link points to."""
        open_link(self._pane.shell, link)

    def notify(self, text: str, action: str = "", act: Callable[[], object] | None = None) -> None:
        """Say at the bottom what was done."""
        self._pane.shell.notify(text, action, act)

    def tell(self, error: Exception) -> None:
        """Tell a problem in place."""
        self._pane.tell(error)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stand in two columns where there is room for them."""
        super().resizeEvent(event)
        wide = event.size().width() >= _TWO_COLUMNS
        directions = QBoxLayout.Direction
        self._columns.setDirection(directions.LeftToRight if wide else directions.TopToBottom)
        self._columns.setSpacing(32 if wide else 20)

    def _read(self, row: RiskRow) -> None:
        session, risk = self.session, row.risk
        if session is None:
            return

        def told(story: Story) -> None:
            if risk.id == self._risk_id and self._register is not None:
                self.evidence.show_story(story)
                self.history.show_story(story, self._register)

        def offered(offer: Offer) -> None:
            if risk.id == self._risk_id:
                self.trying.show_offer(offer)

        def failed(error: Exception) -> None:
            # A risk that was deleted while it was read is no problem.
            if not isinstance(error, UserError):
                self.tell(error)

        background.query(lambda: read_story(session, risk), told, failed, owner=self, key="story")
        if risk.category not in ("market", "operational"):
            background.query(lambda: read_offer(session, risk), offered, failed, owner=self, key="offer")
        self.watches.measure()

    def _review(self) -> None:
        self._pane.review(self._risk_id)  # type: ignore[attr-defined]

    def _lay_out(self) -> None:
        menu = QMenu(self.more)
        delete = menu.addAction(tr("Delete risk"))
        delete.triggered.connect(lambda: self.delete_wanted.emit(self._risk_id))
        self.more.setMenu(menu)
        head = QHBoxLayout()
        head.setContentsMargins(MARGIN - 8, 8, 8, 8)
        head.setSpacing(8)
        head.addWidget(self.title, 1)
        head.addWidget(self.badge)
        head.addWidget(self.more)
        first, second = QVBoxLayout(), QVBoxLayout()
        for column, sections in ((first, self._sections[:5]), (second, self._sections[5:])):
            column.setSpacing(20)
            for section in sections:
                column.addWidget(section)
            column.addStretch(1)
            self._columns.addLayout(column, 1)
        inner = QWidget(self._area.viewport())
        inner.setLayout(self._columns)
        self._columns.setContentsMargins(MARGIN, 12, MARGIN, MARGIN)
        self._area.setWidget(inner)
        self._area.setWidgetResizable(True)
        inner.setAutoFillBackground(False)
        self._area.viewport().setAutoFillBackground(False)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(rule())
        column.addWidget(self._area, 1)
