"""What every page of the Board pane is."""

from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from workbench.gui.actions import Action
from workbench.gui.theme import GAP

if TYPE_CHECKING:
    from workbench.gui.panes.base import Pane
    from workbench.services.session import Session

PLACE = "pages"
"""Name of the part of the pane that the pages lie in."""


class Page(QWidget):
    """One page of the pane. It is made when it is first shown, and reads when it is shown or told to.

    Sub-classes fill `self.body` and implement `reload`; quick changes go through `self.pane.attempt`,
    slow reads through `background.query`.

    Args:
        pane: The Board pane, with its `session`, `shell`, `attempt` and `tell`.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    purpose: ClassVar[str] = ""
    primary: ClassVar[str] = ""
    """Label of the pane's primary action while this page is shown."""

    def __init__(self, pane: "Pane") -> None:
        super().__init__(pane.findChild(QStackedWidget, PLACE))
        self.pane = pane
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(GAP)

    @property
    def session(self) -> "Session | None":
        """The open project."""
        return self.pane.session

    def reload(self) -> None:
        """Show the project as it is now; called when the page is shown and when the board has changed."""
        raise NotImplementedError

    def act(self) -> None:
        """Carry out the primary action."""

    def select(self, **target: Any) -> None:
        """Show what another pane asked for, such as `card_id=3`."""

    def actions_of(self) -> list[Action]:
        """Return what can be done here with keys."""
        return []
