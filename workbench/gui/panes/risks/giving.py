"""Who is to answer for risks from now on."""

from collections.abc import Sequence

from workbench.core.board import Person
from workbench.core.errors import UserError
from workbench.gui.panes.base import Pane
from workbench.gui.translate import tr
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.person_combo import PersonCombo
from workbench.services.risk_edits import give


class GiveDialog(FormDialog):
    """Asks for one of the team or a new name, for one risk or many at once.

    Args:
        pane: The pane, which knows the project and the window.
        risk_ids: The risks.
    """

    def __init__(self, pane: Pane, risk_ids: Sequence[int]) -> None:
        count = len(risk_ids)
        about = tr("Who answers for this risk?") if count == 1 else ""
        about = about or tr("Who answers for these {count} risks? One undo gives them back.", count=count)
        super().__init__(tr("Give risks to somebody"), about, tr("Give"), pane.window())
        self._pane, self._ids = pane, tuple(risk_ids)
        self.owner = PersonCombo(tr("Nobody"))
        state = pane.session.board.state if pane.session is not None else None
        people = state.of(Person).values() if state is not None else ()
        self.owner.set_people((one.id, one.name) for one in people if one.archived_at is None)
        self.add_entry(tr("Owner"), self.owner)
        self.owner.setFocus()

    def save(self) -> None:
        """Give them, and offer to take that back."""
        session, owner, ids = self._pane.session, self.owner.value(), self._ids
        if session is None:
            raise UserError(tr("The project is closed."))
        name = self.owner.currentText().strip() if owner is not None else tr("nobody")
        told = tr("{count} risks given to {name}", count=len(ids), name=name)
        if len(ids) == 1:
            told = tr("{title}: given to {name}", title=session.risks.get(ids[0]).title, name=name)
        self._pane.attempt_with_undo(lambda: give(session, ids, owner), told)
