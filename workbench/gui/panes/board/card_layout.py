"""Where the parts of the card editor stand."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from workbench.gui.widgets.labels import rule

if TYPE_CHECKING:
    from workbench.gui.panes.board.card_controls import CardControls

WIDTH = 340
_ROOM = 12


def lay_out(editor: "CardControls") -> None:
    """Put the parts of the editor into their places, from the title to the history."""
    editor.setFixedWidth(WIDTH)
    column = QVBoxLayout(editor)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addLayout(_head(editor))
    area = QScrollArea(editor)
    inside = _inside(editor, area.viewport())
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    inside.setAutoFillBackground(False)
    area.viewport().setAutoFillBackground(False)
    column.addWidget(area, 1)
    column.addWidget(rule())
    column.addLayout(_actions(editor))


def _head(editor: "CardControls") -> QVBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(4)
    row.addWidget(editor.title, 1)
    row.addWidget(editor.close_button, alignment=Qt.AlignmentFlag.AlignTop)
    column = QVBoxLayout()
    # The words of the title stand above those of the fields, not their frames.
    column.setContentsMargins(_ROOM - 9, _ROOM, 8, 4)
    column.setSpacing(4)
    column.addLayout(row)
    column.addWidget(editor.title_problem)
    return column


def _inside(editor: "CardControls", parent: QWidget) -> QWidget:
    box = QVBoxLayout(editor.text_box)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(0)
    box.addWidget(editor.shown_text)
    box.addWidget(editor.text)
    inside = QWidget(parent)
    column = QVBoxLayout(inside)
    column.setContentsMargins(_ROOM, 4, _ROOM, _ROOM)
    column.setSpacing(_ROOM)
    fields = editor.fields
    column.addWidget(fields["owner_id"])
    column.addLayout(_side_by_side(fields["start"], fields["due"]))
    column.addLayout(_side_by_side(fields["estimate_days"], _lowered(editor.milestone)))
    column.addWidget(fields["tags"])
    for name in ("text", "checklist", "depends_on", "links"):
        column.addWidget(fields[name])
    column.addWidget(editor.history_button, alignment=Qt.AlignmentFlag.AlignLeft)
    column.addWidget(editor.history)
    column.addStretch(1)
    return inside


def _side_by_side(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(_ROOM)
    for widget in widgets:
        row.addWidget(widget, 1, Qt.AlignmentFlag.AlignTop)
    return row


def _lowered(widget: QWidget) -> QWidget:
    """Return a box that stands beside a field, not beside its title."""
    place = QWidget()
    column = QVBoxLayout(place)
    column.setContentsMargins(0, 24, 0, 0)
    column.addWidget(widget)
    return place


def _actions(editor: "CardControls") -> QHBoxLayout:
    row = QHBoxLayout()
    row.setContentsMargins(_ROOM, 8, _ROOM, 8)
    row.setSpacing(8)
    row.addWidget(editor.done)
    row.addStretch(1)
    row.addWidget(editor.archive)
    row.addWidget(editor.delete)
    return row
