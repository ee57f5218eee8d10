"""Asks about gates: whether the project goes on, and what a gate asks."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QWidget,
)

from workbench.core.errors import UserError
from workbench.core.registry import Choice
from workbench.core.states import Stage
from workbench.gui import background
from workbench.gui.offers import offer_choices
from workbench.gui.panes.board.words import stage_title, verdict_look
from workbench.gui.signing import Signature
from workbench.gui.theme import restyle
from workbench.gui.translate import tr
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.elided_combo import ElidedComboBox
from workbench.gui.widgets.form_dialog import FormDialog
from workbench.gui.widgets.labels import IconLabel, PlainLabel, tip
from workbench.gui.widgets.param_form import ParamForm

if TYPE_CHECKING:
    from workbench.core.board import Criterion
    from workbench.services.gates import CriterionState, Gate
    from workbench.services.session import Session

_MOST_HIGH = 320
_PAUSE_MS = 250


class MoveDialog(FormDialog):
    """The gate once more, and whether the project goes on.

    `agreed` carries the reason, which is empty where none is due.

    Args:
        session: The open project.
        gate: As it is now.
        following: The stage that follows.
        parent: The page.
    """

    agreed = Signal(str)

    def __init__(self, session: "Session", gate: "Gate", following: Stage, parent: QWidget) -> None:
        title = tr("Move to {stage}", stage=stage_title(following))
        super().__init__(title, "", tr("Pass the gate") if gate.open else tr("Pass anyway"), parent)
        self._open = gate.open
        self.setMinimumWidth(560)
        met = len(gate.items) - len(gate.lacks)
        head = PlainLabel(tr("{stage} gate", stage=stage_title(gate.stage)), "section")
        self.body.addWidget(head)
        if gate.items:
            self.body.addWidget(_scrolled(_CriteriaList(gate)), 1)
        self.body.addWidget(PlainLabel(_verdict_words(gate, met), "muted", wrap=True))
        self.reason = QLineEdit(self)
        self.reason.setMaxLength(2000)
        if not gate.open:
            self.reason.setPlaceholderText(tr("Stands in the decision log and on the gate"))
            self.add_entry(tr("Why go on all the same?"), self.reason)
            self.reason.textChanged.connect(self._on_typed)
            restyle(self.action, primary=False, danger=True)
            self.reason.setFocus()
            self._on_typed("")
        else:
            self.reason.hide()
        self.signature = Signature.add_to(self, session)

    def save(self) -> None:
        """Hand on that it goes on, and why."""
        reason = self.reason.text().strip()
        if not self._open and not reason:
            raise UserError(tr("Say why the project goes on all the same."))
        self.signature.sign()
        self.agreed.emit(reason)

    def _on_typed(self, text: str) -> None:
        self.action.setEnabled(bool(text.strip()))
        self.action.setToolTip("" if text.strip() else tip(tr("Needs a reason")))


def _verdict_words(gate: "Gate", met: int) -> str:
    if not gate.items:
        return tr("This gate asks nothing: it stands open.")
    if gate.open:
        return tr("Everything that the gate asks is met.")
    return tr(
        "{met} of {count} criteria are met. The project can go on all the same, with a reason.",
        met=met,
        count=len(gate.items),
    )


class _CriteriaList(QWidget):
    def __init__(self, gate: "Gate") -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(2, 1)
        top = Qt.AlignmentFlag.AlignTop
        for row, item in enumerate(gate.items):
            name, word, tone = verdict_look(item.judged.verdict)
            verdict = PlainLabel(word)
            restyle(verdict, tone=tone)
            text = PlainLabel(f"{item.title}\n{item.judged.text}", wrap=True)
            grid.addWidget(IconLabel(name, tone), row, 0, top)
            grid.addWidget(verdict, row, 1, top)
            grid.addWidget(text, row, 2, top)
        grid.setRowStretch(len(gate.items), 1)


class CriterionDialog(FormDialog):
    """One criterion as a form: what kind, and its fields.

    Args:
        session: The open project.
        stage: The stage whose gate asks it.
        before: The criterion that is changed; None adds one.
        parent: The page.
    """

    def __init__(self, session: "Session", stage: Stage, before: "Criterion | None", parent: QWidget) -> None:
        words = {"stage": stage_title(stage)}
        title = tr("Change criterion") if before else tr("Add criterion")
        about = tr("What has to be true before the project leaves {stage}.", **words)
        super().__init__(title, about, tr("Save") if before else tr("Add"), parent)
        self.setMinimumWidth(480)
        self._session, self._stage, self._before = session, stage, before
        self._kinds = session.gates.kinds()
        self._choices = {"fact": session.risks.facts()}
        self._forms: dict[str, ParamForm] = {}
        self._fact: object = None
        self.kind: QComboBox = ElidedComboBox()
        for kind in self._kinds:
            self.kind.addItem(kind.title, kind.name)
            self.kind.setItemData(self.kind.count() - 1, tip(kind.text), Qt.ItemDataRole.ToolTipRole)
        self.add_entry(tr("Criterion"), self.kind)
        self._text = PlainLabel(role="small", wrap=True)
        self.body.addWidget(self._text)
        self._stack = QStackedWidget()
        self._scroll = _scrolled(self._stack)
        self.body.addWidget(self._scroll, 1)
        self.verdict, self.measured = Badge(), PlainLabel(wrap=True)
        self.body.addWidget(self._now())
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(_PAUSE_MS)
        self._soon.timeout.connect(self._measure)
        at = self.kind.findData(before.name) if before else 0
        self.kind.setCurrentIndex(max(0, at))
        self._show_kind()
        if before is not None and at >= 0:
            self.form.set_values(_known(self._kinds[at], before.fields))
        self.kind.currentIndexChanged.connect(lambda _at: self._show_kind())
        self._soon.start()

    @property
    def form(self) -> ParamForm:
        """The fields of the kind that is chosen."""
        return self._forms[str(self.kind.currentData())]

    def save(self) -> None:
        """Keep it."""
        number = self._before.id if self._before else 0
        self._session.gates.save(self._stage, str(self.kind.currentData()), self.form.values(), number)

    def tell(self, error: UserError) -> None:
        """Say at each field what is wrong."""
        if error.fields and any(name in self.form.shown() for name in error.fields):
            self.form.show_problems(error.fields)
        else:
            super().tell(error)

    def _show_kind(self) -> None:
        kind = self._kinds[self.kind.currentIndex()]
        self._text.setText(kind.text)
        if kind.name not in self._forms:
            form = self._forms[kind.name] = ParamForm(kind, self._choices)
            form.changed.connect(self._on_changed)
            self._stack.addWidget(form)
        self._stack.setCurrentWidget(self.form)
        self.problem.hide()
        self._scroll.setVisible(bool(kind.model_fields))
        self._on_changed()

    def _on_changed(self) -> None:
        self._take_side()
        offer_choices(self._session, self.form)
        self._fit()
        self._soon.start()

    def _take_side(self) -> None:
        """Begin on the side of the limit that is wrong for the number that was chosen now."""
        fact = self.form.values().get("fact")
        if fact is not None and fact != self._fact:
            wrong = {kind.name: kind.wrong for kind in self._choices["fact"]}
            if self._fact is not None and fact in wrong:
                self.form.field("condition").set_value(wrong[str(fact)])
            self._fact = fact

    def _now(self) -> QFrame:
        box = QFrame()
        box.setProperty("role", "notice")
        row = QHBoxLayout(box)
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(12)
        row.addWidget(PlainLabel(tr("Now"), "muted"))
        row.addWidget(self.verdict)
        row.addWidget(self.measured, 1)
        return box

    def _measure(self) -> None:
        """Judge beside the window what is entered."""
        session, stage, name = self._session, self._stage, str(self.kind.currentData())
        if self.form.problems():
            self._show_now("", "", tr("Something above is not right yet."))
            return
        values = self.form.values()
        background.query(
            lambda: session.gates.judge(stage, name, values),
            self._show_judged,
            lambda error: self._show_now("", "", str(error)),
            owner=self,
            key="now",
        )

    def _show_judged(self, found: "CriterionState") -> None:
        _, word, tone = verdict_look(found.judged.verdict)
        self._show_now(word, tone, found.judged.text)

    def _show_now(self, word: str, tone: str, text: str) -> None:
        self.verdict.set_badge(word, tone)
        self.verdict.setVisible(bool(word))
        self.measured.setText(text)
        self._fit()

    def _fit(self) -> None:
        wanted = self.form.sizeHint().height() + 4
        # All else of the dialog takes its room too.
        most = max(_MOST_HIGH, self.screen().availableGeometry().height() - 360)
        self._scroll.setFixedHeight(min(wanted, most))
        self.adjustSize()


def _known(kind: type[Choice], fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name in kind.model_fields}


def _scrolled(content: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    area.setMaximumHeight(_MOST_HIGH)
    area.setWidget(content)
    area.viewport().setAutoFillBackground(False)
    content.setAutoFillBackground(False)
    return area
