"""Makes a risk out of something that was found."""

from typing import TYPE_CHECKING

from workbench.core.errors import UserError
from workbench.core.risks import RiskIdea
from workbench.gui.panes.base import Shell
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.services.session import Session


def make_risk(shell: Shell, session: "Session", idea: RiskIdea) -> None:
    """Add a risk that is ready to be taken, and offer to show it.

    Args:
        shell: The window.
        session: The open project.
        idea: The risk with what may make it smaller and what it watches.
    """
    try:
        risk_id = session.risks.take(idea)
    except UserError as error:
        shell.notify(str(error))
        return
    text = tr("Risk noted: {title}", title=idea.risk.title)
    shell.notify(text, tr("Show"), lambda: shell.go("risks", risk_id=risk_id))
