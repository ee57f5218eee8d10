"""Who signs: asked once, inside the first dialog whose outcome stands in the history, and never again."""

import os
import sys
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLineEdit, QWidget

from workbench.gui.projects import set_who, who
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import tip

if TYPE_CHECKING:
    from workbench.gui.widgets.form_dialog import FormDialog
    from workbench.services.session import Session


class Signature(QLineEdit):
    """An entry for the name of who sits here. Left empty, nothing is signed and the next dialog asks again.

    Args:
        session: The open project.
        parent: Where it is shown.
    """

    def __init__(self, session: "Session", parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self.setMaxLength(300)
        self.setAccessibleName(tr("Your name"))
        self.setPlaceholderText(tr("Signs the history; asked once"))
        self.setToolTip(tip(tr("Signs what you do in this and other projects. Team changes it.")))
        self.setText(full_name())
        self.hide()

    @classmethod
    def add_to(cls, dialog: "FormDialog", session: "Session") -> "Signature":
        """Put the entry into a dialog, where nobody has said yet who sits here."""
        entry = cls(session, dialog)
        if entry.is_wanted:
            dialog.add_entry(tr("Your name"), entry)
            entry.show()
        return entry

    @property
    def is_wanted(self) -> bool:
        """Whether nobody has said yet who sits here."""
        return not self._session.board.who and not self._session.read_only

    def sign(self) -> None:
        """Remember the name that is written, and let it join the team; what is done next is signed by it."""
        name = " ".join(self.text().split())
        if name and self.is_wanted:
            set_who(name)
            self._session.board.who = who()
            self._session.board.join(name)


def full_name() -> str:
    """Return the full name of who is logged in, as the system knows it; empty where it knows none."""
    if sys.platform == "win32":
        import ctypes

        size = ctypes.c_ulong(256)
        text = ctypes.create_unicode_buffer(size.value)
        display_name = 3
        found = ctypes.windll.secur32.GetUserNameExW(display_name, text, ctypes.byref(size))
        return text.value if found else ""
    import pwd

    try:
        entry = pwd.getpwuid(os.getuid())
    except KeyError:
        return ""
    name = entry.pw_gecos.split(",")[0].strip()
    # Accounts that no person made, such as root, are called what they log in as.
    return "" if name.casefold() == entry.pw_name.casefold() else name
