"""The decision log: what was decided, when, by whom, why, and the numbers as they were."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from workbench.core.board import Decision, Figure
from workbench.core.risks import Link
from workbench.core.states import DecisionKind, Verdict
from workbench.gui.item_models.records import Column
from workbench.gui.panes.base import Pane, Shell
from workbench.gui.panes.board.decision_dialogs import DecisionDialog, ReleaseDialog, releasable
from workbench.gui.panes.board.page import Page
from workbench.gui.panes.board.words import kind_title, kind_tone, source_button, tell_done, verdict_look
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.widgets import number_format
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.labels import IconLabel, PlainLabel, rule
from workbench.gui.widgets.table import Table

if TYPE_CHECKING:
    from workbench.core.records import Run


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log, and whether a newer one takes it back."""

    decision: Decision
    taken_back: bool


class DecisionsPage(Page):
    """The log, newest first. It only ever grows."""

    name: ClassVar[str] = "decisions"
    title: ClassVar[str] = "Decisions"
    purpose: ClassVar[str] = "What was decided, by whom, why, and the numbers as they were."
    primary: ClassVar[str] = "Record a decision"

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self.lines: list[Line] = []
        self.dialog: DecisionDialog | ReleaseDialog | None = None
        self.table: Table[Line] = Table(
            _columns(),
            tr("Decisions"),
            key="decisions",
            identity=lambda line: line.decision.id,
            empty_text=tr("No decision is like that."),
        )
        self.detail = _Detail(pane.shell)
        self.search = QLineEdit()
        self.kind = ElidedComboBox()
        self.release = QPushButton(tr("Release a run"))
        self._empty = EmptyState(
            "scales",
            tr("Nothing is decided yet"),
            tr(
                "Gates that are passed, risks that are accepted and goals that change stand here by "
                "themselves. Record what else the team decides, with its reason."
            ),
            tr("Record the first decision"),
        )
        self._lay_out()
        self.table.selection_changed.connect(self._on_selected)
        self.search.textChanged.connect(lambda _text: self._show())
        self.kind.currentIndexChanged.connect(lambda _at: self._show())
        self.release.clicked.connect(lambda _checked=False: self._ask_release())
        self._empty.triggered.connect(self.act)

    def reload(self) -> None:
        """Show the log as it is now."""
        decisions = self.session.board.decisions() if self.session is not None else []
        gone = {decision.takes_back for decision in decisions}
        self.lines = [Line(decision, decision.id in gone) for decision in reversed(decisions)]
        writable = self.session is not None and not self.session.read_only
        self.release.setEnabled(writable)
        self._empty.setEnabled(writable)
        self._stack.setCurrentIndex(1 if self.lines else 0)
        self._show()

    def act(self) -> None:
        """Ask what was decided."""
        if self.session is not None and not self.session.read_only:
            self.dialog = DecisionDialog(self.session, self._record, self)
            self.dialog.open()

    def select(self, **target: Any) -> None:
        """Show a line of the log, whatever is filtered."""
        self.reload()
        number = target.get("decision_id")
        if any(line.decision.id == number for line in self.lines):
            self.search.clear()
            self.kind.setCurrentIndex(0)
            self.table.select(lambda line: line.decision.id == number)
            self.table.setFocus()

    def _record(self, title: str, reason: str) -> None:
        session = self.session
        if session is not None:
            session.board.decide(session.board.decision(DecisionKind.OTHER, title, reason))
            tell_done(self.pane, tr("The decision is recorded."))

    def _ask_release(self) -> None:
        session = self.session
        if session is None or session.read_only:
            return
        runs = releasable(session)
        if not runs:
            self.pane.banner.tell(tr("There is no finished run to release yet: train one first."), "info")
            return
        self.dialog = ReleaseDialog(session, runs, self._release, self)
        self.dialog.open()

    def _release(self, run: "Run", reason: str, figures: tuple[Figure, ...]) -> None:
        session = self.session
        if session is not None:
            title = tr("Released {name}", name=run.name)
            kind, links = DecisionKind.RUN_RELEASED, (Link("run", run.id),)
            decision = session.board.decision(kind, title, reason, links)
            session.board.decide(replace(decision, figures=figures))
            tell_done(self.pane, tr("{name} is released.", name=run.name))

    def _show(self) -> None:
        wanted, kind = self.search.text().casefold().split(), self.kind.currentData()
        shown = [
            line
            for line in self.lines
            if (not kind or line.decision.kind == kind) and _has(line.decision, wanted)
        ]
        self.table.set_records(shown)
        if not self.table.selected() and shown:
            newest = shown[0].decision.id
            self.table.select(lambda line: line.decision.id == newest)
        self._on_selected(self.table.selected())

    def _on_selected(self, lines: Sequence[Line]) -> None:
        self.detail.show_line(lines[0] if lines else None, self.lines)

    def _lay_out(self) -> None:
        self.search.setPlaceholderText(tr("Search decisions"))
        self.search.setAccessibleName(tr("Search decisions"))
        self.search.setClearButtonEnabled(True)
        self.search.setMaximumWidth(320)
        self.kind.setAccessibleName(tr("Kind"))
        self.kind.addItem(tr("Every kind"), "")
        for kind in DecisionKind:
            self.kind.addItem(kind_title(kind), kind.value)
        self.release.setAccessibleName(self.release.text())
        self.release.setIcon(icon("rocket-launch", "text"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.search, 1)
        row.addWidget(self.kind)
        row.addStretch(1)
        row.addWidget(self.release)
        card = QFrame()
        card.setProperty("role", "card")
        inside = QVBoxLayout(card)
        inside.setContentsMargins(4, 4, 4, 4)
        inside.addWidget(self.table)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.addWidget(card)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 3)
        split.setStretchFactor(1, 2)
        empty = QFrame()
        empty.setProperty("role", "card")
        QVBoxLayout(empty).addWidget(self._empty)
        self._stack = QStackedWidget()
        self._stack.addWidget(empty)
        self._stack.addWidget(split)
        self.body.addLayout(row)
        self.body.addWidget(self._stack, 1)


