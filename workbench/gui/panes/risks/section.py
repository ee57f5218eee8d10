"""What the parts of a risk in full have in common."""

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from workbench.core.risks import Link, Risk
from workbench.gui.panes.risks.rows import Register
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.tab_order import keep_keyboard

if TYPE_CHECKING:
    from collections.abc import Callable

    from workbench.services.session import Session


class Desk(Protocol):
    """What a part may ask of the whole: the risk that is shown, and what changes it."""

    @property
    def session(self) -> "Session | None":
        """The open project."""

    @property
    def writable(self) -> bool:
        """Whether anything may be changed."""

    @property
    def risk_id(self) -> int:
        """The risk that is shown."""

    def change(self, **values: Any) -> None:
        """Give the risk other values. Can be undone."""

    def attempt(self, work: "Callable[[], object]") -> bool:
        """Do something that may be refused, and tell why it is."""

    def open(self, link: Link) -> None:
        """Show what a link points to."""

    def notify(self, text: str, action: str = "", act: "Callable[[], object] | None" = None) -> None:
        """Say at the bottom what was done."""

    def tell(self, error: Exception) -> None:
        """Tell a problem in place."""


class Section(QWidget):
    """A heading with what is below it.

    Args:
        title: The heading; empty for none.
        desk: What it may ask for.
    """

    def __init__(self, title: str, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self.head = QHBoxLayout()
        self.head.setSpacing(8)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        if title:
            self.head.addWidget(PlainLabel(title, "section"))
            self.head.addStretch(1)
            column.addLayout(self.head)
            self.setAccessibleName(title)
        column.addLayout(self.body)

    def show_risk(self, risk: Risk, register: Register) -> None:
        """Show a risk as it is now; fast."""

    def commit(self) -> None:
        """Save what is being written, before another risk is shown."""


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            keep_keyboard(widget)
            widget.hide()
            widget.deleteLater()
        elif inner is not None:
            clear(inner)
