"""The *Undo* beside the word of what was done: it takes back that very change and nothing else."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.core.errors import UserError
from workbench.gui.translate import tr

if TYPE_CHECKING:
    from workbench.gui.panes.base import Shell
    from workbench.services.history import Change
    from workbench.services.session import Session


def offer_undo(
    shell: "Shell",
    session: "Session",
    text: str,
    change: "Change | None",
    then: Callable[[], object] | None = None,
) -> None:
    """Say what was done, and offer to take it back; where that cannot be any more, a sentence says why.

    Args:
        shell: The window.
        session: The project in which it was done.
        text: What was done.
        change: From `session.history.last`; None where nothing was changed.
        then: Called when it was taken back, for who does not wait for the event.
    """
    if change is None:
        shell.notify(text)
        return

    def take_back() -> None:
        # Another project may be open by now; its own history knows nothing of this change.
        if shell.session is not session:
            return
        try:
            session.history.take_back(change)
        except UserError as error:
            shell.notify(str(error))
        else:
            if then is not None:
                then()

    shell.notify(text, tr("Undo"), take_back)
