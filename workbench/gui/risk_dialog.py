"""*Make a risk*: what was found becomes a risk with an owner, in one small dialog."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from workbench.core.board import Person
from workbench.core.errors import UserError
from workbench.core.risks import Link, Risk, RiskIdea
from workbench.gui import background
from workbench.gui.evidence import EvidenceView, Shown, read_evidence
from workbench.gui.panes.base import Shell
from workbench.gui.signing import Signature
from workbench.gui.translate import tr
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.person_combo import PersonCombo
from workbench.gui.widgets.score_badge import ScoreBadge
from workbench.services.evidence import with_samples

if TYPE_CHECKING:
    from workbench.services.session import Session


def make_risk(shell: Shell, session: "Session", idea: RiskIdea) -> None:
    """Offer to add a risk that was made from a finding, and lead to it when it is there.

    Args:
        shell: The window.
        session: The open project.
        idea: Such as from `session.risks.idea_from_finding`.
    """
    parent = shell if isinstance(shell, QWidget) else None

    def added(risk_id: int) -> None:
        text = tr("Added to the risks: {title}", title=idea.risk.title)
        shell.notify(text, tr("Open"), lambda: shell.go("risks", risk_id=risk_id))

    RiskFromIdea(session, idea, added, parent).open()


class OwnerChoice(PersonCombo):
    """Who answers for a risk: the people of the project; whoever sits here, else the project's owner, first.

    Another name can be written: it joins the team with the risk.
    """

    def __init__(self, session: "Session", parent: QWidget | None = None) -> None:
        super().__init__(tr("Nobody yet"), parent)
        self._session = session
        state = session.board.state
        people = [person for person in state.of(Person).values() if person.archived_at is None]
        self.set_people((person.id, person.name) for person in people)
        known = [person for person in people if person.name == session.board.who]
        self.show_person(known[0].id if known else state.charter.owner_id)

    def decide(self) -> int | None:
        """Return the person that is chosen; whoever is new joins the team."""
        value = self.value()
        return self._session.board.join(value) if isinstance(value, str) else value


class RiskFromIdea(FormDialog):
    """A ready risk: its title and owner, and whether its mitigations and its number come along.

    Args:
        session: The open project.
        idea: The risk.
        added: Gets the id of the new risk.
        parent: The window.
    """

    def __init__(
        self,
        session: "Session",
        idea: RiskIdea,
        added: Callable[[int], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(tr("Make a risk"), "", tr("Add"), parent)
        self._session, self._idea, self._added = session, idea, added
        risk = idea.risk
        self.title = QLineEdit(risk.title)
        self.title.setMaxLength(300)
        self.owner = OwnerChoice(session)
        if risk.owner_id is not None:
            self.owner.show_person(risk.owner_id)
        self.cards = QCheckBox(tr("Write the mitigations as cards"), self)
        self.watch = QCheckBox(tr("Watch the number"), self)
        badge = ScoreBadge()
        badge.set_score(risk.score, session.board.state.charter.thresholds)
        self._links = risk.evidence
        self.evidence = EvidenceView(leads=False)
        self.evidence.hide()
        head = QHBoxLayout()
        head.addWidget(PlainLabel(sentence_of(risk), wrap=True), 1)
        head.addWidget(badge)
        self.add_entry(tr("Title"), self.title)
        self.body.addLayout(head)
        self.body.addWidget(self.evidence)
        self.add_entry(tr("Owner"), self.owner)
        lines = [item.title for item in idea.mitigations]
        self._add_choice(self.cards, "\n".join(f"· {line}" for line in lines), bool(lines))
        words = session.risks.phrase(idea.watch) if idea.watch is not None else ""
        self._add_choice(self.watch, f"· {words}" if words else "", bool(words))
        self.signature = Signature.add_to(self, session)
        self._show_evidence()
        self.resize(500, self.sizeHint().height())
        self.action.setEnabled(not session.read_only)
        self.owner.setFocus()

    def save(self) -> None:
        """Add the risk, with what was ticked."""
        title = self.title.text().strip()
        if not title:
            raise UserError(tr("Give the risk a title."))
        self.signature.sign()
        idea = replace(self._idea, risk=replace(self._idea.risk, title=title, evidence=self._links))
        with self._session.history.together(f"Add {title}"):
            risk_id = self._session.risks.take(
                idea, self.owner.decide(), cards=self.cards.isChecked(), watch=self.watch.isChecked()
            )
        self._added(risk_id)

    def _show_evidence(self) -> None:
        """Read beside the window what shows the risk, and which samples do."""
        session, links = self._session, self._links

        def read() -> tuple[tuple[Link, ...], list[Shown]]:
            found = with_samples(session, links)
            return found, read_evidence(session, found)

        def show(answer: tuple[tuple[Link, ...], list[Shown]]) -> None:
            self._links, shown = answer
            self.evidence.set_evidence(shown)
            self.evidence.setVisible(bool(shown))
            self.resize(self.width(), max(self.height(), self.sizeHint().height()))

        def failed(error: Exception) -> None:
            # The risk can be made without its pictures.
            session.report_fault(error)

        if links:
            background.query(read, show, failed, owner=self, key="evidence")

    def _add_choice(self, box: QCheckBox, about: str, there: bool) -> None:
        box.setAccessibleName(box.text())
        box.setChecked(there)
        box.setVisible(there)
        if there:
            both = QVBoxLayout()
            both.setSpacing(2)
            both.addWidget(box)
            text = PlainLabel(about, "small", wrap=True)
            text.setContentsMargins(24, 0, 0, 0)
            both.addWidget(text)
            self.body.addLayout(both)


def sentence_of(risk: Risk) -> str:
    """Return cause, event and effect in one line; what is not filled in is left out."""
    text = "  →  ".join(part for part in (risk.cause, risk.event, risk.effect) if part)
    return f"{text[:1].upper()}{text[1:]}"
