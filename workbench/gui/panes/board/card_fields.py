"""Parts of the card editor: a titled field, rows of what a card points to, small buttons."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.theme import icon, restyle
from workbench.gui.widgets.labels import IconLabel, PlainLabel, tip


class Labeled(QWidget):
    """A field with its title above and, where something is wrong, a sentence below.

    Args:
        title: What the field is.
        control: The field.
        more: A small button at the right of the title.
    """

    def __init__(self, title: str, control: QWidget, more: QWidget | None = None) -> None:
        super().__init__()
        self.control = control
        label = PlainLabel(title, "muted")
        label.setBuddy(control)
        self._problem = PlainLabel(role="problem", wrap=True)
        self._problem.hide()
        head = QHBoxLayout()
        head.addWidget(label, 1)
        if more is not None:
            head.addWidget(more)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(control)
        column.addWidget(self._problem)

    @property
    def problem(self) -> str:
        """What is wrong; empty where nothing is."""
        return self._problem.text()

    def tell(self, sentence: str) -> None:
        """Show what is wrong with the entry; an empty sentence takes it away."""
        self._problem.setText(sentence[:1].upper() + sentence[1:])
        self._problem.setVisible(bool(sentence))
        self.control.setAccessibleDescription(self._problem.text())


class _LinkButton(QPushButton):
    """A link whose words end in an ellipsis where they do not fit."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self._words = words
        self.setAccessibleName(words)
        self.setToolTip(tip(words))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        restyle(self, link=True)

    def sizeHint(self) -> QSize:
        """Return the room for the words."""
        return QSize(self.fontMetrics().horizontalAdvance(self._words) + 8, 28)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and words, at the left."""
        painter, option = QStylePainter(self), QStyleOptionButton()
        self.initStyleOption(option)
        painter.drawControl(QStyle.ControlElement.CE_PushButtonBevel, option)
        painter.setPen(self.palette().buttonText().color())
        room = self.rect().adjusted(4, 0, -4, 0)
        shown = painter.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room.width())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextSingleLine
        painter.drawText(room, int(flags), shown)
        painter.end()


class PointerRows(QWidget):
    """What a card points to, one below the other: a link that opens it and a button that takes it away.

    `opened` and `removed` carry the number of the row.

    Args:
        remove: Words of the button that takes a row away.
    """

    opened = Signal(int)
    removed = Signal(int)

    def __init__(self, remove: str) -> None:
        super().__init__()
        self._remove = remove
        self._rows: list[tuple[str, str, bool]] = []
        self._made: list[QWidget] = []
        self._editable = True
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    @property
    def words(self) -> list[str]:
        """What the rows say, from top to bottom."""
        return [words for _, words, _ in self._rows]

    def set_rows(self, rows: Sequence[tuple[str, str, bool]], *, editable: bool) -> None:
        """Show rows: an icon, words, and whether it is still there to be opened."""
        if list(rows) == self._rows and editable == self._editable:
            return
        self._rows, self._editable = list(rows), editable
        for widget in self._made:
            self._column.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self._made = [self._row(at, *row) for at, row in enumerate(rows)]
        self.setVisible(bool(rows))
        for widget in self._made:
            self._column.addWidget(widget)
            widget.show()  # at once: a layout would wait for the next turn

    def _row(self, at: int, icon_name: str, words: str, is_there: bool) -> QWidget:
        widget = QWidget()
        row = QHBoxLayout(widget)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(IconLabel(icon_name))
        link = _LinkButton(words)
        link.setEnabled(is_there)
        link.clicked.connect(lambda: self.opened.emit(at))
        row.addWidget(link, 1)
        away = QToolButton()
        away.setIcon(icon("x"))
        away.setAccessibleName(self._remove)
        away.setAccessibleDescription(words)
        away.setToolTip(tip(self._remove))
        away.setVisible(self._editable)
        away.clicked.connect(lambda: self.removed.emit(at))
        row.addWidget(away)
        return widget


def quiet_button(text: str) -> QPushButton:
    """Return a small button for the line of a title."""
    button = QPushButton(text)
    button.setAccessibleName(text)
    restyle(button, quiet=True)
    return button


def tool(icon_name: str, name: str) -> QToolButton:
    """Return a button that is only a picture."""
    button = QToolButton()
    button.setIcon(icon(icon_name))
    button.setAccessibleName(name)
    button.setToolTip(tip(name))
    return button


def disclosure(text: str) -> QToolButton:
    """Return a button that folds something out below it."""
    button = QToolButton()
    button.setText(text)
    button.setAccessibleName(text)
    button.setCheckable(True)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setIcon(icon("caret-right"))
    restyle(button, disclosure=True)
    button.toggled.connect(lambda on: button.setIcon(icon("caret-down" if on else "caret-right")))
    return button
