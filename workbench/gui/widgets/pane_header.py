"""The line that every pane begins with."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSizePolicy, QWidget

from workbench.gui.theme import icon, restyle
from workbench.gui.widgets.labels import ElidedLabel, PlainLabel


class PaneHeader(QWidget):
    """Title, one line of what the pane is for, its actions and its one primary action at the right.

    Args:
        title: The pane's name.
        purpose: One line of what it is for.
    """

    primary_triggered = Signal()

    def __init__(self, title: str, purpose: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._purpose = ElidedLabel(purpose, "subtitle")
        self._actions = QHBoxLayout()
        self._actions.setSpacing(8)
        self._primary: QPushButton | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(PlainLabel(title, "title"))
        row.addWidget(self._purpose, 1)
        row.addLayout(self._actions)
        self.setMinimumHeight(36)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_purpose(self, purpose: str) -> None:
        """Show another line of what the pane is for."""
        self._purpose.setText(purpose)

    def add_action(
        self, text: str, icon_name: str = "", menu: QMenu | None = None, tip: str = ""
    ) -> QPushButton:
        """Add a secondary action, left of the primary one; returns its button."""
        button = _button(text, icon_name, tip)
        if menu is not None:
            button.setMenu(menu)
            button.setProperty("menu", True)
        self._actions.insertWidget(self._actions.count() - (self._primary is not None), button)
        return button

    def set_primary(self, text: str, tip: str = "") -> QPushButton:
        """Set the one primary action; returns its button. `primary_triggered` tells of a click."""
        if self._primary is None:
            self._primary = _button(text, "", tip)
            restyle(self._primary, primary=True)
            self._primary.clicked.connect(self.primary_triggered)
            self._actions.addWidget(self._primary)
        self._primary.setText(text)
        self._primary.setAccessibleName(text)
        self._primary.setToolTip(tip)
        return self._primary


def _button(text: str, icon_name: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setToolTip(tip)
    if icon_name:
        button.setIcon(icon(icon_name, "text"))
    return button
