"""The stages of the project, and what has to be true before it leaves each."""

from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from workbench.core.board import Criterion
from workbench.core.errors import UserError
from workbench.core.risks import Link
from workbench.core.states import DecisionKind, Stage, Verdict
from workbench.gui import background
from workbench.gui.panes.base import Pane
from workbench.gui.panes.board.gate_dialogs import CriterionDialog, MoveDialog
from workbench.gui.panes.board.gate_rows import CriterionRows
from workbench.gui.panes.board.page import Page
from workbench.gui.panes.board.words import source_button, stage_title, tell_done
from workbench.gui.theme import icon, restyle
from workbench.gui.translate import tr
from workbench.gui.undo_offer import offer_undo
from workbench.gui.widgets import number_format
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.cards import EmptyState
from workbench.gui.widgets.labels import IconLabel, PlainLabel
from workbench.gui.widgets.stage_line import StageLine, Step

if TYPE_CHECKING:
    from workbench.core.board import Decision
    from workbench.services.gates import Gate
    from workbench.services.history import Change
    from workbench.services.session import Session

STAGES = tuple(Stage)


class GatesPage(Page):
    """The five stages, and the gate of the chosen one as it is measured now."""

    name: ClassVar[str] = "gates"
    title: ClassVar[str] = "Gates"
    purpose: ClassVar[str] = "What has to be true before the project goes on."
    primary: ClassVar[str] = "Move on"

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self.gates: list[Gate] = []
        self.dialog: MoveDialog | CriterionDialog | None = None
        self._of: Session | None = None
        self._stage = Stage.INITIATION
        self._chosen: Stage | None = None
        self._moving = False
        self.line = StageLine(tr("Stages"), len(STAGES))
        self.line.chosen.connect(self._choose)
        self.rows = CriterionRows(pane.shell)
        self.rows.change.connect(self._edit)
        self.rows.place.connect(self._move_criterion)
        self.rows.remove.connect(self._remove)
        self.add = QPushButton(tr("Add criterion"))
        self.add.setAccessibleName(tr("Add criterion"))
        self.add.setIcon(icon("plus", "text"))
        self.add.clicked.connect(lambda _checked=False: self._edit(0))
        self._empty = EmptyState(
            "flag",
            tr("This gate asks nothing yet"),
            tr("Say what has to be true before the project leaves this stage; it is measured by itself."),
            tr("Add first criterion"),
        )
        self._empty.triggered.connect(lambda: self._edit(0))
        self._waiting = PlainLabel(tr("Measuring …"), "muted")
        self._lay_out()

    def reload(self) -> None:
        """Measure all gates in a thread and show them."""
        session = self.session
        if session is not self._of:
            self._of, self.gates, self._chosen = session, [], None
        self._show()
        if session is None:
            return

        def show(gates: "list[Gate]") -> None:
            if self.session is session:
                self.gates = gates
                self._show()

        def failed(error: Exception) -> None:
            if self.session is session:
                self.pane.tell(error)

        background.query(session.gates.all, show, failed, owner=self, key="gates")

    def act(self) -> None:
        """Ask whether the project goes on to the next stage."""
        session, at = self.session, STAGES.index(self._stage)
        if session is None or not self.gates or at + 1 == len(STAGES) or self._moving:
            return
        dialog = MoveDialog(session, self.gates[at], STAGES[at + 1], self)
        dialog.agreed.connect(self._advance)
        self.dialog = dialog
        dialog.open()

    def select(self, **target: Any) -> None:
        """Show the gate of a stage."""
        known = {stage.value: stage for stage in STAGES}
        self._chosen = known.get(str(target.get("stage", "")), self._chosen)
        self._show()

    @property
    def shown(self) -> Stage:
        """The stage whose gate is shown."""
        return self._chosen or self._stage

    def _advance(self, reason: str) -> None:
        session = self.session
        if session is None:
            return

        def done(answer: "tuple[Stage, Change | None]") -> None:
            stage, change = answer
            self._moving = False
            if self.session is session:
                self._chosen = None
                text = tr("The project is in {stage} now.", stage=stage_title(stage))
                offer_undo(self.pane.shell, session, text, change)
                self.reload()

        def failed(error: Exception) -> None:
            self._moving = False
            if self.session is session:
                self.pane.tell(error)
                self._show_primary()

        self._moving = True
        self._show_primary()
        background.query(
            lambda: (session.gates.advance(reason), session.history.last), done, failed, owner=self
        )

    def _choose(self, at: int) -> None:
        self._chosen = STAGES[at]
        self._show()

    def _edit(self, number: int) -> None:
        session = self.session
        if session is None or session.read_only:
            return
        try:
            before = session.board.state.get(Criterion, number) if number else None
        except UserError as error:
            self.pane.tell(error)
            return
        self.dialog = CriterionDialog(session, self.shown, before, self)
        self.dialog.open()

    def _move_criterion(self, number: int, place: int) -> None:
        if (session := self.session) is not None:
            self.pane.attempt(lambda: session.gates.move(number, place))

    def _remove(self, number: int) -> None:
        session = self.session
        if session is not None and self.pane.attempt(lambda: session.gates.remove(number)):
            tell_done(self.pane, tr("Criterion deleted."))

    def _show(self) -> None:
        session = self.session
        self._stage = session.project.stage if session is not None else Stage.INITIATION
        writable = session is not None and not session.read_only
        here, chosen = STAGES.index(self._stage), STAGES.index(self.shown)
        known: list[Gate | None] = [*self.gates] or [None] * len(STAGES)
        self.line.set_steps([_step(s, known[i], i - here) for i, s in enumerate(STAGES)], chosen)
        gate = known[chosen]
        self.add.setEnabled(writable)
        self._empty.setEnabled(writable)
        self._heading.setText(tr("{stage} gate", stage=stage_title(self.shown)))
        self._waiting.setVisible(gate is None and session is not None)
        self._count.setVisible(gate is not None and bool(gate.items))
        self._area.setVisible(gate is not None and bool(gate.items))
        self._empty.setVisible(gate is not None and not gate.items)
        self.add.setVisible(gate is not None and bool(gate.items))
        self._show_passed(gate.passed if gate is not None and chosen < here else None)
        if gate is not None:
            met = len(gate.items) - len(gate.lacks)
            words = tr("{met} of {count} met", met=met, count=len(gate.items))
            self._count.set_badge(words, "good" if gate.open else "")
            self.rows.show_gate(gate, writable=writable)
        self._show_primary()

    def _show_primary(self) -> None:
        at = STAGES.index(self._stage)
        if self.pane.header.isHidden() or not self.isVisibleTo(self.pane):
            return
        is_last = at + 1 == len(STAGES)
        text = tr("Move on") if is_last else tr("Move to {stage}", stage=stage_title(STAGES[at + 1]))
        button = self.pane.header.set_primary(text)
        button.setVisible(not is_last)
        session = self.session
        ready = session is not None and not session.read_only and bool(self.gates) and not self._moving
        button.setEnabled(ready)

    def _show_passed(self, passed: "Decision | None") -> None:
        self._passed.setVisible(passed is not None)
        if passed is None:
            return
        overridden = passed.kind is DecisionKind.GATE_OVERRIDDEN
        when = number_format.date_time(passed.at)
        who = f" · {passed.who}" if passed.who else ""
        word = tr("Overridden") if overridden else tr("Passed")
        self._passed_icon.set_icon(*(("warning", "warning") if overridden else ("check-circle", "good")))
        self._passed_text.setText(f"{word} · {when}{who}" + (f"\n{passed.reason}" if passed.reason else ""))
        restyle(self._passed, tone="warning" if overridden else "good")
        while (item := self._passed_link.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        link = Link("decision", passed.id)
        self._passed_link.addWidget(source_button(self.pane.shell, link, passed.title))

    def _lay_out(self) -> None:
        card = QFrame()
        card.setProperty("role", "card")
        self._heading = PlainLabel(role="section")
        self._count = Badge()
        head = QHBoxLayout()
        head.setContentsMargins(16, 12, 16, 8)
        head.setSpacing(12)
        head.addWidget(self._heading)
        head.addWidget(self._count)
        head.addWidget(self._waiting)
        head.addStretch(1)
        head.addWidget(self.add)
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setWidget(self.rows)
        for widget in (self._area.viewport(), self.rows):  # the card behind them is the ground
            widget.setAutoFillBackground(False)
        column = QVBoxLayout(card)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self._make_passed())
        column.addWidget(self._area, 1)
        column.addWidget(self._empty, 1)
        column.addStretch(0)
        self.body.addWidget(self.line)
        self.body.addWidget(card, 1)

    def _make_passed(self) -> QWidget:
        self._passed = QFrame()
        self._passed.setProperty("role", "notice")
        self._passed_icon = IconLabel("warning", "warning", 20)
        self._passed_text = PlainLabel(wrap=True)
        self._passed_link = QHBoxLayout()
        row = QHBoxLayout(self._passed)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(self._passed_icon, alignment=Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._passed_text, 1)
        row.addLayout(self._passed_link)
        holder = QWidget()
        around = QVBoxLayout(holder)
        around.setContentsMargins(16, 0, 16, 8)
        around.addWidget(self._passed)
        return holder


def _step(stage: Stage, gate: "Gate | None", distance: int) -> Step:
    """Return how a stage looks; `distance` counts from where the project is."""
    title = stage_title(stage)
    met = sum(item.judged.verdict is Verdict.MET for item in gate.items) if gate is not None else 0
    words = tr("{met} of {count} met", met=met, count=len(gate.items)) if gate and gate.items else ""
    if distance == 0:
        return Step(title, "here", tr("here · {words}", words=words) if words else tr("here"), "accent")
    if distance > 0:
        return Step(title, "coming", words or tr("to come"))
    passed = gate.passed if gate is not None else None
    if passed is not None and passed.kind is DecisionKind.GATE_OVERRIDDEN:
        return Step(title, "done", tr("overridden: {reason}", reason=passed.reason), "warning", passed.reason)
    day = number_format.date(passed.at) if passed is not None else ""
    return Step(title, "done", tr("passed {day}", day=day) if day else tr("done"), "good")
