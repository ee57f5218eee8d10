"""Cards, tiles, and what an empty pane says."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from workbench.gui.theme import RADIUS, restyle, token
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.labels import ElidedLabel, IconLabel, PlainLabel


class Card(QAbstractButton):
    """A choice with a title and what it is; the whole card is the button.

    Emits `clicked`; when selectable also `toggled`. Cards with the same parent exclude each other.

    Args:
        title: Name of the choice.
        text: What it is, a sentence or two.
        reason: Why it is, or is not, the one to take.
        badge: A word such as `Recommended`.
        icon_name: Icon before the title, or empty.
        selectable: Whether a click selects it.
        name: What `property("name")` says, to tell cards apart.
    """

    def __init__(
        self,
        title: str,
        text: str,
        reason: str = "",
        badge: str = "",
        *,
        icon_name: str = "",
        selectable: bool = True,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("name", name or title)
        self.setAccessibleName(title)
        self.setAccessibleDescription(" ".join(part for part in (badge, text, reason) if part))
        self.setCheckable(selectable)
        self.setAutoExclusive(selectable)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        head = QHBoxLayout()
        head.setSpacing(8)
        if icon_name:
            head.addWidget(IconLabel(icon_name, "accent", 20))
        head.addWidget(ElidedLabel(title, "section"), 1)
        if badge:
            head.addWidget(Badge(badge, "info"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(PlainLabel(text, wrap=True))
        if reason:
            column.addWidget(PlainLabel(reason, "small", wrap=True))
        column.addStretch(1)
        for child in self.findChildren(QWidget):
            child.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def sizeHint(self) -> QSize:
        """Return the size of all texts."""
        return self._column().sizeHint()

    def minimumSizeHint(self) -> QSize:
        """Return the least size at which every word can be read."""
        return self._column().minimumSize()

    def heightForWidth(self, width: int) -> int:
        """Return the height that the wrapped texts need."""
        return self._column().heightForWidth(width)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw ground and border; selected and focused are told by border and ground."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        strong = self.isChecked() or self.hasFocus()
        ground = "accent_ground" if self.isChecked() else "raised"
        if not self.isChecked() and self.underMouse() and self.isEnabled():
            ground = "hover"
        painter.setBrush(token(ground))
        width = 2.0 if strong else 1.0
        # The border of the chosen card is the accent already: there the keyboard shows as on a main button.
        line = "text" if self.isChecked() and self.hasFocus() else "accent" if strong else "line"
        painter.setPen(QPen(token(line), width))
        inset = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), RADIUS, RADIUS)

    def _column(self) -> QVBoxLayout:
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        return column


class StatTile(QFrame):
    """One big number with what it is and how sure it is.

    Args:
        label: What the number is.
        value: The number, already formatted.
        subline: Interval, goal or comparison.
        tone: good, warning or danger colours the number; the subline has to say the same in words.
    """

    def __init__(
        self,
        label: str,
        value: str = "",
        subline: str = "",
        tone: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._label = ElidedLabel(label, "muted")
        self._value = PlainLabel(value, "big")
        self._subline = ElidedLabel(subline, "small")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(4)
        for part in (self._label, self._value, self._subline):
            column.addWidget(part)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.set_values(value, subline, tone)

    def set_values(self, value: str, subline: str = "", tone: str = "") -> None:
        """Show another number."""
        self._value.setText(value)
        self._subline.setText(subline)
        restyle(self._value, tone=tone)
        self.setAccessibleName(self._label.accessibleName())
        self.setAccessibleDescription(f"{value} {subline}".strip())


class EmptyState(QWidget):
    """What belongs in an empty place, and the action that fills it.

    Args:
        icon_name: Icon that stands for what belongs here.
        title: What is missing, in a few words.
        text: What will be here and how it comes.
        action: Label of the button; without one there is none.
    """

    triggered = Signal()

    def __init__(
        self, icon_name: str, title: str, text: str = "", action: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        centre = Qt.AlignmentFlag.AlignHCenter
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 24, 24, 24)
        column.setSpacing(8)
        column.addStretch(1)
        column.addWidget(IconLabel(icon_name, "faint", 40), alignment=centre)
        column.addSpacing(4)
        heading = PlainLabel(title, "section", wrap=True)
        heading.setAlignment(centre)
        column.addWidget(heading)
        body = PlainLabel(text, "muted", wrap=True)
        body.setAlignment(centre)
        body.setMaximumWidth(420)
        body.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(body, 100)
        row.addStretch(1)
        column.addLayout(row)
        body.setVisible(bool(text))
        self._button = QPushButton(self)
        self._button.setProperty("primary", True)
        self._button.clicked.connect(self.triggered)
        self.set_action(action)
        if action:
            column.addSpacing(8)
            column.addWidget(self._button, alignment=centre)
        column.addStretch(1)
        self.setAccessibleName(title)

    def set_action(self, text: str) -> None:
        """Give the button another label; without one it is not shown."""
        self._button.setText(text)
        self._button.setAccessibleName(text)
        self._button.setVisible(bool(text))
