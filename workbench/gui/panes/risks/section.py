"""What the parts of a risk in full have in common."""

from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.risks import Link, Risk
from workbench.gui.panes.risks.rows import Register
from workbench.gui.theme import icon, restyle
from workbench.gui.widgets.labels import PlainLabel, tip
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


def tool(icon_name: str, name: str, about: str = "") -> QToolButton:
    """Return a small button with a picture; `about` says of what, for assistive technology."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setAccessibleName(name)
    button.setAccessibleDescription(about)
    button.setToolTip(tip(name))
    return button


def quiet_button(text: str, icon_name: str = "", about: str = "") -> QPushButton:
    """Return a button without a frame."""
    button = QPushButton(text.replace("&", "&&"))
    if icon_name:
        button.setIcon(icon(icon_name, "accent"))
    button.setAccessibleName(text)
    button.setToolTip(tip(about))
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    restyle(button, quiet=True)
    return button


def link_button(text: str, about: str = "") -> QPushButton:
    """Return a button that reads as a link; a long text is cut in its middle."""
    shown = text if len(text) <= 60 else f"{text[:40]}…{text[-18:]}"
    button = quiet_button(shown, about=about or ("" if shown == text else text))
    button.setAccessibleName(text)
    restyle(button, quiet=False, link=True)
    return button
