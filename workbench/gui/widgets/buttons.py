"""Buttons that are quieter than a frame: a picture, a word, a link."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QToolButton

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
