"""Problems, told once and in place."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from workbench.core.states import Severity
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.flow_layout import FlowLayout
from workbench.gui.widgets.labels import IconLabel, PlainLabel, rule

if TYPE_CHECKING:
    from workbench.core.records import Finding

Examples = Callable[["Finding"], QWidget | None]

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

    `fix_requested`, `risk_requested` and `accept_requested` carry the code of the finding. Buttons appear
    only for the codes that they are given for.

    Attributes:
        examples: Returns what shows the samples of a finding, or None for the words of its examples.
    """

    fix_requested = Signal(str)
    risk_requested = Signal(str)
    accept_requested = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.examples: Examples = lambda _finding: None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)

    def set_findings(
        self,
        findings: "Sequence[Finding]",
        fixes: Mapping[str, str] | None = None,
        weighed: Sequence[str] = (),
        accepted: Mapping[str, str] | None = None,
    ) -> None:
        """Show these findings instead of the ones before.

        Args:
            findings: In any order.
            fixes: By code what the button says that mends it; none where there is no such code.
            weighed: Codes for which *Make a risk* and *Accept* are offered.
            accepted: By code why a finding was accepted; it says so, and comes after the others.
        """
        accepted, fixes = accepted or {}, fixes or {}
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        if not findings:
            self._column.addWidget(_all_well())
            return
        rows = []
        order = [Severity.DANGER, Severity.WARNING, Severity.INFO]
        ordered = sorted(findings, key=lambda f: (f.code in accepted, order.index(f.severity), -f.count))
        for index, finding in enumerate(ordered):
            if index:
                self._column.addWidget(rule())
            verbs: list[tuple[str, Callable[[str], object]]] = []
            if finding.code in fixes:
                verbs.append((fixes[finding.code], self.fix_requested.emit))
            if finding.code in weighed:
                verbs.append((tr("Make a risk"), self.risk_requested.emit))
                if finding.code not in accepted:
                    verbs.append((tr("Accept"), self.accept_requested.emit))
            row = _FindingRow(finding, verbs, accepted.get(finding.code), self.examples)
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
    """A finding: how many and how bad, one sentence, and below it what can be done.

    Args:
        finding: The finding.
        verbs: Labels of buttons with what each does with the finding's code.
        accepted: Why it was accepted; None where it was not.
        shown: Returns what shows its samples.
    """

    def __init__(
        self,
        finding: "Finding",
        verbs: Sequence[tuple[str, Callable[[str], object]]],
        accepted: str | None,
        shown: "Examples",
    ) -> None:
        super().__init__()
        self._shown = shown
        self._samples: QWidget | None = None
        self.setAccessibleName(finding.message)
        head = QHBoxLayout()
        head.setSpacing(12)
        self.badge = _badge(finding, accepted is not None)
        # A badge is 20 high, a line of text 16: these margins put them on one line.
        place = QVBoxLayout()
        place.setContentsMargins(0, 4, 0, 0)
        place.addWidget(self.badge, alignment=Qt.AlignmentFlag.AlignTop)
        head.addLayout(place)
        said = QVBoxLayout()
        said.setContentsMargins(0, 6, 0, 2)
        said.setSpacing(4)
        said.addWidget(PlainLabel(finding.message, "muted" if accepted is not None else "", wrap=True))
        if accepted is not None:
            said.addWidget(PlainLabel(tr("Accepted: {reason}", reason=accepted), "small", wrap=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(4)
        below = QWidget()
        buttons = FlowLayout(below)
        buttons.setSpacing(4)
        column.addLayout(head)
        if finding.examples or finding.samples:
            column.addWidget(self._examples(finding, buttons))
        for text, verb in verbs:
            buttons.addWidget(_verb(text, finding, verb))
        if buttons.count():
            said.addWidget(below)
        else:
            below.deleteLater()
        head.addLayout(said, 1)

    def _examples(self, finding: "Finding", buttons: QLayout) -> QWidget:
        """Return the examples, folded away behind a button."""
        examples = PlainLabel("\n".join(finding.examples), "small", wrap=True)
        examples.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        examples.setContentsMargins(8, 0, 0, 8)
        examples.hide()
        button = QToolButton()
        button.setText(tr("Examples"))
        button.setAccessibleName(tr("Examples"))
        button.setAccessibleDescription(finding.message)
        button.setCheckable(True)
        button.toggled.connect(lambda on: self._show_examples(finding, examples, on))
        buttons.addWidget(button)
        return examples

    def _show_examples(self, finding: "Finding", words: QWidget, on: bool) -> None:
        if on and self._samples is None:
            self._samples = self._shown(finding)
            column = self.layout()
            if self._samples is not None and isinstance(column, QVBoxLayout):
                column.addWidget(self._samples)
        words.setVisible(on and self._samples is None)
        if self._samples is not None:
            self._samples.setVisible(on)


def _badge(finding: "Finding", is_accepted: bool) -> Badge:
    words = {
        Severity.INFO: tr("Note"),
        Severity.WARNING: tr("Warning"),
        Severity.DANGER: tr("Serious"),
    }
    count = number_format.count(finding.count)
    if is_accepted:
        return Badge(f"{count} · {tr('Accepted')}", "quiet")
    return Badge(f"{count} · {words[finding.severity]}", finding.severity.value)


def _verb(text: str, finding: "Finding", verb: Callable[[str], object]) -> QPushButton:
    button = QPushButton(text)
    button.setAccessibleName(text)
    button.setAccessibleDescription(finding.message)
    button.setProperty("quiet", True)
    button.clicked.connect(lambda: verb(finding.code))
    return button
