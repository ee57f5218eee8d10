"""Problems, told once and in place."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.states import Severity
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.labels import IconLabel, PlainLabel, rule

if TYPE_CHECKING:
    from workbench.core.records import Finding

_ICONS = {"info": "info", "good": "check-circle", "warning": "warning", "danger": "warning-octagon"}
_TOKENS = {"info": "accent", "good": "good", "warning": "warning", "danger": "danger"}


class Banner(QFrame):
    """One problem, or one piece of news, in the place it concerns. Hidden until `tell`."""

    action_triggered = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._icon = IconLabel("info", "accent", 20)
        self._text = PlainLabel(wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._action = QPushButton()
        self._action.clicked.connect(self.action_triggered)
        self._close = QToolButton()
        self._close.setIcon(icon("x"))
        self._close.setAccessibleName(tr("Dismiss"))
        self._close.setToolTip(tr("Dismiss"))
        self._close.clicked.connect(self._dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 8, 8, 8)
        row.setSpacing(12)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()

    def tell(self, text: str, tone: str = "danger", action: str = "", dismissable: bool = True) -> None:
        """Show one sentence.

        Args:
            text: What happened and what to do.
            tone: info, good, warning or danger.
            action: Label of a button that mends it; `action_triggered` tells of a click.
            dismissable: Whether the user can put it away.
        """
        self._text.setText(text)
        self._icon.set_icon(_ICONS[tone], _TOKENS[tone])
        self._action.setText(action)
        self._action.setAccessibleName(action)
        self._action.setVisible(bool(action))
        self._close.setVisible(dismissable)
        self.setAccessibleName(text)
        restyle(self, tone=tone)
        self.show()

    @property
    def text(self) -> str:
        """The sentence shown, or the last one that was."""
        return self._text.text()

    def _dismiss(self) -> None:
        self.hide()
        self.dismissed.emit()


class FindingList(QWidget):
    """All problems found in data, worst first, each with its count and, folded away, examples.

    `fix_requested` carries the code of the finding. Buttons appear only for codes given as fixable.
    """

    fix_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def set_findings(self, findings: "Sequence[Finding]", fixable: Sequence[str] = ()) -> None:
        """Show these findings instead of the ones before.

        Args:
            findings: In any order.
            fixable: Codes for which a *Fix* button is offered.
        """
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        if not findings:
            self._column.addWidget(_all_well())
            return
        rows = []
        order = [Severity.DANGER, Severity.WARNING, Severity.INFO]
        for index, finding in enumerate(sorted(findings, key=lambda f: (order.index(f.severity), -f.count))):
            if index:
                self._column.addWidget(rule())
            row = _FindingRow(finding, finding.code in fixable, self.fix_requested.emit)
            self._column.addWidget(row)
            rows.append(row)
        # Badges of one width let the sentences begin below each other.
        widest = max(row.badge.sizeHint().width() for row in rows)
        for row in rows:
            row.badge.setFixedWidth(widest)


def _all_well() -> QWidget:
    line = QWidget()
    row = QHBoxLayout(line)
    row.setContentsMargins(0, 4, 0, 4)
    row.setSpacing(8)
    row.addWidget(IconLabel("check-circle", "good", 20))
    row.addWidget(PlainLabel(tr("No problems found."), "muted"), 1)
    return line


class _FindingRow(QWidget):
    def __init__(self, finding: "Finding", fixable: bool, fix: Callable[[str], object]) -> None:
        super().__init__()
        words = {
            Severity.INFO: tr("Note"),
            Severity.WARNING: tr("Warning"),
            Severity.DANGER: tr("Serious"),
        }
        self.setAccessibleName(finding.message)
        head = QHBoxLayout()
        head.setSpacing(12)
        top = Qt.AlignmentFlag.AlignTop
        self.badge = Badge(
            f"{number_format.count(finding.count)} · {words[finding.severity]}", finding.severity.value
        )
        # The buttons are 28 high, a badge 20, a line of text 16: these margins put them on one line.
        place = QVBoxLayout()
        place.setContentsMargins(0, 4, 0, 0)
        place.addWidget(self.badge, alignment=top)
        head.addLayout(place)
        message = PlainLabel(finding.message, wrap=True)
        message.setContentsMargins(0, 6, 0, 6)
        head.addWidget(message, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        column.addLayout(head)
        if finding.examples:
            examples = PlainLabel("\n".join(finding.examples), "small", wrap=True)
            examples.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            examples.setContentsMargins(8, 0, 0, 8)
            examples.hide()
            button = QToolButton()
            button.setText(tr("Examples"))
            button.setAccessibleName(tr("Examples"))
            button.setAccessibleDescription(finding.message)
            button.setCheckable(True)
            button.toggled.connect(examples.setVisible)
            head.addWidget(button, alignment=top)
            column.addWidget(examples)
        if fixable:
            mend = QPushButton(tr("Fix"))
            mend.setAccessibleName(tr("Fix"))
            mend.setAccessibleDescription(finding.message)
            mend.setProperty("quiet", True)
            mend.clicked.connect(lambda: fix(finding.code))
            head.addWidget(mend, alignment=top)
