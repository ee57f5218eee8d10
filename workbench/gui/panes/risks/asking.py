"""What watched numbers and tried mitigations ask the user to decide."""

from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout

from workbench.core.risks import Proposal, Risk
from workbench.core.states import ProposalKind
from workbench.gui import background
from workbench.gui.links import link_text
from workbench.gui.panes.risks.rows import Register
from workbench.gui.panes.risks.section import Desk, Section, clear
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.buttons import link_button
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.score_badge import score_text


class AskingSection(Section):
    """A notice for each open proposal: why, the levels before and after, its source, and the two answers."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("", desk)
        self.setAccessibleName(tr("Proposals"))
        self._shown: tuple[object, ...] = ()

    def show_risk(self, risk: Risk, register: Register) -> None:
        """Show what waits for an answer."""
        session = self.desk.session
        proposals = session.board.state.open_proposals(risk.id) if session is not None else []
        shown = (*proposals, self.desk.writable, register.charter.thresholds)
        if shown == self._shown:
            return
        self._shown = shown
        clear(self.body)
        for proposal in proposals:
            self.body.addWidget(self._notice(proposal, register))
        self.setVisible(bool(proposals))

    def _notice(self, proposal: Proposal, register: Register) -> QFrame:
        raised = proposal.kind is ProposalKind.RAISED
        frame = QFrame()
        frame.setProperty("role", "notice")
        restyle(frame, tone="danger" if raised else "info")
        column = QVBoxLayout(frame)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(6)
        head = PlainLabel(_title(proposal), "strong")
        restyle(head, tone="danger" if raised else "accent")
        column.addWidget(head)
        column.addWidget(PlainLabel(proposal.text, wrap=True))
        column.addWidget(PlainLabel(_step(proposal, register), "small", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        for text, accepted in ((tr("Accept"), True), (tr("Put back") if raised else tr("Leave it"), False)):
            button = QPushButton(text)
            button.setAccessibleName(text)
            button.setAccessibleDescription(proposal.text)
            button.setEnabled(self.desk.writable)
            button.clicked.connect(lambda _on=False, said=accepted: self._answer(proposal.id, said))
            row.addWidget(button)
        row.addStretch(1)
        self._add_source(row, proposal)
        column.addLayout(row)
        return frame

    def _add_source(self, row: QHBoxLayout, proposal: Proposal) -> None:
        session, link = self.desk.session, proposal.link
        if session is None or link is None:
            return
        button = link_button(tr("Source"))
        button.clicked.connect(lambda: self.desk.open(link))
        row.addWidget(button)
        background.query(lambda: link_text(session, link), button.setText, owner=button)

    def _answer(self, proposal_id: int, accepted: bool) -> None:
        session = self.desk.session
        # A second click comes before the notice has gone.
        waits = session is not None and any(
            proposal.id == proposal_id for proposal in session.board.state.open_proposals()
        )
        if session is not None and waits:
            self.desk.attempt(lambda: session.risks.answer(proposal_id, accepted))


def _title(proposal: Proposal) -> str:
    return {
        ProposalKind.RAISED: tr("Watch crossed"),
        ProposalKind.LOWER: tr("Back within its limit"),
        ProposalKind.RESIDUAL: tr("A mitigation was tried"),
    }[proposal.kind]


def _step(proposal: Proposal, register: Register) -> str:
    (was, impact), (now, after) = proposal.before, proposal.after
    thresholds, moment = register.charter.thresholds, number_format.date_time(proposal.at)
    before, score = (score_text(value, thresholds) for value in (was * impact, now * after))
    if proposal.kind is ProposalKind.RAISED:
        return tr("Probability moved {was} → {now} on {at}: {before} → {score}",
                  was=was, now=now, at=moment, before=before, score=score)  # fmt: skip
    if proposal.kind is ProposalKind.LOWER:
        return tr("Proposes probability {was} → {now}: {before} → {score}",
                  was=was, now=now, before=before, score=score)  # fmt: skip
    return tr("Proposes {score} after treatment: probability {now}, impact {impact}",
              score=score, now=now, impact=after)  # fmt: skip
