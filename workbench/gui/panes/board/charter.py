"""What the project has set itself: goal, owner, data, limits, and the card of its model."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from workbench.core.board import Charter, Goal, ModelCard, Person
from workbench.core.errors import UserError
from workbench.core.risks import Link
from workbench.gui import background
from workbench.gui.links import open_link
from workbench.gui.panes.base import Pane
from workbench.gui.panes.board.card_fields import Labeled
from workbench.gui.panes.board.goal_form import GoalForm, Measurable, measures_for
from workbench.gui.panes.board.page import Page
from workbench.gui.panes.board.words import link_button
from workbench.gui.signing import Signature
from workbench.gui.translate import tr
from workbench.gui.widgets.autosave_field import AutosaveField
from workbench.gui.widgets.badges import Badge
from workbench.gui.widgets.day_box import DayBox
from workbench.gui.widgets.labels import PlainLabel
from workbench.gui.widgets.number_box import NumberBox
from workbench.gui.widgets.person_combo import PersonCombo
from workbench.gui.widgets.tab_order import keep_keyboard
from workbench.services.board import CHARTER_LABEL

if TYPE_CHECKING:
    from workbench.services.session import Session


class CharterPage(Page):
    """Everything that gates and risks are measured against. Each field keeps itself and can be undone."""

    name: ClassVar[str] = "charter"
    title: ClassVar[str] = "Goal and limits"
    purpose: ClassVar[str] = "What the project has to reach, with what, and within which limits."

    def __init__(self, pane: Pane) -> None:
        super().__init__(pane)
        self._of: Session | None = None
        self.signature: Signature | None = None
        self._asking: QWidget | None = None
        self._owner_choice = PersonCombo(tr("Nobody yet"))
        self.fields: dict[str, AutosaveField] = {}
        self.goal = GoalForm()
        self.goal.kept.connect(self._keep_goal)
        self._card_count = Badge()
        self._area = QScrollArea()
        self._lay_out()

    def reload(self) -> None:
        """Show what the project has set itself now."""
        session = self.session
        if session is not self._of:
            # What was typed for another project must not end up in this one.
            self._of, self.signature = None, None
            for field in self.fields.values():
                field.forget()
            self.goal.show_goal(None, force=True)
        self._of = session
        charter = session.board.state.charter if session is not None else Charter()
        self._show_people()
        self._ask_name(session)
        for name, field in self.fields.items():
            field.set_value(_value_of(charter, name))
        self.goal.show_goal(charter.goal)
        missing = len(charter.model_card.missing)
        count = len(ModelCard.__dataclass_fields__)
        words = tr("{done} of {count} filled in", done=count - missing, count=count)
        self._card_count.set_badge(words, "" if missing else "good")
        currency = session.project.currency if session is not None else ""
        self.fields["budget"].set_note(currency)
        writable = session is not None and not session.read_only
        for field in self.fields.values():
            field.set_writable(writable)
        self.goal.set_writable(writable)
        if session is not None:
            background.query(
                lambda: _measurable(session), self.goal.set_known, self.pane.tell, owner=self, key="known"
            )

    def select(self, **target: Any) -> None:
        """Put the focus into a field, such as `goal`, `licence` or `model_card.limits`."""
        name = str(target.get("field", ""))
        if name == "goal":
            field = self.goal.measure
        elif name == "model_card":
            field = self.fields["model_card.intended_use"]
        elif name in self.fields:
            field = self.fields[name]
        else:
            return
        self._area.ensureWidgetVisible(field, 0, 80)
        field.control.setFocus(Qt.FocusReason.OtherFocusReason)

    def _keep(self, name: str, value: Any) -> None:
        session = self._of
        if session is None or session is not self.session or session.read_only:
            return
        try:
            self._sign()
            with session.history.together(CHARTER_LABEL):
                if isinstance(value, str) and name == "owner_id":
                    value = session.board.join(value)
                session.board.revise(CHARTER_LABEL, Charter, 1, lambda now: _with(now, name, value))
        except UserError as error:
            self.fields[name].tell(str(error))

    def _keep_goal(self, goal: Goal | None, reason: str) -> None:
        session = self._of
        if session is not None and session is self.session:
            self._sign()
            self.pane.attempt(lambda: session.board.set_goal(goal, reason))

    def _show_people(self) -> None:
        people = list(self.session.board.state.of(Person).values()) if self.session is not None else []
        self._owner_choice.set_people((p.id, p.name) for p in people if p.archived_at is None)

    def _sign(self) -> None:
        if self.signature is not None:
            self.signature.sign()

    def _ask_name(self, session: "Session | None") -> None:
        """Ask in the page itself who writes here, until somebody has said so."""
        is_wanted = session is not None and not session.board.who and not session.read_only
        if self._asking is not None and (not is_wanted or self.signature is None):
            keep_keyboard(self._asking)
            self._asking.hide()
            self._asking.deleteLater()
            self._asking = self.signature = None
        if session is not None and is_wanted and self.signature is None:
            self.signature = Signature(session, self)
            self.signature.show()
            self.signature.editingFinished.connect(self._sign)
            self._asking = Labeled(tr("Your name"), self.signature)
            self._first.insertWidget(self._first.count() - 1, self._asking)
            self._asking.show()

    def _lay_out(self) -> None:
        content = QWidget()
        both = QGridLayout(content)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(12)
        both.setColumnStretch(0, 1)
        both.setColumnStretch(1, 1)
        cards = (self._purpose(), self.goal, self._data(), self._limits())
        for at, card in enumerate(cards):
            _column(card).addStretch(1)
            both.addWidget(card, at // 2, at % 2)
        both.addWidget(self._model_card(), 2, 0, 1, 2)
        both.setRowStretch(3, 1)
        self._area.setWidgetResizable(True)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(content)
        for widget in (self._area.viewport(), content):
            widget.setAutoFillBackground(False)
        self.body.addWidget(self._area)

    def _purpose(self) -> QFrame:
        card = _card(tr("Purpose"))
        _column(card).addWidget(self._text("purpose", tr("What it is for, and for whom")))
        owner = self._owner()
        owner.add_beside(
            link_button(tr("Team →"), lambda: self.pane.select(page="team"), tr("People of the project"))
        )
        _column(card).addWidget(owner)
        self._first = _column(card)
        return card

    def _data(self) -> QFrame:
        card = _card(tr("Data"))
        source = tr("Who made the data, where they were taken, and how they came here.")
        licence = tr("What allows to use them: a licence, a contract, a consent.")
        _column(card).addWidget(self._line("data_source", tr("Source"), source))
        _column(card).addWidget(self._line("licence", tr("Licence"), licence))
        return card

    def _limits(self) -> QFrame:
        shell, link = self.pane.shell, Link("run", 0, "price")
        gap = tr("How much better training may be than validation. Default 0.1.")
        latency = tr("How long one answer may take, in milliseconds.")
        size = tr("How large the weights may be, in megabytes.")
        budget = tr("What all training together may cost; the price of an hour is set on the Train pane.")
        grid = QGridLayout()
        grid.setSpacing(12)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        grid.addWidget(self._review(), 0, 0)
        grid.addWidget(self._number("gap", tr("Gap at most"), gap, 1.0), 0, 1)
        grid.addWidget(self._number("latency_ms", tr("Latency at most"), latency, 1e9), 1, 0)
        grid.addWidget(self._number("size_mb", tr("Size at most"), size, 1e9), 1, 1)
        grid.addWidget(self._number("budget", tr("Budget for training"), budget, 1e12), 2, 0, 1, 2)
        self.fields["latency_ms"].set_note("ms")
        self.fields["size_mb"].set_note("MB")
        self.fields["budget"].add_beside(
            link_button(tr("Price per hour →"), lambda: open_link(shell, link), tr("Set on the Train pane"))
        )
        card = _card(tr("Limits"))
        _column(card).addLayout(grid)
        return card

    def _model_card(self) -> QFrame:
        card = _card(tr("Model card"))
        head = QHBoxLayout()
        head.addWidget(
            PlainLabel(tr("What a user of the model has to know. Measures come from the runs."), "muted")
        )
        head.addStretch(1)
        head.addWidget(self._card_count)
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(12)
        titles = {
            "intended_use": tr("Intended use"),
            "not_for": tr("Not for"),
            "data": tr("Data it has learnt from"),
            "limits": tr("Known limits"),
            "contact": tr("Contact"),
            "roll_back": tr("How to roll back"),
        }
        for at, (name, title) in enumerate(titles.items()):
            grid.addWidget(self._text(f"model_card.{name}", title), at // 2, at % 2)
        _column(card).addLayout(head)
        _column(card).addLayout(grid)
        return card

    def _add(self, name: str, field: AutosaveField) -> AutosaveField:
        self.fields[name] = field
        field.kept.connect(lambda value, name=name: self._keep(name, value))
        return field

    def _text(self, name: str, title: str) -> AutosaveField:
        return self._add(name, AutosaveField(title, QPlainTextEdit()))

    def _line(self, name: str, title: str, hint: str) -> AutosaveField:
        return self._add(name, AutosaveField(title, QLineEdit(), hint))

    def _owner(self) -> AutosaveField:
        hint = tr("Who answers for the project: choose somebody, or write a new name.")
        return self._add("owner_id", AutosaveField(tr("Owner"), self._owner_choice, hint))

    def _review(self) -> AutosaveField:
        hint = tr("When the team looks at goal, risks and stage again.")
        return self._add("next_review", AutosaveField(tr("Next review"), DayBox(), hint))

    def _number(self, name: str, title: str, hint: str, most: float) -> AutosaveField:
        def wrong(value: Any) -> str:
            if value is None:
                return tr("Needs a number") if name == "gap" else ""
            ok = isinstance(value, int | float) and 0 <= value <= most
            return "" if ok else tr("Has to be from 0 to {most}", most=f"{most:,.0f}")

        box = NumberBox(whole=False, minimum=0.0, maximum=most, step=0.01 if most == 1 else 0.0)
        if name != "gap":
            box.lineEdit().setPlaceholderText(tr("no limit"))
        return self._add(name, AutosaveField(title, box, hint, wrong))


def _value_of(charter: Charter, name: str) -> Any:
    if name.startswith("model_card."):
        return getattr(charter.model_card, name.removeprefix("model_card."))
    return getattr(charter, name)


def _with(charter: Charter, name: str, value: Any) -> Charter:
    part, _, inner = name.partition(".")
    if inner:
        value = replace(charter.model_card, **{inner: value})
    return replace(charter, **{part: value})


def _measurable(session: "Session") -> Measurable:
    """Return what can be measured on the dataset of the newest run, else on the newest dataset."""
    datasets = {item.id: item for item in session.datasets.all()}
    used = [run.dataset_id for run in session.training.all() if run.dataset_id in datasets]
    dataset = datasets[used[-1]] if used else (list(datasets.values())[-1] if datasets else None)
    task = dataset.schema.task if dataset is not None else None
    labels = dataset.schema.classes if dataset is not None else ()
    return Measurable(tuple(measures_for(task, session.evaluation.measures())), tuple(labels))


def _card(title: str) -> QFrame:
    card = QFrame()
    card.setProperty("role", "card")
    column = QVBoxLayout(card)
    column.setContentsMargins(16, 12, 16, 16)
    column.setSpacing(12)
    column.addWidget(PlainLabel(title, "section"))
    return card


def _column(card: QFrame) -> QVBoxLayout:
    column = card.layout()
    assert isinstance(column, QVBoxLayout)
    return column
