"""A new risk: a title, an owner and a category; the rest follows in full."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from workbench.core.errors import UserError
from workbench.core.risks import Risk
from workbench.gui.panes.risks.words import category_word
from workbench.gui.risk_dialog import OwnerChoice
from workbench.gui.signing import Signature
from workbench.gui.translate import tr
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.services.risks import REVIEW_DAYS

if TYPE_CHECKING:
    from workbench.services.session import Session


class NewRisk(FormDialog):
    """Asks for the little that a risk needs to be there.

    Args:
        session: The open project.
        added: Gets the id of the new risk.
        parent: The window.
    """

    def __init__(self, session: "Session", added: Callable[[int], object], parent: QWidget | None) -> None:
        super().__init__(
            tr("New risk"), tr("What may go wrong? Everything else can be said later."), tr("Add"), parent
        )
        self._session, self._added = session, added
        self.title = QLineEdit()
        self.title.setMaxLength(300)
        self.title.setPlaceholderText(tr("Such as: the rare class is missed in use"))
        self.owner, self.category = OwnerChoice(session), QComboBox()
        for name in session.board.state.charter.categories:
            self.category.addItem(category_word(name), name)
        self.add_entry(tr("Title"), self.title)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.add_entry(tr("Owner"), self.owner, row)
        self.add_entry(tr("Category"), self.category, row)
        self.body.addLayout(row)
        self.signature = Signature.add_to(self, session)
        self.title.setFocus()

    def save(self) -> None:
        """Add the risk; it is looked at again in two weeks."""
        title = self.title.text().strip()
        if not title:
            raise UserError(tr("Give the risk a title."))
        self.signature.sign()
        with self._session.history.together(f"Add {title}"):
            risk = Risk(
                0,
                title,
                self.category.currentData(),
                owner_id=self.owner.decide(),
                next_review=date.today() + timedelta(days=REVIEW_DAYS),
            )
            risk_id = self._session.risks.save(risk)
        self._added(risk_id)