class _Detail(QFrame):
    """One decision in full."""

    def __init__(self, shell: Shell) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._shell = shell
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._shown: tuple[Line, bool] | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._area)
        self.setMinimumWidth(260)

    def show_line(self, line: Line | None, lines: Sequence[Line]) -> None:
        """Show a line, and the other one where one of them takes the other back."""
        self.setVisible(line is not None)
        if line is None or self._shown == (line, True):
            return
        self._shown = (line, True)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        decision = line.decision
        head = QHBoxLayout()
        head.addWidget(Badge(kind_title(decision.kind), kind_tone(decision.kind)))
        if line.taken_back:
            head.addWidget(Badge(tr("Taken back"), "danger"))
        head.addStretch(1)
        column.addLayout(head)
        column.addWidget(PlainLabel(decision.title, "section", wrap=True))
        who = decision.who or tr("nobody has said who")
        column.addWidget(PlainLabel(f"{number_format.date_time(decision.at)} · {who}", "small", wrap=True))
        if decision.reason:
            reason = PlainLabel(decision.reason, wrap=True)
            reason.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            column.addWidget(reason)
        if decision.figures:
            column.addSpacing(4)
            column.addWidget(PlainLabel(tr("Numbers as they were"), "caption"))
            judged = decision.kind in (DecisionKind.GATE_PASSED, DecisionKind.GATE_OVERRIDDEN)
            column.addLayout(self._figures(decision.figures, judged=judged))
        told = {figure.link for figure in decision.figures}
        links = [link for link in decision.links if link not in told] + _partner(decision, lines)
        if links:
            column.addSpacing(4)
            column.addWidget(PlainLabel(tr("Leads to"), "caption"))
            for link in links:
                button = source_button(self._shell, link, _about(link))
                column.addWidget(button, alignment=Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        self._area.setWidget(content)
        for widget in (self._area.viewport(), content):
            widget.setAutoFillBackground(False)

    def _figures(self, figures: Sequence[Figure], *, judged: bool) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        top = Qt.AlignmentFlag.AlignTop
        for at, figure in enumerate(figures):
            name, word, tone = verdict_look(figure.verdict)
            row = 4 * at
            if at:
                grid.addWidget(rule(), row, 0, 1, 3)
            # A figure that was only noted, such as a measure of a released run, has no verdict.
            if judged or figure.verdict is not Verdict.UNKNOWN:
                grid.addWidget(IconLabel(name, tone), row + 1, 0, top)
                verdict = PlainLabel(word, "small")
                restyle(verdict, tone=tone)
                grid.addWidget(verdict, row + 1, 2, top | Qt.AlignmentFlag.AlignRight)
            grid.addWidget(PlainLabel(figure.name, wrap=True), row + 1, 1, top)
            grid.addWidget(PlainLabel(figure.value, "muted", wrap=True), row + 2, 1, 1, 2, top)
            if figure.link is not None:
                button = source_button(self._shell, figure.link, figure.name)
                grid.addWidget(button, row + 3, 1, 1, 2, Qt.AlignmentFlag.AlignLeft)
        return grid


def _partner(decision: Decision, lines: Sequence[Line]) -> list[Link]:
    """Return a link to the line that this one takes back, or that takes this one back."""
    if decision.takes_back is not None:
        return [Link("decision", decision.takes_back)]
    return [Link("decision", line.decision.id) for line in lines if line.decision.takes_back == decision.id]


def _about(link: Link) -> str:
    return f"{link.noun} {link.id} {link.detail}".strip()


def _has(decision: Decision, words: Sequence[str]) -> bool:
    figures = " ".join(f"{figure.name} {figure.value}" for figure in decision.figures)
    text = f"{decision.title} {decision.reason} {decision.who} {figures}".casefold()
    return all(word in text for word in words)


def _columns() -> list[Column[Line]]:
    def tone(line: Line) -> str:
        return "muted" if line.taken_back or line.decision.takes_back is not None else ""

    return [
        Column(tr("When"), lambda line: line.decision.at, show=number_format.date_time, tone=tone),
        Column(
            tr("Kind"),
            lambda line: kind_title(line.decision.kind),
            badge=lambda line: "quiet" if line.taken_back else kind_tone(line.decision.kind),
        ),
        Column(tr("Decision"), _title, stretch=True, strong=True, tone=tone),
        Column(tr("Who"), lambda line: line.decision.who or None, tone=tone),
    ]


def _title(line: Line) -> str:
    title = line.decision.title
    return tr("No longer holds · {title}", title=title) if line.taken_back else title
