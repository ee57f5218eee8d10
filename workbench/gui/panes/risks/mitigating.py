"""What makes a risk smaller: cards to be done, and experiments that are tried."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from workbench.core.board import Card
from workbench.core.errors import UserError
from workbench.core.risks import Link, MitigationIdea, Risk, Trial
from workbench.gui import background
from workbench.gui.panes.risks.rows import Register
from workbench.gui.panes.risks.section import Desk, Section, clear
from workbench.gui.panes.risks.words import value_text
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.buttons import ElidedLink, link_button, tool
from workbench.gui.widgets.flow_layout import FlowLayout
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel, tip
from workbench.services.risk_edits import without_action

if TYPE_CHECKING:
    from workbench.services.risks import Mitigation
    from workbench.services.session import Session


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be tried against a risk, read beside the window.

    Args:
        base: Name of the run that would be changed; empty where there is none.
        ideas: Each experiment with why it cannot be tried, or nothing.
    """

    base: str
    ideas: "Sequence[tuple[type[Mitigation], str]]"


def read_offer(session: "Session", risk: Risk) -> Offer:
    """Return what can be tried; loads torch the first time, so not for the window's thread."""
    base = session.risks.base_run()
    return Offer(base.name if base is not None else "", session.risks.mitigations_for(risk.id))


class ActionsSection(Section):
    """The mitigations as cards: done or not, with due date and owner; a new one is a line and Enter."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Mitigations"), desk)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(4)
        self.entry = QLineEdit()
        self.entry.setPlaceholderText(tr("Add a mitigation and press Enter"))
        self.entry.setAccessibleName(tr("Add a mitigation"))
        self.entry.setMaxLength(300)
        self.body.addLayout(self._rows)
        self.body.addWidget(self.entry)
        self.entry.returnPressed.connect(self._add)
        self._shown: object = None

    def show_risk(self, risk: Risk, register: Register) -> None:
        """Show the cards of a risk."""
        session = self.desk.session
        known = session.board.state.of(Card) if session is not None else {}
        cards = [known[card_id] for card_id in risk.actions if card_id in known]
        self.entry.setEnabled(self.desk.writable)
        shown = (risk.id, cards, self.desk.writable, register.names)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._rows)
        for card in cards:
            self._rows.addLayout(self._row(risk, card, register))

    def _row(self, risk: Risk, card: Card, register: Register) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        box = QCheckBox()
        box.setAccessibleName(tr("Done"))
        box.setAccessibleDescription(card.title)
        box.setToolTip(tip(tr("Done")))
        box.setChecked(card.done_at is not None)
        box.setEnabled(self.desk.writable)
        box.toggled.connect(lambda on: self._set_done(card, on))
        title = ElidedLink(card.title, card.text)
        title.clicked.connect(lambda: self.desk.open(Link("card", card.id)))
        row.addWidget(box)
        row.addWidget(title, 0)
        row.addStretch(1)
        if card.due is not None:
            due = PlainLabel(number_format.day(card.due), "small")
            due.setProperty("tone", "danger" if card.overdue(date.today()) else "")
            row.addWidget(due)
        if card.owner_id in register.names:
            row.addWidget(ElidedLabel(register.names[card.owner_id], "small"))
        away = tool("x", tr("No longer a mitigation of this risk"), card.title)
        away.setEnabled(self.desk.writable)
        away.clicked.connect(lambda: self._take_out(risk.id, card.id))
        row.addWidget(away)
        return row

    def _take_out(self, risk_id: int, card_id: int) -> None:
        session = self.desk.session
        if session is not None:
            self.desk.attempt(lambda: without_action(session, risk_id, card_id))

    def _set_done(self, card: Card, on: bool) -> None:
        session = self.desk.session
        if session is not None:
            self.desk.attempt(lambda: session.board.set_done(card.id, on))

    def _add(self) -> None:
        session, title = self.desk.session, self.entry.text().strip()
        if session is None or not title:
            return
        idea, risk_id = MitigationIdea(title), self.desk.risk_id
        if self.desk.attempt(lambda: session.risks.add_action(risk_id, idea)):
            self.entry.clear()


class TrySection(Section):
    """Experiments that may make the risk smaller: one click clones the best run with a change, queued."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(tr("Try a mitigation"), desk)
        self._buttons = QWidget()
        self._flow = FlowLayout(self._buttons)
        self._flow.setSpacing(8)
        self._about = PlainLabel(role="small", wrap=True)
        self._trials = QVBoxLayout()
        self._trials.setSpacing(4)
        for part in (self._buttons, self._about):
            self.body.addWidget(part)
        self.body.addLayout(self._trials)
        self._shown: object = None
        self._tried_before: list[Trial] = []
        self._rows: list[TrialRow] = []

    def show_risk(self, risk: Risk, register: Register) -> None:
        """Show what was tried; what can be tried comes with `show_offer`."""
        session = self.desk.session
        trials = [] if session is None else [
            trial for trial in session.board.state.of(Trial).values() if trial.risk_id == risk.id
        ]  # fmt: skip
        is_measured = risk.category not in ("market", "operational")
        self.setVisible(is_measured or bool(trials))
        if trials != self._tried_before:
            self._tried_before = trials
            clear(self._trials)
            self._rows = [TrialRow(trial, self.desk) for trial in trials]
            for row in self._rows:
                self._trials.addWidget(row)
        for row in self._rows:
            row.read()

    def show_offer(self, offer: Offer) -> None:
        """Show what can be tried now."""
        shown = (offer, self.desk.writable)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self._flow)
        possible = sorted(offer.ideas, key=lambda idea: bool(idea[1]))
        for kind, misfit in possible:
            button = QPushButton(kind.title.replace("&", "&&"))
            button.setAccessibleName(kind.title)
            button.setToolTip(tip(misfit or kind.text))
            button.setEnabled(self.desk.writable and not misfit)
            button.clicked.connect(lambda _on=False, name=kind.name: self._try(name))
            self._flow.addWidget(button)
        self._buttons.setVisible(bool(offer.ideas))
        text = tr("Train and evaluate a run first: a mitigation is a change of the best run.")
        if offer.base:
            text = tr(
                "Clones {run} with the change, queues it, and proposes the score after treatment from what "
                "it measures.",
                run=offer.base,
            )
        self._about.setText(text)
        self._buttons.updateGeometry()

    def _try(self, name: str) -> None:
        session, risk_id = self.desk.session, self.desk.risk_id
        if session is None:
            return
        self._buttons.setEnabled(False)
        background.query(
            lambda: session.training.get(session.risks.try_mitigation(risk_id, name)),
            lambda run: self._tried(run.id, run.name),
            self._failed,
            owner=self,
        )

    def _tried(self, run_id: int, name: str) -> None:
        self._buttons.setEnabled(True)
        text = tr("{run} is queued and tied to the risk", run=name)
        self.desk.notify(text, tr("Show"), lambda: self.desk.open(Link("run", run_id)))

    def _failed(self, error: Exception) -> None:
        self._buttons.setEnabled(True)
        self.desk.tell(error)


