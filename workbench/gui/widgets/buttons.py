"""Buttons that are quieter than a frame: a picture, a word, a link."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QToolButton

from workbench.gui.theme import icon, restyle
from workbench.gui.widgets.labels import tip


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
    button.setAutoDefault(False)
    restyle(button, quiet=False, link=True)
    return button


class ElidedLink(QPushButton):
    """A button that reads as a link and gives way to an ellipsis where there is little room.

    Args:
        text: Where it leads.
        about: What more there is to say of it, in its tooltip.
    """

    def __init__(self, text: str, about: str = "") -> None:
        super().__init__()
        self._full = text
        self.setAccessibleName(text)
        self.setToolTip(tip(about if about in ("", text) else f"{text}\n{about}") or tip(text))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAutoDefault(False)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        restyle(self, link=True)
        self.setText(text.replace("&", "&&"))

    def sizeHint(self) -> QSize:
        """Return the room for the whole text."""
        width = self.fontMetrics().horizontalAdvance(self._full) + 8
        return QSize(width, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Return the room for a few letters."""
        return QSize(min(64, self.sizeHint().width()), super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much as there is room for."""
        super().resizeEvent(event)
        elide = Qt.TextElideMode.ElideRight
        shown = self.fontMetrics().elidedText(self._full, elide, self.width() - 4)
        self.setText(shown.replace("&", "&&"))
