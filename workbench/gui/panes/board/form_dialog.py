"""What the dialogs of the Board pane have in common."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from workbench.core.errors import UserError
from workbench.gui.theme import GAP, MARGIN, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import PlainLabel


class FormDialog(QDialog):
    """A title, a line of what it is about, a body, a problem in place, and Cancel beside one action.

    Sub-classes fill `self.body` and implement `save`, which may raise a UserError.

    Args:
        title: Title of the window.
        about: What this is for; empty for none.
        action: Label of the button that does it.
        parent: The page.
    """

    def __init__(self, title: str, about: str, action: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(440)
        self.body = QVBoxLayout()
        self.body.setSpacing(GAP)
        self.problem = PlainLabel(role="problem", wrap=True)
        self.problem.hide()
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        self.cancel = self.add_button(tr("Cancel"), self.reject)
        self.action = self.add_button(action, self.try_save)
        restyle(self.action, primary=True)
        self.action.setDefault(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        column.setSpacing(GAP)
        if about:
            column.addWidget(PlainLabel(about, "muted", wrap=True))
        column.addLayout(self.body, 1)
        column.addWidget(self.problem)
        column.addSpacing(4)
        column.addLayout(self.buttons)

    def save(self) -> None:
        """Do it."""
        raise NotImplementedError

    def try_save(self) -> None:
        """Do it and close, or say in place what is wrong."""
        try:
            self.save()
        except UserError as error:
            self.tell(error)
        else:
            self.accept()

    def tell(self, error: UserError) -> None:
        """Say what is wrong."""
        text = str(error)
        self.problem.setText(text[:1].upper() + text[1:])
        self.problem.show()

    def add_entry(self, title: str, entry: QWidget) -> None:
        """Put an entry with its title above into the body."""
        entry.setAccessibleName(title)
        label = PlainLabel(title, "muted")
        label.setBuddy(entry)
        both = QVBoxLayout()
        both.setSpacing(4)
        both.addWidget(label)
        both.addWidget(entry)
        self.body.addLayout(both)

    def add_button(self, text: str, act: Callable[[], object]) -> QPushButton:
        """Put a button at the end of the row and return it."""
        button = QPushButton(text)
        button.setAccessibleName(text)
        button.setAutoDefault(False)
        button.clicked.connect(lambda _checked=False: act())
        self.buttons.addWidget(button)
        return button
