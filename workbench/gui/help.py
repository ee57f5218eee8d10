"""Help for the pane that is open (F1), and the list of keys (Ctrl+/)."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workbench.gui.actions import Action
from workbench.gui.translate import tr
from workbench.gui.widgets.labels import PlainLabel


def show_help(title: str, text: str, parent: QWidget) -> QDialog:
    """Show what a pane is for and how it is used."""
    label = PlainLabel(text, wrap=True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setMinimumWidth(420)
    return _show(tr("Help: {title}", title=title), label, parent)


def show_keys(actions: Sequence[Action], parent: QWidget) -> QDialog:
    """Show every action that has keys."""
    table = QWidget()
    grid = QGridLayout(table)
    grid.setContentsMargins(0, 0, 16, 0)
    grid.setHorizontalSpacing(32)
    grid.setVerticalSpacing(8)
    for row, action in enumerate(action for action in actions if action.shortcut):
        keys = [
            QKeySequence(part).toString(QKeySequence.SequenceFormat.NativeText)
            for part in action.shortcut.split("; ")
        ]
        grid.addWidget(PlainLabel(" · ".join(keys), "strong"), row, 0)
        grid.addWidget(PlainLabel(action.title), row, 1)
    grid.setColumnStretch(1, 1)
    return _show(tr("Keys"), table, parent)


def _show(title: str, content: QWidget, parent: QWidget) -> QDialog:
    dialog = QDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setAccessibleName(title)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(24, 24, 24, 16)
    column.setSpacing(16)
    column.addWidget(PlainLabel(title, "title"))
    area = QScrollArea()
    area.setWidget(content)
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    column.addWidget(area, 1)
    close = QPushButton(tr("Close"))
    close.setAccessibleName(tr("Close"))
    close.clicked.connect(dialog.close)
    column.addWidget(close, alignment=Qt.AlignmentFlag.AlignRight)
    dialog.resize(560, min(640, content.sizeHint().height() + 160))
    dialog.open()
    return dialog