class TrialRow(QWidget):
    """A mitigation that was tried: the number before and after, and the run."""

    def __init__(self, trial: Trial, desk: Desk) -> None:
        super().__init__()
        self._trial, self._desk = trial, desk
        self._title = PlainLabel()
        self._number = PlainLabel(role="strong")
        self._what = ElidedLabel(role="small")
        self._run = link_button("…")
        self._run.clicked.connect(lambda: desk.open(Link("run", trial.run_id)))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._title)
        row.addWidget(self._number)
        row.addWidget(self._what, 1)
        row.addWidget(self._run, 0, Qt.AlignmentFlag.AlignRight)
        if trial.ended and trial.after is not None:
            self._number.setText(f"{value_text(trial.before)} → {value_text(trial.after)}")
        else:
            self._number.setText(tr("nothing to compare") if trial.ended else tr("under way"))
        session = desk.session
        if session is not None:
            self._title.setText(session.risks.title_of(trial.mitigation))
            self._what.setText(session.risks.name_of(trial.fact, trial.fields) if trial.fact else "")

    def read(self) -> None:
        """Say what the run is called now."""
        session, run_id = self._desk.session, self._trial.run_id
        if session is not None:
            background.query(lambda: _run_name(session, run_id), self._run.setText, owner=self, key="name")


def _run_name(session: "Session", run_id: int) -> str:
    try:
        return session.training.get(run_id).name
    except UserError:
        return tr("run deleted")
